"""Command: pull record, missed: what became of a planned pull, where no measurement says it."""

from typing import Annotated

import typer

from labdb.cli import group
from labdb.cli.options import JsonOption, LabOption, WhyOption, read_moment, using
from labdb.cli.output import ask_reason, emit

_PULL = {"study": "string", "age_d": "number", "state": "=recorded|missed"}
SCHEMAS = {"pull-record": _PULL, "pull-missed": _PULL}

StudyArgument = Annotated[str, typer.Argument(help="The study, by code or another name.")]
AgeArgument = Annotated[str, typer.Argument(help="The planned age: 14d.")]


def register(app: typer.Typer) -> None:
    """Hang `labdb pull record|missed` into the app."""
    pull = group(app, "pull", "Pulls of a study: say that one was made, or missed.")
    pull.command("record")(record)
    pull.command("missed")(missed)


def record(
    study: StudyArgument,
    age: AgeArgument,
    at: Annotated[str | None, typer.Option("--at", help='When: "2026-11-17 10:00".')] = None,
    vial: Annotated[str | None, typer.Option("--vial", help="Which vial.")] = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a pull was made; measurements taken in with --study and --age say it by themselves.

    Example: labdb pull record ST-01 14d --at 2026-11-24 --vial v1
    """
    from labdb.intake.study import record_pull

    with using(lab) as open_lab:
        done = record_pull(open_lab, study, age, at=read_moment(at, "--at"), vial=vial)
    _told("record", study, done, "recorded", as_json=as_json)


def missed(
    study: StudyArgument,
    age: AgeArgument,
    why: WhyOption = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a pull was missed, and why.

    Example: labdb pull missed ST-01 0d --why "spectrometer down"
    """
    from labdb.intake.study import record_pull
    from labdb.stability.study import PullState

    reason = ask_reason(f"pull {age} of {study} missed", why)
    with using(lab) as open_lab:
        done = record_pull(open_lab, study, age, state=PullState.MISSED, reason=reason)
    _told("missed", study, done, "missed", as_json=as_json)


def _told(command: str, study: str, age_d: float, state: str, *, as_json: bool) -> None:
    emit(
        f"pull-{command}",
        [{"study": study, "age_d": age_d, "state": state}],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=[f"{study} pull {age_d:g} d: {state}"],
        next_step=f"labdb study show {study}, labdb due",
    )
