"""What dose a sample has had: each exposure, computed from its beam segments or stated, inherited through splits.

A portion has what its parent had when it was taken, and nothing the parent was given later. Pooled material has the
mass-weighted mean of what went into it, with the smallest and the largest beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labdb.finding import Finding
from labdb.quantity import Quantity
from labdb.queries.evidence import descendants, find_sample
from labdb.queries.exposure import Exposure, finding, read_exposures, total_dose
from labdb.queries.inheritance import Given, Lineage, lineage_of
from labdb.radiation.dose import PooledDose, Segment

if TYPE_CHECKING:
    from labdb.queries.evidence import Source


@dataclass(frozen=True)
class DoseEntry:
    """One exposure in a sample's ledger; ``share`` is the part of the sample that had it, below 1 after pooling."""

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
    share: float = 1.0


@dataclass(frozen=True)
class DoseTotal:
    """The dose one aliquot has had, its own and inherited; ``pooled`` where its parts had different doses."""

    sample: str
    total: Quantity | None
    exposures: int
    pooled: PooledDose | None = None


@dataclass(frozen=True)
class DoseLedger:
    """A sample's exposures and totals; every aliquot that came from it is listed with its own."""

    sample: str
    entries: tuple[DoseEntry, ...]
    totals: tuple[DoseTotal, ...]
    findings: tuple[Finding, ...]


def segments_of(session: Source, irradiation: str) -> list[Segment]:
    """Read the beam segments of an exposure.

    Parameters
    ----------
    session : Source
        A session of the lab.
    irradiation : str
        Its code.

    Returns
    -------
    list of Segment
        In order.
    """
    found = read_exposures(session, irradiations=[irradiation])
    return list(found[irradiation].segments) if irradiation in found else []


def dose_of(session: Source, irradiation: str) -> tuple[Quantity | None, tuple[Finding, ...]]:
    """Compute or read the dose of one exposure.

    Parameters
    ----------
    session : Source
        A session of the lab.
    irradiation : str
        Its code.

    Returns
    -------
    tuple of (Quantity or None, tuple of Finding)
        Absorbed dose [Gy]; None while a segment is open or overlaps, or none is recorded.
    """
    found = read_exposures(session, irradiations=[irradiation])
    return (found[irradiation].dose, found[irradiation].findings) if irradiation in found else (None, ())


def dose_ledger(session: Source, sample: str) -> DoseLedger:
    """List what a sample and every aliquot that came from it has been given.

    Parameters
    ----------
    session : Source
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
    lineage = lineage_of(session, family)
    exposures = read_exposures(session, samples=lineage.samples)
    given_to = lineage.given(exposures)
    entries: list[DoseEntry] = []
    totals: list[DoseTotal] = []
    findings: dict[tuple[str, str], Finding] = {}
    for member in family:
        given = given_to(member)
        if member != code and not given:
            continue
        total, more = _total(member, given, exposures, lineage)
        entries += [_entry(member, one, exposures[one.irradiation]) for one in given]
        totals.append(total)
        shown = [*(one for entry in given for one in exposures[entry.irradiation].findings), *more]
        findings |= {(one.subject, one.message): one for one in shown}
    return DoseLedger(code, tuple(entries), tuple(totals), tuple(findings.values()))


def _entry(member: str, given: Given, exposure: Exposure) -> DoseEntry:
    row = exposure.row
    return DoseEntry(
        sample=member,
        irradiation=given.irradiation,
        purpose=row["purpose"],
        dose=exposure.dose,
        dose_origin=row["dose_origin"],
        started_at=row["started_at"],
        on_time_s=exposure.on_time_s,
        segments=len(exposure.segments),
        calibrations=tuple(sorted({one.calibration for one in exposure.segments if one.calibration and one.beam_on})),
        inherited_from=None if row["sample"] == member else row["sample"],
        medium=row["medium"],
        reference_point=row["reference_point"],
        beam_filter=row["beam_filter"],
        share=given.share,
    )


def _total(
    member: str, given: tuple[Given, ...], exposures: Mapping[str, Exposure], lineage: Lineage
) -> tuple[DoseTotal, list[Finding]]:
    unknown = [one for one in given if math.isnan(one.share)]
    total = None if unknown else total_dose([(exposures[one.irradiation], one.share) for one in given])
    pooled = lineage.pooled(member, exposures)
    findings = list(lineage.undated(member, exposures))
    if unknown:
        parts = ", ".join(sorted({one.irradiation for one in unknown}))
        message = f"pooled from parts in amounts that are not known; {parts} cannot be shared out"
        findings.append(finding("DOSE-POOLED", member, message, {}))
    elif pooled is not None and not pooled.equal:
        numbers = {name: f"{getattr(pooled, f'{name}_gy'):g} Gy" for name in ("min", "mean", "max")}
        message = (
            f"pooled from parts that had {numbers['min']} to {numbers['max']}; the mean by mass is {numbers['mean']}"
        )
        findings.append(finding("DOSE-POOLED", member, message, numbers))
    return DoseTotal(member, total, len(given), pooled), findings
