"""Values and tests of the language as plain English phrases: `lifetime sales is more than 5,000`."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from maho_segments.language.rules import (
    Calculation,
    Constant,
    Duration,
    Measure,
    NamedAttribute,
    ProfileColumn,
    RowColumn,
    Test,
    TimePart,
    Value,
)

_NEEDS_NO_QUOTES = re.compile(r"[\w@./+-]+").fullmatch
_PART_WORDS = {"date": "day", "weekday": "weekday", "hour": "hour", "month": "month"}

# The operator's phrase; `{}` is what the value is compared with.
_PHRASES = {
    "eq": "is {}",
    "ne": "is anything but {}",
    "in": "is {}",
    "not_in": "is anything but {}",
    "gt": "is more than {}",
    "gte": "is at least {}",
    "lt": "is less than {}",
    "lte": "is at most {}",
    "between": "is from {} to {}",
    "contains": "contains {}",
    "not_contains": "does not contain {}",
    "starts_with": "starts with {}",
    "ends_with": "ends with {}",
    "matches": "matches the expression {}",
    "before": "is before {}",
    "after": "is after {}",
    "on": "is on {}",
    "since": "is {} or later",
    "until": "is before {}",
    "within": "is in the last {}",
    "older_than": "is more than {} ago",
    "within_next": "is in the next {}",
    "anniversary_within": "has its anniversary today or in the next {}",
    "contains_any": "contains {}",
    "contains_all": "contains {}",
    "contains_none": "does not contain {}",
}
_TIME_PHRASES = {
    "gt": "is after {}",
    "gte": "is {} or later",
    "lt": "is before {}",
    "lte": "is {} or earlier",
}
_LIST_TWINS = {"eq": "contains_any", "in": "contains_any", "ne": "contains_none", "not_in": "contains_none"}
_NEGATIVE = frozenset({"ne", "not_in"})


def spoken(name: str) -> str:
    """A name of the language as words: `order.grand_total` is `order grand total`."""
    return name.replace(".", " ").replace("_", " ")


def one_of(words: Iterable[str], conjunction: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    *head, last = words
    return f"{', '.join(head)} {conjunction} {last}" if head else last


def value_phrase(value: Value) -> str:
    """What a value is called in a sentence."""
    match value:
        case Constant():
            return _constant_phrase(value)
        case RowColumn(name=name) | ProfileColumn(name=name) | NamedAttribute(name=name):
            return spoken(name)
        case TimePart(of=of, part=part):
            return f"the {_PART_WORDS[part]} of {value_phrase(of)}"
        case Measure():
            return _measure_phrase(value)
        case Calculation(form=form, of=operands):
            return f"the {spoken(form)} of {one_of(map(value_phrase, operands), 'and')}"


def test_phrase(test: Test) -> str:
    """One test as a sentence without a full stop."""
    if test.subject.type == "boolean" and isinstance(
        test.subject, RowColumn | ProfileColumn | NamedAttribute
    ):
        sentence = _boolean_sentence(test)
        if sentence is not None:
            return sentence
    return f"{value_phrase(test.subject)} {predicate_phrase(test)}"


def predicate_phrase(test: Test) -> str:
    """A test without its subject: `is more than 5,000`."""
    if test.operator == "is_set":
        return "is known" if _is_true(test) else "is missing"
    if test.duration is not None:
        return _PHRASES[test.operator].format(_duration_phrase(test.duration, test.operator))
    operator = test.operator
    if test.subject.type == "list":
        operator = _LIST_TWINS.get(operator, operator)
    operands = [value_phrase(operand) for operand in test.operands]
    if operator != "between":
        operands = [one_of(operands, "and" if operator == "contains_all" else "or")]
    phrases = _PHRASES | _TIME_PHRASES if test.subject.type in ("date", "time") else _PHRASES
    case = " (in this very spelling)" if test.case_sensitive else ""
    return phrases[operator].format(*operands) + case


def window_phrase(test: Test) -> str:
    """A test of the rows' time column, as it follows their name: `of the last 90 days`."""
    if test.duration is None:
        prefix = "since {}" if test.operator == "since" else _PHRASES[test.operator].removeprefix("is ")
        return prefix.format(*map(value_phrase, test.operands))
    when = {"within": "of the last {}", "within_next": "of the next {}"}
    phrase = when.get(test.operator, "from more than {} ago")
    return phrase.format(_duration_phrase(test.duration, test.operator))


def lets_missing_in(test: Test) -> bool:
    """Whether the phrase says `anything but`, which a missing value is too."""
    return test.operator in _NEGATIVE and test.subject.type != "list"


def _duration_phrase(duration: Duration, operator: str) -> str:
    """`7 days`, `1 hour`; in `the last hour` without its number."""
    if duration.count > 1:
        return f"{duration.count} {duration.unit}"
    unit = duration.unit.removesuffix("s")
    return f"1 {unit}" if operator == "older_than" else unit


def _constant_phrase(constant: Constant) -> str:
    match constant.value:
        case bool() as answer:
            return "yes" if answer else "no"
        case Decimal() as number:
            return f"{number:,f}"
        case datetime() as moment:
            return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
        case date() as day:
            return day.isoformat()
        case text:
            return text if _NEEDS_NO_QUOTES(text) else json.dumps(text, ensure_ascii=False)


def _measure_phrase(measure: Measure) -> str:
    if measure.aggregate == "count" or measure.column is None:
        return "their number"
    column = value_phrase(measure.column)
    if measure.aggregate == "count_distinct":
        return f"the number of different values of {column}"
    is_time = measure.column.type in ("date", "time")
    kind = {
        "sum": "sum",
        "avg": "average",
        "min": "earliest" if is_time else "smallest",
        "max": "latest" if is_time else "largest",
    }[measure.aggregate]
    return f"the {kind} {column}" if kind not in ("sum", "average") else f"the {kind} of {column}"


def _boolean_sentence(test: Test) -> str | None:
    """`the cart is active` for `cart.is_active: true`; None for columns with other kinds of names."""
    assert isinstance(test.subject, RowColumn | ProfileColumn | NamedAttribute)
    parent, _, name = test.subject.name.rpartition(".")
    verb, _, rest = name.partition("_")
    is_plain = test.operator == "eq" and isinstance(test.operands[0], Constant)
    if not is_plain or verb not in ("is", "has") or not rest:
        return None
    who = f"the {spoken(parent)}" if parent else "it"
    if verb == "is":
        return f"{who} {'is' if _is_true(test) else 'is not'} {spoken(rest)}"
    return f"{who} {'has' if _is_true(test) else 'has no'} {spoken(rest)}"


def _is_true(test: Test) -> bool:
    operand = test.operands[0]
    return isinstance(operand, Constant) and operand.value is True
