"""Reader: Edinburgh Instruments emission scans (F980 and Fluoracle text exports).

Files
    `.txt` with tabs or `.csv` with commas; one or several emission scans; LF or CRLF. Excitation scans, kinetics and
    decays of the same software are not this format.
Fields
    x: emission wavelength [nm]; y: counts, corrected or not as the header says. Any other axis (`Energy`, `CPS`)
    is refused, because it is another quantity.
    Settings: excitation_nm (`Fixed/Offset`; absent where it is not positive: the F980 writes -100 for a laser or
    diode that has no monochromator), slit_nm (`Scan Slit`), excitation_slit_nm (`Fixed/Offset Slit`, absent where 0),
    dwell_s (`Dwell Time`), repeats, detector, lamp, corrected (`Scan Corr. by File`), reference_corrected
    (`Corr. by Ref. Det.`). The file names no units for slits and dwell time: nm and s (from memory, unchecked).
Uncertainty
    None in the file. Corrected counts are no longer Poisson counts, so none is derived here.
Kept metadata
    Every header row as it stands, the title line, the scan's label. The file holds no time of measurement.
File structure
    See `labdb.readers.edinburgh_layout`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labdb.errors import ReadError
from labdb.readers.curve import Curve
from labdb.readers.edinburgh_layout import Scan, read_scans, scan_type
from labdb.readers.sanity import check_curve

if TYPE_CHECKING:
    from pathlib import Path

LABEL = "Edinburgh emission"
_TYPE = "Emission Scan"


def recognizes(path: Path) -> bool:
    """Say whether the file is an Edinburgh export whose first scan is an emission scan.

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
    return scan_type(path) == _TYPE


def read(path: Path) -> list[Curve]:
    r"""Return the emission spectra of the file, one per scan.

    Parameters
    ----------
    path : Path
        An Edinburgh emission export.

    Returns
    -------
    list of Curve
        Wavelength [nm] and counts [count].

    Raises
    ------
    ReadError
        Damaged, cut, or scans of another kind.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> export = pathlib.Path(tempfile.mkdtemp()) / "em.csv"
    >>> rows = ["Labels,Em1,", "Type,Emission Scan,", "Start,500,", "Stop,501,", "Step,1,", "Fixed/Offset,405,",
    ...         "Xaxis,Wavelength,", "Yaxis,Counts,", "Dwell Time,0.2,", "", "500,3.0E+2,", "501,3.1E+2,"]
    >>> _ = export.write_text("\n".join(rows))
    >>> [(curve.label, curve.y.tolist(), curve.settings) for curve in read(export)]
    [('Em1', [300.0, 310.0], {'excitation_nm': 405.0, 'dwell_s': 0.2})]
    """
    return [_curve(scan, path) for scan in read_scans(path)]


def _curve(scan: Scan, path: Path) -> Curve:
    for name, wanted in (("type", _TYPE), ("xaxis", "Wavelength"), ("yaxis", "Counts")):
        if scan.text(name) != wanted:
            raise ReadError(
                path, found=f'{name} "{scan.text(name)}" in scan {scan.number}', expected=f'"{wanted}"', cell=name
            )
    curve = Curve(
        kind="emission_spectrum",
        x=np.array(scan.x),
        x_kind="wavelength",
        x_unit="nm",
        y=np.array(scan.y),
        y_kind="spectral_intensity",
        y_unit="count",
        label=scan.text("labels"),
        settings=_settings(scan),
        header=((("Title", scan.title),) if scan.title else ()) + scan.header,
        where=scan.where,
    )
    check_curve(curve, path, scan.lines)
    return curve


def _settings(scan: Scan) -> dict[str, str | float]:
    settings: dict[str, str | float] = {}
    for key, name in (
        ("excitation_nm", "fixed/offset"),
        ("excitation_slit_nm", "fixed/offset slit"),
        ("slit_nm", "scan slit"),
        ("dwell_s", "dwell time"),
        ("repeats", "repeats"),
    ):
        number = scan.number_or_none(name)
        if number is not None and number > 0:
            settings[key] = number
    for key, name in (("detector", "detector"), ("lamp", "lamp")):
        if scan.text(name):
            settings[key] = scan.text(name)
    for key, name in (("corrected", "scan corr. by file"), ("reference_corrected", "corr. by ref. det.")):
        answer = {"true": "yes", "false": "no"}.get(scan.text(name).lower())
        if answer:
            settings[key] = answer
    return settings
