"""Views and triggers, built from the metadata, and the one recipe by which a database reaches the newest schema.

In ONE transaction: drop views and triggers, migrate, rebuild them, check foreign keys. Otherwise SQLite's copy-and-move
fails on views, leaves half a table, or loses triggers without a word.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from labdb import views
from labdb.connection import check_version, revisions, unreachable
from labdb.database import facts, load_tables, make_engine, things
from labdb.errors import ConflictError
from labdb.record import FiniteFloat
from labdb.settings import is_sqlite, sqlite_path

_NEVER_CHANGED_BY_HAND = ("id", "change_id")
_FREE_TABLES = ("current_change",)
_NEVER_DELETED = "labdb: rows are never deleted, void them"
_NEVER_UPDATED = "labdb: facts are never updated, supersede or void"
_ONE_IDENTITY = "labdb: identifier and first change of a row stay what they are"


def _quoted(names: Iterator[str] | list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _unique_keys(table: sa.Table) -> dict[tuple[str, ...], str]:
    """Every set of columns that stands once in a table, with the condition under which it does."""
    keys = {tuple(column.name for column in table.primary_key): ""}
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            keys[tuple(column.name for column in constraint.columns)] = ""
    for index in table.indexes:
        if index.unique:
            predicate = index.dialect_options["sqlite"]["where"]
            keys[tuple(column.name for column in index.columns)] = "" if predicate is None else str(predicate)
    return keys


def _view_statements(dialect: str) -> Iterator[str]:
    for table in facts():
        current = f'SELECT * FROM "{table.name}" WHERE void_change_id IS NULL'  # noqa: S608 - our own names
        yield f'CREATE VIEW "current_{table.name}" AS {current}'
    yield f"CREATE VIEW code_index AS {_code_index()}"
    for view in views.VIEWS:
        yield f'CREATE VIEW "{view.name}" AS {view.for_dialect(dialect)}'


def _code_index() -> str:
    """Every code of the lab, with its table: what ``correct``, ``void``, ``note`` and ``history`` look up."""

    def codes(table: sa.Table) -> str:
        return f"SELECT code, '{table.name}' AS table_name, id AS row_id FROM \"{table.name}\""  # noqa: S608 - our own names

    parts = [codes(table) for table in things()]
    parts += [f"{codes(table)} WHERE void_change_id IS NULL" for table in facts() if "code" in table.c]
    return " UNION ALL ".join(parts)


def _same(names: list[str]) -> str:
    return " AND ".join(f'OLD."{name}" IS NEW."{name}"' for name in names)


def _sqlite_json(column: sa.Column[object], row: str) -> str:
    """Write a value as JSON; the audit keeps what was exactly, where SQLite would round a float to 15 digits.

    17 digits would do if SQLite's printf rounded correctly; far from 1 it does not, and 18 bring every float back.
    """
    value = f'{row}."{column.name}"'
    if isinstance(column.type, FiniteFloat):
        return f"CASE WHEN {value} IS NULL THEN 'null' ELSE printf('%!.18g', {value}) END"
    return f"json_quote({f'hex({value})' if isinstance(column.type, sa.LargeBinary) else value})"


def _sqlite_audit(table: sa.Table, watched: list[str]) -> str:
    def side(row: str) -> str:
        parts = [
            f'SELECT \'{name}\' AS k, {_sqlite_json(table.c[name], row)} AS v WHERE OLD."{name}" IS NOT NEW."{name}"'
            for name in watched
        ]
        return f"(SELECT json_group_object(k, json(v)) FROM ({' UNION ALL '.join(parts)}))"  # noqa: S608 - our own names

    when = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in watched)
    event = f'AFTER UPDATE OF {_quoted(watched)} ON "{table.name}" WHEN {when}'
    values = f"(SELECT change_id FROM current_change), '{table.name}', NEW.id, {side('OLD')}, {side('NEW')}"  # noqa: S608 - our own names
    keep = f"INSERT INTO audit (change_id, table_name, row_id, old, new) VALUES ({values})"  # noqa: S608 - our own names
    return f'CREATE TRIGGER "audit_{table.name}" {event} BEGIN {keep}; END'


def _sqlite_refusal(name: str, event: str, table: str, message: str, when: str = "") -> str:
    condition = f" WHEN {when}" if when else ""
    refusal = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    return f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}"{condition} {refusal}'


def _sqlite_no_replace(table: sa.Table) -> Iterator[str]:
    """Close ``INSERT OR REPLACE`` and ``UPDATE OR REPLACE``: they delete past every DELETE trigger."""
    message = f"labdb: this {table.name} is already recorded"
    for key, predicate in _unique_keys(table).items():
        there = " AND ".join(f'"{name}" = NEW."{name}"' for name in key)
        if predicate:
            there += f" AND {predicate} AND NEW.{predicate}"
        name = f"no_replace_{table.name}_{'_'.join(key)}"
        exists = f'EXISTS (SELECT 1 FROM "{table.name}" WHERE {there})'  # noqa: S608 - our own names
        yield _sqlite_refusal(name, "INSERT", table.name, message, exists)
    if "revision" in table.c:  # a thing: of its keys only the code can be changed
        exists = f'EXISTS (SELECT 1 FROM "{table.name}" WHERE code = NEW.code AND id <> NEW.id)'  # noqa: S608 - our own names
        yield _sqlite_refusal(f"no_replace_{table.name}_by_update", "UPDATE OF code", table.name, message, exists)


def _sqlite_triggers() -> Iterator[str]:
    thing_names = {table.name for table in things()}
    fact_names = {table.name for table in facts()}
    for table in load_tables().sorted_tables:
        if table.name in _FREE_TABLES:
            continue
        columns = [column.name for column in table.columns]
        yield _sqlite_refusal(f"keep_{table.name}", "DELETE", table.name, _NEVER_DELETED)
        yield from _sqlite_no_replace(table)
        if table.name in thing_names:
            moved = f"NOT ({_same(list(_NEVER_CHANGED_BY_HAND))})"
            yield _sqlite_refusal(f"thing_{table.name}", "UPDATE", table.name, _ONE_IDENTITY, moved)
            yield _sqlite_audit(table, [name for name in columns if name != "handed_out"])
        elif table.name in fact_names:
            others = [name for name in columns if name != "void_change_id"]
            allowed = f"OLD.void_change_id IS NULL AND NEW.void_change_id IS NOT NULL AND {_same(others)}"
            yield _sqlite_refusal(f"fact_{table.name}", "UPDATE", table.name, _NEVER_UPDATED, f"NOT ({allowed})")
            yield _sqlite_audit(table, ["void_change_id"])
        else:
            yield _sqlite_refusal(f"append_{table.name}", "UPDATE", table.name, f"labdb: {table.name} is append-only")
    yield (
        'CREATE TRIGGER hand_out AFTER INSERT ON "sample_origin" WHEN NEW.void_change_id IS NULL BEGIN '
        "UPDATE sample SET handed_out = handed_out + NEW.taken WHERE id = NEW.parent_id; END"
    )
    yield (
        'CREATE TRIGGER give_back AFTER UPDATE OF void_change_id ON "sample_origin" BEGIN '
        "UPDATE sample SET handed_out = handed_out - NEW.taken WHERE id = NEW.parent_id; END"
    )


_POSTGRES_FUNCTIONS = {
    "labdb_refuse": "BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END",
    "labdb_fact": """
