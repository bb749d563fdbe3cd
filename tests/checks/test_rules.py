"""Rules: found by folder, run together, explained; deleting one is noticed."""

from __future__ import annotations

import pytest

from labdb import checks
from labdb.errors import UnknownNameError
from labdb.finding import Finding, Severity
from labdb.lab import Lab

# Every rule by its code. A rule that is deleted, or renamed, fails here; a new one is added here.
IDS = [
    "AMOUNT-1",
    "CAL-01",
    "CAL-02",
    "DOSE-NONE",
    "DOSE-OPEN",
    "DOSE-ORDER",
    "DOSE-OVERLAP",
    "LD-BLANKS",
    "LEACH-1",
    "LEACH-2",
    "LEACH-3",
    "LEACH-4",
    "LEACH-LOST",
    "LIMIT-1",
    "LIMIT-2",
    "LOAD-1",
    "LOAD-2",
    "LOT-1",
    "R01",
    "R02",
    "R03",
    "R04",
    "R05",
    "R06",
    "R07",
    "R08",
    "R09",
    "R10",
    "R11",
    "R12",
    "R13",
    "R14",
    "R15",
    "R16",
    "SETTINGS-1",
    "STEP-1",
    "STUDY-1",
    "STUDY-2",
    "UNIT-1",
    "VERDICT-1",
]


def test_the_rules_are_these() -> None:
    assert list(checks.rules()) == IDS


@pytest.mark.parametrize("name", IDS)
def test_a_rule_says_what_it_finds_why_from_where_and_what_fails_and_passes_it(name: str) -> None:
    rule = checks.rules()[name]
    text = checks.explain(name)
    assert text.startswith(f"{name}, {rule.severity.value}: {rule.title}")
    for word in ("\nRationale: ", "\nSource: ", "\nFails: ", "\nPasses: "):
        assert text.count(word) == 1, f"{name} lacks {word.strip()}"
    assert rule.title.endswith(".")
    assert rule.rationale.endswith(".")


def test_an_unknown_rule_is_refused_with_the_nearest(clean_lab: Lab) -> None:
    with pytest.raises(UnknownNameError, match='no rule "R5"; did you mean R05'):
        checks.run(clean_lab, ["R5"])
    with pytest.raises(UnknownNameError, match="no rule"):
        checks.explain("R99x")


def test_two_rules_cannot_have_one_code() -> None:
    def another(evidence: checks.Evidence) -> list[Finding]:
        """Something else."""
        return []

    with pytest.raises(ValueError, match="two rules are called R05"):
        checks.rule("R05", Severity.INFO, rationale="", source="")(another)


def test_findings_come_by_severity_then_rule_then_subject(paper: Lab) -> None:
    order = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    found = checks.run(paper)
    keys = [(order.index(one.severity), one.rule, one.subject) for one in found]
    assert keys == sorted(keys)
    assert {one.severity for one in found} == set(order)
    assert len(set(found)) == len(found)


def test_named_rules_alone_are_asked_each_once(paper_lab: Lab) -> None:
    assert {one.rule for one in checks.run(paper_lab, ["R05", "R03", "R05"])} == {"R03", "R05"}
    assert len(checks.run(paper_lab, ["R05", "R05"])) == 1


def test_a_finding_has_the_severity_of_its_rule(paper_lab: Lab) -> None:
    known = checks.rules()
    assert all(one.severity is known[one.rule].severity for one in checks.run(paper_lab))


def test_both_databases_give_the_same_findings(paper_lab: Lab, paper_lab_on_postgresql: Lab) -> None:
    names = [
        name for name in IDS if name not in ("LIMIT-1", "VERDICT-1")
    ]  # other tests store verdicts in one of the two
    assert checks.run(paper_lab, names) == checks.run(paper_lab_on_postgresql, names)


def test_an_empty_lab_has_nothing_to_find(lab: Lab) -> None:
    assert checks.run(lab) == []
