"""The compliance report as HTML and as JSON."""

import json
from dataclasses import fields
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pypdf import PdfReader

from labdb.reports.compliance import ComplianceReport
from labdb.reports.compliance_content import (
    Chart,
    Condition,
    Dates,
    Exposure,
    InstrumentUsed,
    Item,
    LeachTestDone,
    Making,
    MethodUsed,
    RawFileUsed,
    StepDone,
    Versions,
    Weighed,
)
from labdb.resources import schemas_folder


def flat(text: str) -> str:
    return " ".join(text.split())


# --- HTML ----------------------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Every start tag with its attributes, and the text of captions and headings."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="session")
def outline(written: Path) -> Outline:
    parser = Outline()
    parser.feed((written / "paper.html").read_text(encoding="utf-8"))
    return parser


def test_the_page_asks_nobody_for_anything(outline: Outline, written: Path) -> None:
    for tag, attributes in outline.tags:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert (attributes.get(name) or "data:").startswith("data:image/svg+xml;base64,") or not attributes.get(
                name
            ), tag
        assert tag not in {"script", "link", "iframe", "object"}
    style = (written / "paper.html").read_text(encoding="utf-8")
    assert "@import" not in style
    assert "url(" not in style


def test_the_page_can_be_heard(outline: Outline) -> None:
    tags = outline.tags
    assert ("html", {"lang": "en"}) in tags
    levels = [int(tag[1]) for tag, _ in tags if tag in {"h1", "h2", "h3", "h4"}]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels)), "no level is skipped"
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in tags if tag == "th")
    assert all((attributes.get("alt") or "").startswith("Plot of") for tag, attributes in tags if tag == "img")
    names = [tag for tag, _ in tags]
    assert names.count("caption") == names.count("table") > 5
    assert names.count("main") == 1


def test_html_and_pdf_say_the_same(written: Path, paper_report: ComplianceReport) -> None:
    html = flat((written / "paper.html").read_text(encoding="utf-8"))
    text = flat(" ".join(page.extract_text() for page in PdfReader(written / "paper.pdf").pages))
    for words in ("? INCONCLUSIVE", "Not every limit is kept.", f"End of report {paper_report.id}"):
        assert words in text
        assert words in html.replace('<span aria-hidden="true">?</span>', "?")
    assert html.count("INCONCLUSIVE</span>") == 2 * sum(
        one.judgement.outcome.value == "inconclusive" for one in paper_report.verdicts
    ), "in the table and in the detail"


# --- JSON ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    content = json.loads((schemas_folder() / "report-compliance.json").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize("name", ["paper", "clean"])
def test_the_json_validates_against_its_schema(name: str, schema: dict[str, Any], written: Path) -> None:
    jsonschema.Draft202012Validator(schema).validate(json.loads((written / f"{name}.json").read_bytes()))


def test_the_schema_names_every_field(schema: dict[str, Any]) -> None:
    row = schema["properties"]["data"]["items"]["properties"]
    assert set(row) == {one.name for one in fields(ComplianceReport)} | {"id"}
    parts = {
        "dates": Dates,
        "items": Item,
        "conditions": Condition,
        "makings": Making,
        "leach_tests": LeachTestDone,
        "exposures": Exposure,
        "methods": MethodUsed,
        "instruments": InstrumentUsed,
        "charts": Chart,
        "raw_files": RawFileUsed,
        "versions": Versions,
    }
    for name, made in parts.items():
        assert set(row[name].get("items", row[name])["properties"]) == {one.name for one in fields(made)}, name
    making = row["makings"]["items"]["properties"]
    assert set(making["steps"]["items"]["properties"]) == {one.name for one in fields(StepDone)}
    assert set(making["weighings"]["items"]["properties"]) == {one.name for one in fields(Weighed)}


def test_the_json_is_sorted_and_holds_the_data_of_the_verdicts(written: Path) -> None:
    raw = (written / "paper.json").read_text(encoding="utf-8")
    content = json.loads(raw)
    assert raw == json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (report,) = content["data"]
    first = report["verdicts"][0]
    assert first["subject"] == "LT-BR-A"
    assert first["evidence"]["particle_loading"]["value"] == 0.5
    # nine pulls, none above 10 ug/L: data/paper/README.md
    assert [pull["concentration"]["censoring"] for pull in first["evidence"]["pulls"]] == ["below"] * 9
    assert {pull["concentration"]["value"] for pull in first["evidence"]["pulls"]} == {10.0}


def test_detected_and_undetected_pulls_stay_apart_in_the_plotted_data(written: Path) -> None:
    (report,) = json.loads((written / "paper.json").read_bytes())["data"]
    (chart,) = [one for one in report["charts"] if one["title"] == "Released lead, B-2203 (CsPbI3)"]
    assert [one["label"] for one in chart["series"]] == ["LT-I-A, water", "LT-I-B, water"]
    seen = [point["age_d"] for point in chart["series"][1]["points"] if point["quantity"]["censoring"] == "none"]
    assert seen == [28.0, 42.0]  # 10.83 and 10.39 ug/L at 2 mg/mL: data/paper, reading B
