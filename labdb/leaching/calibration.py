"""Method: straight-line calibration, weighted or not, and the concentration it gives for a reading, with u.

The units written here are those of ICP-OES (ug/L against counts per second); the formulas hold for any pair, as long as
it is the same throughout.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labdb.errors import InputError


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """A fitted line y = intercept + slope x with what inverse prediction needs.

    ``s_residual`` is the residual standard deviation; of a weighted line that of weight 1. ``sxx`` and ``sum_weights``
    are the weighted sums; with all weights 1 they are the plain ones.
    """

    slope: float
    intercept: float
    u_slope: float
    u_intercept: float
    correlation: float
    s_residual: float
    n: int
    x_mean: float
    sxx: float
    sum_weights: float
    x_min: float
    x_max: float
    weighted: bool

    @property
    def dof(self) -> int:
        """Degrees of freedom of the residuals."""
        return self.n - 2


@dataclass(frozen=True, slots=True)
class InversePrediction:
    """Concentration for a reading; ``extrapolated`` where it lies outside the standards."""

    x: float
    u_x: float
    dof: int
    extrapolated: bool
    sentence: str

    def half_width(self, coverage: float = 0.95) -> float:
        """Half-width of the two-sided confidence interval, Student's t with the line's degrees of freedom.

        Parameters
        ----------
        coverage : float, scalar [1]
            Confidence level.

        Returns
        -------
        float
            Half-width, in the unit of x, scalar [ug/L].

        Raises
        ------
        InputError
            If the level is not between 0 and 1.

        Source
        ------
        JCGM 100:2008 G.3.

        Examples
        --------
        >>> round(InversePrediction(6.09, 1.767278, 4, False, "").half_width(), 4)
        4.9068
        """
        from scipy.stats import t as student

        if not 0 < coverage < 1:
            raise InputError(f"coverage is {coverage:g}; expected a level between 0 and 1, such as 0.95")
        return float(student.ppf(0.5 + coverage / 2, self.dof)) * self.u_x


def fit_line(x: Sequence[float], y: Sequence[float], weights: Sequence[float] | None = None) -> CalibrationLine:
    """Fit a straight line through standards by least squares.

    Parameters
    ----------
    x : Sequence[float], shape (n,) [ug/L]
        Concentrations of the standards, taken as exact.
    y : Sequence[float], shape (n,) [count/s]
        Readings of the standards.
    weights : Sequence[float], optional, shape (n,) [1]
        Weights, usually 1 over the variance of each reading; only their ratios matter to the line.

    Returns
    -------
    CalibrationLine
        Slope, intercept, their standard uncertainties and correlation, residual standard deviation.

    Raises
    ------
    InputError
        If there are fewer than 3 standards or 2 different concentrations, the lengths differ, a number is not finite, a
        weight is not positive, or the slope is not positive.

    Source
    ------
    Eurachem/CITAC QUAM:2012, appendix E.4; worked example A5 reproduced.

    Examples
    --------
    >>> line = fit_line([0.0, 10.0, 20.0, 30.0], [1.0, 21.0, 41.0, 61.0])
    >>> line.slope, line.intercept
    (2.0, 1.0)
    """
    n = len(x)
    w = [1.0] * n if weights is None else [float(one) for one in weights]
    _check_standards(x, y, w)
    sum_w = math.fsum(w)
    x_mean = math.fsum(wi * xi for wi, xi in zip(w, x, strict=True)) / sum_w
    y_mean = math.fsum(wi * yi for wi, yi in zip(w, y, strict=True)) / sum_w
    sxx = math.fsum(wi * (xi - x_mean) ** 2 for wi, xi in zip(w, x, strict=True))
    sxy = math.fsum(wi * (xi - x_mean) * (yi - y_mean) for wi, xi, yi in zip(w, x, y, strict=True))
    slope = sxy / sxx
    if not slope > 0:
        raise InputError(f"slope of the calibration is {slope:.4g}; a reading must rise with concentration")
    intercept = y_mean - slope * x_mean
    residual = math.fsum(wi * (yi - intercept - slope * xi) ** 2 for wi, xi, yi in zip(w, x, y, strict=True))
    s = math.sqrt(residual / (n - 2))
    mean_square = sxx / sum_w + x_mean**2
    return CalibrationLine(
        slope=slope,
        intercept=intercept,
        u_slope=s / math.sqrt(sxx),
        u_intercept=s * math.sqrt(mean_square / sxx),
        correlation=-x_mean / math.sqrt(mean_square),
        s_residual=s,
        n=n,
        x_mean=x_mean,
        sxx=sxx,
        sum_weights=sum_w,
        x_min=min(x),
        x_max=max(x),
        weighted=weights is not None,
    )


def predict_x(line: CalibrationLine, readings: Sequence[float], weight: float | None = None) -> InversePrediction:
    """Concentration that belongs to the mean of repeated readings of one unknown.

    u(x0) = (S / b) sqrt(1 / (p w0) + 1 / sum(w) + (x0 - mean x)^2 / Sxx); with all weights 1 this is
    (S / b) sqrt(1 / p + 1 / n + (x0 - mean x)^2 / Sxx).

    Parameters
    ----------
    line : CalibrationLine
        The calibration.
    readings : Sequence[float], shape (p,) [count/s]
        Readings of the unknown under the same conditions as the standards.
    weight : float, optional, scalar [1]
        Weight w0 of one reading at this level, on the scale of the line's weights; needed for a weighted line, because
        1/p alone would then have no scale.

    Returns
    -------
    InversePrediction
        Concentration [ug/L], standard uncertainty, degrees of freedom, and a sentence if it is extrapolated.

    Raises
    ------
    InputError
        If there is no reading or one is not finite, or the weight is missing, not positive, or given for an unweighted
        line.

    Source
    ------
    Eurachem/CITAC QUAM:2012, appendix E.4; with w0 as Massart et al., Handbook of Chemometrics and Qualimetrics A
    (1997), chapter 8, through the tests of the R package chemCal.

    Examples
    --------
    >>> line = fit_line([0, 10, 20, 30, 40, 50], [4, 21.2, 44.6, 61.8, 78, 105.2])
    >>> found = predict_x(line, [15.0])
    >>> print(f"{found.x:.5f} {found.u_x:.6f}")
    6.09381 1.767278
    """
    if not readings or not all(math.isfinite(one) for one in readings):
        raise InputError("no reading, or one that is not finite; expected at least one number")
    if line.weighted and weight is None:
        raise InputError("the line is weighted: give the weight of the reading too (1 over its variance)")
    if not line.weighted and weight is not None:
        raise InputError("a weight was given, but the line is unweighted; fit it with weights or leave the weight out")
    w0 = 1.0 if weight is None else weight
    if not (math.isfinite(w0) and w0 > 0):
        raise InputError(f"weight of the reading is {w0:g}; expected a positive number")
    p = len(readings)
    x0 = (math.fsum(readings) / p - line.intercept) / line.slope
    spread = 1 / (p * w0) + 1 / line.sum_weights + (x0 - line.x_mean) ** 2 / line.sxx
    outside = not line.x_min <= x0 <= line.x_max
    sentence = f"{x0:.4g} lies outside the standards, {line.x_min:g} to {line.x_max:g}: extrapolated" if outside else ""
    return InversePrediction(x0, line.s_residual / line.slope * math.sqrt(spread), line.dof, outside, sentence)


def _check_standards(x: Sequence[float], y: Sequence[float], w: Sequence[float]) -> None:
    if not len(x) == len(y) == len(w):
        raise InputError(f"{len(x)} concentrations, {len(y)} readings, {len(w)} weights; expected as many of each")
    if len(x) < 3:
        raise InputError(f"{len(x)} standards; a line with an uncertainty needs at least 3")
    if not all(math.isfinite(one) for one in (*x, *y, *w)):
        raise InputError("a standard has a number that is not finite")
    if not all(one > 0 for one in w):
        raise InputError("a weight is not positive; expected 1 over a variance")
    if len(set(x)) < 2:
        raise InputError(f"all standards have the concentration {x[0]:g}; expected at least 2 levels")
