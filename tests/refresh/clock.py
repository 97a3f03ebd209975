"""Where a clock may be put next: a little on, or to where an answer about a shop's rows may flip."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tests.properties.base_shop import Shop
from tests.properties.literals import UNITS
from tests.properties.moments import INSTANTS, ZONES, first_moment

_STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 1, 60, 61, 3600, 5400, 43200, 86399, 86400, 90000, 604800, 2678400)
)
_LENGTHS = {"minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}
_NEAREST = 40


def next_instant(random: Random, now: datetime, shop: Shop) -> datetime:
    """An instant that is not before `now`, to the second."""
    way = random.random()
    if way < 0.3:
        return now + random.choice(_STEPS)
    if way < 0.45:
        return _calendar(random, now)
    second = timedelta(seconds=random.choice([0, 0, 1, -1]))
    edges = sorted(edge for edge in _edges(now, shop, random.choice(ZONES)) if edge > now)[:_NEAREST]
    return max(now, random.choice(edges) + second) if edges else now + random.choice(_STEPS)


def _calendar(random: Random, now: datetime) -> datetime:
    """Midnight, the end of a month or a year, or an instant at which clocks turn."""
    zone = random.choice(ZONES)
    today = now.astimezone(ZoneInfo(zone)).date()
    days = [today + timedelta(days=1), today + timedelta(days=2)]
    days += [
        (today.replace(day=1) + timedelta(days=32)).replace(day=1),
        today.replace(year=today.year + 1, month=1, day=1),
    ]
    turns = [instant for instant in INSTANTS if now < instant < now + timedelta(days=400)]
    found = [first_moment(day, zone) + timedelta(seconds=random.choice([-1, 0, 1])) for day in days] + turns
    return random.choice([instant for instant in found if instant >= now] or [now])


def _edges(now: datetime, shop: Shop, random_zone: str) -> set[datetime]:
    times = {
        value.replace(tzinfo=UTC)
        for rows in shop.values()
        for row in rows
        for value in row.values()
        if isinstance(value, datetime)
    }
    lengths = {
        timedelta(seconds=count * seconds) for unit, seconds in _LENGTHS.items() for count in UNITS[unit]
    }
    edges = {time + length for time in times for length in lengths} | times
    # Windows that lie ahead begin before what they are about.
    edges |= {time - length for time in times if time > now for length in lengths}
    for time in times:
        edges |= {_months_after(time, zone, months) for months in (1, 6, 12) for zone in ("UTC", random_zone)}
    return edges


def _months_after(time: datetime, zone: str, months: int) -> datetime:
    """The same time of day that many months later by that clock, or the last of the month."""
    local = time.astimezone(ZoneInfo(zone))
    index = local.year * 12 + local.month - 1 + months
    last = (datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC) + timedelta(days=31)).replace(
        day=1
    ) - timedelta(days=1)
    return local.replace(year=last.year, month=last.month, day=min(local.day, last.day)).astimezone(UTC)
