"""The sensors that ask for refreshes, around their plans."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial
from typing import Any

import dagster as dg

from maho_segments.errors import DefinitionsError, SegmentsError
from orchestration.assets.segments import segment_key
from orchestration.loading import Loaded
from orchestration.names import (
    HARMLESS_JOBS,
    REASON_TAG,
    REFRESH_ON_CHANGE_JOB,
    REFRESH_OP,
    REFRESH_SEGMENTS_JOB,
)
from orchestration.observations.definitions import change_capture, observe_definitions, read_plan
from orchestration.observations.news import observe_changes, observe_clock
from orchestration.observations.runs import observe_runs
from orchestration.observations.warehouse import AwayError, Warehouse, reach
from orchestration.project import ProjectResource
from orchestration.sensors import changes, clock, definitions
from orchestration.sensors.asking import Decision, Runs, last_run_key, plan_away, plan_wait
from orchestration.sensors.memory import Memory, read_cursor, write_cursor
from orchestration.sensors.reloading import Reloading, Step, why_outdated

Plan = dict[str, Any]
Decide = Callable[[Plan, Warehouse, Memory, Runs, datetime], Decision]
# The daemon looks at each sensor by itself, about 0.1 s of a processor each time.
CHANGES_SECONDS = 15
CLOCK_SECONDS = 30
DEFINITIONS_SECONDS = 30


def refresh_sensors(loaded: Loaded, project: ProjectResource) -> list[dg.SensorDefinition]:
    """The sensors that ask for refreshes; `changes` and `clock` where some segment is refreshed on change.

    They know their project, and take no resource: for that, each tick would open Dagster's storage anew.
    """
    has_on_change = any(segment.plan["refresh"]["on_change"] for segment in loaded.segments)
    return [*(_on_change_sensors(project) if has_on_change else []), _definitions_sensor(loaded, project)]


def _on_change_sensors(project: ProjectResource) -> list[dg.SensorDefinition]:
    @dg.sensor(
        name="changes_sensor",
        job_name=REFRESH_ON_CHANGE_JOB,
        minimum_interval_seconds=CHANGES_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Refreshes what is refreshed on change when the change log has news for it.",
    )
    def changes_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        capture = change_capture(project.workspace().folder)

        def decide(plan: Plan, warehouse: Warehouse, memory: Memory, runs: Runs, now: datetime) -> Decision:
            observed = observe_changes(plan, capture, warehouse)
            return changes.plan_changes(observed, memory, runs, now=now)

        return _unless_invalid(changes.NAME, context, project, decide)

    @dg.sensor(
        name="clock_sensor",
        job_name=REFRESH_ON_CHANGE_JOB,
        minimum_interval_seconds=CLOCK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Refreshes what is refreshed on change when the passing of time changes who is in it.",
    )
    def clock_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        def decide(plan: Plan, warehouse: Warehouse, memory: Memory, runs: Runs, now: datetime) -> Decision:
            observed = observe_clock(plan, warehouse)
            return clock.plan_clock(observed, memory, runs, now=now)

        return _unless_invalid(clock.NAME, context, project, decide)

    return [changes_sensor, clock_sensor]


def _definitions_sensor(loaded: Loaded, project: ProjectResource) -> dg.SensorDefinition:
    shown = [segment.plan for segment in loaded.segments]
    known = {segment.name for segment in loaded.segments}
    reloading = Reloading()

    @dg.sensor(
        name="definitions_sensor",
        job_name=REFRESH_SEGMENTS_JOB,
        minimum_interval_seconds=DEFINITIONS_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Refreshes the segments that segments.yml defines in another way than they were published, and "
            "has Dagster show them. Its tick fails, with the validator's words, while the definitions do not "
            "validate, and with dbt's or Dagster's while the project does not load."
        ),
    )
    def definitions_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        workspace = project.workspace()
        # Before the warehouse is looked for: what is invalid is told whether that is away or not.
        plan = read_plan(workspace.folder)
        step = Step("")
        if outdated := why_outdated(shown, plan["segments"]):
            step = reloading.ask(outdated, workspace, now=datetime.now(UTC))

        def decide(warehouse: Warehouse, memory: Memory, runs: Runs, now: datetime) -> Decision:
            observed = observe_definitions(plan, warehouse)
            return definitions.plan_definitions(observed, memory, runs, now=now)

        result = _result(_decide(definitions.NAME, context, project, decide), known, step.words)
        # A tick that fails could neither ask for a run nor remember that it did.
        if step.fails and not result.run_requests:
            raise SegmentsError(step.words)
        return result

    return definitions_sensor


def _unless_invalid(
    name: str, context: dg.SensorEvaluationContext, project: ProjectResource, decide: Decide
) -> dg.SensorResult:
    """The tick, unless nothing could be refreshed anyway: one sensor tells that, loudly."""
    try:
        plan = read_plan(project.workspace().folder)
    except DefinitionsError as error:
        return dg.SensorResult(
            skip_reason=f"Nothing can be refreshed: {error.message}. definitions_sensor says which.",
            cursor=context.cursor,
        )
    return _result(_decide(name, context, project, partial(decide, plan)))


def _decide(
    name: str,
    context: dg.SensorEvaluationContext,
    project: ProjectResource,
    decide: Callable[[Warehouse, Memory, Runs, datetime], Decision],
) -> Decision:
    """What the tick does, once the warehouse answers; else when it looks for it again."""
    now = datetime.now(UTC)
    memory = read_cursor(Memory, context.cursor)
    if waiting := plan_wait(memory, now=now):
        return waiting
    try:
        with reach(project) as warehouse:
            decision = decide(warehouse, memory, Runs(), now)
            if decision.request is None:
                return decision
            # Only now, for it takes more than all the rest: a tick opens Dagster's storage for it.
            runs = observe_runs(context.instance, last_run_key(name, memory), HARMLESS_JOBS, now=now)
            return decide(warehouse, memory, runs, now)
    except AwayError as error:
        return plan_away(memory, str(error), now=now)


def _result(decision: Decision, known: Collection[str] = (), note: str = "") -> dg.SensorResult:
    """The decision as Dagster takes it; a tick that requests no run has room for a note."""
    cursor = write_cursor(decision.memory)
    request = decision.request
    if request is None:
        return dg.SensorResult(skip_reason=f"{decision.reason} {note}".strip(), cursor=cursor)
    names = request.options.get("segments")
    chosen = names if isinstance(names, list) and set(names) <= set(known) else None
    run = dg.RunRequest(
        run_key=request.run_key,
        # A segment that was added since the code location was loaded is no asset yet: then it is named alone.
        asset_selection=[segment_key(name) for name in chosen] if chosen else None,
        run_config={"ops": {REFRESH_OP: {"config": dict(request.options)}}},
        tags={REASON_TAG: request.reason[:255]},
    )
    return dg.SensorResult(run_requests=[run], cursor=cursor)
