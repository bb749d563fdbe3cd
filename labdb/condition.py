"""A storage or measuring condition: medium, concentration, humidity, pH, temperature, light.

``conditions.toml`` holds the common ones.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import Field

from labdb.record import Record, Thing

_SHIPPED = Path(__file__).with_name("conditions.toml")


class Condition(Record):
    """What a sample stands in; an empty field is not stated."""

    code: str
    medium: str
    solute: str | None = None
    amount_concentration_mol_per_l: float | None = Field(default=None, ge=0)
    relative_humidity_percent: float | None = Field(default=None, ge=0, le=100)
    ph_reported: float | None = Field(default=None, ge=-2, le=16)
    ph_measured: float | None = Field(default=None, ge=-2, le=16)
    temperature_degc: float | None = Field(default=None, ge=-273.15)
    light: str | None = None


class ConditionRow(Condition, Thing, table=True):
    """A condition, stored."""

    __tablename__ = "condition"


@cache
def shipped_conditions() -> dict[str, dict[str, Any]]:
    """Return the conditions labdb knows by name, as written in ``conditions.toml``."""
    with _SHIPPED.open("rb") as file:
        return tomllib.load(file)
