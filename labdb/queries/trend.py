"""How a quantity changes with age: readings, normalised to t = 0 of their vial, and means over vials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labdb.errors import InputError
from labdb.kinds import quantity_kind
from labdb.quantity import Censoring, Quantity, UncertaintyOrigin, parse_quantity
from labdb.queries.evidence import chunks, quantity_of, resolve, roots, rows, samples_of
from labdb.queries.replicate import Average, average
from labdb.queries.vial import normalised_vial, settings_notes
from labdb.stability.retention import mean_over_vials

if TYPE_CHECKING:
    import pandas as pd

    from labdb.queries.evidence import Source
    from labdb.stability.degradation import DegradationFit

_RETENTION_OF = {
    "photoluminescence_intensity": "photoluminescence_retention",
    "radioluminescence_intensity": "radioluminescence_retention",
}


@dataclass(frozen=True)
class Point:
    """One reading of one vial; with --normalise its value over that of t = 0. ``pull_d`` is the pull it belongs to."""

    sample: str
    root: str
    batch: str | None
    composition: str | None
    condition: str | None
    study: str | None
    vial: str
    age_d: float
    quantity: Quantity
    u_own: float | None
    measurement: str
    pull_d: float


@dataclass(frozen=True)
class TrendSeries:
    """What one sample does in one condition: the mean over vials at each age, and what the whole says."""

    sample: str
    composition: str | None
    condition: str | None
    study: str | None
    ages_d: tuple[float, ...]
    means: tuple[Quantity, ...]
    n_vials: tuple[int, ...]
    fit: DegradationFit | None
    sentence: str
    dofs: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Trend:
    """A quantity against age."""

    kind: str
    unit: str
    normalised: bool
    points: tuple[Point, ...]
    series: tuple[TrendSeries, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def frame(self) -> pd.DataFrame:
        """Every reading as a DataFrame row."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "sample": point.sample,
                    "batch": point.batch,
                    "composition": point.composition,
                    "condition": point.condition,
                    "study": point.study,
                    "vial": point.vial,
                    "age_d": point.age_d,
                    "value": point.quantity.value,
                    "u": point.quantity.u,
                    "unit": point.quantity.unit,
                    "censoring": point.quantity.censoring.value,
                    "n": point.quantity.n,
                    "measurement": point.measurement,
                }
                for point in self.points
            ],
            columns=[
                "sample",
                "batch",
                "composition",
                "condition",
                "study",
                "vial",
                "age_d",
                "value",
                "u",
                "unit",
                "censoring",
                "n",
                "measurement",
            ],
        )


