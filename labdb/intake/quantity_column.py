"""The columns of a table that hold a quantity: its kind, its unit, and the column of its standard uncertainty."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from labdb.errors import InputError, UnitError, UnknownNameError
from labdb.kinds import quantity_kind, quantity_kinds

_WITH_UNIT = re.compile(r"^(?P<kind>[^\[\]()]+?)\s*[\[(](?P<unit>[^\])]+)[\])]$")


@dataclass(frozen=True, slots=True)
class QuantityColumn:
    """A column of values of one kind; ``unit`` is what a bare number in it is in, the canonical one if none is written.

    ``u_name`` is the column of its standard uncertainty, ``u_unit`` the unit written in that column's head.
    """

    name: str
    kind: str
    unit: str
    u_name: str | None = None
    u_unit: str | None = None


def _kind_and_unit(column: str, name: str) -> tuple[str, str | None]:
    """Read "Pb [ug/L]": the kind, and the unit if one is written."""
    match = _WITH_UNIT.match(name)
    kind = quantity_kind(match["kind"].strip() if match else name)
    if match is None:
        return kind.name, None
    try:
        return kind.name, kind.read_unit(match["unit"].strip())
    except UnitError as error:
        raise UnitError(f'column "{column}": {error}') from None


def quantity_columns(header: Iterable[str], own: frozenset[str]) -> dict[str, QuantityColumn]:
    """Tell which columns of a wide table hold a quantity.

    Parameters
    ----------
    header : iterable of str
        The table's columns: "Pb", "Pb [ug/L]", "u_Pb", names of kinds, and the form's own.
    own : frozenset of str
        The form's own columns, which are left out.

    Returns
    -------
    dict
        Column to what it holds, in the header's order; ``u_...`` columns are found beside their quantity.

    Raises
    ------
    UnknownNameError
        A column is neither one of the form's nor a quantity kind; names the nearest.
    UnitError
        A unit in the header is none of its kind.
    InputError
        Two columns of one kind, or a standard uncertainty without its quantity.

    Examples
    --------
    >>> found = quantity_columns(["sample", "Pb [mg/L]", "u_Pb"], frozenset({"sample"}))
    >>> found["Pb [mg/L]"]
    QuantityColumn(name='Pb [mg/L]', kind='lead_mass_concentration', unit='mg/L', u_name='u_Pb', u_unit=None)
    """
    found: dict[str, QuantityColumn] = {}
    beside: dict[str, tuple[str, str | None]] = {}
    for name in header:
        if name in own:
            continue
        try:
            kind, unit = _kind_and_unit(name, name.removeprefix("u_"))
        except UnknownNameError:
            raise UnknownNameError("column or quantity kind", name, [*sorted(own), *quantity_kinds()]) from None
        taken = beside if name.startswith("u_") else found
        if kind in taken:
            earlier = beside[kind][0] if taken is beside else found[kind].name
            raise InputError(f'the columns "{earlier}" and "{name}" are both {quantity_kind(kind).label}; keep one')
        if taken is beside:
            beside[kind] = (name, unit)
        else:
            found[kind] = QuantityColumn(name, kind, unit or quantity_kind(kind).unit)
    for kind, (name, unit) in beside.items():
        if kind not in found:
            raise InputError(f'the column "{name}" is an uncertainty, but there is no column of its quantity')
        found[kind] = replace(found[kind], u_name=name, u_unit=unit)
    return {column.name: column for column in found.values()}
