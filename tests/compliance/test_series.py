"""A series passes only if every pull does, fails if a value does, and says up to which day."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.compliance.decision import Outcome
from labdb.compliance.judgement import judge
from labdb.compliance.limit import limit
from labdb.compliance.series import LEAD_LOST, judge_series
from labdb.errors import EvidenceError, InputError
from labdb.quantity import Censoring, Quantity, ThresholdMeaning

PAPER = limit("PAPER-5UGG")


def released(value: float, u: float | None = 0.1) -> Quantity:
    return Quantity(value, "ug/g", "released_lead_mass_fraction", u=u)


def below(bound: float, u: float | None = 0.0) -> Quantity:
    return Quantity(
        bound,
        "ug/g",
        "released_lead_mass_fraction",
        u=u,
        censoring=Censoring.BELOW,
        threshold_meaning=ThresholdMeaning.BELOW_LC,
    )


def retention(value: float, u: float = 0.01) -> Quantity:
    return Quantity(value, "1", "photoluminescence_retention", u=u)


def test_six_non_detects_in_the_same_medium_bound_what_one_does(shared_data: Path) -> None:
    every = json.loads((shared_data / "reference" / "vectors.json").read_text(encoding="utf-8"))
    (one,) = [vector for vector in every if vector["id"] == "LEACH-12"]
    bound = one["inputs"]["LD_ug_L"] / one["inputs"]["loading_mg_mL"]
    pulls = [(7.0 * place, below(bound)) for place in range(one["inputs"]["nondetects"])]
    found = judge_series(pulls, PAPER)
    assert found.outcome.value == one["expected"]["verdict_vs_5"]
    assert found.judged.effective_bound == pytest.approx(one["expected"]["cumulative_upper_bound_ug_g"], rel=1e-12)


def test_the_ordinary_week_passes(shared_data: Path) -> None:
    # LT-1 of the clean set: bound 0.5 ug/g, u 0.00125, against 5 ug/g
    text = (shared_data / "clean" / "expected_verdicts.csv").read_text(encoding="utf-8")
    assert "bound=0.5 ug/g; u(bound)=0.001250; limit=5 ug/g,pass" in text
    own = replace(PAPER, id="LAB-PB-RELEASED", status=limit("RL80-60GY").status)
    found = judge_series([(day, below(0.5, 0.00125)) for day in (0.0, 7.0, 14.0)], own)
    assert found.wording == "pass"
    assert found.up_to_d == 14.0


def test_release_is_judged_by_its_largest_value() -> None:
    found = judge_series([(14.0, released(4.0)), (0.0, released(1.0)), (7.0, released(3.0))], PAPER)
    assert (found.outcome, found.judged_age_d, found.up_to_d) == (Outcome.PASS, 14.0, 14.0)
    assert [age for age, _ in found.pulls] == [0.0, 7.0, 14.0]
    assert found.reason.startswith("Up to 14 d, decided by the pull at 14 d:")


def test_one_blind_pull_keeps_a_series_from_passing() -> None:
    found = judge_series([(0.0, below(20.0)), (7.0, released(1.0))], PAPER)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.judged_age_d == 0.0


def test_a_bound_that_only_its_guard_carries_over_the_limit_does_so_too() -> None:
    # the largest shown value is the detect, and it passes; the bound below it does not, once guarded
    pulls = [(0.0, below(4.5, 0.5)), (7.0, released(4.6, 0.01))]
    assert judge(pulls[1][1], PAPER).outcome is Outcome.PASS
    assert judge_series(pulls, PAPER).outcome is Outcome.INCONCLUSIVE


def test_a_blind_pull_does_not_hide_a_fail() -> None:
    # to fail, a non-detect enters as nothing: the value alone decides
    found = judge_series([(0.0, below(20.0)), (7.0, released(8.0))], PAPER)
    assert found.outcome is Outcome.FAIL
    assert found.judged_age_d == 7.0


def test_retention_is_judged_by_its_smallest_value() -> None:
    asked = limit("PL80-42D")
    found = judge_series([(0.0, retention(1.0)), (21.0, retention(0.85)), (42.0, retention(0.9))], asked)
    assert (found.outcome, found.judged_age_d) == (Outcome.PASS, 21.0)
    assert judge_series([(0.0, retention(1.0)), (42.0, retention(0.7))], asked).outcome is Outcome.FAIL


def test_a_limit_at_an_age_needs_a_pull_there_and_looks_no_further() -> None:
    asked = limit("PL80-42D")
    short = judge_series([(0.0, retention(1.0)), (14.0, retention(0.99))], asked)
    assert short.outcome is Outcome.INCONCLUSIVE
    assert "No pull at 42 d" in short.reason
    assert judge_series([(0.0, retention(1.0)), (41.5, retention(0.99))], asked).outcome is Outcome.PASS
    later = judge_series([(42.0, retention(0.99)), (90.0, retention(0.5))], asked)
    assert (later.outcome, later.up_to_d) == (Outcome.PASS, 42.0)


def test_no_pull_is_not_assessed() -> None:
    found = judge_series([], PAPER)
    assert found.outcome is Outcome.NOT_ASSESSED
    assert found.judged_age_d is None
    assert json.loads(json.dumps(found.as_json()))["pulls"] == []


def test_lead_that_goes_back_is_a_finding() -> None:
    # 3.0 - 2.0 against 1.645 sqrt(0.1^2 + 0.1^2) = 0.233
    found = judge_series([(7.0, released(3.0)), (14.0, released(2.0))], PAPER, subject="LT-1")
    assert [one.rule for one in found.findings] == [LEAD_LOST]
    assert found.findings[0].subject == "LT-1"
    assert "lead lost from solution" in found.findings[0].message
    assert found.judged_age_d == 7.0


def test_noise_and_missing_uncertainties_are_no_finding() -> None:
    assert not judge_series([(7.0, released(3.0)), (14.0, released(2.8))], PAPER).findings
    assert not judge_series([(7.0, released(3.0, None)), (14.0, released(1.0))], PAPER).findings
    assert not judge_series([(7.0, below(3.0)), (14.0, released(1.0))], PAPER).findings


def test_a_non_detect_after_a_value_far_above_it_is_a_finding() -> None:
    assert judge_series([(7.0, released(4.0)), (14.0, below(1.0))], PAPER).findings
    assert not judge_series([(7.0, released(4.0)), (14.0, below(3.95))], PAPER).findings


def test_a_falling_retention_is_no_lead_lost() -> None:
    assert not judge_series([(0.0, retention(1.0)), (42.0, retention(0.85))], limit("PL80-42D")).findings


@pytest.mark.parametrize("age", [-1.0, float("nan"), float("inf")])
def test_an_age_that_is_none_is_refused(age: float) -> None:
    with pytest.raises(InputError, match="age of the pull"):
        judge_series([(age, released(1.0))], PAPER)


def test_a_pull_of_another_kind_is_refused() -> None:
    with pytest.raises(EvidenceError, match="particle loading"):
        judge_series([(0.0, Quantity(1.0, "ug/L", "lead_mass_concentration", u=0.1))], PAPER)


one_pull = st.one_of(
    st.builds(released, st.floats(0, 10), st.none() | st.floats(0, 2)),
    st.builds(below, st.floats(0, 30), st.none() | st.floats(0, 2)),
)


@given(pulls=st.lists(st.tuples(st.integers(0, 60).map(float), one_pull), min_size=1, max_size=6))
def test_a_series_agrees_with_every_pull_judged_alone(pulls: list[tuple[float, Quantity]]) -> None:
    alone = [judge(quantity, PAPER).outcome for _, quantity in pulls]
    found = judge_series(pulls, PAPER)
    if Outcome.FAIL in alone:
        expected = Outcome.FAIL
    elif all(one is Outcome.PASS for one in alone):
        expected = Outcome.PASS
    else:
        expected = Outcome.INCONCLUSIVE
    assert found.outcome is expected
    assert found.judged.outcome is expected
    if all(quantity.censoring is Censoring.BELOW for _, quantity in pulls):
        assert found.outcome is not Outcome.FAIL
    assert judge_series(list(reversed(pulls)), PAPER).outcome is expected
