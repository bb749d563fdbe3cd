"""Method: the curves a degradation is fitted with, their least squares, and profile-likelihood intervals.

A curve is an initial value R0 times a shape that is 1 at t = 0. For any shape the best R0 is known in closed form, so
a fit searches one number only: the rate. The intervals walk along t80, or along the plateau, and refit the rest.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labdb.errors import InputError
from labdb.stability.lifetime import T80_FRACTION

Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95
"""Two-sided confidence of every interval here [1]."""


@dataclass(frozen=True, slots=True)
class Data:
    """Ages [d], retentions, weights; ``known_u`` if the weights are 1/u^2 rather than all 1."""

    t: Floats
    y: Floats
    w: Floats
    known_u: bool

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.t)

    @property
    def last(self) -> float:
        """Last age [d]."""
        return float(self.t.max())

    @property
    def gap(self) -> float:
        """Smallest positive distance between ages [d]."""
        return float(np.diff(np.unique(self.t)).min())


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted curve: ``count`` parameters, weighted residual sum, t80 where it has one, change up to the last age."""

    name: str
    count: int
    parameters: dict[str, float]
    rss: float
    t80_d: float | None
    change: float


@dataclass(frozen=True, slots=True)
class Level:
    """How far the residual sum may rise above its minimum inside the confidence interval."""

    threshold: float

    @classmethod
    def of(cls, data: Data, fitted: Fitted, parameters: int = 1) -> "Level | None":
        """Find the rise for a number of parameters that are tested together; None if nothing tells the scatter.

        With stated u: chi-square, times the Birge ratio where the residuals scatter more than u. Without: F.

        Parameters
        ----------
        data : Data
            The points.
        fitted : Fitted
            The fit whose residuals tell the scatter.
        parameters : int, scalar [1]
            Parameters tested together.

        Returns
        -------
        Level or None
            The rise, in units of the weighted residual sum.

        Source
        ------
        Likelihood ratio of normal errors; Birge, Phys. Rev. 1932, 40, 207 (from memory, unchecked).

        Examples
        --------
        >>> data = Data(np.array([0.0, 7.0]), np.array([1.0, 0.9]), np.array([1e4, 1e4]), known_u=True)
        >>> round(Level.of(data, fit_shape(data, "linear")).threshold, 3)
        3.841
        """
        from scipy.stats import chi2, f

        dof = data.n - fitted.count
        if data.known_u:
            birge = max(1.0, fitted.rss / dof) if dof > 0 else 1.0
            return cls(birge * float(chi2.ppf(CONFIDENCE, parameters)))
        if dof < 1:
            return None
        return cls(fitted.rss / dof * parameters * float(f.ppf(CONFIDENCE, parameters, dof)))


def fit_shape(data: Data, name: str) -> Fitted:
    """Fit one curve by weighted least squares.

    Parameters
    ----------
    data : Data
        The points.
    name : str
        "constant", "linear", "first order" or "plateau".

    Returns
    -------
    Fitted
        Parameters, residual sum, t80 [d] where the curve falls to 0.8 at all.

    Raises
    ------
    InputError
        If the name is another.

    Source
    ------
    Variable projection: Golub and Pereyra, SIAM J. Numer. Anal. 1973, 10, 413 (from memory, unchecked).

    Examples
    --------
    >>> data = Data(np.array([0.0, 10.0, 20.0]), np.array([1.0, 0.9, 0.8]), np.ones(3), known_u=False)
    >>> round(fit_shape(data, "linear").t80_d, 6)
    20.0
    """
    fits = {"constant": _constant, "linear": _linear, "first order": _first_order, "plateau": _plateau}
    if name not in fits:
        raise InputError(f"no degradation curve {name!r}; known: {', '.join(fits)}")
    return fits[name](data)


