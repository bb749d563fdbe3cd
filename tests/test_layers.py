"""The direction of imports: the contract itself, and what it cannot see because discovery does the importing."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "labdb"

# Imports each module named on the command line in a process of its own, which has no module of labdb yet, and prints
# those that fail. Other people's heavy packages are loaded once, before the forks: 0.5 s saved per module.
IMPORT_EACH_ALONE = """
import os, sys, traceback
import pandas, pydantic, sqlmodel
failed = []
for name in sys.argv[1:]:
    assert not [loaded for loaded in sys.modules if loaded.partition(".")[0] == "labdb"]
    child = os.fork()
    if child == 0:
        try:
            __import__(name)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
print(*failed, sep="\\n", end="")
"""


def modules() -> dict[str, Path]:
    """All modules of labdb by dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(REPOSITORY).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def table_classes(path: Path) -> list[str]:
    """Names of the classes written with `table=True` in a file."""
    return [
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(
            word.arg == "table" and isinstance(word.value, ast.Constant) and word.value.value is True
            for word in node.keywords
        )
    ]


def imports_of_root(path: Path) -> list[int]:
    """Lines on which a file imports the root package, or a name that the root package itself defines."""
    lines = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            if any(alias.name == "labdb" for alias in node.names):
                lines.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module == "labdb" and node.level == 0:
            beside = [PACKAGE / alias.name for alias in node.names]
            if not all(one.is_dir() or one.with_suffix(".py").is_file() for one in beside):
                lines.append(node.lineno)
    return lines


def test_a_module_imports_only_what_stands_below_it() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    assert linter.is_file(), "import-linter is not installed beside this Python; see requirements.lock"
    result = subprocess.run([linter, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_table_class_lies_below_database(layers: list[list[str]]) -> None:
    database = layers.index(["database"])
    below = {name for layer in layers[database + 1 :] for name in layer}
    tables = {name: classes for name, path in modules().items() if (classes := table_classes(path))}
    assert tables, "no table class found: this test looks in the wrong place"
    too_high = {name: classes for name, classes in tables.items() if name.split(".")[1] not in below}
    assert not too_high


def test_nothing_inside_labdb_imports_the_root_package() -> None:
    found = {name: lines for name, path in modules().items() if (lines := imports_of_root(path))}
    assert not found


def test_each_module_imports_alone_in_a_fresh_process() -> None:
    names = [name for name in modules() if not name.endswith("__main__")]
    # One thread for OpenBLAS: a process with several threads must not fork.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_EACH_ALONE, *names],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [], result.stderr
