"""A quantity keeps unit, kind, uncertainty and censoring through typing, conversion, arithmetic and display."""

import copy
import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError, UnitError, UnknownNameError
from labdb.kinds import UNNAMED
from labdb.quantity import (
    Censoring,
    Quantity,
    ThresholdMeaning,
    UncertaintyOrigin,
    compare,
    convert_array,
    load_kinds,
    parse_quantity,
    quantity_kind,
    quantity_kinds,
    round_significant,
)
from labdb.units import registry, unit_text

STATED, NOT_STATED = UncertaintyOrigin.STATED, UncertaintyOrigin.COVERAGE_NOT_STATED

# --- what people type ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("600 °C", "temperature", 600.0, "degC"),
        ("873 K", "temperature", 873.0, "K"),
        ("0.5 Gy/s", "absorbed_dose_rate", 0.5, "Gy/s"),
        ("7 degC/min", "temperature_rate", 7.0, "degC/min"),
        ("1 h 30 min", "duration", 1.5, "h"),
        ("2 d 12 h", "elapsed_time", 2.5, "d"),
        ("1.0020 g", "mass", 1.002, "g"),
        ("1.2×10⁻³ mg", "mass", 1.2e-3, "mg"),
        ("1.5e-3mg", "mass", 1.5e-3, "mg"),
        ("−0.12 ug/L", "Pb", -0.12, "ug/L"),  # a net reading below zero is kept
        ("886962", "PL", 886962.0, "count"),
        ("6.8", "ph", 6.8, "1"),
        ("20 wt%", "w", 20.0, "%"),
        ("200 mg/g", "w", 200.0, "mg/g"),
        ("25 µg/(kg·week)", "lead_intake_per_body_mass", 25.0, "ug/kg/week"),
        ("5.870 Å", "lattice_parameter", 5.87, "angstrom"),
        ("21.36°", "two_theta", 21.36, "deg"),
        ("10 ppb", "lead_mass_concentration", 10.0, "ug/L"),
        ("5 ppm", "extract_lead_mass_concentration", 5.0, "mg/L"),
        ("5 ppm", "total_lead_mass_fraction", 5.0, "ug/g"),
    ],
)
def test_a_value_is_read_as_typed(text: str, kind: str, value: float, unit: str) -> None:
    found = parse_quantity(text, kind)
    assert (found.value, found.unit, found.u, found.censoring) == (value, unit, None, Censoring.NONE)


@pytest.mark.parametrize(
    ("text", "u", "origin", "n"),
    [
        ("(55 ± 5) %", 5.0, NOT_STATED, None),
        ("55 ± 5 %", 5.0, NOT_STATED, None),
        ("55 % ± 5 %", 5.0, NOT_STATED, None),
        ("55 +/- 5 %", 5.0, NOT_STATED, None),
        ("55 +- 5 %", 5.0, NOT_STATED, None),
        ("55 ± 5 % (n=3)", 5.0, NOT_STATED, 3),
        ("55 +/- 5 % (k=2)", 2.5, STATED, None),
        ("(55 ± 5) % (k = 2, n = 3)", 2.5, STATED, 3),
        ("55 % U=5 k=2", 2.5, STATED, None),
        ("55 U=5 k=2 %", 2.5, STATED, None),
        ("55 % U = 5 % k = 2", 2.5, STATED, None),
        ("55 % u=5", 5.0, STATED, None),
        ("55 % sd 5 n=3", 5 / math.sqrt(3), STATED, 3),
        ("55 % (sd=5, n=3)", 5 / math.sqrt(3), STATED, 3),
        ("55(5) %", 5.0, STATED, None),
        ("55.0(50) %", 5.0, STATED, None),
        ("55.0(5.0) %", 5.0, STATED, None),
        ("55 ± 0 %", 0.0, UncertaintyOrigin.EXACT, None),
        ("55 % (exact)", 0.0, UncertaintyOrigin.EXACT, None),
    ],
)
def test_an_uncertainty_is_read_and_its_coverage_kept(
    text: str, u: float, origin: UncertaintyOrigin, n: int | None
) -> None:
    found = parse_quantity(text, "PLQY")
    assert (found.value, found.unit, found.u_origin, found.n) == (55.0, "%", origin, n)
    assert found.u == pytest.approx(u, rel=1e-15)


