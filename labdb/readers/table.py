"""Strict reading of a user's table: CSV with comma, semicolon or tab, in UTF-8.

Bad rows are findings with file and line, all of them together, and stand in no row; a file that as a whole cannot be
read is a ReadError. Cells stay text: what they mean is for those to say who know the column.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labdb.errors import ReadError
from labdb.finding import Finding, Severity
from labdb.readers.text_file import text_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULE = "INTAKE"
MAX_ROWS = 2_000_000
MAX_BAD_ROWS = 1000
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row of a table: the line it begins on, and the text of its cells by column name."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table as text, and what is wrong with it."""

    path: Path
    header: list[str]
    header_line: int
    rows: list[TextRow]
    findings: list[Finding] = field(default_factory=list)
    """One per bad row, severity error; a file with any is stored not at all."""
    comments: list[tuple[int, str]] = field(default_factory=list)
    """Lines that begin with `#`, without it, with their numbers."""


class _Lines:
    """Gives a CSV parser its lines, leaving out comments and blank lines between rows but not inside a quoted cell."""

    def __init__(self, path: Path) -> None:
        self._lines = text_lines(path)
        self.comments: list[tuple[int, str]] = []
        self.between_rows = True
        self.row_line = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for number, text in self._lines:
            if not self.between_rows:
                return text + "\n"
            if text.lstrip().startswith("#"):
                self.comments.append((number, text.lstrip()[1:].strip()))
            elif text.strip():
                self.row_line = number
                self.between_rows = False
                return text + "\n"
        raise StopIteration


def sniff_separator(header_line: str) -> str:
    r"""Return the separator of a table, from its header line: the most frequent one outside quotes.

    Parameters
    ----------
    header_line : str
        The first line that is no comment.

    Returns
    -------
    str
        Comma, semicolon or tab; comma for a single column.

    Examples
    --------
    >>> sniff_separator('time (d);"Pb, total (ug/L)";note')
    ';'
    """
    outside = "".join(header_line.split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def _cells(row: list[str]) -> list[str]:
    """Strip the cells, and drop the empty ones that spreadsheets append to a row."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _header(row: list[str], path: Path, line: int) -> list[str]:
    header = _cells(row)
    if not header:
        raise ReadError(path, found="a header without names", expected="one name for each column", line=line)
    for position, name in enumerate(header, start=1):
        if not name:
            raise ReadError(path, found=f"no name for column {position}", expected="a name for each column", line=line)
        if name in header[: position - 1]:
            raise ReadError(path, found=f'the column name "{name}" twice', expected="each name once", line=line)
    return header


def _bad_row(path: Path, line: int, message: str, **numbers: str) -> Finding:
    return Finding(RULE, Severity.ERROR, path.name, f"{path}:{line}", message, numbers)


def _rows(reader: Iterator[list[str]], lines: _Lines, path: Path) -> Iterator[list[str] | Finding]:
    """Yield each row as cells, or as the finding that stands for it; `lines.row_line` is where it begins."""
    while True:
        lines.between_rows = True
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = str(error)
            if "field larger" in reason or "end of data" in reason:
                raise ReadError(
                    path, found="a quoted cell that does not end", expected="a closing quote", line=lines.row_line
                ) from error
            yield _bad_row(path, lines.row_line, f'a misplaced quote ({reason}); write "" for a quote inside quotes')
            continue
        yield row


def read_table(path: Path) -> TextTable:
    r"""Read a user's table, keeping every cell as text.

    Parameters
    ----------
    path : Path
        CSV in UTF-8, with or without byte order mark, LF or CRLF; comma, semicolon or tab; quoted cells, also over
        several lines; lines beginning with `#` are comments.

    Returns
    -------
    TextTable
        Header, good rows, findings for the bad ones (rule INTAKE), comments. Cells are stripped of surrounding blanks.

    Raises
    ------
    ReadError
        The file as a whole is unreadable: folder, empty, binary, other encoding, a line over 1 MB, a column name
        missing or twice, more than 2 million rows, more than 1000 bad rows.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> readings = pathlib.Path(tempfile.mkdtemp()) / "icp.csv"
    >>> _ = readings.write_text("# November\nage,Pb\n7 d,< 10 ug/L\n14 d\n")
    >>> table = read_table(readings)
    >>> table.rows
    [TextRow(line=3, cells={'age': '7 d', 'Pb': '< 10 ug/L'})]
    >>> [finding.message for finding in table.findings]
    ['1 cell(s), expected 2 (age, Pb); a cell that holds the separator must be quoted']
    """
    first = next((text for _, text in text_lines(path) if text.strip() and not text.lstrip().startswith("#")), None)
    if first is None:
        raise ReadError(path, found="no line but blanks and comments", expected="a header line and rows")
    lines = _Lines(path)
    parsed = _rows(csv.reader(lines, delimiter=sniff_separator(first), strict=True), lines, path)
    top = next(parsed)
    if isinstance(top, Finding):
        raise ReadError(path, found="a header with a misplaced quote", expected="a header line", line=lines.row_line)
    table = TextTable(path, _header(top, path, lines.row_line), lines.row_line, [], [], lines.comments)
    for row in parsed:
        _take(table, row, lines.row_line)
    return table


def _take(table: TextTable, row: list[str] | Finding, line: int) -> None:
    """Put one row, or its finding, into the table."""
    entry = row if isinstance(row, Finding) else _row(table, row, line)
    if isinstance(entry, Finding):
        table.findings.append(entry)
    elif entry is not None:
        table.rows.append(entry)
    if len(table.rows) > MAX_ROWS:
        raise ReadError(table.path, found=f"more than {MAX_ROWS} rows", expected="a smaller file", line=line)
    if len(table.findings) > MAX_BAD_ROWS:
        found = f"more than {MAX_BAD_ROWS} bad rows; the first: {table.findings[0].message}"
        raise ReadError(table.path, found=found, expected="rows as wide as the header", line=line)


def _row(table: TextTable, row: list[str], line: int) -> TextRow | Finding | None:
    """Return the row by column name, a finding if it is not as wide as the header, None if it is empty."""
    wanted = len(table.header)
    cells = _cells(row)
    if not cells:
        return None
    if len(cells) > wanted or len(row) < wanted:
        message = (
            f"{max(len(cells), min(len(row), wanted))} cell(s), expected {wanted} ({', '.join(table.header)[:80]}); "
            "a cell that holds the separator must be quoted"
        )
        return _bad_row(table.path, line, message, cells=str(len(row)), expected=str(wanted))
    cells += [""] * (wanted - len(cells))
    return TextRow(line, dict(zip(table.header, cells, strict=True)))
