"""What a sample is, and what a code means: the first question of every other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labdb.connection import Reader
from labdb.errors import InputError, UnknownNameError
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, UncertaintyOrigin

if TYPE_CHECKING:
    from sqlmodel import Session

    Source = Session | Reader
    """Where a question is asked: a session, or the bare connection, which starts in a tenth of the time."""

# SQLite takes 32766 parameters in one query, PostgreSQL 65535.
_MANY = 10_000

# What a name means first, where it names more than one thing: a sample before a leach test of the same name.
_PRECEDENCE = ("sample", "batch", "leach_test", "study")

_SUBJECTS = "a sample, a batch, a leach test or a study"


@dataclass(frozen=True)
class SampleRef:
    """A sample as its evidence needs it; ``loading_from`` and ``w_from`` name the samples those two are recorded on."""

    code: str
    kind: str
    batch: str | None
    composition: str | None
    condition: str | None
    medium: str | None
    particle_loading: Quantity | None
    w: Quantity | None
    alternative_of: str | None
    loading_from: str | None = None
    w_from: str | None = None


def rows(session: Source, sql: str, **parameters: object) -> Sequence[Mapping[str, Any]]:
    """Run a query on the public views and return its rows as mappings.

    Parameters
    ----------
    session : Source
        A session of the lab, or its bare connection.
    sql : str
        A query with ``:name`` parameters; a list of texts stands behind ``IN``.
    **parameters : object
        Their values.

    Returns
    -------
    sequence of mapping
        One a row.
    """
    if isinstance(session, Reader):
        return session.named_rows(sql, parameters)
    import sqlalchemy as sa

    text = sa.text(sql)
    for name, value in parameters.items():
        if isinstance(value, list | tuple):
            text = text.bindparams(sa.bindparam(name, expanding=True, type_=sa.String()))
    return [dict(row) for row in session.connection().execute(text, parameters).mappings()]


def chunks(codes: Iterable[str]) -> Iterator[list[str]]:
    """Cut codes into lists that a database takes as parameters of one query.

    Parameters
    ----------
    codes : iterable of str
        Any number.

    Yields
    ------
    list of str
        At most ten thousand.
    """
    every = list(codes)
    for start in range(0, len(every), _MANY):
        yield every[start : start + _MANY]


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


def resolve(session: Source, name: str) -> tuple[str, str]:
    """Find what a code or alias names.

    Parameters
    ----------
    session : Source
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
    found = rows(session, "SELECT table_name, code FROM code_index WHERE code = :name", name=name) or rows(
        session,
        "SELECT table_name, code FROM code_index WHERE code IN (SELECT subject FROM alias WHERE name = :name)",
        name=name,
    )
    if not found:
        known = rows(
            session,
            "SELECT code FROM code_index WHERE table_name IN :tables UNION ALL SELECT name FROM alias ORDER BY 1",
            tables=list(_PRECEDENCE),
        )
        raise UnknownNameError("sample, batch, leach test or other code", name, [row["code"] for row in known])
    order = {table: place for place, table in enumerate(_PRECEDENCE)}
    first = min(found, key=lambda row: (order.get(row["table_name"], len(order)), row["table_name"]))
    return str(first["table_name"]), str(first["code"])


