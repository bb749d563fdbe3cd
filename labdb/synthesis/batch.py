"""Synthesis: a batch, what was weighed into it, and the steps that were done."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from labdb.record import Fact, Record, Thing, choice, moment, text


class Batch(Record):
    """One synthesis: nominal composition, protocol, label; states are derived from its steps, never typed."""

    code: str
    composition: str
    label: str | None = None
    protocol_id: UUID | None = None
    target_w: float | None = Field(default=None, ge=0, lt=1)
    started_at: datetime | None = None
    started_at_offset_min: int | None = None
    operator: str | None = None


class BatchRow(Batch, Thing, table=True):
    """A batch, stored."""

    __tablename__ = "batch"
    protocol_id: UUID | None = Field(default=None, foreign_key="protocol.id", index=True)
    started_at: datetime | None = moment(default=None)


class Weighing(Record):
    """What went into a batch: mass in mg or volume in mL, planned and actual, from which lot, on which balance."""

    batch_id: UUID
    chemical_id: UUID
    lot_id: UUID | None = None
    unit: str
    planned: float | None = Field(default=None, ge=0)
    amount: float = Field(ge=0)
    u: float | None = Field(default=None, ge=0)
    instrument_id: UUID | None = None


class WeighingRow(Weighing, Fact, table=True):
    """A weighing, stored."""

    __tablename__ = "weighing"
    __table_args__ = (sa.CheckConstraint("unit IN ('mg', 'mL')", name="unit_is_mg_or_ml"),)
    batch_id: UUID = Field(foreign_key="batch.id", index=True)
    chemical_id: UUID = Field(foreign_key="chemical.id", index=True)
    lot_id: UUID | None = Field(default=None, foreign_key="lot.id", index=True)
    instrument_id: UUID | None = Field(default=None, foreign_key="instrument.id")


class StepState(StrEnum):
    """What happened to a planned step."""

    STARTED = "started"
    FINISHED = "finished"
    SKIPPED = "skipped"


class Step(Record):
    """One step as it was done, against its protocol's plan."""

    batch_id: UUID
    seq: int = Field(ge=1)
    kind: str
    state: StepState
    started_at: datetime | None = None
    started_at_offset_min: int | None = None
    finished_at: datetime | None = None
    finished_at_offset_min: int | None = None
    temperature_degc: float | None = Field(default=None, ge=-273.15)
    ramp_degc_per_min: float | None = Field(default=None, ge=0)
    dwell_min: float | None = Field(default=None, ge=0)
    detail: str | None = None
    instrument_id: UUID | None = None
    operator: str | None = None
    deviation: str | None = None
    deviation_reason: str | None = None


class StepRow(Step, Fact, table=True):
    """A step, stored; the current row of a (batch, seq) is its state."""

    __tablename__ = "step"
    __table_args__ = (
        sa.CheckConstraint("finished_at IS NULL OR started_at IS NULL OR finished_at >= started_at", name="time_order"),
    )
    batch_id: UUID = Field(foreign_key="batch.id", index=True)
    kind: str = Field(max_length=40)
    state: StepState = choice(StepState)
    started_at: datetime | None = moment(default=None)
    finished_at: datetime | None = moment(default=None)
    detail: str | None = text(default=None)
    instrument_id: UUID | None = Field(default=None, foreign_key="instrument.id")
    deviation: str | None = text(default=None)
    deviation_reason: str | None = text(default=None)
