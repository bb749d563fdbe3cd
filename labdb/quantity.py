"""Quantity: a number with its unit, its kind, its standard uncertainty, and whether it is only a bound.

Nothing heavy is imported here: pint and uncertainties are loaded by the first operation that needs them.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from numbers import Real
from typing import TYPE_CHECKING, Any

from labdb.errors import InputError, UnitError
from labdb.kinds import UNNAMED, QuantityKind, kind_mismatch, load_kinds, quantity_kind, quantity_kinds
from labdb.typed_number import TypedNumber, format_bound, format_number, scan
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

_DIGITS = 12  # of a comparison: raw floats miss 42 of 147 exact cases (DESIGN.md, section 5)
_OPERATORS = {
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "==": lambda a, b: a == b,
}


class Censoring(StrEnum):
    """Whether the value is a value, or a threshold the true value lies below or above."""

    NONE = "none"
    BELOW = "below"
    ABOVE = "above"


class ThresholdMeaning(StrEnum):
    """What "<" meant to the laboratory that wrote it: critical value, detection or quantification limit."""

    BELOW_LC = "below_LC"
    BELOW_LD = "below_LD"
    BELOW_LQ = "below_LQ"
    NOT_STATED = "not_stated"


class UncertaintyOrigin(StrEnum):
    """Where a standard uncertainty comes from."""

    STATED = "stated"
    COVERAGE_NOT_STATED = "coverage_not_stated"
    FROM_METHOD = "from_method"
    COMPUTED = "computed"
    EXACT = "exact"


@dataclass(frozen=True, slots=True, repr=False)
class Quantity:
    """A number that is never bare.

    Equality (`==`) is of the record, field by field: 1 g is not the same record as 1000 mg. Order, and equality of
    size, is asked by `<`, `<=`, `>`, `>=` and `compare`. A quantity remembers what it was computed from, so that
    `x - x` has u = 0; pickling forgets it.

    Parameters
    ----------
    value : float, scalar [unit]
        The measured value; with a censoring, the threshold.
    unit : str
        Any unit of the kind.
    kind : str
        Name or alias of a quantity kind; stored as the name.
    u : float, scalar or None [unit]
        Standard uncertainty (k = 1), of the threshold if there is one; None: not known; 0: exact.
    u_origin : UncertaintyOrigin, optional
        Taken as stated (or exact, for 0) when left out.
    censoring : Censoring
        None, below or above.
    threshold_meaning : ThresholdMeaning, optional
        What "<" means; "not_stated" when left out.
    n : int, scalar or None [1]
        Number of readings behind the value.

    Raises
    ------
    InputError
        If a number is not finite, u is negative, or n is below 1.
    UnitError
        If the unit does not fit the kind.

    Examples
    --------
    >>> loading = Quantity(25.0, "mg", "mass", u=0.05) / Quantity(50.0, "mL", "volume", u=0.05)
    >>> print(loading.as_kind("particle_loading"))
    0.5000(11) mg/mL
    """

    value: float
    unit: str
    kind: str
    u: float | None = None
    u_origin: UncertaintyOrigin | None = None
    censoring: Censoring = Censoring.NONE
    threshold_meaning: ThresholdMeaning | None = None
    n: int | None = None
    _source: Any = field(default=None, init=False, compare=False)  # a ufloat, or (quantity, factor, divisor, shift)

    def __post_init__(self) -> None:
        kind = None if self.kind == UNNAMED else quantity_kind(self.kind)
        put = object.__setattr__
        put(self, "value", _finite(self.value, "value"))
        put(self, "kind", kind.name if kind else UNNAMED)
        put(self, "unit", kind.read_unit(self.unit) if kind else unit_text(self.unit))
        put(self, "censoring", Censoring(self.censoring))
        self._check_uncertainty()
        if self.threshold_meaning is not None:
            put(self, "threshold_meaning", ThresholdMeaning(self.threshold_meaning))
            if self.censoring is not Censoring.BELOW:
                raise InputError(f'found what "<" means ({self.threshold_meaning.value}) on a value that has no "<"')
        elif self.censoring is Censoring.BELOW:
            put(self, "threshold_meaning", ThresholdMeaning.NOT_STATED)
        if self.n is not None and (self.n < 1 or self.n != int(self.n)):
            raise InputError(f"found n = {self.n}, expected a whole number of readings, 1 or more")

    def _check_uncertainty(self) -> None:
        put = object.__setattr__
        if self.u is None:
            put(self, "u_origin", None)
            return
        put(self, "u", _finite(self.u, "standard uncertainty"))
        if self.u < 0:
            raise InputError(f"found a standard uncertainty of {self.u:g} {self.unit}, expected 0 or more")
        default = UncertaintyOrigin.STATED if self.u else UncertaintyOrigin.EXACT
        put(self, "u_origin", UncertaintyOrigin(self.u_origin) if self.u_origin is not None else default)

    def __reduce__(self) -> tuple[Any, ...]:
        meaning, censoring = self.threshold_meaning, self.censoring
        return Quantity, (self.value, self.unit, self.kind, self.u, self.u_origin, censoring, meaning, self.n)

    def __copy__(self) -> "Quantity":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "Quantity":
        return self  # it cannot change, and a copy would forget what it correlates with

    # --- units and kinds -------------------------------------------------------------------------------------------

    def to(self, unit: str) -> "Quantity":
        """Convert into another unit of the same kind.

        Parameters
        ----------
        unit : str
            As typed; spellings of the kind ("ppb") are known.

        Returns
        -------
        Quantity
            The same quantity; correlations are kept.

        Raises
        ------
        UnitError
            If the unit does not fit the kind.

        Examples
        --------
        >>> print(Quantity(30000, "rad", "absorbed_dose", u=300).to("Gy"))
        300(3) Gy
        """
        wanted = unit_text(unit) if self.kind == UNNAMED else quantity_kind(self.kind).read_unit(unit)
        if wanted == self.unit:
            return self
        way = conversion(self.unit, wanted)
        return self._linear(wanted, self.kind, way.numerator, way.denominator, way.shift)

    def canonical(self) -> "Quantity":
        """Convert into the canonical unit of the kind.

        Returns
        -------
        Quantity
            The same quantity.
        """
        return self if self.kind == UNNAMED else self.to(quantity_kind(self.kind).unit)

    def as_kind(self, name: str) -> "Quantity":
        """Name the kind of a product or quotient, in that kind's canonical unit.

        Parameters
        ----------
        name : str
            Name or alias of the kind.

        Returns
        -------
        Quantity
            Of that kind.

        Raises
        ------
        UnitError
            If the quantity has another kind already (a method leads from one to the other, not a new name), or
            measures something else.

        Examples
        --------
        >>> lead = Quantity(2.54, "ug/L", "Pb", u=0.25) / Quantity(0.5, "mg/mL", "particle_loading", u=0.0011)
        >>> print(lead.as_kind("released_lead_mass_fraction"))
        5.08(50) ug/g
        """
        kind = quantity_kind(name)
        if self.kind == kind.name:
            return self
        if self.kind != UNNAMED:
            raise kind_mismatch(self.kind, kind.name)
        if not same_measure(self.unit, kind.unit):
            raise UnitError(f'found a result in "{self.unit}", expected {kind.label}, as {kind.unit}')
        way = conversion(self.unit, kind.unit)
        return self._linear(kind.unit, kind.name, way.numerator, way.denominator, 0.0)

    def _linear(self, unit: str, kind: str, factor: float, divisor: float, shift: float = 0.0) -> "Quantity":
        """A straight-line function of this quantity, sharing its uncertainty."""
        result = Quantity(
            self.value * factor / divisor + shift,
            unit,
            kind,
            None if self.u is None else abs(self.u * factor / divisor),
            self.u_origin,
            self.censoring,
            self.threshold_meaning,
            self.n,
        )
        object.__setattr__(result, "_source", (self, factor, divisor, shift))
        return result

    def _variable(self) -> Any:
        """The quantity as a float (exact) or as the ufloat that carries its correlations."""
        if isinstance(self._source, tuple):
            origin, factor, divisor, shift = self._source
            object.__setattr__(self, "_source", origin._variable() * factor / divisor + shift)
        elif self._source is None:
            if not self.u:
                return self.value
            from uncertainties import ufloat

            object.__setattr__(self, "_source", ufloat(self.value, self.u))
        return self._source

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
        return self._scaled(_number(other), 1.0) if isinstance(other, Real) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: "Quantity | float") -> "Quantity":
        if isinstance(other, Quantity):
            return _product(self, other, -1)
        return self._scaled(1.0, _number(other)) if isinstance(other, Real) else NotImplemented

    def __rtruediv__(self, other: float) -> "Quantity":
        return _product(Quantity(_number(other), "1", UNNAMED, 0.0), self, -1)

    def _scaled(self, factor: float, divisor: float) -> "Quantity":
        _refuse_celsius(self)
        if divisor == 0:
            raise InputError(f"cannot divide {self} by 0")
        if self.censoring is not Censoring.NONE and not factor / divisor > 0:
            raise InputError(f'cannot multiply "{self}" by {factor / divisor:g}: a bound keeps its side for positive numbers')
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

    # --- showing ---------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return format(self, "")

    def __format__(self, style: str) -> str:
        if style not in ("", "pm"):
            raise InputError(f'found the style "{style}", expected "" for 5.08(51) ug/g or "pm" for (5.08 ± 0.51) ug/g')
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.censoring is not Censoring.NONE:
            sign = "<" if self.censoring is Censoring.BELOW else ">"
            return f"{sign} {format_bound(self.value, self.u)}{unit}"
        number = format_number(self.value, self.u, style)
        if number.endswith(" (exact)"):
            return f"{number.removesuffix(' (exact)')}{unit} (exact)"
        return f"({number}){unit}" if "±" in number and unit and not number.startswith("(") else f"{number}{unit}"

    def __repr__(self) -> str:
        more = f", u={self.u!r}" if self.u is not None else ""
        more += f", censoring={self.censoring.value!r}" if self.censoring is not Censoring.NONE else ""
        return f"Quantity({self.value!r}, {self.unit!r}, {self.kind!r}{more})"

    def as_json(self) -> dict[str, object]:
        """Return the quantity as plain data, for every `--json` output.

        Returns
        -------
        dict
            value, unit, kind, u, u_origin, censoring, threshold_meaning, n.
        """
        return {
            "value": self.value,
            "unit": self.unit,
            "kind": self.kind,
            "u": self.u,
            "u_origin": self.u_origin.value if self.u_origin else None,
            "censoring": self.censoring.value,
            "threshold_meaning": self.threshold_meaning.value if self.threshold_meaning else None,
            "n": self.n,
        }

    def bounds_problem(self) -> str | None:
        """Say what is wrong when the value cannot be, 1.645 u considered; None when nothing is.

        Returns
        -------
        str or None
            One clause: the value, the bound, the kind.

        Examples
        --------
        >>> Quantity(55, "1", "PLQY").bounds_problem()
        '55 is above 1, the largest possible photoluminescence quantum yield'
        """
        if self.kind == UNNAMED or self.censoring is not Censoring.NONE:
            return None
        kind, here = quantity_kind(self.kind), self.canonical()
        reach = 1.645 * (here.u or 0.0)
        unit = "" if kind.unit == "1" else f" {kind.unit}"
        if kind.upper is not None and round_significant(here.value - reach) > kind.upper:
            return f"{self} is above {kind.upper:g}{unit}, the largest possible {kind.label}"
        if kind.lower is not None and round_significant(here.value + reach) < kind.lower:
            return f"{self} is below {kind.lower:g}{unit}, the least possible {kind.label}"
        return None


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
    unit = _typed_unit(text, typed, known, default_unit)
    u, origin = _typed_uncertainty(text, typed, known, unit), None
    if u is not None and not typed.coverage_stated and u > 0:
        origin = UncertaintyOrigin.COVERAGE_NOT_STATED
    censoring = {"<": Censoring.BELOW, ">": Censoring.ABOVE}.get(typed.sign, Censoring.NONE)
    try:
        quantity = Quantity(typed.value, unit, known.name if known else UNNAMED, u, origin, censoring, n=typed.n)
    except UnitError as error:
        raise UnitError(f'"{text}": {error}') from None
    if known is None:
        same_measure(quantity.unit, "1")  # refuses a name that is no unit
    problem = None if known is not None and known.readings_may_exceed else quantity.bounds_problem()
    if problem:
        advice = f"; did you mean {typed.value:g} %?" if quantity.unit == "1" and typed.value <= 100 else ""
        raise InputError(f'"{text}": {problem}{advice} If it was measured so, state its uncertainty')
    return quantity


def _typed_unit(text: str, typed: TypedNumber, kind: QuantityKind | None, default_unit: str | None) -> str:
    if typed.unit:
        return typed.unit
    if default_unit is not None:
        return default_unit
    if kind is None:
        raise UnitError(f'"{text}": found no unit, expected one; write it behind the number, "%" for a percentage')
    if kind.unit not in ("1", "count"):
        raise UnitError(f'"{text}": found no unit, expected one for {kind.label}; write "{text.strip()} {kind.unit}"')
    return kind.unit


def _typed_uncertainty(text: str, typed: TypedNumber, kind: QuantityKind | None, unit: str) -> float | None:
    """The uncertainty in the unit of the value; "10 mg ± 5 %" is relative, "55 % ± 5 %" is not."""
    if typed.u is None or not typed.u_unit:
        return typed.u
    if not typed.unit:
        raise UnitError(f'"{text}": found a unit behind the uncertainty only, expected one behind the number')
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


def round_significant(value: float, digits: int = _DIGITS) -> float:
    """Round to significant digits, so that 0.1 + 0.2 compares equal to 0.3.

    Parameters
    ----------
    value : float, scalar [any]
        Any finite number.
    digits : int, scalar [1]
        How many significant digits stay.

    Returns
    -------
    float, scalar [unit of value]
        The rounded number; never -0.

    Examples
    --------
    >>> round_significant(0.1 + 0.2), round_significant(123456.0, 2)
    (0.3, 120000.0)
    """
    return float(f"{value:.{digits - 1}e}") + 0.0


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


def _finite(number: float, what: str) -> float:
    if isinstance(number, bool) or not isinstance(number, Real) or not math.isfinite(number):
        raise InputError(f"found {number!r} as {what}, expected a finite number")
    return float(number)


def _number(number: float) -> float:
    return _finite(number, "number")


def _refuse_other_kind(first: Quantity, second: Quantity) -> None:
    if first.kind != second.kind:
        raise kind_mismatch(first.kind, second.kind)


def _refuse_bounds(first: Quantity, second: Quantity, what: str) -> None:
    for one in (first, second):
        if one.censoring is not Censoring.NONE:
            raise InputError(f'cannot {what} "{one}": found a bound, expected a value; a bound is judged or kept as it is')


def _refuse_celsius(one: Quantity) -> None:
    if one.kind == "temperature" and one.unit != "K":
        raise InputError(f'"{one}" has no zero of its own to multiply or add from; convert with .to("K") or subtract')


def _combined(value: float, unit: str, kind: str, first: Quantity, second: Quantity, variable: Any) -> Quantity:
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
        number = Quantity(_number(other), "1", UNNAMED, 0.0)
        if first.unit not in ("1", "%"):
            raise UnitError(f'cannot add {other:g} to "{first}": found a number without unit, expected {first.kind}')
        _refuse_bounds(first, number, "add")
        plain = first.to("1")
        first, other = plain._linear("1", UNNAMED, 1.0, 1.0), number
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
