"""The example data by themselves: whole, consistent, readable, every value with its origin."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

import labdb.database
import labdb.demo
from labdb.compliance.limit import load_limits
from labdb.condition import Condition
from labdb.kinds import quantity_kind
from labdb.leaching.icp_oes import IcpPosition
from labdb.leaching.leach_test import LeachTest
from labdb.measurement import Run
from labdb.quantity import Censoring, parse_quantity
from labdb.radiation.irradiation import BeamSegment, Irradiation
from labdb.readers import two_column_csv
from labdb.record import Origin, Record
from labdb.registry.instrument import Calibration, Instrument
from labdb.registry.method import Method
from labdb.registry.person import Person
from labdb.synthesis.batch import Batch, Step, Weighing
from labdb.synthesis.chemical import Chemical, Lot
from labdb.synthesis.sample import SampleKind
from labdb.workflow.protocol import Protocol, ProtocolStep

Rows = list[dict[str, str]]

DEMO = Path(labdb.demo.__file__).parent
SETS = ("paper", "clean")
MAX_BYTES = 1_500_000  # what the package may spend on its example

FLAT: dict[str, type[Record]] = {
    "people": Person,
    "instruments": Instrument,
    "calibrations": Calibration,
    "chemicals": Chemical,
    "lots": Lot,
    "methods": Method,
    "conditions": Condition,
    "protocols": Protocol,
    "protocol_steps": ProtocolStep,
    "runs": Run,
    "batches": Batch,
    "weighings": Weighing,
    "steps": Step,
    "irradiations": Irradiation,
    "beam_segments": BeamSegment,
    "leach_tests": LeachTest,
    "icp_positions": IcpPosition,
}
# column of any form -> form in which its code must stand
REFERS_TO = {
    "instrument": "instruments",
    "calibration": "calibrations",
    "operator": "people",
    "chemical": "chemicals",
    "lot": "lots",
    "method": "methods",
    "run": "runs",
    "condition": "conditions",
    "protocol": "protocols",
    "batch": "batches",
    "parent": "samples",
    "sample": "samples",
    "method_blank": "samples",
    "study": "studies",
    "irradiation": "irradiations",
    "leach_test": "leach_tests",
}
# What the paper speaks of without it being a row of this lab.
NAMES_IN_STATEMENTS = {"PAPER-5UGG", "radiotherapy course", "IR-SOSG", "SOSG", "O2"}
NOTE_BEGINS = ("text", "caption", "from memory, unchecked")


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def form(which: str, name: str) -> Rows:
    return read(DEMO / which / f"{name}.csv")


def forms(which: str) -> dict[str, Rows]:
    return {path.stem: read(path) for path in sorted((DEMO / which).glob("*.csv"))}


def codes(which: str, name: str) -> set[str]:
    return {row["code"] for row in form(which, name)}


def stated(text: str) -> str:
    return "" if text == "not stated" else text


def test_the_whole_example_is_small() -> None:
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < MAX_BYTES


@pytest.mark.parametrize("which", SETS)
def test_every_row_has_a_known_origin_and_a_printed_value_says_where(which: str) -> None:
    known = {str(origin) for origin in Origin}
    for name, rows in forms(which).items():
        for row in rows:
            assert row["origin"] in known, (name, row)
            if row["origin"] == "transcribed":
                assert row["origin_note"].startswith(NOTE_BEGINS), (name, row)


@pytest.mark.parametrize("which", SETS)
def test_nothing_of_an_invented_lab_claims_to_be_measured(which: str) -> None:
    assert "measured" not in {row["origin"] for rows in forms(which).values() for row in rows}


@pytest.mark.parametrize("which", SETS)
def test_codes_and_aliases_stand_once(which: str) -> None:
    named = [row["code"] for name, rows in forms(which).items() for row in rows if "code" in row]
    named += [row["name"] for row in form(which, "aliases")]
    assert [code for code, times in Counter(named).items() if times > 1] == []


@pytest.mark.parametrize("which", SETS)
def test_every_referenced_code_exists_within_the_set(which: str) -> None:
    known = {name: codes(which, name) for name in set(REFERS_TO.values()) if (DEMO / which / f"{name}.csv").exists()}
    for name, rows in forms(which).items():
        for row in rows:
            for column, target in REFERS_TO.items():
                if stated(row.get(column) or ""):
                    assert row[column] in known[target], (name, column, row)
            other = row.get("alternative_of")
            assert not other or other in codes(which, name), (name, row)
    for row in form(which, "samples"):
        controlled = [code for code in row["control_for"].split(";") if code]
        assert set(controlled) <= known["samples"] | known["runs"], row
    assert {row["subject"] for row in form(which, "aliases")} <= known["samples"]


def test_statements_speak_of_this_lab_or_of_names_listed_here() -> None:
    known = NAMES_IN_STATEMENTS | {row["experiment"] for row in form("paper", "leach_tests")}
    for name in ("samples", "conditions", "protocols"):
        known |= codes("paper", name)
    assert {part for row in form("paper", "statements") for part in row["subjects"].split(";")} <= known


@pytest.mark.parametrize("which", SETS)
def test_a_parent_or_a_first_reading_stands_before_what_refers_to_it(which: str) -> None:
    for name in ("samples", "leach_tests"):
        seen: set[str] = set()
        for row in form(which, name):
            assert not row.get("parent") or row["parent"] in seen, row
            assert not row.get("alternative_of") or row["alternative_of"] in seen, row
            seen.add(row["code"])


@pytest.mark.parametrize("which", SETS)
def test_no_sample_hands_out_more_than_it_has(which: str) -> None:
    samples = {row["code"]: row for row in form(which, "samples")}
    taken: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in samples.values():
        if row["parent"]:
            assert row["taken_unit"] == samples[row["parent"]]["amount_unit"], row
            taken[row["parent"]] += Decimal(row["taken"])
        if row.get("alternative_of"):
            assert Decimal(row["taken"]) == 0, row
    for parent, total in taken.items():
        assert total <= Decimal(samples[parent]["amount"]), parent


@pytest.mark.parametrize("which", SETS)
def test_a_loading_is_mass_over_volume_and_stands_at_suspensions_only(which: str) -> None:
    for row in form(which, "samples"):
        assert SampleKind(row["kind"])
        assert bool(row["particle_loading_mg_per_ml"]) is (row["kind"] == "suspension"), row
        if row["kind"] == "suspension":
            loading = float(row["mass_mg"]) / float(row["volume_ml"])
            assert float(row["particle_loading_mg_per_ml"]) == pytest.approx(loading, rel=1e-12), row


@pytest.mark.parametrize("which", SETS)
@pytest.mark.parametrize("name", sorted(FLAT))
def test_each_flat_form_is_accepted_by_its_record(which: str, name: str) -> None:
    record = FLAT[name]
    fields = set(record.model_fields)
    for row in form(which, name):
        given: dict[str, object] = {}
        for column, text in row.items():
            if column in ("origin", "origin_note") or not stated(text):
                continue
            is_code = column not in fields
            assert not is_code or f"{column}_id" in fields, f"{name}: no field for column {column}"
            given[f"{column}_id" if is_code else column] = UUID(int=7) if is_code else text
        record.model_validate(given)


@pytest.mark.parametrize("which", SETS)
def test_every_observation_reads_as_quantities_of_its_kinds(which: str) -> None:
    counts = ("photoluminescence_intensity", "reference_intensity", "radioluminescence_intensity")
    wide = (*counts, "peak_wavelength", "emission_energy", "spectral_width")
    for name, rows in forms(which).items():
        if not name.startswith("observations_"):
            continue
        for row in rows:
            if row.get("missing_reason"):
                assert row["value"] == "", row
            elif "quantity" in row:
                parse_quantity(row["value"], kind=row["quantity"], default_unit=row["unit"])
            else:
                kinds = [kind for kind in wide if row.get(kind)]
                assert kinds, row
                for kind in kinds:
                    parse_quantity(row[kind], kind=kind, default_unit=quantity_kind(kind).unit)


@pytest.mark.parametrize("which", SETS)
def test_a_non_detect_says_what_its_threshold_means_and_has_no_uncertainty(which: str) -> None:
    for row in form(which, "observations_icp"):
        below = parse_quantity(row["value"], kind="lead_mass_concentration", default_unit="ug/L").censoring
        assert (below is Censoring.BELOW) is bool(row["threshold_meaning"]) is not bool(row.get("u")), row


@pytest.mark.parametrize("which", SETS)
def test_every_method_names_a_quantity_kind_and_its_unit(which: str) -> None:
    for row in form(which, "methods"):
        kind = quantity_kind(row["kind"])
        if row["unit"] and (row["u_absolute"] or row["limit_of_detection"]):
            assert kind.read_unit(row["unit"]) == kind.unit, row


@pytest.mark.parametrize("which", SETS)
def test_every_instrument_is_calibrated_on_the_days_of_its_runs(which: str) -> None:
    covered: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in form(which, "calibrations"):
        covered[row["instrument"]].append((row["valid_from"], row["valid_to"]))
    assert set(covered) == codes(which, "instruments")
    for run in form(which, "runs"):
        day = run["started_at"][:10]
        assert any(first <= day <= last for first, last in covered[run["instrument"]]), run


@pytest.mark.parametrize("path", sorted((DEMO / "paper" / "curves").glob("*.csv")), ids=lambda path: path.name)
def test_every_curve_is_read_and_belongs_to_something_known(path: Path) -> None:
    [curve] = two_column_csv.read(path)
    stem, _, code = path.stem.partition("_")
    header = dict(curve.header)
    assert header["origin"] == "synthetic"
    assert curve.measured_at is not None
    if stem == "furnace":
        assert code in codes("paper", "batches")
        return
    assert code in codes("paper", "samples")
    assert header["run"] in codes("paper", "runs")


def test_the_limits_of_the_week_are_the_laboratorys_own_and_in_force() -> None:
    found = load_limits(DEMO / "clean")
    assert {
        one.id: (one.kind, one.value, one.unit, str(one.operator), one.at_age_d, one.at_dose_gy)
        for one in found.values()
    } == {
        "LAB-PB-RELEASED": ("released_lead_mass_fraction", 5, "ug/g", "<=", None, None),
        "LAB-PL-14D": ("photoluminescence_retention", 0.8, "1", ">=", 14, None),
        "LAB-RL-20GY": ("radioluminescence_retention", 0.8, "1", ">=", None, 20),
    }
    assert {str(one.status) for one in found.values()} == {"in force"}


# The numbers below stand in the README of the tables these data were made from ("Printed", "Numbers to find again").


def test_the_known_numbers_are_found_again() -> None:
    samples = {row["code"]: row for row in form("paper", "samples")}
    assert [samples[code]["particle_loading_mg_per_ml"] for code in ("S-BR-LT-A", "S-BR-LT-B")] == ["0.5", "2.0"]
    assert [samples[code]["perovskite_mass_fraction"] for code in ("S-BR", "S-MIX", "S-I")] == ["0.16", "0.18", "0.19"]
    dose: defaultdict[str, float] = defaultdict(float)
    for row in form("paper", "beam_segments"):
        dose[row["irradiation"]] += (float(row["stop_s"]) - float(row["start_s"])) * float(row["dose_rate_gy_per_s"])
    assert (dose["IR-SOSG-I"], dose["IR-ONOFF-I"]) == (300, 230)
    detects = [(r["sample"], r["age"], r["value"]) for r in form("paper", "observations_icp") if r["u"]]
    assert detects == [("S-MIX-LT-B", "42", "10.15"), ("S-I-LT-B", "28", "10.83"), ("S-I-LT-B", "42", "10.39")]
    assert [row["value"] for row in form("paper", "observations_plqy")] == ["55 ± 5", "21 ± 4", "12 ± 3"]
    acid = next(row for row in form("paper", "conditions") if row["code"] == "hcl_1M")
    assert (acid["solute"], acid["amount_concentration_mol_per_l"], acid["ph_reported"]) == ("HCl", "1", "1")


def test_u_of_each_method_is_the_number_in_its_sentence() -> None:
    expected = {
        "paper": {
            "ME-ICP": ("1.0", "0.02"),
            "ME-PL": ("", "0.004"),
            "ME-RL": ("", "0.016836"),
            "ME-SOSG": ("", "0.004"),
        }
        | {"ME-XRD": ("0.03", ""), "ME-TEM-NS": ("2", ""), "ME-TEM-NC": ("0.3", "")},
        "clean": {"ME-ICP": ("0.28", "0.02"), "ME-PL": ("", "0.004"), "ME-RL": ("", "0.01")},
    }
    for which, methods in expected.items():
        for row in form(which, "methods"):
            numbers = methods.get(row["code"], ("", ""))
            assert (row["u_absolute"], row["u_relative"]) == numbers
            assert all(number in row["u_model"] for number in numbers)


def test_the_limits_file_is_plain_toml() -> None:
    with (DEMO / "clean" / "limits.toml").open("rb") as file:
        assert len(tomllib.load(file)) == 3
