"""An intake killed at any moment: all of it is there or nothing, the lab opens, and it can be done again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labdb.finding import Severity
from labdb.intake.file import take_in, undo
from labdb.lab import open_lab
from labdb.queries.wholeness import wholeness

if TYPE_CHECKING:
    from labdb.lab import Lab

Write = Callable[[str, str], Path]
Rows = Callable[..., list[dict[str, Any]]]

READINGS, CURVES = 400, 3
# It forks a child for each line it is sent (a lab's folder, files, the study), so that no start of Python has to be
# waited for; nothing in it holds a connection. A child says "begun"; it is reaped, its number free, only when asked.
NURSERY = """
import json, os, sys
import labdb.database, labdb.intake.file, labdb.intake.form
from pathlib import Path
from labdb.lab import open_lab
labdb.database.load_tables()
labdb.intake.form.forms()
for line in sys.stdin:
    folder, files, context = json.loads(line)
    child = os.fork()
    if child == 0:
        print("begun", os.getpid(), flush=True)
        labdb.intake.file.take_in(open_lab(folder), [Path(file) for file in files], context=context)
        os._exit(0)
    sys.stdin.readline()
    _, status = os.waitpid(child, 0)
    print("ended", status, flush=True)
"""


class Nursery:
    """Runs intakes in children that may be killed."""

    def __init__(self, folder: Path, files: list[Path]) -> None:
        self._order = json.dumps([str(folder), [str(file) for file in files], {"study": "ST-01"}]) + "\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _said(self, word: str) -> int:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().split()
        assert line[0] == word, line
        return int(line[1])

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def begin(self) -> int:
        """Begin an intake in a child; return its number."""
        self._say(self._order)
        return self._said("begun")

    def end(self) -> int:
        """Wait for the child; return how it ended."""
        self._say("\n")
        return self._said("ended")

    def take_in(self, kill_after_s: float | None = None) -> int:
        """Take in the files in a child; kill it after a delay; return how it ended."""
        child = self.begin()
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            os.kill(child, signal.SIGKILL)
        return self.end()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


@pytest.fixture
def files(write: Write) -> list[Path]:
    """Readings of a week and some spectra."""
    table = "".join(f"{7 + number % 2},{number % 5 + 1},{10 + number * 0.01:.2f}\n" for number in range(READINGS))
    found = [write("readings.csv", f"age,replicate,Pb\n{table}")]
    for number in range(CURVES):
        points = "".join(f"{480 + step * 0.1:.1f},{(step * 7 + number) % 911}\n" for step in range(2000))
        found.append(write(f"spectrum_{number}.csv", f"wavelength_nm,counts\n{points}"))
    return found


@pytest.fixture
def nursery(bench: Lab, files: list[Path]) -> Iterator[Nursery]:
    """A nursery for the files of the bench."""
    made = Nursery(bench.config.folder, files)
    yield made
    made.close()


def everything(lab: Lab, rows: Rows) -> tuple[int, ...]:
    """How much of the intake there is: measurements, readings, curves, pulls, headers' files, runs."""
    queries = (
        "SELECT count(*) AS n FROM current_measurement",
        "SELECT count(*) AS n FROM current_result WHERE kind = 'lead_mass_concentration'",
        "SELECT count(*) AS n FROM current_trace",
        "SELECT count(*) AS n FROM current_pull",
        "SELECT count(*) AS n FROM current_intake_run WHERE code <> 'I-0001'",
    )
    return tuple(rows(lab, query)[0]["n"] for query in queries)


def survive(lab: Lab, nursery: Nursery, files: list[Path], rows: Rows, times: int) -> tuple[int, int]:
    """Kill that many intakes at random moments; return how many had stored all and how many nothing."""
    whole = (READINGS + CURVES, READINGS, CURVES, 1, 1)
    began = time.monotonic()
    assert nursery.take_in() == 0
    lasts_s = time.monotonic() - began
    assert everything(lab, rows) == whole
    moments = random.Random(20261122)  # noqa: S311 - the same moments every time
    code, kept, lost = "I-0002", 0, 0
    for _ in range(times):
        undo(lab, code, "again")
        orphans = {path.name for path in lab.files.kept()}
        ended = nursery.take_in(kill_after_s=moments.uniform(0, 1.1 * lasts_s))
        again = open_lab(lab.config.folder)
        found = everything(again, rows)
        assert found in (whole, (0, 0, 0, 0, 0)), f"a part of an intake: {found}"
        assert found == whole or ended == signal.SIGKILL
        kept, lost = (kept + 1, lost) if found == whole else (kept, lost + 1)
        assert [finding for finding in wholeness(again.config) if finding.severity is Severity.ERROR] == []
        assert orphans <= {path.name for path in again.files.kept()}
        if found != whole:
            take_in(again, files, context={"study": "ST-01"})
        (run,) = rows(again, "SELECT code FROM current_intake_run WHERE code <> 'I-0001'")
        code = run["code"]
        again.close()
    assert everything(lab, rows) == whole
    return kept, lost


def test_an_intake_killed_at_any_moment_stored_all_or_nothing(
    bench: Lab, nursery: Nursery, files: list[Path], rows: Rows
) -> None:
    kept, lost = survive(bench, nursery, files, rows, 12)
    assert kept + lost == 12
    assert lost > 0


@pytest.mark.long
def test_an_intake_killed_two_hundred_times_stored_all_or_nothing(
    bench: Lab, nursery: Nursery, files: list[Path], rows: Rows
) -> None:
    kept, lost = survive(bench, nursery, files, rows, 200)
    assert kept > 0
    assert lost > 0


def test_what_a_kill_leaves_in_files_is_named(bench: Lab, files: list[Path], tmp_path: Path) -> None:
    stray = tmp_path / "stray"
    stray.write_text("its row was never committed", encoding="utf-8")
    digest = bench.files.put(stray)
    (bench.files.path_of(digest).parent / "abc.123.part").write_bytes(b"half")
    found = {finding.severity: finding.message for finding in wholeness(bench.config)}
    assert set(found) == {Severity.WARNING}
    messages = [finding.message for finding in wholeness(bench.config)]
    assert any("abc.123.part is left over from an interrupted copy" in message for message in messages)
    assert any(digest in message and "belongs to no record" in message for message in messages)


def test_two_people_may_take_in_different_files_at_the_same_time_and_the_same_file_once(
    bench: Lab, nursery: Nursery, files: list[Path], rows: Rows
) -> None:
    other = Nursery(bench.config.folder, files)
    for one in (nursery, other):
        one.begin()
    ends = sorted(one.end() for one in (nursery, other))
    other.close()
    assert ends[0] == 0
    assert ends[1] != 0  # ConflictError: it was taken in meanwhile
    assert everything(bench, rows) == (READINGS + CURVES, READINGS, CURVES, 1, 1)
