"""The demo: builds, asks, reports, ends with a table; never writes into what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_the_demo_ends_with_a_table_and_where_the_reports_are(
    labdb: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = labdb("demo")
    assert ran.code == 0
    last = ran.out.splitlines()[-1]
    assert last.startswith("Next: open labdb-demo/reports/compliance.pdf")
    for sample in ("S-BR", "S-MIX", "S-I"):
        assert f"\n{sample} " in ran.out
    assert {path.suffix for path in (tmp_path / "labdb-demo" / "reports").iterdir()} == {".pdf", ".html", ".json"}


def test_the_ordinary_week_has_only_passes(labdb: Run, tmp_path: Path) -> None:
    ran = labdb("demo", tmp_path / "week", "--clean", "--json")
    (row,) = ran.data
    assert (row["sample"], row["verdict"], row["findings"]) == ("S-2602", "pass", 0)


def test_a_folder_with_something_in_it_is_refused_and_left_alone(labdb: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("chapter 1", encoding="utf-8")
    ran = labdb("demo", tmp_path)
    assert ran.code == 1
    assert "not empty" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
