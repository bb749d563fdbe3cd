"""Correct, void, note, attach: on anything that has a code.

Things are corrected in place, facts superseded; both with a reason.
"""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from labdb.database import load_tables, row_class
from labdb.errors import ConflictError, InputError, ReadError, UnknownNameError
from labdb.files import digest_file
from labdb.intake.field import Changes, correct_row
from labdb.intake.measurement_correction import correct_measurement
from labdb.intake.study import review_pulls
from labdb.intake.superseding import changed_meanwhile, supersede
from labdb.intake.voiding import touched_studies, void_rows, void_what_belongs
from labdb.intake.writer import CellError
from labdb.lab import Lab
from labdb.measurement import MeasurementRow
from labdb.provenance.note import NoteRow
from labdb.provenance.raw_file import AttachmentRow, RawFileRow
from labdb.record import Fact, Origin, Table

__all__ = ["attach", "correct", "locate", "note", "supersede", "void"]
_OTHERWISE = {
    "intake_run": "an intake is not corrected or voided but undone: labdb intake undo {code} --why ...",
    "verdict": "a verdict is not corrected; correct what it was judged from, then judge again: labdb assess",
}


def locate(session: Session, code: str) -> tuple[type[Table], UUID]:
    """Find what a code or alias names.

    Parameters
    ----------
    session : Session
        A session of the lab.
    code : str
        Any code, or another name of it.

    Returns
    -------
    tuple of (type[Table], UUID)
        Its row class and identifier.

    Raises
    ------
    UnknownNameError
        Nothing has this code; names the nearest.
    InputError
        Two things of different sorts have this code.
    """
    sql = sa.text("SELECT table_name, row_id FROM code_index WHERE code = :code ORDER BY table_name")
    found = session.execute(sql, {"code": code}).all()
    if not found:
        alias = session.execute(sa.text("SELECT subject FROM alias WHERE name = :code"), {"code": code}).first()
        found = session.execute(sql, {"code": alias[0]}).all() if alias else []
    if not found:
        codes = [row[0] for row in session.execute(sa.text("SELECT code FROM code_index ORDER BY code LIMIT 20000"))]
        codes += [row[0] for row in session.execute(sa.text("SELECT name FROM alias ORDER BY name LIMIT 20000"))]
        raise UnknownNameError("code", code, codes)
    if len(found) > 1:
        nouns = " and a ".join(row[0].replace("_", " ") for row in found)
        raise InputError(f'"{code}" is the code of a {nouns}; give one of them another name')
    return row_class(found[0][0]), found[0][1] if isinstance(found[0][1], UUID) else UUID(str(found[0][1]))


def correct(lab: Lab, code: str, changes: Mapping[str, str], why: str, *, revision: int | None = None) -> Changes:
    """Correct fields of anything with a code.

    Parameters
    ----------
    lab : Lab
        The open lab.
    code : str
        What to correct.
    changes : mapping
        Field to new text, "not stated" to empty it; on a measurement also a quantity kind ({"Pb": "10.2 ug/L"}) or a
        field of its settings ({"dilution": "10"}).
    why : str
        The reason, kept in the change.
    revision : int, scalar [1], optional
        The revision of the thing on which the correction is based; a later one is refused.

    Returns
    -------
    dict
        Field to (old, new); codes where a field refers to something.

    Raises
    ------
    UnknownNameError
        No such code or field.
    InputError
        A value does not fit, or nothing would change.
    ConflictError
        Somebody else changed it meanwhile, or it would contradict another row.
    """
    if not why.strip():
        raise InputError("a correction needs a reason: --why")
    with lab.write(None, why) as session:
        row, row_id = locate(session, code)
        _refuse_otherwise(row, code, "intake_run", "verdict")
        current = session.get_one(row, row_id)
        if revision is not None and getattr(current, "revision", revision) != revision:
            raise changed_meanwhile(code)
        try:
            if not isinstance(current, MeasurementRow):
                return correct_row(session, current, changes)
            done = correct_measurement(session, current, changes)
        except CellError as error:
            raise InputError(f"{error.column}: {error}") from error
        review_pulls(session, touched_studies(session))
        return done


