"""The paper's lab, put right: each finding goes away with what it found, by edited forms and by commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from labdb import checks
from labdb.intake.correction import correct, void
from labdb.lab import Lab

Build = Callable[[dict[str, Any]], Lab]

SECOND_READINGS = ("LT-BR-B", "LT-I-B", "LT-MIX-B")
CAPTIONS = ("ST-002", "ST-004", "ST-006")


def statement(code: str, **cells: str) -> dict[str, Any]:
    return {"statements": [({"code": code}, cells)]}


ALL: dict[str, str] = {}

# What would have to stand in the record for the rule to be content.
PUT_RIGHT: dict[str, dict[str, Any]] = {
    "R03": {
        "statements": [({"code": code}, None) for code in CAPTIONS],
        "observations_icp": [({"leach_test": code}, None) for code in SECOND_READINGS],
    },
    "R04": statement("ST-015", content="0.25"),
    "R05": {"conditions": [({"code": "hcl_1M"}, {"amount_concentration_mol_per_l": "0.1"})]},
    "R06": {"irradiations": [({"dose_origin": "stated"}, {"dose_gy": "300"})]},
    "R07": {
        "statements": [({"code": "ST-019"}, {"words": "", "content": "nearly unaffected"}), ({"code": "ST-037"}, None)]
    },
    "R08": statement("ST-024", content="2"),
    "R09": {"irradiations": [(ALL, {"e_max_kev": "13"})]},
    "R10": {"observations_xrd": [({"sample": "S-MIX-P-CHAR", "value": "20.09"}, {"value": "20.80"})]},
    "R11": statement("ST-052", content="CsPbBr1.5I1.5"),
    "R12": statement("ST-035", content="0.977", words="singlet oxygen"),
    "R13": {"irradiations": [({"code": code}, {"origin": "measured"}) for code in ("IR-SOSG-NOPART", "IR-SOSG-AZ")]},
    "R14": statement("ST-032", content="450"),
    "R15": statement("ST-011", content="example laboratory"),
    "R16": {"leach_tests": [(ALL, {"spike_recovery_percent": "96"})]},
}


@pytest.mark.parametrize("name", PUT_RIGHT)
def test_a_finding_goes_away_with_what_it_found(name: str, article: Build) -> None:
    assert checks.run(article(PUT_RIGHT[name]), [name]) == []


def test_a_corrected_copy_of_the_paper_lab_finds_neither_two_loadings_nor_a_wrong_ph(article: Build) -> None:
    found = checks.run(article(PUT_RIGHT["R03"] | PUT_RIGHT["R05"]))
    assert not {"R03", "R05"} & {one.rule for one in found}
    assert {"R01", "R06"} <= {one.rule for one in found}  # the rest is still there


def test_the_same_is_reached_by_voiding_and_correcting(article: Build) -> None:
    lab = article({})
    assert {one.subject for one in checks.run(lab, ["R03", "R05"])} == {"LT-BR", "LT-MIX", "LT-I", "hcl_1M"}
    correct(lab, "hcl_1M", {"ph_reported": "0.1"}, "the bottle says 1 mol/L")
    assert {one.rule for one in checks.run(lab, ["R03", "R05"])} == {"R03"}
    for code in CAPTIONS:
        void(lab, code, "the notebook says 0.5 mg/mL")
    assert {one.numbers["higher_place"] for one in checks.run(lab, ["R03"])} == {
        f"leach test {code}" for code in SECOND_READINGS
    }
    with lab.read() as session:
        from labdb.queries.evidence import rows

        sql = "SELECT measurement FROM observations WHERE leach_test LIKE 'LT-%-B' ORDER BY measurement"
        readings = [row["measurement"] for row in rows(session, sql)]
    for code in readings:
        void(lab, code, "a reading of a suspension that never was")
    assert checks.run(lab, ["R03", "R05"]) == []
