"""Options that many commands share, and how a command opens the lab they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from labdb.connection import Reader
    from labdb.lab import Lab
    from labdb.settings import LabConfig

LabOption = Annotated[
    Path | None, typer.Option("--lab", metavar="DIR", help="The lab's folder; else LABDB_LAB, else the first upwards.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs: only data, on stdout.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV: a header line, then one line a row.")]
WhyOption = Annotated[str | None, typer.Option("--why", help="The reason; kept in history.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_given: ContextVar[Path | None] = ContextVar("given_lab", default=None)


def remember_lab(folder: Path | None) -> None:
    """Keep the folder given before the command (``labdb --lab DIR status``)."""
    _given.set(folder)


def lab_folder(lab: Path | None) -> Path | None:
    """Return the folder given after the command, else the one before it, else None."""
    return lab or _given.get()


def opened(lab: Path | None) -> "Lab":
    """Open the lab a command works on, for commands that write or compute.

    Parameters
    ----------
    lab : Path or None
        What ``--lab`` after the command says.

    Returns
    -------
    Lab
        The lab.
    """
    from labdb.lab import open_lab

    return open_lab(lab_folder(lab))


def config_of(lab: Path | None) -> "LabConfig":
    """Read labdb.toml only, for commands that start fast."""
    from labdb.settings import find_lab, read_config

    return read_config(find_lab(lab_folder(lab)))


@contextmanager
def reading(lab: Path | None) -> Iterator["Reader"]:
    """Open the lab's database through the bare driver: for list, show, due, which must start fast."""
    from labdb.connection import open_reader

    with open_reader(config_of(lab)) as reader:
        yield reader


@contextmanager
def using(lab: Path | None) -> Iterator["Lab"]:
    """Open the lab for one command, and let go of its database at the end."""
    open_lab = opened(lab)
    try:
        yield open_lab
    finally:
        open_lab.close()


def read_moment(text: str | None, option: str) -> "datetime | None":
    """Read a date or a time as typed after an option; see `labdb.intake.moment.read_moment`."""
    from labdb.intake.moment import read_moment as read

    return read(text, option) if text else None
