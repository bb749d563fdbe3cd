"""What is plotted: series of values and bounds against age, brought into one unit, and told in words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labdb.errors import InputError
from labdb.kinds import quantity_kind
from labdb.quantity import Quantity

if TYPE_CHECKING:
    from labdb.compliance.limit import Limit
    from labdb.queries.leaching import LeachSeries
    from labdb.queries.trend import Trend

COVERAGE = 2.0
"""Coverage factor k of every error bar and of every expanded uncertainty U."""

_NAMED_POINTS = 8

_PRINTED = (
    ("<=", "≤"),
    (">=", "≥"),
    (r"\+/-", "±"),
    (r"\bug\b", "µg"),
    (r"\buL\b", "µL"),
    (r"\bum\b", "µm"),
    (r"\bdegC\b", "°C"),
    (r"\bangstrom\b", "Å"),
    (r"\*\*2\b", "²"),
    (r"\*\*3\b", "³"),
)


@dataclass(frozen=True, slots=True)
class PlotSeries:
    """One line of a plot.

    Parameters
    ----------
    label : str
        What the legend says.
    points : tuple of (float, Quantity)
        Age [d] and value or bound, in order of age.
    """

    label: str
    points: tuple[tuple[float, Quantity], ...]


def series_of_trend(trend: "Trend") -> tuple[PlotSeries, ...]:
    """Return the means over vials of a trend, one series for each sample and condition.

    Parameters
    ----------
    trend : Trend
        Of `labdb.queries.trend.trend`.

    Returns
    -------
    tuple of PlotSeries
        In the order of the trend.
    """
    several = len({one.sample for one in trend.series}) > 1
    made = []
    for one in trend.series:
        condition = one.condition or "condition not stated"
        label = f"{one.sample}, {condition}" if several else condition
        made.append(PlotSeries(label, tuple(zip(one.ages_d, one.means, strict=True))))
    return tuple(made)


def series_of_leaching(found: "LeachSeries") -> PlotSeries:
    """Return the released lead of a leach test as one series.

    Parameters
    ----------
    found : LeachSeries
        Of `labdb.queries.leaching.leach_series`.

    Returns
    -------
    PlotSeries
        Empty where the suspension has no loading.
    """
    return PlotSeries(f"{found.test}, {found.leachant}", tuple(sorted(found.released, key=lambda pull: pull[0])))


def in_one_unit(series: Sequence[PlotSeries], limit: "Limit | None" = None) -> list[PlotSeries]:
    """Bring every point into one unit, the limit's where there is one; leave out empty series.

    Parameters
    ----------
    series : sequence of PlotSeries
        All of one kind.
    limit : Limit, optional
        Of the same kind.

    Returns
    -------
    list of PlotSeries
        At least one, each with at least one point.

    Raises
    ------
    InputError
        There is no point to draw, or the kinds differ.
    """
    filled = [one for one in series if one.points]
    if not filled:
        raise InputError("nothing to plot: found no point; expected at least one value or bound with an age")
    first = filled[0].points[0][1]
    kinds = {quantity.kind for one in filled for _, quantity in one.points}
    if limit is not None:
        kinds.add(limit.kind)
    if len(kinds) > 1:
        raise InputError(f"cannot plot {' and '.join(sorted(kinds))} on one axis; expected one kind")
    unit = first.unit if limit is None else limit.unit
    return [PlotSeries(one.label, tuple((age, quantity.to(unit)) for age, quantity in one.points)) for one in filled]


def ends_of(limit: "Limit") -> list[float]:
    """Return where a limit's lines are drawn.

    Parameters
    ----------
    limit : Limit
        One-sided, or an interval.

    Returns
    -------
    list of float, one or two [unit of the limit]
        The limit, or both ends.
    """
    return [limit.value] if limit.upper is None else [limit.value, limit.upper]


def describe(series: Sequence[PlotSeries], limit: "Limit | None" = None) -> str:
    """Say in words what a plot shows: the alternative text for those who cannot see it.

    Parameters
    ----------
    series : sequence of PlotSeries
        What is drawn.
    limit : Limit, optional
        The limit's line.

    Returns
    -------
    str
        Each series with its points, eight of them at most.
    """
    drawn = in_one_unit(series, limit)
    kind = quantity_kind(drawn[0].points[0][1].kind)
    parts = [f"Plot of {kind.label} against age."]
    for one in drawn:
        named = one.points if len(one.points) <= _NAMED_POINTS else (*one.points[:4], *one.points[-3:])
        text = "; ".join(f"{age:g} d: {quantity}" for age, quantity in named)
        more = f" ({len(named)} of {len(one.points)} pulls)" if len(named) < len(one.points) else ""
        parts.append(f"{one.label}{more}: {text}.")
    if limit is not None:
        parts.append(f"Line at the limit {limit.id}, {limit}.")
    return " ".join(parts)


def typeset(text: str) -> str:
    """Return labdb's own words with the signs of print: ug as µg, <= as ≤, degC as °C.

    Parameters
    ----------
    text : str
        Written by labdb, never by a person: what a person typed is printed as typed.

    Returns
    -------
    str
        For print only.

    Examples
    --------
    >>> typeset("LD <= 1.67 ug/L, 600 degC")
    'LD ≤ 1.67 µg/L, 600 °C'
    """
    for plain, printed in _PRINTED:
        text = re.sub(plain, printed, text)
    return text
