"""Which quantity kind can be judged against which limit, and what is missing where it cannot."""

from labdb.compliance.limit import Limit
from labdb.errors import EvidenceError, UnitError

# What it takes to come from one kind to another: named, never guessed.
_NEEDED = {
    ("lead_mass_concentration", "released_lead_mass_fraction"): "the particle loading",
    ("lead_mass_concentration", "released_lead_per_day"): "the particle loading and the daily mass",
    ("lead_mass_concentration", "total_lead_mass_fraction"): "a total digestion, or the composition",
    ("lead_mass_concentration", "total_lead_per_day"): "a total digestion, or the composition, and the daily mass",
    ("lead_mass_concentration", "extract_lead_mass_concentration"): "an extract made by that procedure: its leachant "
    "and its dilution are others",
    ("released_lead_mass_fraction", "lead_mass_concentration"): "the particle loading in the water that is drunk",
    ("released_lead_mass_fraction", "released_lead_per_day"): "the daily mass",
    ("released_lead_mass_fraction", "total_lead_mass_fraction"): "the total lead, or a stated assumption that only "
    "released lead is available",
    ("released_lead_mass_fraction", "total_lead_per_day"): "the daily mass, and the total lead or a stated assumption "
    "that only released lead is available",
    ("released_lead_mass_fraction", "extract_lead_mass_concentration"): "an extract made by that procedure",
    ("released_lead_per_day", "total_lead_per_day"): "the total lead, or a stated assumption that only released lead "
    "is available",
    ("total_lead_mass_fraction", "total_lead_per_day"): "the daily mass",
    ("total_lead_mass_fraction", "released_lead_mass_fraction"): "a leach test",
    ("extract_lead_mass_concentration", "lead_mass_concentration"): "a sample of the water itself",
}


def what_is_needed(kind: str, limit: Limit) -> str | None:
    """Return what is missing to compare a quantity kind with a limit.

    Parameters
    ----------
    kind : str
        The quantity kind at hand.
    limit : Limit
        The limit.

    Returns
    -------
    str or None
        For example "the particle loading"; None if the kinds agree, or if nothing is known to lead there.

    Examples
    --------
    >>> from labdb.compliance.limit import limit
    >>> what_is_needed("lead_mass_concentration", limit("PAPER-5UGG"))
    'the particle loading'
    """
    return _NEEDED.get((kind, limit.kind))


def require_comparable(kind: str, limit: Limit) -> None:
    """Raise unless a quantity kind is the limit's own; see `judge`."""
    if kind == limit.kind:
        return
    needed = what_is_needed(kind, limit)
    message = f"incompatible quantity kinds: found {kind}, limit {limit.id} ({limit}) is on {limit.kind}"
    if needed is None:
        raise UnitError(f"{message}; nothing leads from one to the other, choose a limit on {kind}")
    raise EvidenceError(f"{message}; needs {needed}")
