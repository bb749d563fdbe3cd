"""Take in files: tables by form, curves by reader. One command is one transaction: everything of it, or nothing."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from labdb.database import facts
from labdb.errors import ConflictError, InputError, ReadError
from labdb.finding import Finding, Severity
from labdb.intake.curve import add_curves
from labdb.intake.form import Form, recognize
from labdb.intake.writer import IntakeRefused, Line, Writer
from labdb.lab import Lab
from labdb.measurement import MeasurementRow, ResultRow, TraceRow
from labdb.provenance.change import ChangeRow
from labdb.provenance.raw_file import IntakeFileRow, IntakeRunRow, RawFileRow
from labdb.readers import find_reader, read_file
from labdb.readers.curve import ReadFile
from labdb.readers.file_name import match_name
from labdb.readers.table import TextTable, read_table

_TABLE_ENDINGS = (".csv", ".tsv")
Progress = Callable[[str], None]


class _DryRunDone(Exception):  # noqa: N818 - ends a transaction on purpose, it is no error
    """Ends a dry run's transaction."""


@dataclass
class Parsed:
    """A file as read, before anything is stored."""

    path: Path
    form: Form | None = None
    table: TextTable | None = None
    curves: ReadFile | None = None
    context: dict[str, str] = field(default_factory=dict)

    @property
    def format(self) -> str:
        """The form or reader that took it."""
        return f"form {self.form.name}" if self.form else (self.curves.format if self.curves else "")


@dataclass(frozen=True)
class IntakeReport:
    """What an intake stored (or, in a dry run, would store)."""

    code: str | None
    files: tuple[str, ...]
    formats: tuple[str, ...]
    stored: dict[str, int]
    samples: tuple[str, ...]
    notes: tuple[str, ...]
    dry_run: bool


def expand(paths: Sequence[Path]) -> list[Path]:
    """List the files meant: a folder means the files directly inside it.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.

    Returns
    -------
    list of Path
        Files, in alphabetical order within each folder.

    Raises
    ------
    ReadError
        Something is missing, or a folder is empty.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(child for child in path.iterdir() if child.is_file() and not child.name.startswith("."))
            if not inside:
                raise ReadError(path, found="a folder without files", expected="a file, or a folder with files in it")
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise ReadError(path, found="nothing there", expected="a file or a folder")
    return files


def _is_form(path: Path) -> bool:
    """A table whose columns are a form's; a two-column curve is left to the readers."""
    if path.suffix.lower() not in _TABLE_ENDINGS:
        return False
    try:
        find_reader(path)
    except InputError:
        return True
    return False


def parse(path: Path, context: dict[str, str], pattern: str | None) -> Parsed:
    """Read a file, and say which form or format it is.

    Parameters
    ----------
    path : Path
        The file.
    context : dict
        Cells given for the whole intake by options.
    pattern : str, optional
        How the file's name says where it belongs: "Br7_w_d{days}.txt".

    Returns
    -------
    Parsed
        The form with its lines, or the curves.

    Raises
    ------
    InputError
        Not readable, of no known form or format, or the name does not fit the pattern.
    """
    named = _from_name(match_name(pattern, path.name)) if pattern else {}
    context = {**context, **named}
    if _is_form(path):
        table = read_table(path)
        return Parsed(path, form=recognize(path.stem, table.header), table=table, context=context)
    return Parsed(path, curves=read_file(path), context=context)


def _from_name(fields: dict[str, str]) -> dict[str, str]:
    renamed = dict(fields)
    if "days" in renamed:
        renamed["age"] = renamed.pop("days")
    return renamed


def _parse_all(paths: Sequence[Path], context: dict[str, str], pattern: str | None) -> list[Parsed]:
    parsed: list[Parsed] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            one = parse(path, context, pattern)
        except InputError as error:
            where = "" if str(path) in str(error) else str(path)
            findings.append(Finding("INTAKE", Severity.ERROR, path.name, where, str(error), {}))
            continue
        if one.table is not None:
            findings += one.table.findings
        parsed.append(one)
    if findings:
        raise IntakeRefused(findings)
    return sorted(parsed, key=lambda one: (one.form.rank if one.form else 70, str(one.path)))


def _refuse_known(session: Session, path: Path, digest: str) -> None:
    """Notice a file that was taken in before and not undone."""
    known = session.exec(
        select(IntakeRunRow, ChangeRow)
        .join(IntakeFileRow, col(IntakeFileRow.intake_run_id) == IntakeRunRow.id)
        .join(RawFileRow, col(RawFileRow.id) == IntakeFileRow.raw_file_id)
        .join(ChangeRow, col(ChangeRow.id) == IntakeRunRow.change_id)
        .where(RawFileRow.sha256 == digest, col(IntakeRunRow.void_change_id).is_(None))
    ).first()
    if known is not None:
        run, change = known
        raise ConflictError(
            f"{path}: the same file (by its SHA-256) was taken in as {run.code} "
            f"on {change.at:%Y-%m-%d} by {change.actor}. "
            f"To take it in again, first: labdb intake undo {run.code} --why ..."
        )


