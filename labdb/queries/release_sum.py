"""Add up what the pulls of a leach test took away: aliquots without particles, or the whole medium when it is renewed.

Where whole suspension is pulled, concentration over loading is the release, and nothing is added; so it is where the
record does not say what was pulled. Bounds add like values. A pull whose reading is lost leaves a sum that is known
from below only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labdb.errors import InputError
from labdb.leaching.release import Pulling, Release, cumulative_release, released_mass_fraction
from labdb.quantity import Censoring, Quantity, UncertaintyOrigin
from labdb.queries.replicate import Average, weakest


@dataclass(frozen=True)
class Pulled:
    """A pull: the concentration read [ug/L], None if the reading is lost, and what the pull took out."""

    read: Average | None
    volume_before_ml: float | None
    taken_ml: float | None
    renewed: bool | None


def _renewals(test: Mapping[str, Any], pulls: Sequence[Pulled]) -> list[bool]:
    return [bool(test["medium_renewed"]) or bool(one.renewed) for one in pulls]


def _apart(test: Mapping[str, Any], pulls: Sequence[Pulled]) -> bool:
    """Whether aliquots without particles were taken, of recorded volumes."""
    said = test["whole_suspension_pulled"] is not None and not test["whole_suspension_pulled"]
    return said and pulls[0].volume_before_ml is not None and all(one.taken_ml is not None for one in pulls[:-1])


def sums_up(test: Mapping[str, Any], pulls: Sequence[Pulled]) -> bool:
    """Tell whether earlier pulls add to the release of later ones.

    Parameters
    ----------
    test : mapping
        A row of the view ``leach_tests``.
    pulls : sequence of Pulled
        In order of age.

    Returns
    -------
    bool
        False for a single pull, and where whole suspension was pulled.
    """
    return len(pulls) > 1 and (any(_renewals(test, pulls)[:-1]) or _apart(test, pulls))


def cumulated(test: Mapping[str, Any], pulls: Sequence[Pulled], loading: Quantity) -> list[Average | None]:
    """Give the release up to each pull.

    Parameters
    ----------
    test : mapping
        A row of the view ``leach_tests``: whole_suspension_pulled, medium_renewed.
    pulls : sequence of Pulled
        In order of age.
    loading : Quantity
        Particle loading, above zero.

    Returns
    -------
    list of Average or None
        Released mass fraction [ug/g] up to each pull; None for a pull without a reading.

    Raises
    ------
    InputError
        More was taken out than there was; names the test.
    """
    if not sums_up(test, pulls):
        return [None if one.read is None else _bridged(one.read, loading) for one in pulls]
    renewals = _renewals(test, pulls)
    if any(renewals[:-1]):
        # a medium that stays until it is renewed counts once, with the last reading before it went
        gone = [[i for i in range(place) if renewals[i]] for place in range(len(pulls))]
        pulling, volume = Pulling.MEDIUM_RENEWED, 1.0
    else:
        gone = [list(range(place)) for place in range(len(pulls))]
        pulling, volume = _of_aliquots(pulls)
    found: list[Average | None] = []
    for place, one in enumerate(pulls):
        parts = [*(pulls[i] for i in gone[place]), one]
        try:
            found.append(None if one.read is None else _sum(parts, loading, volume, pulling))
        except InputError as error:
            raise InputError(f"{test['code']}: {error}") from error
    return found


def _of_aliquots(pulls: Sequence[Pulled]) -> tuple[Pulling, float]:
    """Aliquots without particles: replaced by fresh medium if the volume before every pull is the same."""
    first = pulls[0].volume_before_ml or 0.0
    same = all(one.volume_before_ml is not None and abs(one.volume_before_ml - first) <= 1e-6 * first for one in pulls)
    return (Pulling.ALIQUOT_REPLACED if same else Pulling.ALIQUOT_KEPT_OUT), first


def _sum(parts: Sequence[Pulled], loading: Quantity, volume: float, pulling: Pulling) -> Average:
    read = [one.read for one in parts if one.read is not None]
    known = len(read) == len(parts) and all(one.upper.censoring is not Censoring.ABOVE for one in read)
    taken = [0.0 if pulling is Pulling.MEDIUM_RENEWED else one.taken_ml or 0.0 for one in parts]
    few = [one.dof for one in read if one.dof is not None]
    n, dof = read[-1].n, min(few) if few else None
    if known and all(one.upper.censoring is Censoring.NONE for one in read):
        return Average(_end([one.upper for one in read], taken, loading, volume, pulling), n=n, dof=dof)
    lower = [
        Quantity(0.0, "ug/L", "lead_mass_concentration", u=0.0) if one.read is None else one.read.lower for one in parts
    ]
    least = _bound(_end(lower, taken, loading, volume, pulling), Censoring.ABOVE)
    if not known:
        return Average(least, n=n, dof=dof)
    most = _bound(_end([one.upper for one in read], taken, loading, volume, pulling), Censoring.BELOW)
    most = replace(most, threshold_meaning=weakest(one.upper.threshold_meaning for one in read))
    return Average(most, least if least.value > 0.0 else None, n, dof)


def _end(ends: Sequence[Quantity], taken: list[float], loading: Quantity, volume: float, pulling: Pulling) -> Quantity:
    """Sum one end of every pull; each counts as a value here."""
    us = [one.u for one in ends if one.u is not None]
    b = loading.to("mg/mL")
    total = cumulative_release(
        [one.value for one in ends],
        [False] * len(ends),
        volume,
        b.value * volume,
        taken,
        pulling,
        us if len(us) == len(ends) else None,
        None if b.u is None else b.u / b.value,
    )[-1]
    return _released(Release(total.upper_ug_per_g, total.u_upper_ug_per_g), ends[-1].n)


def _released(release: Release, n: int | None) -> Quantity:
    u = release.u_released_ug_per_g
    return Quantity(
        release.released_ug_per_g,
        "ug/g",
        "released_lead_mass_fraction",
        u=u,
        u_origin=None if u is None else UncertaintyOrigin.COMPUTED,
        n=n,
    )


def _bound(value: Quantity, censoring: Censoring) -> Quantity:
    return replace(value, censoring=censoring)


def _bridged(read: Average, loading: Quantity) -> Average:
    least = None if read.at_least is None or read.at_least.value <= 0.0 else released_from(read.at_least, loading)
    return replace(read, upper=released_from(read.upper, loading), at_least=least)


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
    released = _released(released_mass_fraction(c.value, b.value, u_c, b.u, below=below), c.n)
    return replace(released, censoring=c.censoring, threshold_meaning=c.threshold_meaning)
