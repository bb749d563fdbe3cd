"""Void facts together with what belongs to them, and with what superseded them since."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from labdb.database import facts, load_tables
from labdb.intake.study import review_pulls
from labdb.measurement import MeasurementRow

# Table and key of what says how a sample is made up. It stays with its sample: it could not be taken in again.
_MAKE_UP = {"sample_origin": "child_id", "suspension": "sample_id"}


def void_change(session: Session, change_id: UUID) -> dict[str, int]:
    """Void what a change brought in, what superseded it since, and what belongs to that.

    A sample that the change brought in stays, and with it its loading and where it came from.

    Parameters
    ----------
    session : Session
        A write session; its own change is the one that voids.
    change_id : UUID
        The change whose facts are wrong.

    Returns
    -------
    dict
        Table to number of rows voided.
    """
    tables = load_tables().tables
    stays = sa.select(tables["sample"].c.id).where(tables["sample"].c.change_id == change_id)
    for table in facts():
        wrong = sa.select(table.c.id).where(table.c.change_id == change_id)
        if table.name in _MAKE_UP:
            wrong = wrong.where(table.c[_MAKE_UP[table.name]].not_in(stays))
        chain = wrong.cte("chain", recursive=True)
        later = sa.select(table.c.id).where(table.c.supersedes_id == chain.c.id)
        void_rows(session, table, table.c.id.in_(sa.select(chain.union_all(later).c.id)))
    void_what_belongs(session)
    counted = {table.name: _voided(session, table) for table in facts()}
    return {name: count for name, count in counted.items() if count}


def void_rows(session: Session, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
    """Void the current rows of a table for which a condition holds; return how many there were."""
    session.flush()
    statement = table.update().where(which, table.c.void_change_id.is_(None))
    return session.connection().execute(statement.values(void_change_id=session.info["change_id"])).rowcount


def void_what_belongs(session: Session) -> None:
    """Void what belongs to the facts this change has voided, and set the pulls of their studies right.

    A fact belongs to another if it must name it (a result its measurement); one that may name it (a beam segment its
    calibration) stands by itself.
    """
    change_id = session.info["change_id"]
    names = {table.name for table in facts()}
    for table in load_tables().sorted_tables:  # owners stand before what belongs to them
        if table.name not in names:
            continue
        for key in table.foreign_keys:
            owner = key.column.table
            if owner.name in names and key.parent.name != "supersedes_id" and not key.parent.nullable:
                gone = sa.select(owner.c.id).where(owner.c.void_change_id == change_id)
                void_rows(session, table, key.parent.in_(gone))
    review_pulls(session, touched_studies(session))


def touched_studies(session: Session) -> set[UUID]:
    """The studies of the measurements this change has voided or brought in."""
    change_id = session.info["change_id"]
    mine = sa.or_(col(MeasurementRow.void_change_id) == change_id, col(MeasurementRow.change_id) == change_id)
    found = session.exec(select(MeasurementRow.study_id).where(mine, col(MeasurementRow.study_id).is_not(None)))
    return {study_id for study_id in found.all() if study_id is not None}


def _voided(session: Session, table: sa.Table) -> int:
    count = sa.select(sa.func.count()).where(table.c.void_change_id == session.info["change_id"])
    return int(session.connection().execute(count.select_from(table)).scalar_one())
