"""A form: a table of one noun that a user may fill in. Flat forms follow from their Record class."""

import re
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Union, get_args, get_origin

import sqlalchemy as sa
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from labdb.database import ONCE_AMONG_CURRENT
from labdb.errors import UnknownNameError
from labdb.intake.consistency import make_consistent
from labdb.intake.writer import CellError, Line, Writer
from labdb.plugins import modules_of
from labdb.record import Origin, Record, Table

_DECIMAL_COMMA = re.compile(r"^[<>~≤≥ ]*[+-]?\d+,\d+")
EVERY_FORM = ("origin", "origin_note")


@dataclass(frozen=True)
class Column:
    """A column of a form: its name, what it holds, whether it must be there, the table a code in it refers to."""

    name: str
    holds: str
    required: bool = False
    refers_to: str | None = None


@dataclass(frozen=True)
class Form:
    """A table of one noun: its columns, when it is stored (rank), how."""

    name: str
    one_row_is: str
    rank: int
    columns: tuple[Column, ...]
    store: Callable[[Writer, list[Line]], None]
    check_others: Callable[[list[str]], object] | None = None
    """Says whether columns beside the form's own may stand there; without it none may."""
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the column names for recognition."""
        object.__setattr__(self, "names", frozenset(column.name for column in self.columns))

    @property
    def open_columns(self) -> bool:
        """Whether other columns may stand beside the form's own: quantity kinds."""
        return self.check_others is not None

    def required(self) -> frozenset[str]:
        """The columns that must be there."""
        return frozenset(column.name for column in self.columns if column.required)


def _is_optional(info: FieldInfo) -> bool:
    return not info.is_required() or type(None) in get_args(info.annotation)


def _type_name(info: FieldInfo) -> str:
    annotation: Any = info.annotation
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    members = getattr(annotation, "__members__", None)
    if members:
        return " | ".join(str(member.value) for member in members.values())
    names = {
        "float": "number",
        "int": "whole number",
        "str": "text",
        "bool": "yes or no",
        "UUID": "code",
        "datetime": "time with offset",
    }
    return str(names.get(annotation.__name__, annotation.__name__))


def _referred_table(row: type[Table], field_name: str) -> str | None:
    table: sa.Table = row.__table__  # type: ignore[attr-defined]
    column = table.c.get(field_name)
    keys = list(column.foreign_keys) if column is not None else []
    return keys[0].target_fullname.split(".")[0] if keys else None


def columns_of(record: type[Record], row: type[Table]) -> tuple[Column, ...]:
    """Derive a form's columns from a Record class: a foreign key becomes a code, an offset is left out.

    Parameters
    ----------
    record : type[Record]
        The validated record.
    row : type[Table]
        Its row class.

    Returns
    -------
    tuple of Column
        In the order of the record's fields, then origin and origin_note.
    """
    table: sa.Table = row.__table__  # type: ignore[attr-defined]
    columns = []
    for name, info in record.model_fields.items():
        if name.endswith("_offset_min"):
            continue
        refers_to = _referred_table(row, name) if name.endswith("_id") else None
        holds = f"code of a {refers_to.replace('_', ' ')}" if refers_to else _type_name(info)
        if isinstance(table.c[name].type, sa.BigInteger):
            holds = "whole number of ng, pL or pieces"
        columns.append(
            Column(name.removesuffix("_id") if refers_to else name, holds, not _is_optional(info), refers_to)
        )
    if "origin" in row.model_fields:
        columns.append(Column("origin", " | ".join(Origin)))
        columns.append(Column("origin_note", "text"))
    return tuple(columns)


def validation_message(error: ValidationError) -> tuple[str, str]:
    """Turn pydantic's first complaint into (column, sentence).

    Parameters
    ----------
    error : ValidationError
        What pydantic says.

    Returns
    -------
    tuple of (str, str)
        The field, and what was found and expected.
    """
    first = error.errors()[0]
    column = str(first["loc"][0]) if first["loc"] else ""
    found = first.get("input")
    expected = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    if first["type"] == "missing":
        return column, "nothing stands here; it is needed"
    if isinstance(found, dict):
        return column, expected
    return column, f'found "{found}"; expected {expected}'


def plain_number(column: str, text: str) -> str:
    """Refuse a decimal comma with advice; otherwise give the text back."""
    if _DECIMAL_COMMA.match(text):
        raise CellError(column, f'found "{text}": a decimal comma; write {text.replace(",", ".", 1)}')
    return text


_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_LARGEST_WHOLE = 2**31 - 1  # what a column of whole numbers holds on both databases


def whole_number(column: str, text: str) -> int:
    """Read a whole number of ordinary size; anything else is a CellError."""
    if not _WHOLE_NUMBER.fullmatch(text):
        raise CellError(column, f'found "{text}"; expected a whole number')
    if abs(int(text)) > _LARGEST_WHOLE:
        raise CellError(column, f'found "{text}"; expected a whole number of at most {_LARGEST_WHOLE}')
    return int(text)