def trend(
    session: Source,
    kind: str,
    *,
    sample: str | None = None,
    condition: str | None = None,
    study: str | None = None,
    batch: str | None = None,
    normalise: str | None = None,
) -> Trend:
    """Gather a quantity against age.

    Parameters
    ----------
    session : Source
        A session of the lab.
    kind : str
        Quantity kind or alias: PL, Pb, plqy.
    sample, condition, study, batch : str, optional
        Only these; a sample with all that came from it.
    normalise : str, optional
        The age every vial is divided by: "0d". Readings with a reference reading beside them are divided by it first. A
        vial that cannot be divided is left out and named in the notes.

    Returns
    -------
    Trend
        Readings, and for each sample and condition the means over vials with what they show.

    Raises
    ------
    UnknownNameError
        No such kind, sample, condition or study.
    InputError
        Nothing of this kind has an age, or no vial has the age to normalise by.
    """
    wanted = quantity_kind(kind)
    subjects = [one for one in (sample, batch) if one]
    found = _readings(session, wanted.name, subjects, condition, study)
    if not found:
        raise InputError(
            f"no {wanted.label} with an age{_of(subjects, condition, study)}. "
            "Readings get one by --age, by a study, or by a column age"
        )
    # Each leach test is a series of its own: at another loading the same release is another concentration.
    root_of = roots(session, {row["sample"] for row in found}) | {
        row["sample"]: row["sample"] for row in found if row["leach_test"]
    }
    pull_of = _pull_finder(session, found)
    at = None if normalise is None else _age(normalise)
    notes: list[str] = []
    points: list[Point] = []
    for readings in _by_vial(found).values():
        notes += settings_notes(readings)
        pulls = [pull_of(row) for row in readings]
        if at is None:
            said = [(row, quantity, quantity.u) for row, quantity in ((row, quantity_of(row)) for row in readings)]
        else:
            said, more = normalised_vial(readings, pulls, at, _RETENTION_OF.get(wanted.name, wanted.name))
            notes += more
        points += [_point(row, root_of, quantity, own, pull_of(row)) for row, quantity, own in said]
    if not points:
        raise InputError("; ".join(dict.fromkeys(notes)))
    ordered = tuple(sorted(points, key=_order))
    return Trend(
        kind=_RETENTION_OF.get(wanted.name, wanted.name) if normalise else wanted.name,
        unit="1" if normalise else wanted.unit,
        normalised=normalise is not None,
        points=ordered,
        series=tuple(_series(group, normalised=normalise is not None) for group in _groups(ordered)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _order(point: Point) -> tuple[str, str, str, float, str, str]:
    return point.root, point.condition or "", point.study or "", point.age_d, point.vial, point.measurement


def _age(text: str) -> float:
    return parse_quantity(text, kind="elapsed_time", default_unit="d").to("d").value


def _of(subjects: list[str], condition: str | None, study: str | None) -> str:
    parts = [
        f" of {' and '.join(subjects)}" if subjects else "",
        f" in {condition}" if condition else "",
        f" in study {study}" if study else "",
    ]
    return "".join(parts)


def _readings(
    session: Source, kind: str, subjects: list[str], condition: str | None, study: str | None
) -> list[Mapping[str, Any]]:
    sql = (
        "SELECT o.*, r.value AS reference, e.excitation_nm, e.slit_nm, e.integration_time_s, e.laser_power_mw, "
        "e.detector FROM observations o "
        "JOIN measurement m ON m.code = o.measurement AND m.void_change_id IS NULL "
        "LEFT JOIN result r ON r.measurement_id = m.id AND r.kind = 'reference_intensity' "
        "AND r.void_change_id IS NULL "
        "LEFT JOIN emission_settings e ON e.measurement_id = m.id AND e.void_change_id IS NULL "
        "WHERE o.quantity = :kind AND o.value IS NOT NULL AND o.age_d IS NOT NULL"
    )
    parameters: dict[str, object] = {"kind": kind}
    if condition:
        parameters["condition"] = _checked(session, "condition", condition)
        sql += " AND o.condition = :condition"
    if study:
        parameters["study"] = _checked(session, "study", study)
        sql += " AND o.study = :study"
    found = rows(session, sql, **parameters)
    for subject in subjects:
        wanted = set(samples_of(session, subject))
        found = [row for row in found if row["sample"] in wanted]
    return sorted(found, key=lambda row: (row["sample"], row["vial"] or "", row["age_d"], row["measurement"]))


def _checked(session: Source, table: str, code: str) -> str:
    found, known = resolve(session, code)
    if found != table:
        raise InputError(f"{code} is a {found.replace('_', ' ')}, not a {table}")
    return known


def _pull_finder(session: Source, found: Sequence[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], float]:
    """Tell to which pull a reading belongs: the nearest planned one of its study within the window, else its own age.

    Vials of one pull are read one after the other; their ages differ by minutes, and they are one pull all the same.
    """
    studies = sorted({row["study"] for row in found if row["study"]})
    planned: dict[str, list[tuple[float, float]]] = {}
    for part in chunks(studies):
        for row in rows(session, "SELECT DISTINCT study, age_d, window_d FROM pulls WHERE study IN :codes", codes=part):
            planned.setdefault(row["study"], []).append((row["age_d"], row["window_d"] or 0.0))

    def pull_of(row: Mapping[str, Any]) -> float:
        age = float(row["age_d"])
        near = [
            (abs(at - age), at) for at, window in planned.get(row["study"] or "", []) if abs(at - age) <= window + 1e-9
        ]
        return min(near)[1] if near else age

    return pull_of


def _by_vial(found: list[Mapping[str, Any]]) -> dict[tuple[str, str, str, str], list[Mapping[str, Any]]]:
    """Vial 1 of one study is not vial 1 of another; a series stands for one study, too."""
    vials: dict[tuple[str, str, str, str], list[Mapping[str, Any]]] = {}
    for row in found:
        key = (row["sample"], row["condition"] or "", row["study"] or "", row["vial"] or "")
        vials.setdefault(key, []).append(row)
    return vials


def _point(
    row: Mapping[str, Any], root_of: Mapping[str, str], quantity: Quantity, u_own: float | None, pull_d: float
) -> Point:
    return Point(
        sample=row["sample"],
        root=root_of[row["sample"]],
        batch=row["batch"],
        composition=row["composition"],
        condition=row["condition"],
        study=row["study"],
        vial=row["vial"] or row["sample"],
        age_d=row["age_d"],
        quantity=quantity,
        u_own=u_own,
        measurement=row["measurement"],
        pull_d=pull_d,
    )


def _groups(points: tuple[Point, ...]) -> list[list[Point]]:
    groups: dict[tuple[str, str, str], list[Point]] = {}
    for point in points:
        groups.setdefault((point.root, point.condition or "", point.study or ""), []).append(point)
    return list(groups.values())


def mean_of(points: Sequence[Point]) -> tuple[Quantity, int, float | None]:
    """Average one pull: readings of a vial first, then vials.

    Parameters
    ----------
    points : sequence of Point
        Readings of one pull.

    Returns
    -------
    tuple of (Quantity, int, float or None)
        The mean with its standard uncertainty, the number of vials, and the degrees of freedom of u, None for many.
        Where none was detected, the largest bound; where some were, a bound of the mean (`labdb.queries.replicate`).
    """
    vials: dict[tuple[str, str], list[Average]] = {}
    for point in points:
        vials.setdefault((point.sample, point.vial), []).append(Average(point.quantity))
    each = [average(readings) for readings in vials.values()]
    quantities = [one.upper for one in each]
    if len(each) == 1 or any(one.censoring is not Censoring.NONE for one in quantities):
        mixed = average(each)
        return mixed.upper, len(each), mixed.dof
    mean = mean_over_vials([one.value for one in quantities], [one.u for one in quantities])
    u = 0.0 if mean.u is not None and all(one.u == 0.0 for one in quantities) else mean.u
    first = quantities[0]
    return (
        Quantity(
            mean.mean, first.unit, first.kind, u=u, u_origin=None if u is None else UncertaintyOrigin.COMPUTED, n=mean.n
        ),
        mean.n,
        mean.n - 1,
    )


def _series(group: list[Point], *, normalised: bool) -> TrendSeries:
    at: dict[float, list[Point]] = {}
    for point in group:
        at.setdefault(point.pull_d, []).append(point)
    ages = sorted(at)
    pulls = [mean_of(at[age]) for age in ages]
    fit = _fit(group, ages) if normalised else None
    last = pulls[-1][0]
    count = "1 age" if len(ages) == 1 else f"{len(ages)} ages"
    first = group[0]
    return TrendSeries(
        sample=first.root,
        composition=first.composition,
        condition=first.condition,
        study=first.study,
        ages_d=tuple(ages),
        means=tuple(quantity for quantity, _, _ in pulls),
        n_vials=tuple(number for _, number, _ in pulls),
        fit=fit,
        sentence=fit.sentence if fit else f"{count}; last {last} at {ages[-1]:g} d",
        dofs=tuple(dof for _, _, dof in pulls),
    )


def _fit(group: list[Point], ages: list[float]) -> DegradationFit | None:
    if len(ages) < 2 or any(point.quantity.censoring is not Censoring.NONE for point in group):
        return None
    us = [point.u_own for point in group]
    weights = None if any(u is None or u == 0.0 for u in us) else [float(u) for u in us if u is not None]
    from labdb.stability.degradation import fit_degradation  # numpy: only where a curve is fitted

    return fit_degradation([point.age_d for point in group], [point.quantity.value for point in group], weights)
