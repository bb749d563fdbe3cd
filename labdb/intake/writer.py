"""What every form shares while it stores: the session, the codes already known, the findings on the way."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from labdb.errors import InputError, UnknownNameError
from labdb.finding import Finding, Severity

NOT_STATED = frozenset({"", "not stated", "n/a", "-"})
_LONGEST_CODE = 80  # as many as the columns for codes hold on PostgreSQL
_PROBLEMS_SHOWN = 40  # nobody reads more before correcting the first


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a user's table: where it stands and what is in its cells; what is not stated is left out.

    ``unstated`` names the cells that say so in words: an option does not fill those.
    """

    file: str
    number: int
    cells: dict[str, str]
    unstated: frozenset[str] = frozenset()

    @classmethod
    def of(cls, path: Path, number: int, cells: dict[str, str]) -> "Line":
        """Keep the cells that say something."""
        stated: dict[str, str] = {}
        unstated = []
        for name, text in cells.items():
            bare = text.strip()
            if bare.lower() not in NOT_STATED:
                stated[name] = bare
            elif bare:
                unstated.append(name)
        return cls(path.name, number, stated, frozenset(unstated))

    def within(self, context: dict[str, str]) -> "Line":
        """Fill what the row leaves empty from the options of the intake."""
        given = {name: text for name, text in context.items() if name not in self.unstated}
        return Line(self.file, self.number, {**given, **self.cells}, self.unstated) if given else self

    @property
    def where(self) -> str:
        """File and line, for a finding."""
        return f"{self.file}: line {self.number}" if self.number else self.file


class IntakeRefused(InputError):  # noqa: N818 - what happened, in the lab's words
    """What was given has problems; all of them are listed, nothing was stored."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        shown = findings[:_PROBLEMS_SHOWN]
        lines = [f"{finding.where}: {finding.message}" if finding.where else finding.message for finding in shown]
        if len(findings) > len(shown):
            lines.append(f"... and {len(findings) - len(shown)} more problems")
        super().__init__("\n".join([*lines, "Nothing stored."]))


class Codes:
    """Codes and aliases of a lab, looked up once and remembered."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[tuple[str, str], UUID] = {}

    def id_of(self, table: str, code: str) -> UUID:
        """Return the row a code or alias names in a table.

        Parameters
        ----------
        table : str
            The table, which is also the noun: sample, batch, condition.
        code : str
            A code, or another name of it.

        Returns
        -------
        UUID
            The row's identifier.

        Raises
        ------
        UnknownNameError
            There is none; names the nearest.
        """
        found = self.find(table, code)
        if found is None and table == "condition":
            found = self._shipped_condition(code)
        if found is None:
            raise UnknownNameError(table.replace("_", " "), code, self.known(table))
        return found

    def _shipped_condition(self, code: str) -> UUID | None:
        """Write a condition labdb knows by name into the lab, at its first use."""
        from labdb.condition import Condition, ConditionRow, shipped_conditions

        shipped = shipped_conditions().get(code)
        if shipped is None:
            return None
        row = ConditionRow.model_validate(Condition(code=code, **shipped).model_dump())
        self._session.add(row)
        self._session.flush()
        self.remember("condition", code, row.id)
        return row.id

    def find(self, table: str, code: str) -> UUID | None:
        """Return the row a code or alias names in a table, or None."""
        key = (table, code)
        if key not in self._found:
            rows = f'SELECT id FROM "{table}" WHERE code = :code{self._current(table)}'  # noqa: S608 - a table of ours
            row = self._session.execute(sa.text(rows), {"code": code}).first()
            if row is None:
                alias = self._session.execute(
                    sa.text("SELECT subject FROM alias WHERE name = :code"), {"code": code}
                ).first()
                row = alias and self._session.execute(sa.text(rows), {"code": alias[0]}).first()
            if row is None:
                return None
            self._found[key] = row[0] if isinstance(row[0], UUID) else UUID(str(row[0]))
        return self._found[key]

    def remember(self, table: str, code: str, row_id: UUID) -> None:
        """Remember a row that was just added; a code that cannot be read aloud and typed again is refused.

        Parameters
        ----------
        table : str
            The table.
        code : str
            Its code.
        row_id : UUID
            Its identifier.

        Raises
        ------
        CellError
            The code is too long, begins or ends with a blank, or holds a line break or another invisible character.
        """
        if len(code) > _LONGEST_CODE or not code.isprintable() or code != code.strip():
            shown = ascii(code[:_LONGEST_CODE])
            raise CellError("code", f"found the code {shown}; expected one line of at most {_LONGEST_CODE} characters")
        self._found[(table, code)] = row_id

    def known(self, table: str) -> list[str]:
        """List the codes of a table, and the aliases."""
        sql = f'SELECT code FROM "{table}" WHERE 1 = 1{self._current(table)} ORDER BY code LIMIT 5000'  # noqa: S608
        codes = [row[0] for row in self._session.execute(sa.text(sql))]
        if table == "condition":
            from labdb.condition import shipped_conditions

            codes += [code for code in shipped_conditions() if code not in codes]
        return codes + [
            row[0] for row in self._session.execute(sa.text("SELECT name FROM alias ORDER BY name LIMIT 1000"))
        ]

    @staticmethod
    def _current(table: str) -> str:
        facts = ("calibration", "measurement", "irradiation", "verdict", "statement")
        return " AND void_change_id IS NULL" if table in facts else ""

    def next_number(self, table: str, prefix: str) -> int:
        """Return the number after the largest one used with this prefix, voided rows included.

        Parameters
        ----------
        table : str
            A table with codes.
        prefix : str
            What stands before the number: ``M-``, ``B-26``.

        Returns
        -------
        int
            1 for the first.
        """
        connection = self._session.connection()
        if connection.dialect.name == "postgresql":  # two intakes at a time must not take the same number
            lock = sa.text("SELECT pg_advisory_xact_lock(hashtext(:what))")
            connection.execute(lock, {"what": f"labdb code of {table}"})
        sql = f'SELECT code FROM "{table}" WHERE code LIKE :like'  # noqa: S608 - a table of ours
        pattern = re.compile(re.escape(prefix) + r"(\d+)$")
        used = [pattern.match(row[0]) for row in self._session.execute(sa.text(sql), {"like": f"{prefix}%"})]
        return max((int(match[1]) for match in used if match), default=0) + 1


