"""Measurement kind: radioluminescence before or after an exposure; retention is after over before."""

from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from labdb.record import Fact, Record, choice


class Moment(StrEnum):
    """Whether a reading was taken before or after the exposure it is compared over."""

    BEFORE = "before"
    AFTER = "after"


class RadioluminescenceReading(Record):
    """Which exposure a radioluminescence reading belongs to; the dose is that exposure's, never typed twice."""

    measurement_id: UUID
    irradiation_id: UUID
    moment: Moment


class RadioluminescenceReadingRow(RadioluminescenceReading, Fact, table=True):
    """The exposure a reading belongs to, stored."""

    __tablename__ = "radioluminescence_reading"
    measurement_id: UUID = Field(foreign_key="measurement.id", index=True)
    irradiation_id: UUID = Field(foreign_key="irradiation.id", index=True)
    moment: Moment = choice(Moment)
