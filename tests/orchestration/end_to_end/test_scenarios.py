"""What people rely on, seen as they see it: on Dagster's pages and in the tables, while everything runs.

The tests are one story, told in this order: `segments up` runs all the time.
"""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.orchestration.end_to_end import shop
from tests.orchestration.end_to_end.pages import Check, Run
from tests.orchestration.end_to_end.shop import SEGMENTS, WANTED
from tests.orchestration.end_to_end.system import System, ledger
from tests.orchestration.servers import WebServer

pytestmark = pytest.mark.slow

ON_CHANGE = {"ops": {"refresh": {"config": {"on_change": True}}}}
EVERY_MINUTE = "refresh_any_any_any_any_any_utc_schedule"
EDITED = SEGMENTS.replace("gte: 1", "gte: 2").replace("0 4 * * *", "* * * * *") + shop.REGULARS
MENDED = EDITED.replace("* * * * *", "0 4 * * *")
BROKEN = EDITED.replace("email: { is_set: true }", "emial: { is_set: true }")
MISTAKE = "`emial` does not exist"


def assert_right(system: System, *segments: str, **rules: str) -> None:
    """Members are whom the shop's rows give: by a rule of the segment's name, or of the one given."""
    for segment, rule in {**{name: name for name in segments}, **rules}.items():
        wanted = {row[0] for row in system.database.rows(WANTED[rule])}
        assert system.members(segment) == wanted, segment


def told_of(system: System, segment: str, run: Run) -> dict[str, Any]:
    """What a run told of a segment that it published, on the segment's page."""
    made = system.pages.segment(segment).materializations
    (event,) = [event for event in made if event.run == run.id]
    return dict(event.metadata)


def refreshes(system: System, *runs: Run) -> list[dict[str, Any]]:
    """The rows of the ledger for runs of Dagster."""
    asked = {f"dagster:{run.id}" for run in runs}
    return [row for row in ledger(system.database) if row["initiated_by"] in asked]


def guard(system: System, segment: str) -> Check:
    """What the page of a segment shows of its guard."""
    found = system.pages.guard(segment)
    assert found is not None
    return found


def raised(on_call: WebServer) -> dict[str, dict[str, str]]:
    """The troubles of which somebody was alerted, by their keys."""
    return {one["key"]: one for _, body in on_call.requests for one in body["raised"]}


def test_a_first_refresh_by_hand_shows_all_segments_and_tests(system: System) -> None:
    system.tick("changes_sensor", 0, status="SKIPPED", saying="Nothing is built yet")

    run = system.ended(system.pages.launch("refresh_job"))

    assert run.status == "SUCCESS", system.report()
    segments = ("reachable", "buyers", "wholesalers", "retailers", "campaign")
    ((customers,),) = system.database.rows("select count(*) from maho.customer_entity")
    assert_right(system, *segments)
    (row,) = refreshes(system, run)
    assert (row["status"], row["mode"]) == ("published", "full")
    for segment in segments:
        told, members = told_of(system, segment, run), len(system.members(segment))
        assert (told["members"], told["entered"], told["left"]) == (members, members, 0)
        assert told["share_of_audience_percent"] == round(100 * members / customers, 2)
        assert (told["status"], told["mode"]) == ("published", "full")
        assert told["as_of"] == row["as_of"].timestamp()
        assert told["initiated_by"] == f"dagster:{run.id}"
    assert "**Reachable**" in system.pages.segment("reachable").description
    # The sensor `published` tells of all segments once, in these seconds.
    found = system.until(
        "the checks are shown",
        system.pages.checks,
        lambda found: found["segment/buyers", "guard"] and found["segment/campaign", "usual_size"],
    )
    checks = {name: check for name, check in found.items() if check is not None}
    assert {check.status for check in checks.values()} == {"SUCCEEDED"}
    of_dbt = [name for name in checks if not name[0].startswith("segment/") and checks[name].run == run.id]
    assert len(of_dbt) > 100


