"""Command: schema, what labdb prints and reads, for programs: JSON Schemas of outputs and forms, the public SQL views.

The folder ``schemas/`` holds what ``labdb schema --write schemas`` writes. What a command prints is declared beside the
command, as ``SCHEMAS = {command: {key: type}}``, in this notation:

- "string", "number", "integer", "boolean", "null"; with "?" also null; "any": whatever was typed;
- "quantity", "finding", "limit": the shared ones; "=a|b|c": one of these words;
- [type]: a list; {key: type}: an object with exactly these keys; {"*": type}: an object with any keys;
  a key "?" in an object: it may be null; (type, text): the same, with a description.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from labdb.cli.options import JsonOption
from labdb.cli.output import emit, say

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_QUANTITY = {
    "value": ("number", "the measured value; with a censoring, the threshold"),
    "unit": "string",
    "kind": ("string", "quantity kind, finer than a dimension"),
    "u": ("number?", "standard uncertainty, k = 1, in the same unit; null is not known, 0 is exact"),
    "u_origin": ("=stated|coverage_not_stated|from_method|computed|exact?", "where u comes from"),
    "censoring": ("=none|below|above", "below: the true value lies below the threshold"),
    "threshold_meaning": ("=below_LC|below_LD|below_LQ|not_stated?", 'what "<" means'),
    "n": ("integer?", "readings behind the value"),
}
_SHARED = {"quantity": "a value with its unit, kind and uncertainty", "finding": "a finding", "limit": "a limit"}

SCHEMAS = {"schema": {"name": "string", "file": "string", "what": "string"}}


def register(app: typer.Typer) -> None:
    """Hang `labdb schema` into the app."""
    app.command("schema")(schema)


def schema(
    name: Annotated[str | None, typer.Argument(help="A command's output, form-NAME, record-NAME, or views.")] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write all of them into a folder.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print a JSON Schema of what labdb prints or reads, or the SQL of the public views; without a name, list them.

    Example: labdb schema trend
    """
    from labdb.errors import UnknownNameError

    made = documents()
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        for file, text in made.items():
            (write / file).write_text(text, encoding="utf-8")
        say(f"{len(made)} files in {write}")
        return
    if name is None:
        rows = [{"name": file.partition(".")[0], "file": file, "what": _what(text)} for file, text in made.items()]
        emit("schema", rows, columns=["name", "what"], as_json=as_json, as_csv=False, next_step="labdb schema NAME")
        return
    by_name = {file.partition(".")[0]: text for file, text in made.items()}
    if name not in by_name:
        raise UnknownNameError("schema", name, by_name)
    say(by_name[name].rstrip("\n"))


def _what(text: str) -> str:
    return str(json.loads(text)["title"]) if text.startswith("{") else text.partition("\n")[0].removeprefix("-- ")


def documents() -> dict[str, str]:
    """Make every file of ``schemas/`` that labdb generates.

    Returns
    -------
    dict of str to str
        File name to content, sorted by name; the same on every computer.
    """
    made = {f"{name}.json": _written(_output(name, row)) for name, row in declared().items()}
    made |= {f"form-{name}.json": _written(found) for name, found in _forms().items()}
    made["record-batch.json"] = _written(_batch_record())
    made["record-limit.json"] = _written(_limit_record())
    made["views.sql"] = _views()
    return dict(sorted(made.items()))


def declared() -> dict[str, Mapping[str, Any]]:
    """Find what the commands declare that they print.

    Returns
    -------
    dict
        Name of the output to the declaration of one row.
    """
    import labdb.cli
    from labdb.plugins import modules_of

    found: dict[str, Mapping[str, Any]] = {}
    for module in modules_of(labdb.cli):
        for name, row in getattr(module, "SCHEMAS", {}).items():
            if name in found:
                raise ValueError(f"output {name} is declared twice, the second time in {module.__name__}")
            found[name] = row
    return dict(sorted(found.items()))


def json_schema(declaration: Any) -> dict[str, Any]:  # noqa: ANN401 - a small notation of nested data
    """Turn the notation of this module into a JSON Schema.

    Parameters
    ----------
    declaration : str, list, mapping or tuple
        In the notation of this module.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12.

    Examples
    --------
    >>> json_schema(["number?"])
    {'type': 'array', 'items': {'type': ['number', 'null']}}
    """
    if isinstance(declaration, tuple):
        return {"description": declaration[1], **json_schema(declaration[0])}
    if isinstance(declaration, list):
        return {"type": "array", "items": json_schema(declaration[0])}
    if isinstance(declaration, Mapping):
        return _object(declaration)
    return _named(declaration.removesuffix("?"), nullable=declaration.endswith("?"))


def _named(base: str, *, nullable: bool) -> dict[str, Any]:
    if base == "any":
        return {}
    if base.startswith("="):
        return {"enum": [*base[1:].split("|"), *([None] if nullable else [])]}
    if base in _SHARED:
        reference = {"$ref": f"#/$defs/{base}"}
        return {"anyOf": [reference, {"type": "null"}]} if nullable else reference
    if base not in ("string", "number", "integer", "boolean", "null"):
        raise ValueError(f"no type {base!r}; see the notation in labdb/cli/schema.py")
    return {"type": [base, "null"] if nullable else base}


def _object(declaration: Mapping[str, Any]) -> dict[str, Any]:
    kind: Any = ["object", "null"] if "?" in declaration else "object"
    if "*" in declaration:
        return {"type": kind, "additionalProperties": json_schema(declaration["*"])}
    properties = {key: json_schema(value) for key, value in declaration.items() if key != "?"}
    return {"type": kind, "properties": properties, "required": sorted(properties), "additionalProperties": False}


