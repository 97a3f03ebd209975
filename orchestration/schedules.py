"""When what is refreshed: a schedule for each cron expression and time zone of segments.yml; and upkeep."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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
        return f"Refreshes what is due of {', '.join(self.segments)}, and what these refer to."


def plan_schedules(segments: Sequence[Mapping[str, Any]], default_zone: str) -> tuple[PlannedSchedule, ...]:
    """The schedules of a plan's active segments; those without a time zone go by the default one."""
    groups: dict[tuple[str, str], list[str]] = {}
    for segment in segments:
        if segment["is_active"] and segment["refresh"]["schedule"]:
            cron = " ".join(segment["refresh"]["schedule"].lower().split())
            groups.setdefault((cron, segment["time_zone"] or default_zone), []).append(segment["name"])
    return tuple(PlannedSchedule(cron, zone, tuple(names)) for (cron, zone), names in groups.items())


_WORDS = {"*": "any", "/": "_by_", ",": "_and_", "-": "_to_", "+": "_plus_"}


def _word(text: str) -> str:
    """A cron expression or time zone in the letters that Dagster allows; no two become the same."""
    spelt = re.sub(r"[*/,+-]", lambda letter: _WORDS[letter[0]], text)
    return re.sub(r"[^A-Za-z0-9_]", "_", spelt).lower()
