"""A question asked again keeps its verdict, unless what it rests on has changed; then the new one takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labdb.assessment import assess
from labdb.demo.build import build_clean
from labdb.intake.correction import correct
from labdb.queries.evidence import rows

if TYPE_CHECKING:
    from pathlib import Path


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
