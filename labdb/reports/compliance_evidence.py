"""The evidence behind a compliance report, read from the public views: items, how they were made and measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sqlmodel import Session

from labdb.assessment import Assessed
from labdb.quantity import Quantity, UncertaintyOrigin
from labdb.queries.dose import dose_ledger
from labdb.queries.evidence import ancestors, find_sample, rows
from labdb.queries.trend import Trend
from labdb.reports.compliance_content import (
    Condition,
    Dates,
    Exposure,
    InstrumentUsed,
    Item,
    LeachTestDone,
    Making,
    MethodUsed,
    RawFileUsed,
    StepDone,
    Weighed,
)

Made = TypeVar("Made")
Row = Mapping[str, Any]

_AT_ONCE = 500  # parameters of one query; SQLite takes 32766, PostgreSQL 65535
_DOSE_KINDS = ("radioluminescence_retention", "absorbed_dose")


@dataclass(frozen=True)
class Evidence:
    """All that was read, and every code it speaks of."""

    items: tuple[Item, ...]
    conditions: tuple[Condition, ...]
    makings: tuple[Making, ...]
    leach_tests: tuple[LeachTestDone, ...]
    exposures: tuple[Exposure, ...]
    methods: tuple[MethodUsed, ...]
    instruments: tuple[InstrumentUsed, ...]
    raw_files: tuple[RawFileUsed, ...]
    dates: Dates
    operators: tuple[str, ...]
    codes: frozenset[str]


def read_evidence(
    session: Session, subjects: Sequence[tuple[str, str]], verdicts: Sequence[Assessed], trends: Sequence[Trend]
) -> Evidence:
    """Read what the verdicts and plots rest on.

    Parameters
    ----------
    session : Session
        A session of the lab.
    subjects : sequence of (str, str)
        Table and code of what the report is about.
    verdicts : sequence of Assessed
        What was judged.
    trends : sequence of Trend
        What is plotted besides.

    Returns
    -------
    Evidence
        Everything in a fixed order, by code.
    """
    measured = _measurements(session, verdicts, trends)
    tests = _leach_tests(session, verdicts, subjects)
    items = _items(session, _samples(session, subjects, verdicts, measured, tests))
    makings = tuple(_making(session, batch) for batch in sorted({one.batch for one in items if one.batch}))
    methods = _methods(session, {row["method"] for row in measured})
    instruments = _instruments(session, measured, makings)
    exposures = _exposures(session, items, verdicts)
    conditions = _conditions(session, {row["condition"] for row in measured} | {one.condition for one in items})
    codes = {code for _, code in subjects} | {one.subject for one in verdicts}
    codes |= {one.code for one in items} | {one.code for one in tests} | {one.code for one in conditions}
    codes |= {one.code for one in methods} | {one.code for one in instruments}
    codes |= {one.batch for one in makings} | {one.irradiation for one in exposures}
    codes |= {one.experiment for one in tests if one.experiment} | {alias for one in items for alias in one.aliases}
    codes |= {str(row[name]) for row in measured for name in ("run", "study", "measurement") if row[name]}
    return Evidence(
        items=items,
        conditions=conditions,
        makings=makings,
        leach_tests=tests,
        exposures=exposures,
        methods=methods,
        instruments=instruments,
        raw_files=_raw_files(session, measured, codes),
        dates=_dates(session, measured, items, makings, tests),
        operators=tuple(sorted({row["operator"] for row in measured if row["operator"]})),
        codes=frozenset(codes),
    )


def _of(made: type[Made], row: Row, **more: Any) -> Made:  # noqa: ANN401 - the fields of the dataclass
    """Make a dataclass of the columns that have the names of its fields."""
    names = [one.name for one in fields(made)]  # type: ignore[arg-type]
    return made(**{name: more[name] if name in more else row[name] for name in names})


def _by_codes(session: Session, sql: str, codes: Iterable[str | None]) -> list[Row]:
    """Run a query that ends in ``IN`` for any number of codes; rows in the order of the codes."""
    wanted = sorted({code for code in codes if code})
    found: list[Row] = []
    for start in range(0, len(wanted), _AT_ONCE):
        part = {f"c{number}": code for number, code in enumerate(wanted[start : start + _AT_ONCE])}
        found += rows(session, f"{sql} ({', '.join(f':{name}' for name in part)})", **part)
    return found


def _measurements(session: Session, verdicts: Sequence[Assessed], trends: Sequence[Trend]) -> list[Row]:
    used = {code for one in verdicts for code in one.measurements}
    used |= {point.measurement for trend in trends for point in trend.points}
    sql = (
        "SELECT DISTINCT measurement, sample, condition, study, method, run, instrument, operator, measured_at, "
        "raw_file, raw_file_name FROM observations WHERE measurement IN"
    )
    return sorted(_by_codes(session, sql, used), key=lambda row: row["measurement"])


def _samples(
    session: Session,
    subjects: Sequence[tuple[str, str]],
    verdicts: Sequence[Assessed],
    measured: Sequence[Row],
    tests: Sequence[LeachTestDone],
) -> list[str]:
    own = {code for table, code in subjects if table == "sample"} | {one.sample for one in verdicts if one.sample}
    own |= {row["sample"] for row in measured} | {one.sample for one in tests}
    return sorted(own | {above for code in own for above in ancestors(session, code)})


def _items(session: Session, codes: Sequence[str]) -> tuple[Item, ...]:
    aliases: dict[str, list[str]] = {}
    for row in _by_codes(session, "SELECT name, subject FROM alias WHERE subject IN", codes):
        aliases.setdefault(row["subject"], []).append(row["name"])
    found = sorted(_by_codes(session, "SELECT * FROM samples WHERE code IN", codes), key=lambda row: row["code"])
    return tuple(_item(session, row, aliases.get(row["code"], [])) for row in found)


def _item(session: Session, row: Row, aliases: list[str]) -> Item:
    about = find_sample(session, row["code"])
    return _of(
        Item,
        row,
        batch=about.batch,
        composition=about.composition,
        aliases=tuple(sorted(aliases)),
        came_from=tuple(ancestors(session, row["code"])),
        amount=_amount(row),
        particle_loading=about.particle_loading,
        perovskite_mass_fraction=about.w,
    )


def _amount(row: Row) -> Quantity | None:
    kind = {"mg": "mass", "mL": "volume"}.get(row["amount_unit"])
    if kind is None or row["amount"] is None:
        return None
    u = row["u_amount"]
    return Quantity(row["amount"], row["amount_unit"], kind, u=u, u_origin=UncertaintyOrigin.STATED if u else None)


def _making(session: Session, batch: str) -> Making:
    (row,) = rows(session, "SELECT * FROM batches WHERE code = :code", code=batch)
    weighed = rows(session, "SELECT * FROM weighings WHERE batch = :code ORDER BY chemical, lot", code=batch)
    steps = rows(session, "SELECT * FROM steps WHERE batch = :code ORDER BY seq", code=batch)
    return _of(
        Making,
        row,
        batch=batch,
        weighings=tuple(_of(Weighed, one) for one in weighed),
        steps=tuple(_of(StepDone, one) for one in steps),
    )


def _leach_tests(
    session: Session, verdicts: Sequence[Assessed], subjects: Sequence[tuple[str, str]]
) -> tuple[LeachTestDone, ...]:
    codes = {one.series.test for one in verdicts if one.series is not None}
    codes |= {code for table, code in subjects if table == "leach_test"}
    found = _by_codes(session, "SELECT * FROM leach_tests WHERE code IN", codes)
    made = [_of(LeachTestDone, row, medium_renewed=_yes_or_no(row["medium_renewed"])) for row in found]
    return tuple(sorted(made, key=lambda one: one.code))


def _yes_or_no(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _exposures(session: Session, items: Sequence[Item], verdicts: Sequence[Assessed]) -> tuple[Exposure, ...]:
    """Exposures matter where a verdict is about what radiation did."""
    if not any(one.limit.kind in _DOSE_KINDS for one in verdicts):
        return ()
    known = {one.code for one in items}
    roots = [one.code for one in items if not one.came_from]
    entries = [entry for root in roots for entry in dose_ledger(session, root).entries]
    own = [entry for entry in entries if entry.sample in known and entry.inherited_from is None]
    return tuple(_of(Exposure, {one.name: getattr(entry, one.name) for one in fields(entry)}) for entry in own)


def _methods(session: Session, codes: set[str | None]) -> tuple[MethodUsed, ...]:
    found = _by_codes(session, "SELECT * FROM method WHERE code IN", codes)
    made = [_of(MethodUsed, row, external=bool(row["external"])) for row in found]
    return tuple(sorted(made, key=lambda one: one.code))


def _instruments(session: Session, measured: Sequence[Row], makings: Sequence[Making]) -> tuple[InstrumentUsed, ...]:
    codes = {row["instrument"] for row in measured}
    codes |= {one.instrument for making in makings for one in making.weighings}
    codes |= {one.instrument for making in makings for one in making.steps}
    found = _by_codes(session, "SELECT * FROM instruments WHERE code IN", codes)
    return tuple(sorted((_of(InstrumentUsed, row) for row in found), key=lambda one: one.code))


def _conditions(session: Session, codes: set[str | None]) -> tuple[Condition, ...]:
    found = _by_codes(session, "SELECT * FROM conditions WHERE code IN", codes)
    return tuple(sorted((_of(Condition, row) for row in found), key=lambda one: one.code))


def _raw_files(session: Session, measured: Sequence[Row], codes: Iterable[str]) -> tuple[RawFileUsed, ...]:
    """Files the measurements were read from, files of the same intake (tables), files attached to what is reported."""
    found: set[tuple[str, str, str | None]]
    found = {(row["raw_file_name"], row["raw_file"], None) for row in measured if row["raw_file"]}
    of_intake = (
        "SELECT DISTINCT f.name, f.sha256, r.code FROM measurement m JOIN intake_run r ON r.change_id = m.change_id "
        "JOIN intake_file i ON i.intake_run_id = r.id JOIN raw_file f ON f.id = i.raw_file_id "
        "WHERE r.void_change_id IS NULL AND m.code IN"
    )
    attached = (
        "SELECT f.name, f.sha256, a.subject AS code FROM attachment a JOIN raw_file f ON f.id = a.raw_file_id "
        "WHERE a.void_change_id IS NULL AND a.subject IN"
    )
    for sql, wanted, words in (
        (of_intake, [row["measurement"] for row in measured], "intake"),
        (attached, codes, "attached to"),
    ):
        found |= {(row["name"], row["sha256"], f"{words} {row['code']}") for row in _by_codes(session, sql, wanted)}
    named = {digest for _, digest, came in found if came}
    kept = [one for one in found if one[2] or one[1] not in named]
    return tuple(RawFileUsed(*one) for one in sorted(kept, key=lambda one: (one[0], one[1], one[2] or "")))


def _dates(
    session: Session,
    measured: Sequence[Row],
    items: Sequence[Item],
    makings: Sequence[Making],
    tests: Sequence[LeachTestDone],
) -> Dates:
    """Days of the evidence; without any, the day of the latest change of the record stands for the report's."""
    performed = sorted(row["measured_at"][:10] for row in measured if row["measured_at"])
    made = sorted(one.made_at[:10] for one in items if one.made_at)
    others: list[str | None] = [one.started_at for one in makings] + [one.started_at for one in tests]
    others += [step.finished_at for one in makings for step in one.steps]
    days = performed + made + [moment[:10] for moment in others if moment]
    if not days:
        days = [str(row["day"])[:10] for row in rows(session, "SELECT max(at) AS day FROM changes") if row["day"]]
    return Dates(
        made_from=made[0] if made else None,
        made_to=made[-1] if made else None,
        performed_from=performed[0] if performed else None,
        performed_to=performed[-1] if performed else None,
        reported=max(days),
    )
