"""Measurement kind: irradiation, an exposure to X-rays; its dose is computed from segments or stated, never both."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from labdb.record import Fact, Record, choice, moment


class DoseOrigin(StrEnum):
    """Where an irradiation's dose comes from."""

    SEGMENTS = "segments"
    MEASURED = "measured"
    STATED = "stated"


class Irradiation(Record):
    """One exposure of one sample; tube, filter, reference point: an empty field is not stated."""

    code: str
    sample_id: UUID
    purpose: str | None = None
    dose_origin: DoseOrigin
    dose_gy: float | None = Field(default=None, ge=0)
    u_dose_gy: float | None = Field(default=None, ge=0)
    tube_voltage_kv: float | None = Field(default=None, gt=0)
    e_max_kev: float | None = Field(default=None, gt=0)
    anode: str | None = None
    beam_filter: str | None = None
    reference_point: str | None = None
    medium: str | None = None
    fraction_in_beam: float | None = Field(default=None, gt=0, le=1)
    stirring: str | None = None
    started_at: datetime | None = None
    started_at_offset_min: int | None = None
    instrument_id: UUID | None = None
    operator: str | None = None


class IrradiationRow(Irradiation, Fact, table=True):
    """An irradiation, stored; a typed total beside segments is refused."""

    __tablename__ = "irradiation"
    __table_args__ = (
        sa.CheckConstraint("(dose_origin = 'segments') = (dose_gy IS NULL)", name="dose_computed_or_given"),
    )
    code: str = Field(max_length=80)
    sample_id: UUID = Field(foreign_key="sample.id", index=True)
    dose_origin: DoseOrigin = choice(DoseOrigin)
    started_at: datetime | None = moment(default=None)
    instrument_id: UUID | None = Field(default=None, foreign_key="instrument.id")


class BeamSegment(Record):
    """A stretch of one exposure, in seconds after its start; without a stop it is open."""

    irradiation_id: UUID
    seq: int = Field(ge=1)
    start_s: float = Field(ge=0)
    stop_s: float | None = Field(default=None, ge=0)
    beam_on: bool
    dose_rate_gy_per_s: float = Field(ge=0)
    u_dose_rate_gy_per_s: float | None = Field(default=None, ge=0)
    calibration_id: UUID | None = None


class BeamSegmentRow(BeamSegment, Fact, table=True):
    """A beam segment, stored."""

    __tablename__ = "beam_segment"
    irradiation_id: UUID = Field(foreign_key="irradiation.id", index=True)
    calibration_id: UUID | None = Field(default=None, foreign_key="calibration.id")
