"""Method: what to measure to decide, the inverse question, from the inequality that judges.

For a non-detect: how low the detection limit has to be, or how much material the water has to hold. For a value: how
small its uncertainty has to be. The printed numbers are rounded as usual; `NextStep.numbers` holds the unrounded ones,
and following those always turns the inconclusive verdict on a non-detect into a pass.
"""

import math
from dataclasses import dataclass, field

from labdb.compliance.decision import Decision, Outcome, parse_decision, region_of
from labdb.compliance.judgement import Judgement
from labdb.compliance.limit import Limit
from labdb.compliance.requirement import (
    PLANNED_U_REL,
    a_bound_can_show,
    loading_with_share,
    required_bound,
    required_detection_limit,
    required_loading,
)
from labdb.quantity import Censoring, Quantity, ThresholdMeaning


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next, for a person and as numbers.

    Parameters
    ----------
    text : str
        One line, rounded to three digits.
    numbers : dict of str to float
        The same, unrounded, the unit in each name.
    """

    text: str
    numbers: dict[str, float] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, object]:
        """Return the step as plain data, ready for `json.dumps`.

        Returns
        -------
        dict
            Text and numbers, sorted by name.
        """
        return {"text": self.text, "numbers": dict(sorted(self.numbers.items()))}


def plan_nondetect(
    limit: Limit,
    loading: Quantity,
    detection_limit: Quantity,
    decision: str | Decision = "guarded-95",
    *,
    meaning: ThresholdMeaning | None = None,
    u_rel: float | None = None,
    dof: float | None = None,
) -> NextStep:
    """Return both ways to make "nothing detected" pass: a lower detection limit, or more material in the water.

    Parameters
    ----------
    limit : Limit
        A limit on the released lead mass fraction.
    loading : Quantity
        Particle loading, with its uncertainty (missing: 5 % is planned for, and said).
    detection_limit : Quantity
        Detection limit, or whatever threshold stands behind "<".
    decision : str or Decision
        The rule.
    meaning : ThresholdMeaning, optional
        What "<" means; None counts as not stated.
    u_rel : float, optional, scalar [1]
        Relative standard uncertainty of the whole bound, where dilution or volume add to the loading's.
    dof : float, optional, scalar [1]
        Degrees of freedom; None is many.

    Returns
    -------
    NextStep
        Numbers: detection_limit_max_ug_per_l at this loading, loading_min_mg_per_ml at this detection limit, u_rel.

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
    >>> loading = Quantity(0.5, "mg/mL", "particle_loading", u=0.0)
    >>> ld = Quantity(10.0, "ug/L", "lead_mass_concentration", u=0.0)
    >>> plan_nondetect(limit("PAPER-5UGG"), loading, ld, meaning=ThresholdMeaning.BELOW_LD).text
    'LD <= 1.67 ug/L at 0.5 mg/mL, or loading >= 3.0 mg/mL at 10 ug/L'
    """
    amount, u_loading = loading_with_share(loading)
    u_rel = u_loading if u_rel is None else u_rel
    threshold = detection_limit.to("ug/L").value
    lowest = required_detection_limit(limit, loading, decision, meaning=meaning, u_rel=u_rel, dof=dof)
    most = required_loading(limit, detection_limit, decision, u_rel=u_rel, meaning=meaning, dof=dof)
    word = "LQ" if meaning is ThresholdMeaning.BELOW_LQ else "LD"
    text = (
        f"{word} <= {_three(lowest)} ug/L at {amount:g} mg/mL, or loading >= {_three(most)} mg/mL at {threshold:g} ug/L"
    )
    if loading.u is None and parse_decision(decision).needs_uncertainty:
        text = f"record the uncertainty of the loading, at most {100 * u_rel:g} %; then {text}"
    numbers = {"detection_limit_max_ug_per_l": lowest, "loading_min_mg_per_ml": most, "u_rel": u_rel}
    return NextStep(text, numbers)


def plan_detect(judgement: Judgement) -> NextStep:
    """Return the uncertainty with which a measured value would be decided.

    Parameters
    ----------
    judgement : Judgement
        Of a value, inconclusive.

    Returns
    -------
    NextStep
        Number: u_max, in the unit of the limit; none if the value lies on the limit.

    Notes
    -----
    Source: JCGM 106:2012 8.3, solved for u.

    Examples
    --------
    >>> from labdb.compliance.judgement import judge
    >>> from labdb.compliance.limit import limit
    >>> close = Quantity(5.075, "ug/g", "released_lead_mass_fraction", u=0.5)
    >>> plan_detect(judge(close, limit("PAPER-5UGG"))).text
    'u <= 0.046 ug/g (0.9 %) would make this value a fail'
    """
    would, quantity = judgement.u_that_would_decide, judgement.quantity
    if would is None or quantity is None:
        return NextStep("the value lies on the limit: a smaller u cannot decide it, only another sample can")
    unit = "" if judgement.limit.unit == "1" else f" {judgement.limit.unit}"
    share = f" ({100 * would / abs(quantity.value):.2g} %)" if quantity.value else ""
    outcome = "pass" if judgement.margin is not None and judgement.margin > 0 else "fail"
    text = f"u <= {would:.2g}{unit}{share} would make this value a {outcome}"
    return NextStep(text, {"u_max": would})


def next_step(
    judgement: Judgement,
    *,
    detection_limit: Quantity | None = None,
    loading: Quantity | None = None,
    dof: float | None = None,
) -> NextStep | None:
    """Return what to measure next after a judgement; every inconclusive verdict carries it.

    Parameters
    ----------
    judgement : Judgement
        Of `judge`.
    detection_limit : Quantity, optional
        Detection limit behind a non-detect [ug/L].
    loading : Quantity, optional
        Particle loading behind a non-detect [mg/mL].
    dof : float, optional, scalar [1]
        Degrees of freedom that were used.

    Returns
    -------
    NextStep or None
        None unless the judgement is inconclusive.

    Examples
    --------
    >>> from labdb.compliance.judgement import judge
    >>> from labdb.compliance.limit import limit
    >>> water = Quantity(
    ...     8.0, "ug/L", "lead_mass_concentration", u=0.0, censoring="below", threshold_meaning="below_LD"
    ... )
    >>> next_step(judge(water, limit("WHO-GDWQ-Pb"))).text
    'a bound <= 6.67 ug/L, 1.2 times lower than 8 ug/L'
    """
    quantity = judgement.quantity
    if judgement.outcome is not Outcome.INCONCLUSIVE or quantity is None:
        return None
    if quantity.censoring is Censoring.NONE:
        return plan_detect(judgement)
    if quantity.censoring is Censoring.ABOVE or not a_bound_can_show(region_of(judgement.limit)):
        return NextStep("a measured value in place of the bound: this bound cannot decide the limit")
    if detection_limit is None or loading is None or quantity.kind != "released_lead_mass_fraction":
        return _lower_bound(judgement, quantity, dof)
    if quantity.u is None and judgement.u_that_would_decide is not None:
        return _record_u(judgement, quantity, judgement.u_that_would_decide)
    u_rel = quantity.u / quantity.value if quantity.u is not None and quantity.value > 0.0 else None
    return plan_nondetect(
        judgement.limit,
        loading,
        detection_limit,
        judgement.decision,
        meaning=quantity.threshold_meaning,
        u_rel=u_rel,
        dof=dof,
    )


def _record_u(judgement: Judgement, quantity: Quantity, would: float) -> NextStep:
    share = would / quantity.value
    text = f"record the uncertainty of the loading: {100 * share:.2g} % or less makes this a pass"
    return NextStep(text, {"u_max": would, "u_rel_max": share})


def _lower_bound(judgement: Judgement, quantity: Quantity, dof: float | None) -> NextStep:
    """Say how far the bound itself has to come down, whatever it is made of."""
    unit = "" if judgement.limit.unit == "1" else f" {judgement.limit.unit}"
    if quantity.u is None and judgement.u_that_would_decide is not None:
        would = judgement.u_that_would_decide
        return NextStep(
            f"record the uncertainty of the bound: u <= {would:.2g}{unit} makes this a pass", {"u_max": would}
        )
    u_rel = PLANNED_U_REL if quantity.u is None else (quantity.u / quantity.value if quantity.value else 0.0)
    limit, meaning = judgement.limit, quantity.threshold_meaning
    most = required_bound(limit, judgement.decision, u_rel=u_rel, meaning=meaning, dof=dof)
    times = quantity.value / most
    text = f"a bound <= {_three(most)}{unit}, {times:.2g} times lower than {quantity.value:g}{unit}"
    if quantity.u is None:
        text = f"record the uncertainty of the bound, at most {100 * u_rel:g} %; then {text}"
    return NextStep(text, {"bound_max": most, "u_rel": u_rel})


def _three(value: float) -> str:
    """Return three significant digits without an exponent, one decimal at least below 100: 3.0, 2.07, 120."""
    if value == 0.0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    if abs(rounded) >= 100:
        return f"{rounded:.0f}"
    text = f"{rounded:.{max(digits, 1)}f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text
