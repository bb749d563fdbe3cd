"""Command: intake, take in files (instrument files, forms), and intake undo, void what one brought in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labdb.cli.options import JsonOption, LabOption, WhyOption, read_moment, using
from labdb.cli.output import ask_reason, emit, progress
from labdb.errors import InputError

if TYPE_CHECKING:
    from labdb.intake.report import IntakeReport

SCHEMAS = {
    "intake": {
        "code": ("string?", "null for a dry run"),
        "files": ["string"],
        "formats": ["string"],
        "stored": ({"*": "integer"}, "rows by form or format"),
        "samples": ["string"],
        "curves": ["string"],
        "results": ["string"],
        "notes": (["string"], "what was taken from a method, or is missing"),
        "dry_run": "boolean",
    },
    "intake-undo": {
        "code": "string",
        "voided": ({"*": "integer"}, "rows by table"),
        "stale": (["string"], "subjects whose verdicts were computed from them"),
        "staying": (["string"], "codes of things it brought in; they stay"),
    },
}


def register(app: typer.Typer) -> None:
    """Hang `labdb intake` into the app; its first word may be `undo`."""
    app.command("intake")(intake)


def intake(
    files: Annotated[
        list[str], typer.Argument(metavar="FILES... | undo CODE", help="Files or folders; or: undo I-0002.")
    ],
    sample: Annotated[str | None, typer.Option("--sample", help="What was measured, by code or another name.")] = None,
    condition: Annotated[str | None, typer.Option("--condition", help="In what it is stored: water.")] = None,
    age: Annotated[str | None, typer.Option("--age", help="Time since the study began: 14d.")] = None,
    at: Annotated[str | None, typer.Option("--at", help='When it was measured: "2026-11-24 10:00".')] = None,
    vial: Annotated[str | None, typer.Option("--vial", help="Which vial.")] = None,
    study: Annotated[str | None, typer.Option("--study", help="The study; it knows sample and condition.")] = None,
    run: Annotated[str | None, typer.Option("--run", help="The sequence on the instrument.")] = None,
    method: Annotated[str | None, typer.Option("--method", help="The method; else its run's, or the only one.")] = None,
    leach_test: Annotated[str | None, typer.Option("--leach-test", help="The leach test readings belong to.")] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="PATTERN", help='What file names say: "Br7_w_d{days}.txt".')
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything, store nothing.")] = False,
    why: WhyOption = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in files, all of them or nothing: spectra and scans of instruments, and tables (labdb form lists them).

    Example: labdb intake pl/ --study ST-01 --name "Br7_w_d{days}.txt" --dry-run

    Undo one, with a reason; it stays in history: labdb intake undo I-0002 --why "wrong month"
    """
    context = {
        "sample": sample,
        "condition": condition,
        "age": age,
        "vial": vial,
        "study": study,
        "run": run,
        "method": method,
        "leach_test": leach_test,
    }
    given = {option: text for option, text in context.items() if text}
    if files[0] == "undo" and not (len(files) == 1 and Path("undo").exists()):
        if given or name or at or dry_run:
            raise InputError("intake undo takes a code and --why, no other option")
        _undo(lab, files[1:], why, as_json=as_json)
        return
    when = read_moment(at, "--at")
    if when is not None:
        given["measured_at"] = when.isoformat()
    _take_in(lab, [Path(one) for one in files], given, name, why, dry_run=dry_run, as_json=as_json)


def _take_in(
    lab: Path | None,
    paths: list[Path],
    given: dict[str, str],
    pattern: str | None,
    why: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from labdb.intake.file import take_in

    with using(lab) as open_lab:
        report = take_in(
            open_lab,
            paths,
            context=given,
            pattern=pattern,
            dry_run=dry_run,
            reason=why or "intake",
            progress=(lambda path: progress(f"  reading {path}")) if len(paths) > 1 else None,
        )
    emit(
        "intake",
        [report.as_json()],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=_lines(report),
        next_step=_next(report, given),
    )


def _lines(report: "IntakeReport") -> list[str]:
    curves = ", ".join(report.formats) if report.curves else ""
    stored = [f"{count} {name}" for name, count in report.stored.items() if name not in report.formats]
    if report.results:
        stored = [text for text in stored if not text.endswith(" observations")]
    facts = [*report.curves, *report.results, *([", ".join(stored)] if stored else [])]
    said = "  ".join(facts) or "no rows"
    count = len(report.files)
    if report.dry_run:
        head = f"  {count} file{'' if count == 1 else 's'}, {curves + ', ' if curves else ''}"
        lines = [f"{head}{said}  Nothing stored (dry run)."]
    else:
        kept = f"{count} file{'' if count == 1 else 's'} kept by hash."
        lines = [f"{report.code}  {said}{'' if said.endswith('.') else '.'}  {kept}"]
    return [*lines, *(f"  {note}" for note in report.notes)]


def _next(report: "IntakeReport", given: dict[str, str]) -> str:
    if report.dry_run:
        return "the same without --dry-run"
    undo = f"(wrong? labdb intake undo {report.code} --why ...)"
    if report.curves or report.results:
        where = f" --study {given['study']}" if "study" in given else ""
        kind = "PL" if report.curves else "Pb"
        return f"labdb trend {kind}{where}, labdb check   {undo}"
    return f"labdb check   {undo}"


def _undo(lab: Path | None, codes: list[str], why: str | None, *, as_json: bool) -> None:
    from labdb.intake.file import undo

    if len(codes) != 1:
        raise InputError("undo which intake? labdb intake undo I-0002 --why ...")
    reason = ask_reason(f"undo {codes[0]}", why)
    with using(lab) as open_lab:
        done = undo(open_lab, codes[0], reason)
    results = done.voided.get("result", 0)
    said = f"{results} results voided" if results else f"{sum(done.voided.values())} rows voided"
    line = f"  {said}, kept in history"
    following = "labdb check"
    if done.stale:
        line += f"; {len(done.stale)} verdict{'' if len(done.stale) == 1 else 's'} now stale"
        following = f"labdb assess {' '.join(done.stale)}"
    lines = [line]
    if done.staying:
        lines.append(f"  things stay for ever; correct or note them: {', '.join(done.staying)}")
    emit(
        "intake-undo",
        [{"code": codes[0], "voided": done.voided, "stale": done.stale, "staying": done.staying}],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=lines,
        next_step=following,
    )