def moment_cell(column: str, text: str) -> datetime:
    """Read a time with its UTC offset; anything else is a CellError."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise CellError(column, f'found "{text}"; expected a time such as 2026-11-06T10:00+01:00') from None
    if when.tzinfo is None:
        written = when.isoformat(timespec="minutes")
        raise CellError(column, f'found "{text}", a time without its UTC offset; write for example {written}+01:00')
    return when


_YES_NO = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


def read_cells(form_columns: Iterable[Column], line: Line, writer: Writer) -> dict[str, Any]:
    """Turn a line's cells into a record's fields: codes become identifiers, yes/no becomes a truth value.

    Parameters
    ----------
    form_columns : iterable of Column
        The columns to read.
    line : Line
        The row.
    writer : Writer
        Knows the codes.

    Returns
    -------
    dict
        Field name to value; what is not stated is left out.
    """
    fields: dict[str, Any] = {}
    for column in form_columns:
        text = line.cells.get(column.name)
        if text is None:
            continue
        if column.refers_to:
            try:
                fields[f"{column.name}_id"] = writer.codes.id_of(column.refers_to, text)
            except UnknownNameError as error:
                raise CellError(column.name, str(error)) from error
        elif column.holds == "yes or no":
            if text.lower() not in _YES_NO:
                raise CellError(column.name, f'found "{text}"; expected yes or no')
            fields[column.name] = _YES_NO[text.lower()]
        else:
            fields[column.name] = _read_cell(column, text)
    return fields


def _read_cell(column: Column, text: str) -> Any:  # noqa: ANN401 - whatever the record's field holds
    if column.holds == "time with offset":
        return moment_cell(column.name, text)
    if column.holds == "whole number":
        return whole_number(column.name, text)
    return plain_number(column.name, text) if column.holds == "number" else text


def read_origin(text: object) -> Origin:
    """Read where a value comes from: measured, if nothing is said; a CellError for a word that is none."""
    try:
        return Origin.MEASURED if text is None else Origin(str(text))
    except ValueError:
        raise CellError("origin", f'found "{text}"; expected one of {", ".join(Origin)}') from None


def build(record: type[Record], row: type[Table], columns: Iterable[Column], line: Line, writer: Writer) -> Table:
    """Validate a line as a record and make its row.

    Parameters
    ----------
    record, row : type
        The record class and its row class.
    columns : iterable of Column
        The form's columns.
    line : Line
        The user's row.
    writer : Writer
        Knows the codes.

    Returns
    -------
    Table
        The row, not yet added to the session.

    Raises
    ------
    CellError
        A cell is wrong; names its column.
    """
    fields = read_cells(columns, line, writer)
    extra = {name: fields.pop(name) for name in EVERY_FORM if name in fields}
    try:
        made = row.model_validate(record.model_validate(fields).model_dump(exclude_none=True))
        for name, value in extra.items():
            setattr(made, name, value)
    except ValidationError as error:
        column, message = validation_message(error)
        raise CellError(column.removesuffix("_id"), message) from error
    make_consistent(str(row.__tablename__), made)
    return made


def _keys_taken(writer: Writer, table: sa.Table, key: tuple[str, ...]) -> set[tuple[Any, ...]]:
    columns = [table.c[name] for name in key]
    found = writer.session.connection().execute(sa.select(*columns).where(table.c.void_change_id.is_(None)))
    return {tuple(row) for row in found}


def flat_form(
    name: str,
    one_row_is: str,
    rank: int,
    record: type[Record],
    row: type[Table],
    check: Callable[[Any], None] | None = None,
) -> Form:
    """Make the form of a noun whose rows are stored as they come.

    Parameters
    ----------
    name : str
        The form's name, also the stem of its file.
    one_row_is : str
        What one row is.
    rank : int, scalar [1]
        Forms of a smaller rank are stored first.
    record, row : type
        The record class and its row class.
    check : callable, optional
        Looks at each row made, and raises a CellError for what no single cell can tell.

    Returns
    -------
    Form
        Stores each line; a code that exists already is a problem, not an update.
    """
    columns = columns_of(record, row)
    table: sa.Table = row.__table__  # type: ignore[attr-defined]
    key = ONCE_AMONG_CURRENT.get(table.name, ())

    def store(writer: Writer, lines: list[Line]) -> None:
        taken = _keys_taken(writer, table, key) if key else set()

        def one(line: Line) -> None:
            made = build(record, row, columns, line, writer)
            if check is not None:
                check(made)
            code = getattr(made, "code", None)
            if code is not None:
                if writer.codes.find(table.name, code) is not None:
                    raise CellError("code", f"{code} is already recorded; to change it: labdb correct {code}")
                writer.codes.remember(table.name, code, made.id)
            own = tuple(getattr(made, column) for column in key)
            if key and own in taken:
                names = [column.removesuffix("_id") for column in key]
                words = ", ".join(f"{column} {line.cells[column]}" for column in names)
                raise CellError(names[-1], f"{words} is already recorded")
            taken.add(own)
            writer.session.add(made)
            writer.stored[name] += 1

        writer.each(lines, one)
        if not writer.findings:
            writer.session.flush()

    return Form(name, one_row_is, rank, columns, store)


def forms() -> dict[str, Form]:
    """Find every form: each module of this folder may offer ``FORMS``.

    Returns
    -------
    dict
        By name, in the order they are stored.
    """
    import labdb.intake

    found = [form for module in modules_of(labdb.intake) for form in getattr(module, "FORMS", ())]
    return {form.name: form for form in sorted(found, key=lambda form: form.rank)}
