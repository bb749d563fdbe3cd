import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labdb.compliance.limit import Limit, limit
from labdb.errors import InputError
from labdb.quantity import Quantity
from labdb.reports.plot import (
    PlotSeries,
    describe,
    figure_bytes,
    save_figure,
    terminal_plot,
    trend_figure,
)
from labdb.reports.plot_series import typeset

KIND = "released_lead_mass_fraction"
LIMIT = limit("PAPER-5UGG")


def value(number: float, u: float | None = 0.2) -> Quantity:
    return Quantity(number, "ug/g", KIND, u=u)


def bound(number: float, side: str = "below") -> Quantity:
    return Quantity(number, "ug/g", KIND, u=0.4, censoring=side)  # type: ignore[arg-type]  # read as the enum


SEEN = PlotSeries("LT-1, water", ((0.0, value(0.5)), (7.0, value(1.7)), (14.0, value(2.2))))
UNSEEN = PlotSeries("LT-2, water", ((0.0, bound(20.0)), (7.0, bound(20.0)), (14.0, bound(20.0))))


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_the_same_data_give_the_same_bytes(ending: str, tmp_path: Path) -> None:
    for name in ("first", "second"):
        save_figure(trend_figure([SEEN, UNSEEN], LIMIT), tmp_path / f"{name}{ending}")
    assert (tmp_path / f"first{ending}").read_bytes() == (tmp_path / f"second{ending}").read_bytes()


def test_a_figure_written_twice_in_different_formats_stays_the_same() -> None:
    figure = trend_figure([SEEN, UNSEEN], LIMIT)
    first = figure_bytes(figure, ".svg")
    figure_bytes(figure, ".png")
    assert figure_bytes(figure, ".svg") == first


def test_an_svg_has_no_date_and_its_letters_are_paths() -> None:
    svg = figure_bytes(trend_figure([SEEN], LIMIT)).decode()
    assert "<metadata" not in svg
    assert "dc:date" not in svg
    assert "<text" not in svg


def axes_of(series: list[PlotSeries], by: Limit | None = LIMIT) -> Any:  # noqa: ANN401 - of matplotlib
    (axes,) = trend_figure(series, by).axes
    return axes


def lines_of(series: list[PlotSeries]) -> dict[str, Any]:
    axes = axes_of(series)
    return dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))


def test_a_bound_is_an_open_arrow_at_the_bound_and_no_line_joins_it() -> None:
    arrow = lines_of([SEEN, UNSEEN])["LT-2, water: below the bound"]
    assert list(arrow.get_ydata()) == [20.0, 20.0, 20.0]
    assert arrow.get_markerfacecolor() == "none"
    assert arrow.get_linestyle() == "None"
    lowest = arrow.get_marker().vertices[:, 1].min()
    highest = arrow.get_marker().vertices[:, 1].max()
    assert (lowest, highest) == (-1.0, 0.0), "it starts at the bound and points down"


def test_a_bound_from_below_points_up() -> None:
    up = lines_of([PlotSeries("LT-3", ((1.0, bound(3.0, "above")),))])["LT-3: above the bound"]
    assert up.get_marker().vertices[:, 1].max() == 1.0


def test_error_bars_are_two_standard_uncertainties() -> None:
    axes = axes_of([SEEN])
    (bars,) = axes.containers[0].lines[2]
    (low, high) = sorted(point[1] for point in bars.get_segments()[2])
    assert (low, high) == pytest.approx((2.2 - 0.4, 2.2 + 0.4))


def test_a_value_without_uncertainty_has_no_error_bar_of_its_own() -> None:
    axes = axes_of([PlotSeries("LT-1", ((1.0, value(2.0, None)),))], None)
    (bars,) = axes.containers[0].lines[2]
    (low, high) = [point[1] for point in bars.get_segments()[0]]
    assert low == high == 2.0


def test_the_limit_is_a_line_with_its_name_and_standing() -> None:
    axes = axes_of([SEEN])
    assert any(list(line.get_ydata()) == [5.0, 5.0] for line in axes.lines)
    assert [text.get_text() for text in axes.texts] == ["limit PAPER-5UGG, ≤ 5 µg/g (unverified limit)"]


