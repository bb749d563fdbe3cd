"""Method: how low a detection limit, or how high a loading, lets "nothing detected" pass.

The inequality that judges a non-detect, solved for what a laboratory can choose.
"""

import math
from collections.abc import Callable

from labdb.compliance.decision import Decision, Region, parse_decision, region_of
from labdb.compliance.judgement import threshold_spread
from labdb.compliance.limit import Limit
from labdb.errors import EvidenceError, InputError
from labdb.quantity import Quantity, ThresholdMeaning

# Relative uncertainty of a loading that is planned for while none is recorded: a suspension made with a poor pipette.
PLANNED_U_REL = 0.05

# Products and quotients differ in the 16th digit with the order they are formed in; advice must survive either order.
_ROUNDING = 1e-14


def required_bound(
    limit: Limit,
    decision: str | Decision = "guarded-95",
    *,
    u_rel: float = 0.0,
    meaning: ThresholdMeaning | None = None,
    dof: float | None = None,
) -> float:
    """Return the largest bound of a non-detect that still passes.

    Parameters
    ----------
    limit : Limit
        A limit with an upper end above zero.
    decision : str or Decision
        The rule.
    u_rel : float, scalar [1]
        Relative standard uncertainty of the bound: loading, volume, dilution.
    meaning : ThresholdMeaning, optional
        What "<" means; None counts as not stated.
    dof : float, optional, scalar [1]
        Degrees of freedom; None is many.

    Returns
    -------
    float, scalar [unit of the limit]
        L / (1 + k sqrt(u_rel^2 + spread^2)), or the next number inside where the end itself does not pass.

    Raises
    ------
    EvidenceError
        No bound from above can show this limit.
    InputError
        The relative uncertainty is negative or not finite.

    Notes
    -----
    Source: the inequality of `judge`, solved for the bound. Below LQ the spread is a tenth of the threshold, the
    relative standard deviation that defines LQ (Currie 1995).

    Examples
    --------
    >>> from labdb.compliance.limit import limit
    >>> required_bound(limit("PAPER-5UGG"), "simple")
    5.0
    >>> round(required_bound(limit("PAPER-5UGG"), meaning=ThresholdMeaning.BELOW_LD), 3)
    3.333
    """
    if not (math.isfinite(u_rel) and u_rel >= 0.0):
        raise InputError(f"relative uncertainty: found {u_rel}; expected 0 or more")
    region = region_of(limit)
    if region.upper is None or not a_bound_can_show(region):
        raise EvidenceError(f"limit {limit.id} ({limit}): no detection limit can show it; a measured value is needed")
    guard = 1.0 + parse_decision(decision).factor(dof) * math.hypot(u_rel, threshold_spread(meaning))
    return _inside(region.upper / guard, lambda bound: region.clears_upper(bound * guard * (1.0 + _ROUNDING)))


def a_bound_can_show(region: Region) -> bool:
    """Whether a low enough bound from above would conform: an upper end above zero, and no lower end above zero."""
    return region.upper is not None and region.upper > 0.0 and (region.lower is None or region.lower <= 0.0)


def _inside(value: float, passes: Callable[[float], bool]) -> float:
    """Return the value, or the first number below it that passes: an open end is left by a part in 1e11 or so."""
    step = 1e-13
    while not passes(value):
        value *= 1.0 - step
        step *= 10.0
    return value


