"""Command: trend, how a quantity changes with age: means over vials with their uncertainty, and what that says."""

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labdb.cli.options import CsvOption, JsonOption, LabOption, reading
from labdb.cli.output import emit, is_pretty, say, warn

if TYPE_CHECKING:
    from labdb.queries.trend import Trend, TrendSeries

_LINE = 100  # columns; a longer line is broken between two pulls

SCHEMAS = {
    "trend": {
        "sample": ("string", "what the vials came from in the end"),
        "composition": "string?",
        "condition": "string?",
        "study": "string?",
        "kind": "string",
        "unit": "string",
        "normalised": "boolean",
        "points": [{"age_d": "number", "mean": "quantity", "n_vials": "integer"}],
        "readings": [
            {"sample": "string", "vial": "string", "age_d": "number", "quantity": "quantity", "measurement": "string"}
        ],
        "fit": {
            "?": True,
            "model": "string",
            "parameters": {"*": "number"},
            "aicc": "number?",
            "losers": [{"model": "string", "aicc": "number?", "reason": "string"}],
            "t80_d": ("number?", "null where t80 is not reached, not defined or not known"),
            "t80_interval": ["number?"],
            "plateau_interval": ["number?"],
            "change_shown": "boolean",
            "last_time_d": "number",
            "n": "integer",
            "extrapolated": "boolean",
        },
        "sentence": "string",
        "notes": ["string"],
    }
}


def register(app: typer.Typer) -> None:
    """Hang `labdb trend` into the app."""
    app.command("trend")(trend)


