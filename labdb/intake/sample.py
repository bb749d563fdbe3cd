"""Take in samples: a batch's powder, portions and suspensions of it, controls and blanks.

Amounts become whole numbers of ng, pL or pieces.
"""

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from labdb.errors import ConflictError, UnknownNameError
from labdb.intake.form import (
    EVERY_FORM,
    Column,
    Form,
    columns_of,
    plain_number,
    read_cells,
    read_origin,
    validation_message,
)
from labdb.intake.writer import CellError, Line, Writer
from labdb.quantity import Quantity
from labdb.record import Origin
from labdb.synthesis.sample import (
    AmountUnit,
    ControlRow,
    Sample,
    SampleOriginRow,
    SampleRow,
    Suspension,
    SuspensionRow,
)

_WHOLE: dict[str, tuple[AmountUnit, Decimal]] = {
    "g": (AmountUnit.NANOGRAM, Decimal(10) ** 9),
    "mg": (AmountUnit.NANOGRAM, Decimal(10) ** 6),
    "ug": (AmountUnit.NANOGRAM, Decimal(10) ** 3),
    "ng": (AmountUnit.NANOGRAM, Decimal(1)),
    "L": (AmountUnit.PICOLITRE, Decimal(10) ** 12),
    "mL": (AmountUnit.PICOLITRE, Decimal(10) ** 9),
    "uL": (AmountUnit.PICOLITRE, Decimal(10) ** 6),
    "pieces": (AmountUnit.PIECE, Decimal(1)),
}
_LARGEST = 2**62  # in ng, pL or pieces; the column holds 2**63 - 1, and portions add up
_LARGEST_EXPONENT = 18
_SHOWN = {
    AmountUnit.NANOGRAM: ("mg", Decimal(10) ** 6),
    AmountUnit.PICOLITRE: ("mL", Decimal(10) ** 9),
    AmountUnit.PIECE: ("pieces", Decimal(1)),
}


def whole_amount(text: str, unit: str, column: str = "amount") -> tuple[int, AmountUnit]:
    """Turn an amount as typed into a whole number of ng, pL or pieces, exactly.

    Parameters
    ----------
    text : str
        A decimal number, not negative.
    unit : str
        g, mg, ug, ng, L, mL, uL or pieces.
    column : str
        The column it stands in, for the message.

    Returns
    -------
    tuple of (int, AmountUnit)
        The amount and its whole-number unit.

    Raises
    ------
    CellError
        No number, negative, not finite, or an unknown unit.

    Examples
    --------
    >>> whole_amount("25.00", "mg")
    (25000000, <AmountUnit.NANOGRAM: 'ng'>)
    """
    if unit not in _WHOLE:
        raise CellError(column, f'found the unit "{unit}"; expected one of {", ".join(_WHOLE)}')
    try:
        number = Decimal(plain_number(column, text))
    except InvalidOperation as error:
        raise CellError(column, f'found "{text}"; expected a number') from error
    if not number.is_finite() or number < 0:
        raise CellError(column, f'found "{text}"; an amount is a finite number, not negative')
    whole, factor = _WHOLE[unit]
    if number.adjusted() > _LARGEST_EXPONENT or (exact := number * factor) > _LARGEST:
        raise CellError(column, f'found "{text} {unit}"; expected at most {shown_amount(_LARGEST, whole)}')
    counted = int(exact.to_integral_value())
    if unit == "pieces" and counted != number:
        raise CellError(column, f'found "{text}"; expected whole pieces')
    if number and not counted:
        raise CellError(column, f'found "{text} {unit}"; amounts are kept to 1 {whole}, this is less')
    return counted, whole


def shown_amount(whole: int, unit: AmountUnit | str) -> str:
    """Write a whole-number amount for people: mg, mL or pieces.

    Examples
    --------
    >>> shown_amount(387_000_000, "ng")
    '387.0 mg'
    """
    name, factor = _SHOWN[AmountUnit(unit)]
    number = Decimal(whole) / factor
    text = f"{number.normalize():f}"
    return f"{text if '.' in text or name == 'pieces' else text + '.0'} {name}"


