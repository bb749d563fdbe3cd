"""Command: correct, void, note, attach, history: on anything that has a code, always with who, when and why."""

from pathlib import Path
from typing import Annotated

import typer

from labdb.cli.options import CsvOption, JsonOption, LabOption, WhyOption, reading, using
from labdb.cli.output import ask_reason, emit, say
from labdb.cli.output import next_step as then
from labdb.errors import InputError

SCHEMAS = {
    "correct": {"field": "string", "old": "any", "new": "any"},
    "not-stated": {"code": "string", "table": "string", "not_stated": ["string"]},
    "history": {
        "at": "string",
        "who": "string",
        "why": "string",
        "what": "string",
        "old": "string?",
        "new": "string?",
    },
}

CodeArgument = Annotated[str, typer.Argument(help="Any code, or another name.")]


def register(app: typer.Typer) -> None:
    """Hang `labdb correct|void|note|attach|history` into the app."""
    for name, command in (("correct", correct), ("void", void), ("note", note), ("attach", attach)):
        app.command(name)(command)
    app.command("history")(history)


def correct(
    code: CodeArgument,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="May be repeated: --set CsBr.lot=L-7.")
    ] = None,
    why: WhyOption = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Correct fields of anything with a code; the old values stay in history. Without --set: what is not stated.

    Example: labdb correct B-2601 --set soak.dwell="2 h" --set CsBr.lot=L-CSBR-7 --why "from notebook 7, p. 31"
    """
    if not changes:
        _show_not_stated(lab, code, as_json=as_json)
        return
    from labdb.intake.part import correct_any

    wanted = dict(_read_change(text) for text in changes)
    reason = ask_reason(f"correct {code}", why)
    with using(lab) as open_lab:
        done = correct_any(open_lab, code, wanted, reason)
    rows = [{"field": name, "old": _plain(old), "new": _plain(new)} for name, (old, new) in done.items()]
    emit(
        "correct",
        rows,
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=[f"{code}  {_field(row['field'])}: {_word(row['old'])} -> {_word(row['new'])}" for row in rows],
        next_step=f"labdb history {code}",
    )


def _read_change(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise InputError(f'--set: found "{text}"; expected FIELD=VALUE, such as operator=mei')
    return name.strip(), value.strip()


def _plain(value: object) -> object:
    """Identifiers are never shown: what they point to is named by its code in ``history``."""
    from datetime import datetime
    from uuid import UUID

    if isinstance(value, UUID):
        return "set"
    return value if value is None or isinstance(value, (bool, int, float, datetime)) else str(value)


def _field(name: object) -> str:
    return str(name).removesuffix("_id")


def _word(value: object) -> str:
    return "not stated" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def _show_not_stated(lab: Path | None, code: str, *, as_json: bool) -> None:
    from labdb.queries.batch import not_stated, read_batch
    from labdb.queries.history import fields_of, find_code

    with reading(lab) as reader:
        named = find_code(reader, code)
        fields = fields_of(reader, named)
        open_points = [name for name, value in fields.items() if value is None and name not in ("origin_note",)]
        parts = not_stated(read_batch(reader, named.code)) if named.table == "batch" else []
    lines = [f"{named.code} ({named.table.replace('_', ' ')})"]
    lines.append(f"  not stated: {', '.join(open_points) or 'nothing'}")
    if parts:
        lines.append(f"  of its weighings and steps: {', '.join(parts)}")
    example = open_points[0] if open_points else next(iter(fields))
    setting = "CsBr.lot=L-7" if parts else f"{example}=..."
    emit(
        "not-stated",
        [{"code": named.code, "table": named.table, "not_stated": open_points + parts}],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=lines,
        next_step=f"labdb correct {named.code} --set {setting} --why ...",
    )


def void(code: CodeArgument, why: WhyOption = None, lab: LabOption = None) -> None:
    """Void a measurement, irradiation, calibration, statement or verdict; it stays in history.

    Example: labdb void M-0003 --why "wrong vial in the holder"
    """
    from labdb.intake.correction import void as void_fact

    reason = ask_reason(f"void {code}", why)
    with using(lab) as open_lab:
        noun = void_fact(open_lab, code, reason)
    say(f"{code}  {noun.replace('_', ' ')} voided, kept in history")
    then(f"labdb history {code}, labdb check")


def note(
    code: CodeArgument,
    text: Annotated[str, typer.Argument(help="What is to be remembered.")],
    lab: LabOption = None,
) -> None:
    """Add a note to anything with a code.

    Example: labdb note S-2601 "slightly grey after drying"
    """
    from labdb.intake.correction import note as add_note

    with using(lab) as open_lab:
        add_note(open_lab, code, text)
    say(f"{code}  noted")
    then(f"labdb history {code}")


def attach(
    code: CodeArgument,
    file: Annotated[Path, typer.Argument(help="A photograph, a scan, a furnace log.")],
    caption: Annotated[str | None, typer.Option("--caption", help="What it shows.")] = None,
    lab: LabOption = None,
) -> None:
    """Keep a file with anything that has a code.

    Example: labdb attach B-2601 furnace.log --caption "furnace log, program 3"
    """
    from labdb.intake.correction import attach as attach_file

    with using(lab) as open_lab:
        digest = attach_file(open_lab, code, file, caption)
    say(f"{code}  {file.name} kept, SHA-256 {digest[:12]}...")
    then(f"labdb history {code}")


def history(code: CodeArgument, lab: LabOption = None, as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """Show everything that happened to what a code names: who, when, why, what it was and what it became.

    Example: labdb history B-2601
    """
    from labdb.queries.history import history as read_history

    with reading(lab) as reader:
        events = read_history(reader, code)
    emit(
        "history",
        [event.as_json() for event in events],
        columns=("at", "who", "what", "old", "new", "why"),
        as_json=as_json,
        as_csv=as_csv,
        next_step=f'labdb correct {code} --set ..., labdb note {code} "..."',
    )
