"""A verdict, stored: everything needed to compute it again, and the digests of what it was computed from."""

from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from labdb.quantity import Censoring, ThresholdMeaning
from labdb.record import Fact, Record, Table, choice, text


class VerdictOutcome(StrEnum):
    """The four answers."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_ASSESSED = "not_assessed"


class StoredVerdict(Record):
    """One judgement of one subject against one limit under one decision rule."""

    code: str
    subject: str
    sample_id: UUID | None = None
    measurand: str
    limit_id: str
    limit_digest: str
    limit_content: str
    decision: str
    scope: str
    outcome: VerdictOutcome
    wording: str
    value: float | None = None
    unit: str | None = None
    kind: str | None = None
    u: float | None = Field(default=None, ge=0)
    censoring: Censoring = Censoring.NONE
    threshold_meaning: ThresholdMeaning | None = None
    n: int | None = Field(default=None, ge=1)
    guard: float | None = None
    margin: float | None = None
    effective_bound: float | None = None
    u_that_would_decide: float | None = None
    p_conform: float | None = Field(default=None, ge=0, le=1)
    reason: str
    next_step: str | None = None
    assumption: str | None = None


class StoredVerdictRow(StoredVerdict, Fact, table=True):
    """A verdict, stored; whether it is stale is computed from its inputs, not kept."""

    __tablename__ = "verdict"
    code: str = Field(max_length=80)
    subject: str = Field(max_length=80, index=True)
    sample_id: UUID | None = Field(default=None, foreign_key="sample.id")
    limit_id: str = Field(max_length=80, index=True)
    limit_content: str = text(nullable=False)
    outcome: VerdictOutcome = choice(VerdictOutcome)
    censoring: Censoring = choice(Censoring, default=Censoring.NONE)
    threshold_meaning: ThresholdMeaning | None = choice(ThresholdMeaning, default=None)
    reason: str = text(nullable=False)
    next_step: str | None = text(default=None)
    assumption: str | None = text(default=None)


class VerdictInputRow(Table, table=True):
    """A row a verdict was computed from, and the digest of its content then."""

    __tablename__ = "verdict_input"
    verdict_id: UUID = Field(foreign_key="verdict.id", index=True)
    table_name: str = Field(max_length=63)
    row_id: UUID
    digest: str = Field(max_length=64)