def test_a_change_of_the_shop_moves_members_and_says_why(system: System) -> None:
    since = time.time()
    system.database.execute(
        "; ".join([shop.loses_address(1), shop.orders(1), shop.moves(8, group=2), shop.moves(1, group=3)])
    )

    run = system.run_by("changes_sensor", since, status="SUCCESS")

    assert (run.job, run.config) == ("refresh_on_change_job", ON_CHANGE)
    reason = r"\d+ rows of news since 20\S+Z in maho.customer_entity, maho.sales_flat_order"
    assert re.fullmatch(reason, run.reason), run.reason
    assert system.tick("changes_sensor", since, status="SUCCESS").runs == (run.id,)
    assert_right(system, "reachable", "buyers")
    (row,) = refreshes(system, run)
    assert (row["mode"], row["entered_count"], row["left_count"]) == ("incremental", 1, 1)
    reachable, buyers = told_of(system, "reachable", run), told_of(system, "buyers", run)
    assert (reachable["entered"], reachable["left"]) == (0, 1)
    assert (buyers["entered"], buyers["left"]) == (1, 0)
    assert reachable["as_of"] == buyers["as_of"] == row["as_of"].timestamp()
    assert reachable["members"] == len(system.members("reachable"))
    assert "| left |" in reachable["latest_moves"]
    assert guard(system, "reachable").run == run.id


def test_a_held_segment_shows_why_and_what_to_do(system: System) -> None:
    (run,) = [one for one in system.pages.runs() if one.by == "changes_sensor"]
    (row,) = refreshes(system, run)
    assert row["held_segments"] == ["wholesalers"]
    assert len(system.members("wholesalers")) == 20
    page = system.pages.segment("wholesalers")
    assert run.id not in {event.run for event in page.materializations}
    seen = page.observations[0]
    assert (seen.run, seen.metadata["status"], seen.metadata["members"]) == (run.id, "held", 20)
    check = guard(system, "wholesalers")
    assert (check.run, check.status, check.severity) == (run.id, "FAILED", "ERROR")
    assert check.description.startswith("It is held: ")
    assert "segments release wholesalers" in check.metadata["what_to_do"]


def test_an_edit_refreshes_what_it_changed_and_nothing_else(system: System) -> None:
    since = time.time()
    system.define(EDITED)

    run = system.run_by("definitions_sensor", since, status="SUCCESS")

    assert (run.job, run.reason) == ("refresh_segments_job", "new or edited: buyers, regulars")
    assert run.config == {"ops": {"refresh": {"config": {"segments": ["buyers", "regulars"]}}}}
    assert_right(system, "regulars", buyers="regulars")
    told = told_of(system, "buyers", run)
    assert told["left"] > 0
    assert told["members"] == len(system.members("buyers"))
    why = """
        select distinct reason from segments.segment_membership_changes
        inner join segments.segments using (segment_id) where segment_name = 'buyers' and change = 'left'
    """
    assert system.database.rows(why) == [("definition",)]
    assert run.id not in {event.run for event in system.pages.segment("reachable").materializations}


def test_dagster_shows_the_edit_by_itself(system: System) -> None:
    page = system.until(
        "the page of the new segment is there",
        lambda: system.pages.segment("regulars"),
        lambda page: page.is_defined,
    )

    assert page.materializations[0].metadata["members"] == len(system.members("regulars"))
    schedules = system.pages.schedules()
    assert schedules[EVERY_MINUTE] == "* * * * *, UTC"
    assert "refresh_0_4_any_any_any_utc_schedule" not in schedules


def test_a_schedule_refreshes_what_is_due(system: System) -> None:
    # Somebody became a retailer a while ago, and no segment that is refreshed on change asks for that.
    assert len(system.members("retailers")) == 20

    run = system.run_by(EVERY_MINUTE, 0, status="SUCCESS")

    assert run.job == "refresh_due_job"
    assert run.config == {"ops": {"refresh": {"config": {"due": True}}}}
    assert (run.assets, run.reason) == (("segment/retailers",), "schedule * * * * *, UTC")
    ticks = system.pages.ticks(EVERY_MINUTE)
    assert (ticks[-1].status, ticks[-1].runs) == ("SUCCESS", (run.id,))
    assert_right(system, "retailers")
    assert told_of(system, "retailers", run)["entered"] == 1
    system.pages.switch_off(EVERY_MINUTE)
    assert EVERY_MINUTE not in system.pages.schedules()
    system.until("no run is left of it", system.pages.runs, lambda runs: all(one.is_finished for one in runs))


