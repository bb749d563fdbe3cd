"""Formulas with fractional subscripts, molar masses, mass fractions, charge balance."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.synthesis.composition import (
    atomic_weight,
    charge_balance,
    mass_fraction,
    molar_mass,
    parse_formula,
    write_formula,
)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("CsPbBr3", 0.357353852), ("CsPbCl3", 0.464100055), ("CsPbBr1.5I1.5", 0.318613), ("CsPbI3", 0.287451)],
)
def test_the_lead_mass_fraction_is_the_reference_value(formula: str, expected: float) -> None:
    # PB-CsPbBr3, PB-CsPbCl3 of reference/vectors.json, rtol 1e-6; the other two are given to six digits.
    assert mass_fraction(formula, "Pb") == pytest.approx(expected, rel=2e-6)


def test_atomic_weights_are_those_the_reference_numbers_were_computed_with(shared_data: Path) -> None:
    inputs = json.loads((shared_data / "paper" / "vectors.json").read_text())["precursors_w0.2_per_1g_SiO2"]["inputs"]
    for element, expected in inputs["atomic_weights"].items():
        assert atomic_weight(element) == expected


def test_molar_masses_are_those_of_the_example_set() -> None:
    # paper/vectors.json, printed to nine digits
    assert molar_mass("CsPbBr3") == pytest.approx(579.817452, rel=2e-9)
    assert molar_mass("CsPbBr1.5I1.5") == pytest.approx(650.318157, rel=2e-9)
    assert molar_mass("CsPbI3") == pytest.approx(720.818862, rel=2e-9)


def test_fractional_subscripts_are_not_rounded() -> None:
    assert parse_formula("CsPbBr0.99I2.01") == {"Cs": 1, "Pb": 1, "Br": 0.99, "I": 2.01}


def test_brackets_and_hydrates_are_counted() -> None:
    assert parse_formula("Pb(NO3)2") == {"Pb": 1, "N": 2, "O": 6}
    assert parse_formula("CaCl2·2H2O") == parse_formula("CaCl2+2H2O") == {"Ca": 1, "Cl": 2, "H": 4, "O": 2}


@pytest.mark.parametrize(
    "nonsense",
    [
        "", " ", "Xx", "cspbbr3", "CSPBBR3", "CsPbBr3 rice", "rice", "CsPbBr1,5", "CsPbBr1..5", "CsPbBr3.", "CsPbBr-1",
        "Cs0PbBr3", "Cs(PbBr3", "5g NaCl", "2CsPbBr3", "D2O", "n", "Pb{2+}", "CsPbBr3@4.8", "()", "C" * 5000, "3",
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(nonsense: str) -> None:
    with pytest.raises(InputError, match=r"not a chemical formula|leave it out") as caught:
        parse_formula(nonsense)
    assert len(str(caught.value)) < 200


def test_an_unknown_element_is_refused() -> None:
    with pytest.raises(InputError, match="no element 'Qq'"):
        mass_fraction("CsPbBr3", "Qq")


def test_an_element_that_is_absent_has_the_fraction_zero() -> None:
    assert mass_fraction("CsPbBr3", "I") == 0


def test_the_label_is_neutral_and_a_wrong_one_says_how_much_is_missing() -> None:
    assert charge_balance("CsPbBr1.5I1.5").neutral
    assert charge_balance("Cs4PbBr6").neutral
    short = charge_balance("CsPbBr2")
    assert not short.neutral
    assert short.net_charge == 1
    assert "1 halides missing" in short.sentence
    assert "0.5 halides too many" in charge_balance("CsPbBr3.5").sentence


def test_charges_of_other_elements_are_not_guessed() -> None:
    with pytest.raises(InputError, match="no charge known for Sn"):
        charge_balance("CsSnBr3")


@given(st.floats(0.05, 2.95))
def test_mass_fractions_sum_to_one_and_a_written_formula_reads_back(bromine: float) -> None:
    formula = write_formula({"Cs": 1.0, "Pb": 1.0, "Br": bromine, "I": 3 - bromine}, digits=4)
    atoms = parse_formula(formula)
    assert atoms.get("Br", 0.0) == pytest.approx(bromine, abs=0.5e-4)
    # sums of four floats
    assert sum(mass_fraction(formula, element) for element in atoms) == pytest.approx(1, rel=1e-12)
