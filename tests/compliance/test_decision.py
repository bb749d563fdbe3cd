"""Decision rules: the printed examples, the exact ends, and an independent oracle in exact arithmetic."""

import json
import math
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.compliance.decision import Outcome, Region, parse_decision, probability_of_conformity
from labdb.errors import InputError, UnknownNameError

GUARDED = parse_decision("guarded-95")
AT_MOST, BELOW = Region(upper=5.0), Region(upper=5.0, upper_closed=False)
AT_LEAST, ABOVE = Region(lower=5.0), Region(lower=5.0, lower_closed=False)


def vectors(shared_data: Path, topic: str) -> list[dict[str, Any]]:
    every = json.loads((shared_data / "reference" / "vectors.json").read_text(encoding="utf-8"))
    found = [one for one in every if one["topic"] == topic]
    assert found
    return found


def test_the_guard_factor_is_exactly_1_645_and_widens_below_30_degrees_of_freedom() -> None:
    assert GUARDED.factor() == 1.645
    assert GUARDED.factor(30) == 1.645
    # Student's t, one-sided 95 %: printed tables give 2.920 (2) and 1.833 (9)
    assert GUARDED.factor(2) == pytest.approx(2.920, abs=5e-4)
    assert GUARDED.factor(9) == pytest.approx(1.833, abs=5e-4)
    assert parse_decision("simple").factor(2) == 0.0
    assert parse_decision("ilac-g8").factor(2) == 2.0


@pytest.mark.parametrize("dof", [0.0, -1.0, math.nan])
def test_degrees_of_freedom_that_are_none_are_refused(dof: float) -> None:
    with pytest.raises(InputError, match="degrees of freedom"):
        GUARDED.factor(dof)


@pytest.mark.parametrize(
    ("region", "value", "expected"),
    [
        # ends with u exactly 0: an exact comparison
        (AT_MOST, 5.0, Outcome.PASS),
        (BELOW, 5.0, Outcome.FAIL),
        (AT_LEAST, 5.0, Outcome.PASS),
        (ABOVE, 5.0, Outcome.FAIL),
        (AT_MOST, 5.0000000001, Outcome.FAIL),
        (BELOW, 4.9999999999, Outcome.PASS),
    ],
)
def test_on_the_end_of_a_limit_the_operator_decides(region: Region, value: float, expected: Outcome) -> None:
    for rule in ("guarded-95", "simple", "ilac-g8", "probability(0.95)"):
        assert parse_decision(rule).decide(value, 0.0, region) is expected


def test_differences_beyond_12_digits_are_not_seen() -> None:
    assert AT_MOST.contains(5.0 + 1e-13)
    assert not BELOW.contains(5.0 - 1e-13)
    # 0.1 + 0.2 is not 0.3 in binary; a raw comparison would call it above
    assert Region(upper=0.3).contains(0.1 + 0.2)


@pytest.mark.parametrize(
    ("region", "u", "expected"),
    # 5 -+ 1.645 u with u = 1 stands on the guarded end: the operator decides there as well
    [
        (AT_MOST, 1.0, (Outcome.PASS, Outcome.INCONCLUSIVE)),
        (BELOW, 1.0, (Outcome.INCONCLUSIVE, Outcome.FAIL)),
    ],
)
def test_on_the_guarded_end_an_upper_limit_is_decided_by_its_operator(
    region: Region, u: float, expected: tuple[Outcome, Outcome]
) -> None:
    assert GUARDED.decide(5.0 - 1.645, u, region) is expected[0]
    assert GUARDED.decide(5.0 + 1.645, u, region) is expected[1]


@pytest.mark.parametrize(
    ("region", "expected"),
    [(AT_LEAST, (Outcome.INCONCLUSIVE, Outcome.PASS)), (ABOVE, (Outcome.FAIL, Outcome.INCONCLUSIVE))],
)
def test_on_the_guarded_end_a_lower_limit_is_decided_by_its_operator(
    region: Region, expected: tuple[Outcome, Outcome]
) -> None:
    assert GUARDED.decide(5.0 - 1.645, 1.0, region) is expected[0]
    assert GUARDED.decide(5.0 + 1.645, 1.0, region) is expected[1]


