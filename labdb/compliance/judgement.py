"""Method: judge a quantity against a limit by a decision rule: pass, fail, inconclusive, and why.

A non-detect ("< 20 ug/g") passes when even its bound, guarded, conforms, and it never fails. A missing uncertainty is
not zero: the answer then is inconclusive, with the uncertainty that would decide.
"""

import math
from dataclasses import dataclass
from datetime import date

from labdb.compliance.comparability import require_comparable
from labdb.compliance.decision import Decision, Outcome, Region, parse_decision, probability_of_conformity, region_of
from labdb.compliance.limit import Limit, limit_status_words
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, quantity_kind

# Standard uncertainty of a threshold over the threshold. A true value at the detection limit is reported as "<" half
# of the time, unless "<" means "below the critical value" (AMC Technical Brief 92); the spread there is LD / 3.29
# (Currie). At the quantification limit, 10 s by definition, the same holds with a spread of a tenth.
_THRESHOLD_SPREAD = {
    ThresholdMeaning.BELOW_LC: 0.0,
    ThresholdMeaning.BELOW_LD: 1.0 / 3.29,
    ThresholdMeaning.BELOW_LQ: 0.1,
    ThresholdMeaning.NOT_STATED: 1.0 / 3.29,
}

_FROM_LOADING = ("released_lead_mass_fraction", "released_lead_per_day")

# Of a limit: what rounding to 12 digits may hide, so that a number just inside an open end is seen to be inside.
_UNSEEN = 1e-11


@dataclass(frozen=True, slots=True)
class Judgement:
    """One quantity against one limit by one rule.

    Parameters
    ----------
    outcome : Outcome
        Pass, fail, inconclusive, not assessed.
    wording : str
        The outcome in the rule's words, with what has to be said of the limit: "pass (unverified limit)".
    reason : str
        One sentence for a safety officer.
    limit : Limit
        The limit.
    decision : str
        Name of the rule.
    quantity : Quantity, optional
        What was judged, in the unit of the limit; None when not assessed.
    guard : float, optional, scalar [unit of the limit]
        Guard band g; None where an uncertainty is missing.
    margin : float, optional, scalar [unit of the limit]
        Distance from the value (or shown bound) to the limit, L - y for an upper limit, y - L for a lower one: positive
        on the conforming side.
    u_that_would_decide : float, optional, scalar [unit of the limit]
        Largest standard uncertainty with which this value would pass or fail; None if decided, or if none would.
    effective_bound : float, optional, scalar [unit of the limit]
        Of a censored quantity: its bound with the guard band.
    p_conform : float, optional, scalar [1]
        Probability of conformity of a value with its uncertainty.
    """

    outcome: Outcome
    wording: str
    reason: str
    limit: Limit
    decision: str
    quantity: Quantity | None = None
    guard: float | None = None
    margin: float | None = None
    u_that_would_decide: float | None = None
    effective_bound: float | None = None
    p_conform: float | None = None

    def as_json(self) -> dict[str, object]:
        """Return the judgement as plain data; the limit by id and digest.

        Returns
        -------
        dict
            Ready for `json.dumps`, absent numbers as null.
        """
        return {
            "outcome": self.outcome.value,
            "wording": self.wording,
            "reason": self.reason,
            "limit": self.limit.id,
            "limit_digest": self.limit.digest(),
            "decision": self.decision,
            "quantity": None if self.quantity is None else self.quantity.as_json(),
            "unit": self.limit.unit,
            "guard": self.guard,
            "margin": self.margin,
            "u_that_would_decide": self.u_that_would_decide,
            "effective_bound": self.effective_bound,
            "p_conform": self.p_conform,
        }


