"""Method: pH of a strong acid from its concentration, ideal and with activity, to compare with a pH somebody wrote.

pH is -log10 of the activity of the hydrogen ion. The activity of a single ion cannot be measured; the mean activity
coefficient of the acid stands in for it, at 25 °C. Molar and molal concentration are taken as the same number: for HCl
this shifts the pH by about 0.01 at 1 mol/L and 0.03 at 2 mol/L.
"""

import itertools
import math
from dataclasses import dataclass

from labdb.errors import InputError

TOLERANCE_PH = 0.3
"""Difference between a written pH and an acid's concentration that is no contradiction (own convention)."""

STRONG_ACIDS = ("HCl", "HBr", "HI", "HNO3", "HClO4")
"""Monoprotic acids taken as fully dissociated."""

# Mean activity coefficients of HCl at 25 °C against molality [mol/kg]: Hamer and Wu, J. Phys. Chem. Ref. Data 1972, 1,
# 1047, as tabulated in the CRC Handbook of Chemistry and Physics (values from memory, unchecked; the table exists).
_HCL_ACTIVITY = (
    (0.0, 1.0),
    (0.001, 0.965),
    (0.002, 0.952),
    (0.005, 0.929),
    (0.010, 0.905),
    (0.020, 0.876),
    (0.050, 0.832),
    (0.100, 0.797),
    (0.200, 0.768),
    (0.500, 0.759),
    (1.000, 0.811),
    (2.000, 1.009),
)
_DAVIES_LIMIT = 0.5  # mol/L
_LEAST = 1e-6  # mol/L; below it the ions of water itself count


@dataclass(frozen=True, slots=True)
class ActivityPh:
    """pH with the activity coefficient it rests on, and the model with its range."""

    ph: float
    activity_coefficient: float
    model: str


@dataclass(frozen=True, slots=True)
class PhComparison:
    """A written pH beside the one its acid concentration gives."""

    stated_ph: float
    ideal_ph: float
    activity_ph: float | None
    agrees: bool
    ideal_concentration_mol_per_l: float
    sentence: str


def ideal_ph(concentration_mol_per_l: float) -> float:
    """Compute the pH of a strong monoprotic acid with all activities taken as concentrations.

    Parameters
    ----------
    concentration_mol_per_l : float, scalar [mol/L]
        Concentration of the acid, at least 1e-6.

    Returns
    -------
    float
        pH, scalar [1].

    Raises
    ------
    InputError
        If the concentration is below 1e-6 mol/L or not finite.

    Source
    ------
    Definition, pH = -log10 c.

    Examples
    --------
    >>> ideal_ph(0.1)
    1.0
    """
    if not (math.isfinite(concentration_mol_per_l) and concentration_mol_per_l >= _LEAST):
        raise InputError(f"acid concentration is {concentration_mol_per_l:g} mol/L; expected at least {_LEAST:g} mol/L")
    return 0.0 - math.log10(concentration_mol_per_l)


def concentration_of_ideal_ph(ph: float) -> float:
    """Compute the concentration of strong monoprotic acid that a pH stands for, activities taken as concentrations.

    Parameters
    ----------
    ph : float, scalar [1]
        pH, at most 6.

    Returns
    -------
    float
        Concentration, scalar [mol/L].

    Raises
    ------
    InputError
        If the pH is above 6, below -1.5, or not finite.

    Source
    ------
    Definition, c = 10**-pH.

    Examples
    --------
    >>> concentration_of_ideal_ph(1.0)
    0.1
    """
    if not -1.5 <= ph <= 6:
        raise InputError(f"pH {ph:g} of a strong acid; expected -1.5 to 6")
    return float(10.0**-ph)


def activity_ph(concentration_mol_per_l: float, acid: str = "HCl") -> ActivityPh:
    """Compute the pH of a strong monoprotic acid with its mean activity coefficient at 25 °C.

    HCl: measured coefficients, interpolated, up to 2 mol/L. Others: the Davies equation, up to 0.5 mol/L.

    Parameters
    ----------
    concentration_mol_per_l : float, scalar [mol/L]
        Concentration of the acid; nothing else dissolved.
    acid : str
        One of `STRONG_ACIDS`.

    Returns
    -------
    ActivityPh
        pH [1], activity coefficient [1], model.

    Raises
    ------
    InputError
        If the acid is not one of them, or the concentration lies outside the model's range.

    Source
    ------
    HCl: Hamer and Wu 1972 (see the table). Davies equation with 0.3 I: Davies, Ion Association, Butterworths 1962,
    p. 41, read through the help of KTH's SPANA; A = 0.509 at 25 °C; called good to an ionic strength of 0.1 to
    0.5 mol/L, by source.

    Examples
    --------
    >>> found = activity_ph(1.0)
    >>> f"{found.ph:.2f} {found.activity_coefficient:.3f}"
    '0.09 0.811'
    """
    ideal = ideal_ph(concentration_mol_per_l)
    limit = _activity_limit(acid)
    if concentration_mol_per_l > limit:
        raise InputError(f"{concentration_mol_per_l:g} mol/L {acid}; activity is known here up to {limit:g} mol/L")
    if acid == "HCl":
        gamma, model = _hcl_activity(concentration_mol_per_l), "measured for HCl at 25 °C, up to 2 mol/L"
    else:
        gamma, model = davies_activity(concentration_mol_per_l), "Davies equation at 25 °C, up to 0.5 mol/L"
    return ActivityPh(ideal - math.log10(gamma), gamma, model)


