"""Check: diffraction lines and emission of a mixed composition, against those of its end members."""

import math

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import shown
from labdb.errors import InputError
from labdb.finding import Finding, Severity

# Pseudo-cubic cells [angstrom]: cubic CsPbBr3 as measured; CsPbI3 from the volume
# per formula unit of its gamma phase, 8.8518 x 12.5013 x 8.6198 / 4 (Sutton et al., ACS Energy Lett. 2018, 3, 1787).
_BROMIDE_A = 5.870
_IODIDE_A = (8.8518 * 12.5013 * 8.6198 / 4) ** (1 / 3)
_CUBIC_LINES = (2, 3, 4)  # h2 + k2 + l2 of 110, 111, 200
_COPPER_A = 1.540593
_TOLERANCE_DEG = 0.10

# Lines [degrees 2 theta, Cu K-alpha1] by which the source paper assigns phases, as printed there.
_END_MEMBERS = {
    "cubic CsPbBr3": (21.36, 26.32, 30.42),
    "gamma-CsPbI3": (20.09, 28.48, 28.92),
    "delta-CsPbI3": (25.70, 27.21, 31.31),
}


def mixed_cell(iodine_share: float) -> float:
    """Estimate the pseudo-cubic cell of CsPb(Br,I)3 by Vegard's law.

    Parameters
    ----------
    iodine_share : float, scalar [1]
        Iodine over all halide, 0 to 1.

    Returns
    -------
    float
        Cell, scalar [angstrom].

    Examples
    --------
    >>> round(mixed_cell(0.5), 2)
    6.04
    """
    return _BROMIDE_A + iodine_share * (_IODIDE_A - _BROMIDE_A)


def cubic_lines(cell_angstrom: float, wavelength_angstrom: float = _COPPER_A) -> list[float]:
    """Compute where the lines 110, 111 and 200 of a cubic cell stand.

    Parameters
    ----------
    cell_angstrom : float, scalar [angstrom]
        The cell.
    wavelength_angstrom : float, scalar [angstrom]
        Wavelength.

    Returns
    -------
    list of float
        Angles 2 theta, shape (3,) [deg].

    Notes
    -----
    Source: Bragg's law, d = a / sqrt(h2 + k2 + l2).

    Examples
    --------
    >>> [round(angle, 2) for angle in cubic_lines(6.04)]
    [20.78, 25.52, 29.55]
    """
    return [
        2 * math.degrees(math.asin(wavelength_angstrom * math.sqrt(number) / (2 * cell_angstrom)))
        for number in _CUBIC_LINES
    ]


def _iodine_share(formula: str | None) -> float | None:
    """Iodine over bromine and iodine of a caesium lead halide, None for any other formula."""
    from labdb.synthesis.composition import parse_formula

    try:
        atoms = parse_formula(formula or "")
    except InputError:
        return None
    if set(atoms) - {"Br", "I"} != {"Cs", "Pb"}:
        return None
    halide = atoms.get("Br", 0.0) + atoms.get("I", 0.0)
    return atoms.get("I", 0.0) / halide if halide else None


def _family_values(evidence: Evidence, kind: str) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    sql = (
        "SELECT sample, value FROM observations WHERE quantity = :kind AND value IS NOT NULL AND censoring = 'none' "
        "ORDER BY sample, value"
    )
    for row in evidence.rows(sql, kind=kind):
        for root in evidence.roots(row["sample"]):
            values.setdefault(root, []).append(row["value"])
    return values


def _near(angle: float, lines: list[float]) -> bool:
    return any(abs(angle - line) <= _TOLERANCE_DEG for line in lines)


@rule(
    "R10",
    Severity.WARNING,
    rationale="A mixed crystal and a mixture of crystals have the same formula and another substance in them.",
    source=("Bragg's law; Vegard's law between cubic CsPbBr3 and gamma-CsPbI3; tolerance 0.10 degrees (own)"),
)
def phases_against_composition(evidence: Evidence) -> list[Finding]:
    """A sample of mixed halide shows the diffraction lines of its end members, and none of a mixed cell.

    The lines of a mixed pseudo-cubic cell are estimated; where its emission lies between those of the end members,
    which speaks against a mixture, that is said.

    Fails: CsPbBr1.5I1.5 with lines of gamma-CsPbI3, and none at 20.8, 25.5 or 29.6 degrees.
    Passes: a line at 20.8 degrees; a sample of one halide; a sample without a pattern.
    """
    patterns = _family_values(evidence, "diffraction_angle")
    peaks = _family_values(evidence, "peak_wavelength")
    shares = {root: _iodine_share(evidence.composition(root)) for root in patterns}
    findings = []
    for root, share in shares.items():
        if share is None or not 0.0 < share < 1.0:
            continue
        expected = cubic_lines(mixed_cell(share))
        seen = [name for name, lines in _END_MEMBERS.items() if any(_near(line, patterns[root]) for line in lines)]
        if not seen or any(_near(angle, patterns[root]) for angle in expected):
            continue
        numbers = {
            "composition": str(evidence.composition(root)),
            "phases_seen": "; ".join(seen),
            "mixed_cell": shown(mixed_cell(share), "angstrom", 3),
            "lines_absent": "; ".join(f"{angle:.2f}" for angle in expected) + " deg",
        }
        emission = _between(root, shares, peaks)
        message = (
            f"nominal {numbers['composition']}, but the lines recorded are of {', '.join(seen)}; those of a mixed "
            f"cubic cell of about {numbers['mixed_cell']} ({numbers['lines_absent']}) are absent"
            f"{emission.pop('words', '')}"
        )
        findings.append(found("R10", root, message, numbers | emission))
    return findings


def _between(root: str, shares: dict[str, float | None], peaks: dict[str, list[float]]) -> dict[str, str]:
    """The sample's emission, if all of it lies between that of the bromides and that of the iodides of this lab."""
    mine = peaks.get(root, [])
    bromides, iodides = (
        [peak for other, share in shares.items() if share == end for peak in peaks.get(other, [])] for end in (0.0, 1.0)
    )
    if not mine or not bromides or not iodides or not max(bromides) < min(mine) <= max(mine) < min(iodides):
        return {}
    numbers = {
        "emission": _range(mine),
        "emission_of_bromide": _range(bromides),
        "emission_of_iodide": _range(iodides),
    }
    words = (
        f"; its emission, {numbers['emission']}, lies between {numbers['emission_of_bromide']} and "
        f"{numbers['emission_of_iodide']}, which speaks against a mixture"
    )
    return numbers | {"words": words}


def _range(values: list[float]) -> str:
    low, high = shown(min(values)), shown(max(values))
    return f"{low} nm" if low == high else f"{low} to {high} nm"
