"""Decays and instrument responses; expected numbers from the files' heads and feet and from PROVENANCE.tsv."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from labdb.errors import ReadError
from labdb.readers.edinburgh_decay import read

OWN = Path(__file__).resolve().parent.parent / "data" / "readers" / "edinburgh_decay"


def test_an_instrument_response(shared_data: Path) -> None:
    [curve] = read(shared_data / "instruments" / "edinburgh" / "F980_IRF.txt")
    assert curve.kind == "instrument_response"
    assert (curve.label, curve.x_unit, curve.x.size) == ("T5", "ns", 512)
    assert (curve.x[0], curve.x[1], curve.x[-1]) == (0.0, 0.9765625, 499.02344)
    assert curve.y[:5].tolist() == [4.0, 1.0, 2.0, 2.0, 3.0]
    assert curve.y[-2:].tolist() == [1.0, 8.0]
    assert (curve.x[curve.y.argmax()], curve.y.max()) == (27.34375, 678.0)


def test_forty_four_decays_in_one_file(shared_data: Path) -> None:
    curves = read(shared_data / "instruments" / "edinburgh" / "F980_IRF_multiple.txt")
    assert len(curves) == 44
    assert {(curve.kind, curve.x.size, float(curve.x[-1])) for curve in curves} == {("decay", 256, 996.09375)}
    assert [curve.label for curve in curves] == [f"Decay{number}" for number in range(1, 45)]
    assert (curves[0].y[0], curves[0].y[1], curves[0].y[-1]) == (7.0, 2.0, 7.0)
    assert (curves[1].y[0], curves[1].y[1], curves[1].y[-1]) == (4.0, 7.0, 5.0)
    assert (curves[43].y[0], curves[43].y[1], curves[43].y[-1]) == (10.0, 5.0, 16.0)
    assert curves[0].header[0] == ("Title", "S1-Multi-Scan Sample 1")


def test_counts_of_a_decay_are_whole_and_not_negative(shared_data: Path) -> None:
    for curve in read(shared_data / "instruments" / "edinburgh" / "F980_IRF_multiple.txt"):
        assert np.array_equal(curve.y, np.round(curve.y))
        assert (curve.y >= 0).all()


def test_a_decay_and_its_response_in_one_file_are_told_apart() -> None:
    decay, response = read(OWN / "decay_and_response.txt")
    assert (decay.kind, response.kind) == ("decay", "instrument_response")
    assert decay.y.tolist() == [2.0, 90.0, 60.0, 41.0]
    assert response.y.tolist() == [0.0, 75.0, 5.0, 1.0]
    assert decay.x.tolist() == [0.0, 0.48828125, 0.9765625, 1.464844]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Time(ns)", "Time(channels)", "expected a time scan"),
        ("Instrument Response Time Scan", "Emission Scan", "Emission Scan"),
        ("9.0E+1", "-9.0E+1", "decay_count -90 count"),
    ],
)
def test_another_axis_kind_or_a_negative_count_is_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "decay.txt"
    path.write_text((OWN / "decay_and_response.txt").read_text().replace(old, new))
    with pytest.raises(ReadError, match=message):
        read(path)
