"""Provenance: a statement, what a source says about something; checks confront it with the data."""

from uuid import UUID

from sqlmodel import Field

from labdb.record import Fact, Record, Table, text


class Statement(Record):
    """One sentence with its quantity: what it is about, qualifier (=, <, >, ~, range, text), content, unit, place."""

    code: str
    about: str
    qualifier: str
    content: str
    unit: str | None = None
    u: float | None = Field(default=None, ge=0)
    coverage: str | None = None
    place: str | None = None
    words: str | None = None
    alternative_of: str | None = None


class StatementRow(Statement, Fact, table=True):
    """A statement, stored."""

    __tablename__ = "statement"
    code: str = Field(max_length=80)
    content: str = text(nullable=False)
    words: str | None = text(default=None)


class StatementSubjectRow(Table, table=True):
    """What a statement is about: a code of this lab, or a name it does not know."""

    __tablename__ = "statement_subject"
    statement_id: UUID = Field(foreign_key="statement.id", index=True)
    subject: str = Field(max_length=120, index=True)
