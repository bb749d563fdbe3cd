"""Judge what a leach test shows: lead released per mass, per day under an assumption, lead in the leachate itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from labdb.assessment.assessed import Assessed, Question
from labdb.compliance.assumption import (
    Assumption,
    assumed_limit,
    released_per_day,
    stand_beside,
    total_lead_per_day,
)
from labdb.compliance.decision import Outcome
from labdb.compliance.judgement import not_assessed
from labdb.compliance.limit import Limit
from labdb.compliance.plan import NextStep, next_step
from labdb.compliance.series import SeriesJudgement, judge_series
from labdb.errors import EvidenceError
from labdb.quantity import Censoring, Quantity
from labdb.queries.evidence import find_sample, rows
from labdb.queries.leaching import LeachPull, LeachSeries, leach_series, leach_tests_of
from labdb.synthesis.composition import mass_fraction


@dataclass(frozen=True)
class _Ends:
    """What is judged of a pull: a value or bound, and beside a bound that holds detected values the lower end."""

    value: Quantity
    at_least: Quantity | None


def released(session: Session, question: Question) -> list[Assessed]:
    """Judge released lead: the largest value or bound over all pulls, or the pull at one age.

    Parameters
    ----------
    session : Session
        A session of the lab.
    question : Question
        A limit on released lead per mass.

    Returns
    -------
    list of Assessed
        One for each leach test that is no control; without one, empty.

    Raises
    ------
    EvidenceError
        No leach test of the subject has a particle loading, or a pull at the age asked for.
    """

    def one(series: LeachSeries) -> Assessed:
        _require_loading(series, question.limit)
        return _judged(question, series, _of_released, question.limit)

    return _each(session, question, one)


def in_leachate(session: Session, question: Question) -> list[Assessed]:
    """Judge lead per volume of leachate, as if the leachate itself were the water; see `released`."""

    def one(series: LeachSeries) -> Assessed:
        found = _judged(question, series, _of_concentration, question.limit)
        return replace(found, measurand=f"lead in the leachate ({series.leachant})")

    return _each(session, question, one)


def per_day(session: Session, question: Question) -> list[Assessed]:
    """Judge lead per day: released lead stands for total lead under a stated assumption only, with total lead beside.

    Parameters
    ----------
    session : Session
        A session of the lab.
    question : Question
        A limit per day, with the mass of particles per day.

    Returns
    -------
    list of Assessed
        As `released`.

    Raises
    ------
    EvidenceError
        The daily mass is missing, or every particle loading.
    """
    mass = question.daily_mass_mg

    def one(series: LeachSeries) -> Assessed:
        if mass is None:
            raise EvidenceError(
                f"{question.limit.id} is a limit per day. Needed: the mass of particles per day. "
                'Give it: --daily-mass "10 mg", or daily_mass_mg in labdb.toml'
            )
        _require_loading(series, question.limit)
        return _assumed(session, question, series, mass)

    return _each(session, question, one)


def _each(session: Session, question: Question, one: Callable[[LeachSeries], Assessed]) -> list[Assessed]:
    """Answer for each leach test; what one lacks keeps no other from being judged."""
    tests = leach_tests_of(session, question.subject)
    controls = _controls(session, tests)
    found: list[Assessed] = []
    lacking: list[EvidenceError] = []
    for test in tests:
        if test in controls:
            continue
        series = leach_series(session, test)
        measurand = f"released lead in {series.leachant}"
        if not series.pulls:
            why = "has lead readings, but none of them has an age" if series.findings else "has no lead reading yet"
            found.append(
                replace(question.nothing(f"{test} {why}.", measurand=measurand, subject=test), findings=series.findings)
            )
            continue
        try:
            found.append(one(series))
        except EvidenceError as error:
            lacking.append(error)
            found.append(question.nothing(f"Not assessed: {error}", measurand=measurand, subject=test))
    if lacking and len(lacking) == len(found):
        raise lacking[0]
    if tests and not found:
        why = f"{', '.join(tests)}: leach tests of controls are evidence beside others, and not judged for themselves."
        return [question.nothing(why)]
    return found


def _controls(session: Session, tests: Sequence[str]) -> set[str]:
    """Leach tests of controls and blanks hold no lead of the sample's to release."""
    if not tests:
        return set()
    kinds = (
        "SELECT t.code FROM leach_tests t JOIN samples s ON s.code = t.sample "
        "WHERE t.code IN :tests AND s.kind IN ('control', 'blank')"
    )
    found = rows(session, kinds, tests=list(tests))
    linked = "SELECT t.code FROM leach_test t JOIN control c ON c.control_id = t.sample_id WHERE t.code IN :tests"
    return {row["code"] for row in (*found, *rows(session, linked, tests=list(tests)))}


def _require_loading(series: LeachSeries, limit: Limit) -> None:
    if series.loading is None:
        raise EvidenceError(
            f"{series.test}: lead is known in ug/L, the limit {limit.id} is in {limit.unit}. "
            f"Needed: the particle loading of {series.sample}. Record it: "
            "labdb sample suspend ... --mass ... --volume ..."
        )


def _of_released(pull: LeachPull) -> _Ends | None:
    return None if pull.released is None else _Ends(pull.released, pull.released_at_least)


