"""The command ``labdb``: one clear line on stderr for what labdb or the machine refuses, the traceback for a bug."""

import os
import sys

from labdb.errors import LabdbError

_SQL_BUGS = frozenset({1, 19, 20, 21, 25})
"""SQLite's codes (https://sqlite.org/rescode.html) ERROR, CONSTRAINT, MISMATCH, MISUSE, RANGE: bugs of labdb's own."""


def main() -> None:
    """Run the command line and end the process: exit code 0, 1 (refused), 2 (usage), or what the command says."""
    for stream in (sys.stdout, sys.stderr):
        # "±" and "°C" must not end a command on a terminal that cannot show them.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (stream.encoding or "").lower() not in ("utf-8", "utf8"):
            reconfigure(errors="replace")
    try:
        from labdb.cli import make_app

        _refuse_undecodable(sys.argv[1:])
        try:
            make_app()(prog_name="labdb")
        finally:
            if sys.stdout is not None:  # None: closed by the shell, >&-
                sys.stdout.flush()
    except LabdbError as error:
        _end(str(error))
    except KeyboardInterrupt:  # before the command began; in a command typer ends so
        sys.exit(130)
    except BrokenPipeError:
        _let_go_of_stdout()  # the reader (head, less) has left
        sys.exit(1)
    except OSError as error:
        _let_go_of_stdout()
        where = f"{error.filename}: " if error.filename is not None else ""
        _end(f"{where}{error.strerror or error}. Is there room, and may you read and write there?")
    except _database_errors() as error:
        refused = _refused_by_machine(error)
        if refused is None:
            raise
        _end(f"the database cannot go on: {refused}. What was under way is not stored. Room, rights? See: labdb doctor")


def _refuse_undecodable(arguments: list[str]) -> None:
    """Refuse bytes that are no text before they reach a database that keeps text."""
    for text in arguments:
        if not _is_text(text):
            shown = text.encode("utf-8", "replace").decode()
            raise LabdbError(f'"{shown}" holds bytes that are no UTF-8 text. Type it anew, or rename the file')


def _is_text(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _database_errors() -> tuple[type[Exception], ...]:
    """The errors of the drivers in use; none is imported for it."""
    loaded = (sys.modules.get(name) for name in ("sqlite3", "sqlalchemy.exc", "psycopg"))
    return tuple(module.DatabaseError for module in loaded if module is not None)


def _refused_by_machine(error: Exception) -> str | None:
    """What a driver says of the disk, the folder or the server; None for SQL that is wrong."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        operational = any(base.__name__ == "OperationalError" for base in type(cause).__mro__)
    else:
        operational = code & 0xFF not in _SQL_BUGS  # the rest of the code says which kind of it
    return " ".join(str(cause).split()) if operational else None


def _let_go_of_stdout() -> None:
    """Python's own flush at exit would complain about a stdout that takes nothing more."""
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(message: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"labdb: {message}\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
