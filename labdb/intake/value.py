"""Read the cells of an observation: a quantity with its uncertainty, completed from its method."""

import dataclasses
import math

from labdb.errors import InputError
from labdb.intake.form import plain_number
from labdb.intake.writer import CellError, Line
from labdb.kinds import quantity_kind
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, UncertaintyOrigin, parse_quantity
from labdb.registry.method import MethodRow


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
        meaning = quantity.threshold_meaning or (
            ThresholdMeaning.NOT_STATED if quantity.censoring is Censoring.BELOW else None
        )
        return dataclasses.replace(quantity, threshold_meaning=meaning)
    if quantity.censoring is not Censoring.NONE:
        stated = quantity.threshold_meaning not in (None, ThresholdMeaning.NOT_STATED)
        meaning = quantity.threshold_meaning if stated else (method.threshold_meaning or ThresholdMeaning.NOT_STATED)
        return dataclasses.replace(
            quantity, threshold_meaning=meaning if quantity.censoring is Censoring.BELOW else None
        )
    if quantity.u is not None or (method.u_absolute is None and method.u_relative is None):
        return quantity
    in_method_unit = quantity.to(method.unit or quantity.unit)
    u = math.hypot(method.u_absolute or 0.0, (method.u_relative or 0.0) * in_method_unit.value)
    return dataclasses.replace(in_method_unit, u=u, u_origin=UncertaintyOrigin.FROM_METHOD)


def read_value(line: Line, column: str, kind: str, unit: str | None, u_column: str) -> Quantity:
    """Read one cell as a quantity of a kind.

    Parameters
    ----------
    line : Line
        The row.
    column : str
        The column of the value.
    kind : str
        The quantity kind.
    unit : str or None
        The unit, unless the cell brings its own; the kind's canonical unit if neither does.
    u_column : str
        The column of its standard uncertainty.

    Returns
    -------
    Quantity
        Value, unit, u, censoring.

    Raises
    ------
    CellError
        Unreadable; names the column.
    """
    text = plain_number(column, line.cells[column])
    try:
        quantity = parse_quantity(text, kind=kind, default_unit=unit or quantity_kind(kind).unit)
    except InputError as error:
        raise CellError(column, str(error)) from error
    if u_column in line.cells:
        try:
            u = float(plain_number(u_column, line.cells[u_column]))
        except ValueError as error:
            raise CellError(u_column, f'found "{line.cells[u_column]}"; expected a number') from error
        stated = line.cells.get("coverage") not in ("not stated", "coverage not stated")
        quantity = dataclasses.replace(
            quantity, u=u, u_origin=UncertaintyOrigin.STATED if stated else UncertaintyOrigin.COVERAGE_NOT_STATED
        )
    if "threshold_meaning" in line.cells and quantity.censoring is Censoring.BELOW:
        try:
            quantity = dataclasses.replace(
                quantity, threshold_meaning=ThresholdMeaning(line.cells["threshold_meaning"])
            )
        except ValueError as error:
            raise CellError("threshold_meaning", f"expected one of {', '.join(ThresholdMeaning)}") from error
    if "n" in line.cells:
        quantity = dataclasses.replace(quantity, n=int(line.cells["n"]))
    return quantity
