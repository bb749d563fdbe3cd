"""What no single cell can tell: kinds written by their name, units that fit, dates and times in order.

Applied to every row that a form takes in, and to what a correction would make of it.
"""

from collections.abc import Callable
from typing import Any

from labdb.errors import InputError
from labdb.intake.writer import CellError
from labdb.kinds import quantity_kind
from labdb.radiation.irradiation import DoseOrigin, Irradiation
from labdb.registry.instrument import Calibration
from labdb.registry.method import Method
from labdb.stability.study import Study

# What a method may measure besides quantity kinds: the curves that readers give.
_CURVES = ("emission_spectrum", "xrd_pattern", "decay", "instrument_response", "furnace_log")
_IN_THE_UNIT = ("limit_of_detection", "limit_of_quantification", "u_absolute")


def _kind(column: str, text: str) -> str:
    try:
        return quantity_kind(text).name
    except InputError as error:
        raise CellError(column, str(error)) from error


def _unit(kind: str, text: str) -> str:
    try:
        return quantity_kind(kind).read_unit(text)
    except InputError as error:
        raise CellError("unit", str(error)) from error


def _method(made: Method) -> None:
    """A method is found by its kind, and its numbers are nothing without their unit."""
    if made.kind in _CURVES:
        return
    made.kind = _kind("kind", made.kind)
    numbers = [name for name in _IN_THE_UNIT if getattr(made, name) is not None]
    if numbers and made.unit is None:
        raise CellError("unit", f"{numbers[0]} has no unit; write for example {quantity_kind(made.kind).unit}")
    if numbers and made.unit is not None:
        made.unit = _unit(made.kind, made.unit)


def _calibration(made: Calibration) -> None:
    if made.kind is not None:
        made.kind = _kind("kind", made.kind)
    if made.kind is not None and made.unit is not None:
        made.unit = _unit(made.kind, made.unit)
    if made.value is not None and made.unit is None:
        raise CellError("unit", f"the value {made.value:g} has no unit")
    if made.valid_to < made.valid_from:
        raise CellError("valid_to", f"found {made.valid_to}, before valid_from, {made.valid_from}")


def _irradiation(made: Irradiation) -> None:
    if (made.dose_origin is DoseOrigin.SEGMENTS) is (made.dose_gy is not None):
        if made.dose_gy is not None:
            raise CellError("dose_gy", "the dose is computed from the beam segments; leave it out, or name its origin")
        raise CellError("dose_gy", f"nothing stands here, and the dose is {made.dose_origin}; it is needed")


def _study(made: Study) -> None:
    kinds = [_kind("measure", part.strip()) for part in made.measure.split(",")]
    made.measure = ",".join(dict.fromkeys(kinds))


_CHECKS: dict[str, Callable[[Any], None]] = {
    "calibration": _calibration,
    "irradiation": _irradiation,
    "method": _method,
    "study": _study,
}


def make_consistent(table: str, made: object) -> None:
    """Write a record's kinds and units by their names, and refuse what contradicts itself.

    Parameters
    ----------
    table : str
        The table it goes into.
    made : Record or Table
        A validated record or row; changed in place.

    Raises
    ------
    CellError
        Names the column.
    """
    check = _CHECKS.get(table)
    if check is not None:
        check(made)
