"""Calibration lines and inverse prediction against published examples."""

import csv
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.leaching.calibration import fit_line, predict_x

# Massart et al. 1997, chapter 8: means of example 3 (the y of massart97ex1.csv); weights 1/s^2 rounded to 0.001, as
# chemCal's test makes them, with s 0.71, 0.84, 0.89, 1.64, 2.24, 3.03 (from memory; the seven digits chemCal's test
# publishes come out with them, and would not with others).
MASSART_X = [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
MASSART_Y = [4.0, 21.2, 44.6, 61.8, 78.0, 105.2]
MASSART_WEIGHTS = [1.984, 1.417, 1.262, 0.372, 0.199, 0.109]


def vector(shared_data: Path, name: str) -> dict[str, dict[str, float]]:
    cases = json.loads((shared_data / "reference" / "vectors.json").read_text())
    found: dict[str, dict[str, float]] = next(case for case in cases if case["id"] == name)
    return found


def two_columns(path: Path) -> tuple[list[float], list[float]]:
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))[1:]
    return [float(row[0]) for row in rows], [float(row[1]) for row in rows]


def test_the_cadmium_calibration_of_quam_a5_is_reproduced(shared_data: Path) -> None:
    case = vector(shared_data, "CAL-A5")
    expected = case["expected"]
    line = fit_line(*two_columns(shared_data / "reference" / "calibration" / "quam_a5_cadmium.csv"))
    assert line.slope == pytest.approx(expected["slope"], rel=1e-5)
    assert line.intercept == pytest.approx(expected["intercept"], rel=1e-5)
    assert line.u_slope == pytest.approx(expected["u_slope"], rel=1e-5)
    assert line.u_intercept == pytest.approx(expected["u_intercept"], rel=1e-5)
    assert line.correlation == pytest.approx(expected["corr"], rel=1e-5)
    assert line.s_residual == pytest.approx(expected["S"], rel=1e-5)
    found = predict_x(line, [0.0712, 0.0716])
    assert found.x == pytest.approx(expected["c0"], rel=1e-5)
    assert found.u_x == pytest.approx(expected["u_c0"], rel=1e-5)
    assert not found.extrapolated


@pytest.mark.parametrize("name", ["CAL-M97-15-1", "CAL-M97-90-1"])
def test_the_inverse_prediction_of_massart_is_reproduced(shared_data: Path, name: str) -> None:
    case = vector(shared_data, name)
    line = fit_line(*two_columns(shared_data / "reference" / "calibration" / "massart97ex1.csv"))
    found = predict_x(line, [case["inputs"]["y"]])
    assert found.x == pytest.approx(case["expected"]["x"], rel=1e-6)
    assert found.u_x == pytest.approx(case["expected"]["se"], rel=1e-6)
    assert found.half_width() == pytest.approx(case["expected"]["CI95"], rel=1e-6)


def test_five_readings_of_the_same_unknown_are_known_better() -> None:
    # chemCal tests: Massart example 7, 90 read five times: 43.93983, se 1.141204, 95 % 3.168489
    found = predict_x(fit_line(MASSART_X, MASSART_Y), [90.0] * 5)
    assert found.x == pytest.approx(43.93983, rel=1e-6)
    assert found.u_x == pytest.approx(1.141204, rel=1e-6)
    assert found.half_width() == pytest.approx(3.168489, rel=1e-6)


@pytest.mark.parametrize(
    ("reading", "weight", "x", "u", "half_width"),
    [(15.0, 1.67, 5.865367, 0.8926109, 2.478285), (90.0, 0.145, 44.06025, 2.829162, 7.855012)],
)
def test_a_weighted_line_gives_the_weighted_example_of_massart(
    reading: float, weight: float, x: float, u: float, half_width: float
) -> None:
    # book p. 200: 5.9 +- 2.5 and 44.1 +- 7.9; seven digits from chemCal's tests
    found = predict_x(fit_line(MASSART_X, MASSART_Y, MASSART_WEIGHTS), [reading], weight)
    assert found.x == pytest.approx(x, rel=1e-6)
    assert found.u_x == pytest.approx(u, rel=1e-6)
    assert found.half_width() == pytest.approx(half_width, rel=1e-6)


def test_the_din_example_reads_3500_as_published(shared_data: Path) -> None:
    case = vector(shared_data, "CAL-DIN")
    found = predict_x(fit_line(*two_columns(shared_data / "reference" / "calibration" / "din32645.csv")), [3500.0])
    assert found.x == pytest.approx(case["expected"]["x_at_3500"], rel=1e-5)
    assert found.half_width(0.99) == pytest.approx(case["expected"]["CI_99_at_3500"], rel=1e-5)


