"""Check: what a fluorescent probe of singlet oxygen needs to be believed: controls, and a band of its own."""

from collections.abc import Mapping
from typing import Any

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import plural, shown
from labdb.finding import Finding, Severity

_SCAVENGERS = ("azide", "nan3", "scavenger", "quencher", "dabco", "histidine")


def _probe_exposures(evidence: Evidence) -> list[Mapping[str, Any]]:
    """Exposures made to see singlet oxygen, and their controls."""
    found_here = evidence.rows(
        "SELECT i.code, i.sample, i.purpose, i.origin, s.role FROM irradiations i JOIN samples s ON s.code = "
        "i.sample ORDER BY i.code"
    )
    words = ("singlet", "sosg", "on/off", "control")
    return [row for row in found_here if any(word in (row["purpose"] or "").casefold() for word in words)]


def _is_scavenged(row: Mapping[str, Any]) -> bool:
    said = f"{row['purpose'] or ''} {row['role'] or ''}".casefold()
    return any(word in said for word in _SCAVENGERS)


def _is_without_particles(evidence: Evidence, row: Mapping[str, Any]) -> bool:
    return "without particles" in f"{row['purpose'] or ''} {row['role'] or ''}".casefold() or (
        evidence.samples[row["sample"]]["kind"] in ("blank", "control") and not evidence.ancestors(row["sample"])
    )


@rule(
    "R13",
    Severity.WARNING,
    rationale="SOSG is itself turned on by ionising radiation: without controls its signal is not singlet oxygen.",
    source="Liu et al., Sci. Rep. 2019, 9, 8393",
)
def probe_without_controls(evidence: Evidence) -> list[Finding]:
    """A probe was used under X-rays, and controls without particles and with a scavenger are not shown.

    Controls whose origin is synthetic are examples: they show nothing about the source that is described.

    Fails: SOSG kinetics of a paper that shows no control without particles; controls invented for an example.
    Passes: both controls measured in the same laboratory.
    """
    exposures = _probe_exposures(evidence)
    particles = [row for row in exposures if not _is_scavenged(row) and not _is_without_particles(evidence, row)]
    if not particles:
        return []
    kinds = {
        "without particles": [row for row in exposures if _is_without_particles(evidence, row)],
        "with a scavenger": [row for row in exposures if _is_scavenged(row)],
    }
    missing = [name for name, rows in kinds.items() if not any(row["origin"] != "synthetic" for row in rows)]
    if not missing:
        return []
    invented = sorted(row["sample"] for name in missing for row in kinds[name])
    findings = []
    for method in _probe_methods(evidence):
        numbers = dict.fromkeys(missing, "not shown") | {"exposures": str(len(particles))}
        said = f"; this record holds invented ones ({', '.join(invented)})" if invented else ""
        message = (
            f"{plural(len(particles), 'exposure')} with a probe under ionising radiation, and no control "
            f"{' and none '.join(missing)}{said}; measure them"
        )
        findings.append(found("R13", method, message, numbers | ({"invented": ";".join(invented)} if invented else {})))
    return findings


def _probe_methods(evidence: Evidence) -> list[str]:
    """Methods that read a probe and have a run; the calibration of a probe in solution is none of them."""
    sql = (
        "SELECT DISTINCT d.code, d.what FROM method d JOIN run r ON r.method_id = d.id WHERE d.kind = "
        "'probe_intensity' ORDER BY d.code"
    )
    return [row["code"] for row in evidence.rows(sql) if "calibration" not in (row["what"] or "").casefold()]


def overlaps(peak_nm: float, width_nm: float, probe_nm: float) -> bool:
    """Tell whether an emission band covers the wavelength at which a probe is read.

    Parameters
    ----------
    peak_nm : float, scalar [nm]
        Where the band is highest.
    width_nm : float, scalar [nm]
        Its full width at half maximum.
    probe_nm : float, scalar [nm]
        Where the probe emits.

    Returns
    -------
    bool
        True within one full width: a Gaussian band still has 1/16 of its height there.

    Examples
    --------
    >>> overlaps(520.0, 25.0, 530.0), overlaps(615.0, 35.0, 530.0)
    (True, False)
    """
    return abs(peak_nm - probe_nm) <= width_nm


@rule(
    "R14",
    Severity.WARNING,
    rationale="Light of the sample itself at the probe's wavelength is counted as singlet oxygen.",
    source="own rule: within one full width at half maximum",
)
def own_emission_in_probe_band(evidence: Evidence) -> list[Finding]:
    """A sample emits where the probe it was measured with emits.

    Fails: CsPbBr3 emitting at 520 nm, width 25 nm, measured with a probe that emits at 530 nm.
    Passes: CsPbI3 emitting at 685 nm, with the same probe.
    """
    probes = [(one, one.to("nm", "peak_wavelength")) for one in evidence.said_about("emission wavelength")]
    exposed = {root for row in _probe_exposures(evidence) for root in evidence.roots(row["sample"])}
    findings = []
    for root, bands in sorted(_bands(evidence).items()):
        for said, probe_nm in probes:
            if root not in exposed or probe_nm is None or evidence.is_control(root) or root in said.subjects:
                continue
            inside = [(peak, width) for peak, width in bands if overlaps(peak, width, probe_nm)]
            if inside:
                peak, width = min(inside, key=lambda band: abs(band[0] - probe_nm))
                probe = ", ".join(said.subjects)
                numbers = {
                    "emission": shown(peak, "nm"),
                    "width": shown(width, "nm"),
                    "probe": shown(probe_nm, "nm"),
                    "bands_in_reach": "; ".join(shown(one, "nm") for one, _ in inside),
                }
                message = (
                    f"emits at {numbers['emission']} (width {numbers['width']}), {probe} is read at "
                    f"{numbers['probe']}: its own "
                    f"light is counted; measure the suspension without the probe and subtract"
                )
                findings.append(found("R14", root, message, numbers))
    return findings


def _bands(evidence: Evidence) -> dict[str, list[tuple[float, float]]]:
    """Emission bands (peak, full width) of each sample at the beginning, from all its aliquots."""
    sql = (
        "SELECT p.sample, p.value AS peak, w.value AS width FROM observations p "
        "JOIN observations w ON w.measurement = p.measurement AND w.quantity = 'spectral_width' "
        "WHERE p.quantity = 'peak_wavelength' AND p.value IS NOT NULL AND w.value IS NOT NULL ORDER BY "
        "p.sample, p.value"
    )
    bands: dict[str, list[tuple[float, float]]] = {}
    for row in evidence.rows(sql):
        for root in evidence.roots(row["sample"]):
            bands.setdefault(root, []).append((row["peak"], row["width"]))
    return bands
