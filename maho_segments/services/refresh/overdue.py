"""Schedules that came and brought no refresh: nobody keeps them, or what does so stands still."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from maho_segments.services.publications import PublicTables
from maho_segments.services.refresh.schedules import schedule_zone
from maho_segments.services.refresh.selection import due_time

OVERDUE_AFTER = timedelta(minutes=30)
"""So long a refresh may wait for its turn, and take, where nobody says otherwise."""


def read_overdue(
    connection: Connection,
    schema: str,
    segments: Sequence[Mapping[str, Any]],
    *,
    environ: Mapping[str, str],
    now: datetime,
) -> dict[str, datetime]:
    """Since when segments of a plan are overdue, the longest first; raises psycopg's errors.

    What is held or fails is not among them, for a refresh came to it.
    """
    tables = PublicTables(connection, schema)
    if not tables.exist():
        return {}
    published = {one.name: one.as_of for one in tables.publications() if one.status == "published"}
    zone = schedule_zone(environ, connection, schema)
    return find_overdue(segments, published, default_zone=zone, now=now)


def find_overdue(
    segments: Sequence[Mapping[str, Any]],
    published: Mapping[str, datetime | None],
    *,
    default_zone: ZoneInfo,
    now: datetime,
    patience: timedelta = OVERDUE_AFTER,
) -> dict[str, datetime]:
    """The same, by the instant for which each segment was published."""
    times = {
        one["name"]: due_time(one, published.get(one["name"]), default_zone)
        for one in segments
        if one["is_active"] and one["refresh"]["schedule"]
    }
    late = [(time, name) for name, time in times.items() if time is not None and now - time > patience]
    return {name: time for time, name in sorted(late)}
