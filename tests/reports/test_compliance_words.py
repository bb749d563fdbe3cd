from dataclasses import replace

import pytest

from labdb.assessment import Assessed
from labdb.compliance.decision import Outcome
from labdb.compliance.judgement import judge, not_assessed
from labdb.compliance.limit import Limit, limit
from labdb.finding import Finding, Severity
from labdb.quantity import Quantity, ThresholdMeaning
from labdb.reports.compliance import ComplianceReport
from labdb.reports.compliance_words import (
    day,
    days,
    expanded,
    join,
    margin_words,
    meaning_words,
    number,
    outcome_words,
    rule_words,
    summary,
    times_words,
)

PAPER = limit("PAPER-5UGG")
KIND = "released_lead_mass_fraction"


def released(value: float, u: float | None = 0.1, **more: str) -> Quantity:
    return Quantity(value, "ug/g", KIND, u=u, **more)  # type: ignore[arg-type]  # texts of enums are read as such


def assessed(
    quantity: Quantity | None, subject: str = "LT-1", decision: str = "guarded-95", by: Limit = PAPER
) -> Assessed:
    judged = not_assessed(by, decision, f"Not assessed: no lead is recorded for {subject}.")
    if quantity is not None:
        judged = judge(quantity, by, decision)
    return Assessed(subject, "S-1", "released lead in water", by, decision, "up to 42 d", judged, n=1)


def points(report: ComplianceReport, *verdicts: Assessed) -> list[str]:
    answer = summary(replace(report, verdicts=verdicts, findings=()))[1]
    return [answer.lead, *(f"{point.outcome}: {point.text}" for point in answer.points)]


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        (released(5.415, 0.5117), "(5.4 ± 1.0) µg/g"),  # U = 2 x 0.51 = 1.02
        (released(5.415, None), "5.415 µg/g, u not recorded"),
        (released(20.0, 0.4, censoring="below"), "< 20.0 µg/g"),
        (Quantity(0.9985, "1", "photoluminescence_retention", u=0.0018), "0.9985 ± 0.0036"),
    ],
)
def test_a_result_is_printed_with_twice_its_standard_uncertainty(quantity: Quantity, words: str) -> None:
    assert expanded(quantity) == words


def test_a_fail_comes_first_and_says_how_many_times(clean_report: ComplianceReport) -> None:
    lead, first, second = points(clean_report, assessed(released(1.0)), assessed(released(50.0), "LT-2"))
    assert lead == "Not every limit is kept."
    assert first.startswith("fail: released lead in water does not keep to ≤ 5 µg/g, PAPER-5UGG (unverified limit)")
    assert first.endswith("for LT-2 (10 times the limit).")
    assert second.startswith("pass: released lead in water keeps to")


def test_a_bound_is_told_apart_from_a_value_too_close(clean_report: ComplianceReport) -> None:
    bound = assessed(released(20.0, 0.4, censoring="below", threshold_meaning="below_LD"))
    _, first, second, third = points(
        clean_report, bound, assessed(released(5.05), "LT-2"), assessed(released(9.0, None), "LT-3")
    )
    assert "LT-1: nothing was detected, but what the measurement can detect is too much to tell." in first
    assert "LT-2: the value lies closer to the limit than its uncertainty allows." in second
    assert "LT-3: no uncertainty is recorded." in third


def test_a_bound_from_below_and_a_pull_not_made_are_not_told_as_nothing_detected(
    clean_report: ComplianceReport,
) -> None:
    over = assessed(released(3.0, 0.1, censoring="above"))
    kept = assessed(released(1.0), "LT-2")
    early = replace(
        kept,
        judgement=replace(kept.judgement, outcome=Outcome.INCONCLUSIVE, wording="inconclusive"),
        next_step="a pull at 42 d, the age the limit asks for",
    )
    _, first, second = points(clean_report, over, early)
    assert first.endswith("LT-1: the value is known from below only.")
    assert second.endswith("LT-2: what was measured keeps to it, but nothing was measured at the age it asks for.")


def test_verdicts_that_say_the_same_are_told_once(clean_report: ComplianceReport) -> None:
    told = points(clean_report, assessed(None, "LT-1"), assessed(None, "LT-2"))
    assert told == [
        "No limit is shown to be missed, but not every one could be decided.",
        "not_assessed: released lead in water against ≤ 5 µg/g, PAPER-5UGG (unverified limit), for LT-1 and LT-2: "
        "no lead is recorded.",
    ]


def test_what_to_do_next_names_the_failed_items_the_unverified_limit_and_the_findings(
    clean_report: ComplianceReport,
) -> None:
    found = (Finding("R03", Severity.ERROR, "LT-1", "", "two loadings"), Finding("X", Severity.INFO, "LT-1", "", "-"))
    report = replace(clean_report, verdicts=(assessed(released(50.0)),), findings=found)
    assert [point.text for point in summary(report)[2].points] == [
        "Treat LT-1 as not keeping to PAPER-5UGG.",
        "Find the source of PAPER-5UGG, or judge by another limit: that its authority set it is not verified.",
        "Read the 1 finding of labdb check (1 of them errors) first: a verdict is as good as the record behind it.",
    ]


def test_when_all_is_kept_nothing_is_to_be_measured(clean_report: ComplianceReport) -> None:
    (asked, answered, to_do) = summary(clean_report)
    assert "these 3 limits are kept by S-2602 (CsPbBr3)" in asked.lead
    assert answered.lead == "Every limit that was asked about is kept."
    assert to_do.lead.startswith("Nothing needs to be measured")
    assert not to_do.points


def test_a_verdict_and_what_is_said_of_it_are_parted() -> None:
    assert outcome_words(assessed(released(1.0))) == ("pass", "(unverified limit)")
    assert outcome_words(assessed(released(5.05), decision="ilac-g8")) == ("conditional fail", "(unverified limit)")
    assert outcome_words(assessed(None)) == ("not assessed", "(unverified limit)")


def test_a_margin_says_on_which_side() -> None:
    assert margin_words(assessed(released(1.0))) == "4 µg/g inside"
    assert margin_words(assessed(released(5.05))) == "0.05 µg/g beyond"
    assert margin_words(assessed(released(5.0))) == "on the limit"
    assert margin_words(assessed(None)) == "–"
    assert times_words(assessed(released(715.0))) == "143 times the limit"
    assert times_words(assessed(released(5.05))) == "", "not decided, so not counted"


def test_what_less_than_means_is_said_for_every_meaning() -> None:
    assert len({meaning_words(one) for one in ThresholdMeaning}) == 4
    assert meaning_words(None) == meaning_words(ThresholdMeaning.NOT_STATED)


@pytest.mark.parametrize("name", ["guarded-95", "simple", "ilac-g8", "probability(0.9)"])
def test_every_rule_is_explained_with_its_source(name: str) -> None:
    assert any(source in rule_words(name) for source in ("JCGM 106:2012", "ILAC-G8:09/2019"))


def test_days_numbers_and_lists() -> None:
    assert days("2026-11-05", "2026-11-05") == "5 November 2026"
    assert days("2026-11-05", None) == "5 November 2026 to not stated"
    assert day(None) == "not stated"
    assert number(None, "d") == "not stated"
    assert number(12000.0, "ug/g", 5) == "12000 µg/g"
    assert join(["a"]) == "a"
    assert join(["a", "b", "c"]) == "a, b and c"
