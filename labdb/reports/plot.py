"""Plots: a quantity against age, as a figure for files and as text for the terminal; same data, same bytes.

Values are filled marks with error bars of U = k u, bounds ("< 20 ug/g") open arrows that start at the bound and point
to where the value lies, the limit is a labelled line. Colours are those of Okabe and Ito, which people who see fewer
colours tell apart; every series has its own mark and dash besides.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labdb.errors import InputError
from labdb.kinds import quantity_kind
from labdb.quantity import Censoring
from labdb.reports.plot_series import (
    COVERAGE,
    PlotSeries,
    describe,
    ends_of,
    in_one_unit,
    series_of_leaching,
    series_of_trend,
    typeset,
)
from labdb.reports.rendering import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from labdb.compliance.limit import Limit

__all__ = [
    "PlotSeries",
    "describe",
    "figure_bytes",
    "save_figure",
    "series_of_leaching",
    "series_of_trend",
    "terminal_plot",
    "trend_figure",
]

# Okabe and Ito, "Color Universal Design", 2008; yellow is left out, it is lost on white.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
_MARKS = ("o", "s", "D", "^", "P", "X")
_LETTERS = "ox+#%@"
_DASHES = ("solid", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
# Shares of the height of the axes that a mark takes up below and above its value, and that a line of words does.
_MARK_HEIGHT = {Censoring.NONE: (0.03, 0.03), Censoring.BELOW: (0.13, 0.0), Censoring.ABOVE: (0.0, 0.13)}
_WORDS_HEIGHT = 0.11
_SHORT_NAME = 24  # letters: three such names fit below a plot
_INK, _MUTED, _RULE, _LIMIT = "#1B2733", "#55626F", "#D9DEE4", "#8A1C1C"

# Both come with matplotlib: the same letters on every computer.
_STYLE: Any = {
    "svg.hashsalt": "labdb",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 9.5,
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a "$" in a code is a dollar
}
_METADATA: dict[str, dict[str, str | None]] = {
    ".svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    ".png": {"Software": None},
}


def trend_figure(
    series: Sequence[PlotSeries],
    limit: "Limit | None" = None,
    *,
    title: str = "",
    width_in: float = 6.4,
    height_in: float = 3.1,
) -> "Figure":
    """Draw a quantity against age.

    Parameters
    ----------
    series : sequence of PlotSeries
        All of one kind; `series_of_trend` and `series_of_leaching` make them.
    limit : Limit, optional
        Of the same kind; drawn as a line, and its unit is used.
    title : str
        Above the plot; in a report the caption says it.
    width_in, height_in : float, scalar [inch]
        Size of the figure.

    Returns
    -------
    matplotlib.figure.Figure
        To be written by `save_figure`.

    Raises
    ------
    InputError
        There is no point to draw, or the series are of different kinds.
    """
    import matplotlib
    from matplotlib.figure import Figure

    drawn = [PlotSeries(_legend_name(one.label), one.points) for one in in_one_unit(series, limit)]
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        axes = figure.subplots()
        for place, one in enumerate(drawn):
            _draw_series(axes, one, place)
        _scale(axes, drawn, limit)
        if limit is not None:
            _draw_limit(axes, drawn, limit)
        _dress(axes, drawn, title)
        # laid out once: a second layout, at another resolution, would move things by a hair
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    return figure


def save_figure(figure: "Figure", path: Path) -> None:
    """Write a figure; the ending chooses the format.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of `trend_figure`.
    path : Path
        Ending in .svg, .png or .pdf.

    Raises
    ------
    InputError
        The ending is another one.
    """
    ending = path.suffix.lower()
    if ending not in _METADATA:
        raise InputError(f'plot "{path.name}": found the ending "{ending}"; expected {", ".join(_METADATA)}')
    path.write_bytes(figure_bytes(figure, ending))


def figure_bytes(figure: "Figure", ending: str = ".svg") -> bytes:
    """Return a figure as the bytes of a file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of `trend_figure`.
    ending : str
        One of .svg, .png, .pdf.

    Returns
    -------
    bytes
        The same for the same data: no date, no creator, identifiers from a fixed salt.
    """
    import io

    import matplotlib

    target = io.BytesIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(target, format=ending.removeprefix("."), dpi=200, metadata=_METADATA[ending])
    return target.getvalue()


def _legend_name(label: str) -> str:
    """Return a name matplotlib can print, and does not leave out of the legend for its first letter."""
    words = printable(label)
    return f" {words}" if words.startswith("_") else words


def _draw_series(axes: "Axes", one: PlotSeries, place: int) -> None:
    colour = _COLOURS[place % len(_COLOURS)]
    values = [(age, quantity) for age, quantity in one.points if quantity.censoring is Censoring.NONE]
    if values:
        axes.errorbar(
            [age for age, _ in values],
            [quantity.value for _, quantity in values],
            yerr=[COVERAGE * (quantity.u or 0.0) for _, quantity in values],
            color=colour,
            marker=_MARKS[place % len(_MARKS)],
            markersize=5.0,
            linestyle=_DASHES[place % len(_DASHES)],
            linewidth=1.1,
            elinewidth=1.0,
            capsize=2.5,
            label=one.label,
            zorder=3,
        )
    for censoring, words in ((Censoring.BELOW, "below the bound"), (Censoring.ABOVE, "above the bound")):
        bounds = [(age, quantity.value) for age, quantity in one.points if quantity.censoring is censoring]
        if bounds:
            axes.plot(
                [age for age, _ in bounds],
                [value for _, value in bounds],
                linestyle="none",
                marker=_arrow(down=censoring is Censoring.BELOW),
                markersize=24,
                markerfacecolor="none",
                markeredgecolor=colour,
                markeredgewidth=1.2,
                label=f"{one.label}: {words}",
                zorder=3,
                clip_on=False,
            )


def _arrow(*, down: bool) -> Any:  # noqa: ANN401 - a matplotlib Path, not imported at start
    """An open arrow: a bar at the bound, a stem, and a hollow head towards where the value lies."""
    from matplotlib.path import Path as Outline

    sign = -1.0 if down else 1.0
    corners = [(-0.22, 0.0), (0.22, 0.0), (0.0, 0.0), (0.0, 0.62), (-0.17, 0.62), (0.0, 1.0), (0.17, 0.62), (0.0, 0.62)]
    move, line = Outline.MOVETO, Outline.LINETO
    codes = [move, line, move, line, line, line, line, line]
    return Outline([(x, sign * y) for x, y in corners], codes)


def _range(drawn: Sequence[PlotSeries], limit: "Limit | None") -> tuple[float, float]:
    """Show all of it, and zero where lead is concerned: a plot must not make a small release look large."""
    points = [quantity for one in drawn for _, quantity in one.points]
    low = min(quantity.value - COVERAGE * (quantity.u or 0.0) for quantity in points)
    high = max(quantity.value + COVERAGE * (quantity.u or 0.0) for quantity in points)
    if limit is not None:
        low, high = min(low, *ends_of(limit)), max(high, *ends_of(limit))
    if "lead" in points[0].kind or any(quantity.censoring is Censoring.BELOW for quantity in points):
        low = min(low, 0.0)
    room = 0.10 * ((high - low) or abs(high) or 1.0)
    return (low if low == 0.0 else low - room), high + room


def _scale(axes: "Axes", drawn: Sequence[PlotSeries], limit: "Limit | None") -> None:
    axes.set_ylim(*_range(drawn, limit))
    ages = [age for one in drawn for age, _ in one.points]
    span = (max(ages) - min(ages)) or 1.0
    axes.set_xlim(min(ages) - 0.05 * span, max(ages) + 0.05 * span)


def _draw_limit(axes: "Axes", drawn: Sequence[PlotSeries], limit: "Limit") -> None:
    for end in ends_of(limit):
        axes.axhline(end, color=_LIMIT, linewidth=1.2, linestyle=(0, (7, 3)), zorder=2)
    right, above = _free_corner(axes, drawn, limit.value)
    axes.annotate(
        f"limit {limit.id}, {typeset(_limit_words(limit))}",
        (0.995 if right else 0.005, limit.value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3 if above else -3),
        textcoords="offset points",
        ha="right" if right else "left",
        va="bottom" if above else "top",
        color=_LIMIT,
        fontsize=8.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        zorder=2.5,
    )


def _free_corner(axes: "Axes", drawn: Sequence[PlotSeries], at: float) -> tuple[bool, bool]:
    """Choose where words on a line hide fewest points: right or left, above or below it."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    marks = []  # whether on the right, lower and upper end of the mark, as shares of the height above the line
    for age, quantity in (point for one in drawn for point in one.points):
        middle = (quantity.value - at) / (high - low)
        down, up = _MARK_HEIGHT[quantity.censoring]
        marks.append((age - left > 0.5 * (right - left), middle - down, middle + up))

    def hidden(corner: tuple[bool, bool]) -> int:
        foot, top = (0.01, _WORDS_HEIGHT) if corner[1] else (-_WORDS_HEIGHT, -0.01)
        return sum(on_right == corner[0] and lower < top and upper > foot for on_right, lower, upper in marks)

    return min([(True, True), (False, True), (True, False), (False, False)], key=hidden)


