"""What the database itself guarantees, to labdb and to any other tool: nothing lost, anonymous or overdrawn."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from labdb.connection import revisions
from labdb.database import facts, insert_many, load_tables, row_class, things
from labdb.lab import Lab
from labdb.measurement import Measurement, MeasurementRow, Result, ResultRow, Trace, TraceRow, curve_digest, pack
from labdb.quantity import Censoring
from labdb.record import Table, fixed_source, new_id
from labdb.registry.method import MethodRow
from labdb.schema import upgrade
from labdb.synthesis.sample import AmountUnit, SampleKind, SampleRow

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MG = 1_000_000  # ng
REPOSITORY = Path(__file__).resolve().parent.parent
BY_TRIGGER = (sqlite3.IntegrityError, psycopg.errors.RaiseException)
BY_CHECK = (sa.exc.IntegrityError, sqlite3.IntegrityError, psycopg.IntegrityError)


def add_sample(lab: Lab, code: str = "S-1", **values: Any) -> UUID:  # noqa: ANN401 - any column
    with lab.write("anna", f"{code} made") as session:
        sample = SampleRow(code=code, kind=SampleKind.POWDER, **values)
        session.add(sample)
        return sample.id


def add_measurement(lab: Lab, code: str = "M-1") -> UUID:
    with lab.write("anna", f"{code} measured") as session:
        sample = SampleRow(code=f"S-{code}", kind=SampleKind.POWDER)
        session.add(sample)
        session.flush()
        row = MeasurementRow(code=code, kind="icp_oes", sample_id=sample.id)
        session.add(row)
        session.flush()
        session.add(ResultRow(measurement_id=row.id, kind="lead_mass_concentration", value=10.15, unit="ug/L"))
        return row.id


def only_result(lab: Lab) -> UUID:
    with lab.read() as session:
        identifier: UUID = session.execute(sa.select(load_tables().tables["result"].c.id)).scalar_one()
        return identifier


def audited(lab: Lab) -> list[tuple[str, str | None, str | None, dict[str, Any], dict[str, Any]]]:
    """Every audit row: table, who, why, what it was, what it became."""
    sql = """SELECT a.table_name, c.actor, c.reason, a.old, a.new FROM audit a LEFT JOIN change c ON c.id = a.change_id
             ORDER BY a.number"""
    with lab.read() as session:
        rows = session.execute(sa.text(sql)).all()
    return [(row[0], row[1], row[2], json.loads(row[3]), json.loads(row[4])) for row in rows]


# --- many rows at once ---------------------------------------------------------------------------------------------


class UndoneError(Exception):
    """Ends a transaction that is only looked at."""


def rows_of_a_file(lab: Lab, *, in_bulk: bool) -> list[dict[str, Any]]:
    """All columns of a hundred measurements, their results and curves, as the database gives them back."""
    rows: list[dict[str, Any]] = []
    rows_in_order: list[type[Table]] = [MeasurementRow, ResultRow, TraceRow]
    with suppress(UndoneError), fixed_source(START), lab.write("anna", "a file") as session:
        sample = SampleRow(code="S-1", kind=SampleKind.POWDER)
        session.add(sample)
        session.flush()
        for row, records in zip(rows_in_order, records_of(sample.id), strict=True):
            if in_bulk:
                assert insert_many(session, row, records) == len(records)
            else:
                session.add_all([row.model_validate(record) for record in records])
                session.flush()
            table = load_tables().tables[str(row.__tablename__)]
            rows += [dict(found._mapping) for found in session.execute(sa.select(table).order_by(table.c.id))]
        raise UndoneError
    return rows


def records_of(sample: UUID) -> tuple[list[dict[str, Any]], ...]:
    measurements, results, curves = [], [], []
    x = pack([500.0, 510.0])
    for number in range(100):
        place = 'tab\t, line\n, \\N, "quotes", µ, NULL'  # all of which mean something to COPY, or to CSV
        made = Measurement(code=f"M-{number}", kind="emission", sample_id=sample, measured_at=START, place=place)
        identifier = new_id()
        measurements.append({**made.model_dump(), "id": identifier, "age_d": number / 7})
        below = Censoring.BELOW if number % 2 else Censoring.NONE
        result = Result(measurement_id=identifier, kind="loss", value=0.1 * number, unit="1", censoring=below)
        # COPY goes by place: keys in another order, or left out, must not move a value into another column.
        columns = list(result.model_dump(exclude_none=number % 3 == 0).items())
        results.append({"id": new_id(), **dict(columns[:: 1 if number % 2 else -1])})
        y = pack([float(number), 1e-300])
        curve = {"points": 2, "x": x, "y": y, "u": None, "sha256": curve_digest(x, y), "measurement_id": identifier}
        kinds = {"x_kind": "wavelength", "x_unit": "nm", "y_kind": "spectral_intensity", "y_unit": "count"}
        curves.append({"id": new_id(), **Trace.model_validate({**curve, **kinds}).model_dump()})
    return measurements, results, curves


def test_many_rows_at_once_are_the_rows_that_objects_one_by_one_would_be(sqlite_lab: Lab, postgres_lab: Lab) -> None:
    rows = rows_of_a_file(sqlite_lab, in_bulk=False)
    assert len(rows) == 300
    assert rows_of_a_file(sqlite_lab, in_bulk=True) == rows
    assert rows_of_a_file(postgres_lab, in_bulk=False) == rows
    assert rows_of_a_file(postgres_lab, in_bulk=True) == rows


def test_records_in_bulk_are_signed_and_get_the_defaults_of_their_row(lab: Lab) -> None:
    measurement = add_measurement(lab)
    record = Result(measurement_id=measurement, kind="loss", value=1.0, unit="1")
    with lab.write("ben", "bulk") as session:
        assert insert_many(session, ResultRow, []) == 0
        assert insert_many(session, ResultRow, (one for one in [record])) == 1
        change = session.info["change_id"]
    with lab.read() as session:
        results = load_tables().tables["result"]
        stored = session.execute(sa.select(results).where(results.c.kind == "loss")).one()
    assert (stored.change_id, stored.origin, stored.void_change_id) == (change, "measured", None)
    assert stored.id.version == 7


def test_bulk_rows_are_validated_by_record_and_by_database(lab: Lab) -> None:
    measurement = add_measurement(lab)
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        Result(measurement_id=measurement, kind="loss", value=1.0, unit="1", u=-0.1)
    neither = Result(measurement_id=measurement, kind="loss", value=None, unit="1")  # no value, and no reason why
    with pytest.raises(BY_CHECK, match="value_or_reason"), lab.write("anna", "bulk") as session:
        insert_many(session, ResultRow, [neither])


# --- one transaction, signed ---------------------------------------------------------------------------------------


def test_a_transaction_that_fails_leaves_nothing_not_even_its_change(lab: Lab) -> None:
    with suppress(UndoneError), lab.write("anna", "to be undone") as session:
        session.add(SampleRow(code="S-1", kind=SampleKind.POWDER))
        session.flush()
        raise UndoneError
    with lab.read() as session:
        for table in ("change", "sample", "current_change"):
            assert session.execute(sa.text(f'SELECT count(*) FROM "{table}"')).scalar_one() == 0


def test_a_row_without_a_change_is_refused(lab: Lab, bare_driver: sqlite3.Connection) -> None:
    insert = f"INSERT INTO person (id, code, revision, origin) VALUES ('{new_id().hex}', 'x', 1, 'measured')"
    with pytest.raises(BY_CHECK, match="change_id"):
        bare_driver.execute(insert)


def test_reading_sees_what_was_committed_while_somebody_writes(lab: Lab) -> None:
    with lab.write("anna", "slowly") as session, lab.read() as reader:
        session.add(SampleRow(code="S-1", kind=SampleKind.POWDER))
        session.flush()
        assert reader.execute(sa.text("SELECT count(*) FROM sample")).scalar_one() == 0


def test_a_second_writer_waits_and_is_not_told_that_the_database_is_locked(sqlite_lab: Lab) -> None:
    order: list[str] = []

    def second() -> None:
        add_sample(sqlite_lab, "S-2")
        order.append("second")

    with ExitStack() as held:
        session = held.enter_context(sqlite_lab.write("anna", "slowly"))
        session.add(SampleRow(code="S-1", kind=SampleKind.POWDER))
        session.flush()
        other = threading.Thread(target=second)
        other.start()
        other.join(timeout=0.3)  # long enough for a writer that did not wait to fail or to finish
        assert other.is_alive()
        order.append("first")
    other.join(timeout=30)
    assert order == ["first", "second"]


def test_sqlite_writes_ahead_checks_keys_and_flushes_to_the_disk(sqlite_lab: Lab) -> None:
    with sqlite_lab.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")
        }
        assert found == {"journal_mode": "wal", "foreign_keys": 1}
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


# --- nothing is deleted, facts are not changed ---------------------------------------------------------------------


@pytest.fixture
def filled_lab(lab: Lab, fill: Callable[[str, str], None]) -> Lab:
    """A lab with a row in every table."""
    fill(lab.config.url, revisions()[0])
    upgrade(lab.config.url)
    return lab


def refused(connection: sqlite3.Connection, statement: str) -> None:
    """Try a statement that must run into a trigger, and not into something else."""
    with pytest.raises(BY_TRIGGER, match="labdb: "):
        connection.execute(statement)


def test_no_tool_can_delete_a_row_of_any_table(filled_lab: Lab, bare_driver: sqlite3.Connection) -> None:
    for table in guarded():
        refused(bare_driver, f'DELETE FROM "{table.name}"')
        if filled_lab.engine.dialect.name == "postgresql":
            refused(bare_driver, f'TRUNCATE "{table.name}" CASCADE')
        assert bare_driver.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0] > 0


def test_no_tool_can_change_a_fact_or_what_is_append_only(filled_lab: Lab, bare_driver: sqlite3.Connection) -> None:
    for table in guarded():
        for column in table.columns if table not in things() else ():
            # To itself: a trigger must refuse even that, before any constraint has a reason to.
            refused(bare_driver, f'UPDATE "{table.name}" SET "{column.name}" = "{column.name}"')


def test_voiding_a_fact_is_final(filled_lab: Lab, bare_driver: sqlite3.Connection) -> None:
    refused(bare_driver, "UPDATE result SET void_change_id = change_id WHERE void_change_id IS NOT NULL")
    refused(bare_driver, "UPDATE result SET void_change_id = change_id, value = 1")
    bare_driver.execute("UPDATE result SET void_change_id = change_id WHERE kind = 'lead_mass_concentration'")


def test_no_tool_can_give_a_thing_another_identity(filled_lab: Lab, bare_driver: sqlite3.Connection) -> None:
    for table in things():
        refused(bare_driver, f"UPDATE \"{table.name}\" SET id = '{new_id().hex}'")
        for change in ("00000000-0000-0000-0000-000000000002", "00000000000000000000000000000002"):
            refused(bare_driver, f"UPDATE \"{table.name}\" SET change_id = '{change}'")


def test_insert_or_replace_cannot_take_the_place_of_any_row(sqlite_lab: Lab, fill: Callable[[str, str], None]) -> None:
    fill(sqlite_lab.config.url, revisions()[0])
    upgrade(sqlite_lab.config.url)
    path = sqlite_lab.config.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for table in guarded():
            refused(connection, f'INSERT OR REPLACE INTO "{table.name}" SELECT * FROM "{table.name}" LIMIT 1')
            if len(keys_of(table)) > 1:  # by another key than the primary one: the same row with a new identifier
                columns = ", ".join(f'"{column.name}"' for column in table.columns if column.name != "id")
                rows = f'"{table.name}" WHERE {"void_change_id IS NULL" if "void_change_id" in table.c else "1"}'
                new = f"SELECT '{new_id().hex}', {columns} FROM {rows} LIMIT 1"
                refused(connection, f'INSERT OR REPLACE INTO "{table.name}" (id, {columns}) {new}')


def guarded() -> list[sa.Table]:
    """All tables but the one that is empty between transactions."""
    return [table for table in load_tables().sorted_tables if table.name != "current_change"]


def keys_of(table: sa.Table) -> list[str]:
    """What stands once in a table, by name: its keys, and the unique indexes that hold for a current row."""
    keys = [
        str(key.name) for key in table.constraints if isinstance(key, sa.PrimaryKeyConstraint | sa.UniqueConstraint)
    ]
    return keys + [str(index.name) for index in table.indexes if str(index.name).startswith("ux_current")]


def test_update_or_replace_cannot_push_another_thing_out(sqlite_lab: Lab) -> None:
    add_sample(sqlite_lab, "S-1")
    add_sample(sqlite_lab, "S-2")
    path = sqlite_lab.config.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        refused(connection, "UPDATE OR REPLACE sample SET code = 'S-1' WHERE code = 'S-2'")
        connection.execute("UPDATE sample SET code = 'S-3' WHERE code = 'S-2'")  # to a free code it may move


# --- codes and kinds stand once ------------------------------------------------------------------------------------


def test_a_code_stands_once_among_things_of_a_table(lab: Lab) -> None:
    assert all([tuple(c.columns.keys()) for c in t.constraints if isinstance(c, sa.UniqueConstraint)] for t in things())
    add_sample(lab, "S-1")
    with pytest.raises(BY_CHECK):
        add_sample(lab, "S-1")


def test_a_fact_is_corrected_once_by_a_row_that_supersedes_it(lab: Lab) -> None:
    measurement = add_measurement(lab)
    wrong = only_result(lab)
    right = {"measurement_id": measurement, "kind": "lead_mass_concentration", "unit": "ug/L", "supersedes_id": wrong}
    with pytest.raises(BY_CHECK), lab.write("ben", "10.51 read as 10.15") as session:
        session.add(ResultRow.model_validate({**right, "value": 10.51}))  # while the wrong one stands, it is in the way
    with lab.write("ben", "10.51 read as 10.15") as session:
        session.get_one(ResultRow, wrong).void_change_id = session.info["change_id"]
        session.flush()
        session.add(ResultRow.model_validate({**right, "value": 10.51}))
    with pytest.raises(BY_CHECK), lab.write("ben", "again") as session:
        session.add(ResultRow.model_validate({**right, "value": 10.52, "kind": "loss"}))
    with lab.read() as session:
        assert session.execute(sa.text("SELECT value FROM current_result")).scalars().all() == [10.51]
        assert session.execute(sa.text("SELECT value FROM result ORDER BY value")).scalars().all() == [10.15, 10.51]


def test_the_code_of_a_voided_fact_may_be_used_again(lab: Lab) -> None:
    measurement = add_measurement(lab, "M-1")
    with lab.write("ben", "wrong sample") as session:
        row = session.get_one(MeasurementRow, measurement)
        row.void_change_id = session.info["change_id"]
        session.flush()
        session.add(MeasurementRow(code="M-1", kind="icp_oes", sample_id=row.sample_id))


# --- audit ---------------------------------------------------------------------------------------------------------


def test_a_corrected_thing_leaves_what_it_was_who_corrected_it_and_why(lab: Lab) -> None:
    sample = add_sample(lab, amount=25 * MG, amount_unit=AmountUnit.NANOGRAM)
    with lab.write("ben", "label misread") as session:
        row = session.get_one(SampleRow, sample)
        row.role, row.amount, row.revision = 'it\'s "the" µ-sample', 24 * MG, 2
    was, became = {"role": None, "amount": 25 * MG, "revision": 1}, {"amount": 24 * MG, "revision": 2}
    assert audited(lab) == [("sample", "ben", "label misread", was, {"role": 'it\'s "the" µ-sample', **became})]


def test_the_audit_keeps_a_float_exactly(lab: Lab) -> None:
    numbers = [0.1 + 0.2, 1.7976931348623157e308, 5e-324, 1 / 3, 1e23]
    with lab.write("anna", "a method") as session:
        method = MethodRow(code="SOP", kind="lead", u_absolute=numbers[0])
        session.add(method)
    for number in numbers[1:]:
        with lab.write("anna", "validated again") as session:
            session.get_one(MethodRow, method.id).u_absolute = number
    # PostgreSQL writes 1e23 out as a whole number, which Python then reads as an int.
    changes = [(float(old["u_absolute"]), float(new["u_absolute"])) for _, _, _, old, new in audited(lab)]
    assert changes == list(pairwise(numbers))


def test_a_voided_fact_leaves_who_voided_it_and_why(lab: Lab) -> None:
    add_measurement(lab)
    with lab.write("ben", "wrong vial") as session:
        session.get_one(ResultRow, only_result(lab)).void_change_id = change = session.info["change_id"]
    ((table, who, why, was, became),) = audited(lab)
    assert (table, who, why, was) == ("result", "ben", "wrong vial", {"void_change_id": None})
    assert UUID(became["void_change_id"]) == change


def test_what_another_tool_changes_is_audited_without_a_change(lab: Lab, bare_driver: sqlite3.Connection) -> None:
    add_sample(lab, "S-1")
    with lab.write("ben", "corrected") as session:
        session.execute(sa.text("UPDATE sample SET role = 'control'"))
    bare_driver.execute("UPDATE sample SET role = 'powder'")
    bare_driver.execute("UPDATE sample SET role = 'powder'")  # which changes nothing
    assert audited(lab) == [
        ("sample", "ben", "corrected", {"role": None}, {"role": "control"}),
        ("sample", None, None, {"role": "control"}, {"role": "powder"}),
    ]


def test_every_table_is_a_thing_a_fact_or_append_only() -> None:
    named = {table.name for table in things()}, {table.name for table in facts()}
    assert not named[0] & named[1]
    assert {"sample", "batch", "lot", "person", "instrument", "study"} <= named[0]
    assert {"step", "measurement", "result", "trace", "verdict", "statement"} <= named[1]
    assert row_class("sample") is SampleRow