def _register(writer: Writer, lab: Lab, run: IntakeRunRow, one: Parsed, *, keep: bool) -> None:
    from labdb.files import digest_file

    digest = digest_file(one.path)
    _refuse_known(writer.session, one.path, digest)
    if keep:
        lab.files.put(one.path)
    row = writer.session.exec(select(RawFileRow).where(RawFileRow.sha256 == digest)).first()
    if row is None:
        row = RawFileRow(sha256=digest, name=one.path.name, size_bytes=one.path.stat().st_size, reader=one.format)
        writer.session.add(row)
    last = one.table.rows[-1].line if one.table is not None and one.table.rows else None
    first = one.table.rows[0].line if one.table is not None and one.table.rows else None
    writer.session.flush()
    writer.session.add(IntakeFileRow(intake_run_id=run.id, raw_file_id=row.id, first_row=first, last_row=last))
    writer.files[str(one.path)] = row.id


def _row_count(parsed: list[Parsed]) -> int:
    return sum(len(one.table.rows) if one.table else len(one.curves.curves) if one.curves else 0 for one in parsed)


def _store_one(writer: Writer, one: Parsed) -> None:
    if one.form is not None and one.table is not None:
        writer.context = {**one.context}
        lines = [Line.of(one.path, row.line, row.cells) for row in one.table.rows]
        one.form.store(writer, lines)
    elif one.curves is not None:
        try:
            add_curves(writer, one.curves, one.context)
        except InputError as error:
            writer.problem(str(one.path), str(error))


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
    given = {name: text for name, text in (context or {}).items() if text}
    parsed = _parse_all(expand(paths), given, pattern)
    report: IntakeReport | None = None
    with suppress(_DryRunDone), lab.write(None, reason) as session:
        writer = Writer.on(session)
        run = IntakeRunRow(
            code=f"I-{writer.codes.next_number('intake_run', 'I-'):04d}", files=len(parsed), rows=_row_count(parsed)
        )
        session.add(run)
        session.flush()
        for one in parsed:
            if progress is not None:
                progress(one.path.name)
            _register(writer, lab, run, one, keep=not dry_run)
            _store_one(writer, one)
        writer.refuse_if_wrong()
        session.flush()
        report = _report(session, run, parsed, writer, dry_run=dry_run)
        if dry_run:
            raise _DryRunDone
    if report is None:
        raise ConflictError("the intake ended without a report; nothing was stored")
    return report


def _report(
    session: Session, run: IntakeRunRow, parsed: list[Parsed], writer: Writer, *, dry_run: bool
) -> IntakeReport:
    sql = sa.text(
        "SELECT DISTINCT s.code FROM measurement m JOIN sample s ON s.id = m.sample_id "
        "WHERE m.change_id = :change ORDER BY s.code"
    ).bindparams(sa.bindparam("change", type_=sa.Uuid()))
    samples = [row[0] for row in session.execute(sql, {"change": session.info["change_id"]})]
    return IntakeReport(
        code=None if dry_run else run.code,
        files=tuple(str(one.path) for one in parsed),
        formats=tuple(sorted({one.curves.label if one.curves else one.format for one in parsed})),
        stored=dict(writer.stored),
        samples=tuple(samples),
        notes=tuple(_notes(session)),
        dry_run=dry_run,
    )


def _notes(session: Session) -> list[str]:
    """What the user should know of what was taken in: where an uncertainty or the meaning of "<" came from."""
    change = session.info["change_id"]
    notes = []
    from_method = session.execute(
        sa.select(sa.func.count()).where(col(ResultRow.change_id) == change, col(ResultRow.u_origin) == "from_method")
    ).scalar_one()
    if from_method:
        notes.append(
            f'{from_method} results had no uncertainty of their own: the method\'s was used, marked "from method"'
        )
    unstated = session.execute(
        sa.select(sa.func.count()).where(
            col(ResultRow.change_id) == change, col(ResultRow.threshold_meaning) == "not_stated"
        )
    ).scalar_one()
    if unstated:
        notes.append(f'{unstated} results are "<" without saying what it means (LC, LD or LQ): set it on the method')
    bare = session.execute(
        sa.select(sa.func.count())
        .select_from(ResultRow)
        .join(MeasurementRow, col(MeasurementRow.id) == ResultRow.measurement_id)
        .where(col(ResultRow.change_id) == change, col(ResultRow.u).is_(None), col(ResultRow.censoring) == "none")
    ).scalar_one()
    if bare:
        notes.append(f"{bare} results have no uncertainty: register a method with one, or add a column u")
    traces = session.execute(sa.select(sa.func.count()).where(col(TraceRow.change_id) == change)).scalar_one()
    if traces:
        notes.append(f"{traces} curves, files kept by hash")
    return notes


def undo(lab: Lab, code: str, why: str) -> dict[str, int]:
    """Void everything an intake brought in; it stays in history.

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
    dict
        Table to number of rows voided.

    Raises
    ------
    UnknownNameError
        There is no such intake.
    ConflictError
        It is undone already, or it brought in things (samples, batches), which stay.
    """
    voided: dict[str, int] = {}
    with lab.write(None, f"undo {code}: {why}") as session:
        writer = Writer.on(session)
        run = session.get_one(IntakeRunRow, writer.codes.id_of("intake_run", code))
        if run.void_change_id is not None:
            raise ConflictError(f"{code} is undone already")
        change = session.info["change_id"]
        for table in facts():
            done = session.connection().execute(
                table.update()
                .where(table.c.change_id == run.change_id, table.c.void_change_id.is_(None))
                .values(void_change_id=change)
            )
            if done.rowcount:
                voided[table.name] = done.rowcount
    return voided


def file_of(session: Session, measurement_id: UUID) -> RawFileRow | None:
    """Return the raw file a measurement came from."""
    measurement = session.get_one(MeasurementRow, measurement_id)
    return session.get(RawFileRow, measurement.raw_file_id) if measurement.raw_file_id else None
