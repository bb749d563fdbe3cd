"""Command: step start, finish, skip: what was done to a batch, against its protocol."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from labdb.cli import group
from labdb.cli.options import JsonOption, LabOption, WhyOption, read_moment, using
from labdb.cli.output import ask_reason, emit

_STEP = {
    "batch": "string",
    "seq": ("integer", "number of the step in the protocol"),
    "kind": "string",
    "state": "=started|finished|skipped",
    "deviation": "string?",
    "next": ("string?", "the next step that is open"),
    "not_recorded": (["string"], "earlier steps that are not recorded yet"),
}
SCHEMAS = {"step-start": _STEP, "step-finish": _STEP, "step-skip": _STEP}

BatchArgument = Annotated[str, typer.Argument(help="The batch, by code or another name.")]
StepArgument = Annotated[str, typer.Argument(help="Its kind (calcine), or its number in the protocol.")]
AtOption = Annotated[str | None, typer.Option("--at", help='When: "2026-11-06 09:10"; now if not given.')]
DetailOption = Annotated[str | None, typer.Option("--detail", help="Anything else: atmosphere, speed, volume.")]
InstrumentOption = Annotated[str | None, typer.Option("--instrument", help="Furnace, oven, centrifuge, by code.")]
OperatorOption = Annotated[str | None, typer.Option("--operator", help="By whom.")]


def register(app: typer.Typer) -> None:
    """Hang `labdb step start|finish|skip` into the app."""
    step = group(app, "step", "Steps of a batch: start, finish or skip one.")
    step.command("start")(start)
    step.command("finish")(finish)
    step.command("skip")(skip)


def start(
    batch: BatchArgument,
    step: StepArgument,
    at: AtOption = None,
    detail: DetailOption = None,
    instrument: InstrumentOption = None,
    operator: OperatorOption = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a step was started.

    Example: labdb step start B-2601 calcine --at "2026-11-06 08:00"
    """
    bench = {"at": at, "detail": detail, "instrument": instrument, "operator": operator}
    _record(lab, (batch, step, "start"), {}, bench, None, as_json=as_json)


def finish(
    batch: BatchArgument,
    step: StepArgument,
    temperature: Annotated[str | None, typer.Option("--temperature", help='As measured: "605 degC".')] = None,
    dwell: Annotated[str | None, typer.Option("--dwell", help='Time held: "30 min".')] = None,
    ramp: Annotated[str | None, typer.Option("--ramp", help='Heating rate: "5 degC/min".')] = None,
    at: AtOption = None,
    detail: DetailOption = None,
    instrument: InstrumentOption = None,
    operator: OperatorOption = None,
    why: WhyOption = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a step was finished, with what was really done; what the protocol does not tolerate needs a reason.

    Example: labdb step finish B-2601 calcine --temperature "605 degC" --dwell "30 min" --ramp "5 degC/min"
    """
    bench = {"at": at, "detail": detail, "instrument": instrument, "operator": operator}
    typed = {"temperature": temperature, "dwell": dwell, "ramp": ramp}
    _record(lab, (batch, step, "finish"), typed, bench, why, as_json=as_json)


def skip(
    batch: BatchArgument,
    step: StepArgument,
    why: WhyOption = None,
    operator: OperatorOption = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a planned step was left out, and why.

    Example: labdb step skip B-2601 soak --why "template came soaked"
    """
    _record(lab, (batch, step, "skip"), {}, {"operator": operator}, why, as_json=as_json)


def _record(
    lab: Path | None,
    what: tuple[str, str, str],
    typed: Mapping[str, str | None],
    bench: Mapping[str, str | None],
    why: str | None,
    *,
    as_json: bool,
) -> None:
    from labdb.intake.step import DeviationError, StepActual, read_values, step_event

    texts = {name: text for name, text in bench.items() if name != "at"}
    actual = StepActual(read_values(typed), read_moment(bench.get("at"), "--at"), **texts)
    with using(lab) as open_lab:
        try:
            done = step_event(open_lab, *what, actual, reason=why)
        except DeviationError as error:
            reason = ask_reason(f"{error.deviation}: deviation", why)
            done = step_event(open_lab, *what, actual, reason=reason)
    row = {
        "batch": done.batch,
        "seq": done.seq,
        "kind": done.kind,
        "state": done.state,
        "deviation": done.deviation,
        "next": done.next_kind,
        "not_recorded": list(done.open_before),
    }
    lines = [f"  recorded: {done.batch} step {done.seq}, {done.kind}, {done.state}."]
    if done.open_before:
        lines.append(f"  not recorded yet: {', '.join(done.open_before)}.")
    following = f'labdb sample new {done.batch} --powder "0.4 g"'
    if done.next_kind:
        following = f"{done.next_kind}: labdb step finish {done.batch} {done.next_kind}"
    emit(f"step-{what[2]}", [row], columns=[], as_json=as_json, as_csv=False, text=lines, next_step=following)
