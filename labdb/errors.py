"""Every exception labdb raises; a message says what was found, what was expected, where, and what to do.

LabdbError
  InputError (ValueError)      what was given is wrong
    UnitError                    unit unreadable, or of the wrong kind
    UnknownNameError             no such sample, limit, condition; names the nearest
    ReadError                    not this format, or damaged: path, line, expected, found
  ConflictError                already recorded, changed meanwhile, or contradicts a row
  SchemaVersionError           database older or newer than labdb; names the command to run
  EvidenceError                a verdict asked for without the measurements it needs
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from os import PathLike, fspath

_NAMES_SHOWN = 8  # more than a line of names is not read


class LabdbError(Exception):
    """Anything labdb refuses, in one sentence for the person at the bench."""


class InputError(LabdbError, ValueError):
    """What was given is wrong."""


class UnitError(InputError):
    """A unit is unreadable, missing, or belongs to another quantity kind."""


class UnknownNameError(InputError):
    """There is no such sample, limit, condition; the nearest known name is offered.

    Parameters
    ----------
    what : str
        The noun: "sample", "limit", "quantity kind".
    name : str
        The name that was given.
    known : iterable of str
        The names that exist; those most used first, because ties go to the earlier one.

    Examples
    --------
    >>> print(UnknownNameError("limit", "PAPER-5UG", ["WHO-DW-PB", "PAPER-5UGG"]))
    no limit "PAPER-5UG"; did you mean PAPER-5UGG?
    """

    def __init__(self, what: str, name: str, known: Iterable[str] = ()) -> None:
        self.what = what
        self.name = name
        self.known = tuple(known)
        super().__init__(f'no {what} "{name}"{self._advice()}')

    def _advice(self) -> str:
        close = nearest(self.name, self.known)
        if close:
            return f"; did you mean {close[0]}?"
        if not self.known:
            return "; there is none yet"
        shown = ", ".join(self.known[:_NAMES_SHOWN])
        more = len(self.known) - _NAMES_SHOWN
        return f"; known: {shown}" + (f" and {more} more" if more > 0 else "")

    def __reduce__(self) -> tuple[type, tuple[str, str, tuple[str, ...]]]:
        return type(self), (self.what, self.name, self.known)


class ReadError(InputError):
    """A file is not of this format, or damaged.

    Parameters
    ----------
    path : path
        The file.
    found : str
        What stands there.
    expected : str
        What should.
    line : int, optional
        The line, counted from 1 [1].
    cell : str, optional
        The cell or column, for example "B7".

    Examples
    --------
    >>> print(ReadError("icp.csv", "an empty file", "a header and at least one row"))
    icp.csv: found an empty file; expected a header and at least one row
    """

    def __init__(
        self, path: str | PathLike[str], found: str, expected: str, line: int | None = None, cell: str | None = None
    ) -> None:
        self.path = fspath(path)
        self.found = found
        self.expected = expected
        self.line = line
        self.cell = cell
        place = self.path + (f", line {line}" if line is not None else "") + (f", cell {cell}" if cell else "")
        super().__init__(f"{place}: found {found}; expected {expected}")

    def __reduce__(self) -> tuple[type, tuple[str, str, str, int | None, str | None]]:
        return type(self), (self.path, self.found, self.expected, self.line, self.cell)


class ConflictError(LabdbError):
    """Already recorded, changed meanwhile by someone else, or in contradiction to a row."""


class SchemaVersionError(LabdbError):
    """The database is older or newer than this labdb; the message names the command to run."""


class EvidenceError(LabdbError):
    """A verdict was asked for without the measurements it needs."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """Return the known names most like a given one, best first.

    Equal likeness keeps the order of `known` (difflib's own order would be alphabetical, from the end).
    Case does not count.

    Parameters
    ----------
    name : str
        What was typed.
    known : iterable of str
        What exists.
    cutoff : float, scalar [1]
        Least likeness, 0 to 1, as of `difflib.SequenceMatcher.ratio`.

    Returns
    -------
    list of str
        At most three names.

    Examples
    --------
    >>> nearest("ppd", ["ppb", "ppm", "mg"])
    ['ppb', 'ppm']
    """
    wanted = name.casefold()
    scored = [(SequenceMatcher(None, wanted, one.casefold()).ratio(), one) for one in known]
    close = sorted((pair for pair in scored if pair[0] >= cutoff), key=lambda pair: -pair[0])
    return [one for _, one in close[:3]]
