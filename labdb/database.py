"""Engine, metadata, sessions, bulk insert: what turns rows into SQL on SQLite and PostgreSQL."""

import importlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session, SQLModel

from labdb.errors import InputError
from labdb.record import Fact, FiniteFloat, Record, Table, TextEnum, Thing

SLICES = (
    "condition",
    "measurement",
    "registry",
    "provenance",
    "workflow",
    "synthesis",
    "characterization",
    "radiation",
    "stability",
    "leaching",
    "compliance",
)
LARGEST_FLOAT = sys.float_info.max
# What, besides its code, stands once among the current facts of a table.
ONCE_AMONG_CURRENT: dict[str, tuple[str, ...]] = {
    "result": ("measurement_id", "kind"),
    "step": ("batch_id", "seq"),
    "suspension": ("sample_id",),
    "emission_settings": ("measurement_id",),
    "diffraction_settings": ("measurement_id",),
    "icp_reading": ("measurement_id",),
    "radioluminescence_reading": ("measurement_id",),
    "beam_segment": ("irradiation_id", "seq"),
    "pull": ("planned_pull_id",),
}


def _rows_of(base: type[Table]) -> list[type[Table]]:
    found: list[type[Table]] = []
    for sub in base.__subclasses__():
        if "__table__" in vars(sub):
            found.append(sub)
        found += _rows_of(sub)
    return found


def _check_numbers(table: sa.Table) -> None:
    """Refuse NaN and infinity on both databases: PostgreSQL lets NaN past ``>= 0``, SQLite makes it NULL."""
    for column in table.columns:
        if isinstance(column.type, sa.Float):
            column.type = FiniteFloat()
            largest: sa.ColumnElement[float] = sa.literal_column(repr(LARGEST_FLOAT))
            smallest: sa.ColumnElement[float] = sa.literal_column(f"-{LARGEST_FLOAT!r}")
            check = sa.CheckConstraint(sa.between(column, smallest, largest), name=f"{column.name}_finite")
            table.append_constraint(check)


def _check_choices(table: sa.Table) -> None:
    for column in table.columns:
        if isinstance(column.type, TextEnum):
            members = ", ".join(f"'{member}'" for member in column.type.members)
            condition = f"{column.name} IN ({members})"
            table.append_constraint(sa.CheckConstraint(condition, name=f"{column.name}_known"))


def _complete_fact(table: sa.Table) -> None:
    """Let a fact be superseded once only; among current facts let a code, and a result's kind, stand once."""
    current = sa.text("void_change_id IS NULL")
    own = sa.ForeignKeyConstraint(["supersedes_id"], [f"{table.name}.id"])
    table.append_constraint(own)
    sa.Index(f"ux_{table.name}_supersedes_id", table.c.supersedes_id, unique=True)
    keys: list[tuple[str, ...]] = [("code",)] if "code" in table.c and not table.c.code.unique else []
    if table.name in ONCE_AMONG_CURRENT:
        keys.append(ONCE_AMONG_CURRENT[table.name])
    for key in keys:
        columns = [table.c[name] for name in key]
        name = f"ux_current_{table.name}_{'_'.join(key)}"
        sa.Index(name, *columns, unique=True, sqlite_where=current, postgresql_where=current)


def _modules_with_tables() -> Iterator[str]:
    """Find the files of the slices that hold tables, by their text: to write a row no method need be imported."""
    package = Path(__file__).parent
    for name in SLICES:
        place = package / name
        files = sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        for file in files:
            if "table=True" in file.read_text(encoding="utf-8"):
                yield ".".join(file.relative_to(package.parent).with_suffix("").parts)


def load_tables() -> sa.MetaData:
    """Import every slice, add the constraints that follow from the conventions, and return the metadata.

    Returns
    -------
    sqlalchemy.MetaData
        All tables of labdb; the same object at every call.
    """
    metadata = SQLModel.metadata
    if metadata.info.get("complete"):
        return metadata
    for name in _modules_with_tables():
        importlib.import_module(name)
    for row in _rows_of(Thing):
        metadata.tables[str(row.__tablename__)].append_constraint(sa.UniqueConstraint("code"))
    for row in _rows_of(Fact):
        _complete_fact(metadata.tables[str(row.__tablename__)])
    for table in metadata.tables.values():
        _check_numbers(table)
        _check_choices(table)
    metadata.info["complete"] = True
    return metadata


