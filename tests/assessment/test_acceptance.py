"""What a careful person expects of the example labs' verdicts, number by number."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labdb.assessment import Assessed, assess
from labdb.compliance.decision import Outcome
from labdb.errors import EvidenceError

if TYPE_CHECKING:
    from labdb.lab import Lab

Take = Callable[..., str]

PAPER = "PAPER-5UGG"
ICH = "ICHQ3D-Pb-oral"
PRODUCTS = ("S-BR", "S-MIX", "S-I")


def one(lab: Lab, subject: str, limit: str = PAPER, **asked: object) -> Assessed:
    (found,) = assess(lab, subject, limits=[limit], store=False, **asked)  # type: ignore[arg-type] # as typed in a test
    return found


@pytest.mark.parametrize(
    ("test", "value", "u_that_would_decide", "margin"),
    # 10.15 and 10.83 ug/L at 2 mg/mL; u needed: what lies beyond 5 ug/g, over 1.645
    [("LT-MIX-B", "5.08(51) ug/g", 0.075 / 1.645, -0.075), ("LT-I-B", "5.42(51) ug/g", 0.415 / 1.645, -0.415)],
)
def test_a_value_just_beyond_the_limit_is_undecided_and_says_what_u_would_decide(
    paper: Lab, test: str, value: str, u_that_would_decide: float, margin: float
) -> None:
    found = one(paper, test)
    assert found.scope == "up to 42 d"
    assert str(found.judgement.quantity) == value
    assert found.judgement.outcome is Outcome.INCONCLUSIVE
    assert found.judgement.margin == pytest.approx(margin, rel=1e-9)
    assert found.judgement.u_that_would_decide == pytest.approx(u_that_would_decide, rel=1e-9)
    assert found.next_step is not None
    assert "would make this value a fail" in found.next_step
    assert found.decision == "guarded-95"
    assert "guard band" in found.judgement.reason


def test_the_largest_pull_decides_and_says_its_day(paper: Lab) -> None:
    assert "decided by the pull at 28 d" in one(paper, "LT-I-B").judgement.reason
    at_the_end = one(paper, "LT-I-B", at_d=42.0)
    assert (at_the_end.scope, str(at_the_end.judgement.quantity)) == ("at 42 d", "5.20(51) ug/g")
    assert at_the_end.judgement.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("test", ["LT-MIX-B", "LT-I-B"])
def test_the_simple_rule_says_fail_and_names_itself(paper: Lab, test: str) -> None:
    found = one(paper, test, decision="simple")
    assert (found.judgement.outcome, found.decision, found.judgement.decision) == (Outcome.FAIL, "simple", "simple")


def test_nothing_detected_at_2_mg_per_ml_is_undecided_with_the_bound_5(paper: Lab) -> None:
    found = one(paper, "LT-BR-B")
    assert found.judgement.quantity is not None
    assert (found.judgement.quantity.value, found.judgement.outcome) == (5.0, Outcome.INCONCLUSIVE)
    assert str(found.judgement.quantity) == "< 5.00 ug/g"


@pytest.mark.parametrize("test", ["LT-BR-A", "LT-MIX-A", "LT-I-A"])
def test_nothing_detected_at_half_a_mg_per_ml_is_undecided_with_the_bound_20(paper: Lab, test: str) -> None:
    found = one(paper, test)
    assert found.judgement.quantity is not None
    assert (found.judgement.quantity.value, found.judgement.outcome) == (20.0, Outcome.INCONCLUSIVE)
    assert found.next_step == "LD <= 1.67 ug/L at 0.5 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L"


@pytest.mark.parametrize("decision", ["guarded-95", "simple", "ilac-g8", "probability(0.95)"])
@pytest.mark.parametrize("product", PRODUCTS)
def test_nothing_passes_whose_bound_is_above_the_limit_and_no_non_detect_fails(
    paper_lab: Lab, product: str, decision: str
) -> None:
    for found in assess(paper_lab, product, limits=[PAPER], decision=decision, store=False):
        assert "unverified limit" in found.judgement.wording
        quantity = found.judgement.quantity
        assert quantity is not None
        if quantity.censoring.value == "below":
            assert found.judgement.outcome is not Outcome.FAIL
            if quantity.value > 5.0:
                assert found.judgement.outcome is Outcome.INCONCLUSIVE
        else:
            assert found.judgement.outcome is not Outcome.PASS


@pytest.mark.parametrize("product", PRODUCTS)
def test_released_lead_per_day_passes_under_an_assumption_only_with_total_lead_beside_it(
    paper: Lab, product: str
) -> None:
    for found in assess(paper, product, limits=[ICH], daily_mass_mg=10.0, store=False):
        assert found.judgement.wording == "pass under assumption A1"
        assert found.assumption == "A1: only released lead counts, up to 42 d, in water, 10 mg of particles a day"
        assert found.beside is not None
        total = found.beside.judgement
        assert total.outcome is Outcome.FAIL
        assert total.quantity is not None
        times = total.quantity.value / 5.0
        assert times > 100.0
        assert f"{times:.3g} x the limit" in total.reason


def test_total_lead_of_the_bromide_is_114_times_the_limit(paper: Lab) -> None:
    # w 0.16, x(Pb) 0.35735 in CsPbBr3, 10 mg a day: 571.8 ug/d against 5
    found = one(paper, "LT-BR-B", ICH)
    assert found.beside is not None
    assert "It is 114 x the limit." in found.beside.judgement.reason


def test_the_ordinary_week_passes_three_times_and_says_nothing_else(clean: Lab, shared_data: Path) -> None:
    with (shared_data / "clean" / "expected_verdicts.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["limit_id"]: row for row in csv.DictReader(file)}
    found = assess(clean, "S-2602", store=False)
    assert {each.limit.id: (each.subject, each.judgement.wording) for each in found} == {
        name: (row["subject"], row["expected"]) for name, row in expected.items()
    }
    assert len(found) == len(expected) == 3
    assert all(each.findings == () for each in found)
    bound = re.search(r"bound=([\d.]+) ug/g; u\(bound\)=([\d.]+)", expected["LAB-PB-RELEASED"]["numbers"])
    released = next(each.judgement.quantity for each in found if each.limit.id == "LAB-PB-RELEASED")
    assert bound is not None
    assert released is not None
    # the file prints six digits
    assert (released.value, released.u) == pytest.approx((float(bound[1]), float(bound[2])), rel=1e-4)


LEACH = "code,sample,leachant,whole_suspension_pulled,medium_renewed,origin\nLT-1,S-W,water,yes,no,synthetic"
READINGS = "sample,leach_test,age,quantity,value,unit,u,threshold_meaning"


def suspension(loading: str) -> str:
    columns = "code,kind,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium"
    return f"{columns}\nS-W,suspension,{loading},water"


def test_a_value_without_u_is_undecided_for_that_reason_and_says_what_u_would_decide(lab: Lab, take: Take) -> None:
    # 10.15 ug/L at 2 mg/mL without any u: SCIENCE 3 prints this very sentence
    take(lab, samples=suspension("2,0"), leach_tests=LEACH, observations=f"{READINGS}\nS-W,LT-1,42,Pb,10.15,ug/L,,")
    found = one(lab, "LT-1")
    assert found.judgement.outcome is Outcome.INCONCLUSIVE
    assert "no u recorded; to call this a fail u must be <= 0.046 ug/g (0.9 %)" in found.judgement.reason
    assert found.next_step == "u <= 0.046 ug/g (0.9 %) would make this value a fail"


def test_a_bound_without_u_of_the_loading_is_undecided_for_that_reason(lab: Lab, take: Take) -> None:
    reading = f"{READINGS}\nS-W,LT-1,42,Pb,<1,ug/L,,below_LC"
    take(lab, samples=suspension("2,"), leach_tests=LEACH, observations=reading)
    found = one(lab, "LT-1")
    assert found.judgement.outcome is Outcome.INCONCLUSIVE
    assert "loading has no uncertainty recorded" in found.judgement.reason
    assert found.next_step is not None
    assert "record the uncertainty of the loading" in found.next_step


def test_without_a_loading_the_comparison_is_an_error_that_names_it(lab: Lab, take: Take) -> None:
    take(lab, samples=suspension(","), leach_tests=LEACH, observations=f"{READINGS}\nS-W,LT-1,42,Pb,8,ug/L,1,")
    with pytest.raises(
        EvidenceError, match=r"lead is known in ug/L, the limit .* is in ug/g\. Needed: the particle loading"
    ):
        one(lab, "LT-1")
