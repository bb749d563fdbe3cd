"""What tests of commands share: the example labs, built once a run, and labdb called as from a terminal."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Rows = list[dict[str, str]]
Edit = Callable[[Rows], Rows]


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> list[Any]:
        """The rows of what --json printed."""
        return list(json.loads(self.out)["data"])


@pytest.fixture
def labdb(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Call labdb as from a terminal, in this process: `labdb("dose", "S-I", lab=paper_lab)`."""

    def call(*arguments: str | Path, lab: Path | None = None) -> Ran:
        from labdb.__main__ import main

        given = [] if lab is None else ["--lab", str(lab)]
        monkeypatch.setattr(sys, "argv", ["labdb", *given, *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        written = capsys.readouterr()
        return Ran(int(end.value.code or 0), written.out, written.err)

    return call


@pytest.fixture(scope="session")
def paper_lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab of the source paper; tests may add verdicts to it, nothing else."""
    from labdb.demo.build import build_paper

    folder = tmp_path_factory.mktemp("labs") / "paper"
    build_paper(folder).close()
    return folder


@pytest.fixture(scope="session")
def clean_lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab of an ordinary week; tests may add verdicts to it, nothing else."""
    from labdb.demo.build import build_clean

    folder = tmp_path_factory.mktemp("labs") / "clean"
    build_clean(folder).close()
    return folder


@pytest.fixture
def edited_week(tmp_path: Path) -> Callable[[dict[str, Edit]], Path]:
    """Build the ordinary week from tables that a test has changed: `edited_week({"samples.csv": edit})`."""

    def build(edits: dict[str, Edit]) -> Path:
        from labdb.demo.build import CLEAN
        from labdb.intake.file import take_in
        from labdb.lab import create_lab

        tables = tmp_path / "tables"
        tables.mkdir()
        for path in sorted(CLEAN.glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            edit = edits.get(path.name)
            _write(tables / path.name, rows if edit is None else edit(rows))
        lab = create_lab(tmp_path / "week", name="A changed week", example=True)
        take_in(lab, sorted(tables.glob("*.csv")))
        lab.close()
        return lab.config.folder

    return build


def _write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
