"""The readings of one vial: whether they were taken alike, and what is left of the intensity it started with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from labdb.quantity import Censoring, Quantity, UncertaintyOrigin
from labdb.queries.evidence import quantity_of
from labdb.queries.replicate import Average, average
from labdb.stability.retention import retention

_SAME_SETTINGS = ("excitation_nm", "slit_nm", "integration_time_s", "laser_power_mw", "detector")

Reading = Mapping[str, Any]
Retained = tuple[Reading, Quantity, float | None]


def settings_notes(readings: Sequence[Reading]) -> list[str]:
    """Say which settings differ: two intensities can be compared only if they were taken with the same ones.

    Parameters
    ----------
    readings : sequence of mapping
        Of one vial, with their emission settings.

    Returns
    -------
    list of str
        A sentence for each setting that differs, or that some readings state and others do not.
    """
    notes = []
    for name in _SAME_SETTINGS:
        stated = {row[name] for row in readings if row[name] is not None}
        if len(stated) > 1:
            ages = ", ".join(f"{row['age_d']:g} d" for row in readings if row[name] != readings[0][name])
            notes.append(
                f"{readings[0]['sample']}: readings were taken with different {name} ({ages}); "
                "their ratio is not a retention"
            )
        elif stated and any(row[name] is None for row in readings):
            notes.append(f"{readings[0]['sample']}: {name} is not stated for every reading")
    return notes


def normalised_vial(
    readings: Sequence[Reading], pulls: Sequence[float], at: float, kind: str
) -> tuple[list[Retained], list[str]]:
    """Divide a vial's readings by that of one pull; its uncertainty is common to all of them.

    Readings are divided by the reference reading beside them first, if the pull they are divided by has one; one
    without a reference is then left out. Several readings of that pull are averaged.

    Parameters
    ----------
    readings : sequence of mapping
        Of one vial, in order of age, with ``reference``.
    pulls : sequence of float, shape (n,) [d]
        The pull each belongs to.
    at : float, scalar [d]
        The pull to divide by.
    kind : str
        Kind of the ratio.

    Returns
    -------
    list of (mapping, Quantity, float or None)
        Reading, ratio, and its uncertainty without the common part; a bound stays a bound.
    list of str
        What was left out, and why.
    """
    name = readings[0]["sample"]
    start = [row for row, pull in zip(readings, pulls, strict=True) if abs(pull - at) < 1e-9]
    if not start:
        ages = ", ".join(f"{age:g} d" for age in dict.fromkeys(pulls))
        return [], [f"{name} has no reading at {at:g} d to normalise by; it has {ages}"]
    referenced = all(row["reference"] for row in start)
    notes = _reference_notes(name, readings, referenced)
    kept = [row for row in readings if row["reference"] or not referenced]
    over = {row["measurement"]: _over_reference(row, referenced) for row in kept}
    base = average([Average(over[row["measurement"]]) for row in start]).upper
    if base.censoring is not Censoring.NONE or not base.value > 0.0:
        return [], [*notes, f"{name}: its reading at {at:g} d is {base}; nothing can be divided by that"]
    alone = start[0]["measurement"] if len(start) == 1 else None
    return [(row, *ratio(over[row["measurement"]], base, kind, row["measurement"] == alone)) for row in kept], notes


def _reference_notes(name: str, readings: Sequence[Reading], referenced: bool) -> list[str]:
    without = [row for row in readings if not row["reference"]]
    if not without or len(without) == len(readings):
        return []
    ages = ", ".join(f"{row['age_d']:g} d" for row in without)
    if referenced:
        return [f"{name}: no reference reading at {ages}; left out, the others are divided by theirs"]
    return [f"{name}: no reference reading at {ages}, so none of its readings is divided by one"]


def _over_reference(row: Reading, referenced: bool) -> Quantity:
    """Divide by the reference; the recorded u is that of the ratio, as a share (`labdb.stability.retention`)."""
    read = quantity_of(row)
    if not referenced:
        return read
    u = None if read.u is None else read.u / row["reference"]
    return replace(read, value=read.value / row["reference"], u=u)


def ratio(read: Quantity, base: Quantity, kind: str, is_base: bool = False) -> tuple[Quantity, float | None]:
    """Divide a reading by the one it is compared with.

    Parameters
    ----------
    read, base : Quantity
        Both in one unit; the base is a value above zero.
    kind : str
        Kind of the ratio.
    is_base : bool
        The reading is the base itself: its ratio is 1 by definition.

    Returns
    -------
    ratio : Quantity
        With its standard uncertainty, None if either has none; a bound stays a bound, as uncertain as the base.
    u_own : float or None, scalar [1]
        The part of it that the base does not bring.
    """
    below = read.censoring is Censoring.BELOW
    u_read = 0.0 if below and read.u is None else read.u
    known = u_read is not None and base.u is not None and (read.value != 0.0 or not u_read)
    shares = None
    if known and u_read is not None and base.u is not None:
        shares = [base.u / base.value, u_read / abs(read.value) if read.value else 0.0]
    found = retention([base.value, read.value], None, shares)
    u = None if found.u is None else 0.0 if is_base else found.u[1]
    left = Quantity(
        found.retention[1],
        "1",
        kind,
        u=u,
        u_origin=None if u is None else UncertaintyOrigin.COMPUTED if u else UncertaintyOrigin.EXACT,
        censoring=read.censoring,
        threshold_meaning=read.threshold_meaning,
        n=read.n,
    )
    return left, None if found.u_own is None else found.u_own[1]