@dataclass
class Writer:
    """One intake in progress.

    ``context``, ``header`` and ``raw_file_id`` belong to the file being stored; ``at_the_end`` is done when everything
    of the intake is in the session.
    """

    session: Session
    codes: Codes
    findings: list[Finding] = field(default_factory=list)
    stored: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    context: dict[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    raw_file_id: UUID | None = None
    at_the_end: list[Callable[[], None]] = field(default_factory=list)
    _measurements: int | None = None

    @classmethod
    def on(cls, session: Session) -> "Writer":
        """Start on a session."""
        return cls(session, Codes(session))

    def problem(self, where: str, message: str, column: str | None = None) -> None:
        """Add a finding of severity error."""
        place = f'{where}, column "{column}"' if column else where
        self.findings.append(Finding("INTAKE", Severity.ERROR, where.split(":", 1)[0], place, message, {}))

    def each(self, lines: list[Line], act: Callable[[Line], None]) -> None:
        """Do something for every line; a bad line becomes a finding and never hides the next."""
        for line in lines:
            try:
                act(line)
            except CellError as error:
                self.problem(line.where, str(error), error.column)
            except InputError as error:
                self.problem(line.where, str(error))

    def finish(self) -> None:
        """Do what waited until everything is in the session, then refuse if anything was wrong."""
        for act in self.at_the_end:
            act()
        self.refuse_if_wrong()

    def refuse_if_wrong(self) -> None:
        """Raise if any problem was found, so that the transaction rolls back."""
        if self.findings:
            raise IntakeRefused(self.findings)

    def next_measurement(self) -> str:
        """Return the next measurement code."""
        if self._measurements is None:
            self._measurements = self.codes.next_number("measurement", "M-")
        code = f"M-{self._measurements:04d}"
        self._measurements += 1
        return code


class CellError(InputError):
    """One cell is wrong."""

    def __init__(self, column: str, message: str) -> None:
        self.column = column
        super().__init__(message)
