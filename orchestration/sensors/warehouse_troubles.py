"""What is wrong with the segments, as the warehouse itself tells, whoever refreshed them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from maho_segments.services.refresh.drift import StandingDrift
from orchestration.alerts.trouble import Trouble
from orchestration.sensors.overdue import Late

# A first build ends what these two say, and is nobody's trouble.
_PATIENCE = timedelta(minutes=10)
_RELEASE = (
    "Its old members stand. Is the change right? `segments release {name}`, or the job release_job. If not, "
    "mend the rule or the shop's data."
)
_MEND = "Its old members stand. Mend its rule in segments.yml, or the shop's data."
_SIZE = (
    "See who entered and left: `segments members {name}`. Did the shop's data or the rule change? A `guard` "
    "holds such changes back."
)


@dataclass(frozen=True)
class FailedRefresh:
    """The latest refresh of the ledger, which failed, and since when all did."""

    run_id: int
    error: str
    since: datetime


@dataclass(frozen=True)
class Unpublished:
    """A segment that has the members of an earlier refresh."""

    name: str
    status: str
    reason: str


@dataclass(frozen=True)
class UnusualSize:
    """A segment with fewer or more members than it used to have, and which numbers would be usual."""

    name: str
    members: int
    least: int
    most: int


@dataclass(frozen=True)
class LostWatcher:
    """A watcher that has ended without a word, and when it was heard of last."""

    process: str
    heard_at: datetime


@dataclass(frozen=True)
class ObservedWarehouse:
    """What the warehouse says of itself."""

    is_built: bool = True
    refresh: FailedRefresh | None = None
    published_at: datetime | None = None
    """When a refresh ended well the last time."""
    unpublished: tuple[Unpublished, ...] = ()
    sizes: tuple[UnusualSize, ...] = ()
    late: tuple[Late, ...] = ()
    blind: str = ""
    """Why changes of the shop can't be seen, though segments are refreshed on change."""
    drift: StandingDrift | None = None
    shop_zone: str | None = None
    """The clock of the shop's main website."""
    lost_watcher: LostWatcher | None = None


def warehouse_troubles(warehouse: ObservedWarehouse, now: datetime) -> Iterable[Trouble]:
    """What is wrong in a warehouse that can be reached."""
    if not warehouse.is_built:
        yield _unbuilt(now)
    if failed := warehouse.refresh:
        yield Trouble(
            "refresh:",
            "error",
            "Refreshes fail",
            failed.since,
            f"What was published before stands. `segments runs` shows run {failed.run_id}; `segments build` "
            "tries again.",
            failed.error,
        )
    yield from (_unpublished(one, now) for one in warehouse.unpublished)
    yield from (_unusual(one, now) for one in warehouse.sizes)
    yield from (one.trouble(now) for one in warehouse.late)
    if warehouse.blind:
        yield Trouble(
            "capture:",
            "error",
            "What the shop changes is not seen",
            now,
            "Until then segments that are refreshed on change stay as they are: `segments capture status`.",
            warehouse.blind,
            _PATIENCE,
        )
    if warehouse.lost_watcher:
        yield _lost(warehouse.lost_watcher)
    if drift := warehouse.drift:
        yield Trouble(
            "audit:",
            "error",
            "An audit found memberships that are wrong",
            drift.found_at,
            "`segments audit --all --repair` puts them right. Please report it: it is a defect.",
            f"audit {drift.audit_id}: {drift.missing:,} missing, {drift.unexpected:,} unexpected",
        )


def _unbuilt(now: datetime) -> Trouble:
    return Trouble(
        "unbuilt:",
        "error",
        "No segment is there",
        now,
        "Nothing was ever built in this schema, or it was dropped: is DBT_SCHEMA right? `segments build` "
        "makes everything anew.",
        patience=_PATIENCE,
    )


def _unpublished(one: Unpublished, now: datetime) -> Trouble:
    is_held = one.status == "held"
    return Trouble(
        f"{one.status}:{one.name}",
        "warning" if is_held else "error",
        f"{one.name} is held" if is_held else f"{one.name} fails",
        now,
        _RELEASE.format(name=one.name) if is_held else _MEND,
        one.reason,
    )


def _unusual(one: UnusualSize, now: datetime) -> Trouble:
    return Trouble(
        f"size:{one.name}",
        "warning",
        f"{one.name} has an unusual number of members",
        now,
        _SIZE.format(name=one.name),
        f"{one.members:,}; {one.least:,} to {one.most:,} would be usual",
    )


def _lost(watcher: LostWatcher) -> Trouble:
    return Trouble(
        "watcher:",
        "warning",
        f"`segments watch` has ended without a word ({watcher.process})",
        watcher.heard_at,
        "Start it again, best as a service. Until then the sensors refresh, within a minute.",
    )
