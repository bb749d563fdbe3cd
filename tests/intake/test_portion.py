"""Powder, portions, suspensions: codes, amounts, particle loading with its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labdb.errors import ConflictError, InputError

if TYPE_CHECKING:
    from labdb.lab import Lab


@pytest.fixture
def powder(lab: Lab) -> str:
    from labdb.intake.batch import BatchRequest, new_batch
    from labdb.intake.portion import new_sample

    new_batch(lab, BatchRequest(composition="CsPbBr3", code="B-7"))
    return new_sample(lab, "B-7", powder="0.400(2) g").code


def suspend(lab: Lab, sample: str, mass: str, volume: str, medium: str = "water") -> Any:  # noqa: ANN401 - a Portion
    from labdb.intake.portion import suspend as make

    return make(lab, sample, mass=mass, volume=volume, medium=medium)


def test_the_loading_carries_both_uncertainties_in_quadrature(lab: Lab, powder: str) -> None:
    made = suspend(lab, powder, "25.00(5) mg", "50.00(5) mL")
    assert str(made.loading) == "0.5000(11) mg/mL"
    # JCGM 100:2008, 5.1.6: u_rel^2 = (0.05/25)^2 + (0.05/50)^2; a product of two floats, so 1e-12 is rounding
    assert made.loading.u == pytest.approx(0.5 * (0.002**2 + 0.001**2) ** 0.5, rel=1e-12)


@pytest.mark.parametrize(("mass", "volume"), [("25 mg", "50.00(5) mL"), ("25.00(5) mg", "50 mL")])
def test_a_missing_uncertainty_stays_missing(lab: Lab, powder: str, mass: str, volume: str) -> None:
    assert suspend(lab, powder, mass, volume).loading.u is None


def test_codes_carry_a_letter_for_the_medium_and_a_number(lab: Lab, powder: str) -> None:
    from labdb.intake.portion import new_sample, split

    media = ("water", "water", "PBS", "1 M HCl", "toluene")
    codes = [suspend(lab, powder, "1 mg", "1 mL", medium).code for medium in media]
    assert codes == ["S-7-W1", "S-7-W2", "S-7-P1", "S-7-H1", "S-7-X1"]
    assert [one.code for one in split(lab, powder, take="10 mg", parts=2)] == ["S-7-P2", "S-7-P3"]
    assert [one.code for one in split(lab, "S-7-W1", take="0.25 mL", parts=2)] == ["S-7-W1-V1", "S-7-W1-V2"]
    assert new_sample(lab, "B-7", powder="1 mg").code == "S-7-2"
    assert new_sample(lab, "B-7", powder="1 mg").code == "S-7-3"


def test_a_vial_keeps_the_loading_of_its_suspension(lab: Lab, powder: str) -> None:
    from labdb.connection import open_reader
    from labdb.intake.portion import split

    suspend(lab, powder, "25.00(5) mg", "50.00(5) mL")
    split(lab, "S-7-W1", take="5 mL")
    with open_reader(lab.config) as reader:
        rows = reader.rows(
            "SELECT amount, amount_left, particle_loading_mg_per_ml AS loading, u_particle_loading_mg_per_ml AS u"
            " FROM samples WHERE kind = 'suspension' ORDER BY code"
        )
    assert rows[0]["loading"] == rows[1]["loading"] == 0.5
    assert rows[0]["u"] == rows[1]["u"]
    assert [(row["amount"], row["amount_left"]) for row in rows] == [(50, 45), (5, 5)]


def test_nobody_hands_out_more_than_there_is_and_nothing_is_stored_then(lab: Lab, powder: str) -> None:
    from labdb.connection import open_reader
    from labdb.intake.portion import split

    with pytest.raises(ConflictError, match=r"S-7 has 100.0 mg left; 150.0 mg were asked for"):
        split(lab, powder, take="150 mg", parts=3)
    with open_reader(lab.config) as reader:
        assert [row["code"] for row in reader.rows("SELECT code FROM samples")] == ["S-7"]


def test_thirds_of_a_powder_leave_nothing(lab: Lab) -> None:
    from labdb.intake.batch import BatchRequest, new_batch
    from labdb.intake.portion import new_sample, split

    new_batch(lab, BatchRequest(composition="CsPbBr3", code="B-8"))
    new_sample(lab, "B-8", powder="0.3 mg")
    assert split(lab, "S-8", take="0.1 mg", parts=3)[-1].left == "0.0 mg"


def test_an_amount_that_was_never_recorded_is_asked_for(lab: Lab) -> None:
    from labdb.intake.part import correct_any
    from labdb.synthesis.sample import SampleKind, SampleRow

    with lab.write(None, "a gift") as session:
        session.add(SampleRow(code="S-X", kind=SampleKind.POWDER))
    with pytest.raises(InputError, match="has no amount recorded"):
        suspend(lab, "S-X", "1 mg", "1 mL")
    assert correct_any(lab, "S-X", {"amount": "0.41(1) g"}, "weighed now")["amount"] == (None, "410 mg")
    assert suspend(lab, "S-X", "10 mg", "1 mL").left == "400.0 mg"


def test_a_loading_is_corrected_with_its_reason(lab: Lab, powder: str) -> None:
    from labdb.connection import open_reader
    from labdb.intake.part import correct_any

    suspend(lab, powder, "25 mg", "50 mL")
    correct_any(lab, "S-7-W1", {"particle_loading": "0.51(1) mg/mL"}, "volume read again")
    with open_reader(lab.config) as reader:
        (row,) = reader.rows("SELECT * FROM samples WHERE code = 'S-7-W1'")
    assert (row["particle_loading_mg_per_ml"], row["u_particle_loading_mg_per_ml"]) == (0.51, 0.01)
    with pytest.raises(InputError, match="no suspension"):
        correct_any(lab, "S-7", {"particle_loading": "1 mg/mL"}, "x")
