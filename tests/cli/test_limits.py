"""Limits at the terminal: shipped and own, with standing, mark and citation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_every_listed_limit_has_its_source_standing_and_mark(labdb: Run, paper_lab: Path) -> None:
    rows = labdb("limits", "list", "--json", lab=paper_lab).data
    assert {"PAPER-5UGG", "ICHQ3D-Pb-oral", "WHO-GDWQ-Pb"} <= {row["id"] for row in rows}
    assert [row["id"] for row in rows if not (row["citation"] and row["status"] and row["mark"])] == []


def test_the_laboratorys_own_limits_stand_among_them(labdb: Run, clean_lab: Path, paper_lab: Path) -> None:
    assert "LAB-PL-14D" in labdb("limits", "list", lab=clean_lab).out
    assert "LAB-PL-14D" not in labdb("limits", "list", lab=paper_lab).out


def test_outside_of_a_lab_the_shipped_ones_are_shown(
    labdb: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LABDB_LAB", raising=False)
    assert "PAPER-5UGG" in labdb("limits", "list").out
    assert labdb("limits", "list", lab=tmp_path / "nowhere").code == 1  # named, and not there: no silent fallback


def test_kind_and_status_narrow_the_list(labdb: Run, paper_lab: Path) -> None:
    kinds = labdb("limits", "list", "--kind", "released_lead_mass_fraction", "--json", lab=paper_lab).data
    assert [row["id"] for row in kinds] == ["PAPER-5UGG"]
    withdrawn = labdb("limits", "list", "--status", "withdrawn", "--json", lab=paper_lab).data
    assert [row["id"] for row in withdrawn] == ["JECFA-PTWI-Pb"]


def test_an_unverified_limit_is_shown_as_such(labdb: Run, paper_lab: Path) -> None:
    out = labdb("limits", "show", "PAPER-5UGG", lab=paper_lab).out
    assert out.startswith("PAPER-5UGG  <= 5 ug/g")
    assert "unverified attribution: every verdict says (unverified limit)" in out
    assert "ACS Energy Lett. 2023, 8, 1795" in out
    assert "no WHO document was found" in out


def test_csv_can_be_read_back(labdb: Run, paper_lab: Path) -> None:
    head, first, *_ = labdb("limits", "list", "--csv", lab=paper_lab).out.splitlines()
    assert head == "id,limit,kind,basis,status,mark,authority"
    assert first.startswith("CODEX-RICE-Pb,<= 0.2 mg/kg,")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "PAPER-5UG"), "did you mean PAPER-5UGG?"),
        (("list", "--kind", "released_lead"), "did you mean"),
        (("list", "--status", "in forse"), "did you mean in force?"),
    ],
)
def test_what_is_refused_names_the_nearest(labdb: Run, paper_lab: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = labdb("limits", *arguments, lab=paper_lab)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
