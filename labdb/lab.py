"""A lab: a folder with labdb.toml, the database and files/. ``read()``, ``write()``, ``files``; nothing else gathers here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session

from labdb.connection import (
    CONFIG_NAME,
    LabConfig,
    check_version,
    find_lab,
    is_sqlite,
    read_config,
    refuse_network_filesystem,
    revisions,
)
from labdb.database import make_engine, reading, writing
from labdb.errors import ConflictError, InputError
from labdb.files import FileStore
from labdb.provenance.change import ChangeRow
from labdb.record import login, new_id, now
from labdb.schema import current_revision, upgrade
from labdb.version import __version__


class Lab:
    """An open lab."""

    def __init__(self, config: LabConfig) -> None:
        self.config = config
        self.files = FileStore(config.files)

    @cached_property
    def engine(self) -> sa.Engine:
        """The engine, made at the first use after the schema version was checked."""
        check_version(current_revision(self.config.url), revisions())
        return make_engine(self.config.url)

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
                at_offset_min=_offset_minutes(),
                actor=actor or self.config.person or login(),
                reason=reason,
                labdb_version=__version__,
            )
            session.add(change)
            session.flush()
            session.info["change_id"] = change_id
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:  # its triggers cannot see a session setting, a row they can
                connection.execute(sa.text("INSERT INTO current_change (slot, change_id) VALUES (1, :id)"), {"id": change_id.hex})
            else:
                connection.execute(sa.text("SELECT set_config('labdb.change_id', :id, true)"), {"id": str(change_id)})
            yield session
            session.flush()
            if sqlite:
                connection.execute(sa.text("DELETE FROM current_change"))


def _offset_minutes() -> int:
    offset = now().astimezone().utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


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
        The database URL is of an unknown kind.
    """
    folder = folder.expanduser().resolve()
    if (folder / CONFIG_NAME).exists():
        raise ConflictError(f"{folder} is a lab already. Use it: labdb --lab {folder} status")
    if folder.exists() and not folder.is_dir():
        raise ConflictError(f"{folder} is a file; a lab is a folder")
    url = database or "sqlite:///lab.db"
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise InputError(f"database {url!r}: expected sqlite:///FILE or postgresql://USER@HOST/NAME")
    folder.mkdir(parents=True, exist_ok=True)
    if is_sqlite(url):
        refuse_network_filesystem(folder)
    (folder / "files").mkdir(exist_ok=True)
    config = _config_text(name or folder.name, url, example) + settings
    absolute = url if not is_sqlite(url) else "sqlite:///" + str((folder / url.removeprefix("sqlite:///")).resolve())
    upgrade(absolute)
    part = folder / f"{CONFIG_NAME}.part"
    part.write_text(config, encoding="utf-8")
    part.replace(folder / CONFIG_NAME)  # last: a folder without labdb.toml is not yet a lab
    return open_lab(folder)


def _config_text(name: str, url: str, example: bool) -> str:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        "# A lab of labdb. Everything here can be changed by hand; `labdb doctor` says whether it still makes sense.",
        f'name = "{quoted}"',
        f'database = "{url}"',
    ]
    if example:
        lines.append("example = true  # every report says EXAMPLE DATA")
    return "\n".join(lines) + "\n"
