"""Report: what was judged by which limit, and how it came out; plain words first, then all evidence.

`gather` collects, `write` lays out: a PDF (PDF/A-3a and PDF/UA-1, the JSON attached), an HTML page that asks nobody for
anything, or JSON. The same data give the same bytes; a draft carries an identifier made of its content.
"""

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from importlib.metadata import version
from pathlib import Path

from sqlmodel import Session

from labdb import checks
from labdb.assessment import Assessed, assess, chosen_limits, lab_limits
from labdb.compliance.decision import parse_decision
from labdb.compliance.judgement import not_assessed
from labdb.compliance.limit import Limit
from labdb.errors import EvidenceError, InputError
from labdb.finding import Finding
from labdb.lab import Lab
from labdb.quantity import quantity_kind
from labdb.queries.evidence import resolve
from labdb.queries.trend import Trend, trend
from labdb.reports.compliance_content import Chart, ComplianceReport, Versions
from labdb.reports.compliance_evidence import read_evidence
from labdb.reports.plot_series import PlotSeries, series_of_leaching, series_of_trend
from labdb.version import __version__

__all__ = ["ComplianceReport", "gather", "write"]

ENDINGS = (".pdf", ".html", ".json")

_LIBRARIES = ("matplotlib", "numpy", "pandas", "pint", "scipy", "sqlmodel", "typst", "uncertainties")
_LINES_IN_A_PLOT = 6


def gather(
    lab: Lab,
    subjects: Sequence[str],
    *,
    limits: Sequence[str] | None = None,
    decision: str | None = None,
    at_d: float | None = None,
    daily_mass_mg: float | None = None,
    requested_by: str | None = None,
    customer: str | None = None,
) -> ComplianceReport:
    """Judge subjects and collect the evidence; nothing is stored.

    Parameters
    ----------
    lab : Lab
        The open lab.
    subjects : sequence of str
        Leach tests, samples or batches, by code or alias.
    limits : sequence of str, optional
        Limit ids; labdb.toml's if not given.
    decision : str, optional
        Decision rule; labdb.toml's if not given.
    at_d : float, optional, scalar [d]
        Judge the pull at this age only; the largest up to the last pull if not given.
    daily_mass_mg : float, optional, scalar [mg]
        Mass of particles per day, for limits per day; labdb.toml's if not given.
    requested_by, customer : str, optional
        Printed; "not stated" if not given.

    Returns
    -------
    ComplianceReport
        A draft.

    Raises
    ------
    UnknownNameError
        No such subject, limit or rule; names the nearest.
    InputError
        No subject is named, or a series has no pull at the age asked for.
    """
    if not subjects:
        raise InputError("a report needs a subject: found none; name a leach test, a sample or a batch")
    rule = parse_decision(decision or lab.config.decision)
    chosen = chosen_limits(lab, limits)
    with lab.read() as session:
        known = list(dict.fromkeys(resolve(session, name) for name in subjects))
    verdicts = _distinct(
        one
        for _, code in known
        for limit in chosen
        for one in _judge(lab, code, limit, rule.name, at_d=at_d, daily_mass_mg=daily_mass_mg)
    )
    with lab.read() as session:
        trends = _trends(session, [code for table, code in known if table in ("sample", "batch", "study")])
        evidence = read_evidence(session, known, verdicts, trends)
    read = {one.name: getattr(evidence, one.name) for one in fields(evidence) if one.name != "codes"}
    return ComplianceReport(
        laboratory=lab.config.name,
        example=lab.config.example,
        subjects=tuple(code for _, code in known),
        decision=rule.name,
        at_d=at_d,
        customer=customer,
        requested_by=requested_by,
        verdicts=verdicts,
        limits_not_asked=tuple(sorted(set(lab_limits(lab)) - {one.id for one in chosen})),
        charts=(*_released_charts(verdicts), *_retention_charts(trends, verdicts)),
        findings=_findings(lab, evidence.codes, verdicts),
        versions=Versions(__version__, platform.python_version(), {name: version(name) for name in _LIBRARIES}),
        **read,
    )


