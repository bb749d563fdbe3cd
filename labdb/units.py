"""Units: the one pint registry, what a unit measures, and how to convert it.

Text goes in three steps: `typed_number.scan` splits what was typed into number, uncertainty and unit; `unit_text`
writes a unit the one way labdb stores it; `conversion` says how to get from one unit to another. pint is asked last
and late: it takes 0.3 s to build, and everyday units do not need it.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from labdb.errors import UnitError, nearest
from labdb.unit_grammar import plain, unit_factors, unit_from_factors, unit_text

if TYPE_CHECKING:
    import pint

_MATRIX = "ppb = ug/L for dilute water, ng/g for solids; ppm = mg/L for dilute water, ug/g for solids"
_PARTS_PER = ("ppb", "ppm", "ppt")

# Offered when a unit is unknown, those the lab uses most first: a tie goes to the earlier one.
_OFFERED = (
    *("ppb", "ppm", "ug/L", "mg/L", "ug/g", "mg/g", "mg/mL", "mg", "ug", "g", "kg", "ng", "mL", "uL", "L", "d", "h"),
    *("min", "s", "degC", "K", "Gy", "mGy", "nm", "um", "keV", "eV", "kV", "ns", "%", "count", "deg", "angstrom"),
    *("mol", "mmol", "umol", "week", "permille", "rads", "day"),
)

__all__ = [
    "Conversion",
    "Dimension",
    "conversion",
    "dimension",
    "plain",
    "registry",
    "same_measure",
    "unit_factors",
    "unit_from_factors",
    "unit_text",
    "unknown_unit",
]

Dimension = tuple[tuple[str, int], ...]


def _everyday() -> dict[str, tuple[dict[str, int], Fraction]]:
    """Units of every day, exactly: name -> (dimension, size in g, m, s, K, mol, A); compared with pint by the tests."""
    mass, length, time, temperature = "[mass]", "[length]", "[time]", "[temperature]"
    energy = {mass: 1, length: 2, time: -2}
    electronvolt = (
        Fraction(1602176634, 10**28) * 1000
    )  # exact since 2019: SI Brochure, 9th edition, table 8; 1 J = 1000 g
    bases: dict[str, tuple[dict[str, int], Fraction]] = {
        "g": ({mass: 1}, Fraction(1)),
        "m": ({length: 1}, Fraction(1)),
        "s": ({time: 1}, Fraction(1)),
        "mol": ({"[substance]": 1}, Fraction(1)),
        "Gy": ({length: 2, time: -2}, Fraction(1)),
        "Sv": ({"equivalent dose": 1}, Fraction(1)),
        "eV": (energy, electronvolt),
        "V": ({**energy, time: -3, "[current]": -1}, Fraction(1000)),
    }
    prefixes = {"p": -12, "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6}
    table = {
        prefix + base: (what, size * Fraction(10) ** power)
        for base, (what, size) in bases.items()
        for prefix, power in prefixes.items()
    }
    for prefix, power in {"n": -9, "u": -6, "m": -3, "c": -2, "d": -1, "": 0}.items():
        table[f"{prefix}L"] = ({length: 3}, Fraction(10) ** (power - 3))
    table |= {"cm": ({length: 1}, Fraction(1, 100)), "angstrom": ({length: 1}, Fraction(1, 10**10))}
    for name, seconds in {"min": 60, "h": 3600, "d": 86400, "week": 604800}.items():
        table[name] = ({time: 1}, Fraction(seconds))
    for name, parts in {"%": 100, "permille": 1000}.items():
        table[name] = ({}, Fraction(1, parts))
    # a temperature as a difference; a reading has its zero below
    table |= dict.fromkeys(("K", "degC"), ({temperature: 1}, Fraction(1)))
    table |= {"degF": ({temperature: 1}, Fraction(5, 9)), "count": ({"count": 1}, Fraction(1))}
    return table | {"deg": ({"angle": 1}, Fraction(1)), "M": ({"[substance]": 1, length: -3}, Fraction(1000))}


_EVERYDAY = _everyday()
_ZEROS = {"K": Fraction(0), "degC": Fraction("273.15"), "degF": Fraction("459.67") * Fraction(5, 9)}
# pint has no dimension for these, and so would convert a count into 1 and a sievert into a gray.
_NATURES = {
    "count": "count",
    "sievert": "equivalent dose",
    "rem": "equivalent dose",
    "steradian": "solid angle",  # before radian, which it ends with
    "radian": "angle",
    "degree": "angle",
    "arcminute": "angle",
    "arcsecond": "angle",
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
    if not same_measure(unit, to_unit):
        raise UnitError(f'found "{unit}", expected a unit of what "{to_unit}" measures: one cannot become the other')
    size, to_size = _everyday_size(unit), _everyday_size(to_unit)
    if size is not None and to_size is not None:
        ratio = size / to_size
        zero = (_ZEROS[unit] - _ZEROS[to_unit]) / to_size if unit in _ZEROS and to_unit in _ZEROS else 0
        return Conversion(float(ratio.numerator), float(ratio.denominator), float(zero))
    known = registry()
    first, second = known.Unit(_for_pint(unit)), known.Unit(_for_pint(to_unit))
    if known.convert(0.0, first, second) != 0:
        raise UnitError(f'found "{unit}" or "{to_unit}", a scale with a zero of its own; expected degC, K or degF')
    factor = float(known.convert(1.0, first, second))
    return Conversion(factor, 1.0) if factor >= 1 else Conversion(1.0, float(f"{1 / factor:.15g}"))


def _everyday_size(unit: str) -> Fraction | None:
    """Size of a unit made of everyday names only, else None."""
    size = Fraction(1)
    for name, power in unit_factors(unit):
        if name not in _EVERYDAY:
            return None
        size *= _EVERYDAY[name][1] ** power
    return size


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
    if name in _EVERYDAY:
        return _EVERYDAY[name][0]
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
    return {part: round(float(f"{power}")) for part, power in single.dimensionality.items()}


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
