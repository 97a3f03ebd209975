"""When what is refreshed: a schedule for each cron expression and time zone of segments.yml; and upkeep."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from maho_segments.services.refresh.schedules import named_zone
from orchestration.assets.segments import segment_key
from orchestration.checks import AUDIT_OP
from orchestration.loading import Loaded
from orchestration.names import AUDIT_JOB, FRESHNESS_JOB, PRUNE_JOB, REASON_TAG, REFRESH_DUE_JOB, REFRESH_OP
from orchestration.project import ProjectResource

_SHOWN = 5


@dataclass(frozen=True)
class PlannedSchedule:
    """Segments that come due at the same times, by the same clock."""

    cron: str
    time_zone: str
    segments: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in Dagster, by which that switches it on and off; it stays while cron and clock do."""
        return f"refresh_{_word(self.cron)}_{_word(self.time_zone)}_schedule"

    @property
    def description(self) -> str:
        """What it refreshes, for people."""
        shown = ", ".join(self.segments[:_SHOWN])
        more = len(self.segments) - _SHOWN
        others = f" and {more} more" if more > 0 else ""
        return f"Refreshes what is due of {shown}{others}, and what they refer to."


def plan_schedules(segments: Sequence[Mapping[str, Any]], default_zone: str) -> tuple[PlannedSchedule, ...]:
    """The schedules of a plan's active segments; those without a time zone go by the default one."""
    groups: dict[tuple[str, str], list[str]] = {}
    for segment in segments:
        if segment["is_active"] and segment["refresh"]["schedule"]:
            cron = " ".join(segment["refresh"]["schedule"].lower().split())
            groups.setdefault((cron, segment["time_zone"] or default_zone), []).append(segment["name"])
    return tuple(PlannedSchedule(cron, zone, tuple(names)) for (cron, zone), names in groups.items())


def make_schedules(loaded: Loaded, project: ProjectResource) -> list[dg.ScheduleDefinition]:
    """All schedules. Raises SegmentsError where SEGMENTS_TIME_ZONE is no time zone."""
    zone = named_zone(project.workspace().environ)
    default_zone = zone.key if zone else "UTC"
    planned = plan_schedules([segment.plan for segment in loaded.segments], default_zone)
    return [*map(_refresh_schedule, planned), *_upkeep(default_zone)]


def _refresh_schedule(planned: PlannedSchedule) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=planned.name,
        job_name=REFRESH_DUE_JOB,
        cron_schedule=planned.cron,
        execution_timezone=planned.time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=planned.description,
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        # What is due follows from what was published, at the moment the run begins: one that is late misses
        # nothing, and after one that was missed the next makes good.
        return dg.RunRequest(
            run_key=context.scheduled_execution_time.isoformat(),
            run_config={"ops": {REFRESH_OP: {"config": {"due": True}}}},
            asset_selection=[segment_key(name) for name in planned.segments],
            tags={REASON_TAG: f"schedule {planned.cron}, {planned.time_zone}"},
        )

    return schedule


def _upkeep(zone: str) -> list[dg.ScheduleDefinition]:
    """What looks after it: audits at night, the age of rows four times a day, old runs once."""

    def at(
        cron: str, job: str, name: str, description: str, config: Mapping[str, Any]
    ) -> dg.ScheduleDefinition:
        return dg.ScheduleDefinition(
            name=name,
            job_name=job,
            cron_schedule=cron,
            execution_timezone=zone,
            run_config=dict(config),
            tags={REASON_TAG: description},
            description=description,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )

    def audit(everybody: bool) -> dict[str, Any]:
        return {"ops": {AUDIT_OP: {"config": {"everybody": everybody}}}}

    return [
        at(
            "30 3 * * 1-6",
            AUDIT_JOB,
            "audit_schedule",
            "Compares a sample of the profiles with a recompute, a different one each night",
            audit(everybody=False),
        ),
        at(
            "30 2 * * 0",
            AUDIT_JOB,
            "full_compare_schedule",
            "Compares all profiles with a recompute, once a week",
            audit(everybody=True),
        ),
        at("15 */6 * * *", FRESHNESS_JOB, "freshness_schedule", "Looks how old the shop's rows are", {}),
        at("45 4 * * *", PRUNE_JOB, "prune_schedule", "Deletes what Dagster keeps of old runs", {}),
    ]


_WORDS = {"*": "any", "/": "_by_", ",": "_and_", "-": "_to_", "+": "_plus_"}


def _word(text: str) -> str:
    """A cron expression or time zone in the letters that Dagster allows; no two become the same."""
    spelt = re.sub(r"[*/,+-]", lambda letter: _WORDS[letter[0]], text)
    return re.sub(r"[^A-Za-z0-9_]", "_", spelt).lower()
