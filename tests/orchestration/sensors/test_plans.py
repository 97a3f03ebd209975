"""What `changes`, `clock` and `definitions` make of what they observe."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maho_segments.services.watch.news import News
from orchestration.sensors.asking import Runs
from orchestration.sensors.changes import ObservedChanges, plan_changes
from orchestration.sensors.clock import ObservedClock, plan_clock
from orchestration.sensors.definitions import (
    Difference,
    ObservedDefinitions,
    PublishedDefinition,
    compare,
    plan_definitions,
)
from orchestration.sensors.memory import Asked, Away, Memory

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
NEWS = News(1234, NOW - timedelta(seconds=9), 877, ("customer", "order", "quote", "wishlist"))


def test_news_is_reason_for_a_refresh_on_change() -> None:
    decision = plan_changes(ObservedChanges(["vip"], news=NEWS), Memory(), Runs(), now=NOW)
    assert decision.request is not None
    assert decision.request.run_key == "changes:877-1234:1"
    assert decision.request.options == {"on_change": True}
    assert decision.reason == (
        "1,234 rows of news since 2026-03-31T11:59:51Z in customer, order, quote and others"
    )


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (ObservedChanges(["vip", "new"]), "No news for the 2 segments"),
        (ObservedChanges([], news=NEWS), "No segment has `on_change: true`"),
        (ObservedChanges(["vip"], is_built=False), "Nothing is built yet"),
        (ObservedChanges(["vip"], "clocks"), "`change_capture: clocks`: there is no log to look at"),
        (ObservedChanges(["vip"], has_log=False), "Changes are not captured: `segments capture install`"),
        (ObservedChanges(["vip"], uncaptured=["vip"]), "were not captured when these were published"),
        (ObservedChanges(["vip"], news=NEWS, has_watcher=True), "which `segments watch` sees to"),
        (ObservedChanges(["vip"], news=NEWS, builder="segments build since 11:58"), "a build at work"),
    ],
)
def test_without_news_or_eyes_for_it_nothing_is_asked_for_and_why(
    observed: ObservedChanges, words: str
) -> None:
    away = Memory(away=Away(NOW, 1, NOW))
    decision = plan_changes(observed, away, Runs(), now=NOW)
    assert decision.request is None
    assert words in decision.reason
    assert decision.memory == Memory()


def test_what_a_watcher_does_not_see_to_in_time_is_asked_for() -> None:
    later = NOW + timedelta(minutes=2)
    news = ObservedChanges(["vip"], news=NEWS, has_watcher=True)
    assert plan_changes(news, Memory(), Runs(), now=later).request is not None
    turn = ObservedClock(has_segments=True, next_change_at=NOW, has_watcher=True)
    assert plan_clock(turn, Memory(), Runs(), now=later).request is not None


@pytest.mark.parametrize(
    ("now", "turn", "is_due"),
    [
        ("12:00:00.0", "12:00:00.0", False),
        ("12:00:00.9", "12:00:00.5", False),
        ("12:00:01.0", "12:00:00.5", True),
    ],
)
def test_the_clock_is_reason_from_the_second_after_the_last_that_holds(
    now: str, turn: str, is_due: bool
) -> None:
    observed = ObservedClock(
        has_segments=True, next_change_at=datetime.fromisoformat(f"2026-03-31T{turn}+00:00")
    )
    decision = plan_clock(observed, Memory(), Runs(), now=datetime.fromisoformat(f"2026-03-31T{now}+00:00"))
    assert (decision.request is not None) is is_due


def test_the_clock_alone_is_reason_for_one_refresh_a_minute() -> None:
    observed = ObservedClock(has_segments=True, next_change_at=NOW - timedelta(seconds=5))
    memory = Memory(Asked("an earlier turn", 1, NOW - timedelta(seconds=59)))
    waiting = plan_clock(observed, memory, Runs(last="succeeded"), now=NOW)
    assert waiting.request is None
    assert "waits for what else turns until 2026-03-31T12:00:01Z" in waiting.reason
    ahead = Memory(Asked("by a clock that was set back", 1, NOW + timedelta(days=1)))
    assert plan_clock(observed, ahead, Runs(last="succeeded"), now=NOW).request is not None
    later = plan_clock(observed, memory, Runs(last="succeeded"), now=NOW + timedelta(seconds=1))
    assert later.request is not None
    assert later.request.run_key == "clock:2026-03-31T11:59:55+00:00:1"


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (ObservedClock(has_segments=False), "No segment"),
        (ObservedClock(has_segments=True, is_built=False), "Nothing is built yet"),
        (
            ObservedClock(has_segments=True, next_change_at=NOW - timedelta(seconds=9), has_watcher=True),
            "which `segments watch` sees to",
        ),
        (ObservedClock(has_segments=True), "Time alone changes nobody's segments."),
        (
            ObservedClock(has_segments=True, next_change_at=NOW - timedelta(1), builder="watch"),
            "at work: watch",
        ),
    ],
)
def test_without_a_turn_of_the_clock_nothing_is_asked_for_and_why(
    observed: ObservedClock, words: str
) -> None:
    decision = plan_clock(observed, Memory(), Runs(), now=NOW)
    assert decision.request is None
    assert words in decision.reason


def defined(name: str, meaning: str = "1", **more: Any) -> dict[str, Any]:
    manual = more.pop("manual", False)
    shown = {"label": name.title(), "description": None, "owner": None, "tags": [], "priority": 0}
    active = {"is_active": True, "definition_hash": meaning, "refresh": {"manual": manual}}
    return {"name": name, **shown, **active, **more}


def published(
    name: str,
    meaning: str | None = "1",
    is_active: bool = True,
    published_at: datetime | None = None,
    **more: Any,
) -> PublishedDefinition:
    shown = {"label": name.title(), "description": "", "owner": None, "tags": [], "priority": 0, **more}
    return PublishedDefinition(name, meaning, is_active, shown, published_at=published_at)


@pytest.mark.parametrize(
    ("segments", "before", "expected"),
    [
        ([defined("a")], [published("a")], Difference()),
        ([defined("a")], [], Difference(edited=("a",))),
        ([defined("a", "2")], [published("a")], Difference(edited=("a",))),
        ([defined("a")], [published("a", is_active=False)], Difference(edited=("a",))),
        ([defined("a", tags=["x"])], [published("a")], Difference(shown=("a",))),
        ([defined("a", "2", tags=["x"])], [published("a")], Difference(edited=("a",))),
        ([], [published("a")], Difference(ended=("a",))),
        ([defined("a", is_active=False)], [published("a")], Difference(ended=("a",))),
        ([defined("a", is_active=False)], [published("a", is_active=False)], Difference()),
        ([defined("a", "2", manual=True)], [published("a")], Difference()),
        ([defined("a", "2", manual=True)], [published("a", None)], Difference(edited=("a",))),
        ([defined("a", manual=True)], [], Difference(edited=("a",))),
        ([defined("b")], [published("a")], Difference(edited=("b",), ended=("a",))),
    ],
)
def test_what_differs_between_the_file_and_what_is_published(
    segments: list[dict[str, Any]], before: list[PublishedDefinition], expected: Difference
) -> None:
    assert compare(segments, before) == expected


def test_an_edit_refreshes_what_was_edited_and_nothing_else() -> None:
    observed = ObservedDefinitions(
        [defined("a"), defined("b", "2")], published=[published("a"), published("b")]
    )
    decision = plan_definitions(observed, Memory(), Runs(), now=NOW)
    assert decision.request is not None
    assert decision.request.options == {"segments": ["b"]}
    assert decision.reason == "new or edited: b"
    # It was held: what is published stays the former definition, and the same edit is no news.
    held = plan_definitions(observed, decision.memory, Runs(last="succeeded"), now=NOW + timedelta(days=1))
    assert held.request is None
    edited = ObservedDefinitions([defined("a"), defined("b", "3")], published=observed.published)
    again = plan_definitions(edited, held.memory, Runs(last="succeeded"), now=NOW)
    assert again.request is not None
    assert again.request.run_key != decision.request.run_key


def test_an_edit_that_was_taken_back_and_is_made_again_is_refreshed_again() -> None:
    memory, published_at, keys = Memory(), NOW, []
    for before, after in ("12", "21", "12"):
        observed = ObservedDefinitions(
            [defined("a", after)], published=[published("a", before, published_at=published_at)]
        )
        decision = plan_definitions(observed, memory, Runs(last="succeeded"), now=published_at)
        assert decision.request is not None
        memory, published_at = decision.memory, published_at + timedelta(minutes=1)
        keys.append(decision.request.run_key)
    # Dagster begins no second run with a key, and ours ended well: nobody would ever ask again.
    assert len(set(keys)) == 3


def test_the_end_of_a_segment_refreshes_no_manual_one_if_there_is_another() -> None:
    plan = [defined("a", manual=True), defined("b")]
    observed = ObservedDefinitions(plan, published=[*map(published, "abc")])
    request = plan_definitions(observed, Memory(), Runs(), now=NOW).request
    assert request is not None
    assert request.options == {"segments": ["b"]}


def test_the_end_of_a_segment_takes_the_refresh_of_some_other() -> None:
    observed = ObservedDefinitions([defined("a"), defined("b")], published=[*map(published, "abc")])
    decision = plan_definitions(observed, Memory(), Runs(), now=NOW)
    assert decision.request is not None
    assert decision.request.options == {"segments": ["a"]}
    assert decision.reason == "ended: c"


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (ObservedDefinitions([defined("a")], is_built=False), "Nothing is built yet"),
        (
            ObservedDefinitions([defined("a")], published=[published("a")]),
            "The 1 active segments are published",
        ),
        (
            ObservedDefinitions([defined("a")], builder="segments build"),
            "new or edited: a; a build is at work",
        ),
    ],
)
def test_without_a_difference_nothing_is_asked_for_and_why(observed: ObservedDefinitions, words: str) -> None:
    decision = plan_definitions(observed, Memory(), Runs(), now=NOW)
    assert decision.request is None
    assert words in decision.reason
