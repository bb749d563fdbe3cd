"""The sections of a compliance report on the items: what they are, how they were made, how they were measured."""

from labdb.quantity import Quantity
from labdb.reports.block import Block, table
from labdb.reports.compliance_content import (
    ComplianceReport,
    Condition,
    Exposure,
    InstrumentUsed,
    Item,
    LeachTestDone,
    Making,
    MethodUsed,
    StepDone,
    Weighed,
)
from labdb.reports.compliance_words import NOT_STATED, day, number, shown


def items(report: ComplianceReport) -> list[Block]:
    """Say what was tested and in which state.

    Parameters
    ----------
    report : ComplianceReport
        With its items and conditions.

    Returns
    -------
    list of dict
        Tables.
    """
    columns = ["Item", "Kind", "From", "Amount", "Medium, particle loading", "Condition", "Made", "Remark", "Origin"]
    rows = [_item(one) for one in report.items]
    title = "Items, down to the portion that was measured (k = 1)"
    blocks = [table(title, columns, rows, [10, 7, 6, 8, 9, 7, 7, 9, 7], small=True)]
    contents = [
        [one.code, one.composition, shown(one.perovskite_mass_fraction)]
        for one in report.items
        if not one.came_from and one.composition
    ]
    if contents:
        blocks.append(table("Composition", ["Item", "Perovskite", "Perovskite mass fraction w"], contents, [3, 3, 4]))
    if report.conditions:
        described = [[one.code, _condition(one)] for one in report.conditions]
        blocks.append(table("Conditions", ["Condition", "What it is"], described, [2, 8]))
    return blocks


def makings(report: ComplianceReport) -> list[Block]:
    """Say how the batches were made: what went in, and each step beside its plan.

    Parameters
    ----------
    report : ComplianceReport
        With its makings.

    Returns
    -------
    list of dict
        Two tables a batch.
    """
    return [block for one in report.makings for block in _making(one)]


def measuring(report: ComplianceReport) -> list[Block]:
    """Say how the items were measured.

    Parameters
    ----------
    report : ComplianceReport
        With its leach tests, exposures, methods and instruments.

    Returns
    -------
    list of dict
        Tables; one without rows is left out.
    """
    beam = ["Exposure", "Item", "Purpose", "Absorbed dose (k = 1)", "Medium", "Beam"]
    methods = ["Method", "What", "Detection", "Uncertainty", "Net of blank"]
    instruments = ["Instrument", "What", "Model", "Serial number", "Calibrated to"]
    tests = [[_test(one), one.sample, _leaching(one)] for one in report.leach_tests]
    made = [
        table("Leach tests", ["Test", "Item", "How it was run"], tests, [3, 3, 10]),
        table("Exposures to X-rays", beam, [_exposure(one) for one in report.exposures], [3, 3, 4, 4, 2, 5]),
        table("Methods", methods, [_method(one) for one in report.methods], [2, 5, 5, 5, 2]),
        table("Instruments", instruments, [_instrument(one) for one in report.instruments], [2, 5, 4, 3, 3]),
    ]
    return [block for block in made if block["rows"]]


def _item(one: Item) -> list[str | None]:
    loading = None if one.particle_loading is None else shown(one.particle_loading)
    return [
        one.code + (f" ({', '.join(one.aliases)})" if one.aliases else ""),
        one.kind,
        one.came_from[0] if one.came_from else one.batch,
        _amount(one.amount),
        ", ".join(part for part in (one.medium, loading) if part),
        one.condition,
        (one.made_at or NOT_STATED)[:10],
        f"another reading of {one.alternative_of}" if one.alternative_of else one.role,
        one.origin,
    ]


def _amount(amount: Quantity | None) -> str | None:
    return None if amount is None else shown(amount)


def _condition(one: Condition) -> str:
    strength = one.amount_concentration_mol_per_l
    parts = [
        one.medium or NOT_STATED,
        one.solute if strength is None else f"{one.solute or 'solute not stated'} {strength:g} mol/L",
        None if one.relative_humidity_percent is None else f"{one.relative_humidity_percent:g} % relative humidity",
        None if one.ph_reported is None else f"pH {one.ph_reported:g} as reported",
        None if one.ph_measured is None else f"pH {one.ph_measured:g} as measured",
        f"temperature {number(one.temperature_degc, 'degC')}",
        one.light,
    ]
    return ", ".join(part for part in parts if part)


