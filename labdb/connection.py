"""labdb.toml, the database URL, the bare driver connection, the schema version.

No SQLAlchemy: commands that only read start fast.
"""

import math
import os
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labdb.errors import ConflictError, InputError, SchemaVersionError

CONFIG_NAME = "labdb.toml"
DEFAULT_DATABASE = "sqlite:///lab.db"
MOUNTS = Path("/proc/mounts")  # where Linux lists what is mounted; elsewhere nothing is known
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
        f"no lab in {here} or above it: no {CONFIG_NAME}. "
        "Go into a lab's folder, give --lab DIR, or make one: labdb init DIR"
    )


def absolute_url(url: str, folder: Path) -> str:
    """Check a database URL; a SQLite file is looked for beside labdb.toml.

    Parameters
    ----------
    url : str
        As typed: ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.
    folder : Path
        The lab's folder.

    Returns
    -------
    str
        The same; a SQLite path made absolute.

    Raises
    ------
    InputError
        It is of an unknown kind.

    Examples
    --------
    >>> absolute_url("postgresql://anna@server/lab", Path("/lab"))
    'postgresql://anna@server/lab'
    """
    prefix = "sqlite:///"
    if url.startswith(prefix) and url != prefix:
        return prefix + str((folder / url.removeprefix(prefix)).resolve())
    if not url.startswith("postgresql://"):
        raise InputError(f"database {url!r}: expected sqlite:///FILE or postgresql://USER@HOST/NAME")
    return url


def sqlite_path(url: str) -> Path:
    """Return the file a SQLite URL names."""
    return Path(url.removeprefix("sqlite:///"))


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


_SETTINGS: dict[str, tuple[type, ...]] = {
    "codes": (dict,),
    "daily_mass_mg": (int, float),
    "database": (str,),
    "decision": (str,),
    "example": (bool,),
    "limits": (list,),
    "name": (str,),
    "person": (str,),
}
_WORDS = {
    bool: "true or false",
    dict: "a table of texts",
    float: "a number",
    int: "a number",
    list: "a list of texts",
    str: "a text",
}


def parse_settings(text: str, path: Path) -> dict[str, Any]:
    """Read the settings of a labdb.toml strictly.

    Parameters
    ----------
    text : str
        The file's content.
    path : Path
        The file, for messages.

    Returns
    -------
    dict
        Its settings.

    Raises
    ------
    InputError
        Not TOML, an unknown setting, or a setting of the wrong type.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: cannot be read as TOML: {error}") from error
    for name, value in content.items():
        if name not in _SETTINGS:
            raise InputError(f"{path}: unknown setting {name!r}; known are {', '.join(_SETTINGS)}")
        if type(value) not in _SETTINGS[name] or not _holds_texts(value):
            raise InputError(f"{path}: {name} is {value!r}; expected {_WORDS[_SETTINGS[name][0]]}")
    mass = content.get("daily_mass_mg", 1.0)
    if not (math.isfinite(mass) and mass > 0):
        raise InputError(f"{path}: daily_mass_mg is {mass}; expected a mass above 0, in mg")
    return content


def _holds_texts(value: object) -> bool:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return all(isinstance(one, str) for one in inner)


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
        The file cannot be read, names an unknown setting, or one has the wrong type.
    """
    path = folder / CONFIG_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as TOML: {error}") from error
    content = parse_settings(text, path)
    content["url"] = absolute_url(content.pop("database", DEFAULT_DATABASE), folder)
    content["limits"] = tuple(content.get("limits", ()))
    return LabConfig(folder=folder, name=content.pop("name", folder.name), **content)


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