def oracle(value: float, u: float, k: str, operator: str, limit: float) -> Outcome:
    """The inequalities of the rule, written out once more, in exact arithmetic."""
    twelve = Context(prec=12)

    def rounded(number: Fraction) -> Decimal:
        return twelve.divide(Decimal(number.numerator), Decimal(number.denominator))

    y, g, end = Fraction(value), Fraction(k) * Fraction(u), rounded(Fraction(limit))
    high, low = rounded(y + g), rounded(y - g)
    passes = {"<=": high <= end, "<": high < end, ">=": low >= end, ">": low > end}[operator]
    fails = {"<=": low > end, "<": low >= end, ">=": high < end, ">": high <= end}[operator]
    assert not (passes and fails)
    return Outcome.PASS if passes else Outcome.FAIL if fails else Outcome.INCONCLUSIVE


REGIONS: dict[str, Callable[[float], Region]] = {
    "<=": lambda end: Region(upper=end),
    "<": lambda end: Region(upper=end, upper_closed=False),
    ">=": lambda end: Region(lower=end),
    ">": lambda end: Region(lower=end, lower_closed=False),
}


@given(
    # three decimals: so that ends are hit, and so that no tie in the 13th digit depends on binary rounding
    value=st.integers(0, 20_000).map(lambda n: n / 1000),
    u=st.integers(0, 3_000).map(lambda n: n / 1000),
    limit=st.integers(1, 20_000).map(lambda n: n / 1000),
    operator=st.sampled_from(["<=", "<", ">=", ">"]),
    rule=st.sampled_from([("guarded-95", "1.645"), ("simple", "0"), ("ilac-g8", "2")]),
)
def test_every_rule_agrees_with_an_oracle_in_exact_arithmetic(
    value: float, u: float, limit: float, operator: str, rule: tuple[str, str]
) -> None:
    name, k = rule
    assert parse_decision(name).decide(value, u, REGIONS[operator](limit)) is oracle(value, u, k, operator, limit)


def test_on_a_grid_that_hits_the_ends_every_rule_agrees_with_the_oracle() -> None:
    # y = 5 +- k u for u in steps of 0.2: the guarded end itself, where raw floats go wrong
    seen = set()
    for name, k in (("guarded-95", "1.645"), ("ilac-g8", "2")):
        for step in range(11):
            for sign in (-1, 1):
                u = step / 5
                value = float(Fraction(5) + sign * Fraction(k) * Fraction(step, 5))
                for operator, region in REGIONS.items():
                    found = parse_decision(name).decide(value, u, region(5.0))
                    exact = oracle(value, u, k, operator, 5.0)
                    assert found is exact, (name, value, u, operator)
                    seen.add(found)
    assert seen == {Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE}


def test_an_interval_passes_if_both_ends_do_and_fails_if_either_does() -> None:
    inside = Region(lower=4.0, upper=6.0)
    assert GUARDED.decide(5.0, 0.5, inside) is Outcome.PASS
    assert GUARDED.decide(5.0, 0.7, inside) is Outcome.INCONCLUSIVE
    assert GUARDED.decide(3.0, 0.5, inside) is Outcome.FAIL
    assert GUARDED.decide(7.0, 0.5, inside) is Outcome.FAIL
    assert GUARDED.decide(6.5, 0.5, inside) is Outcome.INCONCLUSIVE
    # narrower than the guard band on both sides: nothing can pass, and the middle does not fail
    assert GUARDED.decide(5.0, 10.0, inside) is Outcome.INCONCLUSIVE


def test_ilac_four_way_examples(shared_data: Path) -> None:
    rule = parse_decision("ilac-g8")
    for one in vectors(shared_data, "4-way class, upper TL=10,U=2,w=U"):
        x, end, u = one["inputs"]["x"], one["inputs"]["TL"], one["inputs"]["U"] / one["inputs"]["k"]
        region = Region(upper=end)
        outcome = rule.decide(x, u, region)
        assert rule.wording(outcome, region.contains(x)).replace(" ", "_") == one["expected"]["cls"]
        assert outcome is (Outcome.PASS if one["expected"]["cls"] == "pass" else Outcome.INCONCLUSIVE)
        found = probability_of_conformity(x, u, region, floor=0.0)
        assert found == pytest.approx(one["expected"]["p_conform"], rel=one["rtol"])


def test_ilac_beyond_the_guard_band_fails() -> None:
    rule = parse_decision("ilac-g8")
    assert rule.wording(rule.decide(12.1, 1.0, Region(upper=10.0)), False) == "fail"


def test_the_jcgm_example_of_a_tolerance_interval(shared_data: Path) -> None:
    for one in vectors(shared_data, "p_conform"):
        given_ = one["inputs"]
        found = probability_of_conformity(given_["y"], given_["u"], Region(lower=given_["TL"], upper=given_["TU"]))
        assert found == pytest.approx(one["expected"]["p"], rel=one["rtol"])


