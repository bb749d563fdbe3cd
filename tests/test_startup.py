"""A start stays fast because it imports little: counted in modules here, in ratios by tests/benchmarks/startup.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
HEAVY = {
    *("alembic", "jinja2", "matplotlib", "numpy", "pandas", "periodictable", "pint", "plotext", "psycopg"),
    *("pydantic", "scipy", "segno", "sqlalchemy", "sqlmodel", "typst", "uncertainties", "yaml"),
}

# Ends as the console script does, then prints what was imported; the help itself goes to stdout before it.
SHOW_IMPORTS = """
import sys
sys.argv = ["labdb", *sys.argv[1:]]
from labdb.__main__ import main
try:
    main()
except SystemExit as end:
    assert end.code in (0, None), end.code
print("imported:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def imported_by(*arguments: str) -> tuple[str, set[str]]:
    """What labdb prints for some arguments, and the top-level packages it has imported by then."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", SHOW_IMPORTS, *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    printed, _, names = result.stdout.rpartition("imported:")
    return printed, set(names.split())


def test_help_imports_nothing_heavy() -> None:
    printed, names = imported_by("--help")
    assert "Usage" in printed
    assert "labdb" in names
    assert names & HEAVY == set()


def test_a_unit_and_a_quantity_cost_nothing_until_they_are_used() -> None:
    code = (
        "import sys, labdb.units, labdb.quantity, labdb.connection; print(*{n.partition('.')[0] for n in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert set(result.stdout.split()) & HEAVY == set()
