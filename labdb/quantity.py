"""Quantity: a number with its unit, its kind, its standard uncertainty, and whether it is only a bound.

Nothing heavy is imported here: pint and uncertainties are loaded by the first operation that needs them.
"""

from typing import TYPE_CHECKING, Any

from labdb.errors import InputError, UnitError
from labdb.kinds import UNNAMED, QuantityKind, kind_mismatch, load_kinds, quantity_kind, quantity_kinds
from labdb.measured_value import Censoring, MeasuredValue, ThresholdMeaning, UncertaintyOrigin, finite
from labdb.typed_number import TypedNumber, round_significant, scan
from labdb.units import conversion, same_measure, unit_factors, unit_from_factors, unit_text

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "UNNAMED",
    "Censoring",
    "Quantity",
    "QuantityKind",
    "ThresholdMeaning",
    "UncertaintyOrigin",
    "compare",
    "convert_array",
    "kind_mismatch",
    "load_kinds",
    "parse_quantity",
    "quantity_kind",
    "quantity_kinds",
    "round_significant",
]

_OPERATORS = {
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "==": lambda a, b: a == b,
}


class Quantity(MeasuredValue):
    """A number that is never bare: value, unit, kind, standard uncertainty, censoring.

    Equality (`==`) is of the record, field by field: 1 g is not the same record as 1000 mg. Order, and equality of
    size, is asked by `<`, `<=`, `>`, `>=` and `compare`. A quantity remembers what it was computed from, so that
    `x - x` has u = 0; pickling forgets it.

    Parameters
    ----------
    value, unit, kind, u, u_origin, censoring, threshold_meaning, n
        As of `labdb.measured_value.MeasuredValue`.

    Examples
    --------
    >>> loading = Quantity(25.0, "mg", "mass", u=0.05) / Quantity(50.0, "mL", "volume", u=0.05)
    >>> print(loading.as_kind("particle_loading"))
    0.5000(11) mg/mL
    >>> lead = Quantity(2.54, "ug/L", "Pb", u=0.25) / loading
    >>> print(lead.as_kind("released_lead_mass_fraction"))
    5.08(50) ug/g
    """

    __slots__ = ()
    __array_ufunc__ = None  # numpy's numbers leave an operation with a quantity to the quantity

    # --- arithmetic ------------------------------------------------------------------------------------------------

    def __add__(self, other: "Quantity | float") -> "Quantity":
        return _sum(self, other, 1.0)

    def __sub__(self, other: "Quantity | float") -> "Quantity":
        return _sum(self, other, -1.0)

    def __radd__(self, other: float) -> "Quantity":
        return _sum(self, other, 1.0)

    def __rsub__(self, other: float) -> "Quantity":
        return _sum(self, other, -1.0) * -1.0

    def __neg__(self) -> "Quantity":
        return self * -1.0

    def __mul__(self, other: "Quantity | float") -> "Quantity":
        if isinstance(other, Quantity):
            return _product(self, other, 1)
        return self._scaled(finite(other, "factor"), 1.0)

    __rmul__ = __mul__

    def __truediv__(self, other: "Quantity | float") -> "Quantity":
        if isinstance(other, Quantity):
            return _product(self, other, -1)
        return self._scaled(1.0, finite(other, "divisor"))

    def __rtruediv__(self, other: float) -> "Quantity":
        return _product(Quantity(finite(other, "number"), "1", UNNAMED, 0.0), self, -1)

    def _scaled(self, factor: float, divisor: float) -> "Quantity":
        _refuse_celsius(self)
        if divisor == 0:
            raise InputError(f"cannot divide {self} by 0")
        if self.censoring is not Censoring.NONE and not factor / divisor > 0:
            raise InputError(
                f'cannot multiply "{self}" by {factor / divisor:g}: a bound keeps its side for positive numbers'
            )
        return self._linear(self.unit, self.kind, factor, divisor)

    # --- order -----------------------------------------------------------------------------------------------------

    def __lt__(self, other: "Quantity") -> bool:
        return compare(self, "<", other)

    def __le__(self, other: "Quantity") -> bool:
        return compare(self, "<=", other)

    def __gt__(self, other: "Quantity") -> bool:
        return compare(self, ">", other)

    def __ge__(self, other: "Quantity") -> bool:
        return compare(self, ">=", other)


