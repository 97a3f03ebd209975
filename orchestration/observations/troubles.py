"""What is wrong, as the warehouse and Dagster's runs tell it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import dagster as dg

from maho_segments.services.publications import PublicTables
from maho_segments.services.refresh.schedules import shop_zone
from maho_segments.services.watch.presence import Presence
from orchestration.checks import AUDIT_CHECK
from orchestration.metadata import GUARD_CHECK
from orchestration.observations.warehouse import Warehouse
from orchestration.sensors.failures import (
    Drift,
    FailedCheck,
    FailedRefresh,
    FinishedRun,
    LostWatcher,
    ObservedWarehouse,
    Unpublished,
)

# Refreshes that failed one after the other are one trouble.
_FAILED: LiteralString = """
    select latest.run_id, coalesce(latest.error, '') as error, (
        select coalesce(min(runs.finished_at), min(runs.as_of))
        from {schema}.segment_runs as runs
        where runs.run_id > coalesce(
            (select max(good.run_id) from {schema}.segment_runs as good where good.status <> 'failed'), 0
        )
    ) as since
    from {schema}.segment_runs as latest
    where latest.status = 'failed'
        and latest.run_id = (select max(run_id) from {schema}.segment_runs)
"""

_DRIFT: LiteralString = """
    select audit_id, missing_count as missing, unexpected_count as unexpected, finished_at as found_at
    from {schema}.segment_audits
    where audit_id = (select max(audit_id) from {schema}.segment_audits)
        and missing_count + unexpected_count > 0
        and not was_repaired
"""

_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
# What ended before the sensor first looked is told, if it is not long ago.
_LOOK_BACK = timedelta(days=1)
_MOST_RUNS = 200
# These are told by the warehouse, whoever found them.
_TOLD_OTHERWISE = (GUARD_CHECK, AUDIT_CHECK)


def observe_troubles(warehouse: Warehouse) -> ObservedWarehouse:
    """What the warehouse says. Raises psycopg's errors where the database does."""
    if not warehouse.is_built:
        return ObservedWarehouse()
    failed = [FailedRefresh(**row) for row in warehouse.rows(_FAILED)]
    audited = warehouse.has("", "segment_audits")
    drift = [Drift(**row) for row in warehouse.rows(_DRIFT)] if audited else []
    publications = PublicTables(warehouse.connection, warehouse.schema).publications()
    has_zone = warehouse.has("_staging", "stg_maho__main_website")
    return ObservedWarehouse(
        refresh=failed[0] if failed else None,
        unpublished=tuple(
            Unpublished(one.name, one.status, one.reason or "")
            for one in publications
            if one.is_active and one.status in ("held", "failed")
        ),
        drift=drift[0] if drift else None,
        lost_watcher=_lost_watcher(warehouse),
        shop_zone=shop_zone(warehouse.connection, warehouse.schema).key if has_zone else None,
    )


def _lost_watcher(warehouse: Warehouse) -> LostWatcher | None:
    note = Presence(warehouse.connection, warehouse.schema).read()
    if note is None or note.is_alive or note.state == "stopped":
        return None
    return LostWatcher(f"process {note.pid} on {note.host}", note.noted_at)


def observe_finished_runs(
    instance: dg.DagsterInstance, read_until: datetime | None
) -> tuple[list[FinishedRun], datetime | None]:
    """The runs that ended since, the earliest first, and until when that is."""
    now = datetime.now(UTC)
    # Runs are written one after the other; what is read twice is the same.
    after = read_until - timedelta(seconds=2) if read_until else now - _LOOK_BACK
    records = instance.get_run_records(
        dg.RunsFilter(statuses=_FINISHED, updated_after=after),
        limit=_MOST_RUNS,
        order_by="update_timestamp",
        ascending=True,
    )
    runs = [_finished_run(instance, record) for record in records]
    return runs, max((_aware(record.update_timestamp) for record in records), default=read_until)


def _finished_run(instance: dg.DagsterInstance, record: dg.RunRecord) -> FinishedRun:
    run = record.dagster_run
    at = datetime.fromtimestamp(record.end_time, UTC) if record.end_time else _aware(record.update_timestamp)
    checks = dict(_evaluations(instance, run.run_id, at))
    return FinishedRun(
        run.job_name, run.run_id, at, "" if run.is_success else _error(instance, run.run_id), checks
    )


def _evaluations(
    instance: dg.DagsterInstance, run_id: str, at: datetime
) -> Iterator[tuple[str, FailedCheck | None]]:
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        event = entry.dagster_event
        assert event is not None
        evaluation = event.asset_check_evaluation_data
        if evaluation.check_name not in _TOLD_OTHERWISE:
            name = f"{evaluation.check_name} of {evaluation.asset_key.to_user_string()}"
            yield name, None if evaluation.passed else _failed_check(evaluation, at)


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
