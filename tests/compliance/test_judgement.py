"""Judgements: the shared examples, the exact ends, and what a non-detect may never do."""

import json
import math
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.compliance.comparability import what_is_needed
from labdb.compliance.decision import Outcome
from labdb.compliance.judgement import judge, not_assessed, threshold_spread
from labdb.compliance.limit import Limit, Operator, limit
from labdb.errors import EvidenceError, UnitError
from labdb.quantity import Censoring, Quantity, ThresholdMeaning

PAPER = limit("PAPER-5UGG")
RULES = ("guarded-95", "simple", "ilac-g8", "probability(0.95)")
MEANINGS = (*ThresholdMeaning, None)


def released(value: float, u: float | None = 0.0, unit: str = "ug/g") -> Quantity:
    return Quantity(value, unit, "released_lead_mass_fraction", u=u)


def below(
    bound: float, u: float | None = 0.0, meaning: ThresholdMeaning | None = ThresholdMeaning.BELOW_LC
) -> Quantity:
    return Quantity(
        bound, "ug/g", "released_lead_mass_fraction", u=u, censoring=Censoring.BELOW, threshold_meaning=meaning
    )


def above(bound: float, u: float | None = 0.0) -> Quantity:
    return Quantity(bound, "ug/g", "released_lead_mass_fraction", u=u, censoring=Censoring.ABOVE)


def at(operator: str, value: float = 5.0, upper: float | None = None) -> Limit:
    return replace(PAPER, operator=Operator(operator), value=value, upper=upper)


def vectors(shared_data: Path, *ids: str) -> list[dict[str, Any]]:
    every = json.loads((shared_data / "reference" / "vectors.json").read_text(encoding="utf-8"))
    found = [one for one in every if one["id"] in ids]
    assert len(found) == len(ids)
    return found


def test_the_shared_verdicts_of_values_and_non_detects(shared_data: Path) -> None:
    ids = ("LEACH-03", "LEACH-05", "LEACH-06", "LEACH-08", "LEACH-09")
    for one in vectors(shared_data, *ids):
        inputs, expected, rtol = one["inputs"], one["expected"], one["rtol"]
        asked, loading = at(inputs["op"], inputs["limit_ug_g"]), inputs["loading_mg_mL"]
        if inputs.get("nondetect"):
            bound = inputs["LD_ug_L"] / loading  # ug/L over mg/mL is ug/g
            found = judge(below(bound, 0.0, ThresholdMeaning(inputs["threshold_meaning"])), asked)
            assert found.effective_bound == pytest.approx(expected["upper_bound_ug_g"], rel=rtol)
        else:
            found = judge(released(inputs["c_ug_L"] / loading, inputs["u_c_ug_L"] / loading), asked)
            assert found.quantity is not None
            assert found.quantity.value == pytest.approx(expected["y_ug_g"], rel=rtol)
            assert found.quantity.u == pytest.approx(expected["u_ug_g"], rel=rtol)
        assert found.outcome.value == expected["verdict"], one["id"]
        if "p_conform" in expected:
            assert found.p_conform == pytest.approx(expected["p_conform"], rel=rtol)


def test_a_hazardous_extract_is_one_at_or_above_the_value(shared_data: Path) -> None:
    (one,) = vectors(shared_data, "LEACH-14")
    extract = Quantity(one["inputs"]["extract_mg_L"], "mg/L", "extract_lead_mass_concentration", u=0.0)
    found = judge(extract, limit("TCLP-D008"))
    assert found.limit.operator.value == one["inputs"]["op"]
    assert found.outcome.value == one["expected"]["verdict"]


def test_kinds_are_not_compared_and_the_missing_loading_is_named(shared_data: Path) -> None:
    vectors(shared_data, "LEACH-18")
    with pytest.raises(EvidenceError, match=r"incompatible quantity kinds.*needs the particle loading"):
        judge(Quantity(10.0, "ug/L", "lead_mass_concentration", u=0.0), PAPER)


