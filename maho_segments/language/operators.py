"""The operators of tests: on which types each works, and what stands behind it."""

from dataclasses import dataclass
from typing import Literal, get_args

from maho_segments.language.rules import ValueType

OperandKind = Literal["value", "values", "pair", "day", "duration", "boolean", "pattern"]
"""What an operator takes: a literal or another column, a list of literals, two values, ..."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: `meaning` completes the sentence "true when the value is ..."."""

    name: str
    types: frozenset[ValueType]
    operand: OperandKind
    meaning: str
    complement_of: str | None = None
    """The positive twin of a negative operator, which is therefore true for a missing value."""


_EVERY_TYPE: frozenset[ValueType] = frozenset(get_args(ValueType))
_ORDERED: frozenset[ValueType] = frozenset({"number", "money", "days", "date", "time"})
_TEXT: frozenset[ValueType] = frozenset({"text"})
_CALENDAR: frozenset[ValueType] = frozenset({"date", "time"})
_DATE: frozenset[ValueType] = frozenset({"date"})
_LIST: frozenset[ValueType] = frozenset({"list"})

OPERATORS = {
    operator.name: operator
    for operator in (
        Operator("eq", _EVERY_TYPE, "value", "equal"),
        Operator("ne", _EVERY_TYPE, "value", "not equal, or missing", "eq"),
        Operator("in", _EVERY_TYPE, "values", "one of these"),
        Operator("not_in", _EVERY_TYPE, "values", "none of these, or missing", "in"),
        Operator("is_set", _EVERY_TYPE, "boolean", "there (true) or missing (false)"),
        Operator("gt", _ORDERED, "value", "greater"),
        Operator("gte", _ORDERED, "value", "greater or equal"),
        Operator("lt", _ORDERED, "value", "less"),
        Operator("lte", _ORDERED, "value", "less or equal"),
        Operator("between", _ORDERED, "pair", "from low to high, both included"),
        Operator("contains", _TEXT, "value", "a text with this anywhere in it"),
        Operator("not_contains", _TEXT, "value", "a text without this in it, or missing", "contains"),
        Operator("starts_with", _TEXT, "value", "a text that begins with this"),
        Operator("ends_with", _TEXT, "value", "a text that ends with this"),
        Operator("matches", _TEXT, "pattern", "a text with a part that this regular expression fits"),
        Operator("before", _CALENDAR, "value", "earlier"),
        Operator("after", _CALENDAR, "value", "later"),
        Operator("on", _CALENDAR, "day", "on that day"),
        Operator("since", _CALENDAR, "value", "at that moment or later"),
        Operator("until", _CALENDAR, "value", "earlier than that moment"),
        Operator("within", _CALENDAR, "duration", "in the last ..."),
        Operator("older_than", _CALENDAR, "duration", "longer ago than ..."),
        Operator("within_next", _CALENDAR, "duration", "in the coming ..."),
        Operator("anniversary_within", _DATE, "duration", "a day that returns in the coming ..."),
        Operator("contains_any", _LIST, "values", "a list with at least one of these"),
        Operator("contains_all", _LIST, "values", "a list with all of these"),
        Operator("contains_none", _LIST, "values", "a list with none of these, or empty", "contains_any"),
    )
}

WINDOW_OPERATORS = ("within", "older_than", "since", "until", "between", "before", "after", "within_next")
"""The operators that pick rows by their time, directly below a relation."""

MODIFIERS = ("case_sensitive",)
"""What stands beside the operators of a text test."""

NEGATIVE = frozenset(operator.name for operator in OPERATORS.values() if operator.complement_of)


def operators_of(value_type: ValueType) -> list[str]:
    """The operators that work on a type, in the order of the documentation."""
    return [operator.name for operator in OPERATORS.values() if value_type in operator.types]
