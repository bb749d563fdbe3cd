"""Another basis needs a stated assumption, and the limit's own basis stands beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from labdb.compliance.assumption import Assumption, judge_under_assumption, released_per_day, total_lead_per_day
from labdb.compliance.decision import Outcome
from labdb.compliance.limit import limit
from labdb.errors import EvidenceError, InputError, UnitError
from labdb.quantity import Censoring, Quantity, ThresholdMeaning

A1 = Assumption("A1", "only released lead is available, over 42 d, in water")
ICH = limit("ICHQ3D-Pb-oral")


def bound(value: float, u: float | None = 0.0) -> Quantity:
    return Quantity(
        value,
        "ug/g",
        "released_lead_mass_fraction",
        u=u,
        censoring=Censoring.BELOW,
        threshold_meaning=ThresholdMeaning.BELOW_LC,
    )


def fraction(value: float, u: float | None = 0.0) -> Quantity:
    return Quantity(value, "1", "perovskite_mass_fraction", u=u)


def vector(shared_data: Path, name: str) -> dict[str, Any]:
    every = json.loads((shared_data / "reference" / "vectors.json").read_text(encoding="utf-8"))
    (found,) = [one for one in every if one["id"] == name]
    return dict(found)


def test_a_daily_dose_passes_under_the_assumption_and_total_lead_fails_beside_it(shared_data: Path) -> None:
    one = vector(shared_data, "LEACH-15")
    inputs, expected = one["inputs"], one["expected"]
    released = released_per_day(bound(inputs["upper_bound_ug_g"]), inputs["particles_mg_day"])
    assert released.value == pytest.approx(expected["upper_bound_ug_day"], rel=one["rtol"])
    # the lead fraction of CsPbBr3 is printed in the shared README: 0.3574; w = 0.2: 715 of 5 ug/day, 143 times
    total = total_lead_per_day(fraction(0.2), 0.3574, inputs["particles_mg_day"])
    assert total.value == pytest.approx(715, abs=0.5)
    found = judge_under_assumption(released, total, ICH, A1)
    assert ICH.value == inputs["PDE_ug_day"]
    assert found.assumed.outcome.value == expected["verdict"]
    assert found.own.outcome is Outcome.FAIL
    assert found.wording == "released: pass under assumption A1; total: FAIL, 143 x"
    assert A1.text in found.assumed.reason
    assert found.assumed.limit is ICH


def test_ten_milligrams_of_particles_hold_less_lead_than_a_plate_of_rice(shared_data: Path) -> None:
    one = vector(shared_data, "LEACH-17")
    lead = released_per_day(bound(one["inputs"]["upper_bound_ug_g"]), one["inputs"]["particles_mg"])
    assert lead.value == pytest.approx(one["expected"]["particles_Pb_ug"], rel=one["rtol"])
    rice = limit("CODEX-RICE-Pb")
    assert rice.value == one["inputs"]["rice_ML_mg_kg"]
    assert rice.value * one["inputs"]["rice_g"] == pytest.approx(one["expected"]["rice_ML_Pb_ug"], rel=one["rtol"])


def test_without_total_lead_the_own_basis_is_not_assessed_and_that_is_said() -> None:
    found = judge_under_assumption(released_per_day(bound(20.0), 10.0), None, ICH, A1)
    assert found.own.outcome is Outcome.NOT_ASSESSED
    assert found.wording.endswith("; total: not assessed")


def test_a_mass_fraction_may_stand_for_total_lead_too() -> None:
    found = judge_under_assumption(bound(0.1), None, limit("CODEX-RICE-Pb"), A1)
    assert found.assumed.outcome is Outcome.PASS
    assert found.assumed.limit.kind == "total_lead_mass_fraction"


def test_an_assumption_does_not_replace_a_measurement_or_the_daily_mass() -> None:
    with pytest.raises(EvidenceError, match="the daily mass"):
        judge_under_assumption(bound(20.0), None, ICH, A1)
    with pytest.raises(EvidenceError, match="without an assumption"):
        judge_under_assumption(bound(20.0), None, limit("PAPER-5UGG"), A1)


@pytest.mark.parametrize(("name", "text"), [("", "words"), ("A1", " ")])
def test_an_assumption_has_a_name_and_a_sentence(name: str, text: str) -> None:
    with pytest.raises(InputError, match="assumption"):
        Assumption(name, text)


def test_uncertainty_and_censoring_are_carried_through_the_daily_mass() -> None:
    per_day = released_per_day(bound(20.0, 0.4), 10.0)
    assert (per_day.censoring, per_day.threshold_meaning) == (Censoring.BELOW, ThresholdMeaning.BELOW_LC)
    assert per_day.u == pytest.approx(0.004, rel=1e-12)
    assert released_per_day(bound(20.0, None), 10.0).u is None
    total = total_lead_per_day(fraction(0.2, 0.01), 0.3574, 10.0)
    assert total.u == pytest.approx(35.74, rel=1e-12)
    assert total_lead_per_day(fraction(0.2, None), 0.3574, 10.0).u is None


@pytest.mark.parametrize("mass", [0.0, -1.0, float("nan"), float("inf")])
def test_a_daily_mass_is_positive(mass: float) -> None:
    with pytest.raises(InputError, match="daily mass"):
        released_per_day(bound(20.0), mass)


@pytest.mark.parametrize("x_pb", [0.0, 1.0, 35.74, float("nan")])
def test_a_lead_fraction_is_a_fraction(x_pb: float) -> None:
    with pytest.raises(InputError, match="lead mass fraction"):
        total_lead_per_day(fraction(0.2), x_pb, 10.0)


def test_other_kinds_are_refused() -> None:
    with pytest.raises(UnitError, match="expected released_lead_mass_fraction"):
        released_per_day(fraction(0.2), 10.0)
    with pytest.raises(UnitError, match="expected perovskite_mass_fraction"):
        total_lead_per_day(bound(1.0), 0.3574, 10.0)


def test_both_judgements_are_in_the_json() -> None:
    found = judge_under_assumption(released_per_day(bound(20.0), 10.0), None, ICH, A1)
    plain = json.loads(json.dumps(found.as_json()))
    assert plain["assumption"] == {"id": "A1", "text": A1.text}
    assert plain["assumed"]["limit"] == plain["own"]["limit"] == "ICHQ3D-Pb-oral"
