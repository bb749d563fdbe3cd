"""Degradation models, their choice, and t80 as far as it is known."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.stability.degradation import fit_degradation
from labdb.stability.retention import retention

DAYS = [0.0, 1.0, 3.0, 7.0, 14.0, 21.0, 28.0, 35.0, 42.0]


def noise(seed: int, n: int, u: float) -> list[float]:
    return list(np.random.default_rng(seed).normal(0, u, n))


def vials(shared_data: Path, sample: str) -> dict[str, tuple[list[float], tuple[float, ...], tuple[float, ...]]]:
    text = (shared_data / "paper" / "pl_stability.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["sample_id"] == sample]
    series = {}
    for name in sorted({row["aliquot_id"] for row in rows}):
        mine = [row for row in rows if row["aliquot_id"] == name]
        one = retention(
            [float(row["counts"]) for row in mine],
            [float(row["reference_counts"]) for row in mine],
            [float(row["u_rel"]) for row in mine],
        )
        assert one.u_own is not None
        series[name] = ([float(row["day"]) for row in mine], one.retention, one.u_own)
    return series


def test_three_flat_points_show_no_change_and_t80_lies_beyond_the_last() -> None:
    # FIRST_HOUR: 0 d 1, 7 d 0.992(14), 14 d 0.987(14)
    fit = fit_degradation([0, 7, 14], [1, 0.992, 0.987], [0, 0.014, 0.014])
    assert fit.sentence == "no change shown; t80 > 14 d"
    assert (fit.t80_d, fit.t80_interval, fit.change_shown) == (None, (14.0, None), False)
    # AICc with sigma counted needs n >= 4 even for a constant: no model is named
    assert fit.model == "none"
    assert [loser.aicc for loser in fit.losers] == [None] * 4
    assert fit.losers[3].reason == "3 points; its AICc needs 6"


def test_the_iodide_sample_sits_on_a_plateau_and_has_no_t80(shared_data: Path) -> None:
    # true curve of every S-I vial: 0.90 + 0.10 exp(-0.12 t), u 0.4 % per reading
    for name, (days, values, u) in vials(shared_data, "S-I").items():
        fit = fit_degradation(days, values, u)
        assert fit.model == "plateau", name
        assert fit.t80_d is None, name
        assert fit.t80_interval is None, name
        assert "t80 not defined" in fit.sentence
        # 0.90 within 4 times its standard uncertainty, about 0.004 (interval of +- 0.007 at 95 %)
        assert fit.parameters["plateau_fraction"] == pytest.approx(0.90, abs=0.016), name
        assert fit.plateau_interval is not None
        assert fit.plateau_interval[0] > 0.8


def test_without_the_plateau_first_order_invents_a_t80_for_the_iodide_sample(shared_data: Path) -> None:
    days, values, u = vials(shared_data, "S-I")["S-I-V-WAT-1"]
    fit = fit_degradation(days, values, u, models=("first order",), extrapolate=True)
    assert fit.t80_d is not None
    assert 42 < fit.t80_d < 150
    assert fit.extrapolated
    assert "extrapolated beyond 42 d" in fit.sentence
    # the same, not asked to extrapolate, gives no number
    assert fit_degradation(days, values, u, models=("first order",)).t80_d is None


def test_the_bromide_samples_do_not_reach_t80_and_mostly_show_no_change(shared_data: Path) -> None:
    fits = [fit_degradation(*one) for sample in ("S-BR", "S-MIX") for one in vials(shared_data, sample).values()]
    assert len(fits) == 18
    assert all("t80 > 42 d" in fit.sentence for fit in fits)
    assert all(fit.t80_interval == (42.0, None) for fit in fits)
    # true curve constant; two tests at 5 % on 18 vials: more than 5 false alarms would be one chance in 200
    assert sum(fit.change_shown for fit in fits) <= 5


def test_flat_data_say_no_change_shown_and_the_constant_wins() -> None:
    values = [1 + one for one in noise(1, 9, 0.004)]
    fit = fit_degradation(DAYS, values, [0.004] * 9)
    assert fit.model == "constant"
    assert fit.sentence == "no change shown; t80 > 42 d"
    assert [loser.model for loser in fit.losers] == ["linear", "first order", "plateau"]
    assert all(loser.aicc is not None and fit.aicc is not None and loser.aicc >= fit.aicc for loser in fit.losers)


def test_flat_but_uncertain_data_do_not_promise_the_last_pull() -> None:
    fit = fit_degradation([0, 7, 14], [1.0, 1.0, 1.0], [0.2, 0.2, 0.2])
    assert not fit.change_shown
    assert fit.t80_interval is not None
    assert fit.t80_interval[0] is not None
    assert fit.t80_interval[0] < 14
    assert "(95 %)" in fit.sentence


def test_a_straight_fall_gives_its_t80() -> None:
    # R = 1 - 0.01 t reaches 0.8 at 20 d
    values = [1 - 0.01 * t + e for t, e in zip(DAYS, noise(2, 9, 0.005), strict=True)]
    fit = fit_degradation(DAYS, values, [0.005] * 9, models=("constant", "linear"))
    assert fit.model == "linear"
    assert fit.t80_interval is not None
    low, high = fit.t80_interval
    assert low is not None
    assert high is not None
    assert low < 20 < high
    assert fit.t80_d == pytest.approx(20, rel=0.05)
    assert fit.sentence.startswith("t80 = ")


def test_exact_curves_are_recovered_exactly_and_the_simplest_true_model_wins() -> None:
    first = fit_degradation(DAYS, [0.97 * math.exp(-0.02 * t) for t in DAYS], [0.01] * 9)
    assert first.model == "first order"
    assert first.t80_d == pytest.approx(-math.log(0.8) / 0.02, rel=1e-6)
    assert first.parameters["initial"] == pytest.approx(0.97, rel=1e-6)
    deep = fit_degradation(DAYS, [0.3 + 0.7 * math.exp(-0.1 * t) for t in DAYS], [0.01] * 9)
    assert deep.model == "plateau"
    # 0.3 + 0.7 exp(-0.1 t) = 0.8
    assert deep.t80_d == pytest.approx(math.log(0.7 / 0.5) / 0.1, rel=1e-4)
    assert deep.parameters["plateau"] == pytest.approx(0.3, rel=1e-4)
    straight = fit_degradation(DAYS, [1 - 0.01 * t for t in DAYS], [0.01] * 9)
    assert straight.model == "linear"
    assert straight.t80_d == pytest.approx(20, rel=1e-9)


def test_t80_counts_from_the_fitted_initial_value_not_from_one() -> None:
    fit = fit_degradation(DAYS, [0.9 * math.exp(-0.02 * t) for t in DAYS], [0.01] * 9)
    assert fit.t80_d == pytest.approx(-math.log(0.8) / 0.02, rel=1e-6)


def test_rising_data_have_no_t80() -> None:
    fit = fit_degradation(DAYS, [1 + 0.005 * t for t in DAYS], [0.01] * 9)
    assert fit.sentence == "rises; t80 not defined"
    assert (fit.t80_d, fit.t80_interval, fit.change_shown) == (None, None, True)


def test_a_rise_from_nothing_is_no_fall_though_the_line_starts_below_zero() -> None:
    fit = fit_degradation(DAYS, [0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 1.1, 1.4, 1.7], [0.01] * 9)
    assert fit.sentence == "rises; t80 not defined"


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_plain_fall_in_too_few_points_is_not_called_no_change(n: int) -> None:
    fit = fit_degradation(DAYS[:n], [1.0, 0.8, 0.6, 0.4][:n], [0.01] * n)
    assert fit.change_shown
    assert fit.t80_d is None
    assert fit.sentence == f"falls, but {n} points are too few to choose a model; t80 not given"


def test_two_points_without_uncertainty_say_nothing() -> None:
    fit = fit_degradation([0, 7], [1.0, 0.9])
    assert not fit.change_shown
    assert fit.t80_interval is None
    assert "without uncertainties" in fit.sentence


def test_scatter_beyond_the_stated_uncertainty_widens_the_interval() -> None:
    values = [math.exp(-0.02 * t) + e for t, e in zip(DAYS, noise(3, 9, 0.02), strict=True)]
    stated = fit_degradation(DAYS, values, [0.02] * 9, models=("first order",)).t80_interval
    boasted = fit_degradation(DAYS, values, [0.002] * 9, models=("first order",)).t80_interval
    assert stated is not None
    assert boasted is not None
    assert stated[0] is not None
    assert stated[1] is not None
    assert boasted[0] is not None
    assert boasted[1] is not None
    # ten times less u, but the residuals are the same: the Birge ratio gives most of the width back
    assert (boasted[1] - boasted[0]) > 0.5 * (stated[1] - stated[0])


def test_the_aicc_counts_sigma() -> None:
    # by hand for a constant on 1, 0.99, 1.01, 1 without weights: RSS 0.0002, n 4, K 2: 4 ln(0.00005) + 4 + 12
    fit = fit_degradation([0, 1, 2, 3], [1, 0.99, 1.01, 1], models=("constant",))
    assert fit.aicc == pytest.approx(4 * math.log(0.00005) + 4 + 12, rel=1e-9)


def test_nineteen_of_twenty_intervals_hold_the_true_t80() -> None:
    true, inside = -math.log(0.8) / 0.015, 0
    for seed in range(200):
        values = [math.exp(-0.015 * t) + e for t, e in zip(DAYS, noise(100 + seed, 9, 0.01), strict=True)]
        interval = fit_degradation(DAYS, values, [0.01] * 9, models=("first order",), extrapolate=True).t80_interval
        assert interval is not None
        low, high = interval
        inside += (low is None or low <= true) and (high is None or true <= high)
    # binomial(200, 0.95): mean 190, sd 3.1; the Birge ratio only widens, so the upper side is open
    assert inside >= 190 - 3 * 3.1


@settings(max_examples=25, deadline=None)  # 25 fits of all models take about 4 s
@given(seed=st.integers(0, 10_000), time_unit=st.sampled_from([1 / 24, 1.0, 60.0]), height=st.floats(0.01, 100))
def test_another_unit_of_time_or_intensity_changes_no_verdict(seed: int, time_unit: float, height: float) -> None:
    values = [math.exp(-0.01 * t) + e for t, e in zip(DAYS, noise(seed, 9, 0.01), strict=True)]
    plain = fit_degradation(DAYS, values, [0.01] * 9)
    other = fit_degradation([time_unit * t for t in DAYS], [height * y for y in values], [height * 0.01] * 9)
    assert (other.model, other.change_shown) == (plain.model, plain.change_shown)
    assert (other.t80_d is None) == (plain.t80_d is None)
    if plain.t80_d is not None:
        assert other.t80_d == pytest.approx(time_unit * plain.t80_d, rel=1e-4)


def test_repeated_ages_of_several_vials_are_one_fit() -> None:
    values = [math.exp(-0.02 * t) + e for t, e in zip(DAYS * 3, noise(5, 27, 0.01), strict=True)]
    fit = fit_degradation(DAYS * 3, values, [0.01] * 27)
    assert fit.n == 27
    # 11.16 d; 3 vials of 9 points at 1 % give about 2 %
    assert fit.t80_d == pytest.approx(11.157, rel=0.1)


@pytest.mark.parametrize(
    ("days", "values", "u", "message"),
    [
        ([0], [1], None, "at least 2 ages"),
        ([0, 0], [1, 1], None, "at least 2 ages"),
        ([0, 1], [1], None, "expected as many"),
        ([0, 1], [1, 1], [0.1], "expected as many"),
        ([0, -1], [1, 1], None, "negative"),
        ([0, 1], [1, math.nan], None, "not finite"),
        ([0, 1], [0, 0], None, "not positive"),
        ([0, 1, 2], [1, 0.9, 0.8], [0.1, 0.0, 0.1], "belongs only to R = 1"),
    ],
)
def test_data_that_make_no_trend_are_refused(
    days: list[float], values: list[float], u: list[float] | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        fit_degradation(days, values, u)


def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="known: constant, linear, first order, plateau"):
        fit_degradation([0, 1], [1, 1], models=("cubic",))
