"""Take in curves: instrument files read by the readers, with context from options, the file's name, or a study."""

from typing import Any

import numpy as np

from labdb.characterization.diffraction import DiffractionSettings, DiffractionSettingsRow
from labdb.characterization.emission import EmissionSettings, EmissionSettingsRow
from labdb.characterization.spectrum_shape import spectrum_shape
from labdb.database import insert_many
from labdb.errors import InputError
from labdb.intake.observation import Recorder
from labdb.intake.writer import Line, Writer
from labdb.measurement import Trace, TraceRow, curve_digest
from labdb.provenance.raw_file import FileHeaderRow
from labdb.quantity import Quantity, UncertaintyOrigin
from labdb.readers.curve import Curve, ReadFile
from labdb.record import Origin, new_id


def _packed(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values, dtype="<f8").tobytes()


def _promoted(curve: Curve, intensity_kind: str) -> list[Quantity]:
    """What a trend needs of a spectrum: integrated intensity (counts times nm, over 1 nm), peak, width."""
    if curve.kind != "emission_spectrum":
        return []
    try:
        shape = spectrum_shape(curve.x, curve.y)
    except InputError:
        return []
    found = [
        Quantity(shape.integrated_counts_nm, "count", intensity_kind),
        Quantity(shape.peak_parabolic_nm, "nm", "peak_wavelength"),
    ]
    if shape.fwhm_nm is not None:
        found.append(Quantity(shape.fwhm_nm, "nm", "spectral_width"))
    return found


def _trace(curve: Curve, measurement_id: Any) -> dict[str, Any]:  # noqa: ANN401 - a UUID
    x, y = _packed(curve.x), _packed(curve.y)
    record = Trace(
        measurement_id=measurement_id,
        x_kind=curve.x_kind,
        x_unit=curve.x_unit,
        y_kind=curve.y_kind,
        y_unit=curve.y_unit,
        points=int(curve.x.size),
        x=x,
        y=y,
        u=None if curve.u is None else _packed(curve.u),
        sha256=curve_digest(x, y),
    )
    return {**record.model_dump(), "id": new_id()}


def _settings(curve: Curve, measurement_id: Any) -> tuple[type[Any], dict[str, Any]] | None:  # noqa: ANN401 - a UUID
    """Promote a curve's settings to its rib: what two curves must share to be compared."""
    given = dict(curve.settings)
    if curve.kind == "emission_spectrum":
        shared = ("excitation_nm", "slit_nm", "repeats", "detector", "corrected")
        fields = {name: given[name] for name in shared if name in given} | {"measurement_id": measurement_id}
        emission = EmissionSettings.model_validate(fields | {"integration_time_s": given.get("dwell_s")})
        return EmissionSettingsRow, {**emission.model_dump(), "id": new_id()}
    if curve.kind == "xrd_pattern":
        kept = ("wavelength_angstrom", "anode", "tube_kv", "tube_ma", "count_time_s", "scan_axis")
        fields = {name: given[name] for name in kept if name in given} | {"measurement_id": measurement_id}
        origin = "file" if "wavelength_angstrom" in given else None
        diffraction = DiffractionSettings.model_validate(fields | {"wavelength_origin": origin})
        return DiffractionSettingsRow, {**diffraction.model_dump(), "id": new_id()}
    return None


def add_curves(writer: Writer, read: ReadFile, context: dict[str, str]) -> list[str]:
    """Store every curve of one file as a measurement with its trace, settings and what trends need of it.

    Parameters
    ----------
    writer : Writer
        The intake in progress; its file is already registered.
    read : ReadFile
        What the reader returned.
    context : dict
        Cells that say where the curves belong: sample, condition, age, vial, study, run, method, measured_at, origin,
        and which intensity kind an emission spectrum gives.

    Returns
    -------
    list of str
        The measurements' codes.
    """
    recorder = Recorder(writer)
    raw_file_id = writer.files.get(str(read.path))
    intensity_kind = context.get("intensity", "photoluminescence_intensity")
    codes = []
    traces: list[dict[str, Any]] = []
    for number, curve in enumerate(read.curves, start=1):
        cells = {name: text for name, text in context.items() if name != "intensity"}
        if curve.measured_at is not None and "measured_at" not in cells and curve.measured_at.tzinfo is not None:
            cells["measured_at"] = curve.measured_at.isoformat()
        if len(read.curves) > 1:
            cells.setdefault("replicate", str(number))
        quantities = _promoted(curve, intensity_kind)
        line = Line(read.path.name, 0, cells)
        code = recorder.add(
            line,
            quantities,
            ["computed from the curve"] * len(quantities),
            kind=curve.kind,
            raw_file_id=raw_file_id,
            place=curve.where,
        )
        measurement = recorder.rows.measurements[-1]["id"]
        for result in recorder.rows.results[-len(quantities) :] if quantities else []:
            result["origin"] = (
                Origin.COMPUTED if recorder.rows.measurements[-1]["origin"] is Origin.MEASURED else result["origin"]
            )
            if result["u_origin"] is None and result["u"] is not None:
                result["u_origin"] = UncertaintyOrigin.COMPUTED
        traces.append(_trace(curve, measurement) | {"origin": recorder.rows.measurements[-1]["origin"]})
        rib = _settings(curve, measurement)
        if rib is not None:
            recorder.rows.ribs.setdefault(rib[0], []).append(rib[1])
        codes.append(code)
    recorder.flush()
    insert_many(writer.session, TraceRow, traces)
    _headers(writer, read, raw_file_id)
    writer.stored[read.label] += len(read.curves)
    return codes


def _headers(writer: Writer, read: ReadFile, raw_file_id: Any) -> None:  # noqa: ANN401 - a UUID or None
    if raw_file_id is None:
        return
    for part, curve in enumerate(read.curves):
        insert_many(
            writer.session,
            FileHeaderRow,
            [
                {
                    "id": new_id(),
                    "raw_file_id": raw_file_id,
                    "part": part,
                    "position": position,
                    "name": name,
                    "content": text,
                }
                for position, (name, text) in enumerate(curve.header)
            ],
        )
