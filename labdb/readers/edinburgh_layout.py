"""The text layout that Edinburgh Instruments' F980 and Fluoracle software share for all kinds of scan.

An optional title and a blank line; header rows `name, value of scan 1, value of scan 2, ...` from `Labels` on; a blank
line; data rows `x, y of scan 1, y of scan 2, ...`. Tab or comma separates, and also ends every row. Written after the
exports in the test data; the vendor publishes no description.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labdb.errors import ReadError
from labdb.readers.text_file import head, read_number, text_lines

if TYPE_CHECKING:
    from pathlib import Path

_LABELS = re.compile(r"Labels([\t,])")
_TYPE = re.compile(r"^Type[\t,]([^\t,\r\n]*)", re.MULTILINE)
_MAX_TITLE_LINES = 10
# Rows an operator typed: a comma in them must not break a comma-separated file that nobody may edit.
_FREE_TEXT = ("labels", "comment")


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan of a file: its header by lower-case name, and its points."""

    number: int
    title: str
    header: tuple[tuple[str, str], ...]
    x: list[float]
    y: list[float]
    lines: list[int]

    def text(self, name: str) -> str:
        """Return a header value by its name in lower case, or the empty text."""
        return next((value for key, value in self.header if key.lower() == name), "")

    def number_or_none(self, name: str) -> float | None:
        """Return a header value as a number, or None if it is empty or no number."""
        try:
            return float(self.text(name))
        except ValueError:
            return None

    @property
    def where(self) -> str:
        """Where the scan's points begin."""
        return f"line {self.lines[0]}, scan {self.number}" if self.lines else f"scan {self.number}"


def scan_type(path: Path) -> str:
    """Return what the file's first scan is by its header (`Emission Scan`), or the empty text if it is no such file.

    Parameters
    ----------
    path : Path
        Any path; only the first 4 kB are looked at.

    Returns
    -------
    str
        The text in the `Type` row.

    Examples
    --------
    >>> import pathlib
    >>> scan_type(pathlib.Path("no/such/file.txt"))
    ''
    """
    text = head(path).decode("latin-1").replace("\r\n", "\n")
    if not re.search(r"^Labels[\t,]", text, re.MULTILINE):
        return ""
    found = _TYPE.search(text)
    return found.group(1).strip() if found else ""


class _Parts:
    """The parts of a file as they are met: title, header rows, data rows."""

    def __init__(self) -> None:
        self.title: list[str] = []
        self.header: list[tuple[int, list[str]]] = []
        self.data: list[tuple[int, list[str]]] = []
        # A file cut within its last number shows only in this: `3.1` for `3.1E+2` is a number too.
        self.ends_with_separator = False


def _split(path: Path) -> _Parts:
    parts = _Parts()
    separator = ""
    in_header = True
    for number, line in text_lines(path, fallback="latin-1"):
        if not separator:
            if found := _LABELS.match(line):
                separator = found.group(1)
            elif number > _MAX_TITLE_LINES:
                raise ReadError(path, found="no `Labels` row", expected="an Edinburgh text export", line=number)
            else:
                parts.title += [line.strip()] if line.strip() else []
                continue
        if not line.strip():
            in_header = False
            continue
        if not in_header and parts.data and line.endswith(separator) != parts.ends_with_separator:
            raise ReadError(path, found=f'a row that ends "{line[-12:]}"', expected="rows of one form", line=number)
        parts.ends_with_separator = line.endswith(separator)
        row = line.removesuffix(separator).split(separator)
        (parts.header if in_header else parts.data).append((number, row))
    if not parts.header or not parts.data:
        raise ReadError(path, found="a header without data", expected="rows of numbers after a blank line")
    return parts


def _header_values(name: str, row: list[str], scans: int, path: Path, line: int) -> list[str]:
    """Return one value per scan of a header row."""
    values = [cell.strip() for cell in row[1:]]
    if len(values) == scans:
        return values
    if scans == 1 or name.lower() in _FREE_TEXT:
        return [", ".join(value for value in values if value)] * scans
    raise ReadError(path, found=f"{len(values)} values", expected=f"{scans}, one per scan", line=line, cell=name)


def read_scans(path: Path) -> list[Scan]:
    r"""Return every scan of an Edinburgh text export, with as many points as its header announces.

    Parameters
    ----------
    path : Path
        The export.

    Returns
    -------
    list of Scan
        In the order of the columns.

    Raises
    ------
    ReadError
        Not this layout, a row of another width, a cell that is no number, or fewer points than announced.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> export = pathlib.Path(tempfile.mkdtemp()) / "em.csv"
    >>> rows = ["Labels,Em1,", "Type,Emission Scan,", "Start,500,", "Stop,501,", "Step,1,", "", "500,3,", "501,4,"]
    >>> _ = export.write_text("\n".join(rows))
    >>> [(scan.text("labels"), scan.x, scan.y) for scan in read_scans(export)]
    [('Em1', [500.0, 501.0], [3.0, 4.0])]
    """
    parts = _split(path)
    count = len(parts.data[0][1]) - 1
    if count < 1:
        raise ReadError(path, found="one column", expected="x and at least one y", line=parts.data[0][0])
    headers: list[list[tuple[str, str]]] = [[] for _ in range(count)]
    for line, row in parts.header:
        name = row[0].strip()
        for header, value in zip(headers, _header_values(name, row, count, path, line), strict=True):
            header.append((name, value))
    title = " ".join(parts.title)
    scans = [Scan(number, title, tuple(header), [], [], []) for number, header in enumerate(headers, start=1)]
    for line, row in parts.data:
        if len(row) != count + 1:
            raise ReadError(path, found=f"{len(row)} cells", expected=f"{count + 1}: x and {count} y", line=line)
        x = read_number(row[0], path, line, "x")
        for scan, cell in zip(scans, row[1:], strict=True):
            if cell.strip():  # scans over different ranges leave cells empty where a scan has no point
                scan.x.append(x)
                scan.y.append(read_number(cell, path, line, f"scan {scan.number}"))
                scan.lines.append(line)
    for scan in scans:
        _check_announced(scan, path)
    return scans


def _check_announced(scan: Scan, path: Path) -> None:
    """Refuse a scan that has not the points its header announces: the file was cut, or the scan aborted."""
    start, stop, step = (scan.number_or_none(name) for name in ("start", "stop", "step"))
    if start is None or stop is None or not step:
        raise ReadError(path, found="no Start, Stop and Step", expected="all three", cell=f"scan {scan.number}")
    points = round(abs((stop - start) / step)) + 1
    announced = f"{points} points from {start:g} to {stop:g}, as the header says"
    tolerance = 0.01 * abs(step)  # the header rounds to 6 significant digits
    if len(scan.x) != points:
        found = f"{len(scan.x)} points: a file that was cut, or an aborted scan"
        line = scan.lines[-1] if scan.lines else None
        raise ReadError(path, found=found, expected=announced, line=line, cell=f"scan {scan.number}")
    if abs(scan.x[0] - start) > tolerance or abs(scan.x[-1] - stop) > tolerance:
        found = f"points from {scan.x[0]:g} to {scan.x[-1]:g}"
        raise ReadError(path, found=found, expected=announced, line=scan.lines[0], cell=f"scan {scan.number}")