def find_sample(session: Source, name: str) -> SampleRef:
    """Find a sample by code or alias.

    Parameters
    ----------
    session : Source
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
        known = rows(session, "SELECT code FROM samples UNION ALL SELECT name FROM alias ORDER BY 1")
        raise UnknownNameError("sample", name, [row["code"] for row in known])
    row = next((one for one in found if one["code"] == name), found[0])
    generations = _generations(session, [row["code"]], "child", "parent")
    above = {code for level in generations for code in level}
    known_above = {one["code"]: one for part in chunks(above) for one in _samples(session, part)}
    levels = [[row], *([known_above[code] for code in level] for level in generations)]
    with_w = _nearest(levels, "perovskite_mass_fraction", "u_perovskite_mass_fraction")
    with_loading = _nearest(_undiluted(levels), "particle_loading_mg_per_ml", "u_particle_loading_mg_per_ml")
    composed, batched = _nearest(levels, "composition"), _nearest(levels, "batch")
    return SampleRef(
        code=row["code"],
        kind=row["kind"],
        batch=None if batched is None else batched["batch"],
        composition=None if composed is None else composed["composition"],
        condition=row["condition"],
        medium=row["medium"],
        particle_loading=_stated(with_loading, "particle_loading_mg_per_ml", "mg/mL", "particle_loading"),
        w=_stated(with_w, "perovskite_mass_fraction", "1", "perovskite_mass_fraction"),
        alternative_of=row["alternative_of"],
        loading_from=None if with_loading is None else with_loading["code"],
        w_from=None if with_w is None else with_w["code"],
    )


def _samples(session: Source, codes: list[str]) -> Sequence[Mapping[str, Any]]:
    return rows(session, "SELECT * FROM samples WHERE code IN :codes", codes=codes)


def _nearest(levels: list[list[Mapping[str, Any]]], *names: str) -> Mapping[str, Any] | None:
    """Find the nearest generation that states something; None where the parents of a pool state it differently."""
    for level in levels:
        stating = [one for one in level if one[names[0]] is not None]
        if stating:
            same = len(stating) == len(level) and len({tuple(one[name] for name in names) for one in stating}) == 1
            return stating[0] if same else None
    return None


def _undiluted(levels: list[list[Mapping[str, Any]]]) -> list[list[Mapping[str, Any]]]:
    """A portion of a suspension, itself without a loading, is as thick as what it was taken from: suspensions only."""
    kept = levels[:1]
    for level in levels[1:]:
        if any(one["kind"] != "suspension" for one in (*kept[-1], *level)):
            break
        kept.append(level)
    return kept


def _stated(row: Mapping[str, Any] | None, name: str, unit: str, kind: str) -> Quantity | None:
    return None if row is None else _quantity(row[name], unit, kind, row[f"u_{name}"])


def _quantity(value: float, unit: str, kind: str, u: float | None) -> Quantity:
    return Quantity(value, unit, kind, u=u, u_origin=None if u is None else UncertaintyOrigin.STATED)


def ancestors(session: Source, code: str) -> list[str]:
    """List what a sample came from, nearest first.

    Parameters
    ----------
    session : Source
        A session of the lab.
    code : str
        The sample's code.

    Returns
    -------
    list of str
        Parents, their parents, and so on; each once.
    """
    return [one for level in _generations(session, [code], "child", "parent") for one in level]


def descendants(session: Source, code: str) -> list[str]:
    """List what came from a sample, nearest first.

    Parameters
    ----------
    session : Source
        A session of the lab.
    code : str
        The sample's code.

    Returns
    -------
    list of str
        Children, their children, and so on; each once.
    """
    return [one for level in _generations(session, [code], "parent", "child") for one in level]


def _generations(session: Source, codes: list[str], of: str, wanted: str) -> list[list[str]]:
    """Follow origins generation by generation: one query for each, however many samples stand in it."""
    seen = set(codes)
    levels: list[list[str]] = []
    level = codes
    while level:
        sql = f"SELECT {wanted} AS next FROM sample_origins WHERE {of} IN :codes"  # noqa: S608 - columns of ours
        found = {row["next"] for part in chunks(level) for row in rows(session, sql, codes=part)}
        level = sorted(found - seen)
        seen |= found
        if level:
            levels.append(level)
    return levels


def roots(session: Source, codes: Iterable[str]) -> dict[str, str]:
    """Tell what each sample came from in the end, with as many queries as there are generations.

    Parameters
    ----------
    session : Source
        A session of the lab.
    codes : iterable of str
        Samples.

    Returns
    -------
    dict
        Code to the code of its farthest forebear; of several the first by code; itself if it came from nothing.
    """
    parents: dict[str, list[str]] = {}
    pending = set(codes)
    wanted = sorted(pending)
    while pending:
        sql = "SELECT child, parent FROM sample_origins WHERE child IN :codes ORDER BY child, parent"
        found = [row for part in chunks(sorted(pending)) for row in rows(session, sql, codes=part)]
        for row in found:
            parents.setdefault(row["child"], []).append(row["parent"])
        pending = {row["parent"] for row in found} - parents.keys()
    return {code: _farthest(code, parents) for code in wanted}


def _farthest(code: str, parents: Mapping[str, list[str]]) -> str:
    seen = {code}
    while above := [one for one in parents.get(code, []) if one not in seen]:
        code = above[0]
        seen.add(code)
    return code


def samples_of(session: Source, subject: str) -> list[str]:
    """List the samples a subject stands for: itself and all that came from it; of a batch, all its samples.

    Parameters
    ----------
    session : Source
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
    InputError
        The code names something that stands for no sample: an instrument, a lot.
    """
    table, code = resolve(session, subject)
    if table not in _PRECEDENCE:
        raise InputError(f"{code} ({table.replace('_', ' ')}) stands for no sample; expected {_SUBJECTS}")
    if table == "sample":
        own = [code]
    else:
        sql = {
            "batch": "SELECT code FROM samples WHERE batch = :code ORDER BY code",
            "leach_test": "SELECT sample AS code FROM leach_tests WHERE code = :code",
            "study": "SELECT sample AS code FROM studies WHERE code = :code",
        }[table]
        own = [row["code"] for row in rows(session, sql, code=code)]
    below = [one for level in _generations(session, own, "parent", "child") for one in level]
    return [*own, *below]
