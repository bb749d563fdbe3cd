"""A record in which almost nothing is stated still gives a report, and the report says what is not stated."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from labdb.intake.file import take_in
from labdb.lab import Lab
from labdb.record import fixed_source
from labdb.reports.compliance import ComplianceReport, gather, write

FORMS = {
    "samples.csv": (
        "code,kind,particle_loading_mg_per_ml,medium\nS-1,suspension,0.5,water\nS-2,suspension,not stated,water\n"
    ),
    "leach_tests.csv": "code,sample,leachant\nLT-1,S-1,water\nLT-2,S-2,water\nLT-3,S-1,water\n",
    "observations.csv": (
        "sample,age,quantity,value,leach_test\nS-1,7,Pb,<10 ug/L,LT-1\nS-1,14,Pb,12 ug/L,LT-1\nS-2,14,Pb,12 ug/L,LT-2\n"
    ),
}


@pytest.fixture
def bare(sqlite_lab: Lab, tmp_path: Path) -> Lab:
    paths = []
    for name, content in FORMS.items():
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        paths.append(path)
    with fixed_source(datetime(2026, 11, 24, 9, 0, tzinfo=UTC)):
        take_in(sqlite_lab, paths)
    return sqlite_lab


def text_of(report: ComplianceReport, path: Path) -> str:
    write(report, path)
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_a_report_on_almost_nothing_says_what_is_not_stated(bare: Lab, tmp_path: Path) -> None:
    report = gather(bare, ["LT-1"])
    text = text_of(report, tmp_path / "bare.pdf")
    assert "Items received not stated" in text
    assert "Measured not stated" in text
    assert "u not recorded" in text, "a missing uncertainty is not zero"
    assert "? INCONCLUSIVE" in text
    assert "no uncertainty is recorded" in text
    assert "EXAMPLE" not in text


def test_without_a_day_in_the_evidence_the_latest_change_dates_the_report(bare: Lab) -> None:
    assert gather(bare, ["LT-1"]).dates.reported == "2026-11-24"


def test_a_suspension_without_loading_is_not_assessed_and_the_remedy_is_named(bare: Lab, tmp_path: Path) -> None:
    report = gather(bare, ["LT-2"])
    assert [one.judgement.outcome.value for one in report.verdicts] == ["not_assessed"]
    assert report.charts == ()
    text = text_of(report, tmp_path / "bare.pdf")
    assert "particle loading of S-2" in text
    assert "Nothing is recorded." in text


def test_a_test_without_a_reading_is_not_assessed(bare: Lab, tmp_path: Path) -> None:
    text = text_of(gather(bare, ["LT-3"]), tmp_path / "bare.pdf")
    assert "LT-3 has no lead reading yet" in text
