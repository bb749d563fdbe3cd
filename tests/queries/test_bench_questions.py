"""Questions of the bench: pulls on the calendar, the tree of samples, history, is the lab whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from labdb.lab import Lab


@pytest.fixture
def study(lab: Lab) -> str:
    """ST-01: powder S-7, suspension S-7-W1, pulls at 0, 7 and 28 d from 10 November."""
    from labdb.intake.batch import BatchRequest, new_batch
    from labdb.intake.portion import new_sample, suspend
    from labdb.intake.study import new_study

    start = datetime(2026, 11, 10, 12, tzinfo=UTC)
    new_batch(lab, BatchRequest(composition="CsPbBr3", code="B-7", alias=["page 31"]))
    new_sample(lab, "B-7", powder="0.4 g", at=start)
    suspend(lab, "S-7", mass="25 mg", volume="50 mL", medium="water", at=start)
    cells = {"name": "pl", "sample": "S-7-W1", "condition": "water", "pulls": "0d,7d,28d", "measure": "PL"}
    return new_study(lab, cells).code


def states(lab: Lab, on: date, within_d: float = 0.0) -> list[str]:
    from labdb.connection import open_reader
    from labdb.queries.study import pulls

    with open_reader(lab.config) as reader:
        return [one.state for one in pulls(reader, on, within_d=within_d)]


def test_a_pull_is_coming_due_and_overdue_by_its_window(lab: Lab, study: str) -> None:
    assert states(lab, date(2026, 11, 15)) == ["overdue", "coming", "coming"]
    assert states(lab, date(2026, 11, 16)) == ["overdue", "due", "coming"]  # the window of 1 d opens
    assert states(lab, date(2026, 11, 18)) == ["overdue", "due", "coming"]
    assert states(lab, date(2026, 11, 19)) == ["overdue", "overdue", "coming"]
    assert states(lab, date(2026, 11, 19), within_d=18.0) == ["overdue", "overdue", "due"]


def test_a_measurement_or_a_word_settles_a_pull(lab: Lab, study: str, tmp_path: Any) -> None:  # noqa: ANN401 - a Path
    from labdb.errors import ConflictError
    from labdb.intake.file import take_in
    from labdb.intake.study import record_pull
    from labdb.stability.study import PullState

    path = tmp_path / "observations.csv"
    path.write_text("study,age,PL\nST-01,7.5,1000\n", encoding="utf-8")
    take_in(lab, [path])
    record_pull(lab, "ST-01", "0d", state=PullState.MISSED, reason="spectrometer down")
    assert states(lab, date(2026, 12, 8)) == ["missed", "recorded", "due"]
    with pytest.raises(ConflictError, match="already missed"):
        record_pull(lab, "ST-01", "0d")


def test_winter_time_does_not_move_a_pull_to_the_day_before(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    from labdb.queries.study import local_day

    monkeypatch.setenv("TZ", "Europe/Rome")
    time.tzset()
    try:  # midnight of 10 October in Rome, summer time; 28 d later the clocks have changed
        assert local_day("2026-10-09T22:00:00Z", 28.0) == date(2026, 11, 7)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_tree_of_a_batch_is_the_tree_of_its_powder(lab: Lab, study: str) -> None:
    from labdb.connection import open_reader
    from labdb.queries.sample import sample_tree

    with open_reader(lab.config) as reader:
        trees = [
            [(one.depth, one.sample["code"], one.taken) for one in sample_tree(reader, name)]
            for name in ("B-7", "page 31", "S-7")
        ]
    assert trees[0] == trees[1] == trees[2] == [(0, "S-7", None), (1, "S-7-W1", 25.0)]


def test_history_tells_who_when_why_and_both_values(lab: Lab, study: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from labdb.connection import open_reader
    from labdb.intake.correction import note
    from labdb.intake.part import correct_any
    from labdb.queries.history import history

    monkeypatch.setenv("LABDB_ACTOR", "mei")
    correct_any(lab, "S-7", {"amount": "0.39 g"}, "balance tared wrong")
    correct_any(lab, "B-7", {"label": "vial 12"}, "label read wrong")
    note(lab, "S-7", "slightly grey")
    with open_reader(lab.config) as reader:
        sample, batch = ([one.as_json() for one in history(reader, name)] for name in ("S-7", "page 31"))
    assert sample[0]["what"] == "sample S-7 recorded"
    assert [(one["what"], one["old"], one["new"]) for one in sample[1:]] == [
        ("amount corrected", "400 mg", "390 mg"),
        ("note", None, "slightly grey"),
    ]
    assert (sample[1]["who"], sample[1]["why"]) == ("mei", "balance tared wrong")
    assert (batch[-1]["old"], batch[-1]["new"]) == ("CsPbBr3-SiO2", "vial 12")


def test_history_finds_what_was_voided(lab: Lab, study: str, tmp_path: Any) -> None:  # noqa: ANN401 - a Path
    from labdb.connection import open_reader
    from labdb.intake.correction import void
    from labdb.intake.file import take_in
    from labdb.queries.history import history

    path = tmp_path / "observations.csv"
    path.write_text("study,age,PL\nST-01,7,1000\n", encoding="utf-8")
    take_in(lab, [path])
    void(lab, "M-0001", "wrong vial")
    with open_reader(lab.config) as reader:
        events = history(reader, "M-0001")
    assert [event.what.split()[-1] for event in events] == ["recorded", "recorded", "voided", "voided"]
    assert events[-1].why == "wrong vial"


def problems(lab: Lab) -> list[tuple[str, str]]:
    from labdb.queries.wholeness import wholeness

    return [(one.severity.value, one.message) for one in wholeness(lab.config)]


def test_a_lab_that_is_whole_has_no_finding(lab: Lab, study: str) -> None:
    assert problems(lab) == []


def test_a_damaged_a_missing_and_a_left_over_file_are_found(lab: Lab, study: str, tmp_path: Any) -> None:  # noqa: ANN401
    from labdb.intake.correction import attach

    digests = []
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
        digests.append(attach(lab, "S-7", tmp_path / name))
    assert problems(lab) == []
    lab.files.path_of(digests[0]).write_text("changed", encoding="utf-8")
    lab.files.path_of(digests[1]).unlink()
    other = lab.files.folder / "ab" / ("ab" * 32)
    other.parent.mkdir(exist_ok=True)
    other.write_text("nobody's", encoding="utf-8")
    other.with_suffix(".12.part").write_text("half", encoding="utf-8")
    found = problems(lab)
    assert [severity for severity, _ in found] == ["error", "error", "warning", "warning"]
    assert "no longer matches its SHA-256" in found[0][1]
    assert "is missing" in found[1][1]


def test_a_counter_that_does_not_match_what_was_handed_out_is_an_error(
    lab: Lab,
    study: str,
    bare_driver: Any,  # noqa: ANN401 - another tool's connection
) -> None:
    bare_driver.execute("UPDATE sample SET handed_out = 1 WHERE code = 'S-7'")
    assert problems(lab) == [("error", "handed out 1 by its counter, 25000000 by what was made of it")]