def test_lead_is_drawn_from_zero() -> None:
    axes = axes_of([SEEN], None)
    assert axes.get_ylim()[0] == 0.0


def test_a_code_with_a_dollar_an_underscore_or_a_foreign_letter_is_drawn_as_it_is() -> None:
    names = ["a$b$c", "_hidden", "水"]
    series = [PlotSeries(name, ((float(place), value(1.0)),)) for place, name in enumerate(names)]
    axes = axes_of(series, None)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a$b$c", " _hidden", "‹U+6C34›"]


def test_the_legend_keeps_the_order_of_the_series() -> None:
    axes = axes_of([UNSEEN, SEEN])
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["LT-2, water: below the bound", "LT-1, water"]


def test_points_are_drawn_in_the_unit_of_the_limit() -> None:
    milligrams = Quantity(0.0022, "mg/g", KIND, u=0.0002)
    axes = axes_of([PlotSeries("LT-1", ((1.0, milligrams),))])
    # rounding of two conversions by a factor of 1000
    assert axes.containers[0].lines[0].get_ydata()[0] == pytest.approx(2.2, rel=1e-12)


def test_two_kinds_on_one_axis_are_refused() -> None:
    light = PlotSeries("PL", ((1.0, Quantity(0.9, "1", "photoluminescence_retention", u=0.01)),))
    with pytest.raises(InputError, match="photoluminescence_retention and released_lead_mass_fraction"):
        trend_figure([light], LIMIT)


def test_nothing_to_plot_is_refused() -> None:
    with pytest.raises(InputError, match="found no point"):
        trend_figure([PlotSeries("LT-1", ())])


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.svg, \.pdf, \.png"):
        save_figure(trend_figure([SEEN]), tmp_path / "plot.gif")
    assert not list(tmp_path.iterdir())


def test_the_alternative_text_says_every_point_and_the_limit() -> None:
    words = describe([SEEN, UNSEEN], LIMIT)
    assert "14 d: 2.2(2) ug/g" in words
    assert "7 d: < 20.0 ug/g" in words
    assert "limit PAPER-5UGG, <= 5 ug/g" in words


def test_a_long_series_is_described_by_its_first_and_last_points() -> None:
    words = describe([PlotSeries("LT-1", tuple((float(day), value(1.0)) for day in range(30)))])
    assert "LT-1 (7 of 30 pulls): 0 d" in words
    assert "29 d: 1.0(2) ug/g." in words


def test_the_terminal_plot_shows_bounds_as_letters_and_names_the_limit() -> None:
    text = terminal_plot([SEEN, UNSEEN], LIMIT, width=70, height=20)
    assert "\x1b" not in text, "no colours unless asked for"
    lines = text.splitlines()
    assert len(lines) <= 20
    assert max(len(line) for line in lines) <= 70
    assert lines[-3:] == [
        "  o: LT-1, water",
        "  v value below: LT-2, water",
        "  line: limit PAPER-5UGG, <= 5 ug/g (unverified limit)",
    ]
    assert sum(line.count("v") for line in lines[1:-5]) == 3
    assert terminal_plot([SEEN, UNSEEN], LIMIT, width=70, height=20) == text


def test_pyplot_is_never_imported() -> None:
    program = (
        "import sys; from labdb.quantity import Quantity; from labdb.reports.plot import *; "
        "q = Quantity(1.0, 'ug/g', 'released_lead_mass_fraction'); "
        "figure_bytes(trend_figure([PlotSeries('a', ((1.0, q),))])); "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("u <= 0.046 ug/g (0.9 %)", "u ≤ 0.046 µg/g (0.9 %)"),
        ("5 +/- 1 degC/min", "5 ± 1 °C/min"),
        ("a bug, a drug", "a bug, a drug"),
        ("ug/m**3", "µg/m³"),
    ],
)
def test_labdbs_own_words_get_the_signs_of_print(written: str, printed: str) -> None:
    assert typeset(written) == printed
