"""A compliance report as it is printed: head, plain words, verdicts, sections of evidence; the templates only lay out.

Everything here is text, lists and dicts of text. PDF and HTML are made of the same document, so they say the same.
"""

from typing import Any

from labdb.assessment import Assessed
from labdb.compliance.decision import Outcome
from labdb.quantity import Censoring, Quantity
from labdb.reports.compliance_content import ComplianceReport
from labdb.reports.compliance_sections import sections
from labdb.reports.compliance_words import (
    ANSWERS,
    NOT_STATED,
    SIGNS,
    Paragraph,
    day,
    days,
    expanded,
    limit_words,
    margin_words,
    meaning_words,
    number,
    outcome_words,
    rule_words,
    shown,
    subject_words,
    summary,
    times_words,
)
from labdb.reports.plot_series import typeset

Pairs = list[list[str]]

EXAMPLE_WORDS = "EXAMPLE DATA"

_LETTERS_ON_HALF_A_PAGE = 1000

_STATEMENTS = (
    "The results relate only to the items tested.",
    "Not issued under accreditation.",
    "A draft: not authorised, not signed. It is known by its identifier, which is made of its content.",
    "It may be passed on as a whole; a part of it needs the approval of the laboratory.",
    "A verdict holds for the limit, edition, basis, medium and time named with it, and not beyond. Opinions and "
    "interpretations are given only under “What to do next”.",
)


def document(report: ComplianceReport) -> dict[str, Any]:
    """Return a report as text to be laid out.

    Parameters
    ----------
    report : ComplianceReport
        Of `labdb.reports.compliance.gather`.

    Returns
    -------
    dict
        Text only, and plots as SVG; what a template needs, in the order of the page.
    """
    return {
        "title": report.title,
        "id": report.id,
        "state": report.state,
        "rule": report.decision,
        "laboratory": report.laboratory,
        "example": EXAMPLE_WORDS if report.example else "",
        "date": report.dates.reported,
        "subjects": ", ".join(subject_words(report)),
        "facts": _facts(report),
        "summary": [_paragraph(one) for one in summary(report)],
        "verdicts": [_row(place, one) for place, one in enumerate(report.verdicts, start=1)],
        "legend": _legend(report),
        "details": [_detail(str(place), one) for place, one in enumerate(report.verdicts, start=1)],
        "sections": sections(report),
        "statements": list(_STATEMENTS),
        "end": f"End of report {report.id}",
    }


def _paragraph(one: Paragraph) -> dict[str, Any]:
    points = [
        {"text": point.text, "outcome": point.outcome.value, "head": ANSWERS[point.outcome]}
        if point.outcome
        else {"text": point.text, "outcome": "", "head": ""}
        for point in one.points
    ]
    return {"head": one.head, "lead": one.lead, "points": points}


def _facts(report: ComplianceReport) -> Pairs:
    dates = report.dates
    at = "up to the last pull" if report.at_d is None else f"at {report.at_d:g} d"
    return [
        ["Report", f"{report.id}, {report.state}"],
        ["Laboratory", report.laboratory],
        ["Items", ", ".join(report.subjects)],
        ["Judged", f"{at}, rule {report.decision}"],
        ["Customer", report.customer or NOT_STATED],
        ["Requested by", report.requested_by or NOT_STATED],
        ["Items made", days(dates.made_from, dates.made_to)],
        ["Items received", "made in this laboratory" if report.makings else NOT_STATED],
        ["Measured", days(dates.performed_from, dates.performed_to)],
        ["Measured by", ", ".join(report.operators) or NOT_STATED],
        ["Reported", f"{day(dates.reported)} (latest day in the data)"],
        ["Authorised by", "nobody: a draft"],
    ]


def _legend(report: ComplianceReport) -> list[str]:
    lines = [
        "± is the expanded uncertainty U with coverage factor k = 2 (about 95 %). “<” is a bound: nothing was detected "
        "above it. A bound never fails; it passes only if the bound itself, with its guard band, keeps to the limit.",
        f"Rule {report.decision}: {rule_words(report.decision)}. Days are UTC.",
    ]
    if any(one.beside is not None for one in report.verdicts):
        lines.append("A verdict under an assumption is followed by the one on the limit's own basis; read both.")
    return lines


def _row(place: int, one: Assessed) -> dict[str, Any]:
    head, more = outcome_words(one)
    beside = None if one.beside is None else {**_row(place, one.beside), "measurand": typeset(one.beside.measurand)}
    what = one.subject if one.sample in (None, one.subject) else f"{one.subject} of {one.sample}"
    return {
        "number": str(place),
        "what": what,
        "measurand": f"{typeset(one.measurand)}, {typeset(one.scope)}",
        "limit": typeset(str(one.limit)),
        "limit_id": one.limit.id,
        "outcome": one.judgement.outcome.value,
        "sign": SIGNS[one.judgement.outcome],
        "verdict": head,
        "more": typeset(more),
        "rule": one.decision,
        "result": "–" if one.judgement.quantity is None else expanded(one.judgement.quantity),
        "margin": times_words(one) or margin_words(one),
        "beside": beside,
    }


