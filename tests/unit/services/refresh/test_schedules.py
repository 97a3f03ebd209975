"""When schedules come due."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maho_segments.errors import SegmentsError
from maho_segments.language.cron import cron_mistake
from maho_segments.services.refresh.schedules import named_zone, next_time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        ("30 6 * * 1-5", "2026-03-27T05:30:00+00:00", "2026-03-30T04:30:00+00:00"),
        ("0 0 * * *", "2026-01-31T22:59:59+00:00", "2026-01-31T23:00:00+00:00"),
        ("0 0 29 feb *", "2026-01-01T00:00:00+00:00", "2028-02-28T23:00:00+00:00"),
        # The hour from 2 to 3 is skipped on 29 March.
        ("30 2 * * *", "2026-03-28T12:00:00+00:00", "2026-03-29T01:00:00+00:00"),
        # It comes twice on 25 October, and the schedule only the first time.
        ("30 2 * * *", "2026-10-24T12:00:00+00:00", "2026-10-25T00:30:00+00:00"),
        ("30 2 * * *", "2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"),
        ("30 2 * * *", "2026-10-25T01:10:00+00:00", "2026-10-26T01:30:00+00:00"),
        ("*/30 * * * *", "2026-10-25T00:30:00+00:00", "2026-10-25T01:00:00+00:00"),
    ],
)
def test_next_time_is_that_of_the_zones_clock(schedule: str, after: str, expected: str) -> None:
    time = next_time(schedule, after=datetime.fromisoformat(after), zone=BERLIN)

    assert time == datetime.fromisoformat(expected)


def test_the_environment_names_a_clock_or_none() -> None:
    assert named_zone({"SEGMENTS_TIME_ZONE": "Europe/Berlin"}) == BERLIN
    assert named_zone({"SEGMENTS_TIME_ZONE": ""}) is None
    with pytest.raises(SegmentsError, match="'Berlin', which is no time zone"):
        named_zone({"SEGMENTS_TIME_ZONE": "Berlin"})


def _field(low: int, high: int, *words: str) -> st.SearchStrategy[str]:
    """A field of a cron expression: `*`, numbers and words, spans, steps, and lists of them."""
    number = st.integers(low, high).map(str)
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(
        lambda ends: f"{min(ends)}-{max(ends)}"
    )
    piece = st.one_of(st.just("*"), number, span, *([st.sampled_from(words)] if words else []))
    step = st.one_of(st.just(""), st.integers(1, 70).map("/{}".format))
    return st.lists(st.tuples(piece, step).map("".join), min_size=1, max_size=2).map(",".join)


@given(
    st.tuples(
        _field(0, 59), _field(0, 23), _field(1, 31), _field(1, 12, "feb", "Nov"), _field(0, 7, "mon", "SUN")
    ).map(" ".join),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe"]),
)
def test_every_valid_schedule_comes_due_some_day(schedule: str, zone: str) -> None:
    after = datetime(2026, 3, 28, 12, tzinfo=UTC)
    if cron_mistake(schedule) is None:
        assert next_time(schedule, after=after, zone=ZoneInfo(zone)) > after
