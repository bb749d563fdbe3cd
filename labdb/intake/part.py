"""Correct what has no code of its own: a weighing or a step of a batch, the amount or the loading of a sample."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from labdb.errors import InputError, UnknownNameError
from labdb.intake.batch import read_amount
from labdb.intake.correction import correct, locate, supersede
from labdb.intake.form import validation_message
from labdb.intake.moment import read_moment
from labdb.intake.step import VALUES, deviation_of, read_values
from labdb.intake.writer import Writer
from labdb.lab import Lab
from labdb.quantity import parse_quantity
from labdb.record import Fact, Record
from labdb.synthesis.batch import BatchRow, Step, StepRow, Weighing, WeighingRow
from labdb.synthesis.chemical import ChemicalRow
from labdb.synthesis.sample import SampleRow, Suspension, SuspensionRow
from labdb.workflow.protocol import ProtocolStepRow

Changes = dict[str, tuple[Any, Any]]
_STEP_FIELDS = (*VALUES, "started_at", "finished_at", "detail", "operator", "instrument", "deviation_reason")
_WEIGHING_FIELDS = ("amount", "planned", "lot", "balance")
_SUSPENSION_FIELDS = ("particle_loading", "medium")


def correct_any(lab: Lab, code: str, changes: Mapping[str, str], why: str) -> Changes:
    """Correct anything with a code, and what belongs to it.

    Parameters
    ----------
    lab : Lab
        The open lab.
    code : str
        What to correct.
    changes : mapping
        Field to new text. Of a batch also ``CsBr.lot``, ``CsBr.amount``, ``calcine.dwell``, ``4.temperature``; of a
        sample ``amount`` with its unit; of a suspension ``particle_loading``, ``medium``.
    why : str
        The reason, kept in the change.

    Returns
    -------
    dict
        Field to (old, new).

    Raises
    ------
    UnknownNameError
        No such code, part or field; names the nearest.
    InputError
        No reason, a value that does not fit, or fields of two sorts at once.
    """
    if not why.strip():
        raise InputError("a correction needs a reason: --why")
    with lab.read() as session:
        row, _ = locate(session, code)
        table = str(row.__tablename__)
    if table == "batch" and any("." in name for name in changes):
        if not all("." in name for name in changes):
            raise InputError("correct the batch and its parts (CsBr.lot, calcine.dwell) one after the other")
        return _correct_parts(lab, code, changes, why)
    if table == "sample" and set(changes) & set(_SUSPENSION_FIELDS):
        if not set(changes) <= set(_SUSPENSION_FIELDS):
            raise InputError(f"correct {' and '.join(_SUSPENSION_FIELDS)} apart from other fields")
        return _correct_suspension(lab, code, changes, why)
    if table == "sample" and "amount" in changes:
        done = correct(lab, code, {**changes, **_whole_amount(changes["amount"])}, why)
        unit = read_amount(changes["amount"], "amount").unit
        for name in {"amount", "u_amount"} & set(done):
            old, new = done[name]
            done[name] = _for_people(old, unit), _for_people(new, unit)
        return done
    return correct(lab, code, dict(changes), why)


def _whole_amount(text: str) -> dict[str, str]:
    amount = read_amount(text, "amount")
    unit = "ng" if amount.unit == "mg" else "pL"
    exact = amount.to(unit)
    columns = {"amount": str(round(exact.value)), "amount_unit": unit}
    return columns | ({"u_amount": str(round(exact.u))} if exact.u is not None else {})


def _for_people(whole: int | None, unit: str) -> str | None:
    return None if whole is None else f"{whole / (1e6 if unit == 'mg' else 1e9):.12g} {unit}"


def _checked(record: type[Record], current: Fact, new: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a fact as it would become; return the columns that differ."""
    fields = {name: getattr(current, name) for name in record.model_fields} | dict(new)
    try:
        made = record.model_validate(fields)
    except ValidationError as error:
        column, message = validation_message(error)
        raise InputError(f"{column.removesuffix('_id')}: {message}") from error
    return {name: getattr(made, name) for name in new if getattr(made, name) != getattr(current, name)}


def _replace(session: Session, record: type[Record], current: Fact, new: Mapping[str, Any]) -> Changes:
    values = _checked(record, current, new)
    if not values:
        raise InputError("nothing would change")
    old = {name: getattr(current, name) for name in values}
    supersede(session, current, values)
    return {name: (old[name], values[name]) for name in values}


