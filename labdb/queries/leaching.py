"""How much lead came out: the pulls of a leach test, from concentration to released mass fraction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from labdb.errors import UnknownNameError
from labdb.leaching.release import Pulling, cumulative_release, released_mass_fraction
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, UncertaintyOrigin
from labdb.queries.evidence import find_sample, quantity_of, resolve, rows, samples_of


@dataclass(frozen=True)
class LeachPull:
    """One pull: the concentration measured, and what it says per mass of particles."""

    age_d: float
    measurement: str
    concentration: Quantity
    released: Quantity | None
    instrument_reading_ug_per_l: float | None
    raw_file: str | None
    volume_before_pull_ml: float | None = None
    pulled_volume_ml: float | None = None


@dataclass(frozen=True)
class LeachSeries:
    """A leach test with its readings, in order of age."""

    test: str
    experiment: str | None
    alternative_of: str | None
    sample: str
    batch: str | None
    composition: str | None
    leachant: str
    duration_d: float | None
    loading: Quantity | None
    w: Quantity | None
    method: str | None
    limit_of_detection: Quantity | None
    detection_definition: str | None
    meaning: ThresholdMeaning | None
    spike_recovery_percent: float | None
    method_blank: str | None
    pulls: tuple[LeachPull, ...]

    @property
    def released(self) -> tuple[tuple[float, Quantity], ...]:
        """Age and released mass fraction of each pull that could be bridged."""
        return tuple((pull.age_d, pull.released) for pull in self.pulls if pull.released is not None)


def leach_tests_of(session: Session, subject: str) -> list[str]:
    """List the leach tests of a subject.

    Parameters
    ----------
    session : Session
        A session of the lab.
    subject : str
        A leach test, a suspension, or what it came from (sample, batch).

    Returns
    -------
    list of str
        Their codes, in alphabetical order; readings of one experiment (A, B) stand apart.
    """
    table, code = resolve(session, subject)
    if table == "leach_test":
        return [code]
    samples = samples_of(session, subject)
    found = rows(session, "SELECT code, sample FROM leach_tests ORDER BY code")
    return [row["code"] for row in found if row["sample"] in samples]


def leach_series(session: Session, test: str) -> LeachSeries:
    """Gather a leach test.

    Parameters
    ----------
    session : Session
        A session of the lab.
    test : str
        The leach test's code.

    Returns
    -------
    LeachSeries
        Its pulls with released mass fractions; ``released`` is None where the suspension has no loading.

    Raises
    ------
    UnknownNameError
        There is no such leach test.
    """
    found = rows(session, "SELECT * FROM leach_tests WHERE code = :test", test=test)
    if not found:
        raise UnknownNameError(
            "leach test", test, [row["code"] for row in rows(session, "SELECT code FROM leach_tests ORDER BY code")]
        )
    row = found[0]
    sample = find_sample(session, row["sample"])
    readings = rows(
        session,
        "SELECT * FROM observations WHERE leach_test = :test AND quantity = 'lead_mass_concentration' "
        "AND value IS NOT NULL "
        "AND age_d IS NOT NULL ORDER BY age_d, replicate, measurement",
        test=test,
    )
    method = next((reading["method"] for reading in readings if reading["method"]), None)
    detection, definition = _detection(session, method)
    pulls = _cumulated(
        row, tuple(_pull(session, reading, sample.particle_loading) for reading in readings), sample.particle_loading
    )
    meanings = {pull.concentration.threshold_meaning for pull in pulls if pull.concentration.threshold_meaning}
    return LeachSeries(
        test=row["code"],
        experiment=row["experiment"],
        alternative_of=row["alternative_of"],
        sample=sample.code,
        batch=sample.batch,
        composition=sample.composition,
        leachant=row["leachant"],
        duration_d=row["duration_d"],
        loading=sample.particle_loading,
        w=sample.w,
        method=method,
        limit_of_detection=detection,
        detection_definition=definition,
        meaning=_weakest(meanings),
        spike_recovery_percent=row["spike_recovery_percent"],
        method_blank=row["method_blank"],
        pulls=pulls,
    )


def _weakest(meanings: set[ThresholdMeaning]) -> ThresholdMeaning | None:
    """Of several meanings of "<", the one that says least."""
    order = (
        ThresholdMeaning.NOT_STATED,
        ThresholdMeaning.BELOW_LQ,
        ThresholdMeaning.BELOW_LD,
        ThresholdMeaning.BELOW_LC,
    )
    return next((meaning for meaning in order if meaning in meanings), None)


def _detection(session: Session, method: str | None) -> tuple[Quantity | None, str | None]:
    if method is None:
        return None, None
    found = rows(
        session, "SELECT limit_of_detection, unit, detection_definition FROM method WHERE code = :code", code=method
    )
    row = found[0]
    if row["limit_of_detection"] is None or row["unit"] is None:
        return None, row["detection_definition"]
    return Quantity(row["limit_of_detection"], row["unit"], "lead_mass_concentration"), row["detection_definition"]


def _pull(session: Session, row: Mapping[str, Any], loading: Quantity | None) -> LeachPull:
    concentration = quantity_of(row)
    extra = rows(
        session,
        "SELECT k.instrument_reading_ug_per_l, k.volume_before_pull_ml, k.pulled_volume_ml "
        "FROM current_icp_reading k JOIN measurement m ON m.id = k.measurement_id WHERE m.code = :code",
        code=row["measurement"],
    )
    return LeachPull(
        age_d=row["age_d"],
        measurement=row["measurement"],
        concentration=concentration,
        released=None if loading is None else released_from(concentration, loading),
        instrument_reading_ug_per_l=extra[0]["instrument_reading_ug_per_l"] if extra else None,
        raw_file=row["raw_file"],
        volume_before_pull_ml=extra[0]["volume_before_pull_ml"] if extra else None,
        pulled_volume_ml=extra[0]["pulled_volume_ml"] if extra else None,
    )


def _cumulated(
    test: Mapping[str, Any], pulls: tuple[LeachPull, ...], loading: Quantity | None
) -> tuple[LeachPull, ...]:
    """Add up what earlier pulls took away, where they took particle-free leachate or the medium was renewed.

    Where the whole suspension is pulled, concentration over loading is the release; that is also taken where the
    record does not say, because nothing can be added without the volumes.
    """
    apart = test["whole_suspension_pulled"] is not None and not test["whole_suspension_pulled"]
    renewed = bool(test["medium_renewed"])
    volumes = [pull.volume_before_pull_ml for pull in pulls]
    taken = [pull.pulled_volume_ml for pull in pulls]
    if loading is None or not pulls or not (apart or renewed) or volumes[0] is None or None in taken:
        return pulls
    concentrations = [pull.concentration.to("ug/L") for pull in pulls]
    below = [one.censoring is Censoring.BELOW for one in concentrations]
    us = [0.0 if one.u is None and censored else one.u for one, censored in zip(concentrations, below, strict=True)]
    u_loading = None if loading.u is None else loading.u / loading.value
    sums = cumulative_release(
        [one.value for one in concentrations],
        below,
        volumes[0],
        loading.to("mg/mL").value * volumes[0],
        [float(volume) for volume in taken if volume is not None],
        Pulling.MEDIUM_RENEWED if renewed else Pulling.ALIQUOT_KEPT_OUT,
        [u for u in us if u is not None] if None not in us else None,
        u_loading,
    )
    return tuple(
        replace(pull, released=_summed(pull, total.upper_ug_per_g, total.u_upper_ug_per_g, total.below))
        for pull, total in zip(pulls, sums, strict=True)
    )


def _summed(pull: LeachPull, value: float, u: float | None, below: bool) -> Quantity:
    return Quantity(
        value,
        "ug/g",
        "released_lead_mass_fraction",
        u=u,
        u_origin=None if u is None else UncertaintyOrigin.COMPUTED,
        censoring=Censoring.BELOW if below else Censoring.NONE,
        threshold_meaning=(pull.concentration.threshold_meaning or ThresholdMeaning.NOT_STATED) if below else None,
    )


def released_from(concentration: Quantity, loading: Quantity) -> Quantity:
    """Bridge a lead concentration to a released mass fraction; a non-detect becomes a bound whose u is the loading's.

    Parameters
    ----------
    concentration : Quantity
        Lead in the leachate, net of the blank, before dilution.
    loading : Quantity
        Particle loading of the suspension.

    Returns
    -------
    Quantity
        Kind released_lead_mass_fraction [ug/g].

    Raises
    ------
    InputError
        The loading is not positive.
    """
    c = concentration.to("ug/L")
    b = loading.to("mg/mL")
    below = c.censoring is Censoring.BELOW
    # a threshold is a number by definition: its bound is as uncertain as the loading
    u_c = 0.0 if below and c.u is None else c.u
    released = released_mass_fraction(c.value, b.value, u_c, b.u, below=below)
    u = released.u_released_ug_per_g
    return Quantity(
        released.released_ug_per_g,
        "ug/g",
        "released_lead_mass_fraction",
        u=u,
        u_origin=None if u is None else UncertaintyOrigin.COMPUTED,
        censoring=c.censoring,
        threshold_meaning=c.threshold_meaning,
        n=c.n,
    )
