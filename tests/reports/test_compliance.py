import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from labdb.demo.build import build_clean
from labdb.errors import InputError, UnknownNameError
from labdb.lab import Lab
from labdb.record import fixed_source
from labdb.reports.compliance import ComplianceReport, gather, render, write

FORMATS = (".pdf", ".html", ".json")


def pages(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="session")
def paper_pages(written: Path) -> list[str]:
    return pages(written / "paper.pdf")


@pytest.fixture(scope="session")
def clean_pages(written: Path) -> list[str]:
    return pages(written / "clean.pdf")


# --- the same data, the same bytes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_data_in_another_lab_give_the_same_bytes(ending: str, written: Path, tmp_path: Path) -> None:
    lab = build_clean(tmp_path / "again")
    # another clock and other identifiers: neither reaches the report
    with fixed_source(datetime(2031, 1, 1, tzinfo=UTC)):
        again = render(gather(lab, ["S-2602"]), ending)
    lab.close()
    assert again == (written / f"clean{ending}").read_bytes()


@pytest.mark.parametrize("ending", FORMATS)
def test_rendering_twice_gives_the_same_bytes(ending: str, paper_report: ComplianceReport, written: Path) -> None:
    assert render(paper_report, ending) == (written / f"paper{ending}").read_bytes()


def test_both_databases_give_the_same_report(
    fresh_database: str, tmp_path: Path, clean_report: ComplianceReport
) -> None:
    lab = build_clean(tmp_path / "lab", database=fresh_database)
    report = gather(lab, ["S-2602"])
    lab.close()
    assert report.as_json() == clean_report.as_json()


def test_the_identifier_is_made_of_the_content(clean_report: ComplianceReport) -> None:
    other = replace(clean_report, customer="Somebody")
    assert clean_report.id != other.id
    assert replace(other, customer=None).id == clean_report.id


def test_the_report_is_dated_by_its_data_not_by_today(clean_report: ComplianceReport, written: Path) -> None:
    # the last measurement of the example week: data/clean, observations of 14 d
    assert clean_report.dates.reported == "2026-11-20"
    reader = PdfReader(written / "clean.pdf")
    assert reader.metadata is not None
    assert str(reader.metadata["/CreationDate"]) == "D:20261120000000Z"
    assert "20 November 2026 (latest day in the data)" in flat(reader.pages[0].extract_text())


def test_reporting_stores_nothing(clean: Lab) -> None:
    import sqlalchemy as sa

    def counts() -> list[int]:
        with clean.read() as session:
            query = "SELECT count(*) FROM "
            return [session.connection().execute(sa.text(query + name)).scalar_one() for name in ("verdict", "change")]

    before = counts()
    gather(clean, ["S-2602"])
    assert counts() == before


# --- what stands in the PDF ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "Compliance report",
        "Example laboratory (after Carulli et al. 2023)",
        "Customer not stated",
        "Requested by not stated",
        "Items received made in this laboratory",
        "12 October 2022 to 30 November 2022",
        "Authorised by nobody: a draft",
        "Not issued under accreditation.",
        "The results relate only to the items tested.",
        # a limit whose source nobody found says so wherever it is used
        "≤ 5 µg/g, PAPER-5UGG (unverified limit)",
    ],
)
def test_page_one_has_what_a_reader_needs_first(words: str, paper_pages: list[str]) -> None:
    assert words in flat(paper_pages[0])


def test_plain_words_come_first_and_the_verdict_table_starts_on_page_one(paper_pages: list[str]) -> None:
    text = flat(paper_pages[0])
    places = [
        text.index(words)
        for words in (
            "What was asked.",
            "What the answer is.",
            "What to do next.",
            "Result ± U (k = 2)",
            "? INCONCLUSIVE",
        )
    ]
    assert places == sorted(places)


def test_a_short_report_has_its_whole_verdict_table_on_page_one(clean_pages: list[str]) -> None:
    assert clean_pages[0].count("✓ PASS") == 3
    assert "Every limit that was asked about is kept." in flat(clean_pages[0])


