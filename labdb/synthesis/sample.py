"""Synthesis: a sample (powder, suspension, film, control, blank), where it came from, and what controls it.

Amounts are whole numbers of ng, pL or pieces: floats refuse 0.3 split in three. ``handed_out`` is kept by a trigger,
with CHECK handed_out <= amount, so two people cannot hand out the same powder.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from labdb.record import Fact, Record, Table, Thing, choice, moment, text, whole


class SampleKind(StrEnum):
    """What a sample is."""

    POWDER = "powder"
    SUSPENSION = "suspension"
    FILM = "film"
    SOLUTION = "solution"
    CONTROL = "control"
    BLANK = "blank"
    TEMPLATE = "template"


class AmountUnit(StrEnum):
    """The whole-number unit of an amount."""

    NANOGRAM = "ng"
    PICOLITRE = "pL"
    PIECE = "pieces"


class Sample(Record):
    """Something one can hold: a batch's powder, a portion of it, a suspension, a vial, a blank."""

    code: str
    kind: SampleKind
    batch_id: UUID | None = None
    lot_id: UUID | None = None
    composition: str | None = None
    role: str | None = None
    amount: int | None = None
    amount_unit: AmountUnit | None = None
    u_amount: int | None = None
    perovskite_mass_fraction: float | None = Field(default=None, ge=0, le=1)
    u_perovskite_mass_fraction: float | None = Field(default=None, ge=0)
    condition_id: UUID | None = None
    vial: str | None = None
    alternative_of_id: UUID | None = None
    made_at: datetime | None = None
    made_at_offset_min: int | None = None
    operator: str | None = None
    instrument_id: UUID | None = None


class SampleRow(Sample, Thing, table=True):
    """A sample, stored."""

    __tablename__ = "sample"
    __table_args__ = (
        sa.CheckConstraint("amount >= 0 AND u_amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint(
            "handed_out >= 0 AND (handed_out = 0 OR handed_out <= amount)", name="handed_out_within_amount"
        ),
        sa.CheckConstraint("(amount IS NULL) = (amount_unit IS NULL)", name="amount_has_unit"),
        sa.CheckConstraint("handed_out = 0 OR amount IS NOT NULL", name="only_known_amounts_are_handed_out"),
    )
    kind: SampleKind = choice(SampleKind)
    batch_id: UUID | None = Field(default=None, foreign_key="batch.id", index=True)
    lot_id: UUID | None = Field(default=None, foreign_key="lot.id")
    role: str | None = text(default=None)
    amount: int | None = whole(default=None)
    amount_unit: AmountUnit | None = choice(AmountUnit, default=None)
    u_amount: int | None = whole(default=None)
    handed_out: int = whole(default=0)
    condition_id: UUID | None = Field(default=None, foreign_key="condition.id")
    alternative_of_id: UUID | None = Field(default=None, foreign_key="sample.id")
    made_at: datetime | None = moment(default=None)
    instrument_id: UUID | None = Field(default=None, foreign_key="instrument.id")


class SampleOriginRow(Fact, table=True):
    """How much of a parent went into a child, in the parent's whole-number unit; voiding gives it back."""

    __tablename__ = "sample_origin"
    __table_args__ = (sa.CheckConstraint("taken >= 0", name="taken_not_negative"),)
    child_id: UUID = Field(foreign_key="sample.id", index=True)
    parent_id: UUID = Field(foreign_key="sample.id", index=True)
    taken: int = whole(nullable=False)


class Suspension(Record):
    """The one place where a suspension's particle loading stands, with its uncertainty."""

    sample_id: UUID
    medium: str
    mass_mg: float | None = Field(default=None, ge=0)
    u_mass_mg: float | None = Field(default=None, ge=0)
    volume_ml: float | None = Field(default=None, gt=0)
    u_volume_ml: float | None = Field(default=None, ge=0)
    particle_loading_mg_per_ml: float = Field(ge=0)
    u_particle_loading_mg_per_ml: float | None = Field(default=None, ge=0)


class SuspensionRow(Suspension, Fact, table=True):
    """A suspension's make-up, stored."""

    __tablename__ = "suspension"
    sample_id: UUID = Field(foreign_key="sample.id", index=True)


class ControlRow(Table, table=True):
    """A control or blank, and what it controls: a sample or a run."""

    __tablename__ = "control"
    __table_args__ = (sa.CheckConstraint("(sample_id IS NULL) <> (run_id IS NULL)", name="controls_sample_or_run"),)
    control_id: UUID = Field(foreign_key="sample.id", index=True)
    sample_id: UUID | None = Field(default=None, foreign_key="sample.id", index=True)
    run_id: UUID | None = Field(default=None, foreign_key="run.id", index=True)
