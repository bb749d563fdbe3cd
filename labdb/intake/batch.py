"""Take in batches: a new one from flags or from a YAML file, and the forms batches and weighings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Field

from labdb.errors import ConflictError, InputError, ReadError, UnknownNameError
from labdb.intake.chemical import chemical_named, template_of
from labdb.intake.code import next_code
from labdb.intake.form import Form, build, columns_of, flat_form, plain_number, validation_message
from labdb.intake.moment import read_moment
from labdb.intake.protocol import protocol_named
from labdb.intake.writer import CellError, Line, Writer
from labdb.lab import Lab
from labdb.provenance.note import AliasRow
from labdb.quantity import Quantity, parse_quantity
from labdb.record import Record
from labdb.synthesis.batch import Batch, BatchRow, Weighing, WeighingRow
from labdb.synthesis.composition import HALIDES, charge_balance, parse_formula
from labdb.units import conversion, same_measure


class WeighingRequest(Record):
    """One weighing as typed: the chemical by code, name or formula; the amount with its unit."""

    chemical: str | None = None
    amount: str
    planned: str | None = None
    lot: str | None = None
    balance: str | None = None


class BatchRequest(Record):
    """A batch as typed; a YAML file and the flags of ``labdb batch new`` fill the same fields."""

    composition: str
    protocol: str | None = None
    code: str | None = None
    label: str | None = None
    alias: list[str] = Field(default_factory=list)
    target_w: str | None = None
    started_at: str | None = None
    operator: str | None = None
    silica: WeighingRequest | None = None
    weigh: list[WeighingRequest] = Field(default_factory=list)
    balance: str | None = None


@dataclass(frozen=True)
class NewBatch:
    """What became of a request."""

    code: str
    label: str
    registered: tuple[str, ...]


def read_batch_request(path: Path) -> BatchRequest:
    """Read a batch from a YAML file.

    Parameters
    ----------
    path : Path
        Fields of `BatchRequest`; ``silica: 1.0020 g`` or a mapping; ``weigh:`` chemical to amount, or to a mapping with
        amount, lot, balance, planned; ``alias:`` a text or a list.

    Returns
    -------
    BatchRequest
        As typed.

    Raises
    ------
    ReadError
        Not plain YAML, or a field that does not fit; with its line.
    UnknownNameError
        An unknown field; names the nearest.
    """
    from labdb.readers.document import read_document

    document = read_document(path)
    for name in document:
        if name not in BatchRequest.model_fields:
            where = f"field in {path.name}, line {document.lines[name]}"
            raise UnknownNameError(where, name, list(BatchRequest.model_fields))
    fields: dict[str, Any] = {name: value for name, value in document.items() if value != ""}
    if isinstance(fields.get("alias"), str):
        fields["alias"] = [fields["alias"]]
    if isinstance(fields.get("silica"), str):
        fields["silica"] = {"amount": fields["silica"]}
    weigh = fields.get("weigh", {})
    if not isinstance(weigh, dict):
        found = "a list or a text"
        raise ReadError(path, found, "chemical: amount, one a line, under weigh", line=document.lines["weigh"])
    fields["weigh"] = [
        {"chemical": chemical, **(given if isinstance(given, dict) else {"amount": given})}
        for chemical, given in weigh.items()
    ]
    try:
        return BatchRequest.model_validate(fields)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        top = place.split(".")[0]
        line = document.lines.get(top)
        raise ReadError(path, f"{place}: {validation_message(error)[1]}", "the form in the help", line=line) from error


def read_weighing(text: str) -> WeighingRequest:
    """Read a weighing as typed after --weigh.

    Parameters
    ----------
    text : str
        ``CsBr=91.9 mg``, or with the lot ``CsBr=91.9 mg @L-CSBR-1``.

    Returns
    -------
    WeighingRequest
        As typed.

    Raises
    ------
    InputError
        There is no "=".

    Examples
    --------
    >>> read_weighing("CsBr=91.9 mg @L-1").lot
    'L-1'
    """
    chemical, equals, rest = text.partition("=")
    amount, _, lot = rest.partition("@")
    if not equals or not chemical.strip() or not amount.strip():
        raise InputError(f'--weigh: found "{text}"; expected CHEMICAL=AMOUNT, such as CsBr="91.9 mg"')
    return WeighingRequest(chemical=chemical.strip(), amount=amount.strip(), lot=lot.strip() or None)


def read_amount(text: str, what: str) -> Quantity:
    """Read a mass or a volume.

    Parameters
    ----------
    text : str
        "91.9 mg", "1.0020 g", "25.00(5) mg", "200 mL".
    what : str
        What was weighed, for the message.

    Returns
    -------
    Quantity
        Kind mass in mg, or kind volume in mL; not negative.

    Raises
    ------
    InputError
        No number, no unit, a bound, negative, or neither a mass nor a volume.

    Examples
    --------
    >>> read_amount("1.0020 g", "SiO2").value
    1002.0
    """
    try:
        typed = parse_quantity(text)
        kind = "mass" if same_measure(typed.unit, "mg") else "volume" if same_measure(typed.unit, "mL") else None
        if kind is None:
            raise InputError(f'"{text}": found the unit "{typed.unit}"; expected a mass or a volume, such as mg or mL')
        if typed.censoring != "none" or typed.value <= 0:
            raise InputError(f'"{text}": expected a weighed amount above 0')
        return parse_quantity(text, kind=kind).canonical()
    except InputError as error:
        raise InputError(f"{what}: {error}") from error


def check_composition(composition: str) -> str:
    """Refuse a composition that is no formula, or whose charges do not cancel.

    Parameters
    ----------
    composition : str
        Nominal composition.

    Returns
    -------
    str
        The same.

    Raises
    ------
    InputError
        Says which halides are missing or too many.
    """
    atoms = parse_formula(composition)
    if "Pb" in atoms and set(atoms) <= {"Li", "Na", "K", "Rb", "Cs", "Pb", *HALIDES}:
        balance = charge_balance(composition)
        if not balance.neutral:
            raise InputError(f"composition is not neutral: {balance.sentence}")
    return composition


def new_batch(lab: Lab, request: BatchRequest) -> NewBatch:
    """Store a new batch with its weighings and other names.

    Parameters
    ----------
    lab : Lab
        The open lab.
    request : BatchRequest
        As typed.

    Returns
    -------
    NewBatch
        Its code and label, and what was registered on the way.

    Raises
    ------
    InputError
        A value does not fit; nothing was stored.
    UnknownNameError
        No such protocol, lot, balance, chemical; names the nearest.
    ConflictError
        The code or an alias is taken.
    """
    check_composition(request.composition)
    with lab.write(None, "batch new") as session:
        writer = Writer.on(session)
        fields: dict[str, Any] = {
            "code": request.code or next_code(lab, writer, "batch"),
            "composition": request.composition,
            "label": request.label
            or (request.composition if request.composition == "SiO2" else f"{request.composition}-SiO2"),
            "operator": request.operator,
        }
        if writer.codes.find("batch", fields["code"]) is not None:
            raise ConflictError(f"batch {fields['code']} is already recorded: labdb batch show {fields['code']}")
        if request.protocol:
            fields["protocol_id"] = protocol_named(writer, request.protocol)
        if request.started_at:
            fields["started_at"] = read_moment(request.started_at, "started_at")
        if request.target_w:
            fields["target_w"] = parse_quantity(request.target_w, kind="perovskite_mass_fraction").to("1").value
        row = BatchRow.model_validate(Batch.model_validate(fields).model_dump())
        session.add(row)
        session.flush()
        writer.codes.remember("batch", row.code, row.id)
        registered = _weigh(writer, row.id, request)
        for alias in request.alias:
            add_alias(writer, alias, row.code)
        return NewBatch(row.code, str(row.label), tuple(registered))


def add_alias(writer: Writer, name: str, subject: str) -> None:
    """Store another name of something that has a code.

    Parameters
    ----------
    writer : Writer
        The intake in progress.
    name, subject : str
        The other name, and the code.

    Raises
    ------
    ConflictError
        The name is taken.
    """
    import sqlalchemy as sa

    sql = "SELECT subject FROM alias WHERE name = :name UNION ALL SELECT code FROM code_index WHERE code = :name"
    taken = writer.session.execute(sa.text(sql), {"name": name}).scalar()
    if taken is not None:
        raise ConflictError(f'"{name}" already names {taken}')
    writer.session.add(AliasRow(name=name, subject=subject))
    writer.session.flush()


def _weigh(writer: Writer, batch_id: UUID, request: BatchRequest) -> list[str]:
    """Store every weighing of a request; return what was registered."""
    registered: list[str] = []
    silica = [request.silica] if request.silica else []
    for one in [*silica, *request.weigh]:
        if one.chemical is None:
            chemical_id, news = template_of(writer)
        else:
            chemical_id, news = chemical_named(writer, one.chemical, register=True)
        registered += [news] if news else []
        what = one.chemical or "silica"
        amount = read_amount(one.amount, what)
        planned = read_amount(one.planned, what) if one.planned else None
        if planned is not None and planned.unit != amount.unit:
            raise InputError(f"{what}: planned {one.planned}, weighed {one.amount}: one is a mass, the other a volume")
        balance = one.balance or request.balance
        record = Weighing(
            batch_id=batch_id,
            chemical_id=chemical_id,
            lot_id=_lot(writer, one.lot, chemical_id, what),
            unit=amount.unit,
            planned=planned.value if planned else None,
            amount=amount.value,
            u=amount.u,
            instrument_id=writer.codes.id_of("instrument", balance) if balance else None,
        )
        writer.session.add(WeighingRow.model_validate(record.model_dump()))
    writer.session.flush()
    return registered


def _lot(writer: Writer, code: str | None, chemical_id: UUID, what: str) -> UUID | None:
    if code is None:
        return None
    from labdb.synthesis.chemical import LotRow

    lot = writer.session.get_one(LotRow, writer.codes.id_of("lot", code))
    if lot.chemical_id != chemical_id:
        raise InputError(f"{what}: lot {code} is a bottle of another chemical")
    return lot.id


_WEIGHING = columns_of(Weighing, WeighingRow)


def _store_weighings(writer: Writer, lines: Sequence[Line]) -> None:
    def one(line: Line) -> None:
        cells = dict(line.cells)
        if "chemical" in cells:
            try:
                cells["chemical"] = _chemical_code(writer, cells["chemical"])
            except InputError as error:
                raise CellError("chemical", str(error)) from error
        made = build(Weighing, WeighingRow, _WEIGHING, Line(line.file, line.number, _in_mg_or_ml(cells)), writer)
        writer.session.add(made)
        writer.stored["weighings"] += 1

    writer.each(list(lines), one)
    if not writer.findings:
        writer.session.flush()


def _chemical_code(writer: Writer, text: str) -> str:
    from labdb.synthesis.chemical import ChemicalRow

    chemical_id, _ = chemical_named(writer, text, register=False)
    return writer.session.get_one(ChemicalRow, chemical_id).code


def _in_mg_or_ml(cells: dict[str, str]) -> dict[str, str]:
    """Turn the amounts of a line into the two units a weighing is stored in."""
    unit = cells.get("unit")
    if unit is None or unit in ("mg", "mL"):
        return cells
    to_unit = next((one for one in ("mg", "mL") if same_measure(unit, one)), None)
    if to_unit is None:
        raise CellError("unit", f'found "{unit}"; expected a mass or a volume, such as mg or mL')
    for name in ("planned", "amount", "u"):
        if name in cells:
            try:
                number = float(plain_number(name, cells[name]))
            except ValueError as error:
                raise CellError(name, f'found "{cells[name]}"; expected a number') from error
            cells[name] = repr(conversion(unit, to_unit).value(number))
    return {**cells, "unit": to_unit}


def _check_batch(batch: BatchRow) -> None:
    try:
        check_composition(batch.composition)
    except InputError as error:
        raise CellError("composition", str(error)) from error


FORMS = (
    flat_form("batches", "a synthesis batch", 20, Batch, BatchRow, check=_check_batch),
    Form("weighings", "what was weighed or measured into a batch", 21, _WEIGHING, _store_weighings),
)
