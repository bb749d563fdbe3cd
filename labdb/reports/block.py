"""Blocks: the parts a printed section is made of; a template knows how to lay out each kind."""

from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]
"""A paragraph ("text"), a "table" or a "plot"."""


def text(words: str) -> Block:
    """Return a paragraph.

    Parameters
    ----------
    words : str
        Its text.

    Returns
    -------
    dict
        The block.
    """
    return {"kind": "text", "text": words}


def table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    widths: Sequence[int],
    *,
    small: bool = False,
    code: Sequence[int] = (),
) -> Block:
    """Return a table; a cell that does not apply is a dash.

    Parameters
    ----------
    title : str
        Its caption.
    columns : sequence of str
        Heads.
    rows : sequence of sequence of str or None
        Cells; the first of a row names it.
    widths : sequence of int [1]
        Shares of the width.
    small : bool
        Whether it is set in small letters.
    code : sequence of int [1]
        Places of the columns that hold digests, set in letters of one width.

    Returns
    -------
    dict
        The block.
    """
    cells = [[cell or "–" for cell in row] for row in rows]
    return {
        "kind": "table",
        "title": title,
        "columns": list(columns),
        "rows": cells,
        "widths": list(widths),
        "small": small,
        "code": list(code),
    }


def plot(title: str, svg: bytes, alt: str, caption: str) -> Block:
    """Return a plot.

    Parameters
    ----------
    title : str
        Its heading.
    svg : bytes
        The plot.
    alt : str
        What it shows, for those who cannot see it.
    caption : str
        What stands below it.

    Returns
    -------
    dict
        The block.
    """
    return {"kind": "plot", "title": title, "svg": svg.decode(), "alt": alt, "caption": caption}
