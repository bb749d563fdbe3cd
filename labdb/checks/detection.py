"""Check: whether the detection limit and the uncertainty can decide the lab's limit on released lead."""

from dataclasses import dataclass, replace

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import shown
from labdb.compliance.decision import Outcome, region_of
from labdb.compliance.judgement import Judgement, judge
from labdb.compliance.limit import Limit
from labdb.compliance.plan import plan_detect, plan_nondetect
from labdb.compliance.series import SeriesJudgement, judge_series
from labdb.finding import Finding, Severity
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, round_significant
from labdb.queries.leaching import LeachPull, LeachSeries, released_from

_RELEASED = "released_lead_mass_fraction"


@dataclass(frozen=True)
class Sight:
    """What one leach test can see of one limit: the bound of a non-detect, and the verdict on the series."""

    series: LeachSeries
    limit: Limit
    bound: Judgement
    judged: SeriesJudgement
    simple: SeriesJudgement
    loading: Quantity
    detection_limit: Quantity

    @property
    def blind(self) -> bool:
        """Whether even the shown bound of a non-detect lies beyond the limit."""
        quantity = self.bound.quantity
        return quantity is not None and not region_of(self.limit).contains(round_significant(quantity.value))

    @property
    def detects(self) -> tuple[LeachPull, ...]:
        """The pulls with a detected value."""
        return tuple(pull for pull in self.series.pulls if pull.concentration.censoring is Censoring.NONE)


def bound_of(detection_limit: Quantity, loading: Quantity, meaning: ThresholdMeaning | None) -> Quantity:
    """Return the bound that "below the detection limit" is worth per mass of particles.

    Parameters
    ----------
    detection_limit : Quantity
        Detection limit [ug/L].
    loading : Quantity
        Particle loading [mg/mL].
    meaning : ThresholdMeaning or None
        What "<" means; None counts as not stated.

    Returns
    -------
    Quantity
        A bound of kind released_lead_mass_fraction [ug/g].

    Examples
    --------
    >>> ld = Quantity(10.0, "ug/L", "lead_mass_concentration")
    >>> str(bound_of(ld, Quantity(0.5, "mg/mL", "particle_loading", u=0.0), None))
    '< 20 ug/g'
    """
    stated = meaning or ThresholdMeaning.NOT_STATED
    return released_from(
        replace(detection_limit, u=None, u_origin=None, censoring=Censoring.BELOW, threshold_meaning=stated), loading
    )


def _threshold(series: LeachSeries) -> Quantity | None:
    """The largest threshold the readings were reported with; without a non-detect, the method's detection limit."""
    bounds = [pull.concentration for pull in series.pulls if pull.concentration.censoring is Censoring.BELOW]
    return max(bounds, key=lambda quantity: quantity.to("ug/L").value) if bounds else series.limit_of_detection


def _bound(series: LeachSeries, threshold: Quantity, loading: Quantity) -> Quantity:
    """The largest bound among the pulls, cumulated where pulls add up; without one, what a non-detect is worth."""
    bounds = [released for _, released in series.released if released.censoring is Censoring.BELOW]
    if bounds:
        return max(bounds, key=lambda quantity: quantity.to("ug/g").value)
    return bound_of(threshold, loading, series.meaning)


def _sights(evidence: Evidence) -> list[Sight]:
    """Every pair of leach test and upper limit on released lead where the series stays undecided."""
    limits = [evidence.limits[name] for name in evidence.used_limits if name in evidence.limits]
    found_here = []
    for limit in (one for one in limits if one.kind == _RELEASED and region_of(one).upper is not None):
        for series in evidence.series:
            threshold = _threshold(series)
            if not series.released or series.loading is None or threshold is None:
                continue
            decision = evidence.config.decision
            judged = judge_series(series.released, limit, decision, subject=series.test)
            if judged.outcome is not Outcome.INCONCLUSIVE:
                continue
            bound = judge(_bound(series, threshold, series.loading), limit, decision)
            simple = judge_series(series.released, limit, "simple")
            found_here.append(Sight(series, limit, bound, judged, simple, series.loading, threshold))
    return found_here


def _numbers(sight: Sight) -> dict[str, str]:
    unit = sight.limit.unit
    quantity = sight.bound.quantity
    numbers = {
        "limit": shown(sight.limit.value, unit),
        "limit_id": sight.limit.id,
        "detection_limit": shown(sight.detection_limit.to("ug/L").value, "ug/L"),
        "particle_loading": shown(sight.loading.to("mg/mL").value, "mg/mL"),
        "decision": sight.judged.judged.decision,
        "outcome": sight.judged.outcome.value,
        "simple": sight.simple.outcome.value,
        "non_detects": f"{len(sight.series.pulls) - len(sight.detects)} of {len(sight.series.pulls)}",
    }
    if quantity is not None:
        numbers["bound"] = shown(quantity.value, unit)
    if sight.bound.effective_bound is not None:
        numbers["effective_bound"] = shown(sight.bound.effective_bound, unit)
    return numbers


def _advice(sight: Sight) -> str:
    step = plan_nondetect(
        sight.limit, sight.loading, sight.detection_limit, sight.judged.judged.decision, meaning=sight.series.meaning
    )
    return step.text


