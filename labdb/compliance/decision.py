"""Method: decide by a named rule whether a value conforms, JCGM 106:2012 and ILAC-G8:09/2019.

A rule sets a guard band g between the limit and what still passes. Everything here is a plain number in the unit of the
limit; both sides of every comparison are rounded to 12 significant digits first, because 10 over 2 must be 5.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from labdb.compliance.limit import Limit, Operator
from labdb.errors import InputError, UnknownNameError
from labdb.quantity import round_significant

DEFAULT_DECISION = "guarded-95"

# Fewer degrees of freedom than this widen the guard band to Student's t; at 30 t is 1.697 against 1.645.
_MANY_DOF = 30

_PROBABILITY = re.compile(r"probability\(\s*([0-9.eE+-]+)\s*\)")


class Outcome(StrEnum):
    """What a judgement comes to; "not assessed" is no evidence, and still a row of the table."""

    PASS = "pass"  # noqa: S105  # a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True, slots=True)
class Region:
    """The values that conform to a limit.

    Parameters
    ----------
    lower, upper : float, optional, scalar [unit of the limit]
        The ends; None is open to infinity.
    lower_closed, upper_closed : bool
        Whether the end itself conforms.
    """

    lower: float | None = None
    upper: float | None = None
    lower_closed: bool = True
    upper_closed: bool = True

    def clears_upper(self, value: float) -> bool:
        """Whether a value stands on the conforming side of the upper end."""
        return self.upper is None or not _beyond(value, self.upper, closed=self.upper_closed)

    def clears_lower(self, value: float) -> bool:
        """Whether a value stands on the conforming side of the lower end."""
        return self.lower is None or not _beyond(-value, -self.lower, closed=self.lower_closed)

    def contains(self, value: float) -> bool:
        """Whether a value conforms, its uncertainty left aside."""
        return self.clears_lower(value) and self.clears_upper(value)

    def margin(self, value: float) -> float:
        """Return the distance to the nearer end, positive where the value conforms."""
        ends = [] if self.upper is None else [self.upper - value]
        if self.lower is not None:
            ends.append(value - self.lower)
        return min(ends)


def _beyond(value: float, end: float, *, closed: bool) -> bool:
    value, end = round_significant(value), round_significant(end)
    return value > end if closed else value >= end


def region_of(limit: Limit) -> Region:
    """Return the values that conform to a limit.

    Parameters
    ----------
    limit : Limit
        The limit.

    Returns
    -------
    Region
        Its ends, in the unit of the limit.
    """
    match limit.operator:
        case Operator.AT_MOST | Operator.BELOW:
            return Region(upper=limit.value, upper_closed=limit.operator is Operator.AT_MOST)
        case Operator.AT_LEAST | Operator.ABOVE:
            return Region(lower=limit.value, lower_closed=limit.operator is Operator.AT_LEAST)
        case Operator.WITHIN:
            return Region(lower=limit.value, upper=limit.upper)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision rule, known by its name.

    Parameters
    ----------
    name : str
        As printed in every verdict: `guarded-95`, `simple`, `ilac-g8`, `probability(0.95)`.
    guard_factor : float, scalar [1]
        Guard band over standard uncertainty, for many degrees of freedom.
    probability : float, scalar [1]
        One-sided probability that the guard band stands for; used with Student's t.
    widens : bool
        Whether few degrees of freedom widen the guard band.
    by_probability : bool
        Whether the probability of conformity itself decides, instead of the guard band.
    """

    name: str
    guard_factor: float
    probability: float
    widens: bool
    by_probability: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def needs_uncertainty(self) -> bool:
        """Whether the rule cannot decide a value whose uncertainty is not recorded."""
        return self.guard_factor > 0

    def factor(self, dof: float | None = None) -> float:
        """Return the guard band over the standard uncertainty.

        Parameters
        ----------
        dof : float, optional, scalar [1]
            Degrees of freedom of the standard uncertainty; None is many.

        Returns
        -------
        float, scalar [1]
            1.645 for `guarded-95`, exactly; the quantile t(0.95, dof) below 30 degrees of freedom.

        Raises
        ------
        InputError
            The degrees of freedom are not positive.

        Notes
        -----
        Source: JCGM 106:2012 8.3.2; Student's t after JCGM 100:2008 G.3.

        Examples
        --------
        >>> parse_decision("guarded-95").factor()
        1.645
        >>> round(parse_decision("guarded-95").factor(dof=2), 3)
        2.92
        """
        if dof is not None and not dof > 0:
            raise InputError(f"degrees of freedom: found {dof}; expected more than 0 (at least two vials)")
        if not self.widens or dof is None or dof >= _MANY_DOF:
            return self.guard_factor
        from scipy.stats import t

        return float(t.ppf(self.probability, dof))

    def decide(
        self, value: float, u: float, region: Region, *, floor: float | None = None, dof: float | None = None
    ) -> Outcome:
        """Decide a value with a known standard uncertainty.

        Parameters
        ----------
        value, u : float, scalar [unit of the limit]
            The value and its standard uncertainty.
        region : Region
            What conforms.
        floor : float, optional, scalar [unit of the limit]
            What the quantity cannot be below; used by `probability(p)` only.
        dof : float, optional, scalar [1]
            Degrees of freedom of `u`.

        Returns
        -------
        Outcome
            Pass, fail or inconclusive.

        Notes
        -----
        Source: JCGM 106:2012 8.2 and 8.3; ILAC-G8:09/2019 4.2.

        Examples
        --------
        >>> rule, at_most_5 = parse_decision("guarded-95"), Region(upper=5.0)
        >>> [rule.decide(y, 0.4, at_most_5).value for y in (2.0, 5.4, 8.0)]
        ['pass', 'inconclusive', 'fail']
        """
        if self.by_probability and u > 0:
            return self._by_probability(probability_of_conformity(value, u, region, floor=floor, dof=dof), region)
        guard = self.factor(dof) * u
        if region.clears_lower(value - guard) and region.clears_upper(value + guard):
            return Outcome.PASS
        if not region.clears_lower(value + guard) or not region.clears_upper(value - guard):
            return Outcome.FAIL
        return Outcome.INCONCLUSIVE

    def _by_probability(self, conforms: float, region: Region) -> Outcome:
        # The end of a closed region passes and does not fail, as with a guard band; of an open one the reverse.
        closed = region.lower_closed and region.upper_closed
        conforms, wanted = round_significant(conforms), round_significant(self.probability)
        if conforms > wanted or (closed and conforms == wanted):
            return Outcome.PASS
        refused = round_significant(1.0 - self.probability)
        if conforms < refused or (not closed and conforms == refused):
            return Outcome.FAIL
        return Outcome.INCONCLUSIVE

    def wording(self, outcome: Outcome, conforms: bool | None = None) -> str:
        """Return the words of the rule for an outcome.

        Parameters
        ----------
        outcome : Outcome
            What was decided.
        conforms : bool, optional
            Whether the value alone conforms; `ilac-g8` tells conditional pass from conditional fail by it.

        Returns
        -------
        str
            For example "conditional pass".
        """
        if self.name == "ilac-g8" and outcome is Outcome.INCONCLUSIVE and conforms is not None:
            return "conditional pass" if conforms else "conditional fail"
        return outcome.value.replace("_", " ")


