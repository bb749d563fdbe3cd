"""How much light is left: PL after storage (mean over vials at a pull), RL after a dose (after over before)."""

from dataclasses import dataclass

from sqlmodel import Session

from labdb.quantity import Quantity, UncertaintyOrigin
from labdb.queries.dose import dose_of
from labdb.queries.evidence import rows, samples_of
from labdb.queries.trend import trend
from labdb.stability.retention import retention


@dataclass(frozen=True)
class StorageRetention:
    """PL retention of one sample in one condition, at its last pull or the one asked for."""

    sample: str
    condition: str | None
    age_d: float
    retention: Quantity
    n_vials: int
    sentence: str
    measurements: tuple[str, ...]


@dataclass(frozen=True)
class DoseRetention:
    """RL retention of one aliquot over one exposure."""

    sample: str
    irradiation: str
    dose: Quantity | None
    retention: Quantity
    measurements: tuple[str, ...]


def pl_retention(
    session: Session, subject: str, condition: str | None = None, at_d: float | None = None
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

    Returns
    -------
    list of StorageRetention
        Empty if there is no PL reading with an age.
    """
    from labdb.errors import InputError

    try:
        found = trend(session, "photoluminescence_intensity", sample=subject, condition=condition, normalise="0d")
    except InputError:
        return []
    given = []
    for series in found.series:
        age = series.ages_d[-1] if at_d is None else at_d
        if age not in series.ages_d:
            continue
        index = series.ages_d.index(age)
        used = tuple(
            point.measurement
            for point in found.points
            if point.root == series.sample
            and point.condition == series.condition
            and point.study == series.study
            and point.age_d in (0.0, age)
        )
        given.append(
            StorageRetention(
                series.sample, series.condition, age, series.means[index], series.n_vials[index], series.sentence, used
            )
        )
    return given


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
        In order of dose.
    """
    sql = (
        "SELECT o.sample, o.value, o.u, o.measurement, k.moment, i.code AS irradiation FROM observations o "
        "JOIN measurement m ON m.code = o.measurement AND m.void_change_id IS NULL "
        "JOIN current_radioluminescence_reading k ON k.measurement_id = m.id "
        "JOIN irradiation i ON i.id = k.irradiation_id "
        "WHERE o.quantity = 'radioluminescence_intensity' AND o.value IS NOT NULL "
        "ORDER BY o.sample, i.code, k.moment, o.measurement"
    )
    wanted = set(samples_of(session, subject))
    pairs: dict[tuple[str, str], dict[str, list[tuple[float, float | None, str]]]] = {}
    for row in rows(session, sql):
        if row["sample"] in wanted:
            pair = pairs.setdefault((row["sample"], row["irradiation"]), {"before": [], "after": []})
            pair[row["moment"]].append((row["value"], row["u"], row["measurement"]))
    given = []
    for (sample, irradiation), pair in pairs.items():
        if not pair["before"] or not pair["after"]:
            continue
        (before, u_before, first), (after, u_after, last) = pair["before"][0], pair["after"][-1]
        known = u_before is not None and u_after is not None
        u_relative = [(u_before or 0.0) / before, (u_after or 0.0) / after] if known else None
        result = retention([before, after], None, u_relative)
        u = None if result.u is None else result.u[1]
        quantity = Quantity(
            result.retention[1],
            "1",
            "radioluminescence_retention",
            u=u,
            u_origin=None if u is None else UncertaintyOrigin.COMPUTED,
        )
        given.append(DoseRetention(sample, irradiation, dose_of(session, irradiation)[0], quantity, (first, last)))
    return sorted(given, key=lambda one: (one.sample, one.dose.value if one.dose else 0.0))
