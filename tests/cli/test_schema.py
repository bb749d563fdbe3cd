"""Schemas at the terminal; whether they are right is tested in tests/test_schemas.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_a_schema_is_printed_alone_and_needs_no_lab(
    labdb: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = labdb("schema", "trend")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["$id"] == "labdb/trend/1"


def test_the_views_are_printed_as_sql(labdb: Run) -> None:
    out = labdb("schema", "views").out
    assert out.startswith("-- ")
    assert "-- One row is a synthesis batch" in out
    assert "CREATE VIEW batches AS" in out


def test_the_list_says_what_each_is_for(labdb: Run) -> None:
    out = labdb("schema").out
    assert "form-samples" in out
    assert "What labdb limits list --json prints" in out


def test_all_are_written_into_a_folder(labdb: Run, tmp_path: Path) -> None:
    ran = labdb("schema", "--write", tmp_path / "schemas")
    assert (ran.code, "files in" in ran.out) == (0, True)
    assert {"views.sql", "assess.json", "form-batches.json"} <= {path.name for path in (tmp_path / "schemas").iterdir()}


def test_an_unknown_name_offers_the_nearest(labdb: Run) -> None:
    ran = labdb("schema", "tren")
    assert (ran.code, ran.out) == (1, "")
    assert "did you mean trend?" in ran.err
