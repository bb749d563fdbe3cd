"""Corrections: a thing in place, a fact by a new row; nothing silently, nothing lost, nothing half."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labdb.errors import ConflictError, InputError, ReadError, UnknownNameError
from labdb.intake import correction
from labdb.intake.correction import attach, correct, locate, note, void
from labdb.intake.file import take_in
from labdb.lab import open_lab
from labdb.measurement import MeasurementRow
from labdb.synthesis.sample import SampleRow

if TYPE_CHECKING:
    from labdb.lab import Lab

Write = Callable[[str, str], Path]
Rows = Callable[..., list[dict[str, Any]]]
Contents = Callable[["Lab"], tuple[dict[str, int], list[str]]]

OBSERVED = "SELECT * FROM observations ORDER BY measurement, quantity"
PULLS = "SELECT age_d, state FROM pulls WHERE study = 'ST-01' ORDER BY age_d"
LAST_CHANGE = "SELECT actor, reason FROM change ORDER BY at DESC LIMIT 1"


@pytest.fixture
def measured(bench: Lab, take: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The bench with M-0001 (Pb and settings, 7 d), M-0002 (below, 14 d) and M-0003 (a stated u)."""
    monkeypatch.setenv("LABDB_ACTOR", "mei")
    take(bench, leach_tests="code,sample,leachant\nLT-1,S-1-W1,water")
    take(
        bench,
        observations="""study,age,leach_test,dilution,Pb,u_Pb
        ST-01,7,LT-1,10,10.15,
        ST-01,14,LT-1,1,<10,
        ST-01,,,,12,0.3""",
    )
    return bench


# --- things -------------------------------------------------------------------------------------------------------


def test_a_thing_is_corrected_in_place_and_the_audit_keeps_what_it_was_who_changed_it_and_why(
    measured: Lab, rows: Rows
) -> None:
    done = correct(measured, "S-1", {"role": "whole yield", "made_at": "2026-11-06T10:00+01:00"}, "was left out")
    assert done["role"] == (None, "whole yield")
    (row,) = rows(measured, "SELECT revision, role, made_at_offset_min FROM sample WHERE code = 'S-1'")
    assert (row["revision"], row["role"], row["made_at_offset_min"]) == (2, "whole yield", 60)
    (audited,) = rows(
        measured,
        "SELECT a.old, a.new, c.actor, c.reason FROM audit a JOIN change c ON c.id = a.change_id"
        " WHERE a.table_name = 'sample' AND a.new LIKE '%whole yield%'",
    )
    assert json.loads(audited["old"])["role"] is None
    assert json.loads(audited["new"])["role"] == "whole yield"
    assert (audited["actor"], audited["reason"]) == ("mei", "was left out")


def test_what_a_field_refers_to_is_typed_and_answered_by_its_code(measured: Lab, rows: Rows) -> None:
    assert correct(measured, "ST-01", {"sample": "S-1"}, "the powder") == {"sample": ("S-1-W1", "S-1")}
    assert rows(measured, "SELECT sample FROM studies WHERE code = 'ST-01'") == [{"sample": "S-1"}]
    assert correct(measured, "S-1", {"condition": "water"}, "kept wet") == {"condition": (None, "water")}
    assert correct(measured, "S-1", {"condition": "not stated"}, "it was not") == {"condition": ("water", None)}


def test_a_correction_based_on_an_older_revision_is_refused(measured: Lab, rows: Rows) -> None:
    correct(measured, "S-1", {"vial": "1"}, "first")
    with pytest.raises(ConflictError, match="S-1 was changed by somebody else meanwhile; look again"):
        correct(measured, "S-1", {"vial": "2"}, "second", revision=1)
    correct(measured, "S-1", {"vial": "2"}, "second", revision=2)
    assert rows(measured, "SELECT vial, revision FROM sample WHERE code = 'S-1'") == [{"vial": "2", "revision": 3}]