def davies_activity(ionic_strength_mol_per_l: float, charge: int = 1) -> float:
    """Compute the activity coefficient of an ion in water at 25 °C by the Davies equation.

    Parameters
    ----------
    ionic_strength_mol_per_l : float, scalar [mol/L]
        Ionic strength, up to 0.5.
    charge : int, scalar [1]
        Charge number of the ion.

    Returns
    -------
    float
        Activity coefficient, scalar [1].

    Raises
    ------
    InputError
        If the ionic strength is negative or above 0.5 mol/L.

    Source
    ------
    Davies, Ion Association, Butterworths 1962, p. 41: -log10 g = A z^2 (sqrt I / (1 + sqrt I) - 0.3 I), A = 0.509.

    Examples
    --------
    >>> round(davies_activity(0.1), 3)
    0.782
    """
    if not 0 <= ionic_strength_mol_per_l <= _DAVIES_LIMIT:
        raise InputError(f"ionic strength {ionic_strength_mol_per_l:g} mol/L; the Davies equation holds from 0 to 0.5")
    root = math.sqrt(ionic_strength_mol_per_l)
    return float(10.0 ** (-0.509 * charge**2 * (root / (1 + root) - 0.3 * ionic_strength_mol_per_l)))


def compare_ph(
    stated_ph: float, concentration_mol_per_l: float, acid: str = "HCl", tolerance: float = TOLERANCE_PH
) -> PhComparison:
    """Compare a written pH with the acid concentration written beside it.

    Parameters
    ----------
    stated_ph : float, scalar [1]
        pH as written.
    concentration_mol_per_l : float, scalar [mol/L]
        Concentration of the strong acid as written.
    acid : str
        One of `STRONG_ACIDS`.
    tolerance : float, scalar [1]
        Largest difference to the nearer of ideal pH and pH with activity that is no contradiction.

    Returns
    -------
    PhComparison
        Both pH values [1] (with activity None beyond its range), whether they agree, what concentration the written
        pH would be [mol/L], and a sentence.

    Raises
    ------
    InputError
        If the acid is unknown, the concentration below 1e-6 mol/L, or the pH not one of a strong acid.

    Source
    ------
    Own rule with a tolerance of 0.3.

    Examples
    --------
    >>> print(compare_ph(1.0, 1.0).sentence)
    1 mol/L HCl has pH 0.0 (ideal), 0.09 (with activity), not 1; pH 1 is about 0.1 mol/L
    """
    ideal = ideal_ph(concentration_mol_per_l)
    in_range = concentration_mol_per_l <= _activity_limit(acid)
    real = activity_ph(concentration_mol_per_l, acid).ph if in_range else None
    nearest = min(abs(stated_ph - one) for one in (ideal, real) if one is not None)
    implied = concentration_of_ideal_ph(stated_ph)
    agrees = nearest <= tolerance
    active = "" if real is None else f", {real:.2f} (with activity)"
    says = f"{concentration_mol_per_l:g} mol/L {acid} has pH {ideal:.1f} (ideal){active}"
    against = f", not {stated_ph:g}; pH {stated_ph:g} is about {implied:.2g} mol/L"
    ending = f", as pH {stated_ph:g} says" if agrees else against
    return PhComparison(stated_ph, ideal, real, agrees, implied, says + ending)


def _activity_limit(acid: str) -> float:
    """Largest concentration [mol/L] at which an activity coefficient of the acid is known here."""
    if acid not in STRONG_ACIDS:
        raise InputError(f"{acid!r} is not among the strong monoprotic acids known here: {', '.join(STRONG_ACIDS)}")
    return _HCL_ACTIVITY[-1][0] if acid == "HCl" else _DAVIES_LIMIT


def _hcl_activity(concentration: float) -> float:
    """Interpolate log10 of the activity coefficient in the square root of concentration (Debye and Hückel)."""
    root = math.sqrt(concentration)
    for (left, gamma_left), (right, gamma_right) in itertools.pairwise(_HCL_ACTIVITY):
        if concentration <= right:
            share = (root - math.sqrt(left)) / (math.sqrt(right) - math.sqrt(left))
            return float(10.0 ** ((1 - share) * math.log10(gamma_left) + share * math.log10(gamma_right)))
    raise InputError(f"{concentration:g} mol/L HCl; activity is known here up to {_HCL_ACTIVITY[-1][0]:g} mol/L")
