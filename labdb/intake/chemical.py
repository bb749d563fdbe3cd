"""Find the chemical that a weighing names by code, name or formula; register one that is known by its formula."""

from uuid import UUID

from sqlmodel import select

from labdb.errors import InputError, UnknownNameError
from labdb.intake.writer import Writer
from labdb.synthesis.chemical import Chemical, ChemicalRow
from labdb.synthesis.composition import HALIDES, charge_balance, parse_formula

_BALANCED = frozenset({"Li", "Na", "K", "Rb", "Cs", "Pb", *HALIDES})
_SOLVENTS = frozenset({"H2O", "C2H5OH", "C2H6O", "C3H8O", "C3H6O"})


def guess_role(formula: str) -> str:
    """Guess what a compound is for in this synthesis, from its formula.

    Parameters
    ----------
    formula : str
        Formula.

    Returns
    -------
    str
        precursor (halides of Cs and Pb), sintering agent (K salts), template (SiO2), solvent or reagent.

    Raises
    ------
    InputError
        If the text is not a formula.

    Examples
    --------
    >>> guess_role("PbBr2"), guess_role("K2CO3"), guess_role("SiO2"), guess_role("C6H12")
    ('precursor', 'sintering agent', 'template', 'reagent')
    """
    atoms = parse_formula(formula)
    if set(atoms) == {"Si", "O"}:
        return "template"
    if "K" in atoms:
        return "sintering agent"
    if ("Cs" in atoms or "Pb" in atoms) and any(one in atoms for one in HALIDES):
        return "precursor"
    return "solvent" if formula in _SOLVENTS else "reagent"


def chemical_named(writer: Writer, text: str, *, register: bool) -> tuple[UUID, str | None]:
    """Find a chemical by code, alias, name or formula.

    Parameters
    ----------
    writer : Writer
        The intake in progress.
    text : str
        What was typed.
    register : bool
        Register a formula the lab does not have yet.

    Returns
    -------
    tuple of (UUID, str or None)
        The chemical, and a sentence if it was registered just now.

    Raises
    ------
    UnknownNameError
        There is none, and it is no formula (or `register` is False); names the nearest.
    InputError
        Several chemicals have this name or formula, or the formula is not neutral.
    """
    found = writer.codes.find("chemical", text)
    if found is not None:
        return found, None
    known = writer.session.exec(select(ChemicalRow)).all()
    for matching in ([one for one in known if one.name == text], [one for one in known if one.formula == text]):
        if len(matching) > 1:
            codes = ", ".join(sorted(one.code for one in matching))
            raise InputError(f'"{text}" may be {codes}; give the code')
        if matching:
            return matching[0].id, None
    try:
        atoms = parse_formula(text)
    except InputError:
        atoms = {}
    if not atoms or not register:
        names = [name for one in known for name in (one.name, one.code)]
        raise UnknownNameError("chemical", text, names or ["CsBr", "PbBr2", "K2CO3", "SiO2"])
    if set(atoms) <= _BALANCED:
        balance = charge_balance(text)
        if not balance.neutral:
            raise InputError(f'no chemical "{text}", and it is no salt to register: {balance.sentence}')
    return _register(writer, text)


def _register(writer: Writer, formula: str) -> tuple[UUID, str]:
    code, role = f"C-{formula}", guess_role(formula)
    record = Chemical(code=code, name=formula, formula=formula, role=role)
    row = ChemicalRow.model_validate(record.model_dump())
    writer.session.add(row)
    writer.session.flush()
    writer.codes.remember("chemical", code, row.id)
    return row.id, f"{formula} as {role}"


def template_of(writer: Writer) -> tuple[UUID, str | None]:
    """Find the lab's silica template: its only chemical of that role; SiO2 is registered where there is none.

    Parameters
    ----------
    writer : Writer
        The intake in progress.

    Returns
    -------
    tuple of (UUID, str or None)
        The chemical, and a sentence if it was registered just now.

    Raises
    ------
    InputError
        There are several.
    """
    templates = writer.session.exec(select(ChemicalRow).where(ChemicalRow.role == "template")).all()
    if len(templates) > 1:
        codes = ", ".join(sorted(one.code for one in templates))
        raise InputError(f'which silica? The lab has {codes}: say it with --weigh CODE="1.0 g" instead of --silica')
    return (templates[0].id, None) if templates else chemical_named(writer, "SiO2", register=True)
