"""Studies: pulls planned, recorded, missed; never guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import ConflictError, InputError, UnknownNameError
from labdb.intake.correction import correct
from labdb.intake.file import take_in
from labdb.intake.study import new_study, read_ages, record_pull
from labdb.intake.writer import IntakeRefused
from labdb.stability.study import PullState

if TYPE_CHECKING:
    from labdb.lab import Lab

Write = Callable[[str, str], Path]
Rows = Callable[..., list[dict[str, Any]]]
Contents = Callable[["Lab"], tuple[dict[str, int], list[str]]]

PULLS = "SELECT age_d, state, vial FROM pulls WHERE study = 'ST-01' ORDER BY age_d"


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("0d,7d,14d", [0, 7, 14]),
        ("14d, 7d ,0d,7d", [0, 7, 14]),
        ("6 weeks", [42]),
        ("12 h,1,", [0.5, 1]),
    ],
)
def test_a_pull_plan_is_read_in_days_ascending_each_once(text: str, ages: list[float]) -> None:
    assert read_ages(text) == pytest.approx(ages, rel=1e-12)  # one conversion of a double


@pytest.mark.parametrize("text", ["", ",", "soon", "-1d", "7 mg", "nan", "7d;14d"])
def test_a_pull_plan_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_ages(text)


@given(st.lists(st.integers(min_value=0, max_value=2000), min_size=1, max_size=8))
def test_a_pull_plan_does_not_depend_on_its_order(days: list[int]) -> None:
    assert read_ages(",".join(f"{day}d" for day in days)) == sorted(set(days))


# header beside code and name, cells, column, message
WRONG = [
    ("sample,condition,started_at,measure,pulls", 'S-2,water,2026-11-10T10:00+01:00,PL,"0d,7d"', "sample", "S-1"),
    ("sample,condition,started_at,measure,pulls", 'S-1,watr,2026-11-10T10:00+01:00,PL,"0d,7d"', "condition", "water"),
    ("sample,condition,started_at,measure,pulls", 'S-1,water,2026-11-10,PL,"0d,7d"', "started_at", "UTC offset"),
    ("sample,condition,started_at,measure,pulls", 'S-1,water,2026-11-10T10:00+01:00,PLL,"0d,7d"', "measure", "PL"),
    ("sample,condition,started_at,measure,pulls", "S-1,water,2026-11-10T10:00+01:00,PL,soon", "pulls", "cannot read"),
    ("sample,condition,started_at,measure,pulls", "S-1,water,2026-11-10T10:00+01:00,PL,", "pulls", "0d,7d,14d"),
    (
        "sample,condition,started_at,measure,pulls,window_d",
        "S-1,water,2026-11-10T10:00+01:00,PL,0d,-1",
        "window_d",
        "greater than or equal to 0",
    ),
]


@pytest.mark.parametrize(("header", "cells", "column", "message"), WRONG)
def test_a_study_that_cannot_be_is_refused_with_its_cell(
    bench: Lab, write: Write, contents: Contents, header: str, cells: str, column: str, message: str
) -> None:
    before = contents(bench)
    with pytest.raises(IntakeRefused) as refused:
        take_in(bench, [write("studies.csv", f"code,name,{header}\nST-02,again,{cells}")])
    (finding,) = refused.value.findings
    assert finding.where == f'studies.csv: line 2, column "{column}"'
    assert message in finding.message
    assert contents(bench) == before


def test_a_study_keeps_the_names_of_its_kinds_and_its_plan(bench: Lab, rows: Rows) -> None:
    (study,) = rows(bench, "SELECT measure, sample, condition, started_at FROM studies")
    assert study == {
        "measure": "photoluminescence_intensity,lead_mass_concentration",
        "sample": "S-1-W1",
        "condition": "water",
        "started_at": "2026-11-10T09:00:00Z",
    }
    assert [row["age_d"] for row in rows(bench, PULLS)] == [0, 7, 14]


def test_a_pull_is_recorded_once_or_missed_and_the_others_are_listed(bench: Lab, rows: Rows) -> None:
    assert record_pull(bench, "ST-01", "7d", vial="2") == 7
    assert record_pull(bench, "ST-01", "2 weeks", state=PullState.MISSED, reason="holiday") == 14
    assert [(row["state"], row["vial"]) for row in rows(bench, PULLS)] == [
        (None, None),
        ("recorded", "2"),
        ("missed", None),
    ]
    with pytest.raises(ConflictError, match="the pull of ST-01 at 7d is already recorded"):
        record_pull(bench, "ST-01", "7d")
    with pytest.raises(InputError, match="ST-01 has no pull at 8d; its pulls are 0d, 7d, 14d"):
        record_pull(bench, "ST-01", "8d")
    with pytest.raises(UnknownNameError, match="did you mean ST-01"):
        record_pull(bench, "ST-1", "7d")


@pytest.mark.parametrize(
    ("ages", "states"),
    [
        (["0"], ["recorded", None, None]),
        (["0.9", "8", "12.9"], ["recorded", "recorded", None]),
        (["3.5"], [None, None, None]),
        (["13", "15"], [None, None, "recorded"]),
    ],
)
def test_a_measurement_belongs_to_a_pull_within_the_window_of_one_day(
    bench: Lab, write: Write, rows: Rows, ages: list[str], states: list[str | None]
) -> None:
    take_in(bench, [write("pl.csv", "study,age,PL\n" + "\n".join(f"ST-01,{age},5000" for age in ages))])
    assert [row["state"] for row in rows(bench, PULLS)] == states


def test_one_age_between_two_close_pulls_is_one_of_them(bench: Lab, write: Write, rows: Rows) -> None:
    plan = 'ST-02,close,S-1,water,2026-11-10T10:00+01:00,PL,2,"0d,1d,2d"'
    take_in(bench, [write("studies.csv", f"code,name,sample,condition,started_at,measure,window_d,pulls\n{plan}")])
    take_in(bench, [write("pl.csv", "study,age,PL\nST-02,1.2,5000")])
    states = rows(bench, "SELECT state FROM pulls WHERE study = 'ST-02' ORDER BY age_d")
    assert [row["state"] for row in states] == [None, "recorded", None]


def test_a_pull_a_person_missed_stays_missed_when_a_reading_comes(bench: Lab, write: Write, rows: Rows) -> None:
    record_pull(bench, "ST-01", "7d", state=PullState.MISSED, reason="holiday")
    take_in(bench, [write("pl.csv", "study,age,PL\nST-01,7,5000")])
    assert [row["state"] for row in rows(bench, PULLS)] == [None, "missed", None]


def test_a_study_from_flags_begins_when_its_sample_was_made(bench: Lab) -> None:
    cells = {"name": "pl-air", "sample": "S-1-W1", "condition": "water", "pulls": "0d,7d", "measure": "PL"}
    with pytest.raises(InputError, match="S-1-W1 has no date; when did the study begin"):
        new_study(bench, cells)
    correct(bench, "S-1-W1", {"made_at": "2026-11-10T09:00+01:00"}, "was left out")
    made = new_study(bench, cells)
    assert (made.code, made.ages_d, made.kinds) == ("ST-02", (0, 7), ("photoluminescence_intensity",))
    with pytest.raises(ConflictError, match='study ST-02 is named "pl-air" already'):
        new_study(bench, cells)
    with pytest.raises(InputError, match="--pulls: cannot read"):
        new_study(bench, {**cells, "name": "other", "pulls": "soon"})
    with pytest.raises(InputError, match='--measure: no quantity kind "PLL"'):
        new_study(bench, {**cells, "name": "other", "measure": "PLL"})