def _making(one: Making) -> list[Block]:
    protocol, operator = one.protocol or NOT_STATED, one.operator or NOT_STATED
    title = (
        f"Batch {one.batch}, {one.label or one.composition}: what went in (protocol {protocol}, by {operator}, "
        f"started {day(one.started_at)})"
    )
    columns = ["Chemical", "Role", "Lot", "Planned", "Weighed, standard uncertainty", "Instrument"]
    weighed = table(title, columns, [_weighed(row) for row in one.weighings], [5, 3, 3, 2, 4, 2])
    columns = ["Step", "Finished", "Temperature", "Ramp", "Dwell", "Detail", "Deviation"]
    title = f"Batch {one.batch}: steps as done (as planned)"
    return [weighed, table(title, columns, [_step(row) for row in one.steps], [4, 3, 4, 4, 4, 4, 5], small=True)]


def _weighed(one: Weighed) -> list[str | None]:
    formula = f" ({one.formula})" if one.formula and one.formula != one.chemical else ""
    purity = "" if one.purity_percent is None else f", {one.purity_percent:g} %"
    u = f"u {NOT_STATED}" if one.u is None else f"u = {one.u:g} {one.unit}"
    return [
        f"{one.chemical}{formula}",
        one.role,
        f"{one.lot or NOT_STATED}{purity}",
        number(one.planned, one.unit, 6),
        f"{number(one.amount, one.unit, 6)}, {u}",
        one.instrument or NOT_STATED,
    ]


def _step(one: StepDone) -> list[str | None]:
    state = "" if one.state == "finished" else f", {one.state}"
    reason = f": {one.deviation_reason}" if one.deviation_reason else ""
    return [
        f"{one.seq} {one.kind.replace('_', ' ')}{state}",
        (one.finished_at or NOT_STATED)[:10],
        _as_planned(one.temperature_degc, one.planned_temperature_degc, one.temperature_tolerance_degc, "°C"),
        _as_planned(one.ramp_degc_per_min, one.planned_ramp_degc_per_min, one.ramp_tolerance_degc_per_min, "°C/min"),
        _as_planned(one.dwell_min, one.planned_dwell_min, one.dwell_tolerance_min, "min"),
        one.detail,
        f"{one.deviation}{reason}" if one.deviation else "none",
    ]


def _as_planned(done: float | None, planned: float | None, tolerance: float | None, unit: str) -> str | None:
    if done is None and planned is None:
        return None
    found = NOT_STATED if done is None else f"{done:g}"
    around = "" if tolerance is None else f" ± {tolerance:g}"
    return f"{found} {unit}" if planned is None else f"{found} ({planned:g}{around}) {unit}"


def _test(one: LeachTestDone) -> str:
    return one.code + (f", another reading of {one.alternative_of}" if one.alternative_of else "")


def _leaching(one: LeachTestDone) -> str:
    renewed = {True: "medium renewed", False: "medium not renewed"}
    stated = {
        "temperature": number(one.temperature_degc, "degC"),
        "agitation": one.agitation,
        "vessel": one.vessel,
        "separation": one.separation,
        "acidification": one.acidification,
        "lead measured": one.lead_measured,
        "pull": one.pull,
        "spike recovery": number(one.spike_recovery_percent, "%"),
        "method blank": one.method_blank,
        "operator": one.operator,
        "origin": one.origin,
    }
    return "; ".join(
        [
            f"{one.leachant}, {number(one.duration_d, 'd')}, started {day(one.started_at)}",
            f"pH {number(one.ph_start)} at the start, {number(one.ph_end)} at the end",
            *(f"{name} {words or NOT_STATED}" for name, words in stated.items()),
            "whether renewed: not stated" if one.medium_renewed is None else renewed[one.medium_renewed],
        ]
    )


def _exposure(one: Exposure) -> list[str | None]:
    beam = f"reference {one.reference_point or NOT_STATED}, filter {one.beam_filter or NOT_STATED}"
    dose = f"{shown(one.dose)} ({one.dose_origin})"
    return [one.irradiation, one.sample, one.purpose, dose, one.medium or NOT_STATED, beam]


def _method(one: MethodUsed) -> list[str | None]:
    unit = one.unit or ""
    found = f"LD {number(one.limit_of_detection, unit)}; LQ {number(one.limit_of_quantification, unit)}"
    detection = f"{found}; {one.detection_definition or 'definition not stated'}"
    return [
        one.code + (f", version {one.version}" if one.version else ""),
        (one.what or one.kind.replace("_", " ")) + (" (external provider)" if one.external else ""),
        detection if one.limit_of_detection is not None or one.limit_of_quantification is not None else None,
        one.u_model or NOT_STATED,
        (one.blank_corrected or NOT_STATED).replace("_", " "),
    ]


def _instrument(one: InstrumentUsed) -> list[str | None]:
    stated = (one.model, one.serial_number, one.calibrated_to)
    return [one.code, one.what, *(words or NOT_STATED for words in stated)]
