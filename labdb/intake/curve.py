"""Take in curves: instrument files read by the readers, with context from options, the file's name, or a study."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import ValidationError
from sqlmodel import select

from labdb.characterization.diffraction import DiffractionSettings, DiffractionSettingsRow
from labdb.characterization.emission import EmissionSettings, EmissionSettingsRow
from labdb.characterization.spectrum_shape import spectrum_shape
from labdb.database import insert_many
from labdb.errors import InputError
from labdb.intake.form import validation_message
from labdb.intake.measurement import RIB_NAMES, Entry, Gathered, Recorder
from labdb.intake.writer import CellError, Line, Writer
from labdb.kinds import quantity_kind
from labdb.measurement import Trace, TraceRow, curve_digest
from labdb.provenance.raw_file import FileHeaderRow
from labdb.quantity import Quantity, convert_array
from labdb.readers.curve import Curve, ReadFile
from labdb.record import Record, Table, new_id
from labdb.units import conversion

INTENSITY = "photoluminescence_intensity"
_OF_A_CURVE = frozenset({"quantity", "value", "unit", "u", "coverage", "threshold_meaning", "n", "missing_reason"})


def _packed(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values, dtype="<f8").tobytes()


def _promoted(curve: Curve, intensity_kind: str) -> list[Entry]:
    """What a trend needs of a spectrum: integrated intensity (counts times nm, over 1 nm), peak, width.

    A spectrum without a peak (a dark one, a blank) has none of them; its curve is kept all the same.
    """
    if curve.kind != "emission_spectrum":
        return []
    try:
        shape = spectrum_shape(curve.x, curve.y)
        found = [
            Quantity(shape.integrated_counts_nm, "count", intensity_kind),
            Quantity(shape.peak_parabolic_nm, "nm", "peak_wavelength"),
        ]
        if shape.fwhm_nm is not None:
            found.append(Quantity(shape.fwhm_nm, "nm", "spectral_width"))
    except InputError:
        return []
    return [Entry(one.kind, one, "computed from the curve", computed=True) for one in found]


def _trace(curve: Curve, of: Gathered) -> dict[str, Any]:
    """Pack a curve in the canonical units of its kinds: a decay in ps and one in ns lie on one axis."""
    x_unit, y_unit = quantity_kind(curve.x_kind).unit, quantity_kind(curve.y_kind).unit
    x = _packed(convert_array(curve.x, curve.x_unit, x_unit, curve.x_kind))
    y = _packed(convert_array(curve.y, curve.y_unit, y_unit, curve.y_kind))
    u = None
    if curve.u is not None:
        written = quantity_kind(curve.y_kind).read_unit(curve.y_unit)
        u = _packed(curve.u * conversion(written, y_unit).difference(1.0))
    record = Trace(
        measurement_id=of.id,
        x_kind=curve.x_kind,
        x_unit=x_unit,
        y_kind=curve.y_kind,
        y_unit=y_unit,
        points=int(curve.x.size),
        x=x,
        y=y,
        u=u,
        sha256=curve_digest(x, y),
    )
    return {**record.model_dump(), "id": new_id(), "origin": of.origin}


_SETTINGS: dict[str, tuple[type[Record], type[Table], tuple[str, ...]]] = {
    "emission_spectrum": (
        EmissionSettings,
        EmissionSettingsRow,
        ("excitation_nm", "slit_nm", "repeats", "detector", "corrected", "integration_time_s"),
    ),
    "xrd_pattern": (
        DiffractionSettings,
        DiffractionSettingsRow,
        ("wavelength_angstrom", "wavelength_origin", "anode", "tube_kv", "tube_ma", "count_time_s", "scan_axis"),
    ),
}


def _settings(curve: Curve, of: Gathered) -> tuple[type[Table], Record] | None:
    """Promote a curve's settings to its rib: what two curves must share to be compared."""
    if curve.kind not in _SETTINGS:
        return None
    record, row, kept = _SETTINGS[curve.kind]
    given: dict[str, Any] = dict(curve.settings)
    if "dwell_s" in given:
        given["integration_time_s"] = given["dwell_s"]
    if "wavelength_angstrom" in given:
        given["wavelength_origin"] = "file"
    fields = {name: given[name] for name in kept if name in given}
    try:
        return row, record.model_validate({**fields, "measurement_id": of.id})
    except ValidationError as error:
        name, message = validation_message(error)
        raise InputError(f"setting {name}: {message}") from error


def _cells(curve: Curve, number: int, read: ReadFile, context: Mapping[str, str]) -> dict[str, str]:
    cells = {name: text for name, text in context.items() if name != "intensity"}
    meant_for_tables = sorted(cells.keys() & (RIB_NAMES | _OF_A_CURVE))
    if meant_for_tables:
        raise CellError(meant_for_tables[0], "a curve brings this with its file; it cannot be given beside it")
    if curve.measured_at is not None and curve.measured_at.tzinfo is not None:
        cells.setdefault("measured_at", curve.measured_at.isoformat())
    if len(read.curves) > 1:
        cells.setdefault("replicate", str(number))
    return cells


def add_curves(writer: Writer, read: ReadFile, context: Mapping[str, str]) -> list[str]:
    """Store every curve of one file as a measurement with its trace, settings and what trends need of it.

    Parameters
    ----------
    writer : Writer
        The intake in progress; its file is already registered.
    read : ReadFile
        What the reader returned.
    context : mapping
        Cells that say where the curves belong: sample, condition, age, vial, study, run, method, measured_at, origin,
        and which intensity kind an emission spectrum gives.

    Returns
    -------
    list of str
        The measurements' codes.

    Raises
    ------
    InputError
        The context does not fit, or a setting in the file is not one.
    """
    recorder = Recorder(writer)
    try:
        intensity_kind = quantity_kind(context.get("intensity", INTENSITY)).name
    except InputError as error:
        raise CellError("intensity", str(error)) from error
    codes = []
    traces: list[dict[str, Any]] = []
    for number, curve in enumerate(read.curves, start=1):
        line = Line(read.path.name, 0, _cells(curve, number, read, context))
        of = recorder.add(line, _promoted(curve, intensity_kind), kind=curve.kind, place=curve.where or None)
        traces.append(_trace(curve, of))
        rib = _settings(curve, of)
        if rib is not None:
            recorder.add_rib(*rib, of)
        codes.append(of.code)
    recorder.flush()
    insert_many(writer.session, TraceRow, traces)
    _headers(writer, read)
    writer.stored[read.label] += len(read.curves)
    return codes


def _headers(writer: Writer, read: ReadFile) -> None:
    """Keep the vendor's header beside the raw file; a file taken in again after an undo has it already."""
    raw_file_id = writer.raw_file_id
    known = select(FileHeaderRow.id).where(FileHeaderRow.raw_file_id == raw_file_id).limit(1)
    if raw_file_id is None or writer.session.exec(known).first() is not None:
        return
    rows = [
        {"raw_file_id": raw_file_id, "part": part, "position": position, "name": name, "content": text}
        for part, curve in enumerate(read.curves)
        for position, (name, text) in enumerate(curve.header)
    ]
    insert_many(writer.session, FileHeaderRow, rows)
