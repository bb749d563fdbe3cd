"""Check: which composition absorbs X-rays more, against what a source says of the order."""

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import shown
from labdb.errors import InputError
from labdb.finding import Finding, Severity
from labdb.synthesis.composition import mass_fraction

# Total mass attenuation coefficients at 20 keV [cm2/g]: NIST/Elam tables, as xraylib's CS_Total gives them.
_AT_20_KEV = {"Pb": 86.37, "I": 25.43, "Cs": 28.22, "Br": 52.66, "Si": 4.46, "O": 0.865}
_TABLE_KEV = 20.0
# Absorption edges [keV], same source.
_IODINE_L3_KEV, _BROMINE_K_KEV, _IODINE_K_KEV = 4.557, 13.474, 33.169


def attenuation_at_20_kev(formula: str) -> float:
    """Compute the total mass attenuation coefficient of a compound at 20 keV.

    Parameters
    ----------
    formula : str
        A formula of Cs, Pb, Br, I, Si and O.

    Returns
    -------
    float
        Coefficient, scalar [cm**2/g].

    Raises
    ------
    InputError
        The formula holds another element.

    Notes
    -----
    Source: mixture rule; coefficients from NIST/Elam through xraylib, CS_Total.

    Examples
    --------
    >>> round(attenuation_at_20_kev("CsPbBr3"), 1), round(attenuation_at_20_kev("CsPbI3"), 1)
    (59.1, 43.5)
    """
    from labdb.synthesis.composition import parse_formula

    unknown = sorted(set(parse_formula(formula)) - set(_AT_20_KEV))
    if unknown:
        raise InputError(
            f"{formula}: no attenuation coefficient of {', '.join(unknown)} at hand; known are {', '.join(_AT_20_KEV)}"
        )
    return sum(mass_fraction(formula, element) * _AT_20_KEV[element] for element in parse_formula(formula))


def _halides(formula: str | None) -> tuple[float, float] | None:
    """Mass fractions of bromine and iodine, None where the formula cannot be read or computed with here."""
    if formula is None:
        return None
    from labdb.synthesis.composition import parse_formula

    try:
        atoms = parse_formula(formula)
    except InputError:
        return None
    if not set(atoms) <= set(_AT_20_KEV):
        return None
    bromine, iodine = (mass_fraction(formula, element) if element in atoms else 0.0 for element in ("Br", "I"))
    return bromine, iodine


def _largest_energy(evidence: Evidence, subjects: tuple[str, ...]) -> float | None:
    """The largest photon energy [keV] these samples and what came from them were exposed to."""
    energies = [
        row["e_max_kev"]
        for row in evidence.rows("SELECT sample, e_max_kev FROM irradiations WHERE e_max_kev IS NOT NULL ORDER BY code")
        if set(evidence.roots(row["sample"])) & set(subjects)
    ]
    return max(energies, default=None)


@rule(
    "R09",
    Severity.WARNING,
    rationale=(
        "Which composition absorbs more depends on the energies used: between two absorption edges the order "
        "turns round."
    ),
    source="absorption edges and coefficients: NIST/Elam through xraylib",
)
def attenuation_order(evidence: Evidence) -> list[Finding]:
    """A source says attenuation grows with iodine, over energies where bromine absorbs more.

    Above the K edge of bromine (13.47 keV) and below that of iodine (33.17 keV) bromine absorbs more per mass.

    Fails: "grows monotonically with iodine" of bromide and iodide, exposed to photons of up to 20 keV.
    Passes: the same, said of photons of up to 13 keV.
    """
    findings = []
    for one in evidence.said_about("attenuation"):
        grows = any(word in one.content.casefold() for word in ("grows", "rises", "increases"))
        halides = {subject: _halides(evidence.composition(subject)) for subject in one.subjects}
        known = {subject: pair for subject, pair in halides.items() if pair is not None}
        energy = _largest_energy(evidence, one.subjects)
        if not grows or "iodine" not in one.content.casefold() or len(known) < 2 or energy is None:
            continue
        if len({pair[1] for pair in known.values()}) < 2 or not any(pair[0] for pair in known.values()):
            continue
        if energy <= _BROMINE_K_KEV:
            continue
        upper = min(energy, _IODINE_K_KEV)
        numbers = {
            "rises": f"{_IODINE_L3_KEV:.2f}-{_BROMINE_K_KEV:.2f} keV",
            "reversed": f"{_BROMINE_K_KEV:.2f}-{_IODINE_K_KEV:.2f} keV",
            "here_to": shown(upper, "keV"),
        }
        for subject in known:
            formula = str(evidence.composition(subject))
            numbers[f"{formula} at 20 keV"] = shown(attenuation_at_20_kev(formula), "cm2/g", 3)
        message = (
            f'"{one.content}" ({one.place or one.code}): so it is from {numbers["rises"]}, but between the K '
            "edges of bromine "
            f"and iodine ({numbers['reversed']}, here to {numbers['here_to']}) the order is reversed; the "
            "tube's spectrum "
            f"decides: describe tube and filter"
        )
        findings.append(found("R09", ";".join(one.subjects), message, numbers))
    return findings
