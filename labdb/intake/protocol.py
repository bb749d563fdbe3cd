"""Find the protocol a batch names; one that labdb brings along is written into the lab at its first use."""

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import labdb.workflow
from labdb.errors import ReadError, UnknownNameError
from labdb.intake.writer import Writer
from labdb.quantity import parse_quantity
from labdb.record import Origin
from labdb.workflow.protocol import Protocol, ProtocolRow, ProtocolStep, ProtocolStepRow

_SHIPPED = Path(labdb.workflow.__file__).with_name("protocols")
# Field of the document -> column, quantity kind, unit of the column.
_VALUES = {
    "temperature": ("temperature_degc", "temperature", "degC"),
    "temperature_tolerance": ("temperature_tolerance_degc", "temperature_difference", "K"),
    "ramp": ("ramp_degc_per_min", "temperature_rate", "degC/min"),
    "ramp_tolerance": ("ramp_tolerance_degc_per_min", "temperature_rate", "degC/min"),
    "dwell": ("dwell_min", "duration", "min"),
    "dwell_tolerance": ("dwell_tolerance_min", "duration", "min"),
}


@cache
def shipped_protocols() -> dict[str, dict[str, Any]]:
    """Return the protocols labdb brings along, by code, as written in ``workflow/protocols/``.

    Raises
    ------
    ReadError
        A file is damaged.
    """
    from labdb.readers.document import read_document

    documents = [read_document(path) for path in sorted(_SHIPPED.glob("*.yaml"))]
    return {document["code"]: dict(document) for document in documents}


def protocol_named(writer: Writer, text: str) -> UUID:
    """Find a protocol by code or alias, or write a shipped one into the lab.

    Parameters
    ----------
    writer : Writer
        The intake in progress.
    text : str
        The code.

    Returns
    -------
    UUID
        The protocol.

    Raises
    ------
    UnknownNameError
        Neither the lab nor labdb has it; names the nearest.
    """
    found = writer.codes.find("protocol", text)
    if found is not None:
        return found
    shipped = shipped_protocols()
    if text not in shipped:
        raise UnknownNameError("protocol", text, [*shipped, *writer.codes.known("protocol")])
    return _install(writer, shipped[text])


def _install(writer: Writer, document: dict[str, Any]) -> UUID:
    record = Protocol(code=document["code"], title=document["title"])
    row = ProtocolRow.model_validate(record.model_dump())
    row.origin, row.origin_note = Origin.TRANSCRIBED, document["source"]
    writer.session.add(row)
    writer.session.flush()
    writer.codes.remember("protocol", row.code, row.id)
    for seq, step in enumerate(document["steps"], start=1):
        writer.session.add(ProtocolStepRow.model_validate(_step(row.id, seq, step).model_dump()))
    writer.session.flush()
    return row.id


def _step(protocol_id: UUID, seq: int, document: dict[str, str]) -> ProtocolStep:
    unknown = sorted(set(document) - {"kind", "detail", *_VALUES})
    if unknown:
        raise ReadError(_SHIPPED, found=f'step {seq}: "{unknown[0]}"', expected=f"one of {', '.join(_VALUES)}")
    planned = {
        column: parse_quantity(document[name], kind=kind).to(unit).value
        for name, (column, kind, unit) in _VALUES.items()
        if name in document
    }
    return ProtocolStep.model_validate(
        {"protocol_id": protocol_id, "seq": seq, "kind": document["kind"], "detail": document.get("detail"), **planned}
    )
