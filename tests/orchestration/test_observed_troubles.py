"""What the warehouse tells of what is wrong: each is made in a transaction that is taken back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.rows import dict_row

from maho_segments.warehouse import connect
from orchestration.observations.definitions import read_plan
from orchestration.observations.troubles import Agreed, observe_troubles
from orchestration.observations.warehouse import Warehouse
from orchestration.sensors.warehouse_troubles import ObservedWarehouse, UnusualSize
from tests.orchestration.conftest import CodeLocation

AUDIT = """
    insert into segments.segment_audits (
        as_of, started_at, finished_at, first_profile_id, last_profile_id, is_last_sample, profiles_checked,
        profiles_skipped, segments_checked, memberships_checked, missing_count, unexpected_count, was_repaired
    )
    select now(), now(), now(), %s, %s, false, 10, 0, 4, 40, %s, 0, %s
"""


class Taken:
    """A warehouse in which one may do anything: nothing of it stays."""

    def __init__(self, location: CodeLocation, connection: psycopg.Connection) -> None:
        self.connection = connection
        self._location = location

    def execute(self, statement: str, *parameters: object) -> None:
        self.connection.execute(statement.encode(), parameters)

    def look(self, *, now: datetime | None = None, overdue_after: int = 30) -> ObservedWarehouse:
        """What is wrong in it now."""
        plan = read_plan(self._location.project.workspace().folder)
        agreed = Agreed(plan, "triggers", ZoneInfo("UTC"), timedelta(minutes=overdue_after))
        warehouse = Warehouse(self.connection, self._location.database.settings.schema)
        return observe_troubles(warehouse, agreed, now=now or datetime.now(UTC))


@pytest.fixture
def taken(built: CodeLocation) -> Iterator[Taken]:
    with connect(built.database.settings) as connection:
        yield Taken(built, connection)
        connection.rollback()


def test_nothing_is_wrong_after_a_build(taken: Taken) -> None:
    observed = taken.look()
    assert observed.published_at is not None
    assert (observed.refresh, observed.unpublished, observed.sizes, observed.drift) == (None, (), (), None)
    assert (observed.late, observed.blind) == ((), "")


def test_a_schema_without_segments_is_not_built(taken: Taken) -> None:
    taken.execute("drop table segments_work.segment_publications cascade")
    assert taken.look() == ObservedWarehouse(is_built=False)


def test_an_unusual_size_is_found_whoever_refreshed(taken: Taken) -> None:
    taken.execute(
        "insert into segments.segment_sizes (segment_id, size_date, member_count, entered_count, left_count) "
        "select segment_id, current_date - days, 1000, 0, 0 "
        "from segments.segments, generate_series(1, 5) as days where segment_name = 'buyers'"
    )
    with taken.connection.cursor(row_factory=dict_row) as cursor:
        query = b"select member_count from segments.segments where segment_name = 'buyers'"
        members = cursor.execute(query).fetchone()
    assert members is not None
    assert taken.look().sizes == (UnusualSize("buyers", members["member_count"], 900, 1100),)


def test_a_schedule_that_nobody_kept_is_overdue_unless_its_segment_is_held(taken: Taken) -> None:
    taken.execute(
        "update segments_work.segment_publications set as_of = now() - interval '3 days' "
        "where segment_id = (select segment_id from segments.segments where segment_name = 'reachable')"
    )
    (late,) = taken.look().late
    assert (late.key, late.names) == ("0 5 * * * UTC", ("reachable",))
    assert taken.look(overdue_after=0).late == ()
    taken.execute("update segments_work.segment_publications set status = 'held', held_reason = 'so'")
    assert taken.look().late == ()
    assert {one.name for one in taken.look().unpublished} == {
        "buyers",
        "loyal_buyers",
        "reachable",
        "campaign",
    }


def test_news_that_nobody_refreshes_for_is_overdue(taken: Taken) -> None:
    taken.execute("update maho.customer_entity set email = 'x' || email")
    # What this transaction wrote is news to whoever sees it.
    late = taken.look(now=datetime.now(UTC) + timedelta(minutes=31)).late
    assert "on_change" in {one.key for one in late}
    assert taken.look(now=datetime.now(UTC) + timedelta(minutes=29)).late == ()


def test_without_a_change_log_nobody_sees_what_the_shop_changes(taken: Taken) -> None:
    taken.execute("drop table segments_capture.change_log cascade")
    assert "Changes are not captured" in taken.look().blind


@pytest.mark.parametrize(
    ("first", "last", "repaired", "stands"),
    [
        # The next night's sample is of other people.
        (201, 300, False, True),
        (101, 200, False, False),
        (1, 10_000, True, False),
    ],
)
def test_drift_stands_until_an_audit_of_the_same_profiles_finds_none(
    taken: Taken, first: int, last: int, repaired: bool, stands: bool
) -> None:
    taken.execute(AUDIT, 101, 200, 5, False)
    found = taken.look().drift
    assert found is not None
    assert found.missing == 5
    taken.execute(AUDIT, first, last, 3 if repaired else 0, repaired)
    assert (taken.look().drift is not None) is stands


def test_drift_is_over_when_everybody_was_refreshed(taken: Taken) -> None:
    taken.execute(AUDIT, 101, 200, 5, False)
    taken.execute(
        "insert into segments.segment_runs (run_id, as_of, mode, status, started_at, finished_at) "
        "select max(run_id) + 1, now(), 'full', 'published', clock_timestamp(), clock_timestamp() "
        "from segments.segment_runs"
    )
    assert taken.look().drift is None
