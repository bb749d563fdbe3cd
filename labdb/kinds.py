"""Quantity kinds: what a number is a number of, read from kinds.toml and from a lab's own file.

A kind is finer than a dimension. It decides which units fit, what "ppb" and "rad" mean, and from which kind to
which other a method leads.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from labdb.errors import InputError, UnitError, UnknownNameError
from labdb.units import dimension, same_measure, unit_factors, unit_from_factors, unit_text

UNNAMED = "unnamed"  # the kind of a product or quotient nobody has named yet, see Quantity.as_kind
_NUMBERS = ("%", "permille")
_BUILT_IN = Path(__file__).with_name("kinds.toml")


@dataclass(frozen=True, slots=True)
class QuantityKind:
    """One quantity kind.

    Parameters
    ----------
    name : str
        As stored: lower case, underscores.
    label : str
        As written in a sentence.
    symbol : str
        As written in a formula.
    unit : str
        The canonical unit.
    lower : float, scalar or None [canonical unit]
        Least possible true value.
    upper : float, scalar or None [canonical unit]
        Largest possible true value.
    ucum : str
        UCUM code of the canonical unit.
    qudt : str
        Local name of the QUDT quantity kind, empty when there is none.
    aliases : tuple of str
        Other names.
    readings_may_exceed : bool
        Whether a reading beyond the bounds is kept.
    mass_ratio_too : bool
        Whether a plain number may be written as a mass ratio.
    spellings : tuple of (str, str)
        Unit names with a meaning under this kind only.
    """

    name: str
    label: str
    symbol: str
    unit: str
    lower: float | None = None
    upper: float | None = None
    ucum: str = ""
    qudt: str = ""
    aliases: tuple[str, ...] = ()
    readings_may_exceed: bool = False
    mass_ratio_too: bool = False
    spellings: tuple[tuple[str, str], ...] = ()

    def read_unit(self, text: str) -> str:
        """Write a typed unit the one way labdb stores it, and refuse one that does not fit this kind.

        Parameters
        ----------
        text : str
            As typed.

        Returns
        -------
        str
            A unit that converts into the canonical one.

        Raises
        ------
        UnitError
            If the unit is unknown, or measures something else.

        Examples
        --------
        >>> quantity_kind("Pb").read_unit("ppb"), quantity_kind("absorbed_dose").read_unit("rad")
        ('ug/L', 'rads')
        """
        return _unit_of_kind(self, text)


_kinds: dict[str, QuantityKind] = {}
_names: dict[str, str] = {}  # every name and alias -> name
_bridges: dict[frozenset[str], tuple[str, str]] = {}


@lru_cache(maxsize=4096)
def _unit_of_kind(kind: QuantityKind, text: str) -> str:
    spelled = dict(kind.spellings)
    unit = unit_text(text)
    if spelled:
        factors: dict[str, int] = {}
        for name, power in unit_factors(text):
            for part, exponent in unit_factors(spelled.get(name, name)):
                factors[part] = factors.get(part, 0) + power * exponent
        unit = unit_from_factors(tuple(factors.items()))
    if unit == kind.unit:
        return unit
    try:
        fits = same_measure(unit, kind.unit)
    except UnitError as error:
        raise UnitError(f"{error}; {kind.label} is kept in {kind.unit}") from None
    if not fits or not _same_form(kind, unit):
        if text.strip() in ("C", "F"):
            raise UnitError(f'found the unit "{text}", which is an electrical one; write deg{text.strip()}')
        raise UnitError(f'found the unit "{text}", which does not fit {kind.label}; {_expected(kind, unit)}')
    return unit


def _above(unit: str) -> str:
    """The part of a unit above the line: what a ratio is a ratio of, "g" for "g/kg"; "1" for a plain number."""
    return unit_from_factors(tuple((name, power) for name, power in unit_factors(unit) if power > 0))


def _same_form(kind: QuantityKind, unit: str) -> bool:
    """Dimension cannot tell ug/g, % and a turn apart; names, and what stands above the line, can."""
    if not same_measure(kind.unit, "1"):
        return True
    if _is_number(kind.unit):
        return _is_number(unit) or (kind.mass_ratio_too and same_measure(_above(unit), "g"))
    return same_measure(_above(unit), _above(kind.unit))


def _is_number(unit: str) -> bool:
    return all(name in _NUMBERS for name, _ in unit_factors(unit))


def _expected(kind: QuantityKind, unit: str) -> str:
    """Say what fits, and by which method the unit's own kind leads here."""
    advice = f"expected {kind.unit} or a unit like it"
    for pair, (method, needs) in _bridges.items():
        other = next((_kinds[name] for name in pair - {kind.name} if kind.name in pair), None)
        if other is not None and same_measure(other.unit, unit) and _same_form(other, unit):
            return f'{advice}; from {other.label} ({other.unit}) leads the method "{method}", which needs {needs}'
    return advice


