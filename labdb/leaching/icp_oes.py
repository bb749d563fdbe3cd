"""Measurement kind: ICP-OES: a reading (what the spine does not hold of it), and the positions of a sequence."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from labdb.record import Fact, Record, choice, moment
from labdb.registry.method import BlankCorrection


class IcpReading(Record):
    """One reading of a pull: dilution, blank, the instrument's own number, the volume before the pull."""

    measurement_id: UUID
    leach_test_id: UUID | None = None
    position: int | None = Field(default=None, ge=1)
    instrument_reading_ug_per_l: float | None = None
    blank_corrected: BlankCorrection = BlankCorrection.NOT_STATED
    dilution: float = Field(default=1.0, gt=0)
    volume_before_pull_ml: float | None = Field(default=None, gt=0)
    pulled_volume_ml: float | None = Field(default=None, ge=0)
    medium_renewed: bool | None = None


class IcpReadingRow(IcpReading, Fact, table=True):
    """An ICP-OES reading, stored."""

    __tablename__ = "icp_reading"
    measurement_id: UUID = Field(foreign_key="measurement.id", index=True)
    leach_test_id: UUID | None = Field(default=None, foreign_key="leach_test.id", index=True)
    blank_corrected: BlankCorrection = choice(BlankCorrection, default=BlankCorrection.NOT_STATED)


class PositionKind(StrEnum):
    """What stands at a position of a sequence."""

    STANDARD = "standard"
    BLANK = "blank"
    QC = "qc"
    SAMPLE = "sample"
    SPIKE = "spike"
    UNSPIKED = "unspiked"
    DRIFT = "drift"
    METHOD_BLANK = "method_blank"
    CONTROL = "control"


class IcpPosition(Record):
    """One position of an ICP-OES sequence: intensity, its sd, and the instrument's own number."""

    run_id: UUID
    position: int = Field(ge=1)
    kind: PositionKind
    label: str
    replicate: int = Field(default=1, ge=1)
    nominal_ug_per_l: float | None = Field(default=None, ge=0)
    intensity_cps: float | None = None
    sd_intensity_cps: float | None = Field(default=None, ge=0)
    weight: float | None = Field(default=None, ge=0)
    instrument_reading_ug_per_l: float | None = None
    measured_at: datetime | None = None
    measured_at_offset_min: int | None = None


class IcpPositionRow(IcpPosition, Fact, table=True):
    """A position of a sequence, stored."""

    __tablename__ = "icp_position"
    run_id: UUID = Field(foreign_key="run.id", index=True)
    kind: PositionKind = choice(PositionKind)
    measured_at: datetime | None = moment(default=None)
