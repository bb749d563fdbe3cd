"""labdb.toml, the database URL, the bare driver connection, the schema version. No SQLAlchemy: commands that only read start fast."""

import os
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labdb.errors import ConflictError, InputError, SchemaVersionError

CONFIG_NAME = "labdb.toml"
NETWORK_FILESYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smbfs", "smb3", "fuse.sshfs", "9p", "afs", "glusterfs"})


@dataclass(frozen=True)
class LabConfig:
    """What labdb.toml says.

    ``example`` marks a lab whose data are examples: every report says so across the page.
    """

    folder: Path
    name: str
    url: str
    example: bool = False
    person: str | None = None
    codes: dict[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    decision: str = "guarded-95"
    daily_mass_mg: float | None = None

    @property
    def files(self) -> Path:
        """The folder of raw files."""
        return self.folder / "files"


def find_lab(start: str | os.PathLike[str] | None = None) -> Path:
    """Find the lab's folder: the one given, LABDB_LAB, or the first one upwards that holds labdb.toml.

    Parameters
    ----------
    start : path, optional
        The lab's folder as given by the user.

    Returns
    -------
    Path
        The folder that holds labdb.toml.

    Raises
    ------
    InputError
        There is no lab there.
    """
    given = start or os.environ.get("LABDB_LAB")
    if given:
        folder = Path(given).expanduser().resolve()
        if (folder / CONFIG_NAME).is_file():
            return folder
        raise InputError(f"{folder} is not a lab: it holds no {CONFIG_NAME}. Make one with: labdb init {given}")
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
    raise InputError(
        f"no lab in {here} or above it: no {CONFIG_NAME}. Go into a lab's folder, give --lab DIR, or make one: labdb init DIR"
    )


def _absolute(url: str, folder: Path) -> str:
    """Resolve a SQLite file beside labdb.toml."""
    prefix = "sqlite:///"
    if url.startswith(prefix):
        return prefix + str((folder / url.removeprefix(prefix)).resolve())
    return url


def read_config(folder: Path) -> LabConfig:
    """Read labdb.toml strictly.

    Parameters
    ----------
    folder : Path
        The lab's folder.

    Returns
    -------
    LabConfig
        Its settings; a SQLite path made absolute.

    Raises
    ------
    InputError
        The file cannot be read, or names an unknown setting.
    """
    path = folder / CONFIG_NAME
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: cannot be read as TOML: {error}") from error
    known = {"name", "database", "example", "person", "codes", "limits", "decision", "daily_mass_mg"}
    unknown = sorted(set(content) - known)
    if unknown:
        raise InputError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return LabConfig(
        folder=folder,
        name=str(content.get("name", folder.name)),
        url=_absolute(str(content.get("database", "sqlite:///lab.db")), folder),
        example=bool(content.get("example", False)),
        person=content.get("person"),
        codes={str(key): str(value) for key, value in content.get("codes", {}).items()},
        limits=tuple(str(limit) for limit in content.get("limits", [])),
        decision=str(content.get("decision", "guarded-95")),
        daily_mass_mg=content.get("daily_mass_mg"),
    )


def is_sqlite(url: str) -> bool:
    """Tell whether a URL names a SQLite file."""
    return url.startswith("sqlite")


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
    mounts = Path("/proc/mounts")
    if not mounts.is_file():
        return
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
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

            path = Path(url.removeprefix("sqlite:///"))
            if not path.is_file():
                raise InputError(f"{path}: no such database. Was it moved? labdb.toml says where it should be.")
            self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30, isolation_level=None)
        else:
            import psycopg

            self._connection = psycopg.connect(url, autocommit=True)

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