@pytest.mark.parametrize("code", ["S-1", "M-0001"])
def test_of_two_writers_at_the_same_time_none_undoes_the_others_work_without_knowing(
    measured: Lab, rows: Rows, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """Both have read the row before either writes; on SQLite the second waits before it reads."""
    read = threading.Barrier(2)
    held: list[object] = []
    original = correction.locate
    in_turn = measured.engine.dialect.name == "sqlite"

    def located(*arguments: Any) -> Any:  # noqa: ANN401 - whatever locate takes and gives
        found = original(*arguments)
        session = arguments[0]
        held.append(session.get_one(*found))  # a session forgets a row nobody holds, and would read it anew
        if not in_turn:
            read.wait(timeout=30)
        return found

    monkeypatch.setattr(correction, "locate", located)
    outcomes: list[str] = []

    def write(vial: str) -> None:
        lab = open_lab(measured.config.folder)
        try:
            correct(lab, code, {"vial": vial}, "relabelled")
            outcomes.append("stored")
        except ConflictError:
            outcomes.append("refused")
        finally:
            lab.close()

    writers = [threading.Thread(target=write, args=(vial,)) for vial in ("1", "2")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert sorted(outcomes) == (["stored", "stored"] if in_turn else ["refused", "stored"])
    table = "sample" if code == "S-1" else "current_measurement"
    (row,) = rows(measured, f"SELECT vial FROM {table} WHERE code = :code", code=code)
    assert row["vial"] in ("1", "2")


# code, field, text, what the message says
REFUSED = [
    ("S-1", "role", "", "nothing would change"),
    ("S-1", "kind", "powder", "nothing would change"),
    ("S-1", "kind", "dust", "kind: "),
    ("S-1", "rolle", "x", "did you mean role"),
    ("S-1", "code", "S-2", "that can be corrected"),
    ("S-1", "id", "x", "that can be corrected"),
    ("S-1", "revision", "9", "that can be corrected"),
    ("S-1", "handed_out", "0", "that can be corrected"),
    ("S-1", "batch", "B-1", 'batch: no batch "B-1"'),
    ("S-1", "made_at", "2026-11-06T10:00", "made_at: found"),
    ("S-1", "perovskite_mass_fraction", "0,16", "write 0.16"),
    ("S-1", "perovskite_mass_fraction", "16", "perovskite_mass_fraction: "),
    ("S-1", "origin", "guessed", "origin: "),
    ("S-1", "amount", "20000000", "More of it was handed out than that"),
    ("ICP-2", "kind", "leed", "no quantity kind"),
    ("ICP-2", "unit", "count", "does not fit"),
    ("ST-01", "measure", "PL,leed", "no quantity kind"),
    ("M-0001", "Pb", "10.15", "nothing would change"),
    ("M-0001", "Pb", "10 ppd", "did you mean ppb?"),
    ("M-0001", "Pb", "nan", "not a finite number"),
    ("M-0001", "PL", "5", "M-0001 has no photoluminescence intensity; it has lead_mass_concentration"),
    ("M-0001", "Pbb", "5", "did you mean"),
    ("M-0001", "kind", "PL", "no result or field of M-0001"),
    ("M-0001", "replicate", "0", "replicate: "),
    ("M-0001", "age", "-3", "least possible"),
    ("M-0001", "slit_nm", "2", "M-0001 has no emission settings, so no slit_nm"),
    ("M-0001", "dilution", "10", "nothing would change"),
    ("M-0001", "dilution", "0", "dilution: "),
    ("I-0001", "files", "2", "labdb intake undo I-0001"),
    ("S-9", "role", "x", "did you mean S-1"),
]


@pytest.mark.parametrize(("code", "field", "text", "message"), REFUSED)
def test_what_does_not_fit_is_refused_and_nothing_changes(
    measured: Lab, contents: Contents, code: str, field: str, text: str, message: str
) -> None:
    before = contents(measured)
    with pytest.raises((InputError, ConflictError)) as refused:
        correct(measured, code, {field: text}, "why not")
    assert message in str(refused.value)
    assert contents(measured) == before


def test_a_correction_needs_a_reason_and_a_field(measured: Lab) -> None:
    with pytest.raises(InputError, match="needs a reason: --why"):
        correct(measured, "S-1", {"vial": "1"}, " ")
    with pytest.raises(InputError, match="nothing would change"):
        correct(measured, "S-1", {}, "just so")
    with pytest.raises(InputError, match="nothing would change"):
        correct(measured, "M-0001", {}, "just so")


# --- facts --------------------------------------------------------------------------------------------------------


def test_a_result_is_superseded_and_the_method_gives_the_new_value_its_uncertainty(measured: Lab, rows: Rows) -> None:
    assert correct(measured, "M-0001", {"Pb": "10.2 ug/L"}, "misread") == {"Pb": ("10.15", "10.2 ug/L")}
    row = rows(measured, OBSERVED)[0]
    # u from ICP-2: (0.4 ug/L)^2 + (5 % of 10.2)^2
    assert (row["value"], row["u"]) == (10.2, pytest.approx((0.4**2 + 0.51**2) ** 0.5, rel=1e-12))
    assert (row["u_origin"], row["as_entered"]) == ("from_method", "10.2 ug/L")
    versions = rows(
        measured,
        "SELECT r.value, r.supersedes_id, r.void_change_id, v.reason FROM result r LEFT JOIN change v"
        " ON v.id = r.void_change_id JOIN measurement m ON m.id = r.measurement_id WHERE m.code = 'M-0001'"
        " ORDER BY r.value",
    )
    assert [row["reason"] for row in versions] == ["misread", None]
    assert versions[1]["supersedes_id"] is not None
    assert rows(measured, LAST_CHANGE) == [{"actor": "mei", "reason": "misread"}]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("M-0003", "12.5", (12.5, 0.3, "stated", "none", None)),  # what was stated of it stays stated
        ("M-0003", "12.5 ± 0.2", (12.5, 0.2, "coverage_not_stated", "none", None)),
        ("M-0003", "<10", (10.0, None, None, "below", "below_LC")),
        ("M-0002", "<9", (9.0, None, None, "below", "below_LC")),
        ("M-0002", ">9 mg/L", (9000.0, None, None, "above", None)),
        ("M-0001", "0.0102 mg/L U=0.001 k=2", (10.2, 0.5, "stated", "none", None)),
    ],
)
def test_a_corrected_value_keeps_what_was_stated_and_nothing_that_no_longer_holds(
    measured: Lab, rows: Rows, code: str, text: str, expected: tuple[float, float | None, str | None, str, str | None]
) -> None:
    correct(measured, code, {"lead_mass_concentration": text}, "misread")
    (row,) = [row for row in rows(measured, OBSERVED) if row["measurement"] == code]
    assert row["value"] == pytest.approx(expected[0], rel=1e-12)
    assert row["u"] == (None if expected[1] is None else pytest.approx(expected[1], rel=1e-12))
    assert (row["u_origin"], row["censoring"], row["threshold_meaning"]) == expected[2:]