_SAMPLE_COLUMNS = tuple(
    column for column in columns_of(Sample, SampleRow) if column.name not in ("amount", "amount_unit", "u_amount")
)
_PARENT = Column("parent", "code of a sample", refers_to="sample")
_COLUMNS = (
    *(column for column in _SAMPLE_COLUMNS if column.name not in EVERY_FORM),
    _PARENT,
    Column("taken", "number"),
    Column("taken_unit", "mg | mL | pieces"),
    Column("amount", "number"),
    Column("u_amount", "number"),
    Column("amount_unit", "mg | mL | pieces"),
    Column("medium", "text"),
    Column("mass_mg", "number"),
    Column("u_mass_mg", "number"),
    Column("volume_ml", "number"),
    Column("u_volume_ml", "number"),
    Column("particle_loading_mg_per_ml", "number"),
    Column("u_particle_loading_mg_per_ml", "number"),
    Column("control_for", "codes of samples or runs, joined by ;"),
    *(column for column in _SAMPLE_COLUMNS if column.name in EVERY_FORM),
)


def _amounts(line: Line) -> dict[str, Any]:
    if "amount" not in line.cells:
        return {}
    unit = line.cells.get("amount_unit")
    if unit is None:
        raise CellError("amount_unit", "an amount needs its unit: mg, mL or pieces")
    amount, whole = whole_amount(line.cells["amount"], unit)
    fields: dict[str, Any] = {"amount": amount, "amount_unit": whole}
    if "u_amount" in line.cells:
        fields["u_amount"] = whole_amount(line.cells["u_amount"], unit, "u_amount")[0]
    return fields


def _suspension(line: Line, sample_id: UUID, origin: Origin) -> SuspensionRow | None:
    """The make-up of a suspension; its loading is mass over volume where it is not given itself."""
    names = [name for name in Suspension.model_fields if name in line.cells]
    if not set(names) - {"medium"}:  # a loading that is not stated is no row: what needs it says so
        return None
    fields: dict[str, Any] = {}
    for name in names:
        text = line.cells[name]
        fields[name] = text if name == "medium" else plain_number(name, text)
    if "particle_loading_mg_per_ml" not in fields:
        fields |= _loading(fields)
    record = Suspension.model_validate({"medium": "not stated", **fields, "sample_id": sample_id})
    row = SuspensionRow.model_validate(record.model_dump())
    row.origin = origin
    return row


def _loading(fields: dict[str, Any]) -> dict[str, float | None]:
    if "mass_mg" not in fields or "volume_ml" not in fields:
        raise CellError(
            "particle_loading_mg_per_ml",
            "nothing stands here; a suspension needs it, or mass_mg and volume_ml (0 for a blank)",
        )
    numbers = Suspension.model_validate(
        {**fields, "sample_id": UUID(int=0), "medium": "", "particle_loading_mg_per_ml": 0}
    )
    mass = Quantity(numbers.mass_mg or 0.0, "mg", "mass", numbers.u_mass_mg)
    volume = Quantity(numbers.volume_ml or 0.0, "mL", "volume", numbers.u_volume_ml)
    loading = (mass / volume).as_kind("particle_loading").canonical()
    return {"particle_loading_mg_per_ml": loading.value, "u_particle_loading_mg_per_ml": loading.u}


def _take(writer: Writer, line: Line, sample: SampleRow, parent_id: UUID) -> None:
    """Take from the parent; the database refuses to hand out more than there is."""
    parent = writer.session.get_one(SampleRow, parent_id)
    if parent.id == sample.id:
        raise CellError("parent", f"{sample.code} cannot be taken from itself")
    taken = 0
    if "taken" in line.cells and sample.alternative_of_id is None:
        default = _SHOWN[parent.amount_unit][0] if parent.amount_unit else "mg"
        taken, unit = whole_amount(line.cells["taken"], line.cells.get("taken_unit", default), "taken")
        if parent.amount_unit is not None and unit is not parent.amount_unit:
            raise CellError("taken_unit", f"{parent.code} is measured in {_SHOWN[parent.amount_unit][0]}")
        if parent.amount is None and taken:
            raise CellError("taken", f"{parent.code} has no amount recorded, so nothing can be taken from it")
    hand_out(writer, parent, sample, taken)


