"""Reader: PANalytical / Malvern Panalytical XRDML powder scans (schema 1.0 to 2.x).

Files
    `.xrdml`; one or several measurements, each of one or several scans over 2Theta (Gonio, 2Theta, 2Theta-Omega).
    Scans over another axis (rocking curves, Phi) are refused: they are no powder pattern.
Fields
    x: 2Theta [deg], from listPositions, or evenly spaced from startPosition to endPosition; y: counts.
    `intensities` (schema 1.x) are already corrected for the beam attenuator and taken as they are; `counts` (schema
    2.x) are what the detector saw and are multiplied by beamAttenuationFactors. Issue 20 of github.com/aglavic/genx
    tells how factors applied to both spoiled patterns; in the 2.1 test file the peak is whole only when multiplied.
    Settings: wavelength_angstrom and, for K-Alpha, k_alpha2 and k_alpha2_ratio; line, anode, tube_kv, tube_ma,
    scan_axis, count_time_s, detector.
    Refused, as nobody could compare the points: counting times that differ within a scan, divergence corrections on raw
    counts, scans that were not completed (whether endPosition is then the planned or the reached one is not known).
Uncertainty
    None in the file.
Kept metadata
    Every element and attribute outside the data lists, by its path; the start time if it has an offset to UTC.
File structure
    XML: xrdMeasurements / xrdMeasurement / (usedWavelength, incidentBeamPath, diffractedBeamPath, scan / (header,
    dataPoints)). Parsed without document types or entities, at most 256 MB.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from labdb.errors import ReadError
from labdb.readers.curve import Curve
from labdb.readers.sanity import check_curve
from labdb.readers.text_file import head, read_number, require_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

LABEL = "PANalytical XRDML"
MAX_BYTES = 256_000_000
_LISTS = frozenset({"intensities", "counts", "beamAttenuationFactors", "countingTimes", "listPositions"})
# usedWavelength/@intended -> the element that holds the wavelength in use
_LINES = {"K-Alpha": "kAlpha1", "K-Alpha 1": "kAlpha1", "K-Alpha 2": "kAlpha2", "K-Beta": "kBeta"}


def recognizes(path: Path) -> bool:
    """Say whether the file begins as an XRDML document.

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
    >>> recognizes(pathlib.Path("no/such/file.xrdml"))
    False
    """
    return b"<xrdMeasurements" in head(path)


def read(path: Path) -> list[Curve]:
    """Return the patterns of the file, one per scan.

    Parameters
    ----------
    path : Path
        An XRDML file.

    Returns
    -------
    list of Curve
        2Theta [deg] and counts [count], corrected for the beam attenuator.

    Raises
    ------
    ReadError
        Damaged, unsafe, or a scan that is no powder pattern.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> pattern = pathlib.Path(tempfile.mkdtemp()) / "a.xrdml"
    >>> _ = pattern.write_text('<xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/2.1"><xrdMeasurement>'
    ...     '<scan scanAxis="Gonio" status="Completed"><dataPoints><positions axis="2Theta" unit="deg">'
    ...     '<startPosition>20</startPosition><endPosition>21</endPosition></positions>'
    ...     '<beamAttenuationFactors>1 10 1</beamAttenuationFactors><counts unit="counts">5 7 6</counts>'
    ...     '</dataPoints></scan></xrdMeasurement></xrdMeasurements>')
    >>> [(curve.x.tolist(), curve.y.tolist()) for curve in read(pattern)]
    [([20.0, 20.5, 21.0], [5.0, 70.0, 6.0])]
    """
    root = _parse(path)
    curves: list[Curve] = []
    outside = tuple(_pairs(root, "", leave_out="xrdMeasurement"))
    for number, measurement in enumerate(root.findall("{*}xrdMeasurement"), start=1):
        around = outside + tuple(_pairs(measurement, "xrdMeasurement", leave_out="scan"))
        for scan_number, scan in enumerate(measurement.findall("{*}scan"), start=1):
            where = f"measurement {number}, scan {scan_number}"
            curves.append(_curve(root, measurement, scan, around, path, where))
    if not curves:
        raise ReadError(path, found="no scan", expected="xrdMeasurements with at least one scan")
    return curves


def _parse(path: Path) -> Element:
    from xml.etree.ElementTree import ParseError

    from defusedxml import ElementTree

    require_file(path)
    if path.stat().st_size > MAX_BYTES:
        raise ReadError(path, found=f"{path.stat().st_size} bytes", expected=f"at most {MAX_BYTES}")
    try:
        root = ElementTree.parse(path, forbid_dtd=True).getroot()
    except ParseError as error:
        line, column = error.position
        found = f"broken XML at column {column + 1} ({str(error).partition(':')[0]}): was the file cut?"
        raise ReadError(path, found=found, expected="a whole XRDML document", line=line) from error
    except (LookupError, ValueError) as error:  # defusedxml's refusals are ValueErrors; an odd encoding is either
        found = f"XML with a document type, entities or an odd encoding ({type(error).__name__})"
        raise ReadError(path, found=found, expected="plain XRDML, as the instrument writes it") from error
    if root is None or _tag(root) != "xrdMeasurements":
        raise ReadError(path, found="another document", expected="xrdMeasurements")
    return root


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _pairs(element: Element, place: str, leave_out: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and text of everything below an element that is not a list of data."""
    for name, text in element.attrib.items():
        if name != "unit" and text.strip():
            yield f"{place}@{name.rpartition('}')[2]}", text.strip()
    unit = f" [{element.attrib['unit']}]" if "unit" in element.attrib else ""
    if (element.text or "").strip():
        yield f"{place}{unit}", (element.text or "").strip()
    for child in element:
        if _tag(child) != leave_out and _tag(child) not in _LISTS:
            yield from _pairs(child, f"{place}/{_tag(child)}".lstrip("/"))


