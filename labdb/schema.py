"""Views and triggers, built from the metadata, and the one recipe by which a database reaches the newest schema.

In ONE transaction: drop views and triggers, migrate, rebuild them, check foreign keys. Otherwise SQLite's copy-and-move fails
on views, leaves half a table, or loses triggers without a word.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from labdb import views
from labdb.connection import check_version, is_sqlite, revisions
from labdb.database import facts, load_tables, make_engine, things
from labdb.errors import ConflictError

_NEVER_CHANGED_BY_HAND = ("id", "change_id")
_FREE_TABLES = ("current_change",)


def _quoted(names: Iterator[str] | list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _unique_keys(table: sa.Table) -> list[list[str]]:
    keys = [[column.name for column in table.primary_key]]
    keys += [[column.name] for column in table.columns if column.unique]
    return keys


def _view_statements(dialect: str) -> Iterator[str]:
    for table in facts():
        yield f'CREATE VIEW "current_{table.name}" AS SELECT * FROM "{table.name}" WHERE void_change_id IS NULL'
    yield f"CREATE VIEW code_index AS {_code_index()}"
    for view in views.VIEWS:
        yield f'CREATE VIEW "{view.name}" AS {view.for_dialect(dialect)}'


def _code_index() -> str:
    """Every code of the lab, with its table: what ``correct``, ``void``, ``note`` and ``history`` look up."""
    parts = [f"SELECT code, '{table.name}' AS table_name, id AS row_id FROM \"{table.name}\"" for table in things()]
    parts += [
        f"SELECT code, '{table.name}' AS table_name, id AS row_id FROM \"{table.name}\" WHERE void_change_id IS NULL"
        for table in facts()
        if "code" in table.c
    ]
    return " UNION ALL ".join(parts)


def _same(names: list[str]) -> str:
    return " AND ".join(f'OLD."{name}" IS NEW."{name}"' for name in names)


def _sqlite_audit(table: sa.Table, watched: list[str]) -> str:
    def side(row: str) -> str:
        parts = []
        for name in watched:
            value = f'hex({row}."{name}")' if isinstance(table.c[name].type, sa.LargeBinary) else f'{row}."{name}"'
            parts.append(f"SELECT '{name}' AS k, {value} AS v WHERE OLD.\"{name}\" IS NOT NEW.\"{name}\"")
        return f"(SELECT coalesce(json_group_object(k, v), '{{}}') FROM ({' UNION ALL '.join(parts)}))"

    return (
        f'CREATE TRIGGER "audit_{table.name}" AFTER UPDATE OF {_quoted(watched)} ON "{table.name}" BEGIN '
        "INSERT INTO audit (change_id, table_name, row_id, old, new) VALUES ("
        f"(SELECT change_id FROM current_change), '{table.name}', NEW.id, {side('OLD')}, {side('NEW')}); END"
    )


def _sqlite_refusal(name: str, event: str, table: str, message: str, when: str = "") -> str:
    condition = f" WHEN {when}" if when else ""
    return f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}"{condition} BEGIN SELECT RAISE(ABORT, \'{message}\'); END'


def _sqlite_triggers() -> Iterator[str]:
    thing_names = {table.name for table in things()}
    fact_names = {table.name for table in facts()}
    for table in load_tables().sorted_tables:
        if table.name in _FREE_TABLES:
            continue
        columns = [column.name for column in table.columns]
        yield _sqlite_refusal(f"keep_{table.name}", "DELETE", table.name, "labdb: rows are never deleted, void them")
        for key in _unique_keys(table):
            there = " AND ".join(f'"{name}" = NEW."{name}"' for name in key)
            yield _sqlite_refusal(
                f"no_replace_{table.name}_{'_'.join(key)}",
                "INSERT",
                table.name,
                f"labdb: this {table.name} is already recorded",
                f'EXISTS (SELECT 1 FROM "{table.name}" WHERE {there})',
            )
        if table.name in thing_names:
            watched = [name for name in columns if name != "handed_out"]
            yield _sqlite_audit(table, watched)
        elif table.name in fact_names:
            others = [name for name in columns if name != "void_change_id"]
            allowed = f"OLD.void_change_id IS NULL AND NEW.void_change_id IS NOT NULL AND {_same(others)}"
            yield _sqlite_refusal(
                f"fact_{table.name}", "UPDATE", table.name, "labdb: facts are never updated, supersede or void", f"NOT ({allowed})"
            )
            yield _sqlite_audit(table, ["void_change_id"])
        else:
            yield _sqlite_refusal(f"append_{table.name}", "UPDATE", table.name, f"labdb: {table.name} is append-only")
    yield (
        'CREATE TRIGGER hand_out AFTER INSERT ON "sample_origin" BEGIN '
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
  RAISE EXCEPTION 'labdb: facts are never updated, supersede or void';
END""",
    "labdb_audit": """
DECLARE before jsonb; after jsonb;
BEGIN
  SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}'), coalesce(jsonb_object_agg(o.key, n.value), '{}') INTO before, after
    FROM jsonb_each(to_jsonb(OLD) - 'handed_out') o JOIN jsonb_each(to_jsonb(NEW)) n USING (key)
   WHERE o.value IS DISTINCT FROM n.value;
  IF before <> '{}' THEN
    INSERT INTO audit (change_id, table_name, row_id, old, new)
    VALUES (nullif(current_setting('labdb.change_id', true), '')::uuid, TG_TABLE_NAME, NEW.id, before::text, after::text);
  END IF;
  RETURN NULL;
END""",
    "labdb_hand_out": """
BEGIN
  UPDATE sample SET handed_out = handed_out + NEW.taken WHERE id = NEW.parent_id;
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
        message = "labdb: rows are never deleted, void them"
        yield _postgres_trigger(f"keep_{table.name}", "BEFORE DELETE", table.name, "labdb_refuse", message)
        if table.name in thing_names:
            yield _postgres_trigger(f"audit_{table.name}", "AFTER UPDATE", table.name, "labdb_audit")
        elif table.name in fact_names:
            yield _postgres_trigger(f"fact_{table.name}", "BEFORE UPDATE", table.name, "labdb_fact")
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
            connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}" CASCADE' if dialect == "postgresql" else f'DROP VIEW "{name}"')
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
    """Return the revision a database is at, None for an empty one."""
    engine = make_engine(url).execution_options(labdb_write=False)
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


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
    with engine.connect() as connection:
        sqlite = is_sqlite(url)
        if sqlite:  # off before BEGIN: inside a transaction the pragma does nothing
            driver = connection.connection.driver_connection
            if driver is not None:
                driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            drop_views_and_triggers(connection)
            _migrate(connection, revision)
            if revision == "head":
                build_views_and_triggers(connection)
            if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise ConflictError(f"after the migration {len(broken)} rows point nowhere, first in table {broken[0][0]}; nothing was changed")
    engine.dispose()
    return before, current_revision(url)
