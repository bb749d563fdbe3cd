"""Released lead: the bridge from concentration, cumulative release, bounds of non-detects, fraction of the lead."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.leaching.release import (
    Pulling,
    Release,
    cumulative_release,
    released_lead_fraction,
    released_mass_fraction,
)

SIX_NON_DETECTS = ([10.0] * 6, [True] * 6)


def vector(shared_data: Path, name: str) -> dict[str, dict[str, float]]:
    cases = json.loads((shared_data / "reference" / "vectors.json").read_text())
    found: dict[str, dict[str, float]] = next(case for case in cases if case["id"] == name)
    return found


@pytest.mark.parametrize("name", ["LEACH-01", "LEACH-02"])
def test_concentration_over_loading_is_the_released_mass_fraction(shared_data: Path, name: str) -> None:
    case = vector(shared_data, name)
    release = released_mass_fraction(case["inputs"]["c_ug_L"], case["inputs"]["loading_mg_mL"])
    assert release.released_ug_per_g == pytest.approx(case["expected"]["mass_fraction_ug_g"], rel=1e-12)


@pytest.mark.parametrize("name", ["LEACH-06", "LEACH-08", "LEACH-09"])
def test_the_uncertainty_of_the_reading_is_carried_over(shared_data: Path, name: str) -> None:
    case = vector(shared_data, name)
    inputs = case["inputs"]
    release = released_mass_fraction(inputs["c_ug_L"], inputs["loading_mg_mL"], inputs["u_c_ug_L"], 0.0)
    assert release.released_ug_per_g == pytest.approx(case["expected"]["y_ug_g"], rel=1e-12)
    assert release.u_released_ug_per_g == pytest.approx(case["expected"]["u_ug_g"], rel=1e-12)


def test_the_bound_of_a_non_detect_has_the_uncertainty_of_the_loading() -> None:
    # 0.5000(11) mg/mL is 0.22 %: 20 ug/g with u 0.044 ug/g
    bound = released_mass_fraction(10.0, 0.5, 0.0, 0.0011, below=True)
    assert bound == Release(20.0, pytest.approx(0.044, rel=1e-12), below=True)


def test_a_missing_uncertainty_is_not_zero() -> None:
    assert released_mass_fraction(10.0, 0.5, None, 0.001).u_released_ug_per_g is None
    assert released_mass_fraction(10.0, 0.5, 0.1, None).u_released_ug_per_g is None


def test_a_negative_net_reading_is_kept_and_a_reading_of_zero_still_has_an_uncertainty() -> None:
    assert released_mass_fraction(-0.74, 0.5).released_ug_per_g == pytest.approx(-1.48)
    assert released_mass_fraction(0.0, 0.5, 0.2, 0.001).u_released_ug_per_g == pytest.approx(0.4)


@pytest.mark.parametrize("loading", [0.0, -0.5, math.nan, math.inf])
def test_without_a_particle_loading_there_is_no_bridge(loading: float) -> None:
    with pytest.raises(InputError, match="particle loading"):
        released_mass_fraction(10.0, loading)


def test_a_threshold_must_be_positive_and_readings_finite() -> None:
    with pytest.raises(InputError, match="threshold"):
        released_mass_fraction(0.0, 0.5, below=True)
    with pytest.raises(InputError, match="concentration"):
        released_mass_fraction(math.nan, 0.5)
    with pytest.raises(InputError, match="u of a concentration"):
        released_mass_fraction(1.0, 0.5, -0.1)
    with pytest.raises(InputError, match="u of the particle loading"):
        released_mass_fraction(1.0, 0.5, 0.1, -0.1)


def test_aliquots_kept_out_give_the_reference_sum(shared_data: Path) -> None:
    case = json.loads((shared_data / "paper" / "vectors.json").read_text())["icp"]["aliquots"]
    volumes_ml = [1000 * volume for volume in case["V_L"]]
    taken = [volumes_ml[0] - volumes_ml[1], volumes_ml[1] - volumes_ml[2], 0.0]
    readings = case["c_ugL"]
    pulls = cumulative_release(readings, [False] * 3, volumes_ml[0], case["NS_mg"], taken, Pulling.ALIQUOT_KEPT_OUT)
    assert [one.upper_ug_per_g for one in pulls] == pytest.approx(case["cum_ug_per_g"], rel=1e-12)
    assert all(one.detected for one in pulls)
    # the last concentration times the first volume overstates it: 3.0 for 2.7
    whole = cumulative_release(readings, [False] * 3, volumes_ml[0], case["NS_mg"], taken, Pulling.WHOLE_SUSPENSION)
    assert [one.upper_ug_per_g for one in whole] == pytest.approx(case["naive_ug_per_g"], rel=1e-12)


def test_aliquots_replaced_by_fresh_leachant_keep_the_volume() -> None:
    # by hand: 6 ug/L x 50 mL + (2 + 4) ug/L x 5 mL = 0.33 ug from 0.1 g
    pulls = cumulative_release([2, 4, 6], [False] * 3, 50.0, 100.0, [5.0] * 3, Pulling.ALIQUOT_REPLACED)
    assert pulls[-1].upper_ug_per_g == pytest.approx(3.3, rel=1e-12)


@pytest.mark.parametrize("pulling", [Pulling.ALIQUOT_KEPT_OUT, Pulling.WHOLE_SUSPENSION])
def test_six_non_detects_in_one_medium_bound_the_release_by_one_of_them(pulling: Pulling) -> None:
    # LEACH-12: 10 ug/L at 0.5 mg/mL, medium not replaced: 20 ug/g
    pulls = cumulative_release(*SIX_NON_DETECTS, 200.0, 100.0, [4.0] * 6, pulling)
    assert [one.upper_ug_per_g for one in pulls] == pytest.approx([20.0] * 6, rel=1e-12)
    assert [one.lower_ug_per_g for one in pulls] == [0.0] * 6
    assert all(one.below for one in pulls)


def test_bounds_add_when_the_medium_is_renewed() -> None:
    # SCIENCE section 4: six of 20 ug/g bound 120
    pulls = cumulative_release(*SIX_NON_DETECTS, 200.0, 100.0, [200.0] * 6, Pulling.MEDIUM_RENEWED)
    assert pulls[-1].upper_ug_per_g == pytest.approx(120.0, rel=1e-12)


def test_a_detect_among_non_detects_gives_an_interval() -> None:
    pulls = cumulative_release(
        [10.0, 12.0, 10.0], [True, False, True], 200.0, 100.0, [200.0] * 3, Pulling.MEDIUM_RENEWED
    )
    assert (pulls[-1].lower_ug_per_g, pulls[-1].upper_ug_per_g) == (pytest.approx(24.0), pytest.approx(64.0))
    assert not pulls[-1].below
    assert not pulls[-1].detected


def test_in_a_whole_suspension_pull_only_the_reading_itself_counts() -> None:
    pulls = cumulative_release([10.0, 12.0], [True, False], 200.0, 100.0, [4.0, 4.0], Pulling.WHOLE_SUSPENSION)
    assert pulls[0].below
    assert pulls[1].detected


def test_readings_are_independent_and_the_loading_is_common() -> None:
    # by hand: shares 2 g/L^-1 each for renewed medium; (2 x 0.3)^2 twice, and 1 % of 2 x (4 + 6) = 20 ug/g
    pulls = cumulative_release(
        [4.0, 6.0], [False, False], 200.0, 100.0, [200.0] * 2, Pulling.MEDIUM_RENEWED, [0.3, 0.3], 0.01
    )
    assert pulls[-1].upper_ug_per_g == pytest.approx(20.0, rel=1e-12)
    assert pulls[-1].u_upper_ug_per_g == pytest.approx(math.sqrt(2 * 0.6**2 + 0.2**2), rel=1e-12)
    silent = cumulative_release([4.0], [False], 200.0, 100.0, [4.0], Pulling.WHOLE_SUSPENSION, [0.3])
    assert silent[0].u_upper_ug_per_g is None


@pytest.mark.parametrize(
    ("readings", "flags", "volume", "mass", "taken", "message"),
    [
        ([], [], 50.0, 100.0, [], "one of each"),
        ([1.0, 2.0], [False], 50.0, 100.0, [1.0, 1.0], "one of each"),
        ([1.0], [False], 0.0, 100.0, [1.0], "positive amounts"),
        ([1.0], [False], 50.0, 100.0, [-1.0], "aliquot volume"),
        ([1.0] * 3, [False] * 3, 50.0, 100.0, [20.0] * 3, "60 mL taken from 50 mL"),
        ([math.inf], [False], 50.0, 100.0, [1.0], "concentration"),
    ],
)
def test_pulls_that_cannot_be_are_refused(
    readings: list[float], flags: list[bool], volume: float, mass: float, taken: list[float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        cumulative_release(readings, flags, volume, mass, taken, Pulling.ALIQUOT_KEPT_OUT)


def test_the_share_of_the_lead_is_that_of_the_example_set() -> None:
    # README of the example set: 10 ug/L, 0.5 mg/mL, w 0.16: 3.5e-4
    bound = released_mass_fraction(10.0, 0.5, 0.0, 0.00146, below=True)
    share = released_lead_fraction(bound, 0.16, 0.357353852, 0.01)
    assert share.fraction == pytest.approx(3.5e-4, rel=0.005)  # printed to two digits
    assert share.below
    # by hand: 0.292 % of the loading and 6.25 % of w in quadrature
    assert share.u_fraction == pytest.approx(share.fraction * math.hypot(0.00292, 0.0625), rel=1e-9)
    assert released_lead_fraction(bound, 0.16, 0.357353852).u_fraction is None
    with pytest.raises(InputError, match="mass fractions"):
        released_lead_fraction(bound, 16.0, 0.36)


@given(
    st.lists(st.tuples(st.floats(0.1, 100), st.booleans(), st.floats(0, 5)), min_size=1, max_size=8),
    st.sampled_from(list(Pulling)),
)
def test_the_lower_end_never_exceeds_the_upper_and_both_scale_with_the_mass(
    pulls: list[tuple[float, bool, float]], pulling: Pulling
) -> None:
    readings, flags, taken = [one[0] for one in pulls], [one[1] for one in pulls], [one[2] for one in pulls]
    light = cumulative_release(readings, flags, 50.0, 100.0, taken, pulling)
    heavy = cumulative_release(readings, flags, 50.0, 200.0, taken, pulling)
    for one, other in zip(light, heavy, strict=True):
        assert 0 <= one.lower_ug_per_g <= one.upper_ug_per_g
        assert other.upper_ug_per_g == pytest.approx(one.upper_ug_per_g / 2, rel=1e-12)