def test_broken_definitions_are_told_with_the_validators_words(system: System, on_call: WebServer) -> None:
    since = time.time()
    before = ledger(system.database)
    system.define(BROKEN)

    run = system.ended(system.pages.launch("refresh_job"))

    assert run.status == "FAILURE"
    log = system.pages.log(run.id)
    (failure,) = [entry for entry in log if entry.kind == "ExecutionStepFailureEvent"]
    assert re.search(r"segments\.yml:8:\d+", failure.error), failure
    assert MISTAKE in failure.error
    assert "segments validate" in failure.metadata["what_to_do"]
    assert "ExecutionStepUpForRetryEvent" not in {entry.kind for entry in log}
    system.tick("definitions_sensor", since, status="FAILURE", saying=MISTAKE)
    saying = "Nothing can be refreshed: 1 problem in segments.yml"
    system.tick("changes_sensor", since, status="SKIPPED", saying=saying)
    told = system.until("somebody is alerted", lambda: raised(on_call), lambda keys: "definitions:" in keys)
    assert MISTAKE in told["definitions:"]["details"]
    assert told["definitions:"]["severity"] == "error"
    assert system.pages.segment("reachable").is_defined
    assert ledger(system.database) == before
    assert run.id not in {one.parent for one in system.pages.runs()}


def test_a_held_segment_is_alerted_of_and_can_be_released(system: System, on_call: WebServer) -> None:
    held = raised(on_call)["held:wholesalers"]
    assert (held["severity"], held["title"]) == ("warning", "wholesalers is held")
    assert "segments release wholesalers" in held["what_to_do"]
    system.define(MENDED)

    config = {"ops": {"release": {"config": {"segments": ["wholesalers"]}}}}
    run = system.ended(system.pages.launch("release_job", config))

    assert run.status == "SUCCESS", system.report()
    assert_right(system, "wholesalers")
    assert told_of(system, "wholesalers", run)["entered"] == 8
    assert (guard(system, "wholesalers").run, guard(system, "wholesalers").status) == (run.id, "SUCCEEDED")


def test_a_run_that_failed_is_executed_again_by_one_click(system: System) -> None:
    (failed,) = [run for run in system.pages.runs() if run.status == "FAILURE"]

    run = system.ended(system.pages.reexecute(failed.id))

    assert (run.status, run.job, run.parent) == ("SUCCESS", "refresh_job", failed.id), system.report()
    (row,) = refreshes(system, run)
    assert row["status"] == "published"


def test_a_database_that_goes_away_is_said_and_waited_for(system: System) -> None:
    since = time.time()
    with system.refreshes_stopped_midway() as shops_own:
        system.database.execute("; ".join([shop.orders(2), shop.loses_address(2)]))
        run = system.run_by("changes_sensor", since, status="STARTED")
        system.until_one_is_stopped()
        away = time.time()
        with system.database_away(but_for=shops_own):
            shops_own.execute("rollback")
            for name in ("changes_sensor", "published_sensor"):
                tick = system.tick(name, away, status="SKIPPED", saying="The warehouse is away since")
                assert "is not currently accepting connections" in tick.said
            assert not system.pages.run(run.id).is_finished
            # Asked for by hand meanwhile, thrice.
            narrow = system.pages.launch("refresh_on_change_job", ON_CHANGE)
            waiting, late = (system.pages.launch("refresh_job") for _ in range(2))

    run = system.ended(run.id)
    assert run.status == "SUCCESS", system.report()
    assert "ExecutionStepUpForRetryEvent" in {entry.kind for entry in system.pages.log(run.id)}
    assert_right(system, "reachable", buyers="regulars")
    assert told_of(system, "reachable", run)["left"] == 2
    *interrupted, row = refreshes(system, run)
    assert (row["status"], row["mode"]) == ("published", "incremental")
    assert {one["status"] for one in interrupted} == {"failed"}
    # One refresh did what was asked for by hand, and the others say so.
    assert system.ended(waiting).status == "SUCCESS", system.report()
    for merged in map(system.pages.run, (narrow, late)):
        assert (merged.status, merged.tags["segments/merged_into"]) == ("CANCELED", waiting)
        assert any("Merged into run" in entry.message for entry in system.pages.log(merged.id))
        assert refreshes(system, merged) == []
    assert "does the work of run" in "".join(entry.message for entry in system.pages.log(waiting))
    system.tick("changes_sensor", time.time(), status="SKIPPED", saying="No news for the")


