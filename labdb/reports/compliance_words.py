"""The words of a compliance report: numbers with their uncertainty, rules explained, the verdicts in plain language."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from labdb.assessment import Assessed
from labdb.compliance.decision import Outcome, parse_decision
from labdb.compliance.limit import Limit, LimitStatus, limit_status_words
from labdb.finding import Finding, Severity
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, quantity_kind
from labdb.reports.compliance_content import ComplianceReport
from labdb.reports.plot_series import COVERAGE, typeset

NOT_STATED = "not stated"

SIGNS = {Outcome.PASS: "✓", Outcome.FAIL: "✕", Outcome.INCONCLUSIVE: "?", Outcome.NOT_ASSESSED: "–"}

ANSWERS = {
    Outcome.PASS: "Kept",
    Outcome.FAIL: "Missed",
    Outcome.INCONCLUSIVE: "Not decided",
    Outcome.NOT_ASSESSED: "Not assessed",
}

_MEANINGS = {
    ThresholdMeaning.BELOW_LC: "below the critical value LC: a true value at the bound would nearly always be seen",
    ThresholdMeaning.BELOW_LD: "below the limit of detection LD: a true value at LD is reported so half of the time, "
    "therefore the guard band covers 1.645 LD / 3.29 more",
    ThresholdMeaning.BELOW_LQ: "below the limit of quantification LQ: its spread of a tenth is in the guard band",
    ThresholdMeaning.NOT_STATED: "not stated; taken as below the limit of detection LD, of which a true value is "
    "reported so half of the time, therefore the guard band covers 1.645 LD / 3.29 more",
}

_PLAIN_RULES = {
    "guarded-95": "A verdict is given only where the measured value stays clear of the limit by its uncertainty",
    "simple": "The measured value alone decides, whatever its uncertainty",
    "ilac-g8": "A verdict is given only where the measured value stays clear of the limit by twice its uncertainty",
}

# Not strftime: its months speak the language of the computer.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_RULES = {
    "guarded-95": "pass or fail only where the value stays clear of the limit by the guard band g = 1.645 u (Student's "
    "t below 30 degrees of freedom), one-sided 95 %; otherwise inconclusive. JCGM 106:2012, 8.3",
    "simple": "the value alone decides, no guard band; a value on the limit can be wrong half of the time. "
    "ILAC-G8:09/2019, 4.2.1",
    "ilac-g8": "guard band g = U = 2 u; within it the wording is conditional pass or conditional fail, and counts as "
    "inconclusive. ILAC-G8:09/2019, 4.2.3",
}


def day(iso: str | None) -> str:
    """Return a day for print.

    Parameters
    ----------
    iso : str or None
        ISO 8601, a time after it is left out.

    Returns
    -------
    str
        For example "20 November 2026".

    Examples
    --------
    >>> day("2026-11-20T09:00:00Z")
    '20 November 2026'
    """
    if not iso:
        return NOT_STATED
    found = date.fromisoformat(iso[:10])
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def days(first: str | None, last: str | None) -> str:
    """Return a span of days for print."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def number(value: float | None, unit: str = "", digits: int = 4) -> str:
    """Return a plain number and its unit for print, "not stated" for None.

    Parameters
    ----------
    value : float, optional, scalar [unit]
        The number.
    unit : str
        Its unit.
    digits : int, scalar [1]
        Significant digits.

    Returns
    -------
    str
        For example "10 µg/L".
    """
    if value is None:
        return NOT_STATED
    return typeset(f"{value:.{digits}g}" if unit in ("", "1") else f"{value:.{digits}g} {unit}")


def shown(quantity: Quantity | None) -> str:
    """Return a quantity as labdb prints it, with the signs of print; "not stated" for None."""
    return NOT_STATED if quantity is None else typeset(str(quantity))


def expanded(quantity: Quantity) -> str:
    """Return the value with its expanded uncertainty U = 2 u, or the bound.

    Parameters
    ----------
    quantity : Quantity
        A value or a bound.

    Returns
    -------
    str
        For example "(5.4 ± 1.0) µg/g", "< 20.0 µg/g", "5.4 µg/g, u not recorded".

    Examples
    --------
    >>> expanded(Quantity(5.415, "ug/g", "released_lead_mass_fraction", u=0.51))
    '(5.4 ± 1.0) µg/g'
    """
    if quantity.censoring is not Censoring.NONE:
        return shown(quantity)
    if quantity.u is None:
        return f"{shown(quantity)}, u not recorded"
    wide = Quantity(quantity.value, quantity.unit, quantity.kind, u=COVERAGE * quantity.u)
    return typeset(f"{wide:pm}")


def limit_words(limit: Limit) -> str:
    """Return a limit with its id and standing: "≤ 5 µg/g, PAPER-5UGG (unverified limit)"."""
    status = limit_status_words(limit)
    return f"{typeset(str(limit))}, {limit.id}{f' ({status})' if status else ''}"


