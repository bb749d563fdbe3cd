"""Command: batch new, list, show: what was made, from what, how far it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from labdb.cli import group
from labdb.cli.options import CsvOption, JsonOption, LabOption, reading, using
from labdb.cli.output import emit

_BATCH: dict[str, Any] = {
    "code": "string",
    "composition": "string",
    "label": "string?",
    "protocol": "string?",
    "target_w": "number?",
    "started_at": "string?",
    "operator": "string?",
    "steps_planned": "integer",
    "steps_finished": "integer",
    "deviations": "integer",
    "samples": "integer",
    "origin": "string",
    "origin_note": "string?",
}
SCHEMAS = {
    "batch-list": _BATCH,
    "batch-show": {
        **{name: kind for name, kind in _BATCH.items() if name != "samples"},
        "aliases": ["string"],
        "samples": ["string"],
        "weighings": [{"*": "any"}],
        "steps": [{"*": "any"}],
        "stoichiometry": ("string", "what the weighings can give"),
        "not_stated": ["string"],
    },
    "batch-new": {
        "code": "string",
        "label": "string",
        "stoichiometry": ("string", "what the weighings can give"),
        "not_stated": ["string"],
        "registered": (["string"], "chemicals the lab did not have yet"),
    },
}
_COLUMNS = ("code", "composition", "label", "protocol", "started_at", "steps_finished", "deviations", "samples")


def register(app: typer.Typer) -> None:
    """Hang `labdb batch new|list|show` into the app."""
    batch = group(app, "batch", "Batches: log a new one, list them, show one.")
    batch.command("new")(new)
    batch.command("list")(list_all)
    batch.command("show")(show)


def new(
    file: Annotated[Path | None, typer.Argument(help="A YAML file with the same fields instead of options.")] = None,
    composition: Annotated[str | None, typer.Option("--composition", help="Nominal: CsPbBr1.5I1.5.")] = None,
    protocol: Annotated[str | None, typer.Option("--protocol", help="Its code; labdb brings confined-growth.")] = None,
    silica: Annotated[str | None, typer.Option("--silica", help='Silica template weighed: "1.0020 g".')] = None,
    weigh: Annotated[
        list[str] | None,
        typer.Option("--weigh", metavar="CHEMICAL=AMOUNT", help='CsBr="91.9 mg", with lot: CsBr="91.9 mg @L-7".'),
    ] = None,
    balance: Annotated[str | None, typer.Option("--balance", help="The balance all of it was weighed on.")] = None,
    alias: Annotated[list[str] | None, typer.Option("--alias", help='Another name: "notebook 7, p. 31".')] = None,
    label: Annotated[
        str | None, typer.Option("--label", help="What stands on the vial; else COMPOSITION-SiO2.")
    ] = None,
    target_w: Annotated[str | None, typer.Option("--target-w", help="Perovskite mass fraction aimed at: 0.2.")] = None,
    at: Annotated[str | None, typer.Option("--at", help='When it was begun: "2026-11-05 09:00".')] = None,
    operator: Annotated[str | None, typer.Option("--operator", help="By whom.")] = None,
    code: Annotated[str | None, typer.Option("--code", help="Its code; else the next free one.")] = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Log a new batch: what was weighed, by which protocol; says what the weighings can give.

    Example: labdb batch new --composition CsPbBr3 --protocol confined-growth --silica "1.0020 g" --weigh CsBr="91.9 mg"
    --weigh PbBr2="158.1 mg" --weigh K2CO3="100.3 mg"
    """
    from labdb.errors import InputError
    from labdb.intake.batch import new_batch

    typed = {
        "composition": composition,
        "protocol": protocol,
        "silica": silica,
        "weigh": weigh,
        "balance": balance,
        "alias": alias,
        "label": label,
        "target_w": target_w,
        "started_at": at,
        "operator": operator,
        "code": code,
    }
    given = {name: value for name, value in typed.items() if value}
    if file is not None and given:
        raise InputError(f"give {file}, or options, not both")
    if file is None and not composition:
        raise InputError("what was made? --composition CsPbBr3, or a YAML file: labdb batch new --help")
    request = _from_options(given) if file is None else _from_file(file)
    with using(lab) as open_lab:
        made = new_batch(open_lab, request)
    _answer(lab, made.code, made.registered, as_json=as_json)


def _from_file(file: Path) -> Any:  # noqa: ANN401 - a BatchRequest; its module is not imported at the start
    from labdb.intake.batch import read_batch_request

    return read_batch_request(file)


