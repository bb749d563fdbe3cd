"""The sections of a compliance report behind its verdicts: limits left out, results over time, findings, files."""

from typing import Any

from labdb.compliance.decision import Outcome
from labdb.quantity import Censoring
from labdb.reports.block import Block, plot, table, text
from labdb.reports.compliance_content import Chart, ComplianceReport
from labdb.reports.compliance_items import items, makings, measuring
from labdb.reports.compliance_words import expanded, limit_words, rule_words
from labdb.reports.plot import figure_bytes, trend_figure
from labdb.reports.plot_series import describe, typeset

_PLOT_HEIGHT_IN = 2.8


def sections(report: ComplianceReport) -> list[dict[str, Any]]:
    """Return the sections behind the verdicts, each with its blocks.

    Parameters
    ----------
    report : ComplianceReport
        With its evidence.

    Returns
    -------
    list of dict
        Title and blocks.
    """
    made = [
        ("Limits not assessed, and why", _not_assessed(report)),
        ("Results over time", [block for chart in report.charts for block in _chart(chart)]),
        ("Items and their condition", items(report)),
        ("How the items were made", makings(report)),
        ("How they were measured", measuring(report)),
        ("Findings of labdb check about these items", _findings(report)),
        ("Raw files", _raw_files(report)),
        ("Versions", _versions(report)),
    ]
    return [{"title": title, "blocks": blocks or [text("Nothing is recorded.")]} for title, blocks in made]


def _not_assessed(report: ComplianceReport) -> list[Block]:
    lacking = [
        [limit_words(one.limit), one.subject, typeset(one.judgement.reason.removeprefix("Not assessed: "))]
        for one in report.verdicts
        if one.judgement.outcome is Outcome.NOT_ASSESSED
    ]
    title = "Asked for, but without evidence"
    blocks = [table(title, ["Limit", "Item", "Why"], lacking, [3, 2, 5])] if lacking else []
    if not lacking:
        blocks.append(text("Every limit that was asked for was assessed."))
    if report.limits_not_asked:
        blocks.append(text(f"Known to this laboratory, but not asked for: {', '.join(report.limits_not_asked)}."))
    return blocks


def _chart(chart: Chart) -> list[Block]:
    figure = trend_figure(chart.series, chart.limit, height_in=_PLOT_HEIGHT_IN)
    bounds = any(quantity.censoring is not Censoring.NONE for one in chart.series for _, quantity in one.points)
    words = ["Error bars: U = 2 u", *(["open arrows: bounds, the value lies below"] if bounds else []), *chart.notes]
    caption = f"{typeset('; '.join(words))}."
    ages = sorted({age for one in chart.series for age, _ in one.points})
    values = [{age: expanded(quantity) for age, quantity in one.points} for one in chart.series]
    title = f"{chart.title}, at each pull (k = 2)"
    rows = [[f"{age:g} d", *(column.get(age) for column in values)] for age in ages]
    widths = [1, *([3] * len(chart.series))]
    return [
        plot(chart.title, figure_bytes(figure), describe(chart.series, chart.limit), caption),
        table(title, ["Age", *(one.label for one in chart.series)], rows, widths),
    ]


def _findings(report: ComplianceReport) -> list[Block]:
    if not report.findings:
        return [text("labdb check has nothing to say about these items.")]
    rows = [
        [one.severity.value, one.rule, one.subject.replace(";", ", "), typeset(one.message)] for one in report.findings
    ]
    return [table("Findings", ["Weight", "Rule", "Concerns", "What was found"], rows, [2, 2, 4, 12], small=True)]


def _raw_files(report: ComplianceReport) -> list[Block]:
    if not report.raw_files:
        return [text("No raw file is kept for these measurements.")]
    rows = [[one.name, one.came_by, one.sha256] for one in report.raw_files]
    return [
        text("Kept unchanged in the laboratory's store under their SHA-256."),
        table("Files", ["File", "Came by", "SHA-256"], rows, [4, 3, 10], small=True, code=[2]),
    ]


def _versions(report: ComplianceReport) -> list[Block]:
    versions = report.versions
    libraries = ", ".join(f"{name} {found}" for name, found in sorted(versions.libraries.items()))
    limits = {one.limit.id: one.limit for one in report.verdicts}
    rows = [[name, limit.edition, limit.status.value, limit.digest()] for name, limit in sorted(limits.items())]
    title = "Limits used, with the digest of their content"
    return [
        text(f"labdb {versions.labdb} on Python {versions.python}, with {libraries}."),
        text(f"Decision rule {report.decision}: {rule_words(report.decision)}."),
        table(title, ["Limit", "Edition", "Status", "SHA-256"], rows, [4, 4, 4, 13], small=True, code=[3]),
    ]
