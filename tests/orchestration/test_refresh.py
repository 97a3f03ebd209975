"""What Dagster does and shows when it refreshes: in this process, on a real warehouse."""

from typing import Any
from uuid import uuid4

import dagster as dg

from orchestration.loading import load
from orchestration.names import MERGED_TAG
from orchestration.sensors.failures import FailuresMemory
from orchestration.sensors.memory import read_cursor
from tests.orchestration.conftest import SEGMENTS, CodeLocation
from tests.orchestration.servers import WebServer
from tests.orchestration.ticking import keys, tick


def metadata_of(event: Any) -> dict[str, Any]:
    return {name: value.value for name, value in event.metadata.items()}


def materialized(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """What was refreshed, by the asset's key as text, with its metadata."""
    return {
        event.asset_key.to_user_string(): metadata_of(event.materialization)
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }


def checks(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    return {
        (check.asset_key.to_user_string(), check.check_name): check
        for check in result.get_asset_check_evaluations()
    }


def test_first_refresh_tells_of_every_model_test_and_segment(
    built: CodeLocation, first_run: dg.ExecuteInProcessResult
) -> None:
    made = materialized(first_run)
    # What this run wrote, whatever came after it.
    entered = dict(
        built.database.rows(
            "select segment_name, count(*) from segments.segment_membership_changes "
            "inner join segments.segments using (segment_id) inner join segments.segment_runs using (run_id) "
            "where segment_runs.initiated_by = %s group by segment_name",
            f"dagster:{first_run.run_id}",
        )
    )
    segments = {key.removeprefix("segment/"): one for key, one in made.items() if key.startswith("segment/")}
    moved = {name: (one["members"], one["entered"], one["left"]) for name, one in segments.items()}
    assert moved == {name: (count, count, 0) for name, count in entered.items()}
    assert segments["buyers"]["initiated_by"] == f"dagster:{first_run.run_id}"
    assert segments["buyers"]["mode"] == "full"
    share = segments["buyers"]["share_of_audience_percent"]
    assert share == round(100 * entered["buyers"] / segments["buyers"]["audience_size"], 2)
    assert segments["buyers"]["latest_moves"].count("| entered |") == 5
    assert "@" not in segments["buyers"]["latest_moves"]
    (features,) = built.database.rows("select count(*) from segments_work.profile_features")
    assert made["work/profile_features"]["dagster/row_count"] == features[0]
    assert {"staging/stg_maho__orders", "relations/orders", "segment_memberships"} <= made.keys()
    # All of dbt's tests, though the job does not select them.
    tested = checks(first_run)
    assert all(check.passed for check in tested.values())
    known = {(key.asset_key.to_user_string(), key.name) for key in load(built.project).dbt.test_keys.values()}
    assert known <= tested.keys()
    assert ("segment/buyers", "guard") in tested


def test_one_segment_selected_is_one_segment_refreshed(built: CodeLocation) -> None:
    before = dict(built.database.rows("select segment_name, as_of from segments.segments"))

    # Another that somebody asked for meanwhile is merged into it.
    run_id = str(uuid4())
    selection = frozenset({dg.AssetKey(["segment", "reachable"])})
    merged = dg.DagsterRun(
        job_name="refresh_job",
        status=dg.DagsterRunStatus.CANCELED,
        asset_selection=selection,
        tags={MERGED_TAG: run_id},
    )
    built.instance.add_run(merged)

    result = built.run("refresh_job", "reachable", run_id=run_id)

    after = dict(built.database.rows("select segment_name, as_of from segments.segments"))
    assert {name for name in before if before[name] != after[name]} == {"reachable"}
    assert materialized(result).keys() == {"segment/reachable"}
    assert checks(result).keys() == {("segment/reachable", "guard"), ("segment/reachable", "usual_size")}
    # ... which leaves its checks open: they are told without a run, after it.
    (key,) = selection
    told = built.instance.get_latest_asset_check_evaluation_record(dg.AssetCheckKey(key, "guard"))
    assert told is not None
    assert told.run_id == ""


def test_tests_audit_and_freshness_run_without_a_refresh(built: CodeLocation) -> None:
    runs = built.database.rows("select max(run_id) from segments.segment_runs")
    key = dg.AssetCheckKey(dg.AssetKey("segment_memberships"), "no_drift")
    audited = checks(built.run("audit_job"))
    assert audited[key.asset_key.to_user_string(), key.name].passed
    built.database.execute("update maho.sales_flat_order set updated_at = updated_at - interval '90 days'")
    orders = checks(built.run("freshness_job"))["maho/sales_flat_order", "is_fresh"]
    assert not orders.passed
    assert orders.severity == dg.AssetCheckSeverity.ERROR
    assert metadata_of(orders)["agreed"] == "warns after 1 day, fails after 3 days"
    memory = read_cursor(FailuresMemory, tick(built, "failures_sensor").cursor)
    assert memory.dagster.checks["is_fresh of maho/sales_flat_order"].severity == "error"
    assert built.database.rows("select max(run_id) from segments.segment_runs") == runs


def test_an_audit_with_nothing_to_compare_is_a_warning_and_no_failed_run(built: CodeLocation) -> None:
    code = "update segments_work.build_state set value = reverse(value) where name in ('code', 'built')"
    built.database.execute(code)

    audited = checks(built.run("audit_job"))["segment_memberships", "no_drift"]

    built.database.execute(code)
    assert not audited.passed
    assert audited.severity == dg.AssetCheckSeverity.WARN
    assert audited.description is not None
    assert audited.description.startswith("Nothing was compared. Nothing that could be audited was published")
    assert metadata_of(audited)["what_to_do"] == "Run `segments build` first."


def test_what_a_guard_holds_is_a_failed_check_and_an_alert_until_it_is_released(
    built: CodeLocation, chat: WebServer
) -> None:
    well = tick(built, "failures_sensor")
    del chat.requests[:]
    guarded = SEGMENTS.replace("label: Buyers", "guard: { max_members: 1 }\n    label: Buyers")
    built.define(guarded.replace("gte: 1", "gte: 1, lt: 999", 1))

    held = built.run("refresh_job")

    check = checks(held)["segment/buyers", "guard"]
    assert not check.passed
    assert "release_job" in metadata_of(check)["what_to_do"]
    assert check.description is not None
    assert check.description.startswith("It is held: ")
    assert not {"segment/buyers", "segment/loyal_buyers"} & materialized(held).keys()
    assert checks(held)["segment/reachable", "guard"].passed

    first = tick(built, "failures_sensor", well.cursor)
    again = tick(built, "failures_sensor", first.cursor)
    assert keys(chat, "raised") == [["held:buyers", "held:loyal_buyers"]]
    told = chat.requests[0][1]["raised"][0]
    assert "`segments release buyers`" in told["what_to_do"]

    released = built.run("release_job", config={"ops": {"release": {"config": {"segments": ["buyers"]}}}})

    assert checks(released)["segment/buyers", "guard"].passed
    assert {"segment/buyers", "segment/loyal_buyers"} <= materialized(released).keys()
    over = tick(built, "failures_sensor", again.cursor)
    tick(built, "failures_sensor", over.cursor)
    assert keys(chat, "recovered") == [["held:buyers", "held:loyal_buyers"]]
    assert len(chat.requests) == 2


def test_a_mistake_in_the_definitions_ends_the_run_with_the_validators_words(built: CodeLocation) -> None:
    built.define(SEGMENTS.replace("count: { gte: 2 }", "cont: { gte: 2 }"))

    # The code location still loads, with the segments of before.
    result = built.run("refresh_job", fails=True)

    (failure,) = result.get_step_failure_events()
    assert "the key of orders `cont` does not exist" in str(failure.event_specific_data)
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
