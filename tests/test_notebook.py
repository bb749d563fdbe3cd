"""labdb in a notebook: the same answers as at the terminal, as DataFrames and Quantities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import labdb
from labdb.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from labdb.notebook import Notebook


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    from labdb.demo.build import build_clean

    folder = tmp_path_factory.mktemp("labs") / "week"
    build_clean(folder).close()
    with labdb.open(folder) as opened:
        yield opened


def test_open_finds_the_lab_of_the_environment(week: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABDB_LAB", str(week.lab.config.folder))
    with labdb.open() as found:
        assert found.lab.config.name == week.lab.config.name
        assert "ordinary week" in repr(found)


def test_open_refuses_a_folder_that_is_no_lab(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a lab"):
        labdb.open(tmp_path)


def test_tables_are_dataframes_of_the_public_views(week: Notebook) -> None:
    assert week.batches()["code"].tolist() == ["B-2602"]
    assert "S-2602-W1" in week.samples()["code"].tolist()
    assert {"value", "u", "unit", "censoring", "age_d"} <= set(week.observations("PL").columns)
    with pytest.raises(UnknownNameError, match="did you mean batches"):
        week.table("batchs")


def test_observations_can_be_narrowed(week: Notebook) -> None:
    lead = week.observations("Pb", sample="S-2602-W1")
    assert lead["age_d"].tolist() == [0, 7, 14]
    assert set(lead["quantity"]) == {"lead_mass_concentration"}
    assert week.observations("Pb", sample="S-2602-W1", condition="water_22C").shape == lead.shape
    assert week.observations("Pb", condition="no such").empty


def test_quantities_keep_what_a_number_alone_would_lose(week: Notebook) -> None:
    (first, *_) = week.quantities("Pb", sample="S-2602-W1")
    assert (first.censoring.value, str(first.threshold_meaning.value if first.threshold_meaning else "")) == (
        "below",
        "below_LC",
    )
    assert str(first) == "< 1 ug/L"


def test_the_questions_are_answered(week: Notebook) -> None:
    assert week.trend("PL", normalise="0d").series[0].sentence == "no change shown; t80 > 14 d"
    assert {str(one.total) for one in week.dose("S-2602").totals if one.total is not None} == {"20(1) Gy"}
    assert [series.test for series in week.leaching("S-2602")] == ["LT-1"]
    assert week.check() == []
    assert "LAB-PB-RELEASED" in week.limits()


def test_a_notebook_stores_verdicts_only_when_told(week: Notebook) -> None:
    before = len(week.verdicts())
    assert {one.judgement.outcome.value for one in week.assess("S-2602")} == {"pass"}
    assert len(week.verdicts()) == before
    stored = week.assess("S-2602", store=True)
    assert len(week.verdicts()) == before + len(stored)
    assert all(one.code for one in stored)
