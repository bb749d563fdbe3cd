"""What to measure to decide, asked at the terminal; numbers from SCIENCE, section 3, "plan"."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

LIMIT = ("--limit", "PAPER-5UGG")


@pytest.mark.parametrize(
    ("loading", "meaning", "text"),
    [
        ("0.5000(11) mg/mL", "below_LC", "LD <= 2.49 ug/L at 0.5 mg/mL, or loading >= 2.01 mg/mL at 10 ug/L"),
        ("0.50(1) mg/mL", "below_LC", "LD <= 2.42 ug/L at 0.5 mg/mL, or loading >= 2.07 mg/mL at 10 ug/L"),
        ("0.50000(1) mg/mL", "below_LD", "LD <= 1.67 ug/L at 0.5 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L"),
        ("0.50000(1) mg/mL", "not_stated", "LD <= 1.67 ug/L at 0.5 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L"),
    ],
)
def test_a_test_still_to_be_made_is_told_its_detection_limit_and_loading(
    labdb: Run, clean_lab: Path, loading: str, meaning: str, text: str
) -> None:
    arguments = ("plan", *LIMIT, "--loading", loading, "--detection-limit", "10 ug/L", "--meaning", meaning)
    (row,) = labdb(*arguments, "--json", lab=clean_lab).data
    assert row["next_step"] == text
    assert text in labdb(*arguments, lab=clean_lab).out


def test_one_of_loading_and_detection_limit_gives_the_other(labdb: Run, clean_lab: Path) -> None:
    ld = labdb("plan", *LIMIT, "--loading", "0.50(1) mg/mL", "--meaning", "below_LC", "--json", lab=clean_lab).data[0]
    assert ld["numbers"]["detection_limit_max_ug_per_l"] == pytest.approx(2.42, abs=0.005)
    loading = labdb("plan", *LIMIT, "--detection-limit", "10 ppb", "--meaning", "below_LC", "--json", lab=clean_lab)
    # without an uncertainty of the loading, LD / L (a hair more, to be inside)
    assert loading.data[0]["numbers"]["loading_min_mg_per_ml"] == pytest.approx(2.0, rel=1e-6)


def test_a_plan_needs_no_lab(labdb: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LABDB_LAB", raising=False)
    ran = labdb("plan", *LIMIT, "--loading", "0.5000(11) mg/mL", "--detection-limit", "10 ug/L")
    assert ran.code == 0
    assert "guarded-95" in ran.out


def test_a_recorded_subject_is_told_what_would_decide_each_of_its_tests(labdb: Run, paper_lab: Path) -> None:
    rows = labdb("plan", "S-MIX", *LIMIT, "--json", lab=paper_lab).data
    steps = {row["subject"]: row["next_step"] for row in rows}
    assert steps == {
        "LT-MIX-A": "LD <= 1.67 ug/L at 0.5 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L",
        "LT-MIX-B": "u <= 0.046 ug/g (0.9 %) would make this value a fail",
    }


def test_following_the_advice_turns_inconclusive_into_pass(labdb: Run, clean_lab: Path) -> None:
    from labdb.compliance.judgement import judge
    from labdb.compliance.limit import limit
    from labdb.quantity import Quantity

    arguments = ("plan", *LIMIT, "--loading", "0.50(1) mg/mL", "--detection-limit", "10 ug/L", "--json")
    numbers = labdb(*arguments, lab=clean_lab).data[0]["numbers"]
    bound = numbers["detection_limit_max_ug_per_l"] / 0.5
    released = Quantity(bound, "ug/g", "released_lead_mass_fraction", u=0.02 * bound, censoring="below")  # type: ignore[arg-type]
    assert judge(released, limit("PAPER-5UGG")).outcome.value == "pass"


def test_what_is_decided_needs_nothing(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("plan", "S-2602", lab=clean_lab)
    assert ran.out.count("decided, pass, rule guarded-95; nothing to measure") == 3


def test_planning_stores_no_verdict(labdb: Run, paper_lab: Path) -> None:
    from labdb.connection import open_reader
    from labdb.settings import read_config

    def stored() -> int:
        with open_reader(read_config(paper_lab)) as reader:
            return int(reader.rows("SELECT count(*) AS n FROM verdicts")[0]["n"])

    before = stored()
    assert labdb("plan", "S-I", lab=paper_lab).code == 0
    assert stored() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a subject"),
        (("S-I", "--loading", "1 mg/mL"), "name a subject"),
        (("--loading", "1 mg/mL"), "--limit PAPER-5UGG"),
        ((*LIMIT, "--loading", "1 mg"), "--loading"),
        ((*LIMIT, "--loading", "0 mg/mL"), "more than 0 mg/mL"),
        ((*LIMIT, "--detection-limit", "10 mg"), "--detection-limit"),
        ((*LIMIT, "--loading", "1 mg/mL", "--meaning", "below_LE"), "did you mean below_L"),
        (("--limit", "PAPER-5UG", "--loading", "1 mg/mL"), "did you mean PAPER-5UGG?"),
        (("--limit", "WHO-BLL-Pb", "--loading", "1 mg/mL"), "blood_lead"),
    ],
)
def test_what_is_refused_is_one_clear_line(labdb: Run, paper_lab: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = labdb("plan", *arguments, lab=paper_lab)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
