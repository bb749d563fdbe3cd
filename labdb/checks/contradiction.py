"""Check: two things in the record that cannot both be true: loadings, pH and molarity, formulas, comparisons."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import Said, shown
from labdb.compliance.limit import Limit
from labdb.errors import InputError
from labdb.finding import Finding, Severity
from labdb.leaching.acidity import STRONG_ACIDS, TOLERANCE_PH, activity_ph, compare_ph, ideal_ph

_SAME = 0.02  # two loadings nearer than this are one number, rounded twice
_NAMES_OF_ACIDS = {
    "hydrochloric acid": "HCl",
    "hydrobromic acid": "HBr",
    "hydriodic acid": "HI",
    "nitric acid": "HNO3",
    "perchloric acid": "HClO4",
} | {acid.casefold(): acid for acid in STRONG_ACIDS}


@dataclass(frozen=True, slots=True)
class Reading:
    """A particle loading that is claimed for an experiment, and by what."""

    loading_mg_per_ml: float
    place: str


def _loadings(evidence: Evidence) -> dict[str, list[Reading]]:
    """Loadings claimed for one experiment by statements that stand against each other, and by readings of its test."""
    claimed: dict[str, list[Reading]] = {}
    said = {one.code: one for one in evidence.said_about("particle loading")}
    for one in said.values():
        other = said.get(one.alternative_of or "")
        pair = [] if other is None else [(each, each.to("mg/mL", "particle_loading")) for each in (other, one)]
        for subject in set(one.subjects) & set(other.subjects if other else ()):
            claimed.setdefault(subject, []).extend(
                Reading(loading, each.place or each.code) for each, loading in pair if loading is not None
            )
    tests = {series.test: series for series in evidence.series if series.pulls and series.loading is not None}
    for series in tests.values():
        other_test = tests.get(series.alternative_of or "")
        if other_test is None:
            continue
        subject = series.experiment or other_test.test
        for reading in (other_test, series):
            if reading.loading is not None:
                claimed.setdefault(subject, []).append(
                    Reading(reading.loading.to("mg/mL").value, f"leach test {reading.test}")
                )
    return claimed


@rule(
    "R03",
    Severity.ERROR,
    rationale="Released lead per mass is concentration over loading: with two loadings every result has two values.",
    source="own rule",
)
def two_loadings(evidence: Evidence) -> list[Finding]:
    """One experiment has two particle loadings.

    Reads statements that stand against each other (alternative_of), and leach tests recorded as two readings of one
    experiment, as long as both have results.

    Fails: 0.5 mg/mL in the text, 2 mg/mL in the caption, of one leach test.
    Passes: one loading said twice; a second reading whose statement and results were voided.
    """
    findings = []
    for subject, readings in _loadings(evidence).items():
        low = min(readings, key=lambda one: one.loading_mg_per_ml)
        high = max(readings, key=lambda one: one.loading_mg_per_ml)
        if low.loading_mg_per_ml <= 0 or high.loading_mg_per_ml <= low.loading_mg_per_ml * (1 + _SAME):
            continue
        factor = high.loading_mg_per_ml / low.loading_mg_per_ml
        numbers = {
            "lower_loading": shown(low.loading_mg_per_ml, "mg/mL"),
            "lower_place": low.place,
            "higher_loading": shown(high.loading_mg_per_ml, "mg/mL"),
            "higher_place": high.place,
            "factor": shown(factor),
        }
        message = (
            f"one experiment, two particle loadings: {numbers['lower_loading']} ({low.place}) and "
            f"{numbers['higher_loading']} ({high.place}), a factor of {shown(factor)} in every released mass fraction; "
            f"find out which holds, then void the other statement and its results"
        )
        findings.append(found("R03", subject, message, numbers))
    return findings


def comparison_factor(particles_mg: float, released_ug_per_g: float, food_g: float, food_mg_per_kg: float) -> float:
    """Return how many times more lead a food may hold than a mass of particles releases.

    Parameters
    ----------
    particles_mg : float, scalar [mg]
        Mass of particles.
    released_ug_per_g : float, scalar [ug/g]
        Lead released per mass.
    food_g : float, scalar [g]
        Mass of food it is compared with.
    food_mg_per_kg : float, scalar [mg/kg]
        Limit on lead in the food.

    Returns
    -------
    float
        The factor, scalar [1].

    Examples
    --------
    >>> comparison_factor(10, 5, 250, 0.2)
    1000.0
    """
    return round(food_g * food_mg_per_kg / (particles_mg / 1000 * released_ug_per_g), 9)


def _food_limit(evidence: Evidence, food: str) -> Limit | None:
    words = [word for word in food.casefold().split() if len(word) > 2]
    fitting = [one for one in evidence.limits.values() if one.kind == "total_lead_mass_fraction"]
    return next((one for one in fitting if any(word in one.matrix.casefold().split() for word in words)), None)


def _equivalences(evidence: Evidence) -> list[tuple[Said, Said, str]]:
    """Pairs of statements that call a mass of particles as bad as a mass of some food."""
    lead = "equivalence: mass of "
    said = [one for one in evidence.said if one.about.casefold().startswith(lead) and one.number is not None]
    return [
        (one, other, other.about[len(lead) :])
        for one in said
        for other in said
        if one.subjects == other.subjects and "particle" in one.about and "particle" not in other.about
    ]


@rule(
    "R04",
    Severity.WARNING,
    rationale=(
        "An everyday comparison is what readers remember; a factor of 1000 in it misleads, in whichever direction."
    ),
    source="CXS 193-1995 (limit CODEX-RICE-Pb)",
)
def comparison_off(evidence: Evidence) -> list[Finding]:
    """A mass of particles is called equal in lead to a mass of food, and is not.

    Compares at the released lead the same source states, and at the largest bound its leach tests could show; the food
    is taken at its limit, which is more than it usually holds.

    Fails: 10 mg at 5 ug/g hold 0.05 ug, 250 g of rice at 0.2 mg/kg 50 ug: a factor of 1000.
    Passes: a comparison within a factor of 2.
    """
    findings = []
    for particles, food, name in _equivalences(evidence):
        limit = _food_limit(evidence, name)
        stated = [one for one in evidence.said_about("released", "lead") if set(one.subjects) & set(particles.subjects)]
        numbers_stated = [one.to("ug/g", "released_lead_mass_fraction") for one in stated]
        released = next((number for number in numbers_stated if number is not None), None)
        mass, food_mass = particles.to("mg", "mass"), food.to("g", "mass")
        if limit is None or released is None or mass is None or food_mass is None:
            continue
        per_kg = limit.quantity.to("mg/kg").value
        factor = comparison_factor(mass, released, food_mass, per_kg)
        if 0.5 <= factor <= 2:
            continue
        numbers = {
            "particles": shown(mass, "mg"),
            "released": shown(released, "ug/g"),
            "lead_in_particles": shown(mass / 1000 * released, "ug"),
            "food": f"{shown(food_mass, 'g')} {name}",
            "food_limit": shown(per_kg, "mg/kg"),
            "food_limit_id": limit.id,
            "lead_in_food": shown(food_mass * per_kg, "ug"),
            "factor": shown(factor),
            "direction": f"{'overstates' if factor > 1 else 'understates'} the lead of the particles",
        } | _at_bound(evidence, particles.subjects, mass, food_mass * per_kg)
        findings.append(found("R04", ";".join(particles.subjects), _not_equal(numbers), numbers))
    return findings


def _not_equal(numbers: Mapping[str, str]) -> str:
    message = (
        f"{numbers['particles']} of particles at {numbers['released']} hold {numbers['lead_in_particles']} of lead, "
        f"{numbers['food']} at its limit {numbers['food_limit']} ({numbers['food_limit_id']}) "
        f"{numbers['lead_in_food']}: not equal but a factor of {numbers['factor']} apart; "
        f"the comparison {numbers['direction']}"
    )
    if "bound" in numbers:
        message += f"; at the bound {numbers['bound']} a factor of {numbers['factor_at_bound']}"
    return message


def _at_bound(evidence: Evidence, subjects: tuple[str, ...], mass_mg: float, food_ug: float) -> dict[str, str]:
    """The same comparison at the largest bound that the leach tests of the same experiments could show."""
    mine = [one for one in evidence.series if {one.experiment, one.test} & set(subjects)]
    bounds = [released.value for one in mine for _, released in one.released if released.threshold_meaning is not None]
    if not bounds:
        return {}
    lead_ug = mass_mg / 1000 * max(bounds)
    return {
        "bound": shown(max(bounds), "ug/g"),
        "lead_at_bound": shown(lead_ug, "ug"),
        "factor_at_bound": shown(food_ug / lead_ug),
    }


def _acid(solute: str | None) -> str | None:
    return _NAMES_OF_ACIDS.get((solute or "").strip().casefold())


@rule(
    "R05",
    Severity.ERROR,
    rationale="Samples stored at pH 1 and in 1 mol/L acid are two experiments; a stability claim needs to know which.",
    source="Hamer and Wu, J. Phys. Chem. Ref. Data 1972, 1, 1047, for HCl; tolerance of 0.3: own rule",
)
def ph_against_molarity(evidence: Evidence) -> list[Finding]:
    """A written pH contradicts the concentration of the strong acid beside it.

    Compares with the nearer of ideal pH and pH with activity, tolerance 0.3. Fully dissociated monoprotic acids only.

    Fails: 1 mol/L HCl beside pH 1, which is 0.1 mol/L.
    Passes: 0.1 mol/L HCl beside pH 1; 1 mol/L HCl beside pH 0.1.
    """
    sql = "SELECT * FROM conditions WHERE amount_concentration_mol_per_l IS NOT NULL ORDER BY code"
    findings = []
    for row in evidence.rows(sql):
        acid = _acid(row["solute"])
        for name in ("ph_reported", "ph_measured"):
            if acid is not None and row[name] is not None:
                one = _ph_finding(row, acid, float(row[name]), name)
                findings += [one] if one is not None else []
    return findings


def _ph_finding(row: Mapping[str, Any], acid: str, ph: float, name: str) -> Finding | None:
    concentration = float(row["amount_concentration_mol_per_l"])
    if concentration < 1e-6:
        return None  # the ions of water itself count there, and any pH about 6 to 7 is right
    ideal = ideal_ph(concentration)
    try:
        active: float | None = activity_ph(concentration, acid).ph
    except InputError:
        active = None  # beyond the range where its activity is known
    if min(abs(ph - one) for one in (ideal, active) if one is not None) <= TOLERANCE_PH:
        return None
    numbers = {
        "concentration": shown(concentration, "mol/L"),
        "ideal_ph": f"{ideal:.1f}",
        "stated_ph": shown(ph),
        "stated_as": name,
        "tolerance": shown(TOLERANCE_PH),
    }
    if active is not None:
        numbers["activity_ph"] = f"{active:.2f}"
    try:
        compared = compare_ph(ph, concentration, acid)
        numbers["concentration_of_stated_ph"] = shown(compared.ideal_concentration_mol_per_l, "mol/L", 2)
        message = compared.sentence
    except InputError:  # no strong acid has this pH: there is no concentration to name
        message = f"{shown(concentration)} mol/L {acid} has pH {ideal:.1f} (ideal), not {ph:g}"
    return found("R05", row["code"], f"{message}; correct the one that is wrong: labdb correct {row['code']}", numbers)


@rule(
    "R11",
    Severity.WARNING,
    rationale="A phase is named by its formula: with two formulas nobody knows which substance was seen.",
    source="own rule",
)
def two_formulas(evidence: Evidence) -> list[Finding]:
    """One phase is given two formulas by statements that stand against each other.

    Fails: the delta phase is CsPbBr1.5I1.5 in the text and CsPbI3 in a caption.
    Passes: both places say CsPbI3.
    """
    said = evidence.said_about("composition")
    findings = []
    for one, other in combinations(said, 2):
        tied = one.code == other.alternative_of or other.code == one.alternative_of
        if not tied or one.content.strip() == other.content.strip():
            continue
        first, second = (other, one) if one.alternative_of == other.code else (one, other)
        for subject in sorted(set(one.subjects) & set(other.subjects)):
            numbers = {
                "first": first.content,
                "first_place": first.place or first.code,
                "second": second.content,
                "second_place": second.place or second.code,
            }
            message = (
                f"{first.about}: {first.content} ({numbers['first_place']}) and {second.content} "
                f"({numbers['second_place']}); one phase, two formulas. Find out which holds, then void the "
                "other statement"
            )
            findings.append(found("R11", subject, message, numbers))
    return findings
