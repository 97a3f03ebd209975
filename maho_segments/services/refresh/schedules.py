"""When a segment's schedule comes due, and by whose clock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim
from psycopg import Connection, sql

from maho_segments.errors import SegmentsError
from maho_segments.services.schemas import schema_of

ZONE_VARIABLE = "SEGMENTS_TIME_ZONE"
"""Names the clock of schedules for whoever can't ask the shop; who can goes by it as well."""


def named_zone(environ: Mapping[str, str]) -> ZoneInfo | None:
    """The time zone that the environment names for schedules; raises SegmentsError where there is none."""
    name = environ.get(ZONE_VARIABLE)
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SegmentsError(
            f"{ZONE_VARIABLE} is {name!r}, which is no time zone.",
            "Set it to a name of the time zone database, such as Europe/Berlin.",
        ) from None


def schedule_zone(environ: Mapping[str, str], connection: Connection, schema: str) -> ZoneInfo:
    """The clock that schedules of segments without a time zone go by: the one named, else the shop's."""
    return named_zone(environ) or shop_zone(connection, schema)


def shop_zone(connection: Connection, schema: str) -> ZoneInfo:
    """The time zone of the shop's main website. Raises psycopg's errors before the first build."""
    table = sql.Identifier(schema_of(schema, "staging"), "stg_maho__main_website")
    row = connection.execute(sql.SQL("select time_zone from {}").format(table)).fetchone()
    return ZoneInfo(row[0] if row else "UTC")


def next_time(schedule: str, *, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after `after` that a cron expression of five fields names by the clock of `zone`.

    As cron has it where clocks change: an hour that is skipped comes when it would have ended, and one that
    comes twice counts once, the first time. Steps of minutes or hours (`*/5`) go on in either.
    """
    times = CronSim(schedule, after.astimezone(zone))
    # Asked within the hour that comes twice, cron's next time may lie in its first passage.
    return next(time for time in (found.astimezone(UTC) for found in times) if time > after)
