"""Command: dose, what X-ray dose a sample and every aliquot that came from it has been given."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from labdb.cli.options import CsvOption, JsonOption, LabOption, reading
from labdb.cli.output import emit

if TYPE_CHECKING:
    from labdb.queries.dose import DoseEntry, DoseLedger, DoseTotal

COURSE_GY = 60.0
"""Upper end of a whole radiotherapy course, 40 to 60 Gy (Carulli et al., ACS Energy Lett. 2023, 8, 1795)."""

_EXPOSURE = {
    "irradiation": "string",
    "purpose": "string?",
    "dose": "quantity?",
    "dose_origin": "=segments|measured|stated",
    "started_at": "string?",
    "on_time_s": "number?",
    "segments": "integer",
    "calibrations": ["string"],
    "inherited_from": ("string?", "the sample that was irradiated before this one was taken from it"),
    "medium": "string?",
    "reference_point": "string?",
    "beam_filter": "string?",
    "not_stated": ["string"],
}
SCHEMAS = {
    "dose": {
        "sample": ("string", "the aliquot"),
        "total": ("quantity?", "its own and inherited exposures; null while a segment is open or overlaps"),
        "courses": ("number?", "the total over a course of 60 Gy"),
        "exposures": [_EXPOSURE],
        "findings": ["finding"],
    }
}


def register(app: typer.Typer) -> None:
    """Hang `labdb dose` into the app."""
    app.command("dose")(dose)


def dose(
    sample: Annotated[str, typer.Argument(help="A sample, by code or alias; its aliquots are listed with it.")],
    lab: LabOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Show the absorbed dose of a sample and of each aliquot: every exposure, and the total in courses of 60 Gy.

    Example: labdb dose S-I
    """
    from labdb.queries.dose import dose_ledger

    with reading(lab) as session:
        ledger = dose_ledger(session, sample)
    if as_csv:
        emit("dose", _flat(ledger), columns=list(_FLAT), as_json=as_json, as_csv=True)
        return
    rows = [_row(ledger, total) for total in ledger.totals]
    emit(
        "dose",
        rows,
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=_lines(ledger),
        next_step=f"labdb trend RL --sample {ledger.sample}, or labdb check"
        if any(total.exposures for total in ledger.totals)
        else "record an exposure: labdb form irradiations, labdb form beam_segments",
    )


def not_stated(entry: "DoseEntry") -> list[str]:
    """List what an exposure's record leaves out and a dose at depth would need."""
    named = {"medium": entry.medium, "reference point": entry.reference_point, "filter": entry.beam_filter}
    return [name for name, value in named.items() if value is None]


def _of(ledger: "DoseLedger", sample: str) -> "list[DoseEntry]":
    return [entry for entry in ledger.entries if entry.sample == sample]


def _courses(total: "DoseTotal") -> float | None:
    return None if total.total is None else total.total.to("Gy").value / COURSE_GY


def _row(ledger: "DoseLedger", total: "DoseTotal") -> dict[str, Any]:
    entries = _of(ledger, total.sample)
    codes = {entry.irradiation for entry in entries}
    return {
        "sample": total.sample,
        "total": total.total,
        "courses": _courses(total),
        "exposures": [
            {name: getattr(entry, name) for name in _EXPOSURE if name != "not_stated"}
            | {"not_stated": not_stated(entry)}
            for entry in entries
        ],
        "findings": [one for one in ledger.findings if one.subject in codes],
    }


_FLAT = ("sample", "irradiation", "purpose", "dose_gy", "u_dose_gy", "dose_origin", "on_time_s", "inherited_from")


def _flat(ledger: "DoseLedger") -> list[dict[str, Any]]:
    return [
        {name: getattr(entry, name, None) for name in _FLAT}
        | {
            "dose_gy": None if entry.dose is None else entry.dose.to("Gy").value,
            "u_dose_gy": None if entry.dose is None else entry.dose.to("Gy").u,
        }
        for entry in ledger.entries
    ]


def _lines(ledger: "DoseLedger") -> list[str]:
    lines: list[str] = []
    for total in ledger.totals:
        if not total.exposures:
            lines.append(f"{total.sample}  no exposure of its own recorded")
            continue
        amount = "not known" if total.total is None else str(total.total)
        lines.append(f"{total.sample}  {amount}{_course_words(_courses(total))}")
        lines += [f"  {_entry_words(entry)}" for entry in _of(ledger, total.sample)]
    lines += [f"  {finding}" for finding in ledger.findings]
    return lines


def _course_words(courses: float | None) -> str:
    if courses is None:
        return ""
    return f", {courses:.3g} {'course' if courses == 1 else 'courses'} of {COURSE_GY:g} Gy"


def _entry_words(entry: "DoseEntry") -> str:
    parts = [
        entry.irradiation,
        entry.purpose or "purpose not stated",
        str(entry.dose) if entry.dose else "dose not known",
    ]
    if entry.dose_origin == "segments":
        beam = f"from {entry.segments} beam segment{'s' if entry.segments != 1 else ''}"
        on = f", {entry.on_time_s:g} s on" if entry.on_time_s is not None else ""
        by = f", calibration {', '.join(entry.calibrations)}" if entry.calibrations else ", no calibration named"
        parts.append(beam + on + by)
    else:
        parts.append(entry.dose_origin)
    if entry.inherited_from:
        parts.append(f"given to {entry.inherited_from} before the split")
    missing = not_stated(entry)
    if missing:
        parts.append(f"not stated: {', '.join(missing)}")
    return "   ".join(parts)
