"""Command: status, the board: how far each batch is, what each study waits for."""

from datetime import date
from typing import TYPE_CHECKING, Any

import typer

from labdb.cli.due import day_words
from labdb.cli.options import CsvOption, JsonOption, LabOption, reading
from labdb.cli.output import emit

if TYPE_CHECKING:
    from labdb.queries.study import PlannedPull

SCHEMAS = {
    "status": {
        "what": "=batch|study",
        "code": "string",
        "name": ("string?", "label of a batch, name of a study"),
        "state": "string",
        "next": ("string?", "the next step or pull"),
    }
}


def register(app: typer.Typer) -> None:
    """Hang `labdb status` into the app."""
    app.command("status")(status)


def status(lab: LabOption = None, as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """Show the board of the lab: batches with their steps, studies with their pulls.

    Example: labdb status
    """
    from labdb.queries.batch import list_batches, open_steps
    from labdb.queries.study import list_studies, pulls

    today = date.today()  # noqa: DTZ011 - the day on this wall's calendar
    with reading(lab) as reader:
        following = open_steps(reader)
        rows = [_batch(row, following.get(row["code"])) for row in list_batches(reader)]
        planned = pulls(reader, today)
        rows += [
            _study(row, [one for one in planned if one.study == row["code"]], today) for row in list_studies(reader)
        ]
    emit(
        "status",
        rows,
        columns=("what", "code", "name", "state", "next"),
        as_json=as_json,
        as_csv=as_csv,
        title=None if rows else "nothing recorded yet",
        next_step="labdb due --within 7d, labdb check" if rows else "labdb batch new --composition CsPbBr3",
    )


def _batch(row: dict[str, Any], following: str | None) -> dict[str, Any]:
    state = f"{row['steps_finished']} of {row['steps_planned']} steps" if row["steps_planned"] else "no protocol"
    state += f", {row['deviations']} deviating" if row["deviations"] else ""
    state += f", {row['samples']} sample{'' if row['samples'] == 1 else 's'}" if row["samples"] else ""
    return {"what": "batch", "code": row["code"], "name": row["label"], "state": state, "next": following}


def _study(row: dict[str, Any], planned: "list[PlannedPull]", today: date) -> dict[str, Any]:
    count = {state: sum(one.state == state for one in planned) for state in ("recorded", "missed", "overdue", "due")}
    told = [f"{count['recorded']} of {len(planned)} pulls"]
    told += [f"{number} {state}" for state, number in count.items() if number and state != "recorded"]
    coming = next((one for one in planned if one.state in ("overdue", "due", "coming")), None)
    following = f"{coming.age_d:g} d, {day_words(coming.on, today)}" if coming else None
    return {"what": "study", "code": row["code"], "name": row["name"], "state": ", ".join(told), "next": following}
