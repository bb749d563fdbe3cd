"""Limits: what an authority, a paper or the laboratory allows, read strictly from TOML, one file per authority."""

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from labdb.errors import InputError, UnknownNameError
from labdb.quantity import Quantity, quantity_kind

SHIPPED_LIMITS = Path(__file__).with_name("limits")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class Basis(StrEnum):
    """On what a limit is set; a limit is judged on its own basis, another one needs a stated assumption."""

    IN_WATER = "in_water"
    IN_AIR = "in_air"
    IN_BLOOD = "in_blood"
    IN_EXTRACT = "in_extract"
    RELEASED_PER_MASS = "released_per_mass"
    RELEASED_PER_DAY = "released_per_day"
    TOTAL_PER_MASS = "total_per_mass"
    TOTAL_PER_DAY = "total_per_day"
    TOTAL_PER_WEEK = "total_per_week"
    RETENTION = "retention"
    DOSE = "dose"
    PROPERTY = "property"


class LimitStatus(StrEnum):
    """Whether a limit binds; anything but "in force" is printed inside every verdict."""

    IN_FORCE = "in force"
    PROVISIONAL = "provisional"
    WITHDRAWN = "withdrawn"
    DERIVED = "derived"
    UNVERIFIED = "unverified attribution"


class Operator(StrEnum):
    """How a value has to stand to the limit to conform; `within` is a closed interval."""

    AT_MOST = "<="
    BELOW = "<"
    AT_LEAST = ">="
    ABOVE = ">"
    WITHIN = "within"


_STATUS_WORDS = {
    LimitStatus.PROVISIONAL: "provisional limit",
    LimitStatus.WITHDRAWN: "withdrawn limit",
    LimitStatus.DERIVED: "derived limit",
    LimitStatus.UNVERIFIED: "unverified limit",
}

