"""Reports at the terminal; what stands in them is tested in tests/reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize("ending", ["pdf", "html", "json"])
def test_a_compliance_report_is_written_and_one_line_says_what_is_in_it(
    labdb: Run, paper_lab: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"mix.{ending}"
    ran = labdb("report", "compliance", "LT-MIX-B", "-o", path, "--limit", "PAPER-5UGG", lab=paper_lab)
    assert (ran.code, ran.err) == (0, "")
    assert f"{path}  draft R-" in ran.out
    assert "1 verdict (inconclusive)" in ran.out
    assert ran.out.splitlines()[-1] == "Next: labdb plan LT-MIX-B"
    assert path.stat().st_size > 1000


def test_the_line_counts_the_verdict_beside_an_assumed_one_too(labdb: Run, paper_lab: Path, tmp_path: Path) -> None:
    arguments = ("--limit", "ICHQ3D-Pb-oral", "--daily-mass", "10 mg")
    ran = labdb("report", "compliance", "LT-BR-A", "-o", tmp_path / "br.json", *arguments, lab=paper_lab)
    assert "2 verdicts (1 pass, 1 fail)" in ran.out


def test_rule_and_age_reach_the_report(labdb: Run, paper_lab: Path, tmp_path: Path) -> None:
    path = tmp_path / "i.json"
    arguments = ("--limit", "PAPER-5UGG", "--decision", "simple", "--at", "42d", "--customer", "the safety officer")
    assert labdb("report", "compliance", "LT-I-B", "-o", path, *arguments, lab=paper_lab).code == 0
    (report,) = json.loads(path.read_text(encoding="utf-8"))["data"]
    (verdict,) = report["verdicts"]
    assert (verdict["decision"], verdict["outcome"], verdict["scope"]) == ("simple", "fail", "at 42 d")
    assert report["customer"] == "the safety officer"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("S-I", "-o", "report.docx"), "expected a file ending in .pdf, .html, .json"),
        (("S-I", "-o", "nowhere/report.pdf"), "nowhere is no folder"),
        (("S-II", "-o", "report.json"), "did you mean S-I?"),
    ],
)
def test_what_is_refused_leaves_no_file(
    labdb: Run, paper_lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = labdb("report", "compliance", *arguments, lab=paper_lab)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert list(tmp_path.iterdir()) == []
