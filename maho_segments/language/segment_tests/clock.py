"""Days and moments of a test: of the calendar, or relative to its instant."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from maho_segments.language.literals import describe, read_constant, read_duration
from maho_segments.language.problems import Reporter
from maho_segments.language.rules import Duration, Unit
from maho_segments.language.yaml_reader import Node, Scalar

_RELATIVE = re.compile(r"(?P<ago>.+) ago|in (?P<ahead>.+)")
_LOCAL_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2})?", re.ASCII)
_CALENDAR_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)
_NEAR_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_UNITS_OF_DAYS: tuple[Unit, ...] = ("days", "weeks", "months", "years")
_MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080}
_NOON = time(12)

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Clock:
    """The instant of a test, on the clock of a person's website."""

    as_of: datetime
    zone: ZoneInfo

    def read_day(self, node: Node, name: str, reporter: Reporter) -> date | None:
        """`2025-12-24`, `today`, `3 days ago`, `in 2 weeks`; None is reported."""
        today = self.as_of.astimezone(self.zone).date()
        text = node.text if isinstance(node, Scalar) else ""
        if text in _NEAR_DAYS:
            return today + timedelta(days=_NEAR_DAYS[text])
        if _RELATIVE.fullmatch(text):
            found = _relative(node, name, reporter, _UNITS_OF_DAYS)
            return _or_report(lambda: _stepped(today, found), node, reporter) if found else None
        if _is_no_date(node):
            hint = "Write a day as 2025-12-24, or say how long ago, such as `3 days ago`."
            reporter.error("value-type", node, f"{name} wants a day, not {describe(node)}", hint=hint)
            return None
        constant = read_constant(node, "date", name, reporter)
        return constant.value if constant and isinstance(constant.value, date) else None

    def read_moment(self, node: Node, name: str, reporter: Reporter) -> datetime | None:
        """`2025-12-24` (noon), `2025-12-24 18:00`, `2025-12-24T18:00:00Z`, `1 hour ago`; None is reported."""
        text = node.text if isinstance(node, Scalar) else ""
        if _RELATIVE.fullmatch(text):
            found = _relative(node, name, reporter)
            return _or_report(lambda: self._shifted(found), node, reporter) if found else None
        if _LOCAL_TIME.fullmatch(text):
            return _or_report(lambda: self._instant(datetime.fromisoformat(text)), node, reporter)
        if _is_no_date(node):
            hint = "Say how long ago, such as `1 hour ago`, or write a day, such as 2025-12-24."
            reporter.error("value-type", node, f"{name} wants a moment, not {describe(node)}", hint=hint)
            return None
        constant = read_constant(node, "time", name, reporter)
        if constant and isinstance(constant.value, datetime):
            return constant.value
        if constant and isinstance(constant.value, date):
            return self._instant(datetime.combine(constant.value, _NOON))
        return None

    def _shifted(self, step: "tuple[Duration, int]") -> datetime:
        duration, direction = step
        if duration.unit in _MINUTES:
            return self.as_of + direction * timedelta(minutes=duration.count * _MINUTES[duration.unit])
        local = self.as_of.astimezone(self.zone)
        return self._instant(datetime.combine(_stepped(local.date(), step), local.time()))

    def _instant(self, local: datetime) -> datetime:
        """The instant of a time on the website's clock, as PostgreSQL takes it where the clock changes.

        Of a time that comes twice it is the later one; one that is left out counts from the offset before.
        """
        first, second = (local.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        comes_twice = (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())
        return (second if comes_twice else first).astimezone(UTC)


def _is_no_date(node: Node) -> bool:
    """Whether it is a value that does not even begin like a day of the calendar: `7 days`, `yesterday`."""
    return isinstance(node, Scalar) and node.value is not None and not _CALENDAR_DAY.match(node.text)


def _relative(
    node: Node, name: str, reporter: Reporter, units: tuple[Unit, ...] | None = None
) -> tuple[Duration, int] | None:
    """How far from the instant, and in which direction: -1 is back."""
    assert isinstance(node, Scalar)
    found = _RELATIVE.fullmatch(node.text)
    assert found is not None
    text = found["ago"] or found["ahead"]
    inner = Scalar(text, text, node.line, node.column)
    duration = read_duration(inner, name, reporter, units) if units else read_duration(inner, name, reporter)
    return (duration, -1 if found["ago"] else 1) if duration else None


def _stepped(day: date, step: tuple[Duration, int]) -> date:
    """The day so many days, weeks, months or years away; the last day of a month that is too short."""
    duration, direction = step
    if duration.unit in {"days", "weeks"}:
        return day + timedelta(days=direction * duration.count * (7 if duration.unit == "weeks" else 1))
    months = day.year * 12 + day.month - 1
    months += direction * duration.count * (12 if duration.unit == "years" else 1)
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _or_report(read: Callable[[], _Found], node: Node, reporter: Reporter) -> _Found | None:
    try:
        return read()
    except (ValueError, OverflowError):
        reporter.error(
            "no-such-day", node, f"{describe(node)} is no day or time of the calendar", hint="Correct it."
        )
    return None
