"""Limits of detection against published numbers, and refusals."""

import csv
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labdb.errors import InputError
from labdb.finding import Severity
from labdb.leaching.calibration import CalibrationLine, fit_line
from labdb.leaching.detection import (
    blank_deviation,
    currie,
    currie_from_blanks,
    din_32645,
    epa_mdl,
    stated_limit_finding,
    three_sigma,
)


def vector(shared_data: Path, name: str) -> dict[str, dict[str, float]]:
    cases = json.loads((shared_data / "reference" / "vectors.json").read_text())
    found: dict[str, dict[str, float]] = next(case for case in cases if case["id"] == name)
    return found


def din_line(shared_data: Path) -> CalibrationLine:
    text = (shared_data / "reference" / "calibration" / "din32645.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return fit_line([float(row["x"]) for row in rows], [float(row["y"]) for row in rows])


def test_currie_limits_with_a_known_deviation(shared_data: Path) -> None:
    case = vector(shared_data, "LOD-01")
    expected = case["expected"]
    plain = currie(**{"s0" if key == "sigma0" else key: value for key, value in case["inputs"].items()})
    assert plain.critical == pytest.approx(expected["LC"], rel=1e-6)
    assert plain.detection == pytest.approx(expected["LD"], rel=1e-6)
    assert plain.quantification == pytest.approx(expected["LQ"], rel=1e-6)
    paired = currie(1.0, paired=True)
    assert paired.critical == pytest.approx(expected["LC_paired"], rel=1e-6)
    assert paired.detection == pytest.approx(expected["LD_paired"], rel=1e-6)
    assert paired.quantification == pytest.approx(expected["LQ_paired"], rel=1e-6)
    assert "paired" in paired.definition


def test_an_estimated_deviation_gives_wider_limits_and_says_so() -> None:
    # t(0.95, 9) = 1.8331 (any t table): LC 1.8331 s0, LD about twice that
    limits = currie(1.0, dof=9)
    assert limits.critical == pytest.approx(1.8331, rel=3e-5)
    assert limits.detection == pytest.approx(2 * limits.critical, rel=1e-12)
    assert "9 degrees of freedom" in limits.definition


def test_the_blanks_of_the_example_set_give_their_limits(shared_data: Path) -> None:
    case = json.loads((shared_data / "paper" / "vectors.json").read_text())["icp"]
    s0 = blank_deviation(case["blank_ugL"])
    assert s0 == pytest.approx(case["sd"], rel=1e-12)
    limits = three_sigma(s0)
    assert limits.detection == pytest.approx(case["LOD3s"], rel=1e-12)
    assert limits.quantification == pytest.approx(case["LOQ10s"], rel=1e-12)
    assert limits.critical is None
    assert currie_from_blanks(case["blank_ugL"]).critical == pytest.approx(1.8331 * s0, rel=3e-5)


def test_the_probe_calibration_gives_its_limits_by_residual_over_slope(shared_data: Path) -> None:
    case = json.loads((shared_data / "paper" / "vectors.json").read_text())["sosg_cal"]
    limits = three_sigma(case["s_yx"], case["slope"], k_d=3.3)
    assert limits.detection == pytest.approx(case["LOD_3_3s_over_b"], rel=1e-9)
    assert limits.quantification == pytest.approx(case["LOQ_10s_over_b"], rel=1e-9)


def test_the_din_32645_example_is_reproduced(shared_data: Path) -> None:
    case = vector(shared_data, "CAL-DIN")
    limits = din_32645(din_line(shared_data), alpha=case["inputs"]["alpha"], k=case["inputs"]["k"])
    assert limits.critical == pytest.approx(case["expected"]["LC"], rel=1e-5)
    assert limits.detection == pytest.approx(case["expected"]["LD_din_2LC"], rel=1e-5)
    # the published LQ is an iteration stopped at five digits: 0.21195
    assert limits.quantification == pytest.approx(case["expected"]["LQ"], rel=5e-5)


def test_the_din_limit_of_quantification_solves_its_equation(shared_data: Path) -> None:
    from scipy.stats import t as student

    line = din_line(shared_data)
    lq = din_32645(line, alpha=0.01).quantification
    assert lq is not None
    spread = 1 + 1 / line.n + (lq - line.x_mean) ** 2 / line.sxx
    half_width = line.s_residual / line.slope * float(student.ppf(0.995, line.dof)) * math.sqrt(spread)
    assert lq == pytest.approx(3 * half_width, rel=1e-9)


def test_a_line_too_poor_for_any_quantification_has_no_limit_of_it() -> None:
    assert din_32645(fit_line([0.0, 1.0, 2.0], [0.0, 2.0, 1.0])).quantification is None


def test_din_refuses_a_weighted_or_perfect_line() -> None:
    with pytest.raises(InputError, match="unweighted line"):
        din_32645(fit_line([0, 1, 2, 3], [0, 1, 2.1, 3], [1, 1, 1, 1]))
    with pytest.raises(InputError, match="without scatter"):
        din_32645(fit_line([0, 1, 2, 3], [0, 1, 2, 3]))
    with pytest.raises(InputError, match="at least 1 reading"):
        din_32645(fit_line([0, 1, 2, 3], [0, 1, 2.1, 3]), readings=0)


def test_the_epa_detection_limit_is_reproduced(shared_data: Path) -> None:
    case = vector(shared_data, "MDL-01")
    inputs = json.loads(json.dumps(case["inputs"]))
    limit = epa_mdl(inputs["spikes"], inputs["blanks"])
    assert limit.student_t == pytest.approx(case["expected"]["t"], rel=1e-6)
    assert limit.from_spikes == pytest.approx(case["expected"]["MDLs"], rel=1e-6)
    assert limit.from_blanks == pytest.approx(case["expected"]["MDLb"], rel=1e-6)
    assert limit.mdl == pytest.approx(case["expected"]["MDL"], rel=1e-6)


def test_a_negative_mean_of_blanks_counts_as_zero_in_the_epa_procedure() -> None:
    spikes = [9.2, 10.1, 9.7, 10.4, 9.5, 10.0, 9.9]
    blanks = [0.3, -0.2, 0.5, 0.1, 0.4, -0.1, 0.2]
    lowered = epa_mdl(spikes, [one - 5 for one in blanks])
    # t(0.99, 6) 3.1426684 (MDL-01) times the deviation, which a shift leaves as it was
    assert lowered.from_blanks == pytest.approx(3.1426684 * blank_deviation(blanks), rel=1e-6)
    assert epa_mdl(spikes).from_blanks is None


@pytest.mark.parametrize(("n_spikes", "n_blanks"), [(6, 7), (7, 6), (7, 101)])
def test_the_epa_procedure_needs_its_replicates(n_spikes: int, n_blanks: int) -> None:
    with pytest.raises(InputError, match=r"at least 7|percentile"):
        epa_mdl([float(i) for i in range(n_spikes)], [float(i) for i in range(n_blanks)])


@pytest.mark.parametrize("blanks", [[0.0] * 10, [0.3] * 10])
def test_blanks_that_do_not_scatter_give_no_limit(blanks: list[float]) -> None:
    with pytest.raises(InputError, match="no scatter"):
        currie_from_blanks(blanks)
    with pytest.raises(InputError, match="no scatter"):
        epa_mdl([9.2, 10.1, 9.7, 10.4, 9.5, 10.0, 9.9], blanks)


def test_a_zero_deviation_two_blanks_and_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="without scatter"):
        currie(0.0)
    with pytest.raises(InputError, match="without scatter"):
        three_sigma(0.0, 52.0)
    with pytest.raises(InputError, match="positive numbers"):
        three_sigma(1.0, 0.0)
    with pytest.raises(InputError, match="at least 3"):
        blank_deviation([0.1, 0.2])
    with pytest.raises(InputError, match="finite"):
        blank_deviation([0.1, 0.2, math.nan])
    with pytest.raises(InputError, match="between 0 and"):
        currie(1.0, alpha=0.0)
    with pytest.raises(InputError, match="at least 1"):
        currie(1.0, dof=0)
    with pytest.raises(InputError, match="factor of LQ"):
        currie(1.0, k_q=0.0)
    with pytest.raises(InputError, match="no scatter"):
        epa_mdl([10.0] * 7)


