"""Which segments a refresh is about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from maho_segments.errors import SegmentsError
from maho_segments.services.refresh.overdue import find_overdue
from maho_segments.services.refresh.selection import Choice, Selection, referring_to, select_segments

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def segment(name: str, *references: str, level: int = 0, is_active: bool = True, **refresh: Any) -> Any:
    refresh = {"on_change": False, "schedule": None, "manual": False} | (refresh or {"on_change": True})
    return {
        "name": name,
        "references": list(references),
        "level": level,
        "is_active": is_active,
        "time_zone": None,
        "refresh": refresh,
    }


SEGMENTS = [
    segment("grandchild", "child", level=2),
    segment("child", "parent", level=1, manual=True),
    segment("parent", schedule="0 13 * * *"),
    segment("campaign", manual=True),
    segment("hourly", on_change=True, schedule="0 * * * *"),
    segment("off", is_active=False),
]


def select(choice: Choice, **published: datetime) -> Selection:
    return select_segments(SEGMENTS, choice, published=published, as_of=NOON, default_zone=BERLIN)


def test_a_plain_refresh_leaves_out_manual_segments_that_nobody_refers_to() -> None:
    selection = select(Choice(), campaign=NOON)

    assert selection.names == ("grandchild", "child", "parent", "hourly")
    assert selection.left_out == ("campaign",)
    assert selection.variable == list(selection.names)


def test_a_manual_segment_is_built_once_with_the_others() -> None:
    assert select(Choice()).variable == []


def test_all_are_all_active_ones_and_need_not_be_named() -> None:
    selection = select(Choice(all=True))

    assert (len(selection.names), selection.variable, selection.left_out) == (5, [], ())


def test_a_named_segment_brings_along_what_it_refers_to() -> None:
    assert select(Choice(names=("grandchild",))).names == ("grandchild", "child", "parent")
    assert select(Choice(names=("campaign",))).names == ("campaign",)


def test_a_schedule_is_due_when_its_time_has_come_since_the_last_publication() -> None:
    # 13:00 in Berlin is noon in UTC.
    due = select(Choice(due=True), parent=NOON.replace(hour=11), hourly=NOON.replace(hour=11, minute=30))
    early = select(Choice(due=True), parent=NOON.replace(hour=12), hourly=NOON.replace(hour=12, minute=30))

    assert due.names == ("parent", "hourly")
    assert early.names == ()
    assert early.next_due == ("hourly", NOON.replace(hour=13))


def test_a_scheduled_segment_that_was_never_published_is_due() -> None:
    assert select(Choice(due=True), hourly=NOON).names == ("parent",)


def test_choices_add_up() -> None:
    selection = select(Choice(due=True, on_change=True, names=("campaign",)), parent=NOON, hourly=NOON)

    assert selection.names == ("grandchild", "child", "parent", "campaign", "hourly")


@pytest.mark.parametrize(("name", "message"), [("chlid", "No segment is named"), ("off", "not active")])
def test_what_does_not_exist_or_is_off_can_not_be_chosen(name: str, message: str) -> None:
    with pytest.raises(SegmentsError, match=message):
        select(Choice(names=(name,)))


def test_referring_to_names_all_that_would_fail_with_a_segment() -> None:
    assert referring_to(SEGMENTS, ["parent"]) == {"child": "parent", "grandchild": "child"}
    assert referring_to(SEGMENTS, ["hourly"]) == {}


def test_a_schedule_that_came_long_ago_is_overdue() -> None:
    published = {
        "parent": NOON - timedelta(days=3),
        "hourly": NOON - timedelta(minutes=70),
        "campaign": NOON - timedelta(days=9),
    }

    overdue = find_overdue(SEGMENTS, published, default_zone=BERLIN, now=NOON + timedelta(minutes=20))

    # Of one whose time came twenty minutes ago, a refresh may be under way; who was never published waits.
    assert overdue == {"parent": datetime(2026, 3, 26, 12, tzinfo=UTC), "hourly": NOON - timedelta(hours=1)}
    assert (
        find_overdue(SEGMENTS, {"hourly": NOON}, default_zone=BERLIN, now=NOON + timedelta(minutes=80)) == {}
    )
