"""What the bench commands refuse: exit code 1, one clear line for each problem, and nothing stored."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from labdb.lab import Lab

NEW = ("batch", "new", "--composition", "CsPbBr3")


def rows_of(lab: Lab) -> dict[str, int]:
    """How many rows each table has."""
    import sqlalchemy as sa

    from labdb.database import load_tables

    with lab.read() as session:
        counts = {
            table.name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in load_tables().sorted_tables
        }
    return counts | {"files kept": len(list(lab.files.kept()))}


@pytest.fixture
def bench(lab: Lab, labdb: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A lab with a batch, a powder and a suspension, and labdb called in it."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Any:  # noqa: ANN401 - a Ran of conftest.py
        return labdb(*arguments, lab=lab.config.folder)

    for arguments in (
        (*NEW, "--protocol", "confined-growth", "--silica", "1.0 g"),
        ("sample", "new", "B-2601", "--powder", "0.4 g", "--code", "S-1"),
        ("sample", "suspend", "S-1", "--mass", "25 mg", "--volume", "50 mL", "--medium", "water"),
    ):
        done = call(*(("batch", "new", *arguments[2:], "--code", "B-2601") if arguments[0] == "batch" else arguments))
        assert done.code == 0, done
    return call


TYPED = {
    "an unknown unit": ((*NEW, "--weigh", "CsBr=91.9 mq"), "no unit"),
    "no unit": ((*NEW, "--weigh", "CsBr=91.9"), "found no unit"),
    "a negative mass": ((*NEW, "--weigh", "CsBr=-91.9 mg"), "above 0"),
    "not a number": ((*NEW, "--weigh", "CsBr=nan mg"), "CsBr"),
    "infinity": ((*NEW, "--weigh", "CsBr=inf mg"), "CsBr"),
    "a bound": ((*NEW, "--weigh", "CsBr=< 3 mg"), "above 0"),
    "a length": ((*NEW, "--weigh", "CsBr=3 nm"), "a mass or a volume"),
    "no amount": ((*NEW, "--weigh", "CsBr"), "CHEMICAL=AMOUNT"),
    "a chemical that is no formula": ((*NEW, "--weigh", "Caesiumbromide=3 mg"), "no chemical"),
    "a salt that is not neutral": ((*NEW, "--weigh", "PbBr=3 mg"), "1 halides missing"),
    "a composition that is not neutral": (("batch", "new", "--composition", "CsPbBr1.5I1"), "0.5 halides missing"),
    "a composition that is no formula": (("batch", "new", "--composition", "perovskite"), "not a chemical formula"),
    "a protocol nobody knows": ((*NEW, "--protocol", "confined-groth"), "did you mean confined-growth?"),
    "a lot nobody knows": ((*NEW, "--weigh", "CsBr=3 mg @L-9"), 'no lot "L-9"'),
    "a code that is taken": ((*NEW, "--code", "B-2601"), "already recorded"),
    "an alias that is a code": ((*NEW, "--alias", "B-2601"), "already names B-2601"),
    "a date that is none": ((*NEW, "--at", "yesterday"), "expected a date"),
    "a code of two lines": ((*NEW, "--code", "B-\n9"), "expected one line"),
    "a code nobody can type": ((*NEW, "--code", "B" * 81), "at most 80 characters"),
    "a code of bytes that are no text": ((*NEW, "--code", "B-\udcff"), "no UTF-8"),
    "no composition": (("batch", "new", "--composition", "", "--silica", "1 g"), "--composition"),
    "nothing said": (("batch", "new"), "--composition"),
    "a step nobody planned": (("step", "finish", "B-2601", "calcin"), "did you mean calcine?"),
    "a batch nobody knows": (("step", "finish", "B-2061", "calcine"), "did you mean B-2601?"),
    "a ramp in degrees": (("step", "finish", "B-2601", "calcine", "--ramp", "5 degC"), "--ramp"),
    "below absolute zero": (("step", "finish", "B-2601", "calcine", "--temperature", "-300 degC"), "--temperature"),
    "skipped without a reason": (("step", "skip", "B-2601", "soak"), "--why"),
    "more than there is": (
        ("sample", "suspend", "S-1", "--mass", "376 mg", "--volume", "1 mL", "--medium", "water"),
        "S-1 has 375.0 mg left; 376.0 mg were asked for",
    ),
    "a volume for a mass": (
        ("sample", "suspend", "S-1", "--mass", "3 mL", "--volume", "1 mL", "--medium", "water"),
        "expected a mass",
    ),
    "a suspension suspended": (
        ("sample", "suspend", "S-1-W1", "--mass", "3 mg", "--volume", "1 mL", "--medium", "water"),
        "powder is suspended",
    ),
    "split into nothing": (("sample", "split", "S-1", "--take", "3 mg", "--parts", "0"), "--parts"),
    "a sample nobody knows": (("sample", "split", "S-11", "--take", "3 mg"), "did you mean S-1?"),
    "a study in nothing known": (
        ("study", "new", "x", "--sample", "S-1-W1", "--condition", "watr", "--pulls", "7d", "--measure", "PL"),
        "did you mean water?",
    ),
    "pulls before the start": (
        ("study", "new", "x", "--sample", "S-1-W1", "--condition", "water", "--pulls=-7d", "--measure", "PL"),
        "labdb:",
    ),
    "a pull no one lives to see": (
        ("study", "new", "x", "--sample", "S-1-W1", "--condition", "water", "--pulls", "1e9d", "--measure", "PL"),
        "at most a hundred years",
    ),
    "a kind nobody knows": (
        ("study", "new", "x", "--sample", "S-1-W1", "--condition", "water", "--pulls", "7d", "--measure", "PX"),
        "PX",
    ),
    "a pull of no study": (("pull", "record", "ST-1", "7d"), "no study"),
    "a pull missed without a reason": (("pull", "missed", "ST-1", "7d"), "--why"),
    "an intake that was not": (("intake", "undo", "I-0001", "--why", "x"), "no intake run"),
    "an undo without a reason": (("intake", "undo", "I-0001"), "--why"),
    "an undo of nothing": (("intake", "undo", "--why", "x"), "undo which intake?"),
    "a field nobody has": (("correct", "S-1", "--set", "colour=grey", "--why", "x"), "no field of a sample"),
    "a weighing that is not there": (
        ("correct", "B-2601", "--set", "CsI.amount=3 mg", "--why", "x"),
        "no weighing or step",
    ),
    "a correction without a reason": (("correct", "S-1", "--set", "operator=mei"), "--why"),
    "a correction of nothing": (("correct", "S-1", "--set", "kind=powder", "--why", "x"), "nothing would change"),
    "a thing voided": (("void", "S-1", "--why", "x"), "things stay for ever"),
    "a note without text": (("note", "S-1", " "), "empty"),
    "a file that is not there": (("attach", "S-1", "nowhere.png"), "nowhere.png"),
    "a day that is none": (("due", "--on", "tomorrow"), "--on"),
    "a span that is none": (("due", "--within", "7 kg"), "--within"),
    "a form nobody knows": (("form", "sample"), "did you mean samples?"),
}


@pytest.mark.parametrize("case", TYPED)
def test_what_is_typed_wrong_ends_in_one_clear_line_and_stores_nothing(
    case: str, bench: Callable[..., Any], lab: Lab
) -> None:
    arguments, said = TYPED[case]
    before = rows_of(lab)
    done = bench(*arguments)
    assert (done.code, done.out) == (1, ""), done
    assert done.err.startswith("labdb: ")
    assert said in done.err
    assert "Traceback" not in done.err
    assert rows_of(lab) == before


FILES: dict[str, tuple[str, bytes, str]] = {
    "an empty file": ("observations.csv", b"", "an empty file"),
    "a header without rows of a form nobody knows": ("strange.csv", b"alpha,beta\n1,2\n", "form"),
    "a misspelt column": ("samples.csv", b"code,kind,ammount,amount_unit\nS-9,powder,3,mg\n", "did you mean amount?"),
    "a binary file named .csv": ("observations.csv", bytes(range(256)) * 20, "binary"),
    "a workbook named .csv": ("observations.csv", b"PK\x03\x04" + bytes(100), "Excel"),
    "Latin-1": ("observations.csv", "sample,age,Pb\nS-1-W1,7 d,10 µg/L\n".encode("latin-1"), "UTF-8"),
    "an unknown unit in a cell": ("observations.csv", b"sample,age,Pb\nS-1-W1,7 d,<10 ppd\n", "line 2"),
    "a decimal comma": ("observations.csv", b'sample,age,Pb\nS-1-W1,7 d,"10,5"\n', "10.5"),
    "not a number in a cell": ("observations.csv", b"sample,age,Pb\nS-1-W1,7 d,NaN\n", "line 2"),
    "a sample nobody knows": ("observations.csv", b"sample,age,Pb\nS-1-W11,7 d,3\n", "did you mean S-1-W1?"),
    "a negative amount": ("samples.csv", b"code,kind,amount,amount_unit\nS-9,powder,-3,mg\n", "negative"),
    "a code of two lines": ("samples.csv", b'code,kind\n"S\n9",powder\n', "expected one line"),
    "a code nobody can type": ("runs.csv", b"code\n" + b"R" * 81 + b"\n", "80 characters"),
    "a parent drained": (
        "samples.csv",
        b"code,kind,parent,taken,taken_unit,amount,amount_unit\nS-9,powder,S-1,3000,mg,3000,mg\n",
        "S-1 has 375.0 mg left",
    ),
    "a weighing in metres": ("weighings.csv", b"batch,chemical,unit,amount\nB-2601,SiO2,m,3\n", "a mass or a volume"),
    "a step of another kind": ("steps.csv", b"batch,seq,kind,state\nB-2601,4,wash,finished\n", "calcine"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_wrong_is_refused_with_its_name_and_stores_nothing(
    case: str, bench: Callable[..., Any], lab: Lab, tmp_path: Path
) -> None:
    name, content, said = FILES[case]
    (tmp_path / name).write_bytes(content)
    before = rows_of(lab)
    done = bench("intake", name)
    assert (done.code, done.out) == (1, ""), done
    assert name in done.err
    assert said in done.err
    assert rows_of(lab) == before


def test_a_folder_without_files_and_a_file_that_is_not_there_are_refused(
    bench: Callable[..., Any], lab: Lab, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    before = rows_of(lab)
    assert "a folder without files" in bench("intake", "empty").err
    assert "nothing there" in bench("intake", "nowhere.csv").err
    assert rows_of(lab) == before


DOCUMENTS = {
    "an anchor": ("composition: &c CsPbBr3\n", "anchor"),
    "an alias": ("composition: CsPbBr3\nlabel: *c\n", "alias"),
    "a tag": ("composition: !!python/object:os.system CsPbBr3\n", "tag"),
    "a field nobody has": ("composition: CsPbBr3\nprotocoll: confined-growth\n", "did you mean protocol?"),
    "a list for a text": ("composition: [CsPbBr3]\n", "line 1"),
    "weighings in a list": ("composition: CsPbBr3\nweigh: [CsBr]\n", "chemical: amount"),
    "no composition": ("protocol: confined-growth\n", "composition"),
    "a name twice": ("composition: CsPbBr3\ncomposition: CsPbI3\n", "twice"),
    "no unit": ("composition: CsPbBr3\nweigh:\n  CsBr: 3\n", "found no unit"),
    "a field of a weighing nobody has": ("composition: CsPbBr3\nweigh:\n  CsBr: {amount: 3 mg, lott: L-1}\n", "lott"),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_a_batch_file_that_is_wrong_stores_nothing(
    case: str, bench: Callable[..., Any], lab: Lab, tmp_path: Path
) -> None:
    content, said = DOCUMENTS[case]
    (tmp_path / "batch.yaml").write_text(content, encoding="utf-8")
    before = rows_of(lab)
    done = bench("batch", "new", "batch.yaml")
    assert (done.code, done.out) == (1, ""), done
    assert said in done.err
    assert rows_of(lab) == before


def test_a_file_whose_name_is_no_text_is_refused_when_its_folder_is_taken_in(
    bench: Callable[..., Any], lab: Lab, tmp_path: Path
) -> None:
    folder = tmp_path / "table"
    folder.mkdir()
    try:
        (folder / "observations_\udcff.csv").write_text("sample,age,Pb\nS-1-W1,7 d,3 ug/L\n", encoding="utf-8")
    except OSError:
        pytest.skip("this file system keeps only names that are text")
    before = rows_of(lab)
    done = bench("intake", "table")
    assert (done.code, done.out) == (1, ""), done
    assert "not UTF-8" in done.err
    assert rows_of(lab) == before


def test_what_the_disk_refuses_is_one_line_and_wrong_sql_is_a_bug() -> None:
    """SQLite's own error as on a read-only disk, from its pragma: file modes do not bind an administrator."""
    import sqlite3

    import sqlalchemy as sa

    from labdb.__main__ import _refused_by_machine

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA query_only=ON")
        with pytest.raises(sqlite3.OperationalError) as refused:
            connection.execute("CREATE TABLE x (y)")
        with pytest.raises(sqlite3.OperationalError) as wrong:
            connection.execute("SELECT nothing")
    assert _refused_by_machine(refused.value) == "attempt to write a readonly database"
    assert _refused_by_machine(sa.exc.OperationalError("CREATE", {}, refused.value)) is not None
    assert _refused_by_machine(wrong.value) is None


def test_a_folder_that_may_not_be_written_ends_in_one_clear_line(
    bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    done = bench("init", str(tmp_path / "new"))
    assert (done.code, done.out) == (1, ""), done
    assert "new: Read-only file system." in done.err
    assert done.err.count("\n") == 1


def test_an_amount_is_shown_in_the_unit_it_was_typed_in_and_no_other(bench: Callable[..., Any]) -> None:
    shown = bench("show", "S-1-W1").out
    assert "amount: 50 mL" in shown
    assert "pL" not in shown


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize(("redirection", "code"), [("> /dev/full", 1), (">&-", 0), ("2>&- >&-", 0)])
def test_a_stdout_that_takes_nothing_ends_without_a_traceback(redirection: str, code: int) -> None:
    import subprocess
    import sys

    command = f'"{sys.executable}" -m labdb limits list {redirection}'
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 1
