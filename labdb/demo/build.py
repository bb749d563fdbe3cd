"""Build the example labs: their tables and curves go in through the ordinary intake."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labdb.errors import ConflictError
from labdb.intake.correction import attach
from labdb.intake.file import take_in
from labdb.lab import Lab, create_lab
from labdb.record import fixed_source

PAPER = Path(__file__).with_name("paper")
CLEAN = Path(__file__).with_name("clean")
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Progress = Callable[[str], None]


@dataclass(frozen=True)
class CurveSet:
    """Curves that are taken in together: which files, and what is said of them."""

    pattern: str
    run: str
    intensity: str | None = None


_CURVES = (
    CurveSet("pl_{sample}.csv", "R-PLS-1", "photoluminescence_intensity"),
    CurveSet("rl_{sample}.csv", "R-RL-1", "radioluminescence_intensity"),
    CurveSet("xrd_{sample}.csv", "R-XRD-1"),
    CurveSet("decay_{sample}.csv", "R-DECAY-1"),
)
_PAPER_SETTINGS = """limits = ["PAPER-5UGG", "ICHQ3D-Pb-oral", "RL80-60GY", "PL80-42D"]
daily_mass_mg = 10  # the mass of particles the source paper compares with a meal
person = "demo"
"""
_CLEAN_SETTINGS = """limits = ["LAB-PB-RELEASED", "LAB-PL-14D", "LAB-RL-20GY"]
person = "demo"
"""


def _quiet(_line: str) -> None:
    """Say nothing."""


def _refuse_full(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise ConflictError(f"{folder} is not empty. Give another folder: labdb demo DIR, or remove it first")


def _take_tables(lab: Lab, folder: Path, reason: str, progress: Progress) -> None:
    tables = sorted(folder.glob("*.csv"))
    report = take_in(lab, tables, reason=reason)
    progress(f"{len(tables)} tables: " + ", ".join(f"{count} {noun}" for noun, count in report.stored.items() if count))


def build_paper(folder: Path, progress: Progress = _quiet, *, database: str | None = None) -> Lab:
    """Build the example lab of the source paper.

    Parameters
    ----------
    folder : Path
        Where; missing or empty.
    progress : callable, optional
        Is told what goes on, a line at a time.
    database : str, optional
        Another database than a SQLite file in the folder.

    Returns
    -------
    Lab
        The lab, filled. The same files give the same rows, identifiers included.

    Raises
    ------
    ConflictError
        The folder is not empty.
    """
    _refuse_full(folder)
    with fixed_source(START):
        lab = create_lab(
            folder,
            name="Example laboratory (after Carulli et al. 2023)",
            database=database,
            example=True,
            settings=_PAPER_SETTINGS,
        )
        _take_tables(lab, PAPER, "tables of the example data", progress)
        for curves in _CURVES:
            files = sorted((PAPER / "curves").glob(curves.pattern.replace("{sample}", "*")))
            context = {"run": curves.run, "origin": "synthetic"} | (
                {"intensity": curves.intensity} if curves.intensity else {}
            )
            take_in(lab, files, context=context, pattern=curves.pattern, reason="curves of the example data")
            progress(f"{len(files)} curves {curves.pattern}")
        attach(lab, "B-2202", PAPER / "curves" / "furnace_B-2202.csv", "furnace log of the calcination")
    return lab


def build_clean(folder: Path, progress: Progress = _quiet, *, database: str | None = None) -> Lab:
    """Build the example lab of an ordinary week, where everything is stated and nothing is to be found.

    Parameters
    ----------
    folder : Path
        Where; missing or empty.
    progress : callable, optional
        Is told what goes on, a line at a time.
    database : str, optional
        Another database than a SQLite file in the folder.

    Returns
    -------
    Lab
        The lab, filled.

    Raises
    ------
    ConflictError
        The folder is not empty.
    """
    _refuse_full(folder)
    with fixed_source(START):
        lab = create_lab(
            folder,
            name="Example laboratory, an ordinary week",
            database=database,
            example=True,
            settings=_CLEAN_SETTINGS,
        )
        own = folder.expanduser().resolve() / "limits"
        own.mkdir()
        (own / "laboratory.toml").write_bytes((CLEAN / "limits.toml").read_bytes())
        _take_tables(lab, CLEAN, "tables of the example week", progress)
    return lab