def _of_concentration(pull: LeachPull) -> _Ends:
    return _Ends(pull.concentration, pull.concentration_at_least)


def _judged(
    question: Question, series: LeachSeries, ends_of: Callable[[LeachPull], _Ends | None], limit: Limit
) -> Assessed:
    """Judge the pulls of a series up to the last, or the one asked for."""
    ends = {pull.age_d: found for pull in series.pulls if (found := ends_of(pull)) is not None}
    at = question.at_d
    judged_ages = [age for age in ends if at is None or abs(age - at) < 1e-6]
    if not judged_ages:
        raise EvidenceError(
            f"{series.test} has no pull at {at:g} d; it has {', '.join(f'{age:g} d' for age in ends) or 'none'}"
        )
    judged = judge_series(
        [(age, ends[age].value) for age in judged_ages],
        limit,
        question.decision,
        dof={pull.age_d: pull.dof for pull in series.pulls if pull.dof is not None},
        at_least={age: least for age in judged_ages if (least := ends[age].at_least) is not None},
        on=question.on,
        subject=series.test,
    )
    used = [
        pull for pull in series.pulls if pull.age_d in judged_ages or (series.summed and pull.age_d <= judged_ages[-1])
    ]
    deciding = next((pull for pull in series.pulls if pull.age_d == judged.judged_age_d), None)
    step = _next(judged, series, deciding)
    return Assessed(
        subject=series.test,
        sample=series.sample,
        measurand=f"released lead in {series.leachant}",
        limit=question.limit,
        decision=question.decision.name,
        scope=f"up to {judged.up_to_d or 0.0:g} d" if at is None else f"at {at:g} d",
        judgement=replace(
            judged.judged,
            outcome=judged.outcome,
            wording=judged.wording,
            reason=judged.reason if at is None else f"At {at:g} d: {judged.judged.reason}",
        ),
        next_step=None if step is None else step.text,
        numbers={} if step is None else step.numbers,
        series=series,
        measurements=tuple(name for pull in used for name in pull.measurements),
        n=None if deciding is None else deciding.n,
        findings=(*series.findings, *judged.findings),
        inputs=_inputs(series, used),
    )


def _inputs(series: LeachSeries, used: Sequence[LeachPull]) -> tuple[tuple[str, str], ...]:
    rest = [one for one in series.inputs if one[0] != "measurement"]
    return (*rest, *(("measurement", name) for pull in used for name in pull.measurements))


def _next(judged: SeriesJudgement, series: LeachSeries, deciding: LeachPull | None) -> NextStep | None:
    """Of a plain non-detect LD and loading, of a sum or a mixed pull how far its bound must fall."""
    limit = judged.judged.limit
    if judged.outcome is not Outcome.INCONCLUSIVE:
        return None
    if judged.judged.outcome is Outcome.PASS and limit.at_age_d is not None:
        return NextStep(f"a pull at {limit.at_age_d:g} d, the age the limit asks for")
    dof = None if deciding is None else deciding.dof
    plain = deciding is not None and deciding.concentration.censoring is Censoring.BELOW
    if plain and deciding is not None and not series.summed and deciding.released_at_least is None:
        return next_step(judged.judged, detection_limit=deciding.concentration, loading=series.loading, dof=dof)
    return next_step(judged.judged, dof=dof)


def _assumed(session: Session, question: Question, series: LeachSeries, mass_mg: float) -> Assessed:
    """Judge released lead per day, as such or in the place of total lead."""

    def daily(pull: LeachPull) -> _Ends | None:
        ends = _of_released(pull)
        if ends is None:
            return None
        least = None if ends.at_least is None else released_per_day(ends.at_least, mass_mg)
        return _Ends(released_per_day(ends.value, mass_mg), least)

    limit = question.limit
    own_kind = limit.kind == "released_lead_per_day"
    basis = limit if own_kind else assumed_limit("released_lead_per_day", limit)
    found = replace(_judged(question, series, daily, basis), measurand="released lead per day")
    if own_kind:
        return found
    if found.judgement.quantity is None:
        return replace(found, judgement=not_assessed(limit, question.decision, found.judgement.reason, on=question.on))
    text = f"only released lead counts, {found.scope}, in {series.leachant}, {mass_mg:g} mg of particles a day"
    assumption = Assumption("A1", text)
    total, sources = _total_per_day(session, series, mass_mg)
    both = stand_beside(found.judgement, total, limit, assumption, question.decision, on=question.on)
    own = Assessed(
        subject=series.test,
        sample=series.sample,
        measurand="total lead per day",
        limit=limit,
        decision=question.decision.name,
        scope="the limit's own basis",
        judgement=both.own,
        inputs=sources,
    )
    return replace(found, judgement=both.assumed, assumption=f"{assumption.id}: {assumption.text}", beside=own)


def _total_per_day(
    session: Session, series: LeachSeries, mass_mg: float
) -> tuple[Quantity | None, tuple[tuple[str, str], ...]]:
    sample = find_sample(session, series.sample)
    sources = tuple(("sample", code) for code in dict.fromkeys([sample.code, sample.w_from or sample.code]))
    if sample.w is None or sample.composition is None:
        return None, sources
    return total_lead_per_day(sample.w, mass_fraction(sample.composition, "Pb"), mass_mg), sources
