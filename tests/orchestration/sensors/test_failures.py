"""What `failures` takes for trouble, and what it hides."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestration.alerts.told import Told
from orchestration.alerts.trouble import Trouble
from orchestration.sensors.failures import (
    DagsterState,
    Drift,
    FailedCheck,
    FailedJob,
    FailedRefresh,
    FailuresMemory,
    FinishedRun,
    LostWatcher,
    Observed,
    ObservedWarehouse,
    Unpublished,
    find_troubles,
    fold_runs,
    summary,
)
from orchestration.sensors.memory import Away, read_cursor, write_cursor

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=3)
AUDIT_FAILED = DagsterState(jobs={"audit_job": FailedJob("0123456789", EARLIER, "no")})


def troubles(
    observed: Observed, seen: dict[str, datetime] | None = None
) -> tuple[dict[str, Trouble], tuple[str, ...]]:
    found, unseen = find_troubles(observed, seen or {}, now=NOW)
    return {one.key: one for one in found}, unseen


@pytest.mark.parametrize(
    ("warehouse", "key", "severity", "since"),
    [
        (ObservedWarehouse(refresh=FailedRefresh(7, "disk full", EARLIER)), "refresh:", "error", EARLIER),
        (ObservedWarehouse(unpublished=(Unpublished("vip", "held", "40 %"),)), "held:vip", "warning", NOW),
        (ObservedWarehouse(unpublished=(Unpublished("vip", "failed", "1/0"),)), "failed:vip", "error", NOW),
        (ObservedWarehouse(drift=Drift(3, 5, 0, EARLIER)), "audit:", "error", EARLIER),
    ],
)
def test_each_trouble_of_the_warehouse_says_since_when_and_what_to_do(
    warehouse: ObservedWarehouse, key: str, severity: str, since: datetime
) -> None:
    found, _ = troubles(Observed(warehouse, None))
    assert found.keys() == {key}
    assert (found[key].severity, found[key].since) == (severity, since)
    assert "`segments" in found[key].what_to_do or "segments.yml" in found[key].what_to_do
    assert found[key].details


def test_a_watcher_that_died_is_told_as_of_when_it_was_heard_of() -> None:
    lost = LostWatcher("process 7 on shop", EARLIER)
    found, _ = troubles(Observed(ObservedWarehouse(lost_watcher=lost), None))
    assert found["watcher:"].title == "`segments watch` has ended without a word (process 7 on shop)"
    assert found["watcher:"].since == EARLIER


def test_nothing_is_wrong_where_nothing_is() -> None:
    assert troubles(Observed(ObservedWarehouse(), None)) == ({}, ())
    assert summary([]) == "Nothing is wrong."


def test_what_has_no_time_of_its_own_is_since_it_was_seen() -> None:
    observed = Observed(ObservedWarehouse(unpublished=(Unpublished("vip", "held", ""),)), None)
    found, _ = troubles(observed, {"held:vip": EARLIER})
    assert found["held:vip"].since == EARLIER
    assert summary(found.values()) == "vip is held (since 2026-03-31T09:00:00Z)."


@pytest.mark.parametrize(("seconds", "is_told"), [(59, False), (60, True)])
def test_a_warehouse_is_away_after_a_minute(seconds: int, is_told: bool) -> None:
    since = NOW - timedelta(seconds=seconds)
    found, unseen = troubles(Observed(None, Away(since, 2, NOW)))
    assert ("warehouse:" in found) is is_told
    # What was told of segments stands: nobody could look.
    assert {"held", "failed", "refresh", "audit", "clock"} <= set(unseen)


def test_consequences_are_hidden_and_not_taken_for_recovered() -> None:
    away = Observed(None, Away(EARLIER, 9, NOW), dagster=AUDIT_FAILED)
    found, unseen = troubles(away)
    assert found.keys() == {"warehouse:"}
    assert "run" in unseen
    failing = Observed(
        ObservedWarehouse(refresh=FailedRefresh(7, "disk full", EARLIER)), None, dagster=AUDIT_FAILED
    )
    assert troubles(failing)[0].keys() == {"refresh:"}
    invalid = Observed(ObservedWarehouse(), None, invalid="segments.yml:3:1: no", dagster=AUDIT_FAILED)
    found, _ = troubles(invalid)
    assert found.keys() == {"definitions:"}
    assert found["definitions:"].details == "segments.yml:3:1: no"
    assert troubles(Observed(ObservedWarehouse(), None, dagster=AUDIT_FAILED))[0].keys() == {"run:audit_job"}


@pytest.mark.parametrize(
    ("zone", "shop_zone", "has_zoneless", "is_told"),
    [
        ("UTC", "Europe/Berlin", True, True),
        ("Europe/Berlin", "Europe/Berlin", True, False),
        ("UTC", "Europe/Berlin", False, False),
        ("UTC", None, True, False),
    ],
)
def test_schedules_by_another_clock_than_the_shops_are_told(
    zone: str, shop_zone: str | None, has_zoneless: bool, is_told: bool
) -> None:
    warehouse = ObservedWarehouse(shop_zone=shop_zone)
    found, _ = troubles(Observed(warehouse, None, zone=zone, has_zoneless_schedules=has_zoneless))
    assert ("clock:" in found) is is_told


def test_jobs_and_checks_stand_as_their_latest_run_left_them() -> None:
    late = FailedCheck(NOW, "warning", "2 rows")
    bad = FinishedRun("refresh_job", "a", EARLIER, "no", {"fresh of orders": late, "unique of x": None})
    state = fold_runs(DagsterState(), [bad])
    assert state == DagsterState({"refresh_job": FailedJob("a", EARLIER, "no")}, {"fresh of orders": late})
    assert fold_runs(state, [bad]) == state
    other = FinishedRun("audit_job", "b", NOW, "")
    assert fold_runs(state, [other]) == state
    good = FinishedRun("refresh_job", "c", NOW, "", {"fresh of orders": None})
    assert fold_runs(state, [other, good]) == DagsterState()
    found, _ = troubles(Observed(ObservedWarehouse(), None, dagster=state))
    assert {key: one.severity for key, one in found.items()} == {
        "run:refresh_job": "error",
        "check:fresh of orders": "warning",
    }


def test_memory_survives_its_cursor() -> None:
    memory = FailuresMemory(
        away=Away(EARLIER, 2, NOW),
        seen={"held:vip": EARLIER},
        told={"chat": {"held:vip": Told("vip is held", "warning", EARLIER, NOW)}},
        dagster=AUDIT_FAILED,
        read_until=NOW,
    )
    assert read_cursor(FailuresMemory, write_cursor(memory)) == memory
