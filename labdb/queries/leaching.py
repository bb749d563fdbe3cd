"""How much lead came out: the pulls of a leach test, from concentration to released mass fraction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from labdb.errors import UnknownNameError
from labdb.finding import Finding, Severity
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, UncertaintyOrigin
from labdb.queries.evidence import find_sample, quantity_of, resolve, rows, samples_of
from labdb.queries.release_sum import Pulled, cumulated, released_from, sums_up
from labdb.queries.replicate import Average, average_by, weakest

__all__ = ["LeachPull", "LeachSeries", "leach_series", "leach_tests_of", "released_from"]

UNDATED, UNSUMMED = "LEACH-UNDATED", "LEACH-VOLUMES"


@dataclass(frozen=True)
class LeachPull:
    """One pull: the concentration measured, and what it says per mass of particles.

    Several readings of a pull are averaged (`labdb.queries.replicate`); ``measurement`` is the first of them. Where
    some detected lead and others did not, or where earlier pulls add up to such a sum, ``released`` is the upper end as
    a bound, and ``released_at_least`` the lower one.
    """

    age_d: float
    measurement: str
    concentration: Quantity
    released: Quantity | None
    instrument_reading_ug_per_l: float | None
    raw_file: str | None
    volume_before_pull_ml: float | None = None
    pulled_volume_ml: float | None = None
    measurements: tuple[str, ...] = ()
    n: int = 1
    dof: float | None = None
    released_at_least: Quantity | None = None
    concentration_at_least: Quantity | None = None


@dataclass(frozen=True)
class LeachSeries:
    """A leach test with its pulls, in order of age.

    ``summed`` tells whether earlier pulls add to later ones; ``inputs`` names what the series was computed from, table
    and code.
    """

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
    summed: bool = False
    findings: tuple[Finding, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def released(self) -> tuple[tuple[float, Quantity], ...]:
        """Age and released mass fraction of each pull that could be bridged."""
        return tuple((pull.age_d, pull.released) for pull in self.pulls if pull.released is not None)

    @property
    def at_least(self) -> dict[float, Quantity]:
        """The lower end, by age, of each pull whose release is known between two ends only."""
        return {pull.age_d: pull.released_at_least for pull in self.pulls if pull.released_at_least is not None}


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
        Their codes, in alphabetical order; readings of one experiment (A, B) stand apart. Then the suspensions whose
        lead was read without a leach test on record: each is a test of its own, of which nothing else is stated.
    """
    table, code = resolve(session, subject)
    if table == "leach_test":
        return [code]
    samples = set(samples_of(session, subject))
    found = rows(session, "SELECT code, sample FROM leach_tests ORDER BY code")
    bare = [row["sample"] for row in rows(session, _READ_WITHOUT_TEST)]
    return [row["code"] for row in found if row["sample"] in samples] + [one for one in bare if one in samples]


_READ_WITHOUT_TEST = (
    "SELECT DISTINCT o.sample FROM observations o JOIN sample s ON s.code = o.sample "
    "WHERE o.quantity = 'lead_mass_concentration' AND o.leach_test IS NULL AND o.age_d IS NOT NULL "
    "AND s.kind NOT IN ('control', 'blank') AND NOT EXISTS (SELECT 1 FROM control c WHERE c.control_id = s.id) "
    "ORDER BY o.sample"
)
_READINGS = (
    "SELECT o.*, k.instrument_reading_ug_per_l, k.volume_before_pull_ml, k.pulled_volume_ml, k.medium_renewed "
    "FROM observations o JOIN measurement m ON m.code = o.measurement AND m.void_change_id IS NULL "
    "LEFT JOIN icp_reading k ON k.measurement_id = m.id AND k.void_change_id IS NULL "
    "WHERE o.quantity = 'lead_mass_concentration' "
    "AND (o.leach_test = :test OR (o.leach_test IS NULL AND o.sample = :test)) "
    "ORDER BY o.age_d, coalesce(o.vial, ''), o.replicate, o.measurement"
)
_NOT_STATED = (
    "experiment",
    "alternative_of",
    "duration_d",
    "whole_suspension_pulled",
    "medium_renewed",
    "spike_recovery_percent",
    "method_blank",
)


