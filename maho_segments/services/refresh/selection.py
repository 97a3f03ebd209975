"""Which segments a refresh is about: named, due by their schedule, refreshed on change, or all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from maho_segments.errors import SegmentsError
from maho_segments.services.refresh.schedules import next_time
from maho_segments.services.segments import known


@dataclass(frozen=True)
class Choice:
    """What the caller asks to refresh.

    With nothing said it is all active segments; of the manual ones those that were never published, so that
    they have members at all.
    """

    names: tuple[str, ...] = ()
    due: bool = False
    on_change: bool = False
    all: bool = False

    @property
    def is_default(self) -> bool:
        """Whether nothing was said."""
        return not (self.names or self.due or self.on_change or self.all)


@dataclass(frozen=True)
class Selection:
    """The segments to refresh, in the order of the file, those that they refer to included.

    `is_all` says that they are all active ones; `left_out` are manual ones that nobody asked for; `next_due`
    is when the next schedule of those not chosen comes, where there is one; `named` are those that somebody
    asked for by name.
    """

    names: tuple[str, ...]
    is_all: bool
    left_out: tuple[str, ...] = ()
    next_due: tuple[str, datetime] | None = None
    named: tuple[str, ...] = ()

    @property
    def variable(self) -> list[str]:
        """The dbt variable `segments`: none named is all."""
        return [] if self.is_all else list(self.names)


def select_segments(
    segments: Sequence[Mapping[str, Any]],
    choice: Choice,
    *,
    published: Mapping[str, datetime | None],
    as_of: datetime,
    default_zone: ZoneInfo,
) -> Selection:
    """The segments of a plan that a choice means at that instant.

    `published` has the instant for which each was last published; a scheduled or manual one without is to be
    refreshed. Raises SegmentsError for a name that does not exist or is not active.
    """
    active = {segment["name"]: segment for segment in segments if segment["is_active"]}
    for name in choice.names:
        known(name, [segment["name"] for segment in segments])
        if name not in active:
            raise SegmentsError(
                f"The segment {name} is not active.", "Write `active: true` in segments.yml to build it."
            )
    times = {
        name: due_time(segment, published.get(name), default_zone)
        for name, segment in active.items()
        if segment["refresh"]["schedule"]
    }
    due = {name for name, time in times.items() if time is None or time <= as_of}
    chosen = {
        name
        for name, segment in active.items()
        if choice.all
        or name in choice.names
        or (choice.due and name in due)
        or (choice.on_change and segment["refresh"]["on_change"])
        or (choice.is_default and (not segment["refresh"]["manual"] or published.get(name) is None))
    }
    chosen = with_references(active, chosen)
    later = [(time, name) for name, time in times.items() if time is not None and name not in chosen]
    return Selection(
        names=tuple(name for name in active if name in chosen),
        is_all=len(chosen) == len(active),
        left_out=tuple(name for name in active if name not in chosen) if choice.is_default else (),
        next_due=min(later)[::-1] if later else None,
        named=choice.names,
    )


def with_references(segments: Mapping[str, Mapping[str, Any]], names: Iterable[str]) -> set[str]:
    """The named segments and all that they refer to, directly or not."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += segments[name]["references"]
    return found


def referring_to(segments: Iterable[Mapping[str, Any]], names: Iterable[str]) -> dict[str, str]:
    """Segments that refer to one of the named, directly or not: each with the one that it refers to."""
    found: dict[str, str] = {}
    reached = set(names)
    for segment in sorted(segments, key=lambda segment: segment["level"]):
        culprit = next((name for name in segment["references"] if name in reached), None)
        if culprit is not None and segment["name"] not in reached:
            found[segment["name"]] = culprit
            reached.add(segment["name"])
    return found


def due_time(
    segment: Mapping[str, Any], published: datetime | None, default_zone: ZoneInfo
) -> datetime | None:
    """The first time of its schedule after it was last published; None where it never was."""
    if published is None:
        return None
    zone = ZoneInfo(segment["time_zone"]) if segment["time_zone"] else default_zone
    return next_time(segment["refresh"]["schedule"], after=published, zone=zone)
