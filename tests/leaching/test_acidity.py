"""pH against acid concentration."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.leaching.acidity import (
    activity_ph,
    compare_ph,
    concentration_of_ideal_ph,
    davies_activity,
    ideal_ph,
)


def test_one_molar_hydrochloric_acid_has_ph_zero_or_a_tenth_and_not_one() -> None:
    # R05: ideal 0.0, with activity about 0.1 (0.09); "pH 1" is 0.1 M; tolerance 0.3
    comparison = compare_ph(1.0, 1.0)
    assert comparison.ideal_ph == 0.0
    assert math.copysign(1, comparison.ideal_ph) == 1  # never "-0.0" in a sentence
    assert comparison.activity_ph == pytest.approx(0.09, abs=0.01)
    assert not comparison.agrees
    assert comparison.ideal_concentration_mol_per_l == pytest.approx(0.1, rel=1e-12)
    assert "not 1; pH 1 is about 0.1 mol/L" in comparison.sentence


@pytest.mark.parametrize("stated", [0.0, 0.1, -0.2, 0.3])
def test_a_ph_within_the_tolerance_agrees(stated: float) -> None:
    assert compare_ph(stated, 1.0).agrees


def test_a_tenth_molar_acid_agrees_with_ph_one() -> None:
    assert compare_ph(1.0, 0.1).agrees
    assert activity_ph(0.1).ph == pytest.approx(1.1, abs=0.02)  # textbook value of 0.1 M HCl: 1.09 to 1.10


def test_the_coefficients_of_the_table_are_met_at_its_points_and_interpolated_between() -> None:
    assert activity_ph(0.1).activity_coefficient == pytest.approx(0.797, rel=1e-12)
    assert activity_ph(2.0).activity_coefficient == pytest.approx(1.009, rel=1e-12)
    assert 0.759 < activity_ph(0.7).activity_coefficient < 0.811


@pytest.mark.parametrize("concentration", [0.001, 0.01, 0.1, 0.5])
def test_davies_and_the_measured_coefficients_of_hydrochloric_acid_agree_to_a_few_percent(concentration: float) -> None:
    # 5 %: what is said of the Davies equation at 0.5 mol/L; it moves a pH by 0.02
    assert davies_activity(concentration) == pytest.approx(activity_ph(concentration).activity_coefficient, rel=0.05)


def test_beyond_its_range_a_model_refuses_and_the_comparison_goes_on_without_it() -> None:
    with pytest.raises(InputError, match="up to 2 mol/L"):
        activity_ph(6.0)
    with pytest.raises(InputError, match=r"up to 0\.5 mol/L"):
        activity_ph(1.0, "HNO3")
    with pytest.raises(InputError, match="Davies"):
        davies_activity(1.0)
    comparison = compare_ph(1.0, 6.0)
    assert comparison.activity_ph is None
    assert not comparison.agrees


@pytest.mark.parametrize("concentration", [0.0, -1.0, 1e-9, math.nan, math.inf])
def test_concentrations_that_are_none_are_refused(concentration: float) -> None:
    with pytest.raises(InputError, match="acid concentration"):
        ideal_ph(concentration)


def test_weak_and_diprotic_acids_and_alkaline_ph_are_refused() -> None:
    with pytest.raises(InputError, match="strong monoprotic"):
        activity_ph(0.1, "H2SO4")
    with pytest.raises(InputError, match="strong monoprotic"):
        compare_ph(1.0, 6.0, "CH3COOH")
    with pytest.raises(InputError, match="pH 7"):
        compare_ph(7.0, 0.1)


@given(st.floats(1e-6, 2.0))
def test_the_ideal_ph_reads_back_and_activity_moves_it_by_less_than_the_tolerance(concentration: float) -> None:
    ideal = ideal_ph(concentration)
    assert concentration_of_ideal_ph(ideal) == pytest.approx(concentration, rel=1e-9)
    assert abs(activity_ph(concentration).ph - ideal) < 0.3
