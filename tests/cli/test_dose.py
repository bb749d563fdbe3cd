"""The dose ledger at the terminal; doses from the example data, u from the 5 % of its dose-rate calibration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("sample", "dose_gy", "u_gy"),
    [
        ("S-I-PBS-K", 300.0, 15.0),  # 0.5(0.025) Gy/s for 600 s
        ("S-I-PBS-ON", 230.0, 11.5),  # the same rate, 460 s on of the ON/OFF sequence
    ],
)
def test_an_aliquot_has_the_dose_of_its_own_exposure(
    labdb: Run, paper_lab: Path, sample: str, dose_gy: float, u_gy: float
) -> None:
    ran = labdb("dose", sample, "--json", lab=paper_lab)
    (row,) = ran.data
    assert (ran.code, row["sample"]) == (0, sample)
    assert row["total"]["value"] == pytest.approx(dose_gy)
    assert row["total"]["u"] == pytest.approx(u_gy)
    assert row["courses"] == pytest.approx(dose_gy / 60)


def test_the_dose_of_a_sample_shows_each_aliquot_with_its_own(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("dose", "S-I", "--json", lab=paper_lab)
    totals = {row["sample"]: row["total"] and row["total"]["value"] for row in ran.data}
    assert totals["S-I"] is None  # the powder itself was never irradiated; its aliquots' doses do not add up
    assert (totals["S-I-P-RL"], totals["S-I-P-RL60"]) == (20, 60)
    assert (totals["S-I-PBS-K"], totals["S-I-PBS-ON"]) == (pytest.approx(300), pytest.approx(230))


def test_the_printed_ledger_names_dose_courses_beam_and_what_is_not_stated(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("dose", "S-I-PBS-K", lab=paper_lab)
    assert "S-I-PBS-K  300(15) Gy, 5 courses of 60 Gy" in ran.out
    assert "from 1 beam segment, 600 s on, calibration CAL-DR-1" in ran.out
    assert "not stated: reference point, filter" in ran.out
    assert ran.out.splitlines()[-1].startswith("Next: labdb ")


def test_csv_is_a_line_an_exposure(labdb: Run, paper_lab: Path) -> None:
    lines = labdb("dose", "S-I", "--csv", lab=paper_lab).out.splitlines()
    assert lines[0].startswith("sample,irradiation,")
    assert "S-I-PBS-K,IR-SOSG-I,singlet-oxygen kinetics,300.0,15.0,segments,600.0," in lines


def test_an_unknown_sample_names_the_nearest(labdb: Run, paper_lab: Path) -> None:
    ran = labdb("dose", "S-I-PBS-KK", lab=paper_lab)
    assert (ran.code, ran.out) == (1, "")
    assert "did you mean S-I-PBS-K?" in ran.err
