"""Reader: Edinburgh Instruments decays and instrument responses (F980 text exports).

Files
    `.txt` with tabs or `.csv` with commas; one or several time scans (`Time Scan`) or instrument responses
    (`Instrument Response Time Scan`), also mixed; LF or CRLF.
Fields
    x: time after the pulse [ns, ps or us as the `XAxis` row says]; y: counts per channel.
    Kind `decay` or `instrument_response` by the `Type` row. The excitation wavelength is not in the file.
Uncertainty
    None in the file; counts are Poisson counts, and the methods that fit them use that likelihood.
Kept metadata
    Every header row as it stands, the title line, the scan's label. The file holds no time of measurement.
File structure
    See `labdb.readers.edinburgh_layout`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from labdb.errors import ReadError
from labdb.readers.curve import Curve
from labdb.readers.edinburgh_layout import Scan, read_scans, scan_type
from labdb.readers.sanity import check_curve

if TYPE_CHECKING:
    from pathlib import Path

LABEL = "Edinburgh decay"
_KINDS = {"Time Scan": "decay", "Instrument Response Time Scan": "instrument_response"}
_TIME_AXIS = re.compile(r"Time ?\((ps|ns|us)\)")


def recognizes(path: Path) -> bool:
    """Say whether the file is an Edinburgh export whose first scan is a decay or an instrument response.

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
    >>> recognizes(pathlib.Path("no/such/file.txt"))
    False
    """
    return scan_type(path) in _KINDS


def read(path: Path) -> list[Curve]:
    r"""Return the decays and instrument responses of the file, one per scan.

    Parameters
    ----------
    path : Path
        An Edinburgh time-scan export.

    Returns
    -------
    list of Curve
        Time [ns, ps or us] and counts [count].

    Raises
    ------
    ReadError
        Damaged, cut, or scans of another kind.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> export = pathlib.Path(tempfile.mkdtemp()) / "decay.txt"
    >>> rows = ["Labels,D1,", "Type,Time Scan,", "Start,0,", "Stop,0.5,", "Step,0.5,", "XAxis,Time(ns),",
    ...         "YAxis,Counts,", "", "0.0,9,", "0.5,7,"]
    >>> _ = export.write_text("\n".join(rows))
    >>> [(curve.kind, curve.x_unit, curve.y.tolist()) for curve in read(export)]
    [('decay', 'ns', [9.0, 7.0])]
    """
    return [_curve(scan, path) for scan in read_scans(path)]


def _curve(scan: Scan, path: Path) -> Curve:
    kind = _KINDS.get(scan.text("type"))
    axis = _TIME_AXIS.fullmatch(scan.text("xaxis"))
    if kind is None or axis is None or scan.text("yaxis") != "Counts":
        found = ", ".join(f'{name} "{scan.text(name)}"' for name in ("type", "xaxis", "yaxis"))
        expected = "a time scan or instrument response, Time(ns), Counts"
        raise ReadError(path, found=f"{found} in scan {scan.number}", expected=expected)
    curve = Curve(
        kind=kind,
        x=np.array(scan.x),
        x_kind="decay_time",
        x_unit=axis.group(1),
        y=np.array(scan.y),
        y_kind="decay_count",
        y_unit="count",
        label=scan.text("labels"),
        header=((("Title", scan.title),) if scan.title else ()) + scan.header,
        where=scan.where,
    )
    check_curve(curve, path, scan.lines)
    return curve