def rule_words(name: str) -> str:
    """Return what a decision rule does, with its source."""
    rule = parse_decision(name)
    if rule.name in _RULES:
        return typeset(_RULES[rule.name])
    return (
        f"pass where the probability of conformity is at least {rule.probability:g}, fail where it is at most "
        f"{1 - rule.probability:.3g}; otherwise inconclusive. JCGM 106:2012, 7 and 8"
    )


def meaning_words(meaning: ThresholdMeaning | None) -> str:
    """Return what "<" means, and what follows from it."""
    return _MEANINGS[meaning or ThresholdMeaning.NOT_STATED]


def outcome_words(one: Assessed) -> tuple[str, str]:
    """Part a verdict's wording into the verdict itself and what is said of limit and assumption."""
    wording = one.judgement.wording
    found = re.match(r"(conditional )?(pass|fail)|inconclusive|not assessed", wording)
    head = found.group() if found else wording
    return head, wording[len(head) :].strip()


def margin_words(one: Assessed) -> str:
    """Return how far the value or bound lies from the limit, and on which side."""
    margin, unit = one.judgement.margin, one.limit.unit
    if margin is None:
        return "–"
    side = "inside" if margin >= 0 else "beyond"
    text = typeset(f"{abs(margin):.3g}" if unit == "1" else f"{abs(margin):.3g} {unit}")
    return "on the limit" if margin == 0 else f"{text} {side}"


def times_words(one: Assessed) -> str:
    """Return how many times an upper limit a value is, where it is beyond: "143 times the limit"."""
    quantity, limit = one.judgement.quantity, one.limit
    beyond = one.judgement.outcome is Outcome.FAIL and limit.operator.value in ("<=", "<") and limit.value > 0
    if quantity is None or not beyond:
        return ""
    return f"{quantity.value / limit.value:.3g} times the limit"


# --- in plain words ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a list in the summary; where it tells verdicts, with their outcome."""

    text: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the plain-language summary: what it is about, its sentences, its list."""

    head: str
    lead: str
    points: tuple[Point, ...] = ()


def with_beside(verdicts: Iterable[Assessed]) -> list[Assessed]:
    """Return every verdict, each followed by the one on the limit's own basis, where there is one."""
    return [one for verdict in verdicts for one in (verdict, verdict.beside) if one is not None]


def summary(report: ComplianceReport) -> tuple[Paragraph, ...]:
    """Say for a safety officer what was asked, what the answer is, what to do next.

    Parameters
    ----------
    report : ComplianceReport
        With its verdicts.

    Returns
    -------
    tuple of Paragraph
        Three.
    """
    return (_asked(report), _answered(report), _to_do(report))


def _asked(report: ComplianceReport) -> Paragraph:
    limits = list({one.limit.id: one.limit for one in report.verdicts}.values())
    kept = "this limit is" if len(limits) == 1 else f"these {len(limits)} limits are"
    listed = "; ".join(f"{quantity_kind(limit.kind).label} {limit_words(limit)}" for limit in limits)
    rule = _PLAIN_RULES.get(report.decision, "A verdict is given only where it is probable enough")
    lead = f"Whether {kept} kept by {join(subject_words(report))}: {listed}. {rule} (rule {report.decision})."
    return Paragraph("What was asked", lead)


def subject_words(report: ComplianceReport) -> list[str]:
    """Return what the report is about, each with its composition where it is known."""
    compositions = {one.code: one.composition for one in report.items}
    compositions |= {one.batch: one.composition for one in report.makings}
    found = ((code, compositions.get(code)) for code in report.subjects)
    return [f"{code} ({composition})" if composition else code for code, composition in found]


def _answered(report: ComplianceReport) -> Paragraph:
    every = with_beside(report.verdicts)
    found = {one.judgement.outcome for one in every}
    if Outcome.FAIL in found:
        head = "Not every limit is kept."
    elif found - {Outcome.PASS}:
        head = "No limit is shown to be missed, but not every one could be decided."
    else:
        head = "Every limit that was asked about is kept."
    order = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.NOT_ASSESSED)
    points = [Point(_answer(outcome, group), outcome) for outcome in order for group in _groups(every, outcome)]
    return Paragraph("What the answer is", head, tuple(points))


def _groups(verdicts: Sequence[Assessed], outcome: Outcome) -> list[list[Assessed]]:
    """Verdicts that can be told in one sentence: same limit, basis, and reason why not decided."""
    groups: dict[tuple[str, ...], list[Assessed]] = {}
    for one in verdicts:
        if one.judgement.outcome is outcome:
            measurand = re.sub(r" in .*", "", one.measurand)
            key = (one.limit.id, measurand, one.assumption or "", _why_undecided(one))
            groups.setdefault(key, []).append(one)
    return list(groups.values())


