"""What dose an aliquot has had: its own exposures, what it inherited, and what cannot be known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from labdb.errors import UnknownNameError
from labdb.quantity import Quantity
from labdb.queries.dose import DoseLedger, dose_ledger, dose_of, segments_of

if TYPE_CHECKING:
    from labdb.lab import Lab

Take = Callable[..., str]

POWDERS = "code,kind,parent,taken,taken_unit,amount,amount_unit,made_at,particle_loading_mg_per_ml,medium"


def ledger(lab: Lab, sample: str) -> DoseLedger:
    with lab.read() as session:
        return dose_ledger(session, sample)


def totals(found: DoseLedger) -> dict[str, str]:
    return {one.sample: str(one.total) for one in found.totals}


def samples(*lines: str) -> str:
    """Samples: code,parent,taken,made_at."""
    rows = []
    for line in lines:
        code, parent, taken, made = (*line.split(","), *[""] * 3)[:4]
        rows.append(f"{code},powder,{parent},{taken},{'mg' if taken else ''},100,mg,{made},,")
    return "\n".join([POWDERS, *rows])


def exposures(*lines: str) -> str:
    """Exposures: code,sample,origin of the dose,dose,u,start."""
    return "\n".join(
        ["code,sample,dose_origin,dose_gy,u_dose_gy,started_at,origin", *(f"{line},synthetic" for line in lines)]
    )


def segments(*lines: str) -> str:
    """Segments: exposure,seq,start,stop,rate,u."""
    header = "irradiation,seq,start_s,stop_s,beam_on,dose_rate_gy_per_s,u_dose_rate_gy_per_s"
    rows = []
    for line in lines:
        irradiation, seq, start, stop, rate, u = line.split(",")
        rows.append(f"{irradiation},{seq},{start},{stop},yes,{rate},{u}")
    return "\n".join([header, *rows])


def test_the_singlet_oxygen_aliquot_had_300_gray_and_the_on_off_one_230(paper: Lab) -> None:
    # 0.5(0.025) Gy/s for 600 s: 300 Gy, u 15; on for 460 s in all: 230 Gy, u 11.5
    found = ledger(paper, "S-I")
    by_sample = {one.sample: one.total for one in found.totals}
    kinetics, on_off = by_sample["S-I-PBS-K"], by_sample["S-I-PBS-ON"]
    assert kinetics is not None
    assert on_off is not None
    assert (str(kinetics), str(on_off)) == ("300(15) Gy", "230(12) Gy")
    assert on_off.u == pytest.approx(11.5, rel=1e-12)


def test_a_sample_s_ledger_lists_each_aliquot_with_its_own(paper: Lab) -> None:
    found = ledger(paper, "S-I")
    assert totals(found) == {
        "S-I": "None",
        "S-I-P-RL": "20 Gy",
        "S-I-P-RL60": "60 Gy",
        "S-I-PBS-AZ": "300(15) Gy",
        "S-I-PBS-K": "300(15) Gy",
        "S-I-PBS-ON": "230(12) Gy",
    }
    assert {one.sample for one in found.entries} == {one.sample for one in found.totals if one.exposures}
    assert found.findings == ()


def test_two_exposures_under_one_calibration_add_their_errors_linearly(lab: Lab, take: Take) -> None:
    # 2 x 300 s at 0.05(0.0025) Gy/s: 30 Gy; one calibration: 1.5 Gy, not 1.06
    take(
        lab,
        samples=samples("S-1"),
        irradiations=exposures("IR-1,S-1,segments,,,2026-01-02T10:00Z", "IR-2,S-1,segments,,,2026-01-03T10:00Z"),
        beam_segments=segments("IR-1,1,0,300,0.05,0.0025", "IR-2,1,0,300,0.05,0.0025"),
    )
    assert totals(ledger(lab, "S-1")) == {"S-1": "30.0(15) Gy"}


def test_a_portion_has_what_its_parent_had_when_it_was_taken(lab: Lab, take: Take) -> None:
    take(
        lab,
        samples=samples(
            "S-1,,,2026-01-01T00:00Z", "S-EARLY,S-1,10,2026-01-02T00:00Z", "S-LATE,S-1,10,2026-01-05T00:00Z"
        ),
        irradiations=exposures("IR-1,S-1,stated,40,2,2026-01-03T10:00Z", "IR-2,S-LATE,measured,5,1,2026-01-06T10:00Z"),
    )
    found = ledger(lab, "S-1")
    # 40(2) and 5(1): 45, u = sqrt(4 + 1)
    assert totals(found) == {"S-1": "40(2) Gy", "S-LATE": "45.0(22) Gy"}
    late = {one.irradiation: one.inherited_from for one in found.entries if one.sample == "S-LATE"}
    assert late == {"IR-2": None, "IR-1": "S-1"}
    assert totals(ledger(lab, "S-EARLY")) == {"S-EARLY": "None"}


def test_what_a_grandparent_was_given_after_the_first_split_is_nobody_s_inheritance(lab: Lab, take: Take) -> None:
    take(
        lab,
        samples=samples("S-1,,,2026-01-01T00:00Z", "S-2,S-1,50,2026-01-02T00:00Z", "S-3,S-2,10,2026-01-09T00:00Z"),
        irradiations=exposures("IR-1,S-1,stated,40,2,2026-01-05T10:00Z", "IR-2,S-2,stated,7,1,2026-01-06T10:00Z"),
    )
    assert totals(ledger(lab, "S-2")) == {"S-2": "7(1) Gy", "S-3": "7(1) Gy"}


def test_a_portion_taken_at_an_unknown_time_is_said_and_not_counted(lab: Lab, take: Take) -> None:
    take(lab, samples=samples("S-1", "S-2,S-1,10"), irradiations=exposures("IR-1,S-1,stated,40,2,2026-01-05T10:00Z"))
    found = ledger(lab, "S-2")
    assert totals(found) == {"S-2": "None"}
    assert [(one.rule, one.subject) for one in found.findings] == [("DOSE-UNDATED", "S-2")]


def test_an_exposure_at_an_unknown_time_is_counted_and_said(lab: Lab, take: Take) -> None:
    take(lab, samples=samples("S-1", "S-2,S-1,10,2026-01-05T00:00Z"), irradiations=exposures("IR-1,S-1,stated,40,2,"))
    found = ledger(lab, "S-2")
    assert totals(found) == {"S-2": "40(2) Gy"}
    assert [one.rule for one in found.findings] == ["DOSE-UNDATED"]


@pytest.mark.parametrize(
    ("segment", "rule"),
    [
        (["IR-1,1,0,,0.5,0.025"], "DOSE-OPEN"),
        (["IR-1,1,0,300,0.5,0.025", "IR-1,2,240,360,0.5,0.025"], "DOSE-OVERLAP"),
        ([], "DOSE-NONE"),
    ],
)
def test_a_dose_that_is_not_settled_is_no_number(lab: Lab, take: Take, segment: list[str], rule: str) -> None:
    take(lab, samples=samples("S-1"), irradiations=exposures("IR-1,S-1,segments,,,2026-01-05T10:00Z"))
    if segment:
        take(lab, beam_segments=segments(*segment))
    found = ledger(lab, "S-1")
    assert (found.totals[0].total, found.entries[0].dose) == (None, None)
    assert [one.rule for one in found.findings] == [rule]
    with lab.read() as session:
        assert dose_of(session, "IR-1")[0] is None
        assert len(segments_of(session, "IR-1")) == len(segment)


def test_a_stated_dose_without_u_has_none(lab: Lab, take: Take) -> None:
    take(lab, samples=samples("S-1"), irradiations=exposures("IR-1,S-1,stated,40,,", "IR-2,S-1,measured,20,1,"))
    (total,) = ledger(lab, "S-1").totals
    assert total.total is not None
    assert (total.total.value, total.total.u) == (60.0, None)


def test_a_measured_dose_is_compared_with_its_segments(lab: Lab, take: Take) -> None:
    # 600 s at 0.5(0.025) Gy/s are 300(15) Gy; 310(10) agrees within 2 u, 400(10) does not
    take(
        lab,
        samples=samples("S-1", "S-2"),
        irradiations=exposures("IR-1,S-1,measured,310,10,", "IR-2,S-2,measured,400,10,"),
        beam_segments=segments("IR-1,1,0,600,0.5,0.025", "IR-2,1,0,600,0.5,0.025"),
    )
    assert ledger(lab, "S-1").findings == ()
    found = ledger(lab, "S-2")
    assert totals(found) == {"S-2": "400(10) Gy"}
    assert [one.rule for one in found.findings] == ["DOSE-TWO"]
    assert found.findings[0].numbers == {"measured": "400(10) Gy", "segments": "300(15) Gy"}


def pool(lab: Lab, code: str, *, again: tuple[str, int] | None = None, **parts: int) -> None:
    """Pool whole milligrams of parents into a new sample, made on 10 January 2026."""
    from datetime import UTC, datetime

    from labdb.intake.sample import hand_out
    from labdb.intake.writer import Writer
    from labdb.synthesis.sample import SampleKind, SampleRow

    with lab.write(None, "pool") as session:
        writer = Writer.on(session)
        child = SampleRow(code=code, kind=SampleKind.POWDER, made_at=datetime(2026, 1, 10, tzinfo=UTC))
        session.add(child)
        session.flush()
        for parent, taken in [*parts.items(), *([again] if again else [])]:
            row = session.get_one(SampleRow, writer.codes.id_of("sample", parent.replace("_", "-")))
            hand_out(writer, row, child, taken * 1_000_000)


def test_pooled_material_has_the_mean_by_mass_and_says_the_extremes(lab: Lab, take: Take) -> None:
    # 10 mg with 60 Gy and 30 mg without: mean 15, min 0, max 60
    take(lab, samples=samples("S-1", "S-2"), irradiations=exposures("IR-1,S-1,stated,60,4,2026-01-05T10:00Z"))
    pool(lab, "S-3", S_1=10, S_2=30)
    found = ledger(lab, "S-3")
    (total,) = found.totals
    assert total.total is not None
    assert (total.total.value, total.total.u) == (15.0, 1.0)
    assert total.pooled is not None
    assert (total.pooled.min_gy, total.pooled.mean_gy, total.pooled.max_gy) == (0.0, 15.0, 60.0)
    assert [one.rule for one in found.findings] == ["DOSE-POOLED"]
    assert found.entries[0].share == 0.25


def test_two_portions_of_one_parent_count_with_their_sum(lab: Lab, take: Take) -> None:
    # 10 + 20 mg with 60 Gy and 30 mg without: half of it, 30 Gy
    take(lab, samples=samples("S-1", "S-2"), irradiations=exposures("IR-1,S-1,stated,60,4,2026-01-05T10:00Z"))
    pool(lab, "S-3", S_1=10, S_2=30, again=("S-1", 20))
    (total,) = ledger(lab, "S-3").totals
    assert total.total is not None
    assert total.total.value == 30.0


def test_portions_pooled_again_have_what_the_whole_had(lab: Lab, take: Take) -> None:
    take(
        lab,
        samples=samples("S-0,,,2026-01-01T00:00Z", "S-1,S-0,20,2026-01-07T00:00Z", "S-2,S-0,40,2026-01-07T00:00Z"),
        irradiations=exposures("IR-1,S-0,segments,,,2026-01-05T10:00Z"),
        beam_segments=segments("IR-1,1,0,600,0.5,0.025"),
    )
    pool(lab, "S-3", S_1=20, S_2=40)
    found = ledger(lab, "S-3")
    assert totals(found) == {"S-3": "300(15) Gy"}
    assert [one.share for one in found.entries] == [1.0]
    assert found.findings == ()


def test_an_unknown_sample_is_refused(paper: Lab) -> None:
    with paper.read() as session, pytest.raises(UnknownNameError, match="did you mean S-I"):
        dose_ledger(session, "S-II")


def test_a_dose_is_an_absorbed_dose(paper: Lab) -> None:
    with paper.read() as session:
        dose, findings = dose_of(session, "IR-SOSG-I")
    assert dose == Quantity(300.0, "Gy", "absorbed_dose", u=15.0, u_origin=dose.u_origin if dose else None)
    assert findings == ()
