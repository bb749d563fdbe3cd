"""Measurement kind: emission (PL or RL): the settings two readings must share to be compared."""

from uuid import UUID

from sqlmodel import Field

from labdb.record import Fact, Record


class EmissionSettings(Record):
    """Excitation, slit, integration time, laser power; an empty field is not stated."""

    measurement_id: UUID
    excitation_nm: float | None = Field(default=None, gt=0)
    slit_nm: float | None = Field(default=None, gt=0)
    integration_time_s: float | None = Field(default=None, gt=0)
    laser_power_mw: float | None = Field(default=None, ge=0)
    repeats: int | None = Field(default=None, ge=1)
    detector: str | None = None
    corrected: bool | None = None


class EmissionSettingsRow(EmissionSettings, Fact, table=True):
    """Settings of an emission measurement, stored."""

    __tablename__ = "emission_settings"
    measurement_id: UUID = Field(foreign_key="measurement.id", index=True)
