"""Command: sample new, split, suspend, show, tree: what one can hold, what it was made of, how much is left."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labdb.cli import group
from labdb.cli.options import CsvOption, JsonOption, LabOption, read_moment, reading, using
from labdb.cli.output import cell, emit

if TYPE_CHECKING:
    from labdb.intake.portion import Portion
    from labdb.queries.sample import SampleRecord

_PORTION = {
    "code": "string",
    "parent": ("string", "the batch or sample it was made of"),
    "amount": "quantity",
    "left": ("string?", "what the parent has left"),
    "particle_loading": "quantity?",
    "medium": "string?",
}
_TEXTS = (
    *("batch", "composition", "role", "amount_unit", "medium", "condition", "vial", "alternative_of", "made_at"),
    *("operator", "instrument", "origin_note"),
)
_NUMBERS = (
    *("amount", "u_amount", "amount_left", "perovskite_mass_fraction", "u_perovskite_mass_fraction"),
    *("particle_loading_mg_per_ml", "u_particle_loading_mg_per_ml"),
)
_SAMPLE: dict[str, Any] = dict.fromkeys(_TEXTS, "string?") | dict.fromkeys(_NUMBERS, "number?")
SCHEMAS = {
    "sample-new": _PORTION,
    "sample-suspend": _PORTION,
    "sample-split": _PORTION,
    "sample-show": {
        **_SAMPLE,
        "code": "string",
        "kind": "string",
        "origin": "string",
        "aliases": ["string"],
        "parents": [{"child": "string", "parent": "string", "taken": "number", "unit": "string?"}],
        "children": [{"child": "string", "parent": "string", "taken": "number", "unit": "string?"}],
        "measured": [
            {"quantity": "string", "results": "integer", "first_age_d": "number?", "last_age_d": "number?"},
        ],
        "studies": ["string"],
        "leach_tests": ["string"],
        "irradiations": ["string"],
    },
    "sample-tree": {
        "code": "string",
        "depth": ("integer", "0 for the root"),
        "kind": "string",
        "taken": ("number?", "from its parent, in unit"),
        "unit": "string?",
        "amount": "number?",
        "amount_left": "number?",
        "amount_unit": "string?",
        "particle_loading_mg_per_ml": "number?",
        "medium": "string?",
    },
}

SampleArgument = Annotated[str, typer.Argument(help="The sample, by code or another name.")]
AtOption = Annotated[str | None, typer.Option("--at", help="When: 2026-11-10; now if not given.")]


def register(app: typer.Typer) -> None:
    """Hang `labdb sample new|split|suspend|show|tree` into the app."""
    sample = group(app, "sample", "Samples: make one of a batch, split it, suspend it, show it and what came of it.")
    for name, command in (("new", new), ("split", split_off), ("suspend", suspend_in), ("show", show), ("tree", tree)):
        sample.command(name)(command)


def _portion(one: "Portion") -> dict[str, Any]:
    return {
        "code": one.code,
        "parent": one.parent,
        "amount": one.amount,
        "left": one.left,
        "particle_loading": one.loading,
        "medium": one.medium,
    }


def new(
    batch: Annotated[str, typer.Argument(help="The batch, by code or another name.")],
    powder: Annotated[str, typer.Option("--powder", help='Mass of the powder: "0.412 g".')],
    at: AtOption = None,
    code: Annotated[str | None, typer.Option("--code", help="Its code; else S-2601 for B-2601.")] = None,
    operator: Annotated[str | None, typer.Option("--operator", help="By whom.")] = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a sample of a batch's powder.

    Example: labdb sample new B-2601 --powder "0.412 g"
    """
    from labdb.intake.portion import new_sample

    with using(lab) as open_lab:
        made = new_sample(open_lab, batch, powder=powder, at=read_moment(at, "--at"), operator=operator, code=code)
    emit(
        "sample-new",
        [_portion(made)],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=[f"{made.code}  {powder.strip()} powder from {made.parent}"],
        next_step=f'labdb sample suspend {made.code} --mass "25.00(5) mg" --volume "50.00(5) mL" --medium water',
    )


