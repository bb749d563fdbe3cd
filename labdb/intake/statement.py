"""Take in what sources say (statements) and other names of things (aliases)."""

import sqlalchemy as sa
from sqlmodel import select

from labdb.errors import UnknownNameError
from labdb.intake.form import Column, Form, build, columns_of
from labdb.intake.writer import CellError, Line, Writer
from labdb.provenance.note import AliasRow
from labdb.provenance.statement import Statement, StatementRow, StatementSubjectRow

_STATEMENT = columns_of(Statement, StatementRow)


def _store_statements(writer: Writer, lines: list[Line]) -> None:
    def one(line: Line) -> None:
        row = build(Statement, StatementRow, _STATEMENT, line, writer)
        if writer.codes.find("statement", line.cells["code"]) is not None:
            raise CellError("code", f"{line.cells['code']} is already recorded; void it first, or give another code")
        writer.session.add(row)
        writer.session.flush()
        writer.codes.remember("statement", line.cells["code"], row.id)
        subjects = [part.strip() for part in line.cells.get("subjects", "").split(";") if part.strip()]
        if not subjects:
            raise CellError("subjects", "nothing stands here; what is the statement about?")
        writer.session.add_all(StatementSubjectRow(statement_id=row.id, subject=subject) for subject in subjects)
        writer.stored["statements"] += 1

    writer.each(lines, one)


def _store_aliases(writer: Writer, lines: list[Line]) -> None:
    stored: list[tuple[Line, AliasRow]] = []

    def one(line: Line) -> None:
        name, subject = line.cells.get("name"), line.cells.get("subject")
        if not name or not subject:
            raise CellError("name" if not name else "subject", "nothing stands here; it is needed")
        taken = writer.session.exec(select(AliasRow).where(AliasRow.name == name)).first()
        if taken is not None:
            raise CellError("name", f'"{name}" already names {taken.subject}')
        named = writer.session.exec(select(AliasRow).where(AliasRow.name == subject)).first()
        code = named.subject if named is not None else subject
        row = AliasRow(name=name, subject=code, place=line.cells.get("place"))
        writer.session.add(row)
        writer.session.flush()
        stored.append((line, row))
        writer.stored["aliases"] += 1

    def is_of_something(line: Line, row: AliasRow) -> None:
        codes = [found[0] for found in writer.session.execute(sa.text("SELECT code FROM code_index ORDER BY code"))]
        if row.subject not in codes:
            raise CellError("subject", str(UnknownNameError("code", row.subject, codes)))
        if row.name in codes:
            raise CellError("name", f'"{row.name}" is a code itself; another name must be another')

    writer.each(lines, one)
    # What an alias names may come in with the same intake, after it.
    named = {line.number: row for line, row in stored}
    own = [line for line, _ in stored]
    writer.at_the_end.append(lambda: writer.each(own, lambda line: is_of_something(line, named[line.number])))


FORMS = (
    Form(
        "statements",
        "what a source says about something",
        50,
        (*_STATEMENT, Column("subjects", "codes or names, joined by ;", required=True)),
        _store_statements,
    ),
    Form(
        "aliases",
        "another name of something that has a code",
        31,
        (
            Column("name", "text", required=True),
            Column("subject", "any code", required=True),
            Column("place", "text"),
            Column("origin", "where it comes from"),
            Column("origin_note", "text"),
        ),
        _store_aliases,
    ),
)
