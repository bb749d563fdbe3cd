"""The check after every reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from labdb.errors import ReadError
from labdb.readers.curve import Curve
from labdb.readers.sanity import check_curve


def curve(x: list[float], y: list[float], x_kind: str = "wavelength", u: list[float] | None = None) -> Curve:
    spread = None if u is None else np.array(u)
    unit = {"wavelength": "nm", "diffraction_angle": "deg"}.get(x_kind, "1")
    return Curve(
        "emission_spectrum",
        np.array(x),
        x_kind,
        unit,
        np.array(y),
        "spectral_intensity",
        "count",
        "",
        u=spread,
        where="w",
    )


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (curve([500, 501], [1, float("nan")]), "spectral_intensity nan at point 2"),
        (curve([500, float("inf")], [1, 2]), "wavelength inf at point 2"),
        (curve([500, 501, 502], [1, 2]), "3 and 2 values"),
        (curve([500], [1]), "1 point"),
        (curve([], []), "0 point"),
        (curve([500, 501, 501], [1, 2, 3]), "wavelength 501 after 501 nm at point 3"),
        (curve([502, 501, 503], [1, 2, 3]), "at point 2"),
        (curve([0.5, 0.6], [1, 2]), "wavelength 0.5 nm at point 1"),
        (curve([500, 501], [1, 2e29]), r"spectral_intensity 2e\+29"),
        (curve([500, 501], [1, -2e29]), r"spectral_intensity -2e\+29"),
        (curve([500, 501], [1, 1e12]), r"spectral_intensity 1e\+12"),
        (curve([10, 181], [1, 2], "diffraction_angle"), "diffraction_angle 181"),
        (curve([1, 1e13], [1, 2], "a_kind_of_a_lab"), r"a_kind_of_a_lab 1e\+13"),
        (curve([500, 501], [1, 2], u=[0.1, float("nan")]), "standard uncertainty nan"),
        (curve([500, 501], [1, 2], u=[0.1]), "2 and 2 and 1 values"),
    ],
)
def test_what_no_instrument_measures_is_refused(bad: Curve, message: str) -> None:
    with pytest.raises(ReadError, match=message) as refusal:
        check_curve(bad, Path("a.txt"))
    assert refusal.value.path == "a.txt"


def test_the_line_of_the_point_is_named_where_it_is_known() -> None:
    with pytest.raises(ReadError) as refusal:
        check_curve(curve([500, 501, 500.5], [1, 2, 3]), Path("a.txt"), [11, 12, 14])
    assert refusal.value.line == 14


def test_falling_x_and_negative_corrected_counts_are_allowed() -> None:
    check_curve(curve([502, 501, 500], [1, -2, 3]), Path("a.txt"))
