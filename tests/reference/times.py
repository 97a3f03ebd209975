"""Days, durations and anniversaries by the clock of a time zone."""

import calendar
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import cache
from zoneinfo import ZoneInfo

from maho_segments.language.rules import Duration

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
"""What lies beyond the calendar is as good as its ends."""

_SECOND = timedelta(seconds=1)
_LENGTHS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
}


def day_of(moment: datetime, zone: str) -> date:
    """The day that the clock of the zone shows."""
    return moment.astimezone(ZoneInfo(zone)).date()


def hour_of(moment: datetime, zone: str) -> int:
    """The hour that the clock of the zone shows, 0 to 23."""
    return moment.astimezone(ZoneInfo(zone)).hour


@cache
def first_moment(day: date, zone: str) -> datetime:
    """When the day begins: at midnight or, where the clock skips that, at the first moment there is."""
    midnight = datetime.combine(day, clock_time())
    moment = _instant(midnight, zone)
    if moment in {BEGINNING, END} or _clock(moment, zone) == midnight:
        return moment
    # The clock skips midnight: the day begins when it jumps, at `moment` or shortly before.
    while day_of(moment - _SECOND, zone) >= day:
        moment -= _SECOND
    return moment


def before(moment: datetime, duration: Duration, zone: str) -> datetime:
    """The moment that lies a duration earlier."""
    return _step(moment, duration, -1, zone)


def ahead(moment: datetime, duration: Duration, zone: str) -> datetime:
    """The moment that lies a duration later."""
    return _step(moment, duration, 1, zone)


def _step(moment: datetime, duration: Duration, sign: int, zone: str) -> datetime:
    try:
        match duration.unit:
            case "months":
                return _months_away(moment, sign * duration.count, zone)
            case "years":
                return _months_away(moment, sign * 12 * duration.count, zone)
            case _:
                return moment + sign * duration.count * _LENGTHS[duration.unit]
    except (OverflowError, ValueError):
        return BEGINNING if sign < 0 else END


def _months_away(moment: datetime, months: int, zone: str) -> datetime:
    """The same time of day on the same day of another month, or on its last day."""
    there = _clock(moment, zone)
    year, month = divmod(there.year * 12 + there.month - 1 + months, 12)
    day = min(there.day, calendar.monthrange(year, month + 1)[1])
    # Of two moments that the clock shows so, the later is meant.
    return _instant(there.replace(year=year, month=month + 1, day=day), zone, latest=True)


def days_between(earlier: date, later: date) -> int:
    """Calendar days from one day to another."""
    return (later - earlier).days


def days_until_anniversary(day: date, today: date) -> int:
    """Calendar days until the day and month return, 0 on the day itself."""
    this_year = _anniversary(day, today.year)
    return (
        this_year if this_year >= today else _anniversary(day, today.year + 1)
    ).toordinal() - today.toordinal()


def _anniversary(day: date, year: int) -> date:
    """A 29 February returns on 28 February in years without one."""
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def _clock(moment: datetime, zone: str) -> datetime:
    """What the clock of the zone shows, as a time without a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def _instant(shown: datetime, zone: str, *, latest: bool = False) -> datetime:
    """The moment when the clock shows this, of two the first or latest; a skipped one is as much later."""
    try:
        first = shown.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
        second = shown.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
        return max(first, second) if latest else first
    except OverflowError:
        return BEGINNING if shown.year < 2 else END