def _limit_words(limit: "Limit") -> str:
    from labdb.compliance.limit import limit_status_words

    status = limit_status_words(limit)
    return f"{limit} ({status})" if status else str(limit)


def _dress(axes: "Axes", drawn: Sequence[PlotSeries], title: str) -> None:
    axes.set_xlabel("age / d", color=_INK)
    axes.set_ylabel(_axis_words(drawn), color=_INK)
    axes.grid(axis="y", color=_RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(_MUTED)
    axes.tick_params(colors=_MUTED, labelcolor=_INK, length=3)
    if title:
        axes.set_title(title, loc="left", color=_INK, fontsize=10.5)
    _legend(axes, drawn)


def _legend(axes: "Axes", drawn: Sequence[PlotSeries]) -> None:
    """Name the series in their order (matplotlib puts error bars last), with arrows that fit into a line of text."""
    from matplotlib.lines import Line2D

    entries: dict[str, Any] = {}
    for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
        entries[name] = handle
        if isinstance(handle, Line2D):
            small = Line2D([], [])
            small.update_from(handle)
            small.set_markersize(14)
            entries[name] = small
    wanted = [name for one in drawn for name in entries if name == one.label or name.startswith(f"{one.label}: ")]
    order = list(dict.fromkeys(wanted))
    axes.legend(
        [entries[name] for name in order],
        order,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.2),
        ncols=min(len(order), 3 if max(len(name) for name in order) < _SHORT_NAME else 2),
        frameon=False,
        fontsize=8.8,
        labelcolor=_INK,
    )


