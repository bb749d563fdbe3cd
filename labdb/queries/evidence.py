"""What a sample is, and what a code means: the first question of every other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from labdb.errors import UnknownNameError
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, UncertaintyOrigin


@dataclass(frozen=True)
class SampleRef:
    """A sample as its evidence needs it."""

    code: str
    kind: str
    batch: str | None
    composition: str | None
    condition: str | None
    medium: str | None
    particle_loading: Quantity | None
    w: Quantity | None
    alternative_of: str | None


def rows(session: Session, sql: str, **parameters: object) -> Sequence[Mapping[str, Any]]:
    """Run a query on the public views and return its rows as mappings.

    Parameters
    ----------
    session : Session
        A session of the lab.
    sql : str
        A query with ``:name`` parameters.
    **parameters : object
        Their values.

    Returns
    -------
    sequence of mapping
        One a row.
    """
    return [dict(row) for row in session.connection().execute(sa.text(sql), parameters).mappings()]


def quantity_of(row: Mapping[str, Any]) -> Quantity:
    """Make the quantity of a row of the view ``observations``.

    Parameters
    ----------
    row : mapping
        With value, unit, quantity, u, u_origin, censoring, threshold_meaning, n.

    Returns
    -------
    Quantity
        The stored quantity.
    """
    return Quantity(
        row["value"],
        row["unit"],
        row["quantity"],
        u=row["u"],
        u_origin=UncertaintyOrigin(row["u_origin"]) if row["u_origin"] else None,
        censoring=Censoring(row["censoring"]),
        threshold_meaning=ThresholdMeaning(row["threshold_meaning"]) if row["threshold_meaning"] else None,
        n=row["n"],
    )


def resolve(session: Session, name: str) -> tuple[str, str]:
    """Find what a code or alias names.

    Parameters
    ----------
    session : Session
        A session of the lab.
    name : str
        Any code, or another name of it.

    Returns
    -------
    tuple of (str, str)
        Table and code.

    Raises
    ------
    UnknownNameError
        Nothing has this name; offers the nearest.
    """
    sql = (
        "SELECT table_name, code FROM code_index "
        "WHERE code = :name OR code = (SELECT subject FROM alias WHERE name = :name)"
    )
    found = rows(session, sql, name=name)
    if not found:
        known = [
            row["code"]
            for row in rows(
                session,
                "SELECT code FROM code_index "
                "WHERE table_name IN ('sample', 'batch', 'leach_test', 'study') ORDER BY code",
            )
        ]
        aliases = [row["name"] for row in rows(session, "SELECT name FROM alias ORDER BY name")]
        raise UnknownNameError("sample, batch, leach test or other code", name, known + aliases)
    return str(found[0]["table_name"]), str(found[0]["code"])


def find_sample(session: Session, name: str) -> SampleRef:
    """Find a sample by code or alias.

    Parameters
    ----------
    session : Session
        A session of the lab.
    name : str
        A code or alias.

    Returns
    -------
    SampleRef
        The sample, with its loading and perovskite mass fraction (its own, or its nearest ancestor's).

    Raises
    ------
    UnknownNameError
        There is no such sample; names the nearest.
    """
    sql = "SELECT * FROM samples WHERE code = :name OR code = (SELECT subject FROM alias WHERE name = :name)"
    found = rows(session, sql, name=name)
    if not found:
        codes = [row["code"] for row in rows(session, "SELECT code FROM samples ORDER BY code")]
        codes += [row["name"] for row in rows(session, "SELECT name FROM alias ORDER BY name")]
        raise UnknownNameError("sample", name, codes)
    row = found[0]
    above = [
        row,
        *(
            rows(session, "SELECT * FROM samples WHERE code = :code", code=code)[0]
            for code in ancestors(session, row["code"])
        ),
    ]
    with_w = next((one for one in above if one["perovskite_mass_fraction"] is not None), None)
    loading = row["particle_loading_mg_per_ml"]
    return SampleRef(
        code=row["code"],
        kind=row["kind"],
        batch=row["batch"] or next((one["batch"] for one in above if one["batch"]), None),
        composition=row["composition"] or next((one["composition"] for one in above if one["composition"]), None),
        condition=row["condition"],
        medium=row["medium"],
        particle_loading=None
        if loading is None
        else _quantity(loading, "mg/mL", "particle_loading", row["u_particle_loading_mg_per_ml"]),
        w=None
        if with_w is None
        else _quantity(
            with_w["perovskite_mass_fraction"], "1", "perovskite_mass_fraction", with_w["u_perovskite_mass_fraction"]
        ),
        alternative_of=row["alternative_of"],
    )


def _quantity(value: float, unit: str, kind: str, u: float | None) -> Quantity:
    return Quantity(value, unit, kind, u=u, u_origin=None if u is None else UncertaintyOrigin.STATED)


def ancestors(session: Session, code: str) -> list[str]:
    """List what a sample came from, nearest first.

    Parameters
    ----------
    session : Session
        A session of the lab.
    code : str
        The sample's code.

    Returns
    -------
    list of str
        Parents, their parents, and so on; each once.
    """
    return _follow(session, code, "SELECT parent AS next FROM sample_origins WHERE child = :code ORDER BY parent")


def descendants(session: Session, code: str) -> list[str]:
    """List what came from a sample, nearest first.

    Parameters
    ----------
    session : Session
        A session of the lab.
    code : str
        The sample's code.

    Returns
    -------
    list of str
        Children, their children, and so on; each once.
    """
    return _follow(session, code, "SELECT child AS next FROM sample_origins WHERE parent = :code ORDER BY child")


def _follow(session: Session, code: str, sql: str) -> list[str]:
    found: list[str] = []
    pending = [code]
    while pending:
        for row in rows(session, sql, code=pending.pop(0)):
            if row["next"] not in found and row["next"] != code:
                found.append(row["next"])
                pending.append(row["next"])
    return found


def samples_of(session: Session, subject: str) -> list[str]:
    """List the samples a subject stands for: itself and all that came from it; of a batch, all its samples.

    Parameters
    ----------
    session : Session
        A session of the lab.
    subject : str
        A sample, batch, leach test or study, by code or alias.

    Returns
    -------
    list of str
        Sample codes; the subject's own first.

    Raises
    ------
    UnknownNameError
        There is no such code.
    """
    table, code = resolve(session, subject)
    if table == "batch":
        own = [
            row["code"]
            for row in rows(session, "SELECT code FROM samples WHERE batch = :code ORDER BY code", code=code)
        ]
        return list(dict.fromkeys([*own, *(child for one in own for child in descendants(session, one))]))
    if table in ("leach_test", "study"):
        view = {"leach_test": "leach_tests", "study": "studies"}[table]
        return [str(rows(session, f"SELECT sample FROM {view} WHERE code = :code", code=code)[0]["sample"])]  # noqa: S608
    return [code, *descendants(session, code)]
