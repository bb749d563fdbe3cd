"""What commands print: data as a table, JSON or CSV; sentences; the next step; questions.

- ``emit(command, rows, columns=..., as_json=..., as_csv=..., next_step=..., title=..., text=...)`` prints data once, in
  the form asked for. JSON: ``{"schema": "labdb/<command>/1", "data": [...]}`` and nothing else on stdout.
- ``say(line)`` prints a sentence; ``next_step(text)`` prints "Next: ..."; not when JSON or CSV was asked for.
- ``progress(line)`` goes to stderr, only on a terminal. ``ask_reason`` and ``confirm`` ask on a terminal, else refuse.

Colour and boxes appear only on a terminal without NO_COLOR; rich is imported only then.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from labdb.errors import InputError

Row = Mapping[str, Any]
Column = str | tuple[str, str]


def say(line: str = "") -> None:
    """Print a sentence on stdout."""
    typer.echo(line)


def warn(line: str) -> None:
    """Print a sentence on stderr."""
    typer.echo(line, err=True)


def progress(line: str) -> None:
    """Tell on stderr what long work is at; only on a terminal."""
    if sys.stderr is not None and sys.stderr.isatty():
        typer.echo(line, err=True)


def next_step(text: str | None) -> None:
    """Print what to do next, as the last line."""
    if text:
        typer.echo(f"Next: {text}")


def emit(
    command: str,
    rows: Sequence[Row],
    *,
    columns: Sequence[Column],
    as_json: bool,
    as_csv: bool,
    next_step: str | None = None,
    title: str | None = None,
    text: Sequence[str] | None = None,
) -> None:
    """Print data in the one form that was asked for.

    Parameters
    ----------
    command : str
        Names the JSON schema: "batch-list" gives ``labdb/batch-list/1``.
    rows : sequence of mapping
        The data; JSON prints every key, sorted. Values: text, numbers, None, dates, enums, lists, mappings, and
        anything with ``as_json()`` (Quantity, Finding).
    columns : sequence of str or (str, str)
        What the table and CSV show: a key, or (key, heading). CSV is headed by keys.
    as_json, as_csv : bool
        What ``--json`` and ``--csv`` say.
    next_step : str, optional
        Printed last, without the word "Next:"; left out of JSON and CSV.
    title : str, optional
        Printed above the table; left out of JSON and CSV.
    text : sequence of str, optional
        Lines in place of the table, for what is no table (``show``).

    Raises
    ------
    InputError
        Both --json and --csv were given.
    """
    if as_json and as_csv:
        raise InputError("--json and --csv: choose one")
    if as_json:
        _write_json(command, rows)
        return
    if as_csv:
        _write_csv(rows, [column if isinstance(column, str) else column[0] for column in columns])
        return
    if title:
        say(title)
    if text is not None:
        for line in text:
            say(line)
    elif rows:
        pairs = [(column, column.replace("_", " ")) if isinstance(column, str) else column for column in columns]
        cells = [[cell(row.get(key)) for key, _ in pairs] for row in rows]
        _write_table([heading for _, heading in pairs], cells)
    globals()["next_step"](next_step)


def plain(value: Any) -> Any:  # noqa: ANN401 - data of any kind goes in, JSON data comes out
    """Turn a value into JSON data, keys sorted.

    Examples
    --------
    >>> plain({"b": (1, None), "a": date(2026, 11, 24)})
    {'a': '2026-11-24', 'b': [1, None]}
    """
    if hasattr(value, "as_json"):
        return plain(value.as_json())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    return (
        value.isoformat() if isinstance(value, (datetime, date)) else str(value) if isinstance(value, Path) else value
    )


def cell(value: Any) -> str:  # noqa: ANN401 - data of any kind
    """Write a value into a cell of a table; ``-`` is not stated.

    Examples
    --------
    >>> cell(None), cell(True), cell(0.5), cell(["a", "b"])
    ('-', 'yes', '0.5', 'a, b')
    """
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(one) for one in value) or "-"
    return str(plain(value)) if isinstance(value, (Enum, datetime, date)) else str(value)


def _write_json(command: str, rows: Sequence[Row]) -> None:
    import json

    document = {"schema": f"labdb/{command}/1", "data": [plain(row) for row in rows]}
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def _write_csv(rows: Sequence[Row], keys: Sequence[str]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(keys)
    for row in rows:
        values = (row.get(key) for key in keys)
        # A full float in CSV: what is read back must be what was written.
        writer.writerow([repr(v) if isinstance(v, float) else "" if v is None else cell(v) for v in values])


def is_pretty() -> bool:
    """Say whether colour and boxes are wanted: stdout is a terminal and NO_COLOR is unset."""
    return sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _is_number(text: str) -> bool:
    """A number, with or without "<" or "(uncertainty)"; dates and codes are text."""
    bare = text.removeprefix("<").removeprefix(">").strip().partition("(")[0]
    try:
        float(bare)
    except ValueError:
        return text == "-"
    return True


def _write_table(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    right = [
        all(_is_number(row[i]) for row in cells) and any(row[i] != "-" for row in cells) for i in range(len(headings))
    ]
    if is_pretty():
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading, is_right in zip(headings, right, strict=True):
            table.add_column(Text(heading), justify="right" if is_right else "left", overflow="fold")
        for row in cells:
            table.add_row(*(Text(one) for one in row))
        Console().print(table)
        return
    widths = [max(len(heading), *(len(row[i]) for row in cells)) for i, heading in enumerate(headings)]
    for row in (list(headings), *cells):
        parts = [
            one.rjust(width) if is_right else one.ljust(width)
            for one, width, is_right in zip(row, widths, right, strict=True)
        ]
        say("  ".join(parts).rstrip())


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask_reason(question: str, why: str | None, option: str = "--why") -> str:
    """Return the reason given, or ask for it on a terminal.

    Parameters
    ----------
    question : str
        What needs a reason: "ramp 7 against 5 +/- 1 degC/min planned: deviation".
    why : str or None
        What ``--why`` says.
    option : str
        The option, for the message.

    Returns
    -------
    str
        The reason, not empty.

    Raises
    ------
    InputError
        There is none, and nobody to ask.
    """
    if why is not None and why.strip():
        return why.strip()
    if why is None and _can_ask():
        typer.echo(f"  {question}. Why?  > ", nl=False)
        answer = sys.stdin.readline().strip()
        if answer:
            return answer
    raise InputError(f'{question}. It needs a reason: {option} "..."   Nothing stored.')


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be taken back.

    Parameters
    ----------
    question : str
        What would be done.
    yes : bool
        What ``--yes`` says.

    Raises
    ------
    InputError
        The answer is no, or there is nobody to ask and no --yes.
    """
    if yes:
        return
    if not _can_ask():
        raise InputError(f"{question} Not asked, because this is no terminal: add --yes")
    typer.echo(f"{question} [y/N] ", nl=False)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InputError("not confirmed; nothing done")
