"""Identifiers, clock, moments, floats and choices: what every row stands on, on both databases."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from labdb.database import insert_many
from labdb.errors import InputError
from labdb.lab import Lab
from labdb.measurement import Run, RunRow
from labdb.record import Origin, fixed_source, new_id, now, offset_minutes
from labdb.registry.method import Method, MethodRow

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def test_identifiers_are_uuid7_and_sort_in_the_order_they_were_made() -> None:
    made = [new_id() for _ in range(5000)]  # many within one millisecond, which is all a uuid7 need tell apart
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}


def test_an_identifier_tells_the_millisecond_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    stamp = new_id().int >> 80
    # Identifiers never stand still: those made just before may have pushed this one on by a few ticks of 0.25 us.
    assert before <= stamp <= time.time_ns() // 1_000_000 + 2


def test_identifiers_do_not_fall_back_when_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    assert new_id() > first


def test_a_fixed_source_gives_the_same_identifiers_and_moments_again() -> None:
    def take() -> tuple[list[UUID], list[datetime], int]:
        with fixed_source(NOON):
            return [new_id() for _ in range(3)], [now(), now()], offset_minutes(now())

    identifiers, moments, offset = take()
    assert take() == (identifiers, moments, offset)
    assert identifiers == sorted(identifiers)
    assert {one.version for one in identifiers} == {7}
    assert moments == [NOON + timedelta(milliseconds=1), NOON + timedelta(milliseconds=2)]
    assert (moments[0].tzinfo, offset) == (UTC, 330)
    assert new_id() not in identifiers  # outside, clock and chance are back
    assert abs(now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_fixed_source_wants_an_aware_moment_and_ends_after_an_error() -> None:
    with pytest.raises(ValueError, match="aware"):
        fixed_source(datetime(2026, 3, 2, 12, 0))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(RuntimeError), fixed_source(NOON):
        raise RuntimeError
    assert now() > NOON


def test_the_same_work_under_a_fixed_source_stores_the_same_change(sqlite_lab: Lab, postgres_lab: Lab) -> None:
    stored = []
    for lab in (sqlite_lab, postgres_lab):
        with fixed_source(NOON), lab.write("anna", "a run") as session:
            session.add(RunRow(code="RUN-1", started_at=NOON))
        with lab.read() as session:
            change = sa.text("SELECT c.at_offset_min, c.actor FROM change c JOIN run r ON r.change_id = c.id")
            run = session.get_one(RunRow, _only(lab))
            stored.append((run.model_dump(), session.execute(change).one()))
    assert stored[0] == stored[1]
    assert stored[0][1] == (330, "anna")


def _only(lab: Lab) -> UUID:
    with lab.read() as session:
        identifier: UUID = session.execute(sa.select(sa.Table("run", RunRow.metadata).c.id)).scalar_one()
        return identifier


@pytest.mark.parametrize(
    ("typed", "offset"),
    [("2026-03-02T12:00:00+05:30", 330), ("2026-03-02T06:30:00Z", 0), ("2026-03-01T22:30:00-08:00", -480)],
)
def test_a_moment_comes_back_in_utc_and_its_offset_as_typed(lab: Lab, typed: str, offset: int) -> None:
    record = Run.model_validate({"code": "RUN-1", "started_at": typed})
    with lab.write("anna", "a run") as session:
        session.add(RunRow.model_validate(record))
    with lab.read() as session:
        run = session.get_one(RunRow, _only(lab))
    assert run.started_at == NOON
    assert run.started_at.tzinfo is UTC
    assert run.started_at_offset_min == offset


def test_moments_that_differ_only_in_their_offset_are_the_same_in_a_query(lab: Lab) -> None:
    with lab.write("anna", "runs") as session:
        session.add(RunRow(code="RUN-1", started_at=NOON.astimezone(UTC)))
    runs = sa.Table("run", RunRow.metadata)
    with lab.read() as session:
        for when in (NOON, NOON.astimezone(timezone(timedelta(hours=-8)))):
            assert session.execute(sa.select(runs.c.code).where(runs.c.started_at == when)).scalar_one() == "RUN-1"
            assert session.execute(sa.select(runs.c.code).where(runs.c.started_at > when)).all() == []


def test_microseconds_survive(lab: Lab) -> None:
    when = NOON.replace(microsecond=123456)
    with lab.write("anna", "a run") as session:
        session.add(RunRow(code="RUN-1", started_at=when))
    with lab.read() as session:
        assert session.get_one(RunRow, _only(lab)).started_at == when


def test_a_moment_without_offset_is_refused_by_record_and_by_database(lab: Lab) -> None:
    naive = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - that is what is refused
    with pytest.raises(ValidationError, match="no UTC offset"):
        Run.model_validate({"code": "RUN-1", "started_at": "2026-03-02T12:00:00"})
    with pytest.raises(sa.exc.StatementError, match="without UTC offset"), lab.write("anna", "a run") as session:
        session.connection().execute(sa.Table("run", RunRow.metadata).update().values(started_at=naive))


def test_a_record_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Method.model_validate({"code": "SOP", "kind": "lead", "colour": "green"})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_refused_at_every_entrance(lab: Lab, number: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Method(code="SOP", kind="lead", u_relative=number)
    with pytest.raises(ValidationError, match="finite"):
        MethodRow(code="SOP", kind="lead", u_relative=number)
    row = MethodRow(code="SOP", kind="lead")
    with pytest.raises(ValidationError, match="finite"):
        row.u_relative = number
    unchecked = {"code": "SOP", "kind": "lead", "u_relative": number}
    with pytest.raises((sa.exc.StatementError, ValueError), match="not a number"), lab.write("a", "b") as session:
        insert_many(session, MethodRow, [unchecked])
    with lab.read() as session:
        assert session.execute(sa.text("SELECT count(*) FROM method")).scalar_one() == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_postgresql_refuses_what_is_not_a_number_from_any_tool(postgres_lab: Lab, number: str) -> None:
    with postgres_lab.write("anna", "a method") as session:
        session.add(MethodRow(code="SOP", kind="lead", u_relative=0.05))
    with psycopg.connect(postgres_lab.config.url) as raw, pytest.raises(psycopg.errors.CheckViolation, match="finite"):
        raw.execute("UPDATE method SET u_relative = %s::float8", [number])


def test_sqlite_refuses_infinity_from_any_tool_and_never_keeps_nan(sqlite_lab: Lab) -> None:
    with sqlite_lab.write("anna", "a method") as session:
        session.add(MethodRow(code="SOP", kind="lead", u_relative=0.05))
    with sqlite_lab.engine.connect() as connection:
        with pytest.raises(sa.exc.IntegrityError, match="finite"):
            connection.exec_driver_sql("UPDATE method SET u_relative = 9e999")
        # SQLite's own arithmetic has no NaN: it makes NULL of it, which the CHECK of a needed value then sees.
        assert connection.exec_driver_sql("SELECT 9e999 - 9e999").scalar() is None


def test_the_largest_and_smallest_floats_are_kept_exactly(lab: Lab) -> None:
    numbers = [1.7976931348623157e308, 5e-324, 0.1 + 0.2, 0.0]
    with lab.write("anna", "methods") as session:
        insert_many(session, MethodRow, [Method(code=f"M{i}", kind="x", u_absolute=n) for i, n in enumerate(numbers)])
    with lab.read() as session:
        methods = sa.Table("method", MethodRow.metadata)
        assert session.execute(sa.select(methods.c.u_absolute).order_by(methods.c.code)).scalars().all() == numbers


def test_a_choice_is_stored_as_its_text_and_comes_back_as_its_member(lab: Lab) -> None:
    with lab.write("anna", "a run") as session:
        session.add(RunRow(code="RUN-1", origin=Origin.TRANSCRIBED))
    with lab.read() as session:
        assert session.execute(sa.text("SELECT origin FROM run")).scalar_one() == "transcribed"
        assert session.get_one(RunRow, _only(lab)).origin is Origin.TRANSCRIBED


def test_a_text_that_is_no_choice_is_refused_even_from_raw_sql(lab: Lab) -> None:
    with lab.write("anna", "a run") as session:
        session.add(RunRow(code="RUN-1"))
    with lab.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="ck_run_origin_known"):
        connection.exec_driver_sql("UPDATE run SET origin = 'invented'")
    with pytest.raises(ValidationError, match="origin"):
        RunRow.model_validate({"code": "RUN-2", "origin": "invented"})


def test_a_column_the_table_has_not_is_refused_in_bulk(sqlite_lab: Lab) -> None:
    with pytest.raises(InputError, match="method has no column colour"), sqlite_lab.write("a", "b") as session:
        insert_many(session, MethodRow, [{"code": "SOP", "kind": "lead", "colour": "green"}])
    with pytest.raises(InputError, match="kind is missing"), sqlite_lab.write("a", "b") as session:
        insert_many(session, MethodRow, [{"code": "SOP"}])
