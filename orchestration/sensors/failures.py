"""The sensor `failures`: what is wrong now, and whom to tell of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from maho_segments.services.instants import format_instant
from orchestration.alerts.told import Told, lasting_since
from orchestration.alerts.trouble import Trouble
from orchestration.sensors.dagster_troubles import DagsterState, dagster_troubles
from orchestration.sensors.memory import Away
from orchestration.sensors.warehouse_troubles import ObservedWarehouse, warehouse_troubles

NAME = "failures"
# A server that is started anew is nobody's trouble.
PATIENCE = timedelta(minutes=1)
# So long after it is back, refreshes that failed for it have been repeated.
CALM = timedelta(minutes=10)
# What nobody can look for while the warehouse is away.
_IN_SCHEMA = ("refresh", "held", "failed", "size", "overdue", "audit", "clock", "capture", "watcher")
_IN_WAREHOUSE = (*_IN_SCHEMA, "unbuilt")
# What of these follows from one of those, or is not to be seen beside it: the kinds of trouble.
CONSEQUENCES: Mapping[str, tuple[str, ...]] = {
    "warehouse": ("run", "check", *_IN_WAREHOUSE),
    "definitions": ("run", "overdue", "capture", "clock"),
    "refresh": ("run", "overdue"),
    "capture": ("overdue",),
    "unbuilt": _IN_SCHEMA,
}


@dataclass(frozen=True)
class FailuresMemory:
    """What stays from one tick to the next."""

    away: Away | None = None
    back_at: AwareDatetime | None = None
    """When the warehouse was there again the last time."""
    seen: Mapping[str, AwareDatetime] = field(default_factory=dict)
    """Since when something is wrong for which nothing else says so."""
    told: Mapping[str, Mapping[str, Told]] = field(default_factory=dict)
    """What each channel was told."""
    dagster: DagsterState = field(default_factory=DagsterState)
    read_until: AwareDatetime | None = None
    """When the latest run of Dagster that was looked at was written."""


@dataclass(frozen=True)
class Observed:
    """All that is looked at: nothing of the warehouse while it is away."""

    warehouse: ObservedWarehouse | None
    away: Away | None
    away_words: str = ""
    """What came of the last try to reach it."""
    back_at: datetime | None = None
    invalid: str = ""
    """What the validator says of the definitions."""
    invalid_alerts: str = ""
    """What is wrong in alerts.yml; channels without a mistake are told of it."""
    dagster: DagsterState = field(default_factory=DagsterState)
    zone: str = "UTC"
    """The clock that schedules of segments without a time zone go by."""
    has_zoneless_schedules: bool = False


@dataclass(frozen=True)
class Found:
    """What is wrong, and the kinds of trouble that can't be told now: hidden, or not to be looked for.

    `since` is when each began, those for which it is too early included.
    """

    troubles: tuple[Trouble, ...]
    unseen: tuple[str, ...]
    since: Mapping[str, datetime]


def find_troubles(observed: Observed, seen: Mapping[str, datetime], *, now: datetime) -> Found:
    """What is wrong now. `seen` is since when something is wrong for which nothing else says so."""
    every = [lasting_since(one, seen) for one in _all_troubles(observed, now)]
    # A moment that is yet to come is one of a clock that was set back.
    lasting = [one for one in every if not one.since <= now < one.since + one.patience]
    # What waits until it is told hides what follows from it all the same: that would be told before.
    hidden = {kind for one in every for kind in CONSEQUENCES.get(one.kind, ())}
    if observed.warehouse is None:
        hidden |= set(_IN_WAREHOUSE)
    if observed.back_at is not None and observed.back_at <= now < observed.back_at + CALM:
        hidden.add("run")
    since = {key: at for key, at in seen.items() if key.partition(":")[0] in hidden}
    return Found(
        tuple(one for one in lasting if one.kind not in hidden),
        tuple(sorted(hidden)),
        since | {one.key: one.since for one in every},
    )


def _all_troubles(observed: Observed, now: datetime) -> Iterable[Trouble]:
    if observed.away is not None:
        yield Trouble(
            "warehouse:",
            "error",
            "The warehouse is away",
            observed.away.since,
            "Start the server, or correct DBT_HOST and its like: `segments doctor` says what is wrong. "
            "Refreshes go on by themselves then.",
            observed.away_words,
            PATIENCE,
        )
    if observed.invalid:
        yield Trouble(
            "definitions:",
            "error",
            "The definitions do not validate",
            now,
            "Correct them: until then only `segments watch` refreshes, by those of before. "
            "`segments validate` shows them all.",
            observed.invalid,
        )
    if observed.invalid_alerts:
        yield Trouble(
            "alerts:",
            "error",
            "alerts.yml has mistakes",
            now,
            "Correct them: who is named there is not told of anything. The job test_alert_job tries it.",
            observed.invalid_alerts,
        )
    if observed.warehouse is not None:
        yield from warehouse_troubles(observed.warehouse, now)
        if observed.has_zoneless_schedules and observed.warehouse.shop_zone not in (None, observed.zone):
            yield _other_clock(observed.zone, str(observed.warehouse.shop_zone), now)
    yield from dagster_troubles(observed.dagster)


def _other_clock(zone: str, shop_zone: str, now: datetime) -> Trouble:
    return Trouble(
        "clock:",
        "warning",
        f"Schedules go by the clock of {zone}, and the shop by that of {shop_zone}",
        now,
        f"Set SEGMENTS_TIME_ZONE={shop_zone} for Dagster's processes, or give segments with a schedule a "
        "`time_zone`.",
    )


def summary(troubles: Iterable[Trouble]) -> str:
    """What is wrong, in one line."""
    told = [f"{one.title} (since {format_instant(one.since)})" for one in troubles]
    more = f" and {len(told) - 5} more" if len(told) > 5 else ""
    return f"{'; '.join(told[:5])}{more}." if told else "Nothing is wrong."
