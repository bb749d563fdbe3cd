"""The linter: reads a laboratory's record and finds what a careful referee would.

A rule is a function ``(Evidence) -> list[Finding]`` under the decorator `rule`, in any module of this folder; no list
is edited anywhere. `run` asks all of them, or the named ones, in one read session.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from labdb.assessment import lab_limits
from labdb.checks.evidence import Evidence
from labdb.errors import UnknownNameError
from labdb.finding import Finding, Severity
from labdb.lab import Lab
from labdb.plugins import modules_of

__all__ = ["Evidence", "Rule", "explain", "found", "rule", "rules", "run"]

Check = Callable[[Evidence], list[Finding]]

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, how much it weighs, why it exists, where it comes from, and the function that looks."""

    id: str
    severity: Severity
    title: str
    rationale: str
    source: str
    check: Check


_registered: dict[str, Rule] = {}


def rule(id: str, severity: Severity, *, rationale: str, source: str) -> Callable[[Check], Check]:
    """Register a function as a rule; rationale and source are added to its docstring.

    Parameters
    ----------
    id : str
        The rule's code, for example "R05"; each stands once.
    severity : Severity
        How much its findings weigh.
    rationale : str
        Why one should care, in a sentence.
    source : str
        Document and section, or "own rule".

    Returns
    -------
    callable
        Decorator of a function whose docstring's first line says what it finds, with a line "Fails:" and one "Passes:".
    """

    def register(check: Check) -> Check:
        known = _registered.get(id)
        if known is not None and known.check.__qualname__ != check.__qualname__:
            raise ValueError(f"two rules are called {id}: {known.check.__qualname__} and {check.__qualname__}")
        title, _, rest = inspect.cleandoc(check.__doc__ or "").partition("\n")
        check.__doc__ = f"{id}, {severity.value}: {title}\n\nRationale: {rationale}\nSource: {source}\n{rest}"
        _registered[id] = Rule(id, severity, title, rationale, source, check)
        return check

    return register


def found(rule_id: str, subject: str, message: str, numbers: Mapping[str, str], where: str = "") -> Finding:
    """Make a finding of a registered rule, with the rule's severity.

    Parameters
    ----------
    rule_id : str
        The rule's code.
    subject : str
        What is concerned; several codes joined by ``;`` where they make one finding.
    message : str
        What was found, what was expected, what to do.
    numbers : mapping of str to str
        The numbers behind it, each with its unit.
    where : str
        File and line, where the record knows them.

    Returns
    -------
    Finding
        The finding.
    """
    return Finding(rule_id, _registered[rule_id].severity, subject, where, message, dict(numbers))


def rules() -> dict[str, Rule]:
    """Return every rule of this folder.

    Returns
    -------
    dict of str to Rule
        By code, sorted.
    """
    modules_of(__name__)
    return dict(sorted(_registered.items()))


def _chosen(names: Sequence[str] | None) -> list[Rule]:
    known = rules()
    if names is None:
        return list(known.values())
    for name in names:
        if name not in known:
            raise UnknownNameError("rule", name, known)
    return [known[name] for name in dict.fromkeys(names)]


def run(lab: Lab, rules: Sequence[str] | None = None) -> list[Finding]:
    """Check a laboratory's record.

    Parameters
    ----------
    lab : Lab
        The open lab.
    rules : sequence of str, optional
        Codes of the rules to ask; all of them if not given.

    Returns
    -------
    list of Finding
        Errors first, then warnings, then remarks; by rule and subject within.

    Raises
    ------
    UnknownNameError
        There is no such rule; names the nearest.
    InputError
        A limit file of the lab cannot be read.
    """
    asked = _chosen(rules)
    known = lab_limits(lab)
    with lab.read() as session:
        evidence = Evidence(session, lab.config, known)
        findings = [finding for one in asked for finding in one.check(evidence)]
    return sorted(findings, key=lambda one: (_ORDER.index(one.severity), one.rule, one.subject, one.message))


def explain(rule_id: str) -> str:
    """Say what a rule finds, why, where it comes from, and what fails and passes it.

    Parameters
    ----------
    rule_id : str
        The rule's code.

    Returns
    -------
    str
        Several lines for a person.

    Raises
    ------
    UnknownNameError
        There is no such rule; names the nearest.

    Examples
    --------
    >>> print(explain("R05").splitlines()[0])
    R05, error: A written pH contradicts the concentration of the strong acid beside it.
    """
    (one,) = _chosen([rule_id])
    return inspect.cleandoc(one.check.__doc__ or "").rstrip()
