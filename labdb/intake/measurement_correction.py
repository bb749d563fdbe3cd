"""Correct a measurement: its results, its settings, what it says of itself."""

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from sqlmodel import Session, col, select

from labdb.database import load_tables
from labdb.errors import InputError, UnknownNameError
from labdb.intake.field import Changes, correct_row, correctable, differences, shown, typed
from labdb.intake.measurement import RIBS, Rib, read_age
from labdb.intake.superseding import supersede
from labdb.intake.value import with_method
from labdb.kinds import quantity_kind
from labdb.measurement import MeasurementRow, ResultRow
from labdb.quantity import Censoring, Quantity, ThresholdMeaning, UncertaintyOrigin, parse_quantity
from labdb.record import Fact
from labdb.registry.method import MethodRow


def correct_measurement(session: Session, current: MeasurementRow, changes: Mapping[str, str]) -> Changes:
    """Correct a measurement: its results, its settings, what it says of itself."""
    columns = correctable(MeasurementRow)
    own: dict[str, str] = {}
    settings: dict[Rib, dict[str, str]] = {}
    done: Changes = {}
    for name, text in changes.items():
        rib = next((rib for rib in RIBS if name in rib.names), None)
        if name == "age":
            own["age_d"] = repr(read_age(text))
        elif name in columns or name.removesuffix("_id") in columns:
            own[name] = text
        elif rib is not None:
            settings.setdefault(rib, {})[name] = text
        else:
            done[name] = _correct_result(session, current, name, text)
    for rib, fields in settings.items():
        done |= _correct_rib(session, current, rib, fields)
    return done | (correct_row(session, current, own) if own or not done else {})


def _correct_rib(session: Session, measurement: MeasurementRow, rib: Rib, changes: Mapping[str, str]) -> Changes:
    key = load_tables().tables[str(rib.row.__tablename__)].c.measurement_id
    row = cast("type[Fact]", rib.row)
    current = session.exec(select(row).where(key == measurement.id, col(row.void_change_id).is_(None))).first()
    noun = str(row.__tablename__)
    if current is None:
        raise InputError(f"{measurement.code} has no {noun.replace('_', ' ')}, so no {', '.join(changes)}")
    new = typed(session, {column.name: column for column in rib.columns}, noun, changes)
    values = differences(rib.record, row, current, new)
    if not values:
        raise InputError("nothing would change")
    old = {name: shown(session, row, name, getattr(current, name)) for name in values}
    supersede(session, current, values)
    return {name.removesuffix("_id"): (old[name], shown(session, row, name, values[name])) for name in values}


def _result_of(session: Session, measurement: MeasurementRow, name: str) -> ResultRow:
    mine = ResultRow.measurement_id == measurement.id, col(ResultRow.void_change_id).is_(None)
    results = {row.kind: row for row in session.exec(select(ResultRow).where(*mine)).all()}
    try:
        kind = quantity_kind(name)
    except UnknownNameError:
        results_too = [alias for one in results for alias in (one, *quantity_kind(one).aliases)]
        known = [*results_too, *correctable(MeasurementRow), *(column for rib in RIBS for column in sorted(rib.names))]
        raise UnknownNameError(f"result or field of {measurement.code}", name, known) from None
    if kind.name not in results:
        raise InputError(f"{measurement.code} has no {kind.label}; it has {', '.join(results) or 'no result'}")
    return results[kind.name]


def _correct_result(session: Session, measurement: MeasurementRow, name: str, text: str) -> tuple[Any, Any]:
    """Put another value in the place of a result; what its method added is computed anew."""
    current = _result_of(session, measurement, name)
    quantity = parse_quantity(text, kind=current.kind, default_unit=current.unit).canonical()
    method = session.get(MethodRow, measurement.method_id) if measurement.method_id is not None else None
    quantity = with_method(_as_stated_before(quantity, current), method).canonical()
    values = {
        "value": quantity.value,
        "u": quantity.u,
        "u_origin": quantity.u_origin,
        "censoring": quantity.censoring,
        "threshold_meaning": quantity.threshold_meaning,
        "n": current.n if quantity.n is None else quantity.n,
        "missing_reason": None,
    }
    if all(getattr(current, column) == value for column, value in values.items()):
        raise InputError(f'{name}: "{text}" is what stands there; nothing would change')
    old = current.as_entered if current.missing_reason is None else f"missing ({current.missing_reason})"
    supersede(session, current, {**values, "as_entered": text})
    return old, text


def _as_stated_before(quantity: Quantity, current: ResultRow) -> Quantity:
    """Keep what was stated of the old value where the correction is silent: its u, what its "<" means."""
    silent = quantity.threshold_meaning is ThresholdMeaning.NOT_STATED
    if silent and quantity.censoring is Censoring.BELOW and current.threshold_meaning is not None:
        return dataclasses.replace(quantity, threshold_meaning=current.threshold_meaning)
    stated = current.u_origin not in (None, UncertaintyOrigin.FROM_METHOD, UncertaintyOrigin.COMPUTED)
    both_values = quantity.censoring is Censoring.NONE is current.censoring
    if stated and both_values and quantity.u is None:
        return dataclasses.replace(quantity, u=current.u, u_origin=current.u_origin)
    return quantity