def test_uncertainties_in_their_own_unit_are_converted() -> None:
    assert parse_quantity("600 °C ± 5 K", "temperature").u == 5.0
    assert parse_quantity("1.0000 g ± 0.1 mg", "mass").u == pytest.approx(1e-4, rel=1e-15)
    assert parse_quantity("10 mg ± 5 %", "mass").u == 0.5  # relative: a mass has no percent
    assert parse_quantity("55 ± 5 (k=2)", "relative_humidity", default_unit="%").u == 2.5


@pytest.mark.parametrize("text", ["< 10 ug/L", "<10 µg/L", "≤10 μg/L", "<= 10 ppb", "<0.01 mg/L"])
def test_a_threshold_is_a_bound_and_says_that_its_meaning_is_not_stated(text: str) -> None:
    found = parse_quantity(text, "Pb").canonical()
    assert (found.value, found.unit, found.censoring) == (10.0, "ug/L", Censoring.BELOW)
    assert found.threshold_meaning is ThresholdMeaning.NOT_STATED


def test_above_is_a_bound_too() -> None:
    found = parse_quantity(">42 d", "elapsed_time")
    assert (found.value, found.censoring, found.threshold_meaning) == (42.0, Censoring.ABOVE, None)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", "mass", "found nothing"),
        ("   ", "mass", "found nothing"),
        ("0,5 mg", "mass", r"write 0\.5"),
        ("1,000", "dilution", r"write 1\.000 or 1000"),
        ("1,000.5 mg", "mass", "comma"),
        ("1 000 mg", "mass", "cannot read"),
        ("nan mg", "mass", "not a finite number"),
        ("NaN", "dilution", "not a finite number"),
        ("-inf mg", "mass", "not a finite number"),
        ("∞ mg", "mass", "not a finite number"),
        ("1e999 mg", "mass", "too large"),
        ("5 mg ± 1e999 mg", "mass", "too large"),
        ("1" * 201 + " mg", "mass", "at most 200"),
        ("5-10 mg", "mass", "cannot read"),
        ("about 5 mg", "mass", "cannot read"),
        ("5 mg ± -1 mg", "mass", "cannot read"),
        ("1 min 30 h", "duration", "cannot read"),
        ("n.d.", "Pb", "found no threshold"),
        ("< LOD", "Pb", "found no threshold"),
        ("55 % U=5", "PLQY", "coverage factor"),
        ("55 % U=5 k=0", "PLQY", "coverage factor"),
        ("55 % sd 5", "PLQY", "n >= 2"),
        ("55 % sd 5 n=1", "PLQY", "n >= 2"),
        ("55 % k=2", "PLQY", "without an uncertainty"),
        ("55(5) % u=5", "PLQY", "more than one uncertainty"),
        ("55 % k=2 k=3 u=4", "PLQY", "twice"),
        ("55 % n=2.5", "PLQY", "whole number"),
        ("55", "PLQY", r"did you mean 55 %\?"),
        ("-300 °C", "temperature", "least possible temperature"),
        ("9**9**9**9 mg", "mass", "cannot read"),
        ("٥ mg", "mass", "cannot read"),
        ("5 mg\x00", "mass", r"5 mg\\x00"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_advice(text: str, kind: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_quantity(text, kind)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("600", "temperature", 'found no unit.*write "600 degC"'),
        ("55", "relative_humidity", "found no unit"),
        ("5", None, "found no unit"),
        ("<10 ppd", "Pb", 'no unit "ppd"; did you mean ppb'),
        ("10 ppb", None, "in water or in a solid.*ppb = ug/L for dilute water, ng/g for solids"),
        ("10 ppb", "particle_loading", "in water or in a solid"),
        ("600 C", "temperature", "write degC"),
        ("5 Sv", "absorbed_dose", "does not fit absorbed dose.*radiation weighting"),
        ("5 Gy", "equivalent_dose", "does not fit equivalent dose"),
        ("5 rad", "tube_voltage", "does not fit tube voltage"),
        ("10 %", "released_lead_mass_fraction", "expected ug/g"),
        ("10 ug/g", "spike_recovery", "expected %"),
        ("10 uL/L", "total_lead_mass_fraction", "expected ug/g"),
        ("0.5 turn", "PLQY", "does not fit"),
        ("10 ug/L", "released_lead_mass_fraction", "needs the particle loading"),
        ("0.9 U=5 % k=2", "PLQY", "behind the uncertainty only"),
        ("5 mg ± 1 s", "mass", "does not fit mass"),
        ("1.0 Kg", "mass", "did you mean kg"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused_and_the_way_is_named(text: str, kind: str | None, words: str) -> None:
    with pytest.raises(UnitError, match=words):
        parse_quantity(text, kind)


def test_a_default_unit_is_for_bare_numbers_only() -> None:
    assert parse_quantity("<10", "Pb", default_unit="ug/L").unit == "ug/L"
    assert parse_quantity("<0.01 mg/L", "Pb", default_unit="ug/L").unit == "mg/L"


def test_rad_is_a_dose_under_a_dose_and_an_angle_under_an_angle() -> None:
    assert parse_quantity("30000 rad", "absorbed_dose").to("Gy").value == 300.0  # SCIENCE.md, section 7: 300 Gy
    assert parse_quantity("50 rad/s", "absorbed_dose_rate").canonical().value == 0.5
    assert parse_quantity("1 rad", "diffraction_angle").canonical().value == pytest.approx(180 / math.pi, rel=1e-14)


def test_a_reading_beyond_its_bounds_is_kept_when_its_uncertainty_reaches_back() -> None:
    assert parse_quantity("102(3) %", "PLQY").value == 102.0  # 102 - 1.645 x 3 = 97 %
    with pytest.raises(InputError, match="largest possible"):
        parse_quantity("110(3) %", "PLQY")
    with pytest.raises(InputError, match="state its uncertainty"):
        parse_quantity("102 %", "PLQY")


# --- the record ---------------------------------------------------------------------------------------------------


def test_missing_is_not_zero() -> None:
    assert Quantity(5.0, "mg", "mass").u is None
    assert Quantity(5.0, "mg", "mass", u=0).u_origin is UncertaintyOrigin.EXACT


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": math.nan},
        {"value": math.inf},
        {"value": "5"},
        {"value": True},
        {"u": -1.0},
        {"u": math.nan},
        {"n": 0},
        {"n": 2.5},
        {"threshold_meaning": "below_LC"},
        {"unit": "mL"},
        {"kind": "no such kind"},
    ],
)
def test_a_wrong_record_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Quantity(**{"value": 5.0, "unit": "mg", "kind": "mass", **wrong})  # type: ignore[arg-type]


def test_as_json_is_whole_and_of_plain_types() -> None:
    bound = Quantity(20.0, "ug/g", "released_lead_mass_fraction", u=0.05, censoring=Censoring.BELOW)
    assert json.loads(json.dumps(bound.as_json())) == {
        "value": 20.0,
        "unit": "ug/g",
        "kind": "released_lead_mass_fraction",
        "u": 0.05,
        "u_origin": "stated",
        "censoring": "below",
        "threshold_meaning": "not_stated",
        "n": None,
    }


def test_pickling_keeps_the_record_and_copying_keeps_the_object() -> None:
    whole = Quantity(5.0, "mg", "mass", u=0.1, n=3)
    assert pickle.loads(pickle.dumps(whole)) == whole  # noqa: S301 - our own bytes
    assert copy.deepcopy(whole) is whole
    assert hash(whole) == hash(Quantity(5.0, "mg", "mass", u=0.1, n=3))


# --- kinds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", quantity_kinds().values(), ids=lambda kind: kind.name)
def test_every_kind_has_a_unit_pint_knows_written_our_way(kind) -> None:  # noqa: ANN001
    assert unit_text(kind.unit) == kind.unit
    registry().Unit({"%": "percent", "1": ""}.get(kind.unit, kind.unit))
    for spelling, _ in kind.spellings:
        assert kind.read_unit(kind.unit.replace("Gy", spelling) if "Gy" in kind.unit else spelling)
    assert kind.read_unit(kind.unit) == kind.unit
    assert kind.ucum
    assert kind.lower is None or kind.upper is None or kind.lower < kind.upper


def test_kinds_are_found_by_alias_and_by_words() -> None:
    assert quantity_kind("Pb") is quantity_kind("lead mass concentration")
    assert quantity_kind("PLQY").name == "photoluminescence_quantum_yield"
    with pytest.raises(UnknownNameError, match="did you mean lead_mass_concentration"):
        quantity_kind("lead_mas_concentration")


OWN_KIND = """
[kind.zeta_potential_of_this_test]
label = "zeta potential"
symbol = "ζ"
unit = "mV"
aliases = ["zeta_of_this_test"]
"""


def test_a_lab_adds_its_own_kind_by_a_file(tmp_path: Path) -> None:
    own = tmp_path / "kinds.toml"
    own.write_text(OWN_KIND, encoding="utf-8")
    assert [kind.name for kind in load_kinds(own)] == ["zeta_potential_of_this_test"]
    assert [kind.name for kind in load_kinds(own)] == ["zeta_potential_of_this_test"]  # again: harmless
    assert parse_quantity("-0.032 V", "zeta_of_this_test").canonical().value == -32.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[kind.bad_a]\nlabel='a'\nsymbol='a'\nunit='mg'\ncolour='red'\n", "colour"),
        ("[kind.bad_b]\nlabel='b'\nsymbol='b'\n", "unit is missing"),
        ("[kind.bad_c]\nlabel='c'\nsymbol='c'\nunit='furlongz'\n", "furlongz"),
        ("[kind.bad_d]\nlabel='d'\nsymbol='d'\nunit='mg'\nlower='0'\n", "wrong type"),
        ("[kind.mass]\nlabel='other'\nsymbol='m'\nunit='kg'\n", "defined already"),
        ("[kind.bad_e]\nlabel='e'\nsymbol='e'\nunit='mg'\naliases=['Pb']\n", "belongs to"),
        ("[kind.BadName]\nlabel='f'\nsymbol='f'\nunit='mg'\n", "lower case"),
        ("[kind.bad_g]\nlabel='g'\nsymbol='g'\nunit='mg'\nspellings={gr='furlongz'}\n", "furlongz"),
        ("[[bridge]]\nbetween=['mass','nothing']\nmethod='m'\nneeds='n'\n", "nothing"),
        ("[[bridge]]\nbetween=['mass']\nmethod='m'\nneeds='n'\n", "between"),
        ("[limits]\n", "limits"),
        ("not toml", "cannot read"),
    ],
)
def test_a_wrong_kind_file_is_refused_whole_and_named(tmp_path: Path, text: str, words: str) -> None:
    own = tmp_path / "kinds.toml"
    own.write_text("[kind.good_before_bad]\nlabel='ok'\nsymbol='o'\nunit='mg'\n" + text, encoding="utf-8")
    if text == "not toml":
        own.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        load_kinds(own)
    assert str(own) in str(caught.value)
    assert "good_before_bad" not in quantity_kinds()