def t80_interval(data: Data, fitted: Fitted) -> tuple[float | None, float | None] | None:
    """Find the t80 that the data allow under a curve, by profile likelihood.

    Parameters
    ----------
    data : Data
        The points.
    fitted : Fitted
        A fit that is not constant.

    Returns
    -------
    tuple or None
        Ends [d]; None for an end that is open; None altogether if nothing tells the scatter or no t80 is allowed.

    Source
    ------
    Venzon and Moolgavkar, J. R. Stat. Soc. C 1988, 37, 87 (from memory, unchecked).

    Examples
    --------
    >>> data = Data(np.array([0.0, 10.0]), np.array([1.0, 0.9]), np.array([1e4, 1e4]), known_u=True)
    >>> low, high = t80_interval(data, fit_shape(data, "linear"))
    >>> print(f"{low:.1f} to {high:.1f}")
    15.9 to 27.3
    """
    level = Level.of(data, fitted)
    if level is None:
        return None
    first = float(data.t[data.t > 0].min())
    grid = np.geomspace(first / 100, 1e4 * data.last, 300)
    if fitted.t80_d is not None:
        grid = np.union1d(grid, fitted.t80_d * np.exp(np.linspace(-0.05, 0.05, 41)))

    def rise(log_t80: float) -> float:
        return _rss_at_t80(data, fitted.name, math.exp(log_t80)) - fitted.rss - level.threshold

    ends = _crossings(rise, np.log(grid))
    if ends is None:
        return None
    low, high = ends
    return (None if low is None else math.exp(low), None if high is None else math.exp(high))


def plateau_interval(data: Data, fitted: Fitted) -> tuple[float, float] | None:
    """Find the plateaus, over the initial value, that the data allow, by profile likelihood.

    Parameters
    ----------
    data : Data
        The points.
    fitted : Fitted
        The fitted plateau curve.

    Returns
    -------
    tuple or None
        Ends between 0 and 2 [1]; None if nothing tells the scatter.

    Source
    ------
    As `t80_interval`.

    Examples
    --------
    >>> t = np.array([0.0, 1, 3, 7, 14, 21, 28, 35, 42])
    >>> data = Data(t, 0.9 + 0.1 * np.exp(-0.12 * t), np.full(9, 62500.0), known_u=True)
    >>> low, high = plateau_interval(data, fit_shape(data, "plateau"))
    >>> 0.88 < low < 0.9 < high < 0.92
    True
    """
    level = Level.of(data, fitted)
    if level is None:
        return None
    best = fitted.parameters["plateau_fraction"]
    grid = np.union1d(np.linspace(0, 2, 201), np.clip(best + np.linspace(-0.01, 0.01, 21), 0, 2))

    def rise(plateau: float) -> float:
        def shape_rss(log_rate: float) -> float:
            return _scaled(data, plateau + (1 - plateau) * np.exp(-math.exp(log_rate) * data.t))[1]

        return _minimise(shape_rss, np.log(_rates(data)))[1] - fitted.rss - level.threshold

    ends = _crossings(rise, grid)
    if ends is None:
        return None
    return (0.0 if ends[0] is None else ends[0], 2.0 if ends[1] is None else ends[1])


def _constant(data: Data) -> Fitted:
    initial, rss = _scaled(data, np.ones_like(data.t))
    return Fitted("constant", 1, {"initial": initial}, rss, None, 0.0)


def _linear(data: Data) -> Fitted:
    initial, slope, rss = _line(data, data.t)
    # a line through zero or below at t = 0 has no initial value to lose a share of
    t80 = (T80_FRACTION - 1) * initial / slope if slope < 0 < initial else None
    return Fitted("linear", 2, {"initial": initial, "slope_per_d": slope}, rss, t80, slope * data.last)


def _first_order(data: Data) -> Fitted:
    def rss_at(rate: float) -> float:
        return _scaled(data, np.exp(-rate * data.t))[1]

    # from a rise by e^3 over all ages to a fall within the smallest gap
    slow = np.linspace(-3 / data.last, 3 / data.last, 61)
    rate, rss = _minimise(rss_at, np.union1d(slow, _rates(data)))
    initial = _scaled(data, np.exp(-rate * data.t))[0]
    t80 = -math.log(T80_FRACTION) / rate if rate > 0 else None
    change = initial * math.expm1(-rate * data.last)
    return Fitted("first order", 2, {"initial": initial, "rate_per_d": rate}, rss, t80, change)


