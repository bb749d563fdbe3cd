"""Method: composition of a compound from its formula: atoms, molar mass, mass fraction of an element, charge balance.

Fractional subscripts (CsPbBr1.5I1.5) are read by periodictable; two other popular libraries get them silently wrong.
Atomic weights are periodictable's (IUPAC standard or abridged). Four of them are checked by a test against those this
project's numbers were computed with: Cs 132.90545196, Pb 207.2, Br 79.904, I 126.90447. The atomic weight of lead
varies in nature by more than its digits suggest (207.2 is quoted to ± 1.1; from memory, unchecked); no uncertainty
is carried for it here, because it moves every lead mass of a laboratory in the same direction and by 0.5 % at most.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from labdb.errors import InputError

HALIDES = ("F", "Cl", "Br", "I")
"""Elements that take the X sites, lightest first."""

_CHARGES = {"Li": 1, "Na": 1, "K": 1, "Rb": 1, "Cs": 1, "Pb": 2} | dict.fromkeys(HALIDES, -1)
# Letters, digits, dots, round brackets, and the two ways to write a hydrate. Isotopes, charges, densities and the
# mixtures that periodictable can also read have no place in a batch record.
_READABLE = re.compile(r"[A-Za-z0-9.()+·]{1,80}")
# A subscript that ends in its dot, or two dots in one: periodictable reads the first silently.
_BROKEN_NUMBER = re.compile(r"\d+\.(?!\d)|\.\d*\.")


@dataclass(frozen=True, slots=True)
class ChargeBalance:
    """Charges of one formula unit of a caesium lead halide."""

    cation_charge: float
    halide_count: float
    net_charge: float
    neutral: bool
    sentence: str


def parse_formula(formula: str) -> dict[str, float]:
    """Count the atoms of a formula; subscripts may be fractional.

    Parameters
    ----------
    formula : str
        Formula such as ``CsPbBr1.5I1.5`` or ``CaCl2·2H2O``.

    Returns
    -------
    dict[str, float]
        Atoms per formula unit by element symbol [1].

    Raises
    ------
    InputError
        If the text is not a formula, names an unknown element, or has a subscript of zero.

    Source
    ------
    Grammar and element table: periodictable 2.1, ``formula()``.

    Examples
    --------
    >>> parse_formula("CsPbBr1.5I1.5")
    {'Cs': 1.0, 'Pb': 1.0, 'Br': 1.5, 'I': 1.5}
    """
    import periodictable
    from pyparsing import ParseException  # the parser periodictable stands on; its errors come through unwrapped

    text = formula.strip()
    if not _READABLE.fullmatch(text) or _BROKEN_NUMBER.search(text) or not text[0].isupper():
        raise InputError(_not_a_formula(formula))
    try:
        counted = periodictable.formula(text.replace("·", "+")).atoms
    except (ValueError, ParseException) as error:
        raise InputError(_not_a_formula(formula)) from error
    atoms: dict[str, float] = {}
    for particle, count in counted.items():
        if particle.symbol not in _symbols():
            raise InputError(_not_a_formula(formula))
        if not count > 0:
            raise InputError(
                f"formula {formula!r}: {particle.symbol} has the subscript {count:g}; leave it out instead"
            )
        atoms[particle.symbol] = float(count)
    return atoms


def molar_mass(formula: str) -> float:
    """Molar mass of one formula unit.

    Parameters
    ----------
    formula : str
        Formula, fractional subscripts allowed.

    Returns
    -------
    float
        Molar mass, scalar [g/mol].

    Raises
    ------
    InputError
        If the text is not a formula.

    Source
    ------
    Sum of atomic weights (see the module's first lines).

    Examples
    --------
    >>> round(molar_mass("CsPbBr3"), 6)
    579.817452
    """
    return sum(count * atomic_weight(element) for element, count in parse_formula(formula).items())


def atomic_weight(element: str) -> float:
    """Atomic weight of an element, as a molar mass.

    Parameters
    ----------
    element : str
        Symbol, such as ``Pb``.

    Returns
    -------
    float
        Molar mass of the atoms, scalar [g/mol].

    Raises
    ------
    InputError
        If there is no such element.

    Source
    ------
    periodictable 2.1 (IUPAC standard atomic weights, abridged).

    Examples
    --------
    >>> atomic_weight("Pb")
    207.2
    """
    import periodictable

    if element not in _symbols():
        raise InputError(f"no element {element!r}; expected a symbol such as Pb, Cs, Br or I")
    return float(getattr(periodictable, element).mass)


def mass_fraction(formula: str, element: str) -> float:
    """Mass fraction of an element in a compound, such as x_Pb in a perovskite.

    Parameters
    ----------
    formula : str
        Formula, fractional subscripts allowed.
    element : str
        Symbol of the element; one that is not in the formula has the fraction 0.

    Returns
    -------
    float
        Mass of the element over mass of the compound, scalar [1].

    Raises
    ------
    InputError
        If the formula or the element cannot be read.

    Source
    ------
    Definition; CsPbBr3 0.357353852, CsPbBr1.5I1.5 0.318613, CsPbI3 0.287451 recomputed.

    Examples
    --------
    >>> round(mass_fraction("CsPbBr3", "Pb"), 9)
    0.357353852
    """
    return parse_formula(formula).get(element, 0.0) * atomic_weight(element) / molar_mass(formula)


def charge_balance(formula: str, tolerance: float = 0.01) -> ChargeBalance:
    """Compare the charges of alkali ions and lead with those of the halides, for one formula unit.

    Parameters
    ----------
    formula : str
        Formula of alkali metals, lead and halides, such as ``CsPbBr1.5I1.5``.
    tolerance : float, scalar [1]
        Largest net charge per formula unit that still counts as neutral; subscripts are usually typed to 0.01.

    Returns
    -------
    ChargeBalance
        Charges per formula unit [1], whether they cancel, and a sentence.

    Raises
    ------
    InputError
        If the formula has an element without a fixed charge here.

    Source
    ------
    Oxidation states alkali +1, Pb +2, halide -1 (definition of the ABX3 halide perovskite).

    Examples
    --------
    >>> charge_balance("CsPbBr1.5I1").sentence
    'CsPbBr1.5I1: 2.5 halides against a cation charge of 3: 0.5 halides missing'
    """
    atoms = parse_formula(formula)
    strange = [element for element in atoms if element not in _CHARGES]
    if strange:
        raise InputError(f"formula {formula!r}: no charge known for {', '.join(strange)}; expected alkali, Pb, halides")
    cations = sum(count * _CHARGES[element] for element, count in atoms.items() if element not in HALIDES)
    halides = sum(count for element, count in atoms.items() if element in HALIDES)
    net = cations - halides
    neutral = abs(net) <= tolerance
    verdict = "neutral" if neutral else f"{abs(net):.3g} halides {'missing' if net > 0 else 'too many'}"
    sentence = f"{formula}: {halides:.4g} halides against a cation charge of {cations:.4g}: {verdict}"
    return ChargeBalance(cations, halides, net, neutral, sentence)


def write_formula(atoms: Mapping[str, float], digits: int = 2) -> str:
    """Write atoms as a formula, in the order given, with rounded subscripts and without those of 1.

    Parameters
    ----------
    atoms : Mapping[str, float]
        Atoms per formula unit by symbol [1].
    digits : int, scalar [1]
        Decimals kept.

    Returns
    -------
    str
        Formula; an element that rounds to zero is left out.

    Source
    ------
    Own convention.

    Examples
    --------
    >>> write_formula({"Cs": 1, "Pb": 1, "Br": 0.9853, "I": 2.0147})
    'CsPbBr0.99I2.01'
    >>> write_formula({"Cs": 1, "Pb": 1, "Br": 3.0})
    'CsPbBr3'
    """
    parts = []
    for element, count in atoms.items():
        subscript = f"{count:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{count:.0f}"
        if subscript not in {"0", ""}:
            parts.append(element if subscript == "1" else element + subscript)
    return "".join(parts)


def _symbols() -> frozenset[str]:
    """Symbols of the elements; periodictable also knows the neutron and writes deuterium as D."""
    import periodictable

    return frozenset(element.symbol for element in periodictable.elements if element.number > 0)


def _not_a_formula(formula: str) -> str:
    shown = formula if len(formula) <= 40 else formula[:40] + "..."
    return f"{shown!r} is not a chemical formula; expected element symbols and subscripts, such as CsPbBr1.5I1.5"
