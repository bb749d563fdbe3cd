"""Tell which form a table is: by its file's name, else by its columns."""

import re
from collections.abc import Iterable

from labdb.errors import InputError, UnknownNameError
from labdb.intake.form import Form, forms
from labdb.kinds import quantity_kind

_LEAST_SHARE = 0.5
"""A table is a form if at least half of its columns are the form's; a misspelt column is then named."""


def form_named(stem: str) -> Form | None:
    """Return the form a file is named after: samples.csv, samples_november.csv, "Beam_segments (2).csv".

    Parameters
    ----------
    stem : str
        The file's name without its ending.

    Returns
    -------
    Form or None
        The one with the longest name the file's begins with.

    Examples
    --------
    >>> found = form_named("protocol_steps-2026")
    >>> None if found is None else found.name
    'protocol_steps'
    """
    lower = stem.lower()
    fitting = [form for name, form in forms().items() if re.match(rf"{name}(?![a-z0-9])", lower)]
    return max(fitting, key=lambda form: len(form.name), default=None)


def recognize(stem: str, header: Iterable[str]) -> Form:
    """Tell which form a table is, by its file's name or by its columns.

    Parameters
    ----------
    stem : str
        The file's name without its ending.
    header : iterable of str
        The table's columns.

    Returns
    -------
    Form
        The form.

    Raises
    ------
    InputError
        None fits, or a column is unknown; names the nearest.
    """
    columns = list(header)
    given = frozenset(columns)
    form = form_named(stem) or _form_with(given)
    if form.check_others is not None:
        form.check_others(columns)
    elif given - form.names:
        unknown = next(name for name in columns if name not in form.names)
        raise UnknownNameError(f"column in form {form.name}", unknown, [column.name for column in form.columns])
    missing = sorted(form.required() - given)
    if missing:
        raise InputError(f"form {form.name} needs the column {', '.join(missing)}; empty form: labdb form {form.name}")
    return form


def _form_with(given: frozenset[str]) -> Form:
    """Find the one form whose columns a table has; two that fit equally well are not guessed between."""
    known = forms()
    shares = {name: _share(form, given) for name, form in known.items()}
    best = max(shares.values())
    if best < _LEAST_SHARE:
        raise InputError(
            f"this is no form labdb knows (columns {', '.join(sorted(given)[:6])}). "
            f"Empty forms: labdb form {' | '.join(known)}"
        )
    fitting = [form for name, form in known.items() if shares[name] == best]
    whole = [form for form in fitting if form.required() <= given] or fitting
    whole = [form for form in whole if form.names == given] or whole
    if len(whole) > 1:
        names = " or ".join(form.name for form in whole)
        raise InputError(f"the columns fit the form {names}; name the file after its form, e.g. {whole[0].name}.csv")
    return whole[0]


def _share(form: Form, given: frozenset[str]) -> float:
    """The share of a table's columns that belong to a form; quantity kinds belong to an open one."""
    if form.check_others is None:
        return len(given & form.names) / max(len(given), 1)
    if not form.required() <= given:
        return 0.0
    return sum(name in form.names or _names_kind(name) for name in given) / max(len(given), 1)


def _names_kind(column: str) -> bool:
    try:
        quantity_kind(re.split(r"[\[(]", column.removeprefix("u_"))[0].strip())
    except UnknownNameError:
        return False
    return True
