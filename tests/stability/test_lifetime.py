"""Times to a fraction and mean lifetimes of decay laws."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.stability.lifetime import (
    biexponential_mean_lifetimes,
    biexponential_time,
    first_order_time,
    stretched_mean_lifetime,
    stretched_time,
)


def test_first_order_times_are_the_reference_times() -> None:
    # DEC-1 of reference/vectors.json
    assert first_order_time(0.01) == pytest.approx(22.31435513, rel=1e-8)
    assert first_order_time(0.01, 0.5) == pytest.approx(69.31471806, rel=1e-8)
    assert first_order_time(0.01, 0.7) == pytest.approx(35.66749439, rel=1e-8)


def test_the_stretched_exponential_gives_the_reference_time_and_lifetime() -> None:
    # DEC-2
    assert stretched_time(100.0, 0.5) == pytest.approx(4.97930445, rel=1e-8)
    assert stretched_mean_lifetime(100.0, 0.5) == pytest.approx(200.0, rel=1e-8)


def test_the_biexponential_gives_the_reference_times_and_both_lifetimes() -> None:
    # DEC-4
    assert biexponential_time((0.4, 0.6), (5.0, 100.0)) == pytest.approx(3.03615169, rel=1e-8)
    assert biexponential_time((0.4, 0.6), (5.0, 100.0), 0.5) == pytest.approx(19.776308903, rel=1e-8)
    both = biexponential_mean_lifetimes((0.4, 0.6), (5.0, 100.0))
    assert both.amplitude_weighted_d == pytest.approx(62.0, rel=1e-8)
    assert both.intensity_weighted_d == pytest.approx(96.93548387, rel=1e-8)


def test_the_decay_of_the_example_set_has_two_different_mean_lifetimes(shared_data: Path) -> None:
    case = json.loads((shared_data / "paper" / "vectors.json").read_text())["trpl"]
    both = biexponential_mean_lifetimes(tuple(case["A"]), tuple(case["tau_ns"]))
    assert both.amplitude_weighted_d == pytest.approx(case["tau_amp"], rel=1e-12)
    assert both.intensity_weighted_d == pytest.approx(case["tau_int"], rel=1e-12)


@given(st.floats(1e-3, 1e3), st.floats(0.05, 0.95))
def test_every_law_reduces_to_first_order(tau: float, fraction: float) -> None:
    expected = first_order_time(1 / tau, fraction)
    assert stretched_time(tau, 1.0, fraction) == pytest.approx(expected, rel=1e-9)
    assert biexponential_time((0.3, 0.7), (tau, tau), fraction) == pytest.approx(expected, rel=1e-9)
    assert stretched_mean_lifetime(tau, 1.0) == pytest.approx(tau, rel=1e-12)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_parameters_that_are_not_positive_are_refused(bad: float) -> None:
    with pytest.raises(InputError, match="positive"):
        first_order_time(bad)
    with pytest.raises(InputError, match="positive"):
        stretched_time(bad, 0.5)
    with pytest.raises(InputError, match="positive"):
        biexponential_time((0.4, bad), (5.0, 100.0))


@pytest.mark.parametrize("fraction", [0.0, 1.0, 80.0, math.nan])
def test_fractions_outside_zero_to_one_are_refused(fraction: float) -> None:
    with pytest.raises(InputError, match="fraction"):
        first_order_time(0.01, fraction)
