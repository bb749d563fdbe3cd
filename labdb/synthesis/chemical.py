"""Synthesis: a chemical and its lots (bottles)."""

from datetime import date
from uuid import UUID

from sqlmodel import Field

from labdb.record import Record, Thing


class Chemical(Record):
    """A substance: name, formula, CAS number, role (precursor, sintering agent, template, solvent, reagent)."""

    code: str
    name: str
    formula: str | None = None
    cas_number: str | None = None
    role: str


class ChemicalRow(Chemical, Thing, table=True):
    """A chemical, stored."""

    __tablename__ = "chemical"


class Lot(Record):
    """A bottle: purity, supplier, opened, expires; a reference material has a certified value with U and k."""

    code: str
    chemical_id: UUID
    purity_percent: float | None = Field(default=None, gt=0, le=100)
    supplier: str | None = None
    opened_on: date | None = None
    expires_on: date | None = None
    certified_value: float | None = None
    certified_unit: str | None = None
    certified_expanded_u: float | None = Field(default=None, ge=0)
    certified_coverage_factor: float | None = Field(default=None, gt=0)


class LotRow(Lot, Thing, table=True):
    """A lot, stored."""

    __tablename__ = "lot"
    chemical_id: UUID = Field(foreign_key="chemical.id", index=True)
