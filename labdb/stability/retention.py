"""Method: retention of an intensity: R(t) = (I / ref)(t) / (I / ref)(0), and its mean over vials.

The reading at t = 0 divides every later one, so its uncertainty is common to all retentions of a vial: it belongs into
the u of a single retention, but not into the scatter of a curve. Both are kept: `u`, and `u_own` without the common
part, which is what a fit with a free initial value weights by.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from labdb.errors import InputError


@dataclass(frozen=True, slots=True)
class Retention:
    """Retentions of one vial; entry i belongs to reading i, ``reference_index`` is the reading at t = 0.

    ``u_relative_common`` is the relative uncertainty of the reading at t = 0, shared by all.
    """

    retention: tuple[float, ...]
    u: tuple[float, ...] | None
    u_own: tuple[float, ...] | None
    u_relative_common: float | None
    reference_index: int

    def covariance(self) -> list[list[float]]:
        """Covariance matrix of the retentions.

        Returns
        -------
        list[list[float]]
            Covariances, shape (n, n) [1]; the row and column of t = 0 are zero, because that retention is 1 by
            definition.

        Raises
        ------
        InputError
            If the uncertainties are missing.

        Source
        ------
        JCGM 102:2011 6.2; R_i R_j u0^2 off the diagonal.

        Examples
        --------
        >>> series = retention([100.0, 90.0, 80.0], u_relative=[0.01, 0.01, 0.01])
        >>> round(series.covariance()[1][2] / (0.9 * 0.8), 6)
        0.0001
        """
        if self.u is None or self.u_own is None or self.u_relative_common is None:
            raise InputError("no covariance: a reading has no uncertainty recorded")
        n = len(self.retention)
        matrix = [[0.0] * n for _ in range(n)]
        for i in range(n):
            for j in range(n):
                if self.reference_index in (i, j):
                    continue
                common = self.retention[i] * self.retention[j] * self.u_relative_common**2
                matrix[i][j] = common + (self.u_own[i] ** 2 if i == j else 0.0)
        return matrix


@dataclass(frozen=True, slots=True)
class MeanRetention:
    """Mean over vials; ``dof`` None where one vial stands alone or the scatter was not used."""

    mean: float
    u: float | None
    n: int
    dof: int | None
    sentence: str


def retention(
    intensities: Sequence[float],
    references: Sequence[float] | None = None,
    u_relative: Sequence[float] | None = None,
    reference_index: int = 0,
) -> Retention:
    """Divide readings, each by its lamp reference where there is one, by the reading at t = 0.

    Parameters
    ----------
    intensities : Sequence[float], shape (n,) [count]
        Integrated intensity of one vial at each pull, same settings throughout.
    references : Sequence[float], optional, shape (n,) [count]
        Lamp or reference reading taken with each.
    u_relative : Sequence[float], optional, shape (n,) [1]
        Relative standard uncertainty of each reading (of the ratio to the reference, where there is one), independent.
    reference_index : int, scalar [1]
        Which reading is t = 0.

    Returns
    -------
    Retention
        R [1], u with and u_own without the part common to the vial; None where u was not given.

    Raises
    ------
    InputError
        If the lengths differ, an intensity or reference is not positive at t = 0, a reference is not positive, or a
        number is not finite.

    Source
    ------
    JCGM 100:2008 5.1.2 for a ratio of independent readings.

    Examples
    --------
    >>> series = retention([100.0, 90.0], u_relative=[0.02, 2 / 90])
    >>> print(f"{series.retention[1]:.2f} u {series.u[1]:.4f}")
    0.90 u 0.0269
    """
    n = len(intensities)
    refs = [1.0] * n if references is None else list(references)
    if len(refs) != n or (u_relative is not None and len(u_relative) != n) or not 0 <= reference_index < n:
        raise InputError(f"{n} readings need as many references and uncertainties, and t = 0 among them")
    if not all(math.isfinite(one) for one in (*intensities, *refs, *(u_relative or ()))):
        raise InputError("a reading, reference or uncertainty is not finite")
    if not all(ref > 0 for ref in refs):
        raise InputError("a reference reading is not positive; leave the references out if there were none")
    if not intensities[reference_index] > 0:
        raise InputError(f"intensity at t = 0 is {intensities[reference_index]:g}; a retention needs a positive one")
    ratios = [value / ref for value, ref in zip(intensities, refs, strict=True)]
    values = tuple(ratio / ratios[reference_index] for ratio in ratios)
    if u_relative is None:
        return Retention(values, None, None, None, reference_index)
    if not all(one >= 0 for one in u_relative):
        raise InputError("a relative uncertainty is negative")
    common = u_relative[reference_index]
    own = tuple(abs(value) * u for value, u in zip(values, u_relative, strict=True))
    total = tuple(
        0.0 if i == reference_index else math.hypot(own[i], values[i] * common) for i in range(n)
    )  # R(0) is 1 by definition
    return Retention(values, total, own, common, reference_index)


def own_uncertainties(retentions: Sequence[float], u: Sequence[float]) -> list[float]:
    """Take the part common to a vial out of u, for data that come as retentions with R(0) = 1 exactly.

    Where R(0) has u = 0, its reading's uncertainty sits in the u of all others. It is given back to it under one
    assumption: all readings, that of t = 0 included, have the same relative uncertainty, u / (R sqrt 2) on average.

    Parameters
    ----------
    retentions : Sequence[float], shape (n,) [1]
        Retentions.
    u : Sequence[float], shape (n,) [1]
        Standard uncertainties; 0 only where R is 1 by definition.

    Returns
    -------
    list[float]
        Own standard uncertainties, shape (n,) [1]; u itself if none of them is 0.

    Raises
    ------
    InputError
        If the lengths differ, a u is negative or not finite, or u is 0 elsewhere than at R = 1.

    Source
    ------
    Inverse of u(R)^2 = R^2 (u_i^2 + u_0^2) with u_i = u_0.

    Examples
    --------
    >>> [round(one, 4) for one in own_uncertainties([1.0, 0.992, 0.987], [0.0, 0.014, 0.014])]
    [0.01, 0.0099, 0.0099]
    """
    if len(retentions) != len(u) or not all(math.isfinite(one) and one >= 0 for one in u):
        raise InputError(f"{len(retentions)} retentions, {len(u)} uncertainties; expected one u >= 0 for each")
    if all(one > 0 for one in u):
        return list(u)
    relative = [one / abs(value) for value, one in zip(retentions, u, strict=True) if one > 0 and value]
    misplaced = [value for value, one in zip(retentions, u, strict=True) if not one > 0 and abs(value - 1) > 1e-12]
    if misplaced or not relative:
        raise InputError("an uncertainty of 0 belongs only to R = 1 at t = 0, beside others that are positive")
    common = statistics.fmean(relative) / math.sqrt(2)
    # what is left of a u that is smaller than the mean would allow is never taken below half of it
    return [
        max(math.sqrt(max(one**2 - (value * common) ** 2, 0.0)), abs(value) * common / 2) if one > 0 else common
        for value, one in zip(retentions, u, strict=True)
    ]


def mean_over_vials(
    retentions: Sequence[float], u: Sequence[float | None], u_common: float | None = 0.0
) -> MeanRetention:
    """Average one pull over vials: u = sqrt(s^2 / n + u_common^2); a single vial keeps its own u.

    Parameters
    ----------
    retentions : Sequence[float], shape (n,) [1]
        Retention of each vial at this pull.
    u : Sequence[float | None], shape (n,) [1]
        Standard uncertainty of each; used where one vial stands alone or all read exactly alike.
    u_common : float or None, scalar [1]
        Standard uncertainty common to all vials (one reference for all, for instance), which n does not reduce; None
        if it exists and is not known.

    Returns
    -------
    MeanRetention
        Mean [1], standard uncertainty, number of vials, degrees of freedom of the scatter, and a sentence.

    Raises
    ------
    InputError
        If there is no vial, the lengths differ, or a number is not finite.

    Source
    ------
    JCGM 100:2008 4.2 and 5.2.

    Examples
    --------
    >>> mean = mean_over_vials([0.98, 1.00, 1.02], [0.006, 0.006, 0.006])
    >>> print(f"{mean.mean:.2f} u {mean.u:.4f}, {mean.sentence}")
    1.00 u 0.0115, mean of 3 vials
    """
    n = len(retentions)
    if not n or len(u) != n or not all(math.isfinite(one) for one in retentions):
        raise InputError(
            f"{n} retentions, {len(u)} uncertainties; expected at least one finite retention, and a u each"
        )
    if n == 1:
        alone = None if u[0] is None or u_common is None else math.hypot(u[0], u_common)
        return MeanRetention(retentions[0], alone, 1, None, "one vial (n = 1): its scatter between vials is not known")
    mean, s = statistics.fmean(retentions), statistics.stdev(retentions)
    scatter: float | None = s / math.sqrt(n)
    if not s > 0:
        # vials that read exactly alike were rounded: their own u is then all that is known
        known = [one for one in u if one is not None]
        scatter = math.sqrt(math.fsum(one**2 for one in known)) / n if len(known) == n else None
    total = None if u_common is None or scatter is None else math.hypot(scatter, u_common)
    return MeanRetention(mean, total, n, n - 1, f"mean of {n} vials")
