"""Files: everything of an intake or nothing, each file once, undone by one line."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labdb.connection import open_reader
from labdb.errors import ConflictError, InputError, ReadError, UnknownNameError
from labdb.files import FileStore
from labdb.intake.correction import correct
from labdb.intake.file import take_in, undo
from labdb.intake.study import record_pull
from labdb.intake.writer import IntakeRefused
from labdb.queries.history import history
from labdb.queries.wholeness import wholeness
from labdb.stability.study import PullState

if TYPE_CHECKING:
    from labdb.lab import Lab

Write = Callable[[str, str], Path]
Rows = Callable[..., list[dict[str, Any]]]
Contents = Callable[["Lab"], tuple[dict[str, int], list[str]]]

SPECTRUM = "# excitation_nm: 405\nwavelength_nm,counts\n" + "\n".join(
    f"{500 + step},{counts}" for step, counts in enumerate([10, 40, 160, 400, 700, 900, 700, 400, 160, 40, 10])
)
PULLS = "SELECT age_d, state FROM pulls WHERE study = 'ST-01' ORDER BY age_d"


def test_a_mixed_folder_goes_in_as_one_intake(bench: Lab, write: Write, rows: Rows) -> None:
    folder = write("samples.csv", "code,kind,parent,taken\nS-1-P1,powder,S-1,10").parent
    write("observations_pl.csv", "sample,PL\nS-1-P1,5000\nS-1,6000")
    write("instruments.csv", "code,what\nFLU-1,spectrometer")
    write(".hidden", "not looked at")
    write("spectrum.csv", SPECTRUM)
    (folder / "deeper").mkdir()
    seen: list[str] = []
    report = take_in(bench, [folder], context={"sample": "S-1"}, progress=seen.append)
    assert seen == ["instruments.csv", "samples.csv", "observations_pl.csv", "spectrum.csv"]
    assert report.stored == {"instruments": 1, "samples": 1, "observations": 2, "two-column table": 1}
    assert report.samples == ("S-1", "S-1-P1")
    (run,) = rows(bench, "SELECT code, files, rows, undone FROM intakes WHERE code = 'I-0002'")
    assert (run["files"], run["rows"], int(run["undone"])) == (4, 5, 0)
    assert len(list(bench.files.kept())) == 3 + 4  # of the bench and of this intake
    assert list(wholeness(bench.config)) == []


def test_a_dry_run_says_all_of_it_and_stores_nothing(bench: Lab, write: Write, contents: Contents) -> None:
    before = contents(bench)
    files = [write("spectrum.csv", SPECTRUM), write("icp.csv", "age,Pb\n7,<10")]
    report = take_in(bench, files, context={"study": "ST-01"}, dry_run=True)
    assert (report.code, report.dry_run) == (None, True)
    assert report.stored == {"observations": 1, "two-column table": 1}
    assert report.samples == ("S-1-W1",)
    assert contents(bench) == before
    assert take_in(bench, files, context={"study": "ST-01"}).code == "I-0002"


def test_what_is_refused_leaves_no_row_and_no_file(bench: Lab, write: Write, contents: Contents) -> None:
    before = contents(bench)
    files = [write("spectrum.csv", SPECTRUM), write("icp.csv", "sample,Pb\nS-1,ten\nS-1,11")]
    with pytest.raises(IntakeRefused):
        take_in(bench, files, context={"sample": "S-1"})
    with pytest.raises(IntakeRefused, match=r'column "sample": no sample "S-9"'):
        take_in(bench, files[:1], context={"sample": "S-9"})
    assert contents(bench) == before


def test_the_same_file_twice_names_the_intake_and_the_line_that_undoes_it(
    bench: Lab, write: Write, contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABDB_ACTOR", "mei")
    path = write("icp.csv", "sample,Pb\nS-1,10")
    take_in(bench, [path])
    before = contents(bench)
    other = write("copy of icp.csv", "sample,Pb\nS-1,10")
    fresh = write("pl.csv", "sample,PL\nS-1,10")
    with pytest.raises(
        ConflictError,
        match=r"copy of icp.csv: the same file .* as I-0002 on 20\d\d-\d\d-\d\d by mei. .*labdb intake undo I-0002",
    ):
        take_in(bench, [fresh, other])
    twin = write("twin.csv", "sample,PL\nS-1,10")
    with pytest.raises(IntakeRefused, match=r"twin.csv: the same file .* give one of them"):
        take_in(bench, [fresh, twin])
    assert contents(bench) == before


def test_a_file_named_twice_is_one_file(bench: Lab, write: Write) -> None:
    path = write("icp.csv", "sample,Pb\nS-1,10")
    assert take_in(bench, [path, path.parent, path]).files == (str(path),)


def test_undo_voids_everything_of_an_intake_and_the_file_may_come_again(bench: Lab, write: Write, rows: Rows) -> None:
    readings = write("icp.csv", "study,age,Pb,PL,excitation_nm\nST-01,7,<10,5000,405")
    curve = write("d14.csv", SPECTRUM)
    take_in(bench, [readings, curve], context={"study": "ST-01", "age": "14 d"})
    assert [row["state"] for row in rows(bench, PULLS)] == [None, "recorded", "recorded"]
    headers = rows(bench, "SELECT * FROM file_header")
    done = undo(bench, "I-0002", "wrong month")
    assert done.voided["measurement"] == 2
    assert done.voided["result"] == 5
    assert done.voided["trace"] == 1
    assert done.voided["pull"] == 2
    assert done.voided["emission_settings"] == 2
    assert done.staying == ()
    assert rows(bench, "SELECT * FROM observations") == rows(bench, "SELECT * FROM curves") == []
    assert [row["state"] for row in rows(bench, PULLS)] == [None, None, None]
    with pytest.raises(ConflictError, match="I-0002 is undone already"):
        undo(bench, "I-0002", "again")
    assert take_in(bench, [readings, curve], context={"study": "ST-01", "age": "14 d"}).code == "I-0003"
    assert [row["state"] for row in rows(bench, PULLS)] == [None, "recorded", "recorded"]
    assert rows(bench, "SELECT * FROM file_header") == headers
    with pytest.raises(ConflictError, match="taken in as I-0003"):
        take_in(bench, [curve], context={"study": "ST-01"})


def test_an_undo_is_seen_in_history_with_its_reason(bench: Lab, write: Write, rows: Rows) -> None:
    take_in(bench, [write("icp.csv", "sample,Pb\nS-1,10")])
    undo(bench, "I-0002", "wrong month from the ICP group")
    with open_reader(bench.config) as reader:
        events = history(reader, "M-0001")
    what = [event.what for event in events if "M-0001" in event.what]
    assert (what[0], what[-1]) == ("measurement M-0001 recorded", "measurement M-0001 voided")
    assert events[-1].why == "undo I-0002: wrong month from the ICP group"
    (run,) = rows(bench, "SELECT undone FROM intakes WHERE code = 'I-0002'")
    assert int(run["undone"]) == 1
    audited = rows(bench, "SELECT DISTINCT table_name FROM audit WHERE table_name IN ('measurement', 'result')")
    assert len(audited) == 2


def test_an_undo_takes_along_what_was_corrected_since(bench: Lab, write: Write, rows: Rows) -> None:
    take_in(bench, [write("icp.csv", "sample,Pb,vial\nS-1,10,1\nS-1,11,2")])
    correct(bench, "M-0001", {"Pb": "10.2"}, "misread")
    correct(bench, "M-0002", {"sample": "S-1-W1", "Pb": "12"}, "wrong vial")
    correct(bench, "M-0002", {"vial": "3"}, "wrong again")
    take_in(bench, [write("other.csv", "sample,Pb\nS-1,13")])
    undo(bench, "I-0002", "wrong month")
    assert [(row["measurement"], row["value"]) for row in rows(bench, "SELECT * FROM observations")] == [("M-0003", 13)]
    left = rows(bench, "SELECT count(*) AS n FROM current_result")
    assert left == [{"n": 1}]


def test_a_pull_stays_recorded_if_another_intake_or_a_person_recorded_it(bench: Lab, write: Write, rows: Rows) -> None:
    take_in(bench, [write("first.csv", "study,age,PL\nST-01,0,5000\nST-01,7,5000")])
    take_in(bench, [write("second.csv", "study,age,PL\nST-01,7,5000")])
    record_pull(bench, "ST-01", "14d", state=PullState.MISSED, reason="holiday")
    undo(bench, "I-0002", "wrong month")
    assert [row["state"] for row in rows(bench, PULLS)] == [None, "recorded", "missed"]
    undo(bench, "I-0003", "wrong month too")
    assert [row["state"] for row in rows(bench, PULLS)] == [None, None, "missed"]


def test_things_stay_when_their_intake_is_undone_and_the_undo_names_them(bench: Lab, rows: Rows, write: Write) -> None:
    take_in(bench, [write("pl.csv", "sample,PL\nS-1,10")])
    done = undo(bench, "I-0001", "the wrong lab")
    assert done.staying == ("ICP-2", "PL-1", "S-1", "S-1-W1", "ST-01", "water")
    assert done.voided == {"intake_run": 1}
    sample = "SELECT amount_left, particle_loading_mg_per_ml AS loading FROM samples WHERE code = :code"
    assert rows(bench, sample, code="S-1") == [{"amount_left": 375.0, "loading": None}]
    assert rows(bench, sample, code="S-1-W1") == [{"amount_left": 50.0, "loading": 0.5}]
    assert list(wholeness(bench.config)) == []


def test_an_undo_needs_a_reason_and_an_intake_that_is_there(bench: Lab) -> None:
    with pytest.raises(InputError, match="needs a reason"):
        undo(bench, "I-0001", "  ")
    with pytest.raises(UnknownNameError, match="did you mean I-0001"):
        undo(bench, "I-001", "wrong")


# name, content, what the message says
UNREADABLE = [
    ("notes.toml", b"a = 1\n", "a format that no reader recognizes"),
    ("README.md", b"# Notes\n", "a format that no reader recognizes"),
    ("aliased.yaml", b"a: &a [1, 2]\nb: [*a, *a, *a]\n", "a format that no reader recognizes"),
    ("empty.csv", b"", "an empty file"),
    ("blank.csv", b"\n\n# nothing\n", "no line but blanks and comments"),
    ("binary.csv", bytes(range(256)) * 8, "binary content"),
    ("book.csv", b"PK\x03\x04" + b"\0" * 64, "Excel workbook"),
    ("latin.csv", "sample,Pb\nS-1,5 µg/L\n".encode("latin-1"), "not UTF-8"),
    ("header.csv", b"sample,PL\n", "form observations without a row"),
    ("columns.csv", b"breakfast,lunch\nbread,soup\n", "no form labdb knows"),
    ("quote.csv", b'sample,PL\nS-1,"5\n', "a quoted cell that does not end"),
]


@pytest.mark.parametrize(("name", "content", "message"), UNREADABLE)
def test_a_file_nobody_can_read_is_named_beside_good_ones(
    sqlite_lab: Lab, write: Write, contents: Contents, name: str, content: bytes, message: str
) -> None:
    before = contents(sqlite_lab)
    good = write("people.csv", "code\nO1")
    (good.parent / name).write_bytes(content)
    with pytest.raises(IntakeRefused) as refused:
        take_in(sqlite_lab, [good.parent])
    (finding,) = refused.value.findings
    assert message in finding.message
    assert str(good.parent / name) in str(refused.value)
    assert contents(sqlite_lab) == before


def test_a_line_of_a_hundred_megabytes_is_refused_without_being_taken_into_memory(
    sqlite_lab: Lab, tmp_path: Path
) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"sample,PL\nS-1,")
        for _ in range(100):
            file.write(b"5" * 1_000_000)
    with pytest.raises(IntakeRefused, match=r"long\.csv, line 2: found a line longer than 1 MB"):
        take_in(sqlite_lab, [path])


def test_a_path_without_files_is_refused(sqlite_lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "hollow" / "deeper").mkdir(parents=True)
    with pytest.raises(ReadError, match="a folder without files"):
        take_in(sqlite_lab, [tmp_path / "hollow"])
    with pytest.raises(ReadError, match="nothing there"):
        take_in(sqlite_lab, [tmp_path / "gone.csv"])
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ReadError, match="nothing there"):
        take_in(sqlite_lab, [tmp_path / "pipe.csv"])


def test_file_names_say_where_curves_belong_and_a_table_named_after_its_form_says_it_itself(
    bench: Lab, write: Write, rows: Rows
) -> None:
    folder = write("Br7_w_d0.csv", SPECTRUM).parent
    write("Br7_w_d7.csv", SPECTRUM.replace("900", "880"))
    write("Br7_w_d14.csv", SPECTRUM.replace("900", "870"))
    write("instruments.csv", "code,what\nFLU-1,spectrometer")
    take_in(bench, [folder], context={"study": "ST-01"}, pattern="Br7_w_d{days}.csv")
    curves = rows(bench, "SELECT sample, condition, age_d, raw_file_name FROM curves ORDER BY age_d")
    assert [(row["age_d"], row["raw_file_name"]) for row in curves] == [
        (0, "Br7_w_d0.csv"),
        (7, "Br7_w_d7.csv"),
        (14, "Br7_w_d14.csv"),
    ]
    assert {(row["sample"], row["condition"]) for row in curves} == {("S-1-W1", "water")}
    assert [row["state"] for row in rows(bench, PULLS)] == ["recorded"] * 3


def test_a_name_that_does_not_fit_the_pattern_is_a_problem_of_that_file(bench: Lab, write: Write) -> None:
    folder = write("Br7_w_d0.csv", SPECTRUM).parent
    write("Br8_w_d0.csv", SPECTRUM.replace("900", "880"))
    write("icp_november.csv", "Pb\n10")
    with pytest.raises(IntakeRefused) as refused:
        take_in(bench, [folder], context={"study": "ST-01"}, pattern="Br7_w_d{days}.csv")
    assert [finding.subject for finding in refused.value.findings] == ["Br8_w_d0.csv", "icp_november.csv"]
    with pytest.raises(IntakeRefused, match='no field of a name pattern "day"; did you mean days'):
        take_in(bench, [folder / "Br7_w_d0.csv"], pattern="Br7_w_d{day}.csv")


def test_options_without_a_file_that_takes_them_are_refused(bench: Lab, write: Write) -> None:
    with pytest.raises(InputError, match="sample: options are for observations and curves; found only form people"):
        take_in(bench, [write("people.csv", "code\nO1")], context={"sample": "S-1"})


def test_a_file_that_changes_while_it_is_taken_in_is_refused(
    bench: Lab, write: Write, contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("icp.csv", "sample,Pb\nS-1,10")
    counts, _ = contents(bench)
    keep = FileStore.put

    def changed(store: FileStore, source: Path) -> str:
        source.write_text("sample,Pb\nS-1,11\n", encoding="utf-8")
        return keep(store, source)

    monkeypatch.setattr(FileStore, "put", changed)
    with pytest.raises(ReadError, match="a file that changed while it was taken in"):
        take_in(bench, [path])
    assert contents(bench)[0] == counts


def test_what_the_database_refuses_is_said_in_one_line_with_the_file(
    bench: Lab, write: Write, contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(bench)
    # A rule that only the database knows: the check in intake is taken away.
    monkeypatch.setattr("labdb.intake.form.make_consistent", lambda *_: None)
    path = write("irradiations.csv", "code,sample,dose_origin,dose_gy\nIR-1,S-1,segments,300")
    with pytest.raises(IntakeRefused, match=r"irradiations.csv: a row contradicts the record, which refuses it: "):
        take_in(bench, [path, write("people.csv", "code\nO1")])
    assert contents(bench) == before


def test_a_kept_file_is_the_file_byte_for_byte(bench: Lab, tmp_path: Path, rows: Rows) -> None:
    content = b"\xef\xbb\xbfsample,Pb\r\nS-1,10\r\n\r\nS-1,11\r\n"
    path = tmp_path / "icp.csv"
    path.write_bytes(content)
    take_in(bench, [path])
    digest = hashlib.sha256(content).hexdigest()
    assert bench.files.read(digest) == content
    assert {row["raw_file"] for row in rows(bench, "SELECT raw_file FROM observations")} == {digest}
    (lines,) = rows(
        bench,
        "SELECT first_row, last_row, size_bytes, reader FROM intake_file i JOIN raw_file f ON f.id = i.raw_file_id"
        " WHERE f.sha256 = :digest",
        digest=digest,
    )
    assert lines == {"first_row": 2, "last_row": 4, "size_bytes": len(content), "reader": "form observations"}
