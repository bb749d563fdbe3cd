"""Check: verdicts that no longer rest on what the record says."""

from labdb.assessment.store import stale_inputs
from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import plural
from labdb.finding import Finding, Severity


def _latest(evidence: Evidence) -> dict[str, str]:
    """The last verdict on each question, with its subject: an older one was answered anew."""
    last: dict[tuple[str, ...], tuple[str, str]] = {}
    names = ("subject", "measurand", "limit_id", "decision", "scope")
    for row in evidence.rows("SELECT * FROM verdicts ORDER BY judged_at, code"):
        last[tuple(row[name] or "" for name in names)] = (row["code"], row["subject"])
    return dict(last.values())


@rule(
    "VERDICT-1",
    Severity.WARNING,
    rationale="A verdict on results or a limit that were changed since says nothing about the sample.",
    source="own rule: digests of what a verdict was computed from",
)
def stale_verdict(evidence: Evidence) -> list[Finding]:
    """A verdict rests on results, a loading, a dose or a limit that were changed since.

    Of several verdicts on one question only the last counts.

    Fails: a verdict, then a correction of one of its readings.
    Passes: the same, judged anew after the correction.
    """
    latest = _latest(evidence)
    findings = []
    for code, changed in stale_inputs(evidence.session, evidence.limits).items():
        if code in latest:
            numbers = {"subject": latest[code], "changed": ";".join(changed)}
            message = (
                f"stale: {plural(len(changed), 'thing')} it rests on changed since ({', '.join(changed)}); "
                f"judge anew: labdb assess {latest[code]}"
            )
            findings.append(found("VERDICT-1", code, message, numbers))
    return findings
