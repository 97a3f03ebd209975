"""When things happen in the demo shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from maho_segments.shop.demo.timeline import Timeline

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Auckland")


@pytest.fixture
def timeline() -> Timeline:
    return Timeline(NOW, ZONES)


def clock(moments: np.ndarray, website: int) -> list[datetime]:
    return [datetime.fromtimestamp(int(moment), ZoneInfo(ZONES[website])) for moment in moments]


def test_moments_lie_between_first_and_last(timeline: Timeline) -> None:
    rng = np.random.default_rng(1)
    first = timeline.start + rng.integers(0, 10**8, 5_000)
    last = np.minimum(first + rng.integers(1, 10**7, 5_000), timeline.now)
    first = np.minimum(first, last - 1)
    drawn = timeline.between(rng, first, last)
    assert (drawn >= first).all()
    assert (drawn < last).all()


def test_business_grows_and_has_a_holiday_season(timeline: Timeline) -> None:
    count = 20_000
    drawn = timeline.between(
        np.random.default_rng(1), np.full(count, timeline.start), np.full(count, timeline.now)
    )
    months = np.array([moment.year * 12 + moment.month for moment in clock(drawn, 0)])
    in_month = lambda year, month: int((months == year * 12 + month).sum())  # noqa: E731
    assert in_month(2025, 12) > 1.5 * in_month(2025, 9)
    assert in_month(2025, 6) > 1.5 * in_month(2023, 6)


@pytest.mark.parametrize("website", [0, 1, 2])
def test_hours_are_the_websites_own(timeline: Timeline, website: int) -> None:
    rng = np.random.default_rng(1)
    moments = timeline.start + rng.integers(0, 10**8, 2_000)
    websites = np.full(2_000, website)
    night = timeline.at_shopping_hours(rng, moments, websites, night=np.full(2_000, True))
    hours = np.array([moment.hour for moment in clock(night, website)])
    # On the nights when clocks change, an hour may slip.
    assert ((hours >= 22) | (hours < 5)).mean() > 0.99
    day = timeline.at_shopping_hours(rng, moments, websites, night=np.full(2_000, False))
    assert np.mean([9 <= moment.hour <= 22 for moment in clock(day, website)]) > 0.8
    assert [moment.date() for moment in clock(day, website)][:50] == [
        moment.date() for moment in clock(moments, website)
    ][:50]


@pytest.mark.parametrize("website", [0, 1, 2])
def test_weekends_are_the_websites_own(timeline: Timeline, website: int) -> None:
    noon = timeline.start + 86_400 * np.arange(700) + 43_200
    moved = timeline.on_weekends(noon, np.full(700, website))
    assert {moment.weekday() for moment in clock(moved, website)} == {5, 6}
    assert ((noon - moved) <= timedelta(days=6).total_seconds()).all()


def test_a_shop_may_begin_on_a_leap_day() -> None:
    timeline = Timeline(datetime(2024, 2, 29, 12, tzinfo=UTC), ZONES)
    assert datetime.fromtimestamp(timeline.start, UTC) == datetime(2020, 2, 28, tzinfo=UTC)