def _detail(place: str, one: Assessed) -> dict[str, Any]:
    head, more = outcome_words(one)
    limit_pairs, number_pairs = _limit_pairs(one) + _evidence_pairs(one), _number_pairs(one)
    letters = max(sum(len(words) for _, words in pairs) for pairs in (limit_pairs, number_pairs))
    return {
        "number": place,
        "heading": _capital(f"{typeset(one.measurand)} of {one.subject}, against {one.limit.id}"),
        "outcome": one.judgement.outcome.value,
        "sign": SIGNS[one.judgement.outcome],
        "verdict": head,
        "more": typeset(more),
        "reason": typeset(one.judgement.reason),
        "next": typeset(one.next_step or ""),
        "limit_pairs": limit_pairs,
        "number_pairs": number_pairs,
        # on one page, if it fits on one
        "whole": letters < _LETTERS_ON_HALF_A_PAGE,
        "beside": None if one.beside is None else _detail(f"{place}, own basis", one.beside),
    }


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _limit_pairs(one: Assessed) -> Pairs:
    limit = one.limit
    where = [limit.authority, limit.document, f"edition {limit.edition}", limit.clause]
    valid = [
        f"from {limit.valid_from.isoformat()}" if limit.valid_from else "",
        f"to {limit.valid_to.isoformat()}" if limit.valid_to else "",
    ]
    basis = [limit.basis.value.replace("_", " "), limit.route and f"route {limit.route}", limit.matrix]
    return [
        ["Limit", limit_words(limit)],
        ["Source", ", ".join(part for part in where if part)],
        ["Status", ", ".join(part for part in (limit.status.value, *valid) if part)],
        ["Checked", limit.mark],
        ["Basis", ", ".join(part for part in basis if part)],
        *([["Note", limit.note]] if limit.note else []),
    ]


def _number_pairs(one: Assessed) -> Pairs:
    judgement, unit = one.judgement, one.limit.unit
    quantity = judgement.quantity
    if quantity is None:
        return [["Result", "none"], ["Decision rule", one.decision]]
    bound = quantity.censoring is not Censoring.NONE
    n = "not stated" if one.n is None else f"{one.n}{' vials' if one.n > 1 else ' (no replicate: no scatter known)'}"
    pairs = [
        ["Scope", typeset(one.scope)],
        ["Result", expanded(quantity) + (" (bound)" if bound else "")],
        ["Uncertainty", _uncertainty(quantity)],
        ["n", n],
        ["Decision rule", one.decision],
        [
            "Guard band g",
            number(judgement.guard, unit, 3) if judgement.guard is not None else "none: u is not recorded",
        ],
    ]
    if judgement.effective_bound is not None:
        pairs.append(["Bound with g", number(judgement.effective_bound, unit, 3)])
    pairs.append(["Margin", "; ".join(part for part in (margin_words(one), times_words(one)) if part)])
    if judgement.p_conform is not None:
        pairs.append(["Conforms with", _probability(judgement.p_conform)])
    if judgement.u_that_would_decide is not None and judgement.outcome is Outcome.INCONCLUSIVE:
        pairs.append(["u that would decide", f"≤ {number(judgement.u_that_would_decide, unit, 2)}"])
    if quantity.censoring is Censoring.BELOW:
        pairs.append(["“<” means", typeset(meaning_words(quantity.threshold_meaning))])
    return pairs


def _probability(p: float) -> str:
    """Say a probability; 0 and 1 would claim more than a normal distribution can."""
    if p < 0.001:
        return "a probability below 0.001"
    return "a probability above 0.999" if p > 0.999 else f"a probability of {p:.3g}"


def _uncertainty(quantity: Quantity) -> str:
    whose = "of the bound" if quantity.censoring is not Censoring.NONE else ""
    if quantity.u is None:
        return f"{whose} not recorded".strip()
    origin = "" if quantity.u_origin is None else f", {quantity.u_origin.value.replace('_', ' ')}"
    standard = f"u = {number(quantity.u, quantity.unit, 2)} {whose}".strip()
    return f"{standard}{origin}; U = {number(2 * quantity.u, quantity.unit, 2)} (k = 2)"


def _evidence_pairs(one: Assessed) -> Pairs:
    pairs: Pairs = []
    if one.assumption:
        pairs.append(["Assumption", typeset(one.assumption)])
    if one.series is not None:
        series = one.series
        definition = f" ({series.detection_definition})" if series.detection_definition else ""
        recovery = NOT_STATED if series.spike_recovery_percent is None else f"{series.spike_recovery_percent:g} %"
        pairs += [
            ["Particle loading", shown(series.loading)],
            ["Limit of detection", f"{shown(series.limit_of_detection)}{definition or ', definition not stated'}"],
            ["Method, blank", f"{series.method or NOT_STATED}; blank {series.method_blank or NOT_STATED}"],
            ["Spike recovery", recovery],
        ]
    if one.measurements:
        first, last = one.measurements[0], one.measurements[-1]
        codes = ", ".join(one.measurements) if len(one.measurements) <= 3 else f"{first} … {last}"
        pairs.append(["Measurements", f"{len(one.measurements)}: {codes}"])
    return pairs
