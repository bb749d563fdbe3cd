"""Method: time to a fraction of the initial value, and mean lifetime, of decay laws with known parameters.

First order exp(-k t); stretched exponential (Kohlrausch, Williams, Watts: KWW) exp(-(t / tau)^beta); biexponential
a1 exp(-t / tau1) + a2 exp(-t / tau2).
"""

import math
from dataclasses import dataclass

from labdb.errors import InputError

T80_FRACTION = 0.8
"""t80 is the time to this fraction of the initial value [1]."""


@dataclass(frozen=True, slots=True)
class BiexponentialLifetimes:
    """The two mean lifetimes of a biexponential: weighted by amplitude, and by intensity (amplitude times tau)."""

    amplitude_weighted_d: float
    intensity_weighted_d: float


def first_order_time(rate_per_d: float, fraction: float = T80_FRACTION) -> float:
    """Compute when a first-order decay has fallen to a fraction.

    Parameters
    ----------
    rate_per_d : float, scalar [1/d]
        Rate constant.
    fraction : float, scalar [1]
        Fraction of the initial value.

    Returns
    -------
    float
        Time, scalar [d].

    Raises
    ------
    InputError
        If the rate is not positive or the fraction not between 0 and 1.

    Source
    ------
    Integrated first-order rate law.

    Examples
    --------
    >>> round(first_order_time(0.01), 5)
    22.31436
    """
    _check(fraction, rate=rate_per_d)
    return -math.log(fraction) / rate_per_d


def stretched_time(tau_d: float, beta: float, fraction: float = T80_FRACTION) -> float:
    """Compute when a stretched exponential has fallen to a fraction.

    Parameters
    ----------
    tau_d : float, scalar [d]
        Characteristic time.
    beta : float, scalar [1]
        Stretching exponent.
    fraction : float, scalar [1]
        Fraction of the initial value.

    Returns
    -------
    float
        Time, scalar [d].

    Raises
    ------
    InputError
        If a parameter is not positive or the fraction not between 0 and 1.

    Source
    ------
    Inverse of the KWW function: tau (-ln fraction)^(1/beta).

    Examples
    --------
    >>> round(stretched_time(100.0, 0.5), 5)
    4.9793
    """
    _check(fraction, tau=tau_d, beta=beta)
    return float(tau_d * (-math.log(fraction)) ** (1 / beta))


def stretched_mean_lifetime(tau_d: float, beta: float) -> float:
    """Compute the mean lifetime of a stretched exponential, its integral over all times.

    Parameters
    ----------
    tau_d : float, scalar [d]
        Characteristic time.
    beta : float, scalar [1]
        Stretching exponent.

    Returns
    -------
    float
        Mean lifetime, scalar [d].

    Raises
    ------
    InputError
        If a parameter is not positive.

    Source
    ------
    Integral of the KWW function: (tau / beta) Gamma(1 / beta).

    Examples
    --------
    >>> round(stretched_mean_lifetime(100.0, 0.5), 9)
    200.0
    """
    _check(T80_FRACTION, tau=tau_d, beta=beta)
    return tau_d / beta * math.gamma(1 / beta)


def biexponential_time(
    amplitudes: tuple[float, float], taus_d: tuple[float, float], fraction: float = T80_FRACTION
) -> float:
    """Compute when a biexponential decay has fallen to a fraction.

    Parameters
    ----------
    amplitudes : tuple[float, float], shape (2,) [1]
        Amplitudes; only their ratio matters.
    taus_d : tuple[float, float], shape (2,) [d]
        Time constants.
    fraction : float, scalar [1]
        Fraction of the initial value.

    Returns
    -------
    float
        Time, scalar [d].

    Raises
    ------
    InputError
        If an amplitude or time constant is not positive or the fraction not between 0 and 1.

    Source
    ------
    Root of the sum of two exponentials, bracketed by those of either alone.

    Examples
    --------
    >>> round(biexponential_time((0.4, 0.6), (5.0, 100.0)), 6)
    3.036152
    """
    from scipy.optimize import brentq

    _check(fraction, a1=amplitudes[0], a2=amplitudes[1], tau1=taus_d[0], tau2=taus_d[1])
    total = sum(amplitudes)

    def excess(time_d: float) -> float:
        return sum(a * math.exp(-time_d / tau) for a, tau in zip(amplitudes, taus_d, strict=True)) - fraction * total

    # either component alone would be there first or last; the factors keep the ends strictly outside by rounding
    times = [-math.log(fraction) * tau for tau in taus_d]
    return float(brentq(excess, 0.999 * min(times), 1.001 * max(times), xtol=1e-12 * max(times), rtol=1e-14))


def biexponential_mean_lifetimes(
    amplitudes: tuple[float, float], taus_d: tuple[float, float]
) -> BiexponentialLifetimes:
    """Compute both mean lifetimes of a biexponential; they differ, so both are named.

    Parameters
    ----------
    amplitudes : tuple[float, float], shape (2,) [1]
        Amplitudes.
    taus_d : tuple[float, float], shape (2,) [d]
        Time constants.

    Returns
    -------
    BiexponentialLifetimes
        sum(a tau) / sum(a) and sum(a tau^2) / sum(a tau) [d].

    Raises
    ------
    InputError
        If an amplitude or time constant is not positive.

    Source
    ------
    Lakowicz, Principles of Fluorescence Spectroscopy, 3rd ed., chapter 4 (from memory, unchecked).

    Examples
    --------
    >>> both = biexponential_mean_lifetimes((0.9, 0.1), (5.0, 30.0))
    >>> round(both.amplitude_weighted_d, 9), round(both.intensity_weighted_d, 9)
    (7.5, 15.0)
    """
    _check(T80_FRACTION, a1=amplitudes[0], a2=amplitudes[1], tau1=taus_d[0], tau2=taus_d[1])
    pairs = list(zip(amplitudes, taus_d, strict=True))
    first, second = sum(a * tau for a, tau in pairs), sum(a * tau**2 for a, tau in pairs)
    return BiexponentialLifetimes(first / sum(amplitudes), second / first)


def _check(fraction: float, **positive: float) -> None:
    if not 0 < fraction < 1:
        raise InputError(f"fraction is {fraction:g}; expected a number between 0 and 1, such as 0.8")
    for name, value in positive.items():
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} is {value:g}; expected a positive number")
