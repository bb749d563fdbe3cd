"""What a sample inherits of its forebears' exposures: what they had when it was taken from them, shared out by mass."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labdb.finding import Finding
from labdb.queries.evidence import chunks, rows
from labdb.queries.exposure import Exposure, finding, total_dose
from labdb.radiation.dose import PooledDose, pooled_dose

if TYPE_CHECKING:
    from labdb.queries.evidence import Source


@dataclass(frozen=True)
class Given:
    """An exposure a sample has had, and the share of the sample that had it; NaN if that is not known."""

    irradiation: str
    share: float = 1.0


@dataclass(frozen=True)
class Lineage:
    """Samples with all their forebears: when each was made, how thick it is [mg/mL], what it was taken from."""

    made_at: Mapping[str, str | None]
    loading: Mapping[str, float | None]
    parents: Mapping[str, tuple[Mapping[str, Any], ...]]

    @property
    def samples(self) -> list[str]:
        """Every sample in it."""
        return list(self.made_at)

    def given(self, exposures: Mapping[str, Exposure]) -> Callable[[str], tuple[Given, ...]]:
        """Return a function that tells what a sample has had, its own exposures first."""
        own: dict[str, list[str]] = {}
        for code, exposure in exposures.items():
            own.setdefault(exposure.row["sample"], []).append(code)
        known: dict[str, tuple[Given, ...]] = {}

        def had(sample: str) -> tuple[Given, ...]:
            if sample not in known:
                known[sample] = ()  # a sample is no forebear of its own
                mine = [Given(code) for code in own.get(sample, [])]
                known[sample] = (*mine, *self._inherited(sample, had, exposures))
            return known[sample]

        return had

    def _inherited(
        self, sample: str, had: Callable[[str], tuple[Given, ...]], exposures: Mapping[str, Exposure]
    ) -> list[Given]:
        shares: dict[str, float] = {}
        for parent, share in self.shares(sample).items():
            for one in self._before(sample, parent, had(parent), exposures):
                shares[one.irradiation] = shares.get(one.irradiation, 0.0) + share * one.share
        # parts of a pool that all had an exposure add up to the whole but for rounding
        return [Given(code, 1.0 if math.isclose(share, 1.0) else share) for code, share in shares.items()]

    def _before(
        self, sample: str, parent: str, given: tuple[Given, ...], exposures: Mapping[str, Exposure]
    ) -> Iterator[Given]:
        """What a parent had when a portion was taken: all it inherited, and its own exposures up to then."""
        made = self.made_at.get(sample)
        for one in given:
            row = exposures[one.irradiation].row
            started = row["started_at"]
            if row["sample"] != parent or (made is not None and (started is None or started < made)):
                yield one

    def shares(self, sample: str) -> dict[str, float]:
        """Tell which part of a sample came from each parent; NaN where the amounts are not known or not comparable."""
        masses: dict[str, float | None] = {}
        for row in self.parents.get(sample, ()):  # two portions of one parent add up
            mass, other = self._mass(row), masses.get(row["parent"], 0.0)
            masses[row["parent"]] = None if mass is None or other is None else mass + other
        if len(masses) <= 1:
            return dict.fromkeys(masses, 1.0)
        known = [mass for mass in masses.values() if mass is not None and mass > 0.0]
        if len(known) < len(masses):
            return dict.fromkeys(masses, math.nan)
        whole = math.fsum(known)
        return {parent: (mass or 0.0) / whole for parent, mass in masses.items()}

    def _mass(self, origin: Mapping[str, Any]) -> float | None:
        """Mass of particles taken [mg], of a volume by the loading; None if it is not known."""
        if origin["unit"] == "mg":
            return float(origin["taken"])
        loading = self.loading.get(origin["parent"])
        return float(origin["taken"]) * loading if origin["unit"] == "mL" and loading is not None else None

    def pooled(self, sample: str, exposures: Mapping[str, Exposure]) -> PooledDose | None:
        """Keep the doses that went into a pooled sample; None for a portion of one parent, or if a dose is unknown."""
        shares = self.shares(sample)
        if len(shares) <= 1 or any(math.isnan(share) for share in shares.values()):
            return None
        had = self.given(exposures)
        doses = []
        for parent in shares:
            parts = [
                (exposures[one.irradiation], one.share) for one in self._before(sample, parent, had(parent), exposures)
            ]
            total = total_dose(parts) if not any(math.isnan(share) for _, share in parts) else None
            if parts and total is None:
                return None
            doses.append(0.0 if total is None else total.value)
        return pooled_dose(doses, list(shares.values()))

    def undated(self, sample: str, exposures: Mapping[str, Exposure]) -> Iterator[Finding]:
        """Say where it cannot be known whether a portion was taken before an exposure or after."""
        for row in self.parents.get(sample, ()):
            for code, exposure in exposures.items():
                if exposure.row["sample"] != row["parent"]:
                    continue
                if self.made_at.get(sample) is None:
                    message = (
                        f"taken from {row['parent']}, which had {code}; when is not recorded, so it is not counted"
                    )
                    yield finding("DOSE-UNDATED", sample, message, {"irradiation": code})
                elif exposure.row["started_at"] is None:
                    message = f"{code} of {row['parent']} has no time; it is counted for what was taken from it"
                    yield finding("DOSE-UNDATED", sample, message, {"irradiation": code})


def lineage_of(session: Source, samples: list[str]) -> Lineage:
    """Read samples with all their forebears, two queries a generation.

    Parameters
    ----------
    session : Source
        A session of the lab.
    samples : list of str
        Their codes.

    Returns
    -------
    Lineage
        When each was made, and from what.
    """
    made: dict[str, str | None] = {}
    loading: dict[str, float | None] = {}
    parents: dict[str, list[Mapping[str, Any]]] = {}
    pending = list(dict.fromkeys(samples))
    while pending:
        origins: list[Mapping[str, Any]] = []
        for part in chunks(pending):
            columns = "SELECT code, made_at, particle_loading_mg_per_ml FROM samples WHERE code IN :codes"
            for row in rows(session, columns, codes=part):
                made[row["code"]], loading[row["code"]] = row["made_at"], row["particle_loading_mg_per_ml"]
            sql = "SELECT * FROM sample_origins WHERE child IN :codes ORDER BY child, parent"
            origins += rows(session, sql, codes=part)
        for row in origins:
            parents.setdefault(row["child"], []).append(row)
        pending = sorted({row["parent"] for row in origins} - made.keys())
    return Lineage(made, loading, {child: tuple(found) for child, found in parents.items()})
