"""schemas/: up to date, valid, complete; real outputs and the example forms validate against them."""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from labdb.cli import make_app
from labdb.cli.schema import declared, documents, json_schema
from labdb.demo.build import CLEAN, PAPER, build_clean, build_paper

REPOSITORY = Path(__file__).resolve().parent.parent
SCHEMAS = REPOSITORY / "schemas"

# Written by hand beside its report, and tested there.
BY_HAND = {"report-compliance.json"}


def loaded(name: str) -> dict[str, Any]:
    content = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its words joined with "-", as `limits-list`."""

    def walk(group: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer hides its classes
        for name, one in group.commands.items():
            if hasattr(one, "commands"):
                yield from walk(one, (*words, name))
            else:
                yield "-".join((*words, name)), one

    return walk(typer.main.get_command(make_app()), ())


def test_the_files_are_what_labdb_schema_writes() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.iterdir() if path.name not in BY_HAND}
    assert there == documents(), "out of date; run: labdb schema --write schemas"


def test_every_schema_is_a_valid_schema() -> None:
    for path in sorted(SCHEMAS.glob("*.json")):
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_every_command_with_json_has_a_schema() -> None:
    with_json = {name for name, one in commands() if any("--json" in part.opts for part in one.params)}
    assert with_json, "no command with --json found: this test looks in the wrong place"
    assert with_json - set(declared()) == set()


def test_every_form_has_a_schema_with_its_columns() -> None:
    from labdb.intake.form import forms

    for form in forms().values():
        assert set(loaded(f"form-{form.name}")["properties"]) == {column.name for column in form.columns}


@pytest.mark.parametrize("path", [*sorted(PAPER.glob("*.csv")), *sorted(CLEAN.glob("*.csv"))], ids=lambda p: p.stem)
def test_the_example_forms_validate(path: Path) -> None:
    from labdb.intake.form import forms

    name = max((one for one in forms() if path.stem.startswith(one)), key=len)
    validator = jsonschema.Draft202012Validator(loaded(f"form-{name}"))
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            validator.validate(row)


@pytest.mark.parametrize(
    ("form", "cells"),
    [
        ("leach_tests", {"code": "LT-1", "sample": "S-1", "leachant": "water", "duration_d": "two weeks"}),
        ("leach_tests", {"code": "LT-1", "sample": "S-1", "leachant": "water", "medium_renewed": "perhaps"}),
        ("people", {"code": "O1", "rolle": "student"}),
        ("people", {"role": "student"}),
    ],
)
def test_a_wrong_cell_or_column_does_not_validate(form: str, cells: dict[str, str]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(loaded(f"form-{form}")).validate(cells)


def test_the_laboratorys_own_limits_validate() -> None:
    content = tomllib.loads((CLEAN / "limits.toml").read_text(encoding="utf-8"))
    plain = json.loads(json.dumps(content, default=str))
    jsonschema.Draft202012Validator(loaded("record-limit")).validate(plain)


def test_the_view_file_names_every_view_and_its_columns_are_real() -> None:
    import sqlite3

    from labdb.views import VIEWS

    text = documents()["views.sql"]
    assert [line.split()[2] for line in text.splitlines() if line.startswith("CREATE VIEW")] == [v.name for v in VIEWS]
    assert sqlite3.complete_statement(text)


def test_the_notation_is_read_strictly() -> None:
    assert json_schema("=a|b?") == {"enum": ["a", "b", None]}
    assert json_schema({"*": "number"}) == {"type": "object", "additionalProperties": {"type": "number"}}
    with pytest.raises(ValueError, match="no type 'flaot'"):
        json_schema("flaot")


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """What a command prints with --json."""

    def call(lab: Path, *arguments: str) -> dict[str, Any]:
        from labdb.__main__ import main

        monkeypatch.setattr(sys, "argv", ["labdb", "--lab", str(lab), *arguments, "--json"])
        capsys.readouterr()
        with pytest.raises(SystemExit):
            main()
        content = json.loads(capsys.readouterr().out)
        assert isinstance(content, dict)
        return content

    return call


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("labs")
    build_paper(folder / "paper").close()
    build_clean(folder / "clean").close()
    return folder / "paper", folder / "clean"


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ("trend", ("trend", "PL", "--normalise", "0d")),
        ("trend", ("trend", "PL")),
        ("trend", ("trend", "Pb")),
        ("dose", ("dose", "S-I")),
        ("dose", ("dose", "S-2602")),
        ("assess", ("assess", "--all")),
        ("assess", ("assess", "--all", "--decision", "ilac-g8")),
        ("assess", ("assess", "--all", "--limit", "WHO-GDWQ-Pb", "--limit", "HKCMMS-Pb")),
        ("check", ("check",)),
        ("check-explain", ("check", "--explain", "all")),
        ("limits-list", ("limits", "list")),
        ("limits-show", ("limits", "show", "PAPER-5UGG")),
        ("plan", ("plan", "S-I")),
        ("plan", ("plan", "S-2602")),
        ("plan", ("plan", "--limit", "PAPER-5UGG", "--loading", "1 mg/mL")),
        ("schema", ("schema",)),
        ("batch-list", ("batch", "list")),
        ("batch-show", ("batch", "show", "B-2202")),
        ("batch-show", ("batch", "show", "B-2602")),
        ("sample-show", ("sample", "show", "S-I")),
        ("sample-show", ("sample", "show", "S-2602")),
        ("sample-tree", ("sample", "tree", "S-I")),
        ("study-list", ("study", "list")),
        ("study-show", ("study", "show", "ST-01")),
        ("due", ("due", "--within", "30d")),
        ("status", ("status",)),
        ("history", ("history", "S-I")),
        ("form", ("form",)),
        ("doctor", ("doctor",)),
    ],
)
def test_what_is_printed_validates(
    labs: tuple[Path, Path], printed: Run, schema: str, arguments: tuple[str, ...]
) -> None:
    validator = jsonschema.Draft202012Validator(loaded(schema))
    paper, clean = labs
    only = {"S-I": paper, "B-2202": paper, "S-2602": clean, "B-2602": clean, "ST-01": clean}.get(arguments[-1])
    for lab in (paper, clean) if only is None else (only,):
        validator.validate(printed(lab, *arguments))
