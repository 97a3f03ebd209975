"""What sensors read of Dagster's own runs: no warehouse is needed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from orchestration.names import AUDIT_JOB
from orchestration.observations.finished_runs import observe_failing_checks, observe_finished_runs
from orchestration.observations.ledger import find_teller
from orchestration.observations.runs import observe_runs
from orchestration.sensors.asking import Runs

NOW = datetime.now(UTC)


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


DEFINITIONS = dg.Definitions(
    assets=[rows], jobs=[*(dg.define_asset_job(name, "rows") for name in ("work", AUDIT_JOB)), other]
)


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
    first, until = observe_finished_runs(instance, None, now=datetime.now(UTC))
    (bad,) = first
    assert (bad.job, bad.run_id, bad.error) == ("work", failed, "the disk is full")
    late = bad.checks["is_fresh of rows"]
    assert late is not None
    assert (late.severity, late.description) == ("warning", "of 1999")
    # A guard is told by the warehouse.
    assert bad.checks.keys() == {"is_fresh of rows"}
    good = run(instance, fails=False, passes=True)
    second, later = observe_finished_runs(instance, until, now=datetime.now(UTC))
    assert second[-1].run_id == good
    assert (second[-1].error, second[-1].checks) == ("", {"is_fresh of rows": None})
    assert until is not None
    assert later is not None
    assert later >= until
    names = ["is_fresh of rows", "gone of rows"]
    assert observe_failing_checks(instance, names) == {"is_fresh of rows": None}


def test_what_dagster_begins_again_by_itself_is_told_by_its_last_try(instance: dg.DagsterInstance) -> None:
    retried = run(instance, fails=True)
    instance.add_run_tags(retried, {"dagster/will_retry": "true"})
    assert observe_finished_runs(instance, None, now=datetime.now(UTC))[0] == []
    # ... and nobody asks for it meanwhile: it would run twice.
    busy = observe_runs(instance, "work:{'fails': True}", now=NOW).busy
    assert busy == f"Dagster begins run {retried[:8]} of work again"


def test_a_canceled_run_tells_of_its_checks(instance: dg.DagsterInstance) -> None:
    made = instance.add_run(dg.DagsterRun(job_name="work", status=dg.DagsterRunStatus.STARTED))
    instance.report_run_canceled(made)
    ((canceled,), _) = observe_finished_runs(instance, None, now=datetime.now(UTC))
    assert (canceled.was_canceled, canceled.error) == (True, "")


def test_after_the_clock_was_set_back_runs_are_read_all_the_same(instance: dg.DagsterInstance) -> None:
    failed = run(instance, fails=True)
    ahead = datetime.now(UTC) + timedelta(days=400)
    ((bad,), until) = observe_finished_runs(instance, ahead, now=datetime.now(UTC))
    assert bad.run_id == failed
    assert until is not None
    assert until < ahead


def test_a_run_that_was_made_and_never_queued_does_not_keep_all_sensors_waiting(
    instance: dg.DagsterInstance,
) -> None:
    instance.add_run(
        dg.DagsterRun(
            job_name="work", status=dg.DagsterRunStatus.NOT_STARTED, tags={"dagster/run_key": "changes:1:1"}
        )
    )
    # Asked for with the same key again, Dagster begins it.
    assert observe_runs(instance, "changes:1:1", now=NOW) == Runs()


def test_what_is_at_work_is_seen_unless_it_is_harmless(instance: dg.DagsterInstance) -> None:
    assert observe_runs(instance, None, now=NOW) == Runs()
    instance.add_run(dg.DagsterRun(job_name="work", status=dg.DagsterRunStatus.STARTED))
    busy = observe_runs(instance, None, now=NOW).busy
    assert busy is not None
    assert busy.endswith("of work is at work")
    assert observe_runs(instance, None, harmless=["work"], now=NOW) == Runs()


def test_how_the_run_ended_that_was_asked_for(instance: dg.DagsterInstance) -> None:
    run(instance, fails=True)
    run(instance, "other")
    assert observe_runs(instance, "work:{'fails': True}", now=NOW) == Runs(last="failed")
    assert observe_runs(instance, "other:{}", now=NOW) == Runs(last="succeeded")
    assert observe_runs(instance, "never asked for", now=NOW) == Runs()


def test_a_refresh_is_told_of_by_its_run_unless_that_failed_or_was_an_audit(
    instance: dg.DagsterInstance,
) -> None:
    asked = {
        "done": run(instance),
        "failed": run(instance, fails=True),
        "repaired": run(instance, AUDIT_JOB),
        "gone": "0b0e",
    }
    tellers = {name: find_teller(lambda: instance, f"dagster:{run_id}") for name, run_id in asked.items()}
    assert tellers == {"done": "done", "failed": "nobody", "repaired": "nobody", "gone": "nobody"}
    assert find_teller(lambda: instance, "watch") == "nobody"


def test_many_runs_that_end_at_once_are_all_read(instance: dg.DagsterInstance) -> None:
    # As when somebody cancels a long queue, all of which is read again with what ends next.
    ended = {
        instance.add_run(dg.DagsterRun(job_name="work", status=dg.DagsterRunStatus.CANCELED)).run_id
        for _ in range(5)
    }
    found: set[str] = set()
    until = None
    for _ in range(3):
        runs, until = observe_finished_runs(instance, until, now=datetime.now(UTC), most=2)
        found |= {one.run_id for one in runs}
    assert found == ended
