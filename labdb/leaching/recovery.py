"""Method: spike recovery: how much of a known addition of lead is found again.

A low leach result proves little without it: lead adsorbs on silica, walls and filters, and precipitates with phosphate
and carbonate. The spike goes into bare silica at the same particle loading, for the time of the leach test.
"""

import math
from dataclasses import dataclass

from labdb.errors import InputError


@dataclass(frozen=True, slots=True)
class Recovery:
    """Spike recovery in percent with its standard uncertainty, None where an input has none."""

    percent: float
    u_percent: float | None


def spike_recovery(
    spiked_ug_per_l: float,
    unspiked_ug_per_l: float,
    added_ug_per_l: float,
    u_spiked_ug_per_l: float | None = None,
    u_unspiked_ug_per_l: float | None = None,
    u_added_ug_per_l: float | None = None,
) -> Recovery:
    """Share of added lead that is found again.

    Parameters
    ----------
    spiked_ug_per_l : float, scalar [ug/L]
        Lead found in the spiked sample.
    unspiked_ug_per_l : float, scalar [ug/L]
        Lead found in the same sample without the spike.
    added_ug_per_l : float, scalar [ug/L]
        Lead added, in the volume of the spiked sample.
    u_spiked_ug_per_l : float, optional, scalar [ug/L]
        Standard uncertainty.
    u_unspiked_ug_per_l : float, optional, scalar [ug/L]
        Standard uncertainty.
    u_added_ug_per_l : float, optional, scalar [ug/L]
        Standard uncertainty.

    Returns
    -------
    Recovery
        Recovery and standard uncertainty [%]; u is None if one of the three is missing.

    Raises
    ------
    InputError
        If nothing was added, or a number is not finite.

    Source
    ------
    IUPAC recommendations on recovery, Pure Appl. Chem. 1999, 71, 337 (from memory, unchecked); u by JCGM 100:2008
    5.1.2, inputs independent.

    Examples
    --------
    >>> round(spike_recovery(48.2, 0.3, 50.0).percent, 1)
    95.8
    """
    if not all(math.isfinite(one) for one in (spiked_ug_per_l, unspiked_ug_per_l, added_ug_per_l)):
        raise InputError("a concentration of the spike recovery is not finite")
    if not added_ug_per_l > 0:
        raise InputError(f"{added_ug_per_l:g} ug/L added; a recovery needs a positive spike")
    recovered = (spiked_ug_per_l - unspiked_ug_per_l) / added_ug_per_l
    if u_spiked_ug_per_l is None or u_unspiked_ug_per_l is None or u_added_ug_per_l is None:
        return Recovery(100 * recovered, None)
    u = math.hypot(u_spiked_ug_per_l, u_unspiked_ug_per_l, recovered * u_added_ug_per_l) / added_ug_per_l
    return Recovery(100 * recovered, 100 * u)
