"""The spine: Run, Measurement (the act), Result (a scalar quantity), Trace (a curve). Trends read only this.

What is particular to a method sits in a typed table of its slice, one-to-one with its measurement.
"""

import hashlib
from array import array
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from labdb.quantity import Censoring, ThresholdMeaning, UncertaintyOrigin
from labdb.record import Fact, Record, Table, Thing, choice, moment, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np


class Run(Record):
    """One sequence on one instrument by one method: standards, blanks, samples."""

    code: str
    method_id: UUID | None = None
    instrument_id: UUID | None = None
    operator: str | None = None
    started_at: datetime | None = None
    started_at_offset_min: int | None = None
    what: str | None = None


class RunRow(Run, Thing, table=True):
    """A run, stored."""

    __tablename__ = "run"
    method_id: UUID | None = Field(default=None, foreign_key="method.id")
    instrument_id: UUID | None = Field(default=None, foreign_key="instrument.id")
    started_at: datetime | None = moment(default=None)
    what: str | None = text(default=None)


class Measurement(Record):
    """The act: on which sample, by which method, in which run, when, by whom, in which condition, at which age."""

    code: str
    kind: str
    sample_id: UUID
    method_id: UUID | None = None
    run_id: UUID | None = None
    instrument_id: UUID | None = None
    operator: str | None = None
    measured_at: datetime | None = None
    measured_at_offset_min: int | None = None
    condition_id: UUID | None = None
    study_id: UUID | None = None
    age_d: float | None = None
    vial: str | None = None
    replicate: int = Field(default=1, ge=1)
    raw_file_id: UUID | None = None
    place: str | None = None


class MeasurementRow(Measurement, Fact, table=True):
    """A measurement, stored; ``place`` is the line or scan of its raw file."""

    __tablename__ = "measurement"
    code: str = Field(max_length=80)
    kind: str = Field(max_length=60)
    sample_id: UUID = Field(foreign_key="sample.id", index=True)
    method_id: UUID | None = Field(default=None, foreign_key="method.id")
    run_id: UUID | None = Field(default=None, foreign_key="run.id", index=True)
    instrument_id: UUID | None = Field(default=None, foreign_key="instrument.id")
    measured_at: datetime | None = moment(default=None)
    condition_id: UUID | None = Field(default=None, foreign_key="condition.id")
    study_id: UUID | None = Field(default=None, foreign_key="study.id", index=True)
    raw_file_id: UUID | None = Field(default=None, foreign_key="raw_file.id", index=True)


class Result(Record):
    """A scalar quantity in its kind's canonical unit; a value or the reason why there is none."""

    measurement_id: UUID
    kind: str
    value: float | None = None
    unit: str
    u: float | None = Field(default=None, ge=0)
    u_origin: UncertaintyOrigin | None = None
    censoring: Censoring = Censoring.NONE
    threshold_meaning: ThresholdMeaning | None = None
    n: int | None = Field(default=None, ge=1)
    as_entered: str | None = None
    missing_reason: str | None = None


class ResultRow(Result, Fact, table=True):
    """A result, stored. With censoring, ``value`` is the threshold."""

    __tablename__ = "result"
    __table_args__ = (
        sa.CheckConstraint("(value IS NULL) <> (missing_reason IS NULL)", name="value_or_reason"),
        sa.CheckConstraint("censoring = 'none' OR value IS NOT NULL", name="censored_has_threshold"),
    )
    measurement_id: UUID = Field(foreign_key="measurement.id", index=True)
    kind: str = Field(max_length=60, index=True)
    u_origin: UncertaintyOrigin | None = choice(UncertaintyOrigin, default=None)
    censoring: Censoring = choice(Censoring, default=Censoring.NONE)
    threshold_meaning: ThresholdMeaning | None = choice(ThresholdMeaning, default=None)


class Trace(Record):
    """A curve: x, y and, where known, u, as little-endian float64 arrays; one row whatever its length."""

    measurement_id: UUID
    x_kind: str
    x_unit: str
    y_kind: str
    y_unit: str
    points: int = Field(ge=2)
    x: bytes
    y: bytes
    u: bytes | None = None
    sha256: str = Field(min_length=64, max_length=64)


class TraceRow(Trace, Fact, table=True):
    """A curve, stored."""

    __tablename__ = "trace"
    __table_args__ = (
        sa.CheckConstraint("length(x) = 8 * points AND length(y) = 8 * points", name="arrays_have_points"),
    )
    measurement_id: UUID = Field(foreign_key="measurement.id", index=True)


class ParameterRow(Table, table=True):
    """An open parameter of a measurement: a quantity kind and a value, for what has no column of its own."""

    __tablename__ = "parameter"
    measurement_id: UUID = Field(foreign_key="measurement.id", index=True)
    kind: str = Field(max_length=60)
    value: float
    unit: str = Field(max_length=40)
    u: float | None = Field(default=None, ge=0)


def pack(values: "Iterable[float] | np.ndarray") -> bytes:
    """Pack numbers as little-endian float64.

    Parameters
    ----------
    values : iterable of float, shape (n,) [1]
        The numbers, in whatever unit stands beside the array.

    Returns
    -------
    bytes
        Eight bytes a number.

    Examples
    --------
    >>> unpack(pack([1.0, 2.5]))
    array('d', [1.0, 2.5])
    """
    import sys

    packed = array("d", values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack(packed: bytes) -> "array[float]":
    """Give back the numbers of a packed array (``numpy.frombuffer(packed, '<f8')`` reads the same)."""
    import sys

    values = array("d")
    values.frombytes(packed)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def curve_digest(x: bytes, y: bytes) -> str:
    """Return the SHA-256 of a curve's two packed arrays."""
    return hashlib.sha256(x + y).hexdigest()
