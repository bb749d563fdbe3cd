"""Read dates and times as they are typed at the bench."""

from datetime import datetime, timedelta, timezone

from labdb.errors import InputError
from labdb.record import offset_minutes


def read_moment(text: str, where: str) -> datetime:
    """Read a date or a time; without an offset it is read off the lab's wall clock.

    Parameters
    ----------
    text : str
        "2026-11-06", "2026-11-06 09:10", "2026-11-06T09:10+01:00".
    where : str
        The option or field, for the message.

    Returns
    -------
    datetime
        Aware, with the offset typed or the wall clock's; a date alone is midnight.

    Raises
    ------
    InputError
        It is no date.

    Examples
    --------
    >>> read_moment("2026-11-06 09:10+01:00", "--at").isoformat()
    '2026-11-06T09:10:00+01:00'
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            f'{where}: found "{text}"; expected a date or a time such as 2026-11-06 or "2026-11-06 09:10"'
        ) from None
    if when.tzinfo is not None:
        return when
    return when.replace(tzinfo=timezone(timedelta(minutes=offset_minutes(when.astimezone()))))