def suspend_in(
    sample: SampleArgument,
    mass: Annotated[str, typer.Option("--mass", help='Mass of powder, with its uncertainty: "25.00(5) mg".')],
    volume: Annotated[str, typer.Option("--volume", help='Volume of the suspension: "50.00(5) mL".')],
    medium: Annotated[str, typer.Option("--medium", help="water, PBS, 1 M HCl...")],
    at: AtOption = None,
    operator: Annotated[str | None, typer.Option("--operator", help="By whom.")] = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Suspend powder; says the particle loading with its uncertainty, and what the powder has left.

    Example: labdb sample suspend S-2601 --mass "25.00(5) mg" --volume "50.00(5) mL" --medium water
    """
    from labdb.intake.portion import suspend

    when = read_moment(at, "--at")
    with using(lab) as open_lab:
        made = suspend(open_lab, sample, mass=mass, volume=volume, medium=medium, at=when, operator=operator)
    lines = [f"{made.code}  {made.loading} in {made.medium}; {made.parent} has {made.left} left"]
    if made.loading is not None and made.loading.u is None:
        lines.append("  the loading has no uncertainty: a mass or volume was given without its own.  Released lead per")
        lines.append(
            f'  mass cannot be judged so; add: labdb correct {made.code} --set particle_loading="... ± ... mg/mL"'
        )
    emit(
        "sample-suspend",
        [_portion(made)],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=lines,
        next_step=f"labdb study new NAME --sample {made.code} --condition water --pulls 0d,7d,14d --measure PL,Pb",
    )


def split_off(
    sample: SampleArgument,
    take: Annotated[str, typer.Option("--take", help='How much goes into each portion: "50 mg", "5 mL".')],
    parts: Annotated[int, typer.Option("--parts", help="How many portions.")] = 1,
    at: AtOption = None,
    lab: LabOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split portions off a powder, or vials off a suspension; they keep its particle loading.

    Example: labdb sample split S-2601 --take "50 mg" --parts 3
    """
    from labdb.intake.portion import split

    with using(lab) as open_lab:
        made = split(open_lab, sample, take=take, parts=parts, at=read_moment(at, "--at"))
    last = made[-1]
    emit(
        "sample-split",
        [_portion(one) for one in made],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=[f"{', '.join(one.code for one in made)}  {take.strip()} each; {last.parent} has {last.left} left"],
        next_step=f"labdb sample tree {last.parent}",
    )


def show(sample: SampleArgument, lab: LabOption = None, as_json: JsonOption = False) -> None:
    """Show one sample: what it is, where it came from, what is left, what was measured on it.

    Example: labdb sample show S-2601-W1
    """
    from labdb.queries.sample import read_sample

    with reading(lab) as reader:
        record = read_sample(reader, sample)
    lists = ("aliases", "parents", "children", "measured", "studies", "leach_tests", "irradiations")
    code = record.sample["code"]
    emit(
        "sample-show",
        [{**record.sample, **{name: getattr(record, name) for name in lists}}],
        columns=[],
        as_json=as_json,
        as_csv=False,
        text=_lines(record),
        next_step=f"labdb sample tree {code}, labdb history {code}, labdb check",
    )


def _amount(row: Mapping[str, Any]) -> str:
    if row["amount"] is None:
        return "amount not stated"
    return f"{row['amount']:g} {row['amount_unit']}, {row['amount_left']:g} {row['amount_unit']} left"


def _lines(record: "SampleRecord") -> list[str]:
    row = record.sample
    names = f"  (also: {', '.join(record.aliases)})" if record.aliases else ""
    batch = f" from {row['batch']}" if row["batch"] else ""
    lines = [f"{row['code']}  {row['kind']}{batch}, {cell(row['composition'])}{names}", f"  {_amount(row)}"]
    if row["particle_loading_mg_per_ml"] is not None:
        lines.append(f"  {_loading(row)} in {row['medium']}")
    lines += [f"  made of {one['taken']:g} {one['unit'] or ''} {one['parent']}" for one in record.parents]
    lines += [f"  gave {one['taken']:g} {one['unit'] or ''} to {one['child']}" for one in record.children]
    for one in record.measured:
        span = ""
        if one["first_age_d"] is not None:
            span = f", {one['first_age_d']:g} to {one['last_age_d']:g} d"
        lines.append(f"  measured: {one['quantity']}, {one['results']} results{span}")
    for word, codes in (
        ("studies", record.studies),
        ("leach tests", record.leach_tests),
        ("irradiations", record.irradiations),
    ):
        lines += [f"  {word}: {', '.join(codes)}"] if codes else []
    open_points = [name for name in ("amount", "made_at", "operator", "condition") if row[name] is None]
    lines += [f"  not stated: {', '.join(open_points)}"] if open_points else []
    return lines


def _loading(row: Mapping[str, Any]) -> str:
    from labdb.quantity import Quantity

    u = row["u_particle_loading_mg_per_ml"]
    return str(Quantity(row["particle_loading_mg_per_ml"], "mg/mL", "particle_loading", u=u))


def tree(
    sample: Annotated[str, typer.Argument(help="A sample or a batch, by code or another name.")],
    lab: LabOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Show what was made of a sample or batch, with amounts.

    Example: labdb sample tree B-2601
    """
    from labdb.queries.sample import sample_tree

    with reading(lab) as reader:
        branches = sample_tree(reader, sample)
    named = ("code", "kind", "amount", "amount_left", "amount_unit", "particle_loading_mg_per_ml", "medium")
    rows = [
        {**{name: one.sample[name] for name in named}, "depth": one.depth, "taken": one.taken, "unit": one.unit}
        for one in branches
    ]
    last = rows[-1]["code"] if rows else None
    emit(
        "sample-tree",
        rows,
        columns=("code", "depth", "kind", "taken", "unit", "amount", "amount_left", "amount_unit", "medium"),
        as_json=as_json,
        as_csv=as_csv,
        text=_tree_lines(rows) or [f"nothing was made of {sample} yet"],
        next_step=f"labdb sample show {last}" if last else f'labdb sample new {sample} --powder "0.4 g"',
    )


def _tree_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        taken = f"  {row['taken']:g} {row['unit'] or ''}" if row["taken"] is not None else ""
        loading = f", {_loading_of(row)} in {row['medium']}" if row["particle_loading_mg_per_ml"] is not None else ""
        lines.append(f"{'  ' * row['depth']}{row['code']}{taken}  {row['kind']}{loading}, {_amount(row)}")
    return lines


def _loading_of(row: Mapping[str, Any]) -> str:
    return f"{row['particle_loading_mg_per_ml']:g} mg/mL"
