"""One contract for every reader of the folder: what it claims, what it returns, what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labdb.errors import ReadError
from labdb.kinds import quantity_kind
from labdb.readers import Reader, find_reader, read_file, readers
from labdb.readers.curve import SETTINGS
from labdb.readers.document import read_document
from labdb.readers.sanity import check_curve
from labdb.readers.table import read_table

OWN = Path(__file__).resolve().parent.parent / "data" / "readers"
SECTIONS = ["Files", "Fields", "Uncertainty", "Kept metadata", "File structure"]
ALL = readers()


def short(reader: Reader) -> str:
    return reader.__name__.rpartition(".")[2]


def own_files(reader: Reader) -> list[Path]:
    return sorted((OWN / short(reader)).iterdir())


every_reader = pytest.mark.parametrize("reader", ALL, ids=short)
every_own_file = pytest.mark.parametrize("path", sorted(OWN.glob("*/*")), ids=lambda path: path.name)


def test_the_readers_are_found_by_folder() -> None:
    assert {short(reader) for reader in ALL} >= {
        "edinburgh_decay",
        "edinburgh_emission",
        "panalytical_xrdml",
        "two_column_csv",
    }


@every_reader
def test_a_reader_explains_itself_in_the_required_sections(reader: Reader) -> None:
    text = reader.__doc__ or ""
    assert text.startswith("Reader: ")
    lines = [line for line in text.splitlines() if line in SECTIONS]
    assert lines == SECTIONS


@every_reader
def test_a_reader_has_a_file_of_ours_and_claims_no_other(reader: Reader) -> None:
    assert own_files(reader)
    claimed = [path for path in sorted(OWN.glob("*/*")) if reader.recognizes(path)]
    assert claimed == own_files(reader)


@every_own_file
def test_what_is_read_is_finite_equal_in_length_and_monotonic(path: Path) -> None:
    file = read_file(path)
    assert file.curves
    assert file.format == path.parent.name
    for curve in file.curves:
        assert curve.x.size == curve.y.size >= 2
        assert np.isfinite(curve.x).all()
        assert np.isfinite(curve.y).all()
        assert (np.diff(curve.x) > 0).all() or (np.diff(curve.x) < 0).all()
        assert not curve.x.flags.writeable
        assert not curve.y.flags.writeable
        check_curve(curve, path)


@every_own_file
def test_kinds_units_and_settings_are_words_that_labdb_knows(path: Path) -> None:
    for curve in read_file(path).curves:
        assert quantity_kind(curve.x_kind).read_unit(curve.x_unit)
        assert quantity_kind(curve.y_kind).read_unit(curve.y_unit)
        assert set(curve.settings) <= set(SETTINGS)
        for key, value in curve.settings.items():
            assert isinstance(value, float) == SETTINGS[key].endswith("]"), key


def test_each_real_file_is_claimed_by_its_own_reader_or_by_none(shared_data: Path) -> None:
    owner = {
        "edinburgh/F980_EmScan.txt": "edinburgh_emission",
        "edinburgh/Fluoracle.csv": "edinburgh_emission",
        "edinburgh/Fluoracle_emission_multiple.txt": "edinburgh_emission",
        "edinburgh/F980_IRF.txt": "edinburgh_decay",
        "edinburgh/F980_IRF_multiple.txt": "edinburgh_decay",
        "xrdml/Scan_C1.xrdml": "panalytical_xrdml",
        "xrdml/m54313_om2th_10.xrdml": "panalytical_xrdml",
    }
    folder = shared_data / "instruments"
    for path in sorted(folder.rglob("*")):
        claimed = [short(reader) for reader in ALL if reader.recognizes(path)]
        expected = owner.get(path.relative_to(folder).as_posix())
        assert claimed == ([expected] if expected else []), path


def test_no_table_of_the_example_lab_is_mistaken_for_a_curve(shared_data: Path) -> None:
    for path in [*sorted((shared_data / "paper").glob("*")), *sorted((shared_data / "clean").glob("*"))]:
        assert [short(reader) for reader in ALL if reader.recognizes(path)] == [], path


# --- hostile files -----------------------------------------------------------------------------------------------


def hostile(name: str, folder: Path) -> Path:
    path = folder / f"{name}.csv"
    if name == "folder":
        path.mkdir()
    elif name == "pipe":
        os.mkfifo(path)
    elif name != "missing":
        contents = {
            "empty": b"",
            "byte_order_mark_only": b"\xef\xbb\xbf",
            "blank_lines": b"\n\n\r\n",
            "nul_bytes": bytes(range(256)) * 40,
            "zip": b"PK\x03\x04" + b"\x14\x00" * 500,
            "utf16": "wavelength_nm,counts\n500,1\n".encode("utf-16"),
            "prose": b"Dear Mei, the spectra are on the server.\nBest, Jo\n",
        }
        path.write_bytes(contents[name])
    return path


HOSTILE = [
    "folder",
    "pipe",
    "missing",
    "empty",
    "byte_order_mark_only",
    "blank_lines",
    "nul_bytes",
    "zip",
    "utf16",
    "prose",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_recognized_by_nobody_and_refused_in_words(name: str, tmp_path: Path) -> None:
    path = hostile(name, tmp_path)
    assert [reader for reader in ALL if reader.recognizes(path)] == []
    with pytest.raises(ReadError, match="expected"):
        find_reader(path)
    for reader in ALL:
        with pytest.raises(ReadError):
            reader.read(path)


@pytest.mark.parametrize(
    "start",
    [
        b"wavelength_nm,counts\n",
        b"Labels\tEm1\t\nType\tEmission Scan\t\n",
        b"Labels,D1,\nType,Time Scan,\n",
        b'<xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/2.1">\n',
        b"age,Pb\n",
        b"code: B-2601\n",
    ],
)
def test_a_line_of_100_mb_is_refused_without_being_taken_into_memory(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as stream:
        stream.write(start)
        stream.truncate(100_000_000)  # sparse: no disk is filled
    tracemalloc.start()
    try:
        for read in [read_file, read_table, read_document, *(reader.read for reader in ALL)]:
            with pytest.raises(ReadError):
                read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000  # ten lines of the greatest length allowed; the file is 100 MB


@every_own_file
def test_a_file_cut_anywhere_is_refused_or_read_as_far_as_it_goes_never_a_crash(path: Path, tmp_path: Path) -> None:
    raw = path.read_bytes()
    whole = read_file(path)
    cut = tmp_path / path.name
    for length in range(0, len(raw) - 1):
        cut.write_bytes(raw[:length])
        reader = next(reader for reader in ALL if short(reader) == whole.format)
        try:
            curves = reader.read(cut)
        except ReadError:
            continue
        # Only a table without a word on its length can be cut unseen, after a whole row.
        assert whole.format == "two_column_csv"
        assert curves[0].x.size <= whole.curves[0].x.size


@every_own_file
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_yields_curves_that_pass_the_check(
    path: Path, tmp_path: Path, data: st.DataObject
) -> None:
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / path.name
    damaged.write_bytes(raw)
    try:
        file = read_file(damaged)
    except ReadError:
        return
    for curve in file.curves:
        check_curve(curve, damaged)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_recognizing_never_raises_whatever_the_bytes(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(raw)
    for reader in ALL:
        assert reader.recognizes(path) in {True, False}


@pytest.mark.parametrize("path", [p for p in sorted(OWN.glob("*/*")) if p.suffix != ".xrdml"], ids=lambda p: p.name)
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    for before, after in zip(read_file(path).curves, read_file(copy).curves, strict=True):
        assert before.as_json() == after.as_json()
        assert before.header == after.header
        assert np.array_equal(before.y, after.y)


def test_a_file_that_two_readers_claim_is_refused_with_both_named(tmp_path: Path) -> None:
    path = tmp_path / "both.csv"
    path.write_text("# Labels\n# <xrdMeasurements\nwavelength_nm,counts\n500,1\n501,2\n")
    with pytest.raises(ReadError, match=r"PANalytical XRDML and two-column table"):
        find_reader(path)


def test_reading_a_table_imports_no_numpy() -> None:
    code = "import sys, labdb.readers.table, labdb.readers.file_name; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])
