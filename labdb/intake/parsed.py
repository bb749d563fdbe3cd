"""Read the files of an intake before anything is stored: which form or format each is, with every problem found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labdb.errors import InputError, ReadError
from labdb.files import digest_file
from labdb.finding import Finding, Severity
from labdb.intake.form import Form
from labdb.intake.recognition import form_named, recognize
from labdb.readers import find_reader, read_file
from labdb.readers.curve import ReadFile
from labdb.readers.file_name import match_name
from labdb.readers.table import TextTable, read_table

_TABLE_ENDINGS = (".csv", ".tsv")
_RANK_OF_CURVES = 70  # after every form


@dataclass
class Parsed:
    """A file as read, before anything is stored; ``sha256`` is what it was then."""

    path: Path
    sha256: str
    form: Form | None = None
    table: TextTable | None = None
    curves: ReadFile | None = None
    context: dict[str, str] = field(default_factory=dict)

    @property
    def format(self) -> str:
        """The form or reader that took it."""
        return f"form {self.form.name}" if self.form else (self.curves.format if self.curves else "")

    @property
    def label(self) -> str:
        """The form or format in words."""
        return self.curves.label if self.curves else self.format

    @property
    def takes_context(self) -> bool:
        """Whether options (sample, condition, age) mean something for it."""
        return self.form is None or self.form.name == "observations"

    @property
    def size(self) -> int:
        """How many rows or curves it holds."""
        return len(self.table.rows) if self.table else len(self.curves.curves) if self.curves else 0


def expand(paths: Sequence[Path]) -> list[Path]:
    """List the files meant: a folder means the files directly inside it.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.

    Returns
    -------
    list of Path
        Files, each once, in alphabetical order within each folder; hidden files are left out.

    Raises
    ------
    ReadError
        Something is missing, a folder is empty, or a file's name is no text.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(child for child in path.iterdir() if child.is_file() and not child.name.startswith("."))
            if not inside:
                raise ReadError(path, found="a folder without files", expected="a file, or a folder with files in it")
        elif path.is_file():
            inside = [path]
        else:
            raise ReadError(path, found="nothing there", expected="a file or a folder")
        for one in inside:
            if any(
                "\ud800" <= letter <= "\udfff" for letter in one.name
            ):  # bytes that are no text; no database keeps them
                raise ReadError(
                    ascii(one.name), found="a file name that is not UTF-8", expected="text; rename the file"
                )
            files.setdefault(one.resolve(), one)
    return list(files.values())


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
        How the file's name says where it belongs: "Br7_w_d{days}.txt". A table named after its form says it in its
        rows.

    Returns
    -------
    Parsed
        The form with its lines, or the curves.

    Raises
    ------
    InputError
        Not readable, of no known form or format, or the name does not fit the pattern.
    """
    digest = digest_file(path)
    is_form = _is_form(path)
    if pattern and not (is_form and form_named(path.stem)):
        context = {**context, **_from_name(match_name(pattern, path.name))}
    if not is_form:
        return Parsed(path, digest, curves=read_file(path), context=context)
    table = read_table(path)
    form = recognize(path.stem, table.header)
    if not table.rows and not table.findings:
        raise ReadError(path, found=f"form {form.name} without a row", expected="at least one row below the header")
    return Parsed(path, digest, form=form, table=table, context=context)


def _from_name(fields: dict[str, str]) -> dict[str, str]:
    renamed = dict(fields)
    if "days" in renamed:
        renamed["age"] = renamed.pop("days")
    return renamed


def parse_all(
    paths: Sequence[Path], context: dict[str, str], pattern: str | None
) -> tuple[list[Parsed], list[Finding]]:
    """Read all files of an intake, and find what is wrong with each: no problem hides another.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    context : dict
        Cells given for the whole intake by options.
    pattern : str, optional
        How file names say where the files belong.

    Returns
    -------
    tuple of (list of Parsed, list of Finding)
        What could be read, in the order in which it is stored: forms by rank, then curves; and the problems: files that
        are unreadable or of no known form, bad rows, two files that are the same.
    """
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
    findings += _twins(parsed)
    return sorted(parsed, key=lambda one: (one.form.rank if one.form else _RANK_OF_CURVES, str(one.path))), findings


def _twins(parsed: Sequence[Parsed]) -> list[Finding]:
    first: dict[str, Parsed] = {}
    findings = []
    for one in parsed:
        twin = first.setdefault(one.sha256, one)
        if twin is not one:
            message = f"the same file (by its SHA-256) as {twin.path}; give one of them"
            findings.append(Finding("INTAKE", Severity.ERROR, one.path.name, str(one.path), message, {}))
    return findings
