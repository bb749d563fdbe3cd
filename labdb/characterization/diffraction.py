"""Measurement kind: X-ray powder diffraction: the tube and wavelength a pattern was taken with."""

from uuid import UUID

from sqlmodel import Field

from labdb.record import Fact, Record


class DiffractionSettings(Record):
    """Wavelength (and whether it is stated or assumed), tube and scan; an empty field is not stated."""

    measurement_id: UUID
    wavelength_angstrom: float | None = Field(default=None, gt=0)
    wavelength_origin: str | None = None
    anode: str | None = None
    tube_kv: float | None = Field(default=None, gt=0)
    tube_ma: float | None = Field(default=None, gt=0)
    count_time_s: float | None = Field(default=None, gt=0)
    scan_axis: str | None = None


class DiffractionSettingsRow(DiffractionSettings, Fact, table=True):
    """Settings of a powder pattern, stored."""

    __tablename__ = "diffraction_settings"
    measurement_id: UUID = Field(foreign_key="measurement.id", index=True)
