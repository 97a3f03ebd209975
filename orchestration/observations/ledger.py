"""What the ledger of refreshes has beyond what Dagster was told."""

from collections.abc import Callable
from typing import LiteralString

import dagster as dg

from orchestration.names import AUDIT_JOB
from orchestration.observations.warehouse import Warehouse
from orchestration.sensors.published import BY_DAGSTER, LedgerRow, ObservedLedger, Teller, Told

# The column is missing until the first build by a version that has it.
_ROWS: LiteralString = """
    select
        run_id,
        coalesce(to_jsonb(segment_runs) ->> 'initiated_by', '') as initiated_by,
        coalesce(mode = 'full', false) as is_full
    from {schema}.segment_runs
    where run_id > %(run_id)s
    order by run_id
"""

_MOVED: LiteralString = """
    select distinct segments.segment_name as name
    from {schema}.segment_membership_changes as changes
    inner join {schema}.segments as segments using (segment_id)
    where changes.change_id > %(change_id)s
"""

_STATE: LiteralString = """
    select
        (select coalesce(max(run_id), 0) from {schema}.segment_runs) as last_run,
        (select coalesce(max(change_id), 0) from {schema}.segment_membership_changes) as last_change,
        array(
            select segment_name from {schema}.segments
            where is_active and status in ('held', 'failed')
            order by segment_id
        ) as unpublished
"""


def observe_ledger(
    instance: Callable[[], dg.DagsterInstance], warehouse: Warehouse, told: Told
) -> ObservedLedger | None:
    """What is new since then; None before a first build. Raises psycopg's errors where the database does.

    `instance` opens Dagster's storage, which is asked only about runs of Dagster.
    """
    if not warehouse.is_built:
        return None
    # In one snapshot: what is published in between is for the next tick.
    with warehouse.connection.transaction():
        warehouse.connection.execute("set transaction isolation level repeatable read, read only")
        (state,) = warehouse.rows(_STATE)
        rows, moved = [], []
        if told.run_id is not None and state["last_run"] > told.run_id:
            rows = [
                LedgerRow(**row, told=find_teller(instance, row["initiated_by"]))
                for row in warehouse.rows(_ROWS, {"run_id": told.run_id})
            ]
            moved = [row["name"] for row in warehouse.rows(_MOVED, {"change_id": told.change_id})]
    return ObservedLedger(rows, moved, state["unpublished"], state["last_run"], state["last_change"])


def find_teller(instance: Callable[[], dg.DagsterInstance], initiated_by: str) -> Teller:
    """Whether the run of Dagster that asked for a refresh tells of it; nobody does where there is none."""
    if not initiated_by.startswith(BY_DAGSTER):
        return "nobody"
    run = instance().get_run_by_id(initiated_by.removeprefix(BY_DAGSTER))
    if run is None:
        return "nobody"
    if not run.is_finished:
        return "coming"
    # What an audit repairs is published, and its run tells of the audit alone.
    return "done" if run.is_success and run.job_name != AUDIT_JOB else "nobody"
