"""Alembic's entry: runs on the connection labdb hands over, or on LABDB_DATABASE when alembic is called by hand."""

import os

import sqlalchemy as sa
from alembic import context

from labdb.database import load_tables, make_engine
from labdb.record import FiniteFloat, TextEnum, UtcDateTime


def plain_type(kind, item, autogen_context):  # noqa: ANN001, ANN201 - alembic's hook has no types
    """Write labdb's own column types as the plain ones they are stored as: a migration must outlive the code."""
    if kind != "type":
        return False
    if isinstance(item, TextEnum):
        return "sa.String(length=40)"
    if isinstance(item, FiniteFloat):
        return "sa.Float()"
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if type(item).__module__.startswith("sqlmodel"):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def run(connection: sa.Connection) -> None:
    """Migrate on this connection, inside its transaction."""
    context.configure(
        connection=connection,
        target_metadata=load_tables(),
        render_item=plain_type,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
        include_object=lambda _object, name, kind, *_: not (kind == "table" and name == "alembic_version"),
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(os.environ["LABDB_DATABASE"]).connect() as opened, opened.begin():
        run(opened)