def kind_mismatch(found: str, expected: str) -> UnitError:
    """Build the error for one kind where another is needed, naming the method between them.

    Parameters
    ----------
    found : str
        Name of the kind there is.
    expected : str
        Name of the kind wanted.

    Returns
    -------
    UnitError
        To be raised.

    Examples
    --------
    >>> print(kind_mismatch("lead_mass_concentration", "released_lead_mass_fraction"))
    found a mass concentration of lead, expected a released mass fraction of lead: these are two kinds; \
    the method "released mass fraction" leads from one to the other and needs the particle loading
    """
    if UNNAMED in (found, expected):
        return UnitError(
            f'found "{found}", expected "{expected}": a product or quotient has no kind yet; name it with .as_kind(...)'
        )
    one, other = quantity_kind(found), quantity_kind(expected)
    _load_built_in()
    bridge = _bridges.get(frozenset((one.name, other.name)))
    advice = (
        f'the method "{bridge[0]}" leads from one to the other and needs {bridge[1]}'
        if bridge
        else "no method of labdb leads from one to the other"
    )
    return UnitError(f"found a {one.label}, expected a {other.label}: these are two kinds; {advice}")


def quantity_kind(name: str) -> QuantityKind:
    """Find a quantity kind by its name or an alias.

    Parameters
    ----------
    name : str
        For example "lead_mass_concentration", "lead mass concentration", "Pb".

    Returns
    -------
    QuantityKind
        The kind.

    Raises
    ------
    UnknownNameError
        If there is none; the nearest is named.

    Examples
    --------
    >>> quantity_kind("Pb").unit, quantity_kind("nanosphere diameter").name
    ('ug/L', 'nanosphere_diameter')
    """
    _load_built_in()
    found = _names.get(name) or _names.get(name.strip().replace(" ", "_"))
    if found is None:
        raise UnknownNameError("quantity kind", name, _names)
    return _kinds[found]


def quantity_kinds() -> dict[str, QuantityKind]:
    """Return all registered kinds by name, labdb's own first.

    Returns
    -------
    dict of str to QuantityKind
        A copy; change kinds through a file and `load_kinds`.
    """
    _load_built_in()
    return dict(_kinds)


def load_kinds(path: str | PathLike[str]) -> list[QuantityKind]:
    """Register the kinds of a lab's own file, of the same form as labdb's kinds.toml.

    All or nothing: one wrong entry and no kind of the file is registered. Loading the same file again is harmless.

    Parameters
    ----------
    path : path
        A TOML file with tables `[kind.NAME]` and, if wanted, `[[bridge]]`.

    Returns
    -------
    list of QuantityKind
        The kinds of the file.

    Raises
    ------
    InputError
        If the file is not TOML, has an unknown or missing key, or a name or alias is taken by another kind.
    UnitError
        If a canonical unit or a spelling is no unit.
    """
    _load_built_in()
    return _register(Path(path))