def test_a_missing_result_may_be_found_after_all(measured: Lab, take: Callable[..., str], rows: Rows) -> None:
    take(measured, observations="sample,quantity,missing_reason\nS-1,Pb,not yet measured")
    done = correct(measured, "M-0004", {"Pb": "11"}, "measured now")
    assert done == {"Pb": ("missing (not yet measured)", "11")}
    row = rows(measured, OBSERVED)[-1]
    assert (row["value"], row["missing_reason"], row["u_origin"]) == (11.0, None, "from_method")


def test_a_measurement_is_superseded_with_everything_that_hangs_on_it(measured: Lab, rows: Rows) -> None:
    done = correct(measured, "M-0001", {"sample": "S-1", "vial": "3", "Pb": "10.2", "dilution": "20"}, "wrong line")
    assert done == {
        "sample": ("S-1-W1", "S-1"),
        "vial": (None, "3"),
        "Pb": ("10.15", "10.2"),
        "dilution": (10.0, 20.0),
    }
    row = rows(measured, OBSERVED)[0]
    assert (row["sample"], row["vial"], row["value"], row["leach_test"]) == ("S-1", "3", 10.2, "LT-1")
    (reading,) = rows(
        measured,
        "SELECT k.dilution FROM current_icp_reading k JOIN current_measurement m ON m.id = k.measurement_id"
        " WHERE m.code = 'M-0001'",
    )
    assert reading == {"dilution": 20.0}
    assert rows(measured, "SELECT count(*) AS n FROM observations WHERE measurement = 'M-0001'") == [{"n": 1}]


