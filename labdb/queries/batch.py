"""Batches: the list, one batch with its weighings and steps, what the weighings can give, what is not stated yet.

Read through the public views over the bare driver, so that ``batch list`` and ``batch show`` start fast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labdb.connection import Reader
from labdb.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from labdb.synthesis.stoichiometry import WeighingBalance

Row = Mapping[str, Any]
_TIMED = ("soak", "disperse_soak", "dry", "calcine", "centrifuge")


@dataclass(frozen=True)
class BatchRecord:
    """One batch as it stands: its row of the view ``batches``, weighings, planned and recorded steps, aliases."""

    batch: Row
    weighings: tuple[Row, ...]
    steps: tuple[Row, ...]
    aliases: tuple[str, ...]
    samples: tuple[str, ...]


def list_batches(reader: Reader) -> list[dict[str, Any]]:
    """List the batches, by code.

    Parameters
    ----------
    reader : Reader
        The lab's database.

    Returns
    -------
    list of dict
        Rows of the view ``batches``.
    """
    return reader.rows("SELECT * FROM batches ORDER BY code")


def code_of(reader: Reader, view: str, name: str) -> str:
    """Resolve a code or alias to the code a view has.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    view : str
        batches, samples or studies.
    name : str
        A code, or another name of it.

    Returns
    -------
    str
        The code.

    Raises
    ------
    UnknownNameError
        There is none; names the nearest.
    """
    sql = f"SELECT code FROM {view} WHERE code = ? OR code = (SELECT subject FROM alias WHERE name = ?)"  # noqa: S608
    found = reader.rows(sql, (name, name))
    if found:
        return str(found[0]["code"])
    known = [row["code"] for row in reader.rows(f"SELECT code FROM {view} ORDER BY code")]  # noqa: S608 - a view of ours
    known += [row["name"] for row in reader.rows("SELECT name FROM alias ORDER BY name")]
    noun = {"batches": "batch", "samples": "sample", "studies": "study"}[view]
    raise UnknownNameError(noun, name, known)


def read_batch(reader: Reader, name: str) -> BatchRecord:
    """Read one batch.

    Parameters
    ----------
    reader : Reader
        The lab's database.
    name : str
        Its code, or another name of it.

    Returns
    -------
    BatchRecord
        Steps as done beside the plan; a planned step not recorded yet has state None.

    Raises
    ------
    UnknownNameError
        There is no such batch; names the nearest.
    """
    code = code_of(reader, "batches", name)
    (batch,) = reader.rows("SELECT * FROM batches WHERE code = ?", (code,))
    weighings = reader.rows("SELECT * FROM weighings WHERE batch = ? ORDER BY role, chemical", (code,))
    done = {row["seq"]: row for row in reader.rows("SELECT * FROM steps WHERE batch = ? ORDER BY seq", (code,))}
    planned = reader.rows(
        "SELECT q.seq, q.kind, q.temperature_degc AS planned_temperature_degc, q.temperature_tolerance_degc,"
        " q.ramp_degc_per_min AS planned_ramp_degc_per_min, q.ramp_tolerance_degc_per_min,"
        " q.dwell_min AS planned_dwell_min, q.dwell_tolerance_min, q.detail AS planned_detail"
        " FROM protocol_step q JOIN protocol p ON p.id = q.protocol_id WHERE p.code = ? ORDER BY q.seq",
        (batch["protocol"],),
    )
    steps = {row["seq"]: {**row, "state": None, **done.get(row["seq"], {})} for row in planned} | {
        seq: row for seq, row in done.items() if seq not in {one["seq"] for one in planned}
    }
    aliases = reader.rows("SELECT name FROM alias WHERE subject = ? ORDER BY name", (code,))
    samples = reader.rows("SELECT code FROM samples WHERE batch = ? ORDER BY code", (code,))
    return BatchRecord(
        batch,
        tuple(weighings),
        tuple(steps[seq] for seq in sorted(steps)),
        tuple(str(row["name"]) for row in aliases),
        tuple(str(row["code"]) for row in samples),
    )


def balance_of(composition: str, weighings: Sequence[Row]) -> "WeighingBalance":
    """Compute what a batch's weighings can give.

    Parameters
    ----------
    composition : str
        The nominal composition.
    weighings : sequence of mapping
        With formula, role, amount, unit, u, purity_percent, as of the view ``weighings``.

    Returns
    -------
    WeighingBalance
        Cs:Pb, limiting precursor, w at most, lead, and whether the label agrees.

    Raises
    ------
    InputError
        No template, no Cs or no Pb was weighed, or the composition is no caesium lead halide.
    """
    from labdb.synthesis.stoichiometry import Weighing, weighing_balance

    masses = [row for row in weighings if row["unit"] == "mg"]
    template = sum(row["amount"] for row in masses if row["role"] == "template")
    if not template:
        raise InputError("no silica weighed")
    counted = [
        Weighing(row["formula"], row["amount"], (row["purity_percent"] or 100.0) / 100.0, row["u"])
        for row in masses
        if row["role"] in ("precursor", "sintering agent") and row["formula"]
    ]
    return weighing_balance(counted, template, composition)


def balance_sentence(composition: str, weighings: Sequence[Row]) -> str:
    """Say in one line what a batch's weighings can give, or why that cannot be said.

    Parameters
    ----------
    composition : str
        The nominal composition.
    weighings : sequence of mapping
        As of the view ``weighings``.

    Returns
    -------
    str
        "Cs:Pb 1.002, limiting PbBr2, w at most 0.1995, lead 89.3 mg.  Label agrees with weighings."

    Examples
    --------
    >>> balance_sentence("CsPbBr3", [])
    'nothing weighed yet'
    """
    if not weighings:
        return "nothing weighed yet"
    try:
        balance = balance_of(composition, weighings)
    except InputError as error:
        return f"stoichiometry not computed: {error}"
    return (
        f"Cs:Pb {balance.cs_to_lead:.3f}, limiting {balance.limiting}, w at most {balance.w_max:.4f}, "
        f"lead {balance.lead_mass_mg:.1f} mg.  {balance.sentence}"
    )


def not_stated(record: BatchRecord) -> list[str]:
    """Name what a batch's record leaves open.

    Parameters
    ----------
    record : BatchRecord
        The batch.

    Returns
    -------
    list of str
        "lot (4)", "balance (4)", "soak time", "operator"...; empty when all is stated.
    """
    open_points = []
    if record.batch["protocol"] is None:
        open_points.append("protocol")
    if not record.weighings:
        open_points.append("weighings")
    for column, word in (("lot", "lot"), ("instrument", "balance")):
        missing = sum(row[column] is None for row in record.weighings)
        open_points += [f"{word} ({missing})"] if missing else []
    times: dict[str, int] = {}
    for step in record.steps:
        timed = step["kind"] in _TIMED and step["state"] != "skipped"
        if timed and step.get("dwell_min") is None and step.get("planned_dwell_min") is None:
            times[step["kind"]] = times.get(step["kind"], 0) + 1
    open_points += [f"{kind} time" + (f" ({count})" if count > 1 else "") for kind, count in times.items()]
    return open_points


def open_steps(reader: Reader) -> dict[str, str]:
    """Return the next open step of each batch: the first of its protocol that is neither finished nor skipped.

    Parameters
    ----------
    reader : Reader
        The lab's database.

    Returns
    -------
    dict
        Batch code to step kind; a batch without open step is left out.
    """
    found: dict[str, str] = {}
    for row in reader.rows(
        "SELECT b.code AS batch, q.seq, q.kind FROM batch b JOIN protocol_step q ON q.protocol_id = b.protocol_id"
        " LEFT JOIN steps s ON s.batch = b.code AND s.seq = q.seq"
        " WHERE s.state IS NULL OR s.state = 'started' ORDER BY b.code, q.seq"
    ):
        found.setdefault(row["batch"], row["kind"])
    return found