BEGIN
  IF OLD.void_change_id IS NULL AND NEW.void_change_id IS NOT NULL
     AND to_jsonb(OLD) - 'void_change_id' = to_jsonb(NEW) - 'void_change_id' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '%', TG_ARGV[0];
END""",
    "labdb_thing": """
BEGIN
  IF OLD.id = NEW.id AND OLD.change_id = NEW.change_id THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '%', TG_ARGV[0];
END""",
    "labdb_audit": """
DECLARE before jsonb; after jsonb;
BEGIN
  SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, n.value), '{}')
    INTO before, after
    FROM jsonb_each(to_jsonb(OLD) - 'handed_out') o JOIN jsonb_each(to_jsonb(NEW)) n USING (key)
   WHERE o.value IS DISTINCT FROM n.value;
  IF before <> '{}' THEN
    INSERT INTO audit (change_id, table_name, row_id, old, new) VALUES
      (nullif(current_setting('labdb.change_id', true), '')::uuid, TG_TABLE_NAME, NEW.id, before::text, after::text);
  END IF;
  RETURN NULL;
END""",
    "labdb_hand_out": """
BEGIN
  IF NEW.void_change_id IS NULL THEN
    UPDATE sample SET handed_out = handed_out + NEW.taken WHERE id = NEW.parent_id;
  END IF;
  RETURN NULL;
END""",
    "labdb_give_back": """
BEGIN
  UPDATE sample SET handed_out = handed_out - NEW.taken WHERE id = NEW.parent_id;
  RETURN NULL;
