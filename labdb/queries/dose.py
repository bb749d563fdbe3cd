"""What dose a sample has had: each exposure, computed from its beam segments or stated, inherited through splits."""

from dataclasses import dataclass

from sqlmodel import Session

from labdb.finding import Finding
from labdb.quantity import Quantity, UncertaintyOrigin
from labdb.queries.evidence import ancestors, descendants, find_sample, rows
from labdb.radiation.dose import Segment, dose_from_segments


@dataclass(frozen=True)
class DoseEntry:
    """One exposure in a sample's ledger."""

    sample: str
    irradiation: str
    purpose: str | None
    dose: Quantity | None
    dose_origin: str
    started_at: str | None
    on_time_s: float | None
    segments: int
    calibrations: tuple[str, ...]
    inherited_from: str | None
    medium: str | None
    reference_point: str | None
    beam_filter: str | None


@dataclass(frozen=True)
class DoseTotal:
    """The dose one aliquot has had, its own and inherited."""

    sample: str
    total: Quantity | None
    exposures: int


@dataclass(frozen=True)
class DoseLedger:
    """A sample's exposures and totals; every aliquot that came from it is listed with its own."""

    sample: str
    entries: tuple[DoseEntry, ...]
    totals: tuple[DoseTotal, ...]
    findings: tuple[Finding, ...]


def segments_of(session: Session, irradiation: str) -> list[Segment]:
    """Read the beam segments of an exposure.

    Parameters
    ----------
    session : Session
        A session of the lab.
    irradiation : str
        Its code.

    Returns
    -------
    list of Segment
        In order.
    """
    found = rows(session, "SELECT * FROM beam_segments WHERE irradiation = :code ORDER BY seq", code=irradiation)
    return [
        Segment(
            start_s=row["start_s"],
            stop_s=row["stop_s"],
            dose_rate_gy_per_s=row["dose_rate_gy_per_s"],
            u_dose_rate_gy_per_s=row["u_dose_rate_gy_per_s"],
            beam_on=bool(row["beam_on"]),
            calibration=row["calibration"],
            irradiation=irradiation,
        )
        for row in found
    ]


def dose_of(session: Session, irradiation: str) -> tuple[Quantity | None, tuple[Finding, ...]]:
    """Compute or read the dose of one exposure.

    Parameters
    ----------
    session : Session
        A session of the lab.
    irradiation : str
        Its code.

    Returns
    -------
    tuple of (Quantity or None, tuple of Finding)
        Absorbed dose [Gy]; None while a segment is open or overlaps.
    """
    row = rows(
        session, "SELECT dose_origin, dose_gy, u_dose_gy FROM irradiations WHERE code = :code", code=irradiation
    )[0]
    if row["dose_origin"] != "segments":
        u = row["u_dose_gy"]
        return Quantity(
            row["dose_gy"], "Gy", "absorbed_dose", u=u, u_origin=None if u is None else UncertaintyOrigin.STATED
        ), ()
    dose = dose_from_segments(segments_of(session, irradiation))
    if dose.dose_gy is None:
        return None, dose.findings
    u = dose.u_dose_gy
    return Quantity(
        dose.dose_gy, "Gy", "absorbed_dose", u=u, u_origin=None if u is None else UncertaintyOrigin.COMPUTED
    ), dose.findings


def dose_ledger(session: Session, sample: str) -> DoseLedger:
    """List what a sample and every aliquot that came from it has been given.

    Parameters
    ----------
    session : Session
        A session of the lab.
    sample : str
        Code or alias.

    Returns
    -------
    DoseLedger
        Exposures and totals; an aliquot inherits what its parent had before the split.

    Raises
    ------
    UnknownNameError
        There is no such sample.
    """
    code = find_sample(session, sample).code
    family = [code, *descendants(session, code)]
    entries: list[DoseEntry] = []
    totals: list[DoseTotal] = []
    findings: dict[str, Finding] = {}
    for member in family:
        mine = [*_entries(session, member), *_inherited(session, member)]
        if member != code and not mine:
            continue
        entries += mine
        totals.append(DoseTotal(member, _total(session, mine), len(mine)))
        for entry in mine:
            for finding in dose_of(session, entry.irradiation)[1]:
                findings[finding.message] = finding
    return DoseLedger(code, tuple(entries), tuple(totals), tuple(findings.values()))


def _entries(
    session: Session, sample: str, inherited_by: str | None = None, before: str | None = None
) -> list[DoseEntry]:
    found = rows(session, "SELECT * FROM irradiations WHERE sample = :sample ORDER BY started_at, code", sample=sample)
    entries = []
    for row in found:
        if before is not None and row["started_at"] is not None and row["started_at"] >= before:
            continue
        segments = segments_of(session, row["code"]) if row["dose_origin"] == "segments" else []
        dose, _ = dose_of(session, row["code"])
        entries.append(
            DoseEntry(
                sample=inherited_by or sample,
                irradiation=row["code"],
                purpose=row["purpose"],
                dose=dose,
                dose_origin=row["dose_origin"],
                started_at=row["started_at"],
                on_time_s=dose_from_segments(segments).on_time_s if segments else None,
                segments=len(segments),
                calibrations=tuple(sorted({one.calibration for one in segments if one.calibration and one.beam_on})),
                inherited_from=sample if inherited_by else None,
                medium=row["medium"],
                reference_point=row["reference_point"],
                beam_filter=row["beam_filter"],
            )
        )
    return entries


def _inherited(session: Session, sample: str) -> list[DoseEntry]:
    """What the sample's forebears had been given before it was taken from them."""
    made = rows(session, "SELECT made_at FROM samples WHERE code = :code", code=sample)[0]["made_at"]
    if made is None:
        return []
    return [
        entry
        for parent in ancestors(session, sample)
        for entry in _entries(session, parent, inherited_by=sample, before=made)
    ]


def _total(session: Session, entries: list[DoseEntry]) -> Quantity | None:
    """Add up exposures; the segments of all are added together, so that a common calibration stays common."""
    segments = [
        one for entry in entries if entry.dose_origin == "segments" for one in segments_of(session, entry.irradiation)
    ]
    parts = [entry.dose for entry in entries if entry.dose_origin != "segments"]
    if segments:
        dose = dose_from_segments(segments)
        if dose.dose_gy is None:
            return None
        parts.append(
            Quantity(
                dose.dose_gy,
                "Gy",
                "absorbed_dose",
                u=dose.u_dose_gy,
                u_origin=UncertaintyOrigin.COMPUTED if dose.u_dose_gy is not None else None,
            )
        )
    known = [part for part in parts if part is not None]
    if len(known) != len(parts) or not known:
        return None
    total = known[0]
    for part in known[1:]:
        total = total + part
    return total
