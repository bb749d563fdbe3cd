"""Stability studies and their pulls: what is due, overdue, coming, recorded or missed.

A pull counts as recorded when somebody said so, or when the study has a measurement at that age within the window.
Read through the public views over the bare driver, so that ``due`` starts fast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from labdb.connection import Reader
from labdb.queries.batch import code_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class PlannedPull:
    """A planned pull on the calendar; ``state`` is recorded, missed, overdue, due or coming."""

    study: str
    sample: str
    age_d: float
    on: date
    first: date
    last: date
    window_d: float
    state: str

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        names = ("study", "sample", "age_d", "on", "first", "last", "window_d", "state")
        return {name: getattr(self, name) for name in names}


def local_day(text: str, days: float = 0.0) -> date:
    """Return the day on this computer's calendar, some days after a moment.

    Parameters
    ----------
    text : str
        ISO 8601 with offset or Z.
    days : float, scalar [d]
        Days to add on the wall clock, so that a change to winter time does not move a pull to the day before.

    Returns
    -------
    date
        The day.

    Examples
    --------
    >>> local_day("2026-11-10T12:00:00Z", 28.0).isoformat()
    '2026-12-08'
    """
    wall = datetime.fromisoformat(text).astimezone().replace(tzinfo=None)
    return (wall + timedelta(days=days)).date()


def pulls(reader: Reader, on: date, *, within_d: float = 0.0, study: str | None = None) -> list[PlannedPull]:
    """List every planned pull with its state on a day.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    on : date
        The day asked about.
    within_d : float, scalar [d]
        A pull whose window opens up to this much later is due, not coming.
    study : str, optional
        Only of this study, by its code.

    Returns
    -------
    list of PlannedPull
        By date, study and age.
    """
    chosen = ("WHERE study = ?", (study,)) if study else ("", ())
    seen = reader.rows("SELECT DISTINCT study, age_d FROM observations WHERE study IS NOT NULL AND age_d IS NOT NULL")
    measured: dict[str, list[float]] = {}
    for row in seen:
        measured.setdefault(row["study"], []).append(row["age_d"])
    found = []
    for row in reader.rows(f"SELECT * FROM pulls {chosen[0]}", chosen[1]):  # noqa: S608 - our own words
        day = local_day(row["study_started_at"], row["age_d"])
        window = timedelta(days=row["window_d"])
        state = row["state"]
        if state is None and any(abs(age - row["age_d"]) <= row["window_d"] for age in measured.get(row["study"], ())):
            state = "recorded"
        if state is None:
            horizon = on + timedelta(days=within_d)
            state = "overdue" if day + window < on else "due" if day - window <= horizon else "coming"
        found.append(
            PlannedPull(
                row["study"], row["sample"], row["age_d"], day, day - window, day + window, row["window_d"], state
            )
        )
    return sorted(found, key=lambda one: (one.on, one.study, one.age_d))


def list_studies(reader: Reader) -> list[dict[str, Any]]:
    """List the studies, by code.

    Parameters
    ----------
    reader : Reader
        The lab's database.

    Returns
    -------
    list of dict
        Rows of the view ``studies``.
    """
    return reader.rows("SELECT * FROM studies ORDER BY code")


def read_study(reader: Reader, name: str) -> Row:
    """Read one study.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    name : str
        Its code, or another name of it.

    Returns
    -------
    mapping
        Its row of the view ``studies``.

    Raises
    ------
    UnknownNameError
        There is no such study; names the nearest.
    """
    code = code_of(reader, "studies", name)
    return reader.rows("SELECT * FROM studies WHERE code = ?", (code,))[0]