def required_detection_limit(
    limit: Limit,
    loading: Quantity,
    decision: str | Decision = "guarded-95",
    *,
    meaning: ThresholdMeaning | None = None,
    u_rel: float | None = None,
    dof: float | None = None,
) -> float:
    """Return the detection limit that a suspension needs, so that "nothing detected" passes.

    Parameters
    ----------
    limit : Limit
        A limit on the released lead mass fraction.
    loading : Quantity
        Particle loading, with its uncertainty (missing: 5 % is planned for).
    decision : str or Decision
        The rule.
    meaning : ThresholdMeaning, optional
        What "<" will mean; None counts as not stated.
    u_rel : float, optional, scalar [1]
        Relative standard uncertainty of the whole bound, where dilution or volume add to the loading's.
    dof : float, optional, scalar [1]
        Degrees of freedom; None is many.

    Returns
    -------
    float, scalar [ug/L]
        LD_max = L loading / (1 + k sqrt(u_rel^2 + spread^2)).

    Raises
    ------
    EvidenceError
        The limit is on another kind, or no detection limit can show it.

    Notes
    -----
    Source: the decision inequality, solved for what it asks of the measurement.

    Examples
    --------
    >>> from labdb.compliance.limit import limit
    >>> loading = Quantity(0.5, "mg/mL", "particle_loading", u=0.01)
    >>> round(required_detection_limit(limit("PAPER-5UGG"), loading, meaning=ThresholdMeaning.BELOW_LC), 2)
    2.42
    """
    amount, u_loading = loading_with_share(loading)
    return amount * _bound_ug_g(limit, decision, u_loading if u_rel is None else u_rel, meaning, dof)


def required_loading(
    limit: Limit,
    detection_limit: Quantity,
    decision: str | Decision = "guarded-95",
    *,
    u_rel: float = 0.0,
    meaning: ThresholdMeaning | None = None,
    dof: float | None = None,
) -> float:
    """Return the particle loading that a detection limit needs, so that "nothing detected" passes.

    Parameters
    ----------
    limit : Limit
        A limit on the released lead mass fraction.
    detection_limit : Quantity
        Detection limit, or whatever threshold will stand behind "<".
    decision : str or Decision
        The rule.
    u_rel : float, scalar [1]
        Relative standard uncertainty of the loading.
    meaning : ThresholdMeaning, optional
        What "<" will mean; None counts as not stated.
    dof : float, optional, scalar [1]
        Degrees of freedom; None is many.

    Returns
    -------
    float, scalar [mg/mL]
        loading_min = LD (1 + k sqrt(u_rel^2 + spread^2)) / L.

    Raises
    ------
    EvidenceError
        The limit is on another kind, or no detection limit can show it.

    Notes
    -----
    Source: the decision inequality, solved for what it asks of the measurement.

    Examples
    --------
    >>> from labdb.compliance.limit import limit
    >>> ld = Quantity(10.0, "ug/L", "lead_mass_concentration", u=0.0)
    >>> round(required_loading(limit("PAPER-5UGG"), ld, u_rel=0.02, meaning=ThresholdMeaning.BELOW_LC), 2)
    2.07
    """
    return detection_limit.to("ug/L").value / _bound_ug_g(limit, decision, u_rel, meaning, dof)


def _bound_ug_g(
    limit: Limit, decision: str | Decision, u_rel: float, meaning: ThresholdMeaning | None, dof: float | None
) -> float:
    if limit.kind != "released_lead_mass_fraction":
        raise EvidenceError(f"limit {limit.id} is on {limit.kind}; a loading leads to released_lead_mass_fraction only")
    bound = required_bound(limit, decision, u_rel=u_rel, meaning=meaning, dof=dof)
    return Quantity(bound, limit.unit, limit.kind, u=0.0).to("ug/g").value


def loading_with_share(loading: Quantity) -> tuple[float, float]:
    """Return a loading and its relative uncertainty, the planned one if none is recorded.

    Parameters
    ----------
    loading : Quantity
        Particle loading.

    Returns
    -------
    amount : float, scalar [mg/mL]
        The loading.
    u_rel : float, scalar [1]
        Its relative standard uncertainty.

    Raises
    ------
    InputError
        The loading is not positive.

    Examples
    --------
    >>> loading_with_share(Quantity(0.5, "mg/mL", "particle_loading", u=0.01))
    (0.5, 0.02)
    """
    canonical = loading.to("mg/mL")
    if not canonical.value > 0.0:
        raise InputError(f"particle loading: found {loading}; expected more than 0 mg/mL")
    return canonical.value, PLANNED_U_REL if canonical.u is None else canonical.u / canonical.value
