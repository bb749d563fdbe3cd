"""Check: stability studies: pulls that were missed, and readings that cannot be divided by one another."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import shown
from labdb.finding import Finding, Severity
from labdb.record import now

# What a reason reads when nobody gave one: the commands' own words for what they do.
_NO_REASON = ("", "pull", "missed", "pull missed")
_SETTINGS = {
    "excitation_nm": "nm",
    "slit_nm": "nm",
    "integration_time_s": "s",
    "laser_power_mw": "mW",
    "detector": "",
}


@rule(
    "STUDY-1",
    Severity.WARNING,
    rationale="A pull left out after the fact can hide the one that failed.",
    source="ICH Q1A(R2) 2.1.5, 2.1.6; own rule",
)
def missed_without_reason(evidence: Evidence) -> list[Finding]:
    """A planned pull was missed, and nobody says why.

    Fails: "missed", and nothing else.
    Passes: "missed: the spectrometer was away for repair".
    """
    findings = []
    for row in evidence.rows("SELECT * FROM pulls WHERE state = 'missed' ORDER BY study, age_d"):
        if (row["reason"] or "").strip().casefold() in _NO_REASON:
            message = (
                f"the pull at {row['age_d']:g} d was missed, and no reason is given; say why: labdb note "
                f"{row['study']} ..."
            )
            findings.append(found("STUDY-1", row["study"], message, {"age": shown(row["age_d"], "d")}))
    return findings


@rule(
    "STUDY-2",
    Severity.WARNING,
    rationale="A pull nobody recorded was made and lost, or missed: both have to be said.",
    source="own rule",
)
def overdue(evidence: Evidence) -> list[Finding]:
    """A planned pull is past its window, and neither recorded nor missed.

    Fails: a pull at 14 d with a window of 1 d, 20 d after the start.
    Passes: the same, 15 d after the start; recorded; missed.
    """
    today = now().strftime("%Y-%m-%dT%H:%M:%SZ")
    findings = []
    for row in evidence.rows("SELECT * FROM pulls WHERE state IS NULL ORDER BY study, age_d"):
        due = _moment_after(row["study_started_at"], row["age_d"] + row["window_d"])
        if due < today:
            message = (
                f"the pull at {row['age_d']:g} d was due until {due[:10]}, and is neither recorded nor missed; "
                f"take in its readings, or: labdb pull missed {row['study']} {row['age_d']:g}d"
            )
            numbers = {"age": shown(row["age_d"], "d"), "due_until": due[:10]}
            findings.append(found("STUDY-2", row["study"], message, numbers))
    return findings


def _moment_after(start: str, days: float) -> str:
    return (datetime.fromisoformat(start) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def differing(readings: list[dict[str, object]], names: list[str]) -> list[str]:
    """Return the settings that were stated, and not the same, in all of some readings.

    Parameters
    ----------
    readings : list of dict
        Settings of each reading; None is not stated, and differs from nothing.
    names : list of str
        Which settings to compare.

    Returns
    -------
    list of str
        Names of those that differ.

    Examples
    --------
    >>> differing([{"slit_nm": 1.0}, {"slit_nm": 2.0}, {"slit_nm": None}], ["slit_nm"])
    ['slit_nm']
    """
    return [name for name in names if len({one[name] for one in readings} - {None}) > 1]


def _series_of(reading: dict[str, Any]) -> tuple[str, ...]:
    return tuple(reading[name] or "" for name in ("sample", "vial", "condition", "study", "irradiation"))


@rule(
    "SETTINGS-1",
    Severity.ERROR,
    rationale="Counts taken with another slit, power or time differ for that reason: their ratio is no retention.",
    source="own rule",
)
def different_settings(evidence: Evidence) -> list[Finding]:
    """Readings of one series, which are divided by one another, were taken with different settings.

    PL of one vial in one study, and radioluminescence before and after one exposure.

    Fails: slit 1 nm at 0 d, 2 nm at 7 d.
    Passes: the same settings throughout; settings that some readings do not state.
    """
    columns = ", ".join(f"e.{name}" for name in _SETTINGS)
    sql = (
        f"SELECT o.sample, o.vial, o.condition, o.study, i.code AS irradiation, o.age_d, {columns} FROM "  # noqa: S608 - our own words
        "observations o "
        "JOIN measurement m ON m.code = o.measurement AND m.void_change_id IS NULL "
        "JOIN current_emission_settings e ON e.measurement_id = m.id "
        "LEFT JOIN current_radioluminescence_reading k ON k.measurement_id = m.id LEFT JOIN irradiation i ON "
        "i.id = k.irradiation_id "
        "WHERE o.value IS NOT NULL AND ((o.quantity = 'photoluminescence_intensity' AND o.age_d IS NOT NULL) "
        "OR (o.quantity = 'radioluminescence_intensity' AND i.code IS NOT NULL)) "
        "ORDER BY o.sample, o.vial, o.condition, o.study, i.code, o.age_d"
    )
    findings = []
    readings = [dict(row) for row in evidence.rows(sql)]
    for key, group in groupby(readings, key=_series_of):
        members = list(group)
        for name in differing(members, list(_SETTINGS)):
            values = sorted({str(one[name]) for one in members if one[name] is not None})
            listed = ", ".join(f"{value} {_SETTINGS[name]}".rstrip() for value in values)
            place = next((part for part in (key[3], key[4], key[2]) if part), "")
            message = (
                f"readings{f' in {place}' if place else ''} were taken with different "
                f"{name.rpartition('_')[0] or name} ({listed}); "
                f"their ratio is not a retention"
            )
            findings.append(found("SETTINGS-1", key[0], message, {name: listed, "readings": str(len(members))}))
    return findings
