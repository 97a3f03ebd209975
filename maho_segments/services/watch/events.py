"""What a watcher tells: each refresh, and whatever a person should know between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from maho_segments.services.build_report import BuildReport
from maho_segments.services.instants import format_instant

EventKind = Literal[
    "watching", "refreshed", "note", "failed", "away", "back", "waiting", "refused", "stopped"
]


@dataclass(frozen=True)
class Event:
    """Something that happened, in words, and as data for programs."""

    kind: EventKind
    at: datetime
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The event for programs."""
        return {"event": self.kind, "at": format_instant(self.at), "text": self.text, **self.data}


def refreshed(report: BuildReport, why: tuple[str, ...], at: datetime) -> Event:
    """A refresh, in a line."""
    entered = sum(segment.entered for segment in report.segments)
    left = sum(segment.left for segment in report.segments)
    unpublished = {segment.name: segment.status for segment in report.unpublished}
    run = "" if report.run_id is None else f"run {report.run_id} "
    parts = [
        f"{run}as of {format_instant(report.as_of)}",
        f"{report.profiles:,} looked at" + (f" ({report.why})" if report.mode == "full" else ""),
        f"{entered:,} entered",
        f"{left:,} left",
        f"{report.seconds:.1f} s",
        " and ".join(why),
        *(f"{name} {status}" for name, status in unpublished.items()),
    ]
    data = {
        "run_id": report.run_id,
        "as_of": format_instant(report.as_of),
        "mode": report.mode,
        "looked_at": report.profiles,
        "entered": entered,
        "left": left,
        "seconds": round(report.seconds, 3),
        "why": list(why),
        "unpublished": unpublished,
    }
    return Event("refreshed", at, ", ".join(parts), data)
