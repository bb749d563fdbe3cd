"""Method: limits of detection by four definitions, which differ by 2 and more.

LC, the critical value: above it a reading is called detected. LD, the limit of detection: what is missed with
probability beta only. LQ, the limit of quantification. A result names the definition it was computed by. All of them
refer to the net signal; none can be had from blanks that do not scatter.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from labdb.errors import InputError
from labdb.finding import Finding, Severity
from labdb.leaching.calibration import CalibrationLine

LEAST_SPIKES = 7
"""Replicates the EPA procedure asks for, of spikes and of blanks (40 CFR 136, appendix B, revision 2)."""


@dataclass(frozen=True, slots=True)
class DetectionLimits:
    """LC, LD and LQ in the unit of the standard deviation or line given; None where a definition has no such limit."""

    critical: float | None
    detection: float
    quantification: float | None
    definition: str


@dataclass(frozen=True, slots=True)
class MethodDetectionLimit:
    """EPA method detection limit with its two candidates; the larger one counts."""

    mdl: float
    from_spikes: float
    from_blanks: float | None
    student_t: float


def currie(
    s0: float, alpha: float = 0.05, beta: float = 0.05, dof: int | None = None, paired: bool = False, k_q: float = 10.0
) -> DetectionLimits:
    """Limits from the standard deviation at zero: known, or estimated with few degrees of freedom; paired blanks.

    Known: LC = z(1-alpha) s0, LD = LC + z(1-beta) s0. Estimated with dof degrees of freedom: t in place of z, LD about
    2 t s0 at alpha = beta. Paired with its own blank, each reading is a difference: all limits times sqrt 2.

    Parameters
    ----------
    s0 : float, scalar [ug/L]
        Standard deviation of the blank or of a reading near zero, in concentration.
    alpha : float, scalar [1]
        Probability of calling a blank detected.
    beta : float, scalar [1]
        Probability of missing what is at LD.
    dof : int, optional, scalar [1]
        Degrees of freedom of s0; None if it is known from long experience.
    paired : bool
        True if every reading has one blank of its own subtracted.
    k_q : float, scalar [1]
        Factor of LQ, 1 over the relative standard deviation wanted there.

    Returns
    -------
    DetectionLimits
        LC, LD, LQ [ug/L].

    Raises
    ------
    InputError
        If s0 is not positive, dof is below 1, or a probability is not between 0 and 0.5.

    Source
    ------
    Currie, Pure Appl. Chem. 1995, 67, 1699 (IUPAC): z 1.645, 3.29, 10; t s0 and about 2 t s0.

    Examples
    --------
    >>> limits = currie(1.0)
    >>> f"{limits.critical:.4f} {limits.detection:.4f} {limits.quantification:.0f}"
    '1.6449 3.2897 10'
    """
    from scipy.stats import norm
    from scipy.stats import t as student

    _check_scatter(s0, "s0")
    _check_probabilities(alpha, beta)
    if dof is not None and dof < 1:
        raise InputError(f"s0 has {dof} degrees of freedom; expected at least 1")
    if not (math.isfinite(k_q) and k_q > 0):
        raise InputError(f"factor of LQ is {k_q:g}; expected a positive number, such as 10")
    if dof is None:
        factor_c, factor_d = float(norm.ppf(1 - alpha)), float(norm.ppf(1 - beta))
    else:
        factor_c, factor_d = float(student.ppf(1 - alpha, dof)), float(student.ppf(1 - beta, dof))
    s = s0 * math.sqrt(2) if paired else s0
    known = "s0 known" if dof is None else f"s0 estimated, {dof} degrees of freedom"
    definition = f"Currie 1995, {known}{', paired blanks' if paired else ''}, alpha {alpha:g}, beta {beta:g}"
    return DetectionLimits(factor_c * s, (factor_c + factor_d) * s, k_q * s, definition)


def currie_from_blanks(
    blanks: Sequence[float], alpha: float = 0.05, beta: float = 0.05, paired: bool = False
) -> DetectionLimits:
    """Limits after Currie from the blanks of a run, s0 estimated from them.

    Parameters
    ----------
    blanks : Sequence[float], shape (n,) [ug/L]
        Blank readings, in concentration, not cut off at zero.
    alpha : float, scalar [1]
        Probability of calling a blank detected.
    beta : float, scalar [1]
        Probability of missing what is at LD.
    paired : bool
        True if every reading has one blank of its own subtracted.

    Returns
    -------
    DetectionLimits
        LC, LD, LQ [ug/L].

    Raises
    ------
    InputError
        If there are fewer than 3 blanks, or they do not scatter (all zero: rounded or cut off by the software).

    Source
    ------
    Currie, Pure Appl. Chem. 1995, 67, 1699.

    Examples
    --------
    >>> limits = currie_from_blanks([1.1, -0.8, 0.3, 2.0, -1.2, 0.6, -0.4, 1.4, 0.2, -0.2])
    >>> f"{limits.critical:.2f} {limits.detection:.2f}"
    '1.84 3.67'
    """
    return currie(blank_deviation(blanks), alpha, beta, dof=len(blanks) - 1, paired=paired)


def blank_deviation(blanks: Sequence[float]) -> float:
    """Estimate the standard deviation (n - 1) of blanks, if they can carry a limit of detection.

    Parameters
    ----------
    blanks : Sequence[float], shape (n,) [ug/L]
        Blank readings.

    Returns
    -------
    float
        Standard deviation, scalar [ug/L].

    Raises
    ------
    InputError
        If there are fewer than 3 blanks, one is not finite, or they do not scatter.

    Source
    ------
    Sample standard deviation.

    Examples
    --------
    >>> blank_deviation([1.0, 2.0, 3.0])
    1.0
    """
    if len(blanks) < 3:
        raise InputError(f"{len(blanks)} blanks; a standard deviation worth using needs at least 3, better 10")
    if not all(math.isfinite(one) for one in blanks):
        raise InputError("a blank is not a finite number")
    if max(blanks) == min(blanks):
        raise InputError(
            f"all {len(blanks)} blanks read {blanks[0]:g}: no scatter, no limit of detection; "
            "export them before rounding and without cutting off at zero"
        )
    return statistics.stdev(blanks)


def three_sigma(s0: float, slope: float = 1.0, k_d: float = 3.0, k_q: float = 10.0) -> DetectionLimits:
    """Limits as k times the blank's standard deviation over the slope, as instruments print them; no LC, no beta.

    Parameters
    ----------
    s0 : float, scalar [count/s]
        Standard deviation of the blank's signal; in concentration if the slope is 1.
    slope : float, scalar [L/ug/s]
        Slope of the calibration.
    k_d : float, scalar [1]
        Factor of the limit of detection, 3 or 3.3.
    k_q : float, scalar [1]
        Factor of the limit of quantification.

    Returns
    -------
    DetectionLimits
        Limits of detection and quantification [ug/L].

    Raises
    ------
    InputError
        If s0, the slope or a factor is not positive.

    Source
    ------
    ICH Q2(R1) 6.3 and 7.3 (3.3 s / slope, 10 s / slope); 3 s / slope is the older IUPAC form (1975/78; from memory,
    unchecked).

    Examples
    --------
    >>> three_sigma(52.0, 52.0).detection
    3.0
    """
    _check_scatter(s0, "s0")
    if not all(math.isfinite(one) and one > 0 for one in (slope, k_d, k_q)):
        raise InputError(f"slope {slope:g}, factors {k_d:g} and {k_q:g}; expected positive numbers")
    return DetectionLimits(None, k_d * s0 / slope, k_q * s0 / slope, f"{k_d:g} s / slope, {k_q:g} s / slope")


def din_32645(line: CalibrationLine, alpha: float = 0.01, readings: int = 1, k: float = 3.0) -> DetectionLimits:
    """Limits from the calibration line itself: LC, LD = 2 LC, LQ where the half-width is 1/k of the value.

    LC = (S / b) t(1-alpha, n-2) sqrt(1/m + 1/n + mean x^2 / Sxx). LQ solves
    LQ = k (S / b) t(1-alpha/2, n-2) sqrt(1/m + 1/n + (LQ - mean x)^2 / Sxx).

    Parameters
    ----------
    line : CalibrationLine
        Unweighted calibration with standards near the limit.
    alpha : float, scalar [1]
        Probability of calling a blank detected, and of missing what is at LD.
    readings : int, scalar [1]
        Repeated readings m of a sample that are averaged.
    k : float, scalar [1]
        1 over the relative half-width wanted at LQ.

    Returns
    -------
    DetectionLimits
        LC, LD, LQ [ug/L]; LQ is None if no concentration is known to 1/k.

    Raises
    ------
    InputError
        If the line is weighted or has no scatter, or a number is out of range.

    Source
    ------
    DIN 32645:2008 (calibration method), through the tests of the R package chemCal, which reproduce Dintest and
    Procontrol; LD as 2 LC is that standard's quick form.

    Examples
    --------
    >>> from labdb.leaching.calibration import fit_line
    >>> line = fit_line([0.0, 1.0, 2.0, 3.0], [0.1, 0.9, 2.1, 2.9])
    >>> limits = din_32645(line)
    >>> limits.detection == 2 * limits.critical
    True
    """
    from scipy.stats import t as student

    if line.weighted:
        raise InputError("DIN 32645 is for an unweighted line (equal variances); fit the lowest standards unweighted")
    _check_scatter(line.s_residual, "residual standard deviation of the line")
    _check_probabilities(alpha, alpha)
    if readings < 1 or not (math.isfinite(k) and k > 0):
        raise InputError(f"{readings} readings, k = {k:g}; expected at least 1 reading and a positive k")
    scale = line.s_residual / line.slope
    fixed = 1 / readings + 1 / line.n
    critical = scale * float(student.ppf(1 - alpha, line.dof)) * math.sqrt(fixed + line.x_mean**2 / line.sxx)
    factor = (k * scale * float(student.ppf(1 - alpha / 2, line.dof))) ** 2
    quantification = _din_lq(factor, fixed, line.x_mean, line.sxx)
    definition = f"DIN 32645, calibration method, alpha {alpha:g}, LD = 2 LC, k {k:g}, {readings} reading(s)"
    return DetectionLimits(critical, 2 * critical, quantification, definition)


def epa_mdl(spikes: Sequence[float], blanks: Sequence[float] = ()) -> MethodDetectionLimit:
    """Take the larger of what spikes and method blanks give: the EPA method detection limit, revision 2.

    MDL_s = t(0.99, n-1) s(spikes); MDL_b = mean + t(0.99, n-1) s(blanks), a negative mean counting as 0. Not covered:
    the percentile form for more than 100 blanks, and blanks of which only some gave a number.

    Parameters
    ----------
    spikes : Sequence[float], shape (n,) [ug/L]
        Results of at least 7 spiked samples, all at one low level.
    blanks : Sequence[float], shape (m,) [ug/L]
        Results of at least 7 method blanks; empty if no blank gave a number, and MDL_b then does not apply.

    Returns
    -------
    MethodDetectionLimit
        Both candidates and the larger one [ug/L], and t of the spikes.

    Raises
    ------
    InputError
        If there are too few spikes or blanks, more than 100 blanks, or either do not scatter.

    Source
    ------
    40 CFR 136, appendix B, revision 2 (EPA 821-R-16-006).

    Examples
    --------
    >>> spikes = [9.2, 10.1, 9.7, 10.4, 9.5, 10.0, 9.9]
    >>> round(epa_mdl(spikes, [0.3, -0.2, 0.5, 0.1, 0.4, -0.1, 0.2]).mdl, 4)
    1.2533
    """
    from scipy.stats import t as student

    if len(spikes) < LEAST_SPIKES or 0 < len(blanks) < LEAST_SPIKES:
        raise InputError(f"{len(spikes)} spikes, {len(blanks)} blanks; the EPA procedure needs at least 7 of each")
    if len(blanks) > 100:
        raise InputError(
            f"{len(blanks)} blanks; above 100 the EPA procedure takes a percentile, which is not done here"
        )
    if max(spikes) == min(spikes):
        raise InputError(f"all {len(spikes)} spikes read {spikes[0]:g}: no scatter, no detection limit")
    t_spikes = float(student.ppf(0.99, len(spikes) - 1))
    from_spikes = t_spikes * statistics.stdev(spikes)
    from_blanks = None
    if blanks:
        t_blanks = float(student.ppf(0.99, len(blanks) - 1))
        from_blanks = max(0.0, statistics.fmean(blanks)) + t_blanks * blank_deviation(blanks)
    return MethodDetectionLimit(max(from_spikes, from_blanks or 0.0), from_spikes, from_blanks, t_spikes)


def stated_limit_finding(stated: float, from_blanks: float, subject: str, factor: float = 2.0) -> Finding | None:
    """Find a stated limit of detection that the run's own blanks contradict.

    Parameters
    ----------
    stated : float, scalar [ug/L]
        Limit of detection of the method, as stated.
    from_blanks : float, scalar [ug/L]
        Limit of detection from the blanks of the run.
    subject : str
        Code of the run or method.
    factor : float, scalar [1]
        Largest ratio, either way, that is no finding.

    Returns
    -------
    Finding or None
        Rule LD-BLANKS, a warning; None if the two agree within the factor.

    Raises
    ------
    InputError
        If a limit is not positive.

    Source
    ------
    Own rule: definitions alone differ by about 2.

    Examples
    --------
    >>> print(stated_limit_finding(10.0, 3.67, "R-ICP-1").message)
    stated limit of detection 10 ug/L, blanks of the run give 3.67 ug/L: 2.7 times apart; say which one holds and why
    """
    _check_scatter(stated, "stated limit of detection")
    _check_scatter(from_blanks, "limit of detection from blanks")
    ratio = max(stated / from_blanks, from_blanks / stated)
    if ratio <= factor:
        return None
    message = (
        f"stated limit of detection {stated:g} ug/L, blanks of the run give {from_blanks:.3g} ug/L: "
        f"{ratio:.2g} times apart; say which one holds and why"
    )
    numbers = {"stated": f"{stated:g} ug/L", "from blanks": f"{from_blanks:.3g} ug/L"}
    return Finding("LD-BLANKS", Severity.WARNING, subject, "", message, numbers)


def _din_lq(factor: float, fixed: float, x_mean: float, sxx: float) -> float | None:
    """Solve LQ^2 = factor (fixed + (LQ - mean x)^2 / Sxx), a quadratic; None without a positive root."""
    a = 1 - factor / sxx
    if not a > 0:
        return None  # the half-width grows as fast as the value: 1/k is never reached
    half_b = factor * x_mean / sxx
    c = -factor * (fixed + x_mean**2 / sxx)
    return (-half_b + math.sqrt(half_b**2 - a * c)) / a


def _check_scatter(value: float, what: str) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{what} is {value:g}; expected a positive number: without scatter there is no such limit")


def _check_probabilities(alpha: float, beta: float) -> None:
    if not (0 < alpha < 0.5 and 0 < beta < 0.5):
        raise InputError(f"alpha {alpha:g}, beta {beta:g}; expected probabilities between 0 and 0.5")
