"""Check: doses: given beyond what was tested, and beam segments that do not settle a dose."""

import math

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import shown
from labdb.finding import Finding, Severity
from labdb.quantity import Quantity
from labdb.queries.dose import DoseLedger, DoseTotal, dose_ledger, segments_of
from labdb.queries.retention import DoseRetention, rl_retention
from labdb.radiation.dose import segment_findings


def exceeds(given_gy: float, tested_gy: float, u_given_gy: float | None, u_tested_gy: float | None) -> bool:
    """Tell whether a dose lies beyond another by more than their uncertainties allow.

    Parameters
    ----------
    given_gy, tested_gy : float, scalar [Gy]
        The two doses.
    u_given_gy, u_tested_gy : float, optional, scalar [Gy]
        Standard uncertainties; one that is missing is taken as nothing, so that a doubtful case is found.

    Returns
    -------
    bool
        One-sided, 95 %.

    Examples
    --------
    >>> exceeds(300.0, 60.0, 15.0, None), exceeds(20.5, 20.0, 1.0, 1.0)
    (True, False)
    """
    spread = math.hypot(u_given_gy or 0.0, u_tested_gy or 0.0)
    return given_gy - tested_gy > max(1.645 * spread, 1e-9 * given_gy)


def _exceeds(given: Quantity, tested: Quantity) -> bool:
    return exceeds(given.value, tested.value, given.u, tested.u)


def _irradiated_roots(evidence: Evidence) -> list[str]:
    found_here = evidence.rows("SELECT DISTINCT sample FROM irradiations ORDER BY sample")
    roots = {root for row in found_here for root in evidence.roots(row["sample"])}
    return sorted(root for root in roots if not evidence.is_control(root))


def _largest(evidence: Evidence, ledger: DoseLedger) -> DoseTotal | None:
    """The aliquot that was given most; controls of the others do not count."""
    totals = [one for one in ledger.totals if one.total is not None and not evidence.is_control(one.sample)]
    return max(totals, key=lambda one: 0.0 if one.total is None else one.total.value, default=None)


@rule(
    "R06",
    Severity.WARNING,
    rationale="What light is left after a dose is known up to the dose that was tested, and not beyond.",
    source="own rule",
)
def dose_beyond_tested(evidence: Evidence) -> list[Finding]:
    """An aliquot was given more dose than the RL retention of its sample was tested to.

    Compares the aliquot given most with the largest dose over which radioluminescence was read before and after, within
    the uncertainties of both. Aliquots of one powder or film belong together; controls do not count.

    Fails: 300 Gy in a singlet-oxygen run, retention tested to 60 Gy.
    Passes: 20 Gy given to the aliquot that was tested to 20 Gy.
    """
    findings = []
    for root in _irradiated_roots(evidence):
        ledger = dose_ledger(evidence.session, root)
        given = _largest(evidence, ledger)
        if given is None or given.total is None:
            continue
        tests = [one for one in rl_retention(evidence.session, root) if one.dose is not None]
        tested = max(tests, key=lambda one: 0.0 if one.dose is None else one.dose.value, default=None)
        if tested is not None and tested.dose is not None and not _exceeds(given.total, tested.dose):
            continue
        exposures = sorted({one.irradiation for one in ledger.entries if one.sample == given.sample})
        findings.append(_beyond(root, given, exposures, tested))
    return findings


def _beyond(root: str, given: DoseTotal, exposures: list[str], tested: DoseRetention | None) -> Finding:
    dose = 0.0 if given.total is None else given.total.value
    numbers = {"given": shown(dose, "Gy"), "aliquot": given.sample, "irradiation": ";".join(exposures)}
    if tested is None or tested.dose is None:
        message = (
            f"{numbers['given']} given ({', '.join(exposures)}), and RL retention was never tested; read RL "
            "before and after"
        )
        return found("R06", root, message, numbers | {"tested": "not tested"})
    numbers |= {
        "tested": shown(tested.dose.value, "Gy"),
        "tested_by": tested.irradiation,
        "ratio": shown(dose / tested.dose.value) if tested.dose.value else "unbounded",
    }
    message = (
        f"{numbers['given']} given ({', '.join(exposures)}), RL retention tested to {numbers['tested']} "
        f"({tested.irradiation}): {numbers['ratio']} times beyond; test RL retention at {numbers['given']}"
    )
    return found("R06", root, message, numbers)


def _segment_findings(evidence: Evidence, wanted: str) -> list[Finding]:
    codes = evidence.rows("SELECT code FROM irradiations WHERE dose_origin = 'segments' ORDER BY code")
    return [
        found(wanted, one.subject, one.message, one.numbers)
        for row in codes
        for one in segment_findings(segments_of(evidence.session, row["code"]))
        if one.rule == wanted
    ]


@rule(
    "DOSE-OPEN",
    Severity.ERROR,
    rationale="Without a stop there is no dose.",
    source="own rule",
)
def open_segment(evidence: Evidence) -> list[Finding]:
    """A beam segment has no stop.

    Fails: beam on from 240 s, nothing after.
    Passes: beam on from 240 s to 360 s.
    """
    return _segment_findings(evidence, "DOSE-OPEN")


@rule(
    "DOSE-ORDER",
    Severity.ERROR,
    rationale="A beam cannot stop before it starts: one of the two times is wrong, and so is the dose.",
    source="own rule",
)
def reversed_segment(evidence: Evidence) -> list[Finding]:
    """A beam segment stops before it starts.

    Fails: from 300 s to 30 s.
    Passes: from 30 s to 300 s.
    """
    return _segment_findings(evidence, "DOSE-ORDER")


@rule(
    "DOSE-OVERLAP",
    Severity.ERROR,
    rationale="A beam is on or off at one time: an overlap would count dose twice.",
    source="own rule",
)
def overlapping_segments(evidence: Evidence) -> list[Finding]:
    """Two beam segments of one exposure overlap.

    Fails: 0 to 300 s and 240 to 360 s.
    Passes: 0 to 300 s and 300 to 360 s.
    """
    return _segment_findings(evidence, "DOSE-OVERLAP")


@rule(
    "DOSE-NONE",
    Severity.ERROR,
    rationale="An exposure without a dose leaves every total after it unknown.",
    source="own rule",
)
def no_segment(evidence: Evidence) -> list[Finding]:
    """An exposure says that its dose comes from beam segments, and has none.

    Fails: dose_origin is segments, and no segment is recorded.
    Passes: at least one segment; or a dose that is stated or measured.
    """
    sql = (
        "SELECT code FROM irradiations i WHERE dose_origin = 'segments' "
        "AND NOT EXISTS (SELECT 1 FROM beam_segments g WHERE g.irradiation = i.code) ORDER BY code"
    )
    message = "its dose is to come from beam segments, and none is recorded; record them: labdb form beam_segments"
    return [found("DOSE-NONE", row["code"], message, {}) for row in evidence.rows(sql)]
