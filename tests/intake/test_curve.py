"""Curves: what an instrument's file becomes, read back as it was, in the units of its kinds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from labdb.characterization.spectrum_shape import spectrum_shape
from labdb.intake.file import take_in
from labdb.intake.writer import IntakeRefused
from labdb.measurement import TraceRow, curve_digest
from labdb.readers import read_file
from labdb.readers.curve import Curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from labdb.lab import Lab

Write = Callable[[str, str], Path]
Rows = Callable[..., list[dict[str, Any]]]
Contents = Callable[["Lab"], tuple[dict[str, int], list[str]]]

SMALL = Path(__file__).parent.parent / "data" / "readers"
TRACES = "SELECT * FROM trace ORDER BY id"
MEASURED = "SELECT * FROM measurement ORDER BY code"


def stored_traces(lab: Lab) -> list[TraceRow]:
    """The curves of a lab in the order of their measurements' codes."""
    from sqlmodel import select

    from labdb.measurement import MeasurementRow

    with lab.read() as session:
        joined = select(TraceRow).join(MeasurementRow, MeasurementRow.id == TraceRow.measurement_id)
        return list(session.exec(joined.order_by(MeasurementRow.code)).all())


def unpacked(packed: bytes) -> NDArray[np.float64]:
    """Read an array back by its documented layout."""
    return np.frombuffer(packed, dtype="<f8")


REAL = [
    ("edinburgh/F980_EmScan.txt", "emission_spectrum", 1),
    ("edinburgh/Fluoracle.csv", "emission_spectrum", 1),
    ("edinburgh/Fluoracle_emission_multiple.txt", "emission_spectrum", 5),
    ("xrdml/Scan_C1.xrdml", "xrd_pattern", 1),
    ("xrdml/m54313_om2th_10.xrdml", "xrd_pattern", 1),
]


@pytest.mark.parametrize(("name", "kind", "curves"), REAL)
def test_a_real_file_is_stored_as_its_reader_reads_it(
    bench: Lab, shared_data: Path, rows: Rows, name: str, kind: str, curves: int
) -> None:
    path = shared_data / "instruments" / name
    read = read_file(path).curves
    assert len(read) == curves
    report = take_in(bench, [path], context={"sample": "S-1"})
    assert sum(report.stored.values()) == curves
    stored = stored_traces(bench)
    for curve, trace in zip(read, stored, strict=True):
        assert unpacked(trace.x).tolist() == curve.x.tolist()
        assert unpacked(trace.y).tolist() == curve.y.tolist()
        assert (trace.points, trace.sha256) == (curve.x.size, curve_digest(trace.x, trace.y))
        assert (trace.x_kind, trace.y_kind) == (curve.x_kind, curve.y_kind)
    measured = rows(bench, MEASURED)
    assert {row["kind"] for row in measured} == {kind}
    assert [row["replicate"] for row in measured] == list(range(1, curves + 1))
    assert [row["place"] for row in measured] == [curve.where for curve in read]
    headers = rows(bench, "SELECT part, position, name, content FROM file_header ORDER BY part, position")
    expected = [(part, *pair) for part, curve in enumerate(read) for pair in curve.header]
    assert [(row["part"], row["name"], row["content"]) for row in headers] == expected
    bench.files.verify(rows(bench, "SELECT DISTINCT raw_file AS sha256 FROM curves")[0]["sha256"])


def test_the_settings_of_a_real_pattern_are_kept_beside_it(bench: Lab, shared_data: Path, rows: Rows) -> None:
    path = shared_data / "instruments" / "xrdml" / "m54313_om2th_10.xrdml"
    (curve,) = read_file(path).curves
    take_in(bench, [path], context={"sample": "S-1", "origin": "transcribed"})
    (settings,) = rows(bench, "SELECT * FROM diffraction_settings")
    for name in ("wavelength_angstrom", "anode", "tube_kv", "tube_ma", "count_time_s", "scan_axis"):
        assert settings[name] == curve.settings.get(name)
    assert (settings["wavelength_origin"], settings["origin"]) == ("file", "transcribed")


