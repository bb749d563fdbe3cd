"""Take in files: tables by form, curves by reader. One command is one transaction: everything of it, or nothing."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from labdb.compliance.verdict import StoredVerdictRow, VerdictInputRow
from labdb.database import facts, things
from labdb.errors import ConflictError, InputError, ReadError, UnknownNameError
from labdb.intake.curve import add_curves
from labdb.intake.observation import NAMES
from labdb.intake.parsed import Parsed, expand, parse_all
from labdb.intake.report import IntakeReport, describe
from labdb.intake.voiding import void_change
from labdb.intake.writer import CellError, IntakeRefused, Line, Writer
from labdb.lab import Lab
from labdb.provenance.change import ChangeRow
from labdb.provenance.raw_file import IntakeFileRow, IntakeRunRow, RawFileRow

_CONTEXT = (*sorted(NAMES), "intensity")
Progress = Callable[[str], None]


class _DryRunDone(Exception):  # noqa: N818 - ends a transaction on purpose, it is no error
    """Ends a dry run's transaction."""


def _refuse_known(session: Session, parsed: Sequence[Parsed]) -> None:
    """Notice files that were taken in before and not undone."""
    digests = {one.sha256: one.path for one in parsed}
    known = session.exec(
        select(RawFileRow.sha256, IntakeRunRow.code, ChangeRow)
        .join(IntakeFileRow, col(IntakeFileRow.raw_file_id) == RawFileRow.id)
        .join(IntakeRunRow, col(IntakeRunRow.id) == IntakeFileRow.intake_run_id)
        .join(ChangeRow, col(ChangeRow.id) == IntakeRunRow.change_id)
        .where(col(RawFileRow.sha256).in_(digests), col(IntakeRunRow.void_change_id).is_(None))
        .order_by(col(IntakeRunRow.code))
    ).all()
    sentences = [
        f"{digests[sha256]}: the same file (by its SHA-256) was taken in as {code} on {change.at:%Y-%m-%d} "
        f"by {change.actor}. To take it in again, first: labdb intake undo {code} --why ..."
        for sha256, code, change in known
    ]
    if sentences:
        raise ConflictError("\n".join(sentences))


def _begin(writer: Writer, parsed: Sequence[Parsed]) -> IntakeRunRow:
    """Give the intake its code; on a server the next one waits here, and then sees which files this one took in."""
    code = f"I-{writer.codes.next_number('intake_run', 'I-'):04d}"
    _refuse_known(writer.session, parsed)
    run = IntakeRunRow(code=code, files=len(parsed), rows=sum(one.size for one in parsed))
    writer.session.add(run)
    writer.session.flush()
    return run


def _register(writer: Writer, run: IntakeRunRow, one: Parsed) -> UUID:
    """Note which file an intake reads; its bytes are kept at the end, when nothing was wrong."""
    row = writer.session.exec(select(RawFileRow).where(RawFileRow.sha256 == one.sha256)).first()
    if row is None:
        size = one.path.stat().st_size
        row = RawFileRow(sha256=one.sha256, name=one.path.name, size_bytes=size, reader=one.format)
        writer.session.add(row)
        writer.session.flush()
    lines = [entry.line for entry in one.table.rows] if one.table is not None else []
    first, last = (lines[0], lines[-1]) if lines else (None, None)
    writer.session.add(IntakeFileRow(intake_run_id=run.id, raw_file_id=row.id, first_row=first, last_row=last))
    return row.id


def _store_one(writer: Writer, one: Parsed) -> None:
    try:
        if one.form is not None and one.table is not None:
            writer.context = one.context
            writer.header = tuple(one.table.header)
            one.form.store(writer, [Line.of(one.path, row.line, row.cells) for row in one.table.rows])
        elif one.curves is not None:
            add_curves(writer, one.curves, one.context)
        writer.session.flush()
    except CellError as error:
        writer.problem(str(one.path), str(error), error.column)
    except InputError as error:
        writer.problem(str(one.path), str(error))
    except (sa.exc.IntegrityError, sa.exc.DataError) as error:  # after this the transaction takes nothing more
        reason = str(error.orig).splitlines()[0]
        writer.problem(str(one.path), f"a row contradicts the record, which refuses it: {reason}")
        writer.refuse_if_wrong()


def _keep(lab: Lab, one: Parsed) -> None:
    if lab.files.put(one.path) != one.sha256:
        raise ReadError(one.path, found="a file that changed while it was taken in", expected="a finished file")


def _given(context: dict[str, str] | None) -> dict[str, str]:
    given = {name: text for name, text in (context or {}).items() if text}
    for name in given:
        if name not in _CONTEXT:
            raise UnknownNameError("option of an intake", name, _CONTEXT)
    return given


def _refuse_idle_options(parsed: Sequence[Parsed], given: dict[str, str]) -> None:
    if given and not any(one.takes_context for one in parsed):
        found = " and ".join(dict.fromkeys(one.format for one in parsed))
        raise InputError(f"{', '.join(given)}: options are for observations and curves; found only {found}")


