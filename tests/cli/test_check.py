"""Findings at the terminal: exit codes, filters, explanations; the rules themselves are tested in tests/checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_the_papers_lab_is_found_out_and_ends_with_3(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("check", "--json", lab=paper_lab)
    assert ran.code == 3
    assert {"R01", "R02", "R03", "R05", "R06"} <= {row["rule"] for row in ran.data}
    order = ["error", "warning", "info"]
    severities = [row["severity"] for row in ran.data]
    assert severities == sorted(severities, key=order.index)


def test_an_ordinary_week_has_nothing_to_find(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("check", "--fail-on", "info", "--json", lab=clean_lab)
    assert (ran.code, ran.data) == (0, [])
    assert "nothing found" in labdb("check", lab=clean_lab).out


def test_one_rule_can_be_asked_alone(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("check", "--rule", "R05", "--json", lab=paper_lab)
    assert [(row["rule"], row["subject"]) for row in ran.data] == [("R05", "hcl_1M")]


def test_the_summary_counts_and_says_what_next(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("check", "--rule", "R05", lab=paper_lab)
    assert ran.out.startswith("error    R05        hcl_1M: ")
    assert ran.out.splitlines()[-2:] == ["0 warnings, 1 error", "Next: labdb check --explain R05"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--rule", "R06"), 0),  # warnings only
        (("--rule", "R06", "--fail-on", "warning"), 3),
        (("--rule", "R05", "--fail-on", "never"), 0),
    ],
)
def test_fail_on_decides_the_exit_code(labdb: Run, paper_lab: Path, arguments: tuple[str, ...], code: int) -> None:
    assert labdb("check", *arguments, lab=paper_lab).code == code


def test_severity_hides_what_weighs_less_and_says_how_much(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("check", "--severity", "error", lab=paper_lab)
    assert "warning  " not in ran.out
    assert "not shown)" in ran.out


def test_a_rule_explains_itself(labdb: Run) -> None:
    ran = labdb("check", "--explain", "R05")  # needs no lab
    assert ran.code == 0
    for word in ("Rationale:", "Source:", "Fails:", "Passes:"):
        assert word in ran.out
    listed = labdb("check", "--explain", "all", "--json").data
    assert [row["rule"] for row in listed] == sorted(row["rule"] for row in listed)
    assert all(row["rationale"] and row["source"] and row["title"] for row in listed)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rule", "R5"), "no rule"),
        (("--explain", "R555"), "no rule"),
        (("--severity", "warn"), "did you mean warning?"),
        (("--fail-on", "errors"), "did you mean error?"),
    ],
)
def test_what_is_refused_is_one_clear_line(labdb: Run, clean_lab: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = labdb("check", *arguments, lab=clean_lab)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