def _test_row(session: Session, test: str) -> tuple[Mapping[str, Any], bool]:
    """The leach test on record, or what stands for it where a suspension's lead was read without one."""
    found = rows(session, "SELECT * FROM leach_tests WHERE code = :test", test=test)
    if found:
        return found[0], True
    bare = rows(session, "SELECT code, medium FROM samples WHERE code = :test", test=test)
    if not bare:
        known = rows(session, "SELECT code FROM leach_tests ORDER BY code")
        raise UnknownNameError("leach test", test, [row["code"] for row in known])
    leachant = bare[0]["medium"] or "a leachant not stated"
    return {"code": test, "sample": test, "leachant": leachant, **dict.fromkeys(_NOT_STATED)}, False


def leach_series(session: Session, test: str) -> LeachSeries:
    """Gather a leach test.

    Parameters
    ----------
    session : Session
        A session of the lab.
    test : str
        The leach test's code, or a suspension's whose lead was read without a leach test on record.

    Returns
    -------
    LeachSeries
        Its pulls with released mass fractions; ``released`` is None where the suspension has no loading.

    Raises
    ------
    UnknownNameError
        There is no such leach test.
    """
    row, on_record = _test_row(session, test)
    sample = find_sample(session, row["sample"])
    loading = sample.particle_loading if sample.particle_loading and sample.particle_loading.value > 0.0 else None
    readings = rows(session, _READINGS, test=test)
    dated = [one for one in readings if one["age_d"] is not None]
    methods = sorted({one["method"] for one in readings if one["method"]})
    detection, definition = _detection(session, methods)
    pulls, summed, findings = _pulls(row, dated, loading, detection)
    inputs = {("leach_test", row["code"])} if on_record else set()
    inputs |= {("suspension", sample.loading_from)} if sample.loading_from else set()
    inputs |= {("method", one) for one in methods} | {("measurement", one["measurement"]) for one in readings}
    return LeachSeries(
        test=row["code"],
        experiment=row["experiment"],
        alternative_of=row["alternative_of"],
        sample=sample.code,
        batch=sample.batch,
        composition=sample.composition,
        leachant=row["leachant"],
        duration_d=row["duration_d"],
        loading=loading,
        w=sample.w,
        method=methods[0] if methods else None,
        limit_of_detection=detection,
        detection_definition=definition,
        meaning=weakest(pull.concentration.threshold_meaning for pull in pulls),
        spike_recovery_percent=row["spike_recovery_percent"],
        method_blank=row["method_blank"],
        pulls=pulls,
        summed=summed,
        findings=(*_undated(row["code"], readings), *findings),
        inputs=tuple(sorted(inputs)),
    )


def _undated(test: str, readings: Sequence[Mapping[str, Any]]) -> list[Finding]:
    names = sorted({one["measurement"] for one in readings if one["age_d"] is None and one["value"] is not None})
    if not names:
        return []
    message = f"{', '.join(names)} has no age, so it belongs to no pull and was not judged; say when it was pulled"
    return [Finding(UNDATED, Severity.WARNING, test, "", message, {"measurements": ";".join(names)})]


def _detection(session: Session, methods: list[str]) -> tuple[Quantity | None, str | None]:
    """The detection limit of the readings' method; of several methods the highest."""
    if not methods:
        return None, None
    sql = "SELECT limit_of_detection, unit, detection_definition FROM method WHERE code IN :codes ORDER BY code"
    found = rows(session, sql, codes=methods)
    known = [
        (Quantity(one["limit_of_detection"], one["unit"], "lead_mass_concentration"), one["detection_definition"])
        for one in found
        if one["limit_of_detection"] is not None and one["unit"] is not None
    ]
    if not known:
        return None, found[0]["detection_definition"]
    return max(known, key=lambda one: one[0].to("ug/L").value)


