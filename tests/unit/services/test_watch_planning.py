"""What a watcher does next: tested without a clock and without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from maho_segments.services.watch.planning import (
    LastRefresh,
    Observed,
    Policy,
    Refresh,
    Wait,
    plan_as_of,
    plan_next,
)

POLICY = Policy(
    settle=timedelta(seconds=0.1), clock_interval=timedelta(seconds=60), poll=timedelta(seconds=90)
)


def at(seconds: float) -> datetime:
    return datetime(2026, 3, 29, 1, tzinfo=UTC) + timedelta(seconds=seconds)


LAST = LastRefresh(began=at(-10), ended=at(-8), as_of=at(-9))
IDLE = Observed(now=at(0), waiting_since=at(-8), last=LAST)


def plan(**seen: object) -> Refresh | Wait:
    return plan_next(replace(IDLE, **seen), POLICY)  # type: ignore[arg-type]


def failed(times: int, **more: object) -> LastRefresh:
    return replace(LAST, failures=times, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        pytest.param({}, Wait(at(90), for_notice=True), id="nothing happened"),
        pytest.param({"last": None}, Refresh(("start",)), id="it starts"),
        pytest.param({"news_since": at(-0.2)}, Refresh(("changes",)), id="news that has settled"),
        pytest.param({"news_since": at(0)}, Wait(at(0.1), for_notice=False), id="news of just now"),
        pytest.param({"has_new_definitions": True}, Refresh(("definitions",)), id="an edit"),
        pytest.param({"next_due": at(0)}, Refresh(("schedule",)), id="a schedule has come"),
        pytest.param({"next_due": at(30)}, Wait(at(30), for_notice=True), id="a schedule is to come"),
        pytest.param({"next_change_at": at(55)}, Wait(at(55), for_notice=True), id="the clock is to come"),
        pytest.param(
            {"next_change_at": at(-20)}, Wait(at(50), for_notice=True), id="the clock, not too often"
        ),
        pytest.param(
            {"next_change_at": at(-9)},
            Refresh(("clock",)),
            id="the last refresh left what was too young for it",
        ),
        pytest.param(
            {"next_change_at": at(-9), "last": replace(LAST, was_by_clock=True)},
            Wait(at(50), for_notice=True),
            id="and once more, which is a condition that is never certain",
        ),
        pytest.param(
            {"next_change_at": at(-20), "last": replace(LAST, began=at(-60))},
            Refresh(("clock",)),
            id="the clock has come",
        ),
        pytest.param(
            {"news_since": at(-1), "next_due": at(-1)}, Refresh(("changes", "schedule")), id="two reasons"
        ),
        pytest.param({"next_change_at": at(500)}, Wait(at(90), for_notice=True), id="the clock is far away"),
        pytest.param({"has_open_writes": True}, Wait(at(8), for_notice=True), id="a transaction is open"),
        pytest.param(
            {"has_open_writes": True, "waiting_since": at(-500)},
            Wait(at(30), for_notice=True),
            id="a transaction is open for long",
        ),
        pytest.param(
            {"has_open_writes": True, "waiting_since": at(0)},
            Wait(at(1), for_notice=True),
            id="a transaction has been open for a moment",
        ),
        pytest.param(
            {"news_since": at(-1), "last": replace(LAST, as_of=at(0.5))},
            Wait(at(0.5), for_notice=False),
            id="the instant of the last refresh has not come",
        ),
        pytest.param(
            {"news_since": at(-1), "last": replace(LAST, began=at(-38), is_full=True)},
            Wait(at(22), for_notice=False),
            id="everybody was looked at for half a minute",
        ),
        pytest.param(
            {"last": failed(1, ended=at(-1))}, Wait(at(1), for_notice=True), id="the last refresh failed"
        ),
        pytest.param({"last": failed(1, ended=at(-2))}, Refresh(("retry",)), id="it is tried again"),
        pytest.param(
            {"last": failed(30, ended=at(-1)), "news_since": at(-9)},
            Wait(at(90), for_notice=False),
            id="it has failed for long",
        ),
        pytest.param(
            {"last": failed(9, ended=at(-1), was_locked=True)}, Refresh(("retry",)), id="the lock may be free"
        ),
        pytest.param({"is_notified": False}, Wait(at(82), for_notice=False), id="clocks are polled"),
        pytest.param(
            {"is_notified": False, "last": replace(LAST, ended=at(-90))},
            Refresh(("poll",)),
            id="clocks' turn",
        ),
    ],
)
def test_next_is(seen: dict[str, object], wanted: Refresh | Wait) -> None:
    assert plan(**seen) == wanted


def test_an_end_comes_to_every_wait_and_refreshes_never_follow_each_other_for_nothing() -> None:
    seen, refreshes = replace(IDLE, next_change_at=at(-1)), []
    for _ in range(20):
        match plan_next(seen, POLICY):
            case Wait(until=until):
                assert until > seen.now
                seen = replace(seen, now=until)
            case Refresh():
                refreshes.append(seen.now)
                last = LastRefresh(
                    seen.now, seen.now + timedelta(seconds=1), plan_as_of(seen.now, is_notified=True)
                )
                seen = replace(seen, now=last.ended, waiting_since=last.ended, last=last)
    assert [second - first for first, second in pairwise(refreshes)] == [POLICY.clock_interval] * (
        len(refreshes) - 1
    )
    assert len(refreshes) > 5


@pytest.mark.parametrize(
    ("now", "is_notified", "as_of"),
    [(0, True, 0), (0.001, True, 1), (0.999, True, 1), (0, False, 0), (0.999, False, 0)],
)
def test_the_instant_is_the_end_of_the_second(now: float, is_notified: bool, as_of: float) -> None:
    assert plan_as_of(at(now), is_notified=is_notified) == at(as_of)
