"""Registry: an instrument, and the calibrations that cover it."""

from datetime import date
from uuid import UUID

from sqlmodel import Field

from labdb.record import Fact, Record, Thing


class Instrument(Record):
    """A balance, furnace, spectrometer, X-ray tube."""

    code: str
    what: str
    model: str | None = None
    serial_number: str | None = None
    location: str | None = None


class InstrumentRow(Instrument, Thing, table=True):
    """An instrument, stored."""

    __tablename__ = "instrument"


class Calibration(Record):
    """One calibration: the value certified, its standard uncertainty, and the days it covers."""

    code: str
    instrument_id: UUID
    kind: str | None = None
    value: float | None = None
    unit: str | None = None
    u: float | None = Field(default=None, ge=0)
    certificate: str | None = None
    valid_from: date
    valid_to: date


class CalibrationRow(Calibration, Fact, table=True):
    """A calibration, stored."""

    __tablename__ = "calibration"
    code: str = Field(max_length=80)
    instrument_id: UUID = Field(foreign_key="instrument.id", index=True)
