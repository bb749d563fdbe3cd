"""Is the lab whole? Schema version, the database's own integrity, every raw file, leftovers, amounts handed out."""

from collections.abc import Iterator

from labdb.connection import Reader, check_version, revisions, schema_version
from labdb.errors import ConflictError, SchemaVersionError
from labdb.files import FileStore
from labdb.finding import Finding, Severity
from labdb.settings import LabConfig

RULE = "DOCTOR"


def wholeness(config: LabConfig) -> Iterator[Finding]:
    """Look for what is broken in a lab's database and files.

    Parameters
    ----------
    config : LabConfig
        The lab.

    Yields
    ------
    Finding
        An error where something is wrong; a warning for what an interrupted command may leave behind.
    """
    import sqlite3

    reader = Reader(config.url)
    try:
        check_version(schema_version(reader), revisions())
        if reader.dialect == "sqlite":
            yield from _sqlite(reader)
        yield from _files(reader, FileStore(config.files))
        yield from _amounts(reader)
    except SchemaVersionError as error:
        yield _error("schema", str(error))
    except sqlite3.DatabaseError as error:  # a page that cannot be read ends the look
        yield _error("database", f"SQLite cannot read on: {error}. Restore a backup.")
    finally:
        reader.close()


def counts(config: LabConfig) -> dict[str, int]:
    """Count what ``wholeness`` looked at.

    Parameters
    ----------
    config : LabConfig
        The lab.

    Returns
    -------
    dict
        Noun to number of rows.
    """
    reader = Reader(config.url)
    try:
        return {
            name: int(reader.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"])  # noqa: S608 - tables of ours
            for name in ("raw_file", "sample", "batch", "measurement", "change")
        }
    finally:
        reader.close()


def _error(subject: str, message: str) -> Finding:
    return Finding(RULE, Severity.ERROR, subject, "", message)


def _sqlite(reader: Reader) -> Iterator[Finding]:
    for row in reader.rows("PRAGMA integrity_check"):
        if row["integrity_check"] != "ok":
            yield _error("database", f"SQLite finds damage: {row['integrity_check']}. Restore a backup.")
    broken = reader.rows("PRAGMA foreign_key_check")
    if broken:
        tables = ", ".join(sorted({str(row["table"]) for row in broken}))
        yield _error("database", f"{len(broken)} rows point to rows that are not there, in {tables}. Restore a backup.")


def _files(reader: Reader, store: FileStore) -> Iterator[Finding]:
    known = {row["sha256"]: row["name"] for row in reader.rows("SELECT sha256, name FROM raw_file ORDER BY name")}
    for digest, name in known.items():
        try:
            store.verify(digest)
        except ConflictError as error:
            yield _error(name, str(error))
    for path in store.kept():
        place = path.relative_to(store.folder)
        if path.suffix == ".part":
            message = f"files/{place} is left over from an interrupted copy; it may be deleted"
            yield Finding(RULE, Severity.WARNING, path.name, "", message)
        elif path.name not in known:
            message = f"files/{place} belongs to no record (an interrupted intake?); it may be deleted"
            yield Finding(RULE, Severity.WARNING, path.name[:12], "", message)


def _amounts(reader: Reader) -> Iterator[Finding]:
    sql = (
        "SELECT s.code, s.handed_out, coalesce(sum(o.taken), 0) AS taken FROM sample s"
        " LEFT JOIN sample_origin o ON o.parent_id = s.id AND o.void_change_id IS NULL"
        " GROUP BY s.id, s.code, s.handed_out HAVING s.handed_out <> coalesce(sum(o.taken), 0) ORDER BY s.code"
    )
    for row in reader.rows(sql):
        counted, summed = int(row["handed_out"]), int(row["taken"])
        yield _error(row["code"], f"handed out {counted} by its counter, {summed} by what was made of it")
