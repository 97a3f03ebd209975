"""What a test of a number, date or time says of its value, as intervals.

A number has one axis, `value`. Of a time, each kind of bound has its own: `instant` (microseconds), `day` (of
the website), `ago` and `months` (minutes and months from the run's instant). What one of them says of another
is not exact, for zones and months differ: so a test says what holds at most (`outer`) and at least (`inner`).
The days and months of a segment's own time zone are not those of each website: `clock` tells them apart.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from maho_segments.language.advice.facts import Facts, on_axes, without
from maho_segments.language.advice.intervals import EVERY, NONE, Intervals, Number, between, points
from maho_segments.language.rules import Constant, Duration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000
_FURTHEST_ZONE = 16 * 3_600_000_000
"""As far as any zone ever was from UTC: Manila's in the old days, by 15 hours and 56 minutes."""
_MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10_080}
_MONTHS = {"months": 1, "years": 12}
_DAYS_OF_A_MONTH = Decimal("30.436875")
_MONTHS_DIFFER = 4
"""Days by which any number of months differs from so many average ones, a change of clocks included."""
_MOST_DAYS = 1_000
"""Lists of days longer than this are not compared with instants."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a test says on each axis: exactly, or at most and at least."""

    outer: dict[str, Intervals]
    inner: dict[str, Intervals]

    def facts(self, *, is_true: bool) -> Facts:
        """What is so of the value if the test is true, or if it is not."""
        return on_axes(**self.outer) if is_true else without(**self.inner)


def clock_of(zone: str | None) -> str:
    """What stands behind the name of an axis of a time zone's days or months; None is each website's own."""
    return f"@{zone}" if zone else ""


def comparison(operator: str, constants: list[Constant], *, is_whole: bool, clock: str = "") -> Span:
    """`eq`, `in`, `gt`, `gte`, `lt` or `lte` with constants of one type."""
    kind = constants[0].type
    numbers = _compared(operator, [_number(constant) for constant in constants])
    if kind == "date":
        days = numbers.whole_numbers()
        return Span(
            {f"day{clock}": days, "instant": _instants(days, _FURTHEST_ZONE)},
            {f"day{clock}": days, "instant": _instants(days, -_FURTHEST_ZONE)},
        )
    axis = "instant" if kind == "time" else "value"
    return _exact(axis, numbers.whole_numbers() if is_whole else numbers)


def window(operator: str, duration: Duration, clock: str, *, of_days: bool) -> Span:
    """`within`, `older_than` or `within_next`; a day is that of the clock, as of its first moment."""
    ago, months = (f"day_ago{clock}", f"day_months{clock}") if of_days else ("ago", f"months{clock}")
    if duration.unit in _MINUTES:
        return _exact(ago, _reached(operator, duration.count * _MINUTES[duration.unit]))
    count = duration.count * _MONTHS[duration.unit]
    days = count * _DAYS_OF_A_MONTH
    less, more = (int(days + by) * 1440 for by in (-_MONTHS_DIFFER, _MONTHS_DIFFER + 1))
    outer, inner = (less, more) if operator == "older_than" else (more, less)
    exact = _reached(operator, count)
    return Span(
        {months: exact, ago: _reached(operator, outer)}, {months: exact, ago: _reached(operator, inner)}
    )


def _exact(axis: str, numbers: Intervals) -> Span:
    return Span({axis: numbers}, {axis: numbers})


def _number(constant: Constant) -> Number:
    match constant.value:
        case bool() as answer:
            return int(answer)
        case Decimal() as number:
            return number
        case datetime() as moment:
            return (moment - _EPOCH) // _MICROSECOND
        case date() as day:
            return day.toordinal()
        case text:
            raise TypeError(text)


def _compared(operator: str, numbers: list[Number]) -> Intervals:
    first = numbers[0]
    match operator:
        case "gt":
            return between(first, without_low=True)
        case "gte":
            return between(first)
        case "lt":
            return between(high=first, without_high=True)
        case "lte":
            return between(high=first)
        case _:
            return points(numbers)


def _reached(operator: str, length: int) -> Intervals:
    match operator:
        case "within":
            return between(-length, 0, without_high=True)
        case "older_than":
            return between(high=-length, without_high=True)
        case _:
            return between(0, length, without_high=True)


def _instants(days: Intervals, wider: int) -> Intervals:
    """The instants of days, each interval `wider` on both sides, or narrower."""
    if len(days.cuts) > _MOST_DAYS:
        return EVERY if wider > 0 else NONE
    epoch = _EPOCH.toordinal()
    found = NONE
    for (start, _), (end, _) in zip(days.cuts[::2], days.cuts[1::2], strict=True):
        low = None if start == Decimal("-Infinity") else int(start - epoch) * _DAY - wider
        high = None if end == Decimal("Infinity") else int(end - epoch) * _DAY + wider
        found |= between(low, high)
    return found
