"""A student's first hour: her batch, her step, her sample, her study, her files, with her two typos."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from labdb.lab import Lab

WEIGHED = ("--silica", "1.0020 g", "--weigh", "CsBr=91.9 mg", "--weigh", "PbBr2=158.1 mg", "--weigh", "K2CO3=100.3 mg")
CALCINE = ("step", "finish", "B-2601", "calcine", "--temperature", "605 degC", "--dwell", "30 min")
PULLS = ("--pulls", "0d,7d,14d,28d,42d", "--measure", "PL,Pb")
METHODS = """code,kind,what,unit,u_relative,limit_of_detection,threshold_meaning,blank_corrected,external
PL-1,PL,band integral,count,0.01,,,,
ICP-2,Pb,Dept. ICP,ug/L,0.02,10,below_LC,yes,yes
"""
ICP = """age,Pb
# from the ICP group
7 d,< 10 ug/L
14 d,<10 ppd
"""


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    from labdb.record import fixed_source

    with fixed_source(datetime(2026, 11, 24, 10, tzinfo=UTC)):
        yield


@pytest.fixture
def run(lab: Lab, labdb: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABDB_ACTOR", "mei")

    def call(*arguments: str | Path, code: int = 0) -> Any:  # noqa: ANN401 - a Ran of conftest.py
        done = labdb(*arguments, lab=lab.config.folder)
        assert done.code == code, (arguments, done)
        return done

    return call


def write_spectra(folder: Path) -> None:
    """Three emission scans in the layout of the spectrometer's text export; 0.992 and 0.987 of the first."""
    folder.mkdir()
    head = (
        "Type\tEmission Scan\nStart\t480.00\nStop\t560.00\nStep\t1.00\nFixed/Offset\t405.00\nXaxis\tWavelength\n"
        "Yaxis\tCounts\nScan Slit\t1.00\nDwell Time\t0.10\nNum of Scans\t1\n\n"
    )
    for day, scale in ((0, 1.0), (7, 0.992), (14, 0.987)):
        points = [(nm, 1e5 * scale * math.exp(-4 * math.log(2) * ((nm - 520) / 25) ** 2)) for nm in range(480, 561)]
        rows = "".join(f"{nm:.2f}\t{counts:.3f}\t\n" for nm, counts in points)
        text = f"Br7 water {day}\nLabels\tBr7\n{head}{rows}"
        (folder / f"Br7_w_d{day}.txt").write_text(text, encoding="utf-8")


def to_the_study(run: Callable[..., Any]) -> None:
    run("batch", "new", "--composition", "CsPbBr3", "--protocol", "confined-growth", *WEIGHED)
    run("sample", "new", "B-2601", "--powder", "0.412 g")
    water = ("--mass", "25.00(5) mg", "--volume", "50.00(5) mL", "--medium", "water", "--at", "2026-11-10")
    run("sample", "suspend", "S-2601", *water)
    run("study", "new", "pl-water", "--sample", "S-2601-W1", "--condition", "water", *PULLS)


def test_a_new_batch_answers_with_what_its_weighings_can_give(run: Callable[..., Any]) -> None:
    done = run(
        *("batch", "new", "--composition", "CsPbBr3", "--protocol", "confined-growth", "--alias", "notebook 7, p. 31"),
        *WEIGHED,
    )
    # 91.9 / 212.809 mmol Cs against 158.1 / 367.008 mmol Pb; worked example of FIRST_HOUR, recomputed by
    # tests/synthesis/test_stoichiometry.py
    expected = "Cs:Pb 1.002, limiting PbBr2, w at most 0.1995, lead 89.3 mg.  Label agrees with weighings."
    assert done.out.splitlines()[0] == f"B-2601  CsPbBr3-SiO2   {expected}"
    assert "not stated yet: lot (4), balance (4), soak time" in done.out
    assert done.out.splitlines()[-1].startswith("Next: labdb step finish B-2601 disperse")
    assert run("batch", "show", "notebook 7, p. 31").out.startswith("B-2601  CsPbBr3-SiO2  (also: notebook 7, p. 31)")


def test_a_deviation_needs_a_reason_and_then_names_the_next_step(run: Callable[..., Any]) -> None:
    run("batch", "new", "--composition", "CsPbBr3", "--protocol", "confined-growth", *WEIGHED)
    asked = run(*CALCINE, "--ramp", "7 degC/min", code=1)
    assert asked.out == ""
    assert asked.err == (
        'labdb: ramp 7 against 5 +/- 1 degC/min planned: deviation. It needs a reason: --why "..."   Nothing stored.\n'
    )
    told = run(*CALCINE, "--ramp", "7 degC/min", "--at", "2026-11-06 09:10", "--why", "furnace program 3 by mistake")
    assert told.out.splitlines()[-1] == "Next: cool: labdb step finish B-2601 cool"
    again = run(*CALCINE, code=1)
    assert "step 4 calcine of B-2601 is already finished" in again.err
    (batch,) = run("batch", "show", "B-2601", "--json").data
    (step,) = [one for one in batch["steps"] if one["state"]]
    assert step["deviation"] == "ramp 7 against 5 +/- 1 degC/min planned"
    assert step["deviation_reason"] == "furnace program 3 by mistake"