# --- units, kinds, order ------------------------------------------------------------------------------------------


def test_temperatures_move_their_zero_and_their_uncertainty_does_not() -> None:
    oven = Quantity(600.0, "degC", "temperature", u=5.0)
    assert (oven.to("K").value, oven.to("K").u) == (873.15, 5.0)
    assert oven.to("degF").value == pytest.approx(1112.0, rel=1e-15)
    assert oven.to("degF").u == pytest.approx(9.0, rel=1e-15)


def test_a_quotient_gets_its_kind_by_name_and_a_named_kind_is_not_renamed() -> None:
    lead, loading = Quantity(10.0, "ug/L", "Pb", u=1.0), Quantity(0.5, "mg/mL", "particle_loading", u=0.0)
    released = (lead / loading).as_kind("released_lead_mass_fraction")
    assert (released.value, released.unit, released.u) == (20.0, "ug/g", 2.0)  # SCIENCE.md, R01
    assert (lead / loading).kind == UNNAMED
    with pytest.raises(UnitError, match="needs the particle loading"):
        lead.as_kind("released_lead_mass_fraction")
    with pytest.raises(UnitError, match="expected mass"):
        (lead / loading).as_kind("mass")


def test_only_one_kind_is_compared_or_added() -> None:
    dose, equivalent = Quantity(1.0, "Gy", "absorbed_dose"), Quantity(1.0, "Sv", "equivalent_dose")
    for wrong in (lambda: dose < equivalent, lambda: dose + equivalent, lambda: compare(dose, "<=", equivalent)):
        with pytest.raises(UnitError, match="two kinds"):
            wrong()
    with pytest.raises(UnitError, match="no method of labdb"):
        dose - Quantity(1.0, "mg", "mass")