def write(report: ComplianceReport, path: Path) -> None:
    """Write a report; the ending chooses the format.

    Parameters
    ----------
    report : ComplianceReport
        Of `gather`.
    path : Path
        Ending in .pdf, .html or .json.

    Raises
    ------
    InputError
        The ending is another one, or the folder is missing.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f'report "{path.name}": found the ending "{ending}"; expected {", ".join(ENDINGS)}')
    if not path.parent.is_dir():
        raise InputError(f"report: {path.parent} is no folder. Make it first, or name another file")
    path.write_bytes(render(report, ending))


def render(report: ComplianceReport, ending: str) -> bytes:
    """Return a report as the bytes of a file.

    Parameters
    ----------
    report : ComplianceReport
        Of `gather`.
    ending : str
        One of .pdf, .html, .json.

    Returns
    -------
    bytes
        The same for the same report.
    """
    data = (json.dumps(report.as_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
    if ending == ".json":
        return data
    from labdb.reports.compliance_document import document
    from labdb.reports.rendering import render_html, render_pdf

    if ending == ".html":
        return render_html("compliance", document(report))
    return render_pdf("compliance", document(report), attached=data)


# --- judging -------------------------------------------------------------------------------------------------------


def _judge(
    lab: Lab, subject: str, limit: Limit, decision: str, *, at_d: float | None, daily_mass_mg: float | None
) -> list[Assessed]:
    """Judge by one limit; what it lacks is a verdict "not assessed", so that it keeps no other from being judged."""
    try:
        return assess(
            lab, subject, limits=[limit.id], decision=decision, at_d=at_d, daily_mass_mg=daily_mass_mg, store=False
        )
    except EvidenceError as error:
        judgement = not_assessed(limit, decision, f"Not assessed: {error}")
        label = quantity_kind(limit.kind).label
        return [Assessed(subject, None, label, limit, decision, "no evidence", judgement)]


def _distinct(verdicts: Iterable[Assessed]) -> tuple[Assessed, ...]:
    """A sample named beside its batch is judged once."""
    return tuple({(one.subject, one.limit.id, one.measurand, one.scope): one for one in verdicts}.values())


def _findings(lab: Lab, codes: frozenset[str], verdicts: Sequence[Assessed]) -> tuple[Finding, ...]:
    """What `labdb check` says of the codes in this report; a finding of several subjects has them joined by ";"."""
    of_series = [finding for one in verdicts for finding in one.findings]
    found = [one for one in checks.run(lab) if codes & {code.strip() for code in one.subject.split(";")}]
    return tuple({(one.rule, one.subject, one.message): one for one in [*found, *of_series]}.values())


# --- plots ---------------------------------------------------------------------------------------------------------


def _trends(session: Session, codes: Sequence[str]) -> list[Trend]:
    found = []
    for code in codes:
        try:
            found.append(trend(session, "photoluminescence_intensity", sample=code, normalise="0d"))
        except InputError:  # no reading, or none at 0 d: nothing to plot
            continue
    return found


def _limit_of(kind: str, verdicts: Sequence[Assessed]) -> Limit | None:
    return next((one.limit for one in verdicts if one.limit.kind == kind), None)


def _released_charts(verdicts: Sequence[Assessed]) -> tuple[Chart, ...]:
    """One plot for the leach tests of a batch; readings of one experiment stand apart, they are never pooled."""
    kind = "released_lead_mass_fraction"
    tests = {one.series.test: one.series for one in verdicts if one.series is not None and one.series.released}
    groups: dict[str, list[PlotSeries]] = {}
    for series in tests.values():
        material = f" ({series.composition})" if series.composition else ""
        groups.setdefault(f"Released lead, {series.batch or series.sample}{material}", []).append(
            series_of_leaching(series)
        )
    limit = _limit_of(kind, verdicts)
    return tuple(chart for title, lines in groups.items() for chart in _parts(title, kind, limit, lines))


def _retention_charts(trends: Sequence[Trend], verdicts: Sequence[Assessed]) -> tuple[Chart, ...]:
    charts: dict[str, Chart] = {}
    for found in trends:
        for sample in dict.fromkeys(one.sample for one in found.series):
            own = replace(found, series=tuple(one for one in found.series if one.sample == sample))
            material = f" ({own.series[0].composition})" if own.series[0].composition else ""
            title = f"Photoluminescence retention, {sample}{material}"
            notes = [f"{one.condition or 'condition not stated'}: {one.sentence}" for one in own.series]
            notes += [note for note in found.notes if note.startswith(f"{sample}:")]
            limit = _limit_of(found.kind, verdicts)
            for chart in _parts(title, found.kind, limit, series_of_trend(own), notes):
                charts[chart.title] = chart
    return tuple(charts.values())


def _parts(
    title: str, kind: str, limit: Limit | None, lines: Sequence[PlotSeries], notes: Sequence[str] = ()
) -> list[Chart]:
    """Cut a plot of many lines into plots that can be read."""
    if len(lines) <= _LINES_IN_A_PLOT:
        return [Chart(title, kind, limit, tuple(lines), tuple(notes))]
    cut = [tuple(lines[start : start + _LINES_IN_A_PLOT]) for start in range(0, len(lines), _LINES_IN_A_PLOT)]
    return [
        Chart(f"{title}, part {number} of {len(cut)}", kind, limit, part, tuple(notes) if number == 1 else ())
        for number, part in enumerate(cut, start=1)
    ]
