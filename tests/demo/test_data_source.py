"""The example data against the tables they were made from, where those are present: nothing lost, nothing changed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import labdb.demo
from labdb.kinds import quantity_kind
from labdb.quantity import UncertaintyOrigin, parse_quantity
from labdb.readers import two_column_csv

Rows = list[dict[str, str]]

DEMO = Path(labdb.demo.__file__).parent
SETS = ("paper", "clean")
ORIGINS = {
    "paper_text": "transcribed",
    "paper_caption": "transcribed",
    "memory": "transcribed",
    "derived": "computed",
    "synthetic": "synthetic",
}
NOTE_BEGINS = {"paper_text": "text", "paper_caption": "caption", "memory": "from memory, unchecked"}

# form -> its table, and its columns, written "column" or "column=the table's column" where the names
# differ. An empty cell there stays empty here.
SAME: dict[str, tuple[str, str]] = {
    "people": (
        "people",
        "code=person role",
    ),
    "instruments": (
        "instruments",
        "code=instrument what model",
    ),
    "chemicals": (
        "chemicals",
        "code=chemical_id name cas_number=cas_rn role",
    ),
    "lots": (
        "lots",
        "code=lot_id chemical=chemical_id purity_percent opened_on expires_on certified_value "
        "certified_expanded_u=certified_U certified_coverage_factor=certified_k",
    ),
    "methods": (
        "methods",
        "code=method_id limit_of_detection=LD limit_of_quantification=LQ u_model",
    ),
    "conditions": (
        "conditions",
        "code=condition_id medium amount_concentration_mol_per_l=concentration relative_humidity_percent "
        "ph_reported=ph_as_reported ph_measured temperature_degc=temperature_degC light",
    ),
    "protocols": (
        "protocols",
        "code=protocol_id version title",
    ),
    "protocol_steps": (
        "protocol_steps",
        "protocol=protocol_id seq kind temperature_degc=temperature_degC "
        "temperature_tolerance_degc=temperature_tolerance_degC ramp_degc_per_min=ramp_degC_per_min "
        "ramp_tolerance_degc_per_min=ramp_tolerance_degC_per_min dwell_min dwell_tolerance_min",
    ),
    "runs": (
        "runs",
        "code=run_id method=method_id instrument started_at",
    ),
    "batches": (
        "batches",
        "code=batch_id label protocol=protocol_id target_w started_at",
    ),
    "weighings": (
        "batch_inputs",
        "batch=batch_id chemical=chemical_id lot=lot_id unit planned=planned_amount amount=weighed_amount "
        "u=u_amount instrument",
    ),
    "steps": (
        "steps",
        "batch=batch_id seq kind started_at finished_at temperature_degc=temperature_degC "
        "ramp_degc_per_min=ramp_degC_per_min dwell_min deviation_reason=reason",
    ),
    "irradiations": (
        "irradiations",
        "code=irradiation_id sample=aliquot_id dose_origin dose_gy=stated_dose_Gy "
        "tube_voltage_kv=tube_voltage_kV e_max_kev=e_max_keV anode beam_filter=filter reference_point "
        "fraction_in_beam started_at",
    ),
    "beam_segments": (
        "irradiation_segments",
        "irradiation=irradiation_id seq start_s stop_s dose_rate_gy_per_s=dose_rate_Gy_per_s "
        "u_dose_rate_gy_per_s=u_dose_rate_Gy_per_s calibration=calibration_id",
    ),
    "leach_tests": (
        "leach_tests",
        "code=leach_test_id experiment sample=aliquot_id alternative_of leachant duration_d ph_start ph_end "
        "temperature_degc=temperature_degC separation acidification medium_renewed spike_recovery_percent "
        "method_blank started_at",
    ),
    "icp_positions": (
        "icp_run",
        "run=run_id position kind label=code replicate nominal_ug_per_l=nominal_ug_per_L intensity_cps "
        "sd_intensity_cps weight instrument_reading_ug_per_l=instrument_reading_ug_per_L measured_at",
    ),
    "observations_icp": (
        "icp_readings",
        "sample=aliquot_id age=day value=result unit threshold_meaning leach_test=leach_test_id position "
        "instrument_reading_ug_per_l=instrument_reading blank_corrected dilution volume_before_pull_ml=V_mL "
        "pulled_volume_ml=aliquot_mL",
    ),
    "observations_pl": (
        "pl_stability",
        "sample=aliquot_id condition=condition_id vial age=day measured_at photoluminescence_intensity=counts "
        "reference_intensity=reference_counts excitation_nm slit_nm integration_time_s "
        "laser_power_mw=laser_power_mW",
    ),
    "statements": (
        "statements",
        "code=statement_id subjects=subject about=quantity_kind qualifier unit u words alternative_of",
    ),
    "observations_emission": (
        "emission",
        "sample=aliquot_id peak_wavelength=peak_nm emission_energy=peak_eV spectral_width=fwhm_nm",
    ),
    "observations_xrd": (
        "xrd_peaks",
        "sample=aliquot_id value=two_theta_deg u=u_two_theta_deg",
    ),
    "observations_tem": (
        "tem_sizes",
        "replicate=particle value=diameter_nm u=u_nm run=run_id",
    ),
}
ONLY_PAPER = {"statements", "observations_emission", "observations_xrd", "observations_tem"}
CASES = [(which, name) for which in SETS for name in SAME if which == "paper" or name not in ONLY_PAPER]


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def form(which: str, name: str) -> Rows:
    return read(DEMO / which / f"{name}.csv")


def stated(text: str) -> str:
    return "" if text == "not stated" else text


@pytest.mark.parametrize(("which", "name"), CASES, ids=lambda part: part)
def test_each_row_says_what_its_table_says(shared_data: Path, which: str, name: str) -> None:
    table_name, columns = SAME[name]
    same = [column.partition("=") for column in columns.split()]
    table = read(shared_data / which / f"{table_name}.csv")
    rows = form(which, name)
    assert len(rows) == len(table)
    for here, there in zip(rows, table, strict=True):
        assert here["origin"] == ORIGINS[there["origin"]], here
        assert (here.get("origin_note") or "").startswith(NOTE_BEGINS.get(there["origin"], "")), here
        for column, _, other in same:
            # A column that is empty throughout is left out of the form; a standard measured again is labdb's "drift".
            expected = stated(there[other or column]).replace("standard_check", "drift")
            assert stated(here.get(column) or "") == expected, (column, here)


@pytest.mark.parametrize("which", SETS)
def test_a_note_of_a_table_is_kept(shared_data: Path, which: str) -> None:
    for name in ("weighings", "steps", "irradiations", "leach_tests", "icp_positions", "protocol_steps", "runs"):
        table = read(shared_data / which / f"{SAME[name][0]}.csv")
        for here, there in zip(form(which, name), table, strict=True):
            assert there["origin_note"] in (here.get("origin_note") or ""), here


@pytest.mark.parametrize("which", SETS)
def test_each_sample_has_the_amounts_of_its_portion(shared_data: Path, which: str) -> None:
    same = {
        "amount": "amount",
        "u_amount": "u_amount",
        "amount_unit": "amount_unit",
        "taken_unit": "taken_unit",
        "condition": "condition_id",
        "vial": "vial",
        "control_for": "control_for",
        "made_at": "made_at",
        "alternative_of": "alternative_of",
    }
    suspension = {
        "mass_mg": "mass_mg",
        "u_mass_mg": "u_mass_mg",
        "volume_ml": "volume_mL",
        "particle_loading_mg_per_ml": "loading_mg_per_mL",
        "u_particle_loading_mg_per_ml": "u_loading_mg_per_mL",
    }
    products = {row["sample_id"]: row for row in read(shared_data / which / "samples.csv")}
    portions = read(shared_data / which / "aliquots.csv")
    assert len(form(which, "samples")) == len(portions)
    for here, there in zip(form(which, "samples"), portions, strict=True):
        whole = there["aliquot_id"].endswith("-P0")
        assert here["code"] == (there["sample_id"] if whole else there["aliquot_id"])
        assert here["parent"] == there["parent_aliquot"].removesuffix("-P0")
        assert here["taken"] == ("0" if there["alternative_of"] else there["taken"]), here
        for column, other in (same | suspension if there["kind"] == "suspension" else same).items():
            assert (here.get(column) or "") == there[other], (column, here)
        if whole:
            assert here["perovskite_mass_fraction"] == products[here["code"]]["perovskite_mass_fraction"]
            assert here["u_perovskite_mass_fraction"] == products[here["code"]]["u_perovskite_mass_fraction"]
        if there["sample_id"]:
            assert here["batch"] == products[there["sample_id"]]["batch_id"]


@pytest.mark.parametrize("which", SETS)
def test_each_batch_has_the_composition_and_yield_of_its_table(shared_data: Path, which: str) -> None:
    formula = {row["material_id"]: row["formula"] for row in read(shared_data / which / "materials.csv")}
    whole = {row["batch"]: row["amount"] for row in form(which, "samples") if row["batch"] and not row["parent"]}
    for here, there in zip(form(which, "batches"), read(shared_data / which / "batches.csv"), strict=True):
        assert here["composition"] == formula[there["material_id"]]
        assert whole[here["code"]] == there["yield_mg"]


@pytest.mark.parametrize("which", SETS)
def test_detects_keep_their_uncertainty_and_readings_stand_at_their_position(shared_data: Path, which: str) -> None:
    table = read(shared_data / which / "icp_readings.csv")
    at = {row["position"]: row["measured_at"] for row in form(which, "icp_positions")}
    for here, there in zip(form(which, "observations_icp"), table, strict=True):
        below = there["result"].startswith("<")
        assert (here.get("u") or "") == ("" if below else there["u"])
        assert here["measured_at"] == at[here["position"]]
        assert f"pulled {there['pulled_at']}" in here["origin_note"]


@pytest.mark.parametrize("which", SETS)
def test_radioluminescence_before_and_after_is_that_of_the_table(shared_data: Path, which: str) -> None:
    found = {(row["irradiation"], row["moment"]): row for row in form(which, "observations_rl")}
    table = read(shared_data / which / "rl_dose.csv")
    assert len(found) == 2 * len(table)
    for there in table:
        for moment in ("before", "after"):
            here = found[there["irradiation_id"], moment]
            assert here["sample"] == there["aliquot_id"]
            assert here["radioluminescence_intensity"] == there[f"counts_{moment}"]
            assert here["u_radioluminescence_intensity"] == there[f"u_counts_{moment}"]


@pytest.mark.parametrize("which", SETS)
def test_calibrations_and_deviations_are_those_of_the_tables(shared_data: Path, which: str) -> None:
    here = {row["code"]: row for row in form(which, "calibrations")}
    for there in read(shared_data / which / "calibrations.csv"):
        row = here[there["calibration_id"]]
        assert quantity_kind(row["kind"]) == quantity_kind(there["quantity"])
        assert [row[name] for name in ("value", "unit", "u", "valid_from", "valid_to")] == [
            there[name] for name in ("value", "unit", "u", "valid_from", "valid_to")
        ]
    for there in read(shared_data / which / "instruments.csv"):
        row = here[there["calibration_id"]]
        assert [row["instrument"], row["valid_from"], row["valid_to"]] == [
            there["instrument"],
            there["calibrated_on"],
            there["calibration_due"],
        ]
    for step, there in zip(form(which, "steps"), read(shared_data / which / "steps.csv"), strict=True):
        assert (step.get("deviation") or "no") == there["deviation"]


def test_quantum_yields_are_those_printed_in_percent_with_their_coverage_not_stated(shared_data: Path) -> None:
    table = read(shared_data / "paper" / "plqy.csv")
    for here, there in zip(form("paper", "observations_plqy"), table, strict=True):
        plqy = parse_quantity(here["value"], kind=here["quantity"], default_unit=here["unit"]).to("1")
        # 55 % is 0.55 up to the last bit of a float
        assert plqy.value == pytest.approx(float(there["plqy"]), rel=1e-12)
        assert plqy.u == pytest.approx(float(there["u"]), rel=1e-12)
        assert plqy.u_origin is UncertaintyOrigin.COVERAGE_NOT_STATED


def test_statements_keep_content_and_place(shared_data: Path) -> None:
    for here, there in zip(form("paper", "statements"), read(shared_data / "paper" / "statements.csv"), strict=True):
        silent = there["value"] == "not stated"
        assert here["content"] == ("not stated in the main text" if silent else there["value"])
        assert here["place"] == ("" if there["where"] == "-" else there["where"])


def test_phase_and_indices_of_each_line_are_in_its_note(shared_data: Path) -> None:
    for here, there in zip(
        form("paper", "observations_xrd"), read(shared_data / "paper" / "xrd_peaks.csv"), strict=True
    ):
        assert f"phase: {there['phase']}" in here["origin_note"]
        assert there["hkl"] in here["origin_note"]
        assert here["wavelength_angstrom"] == there["wavelength_A"]


def test_each_curve_has_the_points_of_its_trace(shared_data: Path) -> None:
    index = read(shared_data / "paper" / "traces.csv")
    assert len(index) == len(list((DEMO / "paper" / "curves").glob("*.csv")))
    for trace in index:
        original = shared_data / "paper" / trace["file"]
        name = original.stem.split("_")[0] + "_" + (trace["aliquot_id"] or original.stem.split("_")[1])
        [here], [there] = two_column_csv.read(DEMO / "paper" / "curves" / f"{name}.csv"), two_column_csv.read(original)
        assert here.x.tolist() == there.x.tolist()
        assert here.y.tolist() == there.y.tolist()
        assert here.measured_at is not None
        assert here.measured_at.isoformat() == trace["measured_at"]
