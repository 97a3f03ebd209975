"""Who is told what, and when again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orchestration.alerts.told import Agreement, Told, plan_alert
from orchestration.alerts.trouble import Trouble

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
HELD = Trouble("held:vip", "warning", "vip is held", NOW - timedelta(hours=1), "Look at it.")
AWAY = Trouble("database:", "error", "The database is away", NOW, "Start it.")
AGREED = Agreement(repeat_after=timedelta(hours=24))


def told(trouble: Trouble, at: datetime = NOW) -> dict[str, Told]:
    return {trouble.key: Told(trouble.title, trouble.severity, trouble.since, at)}


def test_trouble_is_told_once_and_its_end_once() -> None:
    alert, knows = plan_alert([HELD], {}, AGREED, now=NOW)
    assert alert is not None
    assert alert.raised == (HELD,)
    later = NOW + timedelta(hours=2)
    assert plan_alert([HELD], knows, AGREED, now=later) == (None, knows)
    over, knows_nothing = plan_alert([], knows, AGREED, now=later)
    assert over is not None
    assert [(one.key, one.since) for one in over.recovered] == [(HELD.key, HELD.since)]
    assert knows_nothing == {}
    assert plan_alert([], knows_nothing, AGREED, now=later) == (None, {})


@pytest.mark.parametrize(
    ("hours", "repeat_after", "is_repeated"),
    # The last one: told by a clock that was set back.
    [(23, 24, False), (24, 24, True), (2400, 0, False), (-1, 24, True)],
)
def test_trouble_is_told_again_after_the_time_agreed(
    hours: int, repeat_after: int, is_repeated: bool
) -> None:
    agreement = Agreement(repeat_after=timedelta(hours=repeat_after))
    now = NOW + timedelta(hours=hours)
    alert, knows = plan_alert([HELD], told(HELD), agreement, now=now)
    assert (alert is not None and alert.repeated == (HELD,)) is is_repeated
    assert knows[HELD.key].at == (now if is_repeated else NOW)


def test_trouble_that_got_worse_is_told_at_once() -> None:
    worse = replace(HELD, severity="error")
    alert, _ = plan_alert([worse], told(HELD), AGREED, now=NOW)
    assert alert is not None
    assert alert.raised == (worse,)


def test_trouble_below_the_minimum_is_not_told_neither_is_its_end() -> None:
    errors = Agreement(minimum="error")
    alert, knows = plan_alert([HELD, AWAY], {}, errors, now=NOW)
    assert alert is not None
    assert alert.raised == (AWAY,)
    over, _ = plan_alert([], knows, errors, now=NOW)
    assert over is not None
    assert [one.key for one in over.recovered] == [AWAY.key]


def test_what_nobody_could_look_for_is_not_over() -> None:
    alert, knows = plan_alert([AWAY], told(HELD), AGREED, now=NOW, unseen={"held"})
    assert alert is not None
    assert alert.raised == (AWAY,)
    assert alert.recovered == ()
    assert knows.keys() == {HELD.key, AWAY.key}
