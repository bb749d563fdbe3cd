"""Method: judge on another basis than the limit's own, under a stated assumption, with the own basis beside it.

Lead per day follows from lead per mass and the mass taken per day. That only released lead counts is no conversion but
an assumption: it is named, printed inside the verdict, and never printed without the verdict on total lead.
"""

import math
from dataclasses import dataclass, replace
from datetime import date

from labdb.compliance.comparability import require_comparable
from labdb.compliance.decision import Decision, parse_decision
from labdb.compliance.judgement import Judgement, judge, not_assessed
from labdb.compliance.limit import Basis, Limit
from labdb.errors import EvidenceError, InputError, UnitError
from labdb.quantity import Censoring, Quantity, UncertaintyOrigin, quantity_kind

# What an assumption of availability may stand in for: the released quantity for the total one, in the same unit.
_STANDS_FOR = {
    "released_lead_per_day": ("total_lead_per_day", Basis.RELEASED_PER_DAY),
    "released_lead_mass_fraction": ("total_lead_mass_fraction", Basis.RELEASED_PER_MASS),
}


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is assumed to judge on another basis.

    Parameters
    ----------
    id : str
        Short name, for example "A1".
    text : str
        The sentence that is printed: "only released lead is available, over 42 d, in water".
    """

    id: str
    text: str

    def __post_init__(self) -> None:
        for name, words in (("id", self.id), ("text", self.text)):
            if not words.strip():
                raise InputError(f"assumption: found no {name}; an assumption is named and said in a sentence")


@dataclass(frozen=True, slots=True)
class AssumedJudgement:
    """Two judgements that are never parted.

    Parameters
    ----------
    assumption : Assumption
        What was assumed.
    assumed : Judgement
        On the assumed basis.
    own : Judgement
        On the basis of the limit itself.
    wording : str
        Both, in one line.
    """

    assumption: Assumption
    assumed: Judgement
    own: Judgement
    wording: str

    def as_json(self) -> dict[str, object]:
        """Return both judgements as plain data, ready for `json.dumps`.

        Returns
        -------
        dict
            Assumption, both judgements, wording.
        """
        return {
            "assumption": {"id": self.assumption.id, "text": self.assumption.text},
            "assumed": self.assumed.as_json(),
            "own": self.own.as_json(),
            "wording": self.wording,
        }


def released_per_day(released: Quantity, daily_mass_mg: float) -> Quantity:
    """Return the lead released per day by a mass taken per day.

    Parameters
    ----------
    released : Quantity
        Released lead mass fraction; a bound stays a bound.
    daily_mass_mg : float, scalar [mg]
        Mass of particles taken per day, by definition exact.

    Returns
    -------
    Quantity
        Kind released_lead_per_day [ug/d].

    Raises
    ------
    UnitError
        The quantity is of another kind.
    InputError
        The mass is not positive.

    Notes
    -----
    Source: mass balance; all of the lead released over the whole leach test is counted for the day.

    Examples
    --------
    >>> round(released_per_day(Quantity(20.0, "ug/g", "released_lead_mass_fraction", u=0.0), 10.0).value, 12)
    0.2
    """
    _require_kind(released, "released_lead_mass_fraction")
    canonical = released.to("ug/g")
    grams = _positive_mass(daily_mass_mg) / 1000.0
    return Quantity(
        canonical.value * grams,
        "ug/d",
        "released_lead_per_day",
        u=None if canonical.u is None else canonical.u * grams,
        u_origin=canonical.u_origin,
        censoring=canonical.censoring,
        threshold_meaning=canonical.threshold_meaning,
        n=canonical.n,
    )


def total_lead_per_day(w: Quantity, x_pb: float, daily_mass_mg: float) -> Quantity:
    """Return the total lead in a mass of particles taken per day.

    Parameters
    ----------
    w : Quantity
        Perovskite mass fraction of the particles.
    x_pb : float, scalar [1]
        Lead mass fraction of the perovskite, from its formula: 0.3574 for CsPbBr3.
    daily_mass_mg : float, scalar [mg]
        Mass of particles taken per day, by definition exact.

    Returns
    -------
    Quantity
        Kind total_lead_per_day [ug/d].

    Raises
    ------
    UnitError
        `w` is of another kind.
    InputError
        The lead mass fraction is not between 0 and 1, or the mass is not positive.

    Notes
    -----
    Source: mass balance, m(Pb) = w x(Pb) m.

    Examples
    --------
    >>> round(total_lead_per_day(Quantity(0.2, "1", "perovskite_mass_fraction", u=0.0), 0.3574, 10.0).value, 1)
    714.8
    """
    _require_kind(w, "perovskite_mass_fraction")
    if not 0.0 < x_pb < 1.0:
        raise InputError(f"lead mass fraction of the perovskite: found {x_pb}; expected a number between 0 and 1")
    canonical = w.to("1")
    scale = x_pb * _positive_mass(daily_mass_mg) * 1000.0
    u = None if canonical.u is None else canonical.u * scale
    return Quantity(
        canonical.value * scale,
        "ug/d",
        "total_lead_per_day",
        u=u,
        u_origin=canonical.u_origin if u is None or u == 0.0 else UncertaintyOrigin.COMPUTED,
        censoring=canonical.censoring,
        threshold_meaning=canonical.threshold_meaning,
    )


def judge_under_assumption(
    released: Quantity,
    own: Quantity | None,
    limit: Limit,
    assumption: Assumption,
    decision: str | Decision = "guarded-95",
    *,
    dof: float | None = None,
    on: date | None = None,
) -> AssumedJudgement:
    """Judge released lead against a limit on total lead, under an assumption, with total lead beside it.

    Parameters
    ----------
    released : Quantity
        On the assumed basis: released lead per day or per mass.
    own : Quantity or None
        On the basis of the limit; None gives "not assessed", and is said.
    limit : Limit
        A limit on total lead per day or per mass.
    assumption : Assumption
        What makes released lead stand for total lead.
    decision : str or Decision
        The rule, for both.
    dof : float, optional, scalar [1]
        Degrees of freedom of the released quantity's uncertainty.
    on : date, optional
        Day of the verdict.

    Returns
    -------
    AssumedJudgement
        Both judgements and one line with both.

    Raises
    ------
    EvidenceError
        The released quantity cannot stand for what the limit is on.

    Notes
    -----
    Source: own rule: a limit is judged on its own basis.

    Examples
    --------
    >>> from labdb.compliance.limit import limit
    >>> bound = Quantity(0.2, "ug/d", "released_lead_per_day", u=0.0, censoring="below", threshold_meaning="below_LC")
    >>> total = Quantity(714.8, "ug/d", "total_lead_per_day", u=0.0)
    >>> a1 = Assumption("A1", "only released lead is available, over 42 d, in water")
    >>> judge_under_assumption(bound, total, limit("ICHQ3D-Pb-oral"), a1).wording
    'released: pass under assumption A1; total: FAIL, 143 x'
    """
    rule = parse_decision(decision)
    assumed = judge(released, assumed_limit(released.kind, limit), rule, dof=dof, on=on)
    return stand_beside(assumed, own, limit, assumption, rule, on=on)


def assumed_limit(kind: str, limit: Limit) -> Limit:
    """Return the limit as if it were on the released quantity, to judge by under an assumption; see `stand_beside`.

    Parameters
    ----------
    kind : str
        Kind of the released quantity.
    limit : Limit
        A limit on total lead per day or per mass.

    Returns
    -------
    Limit
        The same number on the assumed basis.

    Raises
    ------
    EvidenceError
        The released quantity cannot stand for what the limit is on.

    Examples
    --------
    >>> from labdb.compliance.limit import limit
    >>> assumed_limit("released_lead_per_day", limit("ICHQ3D-Pb-oral")).kind
    'released_lead_per_day'
    """
    stands_for, basis = _STANDS_FOR.get(kind, ("", limit.basis))
    if stands_for != limit.kind:
        require_comparable(kind, limit)
        raise EvidenceError(f"{kind} is the limit's own kind: judge it without an assumption")
    return replace(limit, kind=kind, basis=basis)


def stand_beside(
    assumed: Judgement,
    own: Quantity | None,
    limit: Limit,
    assumption: Assumption,
    decision: str | Decision = "guarded-95",
    *,
    on: date | None = None,
) -> AssumedJudgement:
    """Put the judgement on the limit's own basis beside one that was made under an assumption.

    Parameters
    ----------
    assumed : Judgement
        By `assumed_limit`, of one pull or of a series.
    own : Quantity or None
        On the basis of the limit; None gives "not assessed", and is said.
    limit : Limit
        The limit itself.
    assumption : Assumption
        What was assumed.
    decision : str or Decision
        The rule, for the own basis.
    on : date, optional
        Day of the verdict.

    Returns
    -------
    AssumedJudgement
        Both judgements and one line with both.
    """
    rule = parse_decision(decision)
    assumed = replace(
        assumed,
        limit=limit,
        wording=f"{assumed.wording} under assumption {assumption.id}",
        reason=f"{assumed.reason} Assumption {assumption.id}: {assumption.text}.",
    )
    if own is None:
        why = f"No {quantity_kind(limit.kind).label} is known, and the limit is on it."
        beside = not_assessed(limit, rule, why, on=on)
    else:
        beside = judge(own, limit, rule, on=on)
        times = times_the_limit(beside)
        if times is not None:
            beside = replace(beside, reason=f"{beside.reason} It is {times} the limit.")
    return AssumedJudgement(assumption, assumed, beside, f"released: {assumed.wording}; total: {_own_words(beside)}")


def times_the_limit(one: Judgement) -> str | None:
    """Return how many times the limit a judged value is, in words: "114 x"; None for a bound, or without a value.

    Parameters
    ----------
    one : Judgement
        Any judgement.

    Returns
    -------
    str or None
        Three significant digits.
    """
    if one.quantity is None or one.quantity.censoring is not Censoring.NONE or one.limit.value <= 0:
        return None
    return f"{one.quantity.to(one.limit.unit).value / one.limit.value:.3g} x"


def _own_words(own: Judgement) -> str:
    words = own.wording.replace("fail", "FAIL", 1) if own.outcome.value == "fail" else own.wording
    times = times_the_limit(own)
    return words if times is None else f"{words}, {times}"


def _require_kind(quantity: Quantity, kind: str) -> None:
    if quantity.kind != kind:
        raise UnitError(f"found {quantity} of kind {quantity.kind}; expected {kind}")


def _positive_mass(daily_mass_mg: float) -> float:
    if not (math.isfinite(daily_mass_mg) and daily_mass_mg > 0):
        raise InputError(f"daily mass: found {daily_mass_mg} mg; expected more than 0 mg")
    return daily_mass_mg