def test_order_is_of_size_and_equality_of_the_record() -> None:
    assert Quantity(1.0, "g", "mass") > Quantity(999.0, "mg", "mass")
    assert Quantity(1.0, "g", "mass") <= Quantity(1000.0, "mg", "mass")
    assert Quantity(1.0, "g", "mass") != Quantity(1000.0, "mg", "mass")
    assert compare(Quantity(1.0, "g", "mass"), "==", Quantity(1000.0, "mg", "mass"))


def test_a_bound_has_no_place_in_an_order() -> None:
    bound = parse_quantity("< 10 ug/L", "Pb")
    with pytest.raises(InputError, match="found a bound"):
        compare(bound, "<", Quantity(5.0, "ug/L", "Pb"))


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(InputError, match="operator"):
        compare(Quantity(1.0, "g", "mass"), "=", Quantity(1.0, "g", "mass"))


def test_a_comparison_forgives_the_rounding_of_floats() -> None:
    # 42 of 147 exact cases miss in raw floats (DESIGN.md, section 5); here every reading that is exactly the limit.
    for loading in (0.1, 0.3, 0.5, 0.7, 2.0):
        for limit in (5.0, 10.0, 0.2, 1.7):
            reading = Quantity(limit * loading, "ug/L", "Pb", u=0.0) / Quantity(loading, "mg/mL", "loading", u=0.0)
            released = reading.as_kind("released_lead_mass_fraction")
            target = Quantity(limit / 1000, "mg/g", "released_lead_mass_fraction", u=0.0)
            assert compare(released, "<=", target)
            assert compare(released, ">=", target)
            assert not compare(released, "<", target)


