"""Take in who and what works here: people, instruments, methods, conditions, chemicals, protocols, runs."""

from labdb.condition import Condition, ConditionRow
from labdb.intake.form import flat_form
from labdb.measurement import Run, RunRow
from labdb.registry.instrument import Calibration, CalibrationRow, Instrument, InstrumentRow
from labdb.registry.method import Method, MethodRow
from labdb.registry.person import Person, PersonRow
from labdb.synthesis.chemical import Chemical, ChemicalRow, Lot, LotRow
from labdb.workflow.protocol import Protocol, ProtocolRow, ProtocolStep, ProtocolStepRow

FORMS = (
    flat_form("people", "a person who works here", 10, Person, PersonRow),
    flat_form("instruments", "an instrument", 11, Instrument, InstrumentRow),
    flat_form("calibrations", "a calibration of an instrument", 12, Calibration, CalibrationRow),
    flat_form("methods", "a method with its detection limit and uncertainty", 13, Method, MethodRow),
    flat_form("conditions", "a storage or measuring condition", 14, Condition, ConditionRow),
    flat_form("chemicals", "a substance", 15, Chemical, ChemicalRow),
    flat_form("lots", "a bottle of a chemical", 16, Lot, LotRow),
    flat_form("protocols", "a plan of a synthesis", 17, Protocol, ProtocolRow),
    flat_form("protocol_steps", "a planned step", 18, ProtocolStep, ProtocolStepRow),
    flat_form("runs", "a sequence on one instrument", 19, Run, RunRow),
)