def test_a_suspension_is_not_an_extract_of_the_leaching_procedure() -> None:
    with pytest.raises(EvidenceError, match="an extract made by that procedure"):
        judge(Quantity(10.0, "ug/L", "lead_mass_concentration", u=0.0), limit("TCLP-D008"))


def test_kinds_that_nothing_connects_are_a_unit_error() -> None:
    with pytest.raises(UnitError, match="nothing leads from one to the other"):
        judge(Quantity(1.0, "Gy", "absorbed_dose", u=0.0), PAPER)
    assert what_is_needed("absorbed_dose", PAPER) is None
    assert what_is_needed(PAPER.kind, PAPER) is None


@pytest.mark.parametrize(("operator", "expected"), [("<=", "pass"), ("<", "inconclusive"), (">=", "inconclusive")])
def test_a_bound_exactly_on_the_limit_passes_only_where_the_limit_itself_conforms(operator: str, expected: str) -> None:
    # 10 ug/L over 2 mg/mL, both exact; a non-detect never fails, and shows no lower limit
    found = judge(below(10.0 / 2.0), at(operator))
    assert found.outcome.value == expected


@pytest.mark.parametrize(("operator", "expected"), [("<=", "pass"), ("<", "fail"), (">=", "pass"), (">", "fail")])
def test_an_exact_value_on_the_limit_is_decided_by_the_operator(operator: str, expected: str) -> None:
    assert judge(released(10.0 / 2.0), at(operator)).outcome.value == expected


def test_the_same_bound_with_any_uncertainty_of_the_loading_is_inconclusive() -> None:
    assert judge(below(5.0, 1e-6), PAPER).outcome is Outcome.INCONCLUSIVE
    assert judge(below(5.0, 0.0, ThresholdMeaning.BELOW_LD), PAPER).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("meaning", "times"),
    # 1.645 x (0, 1/3.29, 1/10) added to 1; the brief names 1.5 for "below LD" and for what is not stated
    [
        (ThresholdMeaning.BELOW_LC, 1.0),
        (ThresholdMeaning.BELOW_LD, 1.5),
        (ThresholdMeaning.BELOW_LQ, 1.1645),
        (ThresholdMeaning.NOT_STATED, 1.5),
        (None, 1.5),
    ],
)
def test_what_less_than_means_sets_the_effective_bound(meaning: ThresholdMeaning | None, times: float) -> None:
    assert judge(below(2.0, 0.0, meaning), PAPER).effective_bound == pytest.approx(2.0 * times, rel=1e-12)


def test_a_true_value_at_the_detection_limit_is_missed_half_the_time_unless_less_than_means_below_lc() -> None:
    # The reason for the spread: reading = LD + s z, s = LD/3.29, LC = LD/2
    def phi(z: float) -> float:
        return 0.5 * math.erfc(-z / math.sqrt(2))

    s = threshold_spread(ThresholdMeaning.BELOW_LD)
    assert phi((1.0 - 1.0) / s) == 0.5
    assert phi((0.5 - 1.0) / s) == pytest.approx(0.05, abs=1e-4)


def test_a_loading_without_uncertainty_keeps_a_non_detect_inconclusive_and_is_named() -> None:
    found = judge(below(2.0, None), PAPER)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "loading has no uncertainty" in found.reason
    assert found.guard is None
    # (5 - 2) / 1.645
    assert found.u_that_would_decide == pytest.approx(3 / 1.645, rel=1e-6)
    assert judge(below(2.0, found.u_that_would_decide), PAPER).outcome is Outcome.PASS


def test_no_uncertainty_of_the_loading_helps_a_bound_above_the_limit() -> None:
    found = judge(below(20.0, None), PAPER)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.u_that_would_decide is None
    assert "cannot see" in found.reason


def test_under_the_simple_rule_no_uncertainty_is_asked_for() -> None:
    assert judge(below(2.0, None), PAPER, "simple").outcome is Outcome.PASS
    assert judge(released(5.08, None), PAPER, "simple").outcome is Outcome.FAIL
    assert judge(released(4.9, None), PAPER, "simple").p_conform is None


