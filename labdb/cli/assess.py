"""Command: assess, judge what was measured against limits; every verdict says its rule, its reason, what is next."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labdb.cli.options import CsvOption, JsonOption, LabOption, opened
from labdb.cli.output import emit
from labdb.cli.typed import read_number

if TYPE_CHECKING:
    from labdb.assessment import Assessed
    from labdb.compliance.limit import Limit
    from labdb.lab import Lab

LimitsOption = Annotated[
    list[str] | None,
    typer.Option("--limit", metavar="ID", help="Judge by this limit; may be repeated. Else labdb.toml's."),
]
DecisionOption = Annotated[
    str | None,
    typer.Option(
        "--decision", metavar="RULE", help="guarded-95, simple, ilac-g8 or probability(p). Else labdb.toml's."
    ),
]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="AGE", help="Judge the pull at this age only: 42d. Else up to the last pull."),
]
MassOption = Annotated[
    str | None, typer.Option("--daily-mass", metavar="MASS", help='Particles per day, for limits per day: "10 mg".')
]

_VERDICT: dict[str, Any] = {
    "code": ("string?", "code of the stored verdict"),
    "subject": "string",
    "sample": "string?",
    "measurand": "string",
    "scope": "string",
    "limit": "limit",
    "outcome": "=pass|fail|inconclusive|not_assessed",
    "wording": ("string", "the outcome in the rule's words, with the standing of the limit"),
    "reason": "string",
    "decision": "string",
    "quantity": "quantity?",
    "unit": "string",
    "guard": ("number?", "guard band in the unit of the limit; null where an uncertainty is missing"),
    "margin": ("number?", "distance to the limit, positive on the conforming side"),
    "u_that_would_decide": "number?",
    "effective_bound": "number?",
    "p_conform": "number?",
    "next_step": "string?",
    "next_step_numbers": {"*": "number"},
    "assumption": "string?",
    "n": "integer?",
    "measurements": ["string"],
}
SCHEMAS = {"assess": {**_VERDICT, "beside": {"?": True, **_VERDICT, "beside": "null"}}}


def register(app: typer.Typer) -> None:
    """Hang `labdb assess` into the app."""
    app.command("assess")(assess)


def assess(
    subjects: Annotated[
        list[str] | None,
        typer.Argument(metavar="SUBJECT...", help="Leach tests, samples or batches, by code or alias."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every batch of the lab.")] = False,
    limit: LimitsOption = None,
    decision: DecisionOption = None,
    at: AtOption = None,
    daily_mass: MassOption = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with 0 whatever the verdicts.")] = False,
    lab: LabOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Judge subjects against limits. Ends with 3 if any verdict is a fail, else 4 if any is not decided, else 0.

    Example: labdb assess S-MIX --limit PAPER-5UGG --at 42d
    """
    from labdb.errors import InputError

    if bool(subjects) == everything:
        raise InputError("assess: name subjects (labdb assess S-2601-W1), or all batches: labdb assess --all")
    at_d = read_number(at, "--at", "elapsed_time", "d", "d")
    mass_mg = read_number(daily_mass, "--daily-mass", "mass", "mg")
    open_lab = opened(lab)
    found = list(_found(open_lab, subjects or [], limit, decision, at_d, mass_mg))
    open_lab.close()
    if as_csv:
        rows = [row for one in found for row in _flat(one)]
        emit("assess", rows, columns=list(_FLAT), as_json=as_json, as_csv=True)
    else:
        blocks = [line for one in found for line in block(one)]
        blocks.append(summary(found))
        after = f"labdb report compliance {' '.join(subjects or _batches(open_lab))} -o report.pdf"
        rows = [one.as_json() for one in found]
        emit("assess", rows, columns=[], as_json=as_json, as_csv=False, text=blocks, next_step=after)
    code = 0 if exit_zero else exit_code(found)
    if code:
        raise typer.Exit(code)


def _found(
    lab: "Lab",
    subjects: Sequence[str],
    limit: list[str] | None,
    decision: str | None,
    at_d: float | None,
    mass_mg: float | None,
) -> "Iterator[Assessed]":
    from labdb.assessment import assess as judge
    from labdb.assessment import chosen_limits
    from labdb.errors import EvidenceError

    for subject in subjects:
        yield from judge(lab, subject, limits=limit, decision=decision, at_d=at_d, daily_mass_mg=mass_mg)
    for subject in [] if subjects else _batches(lab):
        for one in chosen_limits(lab, limit):  # what one limit lacks must not keep the others from being judged
            try:
                yield from judge(lab, subject, limits=[one.id], decision=decision, at_d=at_d, daily_mass_mg=mass_mg)
            except EvidenceError as error:
                yield _lacking(lab, subject, one, decision, str(error))


def _lacking(lab: "Lab", subject: str, limit: "Limit", decision: str | None, why: str) -> "Assessed":
    from labdb.assessment import Assessed
    from labdb.compliance.judgement import not_assessed
    from labdb.quantity import quantity_kind

    rule = decision or lab.config.decision
    judged = not_assessed(limit, rule, f"Not assessed: {why}")
    return Assessed(subject, None, quantity_kind(limit.kind).label, limit, judged.decision, "no evidence", judged)


def _batches(lab: "Lab") -> list[str]:
    from labdb.connection import open_reader

    with open_reader(lab.config) as reader:
        return [str(row["code"]) for row in reader.rows("SELECT code FROM batches ORDER BY code")]


