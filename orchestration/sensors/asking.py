"""Whether to ask for a refresh: once for the same news, never while one is at work, again when it failed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from maho_segments.services.instants import format_instant
from orchestration.sensors.memory import Asked, Away, Memory

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
FIRST_LOOK_AGAIN = timedelta(seconds=30)
LAST_LOOK_AGAIN = timedelta(minutes=5)

WATCHERS_TIME = timedelta(minutes=2)
"""What is younger is left to `segments watch`, where that runs."""
NOTHING_BUILT = "Nothing is built yet: materialize all assets once, or run `segments build`."

Outcome = Literal["succeeded", "failed"]


@dataclass(frozen=True)
class Runs:
    """Dagster's runs: what is at work or waits, and how the run that was asked for last ended, if it did."""

    busy: str | None = None
    last: Outcome | None = None


@dataclass(frozen=True)
class Wish:
    """A refresh that there is reason for: its key is the same as long as the reason is."""

    key: str
    reason: str
    options: Mapping[str, object]
    """Values of the refresh's run configuration."""


@dataclass(frozen=True)
class Request:
    """A run to be requested."""

    run_key: str
    reason: str
    options: Mapping[str, object]


@dataclass(frozen=True)
class Decision:
    """What a tick does: request a run or none, in either case saying why."""

    memory: Memory
    reason: str
    request: Request | None = None


def plan_request(
    name: str, wish: Wish, memory: Memory, runs: Runs, *, now: datetime, again_after_success: bool
) -> Decision:
    """Ask for the refresh wished for, unless one is at work, or this one was asked for already.

    One that failed is asked for again, each time after twice as long. `again_after_success` says that a
    reason which outlives its refresh is reason for another; of such reasons a newer one waits as well while
    refreshes fail. What a person edited does not.
    """
    if runs.busy:
        return Decision(memory, f"{wish.reason}; {runs.busy}, so it waits.")
    asked = memory.asked
    attempt = 1
    if asked is not None and (asked.key == wish.key or (again_after_success and runs.last == "failed")):
        attempt = asked.attempt
        if runs.last == "succeeded" and not again_after_success:
            return Decision(memory, f"{wish.reason}: refreshed already, and that changed nothing.")
        if runs.last is not None:
            again_at = asked.at + min(FIRST_PAUSE * 2 ** min(attempt - 1, 10), LONGEST_PAUSE)
            # A moment that is yet to come is one of a clock that was set back.
            if asked.at <= now < again_at:
                words = f"the refresh that was asked for {runs.last}; again at {format_instant(again_at)}"
                return Decision(memory, f"{wish.reason}; {words}.")
            attempt += 1
    memory = replace(memory, asked=Asked(wish.key, attempt, now))
    request = Request(last_run_key(name, memory) or "", wish.reason, wish.options)
    return Decision(memory, wish.reason, request)


def why_idle(*, has_segments: bool, is_built: bool) -> str:
    """Why there is nothing to refresh on change, whatever is news; empty where there may be."""
    if not has_segments:
        return "No segment has `on_change: true`."
    return "" if is_built else NOTHING_BUILT


def last_run_key(name: str, memory: Memory) -> str | None:
    """The key of the run that a sensor asked for last, if it did: the same for the same news and try."""
    asked = memory.asked
    return f"{name}:{asked.key}:{asked.attempt}" if asked else None


def plan_wait(memory: Memory, *, now: datetime) -> Decision | None:
    """The tick of a sensor that need not try to reach the warehouse yet; None where it should look."""
    away = memory.away
    # One that is further away than any look is of a clock that was set back.
    if away is None or not away.again_at - LAST_LOOK_AGAIN <= now < away.again_at:
        return None
    return Decision(memory, _away_words(away))


def plan_away(memory: Memory, message: str, *, now: datetime) -> Decision:
    """The tick of a sensor that could not reach the warehouse: it looks again after twice as long."""
    since, looks = (memory.away.since, memory.away.looks + 1) if memory.away else (now, 1)
    pause = min(FIRST_LOOK_AGAIN * 2 ** min(looks - 1, 10), LAST_LOOK_AGAIN)
    away = Away(since, looks, now + pause)
    return Decision(replace(memory, away=away), f"{_away_words(away)} {message}")


def back(memory: Memory) -> Memory:
    """The memory of a sensor that reached the warehouse."""
    return replace(memory, away=None)


def _away_words(away: Away) -> str:
    times = "once" if away.looks == 1 else f"{away.looks} times"
    return (
        f"The warehouse is away since {format_instant(away.since)}; looked {times}, the next time at "
        f"{format_instant(away.again_at)}."
    )