def test_a_value_without_uncertainty_says_which_uncertainty_would_decide() -> None:
    # 10.15 ug/L at 2 mg/mL: 5.075 ug/g, 0.075 / 1.645 = 0.0456, 0.9 % of it
    found = judge(released(10.15 / 2.0, None), PAPER)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.reason == "5.08 ug/g, no u recorded; to call this a fail u must be <= 0.046 ug/g (0.9 %)."
    assert found.guard is None
    assert found.p_conform is None
    inside = judge(released(4.9, None), PAPER)
    assert "to call this a pass" in inside.reason


def test_missing_is_not_zero() -> None:
    assert judge(released(8.0, None), PAPER).outcome is Outcome.INCONCLUSIVE
    assert judge(released(8.0, 0.0), PAPER).outcome is Outcome.FAIL


def test_on_the_limit_no_uncertainty_above_zero_decides() -> None:
    found = judge(released(5.0, 0.1), PAPER)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.u_that_would_decide is None
    assert "lies on the limit" in found.reason


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("operator", ["<=", "<", ">=", ">"])
@pytest.mark.parametrize("value", [4.5, 5.5])
def test_the_uncertainty_that_would_decide_decides_and_a_larger_one_does_not(
    rule: str, operator: str, value: float
) -> None:
    asked = at(operator)
    would = judge(released(value, None), asked, rule).u_that_would_decide
    if rule == "simple":
        assert would is None
        return
    assert would is not None
    decided = Outcome.PASS if (value < 5.0) is operator.startswith("<") else Outcome.FAIL
    assert judge(released(value, would), asked, rule).outcome is decided
    assert judge(released(value, would * 1.001), asked, rule).outcome is Outcome.INCONCLUSIVE


def test_few_vials_need_a_wider_guard_band() -> None:
    # t(0.95, 2) = 2.920: 4.0 + 2.920 x 0.4 is above 5, 4.0 + 1.645 x 0.4 is not
    assert judge(released(4.0, 0.4), PAPER).outcome is Outcome.PASS
    found = judge(released(4.0, 0.4), PAPER, dof=2)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.guard == pytest.approx(2.920 * 0.4, abs=2e-4)


def test_a_value_above_its_bound_is_evidence_for_a_lower_limit_and_against_an_upper_one() -> None:
    assert judge(above(42.0), PAPER).outcome is Outcome.FAIL
    assert judge(above(6.0, 1.0), PAPER).outcome is Outcome.INCONCLUSIVE
    assert judge(above(6.0, None), PAPER).outcome is Outcome.INCONCLUSIVE
    assert judge(above(4.0), PAPER).outcome is Outcome.INCONCLUSIVE
    assert judge(above(5.0), at(">=")).outcome is Outcome.PASS
    assert judge(above(5.0), at(">")).outcome is Outcome.INCONCLUSIVE
    assert judge(above(4.0), at(">=")).outcome is Outcome.INCONCLUSIVE
    assert judge(above(6.0, None), at(">=")).u_that_would_decide == pytest.approx(1 / 1.645, rel=1e-6)


@given(bound=st.floats(0, 100), u=st.none() | st.floats(0, 10), rule=st.sampled_from(RULES))
def test_a_bound_from_below_never_fails_a_lower_limit_nor_passes_an_upper_one(
    bound: float, u: float | None, rule: str
) -> None:
    assert judge(above(bound, u), at(">="), rule).outcome is not Outcome.FAIL
    assert judge(above(bound, u), at("<="), rule).outcome is not Outcome.PASS


@given(
    bound=st.floats(0, 100),
    u=st.none() | st.floats(0, 10),
    meaning=st.sampled_from(MEANINGS),
    rule=st.sampled_from(RULES),
    operator=st.sampled_from(["<=", "<", ">=", ">", "within"]),
    dof=st.none() | st.floats(1, 40),
)
def test_a_non_detect_never_fails_and_never_passes_with_its_bound_beyond_the_limit(
    bound: float, u: float | None, meaning: ThresholdMeaning | None, rule: str, operator: str, dof: float | None
) -> None:
    asked = at("within", 0.0, 5.0) if operator == "within" else at(operator)
    found = judge(below(bound, u, meaning), asked, rule, dof=dof)
    assert found.outcome is not Outcome.FAIL
    if operator in (">=", ">") or bound > 5.0 * (1 + 1e-11):
        assert found.outcome is Outcome.INCONCLUSIVE
    if u is None and rule != "simple":
        assert found.outcome is Outcome.INCONCLUSIVE


