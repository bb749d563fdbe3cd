"""Read the fields of a correction as a form reads its cells, and tell what would differ."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import Session

from labdb.database import load_tables
from labdb.errors import InputError, UnknownNameError
from labdb.intake.consistency import make_consistent
from labdb.intake.form import Column, columns_of, read_cells, read_origin, validation_message
from labdb.intake.superseding import supersede, update_thing
from labdb.intake.writer import NOT_STATED, Line, Writer
from labdb.record import Fact, Record, Table, Thing

Changes = dict[str, tuple[Any, Any]]
# Never corrected: a code is known outside the lab too (another name is an alias); where a measurement came from stays.
_FIXED = {"*": frozenset({"code"}), "measurement": frozenset({"code", "kind", "raw_file", "place"})}


def _record_of(row: type[Table]) -> type[Record]:
    """The validated record a row class was made from: PersonRow(Person, Thing) -> Person."""
    plain = next(base for base in row.__mro__ if Record in base.__mro__ and Table not in base.__mro__)
    return cast("type[Record]", plain)


def correctable(row: type[Table]) -> dict[str, Column]:
    """Return the fields of a row that a correction may name, as a form has them."""
    fixed = _FIXED.get(str(row.__tablename__), _FIXED["*"])
    return {column.name: column for column in columns_of(_record_of(row), row) if column.name not in fixed}


def typed(session: Session, columns: Mapping[str, Column], noun: str, changes: Mapping[str, str]) -> dict[str, Any]:
    """Read what was typed as a form reads its cells: codes, decimal points, yes and no, times with offset."""
    fields: dict[str, Any] = {}
    for name, text in changes.items():
        column = columns.get(name) or columns.get(name.removesuffix("_id"))
        if column is None:
            raise UnknownNameError(f"field of a {noun.replace('_', ' ')} that can be corrected", name, columns)
        if text.strip().lower() in NOT_STATED:
            fields[f"{column.name}_id" if column.refers_to else column.name] = None
        else:
            line = Line("", 0, {column.name: text.strip()})
            fields |= read_cells([column], line, Writer.on(session))
    return fields


def differences(record: type[Record], row: type[Table], current: Table, new: dict[str, Any]) -> dict[str, Any]:
    """Validate a row as it would become; return the columns that differ."""
    fields = {name: getattr(current, name) for name in record.model_fields}
    fields |= {name: value for name, value in new.items() if name in record.model_fields}
    for name in new:
        fields.pop(f"{name}_offset_min", None)
    try:
        checked = record.model_validate(fields)
    except ValidationError as error:
        column, message = validation_message(error)
        raise InputError(f"{column.removesuffix('_id')}: {message}" if column else message) from error
    make_consistent(str(row.__tablename__), checked)
    made = {name: getattr(checked, name) for name in record.model_fields}
    if "origin" in new:
        made["origin"] = read_origin(new["origin"])
    if "origin_note" in new:
        made["origin_note"] = new["origin_note"]
    return {name: value for name, value in made.items() if value != getattr(current, name)}


def shown(session: Session, row: type[Table], name: str, value: object) -> object:
    """What people read: the code of what a field refers to."""
    if not isinstance(value, UUID):
        return value
    column = load_tables().tables[str(row.__tablename__)].c[name]
    owner = next(iter(column.foreign_keys)).column.table
    code = session.connection().execute(sa.select(owner.c.code).where(owner.c.id == value)).scalar()
    return value if code is None else code


def correct_row(session: Session, current: Table, changes: Mapping[str, str]) -> Changes:
    """Correct a row: a thing in place, a fact by a new row.

    Parameters
    ----------
    session : Session
        A write session.
    current : Table
        The row as it is.
    changes : mapping
        Field to new text.

    Returns
    -------
    dict
        Field to (old, new).

    Raises
    ------
    InputError
        A value does not fit, or nothing would change.
    ConflictError
        Somebody else changed it meanwhile.
    """
    row = type(current)
    new = typed(session, correctable(row), str(row.__tablename__), changes)
    values = differences(_record_of(row), row, current, new)
    if not values:
        raise InputError("nothing would change")
    done = {
        name.removesuffix("_id"): (
            shown(session, row, name, getattr(current, name)),
            shown(session, row, name, value),
        )
        for name, value in values.items()
        if not name.endswith("_offset_min") or name.removesuffix("_offset_min") not in values
    }
    if isinstance(current, Thing):
        update_thing(session, current, values)
    elif isinstance(current, Fact):
        supersede(session, current, values)
    return done
