"""Registry: a method, the lab's SOP with its detection limit, uncertainty model and the meaning of "<"."""

from enum import StrEnum

from sqlmodel import Field

from labdb.quantity import ThresholdMeaning
from labdb.record import Record, Thing, choice, text


class BlankCorrection(StrEnum):
    """Whether results are already net of the blank."""

    YES = "yes"
    NO = "no"
    NOT_STATED = "not_stated"


class Method(Record):
    """What is measured and how well: u(c)^2 = u_absolute^2 + (u_relative c)^2, in ``unit``."""

    code: str
    kind: str
    what: str | None = None
    version: str | None = None
    unit: str | None = None
    limit_of_detection: float | None = Field(default=None, ge=0)
    limit_of_quantification: float | None = Field(default=None, ge=0)
    detection_definition: str | None = None
    u_absolute: float | None = Field(default=None, ge=0)
    u_relative: float | None = Field(default=None, ge=0)
    u_model: str | None = None
    threshold_meaning: ThresholdMeaning | None = None
    blank_corrected: BlankCorrection | None = None
    external: bool = False


class MethodRow(Method, Thing, table=True):
    """A method, stored."""

    __tablename__ = "method"
    what: str | None = text(default=None)
    detection_definition: str | None = text(default=None)
    u_model: str | None = text(default=None)
    threshold_meaning: ThresholdMeaning | None = choice(ThresholdMeaning, default=None)
    blank_corrected: BlankCorrection | None = choice(BlankCorrection, default=None)