def hand_out(writer: Writer, parent: SampleRow, child: SampleRow, taken: int) -> None:
    """Record how much of a parent went into a child, inside a savepoint.

    Parameters
    ----------
    writer : Writer
        The intake in progress.
    parent, child : SampleRow
        Both already flushed.
    taken : int, scalar [1]
        In the parent's whole-number unit (ng, pL or pieces).

    Raises
    ------
    ConflictError
        The parent has not that much left; says how much it has.
    """
    session = writer.session
    try:
        with session.begin_nested():
            session.add(
                SampleOriginRow(
                    child_id=child.id, parent_id=parent.id, taken=taken, change_id=session.info["change_id"]
                )
            )
            session.flush()
    except IntegrityError as error:
        session.expire(parent)
        left = (parent.amount or 0) - parent.handed_out
        unit = parent.amount_unit or AmountUnit.NANOGRAM
        raise ConflictError(
            f"{parent.code} has {shown_amount(left, unit)} left; {shown_amount(taken, unit)} were asked for. "
            "Nothing was taken."
        ) from error


def _controls(writer: Writer, line: Line, sample_id: UUID) -> None:
    for code in filter(None, (part.strip() for part in line.cells.get("control_for", "").split(";"))):
        subject = writer.codes.find("sample", code)
        run = writer.codes.find("run", code) if subject is None else None
        if subject is None and run is None:
            known = [*writer.codes.known("sample"), *writer.codes.known("run")]
            raise CellError("control_for", str(UnknownNameError("sample or run", code, known)))
        writer.session.add(ControlRow(control_id=sample_id, sample_id=subject, run_id=run))


def add_sample(writer: Writer, line: Line) -> SampleRow:
    """Store one sample from a line of the form: with its amount, its parent, its loading.

    Parameters
    ----------
    writer : Writer
        The intake in progress.
    line : Line
        The sample's cells.

    Returns
    -------
    SampleRow
        The sample, flushed.

    Raises
    ------
    CellError
        A cell is wrong, or the code exists already.
    ConflictError
        The parent has not enough left.
    """
    fields = read_cells(_SAMPLE_COLUMNS, line, writer) | _amounts(line)
    origin = read_origin(fields.pop("origin", None))
    note = fields.pop("origin_note", None)
    try:
        record = Sample.model_validate(fields)
        row = SampleRow.model_validate(record.model_dump(exclude_none=True) | {"origin": origin, "origin_note": note})
        if writer.codes.find("sample", row.code) is not None:
            raise CellError("code", f"{row.code} is already recorded; to change it: labdb correct {row.code}")
        suspension = _suspension(line, row.id, origin)
    except ValidationError as error:
        column, message = validation_message(error)
        raise CellError(column, message) from error
    writer.session.add(row)
    writer.session.flush()
    writer.codes.remember("sample", row.code, row.id)
    if suspension is not None:
        writer.session.add(suspension)
    parent = read_cells([_PARENT], line, writer)
    if parent:
        _take(writer, line, row, parent["parent_id"])
    elif "taken" in line.cells:
        raise CellError("parent", f"nothing stands here, but {line.cells['taken']} were taken; from which sample?")
    return row


def _store(writer: Writer, lines: list[Line]) -> None:
    added: list[tuple[Line, UUID]] = []

    def one(line: Line) -> None:
        try:
            added.append((line, add_sample(writer, line).id))
        except ConflictError as error:
            raise CellError("taken", str(error)) from error
        writer.stored["samples"] += 1

    writer.each(_parents_first(lines), one)
    if not writer.findings:  # a control may stand in the file before what it controls
        identifiers = {line.number: sample_id for line, sample_id in added}
        writer.each([line for line, _ in added], lambda line: _controls(writer, line, identifiers[line.number]))


def _parents_first(lines: list[Line]) -> list[Line]:
    """Order the lines so that a parent or an alternative of the same file is stored before its children."""
    by_code = {line.cells.get("code", ""): line for line in lines}
    ordered: dict[int, Line] = {}

    def place(line: Line, above: tuple[int, ...] = ()) -> None:
        if line.number in ordered or line.number in above:
            return
        for name in ("parent", "alternative_of"):
            before = by_code.get(line.cells.get(name, ""))
            if before is not None:
                place(before, (*above, line.number))
        ordered[line.number] = line

    for line in lines:
        place(line)
    return list(ordered.values())


FORMS = (Form("samples", "something one can hold: powder, suspension, vial, control, blank", 30, _COLUMNS, _store),)
