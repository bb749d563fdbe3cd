"""Provenance: a change (one transaction: who, when, why) and the audit rows the database writes by itself."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from labdb.record import moment, new_id, text


class ChangeRow(SQLModel, table=True):
    """One transaction that wrote: every row it brought in or voided names it."""

    __tablename__ = "change"
    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = moment(nullable=False)
    at_offset_min: int = 0
    actor: str = Field(max_length=80)
    reason: str = text(nullable=False)
    labdb_version: str = Field(max_length=40)


class CurrentChangeRow(SQLModel, table=True):
    """The change being written now (SQLite only has one writer); empty between transactions."""

    __tablename__ = "current_change"
    slot: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    change_id: UUID = Field(foreign_key="change.id")


class AuditRow(SQLModel, table=True):
    """What a row was before it was changed, written by trigger; append-only."""

    __tablename__ = "audit"
    number: int | None = Field(default=None, primary_key=True)
    change_id: UUID | None = Field(default=None, foreign_key="change.id", index=True)
    table_name: str = Field(max_length=63)
    row_id: UUID = Field(index=True)
    old: str = Field(sa_type=sa.Text)
    new: str = Field(sa_type=sa.Text)
