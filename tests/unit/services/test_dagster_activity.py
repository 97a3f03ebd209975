"""What `segments status` makes of what Dagster's pages show."""

from __future__ import annotations

from typing import Any

from maho_segments.services.dagster_activity import parse_activity
from maho_segments.services.dagster_api import read_dagster
from maho_segments.services.doctor.dagster import look_at_activity
from tests.orchestration.servers import WebServer, running

ADDRESS = "http://127.0.0.1:3000"
NOON = 1_772_366_400.0


def run(run_id: str, job: str, status: str) -> dict[str, Any]:
    return {"runId": run_id, "jobName": job, "status": status, "updateTime": NOON}


def check(name: str, status: str | None, severity: str = "ERROR") -> dict[str, Any]:
    evaluation = {"severity": severity, "description": "3 rows"} if status == "FAILED" else None
    execution = {"status": status, "evaluation": evaluation} if status else None
    return {"name": name, "executionForLatestMaterialization": execution}


def answer(
    runs: list[dict[str, Any]] | None = None,
    checks: list[dict[str, Any]] | None = None,
    tick: dict[str, Any] | None = None,
    switch: str = "RUNNING",
) -> dict[str, Any]:
    """As Dagster's API answers, of one asset, one sensor and one schedule."""
    sensor = {
        "name": "clock_sensor",
        "sensorState": {"status": "RUNNING", "ticks": [tick] if tick else []},
    }
    schedule = {"name": "audit_schedule", "scheduleState": {"status": switch}}
    return {
        "runsOrError": {"results": runs or []},
        "assetNodes": [
            {"assetKey": {"path": ["raw", "orders"]}, "assetChecksOrError": {"checks": checks or []}}
        ],
        "repositoriesOrError": {"nodes": [{"sensors": [sensor], "schedules": [schedule]}]},
    }


def told(**parts: Any) -> dict[str, tuple[str, str]]:
    findings = look_at_activity(parse_activity(answer(**parts)), ADDRESS)
    return {one.subject: (one.state, one.found) for one in findings}


def test_where_all_is_well_the_last_run_is_told() -> None:
    assert told() == {}
    runs = [run("22222222-x", "refresh_job", "SUCCESS"), run("11111111-x", "refresh_job", "FAILURE")]
    assert told(runs=runs, checks=[check("unique", "SUCCEEDED"), check("is_fresh", None)]) == {
        "runs": ("good", "the last one: refresh_job at 2026-03-01T12:00:00Z (run 22222222), success")
    }


def test_a_job_whose_last_run_failed_is_told_until_it_succeeds() -> None:
    runs = [
        run("33333333-x", "audit_job", "SUCCESS"),
        run("22222222-x", "refresh_job", "STARTED"),
        run("11111111-x", "refresh_job", "FAILURE"),
    ]
    assert told(runs=runs)["runs"] == (
        "warning", "refresh_job at 2026-03-01T12:00:00Z (run 11111111) failed",
    )  # fmt: skip


def test_checks_that_fail_are_told_by_their_assets() -> None:
    checks = [
        check("is_fresh", "FAILED", "WARN"), check("unique", "FAILED"), check("not_null", "EXECUTION_FAILED"),
    ]  # fmt: skip
    assert told(checks=checks)["checks"] == (
        "warning",
        "fail: is_fresh of raw/orders (a warning), unique of raw/orders",
    )


def test_sensors_that_fail_and_switches_that_are_off_are_told() -> None:
    found = told(tick={"status": "FAILURE", "error": {"message": "line 3\nline 4"}}, switch="STOPPED")
    assert found == {
        "sensors": ("warning", "the last tick of clock_sensor failed: line 3"),
        "automation": ("good", "switched off: audit_schedule"),
    }


def test_something_else_at_its_address_is_no_dagster() -> None:
    server = WebServer(0)
    with running(server):
        assert not read_dagster(f"http://127.0.0.1:{server.server_port}").answers
