"""Give the next free code of a noun, by the pattern in labdb.toml."""

import re
from datetime import timedelta

from labdb.errors import InputError
from labdb.intake.writer import Writer
from labdb.lab import Lab
from labdb.record import now, offset_minutes

PATTERNS = {"batch": "B-{yy}{nn}", "study": "ST-{nn}"}
_FIELD = re.compile(r"\{(yyyy|yy|n+)\}")


def next_code(lab: Lab, writer: Writer, noun: str) -> str:
    """Return the next free code of a noun.

    Parameters
    ----------
    lab : Lab
        Its labdb.toml may give patterns: ``[codes]`` with ``batch = "B-{yy}{nn}"``; {yy} and {yyyy} are the year on the
        lab's clock, {nn} the number with as many digits as it has letters.
    writer : Writer
        The intake in progress; two at a time on one server wait for each other here.
    noun : str
        batch or study; also the name of its table.

    Returns
    -------
    str
        One more than the largest number used, voided rows included.

    Raises
    ------
    InputError
        The pattern has no number at its end, or an unknown field.
    """
    pattern = lab.config.codes.get(noun, PATTERNS[noun])
    today = now() + timedelta(minutes=offset_minutes(now()))
    head, number = _FIELD.sub("", pattern), re.search(r"\{(n+)\}$", pattern)
    if number is None or "{" in head or "}" in head:
        expected = "text with {yy} or {yyyy} if wanted, and {nn} at its end"
        raise InputError(f'labdb.toml, codes: {noun} = "{pattern}"; expected {expected}')
    prefix = pattern[: number.start()].replace("{yyyy}", f"{today.year:04d}").replace("{yy}", f"{today.year % 100:02d}")
    return f"{prefix}{writer.codes.next_number(noun, prefix):0{len(number[1])}d}"
