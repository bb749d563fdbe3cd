"""Provenance: a note on anything that has a code; another name for it; a finding that somebody has acknowledged."""

from sqlmodel import Field

from labdb.record import Fact, Table, text


class NoteRow(Fact, table=True):
    """Free text on a sample, batch, measurement: who and when stand in its change."""

    __tablename__ = "note"
    subject: str = Field(max_length=80, index=True)
    content: str = text(nullable=False)


class AliasRow(Table, table=True):
    """Another name (notebook page, label, a paper's word) of something that has a code."""

    __tablename__ = "alias"
    name: str = Field(max_length=120, unique=True)
    subject: str = Field(max_length=80, index=True)
    place: str | None = None


class AcknowledgementRow(Fact, table=True):
    """A finding somebody has seen and accepted; it comes back when its numbers change."""

    __tablename__ = "acknowledgement"
    rule: str = Field(max_length=20)
    subject: str = Field(max_length=200)
    fingerprint: str = Field(max_length=64, index=True)
    reason: str = text(nullable=False)
