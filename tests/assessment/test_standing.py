"""A question asked again keeps its verdict, unless what it rests on has changed; then the new one takes its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labdb.assessment import assess
from labdb.demo.build import build_clean
from labdb.intake.correction import correct
from labdb.queries.evidence import rows

if TYPE_CHECKING:
    from pathlib import Path

    from labdb.lab import Lab

Take = Callable[..., str]


def test_the_same_question_gives_the_same_verdict_and_a_corrected_reading_a_new_one(tmp_path: Path) -> None:
    lab = build_clean(tmp_path / "clean")
    first = assess(lab, "LT-1", limits=["LAB-PB-RELEASED"])
    again = assess(lab, "LT-1", limits=["LAB-PB-RELEASED"])
    assert [one.code for one in again] == [one.code for one in first]

    reading = first[0].measurements[-1]
    correct(lab, reading, {"Pb": "12.0(5) ug/L"}, "read from the wrong line")
    changed = assess(lab, "LT-1", limits=["LAB-PB-RELEASED"])
    assert [one.code for one in changed] != [one.code for one in first]
    assert changed[0].judgement.outcome.value == "fail"  # 12.0 / 2.000 = 6.0 ug/g against 5, u 0.25
    with lab.read() as session:
        current = rows(session, "SELECT code FROM verdicts ORDER BY code")
        history = rows(
            session,
            "SELECT v.code, o.code AS took_the_place_of FROM verdict v JOIN verdict o ON o.id = v.supersedes_id",
        )
    assert [row["code"] for row in current] == [changed[0].code]
    assert history == [{"code": changed[0].code, "took_the_place_of": first[0].code}]
    lab.close()


def test_a_question_by_another_rule_is_another_question(tmp_path: Path) -> None:
    lab = build_clean(tmp_path / "clean")
    assess(lab, "LT-1", limits=["LAB-PB-RELEASED"])
    assess(lab, "LT-1", limits=["LAB-PB-RELEASED"], decision="simple")
    with lab.read() as session:
        assert [row["decision"] for row in rows(session, "SELECT decision FROM verdicts ORDER BY code")] == [
            "guarded-95",
            "simple",
        ]
    lab.close()


def standing(lab: Lab, subject: str, limit: str) -> list[tuple[str, str]]:
    """The verdicts that stand after the question was asked twice: code and outcome."""
    assess(lab, subject, limits=[limit])
    assess(lab, subject, limits=[limit])
    with lab.read() as session:
        return [(row["code"], row["outcome"]) for row in rows(session, "SELECT * FROM verdicts ORDER BY code")]


def test_two_conditions_are_two_questions_and_neither_verdict_takes_the_place_of_the_other(
    lab: Lab, take: Take
) -> None:
    folder = lab.config.folder / "limits"
    folder.mkdir()
    limit = (
        '[LAB-PLQY]\nauthority = "the laboratory"\ndocument = "own"\nedition = "1"\ncitation = "own"\nmark = "own"\n'
        'kind = "photoluminescence_quantum_yield"\nbasis = "property"\nvalue = 0.5\nunit = "1"\noperator = ">="\n'
        'status = "in force"\n'
    )
    (folder / "own.toml").write_text(limit, encoding="utf-8")
    take(
        lab,
        samples="code,kind\nS-1,powder",
        conditions="code,medium,temperature_degc\nair_25,air,25\nwater_25,water,25",
        observations="sample,condition,age,quantity,value,unit,u\nS-1,air_25,7,PLQY,30,%,1\nS-1,water_25,7,PLQY,60,%,1",
    )
    assert standing(lab, "S-1", "LAB-PLQY") == [("V-0001", "fail"), ("V-0002", "pass")]


def test_two_exposures_of_one_dose_are_two_questions(lab: Lab, take: Take) -> None:
    take(
        lab,
        samples="code,kind\nS-1,powder",
        irradiations="code,sample,dose_origin,dose_gy,u_dose_gy,origin\nIR-1,S-1,stated,60,1,synthetic\n"
        "IR-2,S-1,stated,60,1,synthetic",
    )
    header = "sample,radioluminescence_intensity,u_radioluminescence_intensity,moment,irradiation"
    lines = ["S-1,100,1,before,IR-1", "S-1,50,1,after,IR-1", "S-1,100,1,before,IR-2", "S-1,95,1,after,IR-2"]
    take(lab, observations="\n".join([header, *lines]))
    assert standing(lab, "S-1", "RL80-60GY") == [("V-0001", "fail"), ("V-0002", "pass")]
