"""Take in observations: one measurement a row, long (quantity, value) or wide (a column per quantity kind)."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import select

from labdb.characterization.diffraction import DiffractionSettings, DiffractionSettingsRow
from labdb.characterization.emission import EmissionSettings, EmissionSettingsRow
from labdb.database import insert_many
from labdb.errors import InputError, UnknownNameError
from labdb.intake.form import Column, Form, columns_of, plain_number, read_cells, validation_message
from labdb.intake.study import mark_pulls
from labdb.intake.value import read_value, with_method
from labdb.intake.writer import CellError, Line, Writer
from labdb.kinds import quantity_kind, quantity_kinds
from labdb.leaching.icp_oes import IcpReading, IcpReadingRow
from labdb.measurement import Measurement, MeasurementRow, Result, ResultRow, RunRow
from labdb.quantity import Quantity, ThresholdMeaning, parse_quantity
from labdb.radiation.radioluminescence import RadioluminescenceReading, RadioluminescenceReadingRow
from labdb.record import Origin, Record, Table, new_id
from labdb.registry.method import BlankCorrection, MethodRow
from labdb.stability.study import StudyRow

_ACT = tuple(
    replace(column, required=False)  # a study or an option may say which sample
    for column in columns_of(Measurement, MeasurementRow)
    if column.name not in ("code", "kind", "raw_file", "place", "age_d")
)
_RIBS: tuple[tuple[type[Record], type[Table], frozenset[str]], ...] = (
    (
        EmissionSettings,
        EmissionSettingsRow,
        frozenset({"excitation_nm", "slit_nm", "integration_time_s", "laser_power_mw"}),
    ),
    (
        IcpReading,
        IcpReadingRow,
        frozenset(
            {
                "leach_test",
                "position",
                "instrument_reading_ug_per_l",
                "blank_corrected",
                "dilution",
                "volume_before_pull_ml",
                "pulled_volume_ml",
                "medium_renewed",
            }
        ),
    ),
    (RadioluminescenceReading, RadioluminescenceReadingRow, frozenset({"irradiation", "moment"})),
    (DiffractionSettings, DiffractionSettingsRow, frozenset({"wavelength_angstrom", "wavelength_origin"})),
)
_LONG = ("quantity", "value", "unit", "u", "coverage", "threshold_meaning", "n", "missing_reason")
_ORIGIN = ("origin", "origin_note")
_UNIT_IN_HEADER = re.compile(r"^(?P<kind>[^\[\]()]+?)\s*[\[(](?P<unit>[^\])]+)[\])]$")


def _rib_columns() -> tuple[Column, ...]:
    """Columns of the ribs, all optional here: a rib is made only where one of them is filled, then checked."""
    return tuple(
        replace(column, required=False)
        for record, row, names in _RIBS
        for column in columns_of(record, row)
        if column.name in names
    )


_COLUMNS = (
    *_ACT,
    Column("age", "days, or an age with its unit"),
    Column("quantity", "quantity kind"),
    Column("value", "as typed: 10.15, <10, 55 ± 5, 0.55(5)"),
    Column("unit", "unit of value"),
    Column("u", "number"),
    Column("coverage", "text"),
    Column("threshold_meaning", " | ".join(ThresholdMeaning)),
    Column("n", "whole number"),
    Column("missing_reason", "text"),
    *_rib_columns(),
    *(Column(name, "text") for name in _ORIGIN),
)
_NAMES = frozenset(column.name for column in _COLUMNS)


@dataclass
class Batch:
    """Rows gathered for one bulk insert."""

    measurements: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    ribs: dict[type[Table], list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Act:
    """Where a measurement stands: everything but its numbers."""

    fields: dict[str, Any]
    method: MethodRow | None


def quantity_columns(header: list[str]) -> dict[str, tuple[str, str | None]]:
    """Tell which columns of a wide table hold a quantity.

    Parameters
    ----------
    header : list of str
        The table's columns.

    Returns
    -------
    dict
        Column to (kind, unit written in the header or None); ``u_<kind>`` columns are left out.

    Raises
    ------
    UnknownNameError
        A column is neither one of the form's nor a quantity kind; names the nearest.
    """
    found: dict[str, tuple[str, str | None]] = {}
    for name in header:
        if name in _NAMES:
            continue
        match = _UNIT_IN_HEADER.match(name)
        kind, unit = (match["kind"].strip(), match["unit"].strip()) if match else (name, None)
        try:
            found[name] = (quantity_kind(kind).name, unit)
        except UnknownNameError:
            if kind.startswith("u_"):
                quantity_kind(kind.removeprefix("u_"))
                continue
            known = [*sorted(_NAMES), *quantity_kinds()]
            raise UnknownNameError("column or quantity kind", name, known) from None
    return found


class Recorder:
    """Turns lines into rows, remembering studies, runs and methods."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.rows = Batch()
        self._methods: dict[UUID, MethodRow] = {row.id: row for row in writer.session.exec(select(MethodRow)).all()}
        self._runs = {row.id: row for row in writer.session.exec(select(RunRow)).all()}
        self._studies = {row.id: row for row in writer.session.exec(select(StudyRow)).all()}

    def method_for(self, kind: str, fields: dict[str, Any]) -> MethodRow | None:
        """Find the method: the one named, its run's, or the only one the lab has for this kind."""
        named = fields.get("method_id")
        run = self._runs.get(fields["run_id"]) if fields.get("run_id") else None
        if named is None and run is not None:
            named = run.method_id
        if named is not None:
            return self._methods[named]
        of_kind = [method for method in self._methods.values() if method.kind == kind]
        return of_kind[0] if len(of_kind) == 1 else None

    def place(self, line: Line, kind: str, fields: dict[str, Any]) -> _Act:
        """Complete where, when and at which age a measurement was made, from its study and run."""
        study = self._studies.get(fields["study_id"]) if fields.get("study_id") else None
        if study is not None:
            fields.setdefault("sample_id", study.sample_id)
            fields.setdefault("condition_id", study.condition_id)
        if "sample_id" not in fields:
            raise CellError("sample", "nothing stands here, and no --sample or --study was given")
        run = self._runs.get(fields["run_id"]) if fields.get("run_id") else None
        if run is not None and run.instrument_id is not None:
            fields.setdefault("instrument_id", run.instrument_id)
            fields.setdefault("operator", run.operator)
        age = self._age(line)
        if age is not None:
            fields["age_d"] = age
        when = _moment(fields.get("measured_at"))
        if study is not None and age is not None and when is None:
            zone = study.started_at + timedelta(days=age)
            fields["measured_at"] = zone
        elif study is not None and age is None and when is not None:
            fields["age_d"] = round((when - study.started_at).total_seconds() / 86400, 6)
        method = self.method_for(kind, fields)
        if method is not None:
            fields["method_id"] = method.id
        return _Act(fields, method)

    @staticmethod
    def _age(line: Line) -> float | None:
        text = line.cells.get("age")
        if text is None:
            return None
        try:
            return parse_quantity(plain_number("age", text), kind="elapsed_time", default_unit="d").to("d").value
        except InputError as error:
            raise CellError("age", str(error)) from error

    def add(self, line: Line, quantities: list[Quantity], texts: list[str], **more: Any) -> str:  # noqa: ANN401 - columns of any type
        """Gather one measurement with its results and ribs; return its code."""
        fields = read_cells(_ACT, line, self.writer)
        origin = Origin(fields.pop("origin", Origin.MEASURED))
        note = fields.pop("origin_note", None)
        kind = more.pop("kind", None) or quantities[0].kind
        act = self.place(line, kind, fields)
        identifier = new_id()
        code = self.writer.next_measurement()
        record = Measurement.model_validate(
            {**act.fields, "code": code, "kind": kind, "place": f"line {line.number}" if line.number else None, **more}
        )
        self.rows.measurements.append({**record.model_dump(), "id": identifier, "origin": origin, "origin_note": note})
        for quantity, text in zip(quantities, texts, strict=True):
            self.rows.results.append(self.result(identifier, quantity, text, act.method, origin))
        self._add_ribs(line, identifier, origin, act.method)
        return code

    def add_missing(self, line: Line, kind: str, reason: str) -> str:
        """Gather a measurement without a value, with the reason why."""
        code = self.add(line, [], [], kind=kind)
        record = Result(
            measurement_id=self.rows.measurements[-1]["id"],
            kind=kind,
            unit=quantity_kind(kind).unit,
            missing_reason=reason,
        )
        self.rows.results.append({**record.model_dump(), "id": new_id()})
        return code

    def result(
        self, measurement_id: UUID, quantity: Quantity, text: str, method: MethodRow | None, origin: Origin
    ) -> dict[str, Any]:
        """Make a result in the kind's canonical unit; without its own u it takes the method's, marked "from method"."""
        canonical = with_method(quantity, method).canonical()
        record = Result(
            measurement_id=measurement_id,
            kind=canonical.kind,
            value=canonical.value,
            unit=canonical.unit,
            u=canonical.u,
            u_origin=canonical.u_origin,
            censoring=canonical.censoring,
            threshold_meaning=canonical.threshold_meaning,
            n=canonical.n,
            as_entered=text,
        )
        return {**record.model_dump(), "id": new_id(), "origin": origin}

    def _add_ribs(self, line: Line, measurement_id: UUID, origin: Origin, method: MethodRow | None) -> None:
        for record, row, names in _RIBS:
            if not names & line.cells.keys():
                continue
            columns = [column for column in columns_of(record, row) if column.name in names]
            fields = read_cells(columns, line, self.writer)
            if (
                record is IcpReading
                and "blank_corrected" not in fields
                and method is not None
                and method.blank_corrected
            ):
                fields["blank_corrected"] = BlankCorrection(method.blank_corrected)
            try:
                made = record.model_validate({**fields, "measurement_id": measurement_id})
            except ValidationError as error:
                column, message = validation_message(error)
                raise CellError(column.removesuffix("_id"), message) from error
            self.rows.ribs.setdefault(row, []).append({**made.model_dump(), "id": new_id(), "origin": origin})

    def flush(self) -> None:
        """Insert everything gathered, and mark the pulls of studies that were measured as recorded."""
        session = self.writer.session
        insert_many(session, MeasurementRow, self.rows.measurements)
        insert_many(session, ResultRow, self.rows.results)
        for row, records in self.rows.ribs.items():
            insert_many(session, row, records)
        mark_pulls(session, self.rows.measurements)
        self.rows = Batch()