@given(
    bound=st.integers(1, 12_000).map(lambda n: n / 1000),
    u=st.integers(0, 2_000).map(lambda n: n / 1000),
    meaning=st.sampled_from([*ThresholdMeaning]),
    operator=st.sampled_from(["<=", "<"]),
    rule=st.sampled_from([("guarded-95", "1.645"), ("simple", "0"), ("ilac-g8", "2")]),
)
def test_non_detects_agree_with_an_oracle_in_fifty_digits(
    bound: float, u: float, meaning: ThresholdMeaning, operator: str, rule: tuple[str, str]
) -> None:
    name, k = rule
    with localcontext() as exact:
        exact.prec = 50
        b = Decimal(str(bound))
        divisor = {"below_LC": None, "below_LD": "3.29", "not_stated": "3.29", "below_LQ": "10"}[meaning.value]
        spread = Decimal(0) if divisor is None else b / Decimal(divisor)
        effective = b + Decimal(k) * (Decimal(str(u)) ** 2 + spread**2).sqrt()
        exact.prec = 12
        effective = +effective  # rounded to 12 digits, as every comparison is
    passes = effective <= 5 if operator == "<=" else effective < 5
    found = judge(below(bound, u, meaning), at(operator), name)
    assert found.outcome is (Outcome.PASS if passes else Outcome.INCONCLUSIVE)


def test_an_interval_is_judged_at_both_ends() -> None:
    inside = at("within", 4.0, 6.0)
    assert judge(released(5.0, 0.5), inside).outcome is Outcome.PASS
    assert judge(released(5.0, 0.5), inside).margin == 1.0
    assert judge(released(7.0, 0.5), inside).outcome is Outcome.FAIL
    assert judge(released(3.0, 0.5), inside).outcome is Outcome.FAIL
    assert judge(released(3.0, 0.5), inside).margin == -1.0
    assert judge(released(4.2, 0.5), inside).outcome is Outcome.INCONCLUSIVE
    assert judge(below(5.0), inside).outcome is Outcome.INCONCLUSIVE
    assert judge(below(5.0), at("within", 0.0, 6.0)).outcome is Outcome.PASS
    assert judge(above(7.0), inside).outcome is Outcome.FAIL
    assert judge(above(5.0), inside).outcome is Outcome.INCONCLUSIVE


def test_ilac_words_are_conditional_between() -> None:
    assert judge(released(4.9, 0.4), PAPER, "ilac-g8").wording == "conditional pass (unverified limit)"
    assert judge(released(5.1, 0.4), PAPER, "ilac-g8").wording == "conditional fail (unverified limit)"
    assert judge(below(4.9, 0.4), PAPER, "ilac-g8").wording == "conditional pass (unverified limit)"
    # a bound above the limit says nothing, so not even "conditional fail"
    assert judge(below(20.0, 0.4), PAPER, "ilac-g8").wording == "inconclusive (unverified limit)"


def test_what_a_limit_is_stands_in_every_wording() -> None:
    water = Quantity(2.0, "ug/L", "lead_mass_concentration", u=0.1)
    assert judge(water, limit("WHO-GDWQ-Pb")).wording == "pass (provisional limit)"
    assert judge(water, limit("EU-DW-Pb-now")).wording == "pass"
    on = date(2026, 11, 24)
    assert judge(water, limit("EU-DW-Pb-2036"), on=on).wording == "pass (limit not valid before 2036-01-12)"