END""",
}


def _postgres_trigger(name: str, when: str, table: str, function: str, argument: str = "") -> str:
    call = f"{function}({chr(39) + argument + chr(39) if argument else ''})"
    return f'CREATE TRIGGER "{name}" {when} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {call}'


def _postgres_triggers() -> Iterator[str]:
    for name, body in _POSTGRES_FUNCTIONS.items():
        yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
    thing_names = {table.name for table in things()}
    fact_names = {table.name for table in facts()}
    for table in load_tables().sorted_tables:
        if table.name in _FREE_TABLES:
            continue
        yield _postgres_trigger(f"keep_{table.name}", "BEFORE DELETE", table.name, "labdb_refuse", _NEVER_DELETED)
        truncate = f'CREATE TRIGGER "keep_all_{table.name}" BEFORE TRUNCATE ON "{table.name}" FOR EACH STATEMENT'
        yield f"{truncate} EXECUTE FUNCTION labdb_refuse('{_NEVER_DELETED}')"
        if table.name in thing_names:
            yield _postgres_trigger(f"thing_{table.name}", "BEFORE UPDATE", table.name, "labdb_thing", _ONE_IDENTITY)
            yield _postgres_trigger(f"audit_{table.name}", "AFTER UPDATE", table.name, "labdb_audit")
        elif table.name in fact_names:
            yield _postgres_trigger(f"fact_{table.name}", "BEFORE UPDATE", table.name, "labdb_fact", _NEVER_UPDATED)
            yield _postgres_trigger(f"audit_{table.name}", "AFTER UPDATE", table.name, "labdb_audit")
        else:
            message = f"labdb: {table.name} is append-only"
            yield _postgres_trigger(f"append_{table.name}", "BEFORE UPDATE", table.name, "labdb_refuse", message)
    yield _postgres_trigger("hand_out", "AFTER INSERT", "sample_origin", "labdb_hand_out")
    yield _postgres_trigger("give_back", "AFTER UPDATE OF void_change_id", "sample_origin", "labdb_give_back")


def build_views_and_triggers(connection: sa.Connection) -> None:
    """Create every view and trigger; they must not exist yet."""
    dialect = connection.dialect.name
    for statement in _view_statements(dialect):
        connection.exec_driver_sql(statement)
    for statement in _sqlite_triggers() if dialect == "sqlite" else _postgres_triggers():
        connection.exec_driver_sql(statement.replace("%", "%%") if dialect == "postgresql" else statement)


_LISTINGS = {
    "sqlite": "SELECT type, name, tbl_name FROM sqlite_master WHERE type IN ('trigger', 'view') ORDER BY type, name",
    "postgresql": """
SELECT 'trigger' AS type, t.tgname AS name, c.relname AS tbl_name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND n.nspname = current_schema()
UNION ALL SELECT 'view', viewname, viewname FROM pg_views WHERE schemaname = current_schema() ORDER BY 1, 2""",
}


def drop_views_and_triggers(connection: sa.Connection) -> None:
    """Drop every view and trigger, so that tables can be changed."""
    dialect = connection.dialect.name
    for kind, name, table in connection.exec_driver_sql(_LISTINGS[dialect]).all():
        if kind == "view":
            # One view may stand on another, which CASCADE then takes along.
            cascade = " CASCADE" if dialect == "postgresql" else ""
            connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"{cascade}')
        elif dialect == "postgresql":
            connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON "{table}"')
        else:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def _migrate(connection: sa.Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    from labdb.resources import migrations_folder

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def current_revision(url: str) -> str | None:
    """Return the revision a database is at.

    Parameters
    ----------
    url : str
        The lab's database.

    Returns
    -------
    str or None
        The revision; None for an empty database, and for a SQLite file that is not there (and is not made).

    Raises
    ------
    InputError
        The database cannot be reached, or the file is not a database.
    """
    if is_sqlite(url) and not sqlite_path(url).exists():
        return None
    engine = make_engine(url)
    try:
        with engine.connect().execution_options(labdb_write=False) as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except sa.exc.DBAPIError as error:
        raise unreachable(url, error.orig if isinstance(error.orig, Exception) else error) from error
    finally:
        engine.dispose()


def upgrade(url: str, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring a database to a revision, in one transaction.

    Parameters
    ----------
    url : str
        The lab's database.
    revision : str
        The revision to reach; ``head`` is the newest.

    Returns
    -------
    tuple of (str or None, str or None)
        The revision before and after.

    Raises
    ------
    SchemaVersionError
        The database is newer than this labdb.
    ConflictError
        After the migration a foreign key points nowhere; nothing was changed.
    """
    before = current_revision(url)
    known = revisions()
    if before is not None and before not in known:
        check_version(before, known)
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            if is_sqlite(url):  # off before BEGIN: inside a transaction the pragma does nothing
                driver = connection.connection.driver_connection
                if driver is not None:
                    driver.execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                drop_views_and_triggers(connection)
                _migrate(connection, revision)
                if revision in ("head", known[-1]):
                    build_views_and_triggers(connection)
                if is_sqlite(url):
                    _refuse_broken_keys(connection)
    finally:
        engine.dispose()
    return before, current_revision(url)


def _refuse_broken_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise ConflictError(
            f"after the migration {len(broken)} rows point nowhere, first in table {broken[0][0]}; nothing was changed"
        )
