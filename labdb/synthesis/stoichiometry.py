"""Method: stoichiometry of a batch: what to weigh for a label, and what the weighings can give.

The perovskite mass fraction w is perovskite over perovskite plus silica, with the silica as weighed: what it loses on
calcination (adsorbed water, silanols) is not subtracted. Halide that comes with potassium (KI as sintering agent) is
kept apart, because whether it exchanges is what a careful reader asks: the answer is given without it and with all
of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labdb.errors import InputError
from labdb.synthesis.composition import (
    HALIDES,
    atomic_weight,
    charge_balance,
    molar_mass,
    parse_formula,
    write_formula,
)

AGREEMENT = 0.02
"""Relative difference that weighings may show from their label: lead salts are commonly sold to 1 % purity, and a
0.1 mg balance adds 0.1 to 0.3 % (own convention)."""


@dataclass(frozen=True, slots=True)
class PrecursorMass:
    """One line of a recipe; ``mass_mg`` is what to weigh, purity counted."""

    formula: str
    amount_mmol: float
    mass_mg: float
    purity: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to weigh for a composition, a perovskite mass fraction and a mass of template."""

    composition: str
    w: float
    template_mass_mg: float
    perovskite_mass_mg: float
    perovskite_amount_mmol: float
    lead_mass_mg: float
    precursors: tuple[PrecursorMass, ...]


@dataclass(frozen=True, slots=True)
class Weighing:
    """One weighed precursor or sintering agent; ``u_mass_mg`` is the standard uncertainty, None where not recorded."""

    formula: str
    mass_mg: float
    purity: float = 1.0
    u_mass_mg: float | None = None


@dataclass(frozen=True, slots=True)
class WeighingBalance:
    """What the weighings of a batch can give, beside its label."""

    label: str
    cs_mmol: float
    lead_mmol: float
    halides_mmol: dict[str, float]
    salt_halides_mmol: dict[str, float]
    cs_to_lead: float
    u_cs_to_lead: float | None
    limiting: str
    w_max: float
    w_max_with_salt: float
    lead_mass_mg: float
    u_lead_mass_mg: float | None
    composition: str
    composition_with_salt: str
    label_agrees: bool
    label_agrees_with_salt: bool
    sentence: str


def recipe(composition: str, w: float, template_mass_mg: float, purities: Mapping[str, float] | None = None) -> Recipe:
    """Masses of caesium halide and lead halides for a target composition.

    Caesium takes the lightest halide first, lead the rest: CsPbBr1.5I1.5 is weighed as CsBr, PbBr2 and PbI2.

    Parameters
    ----------
    composition : str
        Caesium lead halide, neutral, such as ``CsPbBr1.5I1.5``.
    w : float, scalar [1]
        Perovskite mass over total mass (perovskite and template).
    template_mass_mg : float, scalar [mg]
        Mass of the silica template.
    purities : Mapping[str, float], optional
        Mass fraction of the pure compound in each precursor, by formula [1]; 1 where not given.

    Returns
    -------
    Recipe
        Precursors in the order CsX, PbX2, with masses to weigh [mg].

    Raises
    ------
    InputError
        If the composition is not a neutral caesium lead halide, w is not between 0 and 1, a mass is not positive, or
        a purity is outside (0, 1].

    Source
    ------
    Mass balance: m(perovskite) = m(template) w / (1 - w).

    Examples
    --------
    >>> plan = recipe("CsPbBr3", 0.2, 1000.0)
    >>> [(one.formula, round(one.mass_mg, 4)) for one in plan.precursors]
    [('CsBr', 91.7571), ('PbBr2', 158.2429)]
    """
    atoms = _caesium_lead_halide(composition)
    if not 0 < w < 1:
        raise InputError(f"perovskite mass fraction w = {w:g}; expected a number between 0 and 1, such as 0.2")
    _require_positive(template_mass_mg, "template mass")
    perovskite_mg = template_mass_mg * w / (1 - w)
    amount = perovskite_mg / molar_mass(composition)
    parts = _share_halides(atoms)
    given = dict(purities or {})
    unknown = sorted(set(given) - set(parts))
    if unknown:
        raise InputError(f"purity given for {', '.join(unknown)}; the recipe weighs {', '.join(parts)}")
    lines = []
    for formula, count in parts.items():
        purity = _checked_purity(formula, given.get(formula, 1.0))
        lines.append(PrecursorMass(formula, count * amount, count * amount * molar_mass(formula) / purity, purity))
    lead_mg = atoms["Pb"] * amount * atomic_weight("Pb")
    return Recipe(composition, w, template_mass_mg, perovskite_mg, amount, lead_mg, tuple(lines))


