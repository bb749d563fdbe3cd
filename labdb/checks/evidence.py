"""What a rule reads: one session of a lab, its limits and settings, and what several rules would gather twice."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlmodel import Session

from labdb.compliance.limit import Limit
from labdb.errors import InputError
from labdb.quantity import Quantity
from labdb.queries.evidence import rows
from labdb.queries.leaching import LeachSeries, leach_series
from labdb.settings import LabConfig

NOT_SAMPLES_OF_INTEREST = ("control", "blank", "template")
"""Kinds of sample that hold no perovskite: they are evidence about others, never the subject of a verdict."""

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Said:
    """One statement of a source, with all its subjects."""

    code: str
    subjects: tuple[str, ...]
    about: str
    qualifier: str
    content: str
    unit: str | None
    place: str | None
    words: str | None
    alternative_of: str | None

    @property
    def number(self) -> float | None:
        """The statement's number, if its content is nothing else."""
        return float(self.content) if _NUMBER.fullmatch(self.content.strip()) else None

    def to(self, unit: str, kind: str) -> float | None:
        """Give the statement's number in a unit; None if it has none, or is of another kind."""
        if self.number is None:
            return None
        try:
            return Quantity(self.number, self.unit or "1", kind).to(unit).value
        except InputError:
            return None

    @property
    def shown(self) -> str:
        """The content with qualifier and unit, as one would quote it."""
        qualifier = "" if self.qualifier in ("=", "text", "range") else f"{self.qualifier} "
        unit = "" if self.unit in (None, "1") else f" {self.unit}"
        return f"{qualifier}{self.content}{unit}"


def shown(value: float, unit: str = "", digits: int = 4) -> str:
    """Write a number with its unit, to a number of significant digits.

    Parameters
    ----------
    value : float, scalar [unit]
        The number.
    unit : str
        Its unit; nothing for a pure number.
    digits : int, scalar [1]
        Significant digits; trailing zeros are left out.

    Returns
    -------
    str
        For example "5.075 ug/g".

    Examples
    --------
    >>> shown(5.0750001, "ug/g")
    '5.075 ug/g'
    """
    return f"{value:.{digits}g} {unit}".rstrip()


def plural(number: int, noun: str) -> str:
    """Count something in words.

    Parameters
    ----------
    number : int, scalar [1]
        How many.
    noun : str
        What, in the singular, with a regular plural.

    Returns
    -------
    str
        "1 weighing", "3 weighings".

    Examples
    --------
    >>> plural(3, "weighing")
    '3 weighings'
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Evidence:
    """An open session with what rules share; everything is gathered at its first use and kept for the run."""

    def __init__(self, session: Session, config: LabConfig, limits: Mapping[str, Limit]) -> None:
        self.session = session
        self.config = config
        self.limits = limits

    def rows(self, sql: str, **parameters: object) -> Sequence[Mapping[str, Any]]:
        """Run a query on the views and tables of the lab."""
        return rows(self.session, sql, **parameters)

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """Every statement, in order of its code."""
        subjects: dict[str, list[str]] = {}
        facts: dict[str, Mapping[str, Any]] = {}
        for row in self.rows("SELECT * FROM statements ORDER BY code, subject"):
            subjects.setdefault(row["code"], []).append(row["subject"])
            facts[row["code"]] = row
        names = ("about", "qualifier", "content", "unit", "place", "words", "alternative_of")
        return tuple(Said(code, tuple(subjects[code]), *(row[name] for name in names)) for code, row in facts.items())

    def said_about(self, *words: str, subject: str | None = None) -> list[Said]:
        """Statements whose quantity is spoken of with all these words, of one subject or of any."""
        wanted = [word.casefold() for word in words]
        return [
            one
            for one in self.said
            if all(word in one.about.casefold() for word in wanted) and (subject is None or subject in one.subjects)
        ]

    @cached_property
    def samples(self) -> dict[str, Mapping[str, Any]]:
        """Every sample, by code."""
        return {row["code"]: row for row in self.rows("SELECT * FROM samples ORDER BY code")}

    @cached_property
    def _parents(self) -> dict[str, list[str]]:
        parents: dict[str, list[str]] = {}
        for row in self.rows("SELECT DISTINCT child, parent FROM sample_origins ORDER BY child, parent"):
            parents.setdefault(row["child"], []).append(row["parent"])
        return parents

    @cached_property
    def _controls(self) -> frozenset[str]:
        found = self.rows("SELECT DISTINCT s.code FROM control c JOIN sample s ON s.id = c.control_id")
        return frozenset(row["code"] for row in found)

    def ancestors(self, sample: str) -> list[str]:
        """What a sample came from, nearest first."""
        above: list[str] = []
        pending = [sample]
        while pending:
            for parent in self._parents.get(pending.pop(0), []):
                if parent not in above and parent != sample:
                    above.append(parent)
                    pending.append(parent)
        return above

    def roots(self, sample: str) -> list[str]:
        """The samples at the beginning: those that came from no other; the sample itself if it did not."""
        return [one for one in (sample, *self.ancestors(sample)) if one not in self._parents]

    def is_control(self, sample: str) -> bool:
        """Whether a sample is a control or blank, or made of one."""
        family = (sample, *self.ancestors(sample))
        return sample in self._controls or any(
            one in self.samples and self.samples[one]["kind"] in NOT_SAMPLES_OF_INTEREST for one in family
        )

    def composition(self, sample: str) -> str | None:
        """The nominal composition of a sample, its own or its nearest ancestor's."""
        family = [self.samples[one] for one in (sample, *self.ancestors(sample)) if one in self.samples]
        return next((str(row["composition"]) for row in family if row["composition"]), None)

    @cached_property
    def leach_rows(self) -> tuple[Mapping[str, Any], ...]:
        """Every leach test of something that is no control, by code."""
        found = self.rows("SELECT * FROM leach_tests ORDER BY code")
        return tuple(row for row in found if not self.is_control(row["sample"]))

    @cached_property
    def series(self) -> tuple[LeachSeries, ...]:
        """The leach tests of `leach_rows` with their pulls."""
        return tuple(leach_series(self.session, row["code"]) for row in self.leach_rows)

    @cached_property
    def used_limits(self) -> dict[str, list[str]]:
        """Limit ids the lab uses, each with where: labdb.toml, a verdict, a statement."""
        used: dict[str, list[str]] = {name: ["labdb.toml"] for name in self.config.limits}
        for row in self.rows("SELECT limit_id, count(*) AS number FROM verdicts GROUP BY limit_id ORDER BY limit_id"):
            used.setdefault(row["limit_id"], []).append(plural(row["number"], "verdict"))
        for one in self.said:
            for name in one.subjects:
                if name in self.limits:
                    used.setdefault(name, []).append(f"statement {one.code}")
        return used
