"""XRDML; expected numbers from the files' text and from PROVENANCE.tsv, products computed by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from labdb.errors import ReadError
from labdb.readers.panalytical_xrdml import MAX_BYTES, read

OWN = Path(__file__).resolve().parent.parent / "data" / "readers" / "panalytical_xrdml"
V15 = OWN / "intensities_15.xrdml"
V21 = OWN / "counts_21_two_scans.xrdml"


def edited(folder: Path, original: Path, old: str, new: str) -> Path:
    text = original.read_text(encoding="utf-8")
    assert old in text
    path = folder / "edited.xrdml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_schema_15_with_intensities(shared_data: Path) -> None:
    [curve] = read(shared_data / "instruments" / "xrdml" / "Scan_C1.xrdml")
    assert curve.x.size == 7181
    assert (curve.x[0], curve.x[-1]) == (5.00475563, 124.99166689)
    assert curve.y[:4].tolist() == [374.0, 401.0, 382.0, 351.0]
    assert curve.y[-1] == 158.0
    assert curve.settings == {
        "wavelength_angstrom": 1.540598,
        "k_alpha2": 1.544426,
        "k_alpha2_ratio": 0.5,
        "line": "K-Alpha",
        "anode": "Cu",
        "tube_kv": 40.0,
        "tube_ma": 40.0,
        "scan_axis": "Gonio",
        "count_time_s": 15.24,
        "detector": "X'Celerator detector",
    }
    assert curve.measured_at == datetime(2020, 11, 6, 18, 9, 37, tzinfo=UTC)
    assert ("xrdMeasurement/incidentBeamPath/radius [mm]", "240.00") in curve.header


def test_schema_21_counts_are_multiplied_by_the_attenuator(shared_data: Path) -> None:
    [curve] = read(shared_data / "instruments" / "xrdml" / "m54313_om2th_10.xrdml")
    assert curve.x.size == 1800
    assert (curve.x[0], curve.x[-1]) == (26.025, 79.995)
    assert curve.y[:8].tolist() == [0, 0, 0, 0, 0, 0, 2, 2]
    # One point was counted behind the attenuator: 1877 counts, factor 188; its neighbours 14602 and 13749 without.
    peak = int(curve.y.argmax())
    assert curve.y[peak - 1 : peak + 2].tolist() == [14602.0, 1877 * 188.0, 13749.0]
    assert curve.settings["count_time_s"] == 0.5
    assert curve.settings["scan_axis"] == "2Theta-Omega"
    assert curve.measured_at == datetime(2022, 9, 26, 17, 5, 54, tzinfo=timezone(timedelta(hours=2)))


def test_intensities_are_not_multiplied_a_second_time() -> None:
    [curve] = read(V15)
    assert curve.y.tolist() == [101.0, 405.0, 2210.0, 398.0, 99.0]
    assert curve.x == pytest.approx([20.00, 20.02, 20.04, 20.06, 20.08], abs=1e-12)  # rounding of a linspace
    assert curve.label == "S-EXAMPLE"
    assert curve.settings["tube_kv"] == 45.0
    note = dict(curve.header)["scan/dataPoints/beamAttenuationFactors"]
    assert note == "1 of 5 points attenuated, largest factor 10, applied by the instrument"


def test_two_scans_a_list_of_positions_and_a_time_without_offset() -> None:
    first, second = read(V21)
    assert first.x == pytest.approx([30.0, 30.2, 30.4], abs=1e-12)  # rounding of a linspace
    assert first.y.tolist() == [7.0, 2068.0, 9.0]  # 11 x 188
    assert second.x.tolist() == [31.0, 31.05, 31.2, 31.25]
    assert second.y.tolist() == [4.0, 6.0, 5.0, 3.0]
    assert (first.where, second.where) == ("measurement 1, scan 1", "measurement 1, scan 2")
    assert (first.settings["count_time_s"], second.settings["count_time_s"]) == (0.5, 2.0)
    assert first.settings["line"] == "K-Alpha 1"
    assert "k_alpha2" not in first.settings
    assert second.measured_at is None
    assert ("scan/header/startTimeStamp", "2026-11-10T11:30:00") in second.header


@pytest.mark.parametrize(
    ("original", "old", "new", "message"),
    [
        (V15, 'axis="2Theta"', 'axis="Phi"', "expected a scan over 2Theta"),
        (V15, 'axis="2Theta" unit="deg"', 'axis="2Theta" unit="mrad"', '2Theta in "mrad"'),
        (V15, 'scanAxis="Gonio" status="Completed"', 'scanAxis="Gonio" status="Aborted"', "status Aborted"),
        (V15, "2210", "2210,5", "write 2210.5"),
        (V15, "2210", "inf", '"inf"'),
        (V15, "2210", "-2210", "diffracted_intensity -2210 count at point 3"),
        (V15, "2210", "2e29", r"diffracted_intensity 2e\+29"),
        (V15, "101 405 2210 398 99", "101 405 2210 398", "5 beamAttenuationFactors for 4 points"),
        (V15, 'intensities unit="counts"', 'intensities unit="cps"', 'intensities in "cps"'),
        (V15, "<endPosition>20.08", "<endPosition>20.00", "no value twice"),
        (V15, 'unit="kV"', 'unit="V"', 'tension in "V"'),
        (V15, 'unit="seconds"', 'unit="minutes"', 'counting time in "minutes"'),
        (V21, "2.0 2.0 2.0 2.0", "2.0 2.0 4.0 2.0", "counting times from 2 to 4 s"),
        (V21, "31.00 31.05 31.20 31.25", "31.00 31.05 31.20", "3 and 4 values"),
        (
            V21,
            "<countingTimes",
            "<commonDivergenceCorrection>1.1</commonDivergenceCorrection><countingTimes",
            "divergence",
        ),
        (V21, "2026-11-10T11:00:00+01:00", "yesterday", "ISO 8601"),
        (V21, "xrdMeasurements", "measurements", "another document"),
    ],
)
def test_what_cannot_be_compared_or_measured_is_refused(
    original: Path, old: str, new: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ReadError, match=message):
        read(edited(tmp_path, original, old, new))


def test_a_cut_document_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "cut.xrdml"
    path.write_bytes(V21.read_bytes()[:1500])
    with pytest.raises(ReadError, match=r"line \d+: found broken XML.*was the file cut") as refusal:
        read(path)
    assert refusal.value.line == V21.read_bytes()[:1500].count(b"\n") + 1


BOMB = """<?xml version="1.0"?>
<!DOCTYPE xrdMeasurements [<!ENTITY a "0 0 0 0 0 0 0 0"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>
<xrdMeasurements>&d;</xrdMeasurements>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE xrdMeasurements [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<xrdMeasurements>&a;</xrdMeasurements>"""


@pytest.mark.parametrize("text", [BOMB, OUTSIDE], ids=["entity bomb", "entity from outside"])
def test_entities_are_refused_before_they_grow_or_read_anything(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xrdml"
    path.write_text(text)
    with pytest.raises(ReadError, match="document type, entities"):
        read(path)


def test_an_unknown_encoding_and_a_giant_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.xrdml"
    path.write_text('<?xml version="1.0" encoding="klingon"?><xrdMeasurements/>')
    with pytest.raises(ReadError):
        read(path)
    with path.open("ab") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(ReadError, match="at most"):
        read(path)


def test_a_document_without_scans_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.xrdml"
    path.write_text("<xrdMeasurements><xrdMeasurement/></xrdMeasurements>")
    with pytest.raises(ReadError, match="no scan"):
        read(path)