# A kind of lead is set on one basis only; kinds that are not lead take one of the last three bases.
_BASIS_OF_KIND = {
    "lead_mass_concentration": Basis.IN_WATER,
    "air_lead": Basis.IN_AIR,
    "blood_lead": Basis.IN_BLOOD,
    "extract_lead_mass_concentration": Basis.IN_EXTRACT,
    "released_lead_mass_fraction": Basis.RELEASED_PER_MASS,
    "released_lead_per_day": Basis.RELEASED_PER_DAY,
    "total_lead_mass_fraction": Basis.TOTAL_PER_MASS,
    "total_lead_per_day": Basis.TOTAL_PER_DAY,
    "lead_intake_per_body_mass": Basis.TOTAL_PER_WEEK,
    "photoluminescence_retention": Basis.RETENTION,
    "radioluminescence_retention": Basis.RETENTION,
    "absorbed_dose": Basis.DOSE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit, as its source states it; a superseded one stays, under its own id.

    Parameters
    ----------
    id, authority, document, edition, citation : str
        What it is called, who set it, where it stands.
    kind : str
        Quantity kind the limit is about.
    basis : Basis
        On what it is set.
    value : float, scalar [unit]
        The limit; the lower end of an interval.
    unit : str
        Unit of `value` and `upper`.
    operator : Operator
        How a value has to stand to the limit to conform.
    status : LimitStatus
        Whether it binds.
    mark : str
        How its number was checked: read in a source, or from memory.
    upper : float, optional, scalar [unit]
        The upper end of an interval; only with `within`.
    clause, route, matrix, note : str
        Further words of the source.
    valid_from, valid_to : date, optional
        First and last day.
    at_dose_gy : float, optional, scalar [Gy]
        Dose after which a retention is asked for.
    at_age_d : float, optional, scalar [d]
        Age at which a retention is asked for.
    """

    id: str
    authority: str
    document: str
    edition: str
    citation: str
    kind: str
    basis: Basis
    value: float
    unit: str
    operator: Operator
    status: LimitStatus
    mark: str
    upper: float | None = None
    clause: str = ""
    route: str = ""
    matrix: str = ""
    note: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    at_dose_gy: float | None = None
    at_age_d: float | None = None

    def __post_init__(self) -> None:
        _check_words(self)
        _check_numbers(self)
        _check_kind(self)

    @property
    def quantity(self) -> Quantity:
        """The limit's value as an exact quantity; of an interval, its lower end."""
        return Quantity(self.value, self.unit, self.kind, u=0.0)

    def __str__(self) -> str:
        unit = "" if self.unit == "1" else f" {self.unit}"
        if self.upper is not None:
            return f"{self.value:g} to {self.upper:g}{unit}"
        return f"{self.operator.value} {self.value:g}{unit}"

    def as_json(self) -> dict[str, object]:
        """Return the limit as plain data, keys in the order of the fields, absent ones as null.

        Returns
        -------
        dict
            Ready for `json.dumps`; dates are ISO 8601 text.
        """
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    def digest(self) -> str:
        """Return the SHA-256 of the limit's canonical JSON, so that a verdict can name the version it used.

        Returns
        -------
        str
            64 hexadecimal digits.
        """
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _check_words(limit: Limit) -> None:
    if not _ID.fullmatch(limit.id):
        raise InputError(f'id: found "{limit.id}"; a limit\'s id is letters, digits, "-" and "_"')
    for name in ("authority", "document", "edition", "citation", "unit", "mark"):
        if not getattr(limit, name).strip():
            raise InputError(f"{name}: found nothing; every limit says its {name}")


def _check_numbers(limit: Limit) -> None:
    for name in ("value", "upper", "at_dose_gy", "at_age_d"):
        number = getattr(limit, name)
        if number is not None and not math.isfinite(number):
            raise InputError(f"{name}: found {number}; expected a finite number")
        if number is not None and name.startswith("at_") and number < 0:
            raise InputError(f"{name}: found {number:g}; expected a number that is not negative")
    if (limit.upper is not None) != (limit.operator is Operator.WITHIN):
        raise InputError(f'upper: found {limit.upper} with operator "{limit.operator}"; it goes with "within" only')
    if limit.upper is not None and limit.upper < limit.value:
        raise InputError(f"upper: found {limit.upper:g}, below the lower end {limit.value:g}")
    if limit.valid_from and limit.valid_to and limit.valid_to < limit.valid_from:
        raise InputError(f"valid_to: found {limit.valid_to}, before valid_from {limit.valid_from}")


def _check_kind(limit: Limit) -> None:
    try:
        kind = quantity_kind(limit.kind)
    except InputError as error:
        raise InputError(f"kind: {error}") from error
    object.__setattr__(limit, "kind", kind.name)
    own = _BASIS_OF_KIND.get(kind.name, Basis.PROPERTY)
    if limit.basis is not own:
        raise InputError(f'basis: found "{limit.basis}"; a limit on {kind.name} has basis "{own}"')
    try:
        limit.quantity.to(kind.unit)
        if limit.upper is not None:
            Quantity(limit.upper, limit.unit, kind.name, u=0.0)
    except InputError as error:
        raise InputError(f"unit: {error}") from error


def limit_status_words(limit: Limit, on: date | None = None) -> str:
    """Return what has to be said of a limit beside every verdict; empty for one in force.

    Parameters
    ----------
    limit : Limit
        The limit.
    on : date, optional
        Day of the verdict; without it the limit's dates are not looked at.

    Returns
    -------
    str
        For example "unverified limit", or "withdrawn limit, no longer valid".

    Examples
    --------
    >>> limit_status_words(limit("PAPER-5UGG"))
    'unverified limit'
    >>> limit_status_words(limit("EU-DW-Pb-2036"), on=date(2026, 11, 24))
    'limit not valid before 2036-01-12'
    """
    words = [_STATUS_WORDS[limit.status]] if limit.status in _STATUS_WORDS else []
    if on is not None and limit.valid_from is not None and on < limit.valid_from:
        words.append(f"limit not valid before {limit.valid_from.isoformat()}")
    if on is not None and limit.valid_to is not None and on > limit.valid_to:
        words.append(f"limit not valid after {limit.valid_to.isoformat()}")
    return ", ".join(words)


def load_limits(folder: Path, *more: Path) -> dict[str, Limit]:
    """Read every TOML file of one or more folders; anything not understood is an error.

    Parameters
    ----------
    folder : Path
        Folder of limit files.
    *more : Path
        Further folders, for example the laboratory's own. Nothing overrides anything: an id may stand once.

    Returns
    -------
    dict of str to Limit
        By id, sorted by id.

    Raises
    ------
    InputError
        A key is unknown or missing, a unit does not fit the kind, a date is none, an id stands twice; the message
        names file, limit and key.
    """
    found: dict[str, Limit] = {}
    origin: dict[str, Path] = {}
    for place in (folder, *more):
        if not place.is_dir():
            raise InputError(f"{place}: found no such folder; expected a folder of limit files (*.toml)")
        for path in sorted(place.glob("*.toml")):
            for one in _read_file(path):
                if one.id in origin:
                    raise InputError(
                        f"{path}: limit {one.id}: key id: found it in {origin[one.id]} too; expected another id "
                        f"(a new edition gets a new id, the old limit stays)"
                    )
                found[one.id], origin[one.id] = one, path
    return dict(sorted(found.items()))


def limits(*folders: Path) -> dict[str, Limit]:
    """Return the limits shipped with labdb and those of the laboratory's own folders.

    Parameters
    ----------
    *folders : Path
        The laboratory's own folders of limit files.

    Returns
    -------
    dict of str to Limit
        By id, sorted by id.

    Examples
    --------
    >>> str(limits()["WHO-GDWQ-Pb"])
    '<= 10 ug/L'
    """
    return load_limits(SHIPPED_LIMITS, *folders) if folders else dict(_shipped())


def limit(name: str, *folders: Path) -> Limit:
    """Return one limit by its id.

    Parameters
    ----------
    name : str
        The id.
    *folders : Path
        The laboratory's own folders of limit files.

    Returns
    -------
    Limit
        The limit.

    Raises
    ------
    UnknownNameError
        There is no such limit; the nearest id is named.

    Examples
    --------
    >>> limit("PAPER-5UGG").status.value
    'unverified attribution'
    """
    known = limits(*folders)
    if name not in known:
        raise UnknownNameError("limit", name, list(known))
    return known[name]


@cache
def _shipped() -> dict[str, Limit]:
    return load_limits(SHIPPED_LIMITS)


def _read_file(path: Path) -> list[Limit]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: found {error}; expected TOML in UTF-8, one table per limit") from error
    return [_read_limit(path, name, table) for name, table in content.items()]


def _read_limit(path: Path, name: str, table: object) -> Limit:
    where = f"{path}: limit {name}"
    if not isinstance(table, Mapping):
        raise InputError(f"{path}: key {name}: found a bare value; expected a table [ID-OF-THE-LIMIT]")
    known = [one.name for one in fields(Limit) if one.name != "id"]
    for key in table:
        if key not in known:
            raise InputError(f"{where}: {UnknownNameError('key', str(key), known)}")
    for key in known[: known.index("upper")]:
        if key not in table:
            raise InputError(f"{where}: key {key}: found nothing; every limit says its {key}")
    given = {key: _typed(where, key, value) for key, value in table.items()}
    try:
        return Limit(id=name, **given)  # type: ignore[arg-type]  # each key was typed above
    except InputError as error:
        raise InputError(f"{where}: key {error}") from error


_ENUMS: dict[str, type[StrEnum]] = {"basis": Basis, "operator": Operator, "status": LimitStatus}
_NUMBERS = ("value", "upper", "at_dose_gy", "at_age_d")
_DATES = ("valid_from", "valid_to")


def _typed(where: str, key: str, value: object) -> object:
    if key in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{where}: key {key}: found {value!r}; expected a number without quotes")
        return float(value)
    if key in _DATES:
        # a datetime is a date to Python; a limit begins on a day
        if type(value) is not date:
            raise InputError(f"{where}: key {key}: found {value!r}; expected a date like 2026-11-24, without quotes")
        return value
    if not isinstance(value, str):
        raise InputError(f"{where}: key {key}: found {value!r}; expected text in quotes")
    if key in _ENUMS:
        words = [one.value for one in _ENUMS[key]]
        if value not in words:
            raise InputError(f"{where}: key {key}: {UnknownNameError(key, value, words)}")
        return _ENUMS[key](value)
    return value