def test_a_run_that_is_killed_with_its_daemon_is_begun_again(system: System) -> None:
    since = time.time()
    with system.refreshes_stopped_midway():
        system.database.execute("; ".join([shop.orders(3), shop.loses_address(3)]))
        lost = system.run_by("changes_sensor", since, status="STARTED")
        system.until_one_is_stopped()
        process = system.process_of(lost.id)
        system.kill(*system.processes("dagster-daemon"))
        waiting = system.pages.launch("prune_job")
        system.kill(*system.processes("code-server", "dagster api grpc"), process)

    assert system.ended(lost.id).status == "FAILURE"
    assert [
        entry for entry in system.pages.log(lost.id) if "The process of this run is gone" in entry.message
    ]
    again = system.until(
        "the lost run is begun again",
        lambda: [one for one in system.pages.runs(createdAfter=since) if one.parent == lost.id],
    )[0]
    again = system.ended(again.id)
    assert (again.status, again.job, again.config) == ("SUCCESS", lost.job, ON_CHANGE), system.report()
    assert again.reason == lost.reason
    assert_right(system, "reachable", buyers="regulars")
    assert told_of(system, "reachable", again)["left"] == 3
    buried, row = refreshes(system, lost, again)
    assert (buried["status"], buried["initiated_by"]) == ("failed", f"dagster:{lost.id}")
    assert "It ended without a word" in buried["error"]
    assert (row["status"], row["left_count"]) == ("published", 3)
    assert system.ended(waiting).status == "SUCCESS", system.report()
    for name in ("daemon", "code"):
        assert f"{name} was ended by SIGKILL" in system.said()
        assert f"{name} is started again" in system.said()


def test_what_a_watcher_refreshes_is_shown_without_a_run(system: System) -> None:
    since = time.time()
    with system.watcher():
        system.database.execute("; ".join([shop.loses_address(4), shop.moves(10, group=2)]))
        row = system.until(
            "the watcher has refreshed",
            lambda: ledger(system.database)[-1],
            lambda row: row["left_count"] == 4,
        )
        assert (row["initiated_by"], row["mode"]) == ("watch", "incremental")
        assert_right(system, "reachable")
        seen = system.until(
            "the page shows it",
            lambda: system.pages.segment("reachable").materializations[0],
            lambda event: event.metadata["left"] == 4,
        )
        assert (seen.run, seen.metadata["initiated_by"]) == ("", "watch")
        assert seen.metadata["as_of"] == row["as_of"].timestamp()
        check = system.until(
            "the page shows what is held",
            lambda: guard(system, "wholesalers"),
            lambda check: check.status == "FAILED",
        )
        assert check.run == ""
        assert system.pages.runs(createdAfter=since) == []


def test_in_the_end_nothing_else_went_wrong(system: System, on_call: WebServer) -> None:
    config = {"ops": {"audit": {"config": {"everybody": True}}}}
    audit = system.ended(system.pages.launch("audit_job", config))

    assert audit.status == "SUCCESS", system.report()
    checks = {name: check.status for name, check in system.pages.checks().items() if check is not None}
    assert checks["segment_memberships", "no_drift"] == "SUCCEEDED"
    assert [name for name, status in checks.items() if status != "SUCCEEDED"] == [
        ("segment/wholesalers", "guard")
    ]
    ended = [run for run in system.pages.runs() if "segments/merged_into" not in run.tags]
    failed = [(run.by, run.job) for run in ended if run.status != "SUCCESS"]
    assert failed == [("changes_sensor", "refresh_on_change_job"), ("a person", "refresh_job")]
    recovered = {one["key"] for _, body in on_call.requests for one in body["recovered"]}
    assert {"definitions:", "held:wholesalers"} <= recovered
    status = system.segments("status")
    assert (status.returncode, "wholesalers" in status.stdout) == (1, True), status.stdout

    assert system.stop() == 0, system.said()

    assert system.processes("") == []
