"""Samples: amounts as whole numbers, parents that have enough, loadings, controls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.intake.file import take_in
from labdb.intake.sample import shown_amount, whole_amount
from labdb.intake.writer import CellError, IntakeRefused
from labdb.queries.wholeness import wholeness
from labdb.synthesis.sample import AmountUnit

if TYPE_CHECKING:
    from labdb.lab import Lab

Write = Callable[[str, str], Path]
Rows = Callable[..., list[dict[str, Any]]]
Contents = Callable[["Lab"], tuple[dict[str, int], list[str]]]

SAMPLES = "SELECT code, amount, amount_left, amount_unit FROM samples ORDER BY code"


@pytest.mark.parametrize(
    ("text", "unit", "whole", "kept_in"),
    [
        ("25.00", "mg", 25_000_000, AmountUnit.NANOGRAM),
        ("0.3", "mg", 300_000, AmountUnit.NANOGRAM),
        ("1.5", "g", 1_500_000_000, AmountUnit.NANOGRAM),
        ("1e-6", "mg", 1, AmountUnit.NANOGRAM),
        ("50", "mL", 50_000_000_000, AmountUnit.PICOLITRE),
        ("0.5", "uL", 500_000, AmountUnit.PICOLITRE),
        ("3", "pieces", 3, AmountUnit.PIECE),
        ("0", "mg", 0, AmountUnit.NANOGRAM),
    ],
)
def test_an_amount_becomes_a_whole_number_exactly(text: str, unit: str, whole: int, kept_in: AmountUnit) -> None:
    assert whole_amount(text, unit) == (whole, kept_in)


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("ten", "mg", "expected a number"),
        ("-1", "mg", "not negative"),
        ("nan", "mg", "finite"),
        ("inf", "mg", "finite"),
        ("0,5", "mg", "write 0.5"),
        ("5", "mol", "one of g, mg"),
        ("1e-9", "mg", "amounts are kept to 1 ng, this is less"),
        ("1e30", "g", "at most"),
        ("1e999999", "g", "at most"),
        ("4611686019", "g", "at most"),
        ("2.5", "pieces", "whole pieces"),
    ],
)
def test_an_amount_that_cannot_be_kept_exactly_is_refused(text: str, unit: str, message: str) -> None:
    with pytest.raises(CellError) as refused:
        whole_amount(text, unit)
    assert message in str(refused.value)


@given(st.decimals(min_value=0, max_value=10**6, places=6, allow_nan=False, allow_infinity=False))
def test_an_amount_in_milligrams_is_shown_as_it_was_typed(milligrams: object) -> None:
    whole, unit = whole_amount(str(milligrams), "mg")
    number, name = shown_amount(whole, unit).split()
    assert name == "mg"
    assert whole_amount(number, "mg") == (whole, unit)


def test_portions_take_from_their_parent_to_the_last_nanogram(bench: Lab, take: Callable[..., str], rows: Rows) -> None:
    take(
        bench,
        samples="code,kind,parent,taken,amount,amount_unit\nS-2,powder,,,0.9,mg"
        + "".join(f"\nS-2-P{number},powder,S-2,0.3,0.3,mg" for number in (1, 2, 3)),
    )
    assert [row["amount_left"] for row in rows(bench, SAMPLES) if row["code"] == "S-2"] == [0.0]
    assert list(wholeness(bench.config)) == []


def test_more_than_there_is_cannot_be_taken_even_within_one_file(bench: Lab, write: Write, contents: Contents) -> None:
    before = contents(bench)
    path = write(
        "samples.csv", "code,kind,parent,taken\nS-1-P1,powder,S-1,300\nS-1-P2,powder,S-1,100\nS-1-P3,powder,S-1,1"
    )
    with pytest.raises(IntakeRefused) as refused:
        take_in(bench, [path])
    (finding,) = refused.value.findings
    assert finding.where == 'samples.csv: line 3, column "taken"'
    assert finding.message == "S-1 has 75.0 mg left; 100.0 mg were asked for. Nothing was taken."
    assert contents(bench) == before


def test_children_may_stand_before_their_parents_and_controls_before_what_they_control(
    lab: Lab, take: Callable[..., str], rows: Rows
) -> None:
    take(
        lab,
        samples="""code,kind,parent,taken,taken_unit,amount,amount_unit,control_for,alternative_of
        BLK-1,blank,,,,50,mL,S-1-W1;R-1,
        S-1-W1-V1,suspension,S-1-W1,5,mL,5,mL,,
        S-1-W1-V1b,suspension,S-1-W1,5,mL,5,mL,,S-1-W1-V1
        S-1-W1,suspension,S-1,25,mg,50,mL,,
        S-1,powder,,,,400,mg,,""",
        runs="code\nR-1",
    )
    left = {row["code"]: row["amount_left"] for row in rows(lab, SAMPLES)}
    # an alternative reading of a sample takes nothing: the same suspension, read twice
    assert left == {"BLK-1": 50, "S-1": 375, "S-1-W1": 45, "S-1-W1-V1": 5, "S-1-W1-V1b": 5}
    assert rows(lab, "SELECT count(*) AS n FROM control") == [{"n": 2}]


def test_a_loading_follows_from_mass_and_volume_with_its_uncertainty(
    lab: Lab, take: Callable[..., str], rows: Rows
) -> None:
    take(
        lab,
        samples="""code,kind,mass_mg,u_mass_mg,volume_ml,u_volume_ml,particle_loading_mg_per_ml,medium
        S-1,suspension,25,0.05,50,0.05,,water
        S-2,suspension,25,,50,0.05,,water
        S-3,suspension,25,,50,,0.4,
        S-4,suspension,,,,,,water""",
    )
    loading = "particle_loading_mg_per_ml AS c, u_particle_loading_mg_per_ml AS u"
    sql = f"SELECT {loading}, medium FROM samples ORDER BY code"
    first, second, third, fourth = rows(lab, sql)
    # relative uncertainties in quadrature: 0.2 % and 0.1 %
    assert (first["c"], first["u"]) == (0.5, pytest.approx(0.5 * (0.002**2 + 0.001**2) ** 0.5, rel=1e-9))
    assert (second["c"], second["u"]) == (0.5, None)  # a missing uncertainty is not zero
    assert (third["c"], third["medium"]) == (0.4, "not stated")
    assert (fourth["c"], fourth["medium"]) == (None, None)


# header, cells, column, message
WRONG = [
    ("parent,taken", "S-2,25", "parent", 'no sample "S-2"; did you mean S-1?'),
    ("parent,taken,taken_unit", "S-1,25,mL", "taken_unit", "S-1 is measured in mg"),
    ("parent,taken", "S-1-X,25", "taken", "S-1-X has no amount recorded"),
    ("parent,taken", "S-9,", "parent", "S-9 cannot be taken from itself"),
    ("taken", "25", "parent", "25 were taken; from which sample?"),
    ("amount", "25", "amount_unit", "an amount needs its unit"),
    ("amount,amount_unit", "25,kg", "amount", 'found the unit "kg"'),
    ("amount,amount_unit,u_amount", "25,mg,x", "u_amount", "expected a number"),
    ("mass_mg", "25", "particle_loading_mg_per_ml", "or mass_mg and volume_ml"),
    ("mass_mg,volume_ml", "25,0", "volume_ml", "greater than 0"),
    ("mass_mg,volume_ml", "ten,50", "mass_mg", "number"),
    ("particle_loading_mg_per_ml", '"0,5"', "particle_loading_mg_per_ml", "write 0.5"),
    ("particle_loading_mg_per_ml", "inf", "particle_loading_mg_per_ml", "finite"),
    ("control_for", "S-1;R-7", "control_for", 'no sample or run "R-7"'),
    ("alternative_of", "S-7", "alternative_of", 'no sample "S-7"'),
]


@pytest.mark.parametrize(("header", "cells", "column", "message"), WRONG)
def test_a_sample_that_cannot_be_is_refused_with_its_cell(
    bench: Lab, write: Write, contents: Contents, header: str, cells: str, column: str, message: str
) -> None:
    path = write("samples.csv", f"code,kind,{header}\nS-9,suspension,{cells}")
    if "S-1-X" in cells:
        path = write("samples.csv", f"code,kind,{header}\nS-1-X,powder,,\nS-9,suspension,{cells}")
    before = contents(bench)
    with pytest.raises(IntakeRefused) as refused:
        take_in(bench, [path])
    (finding,) = refused.value.findings
    assert finding.where.endswith(f'column "{column}"')
    assert message in finding.message
    assert contents(bench) == before


def test_parents_in_a_circle_are_refused(bench: Lab, write: Write) -> None:
    path = write("samples.csv", "code,kind,parent\nS-8,powder,S-9\nS-9,powder,S-8")
    with pytest.raises(IntakeRefused, match='column "parent": no sample "S-'):
        take_in(bench, [path])