def parse_quantity(text: str, kind: str | None = None, default_unit: str | None = None) -> Quantity:
    """Read what a person typed.

    Parameters
    ----------
    text : str
        For example "600 °C", "(55 ± 5) %", "0.5000(11) mg/mL", "< 10 ug/L", "1 h 30 min", "55 % U=5 k=2".
    kind : str, optional
        Name or alias of the quantity kind; without one the result is "unnamed", to be named by `Quantity.as_kind`.
    default_unit : str, optional
        The unit of a number typed without one, for example from a column's head.

    Returns
    -------
    Quantity
        In the unit typed. A bare "±" is taken as k = 1 and marked "coverage_not_stated".

    Raises
    ------
    InputError
        If the text is no number, or lies beyond what the kind can be.
    UnitError
        If the unit is missing, unknown, or of another kind.

    Examples
    --------
    >>> print(parse_quantity("55 +/- 5 % (k=2)", "PLQY"), parse_quantity("<10 ppb", "Pb"))
    55.0(25) % < 10 ug/L
    """
    typed = scan(text)
    known = quantity_kind(kind) if kind is not None else None
    censoring = {"<": Censoring.BELOW, ">": Censoring.ABOVE}.get(typed.sign, Censoring.NONE)
    try:
        unit = _typed_unit(text, typed, known, default_unit)
        u, origin = _typed_uncertainty(typed, known, unit), None
        if u and not typed.coverage_stated:
            origin = UncertaintyOrigin.COVERAGE_NOT_STATED
        quantity = Quantity(typed.value, unit, known.name if known else UNNAMED, u, origin, censoring, n=typed.n)
        if known is None:
            same_measure(quantity.unit, "1")  # refuses a name that is no unit
    except UnitError as error:
        raise UnitError(f'"{text.strip()}": {error}') from None
    problem = None if known is not None and known.readings_may_exceed else quantity.bounds_problem()
    if problem:
        meant = f"{typed.value:g} %"
        slip = known is not None and known.unit == "1" == quantity.unit and known.upper == 1 and 1 < typed.value <= 100
        advice = f"did you mean {meant}?" if slip else "if it was measured so, state its uncertainty"
        raise InputError(f'"{text.strip()}": {problem}; {advice}')
    return quantity


def _typed_unit(text: str, typed: TypedNumber, kind: QuantityKind | None, default_unit: str | None) -> str:
    if typed.unit:
        return typed.unit
    if default_unit is not None:
        return default_unit
    if kind is None:
        raise UnitError('found no unit, expected one; write it behind the number, "%" for a percentage')
    if kind.unit not in ("1", "count"):
        raise UnitError(f'found no unit, expected one for {kind.label}; write "{text.strip()} {kind.unit}"')
    return kind.unit


def _typed_uncertainty(typed: TypedNumber, kind: QuantityKind | None, unit: str) -> float | None:
    """The uncertainty in the unit of the value; "10 mg ± 5 %" is relative, "55 % ± 5 %" is not."""
    if typed.u is None or not typed.u_unit:
        return typed.u
    if not typed.unit:
        raise UnitError("found a unit behind the uncertainty only, expected one behind the number")
    read = kind.read_unit if kind is not None else unit_text
    if unit_text(typed.u_unit) == "%" and not same_measure(_above_line(read(unit)), "1"):
        return abs(typed.value) * typed.u / 100
    u_unit = "K" if kind is not None and kind.name == "temperature" and typed.u_unit == "K" else read(typed.u_unit)
    return conversion(u_unit, read(unit)).difference(typed.u)


def _above_line(unit: str) -> str:
    return unit_from_factors(tuple((name, power) for name, power in unit_factors(unit) if power > 0))


def compare(first: Quantity, operator: str, second: Quantity) -> bool:
    """Compare two quantities of one kind, both in the unit of the second, rounded to 12 significant digits.

    Parameters
    ----------
    first : Quantity
        Usually the measured one.
    operator : str
        One of "<=", "<", ">=", ">", "==".
    second : Quantity
        Usually the limit; its unit is used.

    Returns
    -------
    bool
        Of the values alone; uncertainty is the business of a decision rule.

    Raises
    ------
    UnitError
        If the kinds differ.
    InputError
        If one is a bound ("< 10 ug/L" is neither above nor below 5), or the operator is unknown.

    Examples
    --------
    >>> compare(Quantity(0.3, "mg", "mass"), "==", Quantity(300.0, "ug", "mass") * 1.0)
    True
    """
    if operator not in _OPERATORS:
        raise InputError(f'found the operator "{operator}", expected one of {", ".join(_OPERATORS)}')
    _refuse_other_kind(first, second)
    _refuse_bounds(first, second, "compare")
    return bool(_OPERATORS[operator](round_significant(first.to(second.unit).value), round_significant(second.value)))


