"""Observations, long and wide: what a cell becomes, where its uncertainty comes from, what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labdb.errors import UnknownNameError
from labdb.intake.file import take_in
from labdb.intake.writer import IntakeRefused

if TYPE_CHECKING:
    from labdb.lab import Lab

Write = Callable[[str, str], Path]
Rows = Callable[..., list[dict[str, Any]]]
Contents = Callable[["Lab"], tuple[dict[str, int], list[str]]]

OBSERVED = "SELECT * FROM observations ORDER BY measurement, quantity"


def problems(lab: Lab, path: Path, **context: str) -> list[str]:
    """What an intake says is wrong: place and message of each finding."""
    with pytest.raises(IntakeRefused) as refused:
        take_in(lab, [path], context=context)
    return [f"{finding.where}: {finding.message}" for finding in refused.value.findings]


def test_the_first_hour_two_results_below_what_can_be_seen(bench: Lab, write: Write, rows: Rows) -> None:
    wrong = write("icp_november.csv", "# from the ICP group\nage,Pb\n7,<10 ppb\n14,<10 ppd")
    (message,) = problems(bench, wrong, study="ST-01")
    assert message.startswith('icp_november.csv: line 4, column "Pb": "<10 ppd": no unit "ppd"; did you mean ppb?')
    right = write("icp_november.csv", "# from the ICP group\nage,Pb\n7,<10 ppb\n14,<10 ppb")
    report = take_in(bench, [right], context={"study": "ST-01"})
    assert report.code == "I-0002"
    assert report.samples == ("S-1-W1",)
    assert report.formats == ("form observations",)
    first, second = rows(bench, OBSERVED)
    assert [first["age_d"], second["age_d"]] == [7, 14]
    expected = {
        "sample": "S-1-W1",
        "condition": "water",
        "quantity": "lead_mass_concentration",
        "value": 10.0,
        "unit": "ug/L",
        "u": None,
        "censoring": "below",
        "threshold_meaning": "below_LC",
        "method": "ICP-2",
        "as_entered": "<10 ppb",
        "measured_at": "2026-11-17T09:00:00Z",
        "raw_file_name": "icp_november.csv",
        "place": "line 3",
    }
    assert {name: first[name] for name in expected} == expected
    bench.files.verify(first["raw_file"])


# header, cells, value in ug/L; u, origin of u, censoring
SPELLINGS = [
    ("Pb", "10.15", 10.15, (math.hypot(0.4, 0.05 * 10.15), "from_method", "none")),
    ("Pb [ug/L]", "10.15", 10.15, (math.hypot(0.4, 0.05 * 10.15), "from_method", "none")),
    ("Pb (mg/L)", "0.01", 10.0, (math.hypot(0.4, 0.5), "from_method", "none")),
    ("lead_mass_concentration", "10 ± 0.5", 10.0, (0.5, "coverage_not_stated", "none")),
    ("Pb", "10 U=1 k=2", 10.0, (0.5, "stated", "none")),
    ("Pb", "10.15(5)", 10.15, (0.05, "stated", "none")),
    ("Pb,u_Pb", "10,0.5", 10.0, (0.5, "stated", "none")),
    ("Pb [mg/L],u_Pb [ug/L]", "0.01,0.5", 10.0, (0.5, "stated", "none")),
    ("Pb [mg/L],u_lead_mass_concentration", "0.01,0.0005", 10.0, (0.5, "stated", "none")),
    ("Pb,u_Pb,coverage", "10,1,k=2", 10.0, (0.5, "stated", "none")),
    ("Pb,u_Pb,coverage", "10,0.5,not stated", 10.0, (0.5, "coverage_not_stated", "none")),
    ("Pb,coverage", "10 ± 1,k=2", 10.0, (0.5, "stated", "none")),
    ("Pb,u_Pb", "10,0", 10.0, (0.0, "exact", "none")),
    ("Pb", "-0.3", -0.3, (math.hypot(0.4, 0.015), "from_method", "none")),
    ("Pb", ">5 mg/L", 5000.0, (None, None, "above")),
    ("quantity,value,unit", "Pb,0.01,mg/L", 10.0, (math.hypot(0.4, 0.5), "from_method", "none")),
    ("quantity,value,u", "Pb,10,0.5", 10.0, (0.5, "stated", "none")),
    ("quantity,value,unit,u", "Pb,0.01,mg/L,0.0005", 10.0, (0.5, "stated", "none")),
]


@pytest.mark.parametrize(("header", "cells", "value", "known"), SPELLINGS)
def test_a_value_is_kept_in_its_canonical_unit_with_the_uncertainty_it_was_given(
    bench: Lab,
    write: Write,
    rows: Rows,
    header: str,
    cells: str,
    value: float,
    known: tuple[float | None, str | None, str],
) -> None:
    u, u_origin, censoring = known
    take_in(bench, [write("icp.csv", f"sample,{header}\nS-1,{cells}")])
    (row,) = rows(bench, OBSERVED)
    # 1e-12: one conversion of a double
    assert row["value"] == pytest.approx(value, rel=1e-12)
    assert row["u"] == (None if u is None else pytest.approx(u, rel=1e-12))
    assert (row["u_origin"], row["censoring"], row["unit"]) == (u_origin, censoring, "ug/L")
    assert row["as_entered"] in cells


# header, cells, column, message
WRONG = [
    ("Pb", "nan", "Pb", "not a finite number"),
    ("Pb", "inf", "Pb", "not a finite number"),
    ("Pb", "1e400", "Pb", "too large"),
    ("Pb", '"10,15"', "Pb", "a decimal comma; write 10.15"),
    ("Pb", '"<0,5"', "Pb", "a decimal comma; write <0.5"),
    ("Pb", "12 mg", "Pb", "does not fit mass concentration of lead"),
    ("Pb", "twelve", "Pb", "cannot read"),
    ("PLQY", "55", "PLQY", "did you mean 55 %?"),
    ("Pb,u_Pb", "10,-0.5", "u_Pb", "0 or more"),
    ("Pb,u_Pb", "10,inf", "u_Pb", "finite number"),
    ("Pb,u_Pb", "10,5 %", "u_Pb", "expected a number"),
    ("Pb,u_Pb", "10 ± 0.5,0.6", "u_Pb", "keep one of the two"),
    ("Pb,u_Pb", "0.01 mg/L,0.5", "u_Pb", "write it behind the value: 0.01 ± 0.5 mg/L"),
    ("Pb,n", "10,0", "n", "1 or more"),
    ("Pb,n", "10,three", "n", "whole number"),
    ("Pb,coverage", "10 ± 1,twice", "coverage", "k=1, k=2"),
    ("Pb,threshold_meaning", "<10,below_lc", "threshold_meaning", "below_LC"),
    ("Pb,replicate", "10,0", "replicate", "greater than or equal to 1"),
    ("Pb,age", "10,-1", "age", "least possible"),
    ("Pb,age", "10,<7", "age", "expected one age"),
    ("Pb,age", "10,7 mg", "age", "does not fit"),
    ("Pb,measured_at", "10,yesterday", "measured_at", "a time such as"),
    ("Pb,condition", "10,watr", "condition", "did you mean water?"),
    ("Pb,origin", "10,guess", "origin", "transcribed"),
    ("Pb,dilution", "10,0", "dilution", "greater than 0"),
    ("quantity,value", "lead,10", None, None),
    ("quantity,value", "leed,10", "quantity", "no quantity kind"),
    ("quantity,value,unit", "Pb,10,ppd", "unit", "did you mean ppb?"),
    ("quantity,value,Pb", "PL,10,10", "Pb", "one way or the other"),
    ("quantity,value", "Pb,", "value", "a missing_reason"),
    ("quantity,value,missing_reason", "Pb,10,broke", "missing_reason", "a value too"),
    ("Pb,value", "10,11", "value", "belongs to column quantity"),
    ("Pb,u", "10,1", "u", "belongs to column quantity"),
    ("Pb,missing_reason", "10,broke", "missing_reason", "no value is missing"),
    ("vial", "1", None, "no quantity in this row"),
]


@pytest.mark.parametrize(("header", "cells", "column", "message"), WRONG)
def test_a_cell_that_makes_no_sense_is_named_and_nothing_is_stored(
    clear_bench: Lab, write: Write, contents: Contents, header: str, cells: str, column: str | None, message: str | None
) -> None:
    path = write("observations.csv", f"sample,{header}\nS-1,{cells}")
    if message is None:
        take_in(clear_bench, [path], dry_run=True)
        return
    before = contents(clear_bench)
    (found,) = problems(clear_bench, path)
    place = "observations.csv: line 2" + (f', column "{column}"' if column else "")
    assert found.startswith(f"{place}: ")
    assert message in found
    assert contents(clear_bench) == before


@pytest.fixture
def clear_bench(sqlite_lab: Lab, take: Callable[..., str]) -> Lab:
    """A lab on SQLite with one sample and no method: what is only refused needs no more."""
    take(sqlite_lab, samples="code,kind\nS-1,powder")
    return sqlite_lab


# header, message
WRONG_HEADERS = [
    ("Pb,PB2", 'no column or quantity kind "PB2"'),
    ("Pb,vail", 'no column or quantity kind "vail"; did you mean vial?'),
    ("Pb,lead", "are both mass concentration of lead; keep one"),
    ("Pb,u_PL", 'the column "u_PL" is an uncertainty, but there is no column of its quantity'),
    ("Pb [ppd]", 'column "Pb [ppd]": no unit "ppd"'),
    ("Pb,Pb", 'the column name "Pb" twice'),
]


@pytest.mark.parametrize(("header", "message"), WRONG_HEADERS)
def test_a_header_that_makes_no_sense_is_named_once_even_where_its_cells_are_empty(
    clear_bench: Lab, write: Write, header: str, message: str
) -> None:
    empty = "," * header.count(",")
    path = write("observations.csv", f"sample,{header}\nS-1,1{empty}\nS-1,2{empty}")
    (found,) = problems(clear_bench, path)
    assert str(path) in found
    assert message in found


def test_every_problem_of_every_file_is_reported_at_once(bench: Lab, write: Write, contents: Contents) -> None:
    before = contents(bench)
    readings = write("icp.csv", "sample,Pb\nS-1,10 ppd\nS-1,11\nS-3,nan\nS-1,<1\nS-2,12")
    broken = write("pl.csv", "sample,PL\nS-1,1,2\nS-1,ten")
    nothing = write("notes.toml", "a = 1")
    with pytest.raises(IntakeRefused) as refused:
        take_in(bench, [readings, nothing, broken])
    assert [finding.where for finding in refused.value.findings] == [
        "",  # the message names notes.toml itself
        f"{broken}:2",
        'icp.csv: line 2, column "Pb"',
        'icp.csv: line 4, column "Pb"',
        'icp.csv: line 6, column "sample"',
        'pl.csv: line 3, column "PL"',
    ]
    assert str(refused.value).endswith("Nothing stored.")
    assert contents(bench) == before


def test_a_thousand_problems_are_counted_not_all_printed(clear_bench: Lab, write: Write) -> None:
    path = write("icp.csv", "sample,Pb\n" + "S-1,ten\n" * 900)
    with pytest.raises(IntakeRefused, match=r"\.\.\. and 860 more problems") as refused:
        take_in(clear_bench, [path])
    assert len(refused.value.findings) == 900


def test_a_wide_row_is_one_measurement_of_its_first_quantity_with_all_its_results(
    bench: Lab, write: Write, rows: Rows
) -> None:
    path = write("pl.csv", "sample,vial,PL,u_PL,reference_intensity,excitation_nm\nS-1-W1,2,886962,900,499817,405")
    take_in(bench, [path])
    first, second = rows(bench, OBSERVED)
    assert first["measurement"] == second["measurement"] == "M-0001"
    assert {first["measurement_kind"], second["measurement_kind"]} == {"photoluminescence_intensity"}
    assert (first["quantity"], first["value"], first["u"]) == ("photoluminescence_intensity", 886962, 900)
    assert (second["quantity"], second["value"], second["u"]) == ("reference_intensity", 499817, None)
    (settings,) = rows(bench, "SELECT excitation_nm, slit_nm FROM emission_settings")
    assert settings == {"excitation_nm": 405, "slit_nm": None}


def test_the_first_quantity_of_the_header_names_the_measurement_not_the_first_of_the_alphabet(
    bench: Lab, write: Write, rows: Rows
) -> None:
    take_in(bench, [write("x.csv", "sample,reference_intensity,PL\nS-1,499817,886962")])
    assert {row["measurement_kind"] for row in rows(bench, OBSERVED)} == {"reference_intensity"}


def test_a_missing_value_has_a_reason_and_the_origin_of_its_row(bench: Lab, write: Write, rows: Rows) -> None:
    long = write("long.csv", "sample,quantity,value,missing_reason,origin\nS-1,Pb,,vial broke,transcribed")
    wide = write("wide.csv", "sample,PL,reference_intensity,missing_reason\nS-1,5000,,lamp was off\nS-1,,,spilt")
    take_in(bench, [long, wide])
    found = [(row["quantity"], row["value"], row["missing_reason"], row["origin"]) for row in rows(bench, OBSERVED)]
    assert found == [
        ("lead_mass_concentration", None, "vial broke", "transcribed"),
        ("photoluminescence_intensity", 5000, None, "measured"),
        ("reference_intensity", None, "lamp was off", "measured"),
        ("photoluminescence_intensity", None, "spilt", "measured"),
        ("reference_intensity", None, "spilt", "measured"),
    ]


def test_two_methods_of_a_kind_are_not_guessed_between_but_named_ones_are_used(
    bench: Lab, take: Callable[..., str], write: Write, rows: Rows
) -> None:
    take(
        bench, methods="code,kind,unit,u_absolute,threshold_meaning\nICP-3,lead_mass_concentration,mg/L,0.001,below_LD"
    )
    take(bench, runs="code,method,operator\nR-1,ICP-3,mei")
    path = write("icp.csv", "sample,method,run,Pb\nS-1,,,10\nS-1,ICP-3,,10\nS-1,ICP-3,,<10\nS-1,,R-1,10")
    take_in(bench, [path])
    found = [(row["method"], row["u"], row["threshold_meaning"], row["operator"]) for row in rows(bench, OBSERVED)]
    assert found == [
        (None, None, None, None),
        ("ICP-3", pytest.approx(1.0), None, None),
        ("ICP-3", None, "below_LD", None),
        ("ICP-3", pytest.approx(1.0), None, "mei"),
    ]


def test_the_meaning_of_a_bound_in_its_row_prevails_over_the_methods(bench: Lab, write: Write, rows: Rows) -> None:
    path = write("icp.csv", "sample,Pb,threshold_meaning\nS-1,<10,below_LQ\nS-1,<10,\nS-1,12,below_LQ")
    take_in(bench, [path])
    assert [row["threshold_meaning"] for row in rows(bench, OBSERVED)] == ["below_LQ", "below_LC", None]


def test_without_a_method_a_bound_means_nothing_stated_and_a_value_has_no_uncertainty(
    clear_bench: Lab, write: Write, rows: Rows
) -> None:
    report = take_in(clear_bench, [write("icp.csv", "sample,Pb\nS-1,<10\nS-1,12")])
    assert [(row["threshold_meaning"], row["u"]) for row in rows(clear_bench, OBSERVED)] == [
        ("not_stated", None),
        (None, None),
    ]
    assert len(report.notes) == 2


def test_ages_come_from_times_and_times_from_ages_by_the_studys_start(bench: Lab, write: Write, rows: Rows) -> None:
    path = write(
        "pl.csv",
        """study,age,measured_at,PL
        ST-01,7,,5000
        ST-01,36 h,,5000
        ST-01,,2026-11-12T22:00+01:00,5000
        ST-01,,2026-11-09T22:00+01:00,5000
        ST-01,14,2026-11-25T10:00+01:00,5000""",
    )
    take_in(bench, [path])
    assert [(row["age_d"], row["measured_at"]) for row in rows(bench, OBSERVED)] == [
        (7, "2026-11-17T09:00:00Z"),
        (1.5, "2026-11-11T21:00:00Z"),
        (2.5, "2026-11-12T21:00:00Z"),
        (-0.5, "2026-11-09T21:00:00Z"),  # within the window of one day: as made
        (14, "2026-11-25T09:00:00Z"),
    ]
    offsets = rows(bench, "SELECT DISTINCT measured_at_offset_min AS minutes FROM measurement")
    assert offsets == [{"minutes": 60}]


def test_a_time_long_before_the_study_began_is_refused(bench: Lab, write: Write) -> None:
    path = write("pl.csv", "study,measured_at,PL\nST-01,2025-11-17T10:00+01:00,5000")
    (found,) = problems(bench, path)
    assert found.startswith('pl.csv: line 2, column "measured_at": 358.0 d before study ST-01 began')


def test_measurements_mark_the_nearest_pull_within_the_window_as_recorded(bench: Lab, write: Write, rows: Rows) -> None:
    states = "SELECT age_d, state FROM pulls WHERE study = 'ST-01' ORDER BY age_d"
    take_in(bench, [write("pl.csv", "study,age,PL\nST-01,7.9,5000\nST-01,10,5000\nST-01,,5000")])
    assert [(row["age_d"], row["state"]) for row in rows(bench, states)] == [(0, None), (7, "recorded"), (14, None)]


def test_an_option_fills_what_a_row_leaves_empty_but_not_what_it_says(bench: Lab, write: Write, rows: Rows) -> None:
    path = write("icp.csv", "sample,condition,Pb\n,,10\nS-1,not stated,11\n,water,12")
    take_in(bench, [path], context={"sample": "S-1-W1", "condition": "air"})
    assert [(row["sample"], row["condition"]) for row in rows(bench, OBSERVED)] == [
        ("S-1-W1", "air"),
        ("S-1", None),
        ("S-1-W1", "water"),
    ]


def test_without_a_sample_it_says_which_options_would_tell(clear_bench: Lab, write: Write) -> None:
    (found,) = problems(clear_bench, write("icp.csv", "age,Pb\n7,10"))
    assert found == 'icp.csv: line 2, column "sample": nothing stands here, and no --sample or --study was given'
    with pytest.raises(UnknownNameError, match='no option of an intake "smaple"; did you mean sample'):
        take_in(clear_bench, [write("icp.csv", "age,Pb\n7,10")], context={"smaple": "S-1"})


def test_the_ribs_of_a_reading_take_what_the_method_says_of_the_blank(
    bench: Lab, take: Callable[..., str], write: Write, rows: Rows
) -> None:
    take(bench, leach_tests="code,sample,leachant\nLT-1,S-1-W1,water")
    take(bench, irradiations="code,sample,dose_origin,dose_gy\nIR-1,S-1,stated,20")
    icp = write("icp.csv", "sample,leach_test,dilution,medium_renewed,Pb\nS-1-W1,LT-1,10,no,10\nS-1-W1,,,,11")
    rl = write("rl.csv", "sample,irradiation,moment,RL\nS-1,IR-1,before,800000\nS-1,IR-1,after,790000")
    take_in(bench, [icp, rl])
    (reading,) = rows(bench, "SELECT blank_corrected, dilution, medium_renewed FROM icp_reading")
    assert (reading["blank_corrected"], reading["dilution"], bool(reading["medium_renewed"])) == ("yes", 10, False)
    moments = rows(bench, "SELECT moment FROM radioluminescence_reading ORDER BY moment")
    assert [row["moment"] for row in moments] == ["after", "before"]
    (found,) = problems(bench, write("rl_2.csv", "sample,moment,RL\nS-1,before,800000"))
    assert found == 'rl_2.csv: line 2, column "irradiation": nothing stands here; it is needed'