def test_reasons_are_sentences_with_the_numbers() -> None:
    # 1.645 x 0.4 = 0.658; 0.4 / 1.645 = 0.243, 4.5 % of 5.4
    head, where = "Released mass fraction of lead is", "<= 5 ug/g (unverified limit)"
    fail, pass_, open_ = (released(value, 0.4) for value in (8.0, 2.0, 5.4))
    assert (
        judge(fail, PAPER).reason
        == f"{head} {fail}: it misses {where} by 3 ug/g, no less than the guard band of 0.658 ug/g."
    )
    assert judge(pass_, PAPER).reason.startswith(f"{head} {pass_}: it keeps to {where} by 3 ug/g, no less")
    assert judge(open_, PAPER).reason == (
        f"{head} {open_}, 0.4 ug/g outside {where}: less than the guard band of 0.658 ug/g; "
        "to call this a fail u must be <= 0.24 ug/g (4.5 %)."
    )
    assert judge(fail, PAPER, "simple").reason == f"{head} {fail}: it misses {where} by 3 ug/g."
    assert "it conforms with a probability of 0.159" in judge(open_, PAPER, "probability(0.95)").reason
    blind = judge(below(20.0, 0.04), PAPER).reason
    assert blind.startswith(f"{head} < 20")
    assert "cannot see <= 5 ug/g (unverified limit); nothing was detected, so this is not a fail" in blind


def test_the_margin_is_positive_on_the_conforming_side() -> None:
    assert judge(released(4.0, 0.1), PAPER).margin == 1.0
    assert judge(released(6.0, 0.1), PAPER).margin == -1.0
    assert judge(released(6.0, 0.1), at(">=")).margin == 1.0
    assert judge(below(20.0), PAPER).margin == -15.0


def test_nothing_measured_is_a_row_of_the_table() -> None:
    found = not_assessed(PAPER, "guarded-95", "No pull was measured.")
    assert found.outcome is Outcome.NOT_ASSESSED
    assert found.wording == "not assessed (unverified limit)"
    assert found.quantity is None
    assert json.loads(json.dumps(found.as_json()))["quantity"] is None


def test_a_judgement_as_json_names_the_version_of_the_limit() -> None:
    plain = json.loads(json.dumps(judge(released(2.0, 0.4), PAPER).as_json()))
    assert plain["limit"] == "PAPER-5UGG"
    assert plain["limit_digest"] == PAPER.digest()
    assert plain["decision"] == "guarded-95"
    assert plain["quantity"]["unit"] == "ug/g"


@given(
    value=st.floats(0.01, 50),
    share=st.none() | st.floats(0, 1),
    kind=st.sampled_from(["value", "below", "above"]),
    unit=st.sampled_from(["mg/kg", "ng/g", "mg/g", "ug/kg"]),
    limit_unit=st.sampled_from(["mg/kg", "ug/g", "ng/mg"]),
    operator=st.sampled_from(["<=", "<", ">=", ">"]),
    rule=st.sampled_from(RULES),
)
def test_a_verdict_does_not_depend_on_the_unit(
    value: float, share: float | None, kind: str, unit: str, limit_unit: str, operator: str, rule: str
) -> None:
    u = None if share is None else share * value
    quantity = released(value, u) if kind == "value" else below(value, u) if kind == "below" else above(value, u)
    asked = at(operator)
    converted = replace(asked, unit=limit_unit)  # the same limit: 1 ug/g = 1 mg/kg = 1 ng/mg
    first, second = judge(quantity, asked, rule), judge(quantity.to(unit), converted, rule)
    assert first.outcome is second.outcome
    assert second.quantity is not None
    assert second.quantity.unit == limit_unit


@given(value=st.integers(1, 9999).map(lambda n: n / 1000), factor=st.sampled_from([1e-3, 1e3, 10.0]))
def test_a_verdict_on_the_limit_itself_survives_scaling(value: float, factor: float) -> None:
    # value over loading and limit over loading, computed apart: raw floats would differ in the last digit
    for operator, expected in (("<=", Outcome.PASS), ("<", Outcome.FAIL)):
        asked = at(operator, value)
        assert judge(released(value * factor / factor), asked).outcome is expected