def _moment(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise CellError("measured_at", f'found "{value}"; expected a time such as 2026-11-06T10:00+01:00') from error
    if when.tzinfo is None:
        raise CellError("measured_at", f'found "{value}"; the UTC offset is missing, e.g. {value}+01:00')
    return when


def _store(writer: Writer, lines: list[Line]) -> None:
    recorder = Recorder(writer)
    header = sorted({name for line in lines for name in line.cells})
    wide = quantity_columns(header)

    def one(line: Line) -> None:
        cells = {**writer.context, **line.cells}
        line = Line(line.file, line.number, cells)
        if "quantity" in cells:
            kind = quantity_kind(cells["quantity"]).name
            if "missing_reason" in cells and "value" not in cells:
                recorder.add_missing(line, kind, cells["missing_reason"])
            else:
                if "value" not in cells:
                    raise CellError("value", "nothing stands here; give a value, or a missing_reason")
                recorder.add(line, [read_value(line, "value", kind, cells.get("unit"), "u")], [cells["value"]])
        else:
            columns = [name for name in wide if name in cells]
            if not columns:
                raise InputError("no quantity in this row; give a column such as Pb or PL, or quantity and value")
            quantities = [
                read_value(line, name, wide[name][0], wide[name][1], f"u_{wide[name][0]}") for name in columns
            ]
            recorder.add(line, quantities, [cells[name] for name in columns])
        writer.stored["observations"] += 1

    writer.each(lines, one)
    if not writer.findings:
        recorder.flush()


FORMS = (Form("observations", "one measurement of one sample", 60, _COLUMNS, _store, open_columns=True),)
