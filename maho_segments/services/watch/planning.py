"""What a watcher does next, worked out from what it sees: no clock, no database, no files in here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_LONGEST_BACKOFF = timedelta(minutes=5)
_SHORTEST_LOOK = timedelta(seconds=1)
_LONGEST_LOOK = timedelta(seconds=30)


@dataclass(frozen=True)
class Policy:
    """How eager a watcher is.

    `settle` is left after the first news, so that what is written together is refreshed together. The clock
    alone brings a refresh at most once in `clock_interval`. After `poll` it looks whether or not it was told
    of anything; where changes are known by clocks, which nothing notifies of, it refreshes then.
    """

    settle: timedelta = timedelta(milliseconds=100)
    clock_interval: timedelta = timedelta(minutes=1)
    poll: timedelta = timedelta(minutes=1)


@dataclass(frozen=True)
class LastRefresh:
    """How the last refresh went, or the try of one: when it began and ended, and for which instant it was.

    `failures` are the tries that failed since one succeeded; `is_full` says that it looked at everybody.
    """

    began: datetime
    ended: datetime
    as_of: datetime
    is_full: bool = False
    failures: int = 0
    was_locked: bool = False
    """Whether it failed only because another build was at work."""
    was_by_clock: bool = False
    """Whether nothing but the clock was reason for it."""


@dataclass(frozen=True)
class Observed:
    """What is so when the watcher looks: `now`, since when it has been waiting, and what there is to do.

    `has_open_writes` says that transactions which began to write before it waited have not ended: these may
    commit without a notice. `is_notified` is whether triggers tell of changes at all.
    """

    now: datetime
    waiting_since: datetime
    last: LastRefresh | None
    is_notified: bool = True
    news_since: datetime | None = None
    """When the watcher first saw the news that there are; none where there are none."""
    has_open_writes: bool = False
    has_new_definitions: bool = False
    next_change_at: datetime | None = None
    next_due: datetime | None = None


@dataclass(frozen=True)
class Refresh:
    """Refresh now, for these reasons."""

    why: tuple[str, ...]


@dataclass(frozen=True)
class Wait:
    """Look again at that time, or at a notice where one would tell something new."""

    until: datetime
    for_notice: bool


def plan_next(seen: Observed, policy: Policy) -> Refresh | Wait:
    """Whether to refresh now, or how long to wait: for what comes first, and never in vain."""
    not_before = _not_before(seen)
    wanted = _wanted(seen, policy)
    times = [max(time, not_before) for time in wanted.values()]
    if times and min(times) <= seen.now:
        return Refresh(tuple(why for why, time in wanted.items() if max(time, not_before) <= seen.now))
    waited = seen.now - seen.waiting_since
    looks = [seen.now + policy.poll]
    if seen.has_open_writes and seen.news_since is None:
        # The longer they have been open, the longer they may stay so.
        looks.append(seen.now + max(_SHORTEST_LOOK, min(waited, _LONGEST_LOOK)))
    return Wait(min(times + looks), for_notice=seen.is_notified and seen.news_since is None)


def plan_as_of(now: datetime, *, is_notified: bool) -> datetime:
    """The instant of a refresh that begins now.

    Instants are whole seconds, and what was written in the present one is not before its beginning; so it is
    the end of this second, which has come when the refresh is published. Where changes are known by clocks,
    what is yet to be written until then would count as seen: it is the beginning.
    """
    second = now.replace(microsecond=0)
    return second if second == now or not is_notified else second + timedelta(seconds=1)


def _wanted(seen: Observed, policy: Policy) -> dict[str, datetime]:
    """Why there should be a refresh, and from when on."""
    if seen.last is None:
        return {"start": seen.now}
    wanted: dict[str, datetime] = {}
    if seen.last.failures:
        wanted["retry"] = seen.last.ended
    if seen.has_new_definitions:
        wanted["definitions"] = seen.now
    if seen.news_since is not None:
        wanted["changes"] = seen.news_since + policy.settle
    if seen.next_change_at is not None:
        not_too_often = seen.last.began + policy.clock_interval
        wanted["clock"] = (
            seen.last.ended if _came_meanwhile(seen) else max(seen.next_change_at, not_too_often)
        )
    if seen.next_due is not None:
        wanted["schedule"] = seen.next_due
    if not seen.is_notified:
        wanted["poll"] = seen.last.ended + policy.poll
    return wanted


def _came_meanwhile(seen: Observed) -> bool:
    """Whether the clock has to tell of what the last refresh read and left: it was younger than its instant.

    An order, most often. It is no news any more, and need not wait until the clock may refresh. Only once: a
    condition that is never certain turns with each refresh.
    """
    last, turn = seen.last, seen.next_change_at
    return bool(last and turn and not last.was_by_clock and last.as_of <= turn <= last.ended)


def _not_before(seen: Observed) -> datetime:
    """Before that, a refresh could not succeed, would be for the same instant, or would leave no rest."""
    if seen.last is None:
        return seen.now
    last = seen.last
    if last.was_locked:
        return last.ended + timedelta(seconds=1)
    if last.failures:
        return last.ended + min(timedelta(seconds=2 ** min(last.failures, 10)), _LONGEST_BACKOFF)
    # Where every refresh looks at everybody, half of the time is enough for it.
    rest = last.ended - last.began if last.is_full else timedelta()
    return max(last.as_of, last.ended + rest)
