"""How fast labdb starts, as ratios to what Python itself needs on the same machine in the same run.

    python tests/benchmarks/startup.py [--pairs 15]

Each row times a command and its yardstick in turn, pair by pair, and prints the median of the pairs' ratios: what
else the machine does falls on both. The commands work on the demo, made in a temporary folder first. Exit code 1 if a
ratio exceeds its bound.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LABDB = [sys.executable, "-m", "labdb"]


class Row(NamedTuple):
    """A command, the import it is measured by, and the most it may cost."""

    arguments: list[str]
    yardstick: str
    at_most: float


ROWS = [
    Row(["--help"], "typer", 2.5),
    # Read and print, through the public views over the bare driver.
    Row(["due"], "sqlmodel", 0.6),
    Row(["batch", "list"], "sqlmodel", 0.6),
    Row(["trend", "PL"], "sqlmodel", 0.6),
    # Write: one more batch in the demo each time.
    Row(["batch", "new", "--composition", "CsPbBr3"], "sqlmodel", 2.0),
]


def seconds(command: list[str], folder: Path) -> float:
    """Wall time of one process; ends the benchmark if the command fails, for a fast failure is no result."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"}
    began = time.perf_counter()
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if result.returncode:
        sys.exit(f"{' '.join(command)} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return took


def measure(row: Row, pairs: int, folder: Path) -> tuple[float, float, float]:
    """Median seconds of the command and of its yardstick, and the median of their ratios, pair by pair."""
    command, yardstick = [*LABDB, *row.arguments], [sys.executable, "-c", f"import {row.yardstick}"]
    times = [(seconds(command, folder), seconds(yardstick, folder)) for _ in range(pairs + 1)]
    del times[0]  # the first pair fills the caches
    ratio = statistics.median(one / other for one, other in times)
    return statistics.median(one for one, _ in times), statistics.median(other for _, other in times), ratio


def main() -> int:
    """Measure, print the table, and say whether every bound holds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=15, help="timed pairs per row (default 15)")
    pairs = parser.parse_args().pairs
    exceeded = False
    print(f"{'command':42} {'s':>6}   {'yardstick':17} {'s':>6}   {'ratio':>5}  {'at most':>7}")
    with tempfile.TemporaryDirectory(prefix="labdb-startup-") as folder:
        lab = Path(folder) / "demo"
        seconds([*LABDB, "demo", str(lab)], Path(folder))
        for row in ROWS:
            own, other, ratio = measure(row, pairs, lab)
            late = ratio > row.at_most
            exceeded |= late
            name, yardstick = f"labdb {' '.join(row.arguments)}", f"import {row.yardstick}"
            line = f"{name:42} {own:6.3f}   {yardstick:17} {other:6.3f}   {ratio:5.2f}  {row.at_most:7.1f}"
            print(line + ("  exceeded" if late else ""), flush=True)
    return int(exceeded)


if __name__ == "__main__":
    sys.exit(main())