def judge(
    quantity: Quantity,
    limit: Limit,
    decision: str | Decision = "guarded-95",
    *,
    dof: float | None = None,
    on: date | None = None,
) -> Judgement:
    """Judge a quantity against a limit.

    Parameters
    ----------
    quantity : Quantity
        A value with its standard uncertainty, or a bound (`< 20 ug/g`, `> 42 d`) with the uncertainty of the bound.
    limit : Limit
        One-sided, or an interval.
    decision : str or Decision
        The rule.
    dof : float, optional, scalar [1]
        Degrees of freedom of the standard uncertainty; None is many.
    on : date, optional
        Day of the verdict: a limit not valid on it is said to be so.

    Returns
    -------
    Judgement
        Never an exception for a weak measurement: that is inconclusive.

    Raises
    ------
    EvidenceError
        The quantity is of another kind than the limit; the message names what is missing to come there.
    UnitError
        The quantity is of another kind, and nothing leads from one to the other.

    Notes
    -----
    Source: JCGM 106:2012 8; ILAC-G8:09/2019 4.2; non-detects after AMC Technical Brief 92 and Currie (IUPAC 1995).

    Examples
    --------
    >>> from labdb.compliance.limit import limit
    >>> judge(Quantity(2.0, "ug/g", "released_lead_mass_fraction", u=0.4), limit("PAPER-5UGG")).wording
    'pass (unverified limit)'
    """
    rule = parse_decision(decision)
    require_comparable(quantity.kind, limit)
    case = _Case(quantity.to(limit.unit), limit, rule, region_of(limit), rule.factor(dof), dof, on)
    match case.quantity.censoring:
        case Censoring.NONE:
            return _judge_value(case)
        case Censoring.BELOW:
            return _judge_below(case)
        case Censoring.ABOVE:
            return _judge_above(case)


def not_assessed(limit: Limit, decision: str | Decision, why: str, *, on: date | None = None) -> Judgement:
    """Return the judgement that there is no evidence: a row of the table, never an abort.

    Parameters
    ----------
    limit : Limit
        The limit.
    decision : str or Decision
        The rule that would have been used.
    why : str
        What is missing, one sentence.
    on : date, optional
        Day of the verdict.

    Returns
    -------
    Judgement
        With the outcome `not_assessed`.
    """
    rule = parse_decision(decision)
    return Judgement(
        Outcome.NOT_ASSESSED, with_status(rule.wording(Outcome.NOT_ASSESSED), limit, on), why, limit, rule.name
    )


def threshold_spread(meaning: ThresholdMeaning | None) -> float:
    """Return the standard uncertainty of a threshold over the threshold, by what "<" means.

    Parameters
    ----------
    meaning : ThresholdMeaning or None
        What "<" means; None counts as not stated.

    Returns
    -------
    float, scalar [1]
        0 below LC (bound LD), 1/3.29 below LD or not stated, 1/10 below LQ.

    Notes
    -----
    Source: AMC Technical Brief 92 (RSC); Currie, Pure Appl. Chem. 67 (1995) 1699: LC, LD, LQ = 1.645, 3.29, 10 s.
    The value for LQ is this project's choice, by the same reasoning as for LD.

    Examples
    --------
    >>> threshold_spread(ThresholdMeaning.BELOW_LQ)
    0.1
    """
    return _THRESHOLD_SPREAD[meaning or ThresholdMeaning.NOT_STATED]


def with_status(words: str, limit: Limit, on: date | None = None) -> str:
    """Return a verdict's words with what has to be said of its limit in brackets."""
    status = limit_status_words(limit, on)
    return f"{words} ({status})" if status else words


@dataclass(frozen=True, slots=True)
class _Case:
    quantity: Quantity  # in the unit of the limit
    limit: Limit
    rule: Decision
    region: Region
    factor: float
    dof: float | None
    on: date | None

    @property
    def label(self) -> str:
        label = quantity_kind(self.quantity.kind).label
        return label[:1].upper() + label[1:]

    @property
    def floor(self) -> float | None:
        return 0.0 if quantity_kind(self.quantity.kind).lower == 0 else None

    def number(self, value: float) -> str:
        unit = "" if self.limit.unit == "1" else f" {self.limit.unit}"
        return f"{value:.3g}{unit}"

    def result(self, outcome: Outcome, reason: str, conforms: bool | None = None, **numbers: float | None) -> Judgement:
        wording = with_status(self.rule.wording(outcome, conforms), self.limit, self.on)
        margin = self.region.margin(self.quantity.value)
        return Judgement(outcome, wording, reason, self.limit, self.rule.name, self.quantity, margin=margin, **numbers)

    @property
    def limit_text(self) -> str:
        return with_status(str(self.limit), self.limit, self.on)


