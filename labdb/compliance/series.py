"""Method: judge a series of pulls: release up to the last one is the largest value, retention the smallest.

A series passes only if every pull passes, a non-detect entering as its bound; it fails if a detected value fails, a
non-detect entering as nothing. One blind pull therefore keeps a series from passing, and never makes it fail.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from labdb.compliance.comparability import require_comparable
from labdb.compliance.decision import Decision, Outcome, parse_decision, region_of
from labdb.compliance.judgement import (
    Judgement,
    judge,
    not_assessed,
    threshold_spread,
    with_status,
)
from labdb.compliance.limit import Limit
from labdb.errors import InputError
from labdb.finding import Finding, Severity
from labdb.quantity import Censoring, Quantity

# One-sided 95 %: a fall within it is noise (1.645 u).
_FALL = 1.645

LEAD_LOST = "LEACH-LOST"


@dataclass(frozen=True, slots=True)
class SeriesJudgement:
    """A series of pulls against one limit.

    Parameters
    ----------
    outcome : Outcome
        Of the series.
    wording : str
        In the rule's words, with what has to be said of the limit.
    reason : str
        One sentence for a safety officer, with the age up to which it holds.
    judged : Judgement
        Of the pull that decides the series.
    judged_age_d : float, optional, scalar [d]
        Age of that pull; None when nothing was assessed.
    up_to_d : float, optional, scalar [d]
        Age of the last pull; the verdict says nothing beyond it.
    pulls : tuple of (float, Judgement)
        Every pull by itself, by age [d].
    findings : tuple of Finding
        Values lower than earlier ones, where lead cannot go back.
    """

    outcome: Outcome
    wording: str
    reason: str
    judged: Judgement
    judged_age_d: float | None = None
    up_to_d: float | None = None
    pulls: tuple[tuple[float, Judgement], ...] = ()
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the series as plain data, ready for `json.dumps`.

        Returns
        -------
        dict
            The deciding judgement whole, the pulls by age.
        """
        return {
            "outcome": self.outcome.value,
            "wording": self.wording,
            "reason": self.reason,
            "judged_age_d": self.judged_age_d,
            "up_to_d": self.up_to_d,
            "judged": self.judged.as_json(),
            "pulls": [{"age_d": age, **one.as_json()} for age, one in self.pulls],
            "findings": [one.as_json() for one in self.findings],
        }


def judge_series(
    pulls: Sequence[tuple[float, Quantity]],
    limit: Limit,
    decision: str | Decision = "guarded-95",
    *,
    dof: float | Mapping[float, float] | None = None,
    at_least: Mapping[float, Quantity] | None = None,
    on: date | None = None,
    subject: str = "",
    window_d: float = 1.0,
) -> SeriesJudgement:
    """Judge a series of pulls against a limit.

    Parameters
    ----------
    pulls : sequence of (float, Quantity)
        Age [d] and value or bound, in any order. For released lead: cumulated, as `labdb.leaching.release` yields it.
    limit : Limit
        The limit. One that asks for an age (`at_age_d`) is judged on the pulls up to it, and needs one there.
    decision : str or Decision
        The rule.
    dof : float or mapping of float to float, optional, scalar [1]
        Degrees of freedom of each standard uncertainty, or of the pulls at some ages [d]; None is many.
    at_least : mapping of float to Quantity, optional
        By age [d]: the lower end ("> 3 ug/g") where a pull is known between two ends only and its bound stands in
        `pulls`, as for readings of which some detected something and others did not. The bound passes, the end fails.
    on : date, optional
        Day of the verdict.
    subject : str
        Code of the sample or test, for findings.
    window_d : float, scalar [d]
        How far from the age asked for a pull still counts as taken there.

    Returns
    -------
    SeriesJudgement
        `not_assessed` without a pull.

    Raises
    ------
    EvidenceError
        A pull is of another kind than the limit.
    InputError
        An age is negative or not finite.

    Notes
    -----
    Source: own rule: a series is as good as its worst pull.

    Examples
    --------
    >>> from labdb.compliance.limit import limit
    >>> released = [(day, Quantity(day / 7, "ug/g", "released_lead_mass_fraction", u=0.1)) for day in (7.0, 14.0)]
    >>> found = judge_series(released, limit("PAPER-5UGG"))
    >>> found.wording, found.judged_age_d
    ('pass (unverified limit)', 14.0)
    """
    rule = parse_decision(decision)
    _check_ages(pulls, window_d)
    for _, quantity in pulls:
        require_comparable(quantity.kind, limit)
    used = sorted((pull for pull in pulls if _counts(pull[0], limit, window_d)), key=lambda pull: pull[0])
    if not used:
        nothing = not_assessed(limit, rule, "No pull was measured.", on=on)
        return SeriesJudgement(nothing.outcome, nothing.wording, nothing.reason, nothing)
    few = dof if isinstance(dof, Mapping) else {age: dof for age, _ in used if dof is not None}
    ends = at_least or {}
    judged = tuple((age, _judge_pull(quantity, ends.get(age), limit, rule, few.get(age), on)) for age, quantity in used)
    last = used[-1][0]
    outcome, place, extra = _decide(judged, limit, last, window_d)
    age, deciding = judged[place]
    wording = deciding.wording if outcome is deciding.outcome else with_status(rule.wording(outcome), limit, on)
    reason = f"Up to {last:g} d, decided by the pull at {age:g} d: {deciding.reason}{extra}"
    return SeriesJudgement(outcome, wording, reason, deciding, age, last, judged, _lead_lost(judged, limit, subject))


