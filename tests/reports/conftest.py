"""The example labs, built once for all tests of reports, and their reports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from labdb.demo.build import build_clean, build_paper
from labdb.lab import Lab
from labdb.reports.compliance import ComplianceReport, gather, render

PRODUCTS = ("S-BR", "S-MIX", "S-I")


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The example lab of the source paper; only to be read."""
    lab = build_paper(tmp_path_factory.mktemp("labs") / "paper")
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The example lab of an ordinary week; only to be read."""
    lab = build_clean(tmp_path_factory.mktemp("labs") / "clean")
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def paper_report(paper: Lab) -> ComplianceReport:
    """The report on the three products of the paper's lab."""
    return gather(paper, PRODUCTS)


@pytest.fixture(scope="session")
def clean_report(clean: Lab) -> ComplianceReport:
    """The report on the product of the ordinary week."""
    return gather(clean, ["S-2602"])


@pytest.fixture(scope="session")
def written(
    paper_report: ComplianceReport, clean_report: ComplianceReport, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with both reports in each format: paper.pdf, clean.html and so on."""
    folder = tmp_path_factory.mktemp("reports")
    for name, report in (("paper", paper_report), ("clean", clean_report)):
        for ending in (".pdf", ".html", ".json"):
            (folder / f"{name}{ending}").write_bytes(render(report, ending))
    return folder
