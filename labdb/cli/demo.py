"""Command: demo, an example lab built before your eyes: its data taken in, its questions asked, its reports written."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labdb.cli.options import JsonOption
from labdb.cli.output import emit, say, warn

if TYPE_CHECKING:
    from labdb.demo.tour import Tour

SCHEMAS = {
    "demo": {
        "sample": "string",
        "composition": "string",
        "dose": ("string", "the largest dose any aliquot was given"),
        "retention": ({"*": "string"}, "PL retention by storage condition"),
        "released": "string",
        "verdict": "string",
        "lab": ("string", "the lab's folder"),
        "findings": ("integer", "of the whole lab"),
        "reports": ["string"],
    }
}


def register(app: typer.Typer) -> None:
    """Hang `labdb demo` into the app."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Where; missing or empty. Else ./labdb-demo or ./labdb-clean."),
    ] = None,
    clean: Annotated[
        bool, typer.Option("--clean", help="An ordinary week, where everything is stated and nothing is found.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build the example lab of the source paper and ask it everything: trends, doses, findings, verdicts, reports.

    Example: labdb demo
    """
    from labdb.demo.tour import run

    where = folder or Path("labdb-clean" if clean else "labdb-demo")
    tell = warn if as_json else say
    tell(f"Building an example lab in {where}. Its data are examples: each value says where it comes from.")
    tour = run(where, lambda line: tell(f"  {line}"), clean=clean)
    kinds = list(dict.fromkeys(name for row in tour.rows for name in row.as_row()))
    emit(
        "demo",
        _rows(tour) if as_json else [row.as_row() for row in tour.rows],
        columns=kinds,
        as_json=as_json,
        as_csv=False,
        title="",
        next_step=f"open {_near(tour.reports[0])}, or ask yourself: cd {_near(tour.folder)} && labdb check"
        if tour.reports
        else f"cd {_near(tour.folder)} && labdb check",
    )


def _near(path: Path) -> Path:
    """The path from here, where that is shorter."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _rows(tour: "Tour") -> list[dict[str, Any]]:
    return [
        {
            **{
                name: getattr(row, name)
                for name in ("sample", "composition", "dose", "retention", "released", "verdict")
            },
            "lab": tour.folder,
            "findings": len(tour.findings),
            "reports": list(tour.reports),
        }
        for row in tour.rows
    ]
