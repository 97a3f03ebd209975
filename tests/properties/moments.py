"""Instants, days and time zones at which clocks and calendars do something odd, and texts that do."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.properties.choices import one_of

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Apia",  # had no 30 December 2011
    "America/Sao_Paulo",  # skipped midnight on 4 November 2018
    "America/Havana",  # skips midnight in spring, has it twice in autumn
    "Australia/Lord_Howe",  # turns its clocks by half an hour
    "UTC",
)

INSTANTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2024-02-29T23:30:00",
        "2024-03-01T00:00:00",
        "2024-03-10T05:00:00",  # Havana: the first moment of a day that begins at one o'clock
        "2024-03-31T01:00:00",  # Berlin: two o'clock is three
        "2024-10-27T00:30:00",  # Berlin: half past two, for the first time
        "2024-11-03T04:30:00",  # Havana: between its two midnights
        "2024-11-03T05:30:00",  # New York: half past one, and Havana's second midnight is past
        "2023-12-31T23:00:00",  # Berlin: midnight of the year's end
        "2025-01-01T00:00:00",
        "2023-03-31T12:00:00",
        "2018-11-04T03:00:00",  # São Paulo: the first moment of a day without midnight
        "2011-12-30T10:00:00",  # Apia: the moment between the 29th and the 31st
        "2025-06-15T17:45:10",
    )
)

_FIXED = tuple(
    timedelta(**{unit: count})
    for unit, counts in {
        "seconds": (0, 1, 59),
        "minutes": (1, 90),
        "hours": (1, 12, 24, 25),
        "days": (2, 7, 28, 30, 31, 90, 365, 366, 800),
    }.items()
    for count in counts
)
_STEPS = (timedelta(0), timedelta(seconds=1), -timedelta(seconds=1))


def moments_around(as_of: datetime, zones: tuple[str, ...]) -> list[datetime]:
    """Instants that a rule may tell apart at `as_of`: edges of windows, days and years, and the future."""
    found = {as_of - length + step for length in _FIXED for step in _STEPS}
    found |= {as_of + timedelta(hours=6), as_of + timedelta(days=3)}
    for zone in zones:
        found |= {first_moment(day, zone) + step for day in days_around(as_of, zone)[:5] for step in _STEPS}
        found |= {months_before(as_of, zone, months) + step for months in (1, 6, 12) for step in _STEPS}
    found |= {instant + step for instant in INSTANTS for step in _STEPS}
    return sorted(found)


@dataclass(frozen=True)
class DoubledMidnight:
    """A day that begins twice, and how many minutes after an instant a moment between the two is."""

    zone: str
    day: date
    minutes: int


@cache
def doubled_midnights(as_of: datetime) -> tuple[DoubledMidnight, ...]:
    """Those of the year before and the year after an instant, in any of the zones."""
    return tuple(
        DoubledMidnight(
            zone, midnight.date(), round((first + (second - first) / 2 - as_of) / timedelta(minutes=1))
        )
        for zone in ZONES
        for days in range(-370, 371)
        for midnight in [datetime.combine(as_of.date() + timedelta(days=days), time(), ZoneInfo(zone))]
        for first, second in [[midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]]
        if first < second  # of a midnight that is skipped, it is the other way round
    )


def telling_moments(as_of: datetime, zones: tuple[str, ...]) -> list[datetime]:
    """Instants that two clocks, or two readings of one, date otherwise: around doubled midnights, and between
    the starts of a length of months by a zone's clock and by that of UTC."""
    found = {
        as_of + timedelta(minutes=one.minutes) + hours
        for one in doubled_midnights(as_of)
        for hours in (timedelta(0), timedelta(hours=1), timedelta(hours=12))
    }
    for zone in zones:
        for months in (1, 6, 12):
            here, there = months_before(as_of, zone, months), months_before(as_of, "UTC", months)
            found |= {here + (there - here) / 2} if here != there else set()
    return sorted(found)


def days_around(as_of: datetime, zone: str) -> list[date]:
    """Today by that clock, its neighbours, and days by which leap years and birthdays are counted."""
    today = as_of.astimezone(ZoneInfo(zone)).date()
    near = [today - timedelta(days=days) for days in (0, 1, -1, 7, 30, -7)]
    return [
        *near,
        date(1992, 2, 29),
        date(2000, 2, 28),
        date(1999, 12, 31),
        date(1980, 1, 1),
        date(2001, 3, 1),
    ]


def birthdays_around(as_of: datetime, zone: str) -> list[date]:
    """Days of years ago that return yesterday, today and tomorrow."""
    today = as_of.astimezone(ZoneInfo(zone)).date()
    near = [today + timedelta(days=days) for days in (-1, 0, 0, 1)]
    return [day.replace(year=1992) for day in near]  # a leap year


def first_moment(day: date, zone: str) -> datetime:
    """About the first moment of a day: good enough for examples, and not for a proof."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def months_before(as_of: datetime, zone: str, months: int) -> datetime:
    """About the same time of day that many months ago, by that clock."""
    local = as_of.astimezone(ZoneInfo(zone))
    index = local.year * 12 + local.month - 1 - months
    for day in (local.day, 30, 29, 28):
        try:
            return local.replace(year=index // 12, month=index % 12 + 1, day=day).astimezone(UTC)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


TEXTS = (
    "Ada", "ADA", "ada ", " ada", "Zoë", "ZOË", "zoe\u0308", "straße", "STRASSE", "ẞ", "\u0131Ii\u0130",
    "\u0130stanbul", "ǅ", "Σίσυφος", "😀 smile", "שלום", "مرحبا 1", "100%_sure", "a_b", "axb", "%", "_",
    "a\\b", "\\", "O'Hara", "'", 'say "hi"', '"', "{{ as_of }}", "{% raw %}", "{# x #}", "}}", "--", "/* */",
    "; drop", "two  blanks", "tab\tx", "line\nbreak", "no\u00a0break", "a\u2028b", "123", "0", "true", "null",
    "no", "~", "[a]", "a.c", "^$", "(", "*", "DE", "de", "US",
)  # fmt: skip

texts = one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(TEXTS),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00", max_codepoint=0xFFFF), max_size=6),
)
"""What people type: the usual, the awkward, and nothing."""


def maybe(values: st.SearchStrategy, one_in: int = 4) -> st.SearchStrategy:
    """The values, and once in a while none."""
    return one_of(*[values] * (one_in - 1), st.none())