def convert_array(values: "npt.ArrayLike", unit: str, to_unit: str, kind: str) -> "npt.NDArray[np.float64]":
    """Convert a whole curve or column at once.

    Parameters
    ----------
    values : array_like, any shape [unit]
        The numbers.
    unit : str
        Their unit.
    to_unit : str
        The unit wanted.
    kind : str
        The kind both units must fit.

    Returns
    -------
    numpy.ndarray, shape of values [to_unit]
        A new array of float64.

    Raises
    ------
    UnitError
        If a unit does not fit the kind.

    Examples
    --------
    >>> convert_array([0.0, 600.0], "degC", "K", "temperature").tolist()
    [273.15, 873.15]
    """
    import numpy as np

    known = quantity_kind(kind)
    way = conversion(known.read_unit(unit), known.read_unit(to_unit))
    return np.asarray(values, dtype=np.float64) * way.numerator / way.denominator + way.shift


def _refuse_other_kind(first: Quantity, second: Quantity) -> None:
    if first.kind != second.kind:
        raise kind_mismatch(first.kind, second.kind)


def _refuse_bounds(first: Quantity, second: Quantity, what: str) -> None:
    for one in (first, second):
        if one.censoring is not Censoring.NONE:
            raise InputError(
                f'cannot {what} "{one}": found a bound, expected a value; a bound is judged or kept as it is'
            )


def _refuse_celsius(one: Quantity) -> None:
    if one.kind == "temperature" and one.unit != "K":
        raise InputError(f'"{one}" has no zero of its own to multiply or add from; convert with .to("K") or subtract')


def _combined(
    value: float,
    unit: str,
    kind: str,
    first: Quantity,
    second: Quantity,
    variable: Any,  # noqa: ANN401 - uncertainties ships no types
) -> Quantity:
    """The result of two: u not known if one is not known, exact if both are, else propagated."""
    if first.u is None or second.u is None:
        return Quantity(value, unit, kind)
    if isinstance(variable, float):
        return Quantity(value, unit, kind, 0.0, UncertaintyOrigin.EXACT)
    result = Quantity(value, unit, kind, float(variable.std_dev), UncertaintyOrigin.COMPUTED)
    object.__setattr__(result, "_source", variable)
    return result


def _sum(first: Quantity, other: Quantity | float, sign: float) -> Quantity:
    if not isinstance(other, Quantity):
        number = Quantity(finite(other, "number"), "1", UNNAMED, 0.0)
        if other == 0:  # where sum() starts
            return first
        if first.unit not in ("1", "%"):
            raise UnitError(f'cannot add {other:g} to "{first}": found a number without unit, expected {first.kind}')
        _refuse_bounds(first, number, "add")
        first, other = first.to("1")._linear("1", UNNAMED, 1.0), number
    _refuse_bounds(first, other, "add")
    kind = first.kind
    if kind == "temperature":
        return _temperature_sum(first, other, sign)
    _refuse_other_kind(first, other)
    other = other.to(first.unit)
    known = first.u is not None and other.u is not None
    variable = first._variable() + sign * other._variable() if known else None
    return _combined(first.value + sign * other.value, first.unit, kind, first, other, variable)


def _temperature_sum(first: Quantity, other: Quantity, sign: float) -> Quantity:
    """Two temperatures give a difference; a temperature and a difference give a temperature; no other pair does."""
    known = first.u is not None and other.u is not None
    if other.kind == "temperature" and sign < 0:
        one, two = first.to("K"), other.to("K")
        variable = one._variable() - two._variable() if known else None
        return _combined(one.value - two.value, "K", "temperature_difference", one, two, variable)
    if other.kind != "temperature_difference":
        raise UnitError(
            f'cannot add "{other}" to "{first}": temperatures are not added; add a temperature_difference, or subtract'
        )
    scale = conversion("K", first.unit)
    step = other.to("K")._linear("K", "temperature_difference", sign * scale.numerator, scale.denominator)
    variable = first._variable() + step._variable() if known else None
    return _combined(first.value + step.value, first.unit, "temperature", first, step, variable)


def _product(first: Quantity, other: Quantity, power: int) -> Quantity:
    for one in (first, other):
        _refuse_celsius(one)
    _refuse_bounds(first, other, "multiply")
    if power < 0 and other.value == 0:
        raise InputError(f'cannot divide "{first}" by "{other}": it is zero')
    factors = dict(unit_factors(first.unit))
    for name, exponent in unit_factors(other.unit):
        factors[name] = factors.get(name, 0) + power * exponent
    unit = unit_from_factors(tuple((name, exponent) for name, exponent in factors.items() if exponent))
    value = first.value * other.value if power > 0 else first.value / other.value
    variable = None
    if first.u is not None and other.u is not None:
        one, two = first._variable(), other._variable()
        variable = one * two if power > 0 else one / two
    return _combined(value, unit, UNNAMED, first, other, variable)