def test_the_largest_false_acceptance_is_what_the_guard_band_leaves(shared_data: Path) -> None:
    # a true value on the limit, a reading on the acceptance limit g inside: the chance to accept it wrongly
    for one in vectors(shared_data, "false accept at acceptance limit"):
        k = one["inputs"]["guard_band_in_u"]
        wrong = 1.0 - probability_of_conformity(10.0 - k, 1.0, Region(upper=10.0))
        assert wrong == pytest.approx(one["expected"]["p_false_accept_max"], rel=one["rtol"])


def test_the_probability_is_cut_at_zero_for_what_cannot_be_negative() -> None:
    # [Phi(1) - Phi(-1)] / [1 - Phi(-1)] for y = u = 1, upper end 2; Phi(1) = 0.8413447461 from tables
    phi = 0.8413447460685429
    expected = (phi - (1 - phi)) / phi
    assert probability_of_conformity(1.0, 1.0, Region(upper=2.0), floor=0.0) == pytest.approx(expected, rel=1e-12)
    assert probability_of_conformity(1.0, 1.0, Region(upper=2.0)) == pytest.approx(phi, rel=1e-12)


def test_far_below_zero_what_is_left_stands_on_zero() -> None:
    assert probability_of_conformity(-100.0, 1.0, Region(upper=5.0), floor=0.0) == 1.0
    assert probability_of_conformity(-100.0, 1.0, Region(lower=5.0), floor=0.0) == 0.0


def test_few_degrees_of_freedom_make_tails_heavier() -> None:
    # t(0.95, 2) = 2.920: a value 2.920 u below the end conforms with 95 %, printed table
    assert probability_of_conformity(5 - 2.920, 1.0, AT_MOST, dof=2) == pytest.approx(0.95, abs=1e-4)
    assert probability_of_conformity(5 - 2.920, 1.0, AT_MOST) > 0.998


@given(
    value=st.floats(0.1, 20), u=st.floats(0.01, 5), floor=st.sampled_from([None, 0.0]), dof=st.sampled_from([None, 3.0])
)
def test_a_probability_is_between_0_and_1_and_both_sides_add_up(
    value: float, u: float, floor: float | None, dof: float | None
) -> None:
    below = probability_of_conformity(value, u, AT_MOST, floor=floor, dof=dof)
    above = probability_of_conformity(value, u, AT_LEAST, floor=floor, dof=dof)
    assert 0.0 <= below <= 1.0
    assert below + above == pytest.approx(1.0, abs=1e-12)


@given(value=st.floats(3, 7), u=st.floats(0.01, 1))
def test_a_rule_by_probability_is_the_guard_band_of_its_quantile_without_a_floor(value: float, u: float) -> None:
    by_probability = parse_decision("probability(0.95)").decide(value, u, AT_MOST)
    distance = abs(abs(value - 5.0) / u - 1.6448536269514722)
    if distance > 1e-9:  # on the end itself the 12 digits of the probability decide
        inside = abs(value - 5.0) / u > 1.6448536269514722
        expected = (Outcome.PASS if value < 5 else Outcome.FAIL) if inside else Outcome.INCONCLUSIVE
        assert by_probability is expected


def test_at_one_half_a_rule_by_probability_is_plain_comparison() -> None:
    rule = parse_decision("probability(0.5)")
    assert rule.decide(5.0, 1.0, AT_MOST) is Outcome.PASS
    assert rule.decide(5.0, 1.0, BELOW) is Outcome.FAIL
    assert rule.decide(5.1, 1.0, AT_MOST) is Outcome.FAIL


@pytest.mark.parametrize("name", ["guarded-95", "simple", "ilac-g8", "probability(0.99)"])
def test_a_rule_is_known_by_its_name(name: str) -> None:
    rule = parse_decision(name)
    assert str(rule) == name
    assert parse_decision(rule) is rule
    assert parse_decision(f" {name} ") == rule


@pytest.mark.parametrize("name", ["", "guarded", "probability", "probability()", "GUARDED-95", "1.645"])
def test_an_unknown_rule_is_refused_with_a_known_one(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"guarded-95|probability\(0\.95\)"):
        parse_decision(name)


@pytest.mark.parametrize("p", ["0.4", "1", "1e5", "-0.95", "0.9.5"])
def test_a_probability_out_of_range_is_refused(p: str) -> None:
    with pytest.raises(InputError, match="probability"):
        parse_decision(f"probability({p})")
