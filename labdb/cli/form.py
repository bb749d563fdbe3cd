"""Command: form, an empty table to fill in: its columns, and what each holds."""

from typing import Annotated

import typer

from labdb.cli.options import JsonOption
from labdb.cli.output import emit, say
from labdb.errors import UnknownNameError

SCHEMAS = {
    "form": {
        "name": "string",
        "one_row_is": "string",
        "columns": [{"name": "string", "holds": "string", "required": "boolean"}],
        "more_columns": ("boolean", "any quantity kind may be a column too"),
    }
}


def register(app: typer.Typer) -> None:
    """Hang `labdb form` into the app."""
    app.command("form")(form)


def form(
    name: Annotated[str | None, typer.Argument(help="Which; without it the forms are listed.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print an empty form as CSV, with a comment for each column; a file called NAME.csv is recognised by its name.

    Example: labdb form steps > steps.csv
    """
    from labdb.intake.form import forms

    known = forms()
    if name is not None and name not in known:
        raise UnknownNameError("form", name, known)
    chosen = list(known.values()) if name is None else [known[name]]
    rows = [
        {
            "name": one.name,
            "one_row_is": one.one_row_is,
            "columns": [{"name": c.name, "holds": c.holds, "required": c.required} for c in one.columns],
            "more_columns": one.check_others is not None,
        }
        for one in chosen
    ]
    if name is None or as_json:
        emit(
            "form",
            rows,
            columns=("name", "one_row_is"),
            as_json=as_json,
            as_csv=False,
            next_step="labdb form NAME > NAME.csv, fill it in, labdb intake NAME.csv --dry-run",
        )
        return
    (one,) = chosen
    say(f"# {one.name}: {one.one_row_is}. An empty cell is not stated. Then: labdb intake {one.name}.csv --dry-run")
    if one.check_others is not None:
        say("# Besides these, a column per quantity kind: Pb [ug/L], PL, u_Pb ... in place of quantity and value.")
    for column in one.columns:
        say(f"# {column.name}: {column.holds}{' (needed)' if column.required else ''}")
    say(",".join(column.name for column in one.columns))
