"""What a compliance report holds: frozen dataclasses, ready for JSON; nothing here is laid out or put into words."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from labdb.assessment import Assessed
from labdb.compliance.limit import Limit
from labdb.finding import Finding
from labdb.quantity import Quantity
from labdb.queries.leaching import LeachSeries
from labdb.reports.plot_series import PlotSeries

SCHEMA = "labdb/report-compliance/1"
TITLE = "Compliance report"


@dataclass(frozen=True, slots=True)
class Dates:
    """Days (UTC) of what was done, as ISO 8601; ``reported`` is the latest day in the data, never today."""

    made_from: str | None
    made_to: str | None
    performed_from: str | None
    performed_to: str | None
    reported: str


@dataclass(frozen=True, slots=True)
class Item:
    """A sample the report is about, or one it came from."""

    code: str
    kind: str
    batch: str | None
    composition: str | None
    role: str | None
    aliases: tuple[str, ...]
    came_from: tuple[str, ...]
    amount: Quantity | None
    particle_loading: Quantity | None
    perovskite_mass_fraction: Quantity | None
    medium: str | None
    condition: str | None
    alternative_of: str | None
    made_at: str | None
    operator: str | None
    origin: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition a sample was kept or measured in."""

    code: str
    medium: str | None
    solute: str | None
    amount_concentration_mol_per_l: float | None
    relative_humidity_percent: float | None
    ph_reported: float | None
    ph_measured: float | None
    temperature_degc: float | None
    light: str | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What went into a batch; mass in mg or volume in mL."""

    chemical: str
    formula: str | None
    role: str | None
    lot: str | None
    purity_percent: float | None
    planned: float | None
    amount: float
    u: float | None
    unit: str
    instrument: str | None


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of the synthesis as it was done, beside its plan."""

    seq: int
    kind: str
    state: str
    finished_at: str | None
    temperature_degc: float | None
    planned_temperature_degc: float | None
    temperature_tolerance_degc: float | None
    ramp_degc_per_min: float | None
    planned_ramp_degc_per_min: float | None
    ramp_tolerance_degc_per_min: float | None
    dwell_min: float | None
    planned_dwell_min: float | None
    dwell_tolerance_min: float | None
    detail: str | None
    instrument: str | None
    operator: str | None
    deviation: str | None
    deviation_reason: str | None


@dataclass(frozen=True, slots=True)
class Making:
    """How a batch was made."""

    batch: str
    composition: str
    label: str | None
    protocol: str | None
    started_at: str | None
    operator: str | None
    weighings: tuple[Weighed, ...]
    steps: tuple[StepDone, ...]


@dataclass(frozen=True, slots=True)
class LeachTestDone:
    """How a leach test was run; None is not stated."""

    code: str
    experiment: str | None
    sample: str
    alternative_of: str | None
    leachant: str
    duration_d: float | None
    started_at: str | None
    ph_start: float | None
    ph_end: float | None
    temperature_degc: float | None
    agitation: str | None
    vessel: str | None
    separation: str | None
    acidification: str | None
    lead_measured: str | None
    pull: str | None
    medium_renewed: bool | None
    spike_recovery_percent: float | None
    method_blank: str | None
    operator: str | None
    origin: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """An exposure to X-rays of a sample the report is about."""

    irradiation: str
    sample: str
    purpose: str | None
    dose: Quantity | None
    dose_origin: str
    started_at: str | None
    medium: str | None
    reference_point: str | None
    beam_filter: str | None


@dataclass(frozen=True, slots=True)
class MethodUsed:
    """A method behind a measurement."""

    code: str
    kind: str
    what: str | None
    version: str | None
    external: bool
    unit: str | None
    limit_of_detection: float | None
    limit_of_quantification: float | None
    detection_definition: str | None
    u_model: str | None
    threshold_meaning: str | None
    blank_corrected: str | None


@dataclass(frozen=True, slots=True)
class InstrumentUsed:
    """An instrument behind a measurement, and the last day its calibration covers."""

    code: str
    what: str | None
    model: str | None
    serial_number: str | None
    calibrated_to: str | None


