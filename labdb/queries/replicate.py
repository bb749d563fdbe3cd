"""Average what was read more than once: readings of an aliquot, aliquots of a vial, vials of a pull.

One rule serves every level. Of n values the mean stands with u^2 = s^2 / n + u_own^2, where u_own is the mean of their
own u: readings of one pull share calibration, dilution and pipette, how much of their u is common is not recorded, so
all of it is taken as common. An average is therefore never surer than a single reading, and a missing u stays missing.

Non-detects are not substituted. Where none was detected, the largest threshold stands. Where some were, the mean lies
between two ends: non-detects as their threshold (`upper`, what has to keep to a limit to pass), and non-detects as
nothing (`at_least`, what has to miss it to fail). Each end scatters like the values it is made of: a non-detect among
them makes their mean no surer.
"""

import math
import statistics
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from labdb.errors import InputError
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, UncertaintyOrigin

_One = TypeVar("_One")

_WEAKEST_FIRST = (
    ThresholdMeaning.NOT_STATED,
    ThresholdMeaning.BELOW_LQ,
    ThresholdMeaning.BELOW_LD,
    ThresholdMeaning.BELOW_LC,
)


@dataclass(frozen=True)
class Average:
    """A mean, or two ends it lies between.

    ``upper`` is a value, a bound ("< 20": the mean is not above it) or, where a reading was over range, "> 20".
    ``at_least`` stands beside a bound that holds detected values. ``n`` counts what was averaged last (vials, where
    there were some), ``dof`` the degrees of freedom of u; None is many.
    """

    upper: Quantity
    at_least: Quantity | None = None
    n: int = 1
    dof: float | None = None

    @property
    def lower(self) -> Quantity:
        """The end that counts for a fail; of non-detects alone, "> 0"."""
        if self.at_least is not None:
            return self.at_least
        if self.upper.censoring is not Censoring.BELOW:
            return self.upper
        return _bound(self.upper, 0.0, 0.0, Censoring.ABOVE)


def average(parts: Sequence[Average]) -> Average:
    """Average readings, or averages of them.

    Parameters
    ----------
    parts : sequence of Average
        Of one kind and unit; a single reading is `Average(quantity)`.

    Returns
    -------
    Average
        The mean with its standard uncertainty, or the ends it lies between.

    Raises
    ------
    InputError
        There is nothing to average.

    Source
    ------
    JCGM 100:2008 4.2 and 5.2; degrees of freedom by G.4 (Welch-Satterthwaite), the common part taken as known.

    Examples
    --------
    >>> twice = [Quantity(value, "ug/L", "lead_mass_concentration", u=0.3) for value in (10.0, 10.8)]
    >>> print(average([Average(one) for one in twice]).upper)
    10.4(5) ug/L
    """
    if not parts:
        raise InputError("nothing to average")
    if len(parts) == 1:
        return replace(parts[0], n=1)
    kinds = {part.upper.censoring for part in parts}
    if kinds == {Censoring.NONE}:
        return _mean(parts)
    if kinds == {Censoring.BELOW} and all(part.at_least is None for part in parts):
        largest = max((part.upper for part in parts), key=lambda one: one.value)
        meaning = weakest([part.upper.threshold_meaning for part in parts])
        return Average(replace(largest, threshold_meaning=meaning, n=_readings(parts)), n=len(parts))
    return _between(parts, kinds)


def _readings(parts: Sequence[Average]) -> int:
    return sum(part.upper.n or 1 for part in parts)


def _mean(parts: Sequence[Average]) -> Average:
    mean, u, dof = _scattered([part.upper for part in parts], parts)
    origin = None if u is None else UncertaintyOrigin.COMPUTED if u else UncertaintyOrigin.EXACT
    found = replace(parts[0].upper, value=mean, u=u, u_origin=origin, n=_readings(parts))
    return Average(found, n=len(parts), dof=dof)


def _scattered(ends: Sequence[Quantity], parts: Sequence[Average]) -> tuple[float, float | None, float | None]:
    """Mean of one end of each part, its standard uncertainty, degrees of freedom; no u where one is missing."""
    values, known = [one.value for one in ends], [one.u for one in ends if one.u is not None]
    n, mean = len(values), statistics.fmean(values)
    if len(known) < n:
        return mean, None, None
    scatter, own = statistics.stdev(values) / math.sqrt(n), statistics.fmean(known)
    u = math.hypot(scatter, own)
    few = [part.dof for part in parts if part.dof is not None]
    freedom = scatter**4 / (n - 1) + (own**4 / min(few) if few else 0.0)
    return mean, u, u**4 / freedom if freedom > 0.0 else None


def _between(parts: Sequence[Average], kinds: set[Censoring]) -> Average:
    """Of values and bounds only the two ends are known; of their degrees of freedom the fewer count for both."""
    first, n = parts[0].upper, _readings(parts)
    mean, u, dof = _scattered([part.lower for part in parts], parts)
    least = replace(_bound(first, mean, u, Censoring.ABOVE), n=n)
    if Censoring.ABOVE in kinds:
        return Average(least, n=len(parts), dof=dof)
    mean, u, other = _scattered([part.upper for part in parts], parts)
    meaning = weakest([part.upper.threshold_meaning for part in parts])
    most = replace(_bound(first, mean, u, Censoring.BELOW), n=n, threshold_meaning=meaning)
    few = [one for one in (dof, other) if one is not None]
    return Average(most, least, len(parts), min(few) if few else None)


def _bound(like: Quantity, value: float, u: float | None, censoring: Censoring) -> Quantity:
    origin = None if u is None else UncertaintyOrigin.COMPUTED if u else UncertaintyOrigin.EXACT
    return Quantity(value, like.unit, like.kind, u=u, u_origin=origin, censoring=censoring)


def weakest(meanings: Iterable[ThresholdMeaning | None]) -> ThresholdMeaning | None:
    """Tell which of several meanings of "<" says least.

    Parameters
    ----------
    meanings : iterable of ThresholdMeaning or None
        None where there is no "<".

    Returns
    -------
    ThresholdMeaning or None
        Not stated before below LQ, LD, LC; None if there is none.

    Examples
    --------
    >>> weakest([ThresholdMeaning.BELOW_LC, None, ThresholdMeaning.NOT_STATED]).value
    'not_stated'
    """
    given = set(meanings)
    return next((meaning for meaning in _WEAKEST_FIRST if meaning in given), None)


def average_by(
    readings: Iterable[_One], quantity_of: Callable[[_One], Quantity], *levels: Callable[[_One], Hashable]
) -> Average:
    """Average level by level, from the innermost: readings of an aliquot, aliquots of a vial, vials.

    Parameters
    ----------
    readings : iterable
        What was read; at least one.
    quantity_of : callable
        Its quantity.
    *levels : callable
        What a reading belongs to, outermost first: its vial, then its aliquot.

    Returns
    -------
    Average
        Over the outermost level.

    Examples
    --------
    >>> pulls = [("vial 1", 10.0), ("vial 1", 12.0), ("vial 2", 14.0)]
    >>> def read(pull):
    ...     return Quantity(pull[1], "ug/L", "lead_mass_concentration")
    >>> average_by(pulls, read, lambda pull: pull[0]).upper.value
    12.5
    """
    if not levels:
        return average([Average(quantity_of(one)) for one in readings])
    groups: dict[Hashable, list[_One]] = {}
    for one in readings:
        groups.setdefault(levels[0](one), []).append(one)
    return average([average_by(group, quantity_of, *levels[1:]) for group in groups.values()])
