"""Command: due, which pulls are due or overdue, and which comes next."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labdb.cli.options import CsvOption, JsonOption, LabOption, reading
from labdb.cli.output import emit
from labdb.errors import InputError

if TYPE_CHECKING:
    from labdb.queries.study import PlannedPull

PULL = {
    "study": "string",
    "sample": "string",
    "age_d": "number",
    "on": ("string", "the planned day"),
    "first": ("string", "the first day of the window"),
    "last": ("string", "the last day of the window"),
    "window_d": "number",
    "state": "=recorded|missed|overdue|due|coming",
}
SCHEMAS = {"due": PULL}


def register(app: typer.Typer) -> None:
    """Hang `labdb due` into the app."""
    app.command("due")(due)


def pull_row(one: "PlannedPull") -> dict[str, Any]:
    """Return a planned pull as a row of output."""
    return one.as_json()


def due(
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day asked about; else today.")] = None,
    within: Annotated[str | None, typer.Option("--within", help="Look this far ahead: 7d.")] = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """List the pulls that are due or overdue, with their windows; names the next one.

    Example: labdb due --within 7d
    """
    from labdb.queries.study import pulls

    today = _day(on)
    ahead = _days(within)
    with reading(lab) as reader:
        planned = pulls(reader, today, within_d=ahead)
    rows = [one for one in planned if one.state in ("due", "overdue")]
    coming = [one for one in planned if one.state == "coming"]
    wanted = [one for one in planned if one.state in ("due", "overdue", "coming")] if as_json or as_csv else rows
    horizon = today + timedelta(days=ahead)
    emit(
        "due",
        [pull_row(one) for one in wanted],
        columns=("state", "study", "sample", ("age_d", "age [d]"), "on", "first", "last"),
        as_json=as_json,
        as_csv=as_csv,
        title=None if rows else f"nothing due by {day_words(horizon, today)}, nothing overdue.",
        next_step=_next(rows, coming, today, has_studies=bool(planned)),
    )


def _next(rows: "Sequence[PlannedPull]", coming: "Sequence[PlannedPull]", today: date, *, has_studies: bool) -> str:
    if rows:
        first = rows[0]
        missed = f"labdb pull missed {first.study} {first.age_d:g}d --why ..."
        return f"labdb intake FILES --study {first.study} --age {first.age_d:g}d, or {missed}"
    if coming:
        one = coming[0]
        window = f"window +/- {one.window_d:g} d"
        return f"{one.study} pull {one.age_d:g} d, {day_words(one.on, today)} ({window})"
    return "every pull is recorded or missed: labdb status" if has_studies else "plan a study: labdb study new --help"


def day_words(day: date, today: date) -> str:
    """Write a day as people say it.

    Parameters
    ----------
    day : date
        The day.
    today : date
        The year is left out if it is this day's.

    Returns
    -------
    str
        "Tue 8 Dec", "Fri 8 Jan 2027".

    Examples
    --------
    >>> day_words(date(2026, 12, 8), date(2026, 11, 24))
    'Tue 8 Dec'
    """
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != today.year else "")


def _day(text: str | None) -> date:
    if text is None:
        return date.today()  # noqa: DTZ011 - the day on this wall's calendar
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f'--on: found "{text}"; expected a date such as 2026-11-24') from None


def _days(text: str | None) -> float:
    if text is None:
        return 0.0
    from labdb.quantity import parse_quantity

    try:
        ahead = parse_quantity(text, kind="elapsed_time", default_unit="d").to("d").value
    except InputError as error:
        raise InputError(f"--within: {error}") from error
    if not 0 <= ahead <= 36500:
        raise InputError(f'--within: found "{text}"; expected at most a hundred years')
    return ahead