def test_a_spectrum_gives_what_trends_need_with_the_uncertainty_of_the_labs_only_method(
    bench: Lab, shared_data: Path, rows: Rows
) -> None:
    path = shared_data / "instruments" / "edinburgh" / "Fluoracle.csv"
    (curve,) = read_file(path).curves
    take_in(bench, [path], context={"study": "ST-01", "age": "7"})
    shape = spectrum_shape(curve.x, curve.y)
    results = {row["quantity"]: row for row in rows(bench, "SELECT * FROM observations")}
    assert set(results) == {"photoluminescence_intensity", "peak_wavelength", "spectral_width"}
    intensity = results["photoluminescence_intensity"]
    assert intensity["value"] == shape.integrated_counts_nm
    assert intensity["u"] == pytest.approx(0.01 * shape.integrated_counts_nm, rel=1e-12)  # one product of doubles
    assert (intensity["u_origin"], intensity["method"], intensity["origin"]) == ("from_method", "PL-1", "computed")
    assert results["peak_wavelength"]["value"] == shape.peak_parabolic_nm
    assert results["spectral_width"]["value"] == shape.fwhm_nm
    assert {row["measurement_kind"] for row in results.values()} == {"emission_spectrum"}


def test_a_small_spectrum_brings_its_time_settings_and_uncertainty(bench: Lab, rows: Rows) -> None:
    take_in(bench, [SMALL / "two_column_csv" / "pl.csv"], context={"study": "ST-01"})
    (trace,) = stored_traces(bench)
    assert trace.u is not None
    assert unpacked(trace.u).tolist() == [10.5, 10.9, 9.8]
    (row,) = rows(bench, "SELECT * FROM curves")
    # measured 2026-11-10T11:00+01:00, an hour after the study began
    assert (row["measured_at"], row["age_d"]) == ("2026-11-10T10:00:00Z", pytest.approx(1 / 24, abs=1e-6))
    (settings,) = rows(bench, "SELECT excitation_nm, detector FROM emission_settings")
    assert settings == {"excitation_nm": 405, "detector": "PMT 1"}


def test_an_option_prevails_over_the_time_in_the_file(bench: Lab, write: Write, rows: Rows) -> None:
    points = "".join(f"{500 + nm},{counts}\n" for nm, counts in enumerate([1, 1, 2, 90, 2, 1, 1]))
    path = write("rl.csv", f"# measured_at: 2026-11-10T11:00:00+01:00\nwavelength_nm,counts\n{points}")
    context = {"sample": "S-1", "measured_at": "2026-11-12T11:00+01:00", "intensity": "RL", "replicate": "3"}
    take_in(bench, [path], context=context)
    (row,) = rows(bench, "SELECT DISTINCT measured_at, replicate FROM observations")
    assert row == {"measured_at": "2026-11-12T10:00:00Z", "replicate": 3}
    assert "radioluminescence_intensity" in {row["quantity"] for row in rows(bench, "SELECT * FROM observations")}


@pytest.mark.parametrize(("unit", "in_ns"), [("ps", 1e-3), ("ns", 1.0), ("us", 1e3)])
def test_a_decay_in_any_unit_of_time_is_kept_in_nanoseconds(
    bench: Lab, write: Write, rows: Rows, unit: str, in_ns: float
) -> None:
    path = write("decay.csv", f"time_{unit},counts,u_counts\n0,9249,96.2\n0.5,8319,91.2\n1,7000,83.7")
    take_in(bench, [path], context={"sample": "S-1"})
    (trace,) = stored_traces(bench)
    assert (trace.x_unit, trace.y_unit) == ("ns", "count")
    # 1e-15: one conversion of a double
    assert unpacked(trace.x).tolist() == pytest.approx([0, 0.5 * in_ns, in_ns], rel=1e-15)
    assert unpacked(trace.y).tolist() == [9249, 8319, 7000]
    assert trace.u is not None
    assert unpacked(trace.u).tolist() == [96.2, 91.2, 83.7]
    assert trace.sha256 == curve_digest(trace.x, trace.y)
    assert [row["kind"] for row in rows(bench, MEASURED)] == ["decay"]