def test_the_definitions_differ_by_more_than_two_on_the_same_blanks(shared_data: Path) -> None:
    blanks = json.loads((shared_data / "paper" / "vectors.json").read_text())["icp"]["blank_ugL"]
    assert (
        currie_from_blanks(blanks, 0.01, 0.01, paired=True).detection
        > 2 * three_sigma(blank_deviation(blanks)).detection
    )


def test_a_stated_limit_more_than_twice_off_the_blanks_is_a_finding() -> None:
    # the example set: stated 10 ug/L, blank sd 1.0022 ug/L
    finding = stated_limit_finding(10.0, currie(1.0022).detection, "R-ICP-1")
    assert finding is not None
    assert (finding.severity, finding.rule, finding.subject) == (Severity.WARNING, "LD-BLANKS", "R-ICP-1")
    assert stated_limit_finding(5.0, 3.0, "R-ICP-1") is None
    assert stated_limit_finding(3.0, 10.0, "R-ICP-1") is not None


@given(s0=st.floats(1e-6, 1e6), alpha=st.floats(0.001, 0.4), beta=st.floats(0.001, 0.4))
def test_limits_are_ordered_and_scale_with_the_deviation(s0: float, alpha: float, beta: float) -> None:
    one, scaled = currie(1.0, alpha, beta), currie(s0, alpha, beta)
    assert one.critical is not None
    assert scaled.critical is not None
    assert 0 < scaled.critical < scaled.detection
    assert scaled.detection == pytest.approx(s0 * one.detection, rel=1e-12)