def _from_options(given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a BatchRequest, as above
    from labdb.intake.batch import BatchRequest, WeighingRequest, read_weighing

    weighed = [read_weighing(text) for text in given.get("weigh", [])]
    silica = WeighingRequest(amount=given["silica"]) if "silica" in given else None
    return BatchRequest.model_validate({**given, "weigh": weighed, "silica": silica})


def _answer(lab: Path | None, code: str, registered: tuple[str, ...], *, as_json: bool) -> None:
    """Say what was stored, computed from what is in the database now."""
    from labdb.queries.batch import balance_sentence, not_stated, read_batch

    with reading(lab) as reader:
        record = read_batch(reader, code)
    open_points = not_stated(record)
    stoichiometry = balance_sentence(record.batch["composition"], record.weighings)
    label = record.batch["label"]
    lines = [f"{code}  {label}   {stoichiometry}"]
    if registered:
        lines.append(f"  registered: {', '.join(registered)}.")
    if open_points:
        lines.append(f"  not stated yet: {', '.join(open_points)}.  Add later: labdb correct {code}")
    first = record.steps[0]["kind"] if record.steps else "STEP"
    row = {
        "code": code,
        "label": label,
        "stoichiometry": stoichiometry,
        "not_stated": open_points,
        "registered": list(registered),
    }
    emit(
        "batch-new",
        [row],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=lines,
        next_step=f'labdb step finish {code} {first}, then labdb sample new {code} --powder "0.4 g"',
    )


def list_all(lab: LabOption = None, as_json: JsonOption = False, as_csv: CsvOption = False) -> None:
    """List the batches.

    Example: labdb batch list
    """
    from labdb.queries.batch import list_batches

    with reading(lab) as reader:
        rows = list_batches(reader)
    emit(
        "batch-list",
        rows,
        columns=_COLUMNS,
        as_json=as_json,
        as_csv=as_csv,
        title=None if rows else "no batch yet",
        next_step=f"labdb batch show {rows[-1]['code']}" if rows else "labdb batch new --composition CsPbBr3",
    )


def show(
    batch: Annotated[str, typer.Argument(help="Its code, or another name of it.")],
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one batch: weighings, steps as planned and as done, what the weighings can give, what is not stated.

    Example: labdb batch show B-2601
    """
    from labdb.queries.batch import balance_sentence, not_stated, read_batch

    with reading(lab) as reader:
        record = read_batch(reader, batch)
    row = {
        **record.batch,
        "aliases": record.aliases,
        "samples": record.samples,
        "weighings": record.weighings,
        "steps": record.steps,
        "stoichiometry": balance_sentence(record.batch["composition"], record.weighings),
        "not_stated": not_stated(record),
    }
    code = record.batch["code"]
    emit(
        "batch-show",
        [row],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=_lines(row),
        next_step=f"labdb sample tree {code}, labdb history {code}"
        if record.samples
        else f"labdb sample new {code} ...",
    )


def _lines(row: Mapping[str, Any]) -> list[str]:
    names = f"  (also: {', '.join(row['aliases'])})" if row["aliases"] else ""
    lines = [f"{row['code']}  {row['label'] or row['composition']}{names}"]
    lines.append(f"  protocol {row['protocol'] or 'not stated'}, begun {row['started_at'] or 'not stated'}")
    lines.append(f"  {row['stoichiometry']}")
    lines += [f"  weighed {_weighed(one)}" for one in row["weighings"]]
    lines += [f"  {one['seq']}  {_step(one)}" for one in row["steps"]]
    if row["samples"]:
        lines.append(f"  samples: {', '.join(row['samples'])}")
    if row["not_stated"]:
        lines.append(f"  not stated yet: {', '.join(row['not_stated'])}.  Add: labdb correct {row['code']}")
    return lines


def _weighed(row: Mapping[str, Any]) -> str:
    u = f" ± {row['u']:g}" if row["u"] is not None else ""
    planned = f" ({row['planned']:g} planned)" if row["planned"] is not None else ""
    lot = f"lot {row['lot']}" if row["lot"] else "lot not stated"
    return f"{row['amount']:g}{u} {row['unit']} {row['chemical']}{planned}, {row['role']}, {lot}"


def _step(row: Mapping[str, Any]) -> str:
    values = []
    for name, unit in (("temperature_degc", "degC"), ("ramp_degc_per_min", "degC/min"), ("dwell_min", "min")):
        done, planned = row.get(name), row.get(f"planned_{name}")
        if done is not None or planned is not None:
            values.append(f"{done:g} {unit}" if done is not None else f"[{planned:g} {unit} planned]")
    state = row["state"] or "open"
    deviation = f"  DEVIATION {row['deviation']} ({row['deviation_reason']})" if row.get("deviation") else ""
    return f"{row['kind']}: {state}{', ' if values else ''}{', '.join(values)}{deviation}"
