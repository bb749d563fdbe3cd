"""What tests of checks share: the example labs' forms, altered in a cell or two and taken in anew."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labdb.demo.build import CLEAN, PAPER
from labdb.lab import Lab

# Of a form: (cells by which rows are chosen, or None for a new row; cells to write, or None to leave the row out).
Edit = tuple[dict[str, str] | None, dict[str, str] | None]
Edits = dict[str, list[Edit]]
Build = Callable[[Edits], Lab]


def edited(rows: list[dict[str, str]], edit: Edit) -> Iterator[dict[str, str]]:
    """Rows of a form with one edit made; an edit that meets no row is a mistake of the test."""
    chosen, cells = edit
    if chosen is None:
        yield from rows
        yield cells or {}
        return
    met = 0
    for row in rows:
        hit = all(row[name] == text for name, text in chosen.items())
        met += hit
        if not hit:
            yield row
        elif cells is not None:
            yield {**row, **cells}
    assert met, f"no row has {chosen}"


def write_forms(source: Path, target: Path, edits: Edits) -> list[Path]:
    """Copy an example lab's forms, with edits."""
    target.mkdir()
    paths = []
    for path in sorted(source.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for edit in edits.get(path.stem, []):
            rows = list(edited(rows, edit))
        if not rows:
            continue  # a form without a row is no form
        names = list(dict.fromkeys(name for row in rows for name in row))
        with (target / path.name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        paths.append(target / path.name)
    assert set(edits) <= {path.stem for path in source.glob("*.csv")}
    return paths


def build(lab: Lab, forms: list[Path], limits: tuple[str, ...]) -> Lab:
    """Fill a lab from forms; its settings name limits."""
    from labdb.intake.file import take_in

    lab.config = replace(lab.config, limits=limits)
    own = lab.config.folder / "limits"
    own.mkdir()
    (own / "laboratory.toml").write_bytes((CLEAN / "limits.toml").read_bytes())
    take_in(lab, forms)
    return lab


@pytest.fixture
def week(lab: Lab, tmp_path: Path) -> Build:
    """Builds the ordinary week with edits, on SQLite, then on PostgreSQL."""
    limits = ("LAB-PB-RELEASED", "LAB-PL-14D", "LAB-RL-20GY")
    return lambda edits: build(lab, write_forms(CLEAN, tmp_path / "week", edits), limits)


@pytest.fixture
def article(lab: Lab, tmp_path: Path) -> Build:
    """Builds the tables of the source paper with edits, on SQLite, then on PostgreSQL."""
    return lambda edits: build(lab, write_forms(PAPER, tmp_path / "article", edits), ("PAPER-5UGG",))
