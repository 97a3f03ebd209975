"""Refreshes that wait for the same become one: the plan, and what Dagster's queue makes of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import dagster as dg
import pytest
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.run_coordinator import SubmitRunContext

from orchestration.assets.segments import segment_key
from orchestration.merging import (
    MergingRunCoordinator,
    Scope,
    Waiting,
    merge_waiting,
    plan_merges,
    read_scope,
)
from orchestration.names import MERGED_TAG
from orchestration.observations.runs import observe_runs
from orchestration.sensors.asking import Runs

USUAL, DUE, ON_CHANGE, ALL = Scope(usual=True), Scope(due=True), Scope(on_change=True), Scope(all=True)
VIP = frozenset({"vip"})
BOTH = frozenset({"vip", "new"})
Status = dg.DagsterRunStatus
REPOSITORY = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("maho_segments"), "__repository__")


def plan(*scopes: Scope, starting: int = 0) -> dict[str, str]:
    """The merges of runs named 0, 1, 2 ..., the first of which are starting."""
    return plan_merges([Waiting(str(at), scope, at < starting) for at, scope in enumerate(scopes)])


def test_of_the_same_the_first_stays_and_of_others_the_widest() -> None:
    assert plan(DUE, DUE, DUE) == {"1": "0", "2": "0"}
    assert plan(DUE, USUAL, ON_CHANGE) == {"0": "1", "2": "1"}
    assert plan(DUE, ALL, USUAL) == {"0": "1", "2": "1"}
    assert plan(DUE, ON_CHANGE, Scope(due=True, on_change=True)) == {"0": "2", "1": "2"}
    assert plan(DUE, ON_CHANGE) == {}


def test_what_is_starting_takes_its_instant_later_and_is_never_ended() -> None:
    assert plan(DUE, DUE, starting=1) == {"1": "0"}
    assert plan(DUE, USUAL, starting=1) == {}
    assert plan(DUE, DUE, USUAL, starting=1) == {"1": "0"}


def test_named_segments_are_only_done_by_those_that_name_them() -> None:
    # Manual segments, and those that are held and not asked again yet, are refreshed where they are named.
    assert plan(ALL, Scope(VIP)) == plan(USUAL, Scope(selected=VIP)) == {}
    assert plan(Scope(VIP), Scope(VIP)) == {"1": "0"}
    assert plan(Scope(selected=VIP), Scope(selected=VIP)) == {"1": "0"}
    assert plan(Scope(VIP), Scope(BOTH, are_known=True)) == {"0": "1"}
    assert plan(Scope(selected=VIP), Scope(BOTH, are_known=True)) == {"0": "1"}
    # A name may be misspelt; and who selects all segments is not asked for the manual ones.
    assert plan(Scope(VIP), Scope(BOTH)) == plan(Scope(VIP), Scope(selected=BOTH)) == {}
    assert plan(Scope(VIP, due=True), DUE) == {"1": "0"}


def made(job: str = "refresh_job", *segments: str, config: dict[str, Any] | None = None) -> dg.DagsterRun:
    """A run, as a sensor, a schedule or the pages make it."""
    return dg.DagsterRun(
        job_name=job,
        run_config={} if config is None else {"ops": {"refresh": {"config": config}}},
        asset_selection=frozenset(map(segment_key, segments)) or None,
        remote_job_origin=RemoteJobOrigin(REPOSITORY, job),
    )


def test_what_a_run_is_about_is_read_from_its_configuration() -> None:
    assert read_scope(made()) == read_scope(made(config={"segments": [], "all": False, "as_of": ""})) == USUAL
    assert read_scope(made("refresh_due_job", "vip", config={"due": True})) == Scope(due=True, are_known=True)
    assert read_scope(made("refresh_on_change_job", config={"on_change": True})) == Scope(
        on_change=True, are_known=True
    )
    assert read_scope(made("__ASSET_JOB", "vip")) == Scope(selected=VIP)
    assert read_scope(made("refresh_segments_job", config={"segments": ["vip"]})) == Scope(VIP)
    named = made("refresh_segments_job", "vip", "new", config={"segments": ["vip", "new"]})
    assert read_scope(named) == Scope(BOTH, are_known=True)
    by_the_pages = dg.DagsterRun(job_name="refresh_job", step_keys_to_execute=["refresh"])
    assert read_scope(by_the_pages) == USUAL


@pytest.mark.parametrize(
    "run",
    [
        made("rebuild_job", config={"all": True, "full": True}),
        made(config={"full": True}),
        made(config={"as_of": "2026-03-31T22:00:00Z"}),
        made(config={"accept_erasures": True}),
        made(config={"a_later_version_has_it": True}),
        made("refresh_due_job"),
        made("audit_job"),
        made("release_job"),
        made("__ASSET_JOB"),
        dg.DagsterRun(job_name="refresh_job", run_config={"resources": {"project": {"config": {}}}}),
        dg.DagsterRun(job_name="refresh_job", tags={"dagster/priority": "3"}),
        dg.DagsterRun(job_name="__ASSET_JOB", asset_selection=frozenset({dg.AssetKey("orders")})),
        dg.DagsterRun(
            job_name="__ASSET_JOB",
            asset_selection=frozenset(),
            asset_check_selection=frozenset({dg.AssetCheckKey(segment_key("vip"), "guard")}),
        ),
        dg.DagsterRun(
            job_name="__ASSET_JOB",
            asset_selection=frozenset({segment_key("vip")}),
            asset_check_selection=frozenset({dg.AssetCheckKey(dg.AssetKey("orders"), "not_null")}),
        ),
    ],
)
def test_what_asks_for_anything_else_is_run_by_itself(run: dg.DagsterRun) -> None:
    assert read_scope(run) is None


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


def submit(instance: dg.DagsterInstance, run: dg.DagsterRun, **tags: str) -> str:
    """Put a run into the queue, as the daemon and the pages do; its id."""
    instance.add_run(run.with_tags({**run.tags, **tags}))
    queue = MergingRunCoordinator()
    queue.register_instance(instance)
    return queue.submit_run(SubmitRunContext(run, workspace=cast(Any, None))).run_id


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    found = instance.get_run_by_id(run_id)
    assert found is not None
    return found.status


def said(instance: dg.DagsterInstance, run_id: str) -> str:
    return "\n".join(entry.message for entry in instance.all_logs(run_id))


def test_a_run_that_waits_is_canceled_for_one_that_covers_it_and_both_say_so(
    instance: dg.DagsterInstance,
) -> None:
    audit = submit(instance, made("audit_job"))
    due = made("refresh_due_job", "vip", config={"due": True})
    first = submit(instance, due, **{"segments/reason": "schedule 0 4 * * *, UTC"})
    wide = submit(instance, made())
    late = submit(instance, made("refresh_on_change_job", config={"on_change": True}))

    states = [status(instance, run_id) for run_id in (audit, first, wide, late)]
    assert states == [Status.QUEUED, Status.CANCELED, Status.QUEUED, Status.CANCELED]
    merged = instance.get_run_by_id(first)
    assert merged is not None
    assert merged.tags[MERGED_TAG] == wide
    assert f"Merged into run {wide[:8]} of refresh_job" in said(instance, first)
    assert f"does the work of run {first[:8]} of refresh_due_job too" in said(instance, wide)
    assert "schedule 0 4 * * *, UTC" in said(instance, wide)
    assert merge_waiting(instance) == {}


def test_what_comes_when_a_run_has_begun_is_not_dropped(instance: dg.DagsterInstance) -> None:
    begun = submit(instance, made())
    instance.report_dagster_event(
        dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, job_name="refresh_job"), begun
    )
    assert status(instance, begun) == Status.STARTED
    assert status(instance, submit(instance, made())) == Status.QUEUED


def test_a_sensor_hears_of_a_merged_run_what_became_of_the_other(instance: dg.DagsterInstance) -> None:
    now = datetime.now(UTC)
    wide = submit(instance, made())
    config = {"on_change": True}
    merged = submit(
        instance, made("refresh_on_change_job", config=config), **{"dagster/run_key": "changes:1"}
    )
    assert status(instance, merged) == Status.CANCELED
    assert observe_runs(instance, "changes:1", now=now).last is None
    found = instance.get_run_by_id(wide)
    assert found is not None
    instance.report_run_failed(found)
    assert observe_runs(instance, "changes:1", now=now) == Runs(last="failed")
    # ... and of its retry, which Dagster makes of the run that failed.
    again = made().with_tags({"dagster/root_run_id": wide, "dagster/parent_run_id": wide})
    instance.add_run(again)
    instance.report_dagster_event(
        dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, job_name="refresh_job"), again.run_id
    )
    assert observe_runs(instance, "changes:1", now=now) == Runs(last="succeeded")
    # Where somebody deletes them, what was asked for has to be asked for again.
    for run_id in (wide, again.run_id):
        instance.delete_run(run_id)
    assert observe_runs(instance, "changes:1", now=now) == Runs(last="failed")
