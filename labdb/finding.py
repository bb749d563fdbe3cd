"""A problem in the users' data is a value, not an exception: so many can be reported together."""

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs; `labdb check` fails on errors, on demand on warnings."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found: what, where, how bad, and the numbers that show it.

    Parameters
    ----------
    rule : str
        The code of the rule, for example "LEACH-2".
    severity : Severity
        Info, warning or error.
    subject : str
        The code of what is concerned, for example "S-2601-W1".
    where : str
        File, sheet and cell or line; empty when the subject says it all.
    message : str
        One sentence: what was found, what was expected, what to do.
    numbers : dict of str to str
        The numbers behind the sentence, each with its unit.

    Examples
    --------
    >>> print(Finding("R03", Severity.ERROR, "LT-MIX", "statements.csv:4", "two loadings for one test"))
    error  R03  LT-MIX: two loadings for one test (statements.csv:4)
    """

    rule: str
    severity: Severity
    subject: str
    where: str
    message: str
    numbers: dict[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.severity.value}  {self.rule}  {self.subject}: {self.message}{place}"

    def as_json(self) -> dict[str, object]:
        """Return the finding as plain data, keys in the order of the fields.

        Returns
        -------
        dict
            Ready for `json.dumps`; the severity is text, the numbers sorted by name.
        """
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "subject": self.subject,
            "where": self.where,
            "message": self.message,
            "numbers": dict(sorted(self.numbers.items())),
        }
