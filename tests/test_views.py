"""The public views: the same rows, columns and texts from both databases, for any tool that reads them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from labdb.connection import open_reader
from labdb.lab import Lab
from labdb.views import VIEWS, View

NAMES = [view.name for view in VIEWS]


def rows_of(lab: Lab, view: str) -> list[dict[str, Any]]:
    """All rows of a view through the bare driver, in an order of our own."""
    with open_reader(lab.config) as reader:
        return sorted(reader.rows(f'SELECT * FROM "{view}"'), key=str)


def test_every_view_gives_the_same_rows_on_both_databases(filled_labs: tuple[Lab, Lab]) -> None:
    sqlite, postgres = filled_labs
    for view in NAMES:
        rows = rows_of(sqlite, view)
        assert rows, f"{view} is empty: the filled databases test nothing of it"
        assert [list(row) for row in rows] == [list(row) for row in rows_of(postgres, view)]
        assert rows == rows_of(postgres, view)


def test_views_have_lower_case_columns_no_identifiers_and_iso_8601_times(filled_labs: tuple[Lab, Lab]) -> None:
    for lab in filled_labs:
        for view in NAMES:
            for row in rows_of(lab, view):
                for column, value in row.items():
                    assert re.fullmatch("[a-z][a-z0-9_]*", column)
                    assert not re.search("_id$", column) or column == "limit_id"
                    assert value is None or type(value) in (str, int, float), f"{view}.{column} is {value!r}"
                    if column == "at" or column.endswith("_at"):
                        assert value is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(value))


def test_amounts_are_shown_in_milligrams_and_millilitres(filled_labs: tuple[Lab, Lab]) -> None:
    for lab in filled_labs:
        samples = {row["code"]: row for row in rows_of(lab, "samples")}
        powder, suspension, blank = samples["S-1"], samples["S-1a"], samples["BLK"]
        assert (powder["amount"], powder["amount_left"], powder["amount_unit"]) == (25.0, 5.0, "mg")
        assert (suspension["amount"], suspension["amount_unit"]) == (10.000000001, "mL")  # 10 000 000 001 pL
        assert (blank["amount"], blank["amount_unit"]) == (None, None)
        assert [(row["child"], row["taken"], row["unit"]) for row in rows_of(lab, "sample_origins")] == [
            ("S-1a", 20.0, "mg")
        ]


def test_what_is_voided_is_in_no_view_of_facts(filled_labs: tuple[Lab, Lab]) -> None:
    for lab in filled_labs:
        observations = rows_of(lab, "observations")
        light = [row["value"] for row in observations if row["quantity"] == "photoluminescence_intensity"]
        assert light == [10.15]  # and not 10.1, which it superseded
        assert {row["measurement"] for row in observations} == {"M-0001", "M-0002"}


def test_every_code_is_in_the_code_index_once(filled_labs: tuple[Lab, Lab]) -> None:
    found = []
    for lab in filled_labs:
        with lab.read() as session:
            index = session.execute(sa.text("SELECT code, table_name FROM code_index")).all()
        assert len(index) == len(set(index))
        found.append(sorted(tuple(row) for row in index))
    assert found[0] == found[1]
    assert {("S-1", "sample"), ("M-0002", "measurement"), ("V-1", "verdict"), ("IN-1", "intake_run")} <= set(found[0])


def test_a_view_is_written_for_each_database_in_its_words() -> None:
    view = View("v", "a row", "SELECT {iso:m.at} AS at, {bool:m.external} AS external, {date:m.on} AS day FROM m")
    assert view.for_dialect("sqlite") == (
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', m.at) AS at, m.external AS external, m.on AS day FROM m"
    )
    assert "AT TIME ZONE 'UTC'" in view.for_dialect("postgresql")
    assert "CAST(m.external AS integer) AS external" in view.for_dialect("postgresql")
    assert len(set(NAMES)) == len(NAMES)
    assert all(view.one_row_is for view in VIEWS)


@pytest.mark.parametrize("timezone", ["America/St_Johns", "Asia/Kathmandu"])
def test_times_are_in_utc_whatever_time_zone_a_session_has(postgres_lab: Lab, timezone: str) -> None:
    with postgres_lab.write("anna", "first day"):
        pass
    with postgres_lab.engine.connect() as connection:
        expected = connection.exec_driver_sql("SELECT at FROM changes").scalar_one()
        connection.exec_driver_sql(f"SET TIME ZONE '{timezone}'")
        assert connection.exec_driver_sql("SELECT at FROM changes").scalar_one() == expected