def test_a_suspension_has_a_loading_with_its_uncertainty_and_the_powder_has_less(run: Callable[..., Any]) -> None:
    run("batch", "new", "--composition", "CsPbBr3", *WEIGHED)
    assert run("sample", "new", "B-2601", "--powder", "0.412 g").out.startswith("S-2601  0.412 g powder from B-2601\n")
    done = run(
        *("sample", "suspend", "S-2601", "--mass", "25.00(5) mg", "--volume", "50.00(5) mL", "--medium", "water")
    )
    # u_rel = sqrt((0.05/25)^2 + (0.05/50)^2) = 0.00224
    assert done.out.splitlines()[0] == "S-2601-W1  0.5000(11) mg/mL in water; S-2601 has 387.0 mg left"


def test_a_study_names_the_pulls_that_are_in_the_past(run: Callable[..., Any]) -> None:
    to_the_study(run)
    done = run("study", "show", "ST-01", "--json").data[0]
    assert [pull["age_d"] for pull in done["pulls"]] == [0, 7, 14, 28, 42]
    other = run("study", "new", "again", "--sample", "S-2601-W1", "--condition", "water", *PULLS)
    said = "Study ST-02: 5 pulls, 2 kinds.  0d, 7d, 14d are in the past: record with intake, or say missed."
    assert other.out.splitlines()[0] == said


def test_spectra_and_a_corrected_table_go_in_and_a_wrong_intake_is_undone_by_one_line(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    to_the_study(run)
    (tmp_path / "methods.csv").write_text(METHODS, encoding="utf-8")
    run("intake", "methods.csv")
    write_spectra(tmp_path / "pl")
    take = ("intake", "pl", "--study", "ST-01", "--name", "Br7_w_d{days}.txt")
    dry = run(*take, "--dry-run")
    assert dry.out.splitlines()[0] == (
        "  3 files, Edinburgh emission, 3 spectra -> S-2601-W1 at 0, 7, 14 d.  "
        "Same ex 405 nm, slit 1 nm, dwell 0.1 s.  Nothing stored (dry run)."
    )
    assert run("study", "show", "ST-01", "--json").data[0]["pulls"][0]["state"] == "overdue"
    stored = run(*take)
    assert stored.out.startswith("I-0002  3 spectra -> S-2601-W1 at 0, 7, 14 d.")
    assert '1 % from method PL-1 used, marked "from method".' in stored.out

    (tmp_path / "icp_november.csv").write_text(ICP, encoding="utf-8")
    refused = run("intake", "icp_november.csv", "--study", "ST-01", code=1)
    assert refused.err.startswith(
        'labdb: icp_november.csv: line 4, column "Pb": "<10 ppd": no unit "ppd"; did you mean'
    )
    assert refused.err.rstrip().endswith("Nothing stored.")
    (tmp_path / "icp_november.csv").write_text(ICP.replace("ppd", "ppb"), encoding="utf-8")
    taken = run("intake", "icp_november.csv", "--study", "ST-01").out.splitlines()[0]
    assert taken.startswith(
        "I-0003  2 results for S-2601-W1: < 10 ug/L at 7 d, < 10 ug/L at 14 d "
        '(external, Dept. ICP; "<" means below LC, from method ICP-2; net of blank)'
    )

    due = run("due", "--on", "2026-11-24", "--within", "7d").out.splitlines()
    assert due == [
        "nothing due by Tue 1 Dec, nothing overdue.",
        "Next: ST-01 pull 28 d, Tue 8 Dec (window +/- 1 d)",
    ]
    undone = run("intake", "undo", "I-0003", "--why", "wrong month from the ICP group")
    assert undone.out.startswith("  2 results voided, kept in history")
    assert "is undone already" in run("intake", "undo", "I-0003", "--why", "again", code=1).err
    voided = [one["what"] for one in run("history", "S-2601-W1", "--json").data if one["what"].endswith("voided")]
    assert len(voided) == 2


def test_every_command_of_the_bench_prints_json_with_its_schema(run: Callable[..., Any]) -> None:
    import json

    to_the_study(run)
    for command in (
        ("batch", "list"),
        ("batch", "show", "B-2601"),
        ("sample", "show", "S-2601-W1"),
        ("sample", "tree", "B-2601"),
        ("study", "list"),
        ("study", "show", "ST-01"),
        ("history", "S-2601"),
        ("status",),
        ("due",),
        ("doctor",),
        ("show", "S-2601"),
        ("form", "samples"),
    ):
        document = json.loads(run(*command, "--json").out)
        words = [word for word in command if word.islower()]
        assert document["schema"] == f"labdb/{'-'.join(words[:2] if words[0] != 'form' else words[:1])}/1"
        assert isinstance(document["data"], list)
