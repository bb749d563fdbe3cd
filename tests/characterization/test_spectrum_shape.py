"""Peak, width, integral and centre of an emission band."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.characterization.spectrum_shape import (
    spectrum_shape,
)
from labdb.errors import InputError

SIGMA_TO_FWHM = 2 * math.sqrt(2 * math.log(2))


def gaussian(peak: float, fwhm: float, step: float = 1.0, background: float = 0.0) -> tuple[list[float], list[float]]:
    x = np.arange(peak - 100.3, peak + 100, step)
    y = 10_000 * np.exp(-((x - peak) ** 2) / (2 * (fwhm / SIGMA_TO_FWHM) ** 2)) + background
    return list(x), list(y)


def test_a_gaussian_gives_back_its_peak_width_and_area() -> None:
    shape = spectrum_shape(*gaussian(520.0, 25.0))
    assert shape.peak_nm == pytest.approx(520.0, abs=0.5)  # half a step
    assert shape.peak_parabolic_nm == pytest.approx(520.0, abs=0.01)
    assert shape.fwhm_nm == pytest.approx(25.0, rel=2e-3)  # linear interpolation and highest point, 1 nm steps
    # area of a Gaussian: height x sigma x sqrt(2 pi); the trapezoidal rule is exact to rounding for a whole band
    assert shape.integrated_counts_nm == pytest.approx(10_000 * 25 / SIGMA_TO_FWHM * math.sqrt(2 * math.pi), rel=1e-6)
    assert shape.centre_nm == pytest.approx(520.0, abs=0.001)
    assert shape.notes == ("no background subtracted",)


@pytest.mark.parametrize(
    ("name", "peak", "fwhm"), [("pl_S-BR", 520, 25), ("pl_S-MIX", 615, 35), ("pl_S-I", 685, 38), ("rl_S-I", 691, 41)]
)
def test_the_spectra_of_the_example_set_have_the_peaks_and_widths_they_were_made_with(
    shared_data: Path, name: str, peak: float, fwhm: float
) -> None:
    # README of the example set: Gaussian in energy, background 120 counts, Poisson noise
    text = (shared_data / "paper" / "traces" / f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    shape = spectrum_shape(
        [float(row["wavelength_nm"]) for row in rows], [float(row["counts"]) for row in rows], background_counts=120
    )
    # the highest of noisy points near a flat top of 1 nm steps: within a tenth of the width
    assert shape.peak_nm == pytest.approx(peak, abs=0.1 * fwhm)
    assert shape.fwhm_nm == pytest.approx(fwhm, rel=0.05)
    assert shape.edge_level_counts == pytest.approx(120, abs=12)  # one standard deviation of a single point


def test_a_background_that_is_not_subtracted_is_noted_with_its_level() -> None:
    x, y = gaussian(520.0, 25.0, background=500.0)
    plain = spectrum_shape(x, y)
    assert "no background subtracted; the outer points read 500 counts, 4.8 % of the peak" in plain.notes
    net = spectrum_shape(x, y, background_counts=500.0)
    assert net.fwhm_nm == pytest.approx(25.0, rel=2e-3)
    assert plain.fwhm_nm is not None
    assert net.fwhm_nm is not None
    assert plain.fwhm_nm > net.fwhm_nm
    assert "background of 500 counts subtracted" in net.notes[0]


def test_falling_wavelengths_give_the_same_shape() -> None:
    x, y = gaussian(520.0, 25.0)
    assert spectrum_shape(x[::-1], y[::-1]) == spectrum_shape(x, y)


def test_uneven_steps_are_allowed() -> None:
    # a parabola through (-2, 96), (0, 100), (1, 99): 100 - d^2, vertex at 0
    shape = spectrum_shape([500, 518, 520, 521, 540], [0, 96, 100, 99, 0])
    assert shape.peak_parabolic_nm == pytest.approx(520.0, rel=1e-12)


def test_a_peak_at_the_end_of_the_range_has_no_width_and_says_so() -> None:
    shape = spectrum_shape([500, 501, 502, 503, 504], [1, 2, 3, 4, 5])
    assert shape.fwhm_nm is None
    assert shape.peak_parabolic_nm == shape.peak_nm == 504
    assert any("end of the range" in note for note in shape.notes)


def test_a_half_maximum_outside_the_range_is_no_width() -> None:
    shape = spectrum_shape([500, 501, 502, 503, 504], [8, 9, 10, 9, 0])
    assert shape.fwhm_nm is None
    assert any("outside the range: no width" in note for note in shape.notes)


def test_a_cut_off_top_is_suspected_to_be_saturation() -> None:
    shape = spectrum_shape([500, 501, 502, 503, 504, 505], [0, 65535, 65535, 65535, 10, 0])
    assert any("saturated" in note for note in shape.notes)


@pytest.mark.parametrize(
    ("x", "y", "background", "message"),
    [
        ([500, 501, 502], [1, 2, 1], None, "at least 5"),
        ([500, 501, 502, 503, 504], [1, 2, 1], None, "as many"),
        ([500, 501, 501, 503, 504], [1, 2, 3, 2, 1], None, "rise"),
        ([500, 502, 501, 503, 504], [1, 2, 3, 2, 1], None, "rise"),
        ([500, 501, 502, 503, 504], [1, 2, math.nan, 2, 1], None, "not finite"),
        ([0, 501, 502, 503, 504], [1, 2, 3, 2, 1], None, "positive wavelengths"),
        ([500, 501, 502, 503, 504], [0, 0, 0, 0, 0], None, "no count above"),
        ([500, 501, 502, 503, 504], [1, 2, 3, 2, 1], 10.0, "no count above"),
        ([500, 501, 502, 503, 504], [1, 2, 3, 2, 1], 2.5, "set too high"),
    ],
)
def test_curves_that_are_no_spectrum_are_refused(
    x: list[float], y: list[float], background: float | None, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        spectrum_shape(x, y, background)


@given(st.floats(450, 750), st.floats(10, 60), st.floats(0.01, 1000))
def test_scaling_the_counts_scales_the_integral_and_nothing_else(peak: float, fwhm: float, factor: float) -> None:
    x, y = gaussian(peak, fwhm)
    plain, scaled = spectrum_shape(x, y), spectrum_shape(x, [factor * one for one in y])
    assert scaled.integrated_counts_nm == pytest.approx(factor * plain.integrated_counts_nm, rel=1e-9)
    assert scaled.fwhm_nm == pytest.approx(plain.fwhm_nm, rel=1e-9)
    assert abs(plain.peak_parabolic_nm - plain.peak_nm) <= 0.5 + 1e-9