def weighing_balance(
    weighings: Sequence[Weighing], template_mass_mg: float, label: str, tolerance: float = AGREEMENT
) -> WeighingBalance:
    """Tell what the weighings can give: Cs:Pb, limiting precursor, largest w, lead, halides; against the label.

    Parameters
    ----------
    weighings : Sequence[Weighing]
        Precursors and potassium salts with masses [mg] and purities [1]; not the template, not the solvent.
    template_mass_mg : float, scalar [mg]
        Mass of the silica template.
    label : str
        Composition on the batch's label, such as ``CsPbBr1.5I1.5``.
    tolerance : float, scalar [1]
        Relative difference from the label that still agrees; for a halide, a share of all halide sites.

    Returns
    -------
    WeighingBalance
        Amounts [mmol], Cs:Pb [1], w at most [1], lead mass [mg], compositions without and with the halide of the
        potassium salt, and a sentence on the label.

    Raises
    ------
    InputError
        If a formula, mass or purity is wrong, or no caesium or no lead was weighed.

    Source
    ------
    Mass balance over the weighed atoms; u by GUM (JCGM 100:2008) 5.1.2, weighings independent, purities exact.

    Examples
    --------
    >>> weighed = [Weighing("CsBr", 91.9), Weighing("PbBr2", 158.1), Weighing("K2CO3", 100.3)]
    >>> balance = weighing_balance(weighed, 1002.0, "CsPbBr3")
    >>> print(f"Cs:Pb {balance.cs_to_lead:.3f}, limiting {balance.limiting}, w at most {balance.w_max:.4f}")
    Cs:Pb 1.002, limiting PbBr2, w at most 0.1995
    >>> print(f"lead {balance.lead_mass_mg:.1f} mg. {balance.sentence}")
    lead 89.3 mg. Label agrees with weighings.
    """
    target = _caesium_lead_halide(label)
    _require_positive(template_mass_mg, "template mass")
    weighed, salt = _weighed_atoms(weighings)
    cs, lead = weighed.get("Cs", 0.0), weighed.get("Pb", 0.0)
    if not (cs > 0 and lead > 0):
        raise InputError(f"weighings hold {cs:.4g} mmol Cs and {lead:.4g} mmol Pb; both are needed for {label}")
    halides = _halides(weighed)
    salt_halides = _halides(salt)
    every = {one: halides.get(one, 0.0) + salt_halides.get(one, 0.0) for one in HALIDES if one in {*halides, *salt}}
    units, limiting = _limiting(target, weighed, halides, weighings)
    units_with_salt, _ = _limiting(target, weighed, every, weighings)
    plain, mixed = _grown(target, halides), _grown(target, every)
    agreement = _agreement(target, cs / lead, (plain, mixed), tolerance)
    u_lead, u_ratio = _uncertainties(weighings, cs, lead)
    return WeighingBalance(
        label=label,
        cs_mmol=cs,
        lead_mmol=lead,
        halides_mmol=halides,
        salt_halides_mmol=salt_halides,
        cs_to_lead=cs / lead,
        u_cs_to_lead=u_ratio,
        limiting=limiting,
        w_max=_w_at_most(units, plain, template_mass_mg),
        w_max_with_salt=_w_at_most(units_with_salt, mixed, template_mass_mg),
        lead_mass_mg=lead * atomic_weight("Pb"),
        u_lead_mass_mg=u_lead,
        composition=write_formula(plain),
        composition_with_salt=write_formula(mixed),
        label_agrees=agreement[0],
        label_agrees_with_salt=agreement[1],
        sentence=agreement[2],
    )


def _caesium_lead_halide(composition: str) -> dict[str, float]:
    """Atoms of a composition, or a refusal: only neutral caesium lead halides are weighed here."""
    atoms = parse_formula(composition)
    strange = [element for element in atoms if element not in {"Cs", "Pb", *HALIDES}]
    missing = [element for element in ("Cs", "Pb") if element not in atoms]
    if strange or missing:
        found = f"{', '.join(strange)} in it" if strange else f"no {' and no '.join(missing)}"
        raise InputError(f"composition {composition!r} has {found}; expected a caesium lead halide such as CsPbBr3")
    balance = charge_balance(composition)
    if not balance.neutral:
        raise InputError(f"composition is not neutral: {balance.sentence}")
    return atoms


def _share_halides(atoms: Mapping[str, float]) -> dict[str, float]:
    """Precursor formulas with moles per mole of perovskite: caesium takes the lightest halide first."""
    caesium, lead = {}, {}
    open_sites = atoms["Cs"]
    for halide in HALIDES:
        count = atoms.get(halide, 0.0)
        taken = min(count, open_sites)
        open_sites -= taken
        # 1e-9: what is left of a typed subscript after subtraction, not a weighing
        if taken > 1e-9:
            caesium[f"Cs{halide}"] = taken
        if count - taken > 1e-9:
            lead[f"Pb{halide}2"] = (count - taken) / 2
    return caesium | lead


