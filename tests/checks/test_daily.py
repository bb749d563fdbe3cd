"""Daily rules: an ordinary week with one thing wrong shows that one thing, and the same put right does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from sqlmodel import select

from labdb import checks
from labdb.assessment import assess
from labdb.finding import Finding
from labdb.intake.correction import correct
from labdb.intake.study import record_pull
from labdb.lab import Lab
from labdb.radiation.irradiation import BeamSegmentRow
from labdb.record import fixed_source
from labdb.stability.study import PullState

Build = Callable[[dict[str, Any]], Lab]


class Slip(NamedTuple):
    """One thing wrong: the rule that finds it, the edits of the forms, on what, and words of the message."""

    rule: str
    edits: dict[str, Any]
    subject: str
    words: str


BALANCE, TUBE, ALL = {"code": "CAL-BAL-1"}, {"code": "CAL-DR-2"}, dict[str, str]()
PULL_7, PULL_14 = {"sample": "S-2602-W1", "age": "7"}, {"sample": "S-2602-W1", "age": "14"}
PORTION = {"code": "S-2602-W1"}
CALCINE, SEGMENT = {"seq": "3"}, {"irradiation": "IR-1"}
SECOND_EXPOSURE = {
    "code": "IR-2",
    "sample": "S-2602-W1-V1",
    "purpose": "singlet oxygen",
    "dose_origin": "stated",
    "dose_gy": "300",
    "started_at": "2026-11-19T10:00:00+01:00",
}
FOURTH_READING = {
    "sample": "S-2602-W1-V1",
    "age": "15",
    "condition": "water_22C",
    "vial": "1",
    "study": "ST-01",
    "run": "R-PL-1",
    "method": "ME-PL",
    "photoluminescence_intensity": "880",
    "origin": "synthetic",
}
NOT_STATED_MEANING = {
    "methods": [({"code": "ME-ICP"}, {"threshold_meaning": ""})],
    "observations_icp": [(ALL, {"threshold_meaning": ""})],
}
NOT_STATED_BLANK = {
    "methods": [({"code": "ME-ICP"}, {"blank_corrected": ""})],
    "observations_icp": [(ALL, {"blank_corrected": ""})],
}

SLIPS = [
    Slip(
        "CAL-01", {"calibrations": [(BALANCE, {"valid_to": "2026-10-31"})]}, "BAL-1", "expired 2026-10-31, before 4 w"
    ),
    Slip("CAL-01", {"calibrations": [(BALANCE, {"valid_from": "2026-11-06"})]}, "BAL-1", "does not cover"),
    Slip("CAL-01", {"calibrations": [(TUBE, {"valid_to": "2026-11-17"})]}, "CAL-DR-2", "the dose of IR-1"),
    Slip("CAL-02", {"calibrations": [({"code": "CAL-FUR-1"}, None)]}, "FUR-1", "2 steps of B-2602"),
    Slip("LOT-1", {"lots": [({"code": "L-CSBR-7"}, {"expires_on": "2026-11-01"})]}, "L-CSBR-7", "into B-2602"),
    Slip("STEP-1", {"steps": [(CALCINE, {"ramp_degc_per_min": "7"})]}, "B-2602", "ramp 7 against 5 +/- 1 degC/min"),
    Slip("STEP-1", {"steps": [(CALCINE, {"temperature_degc": "620"})]}, "B-2602", "temperature 620 against 600 +/- 10"),
    Slip("STEP-1", {"steps": [({"seq": "5"}, {"state": "skipped"})]}, "B-2602", "step 5, wash: skipped"),
    Slip("LEACH-1", NOT_STATED_MEANING, "LT-1", '3 readings reported as "<", without saying'),
    Slip(
        "LEACH-1",
        {
            "leach_tests": [(ALL, None)],
            "observations_icp": [(ALL, {"leach_test": "", "threshold_meaning": "not_stated"})],
        }
        | {"methods": NOT_STATED_MEANING["methods"]},
        "S-2602-W1",
        '3 readings reported as "<", without saying',
    ),
    Slip(
        "LEACH-2",
        {"leach_tests": [(ALL, None)], "observations_icp": [(ALL, {"leach_test": ""})]},
        "S-2602-W1",
        "in water",
    ),
    Slip("LEACH-3", {"leach_tests": [(ALL, {"method_blank": ""})]}, "LT-1", "no method blank"),
    Slip("LEACH-4", NOT_STATED_BLANK, "LT-1", "3 readings without saying"),
    Slip(
        "LEACH-LOST",
        {"observations_icp": [(PULL_7, {"value": "8.0", "u": "0.3"}), (PULL_14, {"value": "4.0", "u": "0.3"})]},
        "LT-1",
        "lead lost from solution",
    ),
    Slip("LD-BLANKS", {"methods": [({"code": "ME-ICP"}, {"limit_of_detection": "5"})]}, "R-ICP-1", "5 ug/L"),
    Slip(
        "LOAD-1", {"samples": [(PORTION, {"particle_loading_mg_per_ml": "0.5"})]}, "S-2602-W1", "recorded is 0.5 mg/mL"
    ),
    Slip("LOAD-2", {"samples": [(PORTION, {"u_particle_loading_mg_per_ml": ""})]}, "S-2602-W1", "has no uncertainty"),
    Slip("R16", {"leach_tests": [(ALL, {"spike_recovery_percent": ""})]}, "LT-1", "(recovery not stated)"),
    Slip("R01", {"observations_icp": [(PULL_14, {"value": "<20"})]}, "LT-1", "bound of 10 ug/g"),
    Slip("R02", {"observations_icp": [(PULL_14, {"value": "<10"})]}, "LT-1", "bound 5 ug/g"),
    Slip("R02", {"observations_icp": [(PULL_14, {"value": "9.8", "u": "0.5"})]}, "LT-1", "day 14: 4.9 ug/g, u 0.25"),
    Slip("DOSE-OPEN", {"beam_segments": [(SEGMENT, {"stop_s": ""})]}, "IR-1", "no stop"),
    Slip(
        "DOSE-OVERLAP",
        {
            "beam_segments": [
                (
                    None,
                    {
                        **SEGMENT,
                        "seq": "2",
                        "start_s": "30",
                        "stop_s": "50",
                        "beam_on": "yes",
                        "dose_rate_gy_per_s": "0.5",
                    },
                )
            ]
        },
        "IR-1",
        "overlap by 10 s",
    ),
    Slip(
        "DOSE-NONE",
        {"irradiations": [(None, {**SECOND_EXPOSURE, "dose_origin": "segments", "dose_gy": ""})]},
        "IR-2",
        "none is recorded",
    ),
    Slip("R06", {"irradiations": [(None, SECOND_EXPOSURE)]}, "S-2602", "tested to 20 Gy (IR-1): 15 times beyond"),
    Slip(
        "R06",
        {"irradiations": [(None, SECOND_EXPOSURE)], "observations_rl": [(ALL, None)]},
        "S-2602",
        "300 Gy given (IR-2), and RL retention was never tested",
    ),
    Slip(
        "R05",
        {"conditions": [(ALL, {"solute": "HCl", "amount_concentration_mol_per_l": "0.1", "ph_reported": "1"})]},
        "water_22C",
        "has pH 1.0 (ideal), not 6.8",
    ),
    Slip(
        "SETTINGS-1",
        {"observations_pl": [({"sample": "S-2602-W1-V1", "age": "7"}, {"slit_nm": "2.0"})]},
        "S-2602-W1-V1",
        "different slit (1.0 nm, 2.0 nm)",
    ),
    Slip("UNIT-1", {"observations_pl": [(None, FOURTH_READING)]}, "S-2602-W1-V1", "a slip of a unit"),
    Slip("UNIT-1", {"weighings": [({"chemical": "C-CSBR"}, {"amount": "91800"})]}, "B-2602", "91.76 mg planned"),
]


@pytest.mark.parametrize("slip", SLIPS, ids=[f"{slip.rule} {slip.words[:24]}" for slip in SLIPS])
def test_a_week_with_one_thing_wrong_shows_it(slip: Slip, week: Build) -> None:
    # the week without the edit shows nothing at all: tests/checks/test_examples.py
    found = checks.run(week(slip.edits), [slip.rule])
    assert [(one.rule, one.subject) for one in found] == [(slip.rule, slip.subject)]
    assert slip.words in found[0].message


INNOCENT = [
    ("used on the last day of a calibration", {"calibrations": [(BALANCE, {"valid_to": "2026-11-18"})]}),
    ("a lot that expires on the day of the batch", {"lots": [({"code": "L-CSBR-7"}, {"expires_on": "2026-11-02"})]}),
    (
        "a deviation with its reason",
        {"steps": [(CALCINE, {"ramp_degc_per_min": "7", "deviation_reason": "furnace program 3 loaded by mistake"})]},
    ),
    ("a ramp at the edge of its tolerance", {"steps": [(CALCINE, {"ramp_degc_per_min": "6"})]}),
    ("a clear fail", {"observations_icp": [(PULL_14, {"value": "18.0", "u": "0.5"})]}),
    (
        "an acid and its pH",
        {
            "conditions": [
                (
                    ALL,
                    {
                        "solute": "HCl",
                        "amount_concentration_mol_per_l": "1e-6",
                        "ph_reported": "",
                        "ph_measured": "6.0",
                    },
                )
            ]
        },
    ),
    ("settings that are not stated", {"observations_pl": [({"sample": "S-2602-W1-V1", "age": "7"}, {"slit_nm": ""})]}),
    (
        "a dose not above the one tested",
        {"irradiations": [(None, {**SECOND_EXPOSURE, "dose_gy": "20.5", "u_dose_gy": "1"})]},
    ),
    (
        "segments that touch",
        {
            "beam_segments": [
                (
                    None,
                    {
                        **SEGMENT,
                        "seq": "2",
                        "start_s": "40",
                        "stop_s": "50",
                        "beam_on": "no",
                        "dose_rate_gy_per_s": "0",
                    },
                )
            ]
        },
    ),
]


@pytest.mark.parametrize("edits", [edits for _, edits in INNOCENT], ids=[what for what, _ in INNOCENT])
def test_what_only_looks_wrong_is_not_found(edits: dict[str, Any], week: Build) -> None:
    assert checks.run(week(edits)) == []


def named(lab: Lab, *limits: str) -> list[Finding]:
    lab.config = replace(lab.config, limits=limits)
    return checks.run(lab)


def test_a_limit_that_is_not_in_force_is_found_where_labdb_toml_names_it(week: Build) -> None:
    (one,) = named(week({}), "PAPER-5UGG")
    assert (one.rule, one.subject, one.numbers["status"]) == ("LIMIT-1", "PAPER-5UGG", "unverified attribution")
    assert "used by labdb.toml" in one.message


def test_a_limit_nobody_knows_is_found_and_ends_no_check(week: Build) -> None:
    (one,) = named(week({}), "LAB-PB-RELEASE", "LAB-PL-14D")
    assert (one.rule, one.subject) == ("LIMIT-2", "LAB-PB-RELEASE")
    assert "did you mean LAB-PB-RELEASED" in one.message


def test_an_exposure_without_a_segment_ends_no_check(week: Build) -> None:
    edits = {"irradiations": [(None, {**SECOND_EXPOSURE, "dose_origin": "segments", "dose_gy": ""})]}
    assert [one.rule for one in checks.run(week(edits))] == ["DOSE-NONE"]


def test_a_segment_that_stops_before_it_starts_is_found_though_no_intake_takes_it(week: Build) -> None:
    lab = week({})
    with lab.write("test", "a row by another tool") as session:
        first = session.exec(select(BeamSegmentRow)).one()
        backwards = BeamSegmentRow(
            irradiation_id=first.irradiation_id,
            seq=2,
            start_s=90.0,
            stop_s=50.0,
            beam_on=True,
            dose_rate_gy_per_s=0.5,
            change_id=session.info["change_id"],
        )
        session.add(backwards)
    (one,) = checks.run(lab, ["DOSE-ORDER"])
    assert (one.subject, one.numbers) == ("IR-1", {"start": "90 s", "stop": "50 s"})


def test_a_counter_of_what_was_handed_out_that_lost_its_children_is_found(week: Build) -> None:
    lab = week({})
    with lab.write("test", "a hand in the database") as session:
        session.connection().execute(
            sa.text("UPDATE sample SET handed_out = handed_out + 10000000 WHERE code = 'S-2602'")
        )
    (one,) = checks.run(lab)
    assert (one.rule, one.subject) == ("AMOUNT-1", "S-2602")
    assert one.numbers == {"handed_out": "160 mg", "taken": "150 mg"}  # clean/README.md: 100.0 and 50.0 mg


WITHOUT_14 = {"observations_pl": [({"age": "14"}, None)]}
NEXT_MONTH = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY_OF_THE_PULL = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_a_pull_past_its_window_is_found_until_it_is_said_to_be_missed_and_why(week: Build) -> None:
    lab = week(WITHOUT_14)
    with fixed_source(DAY_OF_THE_PULL):
        assert checks.run(lab) == []
    with fixed_source(NEXT_MONTH):
        (one,) = checks.run(lab)
    assert (one.rule, one.subject, one.numbers["due_until"]) == ("STUDY-2", "ST-01", "2026-11-21")
    record_pull(lab, "ST-01", "14d", state=PullState.MISSED, reason="missed: the spectrometer was away for repair")
    with fixed_source(NEXT_MONTH):
        assert checks.run(lab) == []


def test_a_pull_missed_without_a_reason_is_found(week: Build) -> None:
    lab = week(WITHOUT_14)
    record_pull(lab, "ST-01", "14d", state=PullState.MISSED)
    (one,) = checks.run(lab)
    assert (one.rule, one.subject, one.numbers["age"]) == ("STUDY-1", "ST-01", "14 d")


def test_a_verdict_is_stale_after_a_correction_until_judged_anew(week: Build) -> None:
    lab = week({})
    (verdict,) = assess(lab, "LT-1", limits=["LAB-PB-RELEASED"])
    assert checks.run(lab) == []
    reading = verdict.measurements[-1]
    correct(lab, reading, {"Pb": "<1.5 ug/L"}, "misread the report")
    (one,) = checks.run(lab)
    assert (one.rule, one.subject, one.numbers["subject"]) == ("VERDICT-1", verdict.code, "LT-1")
    assert f"measurement {reading}" in one.numbers["changed"]
    assert "labdb assess LT-1" in one.message
    assess(lab, "LT-1", limits=["LAB-PB-RELEASED"])
    assert checks.run(lab) == []
