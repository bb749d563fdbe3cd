"""Trends at the terminal, on the example labs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_a_week_without_change_says_so_in_the_form_of_the_bench(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("trend", "PL", "--study", "ST-01", "--normalise", "0d", lab=clean_lab)
    assert ran.code == 0
    assert "  0 d 1   7 d 1.0013(16)   14 d 1.0004(64)      no change shown; t80 > 14 d" in ran.out
    assert "mean over 3 vials" in ran.out
    assert "--plot pl.svg" in ran.out.splitlines()[-1]


def test_a_sample_that_sits_on_a_plateau_gets_no_t80(labdb: Run, paper_lab: Path) -> None:
    # SCIENCE 6: first order alone would invent t80 = 75 to 82 d for it
    ran = labdb("trend", "PL", "--sample", "S-I", "--condition", "water", "--normalise", "0d", "--json", lab=paper_lab)
    (row,) = ran.data
    assert (row["fit"]["model"], row["fit"]["t80_d"]) == ("plateau", None)
    assert "t80 not defined" in row["sentence"]
    assert {one["model"] for one in row["fit"]["losers"]} == {"constant", "linear", "first order"}
    assert [point["age_d"] for point in row["points"]] == [0, 1, 3, 7, 14, 21, 28, 35, 42]
    assert {point["n_vials"] for point in row["points"]} == {3}
    assert len(row["readings"]) == 27


def test_each_sample_and_condition_is_a_series_of_its_own(labdb: Run, paper_lab: Path) -> None:
    rows = labdb("trend", "PL", "--normalise", "0d", "--json", lab=paper_lab).data
    series = [(row["sample"], row["condition"]) for row in rows]
    assert len(series) == len(set(series))
    assert {("S-BR", "air_55RH"), ("S-I", "hcl_1M"), ("S-MIX", "water")} <= set(series)


def test_bounds_are_shown_as_bounds(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("trend", "Pb", "--sample", "S-2602", lab=clean_lab)
    assert "0 d < 1 ug/L" in ran.out


def test_a_detected_value_is_not_hidden_behind_the_bound_of_another_loading(labdb: Run, paper_lab: Path) -> None:
    rows = labdb("trend", "Pb", "--sample", "S-MIX", "--json", lab=paper_lab).data
    last = {row["sample"]: row["points"][-1]["mean"] for row in rows}
    assert (last["S-MIX-LT-A"]["censoring"], last["S-MIX-LT-A"]["value"]) == ("below", 10)
    assert (last["S-MIX-LT-B"]["censoring"], last["S-MIX-LT-B"]["value"]) == ("none", 10.15)


def test_csv_is_a_line_a_pull(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("trend", "PL", "--normalise", "0d", "--csv", lab=clean_lab)
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [float(row["age_d"]) for row in rows] == [0, 7, 14]
    assert {row["kind"] for row in rows} == {"photoluminescence_retention"}


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_plot_is_written_beside_the_numbers(labdb: Run, clean_lab: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"pl.{ending}"
    ran = labdb("trend", "PL", "--normalise", "0d", "--plot", path, "--json", lab=clean_lab)
    assert ran.code == 0
    assert len(ran.data) == 1  # stdout holds JSON only
    assert path.stat().st_size > 1000


def test_a_plot_in_letters_follows_the_numbers(labdb: Run, clean_lab: Path) -> None:
    ran = labdb("trend", "PL", "--normalise", "0d", "--terminal", lab=clean_lab)
    assert ran.out.index("no change shown") < ran.out.index("age / d")
    assert "\x1b" not in ran.out  # no colour: this is no terminal


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("trend", "PLL"), "did you mean"),
        (("trend", "PL", "--sample", "S-II"), "did you mean S-I?"),
        (("trend", "PL", "--condition", "watr"), "watr"),
        (("trend", "PL", "--sample", "S-I", "--normalise", "2d"), "no reading at 2 d"),
        (("trend", "PL", "--normalise", "0 mg"), "does not fit"),
        (("trend", "PL", "--plot", "pl.gif"), 'found the ending ".gif"'),
        (("trend", "PL", "--plot", "nowhere/pl.svg"), "nowhere is no folder"),
    ],
)
def test_what_is_refused_is_one_clear_line(labdb: Run, paper_lab: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = labdb(*arguments, lab=paper_lab)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