def trend(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Quantity kind or alias: PL, Pb, PLQY, RL.")],
    sample: Annotated[str | None, typer.Option("--sample", help="Only this sample and its aliquots.")] = None,
    condition: Annotated[str | None, typer.Option("--condition", help="Only this storage condition.")] = None,
    study: Annotated[str | None, typer.Option("--study", help="Only this study.")] = None,
    batch: Annotated[str | None, typer.Option("--batch", help="Only samples of this batch.")] = None,
    normalise: Annotated[
        str | None, typer.Option("--normalise", metavar="AGE", help="Divide each vial by its reading at AGE: 0d.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Also draw it: .svg, .png or .pdf.")
    ] = None,
    terminal: Annotated[bool, typer.Option("--terminal", help="Also draw it here, in letters.")] = False,
    lab: LabOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Show how a quantity changes with age: the mean over vials at each pull, and t80 where the data hold one.

    Example: labdb trend PL --sample S-I --normalise 0d --plot pl.svg
    """
    from labdb.queries.trend import trend as gather

    with reading(lab) as session:
        found = gather(session, kind, sample=sample, condition=condition, study=study, batch=batch, normalise=normalise)
    if plot is not None:
        _draw(found, plot)
    if as_csv:
        emit("trend", _flat(found), columns=list(_FLAT), as_json=as_json, as_csv=True)
        return
    emit(
        "trend",
        [_row(found, one) for one in found.series],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=_lines(found),
        next_step=None if terminal else _next(kind, found, plot),
    )
    if terminal and not as_json:
        _draw_here(found)
    elif plot is not None and as_json:
        warn(f"plot: {plot}")


def _draw(found: "Trend", path: Path) -> None:
    from labdb.errors import InputError
    from labdb.reports.plot import save_figure, series_of_trend, trend_figure

    if path.parent != Path() and not path.parent.is_dir():
        raise InputError(f"--plot: {path.parent} is no folder. Make it first, or name another file")
    save_figure(trend_figure(series_of_trend(found)), path)


def _draw_here(found: "Trend") -> None:
    from labdb.reports.plot import series_of_trend, terminal_plot

    size = shutil.get_terminal_size((80, 24))
    say(
        terminal_plot(
            series_of_trend(found), width=min(size.columns, 110), height=min(size.lines - 2, 24), colour=is_pretty()
        )
    )


def _row(found: "Trend", one: "TrendSeries") -> dict[str, Any]:
    fit = None if one.fit is None else asdict(one.fit)
    if fit is not None:
        del fit["sentence"]
        for name in ("t80_interval", "plateau_interval"):
            fit[name] = list(fit[name] or ())
    return {
        "sample": one.sample,
        "composition": one.composition,
        "condition": one.condition,
        "study": one.study,
        "kind": found.kind,
        "unit": found.unit,
        "normalised": found.normalised,
        "points": [
            {"age_d": age, "mean": mean, "n_vials": n}
            for age, mean, n in zip(one.ages_d, one.means, one.n_vials, strict=True)
        ],
        "readings": [
            {
                "sample": point.sample,
                "vial": point.vial,
                "age_d": point.age_d,
                "quantity": point.quantity,
                "measurement": point.measurement,
            }
            for point in found.points
            if (point.root, point.condition, point.study) == (one.sample, one.condition, one.study)
        ],
        "fit": fit,
        "sentence": one.sentence,
        "notes": list(found.notes),
    }


_FLAT = ("sample", "composition", "condition", "study", "kind", "age_d", "value", "u", "unit", "censoring", "n_vials")


def _flat(found: "Trend") -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(one, name) for name in ("sample", "composition", "condition", "study")},
            "kind": mean.kind,
            "age_d": age,
            "value": mean.value,
            "u": mean.u,
            "unit": mean.unit,
            "censoring": mean.censoring.value,
            "n_vials": n,
        }
        for one in found.series
        for age, mean, n in zip(one.ages_d, one.means, one.n_vials, strict=True)
    ]


def _lines(found: "Trend") -> list[str]:
    lines: list[str] = []
    for one in found.series:
        lines.append(_head(found, one))
        lines += _pulls(one)
        if one.fit is not None and one.fit.losers:
            lines.append(f"  {_models(one)}")
    return lines + [f"  note: {note}" for note in found.notes]


def _head(found: "Trend", one: "TrendSeries") -> str:
    from labdb.quantity import quantity_kind

    numbers = sorted(set(one.n_vials))
    vials = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    mean = "one vial" if numbers == [1] else f"mean over {vials} vials"
    parts = [one.sample, one.composition, one.condition or "condition not stated", one.study]
    return f"{'  '.join(part for part in parts if part)}   {quantity_kind(found.kind).label}, {mean}"


def _pulls(one: "TrendSeries") -> list[str]:
    """Write the pulls in one line and what they say behind them, broken where the line gets long."""
    # What is divided by itself is exactly 1; that needs no words.
    parts = [f"{age:g} d {str(mean).removesuffix(' (exact)')}" for age, mean in zip(one.ages_d, one.means, strict=True)]
    lines = [""]
    for part in [*parts, f"   {one.sentence}"]:
        if lines[-1] and len(lines[-1]) + len(part) > _LINE:
            lines.append("")
        lines[-1] += f"   {part}" if lines[-1] else f"  {part.strip()}"
    return lines


def _models(one: "TrendSeries") -> str:
    """Name the model that was chosen, and by how much the others lost."""
    fit = one.fit
    if fit is None:
        return ""
    chosen = f"model {fit.model}" + (f", AICc {fit.aicc:.1f}" if fit.aicc is not None else "")
    others = [
        f"{loser.model} {loser.aicc:.1f}" if loser.aicc is not None else f"{loser.model}: {loser.reason}"
        for loser in fit.losers
    ]
    return f"{chosen}   (others: {'; '.join(others)})"


def _next(kind: str, found: "Trend", plot: Path | None) -> str:
    if plot is not None:
        return f"plot in {plot}; labdb check"
    starts_at_zero = any(one.ages_d[0] == 0.0 and len(one.ages_d) > 1 for one in found.series)
    if not found.normalised and starts_at_zero and found.kind.endswith("_intensity"):
        return f"labdb trend {kind} ... --normalise 0d, for retention and t80"
    return f"labdb trend {kind} ... --plot {kind.lower()}.svg, or --terminal"
