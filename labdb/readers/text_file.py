"""Bounded reading of text files: nothing a file holds, however large, is taken into memory at once.

Lines longer than 1 MB, NUL bytes, foreign encodings, folders and empty files are refused with the line and a remedy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labdb.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD_BYTES = 4096
MAX_LINE_BYTES = 1_000_000

_UTF8_BOM = b"\xef\xbb\xbf"
# What a binary file disguised as text begins with, and what to do about it.
_FOREIGN_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a zip archive or Excel workbook", "text (in Excel: save as CSV UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "text (in Excel: save as CSV UTF-8)"),
    (b"%PDF", "a PDF document", "text"),
    (b"\xff\xfe", "UTF-16 text", "UTF-8 text (save as CSV UTF-8)"),
    (b"\xfe\xff", "UTF-16 text", "UTF-8 text (save as CSV UTF-8)"),
)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def require_file(path: Path) -> None:
    """Refuse what is not a readable, filled, ordinary file.

    Parameters
    ----------
    path : Path
        Where the file should be.

    Raises
    ------
    ReadError
        Nothing there, a folder, a device, an empty file, or no permission.

    Examples
    --------
    >>> import pathlib
    >>> try:
    ...     require_file(pathlib.Path("no/such/file.txt"))
    ... except ReadError as error:
    ...     print(error)
    no/such/file.txt: found no such file; expected a file
    """
    try:
        if path.is_dir():
            raise ReadError(path, found="a folder", expected="a file (name the files in it)")
        if not path.exists():
            raise ReadError(path, found="no such file", expected="a file")
        if not path.is_file():
            raise ReadError(path, found="a device or pipe", expected="an ordinary file")
        with path.open("rb") as stream:
            if not stream.read(1):
                raise ReadError(path, found="an empty file", expected="a file with content")
    except OSError as error:
        raise ReadError(path, found=error.strerror or "unreadable", expected="a file you may read") from error


def head(path: Path) -> bytes:
    r"""Return the first 4 kB of a file, and nothing of what cannot be read.

    Parameters
    ----------
    path : Path
        Any path.

    Returns
    -------
    bytes
        At most 4096 bytes, without a UTF-8 byte order mark; empty for folders, pipes and missing files.

    Examples
    --------
    >>> import pathlib
    >>> head(pathlib.Path("no/such/file.txt"))
    b''
    """
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(HEAD_BYTES).removeprefix(_UTF8_BOM)
    except OSError:
        return b""


def _decode(raw: bytes, path: Path, line: int, fallback: str | None) -> str:
    if b"\0" in raw:
        raise ReadError(path, found="a NUL byte: binary content", expected="text", line=line)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if fallback is not None:
            return raw.decode(fallback)
        byte = raw[error.start]
        raise ReadError(
            path,
            found=f"byte 0x{byte:02X}, which is not UTF-8 (Latin-1 or a Windows code page?)",
            expected="UTF-8 text (in Excel: save as CSV UTF-8; elsewhere: iconv -f latin1 -t utf-8)",
            line=line,
        ) from error


def text_lines(path: Path, *, fallback: str | None = None) -> Iterator[tuple[int, str]]:
    r"""Yield the lines of a text file with their numbers, at most 1 MB in memory.

    Parameters
    ----------
    path : Path
        A text file; LF or CRLF; with or without a UTF-8 byte order mark.
    fallback : str, optional
        Encoding of a line that is not UTF-8, for instrument files, which nobody may edit; without it such a line is
        refused.

    Yields
    ------
    tuple of int and str
        Line number from 1 [1] and the line without its end.

    Raises
    ------
    ReadError
        A line over 1 MB, a NUL byte, another encoding, or what `require_file` refuses.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> note = pathlib.Path(tempfile.mkdtemp()) / "note.txt"
    >>> _ = note.write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    >>> list(text_lines(note))
    [(1, 'one'), (2, 'two')]
    """
    require_file(path)
    with path.open("rb") as stream:
        number = 0
        while raw := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if number == 1:
                for start, found, expected in _FOREIGN_STARTS:
                    if raw.startswith(start):
                        raise ReadError(path, found=found, expected=expected)
                raw = raw.removeprefix(_UTF8_BOM)
            if len(raw) > MAX_LINE_BYTES:
                raise ReadError(path, found="a line longer than 1 MB", expected="lines of text", line=number)
            yield number, _decode(raw.removesuffix(b"\n").removesuffix(b"\r"), path, number, fallback)


def read_number(text: str, path: Path, line: int | None, cell: str) -> float:
    """Read one cell of an instrument's file as a number, strictly.

    Parameters
    ----------
    text : str
        The cell.
    path : Path
        The file, for the message.
    line : int, scalar [1], optional
        Line number, for the message.
    cell : str
        Name of the column, for the message.

    Returns
    -------
    float
        The number; whether it is finite and sane is for `check_curve` to say.

    Raises
    ------
    ReadError
        Not a number with a decimal point; a decimal comma is named as such.

    Examples
    --------
    >>> import pathlib
    >>> read_number(" 2.24496574E+1", pathlib.Path("a.txt"), 24, "counts")
    22.4496574
    """
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        return float(bare)
    expected = "a number"
    if _NUMBER.fullmatch(bare.replace(",", ".", 1)):
        expected = f"a number with a decimal point (write {bare.replace(',', '.', 1)}, not {bare})"
    raise ReadError(path, found=f'"{bare[:60]}"' if bare else "an empty cell", expected=expected, line=line, cell=cell)
