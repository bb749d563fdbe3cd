"""Quantities typed as options: read with their unit, converted once, here at the edge."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labdb.quantity import Quantity


def read_quantity(text: str, option: str, kind: str, default_unit: str | None = None) -> "Quantity":
    """Read a quantity typed behind an option.

    Parameters
    ----------
    text : str
        "0.5000(11) mg/mL", "10 ug/L", "42d".
    option : str
        The option, for the message.
    kind : str
        The quantity kind expected.
    default_unit : str, optional
        The unit of a number typed without one; a unit must be typed if not given.

    Returns
    -------
    Quantity
        In the unit typed.

    Raises
    ------
    InputError
        It cannot be read; names the option.

    Examples
    --------
    >>> print(read_quantity("0.5000(11) mg/mL", "--loading", "particle_loading"))
    0.5000(11) mg/mL
    """
    from labdb.errors import InputError
    from labdb.quantity import parse_quantity

    try:
        return parse_quantity(text, kind=kind, default_unit=default_unit)
    except InputError as error:
        raise InputError(f"{option}: {error}") from error


def read_number(text: str | None, option: str, kind: str, unit: str, default_unit: str | None = None) -> float | None:
    """Read a plain value typed behind an option, in the unit a method wants.

    Parameters
    ----------
    text : str or None
        "42d", "10 mg"; None stays None.
    option : str
        The option, for the message.
    kind : str
        The quantity kind expected.
    unit : str
        The unit to convert to.
    default_unit : str, optional
        The unit of a number typed without one.

    Returns
    -------
    float or None, scalar [unit]
        The value.

    Raises
    ------
    InputError
        It cannot be read, or is a bound ("< 10 mg").

    Examples
    --------
    >>> read_number("6 weeks", "--at", "elapsed_time", "d")
    42.0
    """
    from labdb.errors import InputError
    from labdb.quantity import Censoring

    if text is None:
        return None
    typed = read_quantity(text, option, kind, default_unit)
    if typed.censoring is not Censoring.NONE:
        raise InputError(f'{option}: found "{text}", a bound; expected a value')
    return typed.to(unit).value