def test_a_corrected_age_moves_the_pull_it_belongs_to(measured: Lab, rows: Rows) -> None:
    assert [row["state"] for row in rows(measured, PULLS)] == [None, "recorded", "recorded"]
    correct(measured, "M-0001", {"age": "1 h"}, "it was the first")
    assert [row["state"] for row in rows(measured, PULLS)] == ["recorded", None, "recorded"]
    assert rows(measured, OBSERVED)[0]["age_d"] == pytest.approx(1 / 24, rel=1e-12)


def test_a_corrected_curve_keeps_its_arrays(bench: Lab, write: Write, rows: Rows) -> None:
    take_in(bench, [write("decay.csv", "time_ns,counts\n0,9249\n0.5,8319")], context={"sample": "S-1"})
    before = rows(bench, "SELECT sha256 FROM curves")
    correct(bench, "M-0001", {"sample": "S-1-W1"}, "the suspension")
    assert rows(bench, "SELECT sha256 FROM curves") == before
    assert rows(bench, "SELECT sample FROM curves") == [{"sample": "S-1-W1"}]


def test_an_irradiation_is_corrected_with_its_segments_and_readings(
    bench: Lab, take: Callable[..., str], rows: Rows
) -> None:
    take(bench, irradiations="code,sample,dose_origin\nIR-1,S-1,segments")
    take(bench, beam_segments="irradiation,seq,start_s,stop_s,beam_on,dose_rate_gy_per_s\nIR-1,1,0,600,yes,0.5")
    take(bench, observations="sample,irradiation,moment,RL\nS-1,IR-1,before,800000")
    correct(bench, "IR-1", {"purpose": "dose for RL"}, "was left out")
    assert rows(bench, "SELECT irradiation, seq FROM beam_segments") == [{"irradiation": "IR-1", "seq": 1}]
    joined = (
        "SELECT i.purpose FROM current_radioluminescence_reading r"
        " JOIN current_irradiation i ON i.id = r.irradiation_id"
    )
    assert rows(bench, joined) == [{"purpose": "dose for RL"}]
    with pytest.raises(InputError, match="computed from the beam segments"):
        correct(bench, "IR-1", {"dose_gy": "300"}, "typed")


# --- void ---------------------------------------------------------------------------------------------------------


def test_a_void_takes_along_what_belongs_to_the_fact_and_opens_its_pull(measured: Lab, rows: Rows) -> None:
    assert void(measured, "M-0001", "wrong vial") == "measurement"
    assert [row["measurement"] for row in rows(measured, OBSERVED)] == ["M-0002", "M-0003"]
    assert rows(measured, "SELECT count(*) AS n FROM current_icp_reading") == [{"n": 1}]
    assert [row["state"] for row in rows(measured, PULLS)] == [None, None, "recorded"]
    voided = rows(measured, "SELECT v.reason FROM result r JOIN change v ON v.id = r.void_change_id")
    assert voided == [{"reason": "wrong vial"}]
    with pytest.raises(UnknownNameError, match="M-0001"):
        void(measured, "M-0001", "again")


def test_a_void_does_not_take_along_what_only_refers_to_the_fact(
    bench: Lab, take: Callable[..., str], rows: Rows
) -> None:
    take(bench, instruments="code,what\nXRT-1,tube")
    take(bench, calibrations="code,instrument,valid_from,valid_to\nCAL-1,XRT-1,2026-01-01,2026-12-31")
    take(bench, irradiations="code,sample,dose_origin\nIR-1,S-1,segments")
    take(
        bench,
        beam_segments="irradiation,seq,start_s,stop_s,beam_on,dose_rate_gy_per_s,calibration\nIR-1,1,0,9,yes,0.5,CAL-1",
    )
    void(bench, "CAL-1", "another tube")
    assert rows(bench, "SELECT irradiation FROM beam_segments") == [{"irradiation": "IR-1"}]
    void(bench, "IR-1", "never happened")
    assert rows(bench, "SELECT irradiation FROM beam_segments") == []