def _output(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    words = name.replace("-", " ")
    content = {
        "$schema": DRAFT,
        "$id": f"labdb/{name}/1",
        "title": f"What labdb {words} --json prints",
        "type": "object",
        "properties": {"schema": {"const": f"labdb/{name}/1"}, "data": {"type": "array", "items": json_schema(row)}},
        "required": ["data", "schema"],
        "additionalProperties": False,
    }
    used = _used_in(json.dumps(content))
    return {**content, "$defs": {one: _shared(one) for one in used}} if used else content


def _used_in(text: str) -> list[str]:
    return [one for one in _SHARED if f'"#/$defs/{one}"' in text]


def _shared(name: str) -> dict[str, Any]:
    from labdb.cli.check import SCHEMAS as CHECK
    from labdb.cli.limits import SCHEMAS as LIMITS

    declaration = {"quantity": _QUANTITY, "finding": CHECK["check"], "limit": LIMITS["limits-show"]}[name]
    return {"description": _SHARED[name], **json_schema(declaration)}


def _forms() -> dict[str, dict[str, Any]]:
    """Describe every form: one row of the table, each cell as text or as the value a program would write."""
    from labdb.intake.form import forms

    made = {}
    for form in forms().values():
        made[form.name] = {
            "$schema": DRAFT,
            "$id": f"labdb/form-{form.name}/1",
            "title": f"A row of the form {form.name}: {form.one_row_is}",
            "type": "object",
            "properties": {column.name: _cell(column.holds, required=column.required) for column in form.columns},
            "required": sorted(form.required()),
            # an open form has a column for each quantity kind besides
            "additionalProperties": {"type": ["string", "number", "null"]} if form.open_columns else False,
        }
    return made


_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"


def _cell(holds: str, *, required: bool) -> dict[str, Any]:
    from labdb.intake.writer import NOT_STATED

    empty: list[Any] = [] if required else [*sorted(NOT_STATED), None]
    cell: dict[str, Any] = {"description": holds}
    if holds == "yes or no":
        return {**cell, "enum": ["yes", "no", True, False, "true", "false", "1", "0", *empty]}
    if "|" in holds:
        return {**cell, "enum": [*(word.strip() for word in holds.split("|")), *empty]}
    if holds in ("number", "whole number"):
        typed = {"type": "number"} if holds == "number" else {"type": "integer"}
        options = [typed, {"type": "string", "pattern": _NUMBER}, *([{"enum": empty}] if empty else [])]
        return {**cell, "anyOf": options}
    if required:
        return {**cell, "type": ["string", "number"], "minLength": 1}
    return {**cell, "type": ["string", "number", "null"]}


def _batch_record() -> dict[str, Any]:
    """Describe the YAML file of a batch, which may be shorter than the record it is read into."""
    from labdb.intake.batch import BatchRequest, WeighingRequest

    text = {"type": "string"}
    names = [name for name in WeighingRequest.model_fields if name != "chemical"]
    weighing = {
        "description": "an amount, or an amount with its lot, balance and planned amount",
        "anyOf": [
            text,
            {
                "type": "object",
                "properties": dict.fromkeys(names, text),
                "required": ["amount"],
                "additionalProperties": False,
            },
        ],
    }
    special = {
        "alias": {"anyOf": [text, {"type": "array", "items": text}]},
        "silica": weighing,
        "weigh": {"type": "object", "additionalProperties": weighing},
    }
    return {
        "$schema": DRAFT,
        "$id": "labdb/record-batch/1",
        "title": "A batch as a YAML file, for labdb batch new",
        "type": "object",
        "properties": {name: special.get(name, text) for name in BatchRequest.model_fields},
        "required": [name for name, info in BatchRequest.model_fields.items() if info.is_required()],
        "additionalProperties": False,
    }


def _limit_record() -> dict[str, Any]:
    """Describe a table of the lab's own limit files, limits/*.toml."""
    from labdb.cli.limits import SCHEMAS as LIMITS

    row = {name: value for name, value in LIMITS["limits-show"].items() if name not in ("id", "digest")}
    described = json_schema({name: "string" if value == "string?" else value for name, value in row.items()})
    optional = ("clause", "route", "matrix", "note", "upper", "valid_from", "valid_to", "at_dose_gy", "at_age_d")
    described["required"] = sorted(name for name in row if name not in optional)
    for name in ("valid_from", "valid_to"):
        described["properties"][name]["format"] = "date"
    return {
        "$schema": DRAFT,
        "$id": "labdb/record-limit/1",
        "title": "A file of the lab's own limits (limits/*.toml): a table for each, named by the limit's id",
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$"},
        "additionalProperties": described,
    }


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _views() -> str:
    from labdb.views import VIEWS

    head = (
        "-- The public views: the way to read a lab's database with other tools.",
        "-- Lower-case columns; codes in place of identifiers; times as ISO 8601 text in UTC; voided rows left out.",
        "-- Every lab's database has them already; this file documents them, as on SQLite. On PostgreSQL they have the",
        "-- same names and columns.",
        "-- Generated from labdb/views.py by: labdb schema --write schemas",
    )
    made = [
        f"-- One row is {view.one_row_is}.\nCREATE VIEW {view.name} AS\n{view.for_dialect('sqlite')};" for view in VIEWS
    ]
    return "\n".join(head) + "\n\n" + "\n\n".join(made) + "\n"
