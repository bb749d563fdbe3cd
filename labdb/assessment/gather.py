"""Gather the evidence a limit asks for, by the quantity kind it is set on, and judge it."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from labdb.assessment.assessed import Assessed, Question
from labdb.assessment.lead import in_leachate, per_day, released
from labdb.compliance.comparability import what_is_needed
from labdb.quantity import Censoring, Quantity, UncertaintyOrigin, quantity_kind
from labdb.queries.evidence import SampleRef, chunks, find_sample, quantity_of, resolve, rows, samples_of
from labdb.queries.replicate import Average, average
from labdb.queries.retention import DoseRetention, pl_retention, rl_retention
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

    Raises
    ------
    EvidenceError
        There is evidence, and what would lead from it to the limit is missing (for example the particle loading).
    """
    found = _GATHER.get(question.limit.kind, _direct)(session, question)
    return found or [question.nothing(f"Not assessed: {_missing(session, question)}.")]


def _missing(session: Session, question: Question) -> str:
    """Say what would have to be known; where another kind is known, what leads from it to the limit's."""
    limit = question.limit
    label = quantity_kind(limit.kind).label
    known: set[str] = set()
    for part in chunks(samples_of(session, question.subject)):
        sql = "SELECT DISTINCT quantity FROM observations WHERE sample IN :codes AND value IS NOT NULL"
        known |= {row["quantity"] for row in rows(session, sql, codes=part)}
    at = [f"at {question.at_d:g} d"] if question.at_d is not None else []
    at += [f"after {limit.at_dose_gy:g} Gy"] if limit.at_dose_gy is not None else []
    at += [f"at {limit.at_age_d:g} d"] if limit.at_age_d is not None and not at else []
    for kind in sorted(known):
        needed = what_is_needed(kind, limit)
        if needed is not None:
            return f"not comparable: {quantity_kind(kind).label} is known, {limit.id} is on {label}; needs {needed}"
    return " ".join([f"no {label}", *at, f"is recorded for {question.subject}"])


def _assessed(
    question: Question, code: str, measurand: str, scope: str, quantity: Quantity, *, dof: float | None = None
) -> dict[str, Any]:
    judgement, text, numbers = question.judge(quantity, dof)
    return {
        "subject": code,
        "sample": code,
        "measurand": measurand,
        "limit": question.limit,
        "decision": question.decision.name,
        "scope": scope,
        "judgement": judgement,
        "next_step": text,
        "numbers": numbers,
    }


def _total_fraction(session: Session, question: Question) -> list[Assessed]:
    """Total lead per mass: as measured, and from the perovskite mass fraction and the composition."""
    found = _direct(session, question)
    sample = _with_w(session, question.subject)
    if sample is None or sample.w is None or sample.composition is None:
        return found
    scale = mass_fraction(sample.composition, "Pb") * 1e6
    u = None if sample.w.u is None else sample.w.u * scale
    origin = None if u is None else UncertaintyOrigin.COMPUTED
    total = Quantity(sample.w.value * scale, "ug/g", "total_lead_mass_fraction", u=u, u_origin=origin)
    sources = tuple(("sample", code) for code in dict.fromkeys([sample.code, sample.w_from or sample.code]))
    filled = _assessed(question, sample.code, "total lead", "from w and composition", total)
    return [*found, Assessed(**filled, inputs=sources)]


def _with_w(session: Session, subject: str) -> SampleRef | None:
    """The first of a subject's samples whose perovskite mass fraction is known."""
    table, code = resolve(session, subject)
    codes = samples_of(session, code) if table != "sample" else [code]
    known = (find_sample(session, one) for one in codes)
    return next((one for one in known if one.w is not None and one.composition is not None), None)


def _pl(session: Session, question: Question) -> list[Assessed]:
    age = question.at_d if question.at_d is not None else question.limit.at_age_d
    found = []
    for one in pl_retention(session, question.subject, at_d=age):
        vials = f"mean over {one.n_vials} vials" if one.n_vials > 1 else "one vial"
        filled = _assessed(
            question,
            one.sample,
            f"PL retention in {one.condition or 'a condition not stated'}",
            f"at {one.age_d:g} d, {vials}" + (f", study {one.study}" if one.study else ""),
            one.retention,
            dof=one.dof,
        )
        found.append(
            Assessed(**filled, measurements=one.measurements, n=one.n_vials, inputs=_measured(one.measurements))
        )
    return found or _direct(session, question)


