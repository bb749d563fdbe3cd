"""Take in observations: one measurement a row, long (quantity, value) or wide (a column per quantity kind)."""

from functools import partial

from labdb.errors import InputError, UnknownNameError
from labdb.intake.form import Column, Form
from labdb.intake.measurement import ACT, RIBS, Entry, Recorder
from labdb.intake.quantity_column import QuantityColumn, quantity_columns
from labdb.intake.value import read_value
from labdb.intake.writer import CellError, Line, Writer
from labdb.kinds import quantity_kind
from labdb.quantity import ThresholdMeaning

_COLUMNS = (
    *(column for column in ACT if column.name not in ("origin", "origin_note")),
    Column("age", "days, or an age with its unit"),
    Column("quantity", "quantity kind"),
    Column("value", "as typed: 10.15, <10, 55 ± 5, 0.55(5)"),
    Column("unit", "unit of value and u"),
    Column("u", "standard uncertainty; with coverage k=2, twice that"),
    Column("coverage", "k=1, k=2, not stated; empty is k=1 for u, not stated for ±"),
    Column("threshold_meaning", " | ".join(ThresholdMeaning)),
    Column("n", "whole number"),
    Column("missing_reason", "why there is no value"),
    *(column for rib in RIBS for column in rib.columns),
    *(column for column in ACT if column.name in ("origin", "origin_note")),
)
NAMES = frozenset(column.name for column in _COLUMNS)
_LONG_ONLY = ("value", "unit", "u")


def _entries(line: Line, wide: dict[str, QuantityColumn]) -> list[Entry]:
    """Read the results of one row."""
    cells = line.cells
    filled = [name for name in wide if name in cells]
    if "quantity" in cells:
        if filled:
            raise CellError(
                filled[0], "this row names its quantity in column quantity already; use one way or the other"
            )
        return [_long(line)]
    for name in _LONG_ONLY:
        if name in cells:
            raise CellError(name, "this column belongs to column quantity, where nothing stands")
    reason = cells.get("missing_reason")
    if not filled and not (reason and wide):
        raise InputError("no quantity in this row; give a column such as Pb or PL, or quantity and value")
    found = [Entry(wide[name].kind, read_value(line, wide[name]), cells[name]) for name in filled]
    if reason:
        missing = [column for name, column in wide.items() if name not in cells]
        if not missing:
            raise CellError("missing_reason", f'found "{reason}", but no value is missing in this row')
        found += [Entry(column.kind, missing_reason=reason) for column in missing]
    return found


def _long(line: Line) -> Entry:
    cells = line.cells
    try:
        kind = quantity_kind(cells["quantity"])
    except UnknownNameError as error:
        raise CellError("quantity", str(error)) from error
    if "missing_reason" in cells:
        if "value" in cells:
            raise CellError("missing_reason", "there is a value too; give a value or a reason why there is none")
        return Entry(kind.name, missing_reason=cells["missing_reason"])
    if "value" not in cells:
        raise CellError("value", "nothing stands here; give a value, or a missing_reason")
    try:
        unit = kind.read_unit(cells.get("unit", kind.unit))
    except InputError as error:
        raise CellError("unit", str(error)) from error
    return Entry(kind.name, read_value(line, QuantityColumn("value", kind.name, unit, "u")), cells["value"])


def _store(writer: Writer, lines: list[Line]) -> None:
    recorder = Recorder(writer)
    wide = quantity_columns(writer.header, NAMES)

    def one(line: Line) -> None:
        whole = line.within(writer.context)
        recorder.add(whole, _entries(whole, wide))
        writer.stored["observations"] += 1

    writer.each(lines, one)
    if not writer.findings:
        recorder.flush()


FORMS = (
    Form(
        "observations",
        "one measurement of one sample",
        60,
        _COLUMNS,
        _store,
        check_others=partial(quantity_columns, own=NAMES),
    ),
)
