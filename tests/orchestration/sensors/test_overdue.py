"""What is overdue, by the ledger and the definitions."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orchestration.sensors.overdue import Late, Waits, find_late

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


def segment(name: str, schedule: str | None = None, zone: str | None = None, **more: bool) -> dict[str, Any]:
    refresh = {"schedule": schedule, "on_change": False, "manual": False} | more
    return {"name": name, "is_active": more.pop("is_active", True), "refresh": refresh, "time_zone": zone}


def late(
    *segments: dict[str, Any], published: dict[str, datetime | None], waits: Waits | None = None
) -> tuple[Late, ...]:
    zone = ZoneInfo("UTC")
    return find_late(segments, published, waits or Waits(), zone, tolerance=HALF_AN_HOUR, now=NOW)


@pytest.mark.parametrize(
    ("schedule", "zone", "published", "since"),
    [
        # At eleven nobody came, which is longer ago than half an hour.
        ("0 11 * * *", None, NOW - timedelta(days=1), datetime(2026, 3, 31, 11, tzinfo=UTC)),
        ("29 11 * * *", None, NOW - timedelta(hours=2), NOW - timedelta(minutes=31)),
        ("30 11 * * *", None, NOW - timedelta(hours=2), None),
        ("0 11 * * *", None, datetime(2026, 3, 31, 11, tzinfo=UTC), None),
        # Eleven in Berlin was at nine.
        ("0 11 * * *", "Europe/Berlin", NOW - timedelta(hours=4), NOW - timedelta(hours=3)),
        # It has been so for days: since the first time that was missed.
        ("0 11 * * *", None, NOW - timedelta(days=3), datetime(2026, 3, 29, 11, tzinfo=UTC)),
    ],
)
def test_a_schedule_that_nobody_kept_is_late(
    schedule: str, zone: str | None, published: datetime, since: datetime | None
) -> None:
    found = late(segment("vip", schedule, zone), published={"vip": published})
    assert [one.since for one in found] == ([since] if since else [])


def test_segments_of_one_schedule_are_one_trouble() -> None:
    hourly = [segment(name, "0 * * * *") for name in ("a", "b", "c", "d")]
    times = {name: NOW - timedelta(hours=int(hours)) for name, hours in zip("abcd", "2345", strict=True)}
    (found,) = late(*hourly, segment("e", "0 0 * * *"), published={**times, "e": NOW})
    trouble = found.trouble(NOW)
    assert (trouble.key, trouble.title) == ("overdue:0 * * * * UTC", "a, b, c and 1 more are overdue")
    assert trouble.since == NOW - timedelta(hours=4)
    assert "came at 2026-03-31T08:00:00Z" in trouble.details


def test_news_and_the_clock_that_nobody_heeds_are_late_after_a_while_only() -> None:
    fresh = Waits(NOW - timedelta(minutes=29), NOW - timedelta(minutes=29))
    vip = segment("vip", on_change=True)
    assert late(vip, published={"vip": NOW}, waits=fresh) == ()
    old = Waits(NOW - timedelta(minutes=40), NOW - timedelta(minutes=29))
    (found,) = late(vip, published={"vip": NOW}, waits=old)
    assert found.found == "rows of the change log wait since 2026-03-31T11:20:00Z"
    # A transaction may have been open so long.
    assert found.trouble(NOW).patience == timedelta(minutes=5)
    assert late(segment("vip", "0 0 * * *"), published={"vip": NOW}, waits=old) == ()


def test_what_is_defined_and_never_built_is_late_when_it_has_been_so_for_long() -> None:
    (found,) = late(segment("new", on_change=True), published={"new": None})
    assert (found.key, found.patience, found.since) == ("new", HALF_AN_HOUR, None)


@pytest.mark.parametrize(
    "not_late",
    [segment("vip", "0 11 * * *", is_active=False), segment("vip", "0 11 * * *", manual=True)],
)
def test_inactive_and_manual_segments_are_never_late(not_late: dict[str, Any]) -> None:
    assert late(not_late, published={"vip": None}) == ()
    assert late(not_late, published={"vip": NOW - timedelta(days=9)}) == ()


def test_what_is_held_says_so_itself() -> None:
    assert late(segment("vip", "0 11 * * *"), published={}) == ()
