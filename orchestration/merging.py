"""Refreshes that wait for the same are one: Dagster's queue, in which a run that another covers ends at once.

A run takes its instant when it begins. So whatever asks for a refresh while another waits that refreshes at
least the same is served by that one. `run_coordinator` in dagster.yaml names the queue. Daemon and webserver
load this module: it needs nothing of the project but names.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from orchestration.names import (
    BY_HAND_JOB,
    MERGED_TAG,
    REASON_TAG,
    REFRESH_DUE_JOB,
    REFRESH_JOB,
    REFRESH_ON_CHANGE_JOB,
    REFRESH_OP,
    REFRESH_SEGMENTS_JOB,
)

_MERGED_JOBS = (*(REFRESH_JOB, REFRESH_DUE_JOB, REFRESH_ON_CHANGE_JOB, REFRESH_SEGMENTS_JOB, BY_HAND_JOB),)
# What Dagster does with such a run besides running it, nobody else's run makes good.
_OWN_WAY = frozenset({"dagster/priority", "dagster/backfill"})
_CHOICES = frozenset({"segments", "due", "on_change", "all"})


@dataclass(frozen=True)
class Scope:
    """What a refresh is about: the parts that its run configuration adds up.

    `usual` are all segments but the manual ones, `selected` the assets where nothing is configured.
    `are_known` says that Dagster shows segments of those names; who names others fails, whatever else was
    asked for.
    """

    names: frozenset[str] = frozenset()
    selected: frozenset[str] = frozenset()
    due: bool = False
    on_change: bool = False
    all: bool = False
    usual: bool = False
    are_known: bool = False

    def covers(self, other: "Scope") -> bool:
        """Whether it refreshes all that the other would, and is no more likely to fail."""
        return (
            self._covers_names(other)
            and (self.all or not other.all)
            and (self.all or self.usual or not other.usual)
            and (self.all or self.usual or self.due or not other.due)
            and (self.all or self.usual or self.on_change or not other.on_change)
        )

    def _covers_names(self, other: "Scope") -> bool:
        # A segment that is held is asked again at once where it is named, and a manual one only then. Whether
        # a selection is of all segments, which then are not named, shows when the run begins.
        wanted = other.names | other.selected
        is_same = (self.names, self.selected) == (other.names, other.selected)
        return not wanted or is_same or (self.are_known and wanted <= self.names)


@dataclass(frozen=True)
class Waiting:
    """A run that has not begun; `is_starting` where it has left the queue."""

    run_id: str
    scope: Scope
    is_starting: bool = False


def plan_merges(waiting: Sequence[Waiting]) -> dict[str, str]:
    """The runs to end, each with the one that does its work; `waiting` has the longest waiting first.

    Of runs that cover each other the first stays; one that is starting is never ended. The same runs give the
    same answer to whoever asks: two that submit at once don't end each other's.
    """

    def gives_way(index: int, other: int) -> bool:
        one, by = waiting[index], waiting[other]
        if one.is_starting or index == other or not by.scope.covers(one.scope):
            return False
        return by.is_starting or other < index or not one.scope.covers(by.scope)

    places = range(len(waiting))
    staying = [at for at in places if not any(gives_way(at, other) for other in places)]
    return {
        waiting[at].run_id: waiting[by].run_id
        for at in places
        if (by := next((one for one in staying if gives_way(at, one)), None)) is not None
    }


def read_scope(run: dg.DagsterRun) -> Scope | None:
    """What a run refreshes; None for one that is or asks for more than a refresh as of now.

    So are those of other jobs, a full rebuild, one as of another instant, one that accepts erasures, one of
    models or tests, and what Dagster is told to treat in a way of its own.
    """
    config = _configured(run.run_config)
    if config is None or run.job_name not in _MERGED_JOBS or run.tags.keys() & _OWN_WAY:
        return None
    # What the pages start, or is executed again, names its steps.
    is_whole = set(run.step_keys_to_execute or ()) <= {REFRESH_OP}
    if not is_whole or any(config[key] for key in config.keys() - _CHOICES):
        return None
    selected = _selected(run)
    if selected is None:
        return None
    names = frozenset(config.get("segments") or ())
    due, on_change, everything = (bool(config.get(key)) for key in ("due", "on_change", "all"))
    if names or due or on_change or everything:
        return Scope(names, frozenset(), due, on_change, everything, are_known=names <= selected)
    if selected:
        return Scope(selected=selected)
    # What the others do where nothing is configured, their jobs say.
    return Scope(usual=True) if run.job_name == REFRESH_JOB or config else None


def _configured(run_config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The configuration of the op that refreshes; None where there is any other."""
    ops = run_config.get("ops", {})
    if run_config.keys() - {"ops"} or ops.keys() - {REFRESH_OP}:
        return None
    settings = ops.get(REFRESH_OP, {})
    found: Mapping[str, Any] = settings.get("config", {})
    return None if settings.keys() - {"config"} else found


def _selected(run: dg.DagsterRun) -> frozenset[str] | None:
    """The segments that were selected as assets, none where nothing was; None where anything else is."""
    if run.asset_selection is None:
        return None if run.job_name == BY_HAND_JOB else frozenset()
    checked: Collection[dg.AssetCheckKey] = run.asset_check_selection or ()
    keys = [*run.asset_selection, *(check.asset_key for check in checked)]
    # A segment's own checks are told by every refresh of it; where there are checks alone, nothing else is.
    if not run.asset_selection or any(key.path[:-1] != ["segment"] for key in keys):
        return None
    return frozenset(key.path[-1] for key in keys)


class MergingRunCoordinator(dg.QueuedRunCoordinator[dg.DagsterInstance]):
    """Dagster's queue, in which each run that comes is merged with those that wait."""

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        """Put a run into the queue; what it is, where that or another covers it, is canceled."""
        submitted = super().submit_run(context)
        if read_scope(submitted) is None:
            return submitted
        merge_waiting(self._instance)
        return self._instance.get_run_by_id(submitted.run_id) or submitted


def merge_waiting(instance: dg.DagsterInstance) -> dict[str, str]:
    """Cancel the queued refreshes that others cover, and say so in the logs of both; which, by which."""
    records = instance.get_run_records(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING]), ascending=True
    )
    runs = [record.dagster_run for record in records]
    waiting = [
        Waiting(run.run_id, scope, run.status == dg.DagsterRunStatus.STARTING)
        for run in runs
        if (scope := read_scope(run)) is not None
    ]
    return {merged: into for merged, into in plan_merges(waiting).items() if _merge(instance, merged, into)}


def _merge(instance: dg.DagsterInstance, merged: str, into: str) -> bool:
    """Cancel one in favour of the other, unless either has changed since it was looked at."""
    run, other = instance.get_run_by_id(merged), instance.get_run_by_id(into)
    if run is None or other is None or run.status != dg.DagsterRunStatus.QUEUED:
        return False
    if other.is_finished or other.status == dg.DagsterRunStatus.CANCELING:
        return False
    instance.add_run_tags(merged, {MERGED_TAG: into})
    instance.report_run_canceled(
        run,
        f"Merged into run {into[:8]} of {other.job_name}, which had not begun either, and refreshes all that "
        "this one would.",
    )
    reason = run.tags.get(REASON_TAG)
    asked = f", which was asked for by: {reason}" if reason else ""
    instance.report_engine_event(
        f"This run does the work of run {merged[:8]} of {run.job_name} too{asked}.", other
    )
    return True
