"""From the readings of a leach test to released lead: averages, sums, bounds, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from labdb.errors import UnknownNameError
from labdb.quantity import Censoring, ThresholdMeaning
from labdb.queries.leaching import UNDATED, UNSUMMED, LeachSeries, leach_series, leach_tests_of

if TYPE_CHECKING:
    from labdb.lab import Lab

Take = Callable[..., str]

HEADER = (
    "sample,leach_test,age,quantity,value,unit,u,threshold_meaning,replicate,vial,"
    "volume_before_pull_ml,pulled_volume_ml,method"
)


def leach(
    lab: Lab,
    take: Take,
    *readings: str,
    whole: str = "yes",
    renewed: str = "no",
    loading: str = "0.5,0.01",
    more: str = "",
) -> LeachSeries:
    """A leach test LT-1 with readings: age,value,u,meaning,replicate,vial,volume before,volume taken."""
    take(
        lab,
        samples="code,kind,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium\n"
        f"S-W,suspension,{loading},water",
        leach_tests="code,sample,leachant,whole_suspension_pulled,medium_renewed,origin\n"
        f"LT-1,S-W,water,{whole},{renewed},synthetic",
        **({"methods": more} if more else {}),
    )
    if readings:
        method = "ME-1" if more else ""
        lines = []
        for reading in readings:
            age, value, u, meaning, *rest = (*reading.split(","), *[""] * 8)
            lines.append(f"S-W,LT-1,{age},Pb,{value},ug/L,{u},{meaning},{','.join(rest[:4])},{method}")
        take(lab, observations="\n".join([HEADER, *lines]))
    with lab.read() as session:
        return leach_series(session, "LT-1")


def test_the_paper_like_pulls_are_what_their_numbers_say(paper: Lab) -> None:
    # LT-MIX-B: 10.15 ug/L at 2 mg/mL; u(c) = sqrt(1.0^2 + (0.02 c)^2) of ME-ICP, u of the loading 0.005 mg/mL
    with paper.read() as session:
        found = leach_series(session, "LT-MIX-B")
    age, last = found.released[-1]
    assert (age, str(last)) == (42.0, "5.08(51) ug/g")
    assert last.value == pytest.approx(10.15 / 2.0, rel=1e-12)
    assert str(found.limit_of_detection) == "10 ug/L"
    assert found.meaning is ThresholdMeaning.NOT_STATED
    assert not found.summed
    assert found.findings == ()


def test_bounds_take_the_loading_and_its_uncertainty(paper: Lab) -> None:
    # 10 ug/L over 0.5000(11) mg/mL and over 2.000(5) mg/mL
    with paper.read() as session:
        bounds = [leach_series(session, test).released[-1][1] for test in ("LT-BR-A", "LT-BR-B")]
    assert [one.value for one in bounds] == [20.0, 5.0]
    assert {one.censoring for one in bounds} == {Censoring.BELOW}
    assert all(one.u is not None and 0.0 < one.u < 0.01 * one.value for one in bounds)


def test_the_leach_tests_of_a_batch_are_those_of_its_suspensions(paper: Lab) -> None:
    with paper.read() as session:
        assert leach_tests_of(session, "B-2201") == leach_tests_of(session, "S-BR") == ["LT-BR-A", "LT-BR-B"]
        assert leach_tests_of(session, "LT-BR-B") == ["LT-BR-B"]
        with pytest.raises(UnknownNameError, match="did you mean LT-BR-A"):
            leach_series(session, "LT-BR-AB")


def test_without_a_loading_nothing_is_released_and_nothing_is_guessed(lab: Lab, take: Take) -> None:
    found = leach(lab, take, "7,12,1,", loading=",")
    assert found.loading is None
    assert found.released == ()
    assert found.pulls[0].concentration.value == 12.0


def test_without_a_u_of_the_loading_the_released_lead_has_none(lab: Lab, take: Take) -> None:
    found = leach(lab, take, "7,12,1,", "14,<10,,below_LC", loading="0.5,")
    assert [one.u for _, one in found.released] == [None, None]


def test_readings_of_one_pull_are_averaged_with_their_scatter_and_their_own_u(lab: Lab, take: Take) -> None:
    # mean 11, s 1.4142: u^2 = 1.4142^2 / 2 + 0.4^2 = 1.16, by hand
    found = leach(lab, take, "7,10,0.4,,1", "7,12,0.4,,2", "14,5,0.4,,1")
    (first, second) = found.pulls
    assert (first.concentration.value, first.concentration.n) == (11.0, 2)
    assert first.concentration.u == pytest.approx(1.16**0.5, rel=1e-12)
    assert len(first.measurements) == 2
    # one degree of freedom of the scatter, the own part taken as known: 1.16^2 / (1^2 / 1) by Welch-Satterthwaite
    assert first.dof == pytest.approx(1.16**2, rel=1e-12)
    assert (second.concentration.value, second.dof) == (5.0, None)


def test_readings_of_an_aliquot_come_before_aliquots_and_those_before_vials(lab: Lab, take: Take) -> None:
    # vial a: aliquot 1 read as 9 and 11, aliquot 2 as 14: 12; vial b: 20; together 16, not the mean of four, 13.5
    found = leach(lab, take, "7,9,1,,1,a", "7,11,1,,1,a", "7,14,1,,2,a", "7,20,1,,1,b")
    (pull,) = found.pulls
    assert pull.concentration.value == 16.0
    assert (pull.n, pull.concentration.n) == (2, 4)


def test_a_reading_without_u_leaves_the_mean_without_one(lab: Lab, take: Take) -> None:
    found = leach(lab, take, "7,10,0.4,,1", "7,12,,,2")
    assert found.pulls[0].concentration.value == 11.0
    assert found.pulls[0].concentration.u is None


def test_of_non_detects_alone_the_largest_threshold_stands_and_its_weakest_meaning(lab: Lab, take: Take) -> None:
    (pull,) = leach(lab, take, "7,<1,,below_LC,1", "7,<2,,not_stated,2").pulls
    assert pull.concentration.value == 2.0
    assert pull.concentration.threshold_meaning is ThresholdMeaning.NOT_STATED
    assert pull.released_at_least is None


def test_a_mixed_pull_lies_between_its_bound_and_nothing(lab: Lab, take: Take) -> None:
    # 6 ug/L and < 2 ug/L at 0.5 mg/mL: the mean is at most 4 and at least 3 ug/L, 8 and 6 ug/g
    (pull,) = leach(lab, take, "7,6,0.3,,1", "7,<2,,below_LC,2").pulls
    assert pull.released is not None
    assert pull.released_at_least is not None
    assert (pull.released.value, pull.released.censoring) == (8.0, Censoring.BELOW)
    assert (pull.released_at_least.value, pull.released_at_least.censoring) == (6.0, Censoring.ABOVE)


def test_below_lc_is_shown_with_ld_as_its_bound(lab: Lab, take: Take) -> None:
    # SCIENCE 3: u_T = 0 for below_LC with bound LD; a threshold written as LC (0.5) is not what was excluded
    methods = "code,kind,unit,limit_of_detection,threshold_meaning\nME-1,lead_mass_concentration,ug/L,1,below_LC"
    found = leach(lab, take, "7,<0.5,,", more=methods)
    assert found.pulls[0].concentration.value == 1.0
    assert found.released[0][1].value == 2.0


def test_six_renewed_bounds_of_20_add_to_120(lab: Lab, take: Take) -> None:
    # SCIENCE 4: "releases add, and so do bounds (six of 20 ug/g bound 120)"; no volume is needed for it
    found = leach(lab, take, *(f"{7 * n},<10,,below_LC" for n in range(1, 7)), renewed="yes")
    assert found.summed
    assert [one.value for _, one in found.released] == pytest.approx([20.0, 40.0, 60.0, 80.0, 100.0, 120.0])
    assert {one.censoring for _, one in found.released} == {Censoring.BELOW}


def test_a_detected_value_among_renewed_bounds_never_becomes_a_sum_that_was_measured(lab: Lab, take: Take) -> None:
    found = leach(lab, take, "7,<10,,below_LC", "14,2,0.2,", "21,<10,,below_LC", renewed="yes")
    _, last = found.released[-1]
    assert last.value == pytest.approx(44.0)
    assert last.censoring is Censoring.BELOW
    assert found.at_least[21.0].value == pytest.approx(4.0)


def test_particle_free_aliquots_add_what_they_took_away(lab: Lab, take: Take) -> None:
    # m_n = c_n V_n + sum c_i v: 100 mL at 0.5 mg/mL is 50 mg; (4 * 100) / 50 = 8; (6 * 90 + 4 * 10) / 50 = 11.6
    found = leach(lab, take, "7,4,0.1,,1,,100,10", "14,6,0.1,,1,,90,10", whole="no")
    assert found.summed
    assert [one.value for _, one in found.released] == pytest.approx([8.0, 11.6])
    # u: (90 * 0.1 / 50)^2 + (10 * 0.1 / 50)^2 + (11.6 * 0.02)^2
    assert found.released[1][1].u == pytest.approx((0.18**2 + 0.02**2 + 0.232**2) ** 0.5, rel=1e-9)


def test_aliquots_replaced_by_fresh_medium_keep_the_volume(lab: Lab, take: Take) -> None:
    # the same volume before every pull: (6 * 100 + 4 * 10) / 50 = 12.8
    found = leach(lab, take, "7,4,0.1,,1,,100,10", "14,6,0.1,,1,,100,10", whole="no")
    assert [one.value for _, one in found.released] == pytest.approx([8.0, 12.8])


def test_replicates_of_a_pull_take_their_volume_once(lab: Lab, take: Take) -> None:
    found = leach(
        lab, take, "7,3,0.1,,1,,100,10", "7,5,0.1,,2,,100,10", "14,6,0.1,,1,,90,10", whole="no"
    )  # as above, the first pull read twice
    assert [one.value for _, one in found.released] == pytest.approx([8.0, 11.6])


def test_a_lost_reading_leaves_a_sum_known_from_below_only(lab: Lab, take: Take) -> None:
    leach(lab, take, loading="0.5,0", renewed="yes")
    header = "sample,leach_test,age,quantity,value,unit,u,missing_reason"
    lines = ["S-W,LT-1,7,Pb,4,ug/L,0.1,", "S-W,LT-1,14,Pb,,,,vial broken", "S-W,LT-1,21,Pb,6,ug/L,0.1,"]
    take(lab, observations="\n".join([header, *lines]))
    with lab.read() as session:
        found = leach_series(session, "LT-1")
    assert [age for age, _ in found.released] == [7.0, 21.0]
    _, last = found.released[-1]
    assert last.value == pytest.approx(20.0)
    assert last.censoring is Censoring.ABOVE


def test_aliquots_of_unknown_volume_are_said_and_not_guessed(lab: Lab, take: Take) -> None:
    found = leach(lab, take, "7,4,0.1,", "14,6,0.1,", whole="no")
    assert not found.summed
    assert [one.rule for one in found.findings] == [UNSUMMED]
    assert [one.value for _, one in found.released] == [8.0, 12.0]


def test_a_reading_without_an_age_is_named_and_not_judged(lab: Lab, take: Take) -> None:
    found = leach(lab, take, "7,4,0.1,", ",60,0.1,")
    assert [pull.age_d for pull in found.pulls] == [7.0]
    assert [one.rule for one in found.findings] == [UNDATED]
    assert found.findings[0].numbers["measurements"] == "M-0002"


def test_a_series_names_everything_it_was_computed_from(clean: Lab) -> None:
    with clean.read() as session:
        found = leach_series(session, "LT-1")
    kinds = [table for table, _ in found.inputs]
    assert sorted(set(kinds)) == ["leach_test", "measurement", "method", "suspension"]
    assert kinds.count("measurement") == 3
    assert ("suspension", "S-2602-W1") in found.inputs


@contextmanager
def counted(lab: Lab) -> Iterator[list[str]]:
    """The statements that are sent to the lab's database in a block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(lab.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(lab.engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_the_readings(lab: Lab, take: Take) -> None:
    leach(lab, take, "1,4,0.1,", "2,5,0.1,")
    with counted(lab) as few, lab.read() as session:
        assert len(leach_series(session, "LT-1").pulls) == 2
    lines = [f"S-W,LT-1,{age},Pb,4,ug/L,0.1,,,,,," for age in range(3, 103)]
    take(lab, observations="\n".join([HEADER, *lines]))
    with counted(lab) as many, lab.read() as session:
        assert len(leach_series(session, "LT-1").pulls) == 102
    assert len(many) == len(few)
