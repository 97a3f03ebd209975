"""When things happen in the demo shop: it grows, has seasons, weekdays and hours, and ends at one instant."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from maho_segments.shop.demo.encoding import Flags, Integers

HOUR: Final = 3_600
DAY: Final = 86_400
YEARS: Final = 4

Numbers = NDArray[np.float64]

# How much is bought in each month, from January, on each weekday, from Monday, and in each hour of the day.
_MONTHS: Final = (0.9, 0.8, 0.9, 0.9, 0.95, 0.9, 0.8, 0.8, 0.95, 1.0, 1.6, 1.7)
_WEEKDAYS: Final = (1.05, 1.0, 0.95, 0.95, 0.95, 1.0, 1.2)
_HOURS: Final = (4, 2, 1, 1, 1, 2, 4, 8, 12, 15, 17, 17, 18, 17, 16, 16, 17, 19, 22, 25, 27, 24, 16, 8)
_NIGHT_HOURS: Final = (20, 15, 9, 6, 5, *(0,) * 17, 22, 25)
# From the shop's first day to its last, business grows by this factor.
_GROWTH: Final = 4.0


@dataclass(frozen=True)
class Season:
    """How likely each day is, as the sum up to its beginning: a day is drawn by drawing a sum."""

    sums: Numbers


class Timeline:
    """The shop's four years up to `now`, in seconds since 1970 in UTC, and the clocks of its websites."""

    def __init__(self, now: datetime, zones: tuple[str, ...]) -> None:
        self.now = int(now.timestamp())
        self.today = now.astimezone(UTC).date()
        first = _years_before(self.today, YEARS)
        days = [first + timedelta(days=number) for number in range((self.today - first).days + 2)]
        self.start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
        self._edges = self.start + DAY * np.arange(len(days), dtype=np.int64)
        growth = _GROWTH ** np.linspace(0, 1, len(days) - 1)
        seasons = np.array([_MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()] for day in days[:-1]])
        holidays = np.array([1.0 if day.month >= 11 else 0.0 for day in days[:-1]])
        self.regular = Season(_sums(growth * seasons))
        self.holidays = Season(_sums(holidays))
        self._offsets = np.array([[_offset(day, ZoneInfo(zone)) for day in days] for zone in zones])

    def between(
        self, rng: np.random.Generator, first: Integers, last: Integers, season: Season | None = None
    ) -> Integers:
        """A moment from `first` up to, but without, `last`, drawn for each pair from the season's days."""
        sums = (season or self.regular).sums
        low, high = np.interp(first, self._edges, sums), np.interp(last, self._edges, sums)
        drawn = np.interp(low + (high - low) * rng.random(len(first)), sums, self._edges)
        return np.clip(drawn.astype(np.int64), first, np.maximum(first, last - 1))

    def at_shopping_hours(
        self, rng: np.random.Generator, moments: Integers, websites: Integers, *, night: Flags
    ) -> Integers:
        """The same days by the websites' clocks, at hours when people shop; where `night`, late."""
        local = moments + self.offset(moments, websites)
        hours = np.where(night, _draw(rng, _NIGHT_HOURS, len(moments)), _draw(rng, _HOURS, len(moments)))
        moved = local - local % DAY + hours * HOUR + rng.integers(0, HOUR, len(moments))
        shopping: Integers = moved - self.offset(moments, websites)
        return shopping

    def on_weekends(self, moments: Integers, websites: Integers) -> Integers:
        """The Saturday or Sunday at or before each moment, by the websites' clocks."""
        weekday = self.weekday(moments, websites)
        return moments - np.where(weekday >= 5, 0, (weekday + 1) * DAY)

    def weekday(self, moments: Integers, websites: Integers) -> Integers:
        """0 for Monday to 6 for Sunday, by the websites' clocks."""
        # The first day of 1970 was a Thursday.
        return ((moments + self.offset(moments, websites)) // DAY + 3) % 7

    def offset(self, moments: Integers, websites: Integers) -> Integers:
        """What the websites' clocks are ahead of UTC, in seconds; `websites` counts from 0."""
        days = np.clip((moments - self.start) // DAY, 0, self._offsets.shape[1] - 1)
        return self._offsets[websites, days]


def _sums(weights: Numbers) -> Numbers:
    return np.concatenate([[0.0], np.cumsum(weights / weights.sum())])


def _draw(rng: np.random.Generator, weights: tuple[int, ...], count: int) -> Integers:
    shares = np.array(weights) / sum(weights)
    return rng.choice(len(weights), size=count, p=shares).astype(np.int64)


def _offset(day: date, zone: ZoneInfo) -> int:
    shift = datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset()
    assert shift is not None
    return int(shift.total_seconds())


def _years_before(day: date, years: int) -> date:
    # The 29th of February has a counterpart only in some years.
    return day.replace(year=day.year - years, day=min(day.day, 28))