def _why_undecided(one: Assessed) -> str:
    quantity = one.judgement.quantity
    if one.judgement.outcome is not Outcome.INCONCLUSIVE or quantity is None:
        lacking = one.judgement.outcome is Outcome.NOT_ASSESSED
        return one.judgement.reason.replace(f" for {one.subject}", "") if lacking else ""
    if one.judgement.guard is None:
        return "no uncertainty is recorded"
    if one.next_step is not None and one.next_step.startswith("a pull at "):
        return "what was measured keeps to it, but nothing was measured at the age it asks for"
    if quantity.censoring is Censoring.ABOVE:
        return "the value is known from below only"
    if quantity.censoring is Censoring.BELOW:
        some = one.series is not None and bool(one.series.at_least)
        seen = "not every reading detected something, and" if some else "nothing was detected, but"
        return f"{seen} what the measurement can detect is too much to tell"
    return "the value lies closer to the limit than its uncertainty allows"


def _answer(outcome: Outcome, group: Sequence[Assessed]) -> str:
    first = group[0]
    many = len({one.measurand for one in group}) > 1
    measurand = re.sub(r" in .*", "", first.measurand) if many else first.measurand
    who = join(dict.fromkeys(one.subject for one in group))
    limit = limit_words(first.limit)
    assumed = f", under assumption {first.assumption}" if first.assumption else ""
    own = " on the limit's own basis" if first.scope.startswith("the limit's own basis") else ""
    match outcome:
        case Outcome.PASS:
            return f"{measurand} keeps to {limit}, for {who}{assumed}{own}."
        case Outcome.FAIL:
            times = _range_of_times(group)
            return f"{measurand} does not keep to {limit}, for {who}{times}{assumed}{own}."
        case Outcome.INCONCLUSIVE:
            return f"{measurand} against {limit}, for {who}{assumed}{own}: {_why_undecided(first)}."
    why = typeset(_why_undecided(first).removeprefix("Not assessed: ").rstrip("."))
    return f"{measurand} against {limit}, for {who}: {why}."


def _range_of_times(group: Sequence[Assessed]) -> str:
    found = sorted({times for one in group if (times := times_words(one))}, key=lambda text: float(text.split()[0]))
    if not found:
        return ""
    low, high = found[0].split()[0], found[-1]
    return f" ({high})" if len(found) == 1 else f" ({low} to {high})"


def _to_do(report: ComplianceReport) -> Paragraph:
    points = [*_of_verdicts(report.verdicts), *_of_findings(report.findings)]
    if points:
        return Paragraph("What to do next", "", tuple(Point(text) for text in points))
    nothing = (
        "Nothing needs to be measured for these limits. The verdicts hold for the items, times and media named here"
    )
    return Paragraph("What to do next", f"{nothing}, and not beyond.")


def _of_verdicts(verdicts: Sequence[Assessed]) -> list[str]:
    said = [
        f"Treat {join(dict.fromkeys(one.subject for one in group))} as not keeping to {group[0].limit.id}."
        for group in _groups(verdicts, Outcome.FAIL)
    ]
    assumed = sorted({one.limit.id for one in verdicts if one.beside is not None})
    if assumed:
        said.append(
            f"Settle with whoever answers for {join(assumed)} whether the assumption may be made; without it only the "
            "verdict on the limit's own basis holds."
        )
    steps: dict[str, list[str]] = {}
    for one in verdicts:
        if one.next_step:
            steps.setdefault(one.next_step, []).append(one.subject)
    for step, who in steps.items():
        named, step_words = join(dict.fromkeys(who)), typeset(step)
        again = step.startswith(("LD ", "LQ "))
        said.append(f"Measure {named} again with {step_words}." if again else f"{named}: {step_words}.")
    unverified = sorted({one.limit.id for one in verdicts if one.limit.status is LimitStatus.UNVERIFIED})
    said += [
        f"Find the source of {name}, or judge by another limit: that its authority set it is not verified."
        for name in unverified
    ]
    return said


def _of_findings(findings: Sequence[Finding]) -> list[str]:
    weighty = [one for one in findings if one.severity is not Severity.INFO]
    if not weighty:
        return []
    errors = sum(one.severity is Severity.ERROR for one in weighty)
    count = f"{len(weighty)} findings" if len(weighty) > 1 else "1 finding"
    how = f"{errors} of them errors" if errors else "no errors"
    return [f"Read the {count} of labdb check ({how}) first: a verdict is as good as the record behind it."]


def join(words: Iterable[str]) -> str:
    """Join words by commas and a last "and"."""
    *others, last = list(words)
    return f"{', '.join(others)} and {last}" if others else last
