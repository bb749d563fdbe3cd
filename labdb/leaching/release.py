"""Method: released lead per mass of particles, from concentration and particle loading; cumulative release; fraction.

What adds up depends on what was taken out at a pull and what was put back (`Pulling`). Non-detects enter as an
interval: 0 at the lower end, their threshold at the upper end; they are never substituted by a value in between.
ICP measures all lead in the leachate, not Pb2+ alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from labdb.errors import InputError


class Pulling(StrEnum):
    """What a pull takes out of a leach test, and what is put back."""

    ALIQUOT_KEPT_OUT = "aliquot kept out"
    ALIQUOT_REPLACED = "aliquot replaced"
    WHOLE_SUSPENSION = "whole suspension"
    MEDIUM_RENEWED = "medium renewed"


@dataclass(frozen=True, slots=True)
class Release:
    """Released lead per mass of particles; ``below`` means less than the value, whose u is then that of the bound."""

    released_ug_per_g: float
    u_released_ug_per_g: float | None
    below: bool = False


@dataclass(frozen=True, slots=True)
class CumulativeRelease:
    """Released lead up to one pull, between two ends: non-detects as 0, and non-detects as their threshold."""

    lower_ug_per_g: float
    upper_ug_per_g: float
    u_lower_ug_per_g: float | None
    u_upper_ug_per_g: float | None
    below: bool

    @property
    def detected(self) -> bool:
        """Whether every contributing reading was a value, so that both ends are the same."""
        return self.lower_ug_per_g == self.upper_ug_per_g


@dataclass(frozen=True, slots=True)
class LeadFraction:
    """Share of the lead in the particles that was released."""

    fraction: float
    u_fraction: float | None
    below: bool = False


def released_mass_fraction(
    concentration_ug_per_l: float,
    loading_mg_per_ml: float,
    u_concentration_ug_per_l: float | None = None,
    u_loading_mg_per_ml: float | None = None,
    below: bool = False,
) -> Release:
    """Bridge from a lead concentration to released lead per mass of particles: y = c / loading.

    Parameters
    ----------
    concentration_ug_per_l : float, scalar [ug/L]
        Lead in the leachate, net of the blank and before dilution; of a non-detect its threshold.
    loading_mg_per_ml : float, scalar [mg/mL]
        Particle mass per volume of suspension.
    u_concentration_ug_per_l : float, optional, scalar [ug/L]
        Standard uncertainty; of a non-detect that of the threshold, 0 if it is a number by definition.
    u_loading_mg_per_ml : float, optional, scalar [mg/mL]
        Standard uncertainty of the loading.
    below : bool
        True for a non-detect.

    Returns
    -------
    Release
        Released lead [ug/g] and its standard uncertainty, None if either input has none: missing is not zero.

    Raises
    ------
    InputError
        If the loading is not positive, a number is not finite, or a threshold is not positive.

    Source
    ------
    Definition; 1 ug/L over 1 mg/mL is 1 ug/g. u by JCGM 100:2008 5.1.2, inputs independent.

    Examples
    --------
    >>> bound = released_mass_fraction(10.0, 0.5, 0.0, 0.0011, below=True)
    >>> print(f"< {bound.released_ug_per_g:.1f} ug/g, u {bound.u_released_ug_per_g:.3f} ug/g")
    < 20.0 ug/g, u 0.044 ug/g
    """
    _check_loading(loading_mg_per_ml, u_loading_mg_per_ml)
    _check_reading(concentration_ug_per_l, u_concentration_ug_per_l, below)
    value = concentration_ug_per_l / loading_mg_per_ml
    if u_concentration_ug_per_l is None or u_loading_mg_per_ml is None:
        return Release(value, None, below)
    u = math.hypot(u_concentration_ug_per_l / loading_mg_per_ml, value * u_loading_mg_per_ml / loading_mg_per_ml)
    return Release(value, u, below)


def cumulative_release(
    concentrations_ug_per_l: Sequence[float],
    below: Sequence[bool],
    volume_ml: float,
    particle_mass_mg: float,
    aliquots_ml: Sequence[float],
    pulling: Pulling,
    u_concentrations_ug_per_l: Sequence[float] | None = None,
    u_relative_loading: float | None = None,
) -> list[CumulativeRelease]:
    """Sum what was released up to each pull, by what the pulls take out.

    Kept out: m_n = c_n V_n + sum of c_i v_i (i < n), V_n the volume before pull n; replaced by fresh leachant: V_n = V;
    whole suspension (particles leave with the liquid): c_n over the loading, nothing added; medium renewed: sum of
    c_i V.

    Parameters
    ----------
    concentrations_ug_per_l : Sequence[float], shape (n,) [ug/L]
        Lead at each pull, in order; of a non-detect its threshold.
    below : Sequence[bool]
        For each pull, whether it is a non-detect.
    volume_ml : float, scalar [mL]
        Volume of suspension before the first pull.
    particle_mass_mg : float, scalar [mg]
        Mass of particles before the first pull.
    aliquots_ml : Sequence[float], shape (n,) [mL]
        Volume taken at each pull; only its sum is checked where the whole suspension is taken or the medium renewed.
    pulling : Pulling
        What a pull takes out and what is put back.
    u_concentrations_ug_per_l : Sequence[float], optional, shape (n,) [ug/L]
        Standard uncertainties of the readings, taken as independent.
    u_relative_loading : float, optional, scalar [1]
        Relative standard uncertainty of particle mass over volume, common to all pulls.

    Returns
    -------
    list[CumulativeRelease]
        One per pull: both ends and their standard uncertainties [ug/g]; None if an uncertainty is missing.

    Raises
    ------
    InputError
        If the lengths differ, a number is out of range, or more is taken than was there.

    Source
    ------
    Mass balance of dissolution tests with sampling; JCGM 100:2008 5.1.2.

    Examples
    --------
    >>> pulls = cumulative_release([2.0, 4.0], [False, False], 50.0, 100.0, [5.0, 5.0], Pulling.ALIQUOT_KEPT_OUT)
    >>> [round(one.upper_ug_per_g, 6) for one in pulls]
    [1.0, 1.9]
    """
    n = len(concentrations_ug_per_l)
    us = list(u_concentrations_ug_per_l) if u_concentrations_ug_per_l is not None else None
    if not n or len(below) != n or len(aliquots_ml) != n or (us is not None and len(us) != n):
        raise InputError(
            f"{n} readings, {len(below)} flags, {len(aliquots_ml)} aliquots; expected one of each per pull"
        )
    _check_amounts(volume_ml, particle_mass_mg, aliquots_ml, pulling)
    for i, (value, censored) in enumerate(zip(concentrations_ug_per_l, below, strict=True)):
        _check_reading(value, None if us is None else us[i], censored)
    released = []
    for pull in range(n):
        volumes = _volumes_ml(pull, volume_ml, aliquots_ml, pulling)
        ends = []
        for keep_bound in (False, True):
            # [ug/L] x [mL] / [mg] is [ug/g]
            shares = [
                0.0 if censored and not keep_bound else volume / particle_mass_mg
                for volume, censored in zip(volumes, below, strict=False)
            ]
            value = math.fsum(share * c for share, c in zip(shares, concentrations_ug_per_l, strict=False))
            ends.append((value, _u_sum(shares, us, value, u_relative_loading)))
        censored_all = all(flag for volume, flag in zip(volumes, below, strict=False) if volume > 0)
        (lower, u_lower), (upper, u_upper) = ends
        released.append(CumulativeRelease(lower, upper, u_lower, u_upper, censored_all))
    return released


def released_lead_fraction(
    release: Release, w: float, lead_mass_fraction: float, u_w: float | None = None
) -> LeadFraction:
    """Share of the lead in the particles that was released: f = y / (w x_Pb).

    Parameters
    ----------
    release : Release
        Released lead per mass of particles [ug/g].
    w : float, scalar [1]
        Perovskite mass fraction of the particles.
    lead_mass_fraction : float, scalar [1]
        Lead in the perovskite, x_Pb, 0.3574 for CsPbBr3.
    u_w : float, optional, scalar [1]
        Standard uncertainty of w.

    Returns
    -------
    LeadFraction
        Share [1] with its standard uncertainty, None if an input has none; a bound stays a bound.

    Raises
    ------
    InputError
        If w or x_Pb is not between 0 and 1.

    Source
    ------
    Definition, with c / loading = y; x_Pb taken as exact.

    Examples
    --------
    >>> share = released_lead_fraction(released_mass_fraction(10.0, 0.5, below=True), 0.16, 0.357353852)
    >>> f"{share.fraction:.2g}", share.below
    ('0.00035', True)
    """
    if not (0 < w <= 1 and 0 < lead_mass_fraction <= 1):
        raise InputError(f"w = {w:g}, x_Pb = {lead_mass_fraction:g}; expected mass fractions above 0 and up to 1")
    total_ug_per_g = 1e6 * w * lead_mass_fraction
    value = release.released_ug_per_g / total_ug_per_g
    u = None
    if release.u_released_ug_per_g is not None and u_w is not None:
        u = math.hypot(release.u_released_ug_per_g / total_ug_per_g, value * u_w / w)
    return LeadFraction(value, u, release.below)


def _volumes_ml(pull: int, volume_ml: float, aliquots_ml: Sequence[float], pulling: Pulling) -> list[float]:
    """Volume [mL] by which each reading up to this pull enters the sum."""
    earlier = list(aliquots_ml[:pull])
    if pulling is Pulling.WHOLE_SUSPENSION:
        return [0.0] * pull + [volume_ml]
    if pulling is Pulling.MEDIUM_RENEWED:
        return [volume_ml] * (pull + 1)
    if pulling is Pulling.ALIQUOT_REPLACED:
        return [*earlier, volume_ml]
    return [*earlier, volume_ml - math.fsum(earlier)]


def _u_sum(
    shares: Sequence[float], us: Sequence[float] | None, value: float, u_relative_loading: float | None
) -> float | None:
    if us is None or u_relative_loading is None:
        return None
    readings = math.fsum((share * u) ** 2 for share, u in zip(shares, us, strict=False))
    return math.sqrt(readings + (value * u_relative_loading) ** 2)


def _check_loading(loading: float, u_loading: float | None) -> None:
    if not (math.isfinite(loading) and loading > 0):
        raise InputError(f"particle loading is {loading:g} mg/mL; a released mass fraction needs a positive one")
    if u_loading is not None and not (math.isfinite(u_loading) and u_loading >= 0):
        raise InputError(f"u of the particle loading is {u_loading:g} mg/mL; expected a number >= 0")


def _check_reading(concentration: float, u: float | None, below: bool) -> None:
    # a net reading may be negative and is kept; a threshold may not
    if not math.isfinite(concentration) or (below and not concentration > 0):
        raise InputError(f"{'threshold' if below else 'concentration'} is {concentration:g} ug/L; expected a number"
                         f"{' > 0' if below else ''}")  # fmt: skip
    if u is not None and not (math.isfinite(u) and u >= 0):
        raise InputError(f"u of a concentration is {u:g} ug/L; expected a number >= 0")


def _check_amounts(volume_ml: float, mass_mg: float, aliquots_ml: Sequence[float], pulling: Pulling) -> None:
    if not (math.isfinite(volume_ml) and math.isfinite(mass_mg) and volume_ml > 0 and mass_mg > 0):
        raise InputError(f"{mass_mg:g} mg particles in {volume_ml:g} mL; expected positive amounts")
    if not all(math.isfinite(one) and one >= 0 for one in aliquots_ml):
        raise InputError("an aliquot volume is negative or not finite; expected mL >= 0")
    one_by_one = pulling in {Pulling.ALIQUOT_REPLACED, Pulling.MEDIUM_RENEWED}
    taken = max(aliquots_ml) if one_by_one else math.fsum(aliquots_ml)
    if taken > volume_ml * (1 + 1e-9):
        raise InputError(f"{taken:g} mL taken from {volume_ml:g} mL; correct an aliquot or the volume")
