"""Record and Table: the base classes of all data; identifiers, clock, things and facts.

A *thing* (sample, batch, lot, instrument, study) is one row for ever, corrected in place under a ``revision`` number;
the old values stay in the audit trail. A *fact* (step, measurement, result, verdict, statement) is never updated: a
correction is a new row with ``supersedes_id``, which voids the old one in the same change; an error is voided with a
reason. Current = not voided.

Every row names the ``change`` (who, when, why) that brought it in, so nothing in the record is anonymous.
"""

import math
import os
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import model_validator
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC on both databases; the offset as typed is a column of its own."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn an aware moment into UTC; SQLite keeps it without an offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without UTC offset cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FiniteFloat(TypeDecorator[float]):
    """A float that is a number: SQLite's driver would turn NaN into NULL without a word. Every float column is one."""

    impl = sa.Float()
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: sa.Dialect) -> float | None:
        """Refuse NaN and infinity."""
        if value is not None and not math.isfinite(value):
            raise ValueError(f"{value} is not a number that can be stored")
        return value


class TextEnum(TypeDecorator[StrEnum]):
    """A StrEnum stored as its text (``sa.Enum`` would store the member's name); a CHECK is added from ``members``."""

    impl = sa.String(40)
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | None, dialect: sa.Dialect) -> str | None:
        """Store the text, refusing what is not a member."""
        return None if value is None else str(self.members(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> StrEnum | None:
        """Give back the member."""
        return None if value is None else self.members(value)


def choice(members: type[StrEnum], **options: Any) -> Any:  # noqa: ANN401 - sqlmodel.Field returns Any too
    """Declare a column that holds one of a StrEnum's texts, guarded by a CHECK."""
    return Field(sa_type=TextEnum(members), **options)


def moment(**options: Any) -> Any:  # noqa: ANN401 - sqlmodel.Field returns Any too
    """Declare a column that holds an aware moment."""
    return Field(sa_type=UtcDateTime(), **options)


def whole(**options: Any) -> Any:  # noqa: ANN401 - sqlmodel.Field returns Any too
    """Declare a column that holds a whole number of ng, pL or pieces."""
    return Field(sa_type=sa.BigInteger(), **options)


def text(**options: Any) -> Any:  # noqa: ANN401 - sqlmodel.Field returns Any too
    """Declare a column that holds text of any length."""
    return Field(sa_type=sa.Text(), **options)


_last_tick = 0
_ticking = threading.Lock()


def _uuid7() -> UUID:
    """Make a time-ordered identifier (RFC 9562, 5.7): two databases merge without renumbering.

    The 12 bits after the milliseconds go on with the clock (RFC 9562, 6.2, method 3) and never stand still, so that
    rows sort by identifier in the order in which a process made them.
    """
    global _last_tick  # noqa: PLW0603 - the order holds for the whole process
    milliseconds, rest_ns = divmod(time.time_ns(), 1_000_000)
    with _ticking:
        _last_tick = tick = max(milliseconds << 12 | (rest_ns << 12) // 1_000_000, _last_tick + 1)
    value = (tick >> 12 & (1 << 48) - 1) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62
    return UUID(int=value | secrets.randbits(62))


def _local_offset(when: datetime) -> int:
    offset = when.astimezone().utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


class _Source:
    """Where identifiers and time come from; demo and tests replace them, so that the same data give the same bytes."""

    new_id: Callable[[], UUID] = staticmethod(_uuid7)
    now: Callable[[], datetime] = staticmethod(lambda: datetime.now(UTC))
    offset: Callable[[datetime], int] = staticmethod(_local_offset)


def new_id() -> UUID:
    """Return a new identifier."""
    return _Source.new_id()


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _Source.now()


def offset_minutes(when: datetime) -> int:
    """Return how many minutes the clock on this wall is ahead of UTC at a moment.

    Parameters
    ----------
    when : datetime
        An aware moment.

    Returns
    -------
    int
        Offset from UTC, scalar [min].
    """
    return _Source.offset(when)


class fixed_source:  # noqa: N801 - used as a context manager, reads like a function
    """Replace clock and identifiers inside a ``with`` block: numbered identifiers, a clock that starts at ``start``.

    Parameters
    ----------
    start : datetime
        The aware moment just before the first reading of the clock, which moves on by one millisecond at every
        reading. Its offset is the one the wall clock is taken to have, wherever the computer stands.
    """

    def __init__(self, start: datetime) -> None:
        offset = start.utcoffset()
        if offset is None:
            raise ValueError(f"a clock needs an aware moment to start at, not {start!r}")
        self._moment = start.astimezone(UTC)
        self._offset_min = int(offset.total_seconds() // 60)
        self._count = 0

    def _new_id(self) -> UUID:
        self._count += 1
        milliseconds = int(self._moment.timestamp() * 1000)
        return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | 0b10 << 62 | self._count)

    def _now(self) -> datetime:
        self._moment += timedelta(milliseconds=1)
        return self._moment

    def __enter__(self) -> "fixed_source":
        self._before = (_Source.new_id, _Source.now, _Source.offset)
        _Source.new_id = self._new_id
        _Source.now = self._now
        _Source.offset = lambda _when: self._offset_min
        return self

    def __exit__(self, *_: object) -> None:
        _Source.new_id, _Source.now, _Source.offset = self._before


def login() -> str:
    """Return who is working: LABDB_ACTOR, else the login name."""
    import getpass

    return os.environ.get("LABDB_ACTOR") or getpass.getuser()


class Record(SQLModel):
    """Validated data, not yet a row: unknown fields and numbers that are not finite are refused."""

    model_config = SQLModelConfig(extra="forbid", allow_inf_nan=False, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _keep_offsets(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever was given
        """Fill every ``X_offset_min`` from the offset of ``X`` as it was typed."""
        if not isinstance(data, dict):
            return data
        filled = dict(data)
        for name in cls.model_fields:
            partner = name.removesuffix("_offset_min")
            typed = filled.get(partner)
            if partner == name or filled.get(name) is not None or typed is None:
                continue
            when = typed if isinstance(typed, datetime) else datetime.fromisoformat(str(typed))
            offset = when.utcoffset()
            if offset is None:
                raise ValueError(f"{partner}: {typed} has no UTC offset, e.g. +01:00")
            filled[name] = int(offset.total_seconds() // 60)
        return filled


class Origin(StrEnum):
    """Where a value comes from."""

    MEASURED = "measured"
    COMPUTED = "computed"
    TRANSCRIBED = "transcribed"
    SYNTHETIC = "synthetic"


class Table(SQLModel):
    """What every row has: an identifier and the change that brought it in."""

    model_config = SQLModelConfig(validate_assignment=True, allow_inf_nan=False, defer_build=True)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    change_id: UUID | None = Field(default=None, foreign_key="change.id", nullable=False, index=True)


class Thing(Table):
    """One row for ever; corrected in place, ``WHERE revision = :seen``; the audit keeps what it was."""

    code: str  # stands once in its table: database.py says so, a record's own ``code`` would hide ``unique`` here
    revision: int = 1
    origin: Origin = choice(Origin, default=Origin.MEASURED)
    origin_note: str | None = text(default=None)


class Fact(Table):
    """Never updated: superseded by a new row or voided with a reason. Both leave their change in ``void_change_id``."""

    supersedes_id: UUID | None = None
    void_change_id: UUID | None = Field(default=None, foreign_key="change.id")
    origin: Origin = choice(Origin, default=Origin.MEASURED)
    origin_note: str | None = text(default=None)
