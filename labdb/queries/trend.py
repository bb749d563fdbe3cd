"""How a quantity changes with age: readings, normalised to t = 0 of their vial, and means over vials."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from labdb.errors import InputError
from labdb.kinds import quantity_kind
from labdb.quantity import Censoring, Quantity, UncertaintyOrigin, parse_quantity
from labdb.queries.evidence import ancestors, resolve, rows, samples_of
from labdb.stability.degradation import DegradationFit, fit_degradation
from labdb.stability.retention import mean_over_vials, retention

if TYPE_CHECKING:
    import pandas as pd

_RETENTION_OF = {
    "photoluminescence_intensity": "photoluminescence_retention",
    "radioluminescence_intensity": "radioluminescence_retention",
}
_SAME_SETTINGS = ("excitation_nm", "slit_nm", "integration_time_s", "laser_power_mw", "detector")


@dataclass(frozen=True)
class Point:
    """One reading of one vial; with --normalise its value over that of t = 0."""

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
    def frame(self) -> "pd.DataFrame":
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
    session: Session,
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
    session : Session
        A session of the lab.
    kind : str
        Quantity kind or alias: PL, Pb, plqy.
    sample, condition, study, batch : str, optional
        Only these.
    normalise : str, optional
        The age every vial is divided by: "0d". Readings with a reference reading beside them are divided by it first.

    Returns
    -------
    Trend
        Readings, and for each sample and condition the means over vials with what they show.

    Raises
    ------
    UnknownNameError
        No such kind, sample, condition or study.
    InputError
        Nothing of this kind has an age, or a vial lacks the age to normalise by.
    """
    wanted = quantity_kind(kind)
    found = _readings(session, wanted.name, sample or batch, condition, study)
    if not found:
        raise InputError(
            f"no {wanted.label} with an age{_of(sample or batch, condition, study)}. "
            "Readings get one by --age, by a study, or by a column age"
        )
    roots = {code: _root(session, code) for code in {row["sample"] for row in found}}
    vials = _by_vial(found)
    notes: list[str] = []
    points: list[Point] = []
    for readings in vials.values():
        notes += _settings_notes(readings)
        points += _normalised(readings, roots, normalise) if normalise else _plain(readings, roots)
    result_kind = _RETENTION_OF.get(wanted.name, wanted.name) if normalise else wanted.name
    ordered = tuple(
        sorted(
            points, key=lambda point: (point.root, point.condition or "", point.age_d, point.vial, point.measurement)
        )
    )
    return Trend(
        kind=result_kind,
        unit="1" if normalise else wanted.unit,
        normalised=normalise is not None,
        points=ordered,
        series=tuple(_series(group, normalised=normalise is not None) for group in _groups(ordered)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _of(sample: str | None, condition: str | None, study: str | None) -> str:
    parts = [
        f" of {sample}" if sample else "",
        f" in {condition}" if condition else "",
        f" in study {study}" if study else "",
    ]
    return "".join(parts)


def _readings(
    session: Session, kind: str, subject: str | None, condition: str | None, study: str | None
) -> list[Mapping[str, Any]]:
    sql = (
        "SELECT o.*, r.value AS reference, e.excitation_nm, e.slit_nm, e.integration_time_s, e.laser_power_mw, "
        "e.detector FROM observations o "
        "LEFT JOIN observations r ON r.measurement = o.measurement AND r.quantity = 'reference_intensity' "
        "LEFT JOIN measurement m ON m.code = o.measurement AND m.void_change_id IS NULL "
        "LEFT JOIN current_emission_settings e ON e.measurement_id = m.id "
        "WHERE o.quantity = :kind AND o.value IS NOT NULL AND o.age_d IS NOT NULL"
    )
    parameters: dict[str, object] = {"kind": kind}
    if condition:
        parameters["condition"] = _checked(session, "condition", condition)
        sql += " AND o.condition = :condition"
    if study:
        parameters["study"] = _checked(session, "study", study)
        sql += " AND o.study = :study"
    found = rows(session, f"{sql} ORDER BY o.sample, o.vial, o.age_d, o.replicate, o.measurement", **parameters)
    if subject is None:
        return list(found)
    wanted = set(samples_of(session, subject))
    return [row for row in found if row["sample"] in wanted]


def _checked(session: Session, table: str, code: str) -> str:
    found, known = resolve(session, code)
    if found != table:
        raise InputError(f"{code} is a {found}, not a {table}")
    return known


def _root(session: Session, code: str) -> str:
    """The sample a vial came from in the end: series are told by it."""
    above = ancestors(session, code)
    return above[-1] if above else code


def _by_vial(found: list[Mapping[str, Any]]) -> dict[tuple[str, str, str], list[Mapping[str, Any]]]:
    vials: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in found:
        vials.setdefault((row["sample"], row["condition"] or "", row["vial"] or ""), []).append(row)
    return vials


def _settings_notes(readings: list[Mapping[str, Any]]) -> list[str]:
    """Two intensities can be compared only if they were taken with the same settings."""
    different = [name for name in _SAME_SETTINGS if len({row[name] for row in readings}) > 1]
    return [
        f"{readings[0]['sample']}: readings were taken with different {name}; their ratio is not a retention"
        for name in different
    ]


def _quantity(row: Mapping[str, Any]) -> Quantity:
    from labdb.queries.evidence import quantity_of

    return quantity_of(row)


def _point(row: Mapping[str, Any], roots: dict[str, str], quantity: Quantity, u_own: float | None) -> Point:
    return Point(
        sample=row["sample"],
        root=roots[row["sample"]],
        batch=row["batch"],
        composition=row["composition"],
        condition=row["condition"],
        study=row["study"],
        vial=row["vial"] or row["sample"],
        age_d=row["age_d"],
        quantity=quantity,
        u_own=u_own,
        measurement=row["measurement"],
    )


def _plain(readings: list[Mapping[str, Any]], roots: dict[str, str]) -> list[Point]:
    return [_point(row, roots, quantity, quantity.u) for row, quantity in ((row, _quantity(row)) for row in readings)]


def _normalised(readings: list[Mapping[str, Any]], roots: dict[str, str], normalise: str) -> list[Point]:
    """Divide a vial's readings by that at t = 0; its uncertainty is common to all of them."""
    at = parse_quantity(normalise, kind="elapsed_time", default_unit="d").to("d").value
    index = next((number for number, row in enumerate(readings) if abs(row["age_d"] - at) < 1e-9), None)
    if index is None:
        ages = ", ".join(f"{row['age_d']:g} d" for row in readings)
        raise InputError(f"{readings[0]['sample']} has no reading at {at:g} d to normalise by; it has {ages}")
    if any(row["censoring"] != "none" for row in readings):
        raise InputError(f"{readings[0]['sample']}: a reading below its threshold cannot be normalised")
    references = None if any(row["reference"] is None for row in readings) else [row["reference"] for row in readings]
    known = all(row["u"] is not None and row["value"] > 0 for row in readings)
    u_relative = [row["u"] / row["value"] for row in readings] if known else None
    result = retention([row["value"] for row in readings], references, u_relative, index)
    kind = _RETENTION_OF.get(readings[0]["quantity"], readings[0]["quantity"])
    points = []
    for number, row in enumerate(readings):
        u = None if result.u is None else result.u[number]
        quantity = Quantity(
            result.retention[number], "1", kind, u=u, u_origin=None if u is None else UncertaintyOrigin.COMPUTED
        )
        points.append(_point(row, roots, quantity, None if result.u_own is None else result.u_own[number]))
    return points


def _groups(points: tuple[Point, ...]) -> list[list[Point]]:
    groups: dict[tuple[str, str, str], list[Point]] = {}
    for point in points:
        groups.setdefault((point.root, point.condition or "", point.study or ""), []).append(point)
    return list(groups.values())


def mean_of(points: list[Point]) -> tuple[Quantity, int]:
    """Average one pull over vials.

    Parameters
    ----------
    points : list of Point
        Readings of one age; a censored one keeps the mean from being formed.

    Returns
    -------
    tuple of (Quantity, int)
        The mean with its standard uncertainty, and the number of vials; of censored readings the largest bound.
    """
    censored = [point.quantity for point in points if point.quantity.censoring is not Censoring.NONE]
    if censored:
        return max(censored, key=lambda quantity: quantity.value), len(points)
    first = points[0].quantity
    if len(points) == 1:
        return first, 1
    mean = mean_over_vials([point.quantity.value for point in points], [point.quantity.u for point in points])
    u = 0.0 if mean.u is not None and all(point.quantity.u == 0.0 for point in points) else mean.u
    return Quantity(
        mean.mean, first.unit, first.kind, u=u, u_origin=None if u is None else UncertaintyOrigin.COMPUTED, n=mean.n
    ), mean.n


def _series(group: list[Point], *, normalised: bool) -> TrendSeries:
    ages = sorted({point.age_d for point in group})
    pulls = [mean_of([point for point in group if point.age_d == age]) for age in ages]
    fit = _fit(group, ages) if normalised else None
    last = pulls[-1][0]
    sentence = fit.sentence if fit else f"{len(ages)} ages; last {last} at {ages[-1]:g} d"
    first = group[0]
    return TrendSeries(
        sample=first.root,
        composition=first.composition,
        condition=first.condition,
        study=first.study,
        ages_d=tuple(ages),
        means=tuple(quantity for quantity, _ in pulls),
        n_vials=tuple(number for _, number in pulls),
        fit=fit,
        sentence=sentence,
    )


def _fit(group: list[Point], ages: list[float]) -> DegradationFit | None:
    if len(ages) < 2 or any(point.quantity.censoring is not Censoring.NONE for point in group):
        return None
    us = [point.u_own for point in group]
    weights = None if any(u is None or u == 0.0 for u in us) else [float(u) for u in us if u is not None]
    return fit_degradation([point.age_d for point in group], [point.quantity.value for point in group], weights)
