from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from labdb.reports.rendering import PDF_STANDARDS, TEMPLATES, printable

PAGE = (
    '#set document(title: "Glyphs", date: datetime(year: 2026, month: 11, day: 20))\n'
    '#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), lang: "en")\n'
    "#sys.inputs.text"
)


def compiled(text: str) -> Any:  # noqa: ANN401 - typst returns bytes or a list of them
    return typst.compile(
        PAGE.encode(), ignore_system_fonts=True, pdf_standards=PDF_STANDARDS, sys_inputs={"text": text}
    )


def test_every_letter_called_printable_has_a_glyph_in_the_pdf() -> None:
    letters = [chr(code) for code in range(0x20, 0x30000) if not 0xD800 <= code < 0xE000]
    kept = [letter for letter in letters if printable(letter) == letter]
    assert len(kept) > 3000
    assert compiled(" ".join(kept))  # typst refuses PDF/A when one letter has no glyph


def test_a_letter_without_glyph_would_be_refused_and_is_printed_as_its_code_point() -> None:
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        compiled("中")
    assert printable("中\x00\u202e a") == "‹U+4E2D›‹U+0000›‹U+202E› a"


def test_a_line_break_in_a_remark_becomes_a_space() -> None:
    assert printable("first\nsecond\tthird é") == "first second third é"


def test_no_font_of_the_computer_gets_into_the_pdf(written: Path) -> None:
    fonts = set()
    for page in PdfReader(written / "paper.pdf").pages:
        resources: Any = page["/Resources"]
        fonts |= {str(font.get_object()["/BaseFont"]).split("+")[-1] for font in resources["/Font"].values()}
    assert fonts
    assert all(name.startswith(("Libertinus", "DejaVuSansMono")) for name in fonts), fonts


def test_templates_name_no_address_on_the_network() -> None:
    for path in (*TEMPLATES.glob("*.typ"), *TEMPLATES.glob("*.j2")):
        text = path.read_text(encoding="utf-8")
        assert "http" not in text, path.name
        assert "@preview" not in text, path.name