@pytest.mark.parametrize(
    "words",
    [
        "Carulli et al., ACS Energy Lett. 2023, 8, 1795",  # citation of the limit
        "unverified attribution",
        "guarded-95",
        "Guard band g",
        "Bound with g 30 µg/g",  # 20 ug/g x 1.5: "<" not stated, SCIENCE section 3
        "reported so half of the time",  # what "<" means
        "Limit of detection 10 µg/L",
        "n 1 (no replicate: no scatter known)",
        "LD ≤ 1.67 µg/L at 0.5 mg/mL, or loading ≥ 3.0 mg/mL at 10 µg/L",
        "A1: only released lead counts, up to 42 d, in water, 10 mg of particles a day",
        "own basis. Total lead per day of LT-BR-A, against ICHQ3D-Pb-oral",
        "ramp 7.0 against 5 +/- 1 degC/min: furnace program 3 loaded by mistake",  # a deviation, and why
        "602 (600 ± 10) °C",  # B-2202 went to 602 degC: data/paper/README.md
        "furnace_B-2202.csv",
        "55 % relative humidity",
        "another reading of S-BR-LT-A",
        "one experiment, two particle loadings",  # R03 of labdb check
        "no radioluminescence retention",  # not assessed, and why
        "Known to this laboratory, but not asked for: CODEX-RICE-Pb",
    ],
)
def test_the_evidence_is_all_there(words: str, paper_pages: list[str]) -> None:
    assert words in flat(" ".join(paper_pages))


def test_a_pass_under_an_assumption_never_stands_without_the_limits_own_basis(paper_pages: list[str]) -> None:
    text = flat(" ".join(paper_pages[:2]))
    assert text.count("under assumption A1") >= 6
    # w 0.16 of the demo's CsPbBr3, x(Pb) 0.3574, 10 mg a day: 572 ug/d, 114 times 5 ug/d
    assert "(572 ± 57) µg/d 114 times the limit × FAIL" in text.replace("✕", "×")
    assert "Missed: total lead per day does not keep to ≤ 5 µg/d" in text


def test_versions_rules_and_digests_are_named(paper_report: ComplianceReport, paper_pages: list[str]) -> None:
    text = flat(" ".join(paper_pages))
    assert f"labdb {paper_report.versions.labdb} on Python {paper_report.versions.python}" in text
    assert "JCGM 106:2012" in text
    for digest in {one.limit.digest() for one in paper_report.verdicts}:
        assert digest in text, "a digest can be searched for"
    for one in paper_report.raw_files:
        assert one.sha256 in text


def test_every_page_has_its_number_and_the_last_one_the_end_mark(
    paper_pages: list[str], paper_report: ComplianceReport
) -> None:
    for place, text in enumerate(paper_pages, start=1):
        assert f"Page {place} of {len(paper_pages)}" in flat(text)
        assert paper_report.id in text
    assert f"End of report {paper_report.id}" in flat(paper_pages[-1])
    assert not any("End of report" in text for text in paper_pages[:-1])


def test_example_data_are_marked_across_every_page(paper_pages: list[str], written: Path) -> None:
    assert all(text.count("EXAMPLE DATA") >= 2 for text in paper_pages), "watermark and header"
    assert 'class="watermark"' in (written / "paper.html").read_text(encoding="utf-8")


def test_measured_data_are_not_marked(clean_report: ComplianceReport, tmp_path: Path) -> None:
    report = replace(clean_report, example=False)
    for ending in FORMATS[:2]:
        write(report, tmp_path / f"real{ending}")
    assert not any("EXAMPLE" in text for text in pages(tmp_path / "real.pdf"))
    assert "EXAMPLE" not in (tmp_path / "real.html").read_text(encoding="utf-8")


def test_the_pdf_claims_archiving_and_accessibility_and_carries_its_tags(written: Path) -> None:
    root: Any = PdfReader(written / "paper.pdf").trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].get_object().get_data().decode()
    for claim in ("<pdfaid:part>3<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"):
        assert claim in metadata


def structure(node: Any) -> Iterator[Any]:  # noqa: ANN401 - objects of a PDF
    found = node.get_object()
    if isinstance(found, list):
        for one in found:
            yield from structure(one)
    elif isinstance(found, dict):
        yield found
        if "/K" in found:
            yield from structure(found["/K"])


def test_the_tags_of_the_pdf_name_headings_tables_and_figures(written: Path) -> None:
    root: Any = PdfReader(written / "paper.pdf").trailer["/Root"]
    nodes = [node for node in structure(root["/StructTreeRoot"]["/K"]) if "/S" in node]
    kinds = {str(node["/S"]) for node in nodes}
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Figure", "/L"} <= kinds
    figures = [node for node in nodes if node["/S"] == "/Figure"]
    assert len(figures) == 6, "released lead of three batches, retention of three products"
    assert all("Plot of" in str(node["/Alt"]) for node in figures)


