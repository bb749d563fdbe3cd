"""One verdict with its evidence, and the question it answers."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from labdb.compliance.decision import Decision
from labdb.compliance.judgement import Judgement, judge, not_assessed
from labdb.compliance.limit import Limit
from labdb.compliance.plan import next_step
from labdb.finding import Finding
from labdb.quantity import Quantity, quantity_kind
from labdb.queries.leaching import LeachSeries


@dataclass(frozen=True)
class Assessed:
    """One verdict with its evidence; ``beside`` is the verdict on the limit's own basis where another was assumed.

    ``inputs`` names what it was computed from, table and code: its measurements, and the loading, method, leach test,
    sample or exposure that lead from them to what is judged.
    """

    subject: str
    sample: str | None
    measurand: str
    limit: Limit
    decision: str
    scope: str
    judgement: Judgement
    next_step: str | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    assumption: str | None = None
    beside: "Assessed | None" = None
    series: LeachSeries | None = None
    measurements: tuple[str, ...] = ()
    n: int | None = None
    findings: tuple[Finding, ...] = ()
    code: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as plain data.

        Returns
        -------
        dict
            Ready for ``json.dumps``; the verdict beside it nested.
        """
        return {
            "code": self.code,
            "subject": self.subject,
            "sample": self.sample,
            "measurand": self.measurand,
            "scope": self.scope,
            "limit": {**self.limit.as_json(), "digest": self.limit.digest()},
            **{
                name: value for name, value in self.judgement.as_json().items() if name not in ("limit", "limit_digest")
            },
            "next_step": self.next_step,
            "next_step_numbers": dict(sorted(self.numbers.items())),
            "assumption": self.assumption,
            "n": self.n,
            "measurements": list(self.measurements),
            "beside": None if self.beside is None else self.beside.as_json(),
        }


@dataclass(frozen=True)
class Question:
    """What is asked of a subject: one limit under one rule, at one age or up to the last pull, on a day."""

    subject: str
    limit: Limit
    decision: Decision
    at_d: float | None
    daily_mass_mg: float | None
    on: date | None = None

    def judge(self, quantity: Quantity, dof: float | None = None) -> tuple[Judgement, str | None, dict[str, float]]:
        """Judge one quantity, and say what to measure next.

        Parameters
        ----------
        quantity : Quantity
            Of the limit's kind.
        dof : float, optional, scalar [1]
            Degrees of freedom of its u; None is many.

        Returns
        -------
        tuple of (Judgement, str or None, dict)
            The judgement; the next step in words and numbers, unless it is decided.
        """
        judgement = judge(quantity, self.limit, self.decision, dof=dof, on=self.on)
        step = next_step(judgement, dof=dof)
        return (judgement, None, {}) if step is None else (judgement, step.text, step.numbers)

    def nothing(self, why: str, *, measurand: str | None = None, subject: str | None = None) -> Assessed:
        """Answer that there is no evidence: a row, never an abort.

        Parameters
        ----------
        why : str
            What is missing, one sentence.
        measurand : str, optional
            What was looked for; the limit's kind if not given.
        subject : str, optional
            What it was looked for in; the question's subject if not given.

        Returns
        -------
        Assessed
            With the outcome ``not_assessed``.
        """
        judgement = not_assessed(self.limit, self.decision, why, on=self.on)
        label = measurand or quantity_kind(self.limit.kind).label
        return Assessed(subject or self.subject, None, label, self.limit, self.decision.name, "no evidence", judgement)
