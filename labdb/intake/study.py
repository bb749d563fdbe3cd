"""Take in stability studies with their planned pulls; record a pull or that it was missed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from labdb.errors import ConflictError, InputError
from labdb.intake.code import next_code
from labdb.intake.form import Column, Form, build, columns_of
from labdb.intake.moment import read_moment
from labdb.intake.writer import CellError, Line, Writer
from labdb.lab import Lab
from labdb.measurement import MeasurementRow
from labdb.quantity import parse_quantity
from labdb.record import Origin, now
from labdb.stability.study import PlannedPullRow, PullRow, PullState, Study, StudyRow
from labdb.synthesis.sample import SampleRow

_STUDY = columns_of(Study, StudyRow)
_LONGEST_D = 36525.0  # a hundred years, as for labdb due
_ROUNDING_D = 1e-6  # ages from times are kept to six places


def read_ages(text: str) -> list[float]:
    """Read a pull plan.

    Parameters
    ----------
    text : str
        Ages with units, joined by commas: "0d,7d,14d,6 weeks".

    Returns
    -------
    list of float
        Ages in days, ascending, each once.

    Raises
    ------
    InputError
        No age, one below zero, or one of more than a hundred years.
    """
    ages = sorted(
        {
            parse_quantity(part.strip(), kind="elapsed_time", default_unit="d").to("d").value
            for part in text.split(",")
            if part.strip()
        }
    )
    if not ages or ages[0] < 0:
        raise InputError(f'found "{text}"; expected ages such as 0d,7d,14d')
    if ages[-1] > _LONGEST_D:
        raise InputError(f'found "{text}"; expected ages of at most a hundred years')
    return ages


def add_study(writer: Writer, line: Line) -> StudyRow:
    """Store one study with its planned pulls.

    Parameters
    ----------
    writer : Writer
        The intake in progress.
    line : Line
        The study's cells; ``pulls`` holds the ages.

    Returns
    -------
    StudyRow
        The study, flushed.
    """
    row = build(Study, StudyRow, _STUDY, line, writer)
    assert isinstance(row, StudyRow)  # noqa: S101 - build makes the class it is given
    if writer.codes.find("study", row.code) is not None:
        raise CellError("code", f"{row.code} is already recorded; to change it: labdb correct {row.code}")
    try:
        ages = read_ages(line.cells.get("pulls", ""))
    except InputError as error:
        raise CellError("pulls", str(error)) from error
    writer.session.add(row)
    writer.session.flush()
    writer.codes.remember("study", row.code, row.id)
    writer.session.add_all(PlannedPullRow(study_id=row.id, age_d=age) for age in ages)
    writer.session.flush()
    return row


def _store(writer: Writer, lines: list[Line]) -> None:
    def one(line: Line) -> None:
        add_study(writer, line)
        writer.stored["studies"] += 1

    writer.each(lines, one)


FORMS = (
    Form(
        "studies",
        "a stability study: sample, condition, pulls",
        35,
        (*_STUDY, Column("pulls", "ages, joined by commas", required=True)),
        _store,
    ),
)


def mark_pulls(session: Session, measurements: Sequence[Mapping[str, Any]]) -> None:
    """Mark the planned pulls that measurements belong to as recorded: the nearest one, within its study's window.

    Parameters
    ----------
    session : Session
        A write session; the measurements are in it.
    measurements : sequence of mapping
        Columns of measurements; those without a study or an age belong to no pull.
    """
    ages: dict[UUID, set[float]] = {}
    for one in measurements:
        if one.get("study_id") is not None and one.get("age_d") is not None:
            ages.setdefault(one["study_id"], set()).add(one["age_d"])
    for study_id, measured in ages.items():
        planned = session.exec(select(PlannedPullRow).where(PlannedPullRow.study_id == study_id)).all()
        done = {pull.planned_pull_id for pull in _current_pulls(session, planned)}
        window = session.get_one(StudyRow, study_id).window_d
        for pull in planned:
            if pull.id not in done and pull.id in _pulled(planned, window, measured):
                session.add(PullRow(planned_pull_id=pull.id, state=PullState.RECORDED))
    session.flush()


def _current_pulls(session: Session, planned: Sequence[PlannedPullRow]) -> Sequence[PullRow]:
    identifiers = [pull.id for pull in planned]
    current = col(PullRow.planned_pull_id).in_(identifiers), col(PullRow.void_change_id).is_(None)
    return session.exec(select(PullRow).where(*current)).all()


def _pulled(planned: Sequence[PlannedPullRow], window_d: float, ages_d: Iterable[float]) -> set[UUID]:
    """The planned pulls that measured ages belong to: each age to the nearest one, within the window."""
    found = set()
    for age in ages_d:
        nearest = min(planned, key=lambda pull: abs(pull.age_d - age), default=None)
        if nearest is not None and abs(nearest.age_d - age) <= window_d + _ROUNDING_D:
            found.add(nearest.id)
    return found


def review_pulls(session: Session, studies: Iterable[UUID]) -> None:
    """Set the pulls of studies right after measurements were voided or corrected.

    A pull that measurements had marked as recorded, and that has none left, is open again; one that a person recorded
    or missed stays.

    Parameters
    ----------
    session : Session
        A write session.
    studies : iterable of UUID
        The studies whose measurements changed.
    """
    for study_id in studies:
        planned = session.exec(select(PlannedPullRow).where(PlannedPullRow.study_id == study_id)).all()
        own = select(MeasurementRow.age_d, MeasurementRow.change_id, MeasurementRow.void_change_id)
        measured = session.exec(own.where(MeasurementRow.study_id == study_id)).all()
        marked_by = {change_id for _, *changes in measured for change_id in changes}  # those that void mark anew
        ages = {age for age, _, void_change_id in measured if age is not None and void_change_id is None}
        have = _pulled(planned, session.get_one(StudyRow, study_id).window_d, ages)
        for pull in _current_pulls(session, planned):
            by_measurement = pull.state is PullState.RECORDED and pull.change_id in marked_by
            if by_measurement and pull.planned_pull_id not in have:
                pull.void_change_id = session.info["change_id"]
        session.flush()
        mark_pulls(session, [{"study_id": study_id, "age_d": age} for age in ages])


@dataclass(frozen=True)
class NewStudy:
    """A study just made."""

    code: str
    ages_d: tuple[float, ...]
    kinds: tuple[str, ...]
    past_d: tuple[float, ...]


def new_study(lab: Lab, cells: Mapping[str, str | None]) -> NewStudy:
    """Store a study from what was typed; the form ``studies`` takes the same cells.

    Parameters
    ----------
    lab : Lab
        The open lab.
    cells : mapping
        name, sample, condition, pulls, measure; optionally code, started_at, window_d, operator. Without started_at the
        study begins when its sample was made.

    Returns
    -------
    NewStudy
        Its code, ages, kinds, and the ages that are in the past already.

    Raises
    ------
    UnknownNameError
        No such sample, condition or quantity kind; names the nearest.
    InputError
        A value does not fit.
    ConflictError
        A study of this name exists.
    """
    with lab.write(None, "study new") as session:
        writer = Writer.on(session)
        given = {name: text.strip() for name, text in cells.items() if text and text.strip()}
        given.setdefault("code", next_code(lab, writer, "study"))
        same = session.exec(select(StudyRow).where(StudyRow.name == given.get("name"))).first()
        if same is not None:
            raise ConflictError(f'study {same.code} is named "{same.name}" already: labdb study show {same.code}')
        sample = session.get_one(SampleRow, writer.codes.id_of("sample", given.get("sample", "")))
        if "started_at" in given:
            given["started_at"] = read_moment(given["started_at"], "--start").isoformat()
        elif sample.made_at is None:
            raise InputError(f"{sample.code} has no date; when did the study begin? --start 2026-11-10")
        else:
            zone = timezone(timedelta(minutes=sample.made_at_offset_min or 0))
            given["started_at"] = sample.made_at.astimezone(zone).isoformat()
        try:
            row = add_study(writer, Line("study", 0, given))
        except CellError as error:
            raise InputError(f"--{error.column}: {error}") from error
        ages = read_ages(given["pulls"])
        past = tuple(age for age in ages if row.started_at + timedelta(days=age) <= now())
        return NewStudy(row.code, tuple(ages), tuple(row.measure.split(",")), past)


def record_pull(
    lab: Lab,
    study: str,
    age: str,
    *,
    state: PullState = PullState.RECORDED,
    at: datetime | None = None,
    vial: str | None = None,
    reason: str = "pull",
) -> float:
    """Record that a planned pull was made, or missed.

    Parameters
    ----------
    lab : Lab
        The open lab.
    study : str
        The study's code.
    age : str
        The planned age: "14d".
    state : PullState
        Recorded or missed.
    at : datetime, optional
        When it was pulled.
    vial : str, optional
        Which vial.
    reason : str
        Why; a missed pull should say it.

    Returns
    -------
    float
        The planned age in days.

    Raises
    ------
    InputError
        The study has no such pull; lists its pulls.
    ConflictError
        The pull is recorded already.
    """
    wanted = read_ages(age)[0]
    with lab.write(None, reason) as session:
        writer = Writer.on(session)
        study_id = writer.codes.id_of("study", study)
        planned = session.exec(select(PlannedPullRow).where(PlannedPullRow.study_id == study_id)).all()
        match = next((pull for pull in planned if abs(pull.age_d - wanted) < 1e-9), None)
        if match is None:
            ages = ", ".join(f"{pull.age_d:g}d" for pull in sorted(planned, key=lambda pull: pull.age_d))
            raise InputError(f"{study} has no pull at {age}; its pulls are {ages}")
        done = session.exec(
            select(PullRow).where(PullRow.planned_pull_id == match.id, col(PullRow.void_change_id).is_(None))
        ).first()
        if done is not None:
            raise ConflictError(f"the pull of {study} at {age} is already {done.state}")
        session.add(PullRow(planned_pull_id=match.id, state=state, pulled_at=at, vial=vial, origin=Origin.MEASURED))
    return wanted