def _judge_value(case: _Case) -> Judgement:
    quantity, rule, region = case.quantity, case.rule, case.region
    conforms = region.contains(quantity.value)
    if quantity.u is None and rule.needs_uncertainty:
        would = _u_that_decides(case)
        reason = f"{case.number(quantity.value)}, no u recorded; {_to_call(case, would, conforms)}."
        return case.result(Outcome.INCONCLUSIVE, reason, u_that_would_decide=would)
    u = quantity.u or 0.0
    outcome = rule.decide(quantity.value, u, region, floor=case.floor, dof=case.dof)
    guard = case.factor * u
    p_conform = None
    if quantity.u is not None:
        p_conform = probability_of_conformity(quantity.value, u, region, floor=case.floor, dof=case.dof)
    would = _u_that_decides(case) if outcome is Outcome.INCONCLUSIVE else None
    return case.result(
        outcome,
        _reason(case, outcome, guard, p_conform, would),
        conforms,
        guard=guard,
        u_that_would_decide=would,
        p_conform=p_conform,
    )


def _reason(case: _Case, outcome: Outcome, guard: float, p_conform: float | None, would: float | None) -> str:
    shown = f"{case.label} is {case.quantity}"
    margin = case.region.margin(case.quantity.value)
    distance, band = case.number(abs(margin)), f"the guard band of {case.number(guard)}"
    chance = "" if p_conform is None else f"; it conforms with a probability of {p_conform:.3g}"
    if outcome is not Outcome.INCONCLUSIVE:
        verb = "keeps to" if outcome is Outcome.PASS else "misses"
        enough = f", no less than {band}" if guard and not case.rule.by_probability else ""
        return (
            f"{shown}: it {verb} {case.limit_text} by {distance}{enough}{chance if case.rule.by_probability else ''}."
        )
    side = "inside" if case.region.contains(case.quantity.value) else "outside"
    text = f"{shown}, {distance} {side} {case.limit_text}"
    text += chance if case.rule.by_probability else f": less than {band}"
    return f"{text}; {_to_call(case, would, conforms=side == 'inside')}."


def _to_call(case: _Case, would: float | None, conforms: bool) -> str:
    if would is None:
        return "it lies on the limit, and no uncertainty above 0 would decide"
    value = case.quantity.value
    share = f" ({100 * would / abs(value):.2g} %)" if value else ""
    unit = "" if case.limit.unit == "1" else f" {case.limit.unit}"
    return f"to call this a {'pass' if conforms else 'fail'} u must be <= {would:.2g}{unit}{share}"


def _u_that_decides(case: _Case) -> float | None:
    """Return the largest u with which the value is decided; a rule by probability is solved by halving."""
    gap = abs(case.region.margin(case.quantity.value))
    if gap == 0.0 or case.factor == 0.0:
        return None

    def decided(u: float) -> bool:
        found = case.rule.decide(case.quantity.value, u, case.region, floor=case.floor, dof=case.dof)
        return found is not Outcome.INCONCLUSIVE

    largest = gap / case.factor
    if decided(largest):
        return largest
    low, high = 0.0, largest
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if decided(middle) else (low, middle)
    return low or None


def _guard_of_bound(case: _Case) -> float | None:
    """Return the guard band of a bound, None if its uncertainty is missing and needed."""
    if case.factor == 0.0:
        return 0.0
    if case.quantity.u is None:
        return None
    return case.factor * math.hypot(case.quantity.u, _u_of_threshold(case))


