"""One verdict with its evidence, and the question it answers."""

from dataclasses import dataclass, field
from typing import Any

from labdb.compliance.decision import Decision
from labdb.compliance.judgement import Judgement
from labdb.compliance.limit import Limit
from labdb.finding import Finding
from labdb.queries.leaching import LeachSeries


@dataclass(frozen=True)
class Assessed:
    """One verdict with its evidence; ``beside`` is the verdict on the limit's own basis where another was assumed."""

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
    """What is asked of a subject: one limit under one rule, at one age or up to the last pull."""

    subject: str
    limit: Limit
    decision: Decision
    at_d: float | None
    daily_mass_mg: float | None
