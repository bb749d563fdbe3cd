"""Check: numbers a thousand times off: mg written as g, ug/L as mg/L."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from labdb.checks import Evidence, found, rule
from labdb.checks.evidence import shown
from labdb.finding import Finding, Severity

_FACTOR = 1000.0
_SLACK = 3.0  # 333 to 3000: a slip of a unit, on top of what the values scatter by
_FEWEST_SIBLINGS = 3


def thousandfold(value: float, siblings: Sequence[float]) -> float | None:
    """Return the factor by which a value is off, if it looks like a slip of a unit.

    Parameters
    ----------
    value : float, scalar [any unit]
        The value in doubt.
    siblings : sequence of float, shape (n,) [any unit]
        Values of the same thing, in the same unit.

    Returns
    -------
    float or None
        Value over median, scalar [1], if it lies between 333 and 3000 or between 1/3000 and 1/333; None otherwise, and
        wherever the siblings are fewer than three or do not agree with one another within a factor of three.

    Examples
    --------
    >>> thousandfold(0.0021, [2.0, 2.1, 1.9]) is not None, thousandfold(40.0, [2.0, 2.1, 1.9]) is None
    (True, True)
    """
    if value <= 0 or len(siblings) < _FEWEST_SIBLINGS or min(siblings) <= 0:
        return None
    middle = statistics.median(siblings)
    if max(siblings) > _SLACK * middle or min(siblings) < middle / _SLACK:
        return None
    factor = value / middle
    off = max(factor, 1 / factor)
    return factor if _FACTOR / _SLACK <= off <= _FACTOR * _SLACK else None


@rule(
    "UNIT-1",
    Severity.WARNING,
    rationale="mg for g and ug/L for mg/L are the commonest slips of a pen, and no range check sees them.",
    source="own rule: a factor of 1000, within 3, against at least three values that agree within 3",
)
def thousand_times_off(evidence: Evidence) -> list[Finding]:
    """A value is about a thousand times larger or smaller than all others of its series, or than was planned.

    Series: one quantity of one sample, vial, condition and method; a weighing is compared with its plan.

    Fails: 0.0021 ug/L among 2.0, 2.1 and 1.9 ug/L; 91.8 g weighed, 91.8 mg planned.
    Passes: 40 ug/L among the same; fewer than three siblings; siblings that disagree among themselves.
    """
    return _results(evidence) + _weighings(evidence)


def _results(evidence: Evidence) -> list[Finding]:
    sql = (
        "SELECT sample, vial, condition, method, leach_test, quantity, unit, value, measurement, place, "
        "raw_file_name FROM observations "
        "WHERE value > 0 AND censoring = 'none' ORDER BY sample, quantity, measurement"
    )
    series: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    names = ("sample", "vial", "condition", "method", "leach_test", "quantity", "unit")
    for row in evidence.rows(sql):
        series.setdefault(tuple(row[name] or "" for name in names), []).append(row)
    return [
        finding for members in series.values() if len(members) > _FEWEST_SIBLINGS for finding in _suspicious(members)
    ]


def _suspicious(members: list[Mapping[str, Any]]) -> list[Finding]:
    values = [row["value"] for row in members]
    low, high = min(values), max(values)
    if high < low * _FACTOR / _SLACK:
        return []  # nothing here is far from anything else
    findings = []
    for place in {values.index(low), values.index(high)}:
        row, siblings = members[place], values[:place] + values[place + 1 :]
        factor = thousandfold(row["value"], siblings)
        if factor is not None:
            unit = "" if row["unit"] == "1" else row["unit"]
            numbers = {
                "value": shown(row["value"], unit),
                "median_of_siblings": shown(statistics.median(siblings), unit),
                "factor": shown(factor, digits=2),
                "measurement": row["measurement"],
            }
            message = (
                f"{row['quantity'].replace('_', ' ')} {numbers['value']} ({row['measurement']}) is "
                f"{numbers['factor']} times the "
                f"{numbers['median_of_siblings']} of its siblings; a slip of a unit? Look, then: labdb "
                f"correct {row['measurement']}"
            )
            where = ", ".join(part for part in (row["raw_file_name"], row["place"]) if part)
            findings.append(found("UNIT-1", row["sample"], message, numbers, where))
    return findings


def _weighings(evidence: Evidence) -> list[Finding]:
    sql = (
        "SELECT batch, chemical, amount, planned, unit FROM weighings WHERE planned > 0 AND amount > 0 ORDER BY "
        "batch, chemical"
    )
    findings = []
    for row in evidence.rows(sql):
        factor = row["amount"] / row["planned"]
        if _FACTOR / _SLACK <= max(factor, 1 / factor) <= _FACTOR * _SLACK:
            numbers = {
                "amount": shown(row["amount"], row["unit"]),
                "planned": shown(row["planned"], row["unit"]),
                "factor": shown(factor, digits=2),
            }
            message = (
                f"{numbers['amount']} of {row['chemical']} weighed, {numbers['planned']} planned: a factor of "
                f"{numbers['factor']}; "
                f"a slip of a unit? Look, then correct the weighing"
            )
            findings.append(found("UNIT-1", row["batch"], message, numbers))
    return findings
