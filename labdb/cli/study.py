"""Command: study new, list, show: a sample stored in a condition, with planned pulls."""

from datetime import date
from typing import Annotated, Any

import typer

from labdb.cli import group
from labdb.cli.due import PULL, pull_row
from labdb.cli.options import CsvOption, JsonOption, LabOption, reading, using
from labdb.cli.output import emit

_STUDY: dict[str, Any] = {
    "code": "string",
    "name": "string",
    "sample": "string",
    "condition": "string",
    "started_at": "string",
    "measure": ("string", "quantity kinds, joined by commas"),
    "window_d": "number",
    "operator": "string?",
}
SCHEMAS = {
    "study-list": _STUDY,
    "study-show": {**_STUDY, "pulls": [PULL]},
    "study-new": {
        "code": "string",
        "ages_d": ["number"],
        "kinds": ["string"],
        "past_d": (["number"], "ages whose day is over already"),
    },
}


def register(app: typer.Typer) -> None:
    """Hang `labdb study new|list|show` into the app."""
    study = group(app, "study", "Stability studies: plan one, list them, show one with its pulls.")
    study.command("new")(new)
    study.command("list")(list_all)
    study.command("show")(show)


def new(
    name: Annotated[str, typer.Argument(help="A short name: pl-water.")],
    sample: Annotated[str, typer.Option("--sample", help="What is stored, by code or another name.")],
    condition: Annotated[str, typer.Option("--condition", help="In what: water, air_55RH, or one of the lab's.")],
    pulls: Annotated[str, typer.Option("--pulls", help="Planned ages: 0d,7d,14d,6 weeks.")],
    measure: Annotated[str, typer.Option("--measure", help="What is measured at each pull: PL,Pb.")],
    start: Annotated[str | None, typer.Option("--start", help="When it began; else when the sample was made.")] = None,
    window: Annotated[str | None, typer.Option("--window", help="A pull may be this much early or late: 1d.")] = None,
    operator: Annotated[str | None, typer.Option("--operator", help="By whom.")] = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Plan a stability study; says which pulls are in the past already.

    Example: labdb study new pl-water --sample S-2601-W1 --condition water --pulls 0d,7d,14d,28d,42d --measure PL,Pb
    """
    from labdb.intake.study import new_study, read_ages

    cells = {
        "name": name,
        "sample": sample,
        "condition": condition,
        "pulls": pulls,
        "measure": measure,
        "started_at": start,
        "window_d": f"{read_ages(window)[0]:g}" if window else None,
        "operator": operator,
    }
    with using(lab) as open_lab:
        made = new_study(open_lab, cells)
    past = ", ".join(f"{age:g}d" for age in made.past_d)
    counts = f"{_many(len(made.ages_d), 'pull')}, {_many(len(made.kinds), 'kind')}"
    told = f"  {past} {'is' if len(made.past_d) == 1 else 'are'} in the past: record with intake, or say missed."
    emit(
        "study-new",
        [{"code": made.code, "ages_d": made.ages_d, "kinds": made.kinds, "past_d": made.past_d}],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=[f"Study {made.code}: {counts}.{told if past else ''}"],
        next_step=f"labdb intake FILES --study {made.code}" if past else f"labdb due --within {made.ages_d[0]:g}d",
    )


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def list_all(lab: LabOption = None, as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """List the studies.

    Example: labdb study list
    """
    from labdb.queries.study import list_studies

    with reading(lab) as reader:
        rows = list_studies(reader)
    emit(
        "study-list",
        rows,
        columns=("code", "name", "sample", "condition", "started_at", "measure"),
        as_json=as_json,
        as_csv=as_csv,
        title=None if rows else "no study yet",
        next_step="labdb due" if rows else "labdb study new NAME --sample CODE ...: labdb study new --help",
    )


def show(
    study: Annotated[str, typer.Argument(help="Its code, or another name of it.")],
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one study with its pulls: recorded, missed, overdue, due, coming.

    Example: labdb study show ST-01
    """
    from labdb.queries.study import pulls, read_study

    with reading(lab) as reader:
        row = read_study(reader, study)
        planned = pulls(reader, date.today(), study=row["code"])  # noqa: DTZ011 - the day on this wall's calendar
    stored = f"{row['sample']} in {row['condition']} since {row['started_at']}"
    lines = [f"{row['code']}  {row['name']}: {stored}, {row['measure']}"]
    lines += [f"  {one.age_d:g} d  {one.on:%Y-%m-%d} ± {one.window_d:g} d  {one.state}" for one in planned]
    emit(
        "study-show",
        [{**row, "pulls": [pull_row(one) for one in planned]}],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=lines,
        next_step=f"labdb trend PL --study {row['code']}, labdb due",
    )
