"""What is wrong with Dagster's own runs and checks: as the latest of each left it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from orchestration.alerts.trouble import Severity, Trouble

FORGOTTEN_AFTER = timedelta(days=7)
"""A job that failed and that nobody has run again since is nobody's trouble any more."""


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
    """A run of Dagster that ended, with what its checks found; `error` is empty where it ended well.

    One that was canceled says nothing of its job.
    """

    job: str
    run_id: str
    at: datetime
    error: str
    checks: Mapping[str, FailedCheck | None] = field(default_factory=dict)
    """Each check that was evaluated, by its asset and name; None where it passed."""
    was_canceled: bool = False


@dataclass(frozen=True)
class DagsterState:
    """Jobs and checks that failed the last time, by their names."""

    jobs: Mapping[str, FailedJob] = field(default_factory=dict)
    checks: Mapping[str, FailedCheck] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What there is in the code location: its checks by their names, and the jobs that refresh segments."""

    checks: Collection[str] = ()
    refresh_jobs: Collection[str] = ()


def fold_runs(state: DagsterState, runs: Iterable[FinishedRun]) -> DagsterState:
    """The state after further runs have ended, in the order in which they did; the same run twice is once."""
    jobs, checks = dict(state.jobs), dict(state.checks)
    for run in runs:
        if not run.was_canceled:
            jobs.pop(run.job, None)
        if run.error:
            jobs[run.job] = FailedJob(run.run_id, run.at, run.error)
        for name, failure in run.checks.items():
            checks.pop(name, None)
            if failure is not None:
                checks[name] = failure
    return DagsterState(jobs, checks)


def still_standing(
    state: DagsterState, known: Known, published_at: datetime | None, *, now: datetime
) -> DagsterState:
    """What of it is still so.

    A refresh that failed is over when another was published, whoever made it: the ledger says how segments
    stand. A check that is no more can't pass any more, and of a job that nobody ran again nobody will tell.
    """
    return DagsterState(
        {
            job: failed
            for job, failed in state.jobs.items()
            if now - failed.at < FORGOTTEN_AFTER
            and not (job in known.refresh_jobs and published_at is not None and published_at >= failed.at)
        },
        {name: check for name, check in state.checks.items() if name in known.checks},
    )


def dagster_troubles(state: DagsterState) -> Iterable[Trouble]:
    """Failed jobs and checks, as trouble."""
    for job, failed in state.jobs.items():
        yield Trouble(
            f"run:{job}",
            "error",
            f"{job} failed",
            failed.at,
            f"Open run {failed.run_id[:8]} in Dagster, and re-execute it when the reason is gone.",
            failed.error,
        )
    for name, check in state.checks.items():
        yield Trouble(
            f"check:{name}",
            check.severity,
            f"The check {name} fails",
            check.at,
            "Open the asset's checks in Dagster: they show what was found.",
            check.description,
        )