def _judge_pull(
    quantity: Quantity, least: Quantity | None, limit: Limit, rule: Decision, dof: float | None, on: date | None
) -> Judgement:
    one = judge(quantity, limit, rule, dof=dof, on=on)
    if least is None or one.outcome is Outcome.PASS:
        return one
    end = judge(least, limit, rule, dof=dof, on=on)
    if end.outcome is Outcome.FAIL:
        return end
    if one.guard is None:  # what is missing has been said
        return one
    between = f"Some readings detected something and others did not, together {least} and {quantity}"
    return replace(one, reason=f"{between}, which does not decide {with_status(str(limit), limit, on)}.")


def _check_ages(pulls: Sequence[tuple[float, Quantity]], window_d: float) -> None:
    for age, quantity in pulls:
        if not (math.isfinite(age) and age >= 0):
            raise InputError(f"age of the pull with {quantity}: found {age} d; expected 0 d or more")
    if not (math.isfinite(window_d) and window_d >= 0):
        raise InputError(f"window: found {window_d} d; expected 0 d or more")


def _counts(age_d: float, limit: Limit, window_d: float) -> bool:
    return limit.at_age_d is None or age_d <= limit.at_age_d + window_d


def _decide(
    judged: tuple[tuple[float, Judgement], ...], limit: Limit, last_d: float, window_d: float
) -> tuple[Outcome, int, str]:
    """Return the outcome, the place of the pull that decides it, and what else has to be said."""
    # of equally bad pulls the latest decides: it speaks for the longest time
    order = sorted(range(len(judged)), key=lambda place: (_badness(judged[place][1], limit), place), reverse=True)
    for wanted in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        for place in order:
            if judged[place][1].outcome is wanted:
                return wanted, place, ""
    if limit.at_age_d is not None and last_d < limit.at_age_d - window_d:
        missing = f" No pull at {limit.at_age_d:g} d, which the limit asks for: nothing is said beyond {last_d:g} d."
        return Outcome.INCONCLUSIVE, order[0], missing
    return Outcome.PASS, order[0], ""


def _badness(one: Judgement, limit: Limit) -> tuple[float, bool]:
    """Order pulls: the largest value or bound against an upper limit is worst, a value before an equal bound."""
    if one.quantity is None:  # only `not_assessed` has none, and no pull is that
        raise InputError(f"a pull against {limit.id} has no quantity")
    return -region_of(limit).margin(one.quantity.value), one.quantity.censoring is Censoring.NONE


def _lead_lost(judged: tuple[tuple[float, Judgement], ...], limit: Limit, subject: str) -> tuple[Finding, ...]:
    """Find pulls that are lower than an earlier value by more than both uncertainties allow."""
    if region_of(limit).upper is None or "lead" not in limit.kind:
        return ()
    found: list[Finding] = []
    top: tuple[float, Quantity] | None = None
    for age, one in judged:
        quantity = one.quantity
        if quantity is None or quantity.censoring is Censoring.ABOVE:
            continue
        if top is not None and _fell(top[1], quantity):
            found.append(_finding(top, (age, quantity), subject))
        if quantity.censoring is Censoring.NONE and quantity.u is not None:
            top = (age, quantity) if top is None or quantity.value >= top[1].value else top
    return tuple(found)


def _fell(earlier: Quantity, later: Quantity) -> bool:
    if earlier.u is None or later.u is None:
        return False
    spread = 0.0
    if later.censoring is Censoring.BELOW:
        spread = later.value * threshold_spread(later.threshold_meaning)
    return earlier.value - later.value > _FALL * math.hypot(earlier.u, later.u, spread)


def _finding(earlier: tuple[float, Quantity], later: tuple[float, Quantity], subject: str) -> Finding:
    message = (
        f"{later[1]} at {later[0]:g} d after {earlier[1]} at {earlier[0]:g} d: lead lost from solution (adsorbed or "
        f"precipitated), or one of the two is wrong; a spike recovery would tell"
    )
    numbers = {"earlier": str(earlier[1]), "later": str(later[1]), "age_d": f"{later[0]:g}"}
    return Finding(LEAD_LOST, Severity.WARNING, subject, "", message, numbers)
