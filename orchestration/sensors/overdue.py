"""Segments that should have been refreshed by now, whoever should have done it. Pure: from the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from maho_segments.services.instants import format_instant
from maho_segments.services.refresh.overdue import find_overdue
from orchestration.alerts.trouble import Trouble

_SCHEDULED = (
    "Is Dagster's daemon at work, and the schedule switched on? `segments status` says how it goes; "
    "`segments build --due` refreshes them now."
)
_ON_CHANGE = (
    "Is Dagster's daemon at work, or `segments watch`? `segments status` says how it goes; "
    "`segments build --on-change` refreshes them now."
)
# News is as old as its statement, though a long transaction has only now committed it.
_NEWS_PATIENCE = timedelta(minutes=5)
_NEW = "`segments status` says how it goes; `segments build` makes them."


@dataclass(frozen=True)
class Waits:
    """Since when the segments that are refreshed on change wait for it: news of the shop, and the clock."""

    news_since: datetime | None = None
    clock_since: datetime | None = None


@dataclass(frozen=True)
class Late:
    """Segments that wait for the same: `key` is the same as long as they do; `since` where that is known."""

    key: str
    names: tuple[str, ...]
    found: str
    advice: str
    since: datetime | None = None
    patience: timedelta = timedelta()
    """How long it must have been seen before it is told: where nobody knows since when."""

    def trouble(self, now: datetime) -> Trouble:
        """What is told of it."""
        named = ", ".join(self.names[:3])
        more = f" and {len(self.names) - 3} more" if len(self.names) > 3 else ""
        are = "are" if len(self.names) > 1 else "is"
        return Trouble(
            f"overdue:{self.key}",
            "error",
            f"{named}{more} {are} overdue",
            self.since or now,
            self.advice,
            self.found,
            self.patience,
        )


def find_late(
    segments: Sequence[Mapping[str, Any]],
    published: Mapping[str, datetime | None],
    waits: Waits,
    zone: ZoneInfo,
    *,
    tolerance: timedelta,
    now: datetime,
) -> tuple[Late, ...]:
    """What of a plan's segments is late by more than the tolerance, as one for each schedule.

    `published` has for each segment that is published now, or never was, for which instant: what is held or
    failed says so itself, and is in neither. Manual segments are never late.
    """
    active = [one for one in segments if one["is_active"] and not one["refresh"]["manual"]]
    new = tuple(one["name"] for one in active if one["name"] in published and published[one["name"]] is None)
    known = [one for one in active if published.get(one["name"]) is not None]
    overdue = find_overdue(known, published, default_zone=zone, now=now, patience=tolerance)
    late = _scheduled(known, overdue, zone)
    on_change = tuple(one["name"] for one in known if one["refresh"]["on_change"])
    times = {
        "rows of the change log wait since": waits.news_since,
        "the clock turned at": waits.clock_since,
    }
    reasons = {why: at for why, at in times.items() if at is not None and now - at > tolerance}
    if on_change and reasons:
        found = "; ".join(f"{why} {format_instant(at)}" for why, at in reasons.items())
        late.append(Late("on_change", on_change, found, _ON_CHANGE, patience=_NEWS_PATIENCE))
    if new:
        late.append(Late("new", new, "never built", _NEW, patience=tolerance))
    return tuple(late)


def _scheduled(
    segments: Sequence[Mapping[str, Any]], overdue: Mapping[str, datetime], zone: ZoneInfo
) -> list[Late]:
    """The overdue segments, those of the same schedule together."""
    groups: dict[tuple[str, str], dict[str, datetime]] = {}
    for segment in segments:
        if segment["name"] in overdue:
            key = segment["refresh"]["schedule"], segment["time_zone"] or zone.key
            groups.setdefault(key, {})[segment["name"]] = overdue[segment["name"]]
    return [
        Late(
            f"{schedule} {clock}",
            tuple(times),
            f"the schedule {schedule}, {clock}, came at {format_instant(min(times.values()))}",
            _SCHEDULED,
            min(times.values()),
        )
        for (schedule, clock), times in groups.items()
    ]
