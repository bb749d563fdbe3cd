"""Method: shape of an emission band: peak wavelength, width at half maximum, integrated intensity, centre, background.

The peak is given twice: as measured (the highest point), and refined by a parabola through it and its neighbours. Both
are positions on the wavelength scale; a fit in energy with its Jacobian is another method and gives another number. No
background is subtracted unless one is given; what the outer points suggest is noted beside the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labdb.errors import InputError

Floats = npt.NDArray[np.float64]

_LEAST_POINTS = 5
_EDGE_SHARE = 0.05  # of the points, at each end, taken as free of emission for the background note
_NOTABLE_BACKGROUND = 0.01  # of the peak: below it, half maximum moves by less than 0.5 % of the peak


@dataclass(frozen=True, slots=True)
class SpectrumShape:
    """One band of a spectrum. ``fwhm_nm`` is None where a half maximum lies outside the range."""

    peak_nm: float
    peak_parabolic_nm: float
    peak_counts: float
    fwhm_nm: float | None
    integrated_counts_nm: float
    centre_nm: float
    background_counts: float
    edge_level_counts: float
    notes: tuple[str, ...]


def spectrum_shape(
    wavelength_nm: Sequence[float] | Floats, counts: Sequence[float] | Floats, background_counts: float | None = None
) -> SpectrumShape:
    """Measure peak, width, integral and centre of the strongest band of a spectrum.

    Parameters
    ----------
    wavelength_nm : Sequence[float] or ndarray, shape (n,) [nm]
        Wavelengths, rising or falling; steps may differ.
    counts : Sequence[float] or ndarray, shape (n,) [count]
        Intensities.
    background_counts : float, optional, scalar [count]
        Constant background to subtract; None subtracts nothing and notes the level of the outer points.

    Returns
    -------
    SpectrumShape
        Wavelengths and width [nm], counts above background, integral by the trapezoidal rule [nm count] over the whole
        range, centre of mass [nm], and notes.

    Raises
    ------
    InputError
        If there are fewer than 5 points, lengths differ, a number is not finite, wavelengths do not rise or fall
        throughout, or nothing rises above the background.

    Source
    ------
    Vertex of a parabola through three points; linear interpolation at half maximum; trapezoidal rule.

    Examples
    --------
    >>> shape = spectrum_shape([510, 515, 520, 525, 530], [0, 50, 100, 50, 0])
    >>> shape.peak_nm, shape.fwhm_nm, shape.integrated_counts_nm
    (520.0, 10.0, 1000.0)
    """
    x, y = _checked(wavelength_nm, counts)
    edge = _edge_level(y)
    background = 0.0 if background_counts is None else float(background_counts)
    net = y - background
    top = int(np.argmax(net))
    if not net[top] > 0:
        raise InputError(f"no count above the background of {background:g}; nothing to measure a peak on")
    integrated = float(np.trapezoid(net, x))
    if not integrated > 0:
        raise InputError(f"the integral over the range is {integrated:g} nm count; the background is set too high")
    fwhm = _width(x, net, top)
    return SpectrumShape(
        peak_nm=float(x[top]),
        peak_parabolic_nm=_vertex(x, net, top),
        peak_counts=float(net[top]),
        fwhm_nm=fwhm,
        integrated_counts_nm=integrated,
        centre_nm=float(np.trapezoid(net * x, x)) / integrated,
        background_counts=background,
        edge_level_counts=edge,
        notes=_notes(y, net, top, fwhm, (background_counts, edge)),
    )


def _checked(wavelength_nm: Sequence[float] | Floats, counts: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    """Return arrays with rising wavelength, or refuse."""
    x, y = np.asarray(wavelength_nm, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape or len(x) < _LEAST_POINTS:
        raise InputError(f"{x.size} wavelengths, {y.size} intensities; expected as many, at least {_LEAST_POINTS}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("a wavelength or intensity is not finite")
    if not x.min() > 0:
        raise InputError(f"wavelength {x.min():g} nm; expected positive wavelengths")
    if x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
    if not (np.diff(x) > 0).all():
        raise InputError("wavelengths do not rise (or fall) throughout; a point is repeated or out of order")
    return x, y


def _edge_level(y: Floats) -> float:
    """Lower of the medians of both ends: the other end may hold a tail of the band, or scattered excitation."""
    size = max(2, int(_EDGE_SHARE * len(y)))
    return float(min(np.median(y[:size]), np.median(y[-size:])))


def _vertex(x: Floats, y: Floats, top: int) -> float:
    """Vertex [nm] of the parabola through the highest point and its neighbours; the point itself at an end."""
    if top in (0, len(x) - 1):
        return float(x[top])
    left, right = x[top - 1] - x[top], x[top + 1] - x[top]
    drop_left, drop_right = y[top - 1] - y[top], y[top + 1] - y[top]
    # y = y_top + b d + a d^2 through both neighbours
    a = (drop_left / left - drop_right / right) / (left - right)
    if not a < 0:  # a plateau of equal counts
        return float(x[top])
    b = drop_right / right - a * right
    return float(x[top] - b / (2 * a))


def _width(x: Floats, net: Floats, top: int) -> float | None:
    """Width [nm] between the first half-maximum crossings on either side of the peak; None if one is not reached."""
    half = net[top] / 2
    below = np.flatnonzero(net < half)
    before, after = below[below < top], below[below > top]
    if not (len(before) and len(after)):
        return None
    low, high = int(before[-1]), int(after[0])

    def crossing(outside: int, inside: int) -> float:
        share = (half - net[outside]) / (net[inside] - net[outside])
        return float(x[outside] + share * (x[inside] - x[outside]))

    return crossing(high, high - 1) - crossing(low, low + 1)


def _notes(
    y: Floats, net: Floats, top: int, fwhm: float | None, background: tuple[float | None, float]
) -> tuple[str, ...]:
    given, edge = background
    notes = []
    share = edge / float(y[top])
    if given is None and share > _NOTABLE_BACKGROUND:
        notes.append(
            f"no background subtracted; the outer points read {edge:.4g} counts, {100 * share:.2g} % of the peak"
        )
    elif given is None:
        notes.append("no background subtracted")
    else:
        notes.append(f"background of {given:.4g} counts subtracted; the outer points read {edge:.4g}")
    if top in (0, len(net) - 1):
        notes.append("the highest point is at the end of the range: the peak may lie outside")
    elif fwhm is None:
        notes.append("a half maximum lies outside the range: no width")
    if int((y == y[top]).sum()) >= 3:
        notes.append("three or more points share the highest count: the detector may be saturated")
    return tuple(notes)