def _effective(sight: Sight) -> str:
    """The bound with its guard band, where it is another number, and why."""
    bound, quantity = sight.bound.effective_bound, sight.bound.quantity
    if bound is None or quantity is None or shown(bound) == shown(quantity.value):
        return ""
    why = ' (meaning of "<" not stated)' if sight.series.meaning in (None, ThresholdMeaning.NOT_STATED) else ""
    return f", {shown(bound, sight.limit.unit)} with the guard band{why}"


@rule(
    "R01",
    Severity.WARNING,
    rationale=(
        "Below the detection limit is no number: if even the bound is beyond the limit, nothing was shown either way."
    ),
    source="JCGM 106:2012 8; AMC Technical Brief 92",
)
def bound_beyond_limit(evidence: Evidence) -> list[Finding]:
    """A leach test's detection limit, per mass of particles, lies beyond the limit on released lead.

    Looks at every limit on released lead that labdb.toml, a verdict or a statement names.

    Fails: "< 10 ug/L" at 0.5 mg/mL is "< 20 ug/g", against 5 ug/g.
    Passes: "< 1 ug/L" at 2 mg/mL is "< 0.5 ug/g"; or a value so high that the limit is missed all the same.
    """
    findings = []
    for sight in (one for one in _sights(evidence) if one.blind):
        loading, numbers = shown(sight.loading.to("mg/mL").value, "mg/mL"), _numbers(sight)
        message = (
            f"detection limit {numbers['detection_limit']} cannot decide {sight.limit.id} ({sight.limit}) at "
            f"{loading}: "
            f"it is a bound of {numbers['bound']}{_effective(sight)}. Next: {_advice(sight)}"
        )
        findings.append(found("R01", sight.series.test, message, numbers))
    return findings


@rule(
    "R02",
    Severity.WARNING,
    rationale=(
        "A bound or value so near the limit that its guard band spans it decides nothing, whatever it looks like."
    ),
    source="JCGM 106:2012 8; AMC Technical Brief 92",
)
def too_near_to_decide(evidence: Evidence) -> list[Finding]:
    """A leach test's bound or largest value lies so near the limit on released lead that it decides nothing.

    Fails: "< 10 ug/L" at 2 mg/mL is "< 5 ug/g", against 5 ug/g; 5.08(51) ug/g against 5 ug/g.
    Passes: "< 1 ug/L" at 2 mg/mL; 2.0(4) ug/g against 5 ug/g; 9.0(5) ug/g, which is a fail.
    """
    findings = []
    for sight in (one for one in _sights(evidence) if not one.blind and _near(one)):
        numbers = _numbers(sight) | _detected(sight)
        what, steps = [], []
        if _value_decides_nothing(sight):
            what.append(
                f"largest pull, day {numbers['largest_pull_age']}: {numbers['largest_pull']}, "
                f"u {numbers.get('u_largest_pull', 'not recorded')} (rule simple: {sight.simple.outcome.value})"
            )
            steps.append(plan_detect(sight.judged.judged).text)
        if _threshold_decides_nothing(sight):
            below = f"{numbers['non_detects']} pulls below it"
            what.append(
                f"detection limit {numbers['detection_limit']}, bound {numbers['bound']}{_effective(sight)}, {below}"
            )
            steps.append(_advice(sight))
        message = (
            f"too near {sight.limit.id} ({sight.limit}) to decide at {numbers['particle_loading']}: {'; '.join(what)}. "
            f"Next: {'; for non-detects '.join(steps)}"
        )
        findings.append(found("R02", sight.series.test, message, numbers))
    return findings


def _near(sight: Sight) -> bool:
    """Whether it is the threshold or a value that leaves it open, not only a missing uncertainty of the loading."""
    return _value_decides_nothing(sight) or _threshold_decides_nothing(sight)


def _value_decides_nothing(sight: Sight) -> bool:
    """Whether the pull that decides the series is a detected value."""
    quantity = sight.judged.judged.quantity
    return quantity is not None and quantity.censoring is Censoring.NONE


def _threshold_decides_nothing(sight: Sight) -> bool:
    """Whether a non-detect stays open, and not only because its loading has no uncertainty, which LOAD-2 finds."""
    quantity = sight.bound.quantity
    if quantity is None or len(sight.detects) == len(sight.series.pulls):
        return False
    known = quantity if quantity.u is not None else replace(quantity, u=0.0)
    return judge(known, sight.limit, sight.judged.judged.decision).outcome is Outcome.INCONCLUSIVE


def _detected(sight: Sight) -> dict[str, str]:
    """The largest and the last detected pull, each with its uncertainty."""
    pulls = [pull for pull in sight.detects if pull.released is not None]
    if not pulls:
        return {}
    largest = max(pulls, key=lambda pull: pull.released.value if pull.released is not None else 0.0)
    numbers: dict[str, str] = {}
    for name, pull in (("largest", largest), ("last", pulls[-1])):
        released = pull.released
        if released is None:
            continue
        numbers[f"{name}_pull_age"] = shown(pull.age_d)
        numbers[f"{name}_pull_concentration"] = shown(pull.concentration.to("ug/L").value, "ug/L")
        numbers[f"{name}_pull"] = shown(released.value, released.unit)
        if released.u is not None:
            numbers[f"u_{name}_pull"] = shown(released.u, released.unit)
    return numbers
