"""Gather measurements with their results and ribs, complete them from study, run and method, insert them in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import select

from labdb.characterization.diffraction import DiffractionSettings, DiffractionSettingsRow
from labdb.characterization.emission import EmissionSettings, EmissionSettingsRow
from labdb.database import insert_many
from labdb.errors import InputError
from labdb.intake.form import Column, columns_of, plain_number, read_cells, read_origin, validation_message
from labdb.intake.study import mark_pulls
from labdb.intake.value import with_method
from labdb.intake.writer import CellError, Line, Writer
from labdb.kinds import quantity_kind
from labdb.leaching.icp_oes import IcpReading, IcpReadingRow
from labdb.measurement import Measurement, MeasurementRow, ResultRow, RunRow
from labdb.quantity import Quantity, parse_quantity
from labdb.radiation.radioluminescence import RadioluminescenceReading, RadioluminescenceReadingRow
from labdb.record import Origin, Record, Table, new_id
from labdb.registry.method import BlankCorrection, MethodRow
from labdb.stability.study import StudyRow

ACT = tuple(
    replace(column, required=False)  # a study or an option may say which sample
    for column in columns_of(Measurement, MeasurementRow)
    if column.name not in ("code", "kind", "raw_file", "place", "age_d")
)


@dataclass(frozen=True, slots=True)
class Rib:
    """What is particular to a method, and the columns of the form that belong to it."""

    record: type[Record]
    row: type[Table]
    columns: tuple[Column, ...]
    names: frozenset[str]


def _rib(record: type[Record], row: type[Table], *names: str) -> Rib:
    """All columns are optional: a rib is made only where one of them is filled, then checked."""
    columns = tuple(
        replace(column, required=False) for column in columns_of(record, row) if not names or column.name in names
    )
    kept = tuple(column for column in columns if column.name not in ("measurement", "origin", "origin_note"))
    return Rib(record, row, kept, frozenset(column.name for column in kept))


RIBS = (
    _rib(EmissionSettings, EmissionSettingsRow, "excitation_nm", "slit_nm", "integration_time_s", "laser_power_mw"),
    _rib(IcpReading, IcpReadingRow),
    _rib(RadioluminescenceReading, RadioluminescenceReadingRow),
    _rib(DiffractionSettings, DiffractionSettingsRow, "wavelength_angstrom", "wavelength_origin"),
)
RIB_NAMES = frozenset(name for rib in RIBS for name in rib.names)


@dataclass(frozen=True, slots=True)
class Entry:
    """One result as typed or computed: a quantity with its text, or the reason why there is none."""

    kind: str
    quantity: Quantity | None = None
    text: str | None = None
    missing_reason: str | None = None
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """A measurement that waits to be inserted."""

    id: UUID
    code: str
    origin: Origin


@dataclass
class _Rows:
    """Rows gathered for one bulk insert."""

    measurements: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    ribs: dict[type[Table], list[dict[str, Any]]] = field(default_factory=dict)


class Recorder:
    """Turns lines into rows, remembering studies, runs and methods."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._rows = _Rows()
        session = writer.session
        self._methods: dict[UUID, MethodRow] = {row.id: row for row in session.exec(select(MethodRow)).all()}
        self._runs = {row.id: row for row in session.exec(select(RunRow)).all()}
        self._studies = {row.id: row for row in session.exec(select(StudyRow)).all()}
        self._only: dict[str, MethodRow | None] = {}

    def add(
        self, line: Line, entries: Sequence[Entry], *, kind: str | None = None, place: str | None = None
    ) -> Gathered:
        """Gather one measurement with its results and ribs.

        Parameters
        ----------
        line : Line
            The cells that say where it belongs.
        entries : sequence of Entry
            Its results; a curve may have none.
        kind : str, optional
            The measurement's kind; that of its first result if not given.
        place : str, optional
            Where in its file it stands; the line if not given.

        Returns
        -------
        Gathered
            Its identifier and code; stored by ``flush``.

        Raises
        ------
        CellError
            A cell is wrong; names the column.
        """
        fields = read_cells(ACT, line, self.writer)
        origin = read_origin(fields.pop("origin", None))
        note = fields.pop("origin_note", None)
        kind = kind or entries[0].kind
        method = self._complete(line, [kind, *(entry.kind for entry in entries)], fields)
        identifier = new_id()
        if place is None and line.number:
            place = f"line {line.number}"
        fields |= {"kind": kind, "place": place, "raw_file_id": self.writer.raw_file_id}
        record = _validated(Measurement, {**fields, "code": "M-0"})
        results = [self._result(identifier, entry, method, origin) for entry in entries]
        ribs = [self._made_rib(rib, line, identifier, method) for rib in RIBS if rib.names & line.cells.keys()]
        code = self.writer.next_measurement()
        own = {"id": identifier, "code": code, "origin": origin, "origin_note": note}
        self._rows.measurements.append({**record.model_dump(), **own})
        self._rows.results += results
        for row, made in ribs:
            self.add_rib(row, made, Gathered(identifier, code, origin))
        return Gathered(identifier, code, origin)

    def add_rib(self, row: type[Table], record: Record, of: Gathered) -> None:
        """Gather a rib of a measurement that was gathered before."""
        self._rows.ribs.setdefault(row, []).append({**record.model_dump(), "id": new_id(), "origin": of.origin})

    def _complete(self, line: Line, kinds: Sequence[str], fields: dict[str, Any]) -> MethodRow | None:
        """Complete where, when, at which age and how a measurement was made, from its study, run and method."""
        run = self._runs.get(fields["run_id"]) if fields.get("run_id") else None
        if run is not None and run.instrument_id is not None:
            fields.setdefault("instrument_id", run.instrument_id)
        if run is not None and run.operator is not None:
            fields.setdefault("operator", run.operator)
        age = _age(line)
        if age is not None:
            fields["age_d"] = age
        study = self._studies.get(fields["study_id"]) if fields.get("study_id") else None
        if study is not None:
            _from_study(study, fields)
        if "sample_id" not in fields:
            raise CellError("sample", "nothing stands here, and no --sample or --study was given")
        method = self._method_for(kinds, fields, run)
        if method is not None:
            fields["method_id"] = method.id
        return method

    def _method_for(self, kinds: Sequence[str], fields: dict[str, Any], run: RunRow | None) -> MethodRow | None:
        """Find the method: the one named, its run's, or the only one the lab has for one of the kinds."""
        named = fields.get("method_id") or (run.method_id if run is not None else None)
        if named is not None:
            return self._methods[named]
        return next((method for kind in kinds if (method := self._only_method(kind)) is not None), None)

    def _only_method(self, kind: str) -> MethodRow | None:
        if kind not in self._only:
            of_kind = [method for method in self._methods.values() if method.kind == kind]
            self._only[kind] = of_kind[0] if len(of_kind) == 1 else None
        return self._only[kind]

    @staticmethod
    def _result(measurement_id: UUID, entry: Entry, method: MethodRow | None, origin: Origin) -> dict[str, Any]:
        """Make a result in the kind's canonical unit; without its own u it takes the method's, marked "from method"."""
        own = Origin.COMPUTED if entry.computed and origin is Origin.MEASURED else origin
        row = {"id": new_id(), "measurement_id": measurement_id, "kind": entry.kind, "origin": own}
        if entry.quantity is None:
            return {**row, "unit": quantity_kind(entry.kind).unit, "missing_reason": entry.missing_reason}
        canonical = with_method(entry.quantity, method).canonical()
        return {  # a Quantity has validated all that a Result would
            **row,
            "value": canonical.value,
            "unit": canonical.unit,
            "u": canonical.u,
            "u_origin": canonical.u_origin,
            "censoring": canonical.censoring,
            "threshold_meaning": canonical.threshold_meaning,
            "n": canonical.n,
            "as_entered": entry.text,
        }

    def _made_rib(
        self, rib: Rib, line: Line, measurement_id: UUID, method: MethodRow | None
    ) -> tuple[type[Table], Record]:
        fields = read_cells(rib.columns, line, self.writer)
        takes_blank = "blank_corrected" in rib.names and "blank_corrected" not in fields
        if takes_blank and method is not None and method.blank_corrected:
            fields["blank_corrected"] = BlankCorrection(method.blank_corrected)
        return rib.row, _validated(rib.record, {**fields, "measurement_id": measurement_id})

    def flush(self) -> None:
        """Insert everything gathered, and mark the pulls of studies that were measured as recorded."""
        session = self.writer.session
        insert_many(session, MeasurementRow, self._rows.measurements)
        insert_many(session, ResultRow, self._rows.results)
        for row, records in self._rows.ribs.items():
            insert_many(session, row, records)
        mark_pulls(session, self._rows.measurements)
        self._rows = _Rows()


