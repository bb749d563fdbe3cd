"""Correct, void, note, attach: on anything that has a code.

Things are corrected in place, facts superseded; both with a reason.
"""

from pathlib import Path
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import Session, col, select

from labdb.database import load_tables, row_class
from labdb.errors import ConflictError, InputError, UnknownNameError
from labdb.intake.form import validation_message
from labdb.intake.writer import Writer
from labdb.kinds import quantity_kind
from labdb.lab import Lab
from labdb.measurement import MeasurementRow, ResultRow
from labdb.provenance.note import NoteRow
from labdb.provenance.raw_file import AttachmentRow, RawFileRow
from labdb.quantity import parse_quantity
from labdb.record import Fact, Origin, Record, Table, Thing, new_id

_FIXED = frozenset({"id", "change_id", "revision", "supersedes_id", "void_change_id", "handed_out"})


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
    """
    sql = sa.text(
        "SELECT table_name, row_id FROM code_index "
        "WHERE code = :code OR code = (SELECT subject FROM alias WHERE name = :code)"
    )
    found = session.execute(sql, {"code": code}).first()
    if found is None:
        codes = [row[0] for row in session.execute(sa.text("SELECT code FROM code_index ORDER BY code LIMIT 20000"))]
        raise UnknownNameError("code", code, codes)
    return row_class(found[0]), found[1] if isinstance(found[1], UUID) else UUID(str(found[1]))


def correct(lab: Lab, code: str, changes: dict[str, str], why: str) -> dict[str, tuple[Any, Any]]:
    """Correct fields of anything with a code.

    Parameters
    ----------
    lab : Lab
        The open lab.
    code : str
        What to correct.
    changes : dict
        Field to new text; on a measurement a quantity kind may be given: {"Pb": "10.2 ug/L"}.
    why : str
        The reason, kept in the change.

    Returns
    -------
    dict
        Field to (old, new).

    Raises
    ------
    UnknownNameError
        No such code or field.
    InputError
        A value does not fit, or nothing would change.
    """
    if not why.strip():
        raise InputError("a correction needs a reason: --why")
    with lab.write(None, why) as session:
        row, row_id = locate(session, code)
        current = session.get_one(row, row_id)
        if isinstance(current, MeasurementRow):
            kinds = {
                name: text
                for name, text in changes.items()
                if name not in row.model_fields and f"{name}_id" not in row.model_fields
            }
            done = {name: _correct_result(session, current, name, text) for name, text in kinds.items()}
            rest = {name: text for name, text in changes.items() if name not in kinds}
            return done | (_correct_row(session, current, rest) if rest else {})
        return _correct_row(session, current, changes)


def _typed(session: Session, row: type[Table], name: str, text: str) -> tuple[str, Any]:
    table = load_tables().tables[str(row.__tablename__)]
    if f"{name}_id" in row.model_fields:
        key = next(iter(table.c[f"{name}_id"].foreign_keys))
        return f"{name}_id", Writer.on(session).codes.id_of(key.target_fullname.split(".")[0], text)
    if name in _FIXED or name not in row.model_fields:
        known = [field.removesuffix("_id") for field in row.model_fields if field not in _FIXED]
        raise UnknownNameError(f"field of a {row.__tablename__}", name, known)
    return name, None if text == "" else text


def _correct_row(session: Session, current: Table, changes: dict[str, str]) -> dict[str, tuple[Any, Any]]:
    row = type(current)
    new = dict(_typed(session, row, name, text) for name, text in changes.items())
    # the validated record a row class was made from: PersonRow(Person, Thing) -> Person
    plain = next(base for base in row.__mro__ if Record in base.__mro__ and Table not in base.__mro__)
    record = cast("type[Record]", plain)
    fields = {name: getattr(current, name) for name in record.model_fields} | new
    for name in list(new):
        if f"{name}_offset_min" in fields:
            fields.pop(f"{name}_offset_min")
    try:
        checked = record.model_validate(fields)
    except ValidationError as error:
        column, message = validation_message(error)
        raise InputError(f"{column}: {message}") from error
    values = {
        name: getattr(checked, name) for name in record.model_fields if getattr(checked, name) != getattr(current, name)
    }
    if not values:
        raise InputError("nothing would change")
    old = {name: getattr(current, name) for name in values}
    if isinstance(current, Thing):
        _update_thing(session, current, values)
    elif isinstance(current, Fact):
        supersede(session, current, values)
    return {name.removesuffix("_id"): (old[name], values[name]) for name in values}


def _update_thing(session: Session, current: Thing, values: dict[str, Any]) -> None:
    """Change a thing in place, only if nobody else did meanwhile."""
    table = load_tables().tables[str(type(current).__tablename__)]
    seen = current.revision
    done = session.connection().execute(
        table.update().where(table.c.id == current.id, table.c.revision == seen).values(**values, revision=seen + 1)
    )
    if done.rowcount != 1:
        raise ConflictError(f"{current.code} was changed by somebody else meanwhile; look again, then correct")


def supersede(session: Session, current: Fact, values: dict[str, Any]) -> Fact:
    """Put a new row in the place of a fact; the old one is voided by the same change.

    Parameters
    ----------
    session : Session
        A write session.
    current : Fact
        The row to supersede.
    values : dict
        The columns that differ.

    Returns
    -------
    Fact
        The new row, flushed.
    """
    row = type(current)
    kept = {name: getattr(current, name) for name in row.model_fields}
    kept |= {
        "id": new_id(),
        "change_id": session.info["change_id"],
        "supersedes_id": current.id,
        "void_change_id": None,
    }
    current.void_change_id = session.info["change_id"]
    session.flush()
    made = row(**(kept | values))
    session.add(made)
    session.flush()
    _move_children(session, row, current.id, made.id)
    return made


def _move_children(session: Session, row: type[Table], old: UUID, new: UUID) -> None:
    """Facts that hang on a superseded fact are superseded too, so that the current tree is whole."""
    name = str(row.__tablename__)
    for table in load_tables().sorted_tables:
        child = row_class(table.name) if "void_change_id" in table.c else None
        if child is None or not issubclass(child, Fact):
            continue
        for column in table.columns:
            keys = [key for key in column.foreign_keys if key.target_fullname == f"{name}.id"]
            if not keys or column.name == "supersedes_id":
                continue
            rows = session.exec(
                select(child).where(table.c[column.name] == old, col(child.void_change_id).is_(None))
            ).all()
            for one in rows:
                supersede(session, one, {column.name: new})


def _correct_result(session: Session, measurement: MeasurementRow, name: str, text: str) -> tuple[Any, Any]:
    kind = quantity_kind(name)
    current = session.exec(
        select(ResultRow).where(
            ResultRow.measurement_id == measurement.id,
            ResultRow.kind == kind.name,
            col(ResultRow.void_change_id).is_(None),
        )
    ).first()
    if current is None:
        raise InputError(f"{measurement.code} has no {kind.label}")
    quantity = parse_quantity(text, kind=kind.name, default_unit=current.unit).canonical()
    supersede(
        session,
        current,
        {
            "value": quantity.value,
            "u": quantity.u if quantity.u is not None else current.u,
            "u_origin": quantity.u_origin if quantity.u is not None else current.u_origin,
            "censoring": quantity.censoring,
            "threshold_meaning": quantity.threshold_meaning or current.threshold_meaning
            if quantity.censoring != "none"
            else None,
            "as_entered": text,
            "missing_reason": None,
        },
    )
    return current.as_entered, text


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
        current = session.get_one(row, row_id)
        if not isinstance(current, Fact):
            raise InputError(
                f"{code} is a {row.__tablename__}: things stay for ever. "
                f"Correct it, or say what happened: labdb note {code} ..."
            )
        _void_with_children(session, row, current)
        return str(row.__tablename__)


def _void_with_children(session: Session, row: type[Table], current: Fact) -> None:
    current.void_change_id = session.info["change_id"]
    session.flush()
    name = str(row.__tablename__)
    for table in load_tables().sorted_tables:
        keys = [
            column for column in table.columns for key in column.foreign_keys if key.target_fullname == f"{name}.id"
        ]
        if "void_change_id" not in table.c:
            continue
        for column in keys:
            if column.name != "supersedes_id":
                session.connection().execute(
                    table.update()
                    .where(column == current.id, table.c.void_change_id.is_(None))
                    .values(void_change_id=session.info["change_id"])
                )


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
    """
    digest = lab.files.put(path)
    with lab.write(None, f"attach {path.name}") as session:
        row, row_id = locate(session, code)
        kept = session.exec(select(RawFileRow).where(RawFileRow.sha256 == digest)).first()
        if kept is None:
            kept = RawFileRow(sha256=digest, name=path.name, size_bytes=path.stat().st_size, reader=None)
            session.add(kept)
            session.flush()
        session.add(AttachmentRow(raw_file_id=kept.id, subject=_code_of(session, row, row_id), caption=caption))
    return digest


def _code_of(session: Session, row: type[Table], row_id: UUID) -> str:
    return str(getattr(session.get_one(row, row_id), "code"))  # noqa: B009 - every class in code_index has it
