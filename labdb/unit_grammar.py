"""The grammar of units: how "µg / l" becomes "ug/L". Whether such units exist is asked in `labdb.units`."""

import re
from functools import lru_cache

from labdb.errors import UnitError

LONGEST_TEXT = 200  # characters; a longer "quantity" is a paste accident, or an attack on the parser
LARGEST_POWER = 9

# Signs that look or mean alike. The comma is missing on purpose: it is refused, not read.
_SIGNS = str.maketrans(
    {
        "µ": "u",
        "μ": "u",
        "−": "-",
        "\u00a0": " ",
        "\u2009": " ",
        "\u202f": " ",
        "\u2007": " ",
        "·": "*",
        "⋅": "*",
        "×": "*",
        "≤": "<=",
        "⩽": "<=",
        "≥": ">=",
        "⩾": ">=",
        "\u212a": "K",
        "Å": "angstrom",
        "\u212b": "angstrom",
        "℃": "degC",
        "‰": " permille",
        "％": "%",
    }
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
# What people write for a unit, and how labdb writes it; one spelling keeps stored units comparable as text.
_SPELLING = {
    **dict.fromkeys(("l", "liter", "litre", "liters", "litres"), "L"),
    **{f"{prefix}l": f"{prefix}L" for prefix in "mudcn"},
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("weeks", "wk", "wks"), "week"),
    **dict.fromkeys(("counts", "cts"), "count"),
    **dict.fromkeys(("percent", "pct"), "%"),
    **dict.fromkeys(("celsius", "Celsius", "deg_C"), "degC"),
    **dict.fromkeys(("kelvin", "Kelvin"), "K"),
    **dict.fromkeys(("degree", "degrees"), "deg"),
    **dict.fromkeys(("Angstrom", "angstroms"), "angstrom"),
    "mcg": "ug",
    "micron": "um",
    "gray": "Gy",
    "grays": "Gy",
}


def plain(text: str) -> str:
    """Write the many signs for one thing as one sign: micro, minus, spaces, raised digits, degrees.

    Parameters
    ----------
    text : str
        As typed.

    Returns
    -------
    str
        Without surrounding blanks.

    Examples
    --------
    >>> plain("≤10 µg/L"), plain("25 °C"), plain("cm²/g")
    ('<=10 ug/L', '25 degC', 'cm^2/g')
    """
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda raised: "^" + raised.group().translate(_RAISED), text)
    text = text.translate(_SIGNS)
    text = re.sub(r"(?:°|deg(?:rees?)?)\s*([CF])\b", r"deg\1", text).replace("°", "deg")
    return re.sub(r"\s+", " ", text).strip()


_UNIT_TOKEN = re.compile(
    r"\s*(?:(?P<open>/\s*\()|(?P<close>\))|(?P<sign>\*(?!\*)|/)|"
    r"(?P<name>1(?!\d)|%|(?:wt\.?|at\.?)\s?%|[A-Za-z_]+)(?:(?:\*\*|\^)?(?P<power>[+-]?\d)(?!\d))?)\s*"
)


@lru_cache(maxsize=4096)
def unit_factors(text: str) -> tuple[tuple[str, int], ...]:
    """Split a unit into its names and powers; equal names are collected, opposite ones cancel.

    Parameters
    ----------
    text : str
        For example "ug/kg/week", "mg mL^-1", "cm2/g", "ug/(kg*week)", "1".

    Returns
    -------
    tuple of (str, int)
        In the order typed; empty for "1" and for no text.

    Raises
    ------
    UnitError
        If the text is not a product of unit names with powers from -9 to 9.

    Examples
    --------
    >>> unit_factors("mg mL^-1")
    (('mg', 1), ('mL', -1))
    """
    if len(text) > LONGEST_TEXT:
        raise UnitError(f"found a unit of {len(text)} characters, expected something like ug/L")
    unreadable = UnitError(f'cannot read the unit "{text}"; write it like ug/L, mg/mL, cm**2/g or Gy/s')
    found: dict[str, int] = {}
    rest, position, sign, group = plain(text), 0, "", 1
    while position < len(rest):
        token = _UNIT_TOKEN.match(rest, position)
        if token is None or (token["close"] and (group == 1 or sign)) or (token["open"] and group == -1):
            raise unreadable
        if token["open"] or token["close"]:
            group = -1 if token["open"] else 1
        elif token["sign"]:
            if sign or (token["sign"] == "*" and not found):
                raise unreadable
            sign = token["sign"]
        else:
            name = _SPELLING.get(token["name"], token["name"]).replace(" ", "").replace(".", "")
            found[name] = found.get(name, 0) + (-group if sign == "/" else group) * int(token["power"] or 1)
            sign = ""
        position = token.end()
    if group == -1 or sign or any(abs(power) > LARGEST_POWER for power in found.values()):
        raise unreadable
    return tuple((name, power) for name, power in found.items() if power and name != "1")


def unit_from_factors(factors: "tuple[tuple[str, int], ...]") -> str:
    """Write a unit from its names and powers, the one way labdb stores it.

    Parameters
    ----------
    factors : tuple of (str, int)
        As from `unit_factors`.

    Returns
    -------
    str
        "1" when there are none.

    Examples
    --------
    >>> unit_from_factors((("cm", 2), ("g", -1)))
    'cm**2/g'
    """
    above = [name if power == 1 else f"{name}**{power}" for name, power in factors if power > 0]
    below = [name if power == -1 else f"{name}**{-power}" for name, power in factors if power < 0]
    return "/".join(["*".join(above) or "1", *below])


@lru_cache(maxsize=4096)
def unit_text(text: str) -> str:
    """Write a typed unit the one way labdb stores it.

    Parameters
    ----------
    text : str
        As typed.

    Returns
    -------
    str
        For example "ug/L"; "1" for a number without unit.

    Raises
    ------
    UnitError
        If it is not a unit in form; whether the names exist is asked by `conversion`.

    Examples
    --------
    >>> unit_text("µg / l"), unit_text("°C"), unit_text("cm²/g"), unit_text("")
    ('ug/L', 'degC', 'cm**2/g', '1')
    """
    return unit_from_factors(unit_factors(text))
