"""What tests of intake share: a bench with one suspension in a study, files written in a test, what a lab holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from labdb.lab import Lab

# Two methods: "<" means below LC, u(c)^2 = (0.4 ug/L)^2 + (5 % c)^2; 1 % of an intensity.
BENCH = {
    "methods": """
        code,kind,unit,limit_of_detection,u_absolute,u_relative,threshold_meaning,blank_corrected
        ICP-2,Pb,ug/L,10,0.4,0.05,below_LC,yes
        PL-1,PL,count,,,0.01,,""",
    "samples": """
        code,kind,parent,taken,amount,amount_unit,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium
        S-1,powder,,,400,mg,,,
        S-1-W1,suspension,S-1,25,50,mL,0.5,0.0011,water""",
    "studies": """
        code,name,sample,condition,started_at,measure,pulls
        ST-01,pl-water,S-1-W1,water,2026-11-10T10:00+01:00,"PL,Pb","0d,7d,14d"
        """,
}


@pytest.fixture
def bench(lab: Lab, take: Callable[..., str]) -> Lab:
    """A lab with methods ICP-2 and PL-1, powder S-1, suspension S-1-W1 of it, and study ST-01 with three pulls."""
    take(lab, **BENCH)  # this is I-0001
    return lab


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file: `write("icp.csv", "age,Pb\\n7,<10")`; leading blanks of its lines are left out."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / "typed" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line.strip() for line in text.strip().splitlines()]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return written


@pytest.fixture
def rows() -> Callable[..., list[dict[str, Any]]]:
    """Run a query: `rows(lab, "SELECT * FROM observations WHERE sample = :sample", sample="S-1")`."""

    def found(lab: Lab, query: str, **parameters: object) -> list[dict[str, Any]]:
        with lab.read() as session:
            return [dict(row._mapping) for row in session.execute(sa.text(query), parameters)]

    return found


@pytest.fixture
def contents() -> Callable[[Lab], tuple[dict[str, int], list[str]]]:
    """What a lab holds: rows by table, and the files it keeps."""

    def counted(lab: Lab) -> tuple[dict[str, int], list[str]]:
        from labdb.database import load_tables

        with lab.read() as session:
            counts = {
                name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for name, table in load_tables().tables.items()
            }
        return counts, [path.name for path in lab.files.kept()]

    return counted
