"""Verdicts are kept with the digests of what they rest on, and are stale when that is no longer so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from labdb.assessment import assess, lab_limits
from labdb.assessment.store import digested, stale_inputs, stale_verdicts, store_verdict
from labdb.errors import ConflictError
from labdb.intake.correction import correct, void
from labdb.intake.file import undo
from labdb.intake.part import correct_any
from labdb.queries.evidence import rows

if TYPE_CHECKING:
    from labdb.lab import Lab

Take = Callable[..., str]

PAPER = "PAPER-5UGG"
READINGS = "sample,leach_test,age,quantity,value,unit,u,threshold_meaning,method"


@pytest.fixture
def leached(lab: Lab, take: Take) -> str:
    """A leach test LT-1 of S-W with two pulls; returns the code of the intake of its readings."""
    columns = (
        "code,kind,composition,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium,"
        "perovskite_mass_fraction,u_perovskite_mass_fraction"
    )
    take(
        lab,
        methods="code,kind,unit,limit_of_detection,threshold_meaning\nME-1,lead_mass_concentration,ug/L,1,below_LC",
        samples=f"{columns}\nS-W,suspension,CsPbBr3,2,0.005,water,0.2,0.01",
        leach_tests="code,sample,leachant,whole_suspension_pulled,medium_renewed,origin\nLT-1,S-W,water,yes,no,synthetic",
    )
    lines = ["S-W,LT-1,7,Pb,4,ug/L,0.2,,ME-1", "S-W,LT-1,14,Pb,<1,ug/L,,,ME-1"]
    return take(lab, observations="\n".join([READINGS, *lines]))


def stored(lab: Lab, subject: str = "LT-1", *limits: str, **asked: object) -> list[str]:
    found = assess(lab, subject, limits=limits or [PAPER], **asked)  # type: ignore[arg-type] # as typed in a test
    return [one.code or "" for one in found]


def stale(lab: Lab) -> dict[str, tuple[str, ...]]:
    with lab.read() as session:
        return stale_inputs(session)


@pytest.mark.usefixtures("leached")
def test_a_verdict_is_kept_whole(lab: Lab) -> None:
    (found,) = assess(lab, "LT-1", limits=[PAPER])
    with lab.read() as session:
        (row,) = rows(session, "SELECT * FROM verdicts")
        (content,) = rows(session, "SELECT limit_content, limit_digest FROM verdict")
        inputs = rows(session, "SELECT table_name, count(*) AS n FROM verdict_input GROUP BY table_name ORDER BY 1")
    assert (row["code"], row["subject"], row["limit_id"], row["decision"]) == ("V-0001", "LT-1", PAPER, "guarded-95")
    assert (row["outcome"], row["wording"], row["scope"]) == ("pass", "pass (unverified limit)", "up to 14 d")
    assert (row["value"], row["unit"], row["censoring"]) == (2.0, "ug/g", "none")
    assert row["reason"] == found.judgement.reason
    assert json.loads(content["limit_content"])["value"] == 5.0
    assert content["limit_digest"] == found.limit.digest()
    assert [(one["table_name"], one["n"]) for one in inputs] == [
        ("leach_test", 1),
        ("measurement", 2),
        ("method", 1),
        ("suspension", 1),
    ]
    assert stale(lab) == {}


@pytest.mark.usefixtures("leached")
def test_without_store_nothing_is_kept(lab: Lab) -> None:
    (found,) = assess(lab, "LT-1", limits=[PAPER], store=False)
    assert found.code is None
    with lab.read() as session:
        assert rows(session, "SELECT * FROM verdicts") == []


@pytest.mark.usefixtures("leached")
def test_what_was_not_assessed_is_a_row_too(lab: Lab) -> None:
    assert stored(lab, "S-W", "RL80-60GY") == ["V-0001"]
    with lab.read() as session:
        (row,) = rows(session, "SELECT outcome, value FROM verdicts")
    assert (row["outcome"], row["value"]) == ("not_assessed", None)
    assert stale(lab) == {}


@pytest.mark.usefixtures("leached")
def test_the_verdict_on_the_limit_s_own_basis_is_kept_beside_and_named(lab: Lab) -> None:
    (found,) = assess(lab, "LT-1", limits=["ICHQ3D-Pb-oral"], daily_mass_mg=10.0)
    assert found.beside is not None
    assert (found.beside.code, found.code) == ("V-0001", "V-0002")
    with lab.read() as session:
        (row,) = rows(session, "SELECT assumption FROM verdicts WHERE code = 'V-0002'")
    assert row["assumption"].endswith("beside it, on the limit's own basis, V-0001: fail")


@pytest.mark.usefixtures("leached")
def test_a_corrected_reading_makes_the_verdict_stale(lab: Lab) -> None:
    stored(lab)
    correct(lab, "M-0001", {"Pb": "12 ug/L"}, "typing error")
    assert stale(lab) == {"V-0001": ("measurement M-0001",)}
    stored(lab)
    assert stale(lab) == {}  # the new one took its place


@pytest.mark.usefixtures("leached")
def test_what_was_voided_between_judging_and_keeping_is_refused(lab: Lab) -> None:
    (found,) = assess(lab, "LT-1", limits=[PAPER], store=False)
    with lab.read() as session:
        digest = digested(session, found)
    void(lab, "M-0002", "vial mixed up")
    with (
        pytest.raises(ConflictError, match=r"M-0002 \(measurement\) was voided meanwhile"),
        lab.write(None, "x") as session,
    ):
        store_verdict(session, found, digest)


@pytest.mark.usefixtures("leached")
def test_who_measured_it_is_no_part_of_a_verdict(lab: Lab) -> None:
    stored(lab)
    correct(lab, "M-0001", {"operator": "O2"}, "it was O2")
    assert stale(lab) == {}


@pytest.mark.usefixtures("leached")
def test_a_voided_reading_makes_the_verdict_stale(lab: Lab) -> None:
    stored(lab)
    void(lab, "M-0002", "vial mixed up")
    assert "measurement M-0002" in stale(lab)["V-0001"]


def test_an_undone_intake_makes_the_verdict_stale(lab: Lab, leached: str) -> None:
    stored(lab)
    undo(lab, leached, "wrong file")
    assert {"measurement M-0001", "measurement M-0002"} <= set(stale(lab)["V-0001"])


@pytest.mark.usefixtures("leached")
def test_a_corrected_loading_makes_the_verdict_stale(lab: Lab) -> None:
    stored(lab)
    correct_any(lab, "S-W", {"particle_loading": "0.5000(11) mg/mL"}, "weighed again")
    assert stale(lab) == {"V-0001": ("suspension S-W",)}


@pytest.mark.usefixtures("leached")
@pytest.mark.parametrize(
    ("code", "changes", "changed"),
    [
        ("ME-1", {"limit_of_detection": "3"}, "method ME-1"),
        ("LT-1", {"medium_renewed": "yes"}, "leach test LT-1"),
    ],
)
def test_a_corrected_method_or_leach_test_makes_the_verdict_stale(
    lab: Lab, code: str, changes: dict[str, str], changed: str
) -> None:
    stored(lab)
    correct(lab, code, changes, "looked it up")
    assert stale(lab) == {"V-0001": (changed,)}


@pytest.mark.usefixtures("leached")
def test_a_corrected_w_makes_the_verdict_beside_stale_and_not_the_one_on_released_lead(lab: Lab) -> None:
    stored(lab, "LT-1", "ICHQ3D-Pb-oral", daily_mass_mg=10.0)
    correct(lab, "S-W", {"perovskite_mass_fraction": "0.1"}, "EDX again")
    assert stale(lab) == {"V-0001": ("sample S-W",)}


@pytest.mark.usefixtures("leached")
def test_a_later_pull_makes_a_verdict_up_to_the_last_one_stale_and_not_that_on_one_pull(lab: Lab, take: Take) -> None:
    stored(lab)
    stored(lab, at_d=7.0)
    take(lab, observations=f"{READINGS}\nS-W,LT-1,21,Pb,6,ug/L,0.2,,ME-1")
    assert stale(lab) == {"V-0001": ("leach test LT-1",)}


@pytest.mark.usefixtures("leached")
def test_a_voided_verdict_is_not_stale_but_gone(lab: Lab) -> None:
    stored(lab)
    correct(lab, "M-0001", {"Pb": "12 ug/L"}, "typing error")
    void(lab, "V-0001", "of no use")
    assert stale(lab) == {}


LIMIT = """
[LAB-1]
authority = "the laboratory"
document = "own criteria"
edition = "1"
citation = "own"
kind = "released_lead_mass_fraction"
basis = "released_per_mass"
value = {value}
unit = "ug/g"
operator = "<="
status = "in force"
mark = "laboratory criterion"
"""


@pytest.mark.usefixtures("leached")
def test_a_limit_that_changed_or_went_makes_the_verdict_stale(lab: Lab) -> None:
    folder = lab.config.folder / "limits"
    folder.mkdir()
    file = folder / "own.toml"
    file.write_text(LIMIT.format(value=3), encoding="utf-8")
    stored(lab, "LT-1", "LAB-1")
    with lab.read() as session:
        assert stale_verdicts(session, lab_limits(lab)) == []
        assert stale_verdicts(session) == []  # of a limit that is not shipped nothing is known without the lab's own
        file.write_text(LIMIT.format(value=1), encoding="utf-8")
        assert stale_inputs(session, lab_limits(lab)) == {"V-0001": ("limit LAB-1",)}
        file.unlink()
        assert stale_verdicts(session, lab_limits(lab)) == ["V-0001"]


def test_a_dose_that_was_corrected_makes_the_verdict_on_what_is_left_after_it_stale(lab: Lab, take: Take) -> None:
    take(
        lab,
        samples="code,kind\nS-1,powder",
        irradiations="code,sample,dose_origin,dose_gy,u_dose_gy,origin\nIR-1,S-1,stated,60,1,synthetic",
    )
    header = "sample,radioluminescence_intensity,u_radioluminescence_intensity,moment,irradiation"
    take(lab, observations=f"{header}\nS-1,100,1,before,IR-1\nS-1,90,1,after,IR-1")
    assert stored(lab, "S-1", "RL80-60GY") == ["V-0001"]
    correct(lab, "IR-1", {"dose_gy": "59"}, "read again")
    assert stale(lab) == {"V-0001": ("irradiation IR-1",)}


def test_a_reading_moved_to_another_exposure_makes_the_verdict_stale(lab: Lab, take: Take) -> None:
    take(
        lab,
        samples="code,kind\nS-1,powder",
        irradiations="code,sample,dose_origin,dose_gy,u_dose_gy,origin\nIR-1,S-1,stated,60,1,synthetic\n"
        "IR-2,S-1,stated,20,1,synthetic",
    )
    header = "sample,radioluminescence_intensity,u_radioluminescence_intensity,moment,irradiation"
    take(lab, observations=f"{header}\nS-1,100,1,before,IR-1\nS-1,90,1,after,IR-1")
    assert stored(lab, "S-1", "RL80-60GY") == ["V-0001"]
    correct(lab, "M-0002", {"irradiation": "IR-2"}, "wrong line of the notebook")
    assert stale(lab) == {"V-0001": ("measurement M-0002",)}


def test_a_corrected_volume_of_a_pull_makes_the_verdict_that_sums_stale(lab: Lab, take: Take) -> None:
    columns = "code,kind,composition,particle_loading_mg_per_ml,u_particle_loading_mg_per_ml,medium"
    take(
        lab,
        samples=f"{columns}\nS-W,suspension,CsPbBr3,2,0,water",
        leach_tests="code,sample,leachant,whole_suspension_pulled,medium_renewed,origin\nLT-1,S-W,water,no,no,synthetic",
    )
    header = "sample,leach_test,age,quantity,value,unit,u,volume_before_pull_ml,pulled_volume_ml"
    take(lab, observations=f"{header}\nS-W,LT-1,7,Pb,4,ug/L,0.2,10,1\nS-W,LT-1,14,Pb,4,ug/L,0.2,10,1")
    stored(lab)
    correct(lab, "M-0001", {"pulled_volume_ml": "5"}, "typing error")
    assert stale(lab) == {"V-0001": ("measurement M-0001",)}


def test_the_verdicts_of_the_example_labs_are_fresh(paper: Lab) -> None:
    with paper.read() as session:
        assert stale_verdicts(session, lab_limits(paper)) == []
