"""Instrument files to records: one module per format, found by folder.

A module of this folder that has `recognizes(path)` and `read(path)` is a reader; no list names it. `find_reader`
looks at the first 4 kB only; `read_file` reads, and every curve it returns has passed `sanity.check_curve`.
This module imports no numpy, so that commands which need only `readers.table` or `readers.document` start fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from pathlib import Path

    from labdb.readers.curve import Curve, ReadFile


class Reader(Protocol):
    """What a module of this folder offers when it reads an instrument's format."""

    __name__: str
    LABEL: str
    """The format in two or three words, for messages: `Edinburgh emission`."""

    def recognizes(self, path: Path) -> bool:
        """Say whether the file looks like this format, from its first 4 kB; never raise."""
        ...

    def read(self, path: Path) -> list[Curve]:
        """Return the curves of the file, each checked, or raise ReadError."""
        ...


def readers() -> list[Reader]:
    """Return every reader of this folder, in alphabetical order.

    Returns
    -------
    list of Reader
        Modules that have both `recognizes` and `read`.

    Examples
    --------
    >>> "two_column_csv" in [reader.__name__.rpartition(".")[2] for reader in readers()]
    True
    """
    import labdb.readers
    from labdb.plugins import modules_of

    modules = [module for module in modules_of(labdb.readers) if hasattr(module, "recognizes")]
    return cast("list[Reader]", sorted(modules, key=lambda module: module.__name__))


def find_reader(path: Path) -> Reader:
    r"""Return the one reader that recognizes a file.

    Parameters
    ----------
    path : Path
        An instrument's file.

    Returns
    -------
    Reader
        The module that reads it.

    Raises
    ------
    ReadError
        No file, an empty one, a format nobody knows, or one that two readers claim.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> curve = pathlib.Path(tempfile.mkdtemp()) / "pl.csv"
    >>> _ = curve.write_text("wavelength_nm,counts\n500,10\n501,12\n")
    >>> find_reader(curve).LABEL
    'two-column table'
    """
    from labdb.errors import ReadError
    from labdb.readers.text_file import require_file

    require_file(path)
    known = readers()
    found = [reader for reader in known if reader.recognizes(path)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ReadError(path, found=f"a file claimed by {' and '.join(r.LABEL for r in found)}", expected="one format")
    formats = ", ".join(reader.LABEL for reader in known)
    raise ReadError(path, found="a format that no reader recognizes", expected=f"one of: {formats}")


def read_file(path: Path) -> ReadFile:
    r"""Find the reader of a file and read it.

    Parameters
    ----------
    path : Path
        An instrument's file.

    Returns
    -------
    ReadFile
        The format and the curves, in the order of the file.

    Raises
    ------
    ReadError
        Not recognized, damaged, or out of every sane range.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> curve = pathlib.Path(tempfile.mkdtemp()) / "xrd.csv"
    >>> _ = curve.write_text("two_theta_deg,counts\n20.00,104\n20.02,98\n")
    >>> [(c.kind, len(c.x)) for c in read_file(curve).curves]
    [('xrd_pattern', 2)]
    """
    from labdb.readers.curve import ReadFile

    reader = find_reader(path)
    return ReadFile(path, reader.__name__.rpartition(".")[2], reader.LABEL, tuple(reader.read(path)))
