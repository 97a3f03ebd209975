"""The sensors that tell: `failures` people, `published` Dagster, around their plans."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from maho_segments.errors import DefinitionsError, SegmentsError
from maho_segments.services.refresh.schedules import named_zone
from maho_segments.services.segment_states import read_states
from orchestration.alerts.configuration import AlertSettings, read_alert_settings
from orchestration.alerts.delivery import DeliveryError, deliver
from orchestration.alerts.told import Told, plan_alert
from orchestration.alerts.trouble import Trouble
from orchestration.loading import Loaded
from orchestration.metadata import segment_checks, segment_event
from orchestration.observations.definitions import read_plan
from orchestration.observations.ledger import observe_ledger
from orchestration.observations.troubles import (
    observe_failing_checks,
    observe_finished_runs,
    observe_troubles,
)
from orchestration.observations.warehouse import AwayError, reach
from orchestration.presence import end_lost_runs, presence_folder
from orchestration.project import ProjectResource
from orchestration.sensors import published
from orchestration.sensors.asking import NOTHING_BUILT, plan_away, plan_wait
from orchestration.sensors.failures import (
    DagsterState,
    FailuresMemory,
    Observed,
    ObservedWarehouse,
    find_troubles,
    fold_runs,
    summary,
)
from orchestration.sensors.memory import Away, Memory, read_cursor, write_cursor

FAILURES_SECONDS = 60
PUBLISHED_SECONDS = 10


def failures_sensor(environ: Mapping[str, str] = os.environ) -> dg.SensorDefinition:
    """The sensor that tells people what is wrong; `environ` holds the secrets that alerts.yml names."""

    @dg.sensor(
        name="failures_sensor",
        minimum_interval_seconds=FAILURES_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Tells whoever alerts.yml names what is wrong, since when, and what to do: once, again after a "
            "while, and when it is over. What is wrong stands in its ticks as well. Ends runs whose process "
            "is gone."
        ),
    )
    def failures_sensor(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult:
        now = datetime.now(UTC)
        for run_id in end_lost_runs(context.instance, presence_folder()):
            context.log.warning(f"The process of run {run_id} is gone; the run is marked as failed.")
        memory = read_cursor(FailuresMemory, context.cursor)
        settings = read_alert_settings(project.workspace().folder)
        observed, read_until = _observe(context.instance, project, memory, now)
        troubles, unseen = find_troubles(observed, memory.seen, now=now)
        told, undelivered, count = _tell(troubles, unseen, settings, memory.told, environ, now)
        for error in undelivered:
            context.log.error(str(error))
        after = FailuresMemory(
            away=observed.away,
            seen={one.key: one.since for one in troubles}
            | {key: at for key, at in memory.seen.items() if key.partition(":")[0] in unseen},
            told=told,
            dagster=observed.dagster,
            read_until=read_until,
        )
        if undelivered and after == memory:
            # A tick that fails is seen, but remembers nothing: only where there is nothing to remember.
            raise undelivered[0]
        words = [summary(troubles), *(f"{count} messages sent." for _ in range(bool(count)))]
        return dg.SensorResult(
            skip_reason=" ".join([*words, *(error.message for error in undelivered)]),
            cursor=write_cursor(after),
        )

    return failures_sensor


def published_sensor(loaded: Loaded) -> dg.SensorDefinition:
    """The sensor that tells Dagster of refreshes that something else made: a watcher, the command line."""

    @dg.sensor(
        name="published_sensor",
        minimum_interval_seconds=PUBLISHED_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Shows on the pages of the segments what no run told of: refreshes by `segments watch` or "
            "`segments build`, and those of runs that failed afterwards. Begins no run."
        ),
    )
    def sensor(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult:
        now = datetime.now(UTC)
        memory = read_cursor(published.Told, context.cursor)
        if waiting := plan_wait(Memory(away=memory.away), now=now):
            return dg.SensorResult(skip_reason=waiting.reason, cursor=context.cursor)
        try:
            with reach(project) as warehouse:
                observed = observe_ledger(context.instance, warehouse, memory)
                if observed is None:
                    return dg.SensorResult(skip_reason=NOTHING_BUILT, cursor=context.cursor)
                telling = published.plan_published(observed, memory, now=now)
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
        return dg.SensorResult(
            skip_reason=telling.reason, cursor=write_cursor(telling.memory), asset_events=events
        )

    return sensor


def _observe(
    instance: dg.DagsterInstance, project: ProjectResource, memory: FailuresMemory, now: datetime
) -> tuple[Observed, datetime | None]:
    """What is wrong now, and until when Dagster's runs were read."""
    workspace = project.workspace()
    warehouse, away = _look(project, memory.away, now)
    invalid, segments = "", []
    try:
        segments = read_plan(workspace.folder)["segments"]
    except DefinitionsError as error:
        invalid = str(error)
    finished, read_until = observe_finished_runs(instance, memory.read_until)
    state = fold_runs(memory.dagster, finished)
    standing = observe_failing_checks(instance, state.checks)
    checks = {name: standing.get(name, check) for name, check in state.checks.items()}
    failing = {name: check for name, check in checks.items() if check is not None}
    zone = named_zone(workspace.environ)
    observed = Observed(
        warehouse=warehouse,
        away=away,
        invalid=invalid,
        dagster=DagsterState(state.jobs, failing),
        zone=zone.key if zone else "UTC",
        has_zoneless_schedules=any(_is_zoneless(segment) for segment in segments),
    )
    return observed, read_until


def _look(
    project: ProjectResource, away: Away | None, now: datetime
) -> tuple[ObservedWarehouse | None, Away | None]:
    """What the warehouse says, or since when it says nothing."""
    try:
        with reach(project) as warehouse:
            return observe_troubles(warehouse), None
    except AwayError as error:
        return None, plan_away(Memory(away=away), str(error), now=now).memory.away


def _is_zoneless(segment: Mapping[str, Any]) -> bool:
    return bool(segment["is_active"] and segment["refresh"]["schedule"] and not segment["time_zone"])


def _tell(
    troubles: Sequence[Trouble],
    unseen: Sequence[str],
    settings: AlertSettings,
    told: Mapping[str, Mapping[str, Told]],
    environ: Mapping[str, str],
    now: datetime,
) -> tuple[dict[str, Mapping[str, Told]], list[SegmentsError], int]:
    """Send each channel what is news to it: what each knows then, what went wrong, and how many were sent."""
    knows: dict[str, Mapping[str, Told]] = {}
    undelivered: list[SegmentsError] = []
    count = 0
    for channel in settings.channels:
        before = told.get(channel.name, {})
        alert, after = plan_alert(
            troubles, before, channel.agreement, now=now, unseen=unseen, link=settings.link
        )
        try:
            if alert is not None:
                deliver(alert, channel, environ)
                count += 1
            knows[channel.name] = after
        except DeliveryError as error:
            undelivered.append(error)
            knows[channel.name] = before
    return knows, undelivered, count
