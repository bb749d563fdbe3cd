"""What to measure next: the printed examples, and that following the advice always decides."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from labdb.compliance.decision import Outcome
from labdb.compliance.judgement import judge
from labdb.compliance.limit import Limit, Operator, limit
from labdb.compliance.plan import next_step, plan_nondetect
from labdb.compliance.requirement import PLANNED_U_REL, required_bound, required_detection_limit, required_loading
from labdb.errors import EvidenceError, InputError
from labdb.quantity import Censoring, Quantity, ThresholdMeaning

PAPER = limit("PAPER-5UGG")
LC, LD, LQ = ThresholdMeaning.BELOW_LC, ThresholdMeaning.BELOW_LD, ThresholdMeaning.BELOW_LQ
RULES = ("guarded-95", "simple", "ilac-g8", "probability(0.99)")


def loading(value: float = 0.5, u: float | None = 0.0) -> Quantity:
    return Quantity(value, "mg/mL", "particle_loading", u=u)


def threshold(value: float = 10.0) -> Quantity:
    return Quantity(value, "ug/L", "lead_mass_concentration", u=0.0)


def nondetect(ld: float, beta: float, u_rel: float | None, meaning: ThresholdMeaning | None) -> Quantity:
    """A "< LD" at a loading as a released mass fraction: ug/L over mg/mL is ug/g."""
    bound = ld / beta
    return Quantity(
        bound,
        "ug/g",
        "released_lead_mass_fraction",
        u=None if u_rel is None else bound * u_rel,
        censoring=Censoring.BELOW,
        threshold_meaning=meaning,
    )


def test_without_a_guard_band_the_detection_limit_is_limit_times_loading(shared_data: Path) -> None:
    every = json.loads((shared_data / "reference" / "vectors.json").read_text(encoding="utf-8"))
    (one,) = [vector for vector in every if vector["id"] == "LEACH-10"]
    asked = replace(PAPER, value=float(one["inputs"]["limit_ug_g"]))
    found = required_detection_limit(asked, loading(one["inputs"]["loading_mg_mL"]), "simple", meaning=LC)
    assert found == pytest.approx(one["expected"]["max_LD_ug_L"], rel=one["rtol"])


def test_the_printed_examples_with_two_percent_of_uncertainty_and_less_than_below_lc() -> None:
    # SCIENCE, section 3: 2.42 ug/L at 0.5 mg/mL, 2.07 mg/mL at 10 ug/L
    assert required_detection_limit(PAPER, loading(0.5, 0.01), meaning=LC) == pytest.approx(2.5 / 1.0329, rel=1e-12)
    assert required_loading(PAPER, threshold(), u_rel=0.02, meaning=LC) == pytest.approx(2 * 1.0329, rel=1e-12)
    text = plan_nondetect(PAPER, loading(0.5, 0.01), threshold(), meaning=LC).text
    assert text == "LD <= 2.42 ug/L at 0.5 mg/mL, or loading >= 2.07 mg/mL at 10 ug/L"


@pytest.mark.parametrize("meaning", [LD, ThresholdMeaning.NOT_STATED, None])
def test_the_printed_example_below_ld_or_not_stated(meaning: ThresholdMeaning | None) -> None:
    step = plan_nondetect(PAPER, loading(), threshold(), meaning=meaning)
    assert step.text == "LD <= 1.67 ug/L at 0.5 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L"
    assert step.numbers["detection_limit_max_ug_per_l"] == pytest.approx(5 / 3, rel=1e-12)
    assert step.numbers["loading_min_mg_per_ml"] == pytest.approx(3.0, rel=1e-12)


def test_the_example_of_the_first_hour() -> None:
    # loading 0.5000(11) mg/mL: LD <= 2.49 ug/L, or loading >= 2.01 mg/mL
    text = plan_nondetect(PAPER, loading(0.5, 0.0011), threshold(), meaning=LC).text
    assert text == "LD <= 2.49 ug/L at 0.5 mg/mL, or loading >= 2.01 mg/mL at 10 ug/L"


def test_below_lq_counts_a_tenth_of_the_threshold_as_its_uncertainty() -> None:
    # 1 + 1.645 / 10
    assert required_bound(PAPER, meaning=LQ) == pytest.approx(5 / 1.1645, rel=1e-12)
    assert plan_nondetect(PAPER, loading(), threshold(), meaning=LQ).text.startswith("LQ <= 2.15 ug/L")


def test_a_loading_without_uncertainty_is_planned_with_five_percent_and_says_so() -> None:
    step = plan_nondetect(PAPER, loading(0.5, None), threshold(), meaning=LC)
    assert step.text.startswith("record the uncertainty of the loading, at most 5 %; then LD <= ")
    assert step.numbers["u_rel"] == PLANNED_U_REL
    assert not plan_nondetect(PAPER, loading(0.5, None), threshold(), "simple", meaning=LC).text.startswith("record")


def test_the_limit_of_another_kind_is_refused() -> None:
    with pytest.raises(EvidenceError, match="released_lead_mass_fraction only"):
        required_detection_limit(limit("ICHQ3D-Pb-oral"), loading())


@pytest.mark.parametrize(("operator", "value"), [(">=", 5.0), (">", 5.0), ("<=", 0.0)])
def test_some_limits_no_detection_limit_can_show(operator: str, value: float) -> None:
    with pytest.raises(EvidenceError, match="no detection limit can show it"):
        required_bound(replace(PAPER, operator=Operator(operator), value=value))


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="relative uncertainty"):
        required_bound(PAPER, u_rel=-0.1)
    with pytest.raises(InputError, match="particle loading"):
        plan_nondetect(PAPER, loading(0.0), threshold())


operators = st.sampled_from(["<=", "<"])
amounts = st.floats(1e-3, 1e3)
shares = st.floats(0, 0.5)


def asked_for(value: float, operator: str) -> Limit:
    return replace(PAPER, value=value, operator=Operator(operator))


@given(
    value=amounts,
    ld=amounts,
    beta=amounts,
    u_rel=st.none() | shares,
    meaning=st.sampled_from([*ThresholdMeaning, None]),
    operator=operators,
    rule=st.sampled_from(RULES),
    dof=st.none() | st.floats(1, 60),
)
# a bound so near to an open end that 12 digits of the sum no longer show the gap to it
@example(value=1.00390625, ld=1.0, beta=1.0, u_rel=None, meaning=LC, operator="<", rule="guarded-95", dof=None)
def test_following_the_advice_turns_an_inconclusive_non_detect_into_a_pass(
    value: float,
    ld: float,
    beta: float,
    u_rel: float | None,
    meaning: ThresholdMeaning | None,
    operator: str,
    rule: str,
    dof: float | None,
) -> None:
    asked = asked_for(value, operator)
    now = judge(nondetect(ld, beta, u_rel, meaning), asked, rule, dof=dof)
    assume(now.outcome is Outcome.INCONCLUSIVE)
    u = None if u_rel is None else beta * u_rel
    step = next_step(now, detection_limit=threshold(ld), loading=loading(beta, u), dof=dof)
    assert step is not None
    if "u_rel_max" in step.numbers:
        followed = [nondetect(ld, beta, step.numbers["u_rel_max"] * (1 - 1e-12), meaning)]
    else:
        planned = step.numbers["u_rel"]
        followed = [
            nondetect(step.numbers["detection_limit_max_ug_per_l"], beta, planned, meaning),
            nondetect(ld, step.numbers["loading_min_mg_per_ml"], planned, meaning),
        ]
    for quantity in followed:
        assert judge(quantity, asked, rule, dof=dof).outcome is Outcome.PASS


@given(
    value=amounts,
    u_rel=shares,
    meaning=st.sampled_from([*ThresholdMeaning]),
    operator=operators,
    rule=st.sampled_from(RULES),
)
def test_the_required_bound_passes_and_a_little_more_does_not(
    value: float, u_rel: float, meaning: ThresholdMeaning, operator: str, rule: str
) -> None:
    asked = asked_for(value, operator)
    most = required_bound(asked, rule, u_rel=u_rel, meaning=meaning)
    assert judge(nondetect(most, 1.0, u_rel, meaning), asked, rule).outcome is Outcome.PASS
    assert judge(nondetect(most * (1 + 1e-9), 1.0, u_rel, meaning), asked, rule).outcome is Outcome.INCONCLUSIVE


@given(value=st.floats(0.1, 20), u=st.none() | st.floats(0, 5), operator=st.sampled_from(["<=", "<", ">=", ">"]))
def test_following_the_advice_decides_a_value(value: float, u: float | None, operator: str) -> None:
    asked = asked_for(5.0, operator)
    now = judge(Quantity(value, "ug/g", "released_lead_mass_fraction", u=u), asked)
    step = next_step(now)
    if now.outcome is not Outcome.INCONCLUSIVE:
        assert step is None
        return
    assert step is not None
    if "u_max" in step.numbers:
        better = Quantity(value, "ug/g", "released_lead_mass_fraction", u=step.numbers["u_max"])
        assert judge(better, asked).outcome is not Outcome.INCONCLUSIVE
    else:
        assert "lies on the limit" in step.text


def test_a_value_is_told_the_uncertainty_that_decides() -> None:
    # 10.15 ug/L at 2 mg/mL: 0.075 / 1.645 = 0.0456
    step = next_step(judge(Quantity(5.075, "ug/g", "released_lead_mass_fraction", u=0.5), PAPER))
    assert step is not None
    assert step.text == "u <= 0.046 ug/g (0.9 %) would make this value a fail"
    assert step.numbers["u_max"] == pytest.approx(0.075 / 1.645, rel=1e-6)


def test_a_recorded_loading_may_be_all_that_is_missing() -> None:
    now = judge(nondetect(1.0, 0.5, None, LC), PAPER)
    step = next_step(now, detection_limit=threshold(1.0), loading=loading(0.5, None))
    assert step is not None
    # (5/2 - 1) / 1.645 = 91 %
    assert step.text == "record the uncertainty of the loading: 91 % or less makes this a pass"


def test_a_bound_in_water_is_told_how_far_it_has_to_come_down() -> None:
    water = Quantity(12.0, "ug/L", "lead_mass_concentration", u=0.0, censoring=Censoring.BELOW, threshold_meaning=LC)
    step = next_step(judge(water, limit("WHO-GDWQ-Pb")))
    assert step is not None
    assert step.text == "a bound <= 10.0 ug/L, 1.2 times lower than 12 ug/L"


def test_a_bound_that_cannot_show_the_limit_asks_for_a_value() -> None:
    asked = replace(PAPER, operator=Operator.AT_LEAST)
    step = next_step(judge(nondetect(10.0, 0.5, 0.0, LC), asked), detection_limit=threshold(), loading=loading())
    assert step is not None
    assert step.text.startswith("a measured value")


def test_a_step_as_json_keeps_the_unrounded_numbers() -> None:
    plain = plan_nondetect(PAPER, loading(), threshold(), meaning=LD).as_json()
    assert plain["numbers"]["detection_limit_max_ug_per_l"] == pytest.approx(5 / 3, rel=1e-12)  # type: ignore[index]
