"""The bare driver connection and the schema version. No SQLAlchemy: commands that only read start fast."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labdb.errors import ConflictError, InputError, SchemaVersionError
from labdb.settings import LabConfig, is_sqlite, sqlite_path

MOUNTS = Path("/proc/mounts")  # where Linux lists what is mounted; elsewhere nothing is known
NETWORK_FILESYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smbfs", "smb3", "fuse.sshfs", "9p", "afs", "glusterfs"})


def require_database(url: str) -> None:
    """Refuse a SQLite file that is not there: opening it would make an empty one.

    Parameters
    ----------
    url : str
        The lab's database.

    Raises
    ------
    InputError
        There is no such file.
    """
    if is_sqlite(url) and not sqlite_path(url).is_file():
        raise InputError(f"{sqlite_path(url)}: no such database. Was it moved? labdb.toml says where it should be.")


def unreachable(url: str, error: Exception) -> InputError:
    """Say that a database cannot be opened, without the password.

    Parameters
    ----------
    url : str
        The database.
    error : Exception
        What its driver said.

    Returns
    -------
    InputError
        To be raised.
    """
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    shown = str(sqlite_path(url)) if is_sqlite(url) else f"postgresql://{user.partition(':')[0]}{at}{host}{parts.path}"
    return InputError(f"{shown} cannot be opened as a database: {' '.join(str(error).split())}")


def refuse_network_filesystem(path: Path) -> None:
    """Refuse a SQLite file on a network filesystem, where its locks do not hold.

    Parameters
    ----------
    path : Path
        The database file or its folder.

    Raises
    ------
    ConflictError
        The file would lie on NFS, SMB or the like.
    """
    if not MOUNTS.is_file():
        return
    best, kind = "", ""
    for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
        _, point, filesystem, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = str(path) == point or str(path).startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, filesystem
    if kind in NETWORK_FILESYSTEMS:
        raise ConflictError(
            f"{path} lies on a network filesystem ({kind}), where SQLite's locks do not hold. "
            "Use a local folder, or PostgreSQL: labdb init DIR --database postgresql://..."
        )


class Reader:
    """A bare read connection: SQL with ``?`` in, dicts out, on both databases."""

    def __init__(self, url: str) -> None:
        self.dialect = "sqlite" if is_sqlite(url) else "postgresql"
        self._connection: Any
        if self.dialect == "sqlite":
            import sqlite3

            require_database(url)
            read_only = f"{sqlite_path(url).as_uri()}?mode=ro"
            self._connection = sqlite3.connect(read_only, uri=True, timeout=30, isolation_level=None)
            try:  # only the first query looks into the file
                self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            except sqlite3.DatabaseError as error:
                self._connection.close()
                raise unreachable(url, error) from error
        else:
            import psycopg

            try:
                self._connection = psycopg.connect(url, autocommit=True)
            except psycopg.OperationalError as error:
                raise unreachable(url, error) from error

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run one query and return its rows as dicts.

        Parameters
        ----------
        sql : str
            A query with ``?`` for each parameter.
        parameters : sequence
            The parameters' values.

        Returns
        -------
        list of dict
            One dict a row, by column name.
        """
        if self.dialect == "postgresql":
            sql = sql.replace("%", "%%").replace("?", "%s")
        cursor = self._connection.execute(sql, tuple(parameters))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def named_rows(self, sql: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
        """Run one query with named parameters, as `labdb.queries.evidence.rows` does on a session.

        Parameters
        ----------
        sql : str
            A query with ``:name`` for each parameter; a list stands behind ``IN``.
        parameters : mapping
            Their values.

        Returns
        -------
        list of dict
            One dict a row, by column name.
        """
        values: list[object] = []

        def place(match: re.Match[str]) -> str:
            value = parameters[match[1]]
            if not isinstance(value, list | tuple):
                values.append(value)
                return "?"
            values.extend(value)
            return f"({', '.join('?' * len(value)) or 'NULL'})"

        return self.rows(re.sub(r"(?<![:\w]):([a-z_]+)", place, sql), values)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def schema_version(reader: Reader) -> str | None:
    """Return the revision the database is at, or None for an empty one."""
    listing = {
        "sqlite": "SELECT name FROM sqlite_master WHERE name = 'alembic_version'",
        "postgresql": "SELECT tablename AS name FROM pg_tables WHERE tablename = 'alembic_version'",
    }[reader.dialect]
    if not reader.rows(listing):
        return None
    found = reader.rows("SELECT version_num FROM alembic_version")
    return str(found[0]["version_num"]) if found else None


def check_version(found: str | None, known: Sequence[str]) -> None:
    """Refuse a database older or newer than this labdb.

    Parameters
    ----------
    found : str or None
        The database's revision.
    known : sequence of str
        This labdb's revisions, oldest first; the last is the head.

    Raises
    ------
    SchemaVersionError
        Names the command to run.
    """
    if found == known[-1]:
        return
    if found is None or found in known:
        raise SchemaVersionError(
            f"the database is at {found or 'no'} revision, this labdb needs {known[-1]}. Run: labdb upgrade"
        )
    raise SchemaVersionError(
        f"the database is at revision {found}, newer than this labdb knows (up to {known[-1]}). "
        "Run: pip install --upgrade labdb"
    )


def revisions() -> list[str]:
    """Return this labdb's schema revisions, oldest first; their file names sort by date."""
    from labdb.resources import migrations_folder

    return sorted(path.stem for path in (migrations_folder() / "versions").glob("[0-9]*.py"))


@contextmanager
def open_reader(config: LabConfig) -> Iterator[Reader]:
    """Open a lab's database for reading through the bare driver, after checking its schema version."""
    reader = Reader(config.url)
    try:
        check_version(schema_version(reader), revisions())
        yield reader
    finally:
        reader.close()
