"""Method: degradation of an intensity over time: models, their comparison by AICc, and t80 with its interval.

Every model is an initial value R0 times a shape that starts at 1, so t80 is the time to 0.8 of the *fitted* initial
value, whatever the error of the reading at t = 0:

- constant: 1; linear: 1 - s t; first order: exp(-k t);
- plateau: p + (1 - p) exp(-k t), p the plateau over the initial value. Without it, first order invents a t80 for a
  sample that loses 10 % in its first weeks and then stays.

AICc = n ln(RSS / n) + 2 K + 2 K (K + 1) / (n - K - 1) counts sigma among the K parameters; a model with n - K - 1 < 1
is not compared. Intervals are profile-likelihood intervals at 95 %; where the residuals scatter more than the stated u,
they are widened by that (Birge ratio). Beyond the last pull no number is given unless asked for.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labdb.errors import InputError
from labdb.stability.degradation_curve import Data, Fitted, Level, fit_shape, plateau_interval, t80_interval
from labdb.stability.lifetime import T80_FRACTION
from labdb.stability.retention import own_uncertainties

MODELS = ("constant", "linear", "first order", "plateau")
"""Models compared, simplest first."""


@dataclass(frozen=True, slots=True)
class Loser:
    """A model that was not chosen: its AICc, or why it was not compared."""

    model: str
    aicc: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class DegradationFit:
    """The chosen model and what it says about t80.

    ``model`` is "none" where too few pulls allow no comparison. ``t80_d`` is None where t80 is not reached, not defined
    or not known; ``t80_interval`` then holds what is known, such as (42.0, None) for "> 42 d". ``plateau_interval`` is
    that of the plateau over the initial value. ``extrapolated`` marks a t80 beyond the last pull.
    """

    model: str
    parameters: dict[str, float]
    aicc: float | None
    losers: tuple[Loser, ...]
    t80_d: float | None
    t80_interval: tuple[float | None, float | None] | None
    plateau_interval: tuple[float, float] | None
    change_shown: bool
    last_time_d: float
    n: int
    extrapolated: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class _T80:
    """What a shape says about t80, before the model's name is put to it."""

    sentence: str
    t80_d: float | None = None
    interval: tuple[float | None, float | None] | None = None
    plateau: tuple[float, float] | None = None
    extrapolated: bool = False


def fit_degradation(
    times_d: Sequence[float],
    retentions: Sequence[float],
    u: Sequence[float] | None = None,
    models: Sequence[str] = MODELS,
    extrapolate: bool = False,
) -> DegradationFit:
    """Fit degradation models to retentions by weighted least squares, choose by AICc, and give t80 as far as known.

    Parameters
    ----------
    times_d : Sequence[float], shape (n,) [d]
        Age at each pull, from 0 on; repeated ages (several vials) are allowed.
    retentions : Sequence[float], shape (n,) [1]
        Retention or relative intensity at each.
    u : Sequence[float], optional, shape (n,) [1]
        Standard uncertainties without the part common to all, as `Retention.u_own`. Where R(0) = 1 has u = 0, the
        common part is taken out as `own_uncertainties` does. None: all points weigh the same, their scatter is the u.
    models : Sequence[str]
        Models to compare, of `MODELS`.
    extrapolate : bool
        True to give a t80 beyond the last pull as a number; the sentence then says "extrapolated".

    Returns
    -------
    DegradationFit
        Model, parameters (initial [1], slope_per_d and rate_per_d [1/d], plateau and plateau_fraction [1]), AICc,
        losers, t80 and its interval [d], sentence.

    Raises
    ------
    InputError
        If there are fewer than 2 different ages, lengths differ, a number is not finite or an age negative, or a model
        is unknown.

    Source
    ------
    AICc: Hurvich and Tsai, Biometrika 1989, 76, 297 (from memory, unchecked). t80: Khenkin et al., Nat. Energy 2020, 5,
    35. Profile likelihood: Venzon and Moolgavkar, J. R. Stat. Soc. C 1988, 37, 87 (from memory, unchecked).

    Examples
    --------
    >>> fit_degradation([0, 7, 14], [1, 0.992, 0.987], [0, 0.014, 0.014]).sentence
    'no change shown; t80 > 14 d'
    """
    data = _data(times_d, retentions, u)
    unknown = [name for name in models if name not in MODELS]
    if unknown or not models:
        raise InputError(f"no degradation model {', '.join(map(repr, unknown))}; known: {', '.join(MODELS)}")
    fits = {name: fit_shape(data, name) for name in models}
    admitted = {name: _aicc(data, one) for name, one in fits.items() if data.n - one.count - 2 >= 1}
    best = min(admitted, key=lambda name: admitted[name]) if admitted else None
    changed, falls = _change(data, fits.get(best) if best else None)
    found = _judge(data, fits.get(best) if best else None, changed, falls, extrapolate)
    return DegradationFit(
        model=best or "none",
        parameters=dict(fits[best].parameters) if best else {},
        aicc=admitted[best] if best else None,
        losers=_losers(fits, admitted, best, data.n),
        t80_d=found.t80_d,
        t80_interval=found.interval,
        plateau_interval=found.plateau,
        change_shown=changed,
        last_time_d=data.last,
        n=data.n,
        extrapolated=found.extrapolated,
        sentence=found.sentence,
    )


