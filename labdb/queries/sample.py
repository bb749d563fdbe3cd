"""Samples: one sample with where it came from and what was measured on it, and the tree of all that was made of it.

Read through the public views over the bare driver, so that ``sample show`` and ``sample tree`` start fast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labdb.connection import Reader
from labdb.queries.batch import code_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SampleRecord:
    """One sample as it stands."""

    sample: Row
    aliases: tuple[str, ...]
    parents: tuple[Row, ...]
    children: tuple[Row, ...]
    measured: tuple[Row, ...]
    studies: tuple[str, ...]
    leach_tests: tuple[str, ...]
    irradiations: tuple[str, ...]


@dataclass(frozen=True)
class Branch:
    """A sample in the tree of what was made of another; ``depth`` counts from 0."""

    depth: int
    sample: Row
    taken: float | None
    unit: str | None


def read_sample(reader: Reader, name: str) -> SampleRecord:
    """Read one sample.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    name : str
        Its code, or another name of it.

    Returns
    -------
    SampleRecord
        With parents, children, and how often each quantity kind was measured on it.

    Raises
    ------
    UnknownNameError
        There is no such sample; names the nearest.
    """
    code = code_of(reader, "samples", name)

    def codes(sql: str) -> tuple[str, ...]:
        return tuple(str(row["code"]) for row in reader.rows(sql, (code,)))

    measured = reader.rows(
        "SELECT quantity, count(*) AS results, min(age_d) AS first_age_d, max(age_d) AS last_age_d"
        " FROM observations WHERE sample = ? GROUP BY quantity ORDER BY quantity",
        (code,),
    )
    return SampleRecord(
        sample=reader.rows("SELECT * FROM samples WHERE code = ?", (code,))[0],
        aliases=codes("SELECT name AS code FROM alias WHERE subject = ? ORDER BY name"),
        parents=tuple(reader.rows("SELECT * FROM sample_origins WHERE child = ? ORDER BY parent", (code,))),
        children=tuple(reader.rows("SELECT * FROM sample_origins WHERE parent = ? ORDER BY child", (code,))),
        measured=tuple(measured),
        studies=codes("SELECT code FROM studies WHERE sample = ? ORDER BY code"),
        leach_tests=codes("SELECT code FROM leach_tests WHERE sample = ? ORDER BY code"),
        irradiations=codes("SELECT code FROM irradiations WHERE sample = ? ORDER BY code"),
    )


def sample_tree(reader: Reader, name: str) -> list[Branch]:
    """List what was made of a sample, or of a batch, as a tree.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    name : str
        A sample or a batch, by code or alias.

    Returns
    -------
    list of Branch
        In the order of a printed tree; of a batch, every sample of it that has no parent starts a tree.

    Raises
    ------
    UnknownNameError
        There is no such sample; names the nearest.
    """
    samples = {row["code"]: row for row in reader.rows("SELECT * FROM samples ORDER BY code")}
    below: dict[str, list[Row]] = {}
    above: set[str] = set()
    for row in reader.rows("SELECT * FROM sample_origins ORDER BY child"):
        below.setdefault(row["parent"], []).append(row)
        above.add(row["child"])
    batch = reader.rows(
        "SELECT code FROM batches WHERE code = ? OR code = (SELECT subject FROM alias WHERE name = ?)", (name, name)
    )
    if batch:
        own = [code for code, row in samples.items() if row["batch"] == batch[0]["code"]]
        roots = [code for code in own if code not in above]
    else:
        roots = [code_of(reader, "samples", name)]
    found: list[Branch] = []
    pending: list[tuple[int, str, Row | None]] = [(0, root, None) for root in reversed(roots)]
    while pending:
        depth, code, origin = pending.pop()
        taken, unit = (origin["taken"], origin["unit"]) if origin else (None, None)
        found.append(Branch(depth, samples[code], taken, unit))
        pending += [(depth + 1, row["child"], row) for row in reversed(below.get(code, []))]
    return found
