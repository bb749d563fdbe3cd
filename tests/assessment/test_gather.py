"""Which evidence a limit asks for, how several readings become one verdict, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labdb.assessment import Assessed, assess
from labdb.compliance.decision import Outcome
from labdb.errors import EvidenceError, InputError, UnknownNameError
from labdb.record import fixed_source

if TYPE_CHECKING:
    from labdb.lab import Lab

Take = Callable[..., str]

PAPER = "PAPER-5UGG"
READINGS = "sample,leach_test,age,quantity,value,unit,u,threshold_meaning,replicate"


def judged(lab: Lab, subject: str, *limits: str, **asked: object) -> list[Assessed]:
    return assess(lab, subject, limits=limits or [PAPER], store=False, **asked)  # type: ignore[arg-type] # as in a test


def outcomes(found: list[Assessed]) -> list[tuple[str, str]]:
    return [(one.subject, one.judgement.outcome.value) for one in found]


def leach(lab: Lab, take: Take, *readings: str, loading: str = "2,0", renewed: str = "no", test: str = "1") -> None:
    """A suspension S-W1 with leach test LT-1 and its readings: age,value,u,meaning,replicate."""
    columns = "code,kind,composition,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium"
    take(
        lab,
        samples=f"{columns}\nS-W{test},suspension,CsPbBr3,{loading},water",
        leach_tests="code,sample,leachant,whole_suspension_pulled,medium_renewed,origin\n"
        f"LT-{test},S-W{test},water,yes,{renewed},synthetic",
    )
    lines = []
    for reading in readings:
        age, value, u, meaning, replicate = (*reading.split(","), *[""] * 4)[:5]
        lines.append(f"S-W{test},LT-{test},{age},Pb,{value},ug/L,{u},{meaning},{replicate or 1}")
    if lines:
        take(lab, observations="\n".join([READINGS, *lines]))


# --- several readings of one pull ------------------------------------------------------------------------------------


def test_readings_of_a_pull_are_judged_by_their_mean(lab: Lab, take: Take) -> None:
    # 9 and 13 ug/L at 2 mg/mL, u 0.1 each: mean 11 is 5.5 ug/g, s/sqrt(2) = 2 is 1 ug/g: alone, 13 would be a fail
    leach(lab, take, "7,9,0.1,,1", "7,13,0.1,,2")
    (found,) = judged(lab, "LT-1")
    assert found.judgement.quantity is not None
    assert found.judgement.quantity.value == 5.5
    assert found.judgement.outcome is Outcome.INCONCLUSIVE
    assert len(found.measurements) == 2
    # few degrees of freedom: k is Student's t(0.95, 1) = 6.31 nearly, not 1.645
    assert found.judgement.guard is not None
    assert found.judgement.guard / (found.judgement.quantity.u or 1.0) > 6.0


@pytest.mark.parametrize(
    ("values", "bound", "expected"),
    # at 2 mg/mL, limit 10 ug/L as mean: to pass the bound counts, to fail nothing; each with its scatter s/sqrt(n)
    [
        (["3"], "2.5", Outcome.PASS),  # 2.75 + 6.31 * 0.25
        (["6"], "4", Outcome.INCONCLUSIVE),  # 5 + 6.31 * 1: as 6 and 4 ug/L, both detected, would be
        (["24"] * 5, "8", Outcome.FAIL),  # 20 - 2.02 * 4
        (["24"], "8", Outcome.INCONCLUSIVE),  # 12 - 6.31 * 12
    ],
)
def test_a_non_detect_among_values_enters_as_its_bound_to_pass_and_as_nothing_to_fail(
    lab: Lab, take: Take, values: list[str], bound: str, expected: Outcome
) -> None:
    read = [f"7,{value},0.1,,{place}" for place, value in enumerate(values, 1)]
    leach(lab, take, *read, f"7,<{bound},,below_LC,{len(read) + 1}")
    (found,) = judged(lab, "LT-1")
    assert found.judgement.outcome is expected


def test_a_mixed_pull_advises_how_far_its_bound_must_come_down(lab: Lab, take: Take) -> None:
    leach(lab, take, "7,9,0.1,,1", "7,<40,,below_LC,2")
    (found,) = judged(lab, "LT-1")
    assert found.next_step is not None
    assert found.next_step.startswith("a bound <= ")
    assert "Some readings detected something and others did not" in found.judgement.reason
    assert "nothing was detected" not in found.judgement.reason


# --- releases that add -----------------------------------------------------------------------------------------------


def test_six_renewed_non_detects_of_20_are_judged_as_120(lab: Lab, take: Take) -> None:
    leach(lab, take, *(f"{7 * n},<10,,below_LC" for n in range(1, 7)), loading="0.5,0", renewed="yes")
    (found,) = judged(lab, "LT-1")
    assert found.judgement.quantity is not None
    assert found.judgement.quantity.value == pytest.approx(120.0)
    assert found.judgement.outcome is Outcome.INCONCLUSIVE
    # LD and loading are no longer the whole story, so neither is advised: the bound itself must fall 24 times
    assert found.next_step == "a bound <= 5.0 ug/g, 24 times lower than 120 ug/g"


def test_renewed_bounds_around_a_small_value_never_fail(lab: Lab, take: Take) -> None:
    leach(lab, take, "7,<10,,below_LC", "14,2,0.1,", "21,<10,,below_LC", loading="0.5,0", renewed="yes")
    for decision in ("guarded-95", "simple"):
        (found,) = judged(lab, "LT-1", decision=decision)
        assert found.judgement.outcome is Outcome.INCONCLUSIVE


def test_renewed_values_fail_by_their_sum(lab: Lab, take: Take) -> None:
    # 3 + 3 + 3 ug/L at 1 mg/mL: 9 ug/g, though each alone is 3
    leach(lab, take, "7,3,0.1,", "14,3,0.1,", "21,3,0.1,", loading="1,0", renewed="yes")
    (found,) = judged(lab, "LT-1")
    assert found.judgement.quantity is not None
    assert found.judgement.quantity.value == pytest.approx(9.0)
    assert found.judgement.outcome is Outcome.FAIL


# --- one subject, several tests --------------------------------------------------------------------------------------


def test_two_suspensions_are_judged_each_at_its_own_loading(lab: Lab, take: Take) -> None:
    columns = "code,kind,parent,taken,amount,amount_unit,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium"
    take(
        lab,
        samples=f"{columns}\nS-1,powder,,,100,mg,,,\nS-A,suspension,S-1,10,20,mL,0.5,0,water\n"
        "S-B,suspension,S-1,40,20,mL,5,0,water",
        leach_tests="code,sample,leachant,origin\nLT-A,S-A,water,synthetic\nLT-B,S-B,water,synthetic",
        observations=f"{READINGS}\nS-A,LT-A,7,Pb,<10,ug/L,,below_LC,1\nS-B,LT-B,7,Pb,<10,ug/L,,below_LC,1",
    )
    found = judged(lab, "S-1")
    assert outcomes(found) == [("LT-A", "inconclusive"), ("LT-B", "pass")]


def test_what_one_test_lacks_keeps_no_other_from_being_judged(lab: Lab, take: Take) -> None:
    columns = "code,kind,parent,taken,amount,amount_unit,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium"
    take(
        lab,
        samples=f"{columns}\nS-1,powder,,,100,mg,,,\nS-A,suspension,S-1,10,20,mL,,,water\n"
        "S-B,suspension,S-1,40,20,mL,5,0,water\nS-C,suspension,S-1,40,20,mL,5,0,water",
        leach_tests="code,sample,leachant,origin\nLT-A,S-A,water,synthetic\nLT-B,S-B,water,synthetic\n"
        "LT-C,S-C,water,synthetic",
        observations=f"{READINGS}\nS-A,LT-A,7,Pb,4,ug/L,1,,1\nS-B,LT-B,7,Pb,4,ug/L,1,,1",
    )
    found = judged(lab, "S-1")
    assert outcomes(found) == [("LT-A", "not_assessed"), ("LT-B", "pass"), ("LT-C", "not_assessed")]
    assert "the particle loading of S-A" in found[0].judgement.reason
    assert found[2].judgement.reason == "LT-C has no lead reading yet."


def test_of_several_limits_the_one_that_lacks_something_says_so(lab: Lab, take: Take) -> None:
    leach(lab, take, "7,4,0.5,")
    found = judged(lab, "S-W1", PAPER, "ICHQ3D-Pb-oral")
    assert [one.judgement.outcome for one in found] == [Outcome.PASS, Outcome.NOT_ASSESSED]
    assert "the mass of particles per day" in found[1].judgement.reason
    with pytest.raises(EvidenceError, match="the mass of particles per day"):
        judged(lab, "S-W1", "ICHQ3D-Pb-oral")


def test_without_w_the_own_basis_is_not_assessed_and_stands_there_all_the_same(lab: Lab, take: Take) -> None:
    leach(lab, take, "7,4,0.5,")
    (found,) = judged(lab, "S-W1", "ICHQ3D-Pb-oral", daily_mass_mg=10.0)
    assert found.judgement.wording == "pass under assumption A1"
    assert found.beside is not None
    assert found.beside.judgement.outcome is Outcome.NOT_ASSESSED


def test_controls_are_evidence_beside_others_and_not_judged(paper: Lab) -> None:
    (found,) = judged(paper, "LT-SIO2")
    assert found.judgement.outcome is Outcome.NOT_ASSESSED
    assert "controls" in found.judgement.reason


# --- what is not there ------------------------------------------------------------------------------------------------


def test_a_subject_without_measurements_is_a_row_and_no_abort(lab: Lab, take: Take) -> None:
    take(lab, samples="code,kind\nS-1,powder")
    found = judged(lab, "S-1", PAPER, "RL80-60GY", "PL80-42D", "WHO-GDWQ-Pb", "HKCMMS-Pb", "TCLP-D008")
    assert {one.judgement.outcome for one in found} == {Outcome.NOT_ASSESSED}
    assert len(found) == 6
    assert found[1].judgement.reason == (
        "Not assessed: no radioluminescence retention after 60 Gy is recorded for S-1."
    )
    assert "unverified limit" in found[0].judgement.wording


def test_a_subject_that_is_none_is_refused(paper: Lab) -> None:
    with pytest.raises(InputError, match="stands for no sample"):
        judged(paper, "BAL-1")
    with pytest.raises(UnknownNameError, match="did you mean PAPER-5UGG"):
        judged(paper, "S-I", "PAPER-5UG")
    with pytest.raises(UnknownNameError, match="did you mean S-I"):
        judged(paper, "S-II")


def test_a_pull_that_was_never_made_is_named_with_those_that_were(paper: Lab) -> None:
    with pytest.raises(EvidenceError, match=r"LT-I-B has no pull at 43 d; it has 0 d, 1 d, .* 42 d"):
        judged(paper, "LT-I-B", at_d=43.0)


def test_readings_without_an_age_are_said(lab: Lab, take: Take) -> None:
    leach(lab, take, ",60,1,")
    (found,) = judged(lab, "LT-1")
    assert found.judgement.reason == "LT-1 has lead readings, but none of them has an age."
    take(lab, observations=f"{READINGS}\nS-W1,LT-1,7,Pb,1,ug/L,0.1,,1")
    (found,) = judged(lab, "LT-1")
    assert found.judgement.outcome is Outcome.PASS
    assert [one.rule for one in found.findings] == ["LEACH-UNDATED"]


# --- limits of every kind --------------------------------------------------------------------------------------------


def test_the_leachate_itself_is_judged_against_water_in_ug_per_l(paper: Lab) -> None:
    # 10.15(102) ug/L against 10: undecided; not one verdict for each of nine pulls
    (found,) = judged(paper, "LT-MIX-B", "WHO-GDWQ-Pb")
    assert str(found.judgement.quantity) == "10.2(10) ug/L"
    assert found.judgement.outcome is Outcome.INCONCLUSIVE
    assert (found.scope, found.measurand) == ("up to 42 d", "lead in the leachate (water)")


def test_a_leachate_without_lead_keeps_to_the_limit_of_water(clean: Lab) -> None:
    (found,) = judged(clean, "LT-1", "WHO-GDWQ-Pb")
    assert found.judgement.outcome is Outcome.PASS


def test_lead_read_without_a_leach_test_is_judged_once(lab: Lab, take: Take) -> None:
    # two pulls of a suspension, and a reading without an age of other water
    columns = "code,kind,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium"
    take(
        lab,
        samples=f"{columns}\nS-W,suspension,2,0,water\nTAP,solution,,,",
        observations="sample,age,quantity,value,unit,u\nS-W,7,Pb,4,ug/L,0.2\nS-W,14,Pb,6,ug/L,0.2\nTAP,,Pb,3,ug/L,0.2",
    )
    (found,) = judged(lab, "S-W", "WHO-GDWQ-Pb")
    assert (found.scope, str(found.judgement.quantity)) == ("up to 14 d", "6.0(2) ug/L")
    assert [one.scope for one in judged(lab, "TAP", "WHO-GDWQ-Pb")] == ["as measured"]
    assert [one.scope for one in judged(lab, "S-W")] == ["up to 14 d"]


def test_the_extract_of_another_procedure_is_refused(paper: Lab) -> None:
    (found,) = judged(paper, "LT-MIX-B", "TCLP-D008")
    assert found.judgement.outcome is Outcome.NOT_ASSESSED
    assert "not comparable" in found.judgement.reason
    assert "its leachant and its dilution are others" in found.judgement.reason


def test_total_lead_per_mass_comes_from_w_and_composition_and_as_measured(paper: Lab, lab: Lab, take: Take) -> None:
    # w 0.16(0.008) of CsPbBr3, x(Pb) 0.35735: 57177 ug/g, u 5 %
    (found,) = judged(paper, "LT-BR-B", "HKCMMS-Pb")
    assert found.judgement.quantity is not None
    assert found.judgement.quantity.to("ug/g").value == pytest.approx(57177, rel=1e-4)
    assert found.judgement.outcome is Outcome.FAIL
    take(
        lab,
        samples="code,kind\nS-1,powder",
        observations="sample,quantity,value,unit,u\nS-1,total_lead_mass_fraction,2,ug/g,0.1",
    )
    (measured,) = judged(lab, "S-1", "HKCMMS-Pb")
    assert measured.judgement.outcome is Outcome.PASS


def test_a_limit_on_dose_asks_how_far_stability_was_tested(paper: Lab) -> None:
    (iodide,) = judged(paper, "S-I", "RT-COURSE-60GY")
    (bromide,) = judged(paper, "S-BR", "RT-COURSE-60GY")
    assert iodide.judgement.quantity is not None
    assert iodide.judgement.quantity.value == 60.0
    # tested to 20 Gy, which the source states without an uncertainty
    assert bromide.judgement.reason.startswith("20 Gy, no u recorded")


def test_any_other_kind_is_judged_by_the_mean_of_what_was_recorded(lab: Lab, take: Take) -> None:
    own_limit(lab, "LAB-PLQY", kind="photoluminescence_quantum_yield", basis="property", value="0.5", operator=">=")
    take(
        lab,
        samples="code,kind\nS-1,powder",
        observations="sample,quantity,value,unit,u,replicate\nS-1,PLQY,54,%,1,1\nS-1,PLQY,58,%,1,2",
    )
    (found,) = judged(lab, "S-1", "LAB-PLQY")
    assert found.judgement.quantity is not None
    assert found.judgement.quantity.value == pytest.approx(0.56)
    assert found.n == 2
    assert found.scope == "as measured, mean of 2"


# --- limits of the lab's own -----------------------------------------------------------------------------------------


def own_limit(lab: Lab, name: str, **fields: str) -> None:
    """Write a limit into the lab's folder; numbers are given without quotes."""
    content = {
        "authority": '"the laboratory"',
        "document": '"own criteria"',
        "edition": '"1"',
        "citation": '"own"',
        "unit": '"1"',
        "status": '"in force"',
        "mark": '"laboratory criterion"',
    } | {key: text if key in ("value", "valid_from", "valid_to") else f'"{text}"' for key, text in fields.items()}
    folder = lab.config.folder / "limits"
    folder.mkdir(exist_ok=True)
    lines = [f"[{name}]", *(f"{key} = {text}" for key, text in content.items())]
    (folder / f"{name.lower()}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def released_limit(lab: Lab, name: str, **more: str) -> None:
    fields = {"kind": "released_lead_mass_fraction", "basis": "released_per_mass", "value": "5", "unit": "ug/g"}
    own_limit(lab, name, **{**fields, "operator": "<=", **more})


def test_a_lab_judges_by_limits_of_its_own_folder(lab: Lab, take: Take) -> None:
    released_limit(lab, "LAB-1", value="1")
    leach(lab, take, "7,4,0.1,")
    assert [one.judgement.wording for one in judged(lab, "LT-1", "LAB-1", PAPER)] == ["fail", "pass (unverified limit)"]


def test_a_withdrawn_limit_and_one_out_of_its_time_are_said_to_be_so(lab: Lab, take: Take) -> None:
    from datetime import UTC, datetime

    released_limit(lab, "LAB-OLD", status="withdrawn")
    released_limit(lab, "LAB-LATER", valid_from="2030-01-01")
    leach(lab, take, "7,4,0.1,")
    with fixed_source(datetime(2026, 11, 22, tzinfo=UTC)):
        found = judged(lab, "LT-1", "LAB-OLD", "LAB-LATER")
    assert [one.judgement.wording for one in found] == [
        "pass (withdrawn limit)",
        "pass (limit not valid before 2030-01-01)",
    ]


# --- the same data in other units ------------------------------------------------------------------------------------

_FACTORS = {"ug/L": 1.0, "mg/L": 1e-3, "ng/mL": 1.0, "ppb": 1.0, "g/L": 1e-6}
_NUMBERS = count(2)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.integers(min_value=1, max_value=4000),
    unit=st.sampled_from(sorted(_FACTORS)),
    detected=st.booleans(),
)
def test_a_verdict_does_not_depend_on_the_unit_the_data_came_in(
    lab: Lab, take: Take, value: int, unit: str, detected: bool
) -> None:
    found = []
    for name in ("ug/L", unit):
        number = next(_NUMBERS)
        leach(lab, take, test=str(number), loading="2,0.005")
        sign, factor = ("" if detected else "<"), _FACTORS[name]
        u = repr(0.01 * value * factor) if detected else ""
        take(
            lab,
            observations=f"{READINGS}\nS-W{number},LT-{number},7,Pb,{sign}{value / 100 * factor!r},{name},{u},"
            f"{'' if detected else 'below_LC'},1",
        )
        (one,) = judged(lab, f"LT-{number}")
        found.append(one)
    first, second = found
    assert first.judgement.outcome is second.judgement.outcome
    assert first.judgement.wording == second.judgement.wording
    assert first.next_step == second.next_step
