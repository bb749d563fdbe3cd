"""Handing out: amounts are whole numbers, and nobody takes what is not there, also not two at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from labdb.database import insert_many, load_tables
from labdb.lab import Lab
from labdb.synthesis.sample import AmountUnit, SampleKind, SampleOriginRow, SampleRow

REPOSITORY = Path(__file__).resolve().parent.parent.parent
MG = 1_000_000  # ng
REFUSED = (sa.exc.IntegrityError, psycopg.IntegrityError)

# A worker tries to take 20 mg of a sample at a given moment, round after round, and prints what came of it.
WORKER = """
import sys, time
from pathlib import Path
from uuid import UUID
import sqlalchemy as sa
from labdb.lab import open_lab
from labdb.synthesis.sample import SampleKind, SampleOriginRow, SampleRow

lab = open_lab(Path(sys.argv[1]))
lab.engine
print("ready", flush=True)
for line in sys.stdin:
    code, parent, start = line.split()
    time.sleep(max(0.0, float(start) - time.time()))
    try:
        with lab.write(sys.argv[2], "split") as session:
            child = SampleRow(code=code + sys.argv[2], kind=SampleKind.POWDER)
            session.add(child)
            session.flush()
            session.add(SampleOriginRow(child_id=child.id, parent_id=UUID(parent), taken=20_000_000))
        print("taken", flush=True)
    except sa.exc.IntegrityError as error:
        print("refused" if "handed_out_within_amount" in str(error) else repr(error), flush=True)
    except Exception as error:
        print(repr(error), flush=True)
"""


def add_sample(lab: Lab, code: str = "S-1", **values: Any) -> UUID:  # noqa: ANN401 - any column
    with lab.write("anna", f"{code} made") as session:
        sample = SampleRow(code=code, kind=SampleKind.POWDER, **values)
        session.add(sample)
        return sample.id


def add_powder(lab: Lab, amount_ng: int, code: str = "S-1") -> UUID:
    return add_sample(lab, code, amount=amount_ng, amount_unit=AmountUnit.NANOGRAM)


def take(lab: Lab, parent: UUID, code: str, taken: int) -> UUID:
    """Split a portion off a sample; returns the row that says how much."""
    with lab.write("anna", f"{code} split off") as session:
        child = SampleRow(code=code, kind=SampleKind.POWDER)
        session.add(child)
        session.flush()
        origin = SampleOriginRow(child_id=child.id, parent_id=parent, taken=taken)
        session.add(origin)
        return origin.id


def handed_out(lab: Lab, sample: UUID) -> int:
    with lab.read() as session:
        return session.get_one(SampleRow, sample).handed_out


def test_portions_in_bulk_are_counted_as_handed_out(lab: Lab) -> None:
    parent, child = add_powder(lab, 3 * MG), add_sample(lab, "S-2")
    with lab.write("anna", "bulk") as session:
        insert_many(session, SampleOriginRow, [{"child_id": child, "parent_id": parent, "taken": MG}] * 3)
    assert handed_out(lab, parent) == 3 * MG


def test_three_tenths_of_a_milligram_split_in_three_leave_nothing(lab: Lab) -> None:
    parent = add_powder(lab, 300_000)  # in floats 0.3 - 0.1 - 0.1 - 0.1 leaves -2.8e-17
    for name in "abc":
        take(lab, parent, f"S-1{name}", 100_000)
    assert handed_out(lab, parent) == 300_000
    with lab.read() as session:
        assert session.execute(sa.text("SELECT amount_left FROM samples WHERE code = 'S-1'")).scalar_one() == 0
    with pytest.raises(REFUSED, match="handed_out_within_amount"):
        take(lab, parent, "S-1d", 1)


def test_an_overdraft_is_refused_and_leaves_no_child(lab: Lab) -> None:
    parent = add_powder(lab, 25 * MG)
    take(lab, parent, "S-1a", 20 * MG)
    with pytest.raises(REFUSED, match="handed_out_within_amount"):
        take(lab, parent, "S-1b", 5 * MG + 1)
    assert handed_out(lab, parent) == 20 * MG
    with lab.read() as session:
        assert session.execute(sa.text("SELECT code FROM sample ORDER BY code")).scalars().all() == ["S-1", "S-1a"]


def test_voiding_a_portion_gives_it_back_whoever_voids_it(lab: Lab, bare_driver: sqlite3.Connection) -> None:
    parent = add_powder(lab, 25 * MG)
    first = take(lab, parent, "S-1a", 20 * MG)
    with lab.write("ben", "spilled into the wrong vial") as session:
        session.get_one(SampleOriginRow, first).void_change_id = session.info["change_id"]
    assert handed_out(lab, parent) == 0
    take(lab, parent, "S-1b", 25 * MG)
    bare_driver.execute("UPDATE sample_origin SET void_change_id = change_id WHERE void_change_id IS NULL")
    assert handed_out(lab, parent) == 0


def test_a_portion_that_comes_in_voided_is_not_handed_out(lab: Lab) -> None:
    parent, child = add_powder(lab, MG), add_sample(lab, "S-2")
    with lab.write("anna", "taken over from another lab") as session:
        change = session.info["change_id"]
        session.add(SampleOriginRow(child_id=child, parent_id=parent, taken=MG, void_change_id=change))
    assert handed_out(lab, parent) == 0


def test_of_an_unknown_amount_only_nothing_can_be_taken(lab: Lab) -> None:
    parent = add_sample(lab, "S-1")
    take(lab, parent, "S-1a", 0)  # the same suspension read twice: a child, but no portion
    with pytest.raises(REFUSED, match="only_known_amounts"):
        take(lab, parent, "S-1b", 1)
    with pytest.raises(REFUSED, match="taken_not_negative"):
        take(lab, parent, "S-1c", -1)


def test_an_amount_cannot_be_corrected_below_what_was_handed_out(lab: Lab) -> None:
    parent = add_powder(lab, 25 * MG)
    take(lab, parent, "S-1a", 20 * MG)
    for columns in ({"amount": 19 * MG}, {"amount": None, "amount_unit": None}):
        statement = load_tables().tables["sample"].update().where(load_tables().tables["sample"].c.id == parent)
        with pytest.raises(REFUSED), lab.write("ben", "weighed again") as session:
            session.execute(statement.values(columns))


@pytest.fixture
def workers(lab: Lab) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that live through all rounds and have the lab open."""
    pipe = subprocess.PIPE
    with ExitStack() as stack:
        both: list[subprocess.Popen[str]] = []
        for name in "ab":
            command = [sys.executable, "-c", WORKER, str(lab.config.folder), name]
            worker = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1, cwd=REPOSITORY)
            both.append(stack.enter_context(worker))  # at the end: closes the pipes, which ends the worker, and waits
        for worker in both:
            assert answer(worker) == "ready"
        yield both


def answer(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


def test_of_two_who_take_20_mg_of_the_same_25_mg_at_once_one_is_refused(
    lab: Lab, workers: list[subprocess.Popen[str]]
) -> None:
    for number in range(50):
        parent = add_powder(lab, 25 * MG, f"S-{number}")
        start = time.time() + 0.005  # both wait for the same moment, so that they meet
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write(f"S-{number} {parent} {start}\n")
        assert sorted(answer(worker) for worker in workers) == ["refused", "taken"]
        assert handed_out(lab, parent) == 20 * MG