def _text(element: Element | None, child: str) -> str:
    return "" if element is None else (element.findtext(child) or "").strip()


def _numbers(element: Element | None, path: Path, where: str) -> NDArray[np.float64] | None:
    if element is None:
        return None
    name = f"{where}, {_tag(element)}"
    return np.array([read_number(text, path, None, name) for text in (element.text or "").split()])


def _curve(
    root: Element, measurement: Element, scan: Element, around: tuple[tuple[str, str], ...], path: Path, where: str
) -> Curve:
    if scan.get("status", "Completed") != "Completed":
        raise ReadError(path, found=f"a scan with status {scan.get('status')} ({where})", expected="a completed scan")
    points = scan.find("{*}dataPoints")
    if points is None:
        raise ReadError(path, found=f"no dataPoints ({where})", expected="positions and intensities")
    y, attenuation = _intensities(points, path, where)
    start = _text(scan, "{*}header/{*}startTimeStamp")
    curve = Curve(
        kind="xrd_pattern",
        x=_positions(scan, points, y.size, path, where),
        x_kind="diffraction_angle",
        x_unit="deg",
        y=y,
        y_kind="diffracted_intensity",
        y_unit="count",
        label=_text(root, "{*}sample/{*}id") or _text(root, "{*}sample/{*}name"),
        settings=_settings(measurement, scan, points, path, where),
        header=around + tuple(_pairs(scan, "scan")) + attenuation,
        measured_at=_time(start, path, where) if start else None,
        where=where,
    )
    check_curve(curve, path)
    return curve


def _positions(scan: Element, points: Element, count: int, path: Path, where: str) -> NDArray[np.float64]:
    place = points.find("{*}positions[@axis='2Theta']")
    listed = _numbers(place.find("{*}listPositions") if place is not None else None, path, where)
    first, last = _text(place, "{*}startPosition"), _text(place, "{*}endPosition")
    if place is None or (listed is None and not (first and last)):
        found = f'a scan over "{scan.get("scanAxis", "not stated")}" ({where})'
        raise ReadError(path, found=found, expected="a scan over 2Theta: a powder pattern")
    if place.get("unit") != "deg":
        raise ReadError(path, found=f'2Theta in "{place.get("unit")}" ({where})', expected="deg")
    if listed is not None:
        return listed
    ends = [read_number(text, path, None, f"{where}, 2Theta") for text in (first, last)]
    return np.linspace(ends[0], ends[1], count)


