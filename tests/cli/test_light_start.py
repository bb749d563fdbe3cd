"""Commands that need no database stay light: counted in modules, as in tests/test_startup.py."""

from __future__ import annotations

import subprocess
import sys

import pytest

# sqlmodel and pandas cost more than all the rest of such a command.
HEAVY = {"sqlalchemy", "sqlmodel", "pandas", "numpy", "scipy", "matplotlib", "pint", "typst"}

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


@pytest.mark.parametrize("arguments", [("limits", "list"), ("limits", "show", "PAPER-5UGG"), ("assess", "--help")])
def test_a_command_without_database_imports_none_of_the_heavy_packages(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-W", "error", "-c", SHOW_IMPORTS, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert set(result.stdout.rpartition("imported:")[2].split()) & HEAVY == set()