def _u_of_threshold(case: _Case) -> float:
    if case.quantity.censoring is not Censoring.BELOW:
        return 0.0
    return abs(case.quantity.value) * threshold_spread(case.quantity.threshold_meaning)


def _u_of_bound_that_decides(case: _Case, gap: float, end: float) -> float | None:
    """Return the largest uncertainty of a bound that still decides, the bound being a gap inside an end."""
    gap -= _UNSEEN * abs(end)
    if gap <= 0.0 or case.factor == 0.0:
        return None
    left = (gap / case.factor) ** 2 - _u_of_threshold(case) ** 2
    return math.sqrt(left) if left > 0.0 else None


def _judge_below(case: _Case) -> Judgement:
    """Judge "< B": it can pass under an upper end; it never fails."""
    region, bound = case.region, case.quantity.value
    guard = _guard_of_bound(case)
    floor_conforms = region.lower is None or (case.floor is not None and region.clears_lower(case.floor))
    if region.upper is None or not floor_conforms:
        reason = f"{case.label} is {case.quantity}: a bound from above cannot show {case.limit_text}, a value could."
        return case.result(Outcome.INCONCLUSIVE, reason, guard=guard)
    effective = None if guard is None else bound + guard
    if effective is not None and region.clears_upper(effective):
        reason = f"{case.label} is {case.quantity}, at most {case.number(effective)} with the guard band: it keeps to"
        return case.result(Outcome.PASS, f"{reason} {case.limit_text}.", guard=guard, effective_bound=effective)
    would = _u_of_bound_that_decides(case, region.upper - bound, region.upper)
    conforms = True if region.clears_upper(bound) else None  # a bound beyond the limit is not even "conditional"
    return case.result(
        Outcome.INCONCLUSIVE,
        _reason_below(case, effective, would),
        conforms,
        guard=guard,
        effective_bound=effective,
        u_that_would_decide=would,
    )


def _reason_below(case: _Case, effective: float | None, would: float | None) -> str:
    shown = f"{case.label} is {case.quantity}"
    if effective is None:
        what = "loading has no uncertainty" if case.quantity.kind in _FROM_LOADING else "the bound has no uncertainty"
        if would is not None:
            return f"{shown}, but {what} recorded; {_to_call(case, would, True)}."
        return f"{shown}, and {what} recorded: the measurement cannot see {case.limit_text} either way."
    if effective > case.quantity.value:
        shown = f"{shown}, at most {case.number(effective)} with the guard band"
    return f"{shown}: the measurement cannot see {case.limit_text}; nothing was detected, so this is not a fail."


def _judge_above(case: _Case) -> Judgement:
    """Judge "> B": it can pass over a lower end and fail over an upper one."""
    region, bound = case.region, case.quantity.value
    guard = _guard_of_bound(case)
    effective = None if guard is None else bound - guard
    shown = f"{case.label} is {case.quantity}"
    if effective is not None:
        least = f"{shown}, at least {case.number(effective)} with the guard band"
        if not region.clears_upper(effective):
            reason = f"{least}: it misses {case.limit_text}."
            return case.result(Outcome.FAIL, reason, guard=guard, effective_bound=effective)
        if region.upper is None and region.clears_lower(effective):
            reason = f"{least}: it keeps to {case.limit_text}."
            return case.result(Outcome.PASS, reason, guard=guard, effective_bound=effective)
    end = region.upper if region.upper is not None else region.lower or 0.0
    would = _u_of_bound_that_decides(case, bound - end, end)
    reason = f"{shown}: a bound from below cannot decide {case.limit_text}"
    if would is not None:
        reason = f"{shown}; {_to_call(case, would, conforms=region.upper is None)}"
    return case.result(
        Outcome.INCONCLUSIVE, f"{reason}.", guard=guard, effective_bound=effective, u_that_would_decide=would
    )
