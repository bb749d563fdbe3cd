"""A lab: a folder with labdb.toml, the database and files/.

``read()``, ``write()``, ``files``; nothing else gathers here.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from labdb.connection import check_version, refuse_network_filesystem, require_database, revisions
from labdb.database import make_engine, reading, writing
from labdb.errors import ConflictError
from labdb.files import FileStore
from labdb.provenance.change import ChangeRow
from labdb.record import login, new_id, now, offset_minutes
from labdb.schema import current_revision, upgrade
from labdb.settings import (
    CONFIG_NAME,
    DEFAULT_DATABASE,
    LabConfig,
    absolute_url,
    find_lab,
    is_sqlite,
    parse_settings,
    read_config,
    sqlite_path,
)
from labdb.version import __version__


class Lab:
    """An open lab."""

    def __init__(self, config: LabConfig) -> None:
        self.config = config
        self.files = FileStore(config.files)

    @cached_property
    def engine(self) -> sa.Engine:
        """The engine, made at the first use after the schema version was checked."""
        require_database(self.config.url)
        check_version(current_revision(self.config.url), revisions())
        return make_engine(self.config.url)

    def close(self) -> None:
        """Let go of the database; the next use opens it again."""
        engine = self.__dict__.pop("engine", None)
        if engine is not None:
            engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with reading(self.engine) as session:
            yield session

    @contextmanager
    def write(self, actor: str | None, reason: str) -> Iterator[Session]:
        """Open a session of exactly one transaction, signed by one change.

        Parameters
        ----------
        actor : str or None
            Who writes; None for the login name.
        reason : str
            Why; kept in the change, shown by ``history``.

        Yields
        ------
        Session
            Committed when the block ends, rolled back on any error.
        """
        when = now()
        change_id = new_id()
        with writing(self.engine) as session:
            connection = session.connection()
            change = ChangeRow(
                id=change_id,
                at=when,
                at_offset_min=offset_minutes(when),
                actor=actor or self.config.person or login(),
                reason=reason,
                labdb_version=__version__,
            )
            session.add(change)
            session.flush()
            session.info["change_id"] = change_id
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:  # its triggers cannot see a session setting, a row they can
                current = sa.text("INSERT INTO current_change (slot, change_id) VALUES (1, :id)")
                connection.execute(current, {"id": change_id.hex})
            else:
                current = sa.text("SELECT set_config('labdb.change_id', :id, true)")
                connection.execute(current, {"id": str(change_id)})
            yield session
            session.flush()
            if sqlite:
                connection.execute(sa.text("DELETE FROM current_change"))


def open_lab(path: str | os.PathLike[str] | None = None) -> Lab:
    """Open the lab in a folder, the one named by LABDB_LAB, or the first one upwards.

    Parameters
    ----------
    path : path, optional
        The lab's folder.

    Returns
    -------
    Lab
        The lab; its database is opened at the first use.

    Raises
    ------
    InputError
        There is no lab there.
    SchemaVersionError
        At the first use: the database is older or newer than this labdb.
    """
    return Lab(read_config(find_lab(path)))


def create_lab(
    folder: Path, *, name: str | None = None, database: str | None = None, example: bool = False, settings: str = ""
) -> Lab:
    """Make a new lab: labdb.toml, the database, files/.

    Parameters
    ----------
    folder : Path
        Where; made if missing. It must not be a lab already.
    name : str, optional
        The laboratory's name, printed on reports; the folder's name if not given.
    database : str, optional
        ``sqlite:///FILE`` (relative to the folder) or ``postgresql://...``; ``sqlite:///lab.db`` if not given.
    example : bool
        Marks the lab's data as examples, on every report.
    settings : str
        More lines for labdb.toml.

    Returns
    -------
    Lab
        The new lab.

    Raises
    ------
    ConflictError
        The folder is a lab already, holds a file in the way, or lies on a network filesystem.
    InputError
        The database URL is of an unknown kind, the database cannot be reached, or a setting is not one.
    SchemaVersionError
        The database is there already, and newer than this labdb.
    """
    folder = folder.expanduser().resolve()
    url = database or DEFAULT_DATABASE
    absolute = absolute_url(url, folder)
    config = _config_text(name or folder.name, url, example) + settings
    parse_settings(config, folder / CONFIG_NAME)
    _refuse_what_is_in_the_way(folder, absolute)
    folder.mkdir(parents=True, exist_ok=True)
    _make_database(absolute)
    (folder / "files").mkdir(exist_ok=True)
    part = folder / f"{CONFIG_NAME}.part"
    part.write_text(config, encoding="utf-8")
    part.replace(folder / CONFIG_NAME)  # last: a folder without labdb.toml is not yet a lab
    return open_lab(folder)


def _refuse_what_is_in_the_way(folder: Path, url: str) -> None:
    if (folder / CONFIG_NAME).exists():
        raise ConflictError(f"{folder} is a lab already. Use it: labdb --lab {folder} status")
    for place in (*reversed(folder.parents), folder, folder / "files"):
        if place.exists() and not place.is_dir():
            raise ConflictError(f"{place} is a file; a folder is needed there. Move it away, or choose another folder")
    if is_sqlite(url):
        file = sqlite_path(url)
        if file.exists():
            raise ConflictError(f"{file} exists already; a new lab makes a new database. Move it away, or name another")
        if file.parent != folder and not file.parent.is_dir():
            raise ConflictError(f"{file.parent}: no such folder for the database. Make it first")
        refuse_network_filesystem(file.parent)


def _make_database(url: str) -> None:
    """Bring a new database to the newest schema; of a SQLite file that did not get there, nothing is left."""
    try:
        upgrade(url)
    except BaseException:
        if is_sqlite(url):
            for ending in ("", "-wal", "-shm"):
                sqlite_path(url + ending).unlink(missing_ok=True)
        raise


def _config_text(name: str, url: str, example: bool) -> str:
    lines = [
        "# A lab of labdb. Everything here can be changed by hand; `labdb doctor` says whether it still makes sense.",
        f"name = {json.dumps(name, ensure_ascii=False)}",  # the escapes of JSON are TOML's too
        f"database = {json.dumps(url, ensure_ascii=False)}",
    ]
    if example:
        lines.append("example = true  # every report says EXAMPLE DATA")
    return "\n".join(lines) + "\n"
