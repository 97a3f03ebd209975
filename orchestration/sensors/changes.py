"""The sensor `changes`: the shop's tables have news for segments that are refreshed on change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from maho_segments.services.instants import format_instant
from maho_segments.services.watch.news import News
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

NAME = "changes"
Capture = Literal["triggers", "clocks"]
"""How changes of the shop become known."""


@dataclass(frozen=True)
class ObservedChanges:
    """What the warehouse has for the segments that are refreshed on change.

    `builder` is who builds right now without Dagster; `uncaptured` are segments that were published while
    nothing captured changes.
    """

    segments: Sequence[str]
    capture: Capture = "triggers"
    is_built: bool = True
    has_log: bool = True
    uncaptured: Sequence[str] = ()
    news: News | None = None
    builder: str | None = None
    has_watcher: bool = False


def plan_changes(observed: ObservedChanges, memory: Memory, runs: Runs, *, now: datetime) -> Decision:
    """A refresh of what is refreshed on change, where there is news for it."""
    memory = back(memory)
    if blind := why_blind(observed):
        return Decision(memory, blind)
    news = observed.news
    if news is None or not news.rows or news.oldest is None:
        return Decision(memory, f"No news for the {len(observed.segments)} segments refreshed on change.")
    if observed.builder:
        return Decision(memory, f"There is news, and a build at work: {observed.builder}.")
    if observed.has_watcher and now - news.oldest < WATCHERS_TIME:
        return Decision(memory, "There is news, which `segments watch` sees to.")
    rows = "row" if news.rows == 1 else "rows"
    tables = f"{', '.join(news.sources[:3])}{' and others' if len(news.sources) > 3 else ''}"
    reason = f"{news.rows:,} {rows} of news since {format_instant(news.oldest)} in {tables}"
    wish = Wish(f"{news.newest}-{news.rows}", reason, {"on_change": True})
    return plan_request(NAME, wish, memory, runs, now=now, again_after_success=True)


def why_blind(observed: ObservedChanges) -> str:
    """Why news can't be seen or is nobody's; nothing where it can."""
    if idle := why_idle(has_segments=bool(observed.segments), is_built=observed.is_built):
        return idle
    if observed.capture == "clocks":
        return (
            "dbt_project.yml says `change_capture: clocks`: there is no log to look at. Schedules refresh; "
            "`segments build --on-change` does by hand."
        )
    if not observed.has_log:
        return "Changes are not captured: `segments capture install`. Until then only schedules refresh."
    if observed.uncaptured:
        named = ", ".join(observed.uncaptured[:3])
        more = " and others" if len(observed.uncaptured) > 3 else ""
        return (
            f"Changes were not captured when these were published, so news can't be told: {named}{more}. "
            "`segments capture status` says what is missing; then `segments build` once."
        )
    return ""