def take_in(
    lab: Lab,
    paths: Sequence[Path],
    *,
    context: dict[str, str] | None = None,
    pattern: str | None = None,
    dry_run: bool = False,
    reason: str = "intake",
    progress: Progress | None = None,
) -> IntakeReport:
    """Take in files in one transaction.

    Parameters
    ----------
    lab : Lab
        The open lab.
    paths : sequence of Path
        Files, or folders of files.
    context : dict, optional
        Cells for every row or curve that lacks them: sample, condition, age, vial, study, run, method.
    pattern : str, optional
        How file names say where the file belongs.
    dry_run : bool
        Do everything, store nothing.
    reason : str
        Why; kept in the change.
    progress : callable, optional
        Is told each file's name.

    Returns
    -------
    IntakeReport
        What was stored.

    Raises
    ------
    IntakeRefused
        There are problems; all are listed, nothing was stored.
    ConflictError
        A file was taken in before.
    """
    given = _given(context)
    parsed, findings = parse_all(expand(paths), given, pattern)
    if not parsed:
        raise IntakeRefused(findings)
    if not findings:
        _refuse_idle_options(parsed, given)
    report: IntakeReport | None = None
    with suppress(_DryRunDone), lab.write(None, reason) as session:
        writer = Writer.on(session)
        writer.findings += findings
        run = _begin(writer, parsed)
        for one in parsed:
            if progress is not None:
                progress(one.path.name)
            writer.raw_file_id = _register(writer, run, one)
            _store_one(writer, one)
        writer.finish()
        session.flush()
        report = _report(session, run, parsed, writer, dry_run=dry_run)
        if dry_run:
            raise _DryRunDone
        for one in parsed:  # last before the commit: a kill leaves at worst a file without a row
            _keep(lab, one)
    if report is None:
        raise ConflictError("the intake ended without a report; nothing was stored")
    return report


def _report(
    session: Session, run: IntakeRunRow, parsed: list[Parsed], writer: Writer, *, dry_run: bool
) -> IntakeReport:
    said = describe(session)
    return IntakeReport(
        code=None if dry_run else run.code,
        files=tuple(str(one.path) for one in parsed),
        formats=tuple(sorted({one.label for one in parsed})),
        stored=dict(writer.stored),
        samples=said["samples"],
        curves=said["curves"],
        results=said["results"],
        notes=said["notes"],
        dry_run=dry_run,
    )


@dataclass(frozen=True)
class Undone:
    """What undoing an intake did: rows voided by table, subjects whose verdicts are stale now, things that stay."""

    voided: dict[str, int]
    stale: tuple[str, ...]
    staying: tuple[str, ...]


def undo(lab: Lab, code: str, why: str) -> Undone:
    """Void every fact an intake brought in; it stays in history. Things (samples, batches, methods) stay.

    Parameters
    ----------
    lab : Lab
        The open lab.
    code : str
        The intake's code: I-0001.
    why : str
        The reason.

    Returns
    -------
    Undone
        Rows voided by table, whose verdicts are stale now, and the codes of things that stay.

    Raises
    ------
    UnknownNameError
        There is no such intake.
    ConflictError
        It is undone already.
    InputError
        There is no reason.
    """
    if not why.strip():
        raise InputError("undoing an intake needs a reason: --why")
    with lab.write(None, f"undo {code}: {why}") as session:
        writer = Writer.on(session)
        run = session.get_one(IntakeRunRow, writer.codes.id_of("intake_run", code))
        if run.void_change_id is not None:
            raise ConflictError(f"{code} is undone already")
        if run.change_id is None:
            raise ConflictError(f"{code} names no change; see labdb doctor")
        stale, staying = _stale(session, run), _staying(session, run)
        voided = void_change(session, run.change_id)
        return Undone(voided, stale, staying)


def _stale(session: Session, run: IntakeRunRow) -> tuple[str, ...]:
    """Subjects of current verdicts that were computed from what this intake brought in."""
    subjects: set[str] = set()
    for table in facts():
        own = sa.select(table.c.id).where(table.c.change_id == run.change_id)
        found = session.exec(
            select(StoredVerdictRow.subject)
            .join(VerdictInputRow, col(VerdictInputRow.verdict_id) == StoredVerdictRow.id)
            .where(
                col(StoredVerdictRow.void_change_id).is_(None),
                VerdictInputRow.table_name == table.name,
                col(VerdictInputRow.row_id).in_(own),
            )
        )
        subjects.update(found.all())
    return tuple(sorted(subjects))


def _staying(session: Session, run: IntakeRunRow) -> tuple[str, ...]:
    codes: list[str] = []
    for table in things():
        found = session.connection().execute(sa.select(table.c.code).where(table.c.change_id == run.change_id))
        codes += [row[0] for row in found]
    return tuple(sorted(codes))
