"""Plain curves; expected numbers copied by eye from the files."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from labdb.errors import ReadError
from labdb.readers.two_column_csv import read, recognizes

OWN = Path(__file__).resolve().parent.parent / "data" / "readers" / "two_column_csv"


def written(folder: Path, text: str) -> Path:
    path = folder / "curve.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_settings_time_and_uncertainty_of_a_spectrum() -> None:
    [curve] = read(OWN / "pl.csv")
    assert (curve.kind, curve.x_kind, curve.x_unit) == ("emission_spectrum", "wavelength", "nm")
    assert (curve.y_kind, curve.y_unit) == ("spectral_intensity", "count")
    assert curve.x.tolist() == [520.5, 521.0, 521.5]
    assert curve.y.tolist() == [110.0, 118.0, 97.0]
    assert curve.u is not None
    assert curve.u.tolist() == [10.5, 10.9, 9.8]
    assert curve.settings == {"excitation_nm": 405.0, "detector": "PMT 1"}
    assert curve.measured_at == datetime(2026, 11, 10, 11, tzinfo=timezone(timedelta(hours=1)))
    assert ("origin", "synthetic") in curve.header
    assert ("comment", "example, invented") in curve.header
    assert curve.where == "line 5"


def test_a_furnace_log_among_other_columns() -> None:
    [curve] = read(OWN / "furnace.csv")
    assert (curve.kind, curve.x_kind, curve.x_unit) == ("furnace_log", "duration", "min")
    assert (curve.y_kind, curve.y_unit) == ("temperature", "degC")
    assert curve.y.tolist() == [25.3, 32.8, 39.4]
    assert curve.header == (("batch_id", "B-2601"), ("step_seq", "3"), ("origin", "synthetic"))
    assert curve.u is None


def test_a_pattern_with_tabs_and_a_decay_with_semicolons() -> None:
    [pattern] = read(OWN / "xrd.tsv")
    assert (pattern.kind, pattern.x.tolist(), pattern.y.tolist()) == ("xrd_pattern", [10, 10.02, 10.04], [91, 88, 95])
    [decay] = read(OWN / "decay.csv")
    assert (decay.kind, decay.x_unit, decay.y.tolist()) == ("decay", "ns", [9249.0, 8319.0])


def test_the_traces_of_the_example_lab(shared_data: Path) -> None:
    folder = shared_data / "paper" / "traces"
    expected = {  # points = lines of the file less its header; first and last y as they stand in the file
        "pl_S-BR.csv": ("emission_spectrum", 300, 115.0, 142.0),
        "xrd_S-BR.csv": ("xrd_pattern", 1601, 91.0, 98.0),
        "decay_S-I.csv": ("decay", 400, 9307.0, 12.0),
        "furnace_B-2202.csv": ("furnace_log", 200, 25.3, 145.3),
    }
    for name, numbers in expected.items():
        assert recognizes(folder / name)
        [curve] = read(folder / name)
        assert (curve.kind, curve.x.size, curve.y[0], curve.y[-1]) == numbers
        assert ("origin", "synthetic") in curve.header
    for path in sorted(folder.glob("*.csv")):
        assert read(path)[0].x.size >= 200


@pytest.mark.parametrize(
    "header",
    [
        "wavelength_nm,counts",
        "Wavelength (nm),Counts",
        '"wavelength [nm]";"counts"',
        "wavelength/nm\tIntensity (counts)",
    ],
)
def test_a_column_may_be_written_in_several_ways(header: str, tmp_path: Path) -> None:
    separator = "\t" if "\t" in header else ";" if ";" in header else ","
    path = written(tmp_path, f"{header}\n500{separator}1\n501{separator}2\n")
    assert recognizes(path)
    assert read(path)[0].x_unit == "nm"


@pytest.mark.parametrize(
    "header",
    ["nm, A", "wavelength,counts", "wavelength_nm,counts,counts", "wavelength_nm,temperature_degC", "500,1", "x,y"],
)
def test_a_header_that_does_not_name_quantity_and_unit_is_not_recognized(header: str, tmp_path: Path) -> None:
    assert not recognizes(written(tmp_path, f"{header}\n500,1\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wavelength_nm,counts\n500,1\n501\n502,3\n", "1 bad row.*1 cell.*curve.csv:3"),
        ("wavelength_nm;counts\n500,5;1\n", r"line 2, cell wavelength_nm.*write 500\.5, not 500,5"),
        ("wavelength_nm,counts\n500,1\n501,< 5\n", 'line 3, cell counts: found "< 5"'),
        ("wavelength_nm,counts\n500,1_0\n501,2\n", '"1_0"'),
        ("wavelength_nm,counts\n500,1\n501,\n", "line 3, cell counts: found an empty cell"),
        ("wavelength_nm,counts\n500,1\n499,2\n501,3\n", "line 3: found wavelength 499 after 500 nm"),
        ("wavelength_nm,counts\n500,1\n501,1e999\n", "line 3: found spectral_intensity inf"),
        ("wavelength_nm,counts\n500,1\n", "1 point"),
        ("wavelength_nm,counts\n", "0 point"),
        ("two_theta_deg,counts\n10,5\n190,6\n", "line 3: found diffraction_angle 190"),
        ("time_min,temperature_degC\n0,25\n1,-300\n", "line 3: found temperature -300"),
        ("wavelength_nm,counts,u_counts\n500,1,0.1\n501,2,-0.1\n", "line 3: found standard uncertainty -0.1"),
        ("wavelength_nm,counts,sample\n500,1,S-1\n501,2,S-2\n", 'line 3, cell sample: found "S-2" after "S-1"'),
        ("# measured_at: 2026-11-10 11:00\nwavelength_nm,counts\n500,1\n501,2\n", "line 1.*without offset"),
        ("# measured_at: soon\nwavelength_nm,counts\n500,1\n501,2\n", "line 1.*ISO 8601"),
        ("# excitation_nm: 405 nm\nwavelength_nm,counts\n500,1\n501,2\n", 'line 1, cell excitation_nm: found "405 nm"'),
    ],
)
def test_a_bad_cell_refuses_the_file_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        read(written(tmp_path, text))


def test_latin1_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "latin1.csv"
    path.write_bytes("time_min,temperature (°C)\n0,25\n1,26\n".encode("latin-1"))
    with pytest.raises(ReadError, match=r"line 1: found byte 0xB0.*save as CSV UTF-8"):
        read(path)


def test_a_header_beyond_4_kb_of_comments_is_not_looked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "# note\n" * 1000 + "wavelength_nm,counts\n500,1\n501,2\n")
    assert not recognizes(path)
    assert read(path)[0].x.size == 2
