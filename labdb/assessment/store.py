"""Keep a verdict in the record, with the digests of what it was computed from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from labdb.assessment.assessed import Assessed
from labdb.compliance.verdict import StoredVerdict, StoredVerdictRow, VerdictInputRow, VerdictOutcome
from labdb.database import insert_many
from labdb.intake.writer import Codes
from labdb.queries.evidence import rows
from labdb.record import Origin, new_id


def digest_of(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row of the view ``observations``."""
    text = json.dumps({key: str(value) for key, value in dict(row).items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def store_verdict(session: Session, one: Assessed) -> Assessed:
    """Keep a verdict and the digests of the measurements it rests on; the verdict beside it is kept first."""
    beside = None if one.beside is None else store_verdict(session, one.beside)
    codes = Codes(session)
    code = f"V-{codes.next_number('verdict', 'V-'):04d}"
    judgement, quantity = one.judgement, one.judgement.quantity
    record = StoredVerdict(
        code=code,
        subject=one.subject,
        sample_id=None if one.sample is None else codes.id_of("sample", one.sample),
        measurand=one.measurand,
        limit_id=one.limit.id,
        limit_digest=one.limit.digest(),
        limit_content=json.dumps(one.limit.as_json(), sort_keys=True),
        decision=one.decision,
        scope=one.scope,
        outcome=VerdictOutcome(judgement.outcome.value),
        wording=judgement.wording,
        value=None if quantity is None else quantity.value,
        unit=None if quantity is None else quantity.unit,
        kind=None if quantity is None else quantity.kind,
        u=None if quantity is None else quantity.u,
        threshold_meaning=None if quantity is None else quantity.threshold_meaning,
        n=one.n,
        guard=judgement.guard,
        margin=judgement.margin,
        effective_bound=judgement.effective_bound,
        u_that_would_decide=judgement.u_that_would_decide,
        p_conform=judgement.p_conform,
        reason=judgement.reason,
        next_step=one.next_step,
        assumption=one.assumption,
    )
    if quantity is not None:
        record.censoring = quantity.censoring
    row = StoredVerdictRow.model_validate(record.model_dump())
    row.origin = Origin.COMPUTED
    session.add(row)
    session.flush()
    used = [
        found
        for name in one.measurements
        for found in rows(session, "SELECT * FROM observations WHERE measurement = :code ORDER BY quantity", code=name)
    ]
    insert_many(
        session,
        VerdictInputRow,
        [
            {
                "id": new_id(),
                "verdict_id": row.id,
                "table_name": "measurement",
                "row_id": codes.id_of("measurement", found["measurement"]),
                "digest": digest_of(found),
            }
            for found in used
        ],
    )
    return replace(one, code=code, beside=beside)
