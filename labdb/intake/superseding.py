"""Put a new row in the place of a fact, with everything that hangs on it; change a thing in place."""

from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from labdb.database import facts, load_tables, row_class
from labdb.errors import ConflictError
from labdb.intake.voiding import void_rows
from labdb.record import Fact, Thing, new_id


def changed_meanwhile(code: str) -> ConflictError:
    """Say that a correction is based on what is no longer there; to be raised."""
    return ConflictError(
        f"{code} was changed by somebody else meanwhile; look again, then correct: labdb history {code}"
    )


def update_thing(session: Session, current: Thing, values: dict[str, Any]) -> None:
    """Change a thing in place, only if nobody else did meanwhile."""
    table = load_tables().tables[str(type(current).__tablename__)]
    seen = current.revision
    update = table.update().where(table.c.id == current.id, table.c.revision == seen)
    try:
        with session.begin_nested():
            done = session.connection().execute(update.values(**values, revision=seen + 1))
    except sa.exc.IntegrityError as error:
        reason = str(error.orig).splitlines()[0]
        advice = " More of it was handed out than that." if "handed_out" in reason else ""
        raise ConflictError(f"{current.code} cannot become that: {reason}.{advice}") from error
    if done.rowcount != 1:
        raise changed_meanwhile(current.code)


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

    Raises
    ------
    ConflictError
        Somebody else superseded or voided it meanwhile.
    """
    row = type(current)
    kept = {name: getattr(current, name) for name in row.model_fields}
    kept |= {
        "id": new_id(),
        "change_id": session.info["change_id"],
        "supersedes_id": current.id,
        "void_change_id": None,
    }
    table = load_tables().tables[str(row.__tablename__)]
    if void_rows(session, table, table.c.id == current.id) != 1:
        raise changed_meanwhile(getattr(current, "code", f"this {table.name}"))
    session.expire(current)
    made = row(**(kept | values))
    session.add(made)
    session.flush()
    _move_children(session, table, current.id, made.id)
    return made


def _move_children(session: Session, owner: sa.Table, old: UUID, new: UUID) -> None:
    """Facts that hang on a superseded fact are superseded too, so that the current tree is whole."""
    for table in facts():
        for key in table.foreign_keys:
            if key.column.table is not owner or key.parent.name == "supersedes_id":
                continue
            child = cast("type[Fact]", row_class(table.name))
            hanging = select(child).where(key.parent == old, col(child.void_change_id).is_(None))
            for one in session.exec(hanging).all():
                supersede(session, one, {key.parent.name: new})
