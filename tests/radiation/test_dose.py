"""Absorbed dose from beam segments."""

import csv
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.finding import Severity
from labdb.quantity import Quantity
from labdb.radiation.dose import (
    Segment,
    courses,
    dose_from_segments,
    half_value_layer_transmission,
    pooled_dose,
    segment_findings,
    time_to_dose,
)


def in_a_row(
    times_s: list[float], rates: list[float], us: list[float], names: list[str], u_time: float
) -> list[Segment]:
    segments, start = [], 0.0
    for time, rate, u, name in zip(times_s, rates, us, names, strict=True):
        segments.append(Segment(start, start + time, rate, u, u_time_s=u_time, calibration=name))
        start += time
    return segments


def broadcast(value: float | list[float], n: int) -> list[float]:
    return value if isinstance(value, list) else [value] * n


@pytest.mark.parametrize(
    "key",
    [
        "one_calibration_two_segments",
        "one_calibration_one_segment",
        "two_calibrations",
        "with_u_time",
        "onoff_of_the_set",
    ],
)
def test_dose_and_uncertainty_are_those_of_the_correlation_vectors(shared_data: Path, key: str) -> None:
    case = json.loads((shared_data / "paper" / "vectors.json").read_text())["dose_correlation"][key]
    n = len(case["segments_s"])
    rates, us = broadcast(case["rate_Gy_per_s"], n), broadcast(case["u_rate_Gy_per_s"], n)
    segments = in_a_row(case["segments_s"], rates, us, case.get("calibrations", ["A"] * n), case["u_time_s"])
    dose = dose_from_segments(segments)
    assert dose.dose_gy == pytest.approx(case["D_Gy"], rel=1e-12)
    assert dose.u_dose_gy == pytest.approx(case["u_D_Gy"], rel=1e-8)  # printed to nine digits


def test_two_segments_under_one_calibration_do_not_average_its_error_away() -> None:
    # SCIENCE section 7: 2 x 300 s at 0.5(0.025): 15.0 Gy, not 10.6
    dose = dose_from_segments(in_a_row([300, 300], [0.5, 0.5], [0.025, 0.025], ["A", "A"], 0.0))
    assert dose.u_dose_gy == pytest.approx(15.0, rel=1e-12)


def test_beam_off_gives_no_dose(shared_data: Path) -> None:
    case = json.loads((shared_data / "paper" / "vectors.json").read_text())["dose_onoff"]
    segments = [Segment(start, stop, 0.5, 0.025, beam_on=bool(on)) for start, stop, on in case["segments"]]
    dose = dose_from_segments(segments)
    assert dose.on_time_s == case["on_s"]
    assert dose.dose_gy == pytest.approx(case["dose_Gy"], rel=1e-12)


def test_the_irradiations_of_the_example_set_give_300_and_230_gray(shared_data: Path) -> None:
    # README of the example set: 300 Gy (SOSG runs), 230 Gy (ON/OFF), u 15 and 11.5 Gy
    text = (shared_data / "paper" / "irradiation_segments.csv").read_text(encoding="utf-8")
    by_name: dict[str, list[Segment]] = {}
    for row in csv.DictReader(text.splitlines()):
        on = row["beam"] == "on"
        rate = float(row["dose_rate_Gy_per_s"]) if on else 0.0
        u = float(row["u_dose_rate_Gy_per_s"]) if on else None
        name = row["irradiation_id"]
        one = Segment(float(row["start_s"]), float(row["stop_s"]), rate, u, 0.0, on, row["calibration_id"], name)
        by_name.setdefault(name, []).append(one)
    doses = {name: dose_from_segments(segments) for name, segments in by_name.items()}
    assert doses["IR-SOSG-BR"].dose_gy == pytest.approx(300, rel=1e-12)
    assert doses["IR-SOSG-BR"].u_dose_gy == pytest.approx(15, rel=1e-12)
    on_off = next(dose for name, dose in doses.items() if "ON" in name.removeprefix("IR-SOSG"))
    assert on_off.dose_gy == pytest.approx(230, rel=1e-12)
    assert on_off.u_dose_gy == pytest.approx(11.5, rel=1e-12)


def test_several_rates_under_one_calibration_share_its_relative_error() -> None:
    # 5 % of 0.5 Gy/s for 100 s and 5 % of 2 Gy/s for 50 s: 50 + 100 Gy, all of it uncertain by the same 5 %
    dose = dose_from_segments(in_a_row([100, 50], [0.5, 2.0], [0.025, 0.1], ["A", "A"], 0.0))
    assert dose.dose_gy == pytest.approx(150, rel=1e-12)
    assert dose.u_dose_gy == pytest.approx(7.5, rel=1e-12)


def test_two_irradiations_may_share_their_clock_without_overlapping() -> None:
    both = [
        Segment(0, 300, 0.5, 0.025, calibration="A", irradiation="IR-1"),
        Segment(0, 300, 0.5, 0.025, calibration="A", irradiation="IR-2"),
    ]
    dose = dose_from_segments(both)
    assert dose.findings == ()
    assert (dose.dose_gy, dose.u_dose_gy) == (pytest.approx(300), pytest.approx(15))


def test_a_missing_uncertainty_of_the_rate_is_not_zero() -> None:
    dose = dose_from_segments([Segment(0, 600, 0.5)])
    assert dose.dose_gy == pytest.approx(300)
    assert dose.u_dose_gy is None