def _pulls(
    test: Mapping[str, Any], dated: list[Mapping[str, Any]], loading: Quantity | None, detection: Quantity | None
) -> tuple[tuple[LeachPull, ...], bool, tuple[Finding, ...]]:
    """Average the readings of each pull, bridge them to the particles, and add up what earlier pulls took away."""
    at: dict[float, list[Mapping[str, Any]]] = {}
    for row in dated:
        at.setdefault(row["age_d"], []).append(row)
    groups = [at[age] for age in sorted(at)]
    read = [[row for row in group if row["value"] is not None] for group in groups]
    averages = [_average(group, detection) if group else None for group in read]
    pulled = [_pulled(group, one) for group, one in zip(groups, averages, strict=True)]
    summed = loading is not None and sums_up(test, pulled)
    released = cumulated(test, pulled, loading) if loading is not None else []
    pulls = tuple(
        _pull(group, one, released[place] if released else None)
        for place, (group, one) in enumerate(zip(read, averages, strict=True))
        if one is not None
    )
    return pulls, summed, _unsummed(test, loading, summed, pulls)


def _unsummed(
    test: Mapping[str, Any], loading: Quantity | None, summed: bool, pulls: tuple[LeachPull, ...]
) -> tuple[Finding, ...]:
    apart = test["whole_suspension_pulled"] is not None and not test["whole_suspension_pulled"]
    if summed or not apart or loading is None or len(pulls) < 2:
        return ()
    message = (
        "particle-free aliquots were taken, but not all their volumes are recorded: what they took away is not added; "
        "the largest concentration over the loading stands, and if fresh medium was put back the release is higher"
    )
    return (Finding(UNSUMMED, Severity.WARNING, str(test["code"]), "", message, {}),)


def _average(group: list[Mapping[str, Any]], detection: Quantity | None) -> Average:
    return average_by(group, lambda row: _concentration(row, detection), _vial, _aliquot)


def _vial(row: Mapping[str, Any]) -> str:
    return row["vial"] or ""


def _aliquot(row: Mapping[str, Any]) -> int:
    return int(row["replicate"])


def _concentration(row: Mapping[str, Any], detection: Quantity | None) -> Quantity:
    """A reading; "<" that means "below LC" is shown with LD as its bound, which is what was not seen for certain."""
    read = quantity_of(row).to("ug/L")
    if read.censoring is not Censoring.BELOW:
        return read
    if read.u is None:  # a threshold is a number by definition
        read = replace(read, u=0.0, u_origin=UncertaintyOrigin.EXACT)
    if read.threshold_meaning is ThresholdMeaning.BELOW_LC and detection is not None:
        return replace(read, value=max(read.value, detection.to("ug/L").value))
    return read


def _pulled(group: list[Mapping[str, Any]], one: Average | None) -> Pulled:
    """Name what a pull took out, once for all readings of it."""

    def first(name: str) -> Any:  # noqa: ANN401 - a cell of any type
        return next((row[name] for row in group if row[name] is not None), None)

    renewed = first("medium_renewed")
    return Pulled(
        one, first("volume_before_pull_ml"), first("pulled_volume_ml"), None if renewed is None else bool(renewed)
    )


def _pull(group: list[Mapping[str, Any]], one: Average, released: Average | None) -> LeachPull:
    first = group[0]
    return LeachPull(
        age_d=first["age_d"],
        measurement=first["measurement"],
        concentration=one.upper,
        released=None if released is None else released.upper,
        instrument_reading_ug_per_l=first["instrument_reading_ug_per_l"] if len(group) == 1 else None,
        raw_file=first["raw_file"],
        volume_before_pull_ml=first["volume_before_pull_ml"],
        pulled_volume_ml=first["pulled_volume_ml"],
        measurements=tuple(row["measurement"] for row in group),
        n=one.n,
        dof=one.dof,
        released_at_least=None if released is None else released.at_least,
        concentration_at_least=one.at_least,
    )
