"""What a reader returns: curves, with the settings and the vendor's header beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SETTINGS: dict[str, str] = {
    "excitation_nm": "excitation wavelength [nm]",
    "excitation_slit_nm": "excitation bandwidth [nm]",
    "slit_nm": "emission bandwidth [nm]",
    "dwell_s": "counting time at each point [s]",
    "repeats": "scans added up or averaged by the instrument [1]",
    "detector": "detector, as the instrument names it",
    "lamp": "light source, as the instrument names it",
    "corrected": "yes or no: corrected for the spectral response of the detection",
    "reference_corrected": "yes or no: divided by the reference detector",
    "wavelength_angstrom": "X-ray wavelength, K-alpha1 unless `line` says otherwise [angstrom]",
    "k_alpha2": "K-alpha2 wavelength, if the line is not K-alpha1 alone [angstrom]",
    "k_alpha2_ratio": "intensity of K-alpha2 over K-alpha1 [1]",
    "line": "X-ray line the instrument was set up for",
    "anode": "element of the X-ray tube's anode",
    "tube_kv": "X-ray tube voltage [kV]",
    "tube_ma": "X-ray tube current [mA]",
    "scan_axis": "axis or axes the goniometer moved",
    "count_time_s": "counting time of each point [s]",
}
"""Every key a curve's settings may have. A number is in the unit in brackets; what the file does not say is absent."""


def _frozen(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Curve:
    """One measured curve of one file; the arrays are read-only copies.

    Units are those of the file: converting to the canonical unit of a kind is the work of intake.
    """

    kind: str
    """Measurement kind: emission_spectrum, xrd_pattern, decay, instrument_response, furnace_log."""
    x: NDArray[np.float64]
    x_kind: str
    x_unit: str
    y: NDArray[np.float64]
    y_kind: str
    y_unit: str
    label: str
    """What the operator called the scan; empty if the file does not say."""
    settings: dict[str, str | float] = field(default_factory=dict)
    """Keys of SETTINGS only."""
    header: tuple[tuple[str, str], ...] = ()
    """The vendor's header, name and text as they stand in the file."""
    measured_at: datetime | None = None
    where: str = ""
    """Where in the file the curve begins: `line 24`, `scan 2`."""
    u: NDArray[np.float64] | None = None
    """Standard uncertainty of y where the file states it; None, not zero, where it does not."""

    def __post_init__(self) -> None:
        """Copy the arrays, so that nobody changes a curve after it was checked."""
        object.__setattr__(self, "x", _frozen(self.x))
        object.__setattr__(self, "y", _frozen(self.y))
        if self.u is not None:
            object.__setattr__(self, "u", _frozen(self.u))

    def as_json(self) -> dict[str, Any]:
        """Return what describes the curve, without its points, for a preview or a golden record.

        Returns
        -------
        dict
            Kinds, units, label, number of points, range of x, settings, time and place.

        Examples
        --------
        >>> x, y = np.array([500, 501]), np.array([3, 4])
        >>> spectrum = Curve("emission_spectrum", x, "wavelength", "nm", y, "spectral_intensity", "count", "Em 1")
        >>> spectrum.as_json()["points"], spectrum.as_json()["x_from"]
        (2, 500.0)
        """
        return {
            "kind": self.kind,
            "label": self.label,
            "points": int(self.x.size),
            "x_kind": self.x_kind,
            "x_unit": self.x_unit,
            "x_from": float(self.x[0]),
            "x_to": float(self.x[-1]),
            "y_kind": self.y_kind,
            "y_unit": self.y_unit,
            "settings": dict(sorted(self.settings.items())),
            "measured_at": self.measured_at.isoformat() if self.measured_at else None,
            "where": self.where,
        }


@dataclass(frozen=True, eq=False)
class ReadFile:
    """A file that was read: which format it is and what it holds."""

    path: Path
    format: str
    """Name of the reader's module, stored beside the raw file: `edinburgh_emission`."""
    label: str
    """The format in words: `Edinburgh emission`."""
    curves: tuple[Curve, ...]
