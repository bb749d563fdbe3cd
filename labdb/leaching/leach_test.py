"""Measurement kind: leach test: particles kept in a leachant for a time, pulled and measured for lead."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from labdb.record import Record, Thing, moment, text


class LeachTest(Record):
    """How the test was run; empty is not stated. ``alternative_of``: another reading of the same experiment."""

    code: str
    experiment: str | None = None
    sample_id: UUID
    alternative_of_id: UUID | None = None
    leachant: str
    duration_d: float | None = Field(default=None, gt=0)
    ph_start: float | None = Field(default=None, ge=-2, le=16)
    ph_end: float | None = Field(default=None, ge=-2, le=16)
    temperature_degc: float | None = Field(default=None, ge=-273.15)
    agitation: str | None = None
    vessel: str | None = None
    separation: str | None = None
    acidification: str | None = None
    lead_measured: str | None = None
    whole_suspension_pulled: bool | None = None
    pull: str | None = None
    medium_renewed: bool | None = None
    spike_recovery_percent: float | None = Field(default=None, ge=0)
    method_blank_id: UUID | None = None
    started_at: datetime | None = None
    started_at_offset_min: int | None = None
    operator: str | None = None


class LeachTestRow(LeachTest, Thing, table=True):
    """A leach test, stored."""

    __tablename__ = "leach_test"
    sample_id: UUID = Field(foreign_key="sample.id", index=True)
    alternative_of_id: UUID | None = Field(default=None, foreign_key="leach_test.id")
    method_blank_id: UUID | None = Field(default=None, foreign_key="sample.id")
    pull: str | None = text(default=None)
    started_at: datetime | None = moment(default=None)
