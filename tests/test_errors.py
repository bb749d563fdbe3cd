"""Errors speak to a person: found, expected, where, what to do. Findings and plugins stand beside them."""

import json
import pickle

import pytest

from labdb.errors import (
    ConflictError,
    EvidenceError,
    InputError,
    LabdbError,
    ReadError,
    SchemaVersionError,
    UnitError,
    UnknownNameError,
    nearest,
)
from labdb.finding import Finding, Severity
from labdb.plugins import modules_of


def test_every_error_is_a_labdb_error_and_input_errors_are_value_errors() -> None:
    for error in (InputError, ConflictError, SchemaVersionError, EvidenceError):
        assert issubclass(error, LabdbError)
    for error in (UnitError, UnknownNameError, ReadError):
        assert issubclass(error, InputError)
        assert issubclass(error, ValueError)
    assert not issubclass(EvidenceError, InputError)


def test_an_unknown_name_offers_the_nearest() -> None:
    error = UnknownNameError("limit", "paper-5ug", ["WHO-DW-PB", "PAPER-5UGG"])
    assert str(error) == 'no limit "paper-5ug"; did you mean PAPER-5UGG?'


def test_an_unknown_name_far_from_all_lists_what_is_known() -> None:
    assert str(UnknownNameError("condition", "xyzzy", ["air", "water"])).endswith("known: air, water")
    many = [f"condition{number}" for number in range(20)]
    assert str(UnknownNameError("condition", "xyzzy", many)).endswith("and 12 more")


def test_an_unknown_name_in_an_empty_lab_says_there_is_none() -> None:
    assert str(UnknownNameError("sample", "S-1")) == 'no sample "S-1"; there is none yet'


def test_a_read_error_names_file_line_and_cell() -> None:
    error = ReadError("icp.csv", '"abc"', "a number", line=4, cell="Pb")
    assert str(error) == 'icp.csv, line 4, cell Pb: found "abc"; expected a number'
    assert (error.line, error.cell) == (4, "Pb")


@pytest.mark.parametrize(
    "error", [UnknownNameError("limit", "a", ["ab", "b"]), ReadError("f", "x", "y", 3, "A1"), UnitError("no unit")]
)
def test_errors_survive_the_way_between_processes(error: LabdbError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(again) is type(error)
    assert str(again) == str(error)


def test_equal_likeness_keeps_the_order_given() -> None:
    assert nearest("ppd", ["ppb", "ppm"])[0] == "ppb"
    assert nearest("ppd", ["ppm", "ppb"])[0] == "ppm"


def test_a_finding_is_plain_data_with_sorted_numbers() -> None:
    finding = Finding(
        "R03", Severity.ERROR, "LT-MIX", "statements.csv:4", "two loadings", {"b": "2 mg/mL", "a": "0.5 mg/mL"}
    )
    plain = finding.as_json()
    assert json.loads(json.dumps(plain)) == plain
    assert list(plain["numbers"]) == ["a", "b"]  # type: ignore[call-overload]
    assert hash(finding) == hash(Finding("R03", Severity.ERROR, "LT-MIX", "statements.csv:4", "two loadings"))


def test_modules_are_found_in_order_and_private_ones_left_out(tmp_path, monkeypatch) -> None:  # noqa: ANN001
    folder = tmp_path / "some_readers_for_this_test"
    folder.mkdir()
    for name in ("__init__", "b", "a", "_private"):
        (folder / f"{name}.py").write_text(f'NAME = "{name}"\n', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert [module.NAME for module in modules_of(folder.name)] == ["a", "b"]


def test_a_broken_module_is_not_passed_over(tmp_path, monkeypatch) -> None:  # noqa: ANN001
    folder = tmp_path / "some_broken_readers_for_this_test"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "broken.py").write_text("import there_is_no_such_module_anywhere\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        modules_of(folder.name)
