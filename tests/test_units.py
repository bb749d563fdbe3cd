"""Units: one spelling, exact everyday conversions, pint for the rest, and nothing that only shares a dimension."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import UnitError
from labdb.units import _EVERYDAY, conversion, dimension, registry, same_measure, unit_factors, unit_text

# Numbers a laboratory could write down. Round trips lose at most two roundings: 4e-16 relative, asked to 1e-14.
NUMBERS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-12)


def test_starting_units_and_quantity_loads_nothing_heavy() -> None:
    code = (
        "import sys, labdb.units, labdb.quantity as q; q.parse_quantity('1.0020 g', 'mass').canonical();"
        "q.parse_quantity('55 %', 'PLQY').canonical(); q.parse_quantity('600 °C', 'temperature').to('K');"
        "print(sorted({'pint', 'numpy', 'uncertainties'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_there_is_one_registry() -> None:
    assert registry() is registry()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("µg/L", "ug/L"),  # micro sign, U+00B5
        ("μg / l", "ug/L"),  # Greek mu, U+03BC
        ("°C", "degC"),
        ("℃", "degC"),
        ("deg C", "degC"),
        ("degrees C", "degC"),
        ("cm²/g", "cm**2/g"),
        ("cm2/g", "cm**2/g"),
        ("cm^2 g^-1", "cm**2/g"),
        ("mg mL⁻¹", "mg/mL"),
        ("ug/(kg week)", "ug/kg/week"),
        ("ug/kg/wk", "ug/kg/week"),
        ("Å", "angstrom"),
        ("mol·L⁻¹", "mol/L"),
        ("counts", "count"),
        ("1/s", "1/s"),
        ("mg/mg", "1"),
        ("", "1"),
        ("%", "%"),
    ],
)
def test_a_unit_is_stored_one_way_however_it_is_typed(typed: str, stored: str) -> None:
    assert unit_text(typed) == stored
    assert unit_text(stored) == stored


@pytest.mark.parametrize(
    "typed", ["mg//L", "mg/", "10 mg", "mg**99", "mg**x", "(mg", "mg)", "mg/(L", "mg/(L/(s))", "$", "m" * 201, "2**9"]
)
def test_what_is_no_unit_in_form_is_refused(typed: str) -> None:
    with pytest.raises(UnitError):
        unit_text(typed)


def test_nothing_typed_is_ever_evaluated() -> None:
    # pint evaluates what it parses: 9**9**9**9 would hang the process.
    with pytest.raises(UnitError):
        unit_factors("9**9**9**9")


@pytest.mark.parametrize("name", sorted(_EVERYDAY))
def test_everyday_units_agree_with_pint(name: str) -> None:
    known = registry()
    what, size = _EVERYDAY[name]
    unit = known.Unit({"%": "percent", "degC": "delta_degC", "degF": "delta_degF"}.get(name, name))
    bases = {"[mass]": "g", "[length]": "m", "[time]": "s", "[temperature]": "kelvin", "[substance]": "mol"}
    bases |= {"[current]": "A", "count": "count", "angle": "deg", "equivalent dose": "Sv"}
    base = known.Unit("")
    for part, power in what.items():
        base = base * known.Unit(bases[part]) ** power
    # pint multiplies floats: a few roundings of 1e-16 each
    assert float(size) == pytest.approx(known.convert(1.0, unit, base), rel=1e-14)


@pytest.mark.parametrize(
    ("value", "unit", "to_unit", "expected"),
    [
        (1.0020, "g", "mg", 1002.0),
        (1.0, "d", "s", 86400.0),
        (600.0, "degC", "K", 873.15),  # 0 degC = 273.15 K, SI Brochure 9th ed., 2.3.1
        (212.0, "degF", "degC", 100.0),
        (5.0, "degC/min", "K/s", 5.0 / 60.0),
        (30000.0, "rads", "Gy", 300.0),  # 1 rad = 0.01 Gy, NIST SP 811 (2008), B.8
        (1.0, "mol/L", "mol/m**3", 1000.0),
        (5.0, "ug/dL", "ug/L", 50.0),
        (1.0, "cm**2/g", "m**2/kg", 0.1),
        (20.0, "mL*ug/L/mg", "ug/g", 20.0),  # 10 ug/L over 0.5 mg/mL: SCIENCE.md, R01
    ],
)
def test_conversions_of_the_bench(value: float, unit: str, to_unit: str, expected: float) -> None:
    assert conversion(unit, to_unit).value(value) == pytest.approx(expected, rel=1e-14)


def test_exact_conversions_are_exact() -> None:
    assert [conversion("ug", "mg").value(float(number)) for number in (3, 7, 21)] == [0.003, 0.007, 0.021]


@pytest.mark.parametrize(
    ("unit", "other"),
    [
        ("Gy", "Sv"),
        ("Gy", "rem"),
        ("count", "1"),
        ("deg", "1"),
        ("rad", "1"),
        ("sr", "rad"),
        ("mg", "mL"),
        ("C", "degC"),
    ],
)
def test_units_that_only_pint_takes_for_the_same_are_kept_apart(unit: str, other: str) -> None:
    assert not same_measure(unit, other)
    with pytest.raises(UnitError, match="expected"):
        conversion(unit, other)


def test_a_mistyped_unit_offers_the_nearest() -> None:
    with pytest.raises(UnitError, match='no unit "ppd"; did you mean ppb'):
        dimension("ppd")
    with pytest.raises(UnitError, match='no unit "Kg"; did you mean kg'):
        dimension("Kg")


@pytest.mark.parametrize("unit", ["ppb", "ppm", "PPB"])
def test_parts_per_billion_ask_for_the_matrix(unit: str) -> None:
    with pytest.raises(UnitError, match="ppb = ug/L for dilute water, ng/g for solids"):
        dimension(unit)


PAIRS = st.sampled_from(
    [
        ("mg", "kg"),
        ("uL", "L"),
        ("h", "s"),
        ("degC", "K"),
        ("degF", "degC"),
        ("ug/L", "mg/mL"),
        ("ug/g", "mg/kg"),
        ("%", "1"),
        ("Gy/s", "mGy/h"),
        ("rads", "Gy"),
        ("deg", "mrad"),
        ("psi", "kPa"),
    ]
)


@given(NUMBERS, PAIRS)
def test_there_and_back_is_the_same(value: float, pair: tuple[str, str]) -> None:
    there, back = conversion(*pair), conversion(*reversed(pair))
    # a temperature near zero on one scale keeps the rounding of the other scale's zero, 460 K
    assert back.value(there.value(value)) == pytest.approx(value, rel=1e-14, abs=1e-12 if "deg" in pair[0] else 0.0)


@given(NUMBERS, st.floats(min_value=1e-3, max_value=1e3), PAIRS)
def test_a_difference_scales(value: float, factor: float, pair: tuple[str, str]) -> None:
    way = conversion(*pair)
    assert way.difference(value * factor) == pytest.approx(way.difference(value) * factor, rel=1e-14)
