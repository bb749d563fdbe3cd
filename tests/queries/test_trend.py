"""A quantity against age: readings of a vial, vials of a pull, what is left of t = 0, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from labdb.errors import InputError, UnknownNameError
from labdb.quantity import Censoring
from labdb.queries.trend import Trend, TrendSeries, trend

if TYPE_CHECKING:
    from labdb.lab import Lab

Take = Callable[..., str]

PL = (
    "sample,vial,age,replicate,photoluminescence_intensity,u_photoluminescence_intensity,"
    "reference_intensity,excitation_nm,condition"
)
VIALS = "code,kind\nS-1,powder\nS-2,powder\nS-3,powder"


def read_pl(lab: Lab, take: Take, *readings: str, samples: str = VIALS) -> None:
    """Readings: sample,age,intensity,u,reference,excitation,replicate."""
    lines = []
    for reading in readings:
        sample, age, value, u, reference, excitation, replicate = (*reading.split(","), *[""] * 6)[:7]
        lines.append(f"{sample},1,{age},{replicate or 1},{value},{u},{reference},{excitation or 405},water")
    forms = {"samples": samples, "conditions": "code,medium\nwater,water"} if samples else {}
    take(lab, **forms, observations="\n".join([PL, *lines]))


def ask(lab: Lab, kind: str = "PL", **asked: str) -> Trend:
    with lab.read() as session:
        return trend(session, kind, **asked)


def only(found: Trend) -> TrendSeries:
    (series,) = found.series
    return series


def test_the_paper_like_iodide_keeps_nine_tenths(paper: Lab) -> None:
    found = ask(paper, sample="S-I", condition="air_55RH", normalise="0d")
    series = only(found)
    assert series.ages_d == (0.0, 1.0, 3.0, 7.0, 14.0, 21.0, 28.0, 35.0, 42.0)
    assert set(series.n_vials) == {3}
    assert str(series.means[-1]) == "0.8985(35)"
    assert series.fit is not None
    assert series.fit.model == "plateau"
    assert "t80 not defined" in series.sentence
    assert found.kind == "photoluminescence_retention"


def test_the_frame_has_one_row_a_reading_with_these_columns(clean: Lab) -> None:
    frame = ask(clean, normalise="0d").frame
    assert list(frame.columns) == [
        "sample", "batch", "composition", "condition", "study", "vial", "age_d", "value", "u", "unit", "censoring", "n",
        "measurement",
    ]  # fmt: skip
    assert len(frame) == 9
    assert set(frame["unit"]) == {"1"}


def test_a_vial_is_averaged_before_it_counts_as_one_vial(lab: Lab, take: Take) -> None:
    # vial 1 read as 90 and 94, vial 2 as 96: mean of vials 94, not of readings 93.3; u = |92 - 96| / 2
    read_pl(lab, take, "S-1,7,90,1", "S-1,7,94,1,,,2", "S-2,7,96,1")
    found = ask(lab, "PL")
    assert len(found.series) == 2  # two samples that came from nothing are two series
    batch = "code,composition,origin\nB-1,CsPbBr3,synthetic"
    take(lab, batches=batch, samples="code,kind,batch,parent,taken,amount,amount_unit\nS-9,powder,B-1,,,9,mg\n"
         "S-9-1,powder,B-1,S-9,1,1,mg\nS-9-2,powder,B-1,S-9,1,1,mg")  # fmt: skip
    read_pl(lab, take, "S-9-1,7,90,1", "S-9-1,7,94,1,,,2", "S-9-2,7,96,1", samples="")
    series = only(ask(lab, batch="B-1"))
    assert (series.means[0].value, series.n_vials) == (94.0, (2,))
    assert series.means[0].u == pytest.approx(2.0)


def test_a_bound_beside_values_is_a_bound_of_the_mean_and_never_hides_them(lab: Lab, take: Take) -> None:
    take(lab, samples="code,kind,parent,taken,amount,amount_unit\nS-1,powder,,,9,mg\nS-1-1,powder,S-1,1,1,mg\n"
         "S-1-2,powder,S-1,1,1,mg")  # fmt: skip
    header = "sample,age,quantity,value,unit,u"
    take(
        lab,
        observations=f"{header}\nS-1-1,7,Pb,15,ug/L,1\nS-1-2,7,Pb,<10,ug/L,\nS-1-1,14,Pb,<10,ug/L,\nS-1-2,14,Pb,<8,ug/L,",
    )
    seven, fourteen = only(ask(lab, "Pb", sample="S-1")).means
    assert (seven.value, seven.censoring) == (12.5, Censoring.BELOW)
    assert (fourteen.value, fourteen.censoring) == (10.0, Censoring.BELOW)


def test_retention_divides_by_the_reference_and_by_the_vial_s_own_start(lab: Lab, take: Take) -> None:
    # (90 / 45) / (100 / 40) = 0.8; u / R = hypot(1 / 100, 0.9 / 90)
    read_pl(lab, take, "S-1,0,100,1,40", "S-1,7,90,0.9,45")
    start, later = only(ask(lab, normalise="0d")).means
    assert (start.value, start.u) == (1.0, 0.0)
    assert later.value == pytest.approx(0.8, rel=1e-12)
    assert later.u == pytest.approx(0.8 * 2**0.5 * 0.01, rel=1e-9)


def test_several_readings_at_the_start_are_averaged_before_anything_is_divided(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,98,1", "S-1,0,102,1,,,2", "S-1,7,90,1")
    start, later = only(ask(lab, normalise="0d")).means
    assert start.value == pytest.approx(1.0)
    assert later.value == pytest.approx(0.9, rel=1e-12)


def test_a_vial_without_a_start_is_left_out_and_named(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,100,1", "S-1,7,90,1", "S-2,7,80,1", "S-2,14,70,1")
    found = ask(lab, normalise="0d")
    assert [one.sample for one in found.series] == ["S-1"]
    assert found.notes == ("S-2 has no reading at 0 d to normalise by; it has 7 d, 14 d",)


def test_without_any_start_the_question_is_refused(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-2,7,80,1", "S-2,14,70,1")
    with pytest.raises(InputError, match="S-2 has no reading at 0 d to normalise by; it has 7 d, 14 d"):
        ask(lab, normalise="0d")


def test_a_start_of_nothing_divides_nothing(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,0,1", "S-1,7,90,1", "S-2,0,<10,", "S-2,7,90,1", "S-3,0,100,1")
    found = ask(lab, normalise="0d")
    assert [one.sample for one in found.series] == ["S-3"]
    assert len(found.notes) == 2


def test_a_reading_without_a_reference_is_left_out_where_the_start_has_one(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,100,1,50", "S-1,7,90,1", "S-1,14,80,1,50")
    found = ask(lab, normalise="0d")
    assert only(found).ages_d == (0.0, 14.0)
    assert found.notes == ("S-1: no reference reading at 7 d; left out, the others are divided by theirs",)


def test_without_a_reference_at_the_start_none_is_used(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,100,1", "S-1,7,90,1,50")
    found = ask(lab, normalise="0d")
    assert only(found).means[-1].value == pytest.approx(0.9)
    assert "so none of its readings is divided by one" in found.notes[0]


def test_different_settings_are_noted(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,100,1,,405", "S-1,7,90,1,,375", "S-2,0,100,1", "S-2,7,90,1")
    notes = ask(lab, normalise="0d").notes
    assert notes == ("S-1: readings were taken with different excitation_nm (7 d); their ratio is not a retention",)


def test_a_non_detect_stays_a_bound_of_the_retention_and_no_curve_is_fitted(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,100,1", "S-1,7,50,1", "S-1,14,<10,")
    series = only(ask(lab, normalise="0d"))
    assert series.means[-1].value == pytest.approx(0.1)
    assert series.means[-1].censoring is Censoring.BELOW
    assert series.fit is None


def test_a_missing_u_takes_it_from_its_own_reading_only(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,100,1", "S-1,7,90,", "S-1,14,80,1")
    assert [one.u is None for one in only(ask(lab, normalise="0d")).means] == [False, True, False]


def test_one_vial_is_said_to_be_one(lab: Lab, take: Take) -> None:
    read_pl(lab, take, "S-1,0,100,1")
    series = only(ask(lab))
    assert (series.n_vials, series.sentence) == ((1,), "1 age; last 100(1) count at 0 d")


def test_vials_of_one_pull_read_minutes_apart_are_one_pull(lab: Lab, take: Take) -> None:
    # the study says when it began and how wide a pull's window is; ages follow from when each vial was read
    take(
        lab,
        conditions="code,medium\nwater,water",
        samples="code,kind,parent,taken,amount,amount_unit\nS-1,powder,,,9,mg\nS-1-1,powder,S-1,1,1,mg\n"
        "S-1-2,powder,S-1,1,1,mg",
        studies="code,name,sample,condition,started_at,measure,window_d,pulls\n"
        'ST-1,PL,S-1,water,2026-01-01T10:00Z,PL,1,"0d,7d,14d"',
    )
    header = "sample,measured_at,study,vial,photoluminescence_intensity,u_photoluminescence_intensity"
    lines = [
        f"S-1-{vial},2026-01-{day:02}T10:0{vial}:00Z,ST-1,{vial},{value},1"
        for day, value in ((1, 100), (8, 90), (15, 85))
        for vial in (1, 2)
    ]
    take(lab, observations="\n".join([header, *lines]))
    series = only(ask(lab, study="ST-1", normalise="0d"))
    assert series.ages_d == (0.0, 7.0, 14.0)
    assert series.n_vials == (2, 2, 2)


def test_two_leach_tests_of_one_powder_are_two_series(paper: Lab) -> None:
    # A and B are two readings of one experiment at two loadings: their concentrations are never pooled
    found = ask(paper, "Pb", sample="S-MIX")
    assert {one.sample for one in found.series} == {"S-MIX-LT-A", "S-MIX-LT-B"}
    assert {number for one in found.series for number in one.n_vials} == {1}


def test_sample_and_batch_are_both_asked_for(paper: Lab) -> None:
    assert {one.sample for one in ask(paper, sample="S-I", batch="B-2203").series} == {"S-I"}
    with pytest.raises(InputError, match="no photoluminescence intensity with an age of S-I and B-2201"):
        ask(paper, sample="S-I", batch="B-2201")


def test_what_is_asked_for_must_exist_and_be_what_it_is_called(paper: Lab) -> None:
    with pytest.raises(UnknownNameError):
        ask(paper, study="ST-NONE")
    with pytest.raises(InputError, match="S-I is a sample, not a condition"):
        ask(paper, condition="S-I")
    with pytest.raises(UnknownNameError, match="photoluminescence"):
        ask(paper, "photoluminescense_intensity")
    with pytest.raises(InputError, match="Readings get one by --age"):
        ask(paper, "blood_lead")


@contextmanager
def counted(lab: Lab) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(lab.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(lab.engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_vials_or_readings(lab: Lab, take: Take) -> None:
    codes = [f"V-{number}" for number in range(30)]
    lines = [f"{code},powder,S-1,1,1,mg" for code in codes]
    take(lab, samples="\n".join(["code,kind,parent,taken,amount,amount_unit", "S-1,powder,,,99,mg", *lines]))
    read_pl(lab, take, "V-0,0,100,1", "V-0,7,90,1", samples="")
    with counted(lab) as few:
        ask(lab, sample="S-1", normalise="0d")
    read_pl(lab, take, *(f"{code},{age},{100 - age},1" for code in codes[1:] for age in range(5)), samples="")
    with counted(lab) as many:
        assert len(ask(lab, sample="S-1", normalise="0d").points) == 2 + 29 * 5
    assert len(many) == len(few)


def test_a_vial_of_one_study_is_divided_by_its_own_first_reading(lab: Lab, take: Take) -> None:
    take(
        lab,
        samples="code,kind\nS-1,suspension",
        conditions="code,medium,temperature_degc\nair_25,air,25",
        studies="code,name,sample,condition,started_at,measure,window_d,pulls\n"
        'ST-1,one,S-1,air_25,2026-01-05T08:00Z,PL,1,"0d,7d"\nST-2,two,S-1,air_25,2026-03-05T08:00Z,PL,1,"0d,7d"',
        observations="study,age,vial,quantity,value,unit,u\nST-1,0,1,PL,100,count,1\nST-1,7,1,PL,90,count,1\n"
        "ST-2,0,1,PL,200,count,1\nST-2,7,1,PL,180,count,1",
    )
    with lab.read() as session:
        found = trend(session, "PL", normalise="0d")
    assert [[mean.value for mean in one.means] for one in found.series] == [[1.0, 0.9], [1.0, 0.9]]
