"""Provenance: a raw file, kept by its SHA-256; the intake run that read it; files attached to anything."""

from uuid import UUID

from sqlmodel import Field

from labdb.record import Fact, Record, Table


class RawFile(Record):
    """A file as it came from the instrument; its bytes lie in the lab's ``files/`` under their SHA-256."""

    sha256: str = Field(min_length=64, max_length=64)
    name: str
    size_bytes: int = Field(ge=0)
    reader: str | None = None


class RawFileRow(RawFile, Table, table=True):
    """A raw file, stored once per content."""

    __tablename__ = "raw_file"
    sha256: str = Field(min_length=64, max_length=64, unique=True)


class IntakeRun(Record):
    """One ``labdb intake``: what it read, how many rows it brought in."""

    code: str
    files: int = Field(ge=0)
    rows: int = Field(ge=0)


class IntakeRunRow(IntakeRun, Fact, table=True):
    """An intake run, stored; undoing it voids everything of its change."""

    __tablename__ = "intake_run"
    code: str = Field(max_length=80, unique=True)


class IntakeFileRow(Table, table=True):
    """Which raw files an intake run read."""

    __tablename__ = "intake_file"
    intake_run_id: UUID = Field(foreign_key="intake_run.id", index=True)
    raw_file_id: UUID = Field(foreign_key="raw_file.id", index=True)
    first_row: int | None = None
    last_row: int | None = None


class FileHeaderRow(Table, table=True):
    """A vendor's header beside the raw file, as text pairs; nothing computes with it."""

    __tablename__ = "file_header"
    raw_file_id: UUID = Field(foreign_key="raw_file.id", index=True)
    part: int = 0
    position: int = 0
    name: str
    content: str


class AttachmentRow(Fact, table=True):
    """A file (photograph, notebook scan) kept with anything that has a code."""

    __tablename__ = "attachment"
    raw_file_id: UUID = Field(foreign_key="raw_file.id", index=True)
    subject: str = Field(max_length=80, index=True)
    caption: str | None = None
