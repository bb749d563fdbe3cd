"""Retention of an intensity, its uncertainty, and the mean over vials."""

import csv
import json
import math
import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.stability.retention import mean_over_vials, own_uncertainties, retention


def test_ninety_of_a_hundred_counts_carry_both_uncertainties(shared_data: Path) -> None:
    # paper/vectors.json gives R 0.9 and u; it is 90(2) over 100(2)
    case = json.loads((shared_data / "paper" / "vectors.json").read_text())["retention"]
    series = retention([100.0, 90.0], u_relative=[0.02, 2 / 90])
    assert series.u is not None
    assert series.retention[1] == pytest.approx(case["R"], rel=1e-12)
    assert series.u[1] == pytest.approx(case["u"], rel=1e-12)
    assert (series.retention[1] - 0.8) / series.u[1] == pytest.approx(case["z_vs_0.8"], rel=1e-9)


def test_one_percent_per_reading_gives_the_retentions_of_the_yardstick() -> None:
    # FIRST_HOUR: 1.0 % from the method: 0 d 1, 7 d 0.992(14), 14 d 0.987(14)
    series = retention([100.0, 99.2, 98.7], u_relative=[0.01] * 3)
    assert series.u is not None
    assert series.u_own is not None
    assert series.u[0] == 0  # 1 by definition
    assert series.u_own[0] == 0.01  # but its reading scatters like the others
    assert [round(one, 3) for one in series.u] == [0, 0.014, 0.014]


def test_a_drifting_lamp_is_divided_out(shared_data: Path) -> None:
    # lamp drift of 1.2 % is common to sample and reference reading; true R of S-BR is 1, u 0.4 % per reading
    text = (shared_data / "paper" / "pl_stability.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["aliquot_id"] == "S-BR-V-AIR-1"]
    counts = [float(row["counts"]) for row in rows]
    refs = [float(row["reference_counts"]) for row in rows]
    u = [float(row["u_rel"]) for row in rows]
    series = retention(counts, refs, u)
    assert series.u is not None
    # nine readings: none should be off by 3.5 u
    assert all(abs(value - 1) <= 3.5 * one for value, one in zip(series.retention, series.u, strict=True))
    raw = retention(counts)
    assert statistics.stdev(raw.retention) > statistics.stdev(series.retention)
    assert raw.u is None


def test_retentions_of_one_vial_are_correlated_through_the_first_reading() -> None:
    series = retention([100.0, 90.0, 80.0], u_relative=[0.02, 0.01, 0.01])
    matrix = series.covariance()
    assert series.u is not None
    assert matrix[1][1] == pytest.approx(series.u[1] ** 2, rel=1e-12)
    assert matrix[1][2] == matrix[2][1] == pytest.approx(0.9 * 0.8 * 0.02**2, rel=1e-12)
    assert matrix[0] == [0, 0, 0]
    with pytest.raises(InputError, match="no covariance"):
        retention([100.0, 90.0]).covariance()


def test_the_common_part_is_given_back_to_a_first_reading_that_is_one_by_definition() -> None:
    own = own_uncertainties([1.0, 0.992, 0.987], [0.0, 0.014, 0.014])
    # 1.4 % together are 1.0 % each
    assert own == pytest.approx([0.01, 0.0099, 0.0099], abs=1e-4)
    assert own_uncertainties([1.0, 0.9], [0.01, 0.02]) == [0.01, 0.02]


@given(st.floats(0.001, 0.05), st.lists(st.floats(0.2, 1.2), min_size=1, max_size=6))
def test_own_uncertainties_are_recovered_from_the_combined_ones(u: float, values: list[float]) -> None:
    series = retention([1.0, *values], u_relative=[u] * (len(values) + 1))
    assert series.u is not None
    assert series.u_own is not None
    assert own_uncertainties(series.retention, series.u) == pytest.approx(list(series.u_own), rel=1e-6)


@pytest.mark.parametrize(
    ("values", "u"), [([1.0, 0.9], [0.01, 0.0]), ([1.0], [0.0]), ([1.0, 0.9], [0.01]), ([1.0, 0.9], [0.0, -0.1])]
)
def test_an_uncertainty_of_zero_anywhere_else_is_refused(values: list[float], u: list[float]) -> None:
    with pytest.raises(InputError):
        own_uncertainties(values, u)


def test_the_scatter_between_vials_shrinks_with_their_number_and_what_is_common_does_not() -> None:
    # s = 0.02 for 0.98, 1.00, 1.02
    mean = mean_over_vials([0.98, 1.00, 1.02], [0.006] * 3, u_common=0.01)
    assert mean.mean == pytest.approx(1.0, rel=1e-12)
    assert mean.u == pytest.approx(math.sqrt(0.02**2 / 3 + 0.01**2), rel=1e-12)
    assert mean.dof == 2


def test_a_vial_alone_keeps_its_uncertainty_and_says_that_it_is_alone() -> None:
    alone = mean_over_vials([0.9], [0.03])
    assert (alone.mean, alone.u, alone.n, alone.dof) == (0.9, 0.03, 1, None)
    assert "n = 1" in alone.sentence
    assert mean_over_vials([0.9], [None]).u is None


def test_vials_that_read_exactly_alike_are_not_known_exactly() -> None:
    assert mean_over_vials([0.9, 0.9], [0.02, 0.02]).u == pytest.approx(0.02 / math.sqrt(2), rel=1e-12)
    assert mean_over_vials([0.9, 0.9], [0.02, None]).u is None
    assert mean_over_vials([0.9, 0.8], [None, None], None).u is None


@pytest.mark.parametrize(
    ("intensities", "references", "u"),
    [
        ([0.0, 1.0], None, None),
        ([-1.0, 1.0], None, None),
        ([1.0, 1.0], [1.0], None),
        ([1.0, 1.0], [1.0, 0.0], None),
        ([1.0, math.nan], None, None),
        ([1.0, 1.0], None, [0.01]),
        ([1.0, 1.0], None, [0.01, -0.01]),
        ([], None, None),
    ],
)
def test_readings_that_give_no_retention_are_refused(
    intensities: list[float], references: list[float] | None, u: list[float] | None
) -> None:
    with pytest.raises(InputError):
        retention(intensities, references, u)


def test_no_vial_has_no_mean() -> None:
    with pytest.raises(InputError):
        mean_over_vials([], [])


@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=8), st.floats(1e-3, 1e3))
def test_another_unit_of_intensity_changes_no_retention(intensities: list[float], scale: float) -> None:
    plain = retention(intensities).retention
    assert retention([scale * one for one in intensities]).retention == pytest.approx(plain, rel=1e-12)
