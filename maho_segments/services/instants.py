"""The one instant of a run."""

import re
from datetime import UTC, date, datetime

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def parse_as_of(text: str | None, *, now: datetime) -> datetime:
    """The instant a run sees the shop at, in UTC, to the second: as given in `text`, else `now`.

    A day is its first moment, a time without an offset is one of UTC. Raises ValueError for anything else.
    """
    if text is None:
        return now.astimezone(UTC).replace(microsecond=0)
    try:
        if _DAY.match(text):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        given = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no day or time such as 2026-03-31, 2026-03-31T12:00Z or 2026-03-31T14:00+02:00"
        ) from None
    if given.tzinfo is None:
        given = given.replace(tzinfo=UTC)
    return given.astimezone(UTC).replace(microsecond=0)


def format_instant(instant: datetime) -> str:
    """The instant as dbt, JSON and people get it: `2026-03-31T12:00:00Z`."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
