"""Check: verdicts that no longer rest on what the record says."""

from labdb.assessment.store import digest_of
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
    rationale="A verdict on results that were corrected or voided since says nothing about the sample.",
    source="own rule: digests of the results a verdict was computed from",
)
def stale_verdict(evidence: Evidence) -> list[Finding]:
    """A verdict rests on results that were corrected or voided since.

    Of several verdicts on one question only the last counts.

    Fails: a verdict, then a correction of one of its readings.
    Passes: the same, judged anew after the correction.
    """
    latest = _latest(evidence)
    sql = (
        "SELECT v.code, m.code AS measurement, i.digest FROM verdict_input i JOIN verdict v ON v.id = i.verdict_id "
        "JOIN measurement m ON m.id = i.row_id WHERE v.void_change_id IS NULL ORDER BY v.code, m.code"
    )
    current: dict[str, set[str]] = {}
    changed: dict[str, set[str]] = {}
    for row in evidence.rows(sql):
        if row["code"] not in latest:
            continue
        name = row["measurement"]
        if name not in current:
            results = evidence.rows("SELECT * FROM observations WHERE measurement = :code", code=name)
            current[name] = {digest_of(one) for one in results}
        if row["digest"] not in current[name]:
            changed.setdefault(row["code"], set()).add(name)
    findings = []
    for code, names in changed.items():
        numbers = {"subject": latest[code], "changed": ";".join(sorted(names))}
        message = (
            f"stale: {plural(len(names), 'result')} it rests on changed since ({', '.join(sorted(names))}); "
            f"judge anew: labdb assess {latest[code]}"
        )
        findings.append(found("VERDICT-1", code, message, numbers))
    return findings