def _axis_words(drawn: Sequence[PlotSeries]) -> str:
    first = drawn[0].points[0][1]
    label = quantity_kind(first.kind).label
    return label if first.unit == "1" else f"{label} / {typeset(first.unit)}"


# --- terminal ------------------------------------------------------------------------------------------------------


def terminal_plot(
    series: Sequence[PlotSeries],
    limit: "Limit | None" = None,
    *,
    width: int = 72,
    height: int = 20,
    colour: bool = False,
) -> str:
    """Draw a quantity against age in letters, for `labdb trend --terminal`.

    Parameters
    ----------
    series : sequence of PlotSeries
        All of one kind.
    limit : Limit, optional
        Of the same kind; drawn as a line.
    width, height : int, scalar [1]
        Columns and lines of the terminal to fill.
    colour : bool
        Whether to colour the marks; only for a terminal that shows colours.

    Returns
    -------
    str
        The plot and, below it, what its letters mean; a bound is drawn as "v" (the value lies below) or "^".

    Raises
    ------
    InputError
        There is no point to draw, or the series are of different kinds.
    """
    import plotext

    drawn = in_one_unit(series, limit)
    plotext.clear_figure()  # plotext keeps one figure for the whole process
    plotext.plot_size(width, height - len(drawn) - 1)
    plotext.theme("pro" if colour else "clear")
    low, high = _range(drawn, limit)
    plotext.ylim(low, high)
    legend = [f"  {_terminal_series(plotext, one, place)}" for place, one in enumerate(drawn)]
    if limit is not None:
        for end in ends_of(limit):
            plotext.hline(end)
        legend.append(f"  line: limit {limit.id}, {_limit_words(limit)}")
    plotext.title(_axis_words(drawn))
    plotext.xlabel("age / d")
    text = str(plotext.build())
    plotext.clear_figure()
    lines = (text if colour else str(plotext.uncolorize(text))).rstrip().splitlines()
    return "\n".join([*(line.rstrip() for line in lines), *legend])


def _terminal_series(plotext: Any, one: PlotSeries, place: int) -> str:  # noqa: ANN401 - plotext ships no types
    """Draw one series and return its line of the legend."""
    letter = _LETTERS[place % len(_LETTERS)]
    used = []
    for censoring, mark, words in (
        (Censoring.NONE, letter, ""),
        (Censoring.BELOW, "v", "value below"),
        (Censoring.ABOVE, "^", "value above"),
    ):
        chosen = [(age, quantity.value) for age, quantity in one.points if quantity.censoring is censoring]
        if chosen:
            plotext.scatter([age for age, _ in chosen], [value for _, value in chosen], marker=mark)
            used.append(f"{mark} {words}".strip())
    return f"{', '.join(used)}: {one.label}"