def _weighed_atoms(weighings: Sequence[Weighing]) -> tuple[dict[str, float], dict[str, float]]:
    """Amounts of atoms [mmol] in the precursors, and apart those in compounds of potassium."""
    weighed: dict[str, float] = {}
    salt: dict[str, float] = {}
    for one in weighings:
        _require_positive(one.mass_mg, f"mass of {one.formula}")
        _checked_purity(one.formula, one.purity)
        atoms = parse_formula(one.formula)
        amount = one.mass_mg * one.purity / molar_mass(one.formula)
        store = salt if "K" in atoms else weighed
        for element, count in atoms.items():
            store[element] = store.get(element, 0.0) + count * amount
    return weighed, salt


def _limiting(
    target: Mapping[str, float],
    weighed: Mapping[str, float],
    halides: Mapping[str, float],
    weighings: Sequence[Weighing],
) -> tuple[float, str]:
    """Amount of perovskite the weighings can give [mmol], and the precursors that end it."""
    sites = sum(_halides(target).values())
    possible = {
        "Cs": weighed["Cs"] / target["Cs"],
        "Pb": weighed["Pb"] / target["Pb"],
        "halide": sum(halides.values()) / sites,
    }
    units = min(possible.values())
    # CsX and PbX2 bring as many halides as they need; equality within rounding is not a shortage of halide
    first = next(name for name, amount in possible.items() if amount <= units * (1 + 1e-9))
    if first == "halide":
        return units, "halide"
    sources = [one.formula for one in weighings if first in parse_formula(one.formula)]
    return units, " + ".join(dict.fromkeys(sources))


def _grown(target: Mapping[str, float], halides: Mapping[str, float]) -> dict[str, float]:
    """One formula unit with the label's cations and the weighed halides in their weighed ratio."""
    sites = sum(_halides(target).values())
    total = sum(halides.values())
    if not total > 0:
        raise InputError("no halide among the weighings; expected caesium and lead halides")
    shares = {element: sites * amount / total for element, amount in halides.items()}
    return {"Cs": target["Cs"], "Pb": target["Pb"], **shares}


def _w_at_most(units_mmol: float, unit: Mapping[str, float], template_mass_mg: float) -> float:
    mass_mg = units_mmol * sum(count * atomic_weight(element) for element, count in unit.items())
    return mass_mg / (mass_mg + template_mass_mg)


def _agreement(
    target: Mapping[str, float], ratio: float, grown: tuple[Mapping[str, float], Mapping[str, float]], tolerance: float
) -> tuple[bool, bool, str]:
    """Whether the label agrees with the weighings, whether with the salt's halide too, and the sentence on it."""
    label, expected = write_formula(target), target["Cs"] / target["Pb"]
    if abs(ratio / expected - 1) > tolerance:
        return False, False, f"Label {label} has Cs:Pb {expected:.3g}, the weighings give {ratio:.3f}."
    agrees, agrees_with_salt = (_same_halides(target, one, tolerance) for one in grown)
    without, with_salt = (write_formula(one) for one in grown)
    if agrees and agrees_with_salt:
        sentence = "Label agrees with weighings."
    elif agrees:
        sentence = f"Label agrees with weighings, unless the halide of the K salt exchanges: then {with_salt}."
    elif agrees_with_salt:
        sentence = f"Label agrees with weighings only if all halide of the K salt exchanges; without it {without}."
    else:
        sentence = f"Label {label} does not agree: weighings give {without}, with the halide of the K salt {with_salt}."
    return agrees, agrees_with_salt, sentence


def _same_halides(target: Mapping[str, float], grown: Mapping[str, float], tolerance: float) -> bool:
    sites = sum(_halides(target).values())
    return all(abs(grown.get(one, 0.0) - target.get(one, 0.0)) <= tolerance * sites for one in HALIDES)


def _halides(atoms: Mapping[str, float]) -> dict[str, float]:
    return {element: atoms[element] for element in HALIDES if element in atoms}


def _uncertainties(weighings: Sequence[Weighing], cs: float, lead: float) -> tuple[float | None, float | None]:
    """Propagate to the lead mass [mg] and Cs:Pb [1]; None if a weighing that matters has none."""
    lead_variance = ratio_variance = 0.0
    for one in weighings:
        atoms = parse_formula(one.formula)
        if "K" in atoms or not ("Cs" in atoms or "Pb" in atoms):
            continue
        if one.u_mass_mg is None:
            return None, None
        u_amount = one.u_mass_mg * one.purity / molar_mass(one.formula)
        lead_variance += (atoms.get("Pb", 0.0) * u_amount * atomic_weight("Pb")) ** 2
        relative = atoms.get("Cs", 0.0) / cs - atoms.get("Pb", 0.0) / lead
        ratio_variance += (cs / lead * relative * u_amount) ** 2
    return math.sqrt(lead_variance), math.sqrt(ratio_variance)


def _require_positive(value: float, what: str) -> None:
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{what} is {value:g} mg; expected a positive mass")


def _checked_purity(formula: str, purity: float) -> float:
    if not 0 < purity <= 1:
        raise InputError(
            f"purity of {formula} is {purity:g}; expected a mass fraction above 0 and up to 1 (99 % is 0.99)"
        )
    return purity
