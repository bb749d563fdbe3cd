"""Take in what is made of a batch at the bench: its powder, portions of it, suspensions with their particle loading."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from labdb.errors import ConflictError, InputError
from labdb.intake.batch import read_amount
from labdb.intake.sample import hand_out, shown_amount
from labdb.intake.writer import Writer
from labdb.lab import Lab
from labdb.quantity import Quantity
from labdb.record import now
from labdb.synthesis.batch import BatchRow
from labdb.synthesis.sample import AmountUnit, Sample, SampleKind, SampleRow, Suspension, SuspensionRow

_LETTERS = (("water", "W"), ("h2o", "W"), ("pbs", "P"), ("phosphate", "P"), ("hcl", "H"))
_WHOLE = {"mg": (AmountUnit.NANOGRAM, "ng"), "mL": (AmountUnit.PICOLITRE, "pL")}


@dataclass(frozen=True)
class Portion:
    """A sample just made; what its parent has left, as text; its particle loading if it is a suspension."""

    code: str
    parent: str
    amount: Quantity
    left: str | None = None
    loading: Quantity | None = None
    medium: str | None = None


def medium_letter(medium: str) -> str:
    """Return the letter a suspension's code carries for its medium.

    Examples
    --------
    >>> [medium_letter(one) for one in ("water", "PBS", "1 M HCl", "ethanol")]
    ['W', 'P', 'H', 'X']
    """
    lower = medium.lower()
    return next((letter for word, letter in _LETTERS if re.search(rf"\b{word}", lower)), "X")


def _whole(amount: Quantity) -> dict[str, Any]:
    """Turn an amount into the whole numbers a sample stores."""
    unit, small = _WHOLE[amount.unit]
    exact = amount.to(small)
    return {"amount": round(exact.value), "amount_unit": unit, "u_amount": None if exact.u is None else round(exact.u)}


def _of_kind(text: str, unit: str, option: str) -> Quantity:
    amount = read_amount(text, option)
    if amount.unit != unit:
        raise InputError(f'{option}: found "{text}"; expected {"a mass" if unit == "mg" else "a volume"}')
    return amount


def _next_child(writer: Writer, parent: str, letter: str) -> str:
    prefix = f"{parent}-{letter}"
    return f"{prefix}{writer.codes.next_number('sample', prefix)}"


def _add(writer: Writer, fields: dict[str, Any], at: datetime | None) -> SampleRow:
    record = Sample.model_validate({**fields, "made_at": at or now().astimezone()})
    row = SampleRow.model_validate(record.model_dump())
    writer.session.add(row)
    writer.session.flush()
    writer.codes.remember("sample", row.code, row.id)
    return row


def new_sample(
    lab: Lab,
    batch: str,
    *,
    powder: str,
    at: datetime | None = None,
    operator: str | None = None,
    code: str | None = None,
) -> Portion:
    """Store a batch's powder as a sample.

    Parameters
    ----------
    lab : Lab
        The open lab.
    batch : str
        The batch's code, or another name of it.
    powder : str
        Its mass: "0.412 g".
    at : datetime, optional
        When it was made; now if not given.
    operator : str, optional
        By whom.
    code : str, optional
        Its code; S-2601 for the powder of B-2601, then S-2601-2.

    Returns
    -------
    Portion
        Code and amount.

    Raises
    ------
    InputError
        The mass is unreadable.
    UnknownNameError
        No such batch; names the nearest.
    ConflictError
        The code is taken.
    """
    mass = _of_kind(powder, "mg", "--powder")
    with lab.write(None, "sample new") as session:
        writer = Writer.on(session)
        row = session.get_one(BatchRow, writer.codes.id_of("batch", batch))
        chosen = code or f"S-{row.code.removeprefix('B-')}"
        if writer.codes.find("sample", chosen) is not None:
            if code:
                raise ConflictError(f"sample {code} is already recorded: labdb sample show {code}")
            chosen = f"{chosen}-{max(2, writer.codes.next_number('sample', f'{chosen}-'))}"
        fields = {"code": chosen, "kind": SampleKind.POWDER, "batch_id": row.id, "operator": operator, **_whole(mass)}
        return Portion(_add(writer, fields, at).code, row.code, mass)


def _parent(writer: Writer, sample: str) -> SampleRow:
    row = writer.session.get_one(SampleRow, writer.codes.id_of("sample", sample))
    if row.amount is None:
        raise InputError(
            f"{row.code} has no amount recorded, so nothing can be taken from it: "
            f'labdb correct {row.code} --set amount="0.4 g" --why ...'
        )
    return row


def _left(writer: Writer, parent: SampleRow) -> str:
    writer.session.refresh(parent)
    return shown_amount((parent.amount or 0) - parent.handed_out, parent.amount_unit or AmountUnit.NANOGRAM)


def suspend(
    lab: Lab,
    sample: str,
    *,
    mass: str,
    volume: str,
    medium: str,
    at: datetime | None = None,
    operator: str | None = None,
) -> Portion:
    """Suspend powder in a medium; the particle loading is mass over volume.

    Parameters
    ----------
    lab : Lab
        The open lab.
    sample : str
        The powder.
    mass, volume : str
        With uncertainty where known: "25.00(5) mg", "50.00(5) mL".
    medium : str
        water, PBS, 1 M HCl...
    at : datetime, optional
        When; now if not given.
    operator : str, optional
        By whom.

    Returns
    -------
    Portion
        Code, loading with its standard uncertainty (relative uncertainties in quadrature; missing stays missing), and
        what the powder has left.

    Raises
    ------
    InputError
        A value is unreadable, or the sample is no powder.
    ConflictError
        The powder has not that much left.
    """
    taken, filled = _of_kind(mass, "mg", "--mass"), _of_kind(volume, "mL", "--volume")
    if not medium.strip():
        raise InputError("--medium: nothing stands here; expected water, PBS, ...")
    with lab.write(None, "sample suspend") as session:
        writer = Writer.on(session)
        parent = _parent(writer, sample)
        if parent.amount_unit is not AmountUnit.NANOGRAM:
            raise InputError(f"{parent.code} is a {parent.kind} measured in {parent.amount_unit}; powder is suspended")
        loading = (taken / filled).as_kind("particle_loading")
        fields = {
            "code": _next_child(writer, parent.code, medium_letter(medium)),
            "kind": SampleKind.SUSPENSION,
            "batch_id": parent.batch_id,
            "composition": parent.composition,
            "operator": operator,
            **_whole(filled),
        }
        row = _add(writer, fields, at)
        record = Suspension(
            sample_id=row.id,
            medium=medium.strip(),
            mass_mg=taken.value,
            u_mass_mg=taken.u,
            volume_ml=filled.value,
            u_volume_ml=filled.u,
            particle_loading_mg_per_ml=loading.value,
            u_particle_loading_mg_per_ml=loading.u,
        )
        session.add(SuspensionRow.model_validate(record.model_dump()))
        hand_out(writer, parent, row, round(taken.to("ng").value))
        return Portion(row.code, parent.code, filled, _left(writer, parent), loading, medium.strip())


def split(lab: Lab, sample: str, *, take: str, parts: int = 1, at: datetime | None = None) -> list[Portion]:
    """Split portions off a powder or a suspension.

    Parameters
    ----------
    lab : Lab
        The open lab.
    sample : str
        What is split.
    take : str
        How much goes into each portion: a mass of powder, a volume of suspension.
    parts : int, scalar [1]
        How many portions.
    at : datetime, optional
        When; now if not given.

    Returns
    -------
    list of Portion
        S-2601-P1 for powder, S-2601-W1-V1 for a vial of a suspension, which keeps its particle loading.

    Raises
    ------
    InputError
        The amount is unreadable or of the wrong sort.
    ConflictError
        There is not that much left; nothing was taken.
    """
    if parts < 1:
        raise InputError(f"--parts: found {parts}; expected 1 or more")
    with lab.write(None, "sample split") as session:
        writer = Writer.on(session)
        parent = _parent(writer, sample)
        unit = "mg" if parent.amount_unit is AmountUnit.NANOGRAM else "mL"
        amount = _of_kind(take, unit, "--take")
        whole = _whole(amount)
        made = SuspensionRow.sample_id == parent.id, col(SuspensionRow.void_change_id).is_(None)
        suspension = session.exec(select(SuspensionRow).where(*made)).first()
        kept = ("kind", "batch_id", "composition", "perovskite_mass_fraction", "u_perovskite_mass_fraction")
        fields = {name: getattr(parent, name) for name in kept}
        portions = []
        for _ in range(parts):
            code = _next_child(writer, parent.code, "P" if unit == "mg" else "V")
            row = _add(writer, {**fields, "code": code, **whole}, at)
            if suspension is not None:
                own = {name: getattr(suspension, name) for name in Suspension.model_fields}
                own |= {"sample_id": row.id, "mass_mg": None, "u_mass_mg": None, "volume_ml": None, "u_volume_ml": None}
                session.add(SuspensionRow.model_validate(Suspension.model_validate(own).model_dump()))
            hand_out(writer, parent, row, whole["amount"])
            portions.append(Portion(row.code, parent.code, amount))
        left = _left(writer, parent)
        return [Portion(one.code, one.parent, one.amount, left) for one in portions]
