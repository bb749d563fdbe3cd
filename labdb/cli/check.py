"""Command: check, does the record make sense: the findings of a careful referee, each with its numbers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from labdb.cli.options import CsvOption, JsonOption, LabOption, opened
from labdb.cli.output import emit

if TYPE_CHECKING:
    from labdb.checks import Rule
    from labdb.finding import Finding

SEVERITIES = ("info", "warning", "error")
FAIL_ON = (*SEVERITIES, "never")

SCHEMAS = {
    "check": {
        "rule": "string",
        "severity": "=info|warning|error",
        "subject": ("string", "code of what is concerned; several are joined by ;"),
        "where": ("string", "file and line, where the record knows them"),
        "message": "string",
        "numbers": ({"*": "string"}, "the numbers behind the sentence, each with its unit"),
    },
    "check-explain": {
        "rule": "string",
        "severity": "=info|warning|error",
        "title": "string",
        "rationale": "string",
        "source": "string",
    },
}


def register(app: typer.Typer) -> None:
    """Hang `labdb check` into the app."""
    app.command("check")(check)


def check(
    rule: Annotated[
        list[str] | None, typer.Option("--rule", metavar="ID", help="Only this rule; may be repeated.")
    ] = None,
    severity: Annotated[str, typer.Option("--severity", help="Show this and above: info, warning, error.")] = "info",
    fail_on: Annotated[
        str, typer.Option("--fail-on", help="End with 3 on any finding of this or above: error, warning, info, never.")
    ] = "error",
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="ID", help="Say what a rule finds and why, and stop; all: list the rules."),
    ] = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Check the record as a careful referee would. Ends with 3 if there is a finding of severity error, else 0.

    Example: labdb check --severity warning
    """
    from labdb.errors import UnknownNameError

    for option, given, known in (("--severity", severity, SEVERITIES), ("--fail-on", fail_on, FAIL_ON)):
        if given not in known:
            raise UnknownNameError(option, given, known)
    if explain is not None:
        _explain(explain, as_json=as_json, as_csv=as_csv)
        return
    from labdb import checks

    open_lab = opened(lab)
    found = checks.run(open_lab, rule)
    open_lab.close()
    shown = [one for one in found if _weight(one) >= SEVERITIES.index(severity)]
    emit(
        "check",
        [one.as_json() for one in shown],
        columns=["severity", "rule", "subject", "where", "message"],
        as_json=as_json,
        as_csv=as_csv,
        text=[*(_line(one) for one in shown), summary(found, len(found) - len(shown))],
        next_step=f"labdb check --explain {shown[0].rule}" if shown else "labdb assess --all",
    )
    if fail_on != "never" and any(_weight(one) >= SEVERITIES.index(fail_on) for one in found):
        raise typer.Exit(3)


def _weight(one: "Finding") -> int:
    return SEVERITIES.index(one.severity.value)


def _line(one: "Finding") -> str:
    place = f" ({one.where})" if one.where else ""
    return f"{one.severity.value:<8} {one.rule:<10} {one.subject}: {one.message}{place}"


def summary(found: "Sequence[Finding]", hidden: int = 0) -> str:
    """Count findings in a sentence.

    Parameters
    ----------
    found : sequence of Finding
        All of them.
    hidden : int, scalar [1]
        How many were not shown.

    Returns
    -------
    str
        "2 warnings, 0 errors".
    """
    if not found:
        return "nothing found: 0 warnings, 0 errors"
    count = {name: sum(one.severity.value == name for one in found) for name in SEVERITIES}
    parts = [f"{count[name]} {name}{'s' if count[name] != 1 else ''}" for name in ("warning", "error")]
    if count["info"]:
        parts.append(f"{count['info']} remark{'s' if count['info'] != 1 else ''}")
    return ", ".join(parts) + (f" ({hidden} not shown)" if hidden else "")


def _title(one: "Rule") -> str:
    """The rule's first line, without the code and severity that stand in columns of their own."""
    return one.title.removeprefix(f"{one.id}, {one.severity.value}: ")


def _explain(name: str, *, as_json: bool, as_csv: bool) -> None:
    from labdb import checks
    from labdb.errors import UnknownNameError

    known = checks.rules()
    if name != "all" and name not in known:
        raise UnknownNameError("rule", name, [*known, "all"])
    chosen = list(known.values()) if name == "all" else [known[name]]
    rows = [
        {
            "rule": one.id,
            "severity": one.severity,
            "title": _title(one),
            "rationale": one.rationale,
            "source": one.source,
        }
        for one in chosen
    ]
    text = None if name == "all" else checks.explain(name).splitlines()
    columns = ["rule", "severity", "title", "rationale", "source"] if as_csv else ["rule", "severity", "title"]
    after = "labdb check --explain ID" if name == "all" else f"labdb check --rule {name}"
    emit("check-explain", rows, columns=columns, as_json=as_json, as_csv=as_csv, text=text, next_step=after)
