"""Gather the evidence a limit asks for, by the quantity kind it is set on, and judge it."""

from collections.abc import Callable
from dataclasses import replace

from sqlmodel import Session

from labdb.assessment.assessed import Assessed, Question
from labdb.compliance.assumption import Assumption, judge_under_assumption, released_per_day, total_lead_per_day
from labdb.compliance.comparability import what_is_needed
from labdb.compliance.judgement import Judgement, judge, not_assessed
from labdb.compliance.limit import Limit, limits
from labdb.compliance.plan import next_step
from labdb.compliance.series import judge_series
from labdb.errors import EvidenceError, InputError
from labdb.quantity import Quantity, quantity_kind
from labdb.queries.evidence import find_sample, quantity_of, rows, samples_of
from labdb.queries.leaching import LeachSeries, leach_series, leach_tests_of
from labdb.queries.retention import pl_retention, rl_retention
from labdb.synthesis.composition import mass_fraction


def gather(session: Session, question: Question) -> list[Assessed]:
    """Answer one question: gather what its limit asks for, and judge it.

    Parameters
    ----------
    session : Session
        A session of the lab.
    question : Question
        Subject, limit, rule.

    Returns
    -------
    list of Assessed
        At least one: without evidence a verdict ``not_assessed`` that says what is missing.
    """
    kind = question.limit.kind
    found = _GATHER.get(kind, _direct)(session, question)
    if found:
        return found
    needed = (
        what_is_needed(kind, question.limit) or f"no {quantity_kind(kind).label} is recorded for {question.subject}"
    )
    return [_nothing(question, f"Not assessed: {needed}.")]


def _nothing(question: Question, why: str, measurand: str | None = None) -> Assessed:
    judgement = not_assessed(question.limit, question.decision, why)
    return Assessed(
        question.subject,
        None,
        measurand or quantity_kind(question.limit.kind).label,
        question.limit,
        question.decision.name,
        "no evidence",
        judgement,
    )


def _released(session: Session, question: Question) -> list[Assessed]:
    """Released lead: the largest value or bound over all pulls, or the pull at one age."""
    return [
        _released_by(session, question, leach_series(session, test))
        for test in leach_tests_of(session, question.subject)
        if not _is_blank_control(session, test)
    ]


def _is_blank_control(session: Session, test: str) -> bool:
    """A leach test of a control holds no lead to release; it is evidence beside others, never judged for itself."""
    found = rows(
        session, "SELECT s.kind FROM leach_tests t JOIN samples s ON s.code = t.sample WHERE t.code = :test", test=test
    )
    controls = rows(
        session,
        "SELECT 1 AS one FROM control c JOIN sample s ON s.id = c.control_id "
        "JOIN leach_test t ON t.sample_id = s.id WHERE t.code = :test",
        test=test,
    )
    return bool(controls) or found[0]["kind"] in ("control", "blank")


def _released_by(session: Session, question: Question, series: LeachSeries) -> Assessed:
    measurand = f"released lead in {series.leachant}"
    if not series.pulls:
        return replace(_nothing(question, f"{series.test} has no lead reading yet.", measurand), subject=series.test)
    if series.loading is None:
        raise EvidenceError(
            f"{series.test}: lead is known in ug/L, the limit {question.limit.id} is in {question.limit.unit}. "
            f"Needed: the particle loading of {series.sample}. Record it: "
            "labdb sample suspend ... --mass ... --volume ..."
        )
    pulls = [pull for pull in series.released if question.at_d is None or abs(pull[0] - question.at_d) < 1e-6]
    if not pulls:
        ages = ", ".join(f"{age:g} d" for age, _ in series.released)
        raise InputError(f"{series.test} has no pull at {question.at_d:g} d; it has {ages}")
    judged = judge_series(pulls, question.limit, question.decision, subject=series.test)
    step = next_step(
        judged.judged, detection_limit=series.limit_of_detection or _threshold(series), loading=series.loading
    )
    last = judged.up_to_d if judged.up_to_d is not None else 0.0
    scope = f"up to {last:g} d" if question.at_d is None else f"at {question.at_d:g} d"
    judgement = replace(judged.judged, outcome=judged.outcome, wording=judged.wording, reason=judged.reason)
    return Assessed(
        subject=series.test,
        sample=series.sample,
        measurand=measurand,
        limit=question.limit,
        decision=question.decision.name,
        scope=scope,
        judgement=judgement,
        next_step=None if step is None else step.text,
        numbers={} if step is None else step.numbers,
        series=series,
        measurements=tuple(pull.measurement for pull in series.pulls if (pull.age_d in [age for age, _ in pulls])),
        n=1,
        findings=judged.findings,
    )


def _threshold(series: LeachSeries) -> Quantity | None:
    """Without a method's detection limit, the threshold the readings were reported with."""
    bounds = [pull.concentration for pull in series.pulls if pull.concentration.threshold_meaning is not None]
    return max(bounds, key=lambda quantity: quantity.value) if bounds else None


def _per_day(session: Session, question: Question) -> list[Assessed]:
    """Lead per day: released lead stands for total lead only under a stated assumption, with total lead beside it."""
    released = _released(session, replace(question, limit=_a_release_limit()))
    if not released:
        return []
    if question.daily_mass_mg is None:
        raise EvidenceError(
            f"{question.limit.id} is a limit per day. Needed: the mass of particles per day. "
            'Give it: --daily-mass "10 mg", or daily_mass_mg in labdb.toml'
        )
    return [_assumed(session, question, one) for one in released]


def _a_release_limit() -> Limit:
    """A stand-in to gather released lead by; its number is never judged against."""
    return next(one for one in limits().values() if one.kind == "released_lead_mass_fraction")