def with_beside(found: "Sequence[Assessed]") -> "Iterator[Assessed]":
    """Give every verdict, each followed by the one on the limit's own basis where there is one."""
    for one in found:
        yield one
        if one.beside is not None:
            yield one.beside


def exit_code(found: "Sequence[Assessed]") -> int:
    """Return 3 if any verdict, one beside another included, is a fail, else 4 if any is not decided, else 0."""
    outcomes = {one.judgement.outcome.value for one in with_beside(found)}
    if "fail" in outcomes:
        return 3
    return 4 if outcomes - {"pass"} else 0


def block(one: "Assessed") -> list[str]:
    """Write one verdict as lines: what against what and what it comes to, because, next.

    Parameters
    ----------
    one : Assessed
        The verdict.

    Returns
    -------
    list of str
        The verdict on the limit's own basis, where there is one, is the last.
    """
    lines = [f"{one.subject}  {one.code or 'not stored'}", f"  {headline(one)}", f"  {_because(one)}"]
    numbers = _numbers(one)
    if numbers:
        lines.append(f"  {numbers}")
    lines += [f"  {finding}" for finding in one.findings]
    if one.next_step:
        lines.append(f"  Next: {one.next_step}.")
    if one.beside is not None:
        lines.append(f"  beside it, {one.beside.scope}: {headline(one.beside, short=True)}")
        lines.append(f"  {_because(one.beside)}")
    return lines


def headline(one: "Assessed", *, short: bool = False) -> str:
    """Write a verdict in one line: "released lead up to 14 d: < 20 ug/g against <= 5 ug/g ...: INCONCLUSIVE under ...".

    Parameters
    ----------
    one : Assessed
        The verdict.
    short : bool
        Leave the scope out.

    Returns
    -------
    str
        With what has to be said of the limit's standing.
    """
    from labdb.compliance.limit import limit_status_words

    status = limit_status_words(one.limit)
    words = one.judgement.wording.replace(f" ({status})", "") if status else one.judgement.wording
    outcome, _, assumed = words.partition(" under assumption ")
    shown = "no value" if one.judgement.quantity is None else str(one.judgement.quantity)
    scope = "" if short or outcome.startswith("not assessed") else f" {one.scope}"
    against = f"{one.limit} {one.limit.id}{f' ({status})' if status else ''}"
    verdict = outcome.upper() + (
        f" under assumption {assumed}, rule {one.decision}" if assumed else f" under {one.decision}"
    )
    return f"{one.measurand}{scope}: {shown} against {against}: {verdict}"


def _numbers(one: "Assessed") -> str:
    judged, unit = one.judgement, "" if one.limit.unit == "1" else f" {one.limit.unit}"
    parts = [
        f"{name} {value:.3g}{unit}"
        for name, value in (("margin", judged.margin), ("guard band", judged.guard))
        if value is not None
    ]
    return ", ".join([*parts, *([f"n = {one.n}"] if one.n is not None else [])])


def _because(one: "Assessed") -> str:
    """The reason, going on after "because": a capital that only starts a sentence becomes small."""
    reason = one.judgement.reason.removeprefix("Not assessed: ")
    return (
        f"because {reason[:1].lower()}{reason[1:]}"
        if reason[1:2].islower() or reason[1:2] == " "
        else f"because {reason}"
    )


def summary(found: "Sequence[Assessed]") -> str:
    """Count the verdicts: "3 verdicts: 1 fail, 2 inconclusive"."""
    outcomes = [one.judgement.outcome.value.replace("_", " ") for one in with_beside(found)]
    counts = [(outcomes.count(name), name) for name in ("pass", "fail", "inconclusive", "not assessed")]
    total = f"{len(outcomes)} verdict{'s' if len(outcomes) != 1 else ''}"
    return f"{total}: {', '.join(f'{count} {name}' for count, name in counts if count)}" if outcomes else "no verdict"


_FLAT = (
    *("code", "subject", "sample", "measurand", "scope", "limit", "limit_value", "limit_status", "decision", "outcome"),
    *("wording", "value", "u", "unit", "censoring", "margin", "guard", "effective_bound", "u_that_would_decide", "n"),
    *("reason", "next_step", "assumption", "beside_of"),
)


def _flat(one: "Assessed", beside_of: str | None = None) -> list[dict[str, Any]]:
    judged, quantity = one.judgement, one.judgement.quantity
    row = {
        **{name: getattr(one, name) for name in ("code", "subject", "sample", "measurand", "scope", "decision", "n")},
        **{name: getattr(judged, name) for name in ("wording", "margin", "guard", "reason")},
        **{name: getattr(judged, name) for name in ("effective_bound", "u_that_would_decide")},
        "limit": one.limit.id,
        "limit_value": str(one.limit),
        "limit_status": one.limit.status.value,
        "outcome": judged.outcome.value,
        "value": None if quantity is None else quantity.value,
        "u": None if quantity is None else quantity.u,
        "unit": None if quantity is None else quantity.unit,
        "censoring": None if quantity is None else quantity.censoring.value,
        "next_step": one.next_step,
        "assumption": one.assumption,
        "beside_of": beside_of,
    }
    return [row, *([] if one.beside is None else _flat(one.beside, beside_of=one.code or one.subject))]
