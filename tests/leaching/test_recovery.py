"""Spike recovery and its uncertainty."""

import math

import pytest

from labdb.errors import InputError
from labdb.leaching.recovery import spike_recovery


def test_the_spike_of_the_example_set_is_recovered_to_95_8_percent() -> None:
    # README of the example set: spike recovery 95.8 %; by hand: u = sqrt(0.5^2 + 0.3^2 + (0.958 x 0.5)^2) / 50
    recovery = spike_recovery(48.2, 0.3, 50.0, 0.5, 0.3, 0.5)
    assert recovery.percent == pytest.approx(95.8, rel=1e-12)
    assert recovery.u_percent == pytest.approx(100 * math.sqrt(0.25 + 0.09 + 0.479**2) / 50, rel=1e-12)
    assert spike_recovery(48.2, 0.3, 50.0, 0.5, None, 0.5).u_percent is None
    with pytest.raises(InputError, match="positive spike"):
        spike_recovery(48.2, 0.3, 0.0)
    with pytest.raises(InputError, match="finite"):
        spike_recovery(math.nan, 0.3, 50.0)
