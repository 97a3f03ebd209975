"""The reference evaluator's calendar, by answers worked out by hand."""

from datetime import UTC, date, datetime

import pytest

from maho_segments.language.rules import Duration
from tests.reference.times import before, day_of, days_until_anniversary, first_moment


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Europe/Berlin", "2025-03-30", "2025-03-29 23:00"),
        ("Asia/Beirut", "2025-03-30", "2025-03-29 22:00"),  # 00:00 is skipped: it begins at 01:00
        ("America/Havana", "2025-11-02", "2025-11-02 04:00"),  # 00:00 comes twice: at the first
        ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00"),  # a day that the zone never had
        ("Pacific/Apia", "2011-12-31", "2011-12-30 10:00"),
    ],
)
def test_day_begins_at_its_first_moment(zone: str, day: str, begins: str) -> None:
    assert first_moment(date.fromisoformat(day), zone) == utc(begins)


@pytest.mark.parametrize(
    ("zone", "moment", "duration", "is_"),
    [
        ("Europe/Berlin", "2025-03-31 10:00", Duration(1, "months"), "2025-02-28 11:00"),  # by the same clock
        ("Europe/Berlin", "2025-03-31 10:00", Duration(2, "days"), "2025-03-29 10:00"),
        ("Europe/Berlin", "2025-04-30 00:30", Duration(1, "months"), "2025-03-30 01:30"),  # 02:30 is skipped
        ("Europe/Berlin", "2025-11-26 01:30", Duration(1, "months"), "2025-10-26 01:30"),  # 02:30 comes twice
        ("UTC", "2024-02-29 12:00", Duration(1, "years"), "2023-02-28 12:00"),
    ],
)
def test_moment_before(zone: str, moment: str, duration: Duration, is_: str) -> None:
    assert before(utc(moment), duration, zone) == utc(is_)


@pytest.mark.parametrize(
    ("day", "today", "days"),
    [
        ("1990-05-04", "2025-05-04", 0),
        ("1990-05-03", "2025-05-04", 364),
        ("1988-02-29", "2025-02-28", 0),
        ("1988-02-29", "2024-02-28", 1),
        ("1988-02-29", "2025-03-01", 364),
    ],
)
def test_days_until_a_day_returns(day: str, today: str, days: int) -> None:
    assert days_until_anniversary(date.fromisoformat(day), date.fromisoformat(today)) == days


def test_day_is_that_of_the_zone() -> None:
    assert day_of(utc("2026-01-01 04:59"), "America/New_York") == date(2025, 12, 31)
