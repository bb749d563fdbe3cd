"""Rendering: a document of text into PDF by typst, into HTML by Jinja; templates stand beside this file.

The PDF keeps to PDF/A-3a and PDF/UA-1: typst refuses to write it where a letter has no glyph, a plot no alternative
text, the document no date. Fonts are those inside typst, so every computer prints the same letters; a letter they lack
is printed as its code point, ‹U+4E2D›, and stands unchanged in the JSON attached to the PDF.
"""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typst import PDFStandard

TEMPLATES = Path(__file__).parent

PDF_STANDARDS: "list[PDFStandard]" = ["a-3a", "ua-1"]


def render_pdf(name: str, document: dict[str, Any], attached: bytes = b"{}") -> bytes:
    """Lay a document out as PDF.

    Parameters
    ----------
    name : str
        Of the template, without ending.
    document : dict
        Text, lists and dicts of text; its "date" (ISO 8601) is the date of the PDF.
    attached : bytes
        JSON with the same content, put into the PDF for machines.

    Returns
    -------
    bytes
        The same for the same document.
    """
    import typst

    day = datetime.fromisoformat(document["date"]).replace(tzinfo=UTC)
    pdf = typst.compile(
        TEMPLATES / f"{name}.typ",
        root=TEMPLATES,
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=PDF_STANDARDS,
        sys_inputs={
            "document": json.dumps(_each_text(document, printable), ensure_ascii=False),
            "attached": attached.decode(),
        },
        timestamp=int(day.timestamp()),
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"typst gave {type(pdf).__name__}, expected one PDF")
    return pdf


def render_html(name: str, document: dict[str, Any]) -> bytes:
    """Lay a document out as one HTML page that needs nothing from anywhere.

    Parameters
    ----------
    name : str
        Of the template, without ending.
    document : dict
        Text, lists and dicts of text; plots as SVG.

    Returns
    -------
    bytes
        UTF-8; the same for the same document.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["data_uri"] = lambda svg: f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    return environment.get_template(f"{name}.html.j2").render(document).encode()


def printable(text: str) -> str:
    """Replace letters the fonts of the PDF lack by their code point.

    Parameters
    ----------
    text : str
        Whatever a person typed.

    Returns
    -------
    str
        With every letter printable.

    Examples
    --------
    >>> printable("Müller, ≤ 5 µg/g, 中")
    'Müller, ≤ 5 µg/g, ‹U+4E2D›'
    """
    if text.isascii() and text.isprintable():
        return text
    known = _glyphs()
    return "".join(
        letter if ord(letter) in known else " " if letter.isspace() else f"‹U+{ord(letter):04X}›" for letter in text
    )


@cache
def _glyphs() -> frozenset[int]:
    """The letters of DejaVu Sans Mono, which typst falls back on; matplotlib carries the same font."""
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf"))
    return frozenset(code for code in font.get_charmap() if chr(code).isprintable())


def _each_text(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - lists and dicts of text, nested
    if isinstance(value, str):
        # an SVG is read by typst, not printed
        return value if value.startswith("<?xml") else change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _each_text(one, change) for key, one in value.items()}
    return value
