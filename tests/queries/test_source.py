"""The same question through a session and through the bare connection gives the same answer, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labdb.connection import open_reader
from labdb.errors import UnknownNameError
from labdb.queries.dose import dose_ledger
from labdb.queries.evidence import rows
from labdb.queries.trend import trend

if TYPE_CHECKING:
    from labdb.lab import Lab


def test_a_trend_is_the_same_through_a_session_and_through_the_bare_connection(paper: Lab) -> None:
    with paper.read() as session, open_reader(paper.config) as reader:
        through_session = trend(session, "PL", sample="S-I", condition="water", normalise="0d")
        through_reader = trend(reader, "PL", sample="S-I", condition="water", normalise="0d")
    assert through_reader.points == through_session.points
    assert [one.fit for one in through_reader.series] == [one.fit for one in through_session.series]


def test_a_dose_ledger_is_the_same_through_a_session_and_through_the_bare_connection(paper: Lab) -> None:
    with paper.read() as session, open_reader(paper.config) as reader:
        assert dose_ledger(reader, "S-I") == dose_ledger(session, "S-I")


@pytest.mark.parametrize("codes", [["S-BR", "S-I"], ["S-BR"], []])
def test_a_list_stands_behind_in_on_a_bare_connection(paper: Lab, codes: list[str]) -> None:
    with open_reader(paper.config) as reader:
        found = rows(
            reader, "SELECT code FROM samples WHERE code IN :codes AND kind = :kind", codes=codes, kind="powder"
        )
    assert sorted(row["code"] for row in found) == codes


def test_an_unknown_sample_is_named_with_its_nearest_through_the_bare_connection(paper: Lab) -> None:
    with open_reader(paper.config) as reader, pytest.raises(UnknownNameError, match="did you mean S-MIX"):
        dose_ledger(reader, "S-MX")
