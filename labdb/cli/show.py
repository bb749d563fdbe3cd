"""Command: show, what the record holds on any code: instrument, lot, method, measurement, verdict..."""

from typing import Annotated, Any

import typer

from labdb.cli.options import JsonOption, LabOption, reading
from labdb.cli.output import cell, emit

SCHEMAS = {
    "show": {
        "code": "string",
        "what": ("string", "the noun: instrument, lot, method..."),
        "fields": ({"*": "string?"}, "null is not stated"),
        "aliases": ["string"],
    }
}
_OWN = {"batch": "labdb batch show", "sample": "labdb sample show", "study": "labdb study show"}


def register(app: typer.Typer) -> None:
    """Hang `labdb show` into the app."""
    app.command("show")(show)


def show(
    code: Annotated[str, typer.Argument(help="Any code, or another name.")],
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the fields of anything with a code; what is empty is not stated.

    Example: labdb show BAL-2
    """
    from labdb.queries.history import fields_of, find_code

    with reading(lab) as reader:
        named = find_code(reader, code)
        fields = fields_of(reader, named)
        aliases = [row["name"] for row in reader.rows("SELECT name FROM alias WHERE subject = ?", (named.code,))]
    what = named.table.replace("_", " ")
    also = f"  (also: {', '.join(aliases)})" if aliases else ""
    lines = [f"{named.code}  {what}{also}"]
    lines += [f"  {name.replace('_', ' ')}: {value}" for name, value in fields.items() if _worth(name, value)]
    missing = [name.replace("_", " ") for name, value in fields.items() if value is None and name != "origin_note"]
    lines += [f"  not stated: {', '.join(missing)}"] if missing else []
    more = f"{_OWN[named.table]} {named.code}, " if named.table in _OWN else ""
    emit(
        "show",
        [{"code": named.code, "what": what, "fields": fields, "aliases": aliases}],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=lines,
        next_step=f"{more}labdb history {named.code}, labdb correct {named.code}",
    )


def _worth(name: str, value: Any) -> bool:  # noqa: ANN401 - a field of any table
    return value is not None and name != "code" and cell(value) != "-"
