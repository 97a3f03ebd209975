"""What `failures` takes for trouble, and what it hides."""

from datetime import UTC, datetime, timedelta

import pytest

from maho_segments.services.refresh.drift import StandingDrift
from orchestration.alerts.told import Told
from orchestration.alerts.trouble import Trouble
from orchestration.sensors.dagster_troubles import DagsterState, FailedJob
from orchestration.sensors.failures import (
    CALM,
    FailuresMemory,
    Observed,
    find_troubles,
    summary,
)
from orchestration.sensors.memory import Away, read_cursor, write_cursor
from orchestration.sensors.overdue import Late
from orchestration.sensors.warehouse_troubles import (
    FailedRefresh,
    LostWatcher,
    ObservedWarehouse,
    Unpublished,
    UnusualSize,
)

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=3)
LATE = Late("0 5 * * * UTC", ("vip",), "it came", "`segments status` says more.", EARLIER)
AUDIT_FAILED = DagsterState(jobs={"audit_job": FailedJob("0123456789", EARLIER, "no")})


def troubles(
    observed: Observed, seen: dict[str, datetime] | None = None
) -> tuple[dict[str, Trouble], tuple[str, ...]]:
    found = find_troubles(observed, seen or {}, now=NOW)
    return {one.key: one for one in found.troubles}, found.unseen


@pytest.mark.parametrize(
    ("warehouse", "key", "severity", "since"),
    [
        (ObservedWarehouse(refresh=FailedRefresh(7, "disk full", EARLIER)), "refresh:", "error", EARLIER),
        (ObservedWarehouse(unpublished=(Unpublished("vip", "held", "40 %"),)), "held:vip", "warning", NOW),
        (ObservedWarehouse(unpublished=(Unpublished("vip", "failed", "1/0"),)), "failed:vip", "error", NOW),
        (ObservedWarehouse(drift=StandingDrift(3, 5, 0, 50, EARLIER)), "audit:", "error", EARLIER),
        (ObservedWarehouse(sizes=(UnusualSize("vip", 9, 40, 60),)), "size:vip", "warning", NOW),
        (ObservedWarehouse(late=(LATE,)), "overdue:0 5 * * * UTC", "error", EARLIER),
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
    away = Observed(None, Away(EARLIER, 9, NOW), "connection refused", dagster=AUDIT_FAILED)
    found, unseen = troubles(away)
    assert found.keys() == {"warehouse:"}
    assert found["warehouse:"].details == "connection refused"
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


def test_what_follows_from_a_trouble_is_hidden_though_it_is_too_early_to_tell_of_that() -> None:
    found, _ = troubles(Observed(None, Away(NOW, 1, NOW), dagster=AUDIT_FAILED))
    assert found == {}


def test_a_clock_that_differs_is_not_over_when_the_definitions_stop_to_validate() -> None:
    observed = Observed(ObservedWarehouse(shop_zone="Europe/Berlin"), None, invalid="segments.yml:3:1: no")
    found, unseen = troubles(observed)
    assert found.keys() == {"definitions:"}
    assert {"clock", "overdue"} <= set(unseen)


@pytest.mark.parametrize(("since", "is_told"), [(NOW, False), (EARLIER, True)])
def test_a_schema_that_stays_empty_is_told_and_hides_what_was_in_it(since: datetime, is_told: bool) -> None:
    found, unseen = troubles(Observed(ObservedWarehouse(is_built=False), None), {"unbuilt:": since})
    assert ("unbuilt:" in found) is is_told
    assert {"held", "size", "overdue"} <= set(unseen)


@pytest.mark.parametrize(("since", "is_told"), [(NOW, False), (EARLIER, True), (NOW + CALM, True)])
def test_what_waits_is_seen_all_the_same_so_that_its_time_comes(since: datetime, is_told: bool) -> None:
    observed = Observed(ObservedWarehouse(blind="Changes are not captured"), None)
    found = find_troubles(observed, {"capture:": since}, now=NOW)
    # What was seen in time to come was seen by a clock that was set back.
    assert bool(found.troubles) is is_told
    assert found.since == {"capture:": since}


def test_runs_that_failed_for_a_warehouse_that_was_away_are_given_time_to_be_repeated() -> None:
    def told(back_at: datetime) -> set[str]:
        found, _ = troubles(Observed(ObservedWarehouse(), None, back_at=back_at, dagster=AUDIT_FAILED))
        return set(found)

    assert told(NOW - CALM) == {"run:audit_job"}
    assert told(NOW - CALM + timedelta(seconds=1)) == set()


def test_mistakes_of_alerts_yml_are_told_to_whom_it_names_without_one() -> None:
    found, _ = troubles(Observed(ObservedWarehouse(), None, invalid_alerts="alerts.yml:3:1: no"))
    assert found["alerts:"].details == "alerts.yml:3:1: no"


def test_memory_survives_its_cursor() -> None:
    memory = FailuresMemory(
        away=Away(EARLIER, 2, NOW),
        back_at=EARLIER,
        seen={"held:vip": EARLIER},
        told={"chat": {"held:vip": Told("vip is held", "warning", EARLIER, NOW)}},
        dagster=AUDIT_FAILED,
        read_until=NOW,
    )
    assert read_cursor(FailuresMemory, write_cursor(memory)) == memory
