"""Keep a verdict in the record, with the digests of what it was computed from; tell which verdicts are stale."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import Session, col, select

from labdb.assessment.assessed import Assessed
from labdb.assessment.digest import TABLES, current_digests, digest_of
from labdb.compliance.limit import Limit, limits
from labdb.compliance.verdict import StoredVerdict, StoredVerdictRow, VerdictInputRow, VerdictOutcome
from labdb.database import insert_many
from labdb.errors import ConflictError
from labdb.intake.writer import Codes
from labdb.queries.evidence import chunks, rows
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

    A verdict that says what the standing one says, from the same inputs, is that one; another takes its place.

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
    inputs = _input_rows(session, digest)
    standing = _standing(session, record)
    if standing is not None:
        if _says_the_same(session, standing, record, inputs):
            return replace(one, code=standing.code, beside=beside)
        standing.void_change_id = session.info["change_id"]
        session.flush()
    row = StoredVerdictRow.model_validate(record.model_dump())
    row.origin = Origin.COMPUTED
    row.supersedes_id = None if standing is None else standing.id
    session.add(row)
    session.flush()
    insert_many(
        session,
        VerdictInputRow,
        [
            {"id": new_id(), "verdict_id": row.id, "table_name": table, "row_id": row_id, "digest": sha}
            for table, row_id, sha in inputs
        ],
    )
    return replace(one, code=code, beside=beside)


def _input_rows(session: Session, digest: Digested) -> list[tuple[str, UUID, str]]:
    """The rows a verdict rests on, by table and identifier, with their digests."""
    identifiers = {
        table: _identifiers(session, table, {name for other, name, _ in digest.inputs if other == table})
        for table in {table for table, _, _ in digest.inputs}
    }
    return [(table, identifiers[table][name], sha) for table, name, sha in digest.inputs]


def _standing(session: Session, record: StoredVerdict) -> StoredVerdictRow | None:
    """Find the current verdict on the same question; "up to" the last pull is one question, whenever that was."""
    found = session.exec(
        select(StoredVerdictRow).where(
            StoredVerdictRow.subject == record.subject,
            StoredVerdictRow.measurand == record.measurand,
            StoredVerdictRow.limit_id == record.limit_id,
            StoredVerdictRow.decision == record.decision,
            col(StoredVerdictRow.void_change_id).is_(None),
        )
    ).all()
    up_to = record.scope.startswith("up to")
    return next((row for row in found if row.scope == record.scope or (up_to and row.scope.startswith("up to"))), None)


def _says_the_same(
    session: Session, standing: StoredVerdictRow, record: StoredVerdict, inputs: list[tuple[str, UUID, str]]
) -> bool:
    """Whether the standing verdict has the same words and numbers, and rests on the same rows."""
    if any(getattr(standing, name) != getattr(record, name) for name in StoredVerdict.model_fields if name != "code"):
        return False
    kept = session.exec(select(VerdictInputRow).where(VerdictInputRow.verdict_id == standing.id)).all()
    return {(row.table_name, row.row_id, row.digest) for row in kept} == set(inputs)


def _identifiers(session: Session, table: str, codes: set[str]) -> dict[str, UUID]:
    """The rows that codes name now; of ``suspension`` by the sample's code."""
    sql = f'SELECT t.code, t.id FROM "{table}" t WHERE t.code IN :codes'  # noqa: S608 - a table of ours
    if table == "suspension":
        sql = "SELECT s.code, t.id FROM suspension t JOIN sample s ON s.id = t.sample_id WHERE s.code IN :codes"
    if table in ("suspension", "measurement", "irradiation"):
        sql += " AND t.void_change_id IS NULL"
    found = [row for part in chunks(sorted(codes)) for row in rows(session, sql, codes=part)]
    named = {row["code"]: row["id"] if isinstance(row["id"], UUID) else UUID(str(row["id"])) for row in found}
    gone = sorted(codes - named.keys())
    if gone:
        raise ConflictError(f"{', '.join(gone)} ({table.replace('_', ' ')}) was voided meanwhile; judge again")
    return named


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
