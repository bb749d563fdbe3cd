"""Command: limits, what an authority, a paper or the laboratory allows; listed and shown with source and standing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labdb.cli import group
from labdb.cli.options import CsvOption, JsonOption, LabOption
from labdb.cli.output import emit

if TYPE_CHECKING:
    from labdb.compliance.limit import Limit

_ONE = {
    "id": "string",
    "authority": "string",
    "document": "string",
    "edition": "string",
    "citation": "string",
    "clause": "string",
    "kind": "string",
    "basis": "string",
    "route": "string",
    "matrix": "string",
    "value": "number",
    "upper": "number?",
    "unit": "string",
    "operator": "=<=|<|>=|>|within",
    "status": "=in force|provisional|withdrawn|derived|unverified attribution",
    "mark": ("string", "how the number was checked: read in a source, or from memory"),
    "note": "string",
    "valid_from": "string?",
    "valid_to": "string?",
    "at_dose_gy": "number?",
    "at_age_d": "number?",
    "digest": ("string", "SHA-256 of the limit's canonical JSON; a verdict names it"),
}
SCHEMAS = {"limits-list": _ONE, "limits-show": _ONE}


def register(app: typer.Typer) -> None:
    """Hang `labdb limits list|show` into the app."""
    limits = group(app, "limits", "Limits: list them, show one with its citation and standing.")
    limits.command("list")(list_limits)
    limits.command("show")(show_limit)


def list_limits(
    kind: Annotated[str | None, typer.Option("--kind", help="Only on this quantity kind (name or alias).")] = None,
    status: Annotated[
        str | None, typer.Option("--status", help='Only of this status: "in force", withdrawn, ...')
    ] = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """List the limits this lab can judge by: the shipped ones and those in its own folder limits/.

    Example: labdb limits list --kind released_lead_mass_fraction
    """
    from labdb.compliance.limit import LimitStatus
    from labdb.errors import UnknownNameError
    from labdb.quantity import quantity_kind

    if status is not None and status not in [one.value for one in LimitStatus]:
        raise UnknownNameError("status", status, [one.value for one in LimitStatus])
    wanted = quantity_kind(kind).name if kind is not None else None
    found = [
        one
        for one in known_limits(lab).values()
        if (wanted is None or one.kind == wanted) and (status is None or one.status.value == status)
    ]
    columns: list[str | tuple[str, str]] = ["id", "limit", "kind", "basis", "status", "mark", "authority"]
    some = found[0].id if found else "PAPER-5UGG"
    emit(
        "limits-list",
        [_row(one) for one in found] if as_json else [{**_row(one), "limit": str(one)} for one in found],
        columns=columns,
        as_json=as_json,
        as_csv=as_csv,
        title=None if found else f"No limit{f' on {wanted}' if wanted else ''}{f' {status}' if status else ''}.",
        next_step=f"labdb limits show {some}",
    )


def show_limit(
    name: Annotated[str, typer.Argument(metavar="ID", help="The limit's id.")],
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one limit: what it says, where it stands, whether it binds, how its number was checked.

    Example: labdb limits show PAPER-5UGG
    """
    from labdb.errors import UnknownNameError

    known = known_limits(lab)
    if name not in known:
        raise UnknownNameError("limit", name, known)
    one = known[name]
    emit(
        "limits-show",
        [_row(one)],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=_lines(one),
        next_step=f"labdb assess SAMPLE --limit {one.id}",
    )


def known_limits(lab: Path | None) -> "dict[str, Limit]":
    """Read the shipped limits and the lab's own; outside of any lab, the shipped ones.

    Parameters
    ----------
    lab : Path or None
        What ``--lab`` says.

    Returns
    -------
    dict
        Limits by id.
    """
    from labdb.cli.options import config_of, lab_folder
    from labdb.compliance.limit import limits
    from labdb.errors import InputError

    try:
        own = config_of(lab).folder / "limits"
    except InputError:
        if lab_folder(lab) is not None:
            raise
        return limits()
    return limits(own) if own.is_dir() else limits()


def _row(one: "Limit") -> dict[str, Any]:
    return {**one.as_json(), "digest": one.digest()}


def _lines(one: "Limit") -> list[str]:
    from labdb.compliance.limit import limit_status_words
    from labdb.quantity import quantity_kind

    words = limit_status_words(one)
    fields = [
        ("on", f"{quantity_kind(one.kind).label} ({one.kind}), basis {one.basis.value.replace('_', ' ')}"),
        ("matrix", one.matrix),
        ("route", one.route),
        ("at dose", f"{one.at_dose_gy:g} Gy" if one.at_dose_gy is not None else ""),
        ("at age", f"{one.at_age_d:g} d" if one.at_age_d is not None else ""),
        ("authority", one.authority),
        ("document", f"{one.document}, edition {one.edition}"),
        ("clause", one.clause),
        ("citation", one.citation),
        ("status", f"{one.status.value}: every verdict says ({words})" if words else one.status.value),
        ("valid", _validity(one)),
        ("mark", one.mark),
        ("note", one.note),
        ("digest", one.digest()[:16]),
    ]
    return [f"{one.id}  {one}", *(f"  {name:<10}{value}" for name, value in fields if value)]


def _validity(one: "Limit") -> str:
    parts = [f"from {one.valid_from}" if one.valid_from else "", f"to {one.valid_to}" if one.valid_to else ""]
    return " ".join(part for part in parts if part)
