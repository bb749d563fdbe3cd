"""How much light is left: PL after storage (mean over vials at a pull), RL after a dose (after over before)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from labdb.quantity import Censoring, Quantity
from labdb.queries.dose import dose_of
from labdb.queries.evidence import quantity_of, resolve, rows, samples_of
from labdb.queries.replicate import Average, average
from labdb.queries.trend import trend
from labdb.queries.vial import ratio


@dataclass(frozen=True)
class StorageRetention:
    """PL retention of one sample in one condition and study, at its last pull or the one asked for.

    ``dof`` are the degrees of freedom of its u; None is many.
    """

    sample: str
    condition: str | None
    age_d: float
    retention: Quantity
    n_vials: int
    sentence: str
    measurements: tuple[str, ...]
    study: str | None = None
    dof: float | None = None


@dataclass(frozen=True)
class DoseRetention:
    """RL retention of one aliquot over one exposure; ``dof`` as in `StorageRetention`."""

    sample: str
    irradiation: str
    dose: Quantity | None
    retention: Quantity
    measurements: tuple[str, ...]
    dof: float | None = None


def pl_retention(
    session: Session, subject: str, condition: str | None = None, at_d: float | None = None, *, window_d: float = 1.0
) -> list[StorageRetention]:
    """Give PL retention per condition, averaged over vials.

    Parameters
    ----------
    session : Session
        A session of the lab.
    subject : str
        A sample, batch or study.
    condition : str, optional
        Only this one.
    at_d : float, optional, scalar [d]
        The pull to give; the last if not given. A series without a pull there is left out.
    window_d : float, scalar [d]
        How far from the age asked for a pull still counts as taken there.

    Returns
    -------
    list of StorageRetention
        Empty if there is no PL reading with an age, or none of its vials was read at 0 d.
    """
    from labdb.errors import InputError

    table, code = resolve(session, subject)
    study = code if table == "study" else None
    try:
        found = trend(
            session,
            "photoluminescence_intensity",
            sample=None if study else subject,
            study=study,
            condition=condition,
            normalise="0d",
        )
    except InputError:
        return []
    given = []
    for series in found.series:
        wanted = series.ages_d[-1] if at_d is None else at_d
        age = min(series.ages_d, key=lambda one: abs(one - wanted))
        if abs(age - wanted) > window_d:
            continue
        index = series.ages_d.index(age)
        used = tuple(
            point.measurement
            for point in found.points
            if (point.root, point.condition, point.study) == (series.sample, series.condition, series.study)
            and point.pull_d in (0.0, age)
        )
        given.append(
            StorageRetention(
                series.sample,
                series.condition,
                age,
                series.means[index],
                series.n_vials[index],
                series.sentence,
                used,
                series.study,
                series.dofs[index],
            )
        )
    return given


_READINGS = (
    "SELECT o.*, k.moment, i.code AS irradiation FROM observations o "
    "JOIN measurement m ON m.code = o.measurement AND m.void_change_id IS NULL "
    "JOIN radioluminescence_reading k ON k.measurement_id = m.id AND k.void_change_id IS NULL "
    "JOIN irradiation i ON i.id = k.irradiation_id AND i.void_change_id IS NULL "
    "WHERE o.quantity = 'radioluminescence_intensity' AND o.value IS NOT NULL ORDER BY o.measurement"
)


def rl_retention(session: Session, subject: str) -> list[DoseRetention]:
    """Give RL retention over each exposure that was measured before and after.

    Parameters
    ----------
    session : Session
        A session of the lab.
    subject : str
        A sample or batch; its aliquots are included.

    Returns
    -------
    list of DoseRetention
        In order of dose. Several readings before, or after, are averaged. An exposure before which no light was
        detected has no retention.
    """
    wanted = set(samples_of(session, subject))
    pairs: dict[tuple[str, str], dict[str, list[Mapping[str, Any]]]] = {}
    for row in rows(session, _READINGS):
        if row["sample"] in wanted:
            pair = pairs.setdefault((row["sample"], row["irradiation"]), {"before": [], "after": []})
            pair[row["moment"]].append(row)
    given = []
    for (sample, irradiation), pair in pairs.items():
        if not pair["before"] or not pair["after"]:
            continue
        before, after = (average([Average(quantity_of(row)) for row in pair[moment]]) for moment in ("before", "after"))
        if before.upper.censoring is not Censoring.NONE or not before.upper.value > 0.0:
            continue
        left = ratio(after.upper, before.upper, "radioluminescence_retention")[0]
        used = tuple(row["measurement"] for row in (*pair["before"], *pair["after"]))
        few = [one.dof for one in (before, after) if one.dof is not None]
        dof = min(few) if few else None  # of a ratio: never more than it has
        given.append(DoseRetention(sample, irradiation, dose_of(session, irradiation)[0], left, used, dof))
    return sorted(given, key=lambda one: (one.sample, one.dose.value if one.dose else 0.0, one.irradiation))
