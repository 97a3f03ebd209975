"""When a segment's schedule comes due."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim


def next_time(schedule: str, *, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after `after` that a cron expression of five fields names by the clock of `zone`.

    As cron has it where clocks change: an hour that is skipped comes when it would have ended, and one that
    comes twice counts once, the first time. Steps of minutes or hours (`*/5`) go on in either.
    """
    times = CronSim(schedule, after.astimezone(zone))
    # Asked within the hour that comes twice, cron's next time may lie in its first passage.
    return next(time for time in (found.astimezone(UTC) for found in times) if time > after)