def _data(times_d: Sequence[float], retentions: Sequence[float], u: Sequence[float] | None) -> Data:
    if len(times_d) != len(retentions) or (u is not None and len(u) != len(times_d)):
        raise InputError(f"{len(times_d)} ages and {len(retentions)} retentions; expected as many, and a u for each")
    t = np.asarray(times_d, dtype=np.float64)
    y = np.asarray(retentions, dtype=np.float64)
    if not (np.isfinite(t).all() and np.isfinite(y).all()) or (t < 0).any():
        raise InputError("an age or retention is not finite, or an age is negative")
    if len(np.unique(t)) < 2:
        raise InputError(f"{len(t)} retention(s) at {len(np.unique(t))} age(s); a trend needs at least 2 ages")
    weights: npt.NDArray[np.float64] = np.ones_like(y)
    if u is not None:
        weights = 1 / np.asarray(own_uncertainties(retentions, u), dtype=np.float64) ** 2
    if not (weights * y).sum() > 0:
        raise InputError("the retentions are not positive on average; expected relative intensities near 1")
    return Data(t, y, weights, u is not None)


def _aicc(data: Data, fitted: Fitted) -> float:
    n, k = data.n, fitted.count + 1  # sigma is estimated too
    # exact data leave no residuals; what rounding leaves must not choose the model
    rss = max(fitted.rss, 1e-20 * float((data.w * data.y**2).sum()))
    return n * math.log(rss / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)


def _losers(fits: dict[str, Fitted], admitted: dict[str, float], best: str | None, n: int) -> tuple[Loser, ...]:
    losers = []
    for name, fitted in fits.items():
        if name in admitted and name != best and best is not None:
            losers.append(Loser(name, admitted[name], f"AICc larger by {admitted[name] - admitted[best]:.1f}"))
        elif name not in admitted:
            losers.append(Loser(name, None, f"{n} points; its AICc needs {fitted.count + 3}"))
    return tuple(losers)


def _change(data: Data, best: Fitted | None) -> tuple[bool, bool]:
    """Whether a change is shown at 95 %, by a straight line or by the chosen model; and whether it is a fall."""
    constant = fit_shape(data, "constant")
    shown, falls = False, False
    for fitted in (fit_shape(data, "linear"), best):
        if fitted is None or fitted.count == 1:
            continue
        level = Level.of(data, fitted, parameters=fitted.count - 1)
        if level is not None and constant.rss - fitted.rss > level.threshold:
            shown = True
            falls = fitted.change < 0
    return shown, falls


def _judge(data: Data, best: Fitted | None, changed: bool, falls: bool, extrapolate: bool) -> _T80:
    if not changed:
        return _unchanged(data)
    if not falls:
        return _T80("rises; t80 not defined")
    if best is None or best.name == "constant":
        return _T80(f"falls, but {data.n} points are too few to choose a model; t80 not given")
    plateau = plateau_interval(data, best) if best.name == "plateau" else None
    if plateau is not None and plateau[0] > T80_FRACTION:
        level = best.parameters["plateau_fraction"]
        return _T80(
            f"falls to a plateau at {level:.3f} ({plateau[0]:.3f} to {plateau[1]:.3f}) of the initial value; "
            "t80 not defined",
            plateau=plateau,
        )
    return _fallen(data, best, plateau, extrapolate)


def _unchanged(data: Data) -> _T80:
    """No change shown: t80 is beyond the last pull as far as a first-order fall at its steepest would be."""
    steepest = fit_shape(data, "first order")
    interval = t80_interval(data, steepest)
    if interval is None:
        return _T80("no change shown; without uncertainties too few points to say for how long")
    earliest = interval[0]
    if earliest is None or earliest >= data.last:
        return _T80(f"no change shown; t80 > {data.last:g} d", interval=(data.last, None))
    return _T80(f"no change shown; t80 > {earliest:.3g} d (95 %)", interval=(earliest, None))


def _fallen(data: Data, best: Fitted, plateau: tuple[float, float] | None, extrapolate: bool) -> _T80:
    t80, interval = best.t80_d, t80_interval(data, best)
    low, high = interval or (None, None)
    if t80 is not None and t80 <= data.last:
        late = high is None or high > data.last
        ends = f" ({_ends(low, high)}, 95 %{'; the upper end lies beyond the last pull' if late else ''})"
        return _T80(f"t80 = {t80:.3g} d{ends if interval else ''}, {best.name}", t80, interval, plateau)
    if t80 is not None and extrapolate:
        sentence = f"t80 = {t80:.3g} d ({_ends(low, high)}, 95 %), {best.name}, extrapolated beyond {data.last:g} d"
        return _T80(sentence, t80, interval, plateau, extrapolated=True)
    if low is None:
        return _T80(f"0.8 not reached at {data.last:g} d; t80 not known, {best.name}", None, None, plateau)
    if low < data.last:
        sentence = f"0.8 not reached at {data.last:g} d; t80 > {low:.3g} d (95 %), {best.name}"
        return _T80(sentence, None, (low, None), plateau)
    return _T80(f"0.8 not reached; t80 > {data.last:g} d, {best.name}", None, (data.last, None), plateau)


def _ends(low: float | None, high: float | None) -> str:
    return f"{'0' if low is None else f'{low:.3g}'} to {'no upper end' if high is None else f'{high:.3g} d'}"
