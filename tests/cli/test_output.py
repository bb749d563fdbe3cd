"""How commands print and ask: one form at a time, nothing but data in JSON, a prompt only on a terminal."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labdb.cli.output import ask_reason, confirm, emit
from labdb.errors import InputError

if TYPE_CHECKING:
    from labdb.lab import Lab

REPOSITORY = Path(__file__).resolve().parents[2]
ROWS = [{"code": "S-1", "mass": 0.1 + 0.2, "note": None}, {"code": "S-22", "mass": 12.0, "note": "a, b"}]


def printed(capsys: pytest.CaptureFixture[str], **how: bool) -> str:
    emit("x", ROWS, columns=["code", ("mass", "mass [mg]"), "note"], next_step="labdb due", **how)
    return capsys.readouterr().out


def test_a_table_is_aligned_plain_text_with_the_next_step_last(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, as_json=False, as_csv=False).splitlines() == [
        "code  mass [mg]  note",
        "S-1         0.3  -",
        "S-22         12  a, b",
        "Next: labdb due",
    ]


def test_json_is_data_only_with_its_schema_first(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed(capsys, as_json=True, as_csv=False))
    assert list(document) == ["schema", "data"]
    assert document["schema"] == "labdb/x/1"
    assert document["data"] == ROWS


def test_csv_gives_back_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(capsys, as_json=False, as_csv=True))))
    assert float(rows[0]["mass"]) == 0.1 + 0.2
    assert rows[1] == {"code": "S-22", "mass": "12.0", "note": "a, b"}
    with pytest.raises(InputError, match="choose one"):
        printed(capsys, as_json=True, as_csv=True)


def test_nobody_is_asked_where_there_is_no_terminal() -> None:
    assert ask_reason("x", " because ") == "because"
    with pytest.raises(InputError, match="--why"):
        ask_reason("x", None)
    with pytest.raises(InputError, match="--why"):
        ask_reason("x", "  ")
    confirm("Delete?", yes=True)
    with pytest.raises(InputError, match="add --yes"):
        confirm("Delete?", yes=False)


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(REPOSITORY), "LABDB_ACTOR": "mei"} | more


def test_on_a_terminal_a_deviation_asks_why(sqlite_lab: Lab) -> None:
    import pexpect

    from labdb.intake.batch import BatchRequest, new_batch

    new_batch(sqlite_lab, BatchRequest(composition="CsPbBr3", code="B-1", protocol="confined-growth"))
    arguments = ["-m", "labdb", "step", "finish", "B-1", "calcine", "--ramp", "7 degC/min"]
    folder = str(sqlite_lab.config.folder)
    child = pexpect.spawn(sys.executable, arguments, cwd=folder, env=environment(), encoding="utf-8", timeout=60)
    child.expect_exact("ramp 7 against 5 +/- 1 degC/min planned: deviation. Why?  > ")
    child.sendline("furnace program 3 loaded by mistake")
    child.expect_exact("Next: cool")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_table_on_a_terminal_has_no_colour_when_nobody_wants_it(sqlite_lab: Lab) -> None:
    import pexpect

    from labdb.intake.batch import BatchRequest, new_batch

    new_batch(sqlite_lab, BatchRequest(composition="CsPbBr3", code="B-1"))
    shown = {}
    for name, more in (("plain", {"NO_COLOR": "1"}), ("pretty", {"TERM": "xterm-256color"})):
        given = {key: value for key, value in environment(**more).items() if key != "NO_COLOR" or name == "plain"}
        shown[name] = str(
            pexpect.run(
                f"{sys.executable} -m labdb batch list",
                cwd=str(sqlite_lab.config.folder),
                env=given,
                encoding="utf-8",
                timeout=60,
            )
        )
    assert "B-1" in shown["plain"]
    assert "\x1b" not in shown["plain"]
    assert "─" in shown["pretty"]


def test_a_reader_that_leaves_ends_labdb_without_a_word(sqlite_lab: Lab) -> None:
    shell = f"{sys.executable} -m labdb form samples | head -c 1"
    done = subprocess.run(
        ["bash", "-c", shell],
        cwd=sqlite_lab.config.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("#", "")


def test_a_terminal_that_lacks_a_letter_still_gets_an_answer(sqlite_lab: Lab) -> None:
    from labdb.intake.batch import BatchRequest, new_batch
    from labdb.intake.correction import note

    new_batch(sqlite_lab, BatchRequest(composition="CsPbBr3", code="B-1"))
    note(sqlite_lab, "B-1", "λ at 600 °C")
    done = subprocess.run(
        [sys.executable, "-m", "labdb", "history", "B-1"],
        cwd=sqlite_lab.config.folder,
        env=environment(PYTHONIOENCODING="latin-1"),
        capture_output=True,
        encoding="latin-1",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "? at 600 °C" in done.stdout


def test_a_bug_shows_its_traceback(labdb: Callable[..., Any], sqlite_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("labdb.queries.batch.list_batches", broken)
    with pytest.raises(ZeroDivisionError):
        labdb("batch", "list", lab=sqlite_lab.config.folder)


def test_a_wrong_option_is_a_matter_of_usage(labdb: Callable[..., Any]) -> None:
    assert labdb("batch", "lost").code == 2
    assert labdb("batch", "list", "--jsn").code == 2
    assert labdb("--version").out.startswith("labdb ")


def test_outside_a_lab_the_way_in_is_named(
    labdb: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LABDB_LAB", raising=False)
    done = labdb("due")
    assert done.code == 1
    assert "labdb init DIR" in done.err


def test_a_lab_is_made_once(labdb: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABDB_ACTOR", "mei")
    done = labdb("init", tmp_path / "nslab", "--name", "NS lab")
    assert done.out.splitlines()[0] == ("Lab ready: labdb.toml, lab.db, files/.  You are mei (from your login).")
    assert "already" in labdb("init", tmp_path / "nslab").err
    assert labdb("upgrade", "--lab", tmp_path / "nslab").out.splitlines()[0].endswith("already")
    assert labdb("doctor", lab=tmp_path / "nslab").code == 0
    (tmp_path / "nslab" / "lab.db").write_bytes(b"no database at all, but long enough to look like one")
    broken = labdb("doctor", lab=tmp_path / "nslab")
    assert (broken.code, broken.out) == (1, "")
    assert "cannot be opened as a database" in broken.err


def test_every_command_has_an_example_and_every_group_a_summary() -> None:
    import typer

    from labdb.cli import make_app

    command = typer.main.get_command(make_app())
    pending: list[tuple[str, Any]] = [("labdb", command)]
    lacking = []
    while pending:
        name, one = pending.pop()
        below = getattr(one, "commands", {})
        pending += [(f"{name} {key}", sub) for key, sub in below.items()]
        if not below and f"Example: {name}" not in str(one.help):
            lacking.append(name)
        assert one.help, name
    assert lacking == []
