"""What to weigh for a label, and what the weighings can give."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.synthesis.stoichiometry import Weighing, recipe, weighing_balance


@pytest.mark.parametrize("key", ["Br", "mix", "I"])
def test_the_recipe_weighs_what_the_reference_recipe_weighs(shared_data: Path, key: str) -> None:
    vectors = json.loads((shared_data / "paper" / "vectors.json").read_text())["precursors_w0.2_per_1g_SiO2"]
    case = vectors[key]
    plan = recipe(case["formula"], vectors["inputs"]["w"], vectors["inputs"]["SiO2_mg"])
    tolerance = vectors["tolerance_relative"]
    assert plan.perovskite_amount_mmol == pytest.approx(case["n_mmol"], rel=tolerance)
    expected = {name.removesuffix("_mg"): mass for name, mass in case.items() if name.endswith("_mg")}
    assert {one.formula for one in plan.precursors} == set(expected)
    for one in plan.precursors:
        assert one.mass_mg == pytest.approx(expected[one.formula], rel=tolerance)
    # 1000 mg silica at w = 0.2 carry 250 mg perovskite, and the pure precursors weigh exactly that
    assert plan.perovskite_mass_mg == pytest.approx(250, rel=1e-12)
    assert sum(one.mass_mg for one in plan.precursors) == pytest.approx(250, rel=1e-12)


def test_an_impure_precursor_is_weighed_in_excess() -> None:
    pure = recipe("CsPbBr3", 0.2, 1000.0).precursors[1]
    impure = recipe("CsPbBr3", 0.2, 1000.0, {"PbBr2": 0.99}).precursors[1]
    assert impure.mass_mg == pytest.approx(pure.mass_mg / 0.99, rel=1e-12)
    assert impure.amount_mmol == pure.amount_mmol


def test_a_halide_too_scarce_for_all_caesium_is_used_up_and_the_next_one_follows() -> None:
    assert [one.formula for one in recipe("CsPbBr0.5I2.5", 0.2, 1000.0).precursors] == ["CsBr", "CsI", "PbI2"]


def test_the_weighings_of_the_first_batch_give_what_the_yardstick_says() -> None:
    # FIRST_HOUR: Cs:Pb 1.002, limiting PbBr2, w at most 0.1995, lead 89.3 mg, label agrees; recomputed by hand:
    # 91.9/212.80945 = 0.431842 mmol, 158.1/367.008 = 0.430781 mmol
    weighed = [Weighing("CsBr", 91.9), Weighing("PbBr2", 158.1), Weighing("K2CO3", 100.3)]
    balance = weighing_balance(weighed, 1002.0, "CsPbBr3")
    assert balance.cs_to_lead == pytest.approx(0.431842 / 0.430781, rel=3e-6)
    assert f"{balance.cs_to_lead:.3f}" == "1.002"
    assert balance.limiting == "PbBr2"
    assert f"{balance.w_max:.4f}" == "0.1995"
    assert balance.w_max_with_salt == balance.w_max  # carbonate brings no halide
    assert f"{balance.lead_mass_mg:.1f}" == "89.3"
    assert balance.label_agrees
    assert balance.sentence == "Label agrees with weighings."
    assert balance.u_lead_mass_mg is None  # a missing u is not zero


def test_potassium_iodide_can_turn_the_mixed_batch_into_an_iodide_rich_one() -> None:
    # SCIENCE section 8: 100 mg KI turn the Br1.5I1.5 recipe into Br0.99I2.01. By hand: 0.576641 mmol Br and I each,
    # 0.602400 mmol I (100 / 166.00277) from KI: 3 * 0.576641 / 1.755682 = 0.98533
    planned = recipe("CsPbBr1.5I1.5", 0.2, 1000.0).precursors
    weighed = [Weighing(one.formula, one.mass_mg) for one in planned] + [Weighing("KI", 100.0)]
    balance = weighing_balance(weighed, 1000.0, "CsPbBr1.5I1.5")
    assert balance.composition_with_salt == "CsPbBr0.99I2.01"
    assert balance.salt_halides_mmol == {"I": pytest.approx(0.602400, rel=2e-6)}
    assert balance.composition == "CsPbBr1.5I1.5"
    assert balance.label_agrees
    assert not balance.label_agrees_with_salt
    assert "CsPbBr0.99I2.01" in balance.sentence
    assert balance.w_max_with_salt > balance.w_max  # iodine is heavier than the bromine it replaces


def test_the_weighings_of_the_mixed_example_batch_agree_only_without_the_iodide_of_the_salt() -> None:
    # batch B-2202 as weighed (batch_inputs.csv): its 81.7 mg CsBr give 3 * 0.57628 / 1.75568 = 0.9847 by hand
    weighed = [Weighing("CsBr", 81.7), Weighing("PbBr2", 35.3), Weighing("PbI2", 133.0), Weighing("KI", 100.0)]
    balance = weighing_balance(weighed, 999.8, "CsPbBr1.5I1.5")
    assert balance.composition_with_salt == "CsPbBr0.98I2.02"
    assert (balance.label_agrees, balance.label_agrees_with_salt) == (True, False)


def test_every_batch_of_the_example_set_agrees_with_its_label(shared_data: Path) -> None:
    labels = {"B-2201": "CsPbBr3", "B-2202": "CsPbBr1.5I1.5", "B-2203": "CsPbI3"}
    formulas = {"C-CSBR": "CsBr", "C-PBBR2": "PbBr2", "C-PBI2": "PbI2", "C-CSI": "CsI", "C-KI": "KI"}
    rows = list(csv.DictReader((shared_data / "paper" / "batch_inputs.csv").read_text(encoding="utf-8").splitlines()))
    for batch, label in labels.items():
        mine = [row for row in rows if row["batch_id"] == batch]
        template = next(float(row["weighed_amount"]) for row in mine if row["chemical_id"] == "C-MSN")
        weighed = [
            Weighing(formulas[row["chemical_id"]], float(row["weighed_amount"]), u_mass_mg=float(row["u_amount"]))
            for row in mine
            if row["chemical_id"] in formulas
        ]
        balance = weighing_balance(weighed, template, label)
        assert balance.label_agrees, batch
        # the recipe was for w = 0.2; weighings differ from it by at most 0.2 mg in 80 to 160 mg
        assert balance.w_max == pytest.approx(0.2, abs=0.0005)


def test_a_wrong_caesium_to_lead_ratio_is_said_with_both_numbers() -> None:
    balance = weighing_balance([Weighing("CsBr", 120.0), Weighing("PbBr2", 158.1)], 1000.0, "CsPbBr3")
    assert not balance.label_agrees
    assert "Cs:Pb 1, the weighings give 1.309" in balance.sentence


def test_a_wrong_halide_is_said_with_the_composition_the_weighings_give() -> None:
    balance = weighing_balance([Weighing("CsBr", 91.76), Weighing("PbI2", 198.8)], 1000.0, "CsPbBr3")
    assert not balance.label_agrees
    assert "CsPbBrI2" in balance.sentence


def test_caesium_limits_when_it_is_short_and_every_lead_source_is_named_when_lead_is() -> None:
    short = weighing_balance([Weighing("CsBr", 80.0), Weighing("PbBr2", 158.2)], 1000.0, "CsPbBr3")
    assert short.limiting == "CsBr"
    mixed = [Weighing("CsBr", 90.0), Weighing("PbBr2", 35.3), Weighing("PbI2", 133.0)]
    assert weighing_balance(mixed, 1000.0, "CsPbBr1.5I1.5").limiting == "PbBr2 + PbI2"


def test_without_halide_precursors_the_halide_of_the_salt_is_what_limits() -> None:
    weighed = [Weighing("Cs2CO3", 70.0), Weighing("PbBr2", 158.2), Weighing("KBr", 100.0)]
    balance = weighing_balance(weighed, 1000.0, "CsPbBr3")
    assert balance.limiting == "halide"
    assert balance.w_max_with_salt > balance.w_max


def test_uncertainties_of_weighings_carry_to_lead_and_ratio() -> None:
    weighed = [Weighing("CsBr", 100.0, u_mass_mg=0.1), Weighing("PbBr2", 200.0, u_mass_mg=0.4)]
    balance = weighing_balance(weighed, 1000.0, "CsPbBr3", tolerance=1.0)
    assert balance.u_lead_mass_mg == pytest.approx(0.002 * balance.lead_mass_mg, rel=1e-12)
    # relative: 0.1/100 and 0.4/200 in quadrature
    assert balance.u_cs_to_lead == pytest.approx((0.001**2 + 0.002**2) ** 0.5 * balance.cs_to_lead, rel=1e-12)


@given(bromine=st.floats(0.0, 3.0), w=st.floats(0.01, 0.6), template=st.floats(10.0, 1e5))
def test_weighing_a_recipe_gives_the_recipe_back(bromine: float, w: float, template: float) -> None:
    bromine = round(bromine, 2)
    parts = [f"Br{bromine:g}" if bromine else "", f"I{3 - bromine:.2f}" if bromine < 3 else ""]
    plan = recipe("CsPb" + "".join(parts), w, template, {})
    weighed = [Weighing(one.formula, one.mass_mg) for one in plan.precursors]
    balance = weighing_balance(weighed, template, plan.composition)
    assert balance.w_max == pytest.approx(w, rel=1e-9)
    assert balance.lead_mass_mg == pytest.approx(plan.lead_mass_mg, rel=1e-9)
    assert balance.label_agrees


@pytest.mark.parametrize(
    ("composition", "w", "template", "message"),
    [
        ("CsPbBr3", 1.0, 1000.0, "between 0 and 1"),
        ("CsPbBr3", 0.0, 1000.0, "between 0 and 1"),
        ("CsPbBr3", float("nan"), 1000.0, "between 0 and 1"),
        ("CsPbBr3", 0.2, -1.0, "positive mass"),
        ("CsPbBr3", 0.2, float("inf"), "positive mass"),
        ("CsPbBr2", 0.2, 1000.0, "not neutral"),
        ("CsSnBr3", 0.2, 1000.0, "Sn in it"),
        ("PbBr2", 0.2, 1000.0, "no Cs"),
        ("rice", 0.2, 1000.0, "not a chemical formula"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(composition: str, w: float, template: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        recipe(composition, w, template)


def test_purities_outside_zero_to_one_and_of_unused_precursors_are_refused() -> None:
    with pytest.raises(InputError, match=r"99 % is 0\.99"):
        recipe("CsPbBr3", 0.2, 1000.0, {"PbBr2": 99.0})
    with pytest.raises(InputError, match="purity given for PbI2"):
        recipe("CsPbBr3", 0.2, 1000.0, {"PbI2": 0.99})


def test_weighings_without_lead_or_halide_are_refused() -> None:
    with pytest.raises(InputError, match="0 mmol Pb"):
        weighing_balance([Weighing("CsBr", 90.0)], 1000.0, "CsPbBr3")
    with pytest.raises(InputError, match="no halide"):
        weighing_balance([Weighing("Cs2CO3", 70.0), Weighing("PbO", 90.0)], 1000.0, "CsPbBr3")
