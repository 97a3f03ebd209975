"""Sensors and schedules on a real warehouse: what they see there, and what they ask for."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from maho_segments.errors import DefinitionsError, SegmentsError
from maho_segments.services.build import build
from maho_segments.services.progress import Silence
from maho_segments.services.refresh.selection import Choice
from orchestration.alerts.configuration import ALERTS_FILE
from orchestration.project import ProjectResource
from orchestration.sensors.failures import FailuresMemory
from orchestration.sensors.memory import read_cursor, write_cursor
from tests.orchestration.conftest import SEGMENTS, CodeLocation
from tests.orchestration.servers import WebServer, running
from tests.orchestration.ticking import keys, loaded, tick

EMAIL = """
    update maho.customer_entity set email = 'x' || email
    where entity_id = (select min(entity_id) from maho.customer_entity)
"""


def execute(location: CodeLocation, job: str, **configs: Any) -> dg.ExecuteInProcessResult:
    """Run a job of the code location as it was loaded at first, with the configurations of its ops."""
    return (
        loaded(location)
        .resolve_job_def(job)
        .execute_in_process(
            instance=location.instance,
            run_config={"ops": {op: {"config": config} for op, config in configs.items()}},
            raise_on_error=False,
        )
    )


def failure(result: dg.ExecuteInProcessResult) -> str:
    (event,) = result.get_step_failure_events()
    return str(event.event_specific_data)


def reason(result: dg.SensorResult) -> str:
    assert result.skip_reason is not None
    assert not result.run_requests
    return result.skip_reason.skip_message or ""


def request(result: dg.SensorResult) -> dg.RunRequest:
    assert result.run_requests is not None
    (found,) = result.run_requests
    return found


def config(found: dg.RunRequest) -> Any:
    return found.run_config["ops"]["refresh"]["config"]


@pytest.fixture(scope="module")
def refreshed(location: CodeLocation, first_run: dg.ExecuteInProcessResult) -> CodeLocation:
    """The code location with nothing left to refresh on change."""
    location.define(SEGMENTS)
    location.run("refresh_on_change_job")
    return location


@pytest.fixture
def fresh(refreshed: CodeLocation, built: CodeLocation) -> CodeLocation:
    """The same, whose definitions are as they were afterwards."""
    assert refreshed is built
    return built


def test_changes_asks_once_for_what_the_shop_wrote(fresh: CodeLocation) -> None:
    idle = tick(fresh, "changes_sensor")
    assert "No news for the" in reason(idle)
    fresh.database.execute(EMAIL)
    first = tick(fresh, "changes_sensor", idle.cursor)
    assert config(request(first)) == {"on_change": True}
    assert "customer_entity" in request(first).tags["segments/reason"]
    again = tick(fresh, "changes_sensor", first.cursor)
    assert request(again).run_key == request(first).run_key
    fresh.run("refresh_on_change_job", config=dict(request(first).run_config))
    assert "No news" in reason(tick(fresh, "changes_sensor", first.cursor))


def test_clock_asks_when_the_clock_has_turned_for_somebody(fresh: CodeLocation) -> None:
    # Nobody's segments depend on the clock in this shop.
    assert "Time alone changes nobody's segments" in reason(tick(fresh, "clock_sensor"))
    fresh.database.execute(
        "insert into segments_work.profile_clocks (profile_id, next_change_at, renewed_at) "
        "select min(profile_id), now() - interval '5 seconds', now() from segments.profiles"
    )
    turned = tick(fresh, "clock_sensor")
    fresh.database.execute("delete from segments_work.profile_clocks")
    assert config(request(turned)) == {"on_change": True}
    assert request(turned).tags["segments/reason"].startswith("The clock turned at")


def test_definitions_asks_for_what_was_edited_and_fails_with_the_validators_words(
    fresh: CodeLocation,
) -> None:
    before = tick(fresh, "definitions_sensor")
    assert "active segments are published as they are defined" in reason(before)
    fresh.define(SEGMENTS.replace("gte: 2", "gte: 3"))
    edited = tick(fresh, "definitions_sensor", before.cursor)
    assert config(request(edited)) == {"segments": ["loyal_buyers"]}
    assert request(edited).asset_selection == [dg.AssetKey(["segment", "loyal_buyers"])]
    fresh.define(SEGMENTS.replace("orders: { count: { gte: 2 } }", "orders: { cont: { gte: 2 } }"))
    with pytest.raises(DefinitionsError, match="the key of orders `cont` does not exist"):
        tick(fresh, "definitions_sensor")
    assert "Nothing can be refreshed: 1 problem in segments.yml" in reason(tick(fresh, "changes_sensor"))


def test_definitions_asks_for_a_segment_that_dagster_does_not_show(fresh: CodeLocation) -> None:
    fresh.define(f"{SEGMENTS}  latecomers:\n    match: {{ email: {{ is_set: true }} }}\n")
    new = tick(fresh, "definitions_sensor")
    # No asset yet, so it is named.
    assert config(request(new)) == {"segments": ["latecomers"]}
    assert request(new).asset_selection is None


def test_definitions_has_dagster_load_what_loads_and_fails_where_it_does_not(fresh: CodeLocation) -> None:
    server = WebServer(503)
    own = {"SEGMENTS_DAGSTER_ADDRESS": f"http://127.0.0.1:{server.server_port}"}
    project = ProjectResource(folder=fresh.project.folder, environ={**fresh.project.environ, **own})
    profiles = fresh.project.workspace().folder / "profiles.yml"
    before = profiles.read_text(encoding="utf-8")

    def tick_until(words: str) -> None:
        give_up = time.monotonic() + 300
        while words not in (said := reason(tick(fresh, "definitions_sensor", project=project))):
            assert time.monotonic() < give_up, said
            time.sleep(0.1)

    # It is loaded by this.
    tick_until("published as they are defined.")
    # Nothing is to be refreshed by it, since that one is manual.
    fresh.define(SEGMENTS.replace("  campaign:\n", "  campaign:\n    label: Spring\n"))
    try:
        profiles.write_text("segments: [\n", encoding="utf-8")
        with pytest.raises(SegmentsError, match=r"with the former campaign.* dbt could not read"):
            tick_until("never")
    finally:
        profiles.write_text(before, encoding="utf-8")
    assert not server.requests
    with running(server):
        tick_until("with the former campaign, and to reload failed when it was tried last: HTTP Error 503")
    ((_, body),) = server.requests
    assert 'reloadRepositoryLocation(repositoryLocationName: "maho_segments")' in body["query"]


def test_published_tells_dagster_what_something_else_refreshed(fresh: CodeLocation) -> None:
    first = tick(fresh, "published_sensor")
    told = [event.asset_key.path[-1] for event in first.asset_events]
    assert told[0] == "segment_memberships"
    assert set(told[1:]) == {"buyers", "loyal_buyers", "reachable", "campaign"}
    assert "is the latest, and known" in reason(tick(fresh, "published_sensor", first.cursor))
    fresh.database.execute(
        "update maho.customer_entity set email = null where entity_id = "
        "(select max(entity_id) from maho.customer_entity)"
    )
    now = datetime.now(UTC) + timedelta(seconds=1)
    build(
        fresh.project.workspace(),
        as_of=now,
        choice=Choice(names=("reachable",)),
        initiated_by="watch",
        progress=Silence(),
        dbt=fresh.project.dbt(),
    )
    run = fresh.instance.add_run(dg.DagsterRun(job_name="refresh_job", status=dg.DagsterRunStatus.STARTED))
    waiting = tick(fresh, "published_sensor", first.cursor)
    assert not waiting.asset_events
    assert reason(waiting).endswith("of refresh_job is at work, so it waits.")
    fresh.instance.delete_run(run.run_id)
    second = tick(fresh, "published_sensor", waiting.cursor)
    assert {event.asset_key.path[-1] for event in second.asset_events} == {"reachable"}
    (made,) = [event for event in second.asset_events if isinstance(event, dg.AssetMaterialization)]
    assert made.metadata["initiated_by"].value == "watch"
    assert made.metadata["left"].value == 1
    assert "(watch): 1 segments." in reason(second)


def test_failures_tells_a_trouble_once_and_its_end(fresh: CodeLocation, chat: WebServer) -> None:
    well = tick(fresh, "failures_sensor")
    assert "alerts.yml has mistakes" in reason(well)
    del chat.requests[:]
    fresh.define("version: 1\nsegments: {}\n")
    broken = tick(fresh, "failures_sensor", well.cursor)
    assert "The definitions do not validate" in reason(broken)
    still = tick(fresh, "failures_sensor", broken.cursor)
    fresh.define(SEGMENTS)
    mended = tick(fresh, "failures_sensor", still.cursor)
    assert keys(chat, "raised") == [["definitions:"]]
    assert "`segments` is empty" in chat.requests[0][1]["raised"][0]["details"]
    assert keys(chat, "recovered") == [["definitions:"]]
    assert "The definitions" not in reason(mended)


def test_failures_tells_what_keeps_it_from_looking(fresh: CodeLocation, chat: WebServer) -> None:
    well = tick(fresh, "failures_sensor")
    del chat.requests[:]
    # The server is there, and a look is refused, as for a right that is missing.
    fresh.database.execute("alter table segments.segment_runs rename to taken_away")
    try:
        first = tick(fresh, "failures_sensor", well.cursor)
        memory = read_cursor(FailuresMemory, first.cursor)
        assert memory.away is not None
        earlier = datetime.now(UTC) - timedelta(minutes=2)
        waited = replace(memory, away=replace(memory.away, since=earlier), seen={"warehouse:": earlier})
        tick(fresh, "failures_sensor", write_cursor(waited))
    finally:
        fresh.database.execute("alter table segments.taken_away rename to segment_runs")
    assert keys(chat, "raised") == [["warehouse:"]]
    assert "segment_runs" in chat.requests[0][1]["raised"][0]["details"]


def test_test_alert_job_tells_what_becomes_of_each_channel(fresh: CodeLocation, chat: WebServer) -> None:
    wrong = execute(fresh, "test_alert_job")
    assert "alerts.yml:2:68: the key `url_variable` is missing" in failure(wrong)
    alerts = fresh.project.workspace().folder / ALERTS_FILE
    text = alerts.read_text(encoding="utf-8")
    alerts.write_text(text.replace("type: slack", "type: slack, url_variable: NONE"), encoding="utf-8")
    some = execute(fresh, "test_alert_job")
    assert "The channel chat has taken the test message" in failure(some)
    assert "needs the environment variable NONE" in failure(some)
    assert execute(fresh, "test_alert_job", test_alert={"channels": ["chat"]}).success
    assert keys(chat, "raised") == keys(chat, "recovered") == [["test:"], ["test:"]]


def test_a_warehouse_that_is_away_is_said_and_looked_for_later(fresh: CodeLocation) -> None:
    nowhere = {"DBT_HOST": "127.0.0.1", "DBT_PORT": "1", "DBT_USER": "u", "DBT_DBNAME": "d"}
    away = ProjectResource(
        folder=str(fresh.project.workspace().folder), environ={**fresh.project.environ, **nowhere}
    )
    for name in ("changes_sensor", "clock_sensor", "definitions_sensor", "published_sensor"):
        first = tick(fresh, name, project=away)
        assert "The warehouse is away since" in reason(first)
        assert "connection refused" in reason(first)
        second = tick(fresh, name, first.cursor, project=away)
        assert "looked once, the next time at" in reason(second)
        # It looks no sooner, also when the warehouse is there again.
        assert "The warehouse is away since" in reason(tick(fresh, name, first.cursor))


def test_schedules_follow_the_file_and_ask_for_what_is_due(built: CodeLocation) -> None:
    name = "refresh_0_5_any_any_any_utc_schedule"
    due = datetime(2026, 3, 31, 5, tzinfo=UTC)
    context = dg.build_schedule_context(instance=built.instance, scheduled_execution_time=due)
    data = loaded(built).resolve_schedule_def(name).evaluate_tick(context)
    assert data.run_requests is not None
    (asked,) = data.run_requests
    assert config(asked) == {"due": True}
    assert asked.run_key == due.isoformat()
    assert asked.asset_selection == [dg.AssetKey(["segment", "reachable"])]
    built.define(SEGMENTS.replace('"0 5 * * *"', '"0 6 * * 1"'))
    repository = built.definitions().get_repository_def()
    names = {schedule.name for schedule in repository.schedule_defs}
    assert names == {
        "refresh_0_6_any_any_1_utc_schedule",
        "audit_schedule",
        "full_compare_schedule",
        "freshness_schedule",
        "prune_schedule",
    }
