"""When a sensor asks for a refresh, and when it waits."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestration.sensors.asking import Decision, Runs, Wish, back, plan_away, plan_request, plan_wait
from orchestration.sensors.memory import Asked, Away, Memory, read_cursor, write_cursor

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
WISH = Wish("42-3", "3 rows of news", {"on_change": True})


def ask(memory: Memory, runs: Runs, *, minutes: float = 0, again_after_success: bool = True) -> Decision:
    now = NOW + timedelta(minutes=minutes)
    return plan_request("changes", WISH, memory, runs, now=now, again_after_success=again_after_success)


def test_news_is_asked_for_once_whatever_the_tick() -> None:
    first = ask(Memory(), Runs())
    assert first.request is not None
    assert first.request.run_key == "changes:42-3:1"
    assert first.request.options == {"on_change": True}
    # The daemon died before it launched the run, or it has not begun: the key is the same.
    again = ask(first.memory, Runs(), minutes=1)
    assert again.request == first.request


def test_other_news_is_asked_for_with_another_key() -> None:
    memory = Memory(Asked("41-2", 3, NOW))
    request = ask(memory, Runs(last="succeeded")).request
    assert request is not None
    assert request.run_key == "changes:42-3:1"


def test_nothing_is_asked_for_while_a_refresh_waits_or_is_at_work() -> None:
    decision = ask(Memory(), Runs(busy="run 1a2b of refresh_job is at work"))
    assert decision == Decision(Memory(), "3 rows of news; run 1a2b of refresh_job is at work, so it waits.")


@pytest.mark.parametrize(
    ("attempt", "minutes", "is_asked"),
    [(1, 0.9, False), (1, 1, True), (2, 1.9, False), (2, 2, True), (9, 59, False), (9, 60, True)],
)
def test_what_failed_is_asked_for_again_each_time_later(attempt: int, minutes: float, is_asked: bool) -> None:
    memory = Memory(Asked(WISH.key, attempt, NOW))
    decision = ask(memory, Runs(last="failed"), minutes=minutes)
    if is_asked:
        assert decision.request is not None
        assert decision.request.run_key == f"changes:42-3:{attempt + 1}"
    else:
        assert decision.request is None
        assert decision.memory == memory
        assert "failed; again at 2026-03-31T1" in decision.reason


def test_what_ended_well_and_changed_nothing_is_repeated_where_that_may_help() -> None:
    memory = Memory(Asked(WISH.key, 1, NOW))
    assert ask(memory, Runs(last="succeeded"), minutes=600, again_after_success=False).request is None
    assert ask(memory, Runs(last="succeeded"), minutes=600).request is not None


@pytest.mark.parametrize(("minutes", "is_asked"), [(3.9, False), (4, True)])
def test_newer_news_waits_as_well_while_refreshes_fail(minutes: float, is_asked: bool) -> None:
    # Of a busy shop each look finds other news: each would be asked for at once, and fail.
    memory = Memory(Asked("41-2", 3, NOW))
    request = ask(memory, Runs(last="failed"), minutes=minutes).request
    assert (request.run_key if request else None) == ("changes:42-3:4" if is_asked else None)


def test_what_a_person_edited_does_not_wait_for_what_failed() -> None:
    memory = Memory(Asked("41-2", 3, NOW))
    request = ask(memory, Runs(last="failed"), again_after_success=False).request
    assert request is not None
    assert request.run_key == "changes:42-3:1"


def test_a_clock_that_was_set_back_is_not_waited_for() -> None:
    ahead = NOW + timedelta(days=400)
    assert ask(Memory(Asked(WISH.key, 1, ahead)), Runs(last="failed")).request is not None
    away = Memory(away=Away(ahead, 2, ahead + timedelta(minutes=1)))
    assert plan_wait(away, now=NOW) is None


def test_a_warehouse_that_is_away_is_looked_for_ever_later() -> None:
    memory, now, pauses = Memory(Asked("k", 1, NOW)), NOW, []
    for _ in range(6):
        decision = plan_away(memory, "Connection refused.", now=now)
        assert decision.request is None
        assert "away since 2026-03-31T12:00:00Z" in decision.reason
        assert decision.reason.endswith("Connection refused.")
        memory = decision.memory
        assert memory.away is not None
        pauses.append((memory.away.again_at - now).total_seconds())
        waiting = plan_wait(memory, now=memory.away.again_at - timedelta(seconds=1))
        assert waiting is not None
        assert waiting.memory == memory
        assert "away since" in waiting.reason
        now = memory.away.again_at
        assert plan_wait(memory, now=now) is None
    assert pauses == [30, 60, 120, 240, 300, 300]
    assert back(memory) == Memory(Asked("k", 1, NOW))


@pytest.mark.parametrize(
    "memory",
    [
        Memory(),
        Memory(Asked('a "key"', 3, NOW)),
        Memory(Asked("k", 1, NOW), Away(NOW, 2, NOW + timedelta(minutes=1))),
    ],
)
def test_memory_survives_its_cursor(memory: Memory) -> None:
    assert read_cursor(Memory, write_cursor(memory)) == memory


def test_a_cursor_of_another_version_is_forgotten_and_a_broken_one_an_error() -> None:
    assert read_cursor(Memory, None) == Memory()
    assert read_cursor(Memory, 'v0 {"asked": 1}') == Memory()
    with pytest.raises(ValueError, match="EOF"):
        read_cursor(Memory, "v1 {")
    naive = write_cursor(Memory(Asked("k", 1, NOW.replace(tzinfo=None))))
    with pytest.raises(ValueError, match="timezone"):
        read_cursor(Memory, naive)