def things() -> list[sa.Table]:
    """Return the tables of things, by name."""
    metadata = load_tables()
    return sorted((metadata.tables[str(row.__tablename__)] for row in _rows_of(Thing)), key=lambda table: table.name)


def facts() -> list[sa.Table]:
    """Return the tables of facts, by name."""
    metadata = load_tables()
    return sorted((metadata.tables[str(row.__tablename__)] for row in _rows_of(Fact)), key=lambda table: table.name)


def row_class(table_name: str) -> type[Table]:
    """Return the row class of a table."""
    load_tables()
    return next(row for row in _rows_of(Table) if row.__tablename__ == table_name)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no type
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "busy_timeout=30000", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    cursor.close()
    if mode not in ("wal", "memory"):
        raise sa.exc.InterfaceError(f"SQLite could not switch to WAL, it says {mode}", None, ValueError(mode))


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin as a writer at once: a deferred BEGIN makes the second writer fail whatever the timeout."""
    write = connection.get_execution_options().get("labdb_write", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def make_engine(url: str) -> sa.Engine:
    """Make an engine for a lab's database.

    Parameters
    ----------
    url : str
        ``sqlite:///path`` or ``postgresql://...``.

    Returns
    -------
    sqlalchemy.Engine
        SQLite with WAL, foreign keys and BEGIN IMMEDIATE; PostgreSQL through psycopg 3.
    """
    if url.startswith("sqlite"):
        # Not from the text: there "%" and "?" would mean something, in a path they do not.
        engine = sa.create_engine(sa.URL.create("sqlite", database=url.removeprefix("sqlite:///")))
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=True)


def _sign_new_rows(session: OrmSession, _flush: UOWTransaction, _instances: object) -> None:
    for row in session.new:
        if isinstance(row, Table) and row.change_id is None:
            row.change_id = session.info["change_id"]


@contextmanager
def reading(engine: sa.Engine) -> Iterator[Session]:
    """Open a session that only reads."""
    with Session(engine.execution_options(labdb_write=False)) as session:
        yield session


@contextmanager
def writing(engine: sa.Engine) -> Iterator[Session]:
    """Open a session of exactly one transaction: committed at the end, rolled back on any error."""
    load_tables()  # a row may only be written when every table it may point to is known
    with Session(engine, expire_on_commit=False) as session:
        sa.event.listen(session, "before_flush", _sign_new_rows)
        with session.begin():
            yield session


def _bound(table: sa.Table, dialect: sa.Dialect, rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    names = list(rows[0])
    processors = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    return names, [
        [value if process is None else process(value) for process, value in zip(processors, row.values(), strict=True)]
        for row in rows
    ]


def _columns_of(row: type[Table], record: Record | dict[str, Any]) -> dict[str, Any]:
    """Lay out one record in the order of the table's columns: COPY goes by place, not by name."""
    given = record if isinstance(record, dict) else {name: getattr(record, name) for name in type(record).model_fields}
    unknown = sorted(given.keys() - row.model_fields.keys())
    if unknown:
        raise InputError(f"{row.__tablename__} has no column {', '.join(unknown)}")
    columns: dict[str, Any] = {}
    for name, field in row.model_fields.items():
        if name in given:
            columns[name] = given[name]
        elif field.is_required():
            raise InputError(f"{row.__tablename__}: {name} is missing, and it has no default")
        else:
            columns[name] = field.get_default(call_default_factory=True)
    return columns


def insert_many(session: Session, row: type[Table], records: Iterable[Record | dict[str, Any]]) -> int:
    """Insert validated records in bulk: Core on SQLite, COPY on PostgreSQL.

    Parameters
    ----------
    session : Session
        An open write session; its change signs every row.
    row : type[Table]
        The row class.
    records : iterable of Record or dict
        Validated records, or dicts of columns already validated.

    Returns
    -------
    int
        How many rows went in.

    Raises
    ------
    InputError
        A column that the table has not, or one that must be there is missing.
    """
    change_id = session.info["change_id"]
    rows = [{**_columns_of(row, record), "change_id": change_id} for record in records]
    if not rows:
        return 0
    session.flush()
    table = load_tables().tables[str(row.__tablename__)]
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(table.insert(), rows)
        return len(rows)
    names, bound = _bound(table, connection.dialect, rows)
    columns = ", ".join(f'"{name}"' for name in names)
    raw = connection.connection.driver_connection
    if raw is None:
        raise sa.exc.InterfaceError("the connection to PostgreSQL is closed", None, ValueError(table.name))
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for values in bound:
            copy.write_row(values)
    return len(rows)
