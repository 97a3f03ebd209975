"""One operator on one value: whether the test of a rule holds.

There are two truth values. A positive test on a missing value, or against one, is false; a negative
operator is the exact complement of its positive twin.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from maho_segments.language.rules import Test
from tests.reference.patterns import fits
from tests.reference.shop import Value, lower
from tests.reference.times import (
    ahead,
    before,
    day_of,
    days_until_anniversary,
    first_moment,
)

Names = Sequence[Value]
"""What a value goes by: nothing when it is missing, two names where it has a label, such as a store's."""

_POSITIVE_TWINS = {"ne": "eq", "not_in": "in", "not_contains": "contains", "contains_none": "contains_any"}


@dataclass(frozen=True)
class Clock:
    """The instant that is asked about, and the time zone whose days count."""

    as_of: datetime
    zone: str

    @property
    def today(self) -> date:
        """The day of the instant."""
        return day_of(self.as_of, self.zone)


def passes(test: Test, names: Names, operands: Sequence[Names], clock: Clock) -> bool:
    """Whether the value that goes by these names passes the test, each operand going by names as well."""
    if twin := _POSITIVE_TWINS.get(test.operator):
        return not passes(replace(test, operator=twin), names, operands, clock)
    if test.operator == "is_set":
        return bool(names) == operands[0][0]
    if not names:
        return False
    if test.duration is not None:
        return _passes_duration(test, names[0], clock)
    if test.operator == "contains_all":
        return all(_is_same(test, names[0], operand[0], clock) for operand in operands)
    if test.operator in {"eq", "in", "on", "contains_any"}:
        return _any_pair(lambda name, other: _is_same(test, name, other, clock), names, operands)
    if isinstance(names[0], str):
        return _any_pair(lambda name, part: _passes_text(test, name, part), names, operands)
    return all(operands) and _passes_order(test, names[0], [operand[0] for operand in operands], clock)


def _any_pair(passes_pair: Callable[[Any, Any], bool], names: Names, operands: Sequence[Names]) -> bool:
    return any(passes_pair(name, other) for name in names for operand in operands for other in operand)


# ---- equality ----------------------------------------------------------------------------------------------


def _is_same(test: Test, value: Value, operand: Value, clock: Clock) -> bool:
    if isinstance(value, frozenset):
        assert isinstance(operand, str)
        return lower(operand) in value
    if isinstance(value, str) and isinstance(operand, str):
        return _folded(test, value) == _folded(test, operand)
    one, other = _alike(value, operand, clock)
    return bool(one == other)


def _folded(test: Test, text: str) -> str:
    """Text as it is compared: case counts only if the test says so, or there is a closed set of values."""
    return text if test.case_sensitive or test.is_spelled_alike else lower(text)


# ---- order -------------------------------------------------------------------------------------------------


def _passes_order(test: Test, value: Any, operands: Sequence[Any], clock: Clock) -> bool:
    first, last = operands[0], operands[-1]
    match test.operator:
        case "gt" | "after":
            return _is_less(first, value, clock)
        case "gte" | "since":
            return not _is_less(value, first, clock)
        case "lt" | "before" | "until":
            return _is_less(value, first, clock)
        case "lte":
            return not _is_less(first, value, clock)
        case "between":
            return not _is_less(value, first, clock) and not _is_less(last, value, clock)
    raise AssertionError(test.operator)


def _is_less(one: Any, other: Any, clock: Clock) -> bool:
    """Smaller or earlier."""
    one, other = _alike(one, other, clock)
    return bool(one < other)


def _alike(one: Any, other: Any, clock: Clock) -> tuple[Any, Any]:
    """Two values as they are compared: of a moment and a day, the moment's day."""
    if isinstance(one, datetime) and _is_day(other):
        return day_of(one, clock.zone), other
    if _is_day(one) and isinstance(other, datetime):
        return one, day_of(other, clock.zone)
    return one, other


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


# ---- durations ---------------------------------------------------------------------------------------------


def _passes_duration(test: Test, value: Any, clock: Clock) -> bool:
    assert test.duration is not None
    if test.operator == "anniversary_within":
        days = test.duration.count * (7 if test.duration.unit == "weeks" else 1)
        return days_until_anniversary(value, clock.today) <= days
    moment = first_moment(value, clock.zone) if _is_day(value) else value
    match test.operator:
        case "within":
            return before(clock.as_of, test.duration, clock.zone) <= moment < clock.as_of
        case "older_than":
            return bool(moment < before(clock.as_of, test.duration, clock.zone))
        case "within_next":
            return clock.as_of <= moment < ahead(clock.as_of, test.duration, clock.zone)
    raise AssertionError(test.operator)


# ---- text --------------------------------------------------------------------------------------------------


def _passes_text(test: Test, value: str, operand: Any) -> bool:
    if test.operator == "matches":
        return fits(operand, _folded(test, value), case_sensitive=test.case_sensitive)
    text, part = _folded(test, value), _folded(test, operand)
    match test.operator:
        case "contains":
            return part in text
        case "starts_with":
            return text.startswith(part)
        case "ends_with":
            return text.endswith(part)
    raise AssertionError(test.operator)
