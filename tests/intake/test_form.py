"""Forms: empty ones, filled ones, and what is said about a cell that does not fit."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from labdb.database import load_tables
from labdb.errors import InputError, UnknownNameError
from labdb.intake.file import take_in
from labdb.intake.form import Column, Form, forms
from labdb.intake.recognition import form_named, recognize
from labdb.intake.writer import IntakeRefused

if TYPE_CHECKING:
    from labdb.lab import Lab

Write = Callable[[str, str], Path]
Rows = Callable[..., list[dict[str, Any]]]
Contents = Callable[["Lab"], tuple[dict[str, int], list[str]]]

# A line of every form in the order of storage; table and key find the row it becomes.
FILLED: dict[str, tuple[str, str, dict[str, str]]] = {
    "people": ("person", "O1", {"code": "O1", "name": "Mei", "role": "chemist"}),
    "instruments": ("instrument", "BAL-2", {"code": "BAL-2", "what": "balance", "serial_number": "00412"}),
    "calibrations": (
        "calibration",
        "CAL-1",
        {
            "code": "CAL-1",
            "instrument": "BAL-2",
            "kind": "mass",
            "value": "100",
            "unit": "mg",
            "u": "0.1",
            "valid_from": "2026-01-01",
            "valid_to": "2026-10-31",
        },
    ),
    "methods": (
        "method",
        "ICP-2",
        {
            "code": "ICP-2",
            "kind": "lead_mass_concentration",
            "unit": "ug/L",
            "limit_of_detection": "10",
            "u_relative": "0.05",
            "threshold_meaning": "below_LC",
            "blank_corrected": "yes",
            "external": "yes",
        },
    ),
    "conditions": (
        "condition",
        "fridge",
        {"code": "fridge", "medium": "air", "temperature_degc": "4", "light": "dark"},
    ),
    "chemicals": ("chemical", "CSBR", {"code": "CSBR", "name": "CsBr", "formula": "CsBr", "role": "precursor"}),
    "lots": ("lot", "L-1", {"code": "L-1", "chemical": "CSBR", "purity_percent": "99.9", "opened_on": "2026-01-02"}),
    "protocols": ("protocol", "PR-1", {"code": "PR-1", "version": "2", "title": "growth"}),
    "protocol_steps": (
        "protocol_step",
        "calcine",
        {"protocol": "PR-1", "seq": "3", "kind": "calcine", "temperature_degc": "600", "dwell_min": "30"},
    ),
    "runs": (
        "run",
        "R-1",
        {"code": "R-1", "method": "ICP-2", "instrument": "BAL-2", "started_at": "2026-11-10T09:00+01:00"},
    ),
    "batches": (
        "batch",
        "B-1",
        {"code": "B-1", "composition": "CsPbBr3", "protocol": "PR-1", "started_at": "2026-11-01T08:00:00+01:00"},
    ),
    "weighings": (
        "weighing",
        "",
        {"batch": "B-1", "chemical": "CSBR", "lot": "L-1", "amount": "91.9", "u": "0.1", "unit": "mg"},
    ),
    "steps": (
        "step",
        "calcine",
        {"batch": "B-1", "seq": "3", "kind": "calcine", "state": "finished", "temperature_degc": "600"},
    ),
    "samples": (
        "sample",
        "S-1",
        {"code": "S-1", "kind": "powder", "batch": "B-1", "perovskite_mass_fraction": "0.16", "operator": "O1"},
    ),
    "aliases": ("alias", "notebook 7, p. 31", {"name": "notebook 7, p. 31", "subject": "S-1", "place": "p. 31"}),
    "studies": (
        "study",
        "ST-01",
        {
            "code": "ST-01",
            "name": "in the fridge",
            "sample": "S-1",
            "condition": "fridge",
            "started_at": "2026-11-10T10:00+01:00",
            "measure": "photoluminescence_intensity",
            "window_d": "2",
            "pulls": "0d,7d",
        },
    ),
    "irradiations": (
        "irradiation",
        "IR-1",
        {"code": "IR-1", "sample": "S-1", "dose_origin": "stated", "dose_gy": "300", "u_dose_gy": "15"},
    ),
    "beam_segments": (
        "beam_segment",
        "",
        {
            "irradiation": "IR-1",
            "seq": "1",
            "start_s": "0",
            "stop_s": "600",
            "beam_on": "yes",
            "dose_rate_gy_per_s": "0.5",
            "calibration": "CAL-1",
        },
    ),
    "leach_tests": (
        "leach_test",
        "LT-1",
        {"code": "LT-1", "sample": "S-1", "leachant": "water", "duration_d": "42", "medium_renewed": "no"},
    ),
    "icp_positions": (
        "icp_position",
        "std 1",
        {"run": "R-1", "position": "1", "kind": "standard", "label": "std 1", "intensity_cps": "-12.5"},
    ),
    "statements": (
        "statement",
        "Q-1",
        {"code": "Q-1", "subjects": "S-1", "about": "dose", "qualifier": "=", "content": "300", "unit": "Gy"},
    ),
    "observations": (
        "measurement",
        "M-0001",
        {"sample": "S-1", "condition": "fridge", "run": "R-1", "replicate": "2", "quantity": "Pb", "value": "12"},
    ),
}
_FOUND_BY = {"protocol_step": "kind", "step": "kind", "icp_position": "label", "alias": "name"}
_NOT_COLUMNS = {"pulls", "subjects", "quantity", "value"}  # of these a form makes rows of other tables


@pytest.fixture
def every_form(tmp_path: Path) -> list[Path]:
    """A file of each form with one line."""
    files = []
    for name, (_, _, cells) in FILLED.items():
        files.append(tmp_path / f"{name}.csv")
        text = io.StringIO()
        csv.writer(text).writerows([cells, cells.values()])
        files[-1].write_text(text.getvalue(), encoding="utf-8")
    return files


def _expected(lab: Lab, column: Column, text: str) -> object:
    """What a column of the table holds when a cell says this."""
    if column.refers_to:
        with lab.read() as session:
            table = load_tables().tables[column.refers_to]
            return session.execute(sa.select(table.c.id).where(table.c.code == text)).scalar_one()
    return {"yes": "True", "no": "False"}.get(text, text) if column.holds == "yes or no" else text


def _same(stored: object, text: object) -> bool:
    if isinstance(stored, datetime):
        return stored == datetime.fromisoformat(str(text)).astimezone(UTC)
    if isinstance(stored, UUID):
        return stored == text
    return float(str(text)) == stored if isinstance(stored, float) else str(stored) == str(text)


def test_there_is_a_line_of_every_form_here() -> None:
    assert list(FILLED) == list(forms())


@pytest.mark.parametrize("form", forms().values(), ids=lambda form: form.name)
def test_an_empty_form_has_each_column_once_and_is_recognized_by_its_name_and_by_its_columns(form: Form) -> None:
    names = [column.name for column in form.columns]
    assert len(names) == len(set(names))
    assert recognize(form.name, names) is not None
    assert recognize("what I typed", names).name == form.name
    assert form.columns[-1].name in ("origin_note", "pulls", "subjects")


def test_a_line_of_every_form_becomes_its_row_with_every_cell_in_its_column(lab: Lab, every_form: list[Path]) -> None:
    report = take_in(lab, every_form)
    assert report.stored == dict.fromkeys(FILLED, 1)
    known = forms()
    for name, (table_name, key, cells) in FILLED.items():
        table = load_tables().tables[table_name]
        where = table.c[_FOUND_BY.get(table_name, "code")] == key if key else sa.true()
        with lab.read() as session:
            (row,) = session.execute(sa.select(table).where(where)).mappings().all()
        for column in known[name].columns:
            stored = row.get(f"{column.name}_id" if column.refers_to else column.name)
            if column.name in _NOT_COLUMNS or column.name not in cells:
                assert column.name not in cells or column.name in _NOT_COLUMNS
                continue
            assert _same(stored, _expected(lab, column, cells[column.name])), f"{name}.{column.name}: {stored!r}"


def test_a_cell_left_empty_or_not_stated_is_not_stated(lab: Lab, write: Write, rows: Rows) -> None:
    path = write("instruments.csv", "code,what,model,location\nFLU-1,spectrometer,,not stated\nFLU-2,lamp,n/a,-")
    take_in(lab, [path])
    assert {row["model"] for row in rows(lab, "SELECT model FROM instrument")} == {None}
    assert {row["location"] for row in rows(lab, "SELECT location FROM instrument")} == {None}


# form, header, line, column blamed, what the message says
WRONG = [
    ("samples", "code,kind,batch", "S-1,powder,B-2", "batch", 'no batch "B-2"'),
    ("samples", "code,kind", "S-1,powdr", "kind", "'powder'"),
    ("samples", "code,kind,made_at", "S-1,powder,last week", "made_at", "a time such as"),
    ("samples", "code,kind,made_at", "S-1,powder,2026-11-06T10:00", "made_at", "2026-11-06T10:00+01:00"),
    (
        "samples",
        "code,kind,perovskite_mass_fraction",
        "S-1,powder,1.6",
        "perovskite_mass_fraction",
        "less than or equal",
    ),
    ("samples", "code,kind,perovskite_mass_fraction", 'S-1,powder,"0,16"', "perovskite_mass_fraction", "write 0.16"),
    ("samples", "code,kind,origin", "S-1,powder,guessed", "origin", "transcribed"),
    ("samples", "code,kind", ",powder", "code", "needed"),
    ("people", "code,name,origin", "O1,Mei,guessed", "origin", "transcribed"),
    ("methods", "code,kind", "M,leed", "kind", "quantity kind"),
    ("methods", "code,kind,unit,u_absolute", "M,Pb,count,1", "unit", "does not fit"),
    ("methods", "code,kind,u_absolute", "M,Pb,1", "unit", "write for example ug/L"),
    ("methods", "code,kind,u_relative", "M,Pb,nan", "u_relative", "finite"),
    ("methods", "code,kind,u_relative", "M,Pb,-0.1", "u_relative", "greater than or equal to 0"),
    ("methods", "code,kind,external", "M,Pb,maybe", "external", "yes or no"),
    ("protocols", "code,title,version", "P,growth,1.5", "version", "whole number"),
    ("protocols", "code,title,version", "P,growth,99999999999", "version", "at most 2147483647"),
    ("instruments", "code,what,condition", "I-1,balance,x", None, 'no column in form instruments "condition"'),
    ("lots", "code,purity_percent", "L-1,99", None, "needs the column chemical"),
]


@pytest.mark.parametrize(("form", "header", "line", "column", "message"), WRONG)
def test_a_wrong_cell_is_named_with_file_line_and_column_and_nothing_is_stored(
    sqlite_lab: Lab,
    write: Write,
    contents: Contents,
    form: str,
    header: str,
    line: str,
    column: str | None,
    message: str,
) -> None:
    before = contents(sqlite_lab)
    path = write(f"{form}.csv", f"# typed in the morning\n{header}\n{line}")
    with pytest.raises(IntakeRefused) as refused:
        take_in(sqlite_lab, [path])
    (finding,) = refused.value.findings
    assert message in finding.message
    assert finding.where == (f'{form}.csv: line 3, column "{column}"' if column else str(path))
    assert contents(sqlite_lab) == before


def test_a_code_that_is_not_there_names_the_nearest_on_both_databases(bench: Lab, write: Write) -> None:
    path = write("leach_tests.csv", "code,sample,leachant\nLT-1,S-1-W1,water\nLT-2,S-1-W2,water")
    with pytest.raises(
        IntakeRefused, match=r'leach_tests.csv: line 3, column "sample": no sample "S-1-W2"; did you mean S-1-W1\?'
    ):
        take_in(bench, [path])


def test_a_code_that_is_there_is_refused_with_the_command_that_changes_it(bench: Lab, write: Write) -> None:
    path = write("samples.csv", "code,kind\nS-1,powder")
    with pytest.raises(IntakeRefused, match="S-1 is already recorded; to change it: labdb correct S-1"):
        take_in(bench, [path])
    twice = write("people.csv", "code\nO1\nO1")
    with pytest.raises(IntakeRefused, match=r'line 3, column "code": O1 is already recorded'):
        take_in(bench, [twice])


def test_a_segment_of_the_same_number_is_named_before_the_database_refuses_it(
    bench: Lab,
    take: Callable[..., str],
    write: Write,
) -> None:
    take(bench, irradiations="code,sample,dose_origin\nIR-1,S-1,segments")
    header = "irradiation,seq,start_s,stop_s,beam_on,dose_rate_gy_per_s"
    take(bench, beam_segments=f"{header}\nIR-1,1,0,60,yes,0.5")
    path = write("beam_segments.csv", f"{header}\nIR-1,1,60,90,yes,0.5\nIR-1,2,90,95,yes,0.5\nIR-1,2,95,99,yes,0.5")
    with pytest.raises(IntakeRefused) as refused:
        take_in(bench, [path])
    assert [finding.where for finding in refused.value.findings] == [
        'beam_segments.csv: line 2, column "seq"',
        'beam_segments.csv: line 4, column "seq"',
    ]


def test_a_dose_is_computed_or_given_never_both(bench: Lab, write: Write) -> None:
    path = write("irradiations.csv", "code,sample,dose_origin,dose_gy\nIR-1,S-1,segments,300\nIR-2,S-1,stated,")
    with pytest.raises(IntakeRefused) as refused:
        take_in(bench, [path])
    first, second = refused.value.findings
    assert "computed from the beam segments" in first.message
    assert "nothing stands here, and the dose is stated" in second.message


def test_an_alias_of_what_comes_in_with_it_is_found_and_an_alias_of_nothing_refused(
    lab: Lab,
    write: Write,
    rows: Rows,
) -> None:
    samples = write("samples.csv", "code,kind\nS-9,powder")
    leach = write("leach_tests.csv", "code,sample,leachant\nLT-9,the old one,water")
    aliases = write("aliases.csv", "name,subject\nthe old one,S-9\nthe oldest,the old one\nits test,LT-9")
    take_in(lab, [samples, leach, aliases])
    assert rows(lab, "SELECT name, subject FROM alias ORDER BY name") == [
        {"name": "its test", "subject": "LT-9"},
        {"name": "the old one", "subject": "S-9"},
        {"name": "the oldest", "subject": "S-9"},
    ]
    wrong = write("aliases_2.csv", "name,subject\nx,S-8\nLT-9,S-9\nthe old one,LT-9")
    with pytest.raises(IntakeRefused) as refused:
        take_in(lab, [wrong])
    assert {finding.message for finding in refused.value.findings} == {
        '"the old one" already names S-9',
        'no code "S-8"; did you mean S-9?',
        '"LT-9" is a code itself; another name must be another',
    }


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("samples", "samples"),
        ("Samples (2)", "samples"),
        ("beam_segments-november", "beam_segments"),
        ("protocol_steps", "protocol_steps"),
        ("steps_of_B-2601", "steps"),
        ("samplesheet", None),
        ("icp_november", None),
    ],
)
def test_a_file_is_named_after_its_form_if_it_begins_with_its_name(stem: str, name: str | None) -> None:
    form = form_named(stem)
    assert (form.name if form else None) == name


def test_columns_that_fit_two_forms_are_not_guessed_between() -> None:
    with pytest.raises(InputError, match=r"fit the form people or .*; name the file after its form"):
        recognize("list", ["code"])
    with pytest.raises(InputError, match="this is no form labdb knows"):
        recognize("list", ["breakfast", "lunch"])
    with pytest.raises(UnknownNameError, match=r'no column or quantity kind "sampel"; did you mean sample\?'):
        recognize("icp_november", ["sampel", "age", "Pb"])
