"""Emission scans; every expected number is copied by eye from the head or foot of the file, or from PROVENANCE.tsv."""

from __future__ import annotations

from pathlib import Path

import pytest

from labdb.errors import ReadError
from labdb.readers.edinburgh_emission import read

OWN = Path(__file__).resolve().parent.parent / "data" / "readers" / "edinburgh_emission"
ROWS = [
    "Labels,Br7,",
    "Type,Emission Scan,",
    "Start,500.00,",
    "Stop,502.00,",
    "Step,1.00,",
    "Fixed/Offset,405.00,",
    "Xaxis,Wavelength,",
    "Yaxis,Counts,",
    "",
    "500.00,1.0E+1,",
    "501.00,2.0E+1,",
    "502.00,1.5E+1,",
]


def written(folder: Path, rows: list[str]) -> Path:
    path = folder / "scan.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def changed(old: str, new: str) -> list[str]:
    assert any(old in row for row in ROWS)
    return [row.replace(old, new) for row in ROWS]


def test_f980_file_with_a_diode_has_no_excitation_wavelength(shared_data: Path) -> None:
    [curve] = read(shared_data / "instruments" / "edinburgh" / "F980_EmScan.txt")
    assert curve.label == "EmScan9"
    assert curve.x.size == 146
    assert (curve.x[0], curve.x[-1]) == (675.0, 820.0)
    assert curve.y[:4].tolist() == [0.0, 22.4496574, 22.899437, 0.0]
    assert curve.y[-3:].tolist() == [11287.127, 6189.1084, 0.0]
    assert (curve.x[curve.y.argmax()], curve.y.max()) == (782.0, 22287.4453)
    assert curve.settings == {
        "slit_nm": 20.037106,
        "dwell_s": 0.2,
        "repeats": 1.0,
        "detector": "MCP",
        "lamp": "TCSPC Diode",
        "corrected": "yes",
        "reference_corrected": "no",
    }
    assert ("Fixed/Offset", "-100.00") in curve.header
    assert ("Temp", "25.20") in curve.header
    assert curve.where == "line 23, scan 1"
    assert curve.measured_at is None


def test_fluoracle_file_with_commas(shared_data: Path) -> None:
    [curve] = read(shared_data / "instruments" / "edinburgh" / "Fluoracle.csv")
    assert curve.label == "DMF_dmso DMC_01"
    assert curve.x.size == 251
    assert (curve.x[0], curve.x[-1]) == (600.0, 850.0)
    assert (curve.y[0], curve.y[-1]) == (134.703979, 2446.96704)
    assert (curve.x[curve.y.argmax()], curve.y.max()) == (772.0, 129128.469)
    assert curve.settings["excitation_nm"] == 530.0
    assert curve.settings["excitation_slit_nm"] == curve.settings["slit_nm"] == 3.0001483
    assert curve.settings["dwell_s"] == 0.1
    assert curve.settings["reference_corrected"] == "yes"


def test_fluoracle_file_with_five_scans(shared_data: Path) -> None:
    curves = read(shared_data / "instruments" / "edinburgh" / "Fluoracle_emission_multiple.txt")
    assert [curve.label for curve in curves] == ["Em 1", "Em 2", "Em 3", "Em 4", "Em 5"]
    assert [curve.y[0] for curve in curves] == [25.375803, 22.4753094, 27.1088753, 24.8921757, 27.7835999]
    assert [curve.y[-1] for curve in curves] == [15.4786711, 12.7214193, 18.8062878, 10.8401136, 12.8452024]
    for curve in curves:
        assert curve.x.size == 201
        assert curve.x[1] - curve.x[0] == 0.5
        assert (curve.settings["excitation_nm"], curve.settings["dwell_s"]) == (460.0, 0.5)
        assert curve.header[0] == ("Title", "M0")


def test_scans_over_different_ranges_keep_their_own_points() -> None:
    first, second = read(OWN / "two_scans.txt")
    assert first.x.tolist() == [510.0, 511.0, 512.0, 513.0]
    assert first.y.tolist() == [100.0, 250.0, 700.0, 300.0]
    assert second.x.tolist() == [511.0, 512.0, 513.0, 514.0]
    assert second.y.tolist() == [240.0, 680.0, 310.0, 120.0]
    assert (first.where, second.where) == ("line 21, scan 1", "line 22, scan 2")
    assert first.settings == {
        "excitation_nm": 405.0,
        "excitation_slit_nm": 2.0,
        "slit_nm": 1.5,
        "dwell_s": 0.2,
        "repeats": 2.0,
        "detector": "Detector 1",
        "lamp": "Xenon",
        "corrected": "yes",
        "reference_corrected": "no",
    }


def test_a_comma_in_a_label_does_not_break_a_comma_separated_file() -> None:
    [curve] = read(OWN / "comma_in_label.csv")
    assert curve.label == "Br7, water, d14"
    assert ("Comment", "second vial, stirred") in curve.header
    assert curve.y.tolist() == [12.0, 15.0, 11.0]
    assert "excitation_nm" not in curve.settings


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS[:-1], "2 points.*cut.*expected 3 points from 500 to 502"),
        (changed("501.00,", "501,00,"), "line 11: found 3 cells; expected 2: x and 1 y"),
        (changed("2.0E+1", "nan"), r'line 11, cell scan 1: found "nan"; expected a number'),
        (changed("2.0E+1", "3E+40"), r"line 11: found spectral_intensity 3e\+40"),
        (changed("501.00,2", "500.00,2"), "line 11: found wavelength 500 after 500 nm"),
        (changed("Yaxis,Counts", "Yaxis,CPS"), 'yaxis "CPS"'),
        (changed("Xaxis,Wavelength", "Xaxis,Energy"), 'xaxis "Energy"'),
        (changed("Type,Emission Scan", "Type,Excitation Scan"), 'type "Excitation Scan"'),
        (changed("Step,1.00", "Step,0.00"), "no Start, Stop and Step"),
        (changed("Start,500.00", "Start,499.50"), "expected"),
        (ROWS[:9], "a header without data"),
        (["no labels"] * 20, "no `Labels` row"),
    ],
)
def test_a_damaged_or_foreign_scan_is_refused_with_its_place(rows: list[str], message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        read(written(tmp_path, rows))


def test_a_decimal_comma_is_named_with_the_remedy(tmp_path: Path) -> None:
    rows = [row.replace(",", "\t").replace("2.0E+1", "2,0") for row in ROWS]
    with pytest.raises(ReadError, match=r"line 11.*write 2\.0, not 2,0"):
        read(written(tmp_path, rows))


def test_a_latin1_degree_sign_in_a_comment_is_read_because_nobody_may_edit_the_file(tmp_path: Path) -> None:
    path = tmp_path / "scan.csv"
    path.write_bytes("\n".join([ROWS[0], "Comment,25 °C,", *ROWS[1:]]).encode("latin-1"))
    [curve] = read(path)
    assert ("Comment", "25 °C") in curve.header


def test_a_last_number_cut_in_its_middle_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    path.write_bytes(path.read_bytes().removesuffix(b"E+1,\n"))
    with pytest.raises(ReadError, match="rows of one form"):
        read(path)
