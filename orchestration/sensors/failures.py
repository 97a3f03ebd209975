"""The sensor `failures`: what is wrong now, and whom to tell of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from maho_segments.services.instants import format_instant
from orchestration.alerts.told import Told, lasting_since
from orchestration.alerts.trouble import Severity, Trouble
from orchestration.sensors.memory import Away

NAME = "failures"
# A server that is started anew is nobody's trouble.
PATIENCE = timedelta(minutes=1)
# What of these follows from one of those: the kinds of trouble.
CONSEQUENCES: Mapping[str, tuple[str, ...]] = {
    "warehouse": ("run", "check"),
    "definitions": ("run",),
    "refresh": ("run",),
}
_RELEASE = (
    "Its old members stand. Is the change right? `segments release {name}`, or the job release_job. If not, "
    "mend the rule or the shop's data."
)
_MEND = "Its old members stand. Mend its rule in segments.yml, or the shop's data."
# What nobody can look for while the warehouse is away.
_IN_WAREHOUSE = ("refresh", "held", "failed", "audit", "clock", "watcher")


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
class Drift:
    """The latest audit, which found what should not be, and repaired nothing."""

    audit_id: int
    missing: int
    unexpected: int
    found_at: datetime


@dataclass(frozen=True)
class LostWatcher:
    """A watcher that has ended without a word, and when it was heard of last."""

    process: str
    heard_at: datetime


@dataclass(frozen=True)
class ObservedWarehouse:
    """What the warehouse says of itself."""

    refresh: FailedRefresh | None = None
    unpublished: tuple[Unpublished, ...] = ()
    drift: Drift | None = None
    shop_zone: str | None = None
    """The clock of the shop's main website."""
    lost_watcher: LostWatcher | None = None


@dataclass(frozen=True)
class FailedJob:
    """The latest run of a job, which failed."""

    run_id: str
    at: AwareDatetime
    error: str


@dataclass(frozen=True)
class FailedCheck:
    """The latest evaluation of a check, which did not pass."""

    at: AwareDatetime
    severity: Severity
    description: str


@dataclass(frozen=True)
class FinishedRun:
    """A run of Dagster that ended, with what its checks found; `error` is empty where it ended well."""

    job: str
    run_id: str
    at: datetime
    error: str
    checks: Mapping[str, FailedCheck | None] = field(default_factory=dict)
    """Each check that was evaluated, by its asset and name; None where it passed."""


@dataclass(frozen=True)
class DagsterState:
    """Jobs and checks that failed the last time, by their names."""

    jobs: Mapping[str, FailedJob] = field(default_factory=dict)
    checks: Mapping[str, FailedCheck] = field(default_factory=dict)


@dataclass(frozen=True)
class FailuresMemory:
    """What stays from one tick to the next."""

    away: Away | None = None
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
    invalid: str = ""
    """What the validator says of the definitions."""
    dagster: DagsterState = field(default_factory=DagsterState)
    zone: str = "UTC"
    """The clock that schedules of segments without a time zone go by."""
    has_zoneless_schedules: bool = False


def fold_runs(state: DagsterState, runs: Iterable[FinishedRun]) -> DagsterState:
    """The state after further runs have ended, in the order in which they did; the same run twice is once."""
    jobs, checks = dict(state.jobs), dict(state.checks)
    for run in runs:
        jobs.pop(run.job, None)
        if run.error:
            jobs[run.job] = FailedJob(run.run_id, run.at, run.error)
        for name, failure in run.checks.items():
            checks.pop(name, None)
            if failure is not None:
                checks[name] = failure
    return DagsterState(jobs, checks)


def find_troubles(
    observed: Observed, seen: Mapping[str, datetime], *, now: datetime
) -> tuple[list[Trouble], tuple[str, ...]]:
    """What is wrong, and the kinds of trouble that can't be told now: they are hidden or can't be looked for.

    `seen` is since when something is wrong for which nothing else says so.
    """
    troubles = [lasting_since(one, seen) for one in _all_troubles(observed, now)]
    kinds = {one.kind for one in troubles}
    hidden = {kind for cause, follow in CONSEQUENCES.items() if cause in kinds for kind in follow}
    blind = _IN_WAREHOUSE if observed.warehouse is None else ()
    return [one for one in troubles if one.kind not in hidden], (*sorted(hidden), *blind)


def _all_troubles(observed: Observed, now: datetime) -> Iterable[Trouble]:
    away = observed.away
    if away is not None and now - away.since >= PATIENCE:
        yield Trouble(
            "warehouse:",
            "error",
            "The warehouse is away",
            away.since,
            "Start the server, or correct DBT_HOST and its like: `segments doctor` says what is wrong. "
            "Refreshes go on by themselves then.",
        )
    if observed.invalid:
        yield Trouble(
            "definitions:",
            "error",
            "The definitions do not validate",
            now,
            "Correct them; until then nothing is refreshed. `segments validate` shows them all.",
            observed.invalid,
        )
    if observed.warehouse is not None:
        yield from _in_warehouse(observed.warehouse, now)
        if observed.has_zoneless_schedules and observed.warehouse.shop_zone not in (None, observed.zone):
            yield _other_clock(observed.zone, str(observed.warehouse.shop_zone), now)
    for job, failed in observed.dagster.jobs.items():
        yield Trouble(
            f"run:{job}",
            "error",
            f"{job} failed",
            failed.at,
            f"Open run {failed.run_id[:8]} in Dagster, and re-execute it when the reason is gone.",
            failed.error,
        )
    for name, check in observed.dagster.checks.items():
        yield Trouble(
            f"check:{name}",
            check.severity,
            f"The check {name} fails",
            check.at,
            "Open the asset's checks in Dagster: they show what was found.",
            check.description,
        )


def _in_warehouse(warehouse: ObservedWarehouse, now: datetime) -> Iterable[Trouble]:
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
    for one in warehouse.unpublished:
        is_held = one.status == "held"
        yield Trouble(
            f"{one.status}:{one.name}",
            "warning" if is_held else "error",
            f"{one.name} is held" if is_held else f"{one.name} fails",
            now,
            _RELEASE.format(name=one.name) if is_held else _MEND,
            one.reason,
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


def _lost(watcher: LostWatcher) -> Trouble:
    return Trouble(
        "watcher:",
        "warning",
        f"`segments watch` has ended without a word ({watcher.process})",
        watcher.heard_at,
        "Start it again, best as a service. Until then the sensors refresh, within a minute.",
    )


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
