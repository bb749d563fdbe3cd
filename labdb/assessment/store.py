"""Keep a verdict in the record, with the digests of what it was computed from; tell which verdicts are stale."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from labdb.assessment.assessed import Assessed
from labdb.assessment.digest import TABLES, current_digests, digest_of
from labdb.compliance.limit import Limit, limits
from labdb.compliance.verdict import StoredVerdict, StoredVerdictRow, VerdictInputRow, VerdictOutcome
from labdb.database import insert_many
from labdb.intake.writer import Codes
from labdb.queries.evidence import rows
from labdb.record import Origin, new_id

__all__ = ["Digested", "digest_of", "digested", "stale_inputs", "stale_verdicts", "store_verdict"]


@dataclass(frozen=True)
class Digested:
    """The inputs of a verdict with their digests, and those of the verdict beside it."""

    inputs: tuple[tuple[str, str, str], ...]
    beside: "Digested | None" = None


def digested(session: Session, one: Assessed) -> Digested:
    """Take the digests of what a verdict was computed from, in the session it was computed in.

    Parameters
    ----------
    session : Session
        A session of the lab.
    one : Assessed
        The verdict.

    Returns
    -------
    Digested
        Table, code and digest of each input.
    """
    found = []
    for table in TABLES:
        codes = {code for name, code in one.inputs if name == table}
        for code, every in sorted(current_digests(session, table, codes).items()) if codes else ():
            # "up to" the last pull rests on there being no other reading
            whole = one.scope.startswith("up to")
            kept = every if table != "leach_test" else every[1:] if whole else every[:1]
            found += [(table, code, digest) for digest in kept]
    return Digested(tuple(found), None if one.beside is None else digested(session, one.beside))


def store_verdict(session: Session, one: Assessed, digest: Digested | None = None) -> Assessed:
    """Keep a verdict and the digests of what it rests on; the verdict beside it is kept first, and named.

    Parameters
    ----------
    session : Session
        A write session.
    one : Assessed
        The verdict.
    digest : Digested, optional
        Its digests; taken now if not given.

    Returns
    -------
    Assessed
        The same with its code.
    """
    digest = digest or digested(session, one)
    beside = None if one.beside is None else store_verdict(session, one.beside, digest.beside)
    codes = Codes(session)
    code = f"V-{codes.next_number('verdict', 'V-'):04d}"
    record = _record(one, code, codes, beside)
    row = StoredVerdictRow.model_validate(record.model_dump())
    row.origin = Origin.COMPUTED
    session.add(row)
    session.flush()
    inputs = [
        {
            "id": new_id(),
            "verdict_id": row.id,
            "table_name": table,
            "row_id": _row_id(session, codes, table, name),
            "digest": sha,
        }
        for table, name, sha in digest.inputs
    ]
    insert_many(session, VerdictInputRow, inputs)
    return replace(one, code=code, beside=beside)


def _row_id(session: Session, codes: Codes, table: str, code: str) -> UUID:
    if table != "suspension":
        return codes.id_of(table, code)
    sql = (
        "SELECT u.id FROM suspension u JOIN sample s ON s.id = u.sample_id "
        "WHERE u.void_change_id IS NULL AND s.code = :code"
    )
    found = session.connection().execute(sa.text(sql), {"code": code}).scalar_one()
    return found if isinstance(found, UUID) else UUID(str(found))


def _record(one: Assessed, code: str, codes: Codes, beside: Assessed | None) -> StoredVerdict:
    judgement, quantity = one.judgement, one.judgement.quantity
    assumption = one.assumption
    if assumption is not None and beside is not None:
        assumption = f"{assumption}; beside it, on the limit's own basis, {beside.code}: {beside.judgement.wording}"
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
        assumption=assumption,
    )
    if quantity is not None:
        record.censoring = quantity.censoring
    return record


def stale_verdicts(session: Session, known: Mapping[str, Limit] | None = None) -> list[str]:
    """List the verdicts that no longer rest on what the record says.

    Parameters
    ----------
    session : Session
        A session of the lab.
    known : mapping of str to Limit, optional
        Every limit of the lab (`labdb.assessment.lab_limits`). Without it the shipped ones are compared, and a verdict
        by a limit that is not among them is judged by its other inputs only.

    Returns
    -------
    list of str
        Codes of current verdicts, in alphabetical order.
    """
    return list(stale_inputs(session, known))


def stale_inputs(session: Session, known: Mapping[str, Limit] | None = None) -> dict[str, tuple[str, ...]]:
    """Say for each stale verdict what changed; see `stale_verdicts`.

    Parameters
    ----------
    session : Session
        A session of the lab.
    known : mapping of str to Limit, optional
        Every limit of the lab.

    Returns
    -------
    dict
        Code of the verdict to what it rested on and what is no longer so: "measurement M-0007", "limit PAPER-5UGG".
    """
    stale: dict[str, set[str]] = {}
    for verdict, change in [*_changed_inputs(session), *_changed_limits(session, known)]:
        stale.setdefault(verdict, set()).add(change)
    return {verdict: tuple(sorted(stale[verdict])) for verdict in sorted(stale)}


def _changed_inputs(session: Session) -> list[tuple[str, str]]:
    changed = []
    for table in TABLES:
        code = "t.code"
        join = f'JOIN "{table}" t ON t.id = i.row_id'
        if table == "suspension":
            code, join = "s.code", f"{join} JOIN sample s ON s.id = t.sample_id"
        kept = rows(
            session,
            f"SELECT v.code AS verdict, {code} AS code, i.digest FROM verdict_input i "  # noqa: S608 - names of ours
            f"JOIN verdict v ON v.id = i.verdict_id AND v.void_change_id IS NULL {join} WHERE i.table_name = :name",
            name=table,
        )
        now = current_digests(session, table, {row["code"] for row in kept}) if kept else {}
        changed += [
            (str(row["verdict"]), f"{table.replace('_', ' ')} {row['code']}")
            for row in kept
            if row["digest"] not in now.get(row["code"], ())
        ]
    return changed


def _changed_limits(session: Session, known: Mapping[str, Limit] | None) -> list[tuple[str, str]]:
    every = limits() if known is None else known
    now = {name: one.digest() for name, one in every.items()}
    kept = rows(session, "SELECT code, limit_id, limit_digest FROM current_verdict")
    return [
        (str(row["code"]), f"limit {row['limit_id']}")
        for row in kept
        if (known is not None or row["limit_id"] in now) and now.get(row["limit_id"]) != row["limit_digest"]
    ]
