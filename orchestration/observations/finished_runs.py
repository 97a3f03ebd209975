"""What Dagster's own runs and checks tell of what is wrong."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.checks import AUDIT_CHECK
from orchestration.metadata import GUARD_CHECK, SIZE_CHECK
from orchestration.observations.runs import will_be_retried
from orchestration.sensors.dagster_troubles import FailedCheck, FinishedRun

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
# What ended before the sensor first looked is told, if it is not long ago.
_LOOK_BACK = timedelta(days=1)
_MOST_RUNS = 200
# Runs are written one after the other, by several processes; what is read twice is the same.
_READ_AGAIN = timedelta(seconds=2)
# These are told by the warehouse, whoever found them.
_TOLD_OTHERWISE = (GUARD_CHECK, SIZE_CHECK, AUDIT_CHECK)


def check_name(key: dg.AssetCheckKey) -> str:
    """What people call a check, and what its trouble is known by."""
    return f"{key.name} of {key.asset_key.to_user_string()}"


def observe_finished_runs(
    instance: dg.DagsterInstance, read_until: datetime | None, *, now: datetime, most: int = _MOST_RUNS
) -> tuple[list[FinishedRun], datetime | None]:
    """The runs that ended since, the earliest first, and until when that is."""
    if read_until is not None and read_until > now:
        # The clock was set back: what ends from now on would be taken for known.
        read_until = None
    records = _ended_after(instance, read_until - _READ_AGAIN if read_until else now - _LOOK_BACK, most)
    # What Dagster begins again by itself is told by its last try.
    runs = [_finished_run(instance, one) for one in records if not will_be_retried(one.dagster_run)]
    until = max((_aware(record.update_timestamp) for record in records), default=read_until)
    return runs, min(until, now) if until else None


def _ended_after(instance: dg.DagsterInstance, after: datetime, most: int) -> Sequence[dg.RunRecord]:
    """The first runs that ended after an instant: more than `most` where these would all be read again."""
    records = instance.get_run_records(
        dg.RunsFilter(statuses=_ENDED, updated_after=after),
        limit=most,
        order_by="update_timestamp",
        ascending=True,
    )
    if len(records) == most and _aware(records[-1].update_timestamp) - _READ_AGAIN <= after:
        return _ended_after(instance, after, 2 * most)
    return records


def _finished_run(instance: dg.DagsterInstance, record: dg.RunRecord) -> FinishedRun:
    run = record.dagster_run
    at = datetime.fromtimestamp(record.end_time, UTC) if record.end_time else _aware(record.update_timestamp)
    return FinishedRun(
        run.job_name,
        run.run_id,
        at,
        _error(instance, run.run_id) if run.status == dg.DagsterRunStatus.FAILURE else "",
        dict(_evaluations(instance, run.run_id, at)),
        was_canceled=run.status == dg.DagsterRunStatus.CANCELED,
    )


def _evaluations(
    instance: dg.DagsterInstance, run_id: str, at: datetime
) -> Iterator[tuple[str, FailedCheck | None]]:
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        event = entry.dagster_event
        assert event is not None
        evaluation = event.asset_check_evaluation_data
        if evaluation.check_name not in _TOLD_OTHERWISE:
            yield (
                check_name(evaluation.asset_check_key),
                None if evaluation.passed else _failed_check(evaluation, at),
            )


def observe_failing_checks(
    instance: dg.DagsterInstance, names: Iterable[str]
) -> dict[str, FailedCheck | None]:
    """How checks that failed stand now, for those that were evaluated by something else than a run since."""
    found: dict[str, FailedCheck | None] = {}
    for name in names:
        check, _, asset = name.partition(" of ")
        key = dg.AssetCheckKey(dg.AssetKey.from_user_string(asset), check)
        record = instance.get_latest_asset_check_evaluation_record(key)
        event = record.event.dagster_event if record and record.event else None
        if event is not None and event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            at = datetime.fromtimestamp(record.create_timestamp, UTC) if record else datetime.now(UTC)
            found[name] = None if evaluation.passed else _failed_check(evaluation, at)
    return found


def _failed_check(evaluation: dg.AssetCheckEvaluation, at: datetime) -> FailedCheck:
    is_error = evaluation.severity == dg.AssetCheckSeverity.ERROR
    return FailedCheck(at, "error" if is_error else "warning", evaluation.description or "")


def _error(instance: dg.DagsterInstance, run_id: str) -> str:
    """What a run says of its failure: the step's own words before Dagster's."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        assert event is not None
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            return data.user_failure_data.description
        if data.error is not None:
            cause = data.error.cause or data.error
            return cause.message.strip()
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE):
        if entry.dagster_event is not None and entry.dagster_event.message:
            return entry.dagster_event.message
    return "It ended without a word."


def _aware(instant: datetime) -> datetime:
    """Dagster's run storage writes UTC without saying so."""
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
