"""Gather a sample's evidence, judge it, store the verdicts; a limit without evidence is a verdict too."""

from collections.abc import Sequence

from sqlmodel import Session

from labdb.assessment.assessed import Assessed, Question
from labdb.assessment.gather import gather
from labdb.assessment.store import digested, store_verdict
from labdb.compliance.decision import parse_decision
from labdb.compliance.limit import Limit, limits
from labdb.errors import EvidenceError, UnknownNameError
from labdb.lab import Lab
from labdb.queries.evidence import resolve, samples_of
from labdb.record import now

__all__ = ["Assessed", "assess", "chosen_limits", "lab_limits"]

DEFAULT_LIMITS = ("PAPER-5UGG",)


def lab_limits(lab: Lab) -> dict[str, Limit]:
    """Return every limit this lab knows: the shipped ones and those in its own ``limits`` folder.

    Parameters
    ----------
    lab : Lab
        The open lab.

    Returns
    -------
    dict
        Limits by id.

    Raises
    ------
    InputError
        A file of the lab's is wrong; names file and key.
    """
    own = lab.config.folder / "limits"
    return limits(own) if own.is_dir() else limits()


def chosen_limits(lab: Lab, names: Sequence[str] | None) -> list[Limit]:
    """Return the limits to judge by: those named, those of labdb.toml, or the one the source paper names.

    Parameters
    ----------
    lab : Lab
        The open lab.
    names : sequence of str, optional
        Limit ids.

    Returns
    -------
    list of Limit
        In the order named.

    Raises
    ------
    UnknownNameError
        There is no such limit; names the nearest.
    """
    known = lab_limits(lab)
    wanted = list(names or lab.config.limits or DEFAULT_LIMITS)
    for name in wanted:
        if name not in known:
            raise UnknownNameError("limit", name, known)
    return [known[name] for name in wanted]


def assess(
    lab: Lab,
    subject: str,
    *,
    limits: Sequence[str] | None = None,
    decision: str | None = None,
    at_d: float | None = None,
    daily_mass_mg: float | None = None,
    store: bool = True,
) -> list[Assessed]:
    """Judge a subject against limits.

    Parameters
    ----------
    lab : Lab
        The open lab.
    subject : str
        A leach test, sample or batch, by code or alias.
    limits : sequence of str, optional
        Limit ids; labdb.toml's if not given.
    decision : str, optional
        Decision rule; labdb.toml's if not given.
    at_d : float, optional, scalar [d]
        Judge the pull at this age only; the largest up to the last pull if not given.
    daily_mass_mg : float, optional, scalar [mg]
        Mass of particles per day, for limits per day; labdb.toml's if not given.
    store : bool
        Keep the verdicts in the record.

    Returns
    -------
    list of Assessed
        One per limit and piece of evidence; a limit without evidence is ``not_assessed``.

    Raises
    ------
    UnknownNameError
        No such subject, limit or rule.
    InputError
        The subject is none that has samples.
    EvidenceError
        There is one limit only, and what leads to it from the evidence is missing (for example the particle loading).
        Of several limits the one that lacks something is ``not_assessed`` and says so.
    """
    rule = parse_decision(decision or lab.config.decision)
    chosen = chosen_limits(lab, limits)
    mass = daily_mass_mg if daily_mass_mg is not None else lab.config.daily_mass_mg
    with lab.read() as session:
        _, code = resolve(session, subject)
        samples_of(session, code)
        today = now().date()
        questions = [Question(code, limit, rule, at_d, mass, today) for limit in chosen]
        found = [one for question in questions for one in _answer(session, question, alone=len(chosen) == 1)]
        digests = [digested(session, one) for one in found] if store else []
    if not store:
        return found
    with lab.write(None, f"assess {code}") as session:
        return [store_verdict(session, one, digest) for one, digest in zip(found, digests, strict=True)]


def _answer(session: Session, question: Question, *, alone: bool) -> list[Assessed]:
    try:
        return gather(session, question)
    except EvidenceError as error:
        if alone:
            raise
        return [question.nothing(f"Not assessed: {error}")]
