"""What one starts by hand, and what schedules and sensors start."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from maho_segments.services.release import release
from orchestration.alerts.trying import test_alert_job
from orchestration.assets.refresh import (
    POOL,
    Event,
    RefreshConfig,
    present,
    read_segment_states,
    summary,
)
from orchestration.assets.segments import segment_key
from orchestration.checks import AUDIT_CHECK, AUDIT_OP, FRESHNESS_CHECK, AuditConfig
from orchestration.failing import fail
from orchestration.loading import Loaded
from orchestration.metadata import segment_checks, segment_event
from orchestration.names import (
    AUDIT_JOB,
    FRESHNESS_JOB,
    PRUNE_JOB,
    REBUILD_JOB,
    REFRESH_DUE_JOB,
    REFRESH_JOB,
    REFRESH_ON_CHANGE_JOB,
    REFRESH_OP,
    REFRESH_SEGMENTS_JOB,
    RELEASE_JOB,
    TEST_JOB,
)
from orchestration.project import ProjectResource
from orchestration.streaming import Note, Step, Streamed

_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]

Job = Any
"""A job, resolved or not: Dagster has no public name for both."""


def make_jobs(loaded: Loaded) -> list[Job]:
    """All jobs of the code location."""
    return [*_refresh_jobs(loaded), *_check_jobs(loaded), release_job(loaded), prune_job, test_alert_job]


def _refresh_jobs(loaded: Loaded) -> list[Job]:
    models = dg.AssetSelection.assets(*(spec.key for spec in loaded.dbt.models)).without_checks()
    everything = models | _segments([segment.name for segment in loaded.segments])
    tests = dg.AssetSelection.checks(*(check.key for check in loaded.dbt.checks))
    on_change = [one.name for one in loaded.segments if one.plan["refresh"]["on_change"]]
    due = [one.name for one in loaded.segments if one.plan["refresh"]["schedule"]]
    return [
        _refresh_job(
            REFRESH_JOB,
            everything,
            RefreshConfig(),
            "Refreshes all segments but the manual ones, by what changed since the last refresh.",
        ),
        _refresh_job(
            REFRESH_SEGMENTS_JOB,
            everything,
            RefreshConfig(segments=["NAME"]),
            "Refreshes the segments that you name in place of NAME, also as of another instant.",
        ),
        *(
            _refresh_job(name, _segments(names), config, f"Refreshes the segments that are {what}.")
            for name, names, config, what in (
                (REFRESH_DUE_JOB, due, RefreshConfig(due=True), "due by their schedules"),
                (REFRESH_ON_CHANGE_JOB, on_change, RefreshConfig(on_change=True), "refreshed on change"),
            )
            if names
        ),
        _refresh_job(
            REBUILD_JOB,
            everything | tests,
            RefreshConfig(all=True, full=True),
            "Makes anew and tests everything that can be derived, manual segments too. History is kept.",
        ),
    ]


def _refresh_job(name: str, selection: dg.AssetSelection, config: RefreshConfig, description: str) -> Job:
    return dg.define_asset_job(
        name,
        selection=selection,
        config=dg.RunConfig(ops={REFRESH_OP: config}),
        description=description,
    )


def _segments(names: Sequence[str]) -> dg.AssetSelection:
    """Segments with their checks."""
    return dg.AssetSelection.assets(*(segment_key(name) for name in names))


def _check_jobs(loaded: Loaded) -> list[Job]:
    def check(name: str, keys: Sequence[dg.AssetCheckKey], description: str, **config: Any) -> Job:
        selection = dg.AssetSelection.checks(*keys)
        return dg.define_asset_job(name, selection=selection, description=description, **config)

    return [
        check(
            TEST_JOB,
            [spec.key for spec in loaded.dbt.checks],
            "Runs dbt's tests on what is there; refreshes nothing.",
        ),
        check(
            FRESHNESS_JOB,
            [dg.AssetCheckKey(key, FRESHNESS_CHECK) for key in loaded.dbt.dated_sources.values()],
            "Looks how old the newest rows of the shop's tables are.",
        ),
        check(
            AUDIT_JOB,
            [dg.AssetCheckKey(loaded.memberships, AUDIT_CHECK)],
            "Compares a sample of what is published with what a full build would find, and can repair it.",
            config=dg.RunConfig(ops={AUDIT_OP: AuditConfig()}),
        ),
    ]


class ReleaseConfig(dg.Config):
    """Which segments are published whatever their guards say."""

    segments: list[str] = Field(default=["NAME"], description="Held segments, in place of NAME.")
    everything: bool = Field(default=False, description="All that are held, whatever is named above.")


def release_job(loaded: Loaded) -> dg.JobDefinition:
    """The job that publishes what guards hold back."""

    @dg.op(name="release", pool=POOL, out=dg.Out(dg.Nothing))
    def release_segments(
        context: dg.OpExecutionContext, config: ReleaseConfig, project: ProjectResource
    ) -> Iterator[Event | dg.Output[None]]:
        work = Streamed(
            lambda progress: release(
                project.workspace(),
                () if config.everything else config.segments,
                everything=config.everything,
                as_of=present(),
                initiated_by=f"dagster:{context.run_id}",
                progress=progress,
                dbt=project.running_dbt(),
            )
        )
        try:
            for told in work:
                if isinstance(told, Step | Note):
                    context.log.info(told.text)
        except Exception as error:
            fail(error, context.retry_number)
        context.log.info(summary(work.result))
        names = {segment.name for segment in work.result.segments}
        for state in read_segment_states(project, loaded, names):
            yield segment_event(state)
            yield from segment_checks(state)
        yield dg.Output(None)

    @dg.job(
        name=RELEASE_JOB,
        description="Publishes held segments, those named in place of NAME; later they are guarded again.",
        config=dg.RunConfig(ops={"release": ReleaseConfig()}),
    )
    def job() -> None:
        release_segments()

    return job


class PruneConfig(dg.Config):
    """How long Dagster remembers."""

    keep_days: int = Field(
        default=90,
        ge=1,
        description="Runs that ended longer ago are deleted, with their logs and their points in plots.",
    )
    at_most: int = Field(
        default=5000, ge=1, description="So many in one run of this job; the next takes more."
    )


@dg.op(out=dg.Out(dg.Nothing), required_resource_keys={"project"})  # which shows that its process lives
def prune(context: dg.OpExecutionContext, config: PruneConfig) -> None:
    """Delete what Dagster keeps of old runs. The ledger of refreshes (segment_runs) is kept for ever."""
    before = datetime.now(UTC) - timedelta(days=config.keep_days)
    records = context.instance.get_run_records(
        dg.RunsFilter(statuses=_FINISHED, created_before=before), limit=config.at_most, ascending=True
    )
    for record in records:
        context.instance.delete_run(record.dagster_run.run_id)
    context.log.info(f"{len(records)} runs from before {before:%Y-%m-%d} are deleted.")


@dg.job(
    name=PRUNE_JOB,
    description="Deletes what Dagster keeps of old runs.",
    config=dg.RunConfig(ops={"prune": PruneConfig()}),
)
def prune_job() -> None:
    """The job that deletes old runs."""
    prune()
