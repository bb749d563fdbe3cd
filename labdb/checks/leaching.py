"""Check: what a leach test needs so that a low result means little lead: recovery, blanks, a meaning of "<"."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import plural, shown
from labdb.compliance.limit import limit as shipped_limit
from labdb.compliance.series import judge_series
from labdb.errors import InputError
from labdb.finding import Finding, Severity
from labdb.leaching.detection import currie_from_blanks, stated_limit_finding
from labdb.leaching.recovery import spike_recovery
from labdb.queries.leaching import LeachSeries

_STATED = ("spike_recovery_percent", "separation", "ph_start", "temperature_degc", "acidification")
_WORDS = {"spike_recovery_percent": "recovery", "ph_start": "pH", "temperature_degc": "temperature"}
_SHORT = 0.5  # of the leach test's duration: a shorter contact does not show what adsorbs over the whole of it


@rule(
    "R16",
    Severity.WARNING,
    rationale=(
        "Lead adsorbs on silica, walls and filters and precipitates: a low result without a recovery proves little."
    ),
    source="own rule",
)
def recovery_not_shown(evidence: Evidence) -> list[Finding]:
    """A leach test shows no spike recovery.

    One finding an experiment, with what else its record does not state. A recovery in the same run is named, with the
    reason why it does not cover the test.

    Fails: a leach test of 42 d whose only recovery is bare silica after 1 h.
    Passes: a recovery of 96 % with bare silica at the same loading over the same 14 d.
    """
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for row in evidence.leach_rows:
        if row["spike_recovery_percent"] is None:
            grouped.setdefault(row["experiment"] or row["code"], []).append(row)
    findings = []
    for subject, tests in grouped.items():
        numbers = {_WORDS.get(name, name): "not stated" for name in _STATED if all(row[name] is None for row in tests)}
        codes = {str(row["code"]) for row in tests}
        beside = _recoveries_of_runs(evidence, codes, max((row["duration_d"] or 0.0) for row in tests))
        words = "".join(f"; {one['words']}" for one in beside)
        numbers |= {name: text for one in beside for name, text in one.items() if name != "words"}
        message = (
            "spike recovery not shown "
            f"({', '.join(name for name, text in numbers.items() if text == 'not stated')} not "
            f"stated){words}; a low result could be adsorption. Spike bare SiO2 at the same loading for the whole test"
        )
        findings.append(found("R16", subject, message, numbers))
    return findings


def _recoveries_of_runs(evidence: Evidence, tests: set[str], duration_d: float) -> list[dict[str, str]]:
    """Recoveries from the sequences in which these tests were measured, each with why it does not cover them."""
    measured = evidence.rows("SELECT DISTINCT leach_test, run FROM observations WHERE run IS NOT NULL")
    runs = sorted({row["run"] for row in measured if row["leach_test"] in tests})
    given = []
    for run in runs:
        positions = evidence.rows(
            "SELECT p.* FROM current_icp_position p JOIN run r ON r.id = p.run_id WHERE r.code = :run ORDER "
            "BY p.position",
            run=run,
        )
        spikes = [row for row in positions if row["kind"] == "spike" and row["nominal_ug_per_l"]]
        for spike in spikes:
            plain = [row for row in positions if row["kind"] == "unspiked" and row["label"] == spike["label"]]
            readings = [row["instrument_reading_ug_per_l"] for row in (*plain[:1], spike)]
            if len(readings) == 2 and None not in readings:
                percent = spike_recovery(readings[1], readings[0], spike["nominal_ug_per_l"]).percent
                given.append(_beside(run, spike["label"], percent, _contact_d(evidence, spike), duration_d))
    return given


def _beside(run: str, label: str, percent: float, contact_d: float | None, duration_d: float) -> dict[str, str]:
    numbers = {"recovery_of_run": shown(percent, "%"), "run": run}
    covers = "is recorded for none of these tests"
    if contact_d is not None:
        numbers["contact"] = shown(contact_d * 24, "h", 3) if contact_d < 1 else shown(contact_d, "d", 3)
        if contact_d < _SHORT * duration_d:
            covers = f"is {label} after {numbers['contact']}, and covers no leach test of {shown(duration_d, 'd')}"
    return numbers | {"words": f"the {numbers['recovery_of_run']} of {run} {covers}"}


def _contact_d(evidence: Evidence, spike: Mapping[str, Any]) -> float | None:
    """How long a spiked sample stood, from the time it was made to the time it was measured."""
    row = evidence.samples.get(spike["label"])
    if row is None or row["made_at"] is None or spike["measured_at"] is None:
        return None
    measured = spike["measured_at"]
    if not isinstance(measured, datetime):
        measured = datetime.fromisoformat(measured)
    if measured.tzinfo is None:  # SQLite keeps UTC without an offset
        measured = measured.replace(tzinfo=UTC)
    return (measured - datetime.fromisoformat(row["made_at"])).total_seconds() / 86400


@rule(
    "LEACH-2",
    Severity.WARNING,
    rationale=(
        "Lead adsorbs on silica, walls and filters and precipitates: a low result without a recovery proves little."
    ),
    source="own rule",
)
def readings_without_recovery(evidence: Evidence) -> list[Finding]:
    """A suspension has lead readings outside any leach test, so no spike recovery stands behind them.

    Fails: lead in the water of a suspension measured in a study, and no leach test recorded.
    Passes: the readings belong to a leach test (which R16 looks at); readings of blanks and controls.
    """
    sql = (
        "SELECT o.sample, s.medium, count(*) AS readings FROM observations o JOIN samples s ON s.code = o.sample "
        "WHERE o.quantity = 'lead_mass_concentration' AND o.value IS NOT NULL AND o.leach_test IS NULL "
        "GROUP BY o.sample, s.medium ORDER BY o.sample"
    )
    shown_for = {row["sample"] for row in evidence.leach_rows if row["spike_recovery_percent"] is not None}
    findings = []
    for row in evidence.rows(sql):
        if evidence.is_control(row["sample"]) or row["sample"] in shown_for:
            continue
        medium = f" in {row['medium']}" if row["medium"] else ""
        message = f"no spike recovery{medium} with bare SiO2; a low result could be adsorption"
        findings.append(found("LEACH-2", row["sample"], message, {"readings": str(row["readings"])}))
    return findings


def _by_method(evidence: Evidence, wanted: Callable[[Mapping[str, Any]], bool]) -> list[tuple[str, str, int]]:
    """Lead readings that meet a condition, by method: (method, leach tests or samples joined by ;, readings)."""
    sql = (
        "SELECT o.leach_test, o.sample, o.method, o.censoring, o.threshold_meaning, k.blank_corrected, "
        "count(*) AS readings FROM observations o "
        "JOIN measurement m ON m.code = o.measurement AND m.void_change_id IS NULL "
        "LEFT JOIN current_icp_reading k ON k.measurement_id = m.id "
        "WHERE o.quantity = 'lead_mass_concentration' AND o.value IS NOT NULL GROUP BY o.leach_test, o.sample, "
        "o.method, o.censoring, o.threshold_meaning, k.blank_corrected ORDER BY o.leach_test, o.sample"
    )
    grouped: dict[str, dict[str, int]] = {}
    for row in evidence.rows(sql):
        if wanted(row) and not evidence.is_control(row["sample"]):
            subjects = grouped.setdefault(row["method"] or "", {})
            subject = row["leach_test"] or row["sample"]
            subjects[subject] = subjects.get(subject, 0) + int(row["readings"])
    return [(method, ";".join(sorted(mine)), sum(mine.values())) for method, mine in sorted(grouped.items())]


def _without_meaning(row: Mapping[str, Any]) -> bool:
    return row["censoring"] == "below" and row["threshold_meaning"] in (None, "not_stated")


@rule(
    "LEACH-1",
    Severity.WARNING,
    rationale='"<" below LC and "<" below LD differ by half: a true value at LD is reported "<" half of the time.',
    source="AMC Technical Brief 92; Currie, Pure Appl. Chem. 1995, 67, 1699",
)
def meaning_not_stated(evidence: Evidence) -> list[Finding]:
    """Lead readings are "<" a threshold, and nobody says whether that is LC, LD or LQ.

    One finding a method, for all leach tests and other suspensions measured by it; blanks and controls do not count.

    Fails: "<10 ug/L" by a method whose meaning of "<" is not stated.
    Passes: "<1 ug/L", below LC.
    """
    findings = []
    for method, tests, readings in _by_method(evidence, _without_meaning):
        remedy = f"state it on {method}" if method else "register the method"
        message = (
            f'{plural(readings, "reading")} reported as "<", without saying what it means (LC, LD or LQ), so the '
            "effective bound "
            f"is 1.5 times the shown one; ask who measured, {remedy}, and take the results in anew"
        )
        findings.append(found("LEACH-1", tests, message, {"readings": str(readings), "method": method or "not stated"}))
    return findings


@rule(
    "LEACH-3",
    Severity.WARNING,
    rationale="Lead from vessel, acid and tube looks like lead from the sample.",
    source=("Eurachem, The Fitness for Purpose of Analytical Methods, 2014 (from memory)"),
)
def no_method_blank(evidence: Evidence) -> list[Finding]:
    """A leach test has no method blank.

    Fails: a leach test without a blank taken through the same vessel and tube.
    Passes: method_blank names a sample.
    """
    message = "no method blank: take the leachant alone through the same vessel, time and separation, and name it"
    return [found("LEACH-3", row["code"], message, {}) for row in evidence.leach_rows if row["method_blank"] is None]


@rule(
    "LEACH-4",
    Severity.WARNING,
    rationale="A blank subtracted twice, or never, shifts every result by the blank.",
    source="own rule",
)
def blank_not_stated(evidence: Evidence) -> list[Finding]:
    """Readings of a leach test do not say whether the blank was subtracted.

    Fails: blank_corrected is not stated, by the readings and by their method.
    Passes: the method says yes or no.
    """
    findings = []
    for method, tests, readings in _by_method(evidence, lambda row: row["blank_corrected"] == "not_stated"):
        remedy = f"labdb correct {method} --set blank_corrected=yes" if method else "name the method of the readings"
        message = (
            f"{plural(readings, 'reading')} without saying whether the blank was subtracted; nothing is subtracted "
            f"here. State it: {remedy}"
        )
        findings.append(found("LEACH-4", tests, message, {"readings": str(readings)}))
    return findings


@rule(
    "LEACH-LOST",
    Severity.WARNING,
    rationale=(
        "Dissolved lead does not go away by itself: it adsorbed or precipitated, or one of the two values is wrong."
    ),
    source="own rule",
)
def lead_lost(evidence: Evidence) -> list[Finding]:
    """A later pull holds less lead than an earlier one, by more than both uncertainties allow.

    Fails: 8.0(3) ug/g at 7 d, 4.0(3) ug/g at 14 d.
    Passes: 5.42(51) ug/g at 28 d, then "< 5 ug/g", a threshold that is not sharp.
    """
    # which pull is lower than which does not depend on the limit: any one on released lead will do
    any_limit = shipped_limit("PAPER-5UGG")
    return [
        found("LEACH-LOST", one.subject, one.message, one.numbers)
        for series in evidence.series
        if series.released
        for one in judge_series(series.released, any_limit, subject=series.test).findings
    ]


@rule(
    "LD-BLANKS",
    Severity.WARNING,
    rationale='A stated detection limit that the run\'s own blanks contradict makes every "<" of the run doubtful.',
    source="Currie, Pure Appl. Chem. 1995, 67, 1699; factor 2: own rule",
)
def detection_limit_against_blanks(evidence: Evidence) -> list[Finding]:
    """A method's stated detection limit and that of a run's own blanks are apart by more than a factor of 2.

    Fails: 10 ug/L stated; ten blanks that scatter by 1.0 ug/L give 3.7 ug/L.
    Passes: 1 ug/L stated; blanks that give 1.0 ug/L.
    """
    sql = (
        "SELECT r.code AS run, d.limit_of_detection, d.unit, p.instrument_reading_ug_per_l AS reading "
        "FROM current_icp_position p JOIN run r ON r.id = p.run_id JOIN method d ON d.id = r.method_id "
        "WHERE p.kind = 'blank' AND p.instrument_reading_ug_per_l IS NOT NULL AND d.limit_of_detection > 0 "
        "AND d.unit = 'ug/L' ORDER BY r.code, p.position"
    )
    blanks: dict[tuple[str, float], list[float]] = {}
    for row in evidence.rows(sql):
        blanks.setdefault((row["run"], row["limit_of_detection"]), []).append(row["reading"])
    findings = []
    for (run, stated), readings in blanks.items():
        try:
            one = stated_limit_finding(stated, currie_from_blanks(readings).detection, run)
        except InputError:
            continue  # too few blanks, or blanks without scatter, give no detection limit to compare with
        if one is not None:
            findings.append(found("LD-BLANKS", run, one.message, one.numbers | {"blanks": str(len(readings))}))
    return findings


@rule(
    "LOAD-1",
    Severity.ERROR,
    rationale="Every released mass fraction is divided by the loading.",
    source="own rule: loading = mass / volume",
)
def loading_against_make_up(evidence: Evidence) -> list[Finding]:
    """A suspension's particle loading is not its mass over its volume.

    Fails: 25 mg in 50 mL written down as 2 mg/mL.
    Passes: within twice the loading's standard uncertainty, or within 0.5 %.
    """
    sql = (
        "SELECT s.code, u.* FROM current_suspension u JOIN sample s ON s.id = u.sample_id "
        "WHERE u.mass_mg IS NOT NULL AND u.volume_ml IS NOT NULL ORDER BY s.code"
    )
    findings = []
    for row in evidence.rows(sql):
        stated, made = row["particle_loading_mg_per_ml"], row["mass_mg"] / row["volume_ml"]
        if abs(stated - made) <= max(2 * (row["u_particle_loading_mg_per_ml"] or 0.0), 0.005 * made):
            continue
        numbers = {
            "mass": shown(row["mass_mg"], "mg"),
            "volume": shown(row["volume_ml"], "mL"),
            "mass_over_volume": shown(made, "mg/mL"),
            "loading": shown(stated, "mg/mL"),
        }
        message = (
            f"{numbers['mass']} in {numbers['volume']} are {numbers['mass_over_volume']}, recorded is "
            f"{numbers['loading']}; correct the one that is wrong"
        )
        findings.append(found("LOAD-1", row["code"], message, numbers))
    return findings


@rule(
    "LOAD-2",
    Severity.WARNING,
    rationale=(
        "A missing uncertainty is not zero: under a guarded rule every verdict on released lead stays inconclusive."
    ),
    source="JCGM 106:2012 8",
)
def loading_without_uncertainty(evidence: Evidence) -> list[Finding]:
    """The suspension of a leach test has no particle loading, or one without an uncertainty.

    Fails: 0.5 mg/mL, nothing beside it.
    Passes: 0.5000(11) mg/mL.
    """
    return [
        found("LOAD-2", series.sample, f"{what}, so released lead of {series.test} cannot be judged; {remedy}", {})
        for series in evidence.series
        for what, remedy in _loading_problem(series)
    ]


def _loading_problem(series: LeachSeries) -> list[tuple[str, str]]:
    if series.loading is None:
        return [("no particle loading", "record mass and volume of the suspension")]
    if series.loading.u is None:
        return [("the particle loading has no uncertainty", "record those of mass and volume")]
    return []
