"""Units and typed numbers: the one pint registry, the unit grammar, and what people type at a bench.

Text goes in three steps: `scan` splits what was typed into number, uncertainty and unit; `unit_text` writes a
unit the one way labdb stores it ("µg / L" becomes "ug/L"); `conversion` says how to get from one unit to another.
pint is asked last and late: it takes 0.3 s to build, evaluates what it parses, and everyday units do not need it.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from labdb.errors import InputError, UnitError, nearest

if TYPE_CHECKING:
    import pint

LONGEST_TEXT = 200  # characters; a longer "quantity" is a paste accident, or an attack on the parser
_MATRIX = "ppb = ug/L for dilute water, ng/g for solids; ppm = mg/L for dilute water, ug/g for solids"
_PARTS_PER = ("ppb", "ppm", "ppt")

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
# Offered when a unit is unknown, those the lab uses most first: a tie goes to the earlier one.
_OFFERED = (
    *("ppb", "ppm", "ug/L", "mg/L", "ug/g", "mg/g", "mg/mL", "mg", "ug", "g", "kg", "ng", "mL", "uL", "L", "d", "h"),
    *("min", "s", "degC", "K", "Gy", "mGy", "nm", "um", "keV", "eV", "kV", "ns", "%", "count", "deg", "angstrom"),
    *("mol", "mmol", "umol", "week", "permille", "rads", "day"),
)

Dimension = tuple[tuple[str, int], ...]


def _everyday() -> dict[str, tuple[str, int, Fraction]]:
    """Units of every day, exactly: name -> (dimension, power, factor). The tests compare each with pint."""
    table: dict[str, tuple[str, int, Fraction]] = {}
    prefixes = {"p": -12, "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6}
    bases = {"s": "time", "Gy": "absorbed dose", "Sv": "equivalent dose", "eV": "energy", "V": "voltage"}
    for base, dimension in {**bases, "g": "mass", "mol": "substance", "m": "length"}.items():
        for prefix, exponent in prefixes.items():
            table[prefix + base] = (dimension, 1, Fraction(10) ** exponent)
    for prefix, exponent in {"n": -9, "u": -6, "m": -3, "c": -2, "d": -1, "": 0}.items():
        table[f"{prefix}L"] = ("length", 3, Fraction(10) ** (exponent - 3))
    table["cm"] = ("length", 1, Fraction(1, 100))
    table["angstrom"] = ("length", 1, Fraction(1, 10**10))
    for name, seconds in {"min": 60, "h": 3600, "d": 86400, "week": 604800}.items():
        table[name] = ("time", 1, Fraction(seconds))
    for name, parts in {"1": 1, "%": 100, "permille": 1000}.items():
        table[name] = ("number", 0, Fraction(1, parts))
    table["K"] = table["degC"] = ("temperature", 1, Fraction(1))  # as a difference; a reading has its zero below
    table["degF"] = ("temperature", 1, Fraction(5, 9))
    table["count"] = ("count", 1, Fraction(1))
    table["deg"] = ("angle", 1, Fraction(1))
    return table


_EVERYDAY = _everyday()
_ZEROS = {"K": Fraction(0), "degC": Fraction("273.15"), "degF": Fraction("459.67") * Fraction(5, 9)}
# pint has no dimension for these, and so would convert a count into 1 and a sievert into a gray.
_NATURES = {
    "count": "count",
    "sievert": "equivalent dose",
    "rem": "equivalent dose",
    "radian": "angle",
    "degree": "angle",
    "arcminute": "angle",
    "arcsecond": "angle",
    "steradian": "solid angle",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """From one unit to another: value * numerator / denominator + shift; the shift is for temperatures only."""

    numerator: float
    denominator: float
    shift: float = 0.0

    def value(self, value: float) -> float:
        """Convert a reading.

        Parameters
        ----------
        value : float, scalar or array [any]
            In the first unit.

        Returns
        -------
        float, scalar or array [any]
            In the second unit.
        """
        return value * self.numerator / self.denominator + self.shift

    def difference(self, value: float) -> float:
        """Convert a difference or an uncertainty: the zero of the scale does not matter.

        Parameters
        ----------
        value : float, scalar [any]
            In the first unit.

        Returns
        -------
        float, scalar [any]
            In the second unit.
        """
        return value * self.numerator / self.denominator


@cache
def registry() -> "pint.UnitRegistry[float]":
    """Return the one pint registry of the process, built at its first use.

    Returns
    -------
    pint.UnitRegistry
        pint's own definitions, nothing cached on disk.
    """
    import pint

    return pint.UnitRegistry(cache_folder=None)


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
    text = re.sub(r"°\s*([CF])\b", r"deg\1", text).replace("°", "deg")
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
    found: dict[str, int] = {}
    rest, position, sign, group = plain(text), 0, 1, 1
    if len(rest) > LONGEST_TEXT:
        raise UnitError(f"a unit of {len(rest)} characters; expected something like ug/L")
    while position < len(rest):
        token = _UNIT_TOKEN.match(rest, position)
        if token is None or (token["close"] and group == 1) or (token["open"] and group == -1):
            raise UnitError(f'cannot read the unit "{text}"; write it like ug/L, mg/mL, cm**2/g or Gy/s')
        if token["open"] or token["close"]:
            group, sign = (-1, 1) if token["open"] else (1, 1)
        elif token["sign"]:
            sign = -1 if token["sign"] == "/" else 1
        else:
            name = _SPELLING.get(token["name"], token["name"]).replace(" ", "").replace(".", "")
            found[name] = found.get(name, 0) + group * sign * int(token["power"] or 1)
            sign = 1
        position = token.end()
    if group == -1 or rest.endswith(("/", "*")) or any(abs(power) > 9 for power in found.values()):
        raise UnitError(f'cannot read the unit "{text}"; write it like ug/L, mg/mL, cm**2/g or Gy/s')
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


@lru_cache(maxsize=4096)
def conversion(unit: str, to_unit: str) -> Conversion:
    """Find how to convert one unit into another, both as written by `unit_text`.

    Parameters
    ----------
    unit : str
        The unit of what there is.
    to_unit : str
        The unit wanted.

    Returns
    -------
    Conversion
        Exact for everyday units.

    Raises
    ------
    UnitError
        If a unit is unknown, or the two do not measure the same.

    Examples
    --------
    >>> conversion("mg/L", "ug/L").value(0.01), conversion("degC", "K").value(600.0)
    (10.0, 873.15)
    """
    if unit == to_unit:
        return Conversion(1.0, 1.0)
    first, second = _everyday_scale(unit), _everyday_scale(to_unit)
    if first is not None and second is not None and first[0] == second[0]:
        ratio = first[1] / second[1]
        zero = (_ZEROS[unit] - _ZEROS[to_unit]) / second[1] if unit in _ZEROS and to_unit in _ZEROS else Fraction(0)
        return Conversion(float(ratio.numerator), float(ratio.denominator), float(zero))
    if not same_measure(unit, to_unit):
        raise UnitError(f'found "{unit}", expected a unit of what "{to_unit}" measures: one cannot become the other')
    known = registry()
    factor = float(known.convert(1.0, known.Unit(_for_pint(unit)), known.Unit(_for_pint(to_unit))))
    return Conversion(factor, 1.0) if factor >= 1 else Conversion(1.0, float(f"{1 / factor:.15g}"))


def _everyday_scale(unit: str) -> tuple[Dimension, Fraction] | None:
    """Dimension and factor of a unit made of everyday names only, else None."""
    powers: dict[str, int] = {}
    scale = Fraction(1)
    for name, power in unit_factors(unit):
        if name not in _EVERYDAY:
            return None
        kind, exponent, factor = _EVERYDAY[name]
        powers[kind] = powers.get(kind, 0) + exponent * power
        scale *= factor**power
    return tuple(sorted((kind, power) for kind, power in powers.items() if power)), scale


@lru_cache(maxsize=4096)
def same_measure(unit: str, other: str) -> bool:
    """Say whether two units measure the same; everyday units are answered without pint.

    Parameters
    ----------
    unit, other : str
        As written by `unit_text`.

    Returns
    -------
    bool
        True when one converts into the other.

    Raises
    ------
    UnitError
        If a name in one of them is no unit.

    Examples
    --------
    >>> same_measure("mg", "kg"), same_measure("Gy", "Sv"), same_measure("count", "1")
    (True, False, False)
    """
    first, second = _everyday_scale(unit), _everyday_scale(other)
    if first is not None and second is not None and first[0] == second[0]:
        return True
    return dimension(unit) == dimension(other)


@lru_cache(maxsize=4096)
def dimension(unit: str) -> Dimension:
    """Return what a unit measures, finer than pint: counts, angles and equivalent doses stand apart.

    Parameters
    ----------
    unit : str
        As written by `unit_text`.

    Returns
    -------
    tuple of (str, int)
        Sorted; empty for plain numbers and ratios.

    Raises
    ------
    UnitError
        If a name in it is no unit; the nearest is offered.

    Examples
    --------
    >>> dimension("Sv") == dimension("Gy"), dimension("count"), dimension("ug/g")
    (False, (('count', 1),), ())
    """
    powers: dict[str, int] = {}
    for name, power in unit_factors(unit):
        for part, exponent in _dimension_of(name).items():
            powers[part] = powers.get(part, 0) + exponent * power
    return tuple(sorted((part, power) for part, power in powers.items() if power))


@cache
def _dimension_of(name: str) -> dict[str, int]:
    import pint

    if name.casefold() in _PARTS_PER:
        raise UnitError(f'"{name}" leaves open per what; is it in water or in a solid? {_MATRIX}: write the unit meant')
    known = registry()
    try:
        single = known.Unit(_for_pint(name))
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, ValueError, TypeError, AttributeError):
        raise unknown_unit(name) from None
    base = str(single).removeprefix("delta_")
    nature = next((what for ending, what in _NATURES.items() if base.endswith(ending)), None)
    if nature is not None:
        return {nature: 1}
    return {part: int(power) for part, power in single.dimensionality.items()}


def _for_pint(unit: str) -> str:
    return unit.replace("permille", "PERMILLE").replace("%", "percent").replace("PERMILLE", "permille")


def unknown_unit(name: str) -> UnitError:
    """Build the error for a name that is no unit, with the nearest one and what it means.

    Parameters
    ----------
    name : str
        As typed.

    Returns
    -------
    UnitError
        To be raised.

    Examples
    --------
    >>> print(unknown_unit("ppd"))
    no unit "ppd"; did you mean ppb? (ppb = ug/L for dilute water, ng/g for solids)
    """
    close = nearest(name, _OFFERED)
    if not close:
        return UnitError(f'no unit "{name}"; write it like ug/L, mg/mL, degC, Gy/s or %')
    meaning = next((f" ({part})" for part in _MATRIX.split("; ") if part.startswith(f"{close[0]} =")), "")
    return UnitError(f'no unit "{name}"; did you mean {close[0]}?{meaning}')
