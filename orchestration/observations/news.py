"""What the change log and the clock have for the segments that are refreshed on change."""

from collections.abc import Mapping
from typing import Any, LiteralString

from maho_segments.services.refresh.selection import with_references
from maho_segments.services.watch.news import Waiting
from maho_segments.services.watch.presence import Presence
from orchestration.observations.warehouse import Warehouse
from orchestration.sensors.changes import Capture, ObservedChanges
from orchestration.sensors.clock import ObservedClock

_UNCAPTURED: LiteralString = """
    select definitions.segment_name as name
    from {work}.segment_publications as publications
    inner join {work}.segment_definitions as definitions using (segment_id)
    where definitions.segment_name = any(%(names)s)
        and publications.is_active
        and publications.status = 'published'
        and publications.pointer is null
    order by publications.segment_id
"""
# Nobody need count beyond what makes a run look at everybody anyway.
_ENOUGH = 100_000


def refreshed_on_change(plan: Mapping[str, Any]) -> list[str]:
    """The active segments with `on_change`, and those that they refer to, in the order of the file."""
    active = {segment["name"]: segment for segment in plan["segments"] if segment["is_active"]}
    chosen = [name for name, segment in active.items() if segment["refresh"]["on_change"]]
    found = with_references(active, chosen)
    return [name for name in active if name in found]


def observe_changes(plan: Mapping[str, Any], capture: Capture, warehouse: Warehouse) -> ObservedChanges:
    """What is news. Raises psycopg's errors where the database does."""
    names = refreshed_on_change(plan)
    if not names or capture == "clocks" or not warehouse.is_built:
        return ObservedChanges(names, capture, is_built=warehouse.is_built)
    waiting = Waiting(warehouse.connection, warehouse.schema)
    if not waiting.has_log():
        return ObservedChanges(names, has_log=False)
    if uncaptured := [row["name"] for row in warehouse.rows(_UNCAPTURED, {"names": names})]:
        return ObservedChanges(names, uncaptured=uncaptured)
    return ObservedChanges(
        names,
        news=waiting.news(names, limit=_ENOUGH),
        builder=warehouse.builder,
        has_watcher=_has_watcher(warehouse),
    )


def observe_clock(plan: Mapping[str, Any], warehouse: Warehouse) -> ObservedClock:
    """When the clock turns next. Raises psycopg's errors where the database does."""
    has_segments = bool(refreshed_on_change(plan))
    if not has_segments or not warehouse.is_built:
        return ObservedClock(has_segments, is_built=warehouse.is_built)
    return ObservedClock(
        has_segments,
        next_change_at=Waiting(warehouse.connection, warehouse.schema).next_change_at(),
        builder=warehouse.builder,
        has_watcher=_has_watcher(warehouse),
    )


def _has_watcher(warehouse: Warehouse) -> bool:
    """Whether `segments watch` is there, which is faster."""
    note = Presence(warehouse.connection, warehouse.schema).read()
    return note is not None and note.is_alive
