"""Check: what a source claims, against the numbers the same source gives."""

from dataclasses import dataclass

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import Said, shown
from labdb.finding import Finding, Severity

_ABSOLUTE = (
    "not affected",
    "unaffected",
    "perfect",
    "no loss",
    "fully preserved",
    "fully retained",
    "completely",
    "unchanged",
)
_HEDGED = ("nearly", "almost", "about")
_NOTABLE_LOSS = 0.02  # a claim of "perfect" beside a loss within 2 % is a way of speaking

# Levels of the oxygen molecule above its ground state [eV]: Huber and Herzberg, Molecular Spectra and Molecular
# Structure IV, 1979, unchecked.
_OXYGEN_LEVELS_EV = {"3Sigma_g-, the ground state": 0.0, "1Delta_g": 0.977, "1Sigma_g+": 1.627}
_MULTIPLICITY = {"triplet": "3", "singlet": "1"}
_LEVEL_TOLERANCE_EV = 0.02


def is_absolute(text: str) -> bool:
    """Tell whether words claim that nothing at all was lost.

    Parameters
    ----------
    text : str
        What a source says.

    Returns
    -------
    bool
        False if a hedge stands beside the word.

    Examples
    --------
    >>> is_absolute("perfect preservation"), is_absolute("nearly complete")
    (True, False)
    """
    said = text.casefold()
    return any(word in said for word in _ABSOLUTE) and not any(word in said for word in _HEDGED)


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss that a source admits, as a fraction, by what, and how it says so."""

    by: str
    fraction: float
    words: str
    said: Said


def possible_loss(about: str, qualifier: str, fraction: float) -> float | None:
    """Return the largest loss that a statement on a retention or a loss leaves possible.

    Parameters
    ----------
    about : str
        What is stated: "radioluminescence retention", "photoluminescence loss".
    qualifier : str
        =, ~, <, >.
    fraction : float, scalar [1]
        The stated value.

    Returns
    -------
    float or None
        The loss, scalar [1]; None where the statement bounds it on the wrong side.

    Examples
    --------
    >>> round(possible_loss("radioluminescence retention", ">", 0.8), 12), possible_loss("PL loss", "~", 0.1)
    (0.2, 0.1)
    """
    if "retention" in about.casefold():
        return None if qualifier.startswith("<") else max(0.0, 1.0 - fraction)
    return None if qualifier.startswith(">") else fraction


def _losses(evidence: Evidence, subject: str) -> list[Loss]:
    losses = []
    for one in evidence.said:
        about = one.about.casefold()
        light = "dose" if "radiolum" in about else "storage" if "photolum" in about else None
        fraction = one.to("1", "photoluminescence_retention")
        if subject not in one.subjects or light is None or fraction is None or "quantum" in about:
            continue
        if "retention" not in about and "loss" not in about:
            continue
        loss = possible_loss(about, one.qualifier, fraction)
        if loss is not None and loss > _NOTABLE_LOSS:
            least = "up to" if one.qualifier.startswith((">", "<")) else "about" if one.qualifier == "~" else ""
            losses.append(Loss(light, loss, f"{least} {shown(100 * loss, '%')} lost".strip(), one))
    return losses


def _claims_of(about: str) -> str | None:
    """What a claim on light is about: a dose, or storage; nothing for a claim on something else."""
    said = about.casefold()
    if not any(word in said for word in ("luminescence", "rl", "pl", "emission")) or "spectral" in said:
        return None
    return "dose" if any(word in said for word in ("dose", "radiation", "irradiation")) else "storage"


@rule(
    "R07",
    Severity.WARNING,
    rationale='"Not affected" is what gets quoted; the number beside it is what was measured.',
    source="own rule over statements",
)
def claim_beyond_numbers(evidence: Evidence) -> list[Finding]:
    """A source claims that no light was lost, and elsewhere gives a number that allows a loss.

    Words against numbers of the same source: after a dose radioluminescence, after storage photoluminescence.

    Fails: "not affected by high doses" beside "> 80 % retained at 60 Gy": up to 20 % lost.
    Passes: "nearly complete" beside 98 %; "not affected" beside "> 99 %".
    """
    findings = []
    for claim in evidence.said:
        by = _claims_of(claim.about)
        if claim.qualifier != "text" or by is None or not is_absolute(f"{claim.content} {claim.words or ''}"):
            continue
        for subject in claim.subjects:
            for loss in (one for one in _losses(evidence, subject) if one.by == by):
                numbers = {
                    "claim": claim.content,
                    "claim_place": claim.place or claim.code,
                    "stated": f"{loss.said.about} {loss.said.shown}",
                    "loss": loss.words,
                }
                doses = [
                    one.to("Gy", "absorbed_dose") for one in evidence.said_about("dose", "retention", subject=subject)
                ]
                if by == "dose" and any(dose is not None for dose in doses):
                    numbers["dose"] = shown(max(dose for dose in doses if dose is not None), "Gy")
                at = f" at {numbers['dose']}" if "dose" in numbers else ""
                message = (
                    f'claim beyond its evidence: "{claim.content}" ({numbers["claim_place"]}) beside '
                    f"{numbers['stated']}{at}: {loss.words}"
                )
                findings.append(found("R07", subject, message, numbers))
    return findings


def exceptions(qualifier: str, bound: float, values: list[float]) -> list[float]:
    """Return the values that a claim of "over" or "below" a bound does not cover.

    Parameters
    ----------
    qualifier : str
        >, >=, < or <=.
    bound : float, scalar [any unit]
        The bound.
    values : list of float, shape (n,) [any unit]
        The values it is said of.

    Returns
    -------
    list of float
        Those that do not keep it, in the same unit.

    Examples
    --------
    >>> exceptions(">", 10.0, [3.0, 10.0, 13.0])
    [3.0, 10.0]
    """
    keeps = {">": float.__gt__, ">=": float.__ge__, "<": float.__lt__, "<=": float.__le__}[qualifier]
    return [value for value in values if not keeps(value, bound)]


@rule(
    "R08",
    Severity.WARNING,
    rationale="Said of a series, a bound has to hold for each of its members.",
    source="own rule over statements",
)
def bound_not_kept(evidence: Evidence) -> list[Finding]:
    """A source says "over" or "below" a number of several samples, and its own values for them do not all keep it.

    Fails: "over 10-fold" of a series with 3, 10 and 13.
    Passes: "over 2-fold" of the same series.
    """
    findings = []
    for claim in evidence.said:
        if claim.qualifier not in (">", ">=", "<", "<=") or claim.number is None or len(claim.subjects) < 2:
            continue
        single = [
            (one.subjects[0], one.number)
            for one in evidence.said
            if one.about == claim.about
            and one.unit == claim.unit
            and one.qualifier in ("=", "~")
            and len(one.subjects) == 1
        ]
        values = {subject: number for subject, number in single if subject in claim.subjects and number is not None}
        broken = exceptions(claim.qualifier, claim.number, list(values.values()))
        if not broken:
            continue
        listed = "; ".join(shown(value) for value in sorted(values.values()))
        numbers = {
            "claim": claim.shown,
            "values": listed,
            "keeping_it": f"{len(values) - len(broken)} of {len(values)}",
        }
        message = (
            f'claim beyond its evidence: {claim.about} "{claim.words or claim.shown}" '
            f"({claim.place or claim.code}) is said of "
            f"{len(values)} samples with {listed}: {numbers['keeping_it']} keep it"
        )
        findings.append(found("R08", ";".join(claim.subjects), message, numbers))
    return findings


@rule(
    "R12",
    Severity.INFO,
    rationale="A level called by another level's name sends the reader to the wrong state.",
    source="levels of O2: Huber and Herzberg 1979 (from memory, unchecked)",
)
def wrong_term(evidence: Evidence) -> list[Finding]:
    """An energy level of the oxygen molecule is called by the name of another state.

    Fails: 1.62 eV, called the triplet state: it is 1Sigma_g+; the triplet is the ground state.
    Passes: 0.977 eV, called singlet oxygen.
    """
    findings = []
    for one in evidence.said_about("energy level", subject="O2"):
        energy = one.to("eV", "emission_energy")
        named = next((word for word in _MULTIPLICITY if word in f"{one.words or ''} {one.about}".casefold()), None)
        if energy is None or named is None:
            continue
        level, exact = min(_OXYGEN_LEVELS_EV.items(), key=lambda item: abs(item[1] - energy))
        if abs(exact - energy) > _LEVEL_TOLERANCE_EV or level.startswith(_MULTIPLICITY[named]):
            continue
        numbers = {"energy": shown(energy, "eV"), "level": level, "named": one.words or named}
        numbers |= {name.partition(",")[0]: shown(ev, "eV") for name, ev in _OXYGEN_LEVELS_EV.items()}
        message = (
            f"{numbers['energy']} ({one.place or one.code}) fits {level}, not the {numbers['named']}; the "
            "ground state is the "
            f"triplet (3Sigma_g-), 1Delta_g lies at {shown(0.977, 'eV')}"
        )
        findings.append(found("R12", "O2", message, numbers))
    return findings