def test_rounding_keeps_twelve_digits_and_no_minus_zero() -> None:
    assert round_significant(1.23456789012345) == 1.23456789012
    assert math.copysign(1, round_significant(-0.0)) == 1.0


def test_arrays_are_converted_at_once_and_kinds_hold_there_too() -> None:
    assert convert_array(np.array([1, 2]), "g", "mg", "mass").tolist() == [1000.0, 2000.0]
    assert convert_array([[0.0]], "degC", "K", "temperature").tolist() == [[273.15]]
    with pytest.raises(UnitError):
        convert_array([1.0], "Sv", "Gy", "absorbed_dose")


# --- arithmetic ---------------------------------------------------------------------------------------------------


def test_what_is_identical_cancels() -> None:
    x = Quantity(10.0, "mg", "mass", u=1.0)
    assert (x - x).u == 0.0
    assert (x / x).u == 0.0
    assert (x - x.to("g")).u == pytest.approx(0.0, abs=1e-15)  # through a conversion; rounding of 0.001 x 1000
    assert ((x + x) / 2.0 - x).u == pytest.approx(0.0, abs=1e-15)
    assert (x - x).u_origin is UncertaintyOrigin.COMPUTED


def test_what_is_independent_adds_in_squares() -> None:
    first, second = Quantity(3.0, "mg", "mass", u=0.3), Quantity(4.0, "mg", "mass", u=0.4)
    assert (first + second).u == pytest.approx(0.5, rel=1e-12)  # JCGM 100:2008, 5.1.2: sqrt(0.09 + 0.16)
    assert (first * second).u == pytest.approx(12.0 * math.sqrt(0.02), rel=1e-12)  # 10 % and 10 %


def test_a_common_zero_reading_correlates_two_retentions() -> None:
    start = Quantity(1000.0, "count", "PL", u=10.0)
    first, second = Quantity(900.0, "count", "PL", u=0.0) / start, Quantity(800.0, "count", "PL", u=0.0) / start
    assert (first - second).u == pytest.approx(0.1 * 0.01, rel=1e-12)  # d(0.1)/0.1 = du/u, not sqrt(0.9^2 + 0.8^2) %


def test_missing_stays_missing_and_exact_stays_exact() -> None:
    known, unknown = Quantity(3.0, "mg", "mass", u=0.3), Quantity(4.0, "mg", "mass")
    exact = Quantity(2.0, "mg", "mass", u=0.0)
    assert (known + unknown).u is None
    assert (known * unknown).u is None
    assert (exact + exact).u_origin is UncertaintyOrigin.EXACT
    assert (exact + known).u == pytest.approx(0.3, rel=1e-12)


def test_a_plain_number_scales_and_keeps_the_record() -> None:
    doubled = 2 * Quantity(3.0, "mg", "mass", u=0.3, u_origin=NOT_STATED, n=4)
    assert doubled == Quantity(6.0, "mg", "mass", u=0.6, u_origin=NOT_STATED, n=4)
    assert (np.float64(2.0) * Quantity(3.0, "mg", "mass")).value == 6.0
    assert sum([Quantity(1.0, "mg", "mass"), Quantity(2.0, "mg", "mass")]).value == 3.0  # type: ignore[union-attr]
    loss = (1 - Quantity(0.98, "1", "PL_retention", u=0.01)).as_kind("loss")
    assert (loss.value, loss.u) == (pytest.approx(0.02), pytest.approx(0.01))
    assert (1.0 / Quantity(4.0, "s", "duration", u=0.4)).unit == "1/s"


