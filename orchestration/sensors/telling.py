"""The sensor that tells Dagster: `published`, around its plan."""

from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg

from maho_segments.services.segment_states import read_states
from orchestration.loading import Loaded
from orchestration.metadata import memberships_event, segment_checks, segment_event
from orchestration.names import SILENT_JOBS
from orchestration.observations.ledger import observe_ledger
from orchestration.observations.runs import observe_runs
from orchestration.observations.warehouse import AwayError, reach
from orchestration.presence import end_lost_runs, presence_folder
from orchestration.project import ProjectResource
from orchestration.sensors import published
from orchestration.sensors.asking import NOTHING_BUILT, plan_away, plan_wait
from orchestration.sensors.memory import Memory, read_cursor, write_cursor

PUBLISHED_SECONDS = 10


def published_sensor(loaded: Loaded, project: ProjectResource) -> dg.SensorDefinition:
    """The sensor that tells Dagster of refreshes that something else made: a watcher, the command line."""

    @dg.sensor(
        name="published_sensor",
        minimum_interval_seconds=PUBLISHED_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Shows on the pages of the segments what no run told of: refreshes by `segments watch` or "
            "`segments build`, and those of runs that failed afterwards. Ends runs whose process is gone. "
            "Begins no run."
        ),
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        now = datetime.now(UTC)
        # Here, where it is seen soonest: until a lost run is ended, it keeps its place from all others.
        for run_id in end_lost_runs(lambda: context.instance, presence_folder()):
            context.log.warning(f"The process of run {run_id} is gone; the run is marked as failed.")
        memory = read_cursor(published.Told, context.cursor)
        if waiting := plan_wait(Memory(away=memory.away), now=now):
            return dg.SensorResult(skip_reason=waiting.reason, cursor=context.cursor)
        try:
            with reach(project) as warehouse:
                observed = observe_ledger(lambda: context.instance, warehouse, memory)
                if observed is None:
                    back = replace(memory, away=None)
                    return dg.SensorResult(skip_reason=NOTHING_BUILT, cursor=write_cursor(back))
                telling = published.plan_published(observed, memory, now=now)
                if telling.everything or telling.names:
                    # Dagster shows no check of a segment that a run materializes later, and checks in rows
                    # that it made when the run was made: what is told in between would hide its checks.
                    busy = observe_runs(context.instance, None, SILENT_JOBS, now=now).busy
                    if busy:
                        return dg.SensorResult(
                            skip_reason=f"{telling.reason} {busy[0].upper()}{busy[1:]}, so it waits.",
                            cursor=write_cursor(replace(memory, away=None)),
                        )
                plan = [segment.plan for segment in loaded.segments]
                names = [one["name"] for one in plan] if telling.everything else list(telling.names)
                # Counting audiences reads all profiles: not for each change.
                counted = plan if telling.everything else []
                states = read_states(warehouse.connection, warehouse.schema, names, plan_segments=counted)
        except AwayError as error:
            decision = plan_away(Memory(away=memory.away), str(error), now=now)
            away = replace(memory, away=decision.memory.away)
            return dg.SensorResult(skip_reason=decision.reason, cursor=write_cursor(away))
        events = [event for state in states for event in (segment_event(state), *segment_checks(state))]
        if telling.everything:
            events.insert(0, memberships_event(loaded.memberships, states))
        return dg.SensorResult(
            skip_reason=telling.reason, cursor=write_cursor(telling.memory), asset_events=events
        )

    return sensor