def _validated(record: type[Record], fields: dict[str, Any]) -> Record:
    try:
        return record.model_validate(fields)
    except ValidationError as error:
        column, message = validation_message(error)
        raise CellError(column.removesuffix("_id"), message) from error


def _age(line: Line) -> float | None:
    text = line.cells.get("age")
    if text is None:
        return None
    try:
        return read_age(plain_number("age", text))
    except InputError as error:
        raise CellError("age", str(error)) from error


@lru_cache(maxsize=1024)  # a table of readings has few ages, each many times
def read_age(text: str) -> float:
    """Read one age in days: "7", "36 h"; a bound is refused."""
    age = parse_quantity(text, kind="elapsed_time", default_unit="d").canonical()
    if age.censoring != "none":
        raise InputError(f'found "{text}", a bound; expected one age')
    return age.value


def _from_study(study: StudyRow, fields: dict[str, Any]) -> None:
    """Take sample and condition from the study; from its start, the age of a time or the time of an age."""
    fields.setdefault("sample_id", study.sample_id)
    fields.setdefault("condition_id", study.condition_id)
    age, when = fields.get("age_d"), fields.get("measured_at")
    if age is not None and when is None:
        wall_clock = timezone(timedelta(minutes=study.started_at_offset_min or 0))
        fields["measured_at"] = (study.started_at + timedelta(days=age)).astimezone(wall_clock)
    elif age is None and isinstance(when, datetime):
        since = (when - study.started_at).total_seconds() / 86400
        if since < -study.window_d:
            began = study.started_at.isoformat(timespec="minutes")
            raise CellError(
                "measured_at", f"{-since:.1f} d before study {study.code} began ({began}); correct it, or give the age"
            )
        fields["age_d"] = round(since, 6)
