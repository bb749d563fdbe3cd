"""Command: report, a document for somebody else: the compliance report as PDF, HTML or JSON."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labdb.cli import group
from labdb.cli.assess import AtOption, DecisionOption, LimitsOption, MassOption, with_beside
from labdb.cli.options import LabOption, opened
from labdb.cli.output import next_step, say
from labdb.cli.typed import read_number

if TYPE_CHECKING:
    from labdb.reports.compliance_content import ComplianceReport

ENDINGS = (".pdf", ".html", ".json")


def register(app: typer.Typer) -> None:
    """Hang `labdb report compliance` into the app."""
    reports = group(app, "report", "Reports: what was measured and judged, with all its evidence, for somebody else.")
    reports.command("compliance")(compliance)


def compliance(
    subjects: Annotated[
        list[str], typer.Argument(metavar="SUBJECT...", help="Leach tests, samples or batches, by code or alias.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where: .pdf, .html or .json.")],
    limit: LimitsOption = None,
    decision: DecisionOption = None,
    at: AtOption = None,
    daily_mass: MassOption = None,
    customer: Annotated[str | None, typer.Option("--customer", help="For whom.")] = None,
    requested_by: Annotated[str | None, typer.Option("--requested-by", help="Who asked for it.")] = None,
    lab: LabOption = None,
) -> None:
    """Write the compliance report of subjects, as a draft: verdicts first, then every number they rest on.

    Example: labdb report compliance S-MIX -o mix.pdf --limit PAPER-5UGG
    """
    from labdb.reports.compliance import gather, write

    _check_target(out)
    at_d = read_number(at, "--at", "elapsed_time", "d", "d")
    mass_mg = read_number(daily_mass, "--daily-mass", "mass", "mg")
    open_lab = opened(lab)
    report = gather(
        open_lab,
        subjects,
        limits=limit,
        decision=decision,
        at_d=at_d,
        daily_mass_mg=mass_mg,
        requested_by=requested_by,
        customer=customer,
    )
    open_lab.close()
    write(report, out)
    say(f"{out}  {report.state} {report.id}: {summary(report)}")
    undecided = any(one.next_step for one in report.verdicts)
    next_step(f"labdb plan {subjects[0]}" if undecided else "labdb check")


def _check_target(out: Path) -> None:
    """Refuse early what could not be written: gathering takes a while."""
    from labdb.errors import InputError

    if out.suffix.lower() not in ENDINGS:
        raise InputError(f'-o: found "{out.name}"; expected a file ending in {", ".join(ENDINGS)}')
    if not out.absolute().parent.is_dir():
        raise InputError(f"-o: {out.parent} is no folder. Make it first, or name another file")
    if out.is_dir():
        raise InputError(f"-o: {out} is a folder; name a file")


def summary(report: "ComplianceReport") -> str:
    """Count what a report holds: "1 verdict (inconclusive), 2 warnings, 4 raw-file hashes".

    Parameters
    ----------
    report : ComplianceReport
        The report.

    Returns
    -------
    str
        One line.
    """
    verdicts = list(with_beside(report.verdicts))
    outcomes = Counter(one.judgement.outcome.value.replace("_", " ") for one in verdicts)
    found = Counter(one.severity.value for one in report.findings)
    words = ", ".join(name if count == 1 == len(verdicts) else f"{count} {name}" for name, count in outcomes.items())
    parts = [f"{_counted(len(verdicts), 'verdict')} ({words})" if outcomes else "no verdict"]
    parts += [_counted(found[name], name) for name in ("error", "warning") if found[name]]
    parts.append(f"{_counted(len(report.raw_files), 'raw-file hash', 'raw-file hashes')}")
    return ", ".join(parts)


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
