"""Steps: started, finished, skipped; deviations are computed, need a reason, and are corrected with their step."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labdb.errors import ConflictError, InputError, UnknownNameError

if TYPE_CHECKING:
    from labdb.lab import Lab

NINE = datetime(2026, 11, 6, 9, tzinfo=UTC)


@pytest.fixture
def batch(lab: Lab) -> str:
    from labdb.intake.batch import BatchRequest, new_batch, read_weighing

    request = BatchRequest(
        composition="CsPbBr3", code="B-1", protocol="confined-growth", weigh=[read_weighing("CsBr=91.9 mg")]
    )
    return new_batch(lab, request).code


def record(lab: Lab, step: str, action: str = "finish", reason: str | None = None, **values: str) -> Any:  # noqa: ANN401
    from labdb.intake.step import StepActual, read_values, step_event

    return step_event(lab, "B-1", step, action, StepActual(read_values(values), NINE), reason=reason)


def steps_of(lab: Lab) -> list[dict[str, Any]]:
    from labdb.connection import open_reader

    with open_reader(lab.config) as reader:
        return reader.rows("SELECT * FROM steps ORDER BY seq")


def test_within_tolerance_is_no_deviation_and_its_edge_belongs_to_it(lab: Lab, batch: str) -> None:
    # confined-growth plans 600 +/- 10 degC, 5 +/- 1 degC/min, 30 +/- 5 min
    done = record(lab, "calcine", temperature="610 degC", ramp="6 degC/min", dwell="35 min")
    assert done.deviation is None
    assert done.next_kind == "cool"
    assert done.open_before == ("1 disperse", "2 soak", "3 dry")


def test_every_value_out_of_tolerance_is_named(lab: Lab, batch: str) -> None:
    done = record(lab, "calcine", reason="wrong program", temperature="885 K", ramp="7 degC/min", dwell="0.7 h")
    assert done.deviation == (
        "temperature 611.85 against 600 +/- 10 degC planned; ramp 7 against 5 +/- 1 degC/min planned; "
        "dwell 42 against 30 +/- 5 min planned"
    )


def test_a_step_started_is_finished_in_place_of_the_start_and_keeps_both_times(lab: Lab, batch: str) -> None:
    from labdb.intake.step import StepActual, step_event

    assert record(lab, "calcine", "start").next_kind == "calcine"
    later = StepActual({"dwell_min": 30.0}, NINE.replace(hour=12))
    step_event(lab, "B-1", "calcine", "finish", later)
    (row,) = steps_of(lab)
    assert (row["state"], row["started_at"], row["finished_at"]) == (
        *("finished", "2026-11-06T09:00:00Z", "2026-11-06T12:00:00Z"),
    )


def test_a_step_cannot_finish_before_it_started(lab: Lab, batch: str) -> None:
    from labdb.intake.step import StepActual, step_event

    record(lab, "calcine", "start")
    with pytest.raises(InputError, match="lies before started"):
        step_event(lab, "B-1", "calcine", "finish", StepActual(at=NINE.replace(hour=8)))


def test_a_kind_that_stands_twice_is_the_first_that_is_open(lab: Lab, batch: str) -> None:
    assert record(lab, "dry").seq == 3
    assert record(lab, "dry").seq == 8
    with pytest.raises(ConflictError, match="step 3 dry of B-1 is already finished"):
        record(lab, "dry")
    with pytest.raises(ConflictError, match="step 8 dry"):
        record(lab, "8")


def test_a_skipped_step_says_why(lab: Lab, batch: str) -> None:
    from labdb.intake.step import DeviationError

    with pytest.raises(DeviationError, match="soak skipped"):
        record(lab, "soak", "skip")
    record(lab, "soak", "skip", reason="template came soaked")
    (row,) = steps_of(lab)
    assert (row["state"], row["deviation"], row["deviation_reason"]) == (
        "skipped",
        "soak skipped",
        "template came soaked",
    )


def test_a_corrected_value_is_judged_anew(lab: Lab, batch: str) -> None:
    from labdb.intake.part import correct_any

    record(lab, "calcine", reason="wrong program", ramp="7 degC/min")
    correct_any(lab, "B-1", {"calcine.ramp": "5.5 degC/min"}, "read the log again")
    (row,) = steps_of(lab)
    assert (row["ramp_degc_per_min"], row["deviation"], row["deviation_reason"]) == (5.5, None, None)
    correct_any(lab, "B-1", {"4.dwell": "1 h", "CsBr.amount": "91.8(2) mg"}, "clock was wrong")
    (row,) = steps_of(lab)
    assert row["deviation"] == "dwell 60 against 30 +/- 5 min planned"
    assert row["deviation_reason"] == "clock was wrong"


def test_what_is_no_part_of_a_batch_is_named_with_the_nearest(lab: Lab, batch: str) -> None:
    from labdb.intake.part import correct_any

    with pytest.raises(UnknownNameError, match='no weighing or step of B-1 "CsBr2"; did you mean CsBr'):
        correct_any(lab, "B-1", {"CsBr2.lot": "L-1"}, "x")
    with pytest.raises(UnknownNameError, match="did you mean amount"):
        correct_any(lab, "B-1", {"CsBr.amont": "3 mg"}, "x")
    with pytest.raises(InputError, match="one after the other"):
        correct_any(lab, "B-1", {"CsBr.amount": "3 mg", "label": "x"}, "x")


def test_a_form_computes_the_deviation_it_leaves_empty(lab: Lab, batch: str, tmp_path: Path) -> None:
    from labdb.intake.file import take_in

    path = tmp_path / "steps.csv"
    path.write_text(
        "batch,seq,kind,state,ramp_degc_per_min,deviation\n"
        "B-1,4,calcine,finished,7,\nB-1,3,dry,finished,,oven was open\n",
        encoding="utf-8",
    )
    take_in(lab, [path])
    assert [row["deviation"] for row in steps_of(lab)] == [
        *("oven was open", "ramp 7 against 5 +/- 1 degC/min planned"),
    ]
    again = tmp_path / "steps_again.csv"
    again.write_text("batch,seq,kind,state\nB-1,4,calcine,finished\n", encoding="utf-8")
    with pytest.raises(InputError, match="already"):
        take_in(lab, [again])


def test_a_batch_without_protocol_takes_steps_as_they_come(lab: Lab) -> None:
    from labdb.intake.batch import BatchRequest, new_batch
    from labdb.intake.step import step_event

    new_batch(lab, BatchRequest(composition="CsPbBr3", code="B-1"))
    assert [step_event(lab, "B-1", kind, "finish").seq for kind in ("mix", "heat")] == [1, 2]
    with pytest.raises(ConflictError):
        step_event(lab, "B-1", "mix", "finish")
