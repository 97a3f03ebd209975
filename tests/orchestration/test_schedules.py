"""The schedules that follow from segments.yml."""

from typing import Any

import dagster as dg
import pytest

from maho_segments.services.project import Workspace
from maho_segments.services.up.dagster import schedule_environ
from maho_segments.shop.demo.stores import ZONES
from orchestration.schedules import PlannedSchedule, plan_schedules
from tests.databases import Database
from tests.orchestration.conftest import CodeLocation


def segment(name: str, schedule: str | None, zone: str | None = None, **more: Any) -> dict[str, Any]:
    refresh = {"schedule": schedule, "on_change": schedule is None, "manual": False}
    return {"name": name, "is_active": True, "time_zone": zone, "refresh": refresh, **more}


def test_segments_with_the_same_cron_and_clock_share_a_schedule() -> None:
    planned = plan_schedules(
        [
            segment("a", "0 5 * * *"),
            segment("b", "0  5 * * *", "Europe/Berlin"),
            segment("c", "0 5 * * *", "UTC"),
            segment("d", "0 6 * * MON"),
            segment("e", "0 6 * * mon"),
            segment("on_change_only", None),
            segment("off", "0 7 * * *", is_active=False),
        ],
        "Europe/Berlin",
    )
    assert planned == (
        PlannedSchedule("0 5 * * *", "Europe/Berlin", ("a", "b")),
        PlannedSchedule("0 5 * * *", "UTC", ("c",)),
        PlannedSchedule("0 6 * * mon", "Europe/Berlin", ("d", "e")),
    )


def test_dagster_is_started_with_the_clock_of_the_shop_once_that_is_known(
    built: CodeLocation, database: Database
) -> None:
    workspace, settings = built.project.workspace(), built.database.settings
    assert schedule_environ(workspace, settings) == {"SEGMENTS_TIME_ZONE": ZONES[0]}
    named = Workspace(workspace.folder, {**workspace.environ, "SEGMENTS_TIME_ZONE": "Europe/Berlin"})
    assert schedule_environ(named, settings) == {"SEGMENTS_TIME_ZONE": "Europe/Berlin"}
    # Before the first build.
    assert schedule_environ(workspace, database.settings) == {}


@pytest.mark.parametrize(
    ("cron", "zone", "name"),
    [
        ("0 5 * * *", "Europe/Berlin", "refresh_0_5_any_any_any_europe_by_berlin_schedule"),
        ("*/15 9-17 * * 1,3", "UTC", "refresh_any_by_15_9_to_17_any_any_1_and_3_utc_schedule"),
        ("30 6 29 feb *", "Etc/GMT+5", "refresh_30_6_29_feb_any_etc_by_gmt_plus_5_schedule"),
        (
            "0 0 * * 7",
            "America/Port-au-Prince",
            "refresh_0_0_any_any_7_america_by_port_to_au_to_prince_schedule",
        ),
        ("5/10 0-23/2 1 jan-mar sun-sat", "Asia/Kolkata", None),
        ("0 0 31 1 *", "Asia/Kathmandu", None),
    ],
)
def test_what_the_language_takes_is_a_schedule_of_dagster(cron: str, zone: str, name: str | None) -> None:
    (planned,) = plan_schedules([segment("a", cron)], zone)
    assert name is None or planned.name == name
    made = dg.ScheduleDefinition(
        name=planned.name, cron_schedule=planned.cron, execution_timezone=planned.time_zone, job_name="any"
    )
    assert made.cron_schedule == cron
