"""The exposures of some samples with their doses, read in two queries; several added up to one dose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labdb.finding import Finding, Severity
from labdb.quantity import Quantity, UncertaintyOrigin
from labdb.queries.evidence import chunks, rows
from labdb.radiation.dose import Segment, dose_from_segments

if TYPE_CHECKING:
    from labdb.queries.evidence import Source

# Two doses of one exposure agree if they differ by no more than this many standard uncertainties, or this share.
_APART, _APART_SHARE = 2.0, 0.05


@dataclass(frozen=True)
class Exposure:
    """One irradiation: its row of the view, its segments, its dose, and what is wrong with it."""

    row: Mapping[str, Any]
    segments: tuple[Segment, ...]
    dose: Quantity | None
    on_time_s: float | None
    findings: tuple[Finding, ...]


def finding(rule: str, subject: str, message: str, numbers: dict[str, str]) -> Finding:
    """Make a warning about a dose."""
    return Finding(rule, Severity.WARNING, subject, "", message, numbers)


def read_exposures(
    session: Source, *, samples: Iterable[str] = (), irradiations: Iterable[str] = ()
) -> dict[str, Exposure]:
    """Read exposures with their doses.

    Parameters
    ----------
    session : Source
        A session of the lab.
    samples : iterable of str
        All exposures of these samples.
    irradiations : iterable of str
        These exposures.

    Returns
    -------
    dict
        By code, in the order in which they were given.
    """
    found: list[Mapping[str, Any]] = []
    for column, wanted in (("sample", samples), ("code", irradiations)):
        sql = f"SELECT * FROM irradiations WHERE {column} IN :codes"  # noqa: S608 - a column of ours
        found += [row for part in chunks(wanted) for row in rows(session, sql, codes=part)]
    found.sort(key=lambda row: (row["started_at"] or "", row["code"]))
    segments = _segments(session, [row["code"] for row in found])
    return {row["code"]: _exposure(row, tuple(segments.get(row["code"], ()))) for row in found}


def _segments(session: Source, codes: list[str]) -> dict[str, list[Segment]]:
    sql = "SELECT * FROM beam_segments WHERE irradiation IN :codes ORDER BY irradiation, seq"
    segments: dict[str, list[Segment]] = {}
    for row in (row for part in chunks(codes) for row in rows(session, sql, codes=part)):
        segments.setdefault(row["irradiation"], []).append(
            Segment(
                start_s=row["start_s"],
                stop_s=row["stop_s"],
                dose_rate_gy_per_s=row["dose_rate_gy_per_s"],
                u_dose_rate_gy_per_s=row["u_dose_rate_gy_per_s"],
                beam_on=bool(row["beam_on"]),
                calibration=row["calibration"],
                irradiation=row["irradiation"],
            )
        )
    return segments


def _exposure(row: Mapping[str, Any], segments: tuple[Segment, ...]) -> Exposure:
    beam = dose_from_segments(segments) if segments else None
    computed = None if beam is None or beam.dose_gy is None else _gray(beam.dose_gy, beam.u_dose_gy, computed=True)
    findings = () if beam is None else beam.findings
    on_time = None if beam is None else beam.on_time_s
    if row["dose_origin"] != "segments":
        given = _gray(row["dose_gy"], row["u_dose_gy"], computed=False)
        return Exposure(row, segments, given, on_time, (*findings, *_compared(row, given, computed)))
    if beam is None:
        message = "its dose is to be computed from beam segments, and none is recorded; record them, or state the dose"
        findings = (finding("DOSE-NONE", row["code"], message, {}),)
    return Exposure(row, segments, computed, on_time, findings)


def _compared(row: Mapping[str, Any], given: Quantity, computed: Quantity | None) -> tuple[Finding, ...]:
    """A measured or stated dose beside recorded segments is compared with theirs."""
    if computed is None:
        return ()
    known = given.u is not None and computed.u is not None
    spread = _APART * ((given.u or 0.0) ** 2 + (computed.u or 0.0) ** 2) ** 0.5
    if abs(given.value - computed.value) <= (spread if known else _APART_SHARE * max(given.value, computed.value)):
        return ()
    message = (
        f"{row['dose_origin']} as {given}, but its beam segments give {computed}; the {row['dose_origin']} dose stands"
    )
    numbers = {row["dose_origin"]: str(given), "segments": str(computed)}
    return (finding("DOSE-TWO", row["code"], message, numbers),)


def _gray(value: float, u: float | None, *, computed: bool) -> Quantity:
    origin = UncertaintyOrigin.COMPUTED if computed else UncertaintyOrigin.STATED
    return Quantity(value, "Gy", "absorbed_dose", u=u, u_origin=origin if u is not None else None)


def total_dose(given: Sequence[tuple[Exposure, float]]) -> Quantity | None:
    """Add up exposures; the segments of all are added together, so that a common calibration stays common.

    Parameters
    ----------
    given : sequence of (Exposure, float)
        Each with the share of the sample that had it.

    Returns
    -------
    Quantity or None
        Absorbed dose [Gy]; None without an exposure, or where one of them has no dose.
    """
    if not given or any(exposure.dose is None for exposure, _ in given):
        return None
    parts: list[Quantity] = []
    segments = [
        replace(
            one,
            dose_rate_gy_per_s=one.dose_rate_gy_per_s * share,
            u_dose_rate_gy_per_s=None if one.u_dose_rate_gy_per_s is None else one.u_dose_rate_gy_per_s * share,
        )
        for exposure, share in given
        if exposure.row["dose_origin"] == "segments"
        for one in exposure.segments
    ]
    if segments:
        beam = dose_from_segments(segments)
        if beam.dose_gy is None:
            return None
        parts.append(_gray(beam.dose_gy, beam.u_dose_gy, computed=True))
    for exposure, share in given:
        if exposure.row["dose_origin"] != "segments" and exposure.dose is not None:
            parts.append(exposure.dose if share == 1.0 else exposure.dose * share)
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
