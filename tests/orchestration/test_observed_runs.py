"""What sensors read of Dagster's own runs: no warehouse is needed."""

from collections.abc import Iterator

import dagster as dg
import pytest

from orchestration.observations.runs import observe_runs
from orchestration.observations.troubles import observe_failing_checks, observe_finished_runs
from orchestration.sensors.asking import Runs


class Mood(dg.Config):
    """How the run goes."""

    fails: bool = False
    passes: bool = True


@dg.multi_asset(
    specs=[dg.AssetSpec("rows")],
    check_specs=[dg.AssetCheckSpec(name, asset="rows") for name in ("is_fresh", "guard")],
)
def rows(config: Mood) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    yield dg.MaterializeResult("rows")
    yield dg.AssetCheckResult(
        check_name="is_fresh",
        passed=config.passes,
        severity=dg.AssetCheckSeverity.WARN,
        description="of 1999",
    )
    yield dg.AssetCheckResult(check_name="guard", passed=False)
    if config.fails:
        raise dg.Failure("the disk is full", allow_retries=False)


@dg.job
def other() -> None:
    """A job that does nothing."""


DEFINITIONS = dg.Definitions(assets=[rows], jobs=[dg.define_asset_job("work", "rows"), other])


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def run(instance: dg.DagsterInstance, job: str = "work", **mood: bool) -> str:
    """Run a job; its run's id."""
    config = {"ops": {"rows": {"config": mood}}} if mood else None
    made = DEFINITIONS.resolve_job_def(job)
    result = made.execute_in_process(
        instance=instance, run_config=config, raise_on_error=False, tags={"dagster/run_key": f"{job}:{mood}"}
    )
    return result.run_id


def test_runs_that_ended_are_read_once_with_their_words_and_checks(instance: dg.DagsterInstance) -> None:
    failed = run(instance, fails=True, passes=False)
    first, until = observe_finished_runs(instance, None)
    (bad,) = first
    assert (bad.job, bad.run_id, bad.error) == ("work", failed, "the disk is full")
    late = bad.checks["is_fresh of rows"]
    assert late is not None
    assert (late.severity, late.description) == ("warning", "of 1999")
    # A guard is told by the warehouse.
    assert bad.checks.keys() == {"is_fresh of rows"}
    good = run(instance, fails=False, passes=True)
    second, later = observe_finished_runs(instance, until)
    assert second[-1].run_id == good
    assert (second[-1].error, second[-1].checks) == ("", {"is_fresh of rows": None})
    assert until is not None
    assert later is not None
    assert later >= until
    names = ["is_fresh of rows", "gone of rows"]
    assert observe_failing_checks(instance, names) == {"is_fresh of rows": None}


def test_what_is_at_work_is_seen_unless_it_is_harmless(instance: dg.DagsterInstance) -> None:
    assert observe_runs(instance, None) == Runs()
    instance.add_run(dg.DagsterRun(job_name="work", status=dg.DagsterRunStatus.STARTED))
    busy = observe_runs(instance, None).busy
    assert busy is not None
    assert busy.endswith("of work is at work")
    assert observe_runs(instance, None, harmless=["work"]) == Runs()


def test_how_the_run_ended_that_was_asked_for(instance: dg.DagsterInstance) -> None:
    run(instance, fails=True)
    run(instance, "other")
    assert observe_runs(instance, "work:{'fails': True}") == Runs(last="failed")
    assert observe_runs(instance, "other:{}") == Runs(last="succeeded")
    assert observe_runs(instance, "never asked for") == Runs()
