"""One schema, whichever way it came about: from the tables, by migration, on SQLite, on PostgreSQL."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from labdb.connection import revisions
from labdb.database import load_tables, make_engine
from labdb.errors import ConflictError
from labdb.lab import Lab
from labdb.resources import migrations_folder
from labdb.schema import build_views_and_triggers, current_revision, upgrade

Picture = dict[str, str]
Rows = dict[str, list[dict[str, object]]]

VERSIONS = migrations_folder() / "versions"

TEXTS = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')",
    "postgresql": """
SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = current_schema()
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname LIKE 'labdb_%%'""",
}

# Database, statements, what must be seen. SQLite cannot alter much: there a pair of texts edits the table's own text.
ALTERATIONS = [
    ("sqlite", "DROP INDEX ix_sample_batch_id", "index sample.ix_sample_batch_id"),
    ("sqlite", "DROP TRIGGER fact_result", "trigger fact_result"),
    ("sqlite", "DROP VIEW studies; CREATE VIEW studies AS SELECT code FROM study", "view studies"),
    ("sqlite", "ALTER TABLE lot ADD COLUMN colour TEXT", "column lot.colour"),
    ("sqlite", ("lot", "supplier VARCHAR", "supplier TEXT"), "column lot.supplier"),
    ("sqlite", ("lot", "chemical_id CHAR(32) NOT NULL", "chemical_id CHAR(32)"), "column lot.chemical_id"),
    ("sqlite", ("sample", "handed_out >= 0 ", "handed_out >= -1 "), "check sample.ck_sample_handed_out_within_amount"),
    ("sqlite", ("sample", "ck_sample_amount_has_unit", "ck_sample_x"), "check sample.ck_sample_amount_has_unit"),
    ("sqlite", ("lot", "REFERENCES chemical ", "REFERENCES person "), "foreign key lot.fk_lot_chemical_id"),
    (
        "sqlite",
        "DROP INDEX ux_current_suspension_sample_id;"
        "CREATE UNIQUE INDEX ux_current_suspension_sample_id ON suspension (sample_id)",
        "index suspension.ux_current_suspension_sample_id",
    ),
    ("postgresql", "DROP INDEX ix_sample_batch_id", "index sample.ix_sample_batch_id"),
    ("postgresql", "DROP TRIGGER fact_result ON result", "trigger fact_result"),
    ("postgresql", "DROP VIEW studies; CREATE VIEW studies AS SELECT code FROM study", "view studies"),
    ("postgresql", "ALTER TABLE lot ADD COLUMN colour TEXT", "column lot.colour"),
    ("postgresql", "ALTER TABLE lot ALTER COLUMN supplier TYPE text", "column lot.supplier"),
    ("postgresql", "ALTER TABLE lot ALTER COLUMN chemical_id DROP NOT NULL", "column lot.chemical_id"),
    ("postgresql", "ALTER TABLE lot ALTER COLUMN revision SET DEFAULT 1", "column lot.revision"),
    ("postgresql", "ALTER TABLE lot DROP CONSTRAINT fk_lot_chemical_id", "foreign key lot.fk_lot_chemical_id"),
    ("postgresql", "ALTER TABLE lot DROP CONSTRAINT uq_lot_code", "unique lot.uq_lot_code"),
    ("postgresql", "ALTER TABLE alias DROP CONSTRAINT pk_alias", "primary key alias.pk_alias"),
    ("postgresql", "ALTER TABLE result DROP CONSTRAINT ck_result_u_finite", "check result.ck_result_u_finite"),
    (
        "postgresql",
        "DROP INDEX ux_current_suspension_sample_id;"
        "CREATE UNIQUE INDEX ux_current_suspension_sample_id ON suspension (sample_id)",
        "index suspension.ux_current_suspension_sample_id",
    ),
    (
        "postgresql",
        "CREATE OR REPLACE FUNCTION labdb_fact() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "function labdb_fact",
    ),
]


def normal(text: object) -> str:
    """A text of SQL without what carries no meaning: line breaks, quotes of names, the case of words."""
    flat = re.sub(r"\s+", " ", str(text)).replace('"', "").strip()
    return re.sub(r"\b(is|not|null|and|or|in|between)\b", lambda word: word[0].upper(), flat)


def draw_table(inspector: sa.Inspector, dialect: sa.Dialect, table: str) -> Iterator[tuple[str, str]]:
    for column in inspector.get_columns(table):
        written = f"{column['type'].compile(dialect)}, null {column['nullable']}, default {column['default']}"
        yield f"column {table}.{column['name']}", written
    key = inspector.get_pk_constraint(table)
    if key["name"]:
        yield f"primary key {table}.{key['name']}", str(key["constrained_columns"])
    for foreign in inspector.get_foreign_keys(table):
        points = f"{foreign['constrained_columns']} to {foreign['referred_table']} {foreign['referred_columns']}"
        yield f"foreign key {table}.{foreign['name']}", f"{points} {foreign['options']}"
    for unique in inspector.get_unique_constraints(table):
        yield f"unique {table}.{unique['name']}", str(unique["column_names"])
    for index in inspector.get_indexes(table):
        predicate = index.get("dialect_options", {}).get(f"{dialect.name}_where")
        of = f"{index['column_names']}, unique {bool(index['unique'])}, where {normal(predicate).strip('()')}"
        if not index.get("duplicates_constraint"):
            yield f"index {table}.{index['name']}", of
    for check in inspector.get_check_constraints(table):
        yield f"check {table}.{check['name']}", normal(check["sqltext"])


def draw(url: str) -> Picture:
    """Everything a database is made of, in words: what it is and which, then how it is."""
    engine = make_engine(url)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        picture: Picture = {}
        for table in inspector.get_table_names():
            if table != "alembic_version":
                picture |= dict(draw_table(inspector, engine.dialect, table))
        for kind, name, text in connection.exec_driver_sql(TEXTS[engine.dialect.name]):
            picture[f"{kind} {name}"] = normal(text)
    engine.dispose()
    return picture


def differences(one: Picture, other: Picture) -> set[str]:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def draw_from_tables(url: str) -> Picture:
    """The picture of a database made by `create_all`, without a migration; it is empty again afterwards."""
    engine = make_engine(url)
    with engine.begin() as connection:
        load_tables().create_all(connection)
        build_views_and_triggers(connection)
    picture = draw(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).unlink()
    return picture


def read_tables(url: str, names: list[str]) -> Rows:
    """All rows of some tables, columns and rows in order."""
    engine = make_engine(url)
    with engine.connect() as connection:
        tables = {name: sa.Table(name, sa.MetaData(), autoload_with=connection) for name in names}
        rows: Rows = {
            name: [dict(row._mapping) for row in connection.execute(sa.select(table))] for name, table in tables.items()
        }
    engine.dispose()
    return rows


def in_order(rows: Rows, like: Rows) -> dict[str, list[str]]:
    """Rows as texts, sorted, with the columns of the first row of `like`, moments in UTC."""

    def plain(value: object) -> object:
        return value.astimezone(UTC).isoformat() if isinstance(value, datetime) and value.tzinfo else value

    return {
        name: sorted(str([plain(row[column]) for column in like[name][0]]) for row in stored)
        for name, stored in rows.items()
    }


@pytest.fixture(scope="module")
def migrated(sqlite_template: Path, postgres_template: str, postgres_url: str) -> dict[str, Picture]:
    """The pictures of two databases migrated from nothing, by the beginning of their URL."""
    postgres = urlsplit(postgres_url)._replace(path=f"/{postgres_template}").geturl()
    return {"sqlite": draw(f"sqlite:///{sqlite_template}"), "postgresql": draw(postgres)}


def kind_of(url: str) -> str:
    return url.partition(":")[0]


@pytest.fixture
def own_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a test add a migration, after the real ones, in a folder of its own."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = revisions()[-1]
    monkeypatch.setattr("labdb.resources.migrations_folder", lambda: folder)

    def add(body: str) -> None:
        text = f'''
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "20991231_next", "{head}", None, None
def upgrade():
{body}
def downgrade():
    pass
'''
        (folder / "versions" / "20991231_next.py").write_text(text, encoding="utf-8")

    return add


def test_a_migrated_database_is_exactly_what_the_tables_say(fresh_database: str) -> None:
    from_tables = draw_from_tables(fresh_database)
    assert len(from_tables) > 1000  # 47 tables, some 500 columns: an empty picture would equal an empty picture
    upgrade(fresh_database)
    migrated = draw(fresh_database)
    assert {key: (from_tables.get(key), migrated.get(key)) for key in differences(from_tables, migrated)} == {}


def test_both_databases_have_the_same_schema(migrated: dict[str, Picture]) -> None:
    families = {
        "CHAR(32)": "UUID",
        "FLOAT": "DOUBLE PRECISION",
        "DATETIME": "TIMESTAMP WITH TIME ZONE",
        "BLOB": "BYTEA",
    }

    def shared(picture: Picture) -> Picture:
        kept: Picture = {}
        for key, text in picture.items():
            kind = key.rsplit(" ", 1)[0]
            if kind == "column":
                written = re.sub(r"default nextval.*", "default None", text)
                for one, other in families.items():
                    written = written.replace(f"{one},", f"{other},")
                kept[key] = written
            elif kind in ("view", "check", "trigger"):
                kept[key] = "there"  # each database writes these in its own words; they are compared with the tables'
            elif kind != "function":
                kept[key] = text
        # SQLite alone has INSERT OR REPLACE, PostgreSQL alone has TRUNCATE.
        return {key: text for key, text in kept.items() if not re.match(r"trigger (no_replace|keep_all)_", key)}

    one, other = shared(migrated["sqlite"]), shared(migrated["postgresql"])
    assert {key: (one.get(key), other.get(key)) for key in differences(one, other)} == {}


def test_checks_stand_in_sqlite_word_for_word_as_in_the_tables(migrated: dict[str, Picture]) -> None:
    picture = migrated["sqlite"]
    dialect = sa.create_engine("sqlite://").dialect
    for table in load_tables().sorted_tables:
        for check in table.constraints:
            if isinstance(check, sa.CheckConstraint):
                text = str(check.sqltext.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
                assert picture[f"check {table.name}.{check.name}"] == normal(text.replace(f"{table.name}.", ""))


@pytest.mark.parametrize(
    ("dialect", "alteration", "seen"), ALTERATIONS, ids=[f"{dialect}: {seen}" for dialect, _, seen in ALTERATIONS]
)
def test_the_comparison_sees_any_single_alteration(
    request: pytest.FixtureRequest,
    migrated: dict[str, Picture],
    dialect: str,
    alteration: str | tuple[str, str, str],
    seen: str,
) -> None:
    lab: Lab = request.getfixturevalue("sqlite_lab" if dialect == "sqlite" else "postgres_lab")
    engine = make_engine(lab.config.url)
    with engine.begin() as connection:
        if isinstance(alteration, str):
            for statement in alteration.split(";") if "FUNCTION" not in alteration else [alteration]:
                connection.exec_driver_sql(statement)
        else:
            table, old, new = alteration
            connection.exec_driver_sql("PRAGMA writable_schema=ON")
            edit = (
                "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?)"
            )
            assert connection.exec_driver_sql(edit, (old, new, table, old)).rowcount == 1
    engine.dispose()
    different = differences(migrated[dialect], draw(lab.config.url))
    renamed = {key for key in different if key.endswith("ck_sample_x")}
    assert different - renamed == {seen}


@pytest.mark.parametrize("start", sorted(path.stem for path in (Path(__file__).parent / "databases").glob("*.json")))
def test_a_filled_database_goes_through_every_revision_and_loses_nothing(
    fresh_database: str,
    start: str,
    fill: Callable[[str, str], None],
    filled_tables: Callable[[str, str], Rows],
    migrated: dict[str, Picture],
) -> None:
    upgrade(fresh_database, start)
    fill(fresh_database, start)
    filled = filled_tables(start, kind_of(fresh_database))
    expected = in_order(filled, filled)
    assert in_order(read_tables(fresh_database, list(filled)), filled) == expected
    path = revisions()
    for revision in (*path[path.index(start) + 1 :], "head"):
        upgrade(fresh_database, revision)
        assert in_order(read_tables(fresh_database, list(filled)), filled) == expected
    assert current_revision(fresh_database) == path[-1]
    assert differences(migrated[kind_of(fresh_database)], draw(fresh_database)) == set()


def test_the_first_filled_database_has_a_row_in_every_table(filled_tables: Callable[[str, str], Rows]) -> None:
    first = revisions()[0]
    text = (VERSIONS / f"{first}.py").read_text(encoding="utf-8")
    made = set(re.findall(r'op\.create_table\(\s*"(\w+)"', text))
    assert set(filled_tables(first, "sqlite")) == made - {"current_change"}  # empty between transactions


def test_the_revisions_are_one_line_in_the_order_of_their_dates() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    scripts = ScriptDirectory.from_config(config)
    assert len(scripts.get_heads()) == 1
    walked = [script.revision for script in scripts.walk_revisions()]
    assert walked[::-1] == revisions()


def test_migrations_are_named_by_date_and_know_nothing_of_the_package() -> None:
    files = sorted(VERSIONS.glob("*.py"))
    assert files
    for file in files:
        assert re.fullmatch(r"20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])_[a-z0-9_]+\.py", file.name)
        text = file.read_text(encoding="utf-8")
        assert f'revision = "{file.stem}"' in text
        # The package goes on changing; what a migration did to a database in its day must not.
        assert not re.search(r"\b(labdb|sqlmodel)\b", text)  # a column may be named labdb_version


def test_going_back_before_the_first_schema_is_refused_in_words(sqlite_lab: Lab, migrated: dict[str, Picture]) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    with sqlite_lab.engine.connect() as connection:
        config.attributes["connection"] = connection
        with pytest.raises(NotImplementedError, match="restore a backup"):
            command.downgrade(config, "base")
    assert draw(sqlite_lab.config.url) == migrated["sqlite"]


def test_a_migration_that_fails_halfway_leaves_the_database_as_it_was(
    lab: Lab,
    fill: Callable[[str, str], None],
    filled_tables: Callable[[str, str], Rows],
    own_migrations: Callable[[str], None],
    migrated: dict[str, Picture],
) -> None:
    url, head = lab.config.url, revisions()[-1]
    fill(url, revisions()[0])
    upgrade(url)
    own_migrations(
        '    op.add_column("lot", sa.Column("colour", sa.Text()))\n    raise RuntimeError("the power went out")'
    )
    with pytest.raises(RuntimeError, match="the power went out"):
        upgrade(url)
    assert (draw(url), current_revision(url)) == (migrated[kind_of(url)], head)
    assert len(read_tables(url, ["sample"])["sample"]) == len(filled_tables(revisions()[0], "sqlite")["sample"])


def test_a_table_is_rebuilt_under_its_views_triggers_and_children(
    lab: Lab,
    fill: Callable[[str, str], None],
    filled_tables: Callable[[str, str], Rows],
    own_migrations: Callable[[str], None],
    migrated: dict[str, Picture],
) -> None:
    url = lab.config.url
    fill(url, revisions()[0])
    upgrade(url)
    own_migrations("""
    with op.batch_alter_table("sample", recreate="auto") as batch:
        batch.alter_column("vial", type_=sa.Text(), existing_type=sa.String())
""")
    assert upgrade(url) == (revisions()[-2], "20991231_next")
    different = differences(migrated[kind_of(url)], draw(url))
    changed = {"column sample.vial"}
    if url.startswith("postgresql"):  # which writes a cast into a view that compares or prints the column
        changed |= {key for key in different if key.startswith("view ")}
    assert different == changed
    filled = filled_tables(revisions()[0], kind_of(url))
    assert in_order(read_tables(url, list(filled)), filled) == in_order(filled, filled)


def test_a_migration_that_leaves_a_row_pointing_nowhere_is_undone(
    sqlite_lab: Lab, fill: Callable[[str, str], None], own_migrations: Callable[[str], None]
) -> None:
    url = sqlite_lab.config.url
    fill(url, revisions()[0])
    upgrade(url)
    own_migrations('    op.execute("DELETE FROM batch")')
    with pytest.raises(ConflictError, match="point nowhere"):
        upgrade(url)
    assert len(read_tables(url, ["batch"])["batch"]) == 1