def test_a_furnace_log_in_minutes_is_kept_in_seconds(bench: Lab) -> None:
    take_in(bench, [SMALL / "two_column_csv" / "furnace.csv"], context={"sample": "S-1"})
    (trace,) = stored_traces(bench)
    assert (trace.x_kind, trace.x_unit, trace.y_unit) == ("duration", "s", "degC")
    assert unpacked(trace.x).tolist() == [0, 60, 120]
    assert unpacked(trace.y).tolist() == [25.3, 32.8, 39.4]


@pytest.mark.parametrize("path", sorted(SMALL.glob("*/*")), ids=lambda path: path.name)
def test_every_small_file_of_the_readers_goes_in(bench: Lab, path: Path) -> None:
    read = read_file(path).curves
    take_in(bench, [path], context={"sample": "S-1"})
    assert [trace.points for trace in stored_traces(bench)] == [curve.x.size for curve in read]


def test_a_dark_spectrum_is_kept_without_a_peak(bench: Lab, write: Write, rows: Rows) -> None:
    path = write("dark.csv", "wavelength_nm,counts\n500,0\n501,0\n502,0\n503,0")
    take_in(bench, [path], context={"sample": "S-1"})
    assert len(stored_traces(bench)) == 1
    assert rows(bench, "SELECT * FROM observations") == []


# content, context, column, message
WRONG = [
    ("wavelength_nm,counts\n500,1\n501,2", {}, "sample", "no --sample or --study"),
    ("wavelength_nm,counts\n500,1\n501,2", {"sample": "S-2"}, "sample", 'no sample "S-2"'),
    ("wavelength_nm,counts\n500,1\n501,2", {"sample": "S-1", "age": "soon"}, "age", "cannot read"),
    ("wavelength_nm,counts\n500,1\n501,2", {"sample": "S-1", "intensity": "PLL"}, "intensity", "no quantity kind"),
    ("wavelength_nm,counts\n500,1\n501,2", {"sample": "S-1", "slit_nm": "2"}, "slit_nm", "brings this with its file"),
    ("wavelength_nm,counts\n500,1\n501,2", {"sample": "S-1", "unit": "nm"}, "unit", "brings this with its file"),
    ("# excitation_nm: 0\nwavelength_nm,counts\n500,1\n501,2", {"sample": "S-1"}, None, "excitation_nm"),
    ("wavelength_nm,counts\n500,1\n500,2", {"sample": "S-1"}, None, "no value twice"),
    ("wavelength_nm,counts\n500,1\n501,nan", {"sample": "S-1"}, None, "found"),
    ("wavelength_nm,counts\n500,1\n501,2e29", {"sample": "S-1"}, None, "2e+29"),
]


@pytest.mark.parametrize(("content", "context", "column", "message"), WRONG)
def test_a_curve_that_cannot_be_placed_or_trusted_leaves_nothing(
    bench: Lab,
    write: Write,
    contents: Contents,
    content: str,
    context: dict[str, str],
    column: str | None,
    message: str,
) -> None:
    before = contents(bench)
    path = write("curve.csv", content)
    with pytest.raises(IntakeRefused) as refused:
        take_in(bench, [path], context=context)
    (finding,) = refused.value.findings
    assert message in finding.message
    assert str(path) in str(refused.value)
    if column:
        assert finding.where == f'{path}, column "{column}"'
    assert contents(bench) == before


def test_arrays_are_little_endian_whatever_the_reader_hands_over(
    bench: Lab, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def big_endian(given: Curve) -> None:
        for name in ("x", "y"):
            object.__setattr__(given, name, getattr(given, name).astype(">f8"))

    original = Curve.__post_init__

    def frozen(given: Curve) -> None:
        original(given)
        big_endian(given)

    monkeypatch.setattr(Curve, "__post_init__", frozen)
    take_in(bench, [write("decay.csv", "time_ns,counts\n0,9249\n0.5,8319")], context={"sample": "S-1"})
    (trace,) = stored_traces(bench)
    assert trace.x == bytes(8) + bytes.fromhex("000000000000e03f")  # 0.5 is 0x3FE0000000000000 (IEEE 754)
    assert unpacked(trace.y).tolist() == [9249, 8319]