def _refuse_otherwise(row: type[Table], code: str, *tables: str) -> None:
    table = str(row.__tablename__)
    if table in tables:
        raise InputError(f"{code}: {_OTHERWISE[table].format(code=code)}")


def void(lab: Lab, code: str, why: str) -> str:
    """Void a fact with a reason; it stays in history.

    Parameters
    ----------
    lab : Lab
        The open lab.
    code : str
        A measurement, irradiation, calibration, statement or verdict.
    why : str
        The reason.

    Returns
    -------
    str
        The noun that was voided.

    Raises
    ------
    UnknownNameError
        No such code.
    InputError
        No reason, or the code names a thing, which is corrected or noted instead.
    """
    if not why.strip():
        raise InputError("voiding needs a reason: --why")
    with lab.write(None, why) as session:
        row, row_id = locate(session, code)
        table = load_tables().tables[str(row.__tablename__)]
        _refuse_otherwise(row, code, "intake_run")
        if not issubclass(row, Fact):
            raise InputError(
                f"{code} is a {table.name.replace('_', ' ')}: things stay for ever. "
                f"Correct it, or say what happened: labdb note {code} ..."
            )
        if void_rows(session, table, table.c.id == row_id) != 1:
            raise changed_meanwhile(code)
        void_what_belongs(session)
        return table.name


def note(lab: Lab, code: str, content: str) -> None:
    """Add free text to anything with a code.

    Parameters
    ----------
    lab : Lab
        The open lab.
    code : str
        What the note is on.
    content : str
        The text.

    Raises
    ------
    InputError
        The note is empty.
    UnknownNameError
        No such code.
    """
    if not content.strip():
        raise InputError("the note is empty")
    with lab.write(None, "note") as session:
        row, row_id = locate(session, code)
        session.add(NoteRow(subject=_code_of(session, row, row_id), content=content, origin=Origin.MEASURED))


def attach(lab: Lab, code: str, path: Path, caption: str | None = None) -> str:
    """Keep a file (photograph, scan, furnace log) with anything that has a code.

    Parameters
    ----------
    lab : Lab
        The open lab.
    code : str
        What the file belongs to.
    path : Path
        The file.
    caption : str, optional
        What it shows.

    Returns
    -------
    str
        The file's SHA-256.

    Raises
    ------
    ReadError
        There is no such file.
    UnknownNameError
        No such code; nothing is kept then.
    ConflictError
        It is attached to that already.
    """
    digest = digest_file(path)
    with lab.write(None, f"attach {path.name}") as session:
        row, row_id = locate(session, code)
        subject = _code_of(session, row, row_id)
        kept = session.exec(select(RawFileRow).where(RawFileRow.sha256 == digest)).first()
        if kept is None:
            kept = RawFileRow(sha256=digest, name=path.name, size_bytes=path.stat().st_size, reader=None)
            session.add(kept)
            session.flush()
        same = AttachmentRow.raw_file_id == kept.id, AttachmentRow.subject == subject
        if session.exec(select(AttachmentRow).where(*same, col(AttachmentRow.void_change_id).is_(None))).first():
            raise ConflictError(f"{path}: the same file (by its SHA-256) is attached to {subject} already")
        session.add(AttachmentRow(raw_file_id=kept.id, subject=subject, caption=caption))
        session.flush()
        if lab.files.put(path) != digest:  # last before the commit: a kill leaves at worst a file without a row
            raise ReadError(path, found="a file that changed while it was attached", expected="a finished file")
    return digest


def _code_of(session: Session, row: type[Table], row_id: UUID) -> str:
    return str(getattr(session.get_one(row, row_id), "code"))  # noqa: B009 - every class in code_index has it
