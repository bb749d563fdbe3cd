"""Check: limits that do not bind, have no source, or are of another kind than those of the authority named for them."""

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import Said
from labdb.compliance.limit import Limit, LimitStatus
from labdb.errors import UnknownNameError
from labdb.finding import Finding, Severity
from labdb.quantity import quantity_kind

_AUTHORITIES = {
    "world health organization": "who",
    "world health organisation": "who",
    "codex": "codex alimentarius",
    "international council for harmonisation": "ich",
    "environmental protection agency": "us epa",
}


def same_authority(named: str, authority: str) -> bool:
    """Tell whether a name in a source means the authority of a limit.

    Parameters
    ----------
    named : str
        As a source writes it.
    authority : str
        As the limit has it.

    Returns
    -------
    bool
        True for the same name, in short or in full.

    Examples
    --------
    >>> same_authority("World Health Organization", "WHO")
    True
    """
    wanted = named.strip().casefold()
    return authority.casefold() in (wanted, _AUTHORITIES.get(wanted, wanted))


def _is_lead(limit: Limit) -> bool:
    return "lead" in limit.kind


@rule(
    "R15",
    Severity.WARNING,
    rationale="A number with the wrong unit is another limit: 5 ug/g and 5 ug/day differ by what is taken in a day.",
    source="own rule",
)
def limit_of_another_kind(evidence: Evidence) -> list[Finding]:
    """A limit is attributed to an authority, none of whose limits is of its kind.

    The limits of that authority, and limits of other kinds with the same number, are named: one of them may be meant.

    Fails: 5 ug/g of released lead, called a limit of the WHO, whose limits are in ug/L, ug/dL, mg/kg of total lead.
    Passes: 10 ug/L in drinking water, called a limit of the WHO.
    """
    findings = []
    for one in evidence.said_about("limit", "attribution"):
        for name in one.subjects:
            limit = evidence.limits.get(name)
            if limit is None:
                continue
            theirs = [
                other
                for other in evidence.limits.values()
                if other.id != name
                and _is_lead(other) == _is_lead(limit)
                and same_authority(one.content, other.authority)
            ]
            if not any(other.kind == limit.kind for other in theirs):
                findings.append(_attributed(evidence, limit, one, theirs))
    return findings


def _amount(limit: Limit) -> str:
    return str(limit).removeprefix(limit.operator.value).strip()


def _attributed(evidence: Evidence, limit: Limit, said: Said, theirs: list[Limit]) -> Finding:
    alike = [
        other
        for other in evidence.limits.values()
        if other.value == limit.value and other.kind != limit.kind and _is_lead(other) and other not in theirs
    ]
    numbers = {"limit": _amount(limit), "status": limit.status.value, "attributed_to": said.content}
    numbers |= {other.id: _amount(other) for other in (*theirs, *alike)}
    listed = ", ".join(f"{_amount(other)} ({other.id})" for other in theirs) or "none on lead"
    same = ", ".join(dict.fromkeys(f"{_amount(other)} {other.authority}" for other in alike))
    message = (
        f"{_amount(limit)} of {quantity_kind(limit.kind).label}, attributed to {said.content} "
        f"({said.place or said.code}), "
        f"whose limits are of other kinds: {listed}{f'; the same number elsewhere: {same}' if same else ''}. "
        f"Status: {limit.status.value}; find the document"
    )
    return found("R15", limit.id, message, numbers)


@rule(
    "LIMIT-1",
    Severity.WARNING,
    rationale="A verdict is worth as much as the limit it judges by.",
    source="own rule",
)
def limit_not_in_force(evidence: Evidence) -> list[Finding]:
    """The lab uses a limit that is not in force.

    Fails: labdb.toml, a verdict or a statement names a limit that is unverified, withdrawn, provisional or derived.
    Passes: a limit in force, the laboratory's own included.
    """
    findings = []
    for name, places in evidence.used_limits.items():
        limit = evidence.limits.get(name)
        if limit is None or limit.status is LimitStatus.IN_FORCE:
            continue
        message = (
            f"{limit.status.value}, and used by {', '.join(places)}: every verdict by it says so. "
            f"Choose a limit in force: labdb limits list --kind {limit.kind}"
        )
        findings.append(found("LIMIT-1", name, message, {"limit": _amount(limit), "status": limit.status.value}))
    return findings


@rule(
    "LIMIT-2",
    Severity.ERROR,
    rationale="A limit nobody can find judges nothing.",
    source="own rule",
)
def limit_unknown(evidence: Evidence) -> list[Finding]:
    """labdb.toml names a limit that neither labdb nor the lab's folder of limits knows.

    Fails: limits = ["PAPER-5UG"].
    Passes: limits = ["PAPER-5UGG"]; an own limit in limits/laboratory.toml.
    """
    return [
        found("LIMIT-2", name, f"labdb.toml: {UnknownNameError('limit', name, evidence.limits)}", {})
        for name in evidence.config.limits
        if name not in evidence.limits
    ]
