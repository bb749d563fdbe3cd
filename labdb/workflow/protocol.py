"""Workflow: a protocol, the versioned plan of a synthesis, with planned parameters and tolerances; frozen once used."""

from uuid import UUID

from sqlmodel import Field

from labdb.record import Origin, Record, Table, Thing, choice, text


class Protocol(Record):
    """A plan by code and version."""

    code: str
    version: int = Field(default=1, ge=1)
    title: str


class ProtocolRow(Protocol, Thing, table=True):
    """A protocol, stored; ``code`` carries the version from the second on (``P-CG.2``)."""

    __tablename__ = "protocol"


class ProtocolStep(Record):
    """One planned step; an empty value is not planned."""

    protocol_id: UUID
    seq: int = Field(ge=1)
    kind: str
    temperature_degc: float | None = Field(default=None, ge=-273.15)
    temperature_tolerance_degc: float | None = Field(default=None, ge=0)
    ramp_degc_per_min: float | None = Field(default=None, ge=0)
    ramp_tolerance_degc_per_min: float | None = Field(default=None, ge=0)
    dwell_min: float | None = Field(default=None, ge=0)
    dwell_tolerance_min: float | None = Field(default=None, ge=0)
    detail: str | None = None


class ProtocolStepRow(ProtocolStep, Table, table=True):
    """A planned step, stored."""

    __tablename__ = "protocol_step"
    protocol_id: UUID = Field(foreign_key="protocol.id", index=True)
    kind: str = Field(max_length=40)
    detail: str | None = text(default=None)
    origin: Origin = choice(Origin, default=Origin.MEASURED)
    origin_note: str | None = text(default=None)
