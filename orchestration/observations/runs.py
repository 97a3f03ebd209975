"""Dagster's own runs: what is at work or waits, and how the last one of a kind ended."""

from collections.abc import Collection

import dagster as dg

from orchestration.sensors.asking import Runs

RUN_KEY_TAG = "dagster/run_key"
IN_PROGRESS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def observe_runs(instance: dg.DagsterInstance, run_key: str | None, harmless: Collection[str] = ()) -> Runs:
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
    asked = instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: run_key}), limit=1)
    if not asked or not asked[0].is_finished:
        return Runs(busy)
    return Runs(busy, "succeeded" if asked[0].is_success else "failed")
