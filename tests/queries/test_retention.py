"""How much light is left: after storage, and after a dose."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from labdb.quantity import Censoring
from labdb.queries.retention import pl_retention, rl_retention

if TYPE_CHECKING:
    from labdb.lab import Lab

Take = Callable[..., str]


def test_the_ordinary_week_keeps_its_light(clean: Lab) -> None:
    with clean.read() as session:
        (stored,) = pl_retention(session, "S-2602")
        (dosed,) = rl_retention(session, "S-2602")
    assert (stored.age_d, stored.n_vials, str(stored.retention)) == (14.0, 3, "1.0004(64)")
    # t = 0 and the last pull of three vials
    assert len(stored.measurements) == 6
    # 792000(7920) over 800000(8000)
    assert (str(dosed.retention), str(dosed.dose)) == ("0.990(14)", "20(1) Gy")


def test_a_study_is_a_subject_and_so_is_one_condition(paper: Lab) -> None:
    with paper.read() as session:
        (study,) = pl_retention(session, "ST-I-AIR")
        (condition,) = pl_retention(session, "S-I", "air_55RH")
    assert study == condition
    assert str(study.retention) == "0.8985(35)"


def test_a_pull_near_the_age_asked_for_is_taken_and_a_far_one_is_not(clean: Lab) -> None:
    with clean.read() as session:
        assert [one.age_d for one in pl_retention(session, "S-2602", at_d=6.5)] == [7.0]
        assert pl_retention(session, "S-2602", at_d=10.0) == []


def test_without_readings_there_is_nothing_left_to_tell(paper: Lab) -> None:
    with paper.read() as session:
        assert pl_retention(session, "S-SIO2-P-CHAR") == []
        assert rl_retention(session, "S-SIO2-P-CHAR") == []


def test_the_retentions_of_a_sample_come_by_aliquot_and_dose(paper: Lab) -> None:
    with paper.read() as session:
        found = rl_retention(session, "S-I")
    assert [(one.sample, str(one.dose)) for one in found] == [("S-I-P-RL", "20 Gy"), ("S-I-P-RL60", "60 Gy")]
    assert str(found[1].retention) == "0.840(20)"


def expose(lab: Lab, take: Take, *readings: str) -> None:
    """Readings of RL: value,u,moment."""
    take(
        lab,
        samples="code,kind\nS-1,powder",
        irradiations="code,sample,dose_origin,dose_gy,u_dose_gy,origin\nIR-1,S-1,stated,20,1,synthetic",
    )
    header = "sample,radioluminescence_intensity,u_radioluminescence_intensity,moment,irradiation"
    take(lab, observations="\n".join([header, *(f"S-1,{reading},IR-1" for reading in readings)]))


def test_several_readings_before_and_after_are_averaged(lab: Lab, take: Take) -> None:
    # before 100 and 104, after 51: 0.5; s / sqrt(2) = 2, own u 1: u(before) = sqrt(5)
    expose(lab, take, "100,1,before", "104,1,before", "51,1,after")
    with lab.read() as session:
        (one,) = rl_retention(session, "S-1")
    assert one.retention.value == pytest.approx(0.5, rel=1e-12)
    assert one.retention.u == pytest.approx(0.5 * ((1 / 51) ** 2 + 5 / 102**2) ** 0.5, rel=1e-9)
    assert len(one.measurements) == 3
    # u(before)^2 = 2^2 of one degree of freedom + 1^2: 5^2 / 2^4
    assert one.dof == pytest.approx(25 / 16)


def test_two_readings_of_one_vial_leave_few_degrees_of_freedom(lab: Lab, take: Take) -> None:
    take(
        lab,
        samples="code,kind\nS-1,suspension",
        observations="sample,vial,age,replicate,quantity,value,unit,u\nS-1,V1,0,1,PL,100,count,1\n"
        "S-1,V1,7,1,PL,90,count,1\nS-1,V1,7,2,PL,98,count,1",
    )
    with lab.read() as session:
        (one,) = pl_retention(session, "S-1")
    assert one.n_vials == 1
    # 0.90 and 0.98: s / sqrt(2) = 0.04 with one degree of freedom, beside an own u of 0.014
    assert one.dof == pytest.approx(((one.retention.u or 0.0) / 0.04) ** 4)
    assert one.dof < 2


def test_light_below_the_threshold_after_a_dose_is_a_bound(lab: Lab, take: Take) -> None:
    expose(lab, take, "100,1,before", "<10,,after")
    with lab.read() as session:
        (one,) = rl_retention(session, "S-1")
    assert one.retention.censoring is Censoring.BELOW
    assert one.retention.value == pytest.approx(0.1)


@pytest.mark.parametrize("before", ["0,1,before", "<10,,before"])
def test_without_light_before_there_is_no_retention(lab: Lab, take: Take, before: str) -> None:
    expose(lab, take, before, "50,1,after")
    with lab.read() as session:
        assert rl_retention(session, "S-1") == []


def test_a_reading_without_u_leaves_a_retention_without_one(lab: Lab, take: Take) -> None:
    expose(lab, take, "100,1,before", "50,,after")
    with lab.read() as session:
        (one,) = rl_retention(session, "S-1")
    assert (one.retention.value, one.retention.u) == (0.5, None)
