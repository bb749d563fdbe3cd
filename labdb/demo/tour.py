"""What ``labdb demo`` does with the example lab: ask its questions, write its reports, end with one table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session

from labdb.assessment import Assessed, assess
from labdb.checks import run as run_checks
from labdb.demo.build import START, build_clean, build_paper
from labdb.finding import Finding, Severity
from labdb.lab import Lab
from labdb.queries.dose import dose_ledger
from labdb.queries.evidence import rows
from labdb.queries.retention import pl_retention
from labdb.record import fixed_source
from labdb.reports.compliance import gather, write

Progress = Callable[[str], None]


@dataclass(frozen=True)
class TourRow:
    """One sample of the final table: what it was given, what it kept, what it let go, and the verdicts on that."""

    sample: str
    composition: str
    dose: str
    retention: dict[str, str]
    released: str
    verdict: str

    def as_row(self) -> dict[str, str]:
        """Return the row with one column per condition."""
        kept = {f"PL {condition}": text for condition, text in self.retention.items()}
        return {"sample": self.sample, "composition": self.composition, "dose": self.dose, **kept} | {
            "released lead": self.released,
            "verdict": self.verdict,
        }


@dataclass(frozen=True)
class Tour:
    """What the demo shows at its end."""

    folder: Path
    rows: tuple[TourRow, ...]
    findings: tuple[Finding, ...]
    verdicts: tuple[Assessed, ...]
    reports: tuple[Path, ...]


def _products(session: Session) -> list[tuple[str, str]]:
    """The whole yields of the batches that hold perovskite."""
    found = rows(session, "SELECT code, composition FROM samples WHERE batch IS NOT NULL ORDER BY code")
    children = {row["child"] for row in rows(session, "SELECT child FROM sample_origins")}
    return [
        (row["code"], row["composition"])
        for row in found
        if row["code"] not in children and row["composition"] and "Pb" in row["composition"]
    ]


def _dose(session: Session, sample: str) -> str:
    """The largest dose any aliquot was given: aliquots are irradiated apart, their doses do not add up."""
    known = [one for one in dose_ledger(session, sample).totals if one.total is not None]
    if not known:
        return "none"
    most = max(known, key=lambda one: one.total.value if one.total is not None else 0.0)
    return f"{most.total} ({most.sample})"


def _retention(session: Session, sample: str) -> dict[str, str]:
    own = [one for one in pl_retention(session, sample) if one.condition is not None and "dark" not in one.condition]
    return {str(one.condition): f"{one.retention}" for one in own}


def _released(verdicts: list[Assessed]) -> tuple[str, str]:
    judged = [one for one in verdicts if one.limit.kind == "released_lead_mass_fraction"]
    values = [f"{one.judgement.quantity} ({one.subject})" for one in judged]
    words = list(dict.fromkeys(one.judgement.wording for one in judged))
    return "; ".join(values) or "not measured", "; ".join(words) or "not assessed"


def run(folder: Path, say: Progress, *, clean: bool = False, database: str | None = None) -> Tour:
    """Build an example lab, ask its questions and write its reports.

    Parameters
    ----------
    folder : Path
        Where; missing or empty.
    say : callable
        Is told what goes on, a line at a time.
    clean : bool
        The ordinary week instead of the source paper's laboratory.
    database : str, optional
        Another database than a SQLite file in the folder.

    Returns
    -------
    Tour
        The final table, the findings, the verdicts and where the reports are.
    """
    lab = (build_clean if clean else build_paper)(folder, say, database=database)
    with fixed_source(START + timedelta(hours=1)):  # after the intake: identifiers carry their moment
        with lab.read() as session:
            products = _products(session)
        verdicts = {sample: assess(lab, sample) for sample, _ in products}
        findings = run_checks(lab)
        _tell(say, findings, [one for each in verdicts.values() for one in each])
        reports = _write(lab, [sample for sample, _ in products], say)
        with lab.read() as session:
            table = tuple(_row(session, sample, composition, verdicts[sample]) for sample, composition in products)
    return Tour(
        lab.config.folder, table, tuple(findings), tuple(one for each in verdicts.values() for one in each), reports
    )


def _row(session: Session, sample: str, composition: str, verdicts: list[Assessed]) -> TourRow:
    released, words = _released(verdicts)
    return TourRow(sample, composition, _dose(session, sample), _retention(session, sample), released, words)


def _tell(say: Progress, findings: list[Finding], verdicts: list[Assessed]) -> None:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    rules = ", ".join(dict.fromkeys(finding.rule for finding in findings)) or "none"
    say(f"{len(findings)} findings ({errors} errors): {rules}")
    beside = [one.beside for one in verdicts if one.beside is not None]
    outcomes = [one.judgement.outcome.value.replace("_", " ") for one in [*verdicts, *beside]]
    counted = ", ".join(f"{outcomes.count(word)} {word}" for word in dict.fromkeys(outcomes))
    say(f"{len(outcomes)} verdicts: {counted}")


def _write(lab: Lab, samples: list[str], say: Progress) -> tuple[Path, ...]:
    report = gather(lab, samples)
    folder = lab.config.folder / "reports"
    folder.mkdir(exist_ok=True)
    written = tuple(folder / f"compliance.{ending}" for ending in ("pdf", "html", "json"))
    for path in written:
        write(report, path)
        say(f"report {path.name}, {path.stat().st_size // 1024} kB")
    return written
