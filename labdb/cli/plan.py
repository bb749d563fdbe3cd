"""Command: plan, the inverse question: which detection limit, loading or uncertainty would decide."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from labdb.cli.assess import AtOption, DecisionOption, LimitsOption, MassOption, with_beside
from labdb.cli.options import CsvOption, JsonOption, LabOption, config_of, lab_folder, opened
from labdb.cli.output import emit
from labdb.cli.typed import read_number, read_quantity

if TYPE_CHECKING:
    from pathlib import Path

    from labdb.assessment import Assessed
    from labdb.compliance.limit import Limit
    from labdb.compliance.plan import NextStep
    from labdb.quantity import Quantity, ThresholdMeaning

SCHEMAS = {
    "plan": {
        "subject": ("string?", "null for a plan without a subject"),
        "sample": "string?",
        "measurand": "string?",
        "limit": "string",
        "decision": "string",
        "scope": "string?",
        "outcome": "=pass|fail|inconclusive|not_assessed|planned",
        "wording": ("string", "the outcome in the rule's words, with the standing of the limit"),
        "next_step": ("string?", "null where the verdict is decided"),
        "numbers": ({"*": "number"}, "unrounded, the unit in each name"),
        "reason": "string?",
    }
}


def register(app: typer.Typer) -> None:
    """Hang `labdb plan` into the app."""
    app.command("plan")(plan)


def plan(
    subject: Annotated[
        str | None, typer.Argument(help="A leach test, sample or batch; or none, with --loading and --detection-limit.")
    ] = None,
    limit: LimitsOption = None,
    decision: DecisionOption = None,
    at: AtOption = None,
    daily_mass: MassOption = None,
    loading: Annotated[str | None, typer.Option("--loading", help='Particle loading: "0.5000(11) mg/mL".')] = None,
    detection_limit: Annotated[
        str | None, typer.Option("--detection-limit", help='What stands behind "<": "10 ug/L".')
    ] = None,
    meaning: Annotated[
        str, typer.Option("--meaning", help='What "<" means: below_LC, below_LD, below_LQ, not_stated.')
    ] = "not_stated",
    lab: LabOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Say what to measure to decide: for a subject as recorded, or for a test that is still to be made.

    Example: labdb plan --limit PAPER-5UGG --loading "0.5000(11) mg/mL" --detection-limit "10 ug/L" --meaning below_LC
    """
    from labdb.errors import InputError

    typed = loading is not None or detection_limit is not None
    if (subject is None) != typed:
        raise InputError("plan: name a subject (labdb plan S-2601-W1), or give --loading, --detection-limit or both")
    if subject is not None:
        rows = _of_subject(lab, subject, limit, decision, at, daily_mass)
        after = f"labdb assess {subject}"
    else:
        read_loading = None if loading is None else read_quantity(loading, "--loading", "particle_loading")
        read_ld = (
            None
            if detection_limit is None
            else read_quantity(detection_limit, "--detection-limit", "lead_mass_concentration")
        )
        rows = _of_numbers(lab, limit, decision, (read_loading, read_ld, _meaning(meaning)))
        after = "labdb sample suspend, then labdb intake the readings"
    columns = ["subject", "measurand", "limit", "decision", "scope", "outcome", "next_step", "reason"]
    emit(
        "plan",
        rows,
        columns=columns,
        as_json=as_json,
        as_csv=as_csv,
        text=[_line(row) for row in rows],
        next_step=after,
    )


def _meaning(text: str) -> "ThresholdMeaning":
    from labdb.errors import UnknownNameError
    from labdb.quantity import ThresholdMeaning

    known = [one.value for one in ThresholdMeaning]
    if text not in known:
        raise UnknownNameError('meaning of "<"', text, known)
    return ThresholdMeaning(text)


def _of_subject(
    lab: "Path | None",
    subject: str,
    limit: list[str] | None,
    decision: str | None,
    at: str | None,
    daily_mass: str | None,
) -> list[dict[str, Any]]:
    from labdb.assessment import assess

    at_d = read_number(at, "--at", "elapsed_time", "d", "d")
    mass_mg = read_number(daily_mass, "--daily-mass", "mass", "mg")
    open_lab = opened(lab)
    found = assess(open_lab, subject, limits=limit, decision=decision, at_d=at_d, daily_mass_mg=mass_mg, store=False)
    open_lab.close()
    return [_row(one) for one in with_beside(found)]


def _row(one: "Assessed") -> dict[str, Any]:
    return {
        "subject": one.subject,
        "sample": one.sample,
        "measurand": one.measurand,
        "limit": one.limit.id,
        "decision": one.decision,
        "scope": one.scope,
        "outcome": one.judgement.outcome.value,
        "wording": one.judgement.wording,
        "next_step": one.next_step,
        "numbers": one.numbers,
        "reason": one.judgement.reason,
    }


def _of_numbers(
    lab: "Path | None",
    names: list[str] | None,
    decision: str | None,
    given: "tuple[Quantity | None, Quantity | None, ThresholdMeaning]",
) -> list[dict[str, Any]]:
    from labdb.cli.limits import known_limits
    from labdb.errors import InputError, UnknownNameError

    if not names:
        raise InputError("plan without a subject: say which limit, --limit PAPER-5UGG")
    known, rule = known_limits(lab), decision or _decision_of(lab)
    rows = []
    for name in names:
        if name not in known:
            raise UnknownNameError("limit", name, known)
        step = _step(known[name], rule, *given)
        rows.append(
            {
                **dict.fromkeys(("subject", "sample", "measurand", "scope", "reason")),
                "limit": name,
                "decision": rule,
                "outcome": "planned",
                "wording": "planned",
                "next_step": step.text,
                "numbers": step.numbers,
            }
        )
    return rows


def _decision_of(lab: "Path | None") -> str:
    """Take the lab's rule; outside of any lab, the default one."""
    from labdb.compliance.decision import DEFAULT_DECISION
    from labdb.errors import InputError

    try:
        return config_of(lab).decision
    except InputError:
        if lab_folder(lab) is not None:
            raise
        return DEFAULT_DECISION


def _step(
    limit: "Limit", rule: str, loading: "Quantity | None", threshold: "Quantity | None", meaning: "ThresholdMeaning"
) -> "NextStep":
    from labdb.compliance.plan import NextStep, plan_nondetect
    from labdb.compliance.requirement import required_detection_limit, required_loading

    if loading is not None and threshold is not None:
        return plan_nondetect(limit, loading, threshold, rule, meaning=meaning)
    if loading is not None:
        most = required_detection_limit(limit, loading, rule, meaning=meaning)
        return NextStep(f"LD <= {most:.3g} ug/L at {loading}", {"detection_limit_max_ug_per_l": most})
    if threshold is None:  # the command asked for one of the two
        raise ValueError("neither loading nor detection limit")
    least = required_loading(limit, threshold, rule, meaning=meaning)
    words = f"loading >= {least:.3g} mg/mL, weighed without error, at {threshold}"
    return NextStep(words, {"loading_min_mg_per_ml": least})


def _line(row: dict[str, Any]) -> str:
    head = (
        f"{row['subject']}  {row['measurand']}, {row['scope']}, {row['limit']}"
        if row["subject"]
        else f"{row['limit']}, {row['decision']}"
    )
    if row["next_step"]:
        return f"{head}: {row['next_step']}"
    if row["outcome"] in ("pass", "fail"):
        return f"{head}: decided, {row['wording']}, rule {row['decision']}; nothing to measure"
    return f"{head}: {row['reason'].removeprefix('Not assessed: ')}"