def _correct_suspension(lab: Lab, code: str, changes: Mapping[str, str], why: str) -> Changes:
    with lab.write(None, why) as session:
        _, row_id = locate(session, code)
        sample = session.get_one(SampleRow, row_id)
        own = SuspensionRow.sample_id == sample.id, col(SuspensionRow.void_change_id).is_(None)
        current = session.exec(select(SuspensionRow).where(*own)).first()
        if current is None:
            raise InputError(f"{sample.code} is no suspension: it has no particle loading")
        new: dict[str, Any] = {"medium": changes["medium"]} if "medium" in changes else {}
        if "particle_loading" in changes:
            loading = parse_quantity(changes["particle_loading"], kind="particle_loading").canonical()
            if loading.censoring != "none":
                raise InputError(
                    f'particle_loading: found the bound "{changes["particle_loading"]}"; expected the value'
                )
            new |= {"particle_loading_mg_per_ml": loading.value, "u_particle_loading_mg_per_ml": loading.u}
        return _replace(session, Suspension, current, new)


def _correct_parts(lab: Lab, code: str, changes: Mapping[str, str], why: str) -> Changes:
    """Correct weighings and steps of a batch, all in one change."""
    grouped: dict[str, dict[str, str]] = {}
    for name, text in changes.items():
        part, _, field = name.rpartition(".")
        grouped.setdefault(part, {})[field] = text
    done: Changes = {}
    with lab.write(None, why) as session:
        writer = Writer.on(session)
        _, row_id = locate(session, code)
        batch = session.get_one(BatchRow, row_id)
        weighings, steps = _weighings(session, batch), _steps(session, batch)
        for part, fields in grouped.items():
            if part in weighings:
                made = _replace(session, Weighing, weighings[part], _weighing_columns(writer, fields))
            elif part in steps:
                made = _correct_step(session, writer, batch, steps[part], fields, why)
            else:
                raise UnknownNameError(f"weighing or step of {batch.code}", part, [*weighings, *steps])
            done |= {f"{part}.{name.removesuffix('_id')}": pair for name, pair in made.items()}
    return done


def _weighings(session: Session, batch: BatchRow) -> dict[str, WeighingRow]:
    """The weighings of a batch by code, name and formula of their chemical; what is not unique is left out."""
    found = session.exec(
        select(WeighingRow, ChemicalRow)
        .join(ChemicalRow, col(ChemicalRow.id) == WeighingRow.chemical_id)
        .where(WeighingRow.batch_id == batch.id, col(WeighingRow.void_change_id).is_(None))
    ).all()
    by_name: dict[str, list[WeighingRow]] = {}
    for weighing, chemical in found:
        for name in dict.fromkeys((chemical.name, chemical.formula, chemical.code)):
            if name:
                by_name.setdefault(name, []).append(weighing)
    return {name: rows[0] for name, rows in by_name.items() if len(rows) == 1}


def _steps(session: Session, batch: BatchRow) -> dict[str, StepRow]:
    found = session.exec(select(StepRow).where(StepRow.batch_id == batch.id, col(StepRow.void_change_id).is_(None)))
    rows = sorted(found.all(), key=lambda row: row.seq)
    kinds = [row.kind for row in rows]
    unique = {row.kind: row for row in rows if kinds.count(row.kind) == 1}
    return unique | {str(row.seq): row for row in rows}


def _weighing_columns(writer: Writer, fields: Mapping[str, str]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, text in fields.items():
        if name not in _WEIGHING_FIELDS:
            raise UnknownNameError("field of a weighing", name, _WEIGHING_FIELDS)
        if name == "lot":
            columns["lot_id"] = writer.codes.id_of("lot", text)
        elif name == "balance":
            columns["instrument_id"] = writer.codes.id_of("instrument", text)
        else:
            amount = read_amount(text, name)
            columns |= {name: amount.value, "unit": amount.unit}
            columns |= {"u": amount.u} if name == "amount" and amount.u is not None else {}
    return columns


def _correct_step(
    session: Session, writer: Writer, batch: BatchRow, current: StepRow, fields: Mapping[str, str], why: str
) -> Changes:
    """Correct a step; whether it deviates is computed anew, and the correction's reason stands where none was given."""
    new: dict[str, Any] = {}
    for name, text in fields.items():
        if name not in _STEP_FIELDS:
            raise UnknownNameError("field of a step", name, _STEP_FIELDS)
        if name in VALUES:
            new |= read_values({name: text})
        elif name.endswith("_at"):
            when = read_moment(text, name)
            offset = when.utcoffset()
            new |= {name: when, f"{name}_offset_min": int(offset.total_seconds() // 60) if offset else 0}
        elif name == "instrument":
            new["instrument_id"] = writer.codes.id_of("instrument", text)
        else:
            new[name] = text
    planned = session.exec(
        select(ProtocolStepRow).where(
            ProtocolStepRow.protocol_id == batch.protocol_id, ProtocolStepRow.seq == current.seq
        )
    ).first()
    if set(new) & {column for column, _, _ in VALUES.values()} and current.state != "skipped":
        deviation = deviation_of({**current.model_dump(), **new}, planned)
        new["deviation"] = deviation
        new.setdefault("deviation_reason", (current.deviation_reason or why) if deviation else None)
    return _replace(session, Step, current, new)
