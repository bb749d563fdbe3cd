"""Method: absorbed dose from beam segments, with the uncertainty that a calibration brings to all of them at once.

The error of a dose-rate calibration is the same in every segment given under it, so it adds linearly, not in
quadrature: two times 300 s at 0.500(25) Gy/s are 300(15) Gy, not 300(11) Gy.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from labdb.errors import InputError
from labdb.finding import Finding, Severity

COURSE_GY = 60.0
"""Dose of a whole radiotherapy course, upper end of 40-60 Gy (Carulli et al., ACS Energy Lett. 2023, 8, 1795) [Gy]."""


_CLOCK_S = 1e-6  # an overlap below a microsecond is rounding of the clock, not a beam that was on twice


@dataclass(frozen=True, slots=True)
class Segment:
    """One beam interval: seconds from the start of its irradiation, dose rate, and the calibration it rests on.

    ``stop_s`` None: never closed. ``u_dose_rate_gy_per_s`` None: not recorded, which is not zero. ``calibration`` None:
    not stated; all such segments are taken as one calibration, which gives the larger uncertainty.
    """

    start_s: float
    stop_s: float | None
    dose_rate_gy_per_s: float = 0.0
    u_dose_rate_gy_per_s: float | None = None
    u_time_s: float = 0.0
    beam_on: bool = True
    calibration: str | None = None
    irradiation: str = ""


@dataclass(frozen=True, slots=True)
class Dose:
    """Absorbed dose with its standard uncertainty; None where the segments do not settle it."""

    dose_gy: float | None
    u_dose_gy: float | None
    on_time_s: float | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class PooledDose:
    """Doses of pooled material: it has no single dose unless all were equal."""

    min_gy: float
    mean_gy: float
    max_gy: float
    equal: bool


def segment_findings(segments: Sequence[Segment]) -> list[Finding]:
    """Find what makes a dose ambiguous: open segments, segments that end before they start, overlaps.

    Parameters
    ----------
    segments : Sequence[Segment]
        Beam intervals of one or more irradiations; overlaps are looked for inside each irradiation.

    Returns
    -------
    list[Finding]
        Rules DOSE-OPEN, DOSE-ORDER and DOSE-OVERLAP, in the order of irradiations and start times.

    Source
    ------
    Own rules: a beam is on or off at one time, at one dose rate.

    Examples
    --------
    >>> both = [Segment(0, 300, 0.5, irradiation="IR-1"), Segment(240, 360, 0.5, irradiation="IR-1")]
    >>> print(segment_findings(both)[0].message)
    segments 0-300 s and 240-360 s overlap by 60 s; correct a start or a stop
    """
    found = []
    for name in dict.fromkeys(one.irradiation for one in segments):
        mine = sorted((one for one in segments if one.irradiation == name), key=lambda one: one.start_s)
        found += [finding for one in mine if (finding := _ill_formed(one))]
        closed = [one for one in mine if one.stop_s is not None and one.stop_s >= one.start_s]
        for earlier, later in itertools.combinations(closed, 2):
            shared = _overlap_s(earlier, later)
            if shared > _CLOCK_S:
                spans = f"{_span(earlier)} and {_span(later)}"
                message = f"segments {spans} overlap by {shared:g} s; correct a start or a stop"
                found.append(_error("DOSE-OVERLAP", name, message, {"overlap": f"{shared:g} s"}))
    return found


def dose_from_segments(segments: Sequence[Segment]) -> Dose:
    """Sum dose rate times beam-on time; segments under one calibration are fully correlated in their rate.

    u(D)^2 = sum over calibrations (sum of t_i u(r_i))^2 + sum of r_i^2 u(t_i)^2. With one rate under a calibration the
    first term is (sum of t_i)^2 u_r^2; with several rates each brings its own u, all in the same direction, as a
    calibration factor does.

    Parameters
    ----------
    segments : Sequence[Segment]
        Beam intervals, of one irradiation or of all that a sample has seen; beam-off intervals give no dose.

    Returns
    -------
    Dose
        Dose and standard uncertainty [Gy], beam-on time [s], findings. The dose is None while a segment is open,
        reversed or overlaps another; u is None if the rate of a beam-on segment has none.

    Raises
    ------
    InputError
        If there is no segment, or a number is negative or not finite.

    Source
    ------
    JCGM 100:2008 (GUM) 5.2, correlated inputs.

    Examples
    --------
    >>> twice = [Segment(0, 300, 0.5, 0.025, calibration="A"), Segment(300, 600, 0.5, 0.025, calibration="A")]
    >>> dose = dose_from_segments(twice)
    >>> print(f"{dose.dose_gy:.1f} Gy, u {dose.u_dose_gy:.1f} Gy, {dose.on_time_s:.0f} s")
    300.0 Gy, u 15.0 Gy, 600 s
    """
    if not segments:
        raise InputError("no beam segment; expected at least one, or a stated or measured dose instead")
    for one in segments:
        _check_numbers(one)
    findings = tuple(segment_findings(segments))
    if findings:
        return Dose(None, None, None, findings)
    on = [(one, one.stop_s - one.start_s) for one in segments if one.beam_on and one.stop_s is not None]
    total = math.fsum(one.dose_rate_gy_per_s * time for one, time in on)
    return Dose(total, _u_dose(on), math.fsum(time for _, time in on), ())


def time_to_dose(dose_gy: float, dose_rate_gy_per_s: float) -> float:
    """Beam-on time a dose takes.

    Parameters
    ----------
    dose_gy : float, scalar [Gy]
        Dose wanted.
    dose_rate_gy_per_s : float, scalar [Gy/s]
        Dose rate.

    Returns
    -------
    float
        Time, scalar [s].

    Raises
    ------
    InputError
        If the rate is not positive or the dose negative.

    Source
    ------
    Definition.

    Examples
    --------
    >>> time_to_dose(60.0, 0.5)
    120.0
    """
    if not (dose_gy >= 0 and dose_rate_gy_per_s > 0):
        raise InputError(f"{dose_gy:g} Gy at {dose_rate_gy_per_s:g} Gy/s; expected a dose >= 0 and a rate > 0")
    return dose_gy / dose_rate_gy_per_s


def courses(dose_gy: float, course_gy: float = COURSE_GY) -> float:
    """Express a dose in whole radiotherapy courses.

    Parameters
    ----------
    dose_gy : float, scalar [Gy]
        Absorbed dose.
    course_gy : float, scalar [Gy]
        Dose of one course.

    Returns
    -------
    float
        Number of courses, scalar [1].

    Raises
    ------
    InputError
        If the course is not positive.

    Source
    ------
    40 to 60 Gy per course: Carulli et al., ACS Energy Lett. 2023, 8, 1795, introduction.

    Examples
    --------
    >>> courses(300.0)
    5.0
    """
    if not course_gy > 0:
        raise InputError(f"a course of {course_gy:g} Gy; expected a positive dose")
    return dose_gy / course_gy


def half_value_layer_transmission(thickness_mm: float, half_value_layer_mm: float) -> float:
    """Fraction of a narrow beam that passes a layer, from its half-value layer; no beam hardening.

    Parameters
    ----------
    thickness_mm : float, scalar [mm]
        Thickness of the layer.
    half_value_layer_mm : float, scalar [mm]
        Thickness of the same material that halves the beam.

    Returns
    -------
    float
        Transmission, scalar [1].

    Raises
    ------
    InputError
        If the thickness is negative or the half-value layer not positive.

    Source
    ------
    Definition of the half-value layer: exp(-x ln 2 / HVL).

    Examples
    --------
    >>> round(half_value_layer_transmission(1.0, 3.0), 8)
    0.79370053
    """
    if not (thickness_mm >= 0 and half_value_layer_mm > 0):
        raise InputError(
            f"{thickness_mm:g} mm behind a half-value layer of {half_value_layer_mm:g} mm; expected x >= 0, HVL > 0"
        )
    return math.exp(-math.log(2) * thickness_mm / half_value_layer_mm)


def pooled_dose(doses_gy: Sequence[float], masses_mg: Sequence[float]) -> PooledDose:
    """Keep smallest, mass-weighted mean and largest dose of portions that are pooled.

    Parameters
    ----------
    doses_gy : Sequence[float], shape (n,) [Gy]
        Dose of each portion.
    masses_mg : Sequence[float], shape (n,) [mg]
        Mass of each portion.

    Returns
    -------
    PooledDose
        Doses [Gy], and whether all portions had the same to 12 digits.

    Raises
    ------
    InputError
        If there is no portion, the lengths differ, a dose is negative or a mass not positive.

    Source
    ------
    Conservation of absorbed energy.

    Examples
    --------
    >>> pooled_dose([60.0, 0.0], [10.0, 30.0]).mean_gy
    15.0
    """
    if not doses_gy or len(doses_gy) != len(masses_mg):
        raise InputError(f"{len(doses_gy)} doses and {len(masses_mg)} masses; expected as many, at least one")
    if not all(dose >= 0 for dose in doses_gy) or not all(mass > 0 for mass in masses_mg):
        raise InputError("a pooled portion has a negative dose or no mass; expected dose >= 0 Gy and mass > 0 mg")
    mean = math.fsum(dose * mass for dose, mass in zip(doses_gy, masses_mg, strict=True)) / math.fsum(masses_mg)
    low, high = min(doses_gy), max(doses_gy)
    return PooledDose(low, mean, high, math.isclose(low, high, rel_tol=1e-12))


def _u_dose(on: Sequence[tuple[Segment, float]]) -> float | None:
    """Propagate to the dose [Gy] of beam-on segments with their times [s]; None if a rate has none."""
    by_calibration: dict[str | None, float] = {}
    timing = 0.0
    for one, time in on:
        if one.u_dose_rate_gy_per_s is None:
            return None
        # relative: at several rates under one calibration each u is the same share of its rate, and all go together
        common = by_calibration.get(one.calibration, 0.0)
        by_calibration[one.calibration] = common + time * one.u_dose_rate_gy_per_s
        timing += (one.dose_rate_gy_per_s * one.u_time_s) ** 2
    return math.sqrt(math.fsum(common**2 for common in by_calibration.values()) + timing)


def _check_numbers(one: Segment) -> None:
    numbers = [one.start_s, one.dose_rate_gy_per_s, one.u_time_s]
    numbers += [value for value in (one.stop_s, one.u_dose_rate_gy_per_s) if value is not None]
    if not all(math.isfinite(value) for value in numbers):
        raise InputError(f"segment {_span(one)} of {one.irradiation or 'the irradiation'}: a number is not finite")
    if min(one.dose_rate_gy_per_s, one.u_time_s, one.u_dose_rate_gy_per_s or 0.0) < 0:
        raise InputError(f"segment {_span(one)}: a dose rate or an uncertainty is negative; expected >= 0")


def _ill_formed(one: Segment) -> Finding | None:
    if one.stop_s is None:
        message = f"segment from {one.start_s:g} s has no stop; record when the beam stopped"
        return _error("DOSE-OPEN", one.irradiation, message, {"start": f"{one.start_s:g} s"})
    if one.stop_s < one.start_s:
        message = f"segment stops at {one.stop_s:g} s, before it starts at {one.start_s:g} s; correct one of them"
        return _error(
            "DOSE-ORDER", one.irradiation, message, {"start": f"{one.start_s:g} s", "stop": f"{one.stop_s:g} s"}
        )
    return None


def _overlap_s(one: Segment, other: Segment) -> float:
    if one.stop_s is None or other.stop_s is None:
        return 0.0
    return min(one.stop_s, other.stop_s) - max(one.start_s, other.start_s)


def _span(one: Segment) -> str:
    return f"{one.start_s:g}-{'open' if one.stop_s is None else f'{one.stop_s:g}'} s"


def _error(rule: str, irradiation: str, message: str, numbers: dict[str, str]) -> Finding:
    return Finding(rule, Severity.ERROR, irradiation or "irradiation", "", message, numbers)