def _intensities(points: Element, path: Path, where: str) -> tuple[NDArray[np.float64], tuple[tuple[str, str], ...]]:
    """Return the counts corrected for the attenuator, and what was done as a header pair."""
    element = points.find("{*}intensities")
    raw = element is None
    element = points.find("{*}counts") if raw else element
    values = _numbers(element, path, where)
    if element is None or values is None:
        raise ReadError(path, found=f"neither intensities nor counts ({where})", expected="one of them")
    if element.get("unit", "counts") != "counts":
        raise ReadError(path, found=f'{_tag(element)} in "{element.get("unit")}" ({where})', expected="counts")
    factors = _numbers(points.find("{*}beamAttenuationFactors"), path, where)
    if factors is None and (common := _text(points, "{*}commonBeamAttenuationFactor")):
        factors = np.full(values.shape, read_number(common, path, None, f"{where}, commonBeamAttenuationFactor"))
    if raw and any("ivergenceCorrection" in _tag(child) for child in points):
        raise ReadError(path, found=f"raw counts with a divergence correction ({where})", expected="plain counts")
    if factors is None:
        return values, ()
    if factors.shape != values.shape:
        found = f"{factors.size} beamAttenuationFactors for {values.size} points ({where})"
        raise ReadError(path, found=found, expected="one for each point")
    done = "applied here" if raw else "applied by the instrument"
    note = f"{int((factors != 1).sum())} of {factors.size} points attenuated, largest factor {factors.max():g}, {done}"
    return values * factors if raw else values, (("scan/dataPoints/beamAttenuationFactors", note),)


def _settings(measurement: Element, scan: Element, points: Element, path: Path, where: str) -> dict[str, str | float]:
    tube = measurement.find("{*}incidentBeamPath/{*}xRayTube")
    used = measurement.find("{*}usedWavelength")
    detector = measurement.find("{*}diffractedBeamPath/{*}detector")
    line = used.get("intended", "") if used is not None else ""
    wanted = [("wavelength_angstrom", used, _LINES.get(line, ""), "Angstrom")]
    if line == "K-Alpha":
        wanted += [("k_alpha2", used, "kAlpha2", "Angstrom"), ("k_alpha2_ratio", used, "ratioKAlpha2KAlpha1", "")]
    wanted += [("tube_kv", tube, "tension", "kV"), ("tube_ma", tube, "current", "mA")]
    settings: dict[str, str | float] = {}
    for key, parent, name, unit in wanted:
        element = parent.find(f"{{*}}{name}") if parent is not None and name else None
        if element is not None and (element.text or "").strip():
            if element.get("unit", "") != unit:
                raise ReadError(path, found=f'{name} in "{element.get("unit", "")}" ({where})', expected=unit)
            settings[key] = read_number(element.text or "", path, None, f"{where}, {name}")
    texts = [("line", line), ("anode", _text(tube, "{*}anodeMaterial")), ("scan_axis", scan.get("scanAxis", ""))]
    texts += [("detector", detector.get("name", "") if detector is not None else "")]
    settings.update({key: text for key, text in texts if text})
    settings.update(_counting_time(points, path, where))
    return settings


def _counting_time(points: Element, path: Path, where: str) -> dict[str, float]:
    """Return the counting time of all points, nothing if it is not stated; refuse one that varies."""
    element = points.find("{*}commonCountingTime")
    element = points.find("{*}countingTimes") if element is None else element
    times = _numbers(element, path, where)
    if element is None or times is None or not times.size:
        return {}
    if element.get("unit") != "seconds":
        raise ReadError(path, found=f'counting time in "{element.get("unit")}" ({where})', expected="seconds")
    if float(times.max()) != float(times.min()):
        found = f"counting times from {times.min():g} to {times.max():g} s ({where})"
        raise ReadError(path, found=found, expected="one counting time for all points")
    return {"count_time_s": float(times[0])}


def _time(text: str, path: Path, where: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ReadError(
            path, found=f'"{text}"', expected="an ISO 8601 time", cell=f"{where}, startTimeStamp"
        ) from error
    return moment if moment.tzinfo is not None else None
