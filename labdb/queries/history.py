"""Everything that happened to what a code names: who, when, why, what it was and what it became.

Things keep their old values in the audit, facts in the rows they were superseded by; both name their change. Read over
the bare driver; the tables read here besides the public views are change, audit and the facts themselves.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from labdb.connection import Reader
from labdb.errors import UnknownNameError

Row = Mapping[str, Any]
_SYSTEM = frozenset({"id", "change_id", "void_change_id", "supersedes_id", "revision", "handed_out"})
# Facts that belong to a thing or a fact: table, its key, what names one of them in a sentence.
_PARTS: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "batch": (("weighing", "batch_id", ("chemical_id",)), ("step", "batch_id", ("seq", "kind"))),
    "sample": (
        ("suspension", "sample_id", ("medium",)),
        ("sample_origin", "child_id", ("parent_id",)),
        ("measurement", "sample_id", ("code", "kind")),
        ("irradiation", "sample_id", ("code",)),
    ),
    "measurement": (("result", "measurement_id", ("kind",)),),
    "irradiation": (("beam_segment", "irradiation_id", ("seq",)),),
    "instrument": (("calibration", "instrument_id", ("code",)),),
}
# Amounts of samples are stored as whole numbers; people read them in mg and mL.
_PEOPLE_UNITS = {"ng": ("mg", 1e6), "pL": ("mL", 1e9)}
_FACTS_WITH_CODE = ("measurement", "irradiation", "calibration", "statement", "verdict", "intake_run")


@dataclass(frozen=True)
class Event:
    """One line of a history."""

    at: str
    who: str
    why: str
    what: str
    old: str | None = None
    new: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in ("at", "who", "why", "what", "old", "new")}


@dataclass(frozen=True)
class Named:
    """What a code names: its table, its row and its code."""

    table: str
    row_id: Any
    code: str


def find_code(reader: Reader, name: str) -> Named:
    """Find what a code or alias names, voided facts included.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    name : str
        Any code, or another name of it.

    Returns
    -------
    Named
        Table, row identifier and code.

    Raises
    ------
    UnknownNameError
        Nothing has it; names the nearest.
    """
    sql = (
        "SELECT table_name, row_id, code FROM code_index"
        " WHERE code = ? OR code = (SELECT subject FROM alias WHERE name = ?)"
    )
    found = reader.rows(sql, (name, name))
    if found:
        return Named(found[0]["table_name"], found[0]["row_id"], found[0]["code"])
    for table in _FACTS_WITH_CODE:
        voided = reader.rows(f"SELECT id, code FROM {table} WHERE code = ?", (name,))  # noqa: S608 - a table of ours
        if voided:
            return Named(table, voided[-1]["id"], voided[-1]["code"])
    known = [row["code"] for row in reader.rows("SELECT code FROM code_index ORDER BY code LIMIT 20000")]
    known += [row["name"] for row in reader.rows("SELECT name FROM alias ORDER BY name")]
    raise UnknownNameError("code", name, known)


def fields_of(reader: Reader, named: Named) -> dict[str, Any]:
    """Return the fields of what a code names; identifiers become codes.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    named : Named
        What `find_code` found.

    Returns
    -------
    dict
        Field to value; None is not stated.
    """
    sql = f'SELECT * FROM "{named.table}" WHERE id = ?'  # noqa: S608 - a table of ours
    (row,) = reader.rows(sql, (named.row_id,))
    shown = _Shown(reader)
    shown.amount_unit = row.get("amount_unit")
    return {
        name.removesuffix("_id"): None if value is None else shown.text(name, value)
        for name, value in row.items()
        if name not in _SYSTEM and not name.endswith("_offset_min")
    }


def history(reader: Reader, name: str) -> list[Event]:
    """List everything that happened to what a code names.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    name : str
        Any code, or another name of it.

    Returns
    -------
    list of Event
        In the order in which it happened.

    Raises
    ------
    UnknownNameError
        Nothing has this code; names the nearest.
    """
    named = find_code(reader, name)
    shown = _Shown(reader)
    events: list[tuple[Any, Event]] = []
    if named.table in _FACTS_WITH_CODE:
        versions = reader.rows(f'SELECT * FROM "{named.table}" WHERE code = ?', (named.code,))  # noqa: S608 - ours
        events += _of_facts(shown, named.table, versions, ("code",))
        owners = [row["id"] for row in versions]
    else:
        (row,) = reader.rows(f'SELECT * FROM "{named.table}" WHERE id = ?', (named.row_id,))  # noqa: S608 - ours
        events.append(
            shown.event(row["change_id"], f"{named.table.replace('_', ' ')} {named.code} recorded", first=True)
        )
        shown.amount_unit = row.get("amount_unit")
        events += _of_audit(shown, named)
        owners = [named.row_id]
    for table, key, label in _PARTS.get(named.table, ()):
        marks = ", ".join("?" for _ in owners)
        rows = reader.rows(f'SELECT * FROM "{table}" WHERE {key} IN ({marks})', owners)  # noqa: S608 - tables of ours
        events += _of_facts(shown, table, rows, label)
    for table, word, column in (("note", "note", "content"), ("alias", "also called", "name")):
        for row in reader.rows(f"SELECT * FROM {table} WHERE subject = ?", (named.code,)):  # noqa: S608 - tables of ours
            events.append(shown.event(row["change_id"], word, new=row[column]))
    attached = (
        "SELECT a.change_id, f.name FROM attachment a JOIN raw_file f ON f.id = a.raw_file_id WHERE a.subject = ?"
    )
    events += [
        shown.event(row["change_id"], "attached", new=row["name"]) for row in reader.rows(attached, (named.code,))
    ]
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


def _of_audit(shown: "_Shown", named: Named) -> Iterable[tuple[Any, Event]]:
    sql = "SELECT change_id, old, new FROM audit WHERE row_id = ? AND table_name = ? ORDER BY number"
    for row in shown.reader.rows(sql, (named.row_id, named.table)):
        old, new = json.loads(row["old"]), json.loads(row["new"])
        for field in sorted(new):
            if field in _SYSTEM or field.endswith("_offset_min"):
                continue
            before, after = (shown.text(field, one.get(field)) for one in (old, new))
            yield shown.event(row["change_id"], f"{field.removesuffix('_id')} corrected", before, after)


def _of_facts(shown: "_Shown", table: str, rows: Iterable[Row], label: tuple[str, ...]) -> Iterable[tuple[Any, Event]]:
    by_id = {shown.key(row["id"]): row for row in rows}
    superseded = {shown.key(row["supersedes_id"]) for row in by_id.values() if row["supersedes_id"] is not None}
    for key, row in by_id.items():
        words = " ".join(shown.text(name, row[name]) for name in label)
        what = f"{table.replace('_', ' ')} {words}"
        before = by_id.get(shown.key(row["supersedes_id"])) if row["supersedes_id"] is not None else None
        if before is None:
            yield shown.event(row["change_id"], f"{what} recorded")
        else:
            for field, old, new in _differences(shown, before, row):
                yield shown.event(row["change_id"], f"{what}: {field} corrected", old, new)
        if row["void_change_id"] is not None and key not in superseded:
            yield shown.event(row["void_change_id"], f"{what} voided")


def _differences(shown: "_Shown", old: Row, new: Row) -> Iterable[tuple[str, str, str]]:
    for name in old:
        # A child that only moved to its owner's new version has not changed.
        moved = name in _SYSTEM or name.endswith("_offset_min") or name == "measurement_id"
        if not moved and old[name] != new[name]:
            yield name.removesuffix("_id"), shown.text(name, old[name]), shown.text(name, new[name])


class _Shown:
    """Writes rows for people: identifiers as codes, changes as who, when and why; looked up once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._changes = {self.key(row["id"]): row for row in reader.rows("SELECT id, at, actor, reason FROM change")}
        self._codes: dict[str, str] | None = None
        self.amount_unit: str | None = None

    @staticmethod
    def key(value: object) -> str:
        """One spelling of an identifier for both databases."""
        return value.hex if isinstance(value, UUID) else str(value).replace("-", "")

    def event(
        self, change_id: object, what: str, old: str | None = None, new: str | None = None, *, first: bool = False
    ) -> tuple[tuple[str, bool, str], Event]:
        """Make an event, with what it is sorted by."""
        change = self._changes[self.key(change_id)]
        return (self.key(change_id), not first, what), Event(
            _moment(change["at"]), change["actor"], change["reason"], what, old, new
        )

    def text(self, name: str, value: object) -> str:
        """Write one value."""
        if value is None:
            return "not stated"
        if name.endswith("_id"):
            if self._codes is None:
                rows = self.reader.rows("SELECT row_id, code FROM code_index")
                self._codes = {self.key(row["row_id"]): row["code"] for row in rows}
            return self._codes.get(self.key(value), "not stated")
        if name.endswith("_at"):
            return _moment(value)
        if name == "amount_unit" and value in _PEOPLE_UNITS:
            return _PEOPLE_UNITS[str(value)][0]  # how it is stored is nobody's word
        if name in ("amount", "u_amount") and self.amount_unit in _PEOPLE_UNITS:
            unit, factor = _PEOPLE_UNITS[self.amount_unit]
            return f"{float(str(value)) / factor:.12g} {unit}"
        return f"{value:.12g}" if isinstance(value, float) else str(value)


def _moment(value: Any) -> str:  # noqa: ANN401 - a datetime from PostgreSQL, text from SQLite and from the audit
    from datetime import UTC, datetime

    when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")
