"""The measured value under every quantity: value, unit, kind, standard uncertainty, censoring; units and display.

`labdb.quantity.Quantity` adds arithmetic and order, and is what everybody uses.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from numbers import Real
from typing import Any, Self

from labdb.errors import InputError, UnitError
from labdb.kinds import UNNAMED, kind_mismatch, quantity_kind
from labdb.typed_number import format_bound, format_number, round_significant
from labdb.units import conversion, same_measure, unit_text


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
class MeasuredValue:
    """A measured quantity value (VIM 2.10), without arithmetic.

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
    >>> print(MeasuredValue(0.50004, "mg/mL", "particle_loading", u=0.0011))
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
    _source: Any = field(default=None, init=False, compare=False)  # a ufloat, or (value it came from, ratio, shift)

    def __post_init__(self) -> None:
        kind = None if self.kind == UNNAMED else quantity_kind(self.kind)
        put = object.__setattr__
        put(self, "value", finite(self.value, "value"))
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
        put(self, "u", finite(self.u, "standard uncertainty"))
        if self.u < 0:
            raise InputError(f"found a standard uncertainty of {self.u:g} {self.unit}, expected 0 or more")
        default = UncertaintyOrigin.STATED if self.u else UncertaintyOrigin.EXACT
        put(self, "u_origin", UncertaintyOrigin(self.u_origin) if self.u_origin is not None else default)

    def __reduce__(self) -> tuple[Any, ...]:
        meaning, censoring = self.threshold_meaning, self.censoring
        return type(self), (self.value, self.unit, self.kind, self.u, self.u_origin, censoring, meaning, self.n)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self  # it cannot change, and a copy would forget what it correlates with

    # --- units and kinds -------------------------------------------------------------------------------------------

    def to(self, unit: str) -> Self:
        """Convert into another unit of the same kind.

        Parameters
        ----------
        unit : str
            As typed; spellings of the kind ("ppb") are known.

        Returns
        -------
        Self
            The same quantity; correlations are kept.

        Raises
        ------
        UnitError
            If the unit does not fit the kind.

        Examples
        --------
        >>> print(MeasuredValue(30000, "rad", "absorbed_dose", u=300).to("Gy"))
        300(3) Gy
        """
        wanted = unit_text(unit) if self.kind == UNNAMED else quantity_kind(self.kind).read_unit(unit)
        if wanted == self.unit:
            return self
        way = conversion(self.unit, wanted)
        return self._linear(wanted, self.kind, way.numerator, way.denominator, way.shift)

    def canonical(self) -> Self:
        """Convert into the canonical unit of the kind.

        Returns
        -------
        Self
            The same quantity.
        """
        return self if self.kind == UNNAMED else self.to(quantity_kind(self.kind).unit)

    def as_kind(self, name: str) -> Self:
        """Name the kind of a product or quotient, in that kind's canonical unit.

        Parameters
        ----------
        name : str
            Name or alias of the kind.

        Returns
        -------
        Self
            Of that kind.

        Raises
        ------
        UnitError
            If the quantity has another kind already (a method leads from one to the other, not a new name), or
            measures something else.

        Examples
        --------
        >>> print(MeasuredValue(5.08, "mL*ug/L/mg", "unnamed", u=0.5).as_kind("released_lead_mass_fraction"))
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

    def _linear(self, unit: str, kind: str, factor: float, divisor: float = 1.0, shift: float = 0.0) -> Self:
        """A straight-line function of this quantity, sharing its uncertainty."""
        result = type(self)(
            self.value * factor / divisor + shift,
            unit,
            kind,
            None if self.u is None else abs(self.u * factor / divisor),
            self.u_origin,
            self.censoring,
            self.threshold_meaning,
            self.n,
        )
        origin, ratio, offset = self, factor / divisor, shift
        if isinstance(self._source, tuple):  # one step from the origin, however long the chain
            origin, ratio, offset = self._source[0], self._source[1] * ratio, self._source[2] * ratio + shift
        object.__setattr__(result, "_source", (origin, ratio, offset))
        return result

    def _variable(self) -> Any:  # noqa: ANN401 - uncertainties ships no types
        """The quantity as a float (exact) or as the ufloat that carries its correlations."""
        if isinstance(self._source, tuple):
            origin, ratio, shift = self._source
            object.__setattr__(self, "_source", origin._variable() * ratio + shift)
        elif self._source is None:
            if not self.u:
                return self.value
            from uncertainties import ufloat

            object.__setattr__(self, "_source", ufloat(self.value, self.u))
        return self._source

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
        return f"{type(self).__name__}({self.value!r}, {self.unit!r}, {self.kind!r}{more})"

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
        >>> MeasuredValue(55, "1", "PLQY").bounds_problem()
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


def finite(number: object, what: str) -> float:
    """Return a number as float, or refuse it.

    Parameters
    ----------
    number : float, scalar [any]
        Any real number.
    what : str
        What it is, for the message.

    Returns
    -------
    float, scalar [unit of number]
        The same number.

    Raises
    ------
    InputError
        If it is no number, NaN or infinite.
    """
    if isinstance(number, bool) or not isinstance(number, Real) or not math.isfinite(number):
        raise InputError(f"found {number!r} as {what}, expected a finite number")
    return float(number)
