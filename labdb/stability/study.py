"""Measurement kind: stability study: a sample in a condition, with planned pulls; a pull is due, recorded, missed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from labdb.record import Fact, Record, Table, Thing, choice, moment


class Study(Record):
    """What is stored in what, since when, and which kinds are measured at each pull."""

    code: str
    name: str
    sample_id: UUID
    condition_id: UUID
    started_at: datetime
    started_at_offset_min: int | None = None
    measure: str
    window_d: float = Field(default=1.0, ge=0)
    operator: str | None = None


class StudyRow(Study, Thing, table=True):
    """A study, stored; ``measure`` holds kind names joined by commas."""

    __tablename__ = "study"
    sample_id: UUID = Field(foreign_key="sample.id", index=True)
    condition_id: UUID = Field(foreign_key="condition.id")
    started_at: datetime = moment(nullable=False)


class PlannedPullRow(Table, table=True):
    """One planned pull of a study, at an age in days."""

    __tablename__ = "planned_pull"
    study_id: UUID = Field(foreign_key="study.id", index=True)
    age_d: float = Field(ge=0)


class PullState(StrEnum):
    """What became of a planned pull."""

    RECORDED = "recorded"
    MISSED = "missed"


class PullRow(Fact, table=True):
    """A pull as it happened, or that it was missed."""

    __tablename__ = "pull"
    planned_pull_id: UUID = Field(foreign_key="planned_pull.id", index=True)
    state: PullState = choice(PullState)
    pulled_at: datetime | None = moment(default=None)
    vial: str | None = None