def _load_built_in() -> None:
    if not _kinds:
        _register(_BUILT_IN)


def _register(path: Path) -> list[QuantityKind]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: cannot read the quantity kinds: {error}") from error
    extra = set(document) - {"kind", "bridge"}
    if extra:
        raise InputError(f'{path}: found "{min(extra)}"; expected tables [kind.NAME] and [[bridge]] only')
    found = [_kind(path, name, entry) for name, entry in document.get("kind", {}).items()]
    names: dict[str, str] = {}
    for kind in found:
        if kind.name in _kinds and _kinds[kind.name] != kind:
            raise InputError(f'{path}: kind "{kind.name}" is defined already, otherwise; choose another name')
        for name in (kind.name, *kind.aliases):
            owner = names.get(name, _names.get(name, kind.name))
            if owner != kind.name:
                raise InputError(f'{path}: the name "{name}" of kind "{kind.name}" belongs to "{owner}" already')
            names[name] = kind.name
    bridges = dict(_bridge(path, entry, names) for entry in document.get("bridge", []))
    _kinds.update((kind.name, kind) for kind in found)
    _names.update(names)
    _bridges.update(bridges)
    return found


def _kind(path: Path, name: str, entry: dict[str, Any]) -> QuantityKind:
    where = f'{path}: kind "{name}"'
    types: dict[str, type | tuple[type, ...]] = {
        **dict.fromkeys(("label", "symbol", "unit", "ucum", "qudt"), str),
        **dict.fromkeys(("lower", "upper"), (int, float)),
        **dict.fromkeys(("readings_may_exceed", "mass_ratio_too"), bool),
        "aliases": list,
        "spellings": dict,
    }
    for key, value in entry.items():
        if key not in types:
            raise UnknownNameError(f"key of a quantity kind ({where})", key, types)
        if not isinstance(value, types[key]) or (key in ("lower", "upper") and isinstance(value, bool)):
            raise InputError(f"{where}: {key} = {value!r} is of the wrong type")
    missing = [key for key in ("label", "symbol", "unit") if not entry.get(key)]
    if missing or not re.fullmatch("[a-z][a-z0-9_]*", name) or name == UNNAMED:
        problem = f"{missing[0]} is missing" if missing else "the name must be lower case with underscores"
        raise InputError(f"{where}: {problem}")
    if unit_text(entry["unit"]) != entry["unit"]:
        raise UnitError(f'{where}: unit "{entry["unit"]}"; write it "{unit_text(entry["unit"])}"')
    spellings = tuple((str(key), unit_text(str(value))) for key, value in entry.get("spellings", {}).items())
    if path != _BUILT_IN:  # labdb's own are proven by its tests; asking here would cost every start a pint registry
        try:
            for unit in (entry["unit"], *(unit for _, unit in spellings)):
                dimension(unit)
        except UnitError as error:
            raise UnitError(f"{where}: {error}") from None
    bounds = {key: float(entry[key]) for key in ("lower", "upper") if key in entry}
    same = {key: value for key, value in entry.items() if key not in ("lower", "upper", "aliases", "spellings")}
    aliases = tuple(str(alias) for alias in entry.get("aliases", ()))
    return QuantityKind(
        name=name, lower=bounds.get("lower"), upper=bounds.get("upper"), aliases=aliases, spellings=spellings, **same
    )


def _bridge(path: Path, entry: dict[str, Any], names: dict[str, str]) -> tuple[frozenset[str], tuple[str, str]]:
    if set(entry) != {"between", "method", "needs"} or len(entry["between"]) != 2:
        raise InputError(f"{path}: a [[bridge]] has between (two kinds), method and needs; found {sorted(entry)}")
    for name in entry["between"]:
        if name not in names and name not in _names:
            raise UnknownNameError(f"quantity kind ({path}, bridge)", name, [*_names, *names])
    return frozenset(entry["between"]), (str(entry["method"]), str(entry["needs"]))