_NAMED = {
    one.name: one
    for one in (
        Decision("guarded-95", guard_factor=1.645, probability=0.95, widens=True),
        Decision("simple", guard_factor=0.0, probability=0.5, widens=False),
        # U = 2u is what the guide prescribes, whatever the degrees of freedom
        Decision("ilac-g8", guard_factor=2.0, probability=NormalDist().cdf(2.0), widens=False),
    )
}


def parse_decision(name: "str | Decision") -> Decision:
    """Return the decision rule of a name.

    Parameters
    ----------
    name : str or Decision
        `guarded-95`, `simple`, `ilac-g8` or `probability(p)` with 0.5 <= p < 1; a rule is returned as it is.

    Returns
    -------
    Decision
        The rule.

    Raises
    ------
    UnknownNameError
        No rule has this name.
    InputError
        The probability is out of range.

    Examples
    --------
    >>> parse_decision("probability(0.95)").name
    'probability(0.95)'
    >>> parse_decision("guarded-59")
    Traceback (most recent call last):
        ...
    labdb.errors.UnknownNameError: no decision rule "guarded-59"; did you mean guarded-95?
    """
    if isinstance(name, Decision):
        return name
    wanted = name.strip()
    if wanted in _NAMED:
        return _NAMED[wanted]
    found = _PROBABILITY.fullmatch(wanted)
    if not found:
        raise UnknownNameError("decision rule", name, [*_NAMED, "probability(0.95)"])
    try:
        p = float(found[1])
    except ValueError as error:
        raise InputError(f'decision rule "{name}": found "{found[1]}"; expected a number like 0.95') from error
    if not 0.5 <= p < 1:
        raise InputError(f'decision rule "{name}": found {p:g}; expected a probability from 0.5 to below 1')
    return Decision(f"probability({p!r})", NormalDist().inv_cdf(p), p, widens=True, by_probability=True)


def probability_of_conformity(
    value: float, u: float, region: Region, *, floor: float | None = None, dof: float | None = None
) -> float:
    """Return the probability that the true value conforms, given a value and its standard uncertainty.

    Parameters
    ----------
    value, u : float, scalar [unit of the limit]
        The value and its standard uncertainty; u = 0 gives 0 or 1.
    region : Region
        What conforms.
    floor : float, optional, scalar [unit of the limit]
        What the quantity cannot be below: the distribution is cut there.
    dof : float, optional, scalar [1]
        Degrees of freedom of `u`; below 30 Student's t stands for the normal distribution.

    Returns
    -------
    float, scalar [1]
        Between 0 and 1.

    Notes
    -----
    Source: JCGM 106:2012 7.2 to 7.4; scaled and shifted t after JCGM 101:2008 6.4.9. Cut at a floor a:
    [F(b) - F(max(a, lower))] / [1 - F(a)].

    Examples
    --------
    >>> round(probability_of_conformity(5.4, 0.4, Region(upper=5.0), floor=0.0), 6)
    0.158655
    """
    if u == 0:
        return 1.0 if region.contains(value) else 0.0
    low = -math.inf if region.lower is None else region.lower
    high = math.inf if region.upper is None else region.upper
    if floor is None:
        return max(0.0, _above((low - value) / u, dof) - _above((high - value) / u, dof))
    low, high = max(low, floor), max(high, floor)
    whole = _above((floor - value) / u, dof)
    if whole == 0.0:  # the value is so far below the floor that what is left of the distribution stands on the floor
        return 1.0 if low <= floor < high else 0.0
    part = _above((low - value) / u, dof) - _above((high - value) / u, dof)
    return min(1.0, max(0.0, part / whole))


def _above(z: float, dof: float | None) -> float:
    """Return the probability above z; the complementary error function keeps its digits far out in the tail."""
    if dof is None or dof >= _MANY_DOF or math.isinf(z):
        return 0.5 * math.erfc(z / math.sqrt(2.0))
    from scipy.stats import t

    return float(t.sf(z, dof))