def _assumed(session: Session, question: Question, gathered: Assessed) -> Assessed:
    series, mass = gathered.series, question.daily_mass_mg
    if gathered.judgement.quantity is None or series is None or mass is None:
        return replace(
            gathered,
            limit=question.limit,
            judgement=not_assessed(question.limit, question.decision, gathered.judgement.reason),
        )
    released = released_per_day(gathered.judgement.quantity, mass)
    total = _total_per_day(session, series, mass)
    assumption = Assumption(
        "A1", f"only released lead counts, {gathered.scope}, in {series.leachant}, {mass:g} mg of particles a day"
    )
    if question.limit.kind == released.kind:
        judgement = judge(released, question.limit, question.decision)
        return replace(
            gathered,
            limit=question.limit,
            judgement=judgement,
            next_step=None,
            numbers={},
            measurand="released lead per day",
        )
    both = judge_under_assumption(released, total, question.limit, assumption, question.decision)
    own = Assessed(
        gathered.subject,
        gathered.sample,
        "total lead per day",
        question.limit,
        question.decision.name,
        "the limit's own basis",
        both.own,
        measurements=(),
    )
    return replace(
        gathered,
        measurand="released lead per day",
        limit=question.limit,
        judgement=both.assumed,
        next_step=None,
        numbers={},
        assumption=f"{assumption.id}: {assumption.text}",
        beside=own,
    )


def _total_per_day(session: Session, series: LeachSeries, mass_mg: float) -> Quantity | None:
    sample = find_sample(session, series.sample)
    if sample.w is None or sample.composition is None:
        return None
    return total_lead_per_day(sample.w, mass_fraction(sample.composition, "Pb"), mass_mg)


def _total_fraction(session: Session, question: Question) -> list[Assessed]:
    """Total lead per mass, from the perovskite mass fraction and the composition."""
    found = []
    for code in samples_of(session, question.subject)[:1]:
        sample = find_sample(session, code)
        if sample.w is None or sample.composition is None:
            continue
        scale = mass_fraction(sample.composition, "Pb") * 1e6
        u = None if sample.w.u is None else sample.w.u * scale
        total = Quantity(sample.w.value * scale, "ug/g", "total_lead_mass_fraction", u=u, u_origin=sample.w.u_origin)
        judgement = judge(total, question.limit, question.decision)
        found.append(
            Assessed(
                question.subject,
                code,
                "total lead",
                question.limit,
                question.decision.name,
                "from w and composition",
                judgement,
                next_step=_step(judgement),
            )
        )
    return found


def _pl(session: Session, question: Question) -> list[Assessed]:
    age = question.at_d if question.at_d is not None else question.limit.at_age_d
    found = []
    for one in pl_retention(session, question.subject, at_d=age):
        dof = one.n_vials - 1 if one.n_vials > 1 else None
        judgement = judge(one.retention, question.limit, question.decision, dof=dof)
        found.append(
            Assessed(
                subject=one.sample,
                sample=one.sample,
                measurand=f"PL retention in {one.condition}",
                limit=question.limit,
                decision=question.decision.name,
                scope=f"at {one.age_d:g} d, mean over {one.n_vials} vials"
                if one.n_vials > 1
                else f"at {one.age_d:g} d, one vial",
                judgement=judgement,
                next_step=_step(judgement),
                measurements=one.measurements,
                n=one.n_vials,
            )
        )
    return found


def _rl(session: Session, question: Question) -> list[Assessed]:
    found = []
    for one in rl_retention(session, question.subject):
        wanted = question.limit.at_dose_gy
        if wanted is not None and (
            one.dose is None or abs(one.dose.value - wanted) > max(0.05 * wanted, 2 * (one.dose.u or 0.0))
        ):
            continue
        judgement = judge(one.retention, question.limit, question.decision)
        found.append(
            Assessed(
                subject=one.sample,
                sample=one.sample,
                measurand="RL retention",
                limit=question.limit,
                decision=question.decision.name,
                scope=f"after {one.dose}" if one.dose is not None else "after an unknown dose",
                judgement=judgement,
                next_step=_step(judgement),
                measurements=one.measurements,
                n=1,
            )
        )
    return found


def _direct(session: Session, question: Question) -> list[Assessed]:
    """Any other kind: each recorded value of exactly this kind."""
    wanted = set(samples_of(session, question.subject))
    found = rows(
        session,
        "SELECT * FROM observations WHERE quantity = :kind AND value IS NOT NULL ORDER BY sample, measurement",
        kind=question.limit.kind,
    )
    assessed = []
    for row in found:
        if row["sample"] not in wanted or (question.at_d is not None and row["age_d"] != question.at_d):
            continue
        judgement = judge(quantity_of(row), question.limit, question.decision)
        scope = f"at {row['age_d']:g} d" if row["age_d"] is not None else "as measured"
        measurand = quantity_kind(question.limit.kind).label
        assessed.append(
            Assessed(
                row["sample"],
                row["sample"],
                measurand,
                question.limit,
                question.decision.name,
                scope,
                judgement,
                _step(judgement),
                measurements=(row["measurement"],),
                n=1,
            )
        )
    return assessed


def _step(judgement: Judgement) -> str | None:
    step = next_step(judgement)
    return None if step is None else step.text


_GATHER: dict[str, Callable[[Session, Question], list[Assessed]]] = {
    "released_lead_mass_fraction": _released,
    "released_lead_per_day": _per_day,
    "total_lead_per_day": _per_day,
    "total_lead_mass_fraction": _total_fraction,
    "photoluminescence_retention": _pl,
    "radioluminescence_retention": _rl,
}
