"""The sensor that tells people: `failures`, around its plan."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import psycopg

from maho_segments.errors import DefinitionsError
from maho_segments.services.refresh.schedules import named_zone
from orchestration.alerts.configuration import AlertSettings, read_alert_settings
from orchestration.alerts.sending import Outcome, send_all
from orchestration.alerts.told import Told, plan_alert
from orchestration.checks import FRESHNESS_CHECK
from orchestration.loading import Loaded
from orchestration.names import REFRESH_JOBS
from orchestration.observations.definitions import change_capture, read_plan
from orchestration.observations.finished_runs import (
    check_name,
    observe_failing_checks,
    observe_finished_runs,
)
from orchestration.observations.troubles import Agreed, observe_troubles
from orchestration.observations.warehouse import AwayError, reach
from orchestration.project import ProjectResource
from orchestration.sensors.asking import plan_away
from orchestration.sensors.dagster_troubles import DagsterState, Known, fold_runs, still_standing
from orchestration.sensors.failures import FailuresMemory, Found, Observed, find_troubles, summary
from orchestration.sensors.memory import Away, Memory, read_cursor, write_cursor
from orchestration.sensors.warehouse_troubles import ObservedWarehouse

FAILURES_SECONDS = 60
# Dagster gives a tick a minute. One that takes longer has told people, and does not remember it.
_TICK_SECONDS = 45.0
_SENDING_SECONDS = 5.0


def failures_sensor(loaded: Loaded, environ: Mapping[str, str] = os.environ) -> dg.SensorDefinition:
    """The sensor that tells people what is wrong; `environ` holds the secrets that alerts.yml names."""
    known = Known(
        checks={
            *(check_name(check.key) for check in loaded.dbt.checks),
            *(
                check_name(dg.AssetCheckKey(key, FRESHNESS_CHECK))
                for key in loaded.dbt.dated_sources.values()
            ),
        },
        refresh_jobs=REFRESH_JOBS,
    )

    @dg.sensor(
        name="failures_sensor",
        minimum_interval_seconds=FAILURES_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Tells whoever alerts.yml names what is wrong, since when, and what to do: once, again after a "
            "while, and when it is over. What is wrong stands in its ticks as well."
        ),
    )
    def failures_sensor(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult:
        until = time.monotonic() + _TICK_SECONDS
        now = datetime.now(UTC)
        memory = read_cursor(FailuresMemory, context.cursor)
        settings = read_alert_settings(project.workspace().folder)
        if settings.error and not settings.channels:
            raise settings.error
        observed, read_until = _Look(context.instance, project, known, settings, memory, now).observe()
        found = find_troubles(observed, memory.seen, now=now)
        seconds = max(until - time.monotonic(), _SENDING_SECONDS)
        sent = _tell(found, settings, memory.told, environ, now=now, seconds=seconds)
        for outcome in sent.outcomes:
            if outcome.words:
                (context.log.error if outcome.error else context.log.warning)(outcome.words)
        after = FailuresMemory(
            away=observed.away,
            back_at=observed.back_at,
            seen=found.since,
            told=sent.told,
            dagster=observed.dagster,
            read_until=read_until,
        )
        failed = [outcome.error for outcome in sent.outcomes if outcome.error]
        if failed and after == memory:
            # A tick that fails is seen, but remembers nothing: only where there is nothing to remember.
            raise failed[0]
        count = len(sent.outcomes) - len(failed)
        counted = f"{count} {'message' if count == 1 else 'messages'} sent."
        words = [summary(found.troubles), *([counted] if count else [])]
        told = (outcome.words for outcome in sent.outcomes if outcome.words)
        return dg.SensorResult(skip_reason=" ".join([*words, *told]), cursor=write_cursor(after))

    return failures_sensor


@dataclass(frozen=True)
class _Look:
    instance: dg.DagsterInstance
    project: ProjectResource
    known: Known
    settings: AlertSettings
    memory: FailuresMemory
    now: datetime

    def observe(self) -> tuple[Observed, datetime | None]:
        """What is wrong now, and until when Dagster's runs were read."""
        workspace = self.project.workspace()
        plan: Mapping[str, Any] | None = None
        invalid = ""
        try:
            plan = read_plan(workspace.folder)
        except DefinitionsError as error:
            invalid = str(error)
        zone = named_zone(workspace.environ)
        agreed = Agreed(plan, change_capture(workspace.folder), zone, self.settings.overdue_after)
        warehouse, away, words = self._warehouse(agreed)
        finished, read_until = observe_finished_runs(self.instance, self.memory.read_until, now=self.now)
        state = self._checked(fold_runs(self.memory.dagster, finished))
        published_at = warehouse.published_at if warehouse else None
        observed = Observed(
            warehouse=warehouse,
            away=away,
            away_words=words,
            back_at=self.now if self.memory.away and not away else self.memory.back_at,
            invalid=invalid,
            invalid_alerts=str(self.settings.error or ""),
            dagster=still_standing(state, self.known, published_at, now=self.now),
            zone=zone.key if zone else "UTC",
            has_zoneless_schedules=any(map(_is_zoneless, plan["segments"])) if plan else False,
        )
        return observed, read_until

    def _warehouse(self, agreed: Agreed) -> tuple[ObservedWarehouse | None, Away | None, str]:
        """What the warehouse says, or since when it says nothing, and why."""
        try:
            with reach(self.project) as warehouse:
                return observe_troubles(warehouse, agreed, now=self.now), None, ""
        except (AwayError, psycopg.Error) as error:
            # What can't be looked at, for a missing right or a lock, is as good as away: it has to be told.
            away = plan_away(Memory(away=self.memory.away), str(error), now=self.now).memory.away
            return None, away, str(error).strip()

    def _checked(self, state: DagsterState) -> DagsterState:
        """The state, with the checks as something else than a run may have left them since."""
        standing = observe_failing_checks(self.instance, state.checks)
        checks = {name: standing.get(name, check) for name, check in state.checks.items()}
        return DagsterState(state.jobs, {name: check for name, check in checks.items() if check is not None})


def _is_zoneless(segment: Mapping[str, Any]) -> bool:
    return bool(segment["is_active"] and segment["refresh"]["schedule"] and not segment["time_zone"])


@dataclass(frozen=True)
class _Sent:
    """What became of each message, and what each channel knows now."""

    outcomes: Sequence[Outcome]
    told: Mapping[str, Mapping[str, Told]]


def _tell(
    found: Found,
    settings: AlertSettings,
    told: Mapping[str, Mapping[str, Told]],
    environ: Mapping[str, str],
    *,
    now: datetime,
    seconds: float,
) -> _Sent:
    """Send each channel what is news to it."""
    plans = {
        channel.name: (
            channel,
            *plan_alert(
                found.troubles,
                told.get(channel.name, {}),
                channel.agreement,
                now=now,
                unseen=found.unseen,
                link=settings.link,
            ),
        )
        for channel in settings.channels
    }
    messages = [(channel, [alert]) for channel, alert, _ in plans.values() if alert is not None]
    outcomes = send_all(messages, seconds=seconds, environ=environ)
    undelivered = {outcome.channel for outcome in outcomes if outcome.error}
    knows = {
        name: told.get(name, {}) if name in undelivered else after for name, (_, _, after) in plans.items()
    }
    # A channel with a mistake is not there, and will be: it is not to be told all anew.
    return _Sent(outcomes, {**told, **knows} if settings.error else knows)
