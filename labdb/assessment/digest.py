"""Digests of what a verdict was computed from: content that can change a verdict, and nothing else.

A verdict is stale when a digest taken today differs from the one kept with it. Who measured, which notes were written
and how a row is named elsewhere are no part of a digest: correcting them leaves verdicts as they are.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from labdb.queries.evidence import chunks, rows

_RESULT = (
    "measurement",
    "sample",
    "quantity",
    "value",
    "unit",
    "u",
    "u_origin",
    "censoring",
    "threshold_meaning",
    "n",
    "age_d",
    "condition",
    "study",
    "vial",
    "replicate",
    "leach_test",
    "method",
)

# Of each table: its content by code; an alias "code" names the row, "part" a row that belongs to it.
_CONTENT = {
    "measurement": "SELECT o.*, o.measurement AS code FROM observations o WHERE o.measurement IN :codes",
    "suspension": "SELECT code, particle_loading_mg_per_ml, u_particle_loading_mg_per_ml FROM samples "
    "WHERE code IN :codes AND particle_loading_mg_per_ml IS NOT NULL",
    "method": "SELECT code, kind, unit, limit_of_detection, threshold_meaning FROM method WHERE code IN :codes",
    "sample": "SELECT code, composition, perovskite_mass_fraction, u_perovskite_mass_fraction FROM samples "
    "WHERE code IN :codes",
    "leach_test": "SELECT code, sample, leachant, whole_suspension_pulled, medium_renewed FROM leach_tests "
    "WHERE code IN :codes",
    "irradiation": "SELECT i.code, i.sample, i.dose_origin, i.dose_gy, i.u_dose_gy, g.seq, g.start_s, g.stop_s, "
    "g.beam_on, g.dose_rate_gy_per_s, g.u_dose_rate_gy_per_s, g.calibration FROM irradiations i "
    "LEFT JOIN beam_segments g ON g.irradiation = i.code WHERE i.code IN :codes",
}
TABLES = tuple(_CONTENT)

_READINGS = (
    "SELECT DISTINCT leach_test AS code, measurement FROM observations "
    "WHERE leach_test IN :codes AND quantity = 'lead_mass_concentration' AND value IS NOT NULL"
)

# What stands beside a result and leads from it to what is judged: what a pull took out, and over which exposure.
_BESIDE = (
    "SELECT m.code, k.volume_before_pull_ml, k.pulled_volume_ml, k.medium_renewed "
    "FROM icp_reading k JOIN measurement m ON m.id = k.measurement_id AND m.void_change_id IS NULL "
    "WHERE k.void_change_id IS NULL AND m.code IN :codes",
    "SELECT m.code, k.moment, i.code AS irradiation "
    "FROM radioluminescence_reading k JOIN measurement m ON m.id = k.measurement_id AND m.void_change_id IS NULL "
    "JOIN irradiation i ON i.id = k.irradiation_id WHERE k.void_change_id IS NULL AND m.code IN :codes",
)


def digest_of(row: Mapping[str, Any], beside: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return the SHA-256 of a result as it can change a verdict.

    Parameters
    ----------
    row : mapping
        A row of the view ``observations``.
    beside : sequence of mapping
        What the measurement's settings say of its pull or exposure.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return _sha([{name: row[name] for name in _RESULT}, *beside])


def _beside(session: Session, codes: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    """What is stated beside each measurement's results, by its code."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for sql, part in ((sql, part) for sql in _BESIDE for part in chunks(codes)):
        for row in rows(session, sql, codes=part):
            stated = {name: value for name, value in row.items() if name != "code" and value is not None}
            if stated:
                found.setdefault(row["code"], []).append(stated)
    return found


def _sha(content: Sequence[Mapping[str, Any]]) -> str:
    lines = sorted(
        json.dumps({key: None if value is None else _text(value) for key, value in one.items()}, sort_keys=True)
        for one in content
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def current_digests(session: Session, table: str, codes: Iterable[str]) -> dict[str, list[str]]:
    """Take the digests of rows as they are now.

    Parameters
    ----------
    session : Session
        A session of the lab.
    table : str
        One of `TABLES`; of ``suspension`` the code is its sample's.
    codes : iterable of str
        Which.

    Returns
    -------
    dict
        Code to digests: of a measurement one for each result, with the pull or exposure it belongs to; of a leach test
        one of itself, and one with the set of its readings, which a verdict "up to" its last pull rests on. What is
        voided or missing is not in it.
    """
    wanted = sorted(set(codes))
    content: dict[str, list[Mapping[str, Any]]] = {}
    for part in chunks(wanted):
        for row in rows(session, _CONTENT[table], codes=part):
            content.setdefault(row["code"], []).append(row)
    if table == "measurement":
        beside = _beside(session, wanted)
        return {code: sorted(digest_of(row, beside.get(code, ())) for row in found) for code, found in content.items()}
    found = {code: [_sha(lines)] for code, lines in content.items()}
    if table == "leach_test":
        readings: dict[str, list[str]] = {}
        for part in chunks(wanted):
            for row in rows(session, _READINGS, codes=part):
                readings.setdefault(row["code"], []).append(row["measurement"])
        for code, lines in content.items():
            found[code].append(_sha([*lines, {"readings": ";".join(sorted(readings.get(code, [])))}]))
    return found
