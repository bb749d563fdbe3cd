"""Verdicts at the terminal, on the example labs; the numbers are those the project's issue names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

LIMIT = ("--limit", "PAPER-5UGG")


def by_subject(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["subject"]: row for row in rows}


@pytest.mark.parametrize(
    ("test", "value", "at_d", "arguments"),
    [
        # 10.15 ug/L and 10.83 ug/L at 2 mg/mL; u from the method and the loading, 0.51 ug/g
        ("LT-MIX-B", 5.08, 42.0, ()),
        ("LT-I-B", 5.42, 28.0, ()),
        ("LT-I-B", 5.20, 42.0, ("--at", "42d")),
    ],
)
def test_a_value_just_over_the_limit_is_inconclusive_and_says_which_u_would_decide(
    labdb: Run, paper_lab: Path, test: str, value: float, at_d: float, arguments: tuple[str, ...]
) -> None:
    ran = labdb("assess", test, *LIMIT, *arguments, "--json", lab=paper_lab)
    (row,) = ran.data
    assert ran.code == 4
    assert row["outcome"] == "inconclusive"
    assert row["decision"] == "guarded-95"
    assert row["quantity"]["value"] == pytest.approx(value, abs=0.005)  # printed to two decimals
    assert row["quantity"]["u"] == pytest.approx(0.51, abs=0.005)
    assert f"{at_d:g} d" in row["reason"]
    # guarded-95: a fail needs y - 1.645 u > 5 (SCIENCE 3)
    would = (row["quantity"]["value"] - 5) / 1.645
    assert row["u_that_would_decide"] == pytest.approx(would, rel=1e-9)
    assert row["margin"] == pytest.approx(5 - row["quantity"]["value"], rel=1e-9)
    assert "would make this value a fail" in row["next_step"]


def test_the_printed_block_names_value_limit_its_standing_rule_reason_and_next_step(
    labdb: Run, paper_lab: Path
) -> None:
    ran = labdb("assess", "LT-MIX-B", *LIMIT, lab=paper_lab)
    head = "released lead in water up to 42 d: 5.08(51) ug/g against <= 5 ug/g PAPER-5UGG (unverified limit)"
    assert f"{head}: INCONCLUSIVE under guarded-95" in ran.out
    assert "because up to 42 d" in ran.out
    assert "margin -0.075 ug/g" in ran.out
    assert "Next: u <= 0.046 ug/g (0.9 %) would make this value a fail." in ran.out
    assert ran.err == ""


def test_the_simple_rule_says_fail_and_names_itself(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("assess", "LT-MIX-B", *LIMIT, "--decision", "simple", lab=paper_lab)
    assert ran.code == 3
    assert "FAIL under simple" in ran.out
    assert "unverified limit" in ran.out


@pytest.mark.parametrize(
    ("test", "bound", "next_step"),
    [
        ("LT-BR-B", 5.0, "LD <= 6.67 ug/L at 2 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L"),
        ("LT-BR-A", 20.0, "LD <= 1.67 ug/L at 0.5 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L"),
        ("LT-MIX-A", 20.0, "LD <= 1.67 ug/L at 0.5 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L"),
    ],
)
def test_a_non_detect_is_inconclusive_with_its_bound_and_what_to_measure(
    labdb: Run, paper_lab: Path, test: str, bound: float, next_step: str
) -> None:
    ran = labdb("assess", test, *LIMIT, "--json", lab=paper_lab)
    (row,) = ran.data
    assert ran.code == 4
    assert row["outcome"] == "inconclusive"
    assert (row["quantity"]["censoring"], row["quantity"]["value"]) == ("below", pytest.approx(bound))
    assert row["next_step"] == next_step


def test_nothing_passes_where_the_bound_is_above_the_limit_and_every_verdict_says_unverified(
    labdb: Run, paper_lab: Path
) -> None:
    ran = labdb("assess", "--all", *LIMIT, "--json", lab=paper_lab)
    rows = ran.data
    assert len(rows) >= 6  # A and B of three samples
    assert all("unverified limit" in row["wording"] for row in rows)
    bounds = [row for row in rows if row["quantity"] and row["quantity"]["censoring"] == "below"]
    assert bounds
    assert [row["subject"] for row in bounds if row["effective_bound"] > 5 and row["outcome"] != "inconclusive"] == []
    assert {row["outcome"] for row in rows} <= {"inconclusive", "not_assessed"}


def test_a_limit_per_day_passes_only_under_an_assumption_with_the_total_beside_it(labdb: Run, paper_lab: Path) -> None:
    arguments = ("assess", "LT-BR-A", "--limit", "ICHQ3D-Pb-oral", "--daily-mass", "10 mg")
    ran = labdb(*arguments, "--json", lab=paper_lab)
    (row,) = ran.data
    assert ran.code == 3  # the verdict beside it is a fail
    assert row["outcome"] == "pass"
    assert row["quantity"]["value"] == pytest.approx(0.2)  # 20 ug/g of 10 mg
    assert "only released lead" in row["assumption"]
    assert "under assumption A1" in row["wording"]
    beside = row["beside"]
    assert (beside["measurand"], beside["outcome"]) == ("total lead per day", "fail")
    assert beside["quantity"]["value"] > 100 * 5
    printed = labdb(*arguments, lab=paper_lab).out
    assert "PASS under assumption A1" in printed
    assert "ICHQ3D-Pb-oral: FAIL under guarded-95" in printed
    assert "It is 114 x the limit." in printed  # w 0.16, x(Pb) 0.3574: 572 of 5 ug/d


def test_a_limit_per_day_without_a_mass_asks_for_it(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("assess", "S-2602", "--limit", "ICHQ3D-Pb-oral", lab=clean_lab)
    assert ran.code == 1
    assert "--daily-mass" in ran.err


def without_u(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row | {"u_absolute": "", "u_relative": "", "u_model": ""} for row in rows]


def detected_at_14_d(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    found = {"value": "10.15", "threshold_meaning": "", "instrument_reading_ug_per_l": "10.15"}
    return [row | found if row["leach_test"] and row["age"] == "14" else row for row in rows]


def test_a_result_without_u_is_inconclusive_for_that_reason_and_says_which_u_would_decide(
    labdb: Run, edited_week: Callable[..., Path]
) -> None:
    lab = edited_week({"methods.csv": without_u, "observations_icp.csv": detected_at_14_d})
    ran = labdb("assess", "LT-1", *LIMIT, "--json", lab=lab)
    (row,) = ran.data
    assert ran.code == 4
    assert (row["outcome"], row["quantity"]["u"]) == ("inconclusive", None)
    assert "no u recorded" in row["reason"]
    # SCIENCE 3: 5.075 ug/g, "u must be <= 0.046 ug/g (0.9 %)"
    assert "u must be <= 0.046 ug/g (0.9 %)" in row["reason"]
    assert row["u_that_would_decide"] == pytest.approx(0.075 / 1.645, rel=1e-6)


def without_loading(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    missing = dict.fromkeys([name for name in rows[0] if name.endswith(("mg_per_ml", "mass_mg", "volume_ml"))], "")
    return [row | missing if row["code"] == "S-2602-W1" else row for row in rows]


def test_a_concentration_against_a_released_fraction_without_loading_names_what_is_missing(
    labdb: Run, edited_week: Callable[..., Path]
) -> None:
    lab = edited_week({"samples.csv": without_loading})
    ran = labdb("assess", "LT-1", *LIMIT, lab=lab)
    assert ran.code == 1
    assert ran.out == ""
    assert "ug/L" in ran.err
    assert "particle loading of S-2602-W1" in ran.err
    everything = labdb("assess", "--all", *LIMIT, "--json", lab=lab)
    assert [row["outcome"] for row in everything.data] == ["not_assessed"]
    assert "particle loading" in everything.data[0]["reason"]
    assert everything.code == 4


def test_the_three_verdicts_of_an_ordinary_week_are_pass(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("assess", "--all", "--json", lab=clean_lab)
    assert ran.code == 0
    found = [(row["limit"]["id"], row["outcome"]) for row in ran.data]
    assert found == [("LAB-PB-RELEASED", "pass"), ("LAB-PL-14D", "pass"), ("LAB-RL-20GY", "pass")]
    assert all(row["next_step"] is None for row in ran.data)


def test_no_evidence_is_a_row_and_not_an_error(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("assess", "S-2602", "--limit", "WHO-BLL-Pb", "--json", lab=clean_lab)
    assert (ran.code, [row["outcome"] for row in ran.data]) == (4, ["not_assessed"])


def test_exit_zero_is_for_interactive_use(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("assess", "LT-MIX-B", *LIMIT, "--decision", "simple", "--exit-zero", lab=paper_lab)
    assert ran.code == 0
    assert "FAIL" in ran.out


def test_csv_has_a_line_for_the_verdict_and_one_for_the_one_beside_it(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("assess", "LT-BR-A", "--limit", "ICHQ3D-Pb-oral", "--daily-mass", "10 mg", "--csv", lab=paper_lab)
    head, assumed, beside = ran.out.splitlines()
    assert head.startswith("code,subject,sample,measurand")
    assert ",pass," in assumed
    assert ",fail," in beside


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("assess",), "name subjects"),
        (("assess", "S-I", "--all"), "name subjects"),
        (("assess", "S-II"), "did you mean S-I?"),
        (("assess", "S-I", "--limit", "PAPER-5UG"), "did you mean PAPER-5UGG?"),
        (("assess", "S-I", "--decision", "guarded-94"), "did you mean guarded-95?"),
        (("assess", "LT-I-B", *LIMIT, "--at", "43d"), "LT-I-B has no pull at 43 d; it has 0 d, 1 d"),
        (("assess", "S-I", "--at", "42 mg"), "--at"),
        (("assess", "S-I", "--daily-mass", "10"), "--daily-mass"),
        (("assess", "S-I", "--json", "--csv"), "choose one"),
    ],
)
def test_what_is_refused_is_one_clear_line(labdb: Run, paper_lab: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = labdb(*arguments, lab=paper_lab)
    assert ran.code == 1
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert ran.out == ""
