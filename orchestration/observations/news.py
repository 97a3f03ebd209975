"""What the change log and the clock have for the segments that are refreshed on change."""

from typing import Any, Literal, LiteralString

from maho_segments.services.refresh.selection import with_references
from orchestration.observations.warehouse import Warehouse
from orchestration.sensors.changes import News, ObservedChanges
from orchestration.sensors.clock import ObservedClock

# As `news_condition` has it; nobody need count beyond what makes a run look at everybody anyway. A segment
# that is held or failed has no pointer to speak of; the features' tells what is news for it.
_NEWS: LiteralString = """
    with pointers as (
        select definitions.segment_name as name, publications.pointer
        from {work}.segment_publications as publications
        inner join {work}.segment_definitions as definitions using (segment_id)
        where definitions.segment_name = any(%(names)s)
            and publications.is_active
            and publications.status = 'published'
        union all
        select 'the features', pointer
        from {work}.refresh_pointers
        where name = 'features'
    ),

    news as (
        select log.transaction_id, log.source, log.logged_at
        from {log} as log
        where log.transaction_id >= (
                select pg_snapshot_xmin(pointer) from pointers order by pg_snapshot_xmin(pointer) limit 1
            )
            and exists (
                select 1 from pointers where not pg_visible_in_snapshot(log.transaction_id, pointers.pointer)
            )
        limit 100000
    )

    select
        array(select name from pointers where pointer is null order by name) as uncaptured,
        (select count(*) from news) as rows,
        (select transaction_id::text from news order by transaction_id desc limit 1) as newest,
        (select min(logged_at) from news) as oldest_at,
        array(select distinct source from news order by source) as sources
"""

_NEXT_CHANGE: LiteralString = "select min(next_change_at) as at from {work}.profile_clocks"


def refreshed_on_change(plan: dict[str, Any]) -> list[str]:
    """The active segments with `on_change`, and those that they refer to, in the order of the file."""
    active = {segment["name"]: segment for segment in plan["segments"] if segment["is_active"]}
    chosen = [name for name, segment in active.items() if segment["refresh"]["on_change"]]
    found = with_references(active, chosen)
    return [name for name in active if name in found]


def observe_changes(
    plan: dict[str, Any], capture: Literal["triggers", "clocks"], warehouse: Warehouse
) -> ObservedChanges:
    """What is news. Raises psycopg's errors where the database does."""
    names = refreshed_on_change(plan)
    if not names or capture == "clocks" or not warehouse.is_built:
        return ObservedChanges(names, capture, is_built=warehouse.is_built)
    if not warehouse.has("_capture", "change_log"):
        return ObservedChanges(names, has_log=False)
    (row,) = warehouse.rows(_NEWS, {"names": names})
    if uncaptured := row.pop("uncaptured"):
        return ObservedChanges(names, uncaptured=uncaptured)
    row["sources"] = tuple(row["sources"])
    return ObservedChanges(names, news=News(**row) if row["rows"] else None, builder=warehouse.builder)


def observe_clock(plan: dict[str, Any], warehouse: Warehouse) -> ObservedClock:
    """When the clock turns next. Raises psycopg's errors where the database does."""
    has_segments = bool(refreshed_on_change(plan))
    if not has_segments or not warehouse.is_built or not warehouse.has("_work", "profile_clocks"):
        return ObservedClock(has_segments, is_built=warehouse.is_built)
    (row,) = warehouse.rows(_NEXT_CHANGE)
    return ObservedClock(has_segments, next_change_at=row["at"], builder=warehouse.builder)
