"""Which failed jobs and checks stand, and which are over."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestration.sensors.dagster_troubles import (
    FORGOTTEN_AFTER,
    DagsterState,
    FailedCheck,
    FailedJob,
    FinishedRun,
    Known,
    dagster_troubles,
    fold_runs,
    still_standing,
)

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=3)
LATE = FailedCheck(NOW, "warning", "2 rows")
KNOWN = Known({"fresh of orders"}, ("refresh_job", "refresh_due_job"))


def failed(job: str, at: datetime = EARLIER) -> DagsterState:
    return DagsterState({job: FailedJob("0123456789", at, "no")})


def test_jobs_and_checks_stand_as_their_latest_run_left_them() -> None:
    bad = FinishedRun("refresh_job", "a", EARLIER, "no", {"fresh of orders": LATE, "unique of x": None})
    state = fold_runs(DagsterState(), [bad])
    assert state == DagsterState({"refresh_job": FailedJob("a", EARLIER, "no")}, {"fresh of orders": LATE})
    assert fold_runs(state, [bad]) == state
    other = FinishedRun("audit_job", "b", NOW, "")
    assert fold_runs(state, [other]) == state
    good = FinishedRun("refresh_job", "c", NOW, "", {"fresh of orders": None})
    assert fold_runs(state, [other, good]) == DagsterState()
    assert {one.key: one.severity for one in dagster_troubles(state)} == {
        "run:refresh_job": "error",
        "check:fresh of orders": "warning",
    }


def test_a_run_that_was_canceled_says_what_its_checks_found_and_nothing_of_its_job() -> None:
    canceled = FinishedRun("audit_job", "d", NOW, "", {"fresh of orders": LATE}, was_canceled=True)
    state = fold_runs(failed("audit_job"), [canceled])
    assert state == DagsterState(failed("audit_job").jobs, {"fresh of orders": LATE})


@pytest.mark.parametrize(
    ("job", "published_at", "stands"),
    [
        ("refresh_due_job", None, True),
        ("refresh_due_job", EARLIER - timedelta(seconds=1), True),
        # It was `segments watch` that published, or another job.
        ("refresh_due_job", EARLIER, False),
        ("audit_job", NOW, True),
    ],
)
def test_a_failed_refresh_is_over_when_another_was_published(
    job: str, published_at: datetime | None, stands: bool
) -> None:
    state = still_standing(failed(job), KNOWN, published_at, now=NOW)
    assert state == (failed(job) if stands else DagsterState())


def test_a_job_that_nobody_ran_again_is_forgotten() -> None:
    old = failed("test_job", NOW - FORGOTTEN_AFTER)
    assert still_standing(old, KNOWN, None, now=NOW - timedelta(seconds=1)) == old
    assert still_standing(old, KNOWN, None, now=NOW) == DagsterState()


def test_a_check_that_is_no_more_does_not_fail_for_ever() -> None:
    both = DagsterState(checks={"fresh of orders": LATE, "unique of what_was_renamed": LATE})
    assert still_standing(both, KNOWN, None, now=NOW).checks.keys() == {"fresh of orders"}
