"""The instant that a run answers for."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from maho_segments.services.instants import format_instant, parse_as_of

NOW = datetime(2026, 3, 31, 12, 30, 15, 987654, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        (None, "2026-03-31T10:30:15Z"),
        ("2026-03-31", "2026-03-31T00:00:00Z"),
        ("2026-03-31T12:00:00Z", "2026-03-31T12:00:00Z"),
        ("2026-03-31 12:00", "2026-03-31T12:00:00Z"),
        ("2026-03-31T12:00:00+02:00", "2026-03-31T10:00:00Z"),
        ("2026-03-31T12:00:00.999Z", "2026-03-31T12:00:00Z"),
    ],
)
def test_parse_as_of_gives_utc_to_the_second(text: str | None, instant: str) -> None:
    assert format_instant(parse_as_of(text, now=NOW)) == instant


@pytest.mark.parametrize("text", ["", "now", "31.03.2026", "2026-02-30", "2026-03-31T25:00", "20260331T1"])
def test_parse_as_of_refuses_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no day or time such as .* 2026-03-31T12:00Z"):
        parse_as_of(text, now=NOW)


def test_format_instant_is_in_utc() -> None:
    assert format_instant(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