def test_a_bound_is_scaled_by_positive_numbers_only() -> None:
    bound = Quantity(10.0, "ug/L", "Pb", censoring=Censoring.BELOW, threshold_meaning=ThresholdMeaning.BELOW_LC)
    doubled = bound * 2
    assert (doubled.value, doubled.censoring, doubled.threshold_meaning) == (20.0, "below", "below_LC")
    loading = Quantity(0.5, "mg/mL", "loading", u=0.0)
    for wrong in (
        lambda: bound * -1,
        lambda: bound * 0,
        lambda: -bound,
        lambda: bound + bound,
        lambda: bound / loading,
    ):
        with pytest.raises(InputError, match="bound"):
            wrong()


def test_temperatures_differ_but_do_not_add_or_multiply() -> None:
    hot, cold = Quantity(600.0, "degC", "temperature", u=5.0), Quantity(300.0, "K", "temperature", u=0.0)
    step = hot - cold
    assert (step.value, step.unit, step.kind) == (pytest.approx(573.15), "K", "temperature_difference")
    assert (cold + step).to("degC").value == pytest.approx(600.0)
    assert (hot - hot).u == 0.0
    for wrong in (lambda: hot + cold, lambda: hot * 2, lambda: hot / cold, lambda: hot + 1.0, lambda: -hot):
        with pytest.raises(InputError):
            wrong()


def test_dividing_by_zero_says_so() -> None:
    for zero in (0, Quantity(0.0, "mg", "mass", u=0.1)):
        with pytest.raises(InputError, match="divide"):
            Quantity(1.0, "mg", "mass", u=0.1) / zero


def test_a_number_without_unit_is_not_added_to_a_mass() -> None:
    with pytest.raises(UnitError, match="without unit"):
        Quantity(1.0, "mg", "mass") + 1.0


def test_a_long_chain_of_scalings_still_knows_its_origin() -> None:
    start = chain = Quantity(1.0, "mg", "mass", u=0.1)
    for _ in range(3000):
        chain = (chain * 2.0) / 2.0
    assert (chain - start).u == pytest.approx(0.0, abs=1e-15)


# --- showing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "short", "long"),
    [
        (Quantity(5.0812, "ug/g", "released_lead_mass_fraction", u=0.508), "5.08(51) ug/g", "(5.08 ± 0.51) ug/g"),
        (Quantity(0.5, "mg/mL", "loading", u=0.0011), "0.5000(11) mg/mL", "(0.5000 ± 0.0011) mg/mL"),
        (Quantity(25, "mg", "mass", u=0.05), "25.00(5) mg", "(25.00 ± 0.05) mg"),
        (Quantity(0.9921, "1", "PL_retention", u=0.0141), "0.992(14)", "0.992 ± 0.014"),
        (Quantity(300, "Gy", "dose", u=15.2), "300(15) Gy", "(300 ± 15) Gy"),
        (Quantity(5004, "count", "PL", u=123), "5000(120) count", "(5000 ± 120) count"),
        (Quantity(1.5e-9, "mg", "mass", u=2e-10), "1.5(2)e-9 mg", "(1.5 ± 0.2)e-9 mg"),
        (Quantity(2.0e9, "count", "PL", u=1e7), "2.00(1)e9 count", "(2.00 ± 0.01)e9 count"),
        (Quantity(0.0, "ug/L", "Pb", u=0.28), "0.00(28) ug/L", "(0.00 ± 0.28) ug/L"),
        (Quantity(-0.0004, "ug/L", "Pb", u=0.28), "0.00(28) ug/L", "(0.00 ± 0.28) ug/L"),
        (Quantity(9.999, "mg", "mass", u=0.0999), "10.00(10) mg", "(10.00 ± 0.10) mg"),
        (Quantity(1 / 3, "mg", "mass"), "0.333333 mg", "0.333333 mg"),
        (Quantity(2, "mg/mL", "loading", u=0), "2 mg/mL (exact)", "2 mg/mL (exact)"),
        (Quantity(10.0, "ug/L", "Pb", censoring=Censoring.BELOW), "< 10 ug/L", "< 10 ug/L"),
        (
            Quantity(20.0, "ug/g", "released_lead_mass_fraction", u=0.044, censoring=Censoring.BELOW),
            "< 20.0 ug/g",
            "< 20.0 ug/g",
        ),
        (Quantity(42.0, "d", "elapsed_time", censoring=Censoring.ABOVE), "> 42 d", "> 42 d"),
    ],
)
def test_as_many_digits_are_shown_as_the_uncertainty_allows(quantity: Quantity, short: str, long: str) -> None:
    assert str(quantity) == short
    assert format(quantity, "pm") == long


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(InputError, match="style"):
        format(Quantity(1.0, "mg", "mass"), ".3f")


