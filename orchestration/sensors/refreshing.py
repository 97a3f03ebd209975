"""The sensors that ask for refreshes, around their plans."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Literal

import dagster as dg

from maho_segments.errors import DefinitionsError
from orchestration.assets.refresh import REASON_TAG, REFRESH_OP
from orchestration.assets.segments import segment_key
from orchestration.jobs import FRESHNESS_JOB, PRUNE_JOB, REFRESH_ON_CHANGE_JOB, REFRESH_SEGMENTS_JOB, TEST_JOB
from orchestration.loading import Loaded
from orchestration.observations.definitions import change_capture, observe_definitions, read_plan
from orchestration.observations.news import observe_changes, observe_clock
from orchestration.observations.runs import observe_runs
from orchestration.observations.warehouse import AwayError, Warehouse, reach
from orchestration.project import ProjectResource
from orchestration.sensors import changes, clock, definitions
from orchestration.sensors.asking import Decision, Runs, last_run_key, plan_away, plan_wait
from orchestration.sensors.memory import Memory, read_cursor, write_cursor

Decide = Callable[[Warehouse, Memory, Runs, datetime], Decision]
# Jobs that change no memberships, so that a refresh need not wait for them.
HARMLESS_JOBS = (PRUNE_JOB, TEST_JOB, FRESHNESS_JOB)
# The daemon looks at each sensor by itself, about 0.1 s of a processor each time.
CHANGES_SECONDS = 15
CLOCK_SECONDS = 30
DEFINITIONS_SECONDS = 30


def refresh_sensors(loaded: Loaded) -> list[dg.SensorDefinition]:
    """The sensors that ask for refreshes; `changes` and `clock` where some segment is refreshed on change."""
    has_on_change = any(segment.plan["refresh"]["on_change"] for segment in loaded.segments)
    return [*(_on_change_sensors() if has_on_change else []), _definitions_sensor(loaded)]


def _on_change_sensors() -> list[dg.SensorDefinition]:
    @dg.sensor(
        name="changes_sensor",
        job_name=REFRESH_ON_CHANGE_JOB,
        minimum_interval_seconds=CHANGES_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Refreshes what is refreshed on change when the change log has news for it.",
    )
    def changes_sensor(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult:
        def decide(warehouse: Warehouse, memory: Memory, runs: Runs, now: datetime) -> Decision:
            folder = project.workspace().folder
            capture: Literal["triggers", "clocks"] = (
                "clocks" if change_capture(folder) == "clocks" else "triggers"
            )
            observed = observe_changes(read_plan(folder), capture, warehouse)
            return changes.plan_changes(observed, memory, runs, now=now)

        return _unless_invalid(changes.NAME, context, project, decide)

    @dg.sensor(
        name="clock_sensor",
        job_name=REFRESH_ON_CHANGE_JOB,
        minimum_interval_seconds=CLOCK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Refreshes what is refreshed on change when the passing of time changes who is in it.",
    )
    def clock_sensor(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult:
        def decide(warehouse: Warehouse, memory: Memory, runs: Runs, now: datetime) -> Decision:
            observed = observe_clock(read_plan(project.workspace().folder), warehouse)
            return clock.plan_clock(observed, memory, runs, now=now)

        return _unless_invalid(clock.NAME, context, project, decide)

    return [changes_sensor, clock_sensor]


def _definitions_sensor(loaded: Loaded) -> dg.SensorDefinition:
    known = {segment.name for segment in loaded.segments}

    @dg.sensor(
        name="definitions_sensor",
        job_name=REFRESH_SEGMENTS_JOB,
        minimum_interval_seconds=DEFINITIONS_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Refreshes the segments that segments.yml defines in another way than they were published. Its "
            "tick fails, with the validator's words, while the definitions do not validate."
        ),
    )
    def definitions_sensor(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult:
        # Before the warehouse is looked for: what is invalid is told whether that is away or not.
        plan = read_plan(project.workspace().folder)

        def decide(warehouse: Warehouse, memory: Memory, runs: Runs, now: datetime) -> Decision:
            observed = observe_definitions(plan, warehouse)
            return definitions.plan_definitions(observed, memory, runs, now=now)

        return _tick(definitions.NAME, context, project, decide, known)

    return definitions_sensor


def _unless_invalid(
    name: str, context: dg.SensorEvaluationContext, project: ProjectResource, decide: Decide
) -> dg.SensorResult:
    """The tick, unless nothing could be refreshed anyway: one sensor tells that, loudly."""
    try:
        read_plan(project.workspace().folder)
    except DefinitionsError as error:
        return dg.SensorResult(
            skip_reason=f"Nothing can be refreshed: {error.message}. The sensor definitions says which.",
            cursor=context.cursor,
        )
    return _tick(name, context, project, decide)


def _tick(
    name: str,
    context: dg.SensorEvaluationContext,
    project: ProjectResource,
    decide: Decide,
    known: Collection[str] = (),
) -> dg.SensorResult:
    now = datetime.now(UTC)
    memory = read_cursor(Memory, context.cursor)
    decision = plan_wait(memory, now=now)
    if decision is None:
        runs = observe_runs(context.instance, last_run_key(name, memory), HARMLESS_JOBS)
        try:
            with reach(project) as warehouse:
                decision = decide(warehouse, memory, runs, now)
        except AwayError as error:
            decision = plan_away(memory, str(error), now=now)
    return _result(decision, known)


def _result(decision: Decision, known: Collection[str]) -> dg.SensorResult:
    cursor = write_cursor(decision.memory)
    request = decision.request
    if request is None:
        return dg.SensorResult(skip_reason=decision.reason, cursor=cursor)
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
