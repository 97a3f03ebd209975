"""The sensor `clock`: the passing of time alone changes who is in a segment that is refreshed on change."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from maho_segments.services.instants import format_instant
from orchestration.sensors.asking import (
    WATCHERS_TIME,
    Decision,
    Runs,
    Wish,
    back,
    plan_request,
    why_idle,
)
from orchestration.sensors.memory import Memory

NAME = "clock"
# Windows of hours turn for somebody every second: refreshes by the clock alone are so far apart.
SPACING = timedelta(minutes=1)


@dataclass(frozen=True)
class ObservedClock:
    """The last instant for which all that is published stands; none where it stands for ever."""

    has_segments: bool
    is_built: bool = True
    next_change_at: datetime | None = None
    builder: str | None = None
    has_watcher: bool = False


def plan_clock(observed: ObservedClock, memory: Memory, runs: Runs, *, now: datetime) -> Decision:
    """A refresh of what is refreshed on change, where the clock has turned for somebody."""
    memory = back(memory)
    turn = observed.next_change_at
    if turn is None:
        idle = why_idle(has_segments=observed.has_segments, is_built=observed.is_built)
        return Decision(memory, idle or "Time alone changes nobody's segments.")
    when = format_instant(turn)
    # A run's instant is of whole seconds, and at the very instant everything still holds.
    if now.astimezone(UTC).replace(microsecond=0) <= turn:
        return Decision(memory, f"The next change by the clock is after {when}.")
    if observed.builder:
        return Decision(memory, f"The clock turned at {when}; a build is at work: {observed.builder}.")
    if observed.has_watcher and now - turn < WATCHERS_TIME:
        return Decision(memory, f"The clock turned at {when}, which `segments watch` sees to.")
    if memory.asked is not None and memory.asked.at <= now < memory.asked.at + SPACING:
        until = format_instant(memory.asked.at + SPACING)
        return Decision(memory, f"The clock turned at {when}; it waits for what else turns until {until}.")
    wish = Wish(turn.isoformat(), f"The clock turned at {when}", {"on_change": True})
    return plan_request(NAME, wish, memory, runs, now=now, again_after_success=True)
