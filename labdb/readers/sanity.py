"""The check after every reader: a curve that no instrument could have measured is refused, not stored.

One widely used reader returned intensities of 2e29 counts from a real file without an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labdb.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from labdb.readers.curve import Curve

MAX_ABSOLUTE_Y = 1e12

# Lowest and highest sane value by (quantity kind, unit). Wide on purpose: this catches garbage, not bad measurements.
SANE_RANGES: dict[tuple[str, str], tuple[float, float]] = {
    ("wavelength", "nm"): (10.0, 30_000.0),  # vacuum ultraviolet to mid infrared
    ("diffraction_angle", "deg"): (-180.0, 180.0),  # goniometers start a little below 0
    ("decay_time", "ps"): (-1e9, 1e15),
    ("decay_time", "ns"): (-1e6, 1e12),  # a delay before the pulse is negative; phosphorescence lasts minutes
    ("decay_time", "us"): (-1e3, 1e9),
    ("duration", "s"): (0.0, 1e9),
    ("duration", "min"): (0.0, 1e7),
    ("duration", "h"): (0.0, 1e6),
    ("temperature", "degC"): (-273.15, 3500.0),
    ("diffracted_intensity", "count"): (0.0, MAX_ABSOLUTE_Y),  # photons are not negative
    ("decay_count", "count"): (0.0, MAX_ABSOLUTE_Y),
}


def _refuse(
    curve: Curve, path: Path, found: str, expected: str, *, index: int | None = None, lines: Sequence[int] | None = None
) -> ReadError:
    line = lines[index] if lines is not None and index is not None and index < len(lines) else None
    place = f" at point {index + 1}" if index is not None and line is None else ""
    where = f" in the curve at {curve.where}" if curve.where else ""
    return ReadError(path, found=f"{found}{place}{where}", expected=expected, line=line)


def _first(mask: np.ndarray) -> int | None:
    return int(np.argmax(mask)) if bool(mask.any()) else None


def check_curve(curve: Curve, path: Path, lines: Sequence[int] | None = None) -> None:
    """Refuse a curve that is not finite, not monotonic in x, of unequal lengths or out of every sane range.

    Parameters
    ----------
    curve : Curve
        What a reader made of the file.
    path : Path
        The file, for the message.
    lines : sequence of int, shape (n,) [1], optional
        Line number of each point, for the message.

    Raises
    ------
    ReadError
        With the line (or the point), what was found and what was expected.

    Examples
    --------
    >>> import pathlib
    >>> from labdb.readers.curve import Curve
    >>> flat = Curve("decay", np.array([0.0, 0.5]), "decay_time", "ns", np.array([7, 7]), "decay_count", "count", "")
    >>> check_curve(flat, pathlib.Path("a.csv"))
    """
    _check_lengths(curve, path)
    _check_values(curve, path, lines)
    rise = np.diff(curve.x)
    if not bool((rise > 0).all()) and not bool((rise < 0).all()):
        against = rise <= 0 if curve.x[-1] > curve.x[0] else rise >= 0
        index = int(np.argmax(against)) + 1
        found = f"{curve.x_kind} {curve.x[index]:g} after {curve.x[index - 1]:g} {curve.x_unit}"
        expected = "x that only rises or only falls, no value twice"
        raise _refuse(curve, path, found, expected, index=index, lines=lines)


def _check_lengths(curve: Curve, path: Path) -> None:
    arrays = [curve.x, curve.y] + ([curve.u] if curve.u is not None else [])
    if any(array.ndim != 1 or array.size != curve.x.size for array in arrays):
        sizes = " and ".join(str(array.size) for array in arrays)
        raise _refuse(curve, path, f"{sizes} values of x and y", "as many y as x")
    minimum = 2
    if curve.x.size < minimum:
        raise _refuse(curve, path, f"{curve.x.size} point(s)", "a curve of at least 2 points")


def _check_values(curve: Curve, path: Path, lines: Sequence[int] | None) -> None:
    columns = [(curve.x_kind, curve.x_unit, curve.x), (curve.y_kind, curve.y_unit, curve.y)]
    for kind, unit, values in columns:
        low, high = SANE_RANGES.get((kind, unit), (-MAX_ABSOLUTE_Y, MAX_ABSOLUTE_Y))
        if (index := _first(~np.isfinite(values))) is not None:
            raise _refuse(curve, path, f"{kind} {values[index]}", "finite numbers", index=index, lines=lines)
        if (index := _first((values < low) | (values > high) | (np.abs(values) >= MAX_ABSOLUTE_Y))) is not None:
            found, expected = f"{kind} {values[index]:g} {unit}", f"{low:g} to {high:g} {unit}"
            raise _refuse(curve, path, found, expected, index=index, lines=lines)
    if curve.u is not None and (index := _first(~np.isfinite(curve.u) | (curve.u < 0))) is not None:
        found = f"standard uncertainty {curve.u[index]:g}"
        raise _refuse(curve, path, found, "a finite number, 0 or more", index=index, lines=lines)
