"""Take in files: tables by form, curves by reader. One command is one transaction: everything of it, or nothing."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from labdb.compliance.verdict import StoredVerdictRow, VerdictInputRow
from labdb.database import facts, things
from labdb.errors import ConflictError, InputError, ReadError
from labdb.finding import Finding, Severity
from labdb.intake.curve import add_curves
from labdb.intake.form import Form, recognize
from labdb.intake.report import IntakeReport, describe
from labdb.intake.writer import IntakeRefused, Line, Writer
from labdb.lab import Lab
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
    said = describe(session)
    return IntakeReport(
        code=None if dry_run else run.code,
        files=tuple(str(one.path) for one in parsed),
        formats=tuple(sorted({one.curves.label if one.curves else one.format for one in parsed})),
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
    voided: dict[str, int] = {}
    with lab.write(None, f"undo {code}: {why}") as session:
        writer = Writer.on(session)
        run = session.get_one(IntakeRunRow, writer.codes.id_of("intake_run", code))
        if run.void_change_id is not None:
            raise ConflictError(f"{code} is undone already")
        change = session.info["change_id"]
        stale, staying = _stale(session, run), _staying(session, run)
        for table in facts():
            done = session.connection().execute(
                table.update()
                .where(table.c.change_id == run.change_id, table.c.void_change_id.is_(None))
                .values(void_change_id=change)
            )
            if done.rowcount:
                voided[table.name] = done.rowcount
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
