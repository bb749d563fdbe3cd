"""What a file's name says: `Br7_w_d{days}.txt` against `Br7_w_d14.txt` gives days 14.

A name that could be read in two ways is refused: `S_1_water_7d.csv` against `{sample}_{condition}_{age}d.csv` may mean
sample S or sample S_1, and a wrong guess would put a curve on the wrong sample.
"""

from __future__ import annotations

import re
import unicodedata

from labdb.errors import InputError, UnknownNameError

# Each field with its pattern, written with lazy quantifiers; the greedy twin is made by dropping the marks.
_NUMBER = r"[0-9]+?(?:\.[0-9]+?)??"
_WORD = r"[A-Za-z0-9]+?"
_TEXT = r"[^/\\]+?"
FIELDS: dict[str, str] = {
    "sample": _TEXT,
    "condition": _TEXT,
    "study": _TEXT,
    "days": _NUMBER,
    "age": _NUMBER + r"(?: ?[a-z]+?)??",
    "vial": _WORD,
    "replicate": _WORD,
}
"""What a pattern may ask for. `days` is a number of days; `age` may carry its unit (7d, 12h)."""

_PART = re.compile(r"\{([^{}]*)\}|([^{}]+)|([{}])")


def _compile(pattern: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the pattern twice, its fields as short and as long as possible."""
    lazy: list[str] = []
    seen: list[str] = []
    after_field = False
    for part in _PART.finditer(pattern):
        name, literal, brace = part.groups()
        if brace:
            raise InputError(f'name pattern "{pattern}": unpaired "{brace}"; write fields as {{days}}')
        if literal is not None:
            lazy.append(re.escape(literal))
        elif name not in FIELDS:
            raise UnknownNameError("field of a name pattern", name, known=sorted(FIELDS))
        elif name in seen:
            raise InputError(f'name pattern "{pattern}": {{{name}}} stands there twice; name each field once')
        elif after_field:
            raise InputError(f'name pattern "{pattern}": text must stand between two fields, as in {{sample}}_{{days}}')
        else:
            seen.append(name)
            lazy.append(f"(?P<{name}>{FIELDS[name]})")
        after_field = literal is None
    if not seen:
        raise InputError(f'name pattern "{pattern}" has no field; known: {", ".join(f"{{{name}}}" for name in FIELDS)}')
    return re.compile("".join(lazy)), re.compile("".join(_greedy(part) for part in lazy))


def _greedy(part: str) -> str:
    return part.replace("+?", "+").replace("??", "?") if part.startswith("(?P<") else part


def match_name(pattern: str, name: str) -> dict[str, str]:
    """Return what a file's name says, by a pattern with fields in braces.

    Parameters
    ----------
    pattern : str
        The name as it is written, with `{sample}`, `{condition}`, `{study}`, `{days}`, `{age}`, `{vial}` or
        `{replicate}` where it varies; all else is literal.
    name : str
        The file's name, without its folder.

    Returns
    -------
    dict of str to str
        The fields in the pattern's order, as text; units are not interpreted here.

    Raises
    ------
    InputError
        The name does not fit, or fits in two ways; the message shows both.
    UnknownNameError
        The pattern asks for an unknown field.

    Examples
    --------
    >>> match_name("Br7_w_d{days}.txt", "Br7_w_d14.txt")
    {'days': '14'}
    >>> match_name("{sample}_{condition}_{age}d_v{vial}.csv", "S-2601_water_7d_v2.csv")
    {'sample': 'S-2601', 'condition': 'water', 'age': '7', 'vial': '2'}
    """
    # macOS hands out decomposed names; a typed pattern is composed.
    pattern, name = unicodedata.normalize("NFC", pattern), unicodedata.normalize("NFC", name)
    shortest, longest = _compile(pattern)
    first, last = shortest.fullmatch(name), longest.fullmatch(name)
    if first is None or last is None:
        raise InputError(f'file name "{name}" does not fit the name pattern "{pattern}"; nothing was read from it')
    if first.groupdict() != last.groupdict():
        raise InputError(
            f'file name "{name}" fits the name pattern "{pattern}" in two ways: {_shown(first)}, or {_shown(last)}; '
            "write the part that does not vary into the pattern"
        )
    return first.groupdict()


def _shown(match: re.Match[str]) -> str:
    return ", ".join(f"{field} {value}" for field, value in match.groupdict().items())