# --- properties ---------------------------------------------------------------------------------------------------

VALUES = st.floats(min_value=1e-9, max_value=1e9).flatmap(lambda x: st.sampled_from([x, -x]))
RELATIVE = st.floats(min_value=1e-5, max_value=10.0)
# kinds that bound nothing, so that any number may be typed
FREE = st.sampled_from(
    [("Pb", "ug/L"), ("Pb", "mg/L"), ("temperature_rate", "degC/min"), ("enhancement", "1"), ("spike_recovery", "%")]
)


@given(VALUES, RELATIVE, FREE, st.sampled_from(["", "pm"]))
def test_what_is_shown_reads_back(value: float, relative: float, free: tuple[str, str], style: str) -> None:
    u = abs(value) * relative
    shown = format(Quantity(value, free[1], free[0], u=u), style)
    again = parse_quantity(shown, free[0])
    # u is shown to two digits at most: half a unit of the second is 5 % of 1.0; the value to the same place
    assert again.u == pytest.approx(u, rel=0.051)
    assert abs(again.value - value) <= 0.051 * u
    assert again.unit == free[1]
    assert parse_quantity(format(again, style), free[0]) == again  # shown once more, nothing more is lost


@given(VALUES, FREE)
def test_what_is_shown_without_uncertainty_reads_back_to_six_digits(value: float, free: tuple[str, str]) -> None:
    again = parse_quantity(str(Quantity(value, free[1], free[0])), free[0])
    assert again.value == pytest.approx(value, rel=5.1e-6)
    assert again.u is None


@given(VALUES, RELATIVE, st.sampled_from(["mg/L", "ng/mL", "ug/m**3", "ppb", "ug/dL"]))
def test_a_unit_changes_neither_order_nor_relative_uncertainty(value: float, relative: float, unit: str) -> None:
    here = Quantity(value, "ug/L", "Pb", u=abs(value) * relative)
    there = here.to(unit)
    assert there.u == pytest.approx(abs(there.value) * relative, rel=1e-12)
    assert compare(here, "==", there)
    assert compare(there, "==", here)
    assert (there - here).u == pytest.approx(0.0, abs=1e-12 * abs(there.value) * (1 + relative))


@given(VALUES, RELATIVE, st.floats(min_value=1e-3, max_value=1e3))
def test_scaling_scales_value_and_uncertainty(value: float, relative: float, factor: float) -> None:
    u = abs(value) * relative
    scaled = Quantity(value, "mg", "mass", u=u) * factor
    assert (scaled.value, scaled.u) == (pytest.approx(value * factor), pytest.approx(u * factor))


@given(st.text(max_size=220), st.sampled_from([None, "mass", "Pb", "PLQY", "temperature", "dose"]))
def test_no_text_does_worse_than_an_input_error(text: str, kind: str | None) -> None:
    try:
        found = parse_quantity(text, kind)
    except InputError:
        return
    assert math.isfinite(found.value)


PIECES = st.sampled_from(
    [
        "5",
        "0.5",
        "(",
        ")",
        "±",
        "+/-",
        "k=",
        "U=",
        "sd ",
        "n=3",
        "%",
        "mg",
        "/",
        "L",
        "<",
        " ",
        "e5",
        "**",
        "µ",
        ".",
        "°C",
        "1",
    ]
)


@given(st.lists(PIECES, max_size=12), st.sampled_from([None, "mass", "PLQY"]))
def test_no_mixture_of_our_own_signs_does_worse_either(pieces: list[str], kind: str | None) -> None:
    try:
        found = parse_quantity("".join(pieces), kind)
    except InputError:
        return
    assert math.isfinite(found.value)
