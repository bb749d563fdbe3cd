"""Take in steps: started, finished, skipped; what deviates from the protocol's tolerance needs a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pydantic import ValidationError
from sqlmodel import Session, col, select

from labdb.errors import ConflictError, InputError, UnknownNameError
from labdb.intake.correction import supersede
from labdb.intake.form import Form, build, columns_of, validation_message
from labdb.intake.writer import CellError, Line, Writer
from labdb.lab import Lab
from labdb.quantity import parse_quantity
from labdb.record import now
from labdb.synthesis.batch import BatchRow, Step, StepRow, StepState
from labdb.typed_number import round_significant
from labdb.workflow.protocol import ProtocolStepRow

# Option -> column, quantity kind, unit of the column.
VALUES = {
    "temperature": ("temperature_degc", "temperature", "degC"),
    "ramp": ("ramp_degc_per_min", "temperature_rate", "degC/min"),
    "dwell": ("dwell_min", "duration", "min"),
}
_TOLERANCES = {
    "temperature_degc": ("temperature", "temperature_tolerance_degc", "degC"),
    "ramp_degc_per_min": ("ramp", "ramp_tolerance_degc_per_min", "degC/min"),
    "dwell_min": ("dwell", "dwell_tolerance_min", "min"),
}
_ACTIONS = {"start": StepState.STARTED, "finish": StepState.FINISHED, "skip": StepState.SKIPPED}


class _Planned(Protocol):
    """What a protocol plans for a step."""

    kind: str


class DeviationError(InputError):
    """A step deviates from its plan, or is skipped, and nobody said why."""

    def __init__(self, deviation: str) -> None:
        self.deviation = deviation
        super().__init__(f'{deviation}: deviation. Say why: --why "..."   Nothing stored.')


@dataclass(frozen=True)
class StepActual:
    """What was done: column to value (as `read_values` returns), when (now if not given), and what else is known."""

    values: Mapping[str, float] = field(default_factory=dict)
    at: datetime | None = None
    detail: str | None = None
    instrument: str | None = None
    operator: str | None = None

    def bench(self, writer: Writer) -> dict[str, Any]:
        """Return the columns that are stated besides the values."""
        texts = {name: text for name, text in (("detail", self.detail), ("operator", self.operator)) if text}
        used = {"instrument_id": writer.codes.id_of("instrument", self.instrument)} if self.instrument else {}
        return texts | used


@dataclass(frozen=True)
class StepDone:
    """What was recorded, and what comes next."""

    batch: str
    seq: int
    kind: str
    state: str
    deviation: str | None
    next_kind: str | None
    open_before: tuple[str, ...]


def deviation_of(actual: Mapping[str, Any], planned: _Planned | None) -> str | None:
    """Say how a step's values lie outside the plan's tolerance.

    Parameters
    ----------
    actual : mapping
        Column to value: temperature_degc, ramp_degc_per_min, dwell_min.
    planned : ProtocolStepRow or None
        The plan; a value without plan or tolerance is not judged.

    Returns
    -------
    str or None
        "ramp 7 against 5 +/- 1 degC/min planned"; None when all is within.
    """
    found = []
    for column, (word, tolerance_column, unit) in _TOLERANCES.items():
        value, plan = actual.get(column), getattr(planned, column, None)
        tolerance = getattr(planned, tolerance_column, None)
        if value is None or plan is None or tolerance is None:
            continue
        if round_significant(abs(value - plan)) > round_significant(tolerance):
            found.append(f"{word} {value:g} against {plan:g} +/- {tolerance:g} {unit} planned")
    return "; ".join(found) or None


def read_values(typed: Mapping[str, str | None]) -> dict[str, float]:
    """Read the values of a step as typed.

    Parameters
    ----------
    typed : mapping
        temperature, ramp, dwell; each a quantity with its unit.

    Returns
    -------
    dict
        Column to value in the column's unit.

    Raises
    ------
    InputError
        Unreadable, a bound, or of another kind; names the option.

    Examples
    --------
    >>> read_values({"temperature": "605 degC", "dwell": "0.5 h", "ramp": None})
    {'temperature_degc': 605.0, 'dwell_min': 30.0}
    """
    values = {}
    for name, text in typed.items():
        if not text:
            continue
        column, kind, unit = VALUES[name]
        try:
            quantity = parse_quantity(text, kind=kind)
        except InputError as error:
            raise InputError(f"--{name}: {error}") from error
        if quantity.censoring != "none":
            raise InputError(f'--{name}: found the bound "{text}"; expected the value')
        values[column] = quantity.to(unit).value
    return values


def _plan(session: Session, batch: BatchRow) -> list[ProtocolStepRow]:
    planned = session.exec(select(ProtocolStepRow).where(ProtocolStepRow.protocol_id == batch.protocol_id)).all()
    return sorted(planned, key=lambda one: one.seq)


def _current(session: Session, batch: BatchRow) -> dict[int, StepRow]:
    found = session.exec(select(StepRow).where(StepRow.batch_id == batch.id, col(StepRow.void_change_id).is_(None)))
    return {one.seq: one for one in found.all()}


def _choose(
    step: str, plan: Sequence[ProtocolStepRow], done: Mapping[int, StepRow], batch: BatchRow
) -> tuple[int, str]:
    """Find the step meant: by number, or the first of its kind that is not over yet."""
    known = {one.seq: one.kind for one in plan} | {one.seq: one.kind for one in done.values()}
    if step.isdigit():
        if int(step) not in known:
            raise UnknownNameError(
                f"step of {batch.code}", step, [f"{seq} {kind}" for seq, kind in sorted(known.items())]
            )
        return int(step), known[int(step)]
    of_kind = [seq for seq, kind in sorted(known.items()) if kind == step]
    if not of_kind:
        if plan:
            raise UnknownNameError(f"step of {batch.code}", step, list(dict.fromkeys(known.values())))
        return max(known, default=0) + 1, step
    still_open = [seq for seq in of_kind if seq not in done or done[seq].state is StepState.STARTED]
    return (still_open or of_kind)[0], step


def step_event(
    lab: Lab, batch: str, step: str, action: str, actual: StepActual | None = None, *, reason: str | None = None
) -> StepDone:
    """Record that a step was started, finished or skipped.

    Parameters
    ----------
    lab : Lab
        The open lab.
    batch : str
        The batch's code, or another name of it.
    step : str
        A kind ("calcine": the first of them that is not over) or a number of the protocol.
    action : str
        start, finish or skip.
    actual : StepActual, optional
        What was done, when, by whom, in what.
    reason : str, optional
        Why it deviates, or was skipped.

    Returns
    -------
    StepDone
        What was recorded; the next planned step that is open.

    Raises
    ------
    DeviationError
        It deviates, or is skipped, and no reason was given; nothing stored.
    ConflictError
        The step is finished or skipped already.
    UnknownNameError
        No such batch or step; names the nearest.
    """
    actual = actual or StepActual()
    why = (reason or "").strip()
    with lab.write(None, f"step {action}: {why}" if why else f"step {action}") as session:
        writer = Writer.on(session)
        row = session.get_one(BatchRow, writer.codes.id_of("batch", batch))
        plan, done = _plan(session, row), _current(session, row)
        seq, kind = _choose(step, plan, done, row)
        before = done.get(seq)
        _refuse_over(row.code, before, action)
        planned = next((one for one in plan if one.seq == seq), None)
        deviation = f"{kind} skipped" if action == "skip" else deviation_of(actual.values, planned)
        if deviation and not why:
            raise DeviationError(deviation)
        new = {
            **_moments(before, action, actual.at),
            **actual.values,
            **actual.bench(writer),
            "state": _ACTIONS[action],
            "deviation": deviation,
            "deviation_reason": why if deviation else None,
        }
        _store_step(session, row, before, {"batch_id": row.id, "seq": seq, "kind": kind, **new})
        over = {one.seq for one in done.values() if one.seq == seq or one.state is not StepState.STARTED} | {seq}
        rest = [one.kind for one in plan if one.seq > seq and one.seq not in over]
        earlier = tuple(f"{one.seq} {one.kind}" for one in plan if one.seq < seq and one.seq not in over)
        following = kind if action == "start" else (rest[0] if rest else None)
        return StepDone(row.code, seq, kind, _ACTIONS[action].value, deviation, following, earlier)


def _refuse_over(batch: str, before: StepRow | None, action: str) -> None:
    if before is None or (before.state is StepState.STARTED and action != "start"):
        return
    when = before.finished_at or before.started_at
    on = f" on {when:%Y-%m-%d %H:%M} UTC" if when else ""
    raise ConflictError(
        f"step {before.seq} {before.kind} of {batch} is already {before.state}{on}. "
        f'If that is wrong: labdb correct {batch} --set "{before.seq}.dwell=30 min" --why ...'
    )


def _moments(before: StepRow | None, action: str, at: datetime | None) -> dict[str, Any]:
    """Start and finish with the offsets they were typed with."""
    when = at or now().astimezone()
    offset = when.utcoffset()
    minutes = 0 if offset is None else int(offset.total_seconds() // 60)
    if action == "start":
        return {"started_at": when, "started_at_offset_min": minutes}
    if action == "finish":
        if before is not None and before.started_at is not None and when < before.started_at:
            started = before.started_at.astimezone(when.tzinfo)
            raise InputError(f"finished {when:%Y-%m-%d %H:%M} lies before started {started:%Y-%m-%d %H:%M}")
        return {"finished_at": when, "finished_at_offset_min": minutes}
    return {}


def _store_step(session: Session, batch: BatchRow, before: StepRow | None, new: dict[str, Any]) -> None:
    try:
        if before is not None:
            Step.model_validate({name: getattr(before, name) for name in Step.model_fields} | new)
            supersede(session, before, new)
            return
        session.add(StepRow.model_validate(Step.model_validate(new).model_dump()))
        session.flush()
    except ValidationError as error:
        column, message = validation_message(error)
        raise InputError(f"step of {batch.code}, {column}: {message}") from error


_STEP = columns_of(Step, StepRow)


def _store_form(writer: Writer, lines: list[Line]) -> None:
    """Store the lines of the form steps; a deviation left empty is computed from the protocol's tolerance."""
    plans: dict[Any, list[ProtocolStepRow]] = {}

    def one(line: Line) -> None:
        made = build(Step, StepRow, _STEP, line, writer)
        assert isinstance(made, StepRow)  # noqa: S101 - build makes the class it is given
        batch = writer.session.get_one(BatchRow, made.batch_id)
        if made.finished_at and made.started_at and made.finished_at < made.started_at:
            raise CellError("finished_at", f'found "{line.cells["finished_at"]}", before started_at')
        known = _current(writer.session, batch).get(made.seq)
        if known is not None:
            raise CellError("seq", f"step {made.seq} of {batch.code} is already {known.state}")
        plan = plans.setdefault(batch.id, _plan(writer.session, batch))
        planned = next((step for step in plan if step.seq == made.seq), None)
        if planned is not None and planned.kind != made.kind:
            raise CellError("kind", f'found "{made.kind}"; step {made.seq} of the protocol is {planned.kind}')
        if made.deviation is None:
            made.deviation = deviation_of(made.model_dump(), planned)
        writer.session.add(made)
        writer.session.flush()
        writer.stored["steps"] += 1

    writer.each(lines, one)


FORMS = (Form("steps", "a step of a batch as it was done", 22, _STEP, _store_form),)
