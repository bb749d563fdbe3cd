"""Take in exposures to X-rays and their beam segments, leach tests, and the positions of ICP-OES sequences."""

from labdb.intake.form import flat_form
from labdb.leaching.icp_oes import IcpPosition, IcpPositionRow
from labdb.leaching.leach_test import LeachTest, LeachTestRow
from labdb.radiation.irradiation import BeamSegment, BeamSegmentRow, Irradiation, IrradiationRow

FORMS = (
    flat_form("irradiations", "an exposure of a sample to X-rays", 40, Irradiation, IrradiationRow),
    flat_form("beam_segments", "a stretch of an exposure", 41, BeamSegment, BeamSegmentRow),
    flat_form("leach_tests", "a leach test", 42, LeachTest, LeachTestRow),
    flat_form("icp_positions", "a position of an ICP-OES sequence", 43, IcpPosition, IcpPositionRow),
)