@pytest.mark.parametrize(
    ("code", "why", "message"),
    [
        ("S-1", "gone", "S-1 is a sample: things stay for ever. Correct it, or say what happened: labdb note S-1"),
        ("I-0001", "wrong", "labdb intake undo I-0001"),
        ("M-0009", "wrong", 'no code "M-0009"'),
        ("M-0001", "", "voiding needs a reason: --why"),
    ],
)
def test_a_void_of_what_cannot_be_voided_is_refused(
    measured: Lab, contents: Contents, code: str, why: str, message: str
) -> None:
    before = contents(measured)
    with pytest.raises(InputError) as refused:
        void(measured, code, why)
    assert message in str(refused.value)
    assert contents(measured) == before


# --- notes, files, other names --------------------------------------------------------------------------------------


def test_a_note_stands_by_what_it_is_on(measured: Lab, rows: Rows) -> None:
    note(measured, "S-1", "smells of bromine")
    assert rows(measured, "SELECT subject, content FROM current_note") == [
        {"subject": "S-1", "content": "smells of bromine"}
    ]
    with pytest.raises(InputError, match="the note is empty"):
        note(measured, "S-1", "\n")
    with pytest.raises(UnknownNameError, match="did you mean S-1"):
        note(measured, "S-11", "x")


def test_a_file_is_attached_once_and_none_is_kept_for_what_is_not_there(
    measured: Lab, tmp_path: Path, rows: Rows, contents: Contents
) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG not really")
    before = contents(measured)
    with pytest.raises(UnknownNameError, match="did you mean S-1"):
        attach(measured, "S-11", photo)
    with pytest.raises(ReadError, match="No such file"):
        attach(measured, "S-1", tmp_path / "gone.png")
    with pytest.raises(ReadError, match="a folder"):
        attach(measured, "S-1", tmp_path)
    assert contents(measured) == before
    digest = attach(measured, "S-1", photo, "the oven")
    assert measured.files.read(digest) == photo.read_bytes()
    assert rows(measured, "SELECT subject, caption FROM current_attachment") == [
        {"subject": "S-1", "caption": "the oven"}
    ]
    with pytest.raises(ConflictError, match=r"photo.png: the same file .* is attached to S-1 already"):
        attach(measured, "S-1", photo)
    attach(measured, "S-1-W1", photo)  # the same bytes may belong to two


def test_an_alias_serves_wherever_a_code_does(
    measured: Lab, take: Callable[..., str], write: Write, rows: Rows, tmp_path: Path
) -> None:
    alias = "notebook 7, p. 31"
    take(measured, aliases=f'name,subject\n"{alias}",S-1\nfirst pull,M-0001\nin water,ST-01')
    take(measured, samples=f'code,kind,parent,taken\nS-1-P1,powder,"{alias}",10')
    take_in(measured, [write("icp.csv", f'sample,Pb\n"{alias}",11')])
    take_in(measured, [write("pl.csv", "age,PL\n0,5000")], context={"study": "in water"})
    correct(measured, alias, {"vial": "1"}, "labelled")
    correct(measured, "first pull", {"Pb": "10.3"}, "misread")
    note(measured, alias, "smells of bromine")
    attach(measured, alias, write("log.txt", "600"))
    void(measured, "first pull", "wrong vial")
    assert (
        rows(measured, "SELECT subject FROM note UNION ALL SELECT subject FROM attachment") == [{"subject": "S-1"}] * 2
    )
    samples = [row["sample"] for row in rows(measured, OBSERVED)]
    assert samples == ["S-1-W1", "S-1-W1", "S-1", "S-1-W1"]
    with measured.read() as session:
        assert locate(session, alias)[0] is SampleRow
        assert locate(session, "M-0002")[0] is MeasurementRow


def test_a_code_of_two_things_is_not_guessed_between(bench: Lab, take: Callable[..., str]) -> None:
    take(bench, runs="code\nS-1")
    with bench.read() as session, pytest.raises(InputError, match='"S-1" is the code of a run and a sample'):
        locate(session, "S-1")
