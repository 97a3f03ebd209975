"""Dagster's own runs: what is at work or waits, and how the last one of a kind ended."""

from collections.abc import Collection
from datetime import datetime, timedelta

import dagster as dg

from orchestration.names import MERGED_TAG
from orchestration.sensors.asking import Runs

RUN_KEY_TAG = "dagster/run_key"
ROOT_TAG = "dagster/root_run_id"
WILL_RETRY_TAG = "dagster/will_retry"
# So soon Dagster begins again what it said it would.
_RETRY_TIME = timedelta(minutes=5)
# Not those that were made and never put into the queue, for the daemon died in between: nobody would ever
# begin them. Asked for with the same key again, Dagster does.
IN_PROGRESS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def observe_runs(
    instance: dg.DagsterInstance, run_key: str | None, harmless: Collection[str] = (), *, now: datetime
) -> Runs:
    """What is at work, but for jobs that are `harmless`, and what became of the run with that key."""
    working = [
        run
        for run in instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS), limit=50)
        if run.job_name not in harmless
    ]
    busy = None
    if working:
        run = working[-1]
        state = "waits" if run.status == dg.DagsterRunStatus.QUEUED else "is at work"
        busy = f"run {run.run_id[:8]} of {run.job_name} {state}"
    if run_key is None:
        return Runs(busy)
    records = instance.get_run_records(dg.RunsFilter(tags={RUN_KEY_TAG: run_key}), limit=1)
    record = _worker(instance, records[0]) if records else None
    if record is None or not record.dagster_run.is_finished:
        return Runs(busy)
    run, ended = record.dagster_run, record.end_time or 0
    if will_be_retried(run) and now.timestamp() - ended < _RETRY_TIME.total_seconds():
        # What was asked for would run twice.
        return Runs(busy or f"Dagster begins run {run.run_id[:8]} of {run.job_name} again")
    return Runs(busy, "succeeded" if run.is_success else "failed")


def _worker(instance: dg.DagsterInstance, record: dg.RunRecord) -> dg.RunRecord:
    """The run that did the work of one: where it was merged into another, that one's last try.

    Where somebody deleted that one, it is the canceled run itself: what it was for is asked for again.
    """
    seen: set[str] = set()
    while record.dagster_run.status == dg.DagsterRunStatus.CANCELED:
        into = record.dagster_run.tags.get(MERGED_TAG)
        if into is None or into in seen:
            return record
        seen.add(into)
        found = instance.get_run_record_by_id(into)
        if found is None:
            return record
        again = dg.RunsFilter(tags={ROOT_TAG: found.dagster_run.root_run_id or into})
        record = next(iter(instance.get_run_records(again, limit=1)), found)
    return record


def will_be_retried(run: dg.DagsterRun) -> bool:
    """Whether a run failed of which Dagster says that it begins it again by itself."""
    return run.status == dg.DagsterRunStatus.FAILURE and run.tags.get(WILL_RETRY_TAG) == "true"
