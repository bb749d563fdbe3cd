"""Reader: a plain curve in two columns with a header that names quantity and unit.

Files
    CSV in UTF-8; comma, semicolon or tab; LF or CRLF; lines beginning with `#` are comments.
Fields
    One x column and one y column, anywhere in the row, named as in `X_COLUMNS` and `Y_COLUMNS`; blanks, brackets, slash
    and case do not matter: `wavelength_nm`, `Wavelength (nm)`, `wavelength/nm` are one name. Pairs that make a curve:
    wavelength_nm + counts; two_theta_deg + counts; time_ns (ps, us) + counts; time_min (s, h) + temperature_degC.
    A column or comment named as in `labdb.readers.curve.SETTINGS` is a setting: `# excitation_nm: 405`.
Uncertainty
    A column `u_` + name of the y column holds the standard uncertainty (k = 1); without it there is none.
Kept metadata
    Every other column must hold one text throughout (batch, origin); it and all comments are kept as header pairs.
    `# measured_at: 2026-11-10T11:00:00+01:00` is the time of measurement, with its offset to UTC.
File structure
    One header line, then rows of numbers with a decimal point. Any bad row refuses the file.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from labdb.errors import ReadError
from labdb.readers.curve import SETTINGS, Curve
from labdb.readers.sanity import check_curve
from labdb.readers.table import TextTable, read_table, sniff_separator
from labdb.readers.text_file import HEAD_BYTES, head, read_number

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

LABEL = "two-column table"

# name of the column -> quantity kind, unit
X_COLUMNS: dict[str, tuple[str, str]] = {
    "wavelength_nm": ("wavelength", "nm"),
    "two_theta_deg": ("diffraction_angle", "deg"),
    "2theta_deg": ("diffraction_angle", "deg"),
    "2_theta_deg": ("diffraction_angle", "deg"),
    "time_ps": ("decay_time", "ps"),
    "time_ns": ("decay_time", "ns"),
    "time_us": ("decay_time", "us"),
    "time_s": ("duration", "s"),
    "time_min": ("duration", "min"),
    "time_h": ("duration", "h"),
}
Y_COLUMNS: dict[str, str] = {
    "counts": "count",
    "intensity_counts": "count",
    "temperature_degc": "degC",
    "temperature_°c": "degC",
}
# x kind, y unit -> measurement kind, y kind
_CURVES: dict[tuple[str, str], tuple[str, str]] = {
    ("wavelength", "count"): ("emission_spectrum", "spectral_intensity"),
    ("diffraction_angle", "count"): ("xrd_pattern", "diffracted_intensity"),
    ("decay_time", "count"): ("decay", "decay_count"),
    ("duration", "degC"): ("furnace_log", "temperature"),
}
_TEXT_SETTINGS = frozenset(name for name, meaning in SETTINGS.items() if not meaning.endswith("]"))
_COMMENT_PAIR = re.compile(r"([A-Za-z_0-9 ]+?)\s*[:=]\s*(.+)")


def _plain_name(name: str) -> str:
    return re.sub(r"[\s_()\[\]/]+", "_", name.strip().lower()).strip("_")


def _columns(header: list[str]) -> tuple[str, str] | None:
    """Return the names of the x and the y column, or None if the header does not name exactly one such pair."""
    xs = [name for name in header if _plain_name(name) in X_COLUMNS]
    ys = [name for name in header if _plain_name(name) in Y_COLUMNS]
    if len(xs) != 1 or len(ys) != 1:
        return None
    pair = (X_COLUMNS[_plain_name(xs[0])][0], Y_COLUMNS[_plain_name(ys[0])])
    return (xs[0], ys[0]) if pair in _CURVES else None


def recognizes(path: Path) -> bool:
    """Say whether the first line that is no comment names an x and a y with their units.

    Parameters
    ----------
    path : Path
        Any path; only the first 4 kB are looked at.

    Returns
    -------
    bool
        False also for folders, binaries and missing files.

    Examples
    --------
    >>> import pathlib
    >>> recognizes(pathlib.Path("no/such/file.csv"))
    False
    """
    raw = head(path)
    if b"\0" in raw:
        return False
    # The 4 kB may end within a character or a line; the header must be whole.
    lines = raw.decode("utf-8", errors="replace").split("\n")
    for line in lines[:-1] if len(raw) >= HEAD_BYTES - len(b"\xef\xbb\xbf") else lines:
        if line.strip() and not line.lstrip().startswith("#"):
            names = [cell.strip().strip('"') for cell in line.split(sniff_separator(line))]
            return _columns(names) is not None
    return False


def read(path: Path) -> list[Curve]:
    r"""Return the one curve of the file.

    Parameters
    ----------
    path : Path
        A two-column table.

    Returns
    -------
    list of Curve
        One curve, in the units of its columns.

    Raises
    ------
    ReadError
        A bad row, a cell that is no number, a text column that changes, or a curve that fails the check.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> log = pathlib.Path(tempfile.mkdtemp()) / "furnace.csv"
    >>> _ = log.write_text("batch,time_min,temperature_degC\nB-2601,0,25.3\nB-2601,1,32.8\n")
    >>> [curve] = read(log)
    >>> curve.kind, curve.y.tolist(), curve.header
    ('furnace_log', [25.3, 32.8], (('batch', 'B-2601'),))
    """
    table = read_table(path)
    if table.findings:
        raise ReadError(path, found=f"{len(table.findings)} bad row(s); {table.findings[0]}", expected="whole rows")
    named = _columns(table.header)
    if named is None:
        raise ReadError(
            path, found=", ".join(table.header)[:80], expected="one x and one y column", line=table.header_line
        )
    x_name, y_name = named
    x_kind, x_unit = X_COLUMNS[_plain_name(x_name)]
    y_unit = Y_COLUMNS[_plain_name(y_name)]
    kind, y_kind = _CURVES[x_kind, y_unit]
    u_name = next((name for name in table.header if _plain_name(name) == f"u_{_plain_name(y_name)}"), None)
    pairs = _constant_columns(table, {x_name, y_name, u_name})
    settings, measured_at, header = _sorted_pairs(pairs, table)
    curve = Curve(
        kind=kind,
        x=_numbers(table, x_name),
        x_kind=x_kind,
        x_unit=x_unit,
        y=_numbers(table, y_name),
        y_kind=y_kind,
        y_unit=y_unit,
        label="",
        settings=settings,
        header=header,
        measured_at=measured_at,
        where=f"line {table.rows[0].line}" if table.rows else "",
        u=None if u_name is None else _numbers(table, u_name),
    )
    check_curve(curve, path, [row.line for row in table.rows])
    return [curve]


def _numbers(table: TextTable, name: str) -> NDArray[np.float64]:
    return np.array([read_number(row.cells[name], table.path, row.line, name) for row in table.rows], dtype=np.float64)


def _constant_columns(table: TextTable, used: set[str | None]) -> list[tuple[int, str, str]]:
    """Return line, name and text of each column that is not part of the curve; it may not change."""
    pairs = []
    for name in table.header:
        if name in used or not table.rows:
            continue
        text = table.rows[0].cells[name]
        for row in table.rows:
            if row.cells[name] != text:
                found = f'"{row.cells[name][:40]}" after "{text[:40]}"'
                expected = "one text in all rows: a file holds one curve"
                raise ReadError(table.path, found=found, expected=expected, line=row.line, cell=name)
        pairs.append((table.rows[0].line, name, text))
    return pairs


def _sorted_pairs(
    pairs: list[tuple[int, str, str]], table: TextTable
) -> tuple[dict[str, str | float], datetime | None, tuple[tuple[str, str], ...]]:
    """Sort columns and comments into settings, time of measurement and header pairs (which keep everything)."""
    settings: dict[str, str | float] = {}
    measured_at: datetime | None = None
    header: list[tuple[str, str]] = []
    for line, comment in table.comments:
        pair = _COMMENT_PAIR.fullmatch(comment)
        pairs.append((line, pair.group(1), pair.group(2)) if pair else (line, "comment", comment))
    for line, name, text in sorted(pairs, key=lambda entry: entry[0]):
        header.append((name, text))
        key = _plain_name(name)
        if key in _TEXT_SETTINGS and text:
            settings[key] = text
        elif key in SETTINGS and text:
            settings[key] = read_number(text, table.path, line, name)
        elif key == "measured_at" and text:
            measured_at = _time(text, table.path, line)
    return settings, measured_at, tuple(header)


def _time(text: str, path: Path, line: int) -> datetime:
    expected = "an ISO 8601 time with its offset, as 2026-11-10T11:00:00+01:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ReadError(path, found=f'"{text[:40]}"', expected=expected, line=line, cell="measured_at") from error
    if moment.tzinfo is None:
        raise ReadError(
            path, found=f'"{text}", a time without offset', expected=expected, line=line, cell="measured_at"
        )
    return moment
