"""Read the cells of an observation: a quantity with its uncertainty, completed from its method."""

import dataclasses
import math
import re

from labdb.errors import InputError
from labdb.intake.form import plain_number, whole_number
from labdb.intake.quantity_column import QuantityColumn
from labdb.intake.writer import CellError, Line
from labdb.kinds import quantity_kind
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, UncertaintyOrigin, parse_quantity
from labdb.registry.method import MethodRow
from labdb.units import conversion

_COVERAGE = re.compile(r"k\s*=\s*([0-9]+(?:\.[0-9]+)?)")


def with_method(quantity: Quantity, method: MethodRow | None) -> Quantity:
    """Complete a quantity from its method: its u where none is recorded, and what "<" means.

    u(c)^2 = u_absolute^2 + (u_relative c)^2, in the method's unit.

    Parameters
    ----------
    quantity : Quantity
        As entered.
    method : MethodRow or None
        Its method; used only if it measures this kind.

    Returns
    -------
    Quantity
        The same, or with u marked "from method", or with the method's meaning of "<".
    """
    if method is None or method.kind != quantity.kind:
        return quantity
    if quantity.censoring is Censoring.BELOW:
        stated = quantity.threshold_meaning is not ThresholdMeaning.NOT_STATED
        meaning = quantity.threshold_meaning if stated else (method.threshold_meaning or ThresholdMeaning.NOT_STATED)
        return dataclasses.replace(quantity, threshold_meaning=meaning)
    no_model = method.u_absolute is None and method.u_relative is None
    if quantity.censoring is not Censoring.NONE or quantity.u is not None or no_model:
        return quantity
    absolute_in = method.unit or quantity_kind(quantity.kind).unit
    in_method_unit = quantity if method.u_absolute is None else quantity.to(absolute_in)
    u = math.hypot(method.u_absolute or 0.0, (method.u_relative or 0.0) * in_method_unit.value)
    return dataclasses.replace(in_method_unit, u=u, u_origin=UncertaintyOrigin.FROM_METHOD)


def read_value(line: Line, column: QuantityColumn) -> Quantity:
    """Read one cell as a quantity of a kind, with what stands beside it: u, coverage, meaning of "<", n.

    Parameters
    ----------
    line : Line
        The row.
    column : QuantityColumn
        The column of the value; a cell may bring its own unit.

    Returns
    -------
    Quantity
        Value, unit, standard uncertainty, censoring.

    Raises
    ------
    CellError
        Unreadable, or the row contradicts itself; names the column.
    """
    text = plain_number(column.name, line.cells[column.name])
    try:
        quantity = parse_quantity(text, kind=column.kind, default_unit=column.unit)
    except InputError as error:
        raise CellError(column.name, str(error)) from error
    quantity = _with_uncertainty(quantity, line, column)
    if "threshold_meaning" in line.cells and quantity.censoring is Censoring.BELOW:
        try:
            meaning = ThresholdMeaning(line.cells["threshold_meaning"])
        except ValueError as error:
            found = line.cells["threshold_meaning"]
            raise CellError(
                "threshold_meaning", f'found "{found}"; expected one of {", ".join(ThresholdMeaning)}'
            ) from error
        quantity = dataclasses.replace(quantity, threshold_meaning=meaning)
    if "n" in line.cells:
        readings = whole_number("n", line.cells["n"])
        if readings < 1:
            raise CellError("n", f'found "{readings}"; expected how many readings the value is the mean of, 1 or more')
        quantity = dataclasses.replace(quantity, n=readings)
    return quantity


def _with_uncertainty(quantity: Quantity, line: Line, column: QuantityColumn) -> Quantity:
    """Take the uncertainty from its own column, or from behind the value; divide it by its coverage factor."""
    k, origin = _coverage(line)
    if column.u_name is None or column.u_name not in line.cells:
        if quantity.u_origin is not UncertaintyOrigin.COVERAGE_NOT_STATED or quantity.u is None or k is None:
            return quantity
        return dataclasses.replace(quantity, u=quantity.u / k, u_origin=origin)
    u = _typed_u(quantity, line, column) / (k or 1.0)
    if quantity.u is not None and not math.isclose(quantity.u, u, rel_tol=1e-9):
        beside = f'the column "{column.name}" says ± {quantity.u:g}'
        raise CellError(column.u_name, f'found "{line.cells[column.u_name]}", but {beside}; keep one of the two')
    return dataclasses.replace(quantity, u=u, u_origin=origin if u else None)


def _typed_u(quantity: Quantity, line: Line, column: QuantityColumn) -> float:
    """The number in the column of the uncertainty, in the unit of the value."""
    name = column.u_name or ""
    text = line.cells[name]
    try:
        u = float(plain_number(name, text))
    except ValueError as error:
        raise CellError(name, f'found "{text}"; expected a number') from error
    if not (math.isfinite(u) and u >= 0):
        raise CellError(name, f'found "{text}"; a standard uncertainty is a finite number, 0 or more')
    kind = quantity_kind(column.kind)
    if column.u_unit is not None:
        return conversion(column.u_unit, quantity.unit).difference(u)
    if quantity.unit != kind.read_unit(column.unit):
        advice = f"write it behind the value: {quantity.value:g} ± {text} {quantity.unit}"
        raise CellError(name, f'found "{text}", but the value brings its own unit, {quantity.unit}; {advice}')
    return u


def _coverage(line: Line) -> tuple[float | None, UncertaintyOrigin]:
    """What the row says of its uncertainty: the coverage factor, None where the row says nothing."""
    text = line.cells.get("coverage")
    if "coverage" in line.unstated or text == "coverage not stated":
        return 1.0, UncertaintyOrigin.COVERAGE_NOT_STATED
    if text is None:
        return None, UncertaintyOrigin.STATED
    match = _COVERAGE.fullmatch(text)
    if match is None or float(match[1]) <= 0:
        raise CellError("coverage", f'found "{text}"; expected k=1, k=2 or "not stated"')
    return float(match[1]), UncertaintyOrigin.STATED
