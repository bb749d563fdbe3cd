"""Say what an intake brought in: results and curves by sample and age, and what was taken from methods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from labdb.kinds import quantity_kind
from labdb.quantity import Censoring, Quantity

Row = Mapping[str, Any]
_LISTED = 6  # results written out one by one; more are counted
_MEANINGS = {"below_LC": "below LC", "below_LD": "below LD", "below_LQ": "below LQ"}
_CURVES = {"emission_spectrum": ("spectrum", "spectra"), "xrd_pattern": ("pattern", "patterns")}
_SHAPE = ("peak_wavelength", "spectral_width")  # read off a curve: nobody could have typed their uncertainty
_SETTINGS = (("excitation_nm", "ex", " nm"), ("slit_nm", "slit", " nm"), ("integration_time_s", "dwell", " s"))


@dataclass(frozen=True)
class IntakeReport:
    """What an intake stored (or, in a dry run, would store)."""

    code: str | None
    files: tuple[str, ...]
    formats: tuple[str, ...]
    stored: dict[str, int]
    samples: tuple[str, ...]
    curves: tuple[str, ...]
    results: tuple[str, ...]
    notes: tuple[str, ...]
    dry_run: bool

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        names = ("code", "files", "formats", "stored", "samples", "curves", "results", "notes", "dry_run")
        return {name: getattr(self, name) for name in names}


def _rows(session: Session, sql: str) -> Sequence[Row]:
    bound = sa.text(sql).bindparams(sa.bindparam("change", type_=sa.Uuid()))
    return [dict(row) for row in session.execute(bound, {"change": session.info["change_id"]}).mappings()]


def describe(session: Session) -> dict[str, tuple[str, ...]]:
    """Describe what the session's change brought in so far.

    Parameters
    ----------
    session : Session
        The write session of an intake, flushed.

    Returns
    -------
    dict
        samples, curves, results and notes, each a tuple of sentences.
    """
    sql = (
        "SELECT DISTINCT s.code FROM measurement m JOIN sample s ON s.id = m.sample_id"
        " WHERE m.change_id = :change ORDER BY s.code"
    )
    results = _rows(
        session,
        "SELECT r.kind, r.value, r.unit, r.u, r.u_origin, r.censoring, r.threshold_meaning, r.missing_reason, m.age_d,"
        " s.code AS sample, d.code AS method, d.external, d.what, d.unit AS method_unit, d.u_absolute, d.u_relative,"
        " d.blank_corrected, t.id AS trace FROM result r JOIN measurement m ON m.id = r.measurement_id"
        " JOIN sample s ON s.id = m.sample_id LEFT JOIN method d ON d.id = m.method_id"
        " LEFT JOIN trace t ON t.measurement_id = m.id WHERE r.change_id = :change"
        " ORDER BY s.code, m.age_d, r.kind, m.code",
    )
    typed = [row for row in results if row["trace"] is None]
    return {
        "samples": tuple(str(row["code"]) for row in _rows(session, sql)),
        "curves": tuple(_curves(session)),
        "results": tuple(_results(typed)),
        "notes": tuple(_notes(results)),
    }


def _ages(rows: Sequence[Row]) -> str:
    ages = sorted({row["age_d"] for row in rows if row["age_d"] is not None})
    if len(ages) > _LISTED:
        return f" at {ages[0]:g} to {ages[-1]:g} d"
    return f" at {', '.join(f'{age:g}' for age in ages)} d" if ages else ""


def _curves(session: Session) -> list[str]:
    rows = _rows(
        session,
        "SELECT s.code AS sample, m.kind, m.age_d, e.excitation_nm, e.slit_nm, e.integration_time_s FROM trace t"
        " JOIN measurement m ON m.id = t.measurement_id JOIN sample s ON s.id = m.sample_id"
        " LEFT JOIN emission_settings e ON e.measurement_id = m.id WHERE t.change_id = :change ORDER BY s.code, m.kind",
    )
    found = []
    for sample, kind in dict.fromkeys((row["sample"], row["kind"]) for row in rows):
        own = [row for row in rows if (row["sample"], row["kind"]) == (sample, kind)]
        one, many = _CURVES.get(kind, (kind.replace("_", " "), f"{kind.replace('_', ' ')}s"))
        words = f"{len(own)} {one if len(own) == 1 else many} -> {sample}{_ages(own)}."
        found.append(f"{words}  {_same_settings(own)}".rstrip())
    return found


def _same_settings(rows: Sequence[Row]) -> str:
    """Compare what two spectra must share to be compared."""
    if len(rows) < 2 or all(row[name] is None for row in rows for name, _, _ in _SETTINGS):
        return ""
    same: list[str] = []
    different: list[str] = []
    for name, word, unit in _SETTINGS:
        values = sorted({f"{row[name]:g}{unit}" if row[name] is not None else "not stated" for row in rows})
        (different if len(values) > 1 else same).append(f"{word} {' and '.join(values)}")
    return f"Not the same {', '.join(different)}: do not compare them." if different else f"Same {', '.join(same)}."


def _results(rows: Sequence[Row]) -> list[str]:
    if len(rows) > _LISTED:
        kinds = ", ".join(dict.fromkeys(quantity_kind(row["kind"]).label for row in rows))
        samples = len({row["sample"] for row in rows})
        return [f"{len(rows)} results for {samples} sample{'s' if samples > 1 else ''}: {kinds}"]
    found = []
    for sample in dict.fromkeys(row["sample"] for row in rows):
        own = [row for row in rows if row["sample"] == sample]
        shown = ", ".join(_shown(row) for row in own)
        found.append(f"{len(own)} result{'s' if len(own) > 1 else ''} for {sample}: {shown}{_remarks(own)}")
    return found


def _shown(row: Row) -> str:
    age = "" if row["age_d"] is None else f" at {row['age_d']:g} d"
    if row["value"] is None:
        return f"{quantity_kind(row['kind']).label} missing ({row['missing_reason']}){age}"
    quantity = Quantity(row["value"], row["unit"], row["kind"], u=row["u"], censoring=Censoring(row["censoring"]))
    return f"{quantity}{age}"


def _remarks(rows: Sequence[Row]) -> str:
    """What these results took from their methods: from outside, the meaning of "<", the blank."""
    remarks = []
    outside = dict.fromkeys(row["what"] for row in rows if row["external"])
    remarks += [f"external, {what}" if what else "external" for what in outside]
    below = [row for row in rows if row["threshold_meaning"] in _MEANINGS]
    for meaning, method in dict.fromkeys((row["threshold_meaning"], row["method"]) for row in below):
        remarks.append(f'"<" means {_MEANINGS[meaning]}' + (f", from method {method}" if method else ""))
    if rows and all(row["blank_corrected"] == "yes" for row in rows):
        remarks.append("net of blank")
    return f" ({'; '.join(remarks)})" if remarks else ""


def _notes(rows: Sequence[Row]) -> list[str]:
    """What the user should know: where an uncertainty or the meaning of "<" came from, and where there is none."""
    notes = []
    from_method = [row for row in rows if row["u_origin"] == "from_method"]
    for method in dict.fromkeys(row["method"] for row in from_method):
        own = [row for row in from_method if row["method"] == method]
        notes.append(
            f'No uncertainty in {len(own)} results: {_model(own[0])} from method {method} used, marked "from method".'
        )
    unstated = sum(row["threshold_meaning"] == "not_stated" for row in rows)
    if unstated:
        notes.append(f'{unstated} results are "<" without saying what it means (LC, LD or LQ): set it on the method.')
    bare = [
        row
        for row in rows
        if row["u"] is None
        and row["censoring"] == "none"
        and row["value"] is not None
        and (row["trace"] is None or row["kind"] not in _SHAPE)
    ]
    if bare:
        kinds = ", ".join(dict.fromkeys(quantity_kind(row["kind"]).label for row in bare))
        notes.append(
            f"{len(bare)} results have no uncertainty ({kinds}): register a method with one, or add a column u."
        )
    return notes


def _model(row: Row) -> str:
    absolute, relative = row["u_absolute"], row["u_relative"]
    parts = [f"{absolute:g} {row['method_unit'] or row['unit']}"] if absolute else []
    parts += [f"{relative * 100:.3g} %"] if relative else []
    return " and ".join(parts)
