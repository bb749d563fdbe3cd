"""What a code names, what a sample inherits, and what came from what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from labdb.errors import InputError, UnknownNameError
from labdb.queries.evidence import ancestors, descendants, find_sample, resolve, roots, rows, samples_of

if TYPE_CHECKING:
    from labdb.lab import Lab

Take = Callable[..., str]

BATCHES = """
code,composition,origin
B-1,CsPbBr3,synthetic
B-2,CsPbI3,synthetic
"""
SAMPLES = """
code,kind,batch,composition,parent,taken,taken_unit,amount,amount_unit,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium,perovskite_mass_fraction,u_perovskite_mass_fraction
S-1,powder,B-1,,,,,100,mg,,,,0.2,0.01
S-2,powder,B-2,,,,,100,mg,,,,0.1,0.01
S-1-P,powder,,CsPbBr3,S-1,10,mg,10,mg,,,,,
S-1-W,suspension,B-1,,S-1,20,mg,10,mL,2,0.01,water,,
S-1-W-V1,suspension,,,S-1-W,3,mL,3,mL,,,,,
S-1-DRY,powder,,,S-1-W,3,mL,6,mg,,,,,
"""


@pytest.fixture
def filled(lab: Lab, take: Take) -> Lab:
    take(lab, batches=BATCHES, samples=SAMPLES)
    return lab


def test_an_alias_names_the_sample_and_a_wrong_name_the_nearest(paper: Lab) -> None:
    with paper.read() as session:
        assert resolve(session, "CsPbBr3-MSN") == ("sample", "S-BR")
        assert find_sample(session, "S-BR-P0").code == "S-BR"
        with pytest.raises(UnknownNameError, match="did you mean LT-BR-A"):
            resolve(session, "LT-BR-AA")
        with pytest.raises(UnknownNameError, match="did you mean S-BR"):
            find_sample(session, "S-BRR")


def test_a_name_two_things_have_means_the_sample_first(filled: Lab, take: Take) -> None:
    take(filled, leach_tests="code,sample,leachant,origin\nS-1-W,S-1-W,water,synthetic")
    with filled.read() as session:
        assert resolve(session, "S-1-W") == ("sample", "S-1-W")


def test_a_portion_has_the_w_and_composition_of_what_it_came_from(filled: Lab) -> None:
    with filled.read() as session:
        portion = find_sample(session, "S-1-P")
    assert (portion.batch, portion.composition) == ("B-1", "CsPbBr3")
    assert portion.w is not None
    assert (portion.w.value, portion.w.u, portion.w_from) == (0.2, 0.01, "S-1")


def test_a_portion_of_a_suspension_is_as_thick_as_it_and_a_dried_one_has_no_loading(filled: Lab) -> None:
    with filled.read() as session:
        vial, dry, whole = (find_sample(session, code) for code in ("S-1-W-V1", "S-1-DRY", "S-1-W"))
    assert vial.particle_loading == whole.particle_loading
    assert (vial.loading_from, whole.loading_from, dry.loading_from) == ("S-1-W", "S-1-W", None)
    assert dry.particle_loading is None


def pool(lab: Lab, code: str, **parts: int) -> None:
    """Pool whole nanograms of parents into a new sample."""
    from labdb.intake.sample import hand_out
    from labdb.intake.writer import Writer
    from labdb.synthesis.sample import SampleKind, SampleRow

    with lab.write(None, "pool") as session:
        writer = Writer.on(session)
        child = SampleRow(code=code, kind=SampleKind.POWDER)
        session.add(child)
        session.flush()
        for parent, taken in parts.items():
            row = session.get_one(SampleRow, writer.codes.id_of("sample", parent.replace("_", "-")))
            hand_out(writer, row, child, taken)


def test_a_pool_of_unlike_parents_has_no_w_of_its_own(filled: Lab) -> None:
    pool(filled, "S-12", S_1=10_000_000, S_2=10_000_000)
    with filled.read() as session:
        pooled = find_sample(session, "S-12")
        assert ancestors(session, "S-12") == ["S-1", "S-2"]
    assert (pooled.w, pooled.composition, pooled.batch) == (None, None, None)


def test_a_family_is_listed_nearest_first_each_once(filled: Lab) -> None:
    with filled.read() as session:
        assert descendants(session, "S-1") == ["S-1-P", "S-1-W", "S-1-DRY", "S-1-W-V1"]
        assert ancestors(session, "S-1-W-V1") == ["S-1-W", "S-1"]
        assert roots(session, ["S-1-W-V1", "S-2"]) == {"S-1-W-V1": "S-1", "S-2": "S-2"}


def test_a_subject_stands_for_all_that_came_from_it(filled: Lab, take: Take) -> None:
    take(
        filled,
        conditions="code,medium\nwater,water",
        leach_tests="code,sample,leachant,origin\nLT-1,S-1-W,water,synthetic",
        studies='code,name,sample,condition,started_at,measure,pulls\nST-1,PL,S-1-W,water,2026-01-01T00:00Z,PL,"0d,7d"',
    )
    with filled.read() as session:
        below = ["S-1-W", "S-1-DRY", "S-1-W-V1"]
        assert samples_of(session, "B-1") == ["S-1", "S-1-W", "S-1-DRY", "S-1-P", "S-1-W-V1"]
        assert samples_of(session, "LT-1") == below
        assert samples_of(session, "ST-1") == below


def test_what_stands_for_no_sample_is_refused(paper: Lab) -> None:
    with paper.read() as session, pytest.raises(InputError, match="stands for no sample; expected a sample"):
        samples_of(session, "BAL-1")


def test_a_list_stands_behind_in_and_an_empty_one_finds_nothing(filled: Lab) -> None:
    sql = "SELECT code FROM samples WHERE code IN :codes ORDER BY code"
    with filled.read() as session:
        assert [row["code"] for row in rows(session, sql, codes=["S-2", "S-1"])] == ["S-1", "S-2"]
        assert rows(session, sql, codes=[]) == []