def _plateau(data: Data) -> Fitted:
    def rss_at(log_rate: float) -> float:
        return _plateau_at(data, math.exp(log_rate))[2]

    log_rate, rss = _minimise(rss_at, np.log(_rates(data)))
    rate = math.exp(log_rate)
    floor, fall, _ = _plateau_at(data, rate)
    fraction = floor / (floor + fall)
    t80 = math.log((1 - fraction) / (T80_FRACTION - fraction)) / rate if fraction < T80_FRACTION else None
    parameters = {"initial": floor + fall, "plateau": floor, "plateau_fraction": fraction, "rate_per_d": rate}
    return Fitted("plateau", 3, parameters, rss, t80, fall * math.expm1(-rate * data.last))


def _plateau_at(data: Data, rate: float) -> tuple[float, float, float]:
    """Plateau and fall for a given rate, neither below nothing, and the residual sum."""
    decay = np.exp(-rate * data.t)
    floor, fall, rss = _line(data, decay)
    if floor < 0:  # an intensity has no negative plateau: what remains is first order
        fall, rss = _scaled(data, decay)
        return 0.0, fall, rss
    if floor + fall <= 0:  # no positive initial value: not a curve of a retention
        return floor, max(fall, 1e-12), math.inf
    return floor, fall, rss


def _rss_at_t80(data: Data, name: str, t80: float) -> float:
    """Smallest residual sum of a curve that reaches 0.8 of its initial value at a given time."""
    if name == "linear":
        return _scaled(data, 1 - (1 - T80_FRACTION) * data.t / t80)[1]
    if name == "first order":
        return _scaled(data, np.exp(math.log(T80_FRACTION) * data.t / t80))[1]

    def rss_at(log_depth: float) -> float:
        plateau = T80_FRACTION - math.exp(log_depth)
        rate = math.log((1 - plateau) / (T80_FRACTION - plateau)) / t80
        return _scaled(data, plateau + (1 - plateau) * np.exp(-rate * data.t))[1]

    return _minimise(rss_at, np.log(np.geomspace(1e-6, T80_FRACTION, 80)))[1]


def _rates(data: Data) -> Floats:
    """Rates [1/d] that these ages can tell: from nearly straight over all to gone within the smallest gap."""
    return np.geomspace(0.05 / data.last, 5 / data.gap, 80)


def _scaled(data: Data, shape: Floats) -> tuple[float, float]:
    """Best initial value for a shape, and the residual sum."""
    initial = float((data.w * data.y * shape).sum() / (data.w * shape**2).sum())
    return initial, float((data.w * (data.y - initial * shape) ** 2).sum())


def _line(data: Data, x: Floats) -> tuple[float, float, float]:
    """Intercept, slope and residual sum of a weighted straight line in x."""
    x_mean = float((data.w * x).sum() / data.w.sum())
    y_mean = float((data.w * data.y).sum() / data.w.sum())
    sxx = float((data.w * (x - x_mean) ** 2).sum())
    slope = float((data.w * (x - x_mean) * (data.y - y_mean)).sum()) / sxx if sxx > 0 else 0.0
    intercept = y_mean - slope * x_mean
    return intercept, slope, float((data.w * (data.y - intercept - slope * x) ** 2).sum())


def _minimise(function: Callable[[float], float], grid: Floats) -> tuple[float, float]:
    """Smallest value of a function: best point of a grid, then refined between its neighbours."""
    from scipy.optimize import minimize_scalar

    values = [function(float(one)) for one in grid]
    at = int(np.argmin(values))
    low, high = float(grid[max(at - 1, 0)]), float(grid[min(at + 1, len(grid) - 1)])
    found = minimize_scalar(function, bounds=(low, high), method="bounded", options={"xatol": 1e-9 * (high - low)})
    if float(found.fun) < values[at]:
        return float(found.x), float(found.fun)
    return float(grid[at]), float(values[at])


def _crossings(rise: Callable[[float], float], grid: Floats) -> tuple[float | None, float | None] | None:
    """Outermost points where a function crosses zero from above and to above; None for an end at the grid's end."""
    from scipy.optimize import brentq

    inside = [i for i, one in enumerate(grid) if rise(float(one)) <= 0]
    if not inside:
        return None
    first, last = inside[0], inside[-1]
    low = None if first == 0 else float(brentq(rise, float(grid[first - 1]), float(grid[first])))
    high = None if last == len(grid) - 1 else float(brentq(rise, float(grid[last]), float(grid[last + 1])))
    return low, high