@dataclass(frozen=True, slots=True)
class RawFileUsed:
    """A raw file behind the measurements, and how it came in: with an intake, or attached to something."""

    name: str
    sha256: str
    came_by: str | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A quantity against age, with the limit it is judged by; what a plot shows, as data."""

    title: str
    kind: str
    limit: Limit | None
    series: tuple[PlotSeries, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """What computed the report; limits by digest stand in the verdicts."""

    labdb: str
    python: str
    libraries: dict[str, str]


@dataclass(frozen=True)
class ComplianceReport:
    """A draft compliance report: verdicts, and the evidence they rest on."""

    laboratory: str
    example: bool
    subjects: tuple[str, ...]
    decision: str
    at_d: float | None
    customer: str | None
    requested_by: str | None
    dates: Dates
    operators: tuple[str, ...]
    verdicts: tuple[Assessed, ...]
    limits_not_asked: tuple[str, ...]
    items: tuple[Item, ...]
    conditions: tuple[Condition, ...]
    makings: tuple[Making, ...]
    leach_tests: tuple[LeachTestDone, ...]
    exposures: tuple[Exposure, ...]
    methods: tuple[MethodUsed, ...]
    instruments: tuple[InstrumentUsed, ...]
    charts: tuple[Chart, ...]
    findings: tuple[Finding, ...]
    raw_files: tuple[RawFileUsed, ...]
    versions: Versions
    state: str = "draft"
    title: str = TITLE

    @cached_property
    def id(self) -> str:
        """The report's identifier: R- and the first 8 digits of the SHA-256 of all it holds."""
        text = json.dumps(self._content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"R-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    @cached_property
    def _content(self) -> dict[str, Any]:
        content = {one.name: plain(getattr(self, one.name)) for one in fields(self)}
        content["verdicts"] = [_verdict(one) for one in self.verdicts]
        return content

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data, with the data its verdicts were computed from.

        Returns
        -------
        dict
            Ready for `json.dumps`, under the schema `labdb/report-compliance/1`.
        """
        return {"schema": SCHEMA, "data": [{"id": self.id, **self._content}]}


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a dataclass holds
    """Return a value as JSON has it: dataclasses as objects, quantities and limits by their own `as_json`.

    Parameters
    ----------
    value : object
        A field of a report.

    Returns
    -------
    object
        None, bool, number, text, list or dict.
    """
    match value:
        case Limit():
            found: Any = {**value.as_json(), "digest": value.digest()}
        case PlotSeries():
            points = [{"age_d": age, "quantity": quantity.as_json()} for age, quantity in value.points]
            found = {"label": value.label, "points": points}
        case Quantity() | Finding() | Assessed():
            found = value.as_json()
        case StrEnum():
            found = value.value
        case Mapping():
            found = {str(key): plain(inside) for key, inside in value.items()}
        case list() | tuple():
            found = [plain(inside) for inside in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            found = {one.name: plain(getattr(value, one.name)) for one in fields(value)}
        case _:
            found = value
    return found


def _verdict(one: Assessed) -> dict[str, Any]:
    """A verdict with the pulls it was computed from and what they show."""
    data = one.as_json()
    data["findings"] = [finding.as_json() for finding in one.findings]
    data["evidence"] = None if one.series is None else _series(one.series)
    return data


def _series(series: LeachSeries) -> dict[str, Any]:
    return {
        "leach_test": series.test,
        "experiment": series.experiment,
        "sample": series.sample,
        "leachant": series.leachant,
        "method": series.method,
        "particle_loading": plain(series.loading),
        "limit_of_detection": plain(series.limit_of_detection),
        "detection_definition": series.detection_definition,
        "threshold_meaning": plain(series.meaning),
        "spike_recovery_percent": series.spike_recovery_percent,
        "pulls": [
            {
                "age_d": pull.age_d,
                "measurement": pull.measurement,
                "concentration": pull.concentration.as_json(),
                "released": plain(pull.released),
                "instrument_reading_ug_per_l": pull.instrument_reading_ug_per_l,
                "raw_file": pull.raw_file,
            }
            for pull in series.pulls
        ],
    }
