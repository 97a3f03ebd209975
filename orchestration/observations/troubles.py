"""What is wrong, as the warehouse tells it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

from maho_segments.services.publications import Publication, PublicTables
from maho_segments.services.refresh.drift import read_standing_drift
from maho_segments.services.refresh.schedules import shop_zone
from maho_segments.services.segment_states import read_past_sizes
from maho_segments.services.watch.presence import Presence
from orchestration.metadata import judge_size
from orchestration.observations.news import observe_changes, observe_clock
from orchestration.observations.warehouse import Warehouse
from orchestration.sensors.changes import Capture, why_blind
from orchestration.sensors.overdue import Late, Waits, find_late
from orchestration.sensors.warehouse_troubles import (
    FailedRefresh,
    LostWatcher,
    ObservedWarehouse,
    Unpublished,
    UnusualSize,
)

# Refreshes that failed one after the other are one trouble.
_FAILED: LiteralString = """
    select latest.run_id, coalesce(latest.error, '') as error, (
        select coalesce(min(runs.finished_at), min(runs.as_of))
        from {schema}.segment_runs as runs
        where runs.run_id > coalesce(
            (select max(good.run_id) from {schema}.segment_runs as good where good.status <> 'failed'), 0
        )
    ) as since
    from {schema}.segment_runs as latest
    where latest.status = 'failed'
        and latest.run_id = (select max(run_id) from {schema}.segment_runs)
"""

_PUBLISHED_AT: LiteralString = """
    select finished_at
    from {schema}.segment_runs
    where status <> 'failed'
    order by run_id desc
    limit 1
"""


@dataclass(frozen=True)
class Agreed:
    """What the project's files and the environment say of what should be so."""

    plan: Mapping[str, Any] | None
    """None where the definitions do not validate."""
    capture: Capture
    zone: ZoneInfo | None
    """The clock of schedules, where the environment names it."""
    overdue_after: timedelta
    """How late a segment may be; zero: as late as it likes."""


def observe_troubles(warehouse: Warehouse, agreed: Agreed, *, now: datetime) -> ObservedWarehouse:
    """What the warehouse says. Raises psycopg's errors where the database does."""
    if not warehouse.is_built:
        return ObservedWarehouse(is_built=False)
    failed = [FailedRefresh(**row) for row in warehouse.rows(_FAILED)]
    published = warehouse.rows(_PUBLISHED_AT)
    publications = PublicTables(warehouse.connection, warehouse.schema).publications()
    active = [one for one in publications if one.is_active]
    has_zone = warehouse.has("_staging", "stg_maho__main_website")
    clock = shop_zone(warehouse.connection, warehouse.schema) if has_zone else None
    late, blind = _late(warehouse, agreed, publications, clock, now)
    return ObservedWarehouse(
        refresh=failed[0] if failed else None,
        published_at=published[0]["finished_at"] if published else None,
        unpublished=tuple(
            Unpublished(one.name, one.status, one.reason or "")
            for one in active
            if one.status in ("held", "failed")
        ),
        sizes=tuple(_unusual_sizes(warehouse, [one for one in active if one.status == "published"])),
        late=late,
        blind=blind,
        drift=read_standing_drift(warehouse.connection, warehouse.schema),
        lost_watcher=_lost_watcher(warehouse),
        shop_zone=clock.key if clock else None,
    )


def _unusual_sizes(warehouse: Warehouse, published: Sequence[Publication]) -> Iterator[UnusualSize]:
    names = [one.name for one in published]
    past = read_past_sizes(warehouse.connection, warehouse.schema, names)
    for one in published:
        verdict = judge_size(one.members, past.get(one.name, ()))
        if not verdict.is_usual and verdict.least is not None and verdict.most is not None:
            yield UnusualSize(one.name, one.members, verdict.least, verdict.most)


def _late(
    warehouse: Warehouse,
    agreed: Agreed,
    publications: Sequence[Publication],
    clock: ZoneInfo | None,
    now: datetime,
) -> tuple[tuple[Late, ...], str]:
    """What is overdue, and why news can't be seen."""
    if agreed.plan is None:
        return (), ""
    changes = observe_changes(agreed.plan, agreed.capture, warehouse)
    blind = why_blind(changes) if changes.segments and agreed.capture == "triggers" else ""
    if not agreed.overdue_after:
        return (), blind
    waits = Waits(
        changes.news.oldest if changes.news else None, observe_clock(agreed.plan, warehouse).next_change_at
    )
    stands = {
        one.name: one.as_of
        for one in publications
        if one.is_active and one.status in ("published", "never_built")
    }
    stopped = {one.name for one in publications if one.is_active} - stands.keys()
    names = [one["name"] for one in agreed.plan["segments"] if one["name"] not in stopped]
    late = find_late(
        agreed.plan["segments"],
        {name: stands.get(name) for name in names},
        waits,
        agreed.zone or clock or ZoneInfo("UTC"),
        tolerance=agreed.overdue_after,
        now=now,
    )
    return late, blind


def _lost_watcher(warehouse: Warehouse) -> LostWatcher | None:
    note = Presence(warehouse.connection, warehouse.schema).read()
    if note is None or note.is_alive or note.state == "stopped":
        return None
    return LostWatcher(f"process {note.pid} on {note.host}", note.noted_at)