def _measured(measurements: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(("measurement", name) for name in dict.fromkeys(measurements))


def _rl(session: Session, question: Question) -> list[Assessed]:
    found = []
    for one in rl_retention(session, question.subject):
        if not _at_dose(one, question.limit.at_dose_gy):
            continue
        scope = f"after {one.dose if one.dose is not None else 'an unknown dose'}, exposure {one.irradiation}"
        filled = _assessed(question, one.sample, "RL retention", scope, one.retention, dof=one.dof)
        inputs = (*_measured(one.measurements), ("irradiation", one.irradiation))
        found.append(Assessed(**filled, measurements=one.measurements, n=1, inputs=inputs))
    return found or _direct(session, question)


def _at_dose(one: DoseRetention, wanted_gy: float | None) -> bool:
    """Whether the exposure gave the dose asked for, within 5 % or two standard uncertainties."""
    if wanted_gy is None:
        return True
    return one.dose is not None and abs(one.dose.value - wanted_gy) <= max(0.05 * wanted_gy, 2 * (one.dose.u or 0.0))


def _tested_dose(session: Session, question: Question) -> list[Assessed]:
    """A limit on dose asks up to which dose stability was tested: the largest over which RL was read."""
    tested = [one for one in rl_retention(session, question.subject) if one.dose is not None]
    if not tested:
        return _direct(session, question)
    most = max(tested, key=lambda one: one.dose.value if one.dose is not None else 0.0)
    if most.dose is None:
        return []
    filled = _assessed(question, most.sample, "dose over which RL was read", f"exposure {most.irradiation}", most.dose)
    return [Assessed(**filled, n=1, inputs=(("irradiation", most.irradiation),))]


def _water(session: Session, question: Question) -> list[Assessed]:
    """Lead per volume: in the leachate of each leach test, and as measured outside of one."""
    leached = in_leachate(session, question)
    known = {name for one in leached for name in one.measurements}
    return [*leached, *(one for one in _direct(session, question) if known.isdisjoint(one.measurements))]


def _direct(session: Session, question: Question) -> list[Assessed]:
    """Any other kind: what was recorded of exactly this kind; several readings at one age are averaged."""
    table, code = resolve(session, question.subject)
    if table == "leach_test":
        return []  # what a leach test is of its own is judged pull by pull
    found: list[Mapping[str, Any]] = []
    for part in chunks(samples_of(session, code)):
        sql = (
            "SELECT o.* FROM observations o JOIN samples s ON s.code = o.sample WHERE o.sample IN :codes "
            "AND o.quantity = :kind AND o.value IS NOT NULL AND o.leach_test IS NULL "
            "AND (s.kind NOT IN ('control', 'blank') OR s.code = :subject)"
        )
        found += rows(session, sql, codes=part, kind=question.limit.kind, subject=code)
    groups: dict[tuple[str, str, float], list[Mapping[str, Any]]] = {}
    for row in sorted(found, key=lambda row: (row["sample"], row["measurement"])):
        age = -1.0 if row["age_d"] is None else row["age_d"]
        if question.at_d is None or abs(age - question.at_d) < 1e-6:
            groups.setdefault((row["sample"], row["condition"] or "", age), []).append(row)
    return [_recorded(question, key, group) for key, group in groups.items()]


def _recorded(question: Question, key: tuple[str, str, float], group: list[Mapping[str, Any]]) -> Assessed:
    sample, condition, age = key
    mean = average([Average(_as_recorded(row)) for row in group])
    measurements = tuple(row["measurement"] for row in group)
    scope = (f"at {age:g} d" if age >= 0 else "as measured") + (f", mean of {mean.n}" if mean.n > 1 else "")
    measurand = quantity_kind(question.limit.kind).label + (f" in {condition}" if condition else "")
    filled = _assessed(question, sample, measurand, scope, mean.upper, dof=mean.dof)
    return Assessed(**filled, measurements=measurements, n=mean.n, inputs=_measured(measurements))


def _as_recorded(row: Mapping[str, Any]) -> Quantity:
    """A threshold without a u of its own is a number by definition: there is no loading it could be uncertain by."""
    read = quantity_of(row)
    if read.censoring is Censoring.BELOW and read.u is None:
        return Quantity(
            read.value, read.unit, read.kind, u=0.0, censoring=read.censoring, threshold_meaning=read.threshold_meaning
        )
    return read


_GATHER: dict[str, Callable[[Session, Question], list[Assessed]]] = {
    "lead_mass_concentration": _water,
    "released_lead_mass_fraction": released,
    "released_lead_per_day": per_day,
    "total_lead_per_day": per_day,
    "total_lead_mass_fraction": _total_fraction,
    "photoluminescence_retention": _pl,
    "radioluminescence_retention": _rl,
    "absorbed_dose": _tested_dose,
}
