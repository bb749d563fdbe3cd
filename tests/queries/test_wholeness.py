"""Is the lab whole: what an interrupted command, a damaged disk or another tool leaves behind is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from labdb.connection import sqlite_path
from labdb.errors import InputError
from labdb.queries.wholeness import counts, wholeness

if TYPE_CHECKING:
    from labdb.lab import Lab

PAGE = 4096  # of SQLite by default


@pytest.fixture
def filled(sqlite_lab: Lab, take: Callable[..., str]) -> Lab:
    """A lab on SQLite with samples and readings, everything of it in the database file itself."""
    take(sqlite_lab, samples="code,kind\n" + "".join(f"S-{number},powder\n" for number in range(300)))
    take(sqlite_lab, observations="sample,Pb\n" + "".join(f"S-{number},10\n" for number in range(300)))
    sqlite_lab.close()
    with closing(sqlite3.connect(sqlite_path(sqlite_lab.config.url))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sqlite_lab


def is_said_to_be_damaged(lab: Lab) -> bool:
    """Whether errors name the database; a file that cannot even be opened is refused in one line instead."""
    try:
        found = list(wholeness(lab.config))
    except InputError as error:
        return "lab.db cannot be opened as a database" in str(error)
    words = {(finding.severity.value, finding.subject) for finding in found}
    return words == {("error", "database")} and all("Restore a backup" in finding.message for finding in found)


def test_a_whole_lab_has_no_finding_and_is_counted(filled: Lab) -> None:
    assert list(wholeness(filled.config)) == []
    assert counts(filled.config)["measurement"] == 300


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_damaged_page_is_an_error_not_a_traceback(filled: Lab, part: float) -> None:
    path = sqlite_path(filled.config.url)
    pages = path.stat().st_size // PAGE
    with path.open("r+b") as file:
        for page in range(int(part * pages) - 6, int(part * pages)):
            file.seek(page * PAGE)
            file.write(b"\xa5" * PAGE)
    assert is_said_to_be_damaged(filled)


def test_a_file_cut_short_is_an_error(filled: Lab) -> None:
    path = sqlite_path(filled.config.url)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    assert is_said_to_be_damaged(filled)


def test_a_file_that_is_no_database_is_said_to_be_none(filled: Lab) -> None:
    sqlite_path(filled.config.url).write_text(
        "not a database at all, but long enough to look at" * 100, encoding="utf-8"
    )
    with pytest.raises(InputError, match="cannot be opened as a database"):
        list(wholeness(filled.config))


def test_a_row_that_points_nowhere_is_an_error(filled: Lab) -> None:
    with closing(sqlite3.connect(sqlite_path(filled.config.url))) as connection:
        connection.execute("UPDATE sample SET condition_id = '00' WHERE code = 'S-7'")
        connection.commit()
    (finding,) = wholeness(filled.config)
    assert finding.message == "1 rows point to rows that are not there, in sample. Restore a backup."


def test_an_older_schema_names_the_command_to_run(filled: Lab) -> None:
    with closing(sqlite3.connect(sqlite_path(filled.config.url))) as connection:
        connection.execute("DELETE FROM alembic_version")
        connection.commit()
    (finding,) = wholeness(filled.config)
    assert finding.subject == "schema"
    assert "labdb upgrade" in finding.message
