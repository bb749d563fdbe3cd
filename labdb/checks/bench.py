"""Check: the bench: calibrations that cover, lots in date, deviations with a reason, amounts that add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import plural, shown
from labdb.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Use:
    """An instrument used on a day, for what, how many times."""

    instrument: str
    day: str
    noun: str
    of: str
    number: int


_USES = (
    (
        "weighing",
        "SELECT w.instrument, substr(coalesce(b.started_at, w.recorded_at), 1, 10) AS day, w.batch AS subject, "
        "count(*) AS number FROM weighings w JOIN batches b ON b.code = w.batch WHERE w.instrument IS NOT "
        "NULL GROUP BY 1, 2, 3",
    ),
    (
        "step",
        "SELECT instrument, substr(started_at, 1, 10) AS day, batch AS subject, count(*) AS number FROM steps "
        "WHERE instrument IS NOT NULL AND started_at IS NOT NULL GROUP BY 1, 2, 3",
    ),
    (
        "sample",
        "SELECT instrument, substr(made_at, 1, 10) AS day, code AS subject, 1 AS number FROM samples "
        "WHERE instrument IS NOT NULL AND made_at IS NOT NULL",
    ),
    (
        "measurement",
        "SELECT instrument, substr(measured_at, 1, 10) AS day, sample AS subject, count(*) AS number FROM observations "
        "WHERE instrument IS NOT NULL AND measured_at IS NOT NULL GROUP BY 1, 2, 3",
    ),
    (
        "irradiation",
        "SELECT instrument, substr(started_at, 1, 10) AS day, code AS subject, 1 AS number FROM irradiations "
        "WHERE instrument IS NOT NULL AND started_at IS NOT NULL",
    ),
)


def covers(valid_from: str, valid_to: str, day: str) -> bool:
    """Tell whether a calibration covers a day, its first and last included.

    Parameters
    ----------
    valid_from, valid_to, day : str
        ISO 8601 dates.

    Returns
    -------
    bool
        True if it does.

    Examples
    --------
    >>> covers("2025-11-01", "2026-10-31", "2026-11-06")
    False
    """
    return valid_from <= day <= valid_to


def _uses(evidence: Evidence) -> dict[str, list[Use]]:
    uses: dict[str, list[Use]] = {}
    for noun, sql in _USES:
        for row in evidence.rows(sql):
            uses.setdefault(row["instrument"], []).append(
                Use(row["instrument"], row["day"], noun, row["subject"], row["number"])
            )
    return {
        instrument: sorted(found_here, key=lambda one: (one.day, one.noun, one.of))
        for instrument, found_here in sorted(uses.items())
    }


def _calibrations(evidence: Evidence) -> dict[str, list[tuple[str, str]]]:
    """First and last day of each calibration, by instrument."""
    sql = (
        "SELECT i.code AS instrument, c.valid_from, c.valid_to FROM current_calibration c "
        "JOIN instrument i ON i.id = c.instrument_id ORDER BY i.code, c.valid_from"
    )
    found_here: dict[str, list[tuple[str, str]]] = {}
    for row in evidence.rows(sql):
        found_here.setdefault(row["instrument"], []).append((str(row["valid_from"]), str(row["valid_to"])))
    return found_here


def _counted(uses: list[Use]) -> str:
    """What was done, counted: "3 weighings of B-2601"; subjects are named up to two."""
    parts = []
    for noun in dict.fromkeys(one.noun for one in uses):
        mine = [one for one in uses if one.noun == noun]
        subjects = list(dict.fromkeys(one.of for one in mine))
        of = f" of {', '.join(subjects)}" if len(subjects) <= 2 else f" of {len(subjects)} subjects"
        parts.append(f"{plural(sum(one.number for one in mine), noun)}{of}")
    return ", ".join(parts)


@rule(
    "CAL-01",
    Severity.WARNING,
    rationale="A number from an instrument out of calibration has no traceability.",
    source="ISO/IEC 17025:2017 6.4, 6.5",
)
def calibration_does_not_cover(evidence: Evidence) -> list[Finding]:
    """An instrument was used on a day that none of its calibrations covers.

    Looks at weighings (on the day the batch was begun, else the day they were entered), steps, samples, measurements
    and exposures, and at the dose-rate calibrations that beam segments rest on.

    Fails: a balance calibrated to 31 October, weighing on 6 November.
    Passes: used on the last day of its calibration; an instrument without any calibration, which CAL-02 names.
    """
    calibrations = _calibrations(evidence)
    findings = []
    for instrument, uses in _uses(evidence).items():
        known = calibrations.get(instrument, [])
        outside = [one for one in uses if known and not any(covers(*days, one.day) for days in known)]
        if outside:
            expired = max(last for _, last in known)
            late = [one for one in outside if one.day > expired]
            when = f"expired {expired}, before" if len(late) == len(outside) else "does not cover"
            numbers = {
                "calibrated_to": expired,
                "first_use": outside[0].day,
                "last_use": outside[-1].day,
                "uses": str(sum(one.number for one in outside)),
            }
            message = f"calibration {when} {_counted(outside)}. See: labdb history {instrument}"
            findings.append(found("CAL-01", instrument, message, numbers))
    return findings + _dose_rates_out_of_date(evidence)


def _dose_rates_out_of_date(evidence: Evidence) -> list[Finding]:
    """Dose-rate calibrations that segments rest on, and that do not cover the day of their exposure."""
    sql = (
        "SELECT DISTINCT g.calibration, g.irradiation, substr(i.started_at, 1, 10) AS day, c.valid_from, c.valid_to "
        "FROM beam_segments g JOIN irradiations i ON i.code = g.irradiation "
        "JOIN current_calibration c ON c.code = g.calibration WHERE i.started_at IS NOT NULL ORDER BY "
        "g.calibration, g.irradiation"
    )
    findings = []
    for row in evidence.rows(sql):
        first, last, day = str(row["valid_from"]), str(row["valid_to"]), row["day"]
        if not covers(first, last, day):
            message = (
                f"covers {first} to {last}, and the dose of {row['irradiation']} on {day} rests on it; "
                "recalibrate the dose rate"
            )
            numbers = {"valid_from": first, "valid_to": last, "used": day, "irradiation": row["irradiation"]}
            findings.append(found("CAL-01", row["calibration"], message, numbers))
    return findings


@rule(
    "CAL-02",
    Severity.INFO,
    rationale="An instrument whose calibration nobody recorded may be in order; the record cannot tell.",
    source="ISO/IEC 17025:2017 6.4.13",
)
def no_calibration_recorded(evidence: Evidence) -> list[Finding]:
    """An instrument was used, and no calibration of it is recorded.

    Fails: a furnace with steps and no calibration.
    Passes: one calibration, in date or not (CAL-01 looks at the dates).
    """
    known = _calibrations(evidence)
    return [
        found(
            "CAL-02",
            instrument,
            f"no calibration recorded, and used for {_counted(uses)}",
            {"uses": str(sum(one.number for one in uses))},
        )
        for instrument, uses in _uses(evidence).items()
        if instrument not in known
    ]


@rule(
    "LOT-1",
    Severity.WARNING,
    rationale="A bottle past its date may have taken up water or decomposed: the weighed mass is then another amount.",
    source="ISO/IEC 17025:2017 6.6; own rule",
)
def expired_lot(evidence: Evidence) -> list[Finding]:
    """A lot was weighed into a batch after its last day.

    Fails: expired 4 October, weighed into a batch of 2 November.
    Passes: expires on the day of the batch.
    """
    sql = (
        "SELECT DISTINCT w.lot, w.batch, l.expires_on, substr(coalesce(b.started_at, w.recorded_at), 1, 10) AS day "
        "FROM weighings w JOIN lot l ON l.code = w.lot JOIN batches b ON b.code = w.batch "
        "WHERE l.expires_on IS NOT NULL ORDER BY w.lot, w.batch"
    )
    findings = []
    for row in evidence.rows(sql):
        expires = str(row["expires_on"])
        if row["day"] > expires:
            message = (
                f"expired {expires}, weighed into {row['batch']} on {row['day']}; say why it could be used: labdb "
                f"note {row['lot']} ..."
            )
            numbers = {"expires": expires, "used": row["day"], "batch": row["batch"]}
            findings.append(found("LOT-1", row["lot"], message, numbers))
    return findings


# word, actual, planned, tolerance, unit
_PLANNED = (
    ("temperature", "temperature_degc", "planned_temperature_degc", "temperature_tolerance_degc", "degC"),
    ("ramp", "ramp_degc_per_min", "planned_ramp_degc_per_min", "ramp_tolerance_degc_per_min", "degC/min"),
    ("dwell", "dwell_min", "planned_dwell_min", "dwell_tolerance_min", "min"),
)


def beyond_tolerance(actual: float | None, planned: float | None, tolerance: float | None) -> bool:
    """Tell whether a step deviates from its plan by more than the tolerance.

    Parameters
    ----------
    actual, planned, tolerance : float, optional, scalar [any unit]
        All in one unit; nothing can be said where one is missing.

    Returns
    -------
    bool
        True if it deviates.

    Examples
    --------
    >>> beyond_tolerance(7.0, 5.0, 1.0), beyond_tolerance(6.0, 5.0, 1.0)
    (True, False)
    """
    if actual is None or planned is None or tolerance is None:
        return False
    return abs(actual - planned) > tolerance * (1 + 1e-9)


def _deviations(row: Mapping[str, Any]) -> list[str]:
    """What deviates from the plan in numbers: "ramp 7 against 5 +/- 1 degC/min"."""
    return [
        f"{word} {row[actual]:g} against {row[planned]:g} +/- {row[tolerance]:g} {unit}"
        for word, actual, planned, tolerance, unit in _PLANNED
        if beyond_tolerance(row[actual], row[planned], row[tolerance])
    ]


@rule(
    "STEP-1",
    Severity.WARNING,
    rationale="A deviation with its reason is knowledge; without it nobody can tell whether the batch can be used.",
    source="ISO/IEC 17025:2017 7.10; 21 CFR 211.100(b)",
)
def deviation_without_reason(evidence: Evidence) -> list[Finding]:
    """A step deviates from its protocol, or was skipped, and nobody says why.

    Compares temperature, ramp and dwell with the plan's tolerances, whether or not a deviation was written down.

    Fails: ramp 7 against 5 +/- 1 degC/min, no reason.
    Passes: the same, "furnace program 3 loaded by mistake"; ramp 5.1.
    """
    findings = []
    for row in evidence.rows("SELECT * FROM steps WHERE deviation_reason IS NULL ORDER BY batch, seq"):
        deviations = _deviations(row) or ([row["deviation"]] if row["deviation"] else [])
        deviations += ["skipped"] if row["state"] == "skipped" else []
        if deviations:
            step = f"step {row['seq']}, {row['kind']}"
            numbers = {"step": str(row["seq"]), "deviation": "; ".join(deviations)}
            message = f"{step}: {', '.join(deviations)}, and no reason; say why"
            findings.append(found("STEP-1", row["batch"], message, numbers))
    return findings


@rule(
    "AMOUNT-1",
    Severity.ERROR,
    rationale=(
        "The counter of what was handed out refuses a second hand-out of the same powder; wrong, it refuses or "
        "allows too much."
    ),
    source="own rule: the counter equals the sum over children",
)
def counter_against_children(evidence: Evidence) -> list[Finding]:
    """What a sample says it handed out is not what its children took.

    Fails: 100 mg handed out, children that took 90 mg.
    Passes: 100 mg and children that took 60 and 40 mg; voided children do not count.
    """
    sql = (
        "SELECT s.code, s.handed_out, s.amount, s.amount_unit, coalesce(sum(o.taken), 0) AS taken FROM sample s "
        "LEFT JOIN current_sample_origin o ON o.parent_id = s.id GROUP BY s.code, s.handed_out, s.amount, "
        "s.amount_unit ORDER BY s.code"
    )
    findings = []
    for row in evidence.rows(sql):
        handed_out, taken = int(row["handed_out"]), int(row["taken"])
        if handed_out != taken:
            unit, factor = {"ng": ("mg", 1e6), "pL": ("mL", 1e9)}.get(row["amount_unit"] or "", ("pieces", 1.0))
            numbers = {"handed_out": shown(handed_out / factor, unit, 10), "taken": shown(taken / factor, unit, 10)}
            message = (
                f"{numbers['handed_out']} handed out, but what came from it took {numbers['taken']}; see: labdb doctor"
            )
            findings.append(found("AMOUNT-1", row["code"], message, numbers))
    return findings