def test_the_probe_calibration_of_the_example_set_is_reproduced(shared_data: Path) -> None:
    case = json.loads((shared_data / "paper" / "vectors.json").read_text())["sosg_cal"]
    line = fit_line(case["C_uM"], case["I"])
    assert line.slope == pytest.approx(case["slope"], rel=1e-12)
    assert line.intercept == pytest.approx(case["intercept"], rel=1e-12)
    assert line.s_residual == pytest.approx(case["s_yx"], rel=1e-9)
    assert line.u_intercept == pytest.approx(case["u_intercept"], rel=1e-9)
    found = predict_x(line, [case["I_unknown"]] * case["replicates"])
    assert found.x == pytest.approx(case["C_unknown"], rel=1e-12)
    assert found.u_x == pytest.approx(case["u_C"], rel=1e-9)
    below_zero = predict_x(line, [95.0])
    assert below_zero.x == pytest.approx(case["C_for_I95"], rel=1e-9)
    assert below_zero.extrapolated


def test_a_reading_beyond_the_last_standard_is_flagged_with_its_range() -> None:
    found = predict_x(fit_line(MASSART_X, MASSART_Y), [150.0])
    assert found.extrapolated
    assert "outside the standards, 0 to 50" in found.sentence


@pytest.mark.parametrize(
    ("x", "y", "weights", "message"),
    [
        ([0, 1], [1, 2], None, "at least 3"),
        ([0, 1, 2], [1, 2], None, "as many of each"),
        ([0, 1, 2], [1, 2, 3], [1, 1], "as many of each"),
        ([1, 1, 1], [1, 2, 3], None, "at least 2 levels"),
        ([0, 1, 2], [3, 2, 1], None, "must rise"),
        ([0, 1, 2], [2, 2, 2], None, "must rise"),
        ([0, 1, math.nan], [1, 2, 3], None, "not finite"),
        ([0, 1, 2], [1, 2, 3], [1, 1, 0], "not positive"),
        ([0, 1, 2], [1, 2, 3], [1, 1, -1], "not positive"),
    ],
)
def test_standards_that_give_no_calibration_are_refused(
    x: list[float], y: list[float], weights: list[float] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        fit_line(x, y, weights)


def test_a_weighted_line_asks_for_the_weight_of_the_reading_and_an_unweighted_one_refuses_it() -> None:
    with pytest.raises(InputError, match="give the weight"):
        predict_x(fit_line(MASSART_X, MASSART_Y, MASSART_WEIGHTS), [15.0])
    with pytest.raises(InputError, match="unweighted"):
        predict_x(fit_line(MASSART_X, MASSART_Y), [15.0], 1.67)
    with pytest.raises(InputError, match="positive"):
        predict_x(fit_line(MASSART_X, MASSART_Y, MASSART_WEIGHTS), [15.0], 0.0)
    with pytest.raises(InputError, match="no reading"):
        predict_x(fit_line(MASSART_X, MASSART_Y), [])
    with pytest.raises(InputError, match="coverage"):
        predict_x(fit_line(MASSART_X, MASSART_Y), [15.0]).half_width(95)


@given(scale=st.floats(1e-6, 1e6), reading=st.floats(-50, 200))
def test_only_the_ratios_of_the_weights_matter(scale: float, reading: float) -> None:
    once = predict_x(fit_line(MASSART_X, MASSART_Y, MASSART_WEIGHTS), [reading], 1.0)
    scaled = predict_x(fit_line(MASSART_X, MASSART_Y, [scale * w for w in MASSART_WEIGHTS]), [reading], scale)
    assert scaled.x == pytest.approx(once.x, rel=1e-9, abs=1e-9)
    assert scaled.u_x == pytest.approx(once.u_x, rel=1e-9)


@given(unit=st.floats(1e-3, 1e3), reading=st.floats(-50, 200))
def test_another_unit_of_concentration_scales_value_and_uncertainty_alike(unit: float, reading: float) -> None:
    plain = predict_x(fit_line(MASSART_X, MASSART_Y), [reading])
    other = predict_x(fit_line([unit * x for x in MASSART_X], MASSART_Y), [reading])
    assert other.x == pytest.approx(unit * plain.x, rel=1e-9, abs=1e-9 * unit)
    assert other.u_x == pytest.approx(unit * plain.u_x, rel=1e-9)