def test_the_pdf_carries_the_same_report_for_machines(written: Path) -> None:
    (attached,) = PdfReader(written / "paper.pdf").attachments["report.json"]
    assert attached == (written / "paper.json").read_bytes()


def test_names_in_any_script_and_markup_are_printed_as_they_are(clean_report: ComplianceReport, tmp_path: Path) -> None:
    name = "Łukasz <b>& Söhne</b> #set $x$ 中"
    report = replace(clean_report, customer=name)
    for ending in FORMATS:
        write(report, tmp_path / f"names{ending}")
    assert "Łukasz <b>& Söhne</b> #set $x$ ‹U+4E2D›" in flat(pages(tmp_path / "names.pdf")[0])
    html = (tmp_path / "names.html").read_text(encoding="utf-8")
    assert "Łukasz &lt;b&gt;&amp; Söhne&lt;/b&gt; #set $x$ 中" in html
    assert json.loads((tmp_path / "names.json").read_bytes())["data"][0]["customer"] == name


# --- what is asked -------------------------------------------------------------------------------------------------


def test_a_limit_that_lacks_its_evidence_is_a_row_and_keeps_no_other_from_being_judged(clean: Lab) -> None:
    report = gather(clean, ["S-2602"], limits=["ICHQ3D-Pb-oral", "LAB-PB-RELEASED"])
    assert [one.judgement.outcome.value for one in report.verdicts] == ["not_assessed", "pass"]
    assert "mass of particles per day" in report.verdicts[0].judgement.reason
    given = gather(clean, ["S-2602"], limits=["ICHQ3D-Pb-oral"], daily_mass_mg=10.0)
    assert given.verdicts[0].beside is not None


def test_findings_are_those_of_the_subjects(paper: Lab, paper_report: ComplianceReport) -> None:
    only = gather(paper, ["LT-BR-A"], limits=["PAPER-5UGG"])
    concerned = {code for one in only.findings for code in one.subject.split(";")}
    assert "LT-BR-A" in concerned
    assert not {one.subject for one in only.findings} & {"S-I", "hcl_1M"}, "those of others only"
    assert any("hcl_1M" in one.subject for one in paper_report.findings), "the condition of a vial"
    assert len(only.charts) == 1


def test_an_alias_and_its_sample_are_reported_once(paper: Lab) -> None:
    twice = gather(paper, ["S-BR", "S-BR-P0", "LT-BR-A"], limits=["PAPER-5UGG"])
    assert twice.subjects == ("S-BR", "LT-BR-A")
    assert [one.subject for one in twice.verdicts] == ["LT-BR-A", "LT-BR-B"]


def test_one_age_can_be_asked_for(paper: Lab) -> None:
    report = gather(paper, ["LT-I-B"], limits=["PAPER-5UGG"], at_d=42.0, customer="Ward 3", requested_by="Safety")
    assert report.verdicts[0].scope == "at 42 d"
    text = flat(render(report, ".html").decode())
    assert "at 42 d, rule guarded-95" in text
    assert "<dt>Customer</dt><dd>Ward 3</dd>" in text
    assert "<dt>Requested by</dt><dd>Safety</dd>" in text


def test_another_rule_is_named_everywhere(paper: Lab, tmp_path: Path) -> None:
    report = gather(paper, ["LT-BR-B"], limits=["PAPER-5UGG"], decision="probability(0.9)")
    write(report, tmp_path / "other.pdf")
    text = flat(" ".join(pages(tmp_path / "other.pdf")))
    assert "guarded-95" not in text
    assert "probability(0.9)" in text


@pytest.mark.parametrize(
    ("subjects", "error", "words"),
    [
        ([], InputError, "name a leach test, a sample or a batch"),
        (["S-BRR"], UnknownNameError, "S-BR"),
    ],
)
def test_no_subject_or_an_unknown_one_is_refused(
    paper: Lab, subjects: list[str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        gather(paper, subjects)


def test_an_unknown_ending_or_a_missing_folder_is_refused(clean_report: ComplianceReport, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.pdf, \.html, \.json"):
        write(clean_report, tmp_path / "report.docx")
    with pytest.raises(InputError, match="no folder"):
        write(clean_report, tmp_path / "missing" / "report.pdf")
    assert not list(tmp_path.iterdir())