def test_a_beam_off_segment_needs_no_uncertainty() -> None:
    dose = dose_from_segments([Segment(0, 600, 0.5, 0.025), Segment(600, 700, beam_on=False)])
    assert dose.u_dose_gy == pytest.approx(15)


@pytest.mark.parametrize(
    ("segments", "rule"),
    [
        ([Segment(0, None, 0.5, 0.025)], "DOSE-OPEN"),
        ([Segment(600, 0, 0.5, 0.025)], "DOSE-ORDER"),
        ([Segment(0, 300, 0.5, 0.025), Segment(240, 400, 0.5, 0.025)], "DOSE-OVERLAP"),
        ([Segment(0, 900, 0.5, 0.025), Segment(100, 200, beam_on=False)], "DOSE-OVERLAP"),
    ],
)
def test_ambiguous_segments_give_a_finding_and_no_dose(segments: list[Segment], rule: str) -> None:
    dose = dose_from_segments(segments)
    assert (dose.dose_gy, dose.u_dose_gy, dose.on_time_s) == (None, None, None)
    assert [finding.rule for finding in dose.findings] == [rule]
    assert dose.findings[0].severity is Severity.ERROR


def test_a_long_segment_is_compared_with_all_that_it_covers() -> None:
    segments = [Segment(0, 900, 0.5), Segment(100, 200, 0.5), Segment(800, 850, 0.5)]
    assert [finding.rule for finding in segment_findings(segments)] == ["DOSE-OVERLAP", "DOSE-OVERLAP"]


def test_segments_that_touch_do_not_overlap() -> None:
    assert segment_findings([Segment(0, 300, 0.5), Segment(300, 600, 0.5)]) == []


@pytest.mark.parametrize(
    "bad",
    [
        Segment(0, 600, -0.5, 0.025),
        Segment(0, 600, math.nan, 0.025),
        Segment(0, math.inf, 0.5, 0.025),
        Segment(0, 600, 0.5, -0.025),
    ],
)
def test_impossible_numbers_are_refused(bad: Segment) -> None:
    with pytest.raises(InputError):
        dose_from_segments([bad])


def test_no_segment_is_no_dose_of_zero() -> None:
    with pytest.raises(InputError, match="no beam segment"):
        dose_from_segments([])


def test_ten_minutes_at_half_a_gray_per_second_are_five_courses() -> None:
    # DOSE-1 of reference/vectors.json
    dose = dose_from_segments([Segment(0, 600, 0.5)]).dose_gy
    assert dose == pytest.approx(300.0, rel=1e-12)
    assert courses(300.0) == pytest.approx(5.0, rel=1e-12)
    assert courses(300.0, 40.0) == pytest.approx(7.5, rel=1e-12)
    assert time_to_dose(60.0, 0.5) == pytest.approx(120.0, rel=1e-12)
    assert time_to_dose(2.0, 0.5) == pytest.approx(4.0, rel=1e-12)


def test_thirty_thousand_rad_are_three_hundred_gray() -> None:
    # DOSE-6: the bridge between the units is the quantity's, an angle is never meant
    assert Quantity(30000, "rad", "absorbed_dose").to("Gy").value == pytest.approx(300.0, rel=1e-12)


def test_transmission_follows_from_the_half_value_layer() -> None:
    # DOSE-5 of reference/vectors.json: HVL 3 mm Al, 1 mm
    transmission = half_value_layer_transmission(1.0, 3.0)
    assert transmission == pytest.approx(0.79370053, rel=1e-7)
    assert -math.log(transmission) == pytest.approx(0.23104906, rel=1e-7)


def test_pooling_unequal_doses_says_so() -> None:
    pooled = pooled_dose([60.0, 20.0], [10.0, 30.0])
    assert (pooled.min_gy, pooled.mean_gy, pooled.max_gy, pooled.equal) == (20.0, 30.0, 60.0, False)
    assert pooled_dose([20.0, 20.0], [10.0, 30.0]).equal


@pytest.mark.parametrize(("doses", "masses"), [([], []), ([1.0], [1.0, 2.0]), ([-1.0], [1.0]), ([1.0], [0.0])])
def test_pooling_what_cannot_be_pooled_is_refused(doses: list[float], masses: list[float]) -> None:
    with pytest.raises(InputError):
        pooled_dose(doses, masses)


def test_times_and_layers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError):
        time_to_dose(60.0, 0.0)
    with pytest.raises(InputError):
        courses(60.0, 0.0)
    with pytest.raises(InputError):
        half_value_layer_transmission(1.0, 0.0)


@given(st.lists(st.floats(0.1, 1e4), min_size=1, max_size=8), st.floats(0.01, 5), st.floats(0, 0.2))
def test_splitting_a_segment_changes_neither_dose_nor_uncertainty(
    times: list[float], rate: float, u_rel: float
) -> None:
    n = len(times)
    split = dose_from_segments(in_a_row(times, [rate] * n, [u_rel * rate] * n, ["A"] * n, 0.0))
    whole = dose_from_segments([Segment(0, sum(times), rate, u_rel * rate, calibration="A")])
    assert split.dose_gy == pytest.approx(whole.dose_gy, rel=1e-9)
    assert split.u_dose_gy == pytest.approx(whole.u_dose_gy, rel=1e-9)
