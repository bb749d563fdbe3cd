"""Command: init, upgrade, doctor: make a lab, bring its database up to date, see whether it is whole."""

from pathlib import Path
from typing import Annotated

import typer

from labdb.cli.options import JsonOption, LabOption, config_of
from labdb.cli.output import emit, next_step, say
from labdb.finding import Severity

SCHEMAS = {
    "doctor": {
        "rule": "string",
        "severity": "=info|warning|error",
        "subject": "string",
        "where": "string",
        "message": "string",
        "numbers": {"*": "string"},
    }
}


def register(app: typer.Typer) -> None:
    """Hang `labdb init|upgrade|doctor` into the app."""
    app.command("init")(init)
    app.command("upgrade")(upgrade)
    app.command("doctor")(doctor)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The lab's folder; made if missing.")],
    name: Annotated[str | None, typer.Option("--name", help="Printed on reports; else the folder's name.")] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="postgresql://USER@HOST/NAME for a team; else a file.")
    ] = None,
) -> None:
    """Make a lab: a folder with its settings, its database and its raw files.

    Example: labdb init nslab --name "NS lab"
    """
    from labdb.lab import create_lab
    from labdb.record import login
    from labdb.settings import is_sqlite, sqlite_path

    lab = create_lab(folder, name=name, database=database)
    config = lab.config
    lab.close()
    base = sqlite_path(config.url).name if is_sqlite(config.url) else "the database on the server"
    say(f"Lab ready: labdb.toml, {base}, files/.  You are {login()} (from your login).")
    inside = Path.cwd().resolve() == config.folder
    next_step(f"{'' if inside else f'cd {folder}, then '}labdb batch new --composition CsPbBr3")


def upgrade(lab: LabOption = None) -> None:
    """Bring the lab's database to the schema of this labdb, in one transaction; does nothing when it is there.

    Example: labdb upgrade
    """
    from labdb.schema import upgrade as upgrade_database

    config = config_of(lab)
    before, after = upgrade_database(config.url)
    say(f"database at {after} already" if before == after else f"database: {before or 'empty'} -> {after}")
    next_step("labdb doctor")


def doctor(lab: LabOption = None, as_json: JsonOption = False) -> None:
    """See whether database and files are whole; ends with 1 when something is wrong.

    Example: labdb doctor
    """
    from labdb.queries.wholeness import counts, wholeness

    config = config_of(lab)
    findings = list(wholeness(config))
    wrong = [one for one in findings if one.severity is Severity.ERROR]
    lines = [f"{one.severity.value:<8} {one.subject}: {one.message}" for one in findings]
    if not wrong:
        seen = ", ".join(f"{count} {noun.replace('_', ' ')}s" for noun, count in counts(config).items())
        lines.append(f"whole: {seen}; every raw file matches its SHA-256".replace("batchs", "batches"))
    emit(
        "doctor",
        [one.as_json() for one in findings],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=lines,
        next_step="labdb check" if not wrong else "restore what is named from a backup, then labdb doctor",
    )
    if wrong:
        raise typer.Exit(1)
