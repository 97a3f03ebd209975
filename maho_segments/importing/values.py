"""The values of the module's conditions, and what its operators make of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from maho_segments.importing.refusals import Refusal
from maho_segments.importing.tree import StoredLeaf

Test = dict[str, Any]
"""Operators of the language with their values."""

OPERATORS = frozenset({"==", "!=", ">=", "<=", ">", "<", "{}", "!{}", "()", "!()"})
NEGATIVE = frozenset({"!=", "!{}", "!()"})
INVERSE = {
    "==": "!=", "{}": "!{}", "()": "!()", ">": "<=", ">=": "<",
    "!=": "==", "!{}": "{}", "!()": "()", "<=": ">", "<": ">=",
}  # fmt: skip
_ORDER = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
_HOLDS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,10})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A leaf's operator and its values as texts. `==` with several values is "one of", as in the module."""

    operator: str
    values: tuple[str, ...]

    @property
    def is_negative(self) -> bool:
        """Whether it says what a row is not."""
        return self.operator in NEGATIVE

    @property
    def inverse(self) -> "Comparison":
        """True where this is false, and false where this is true."""
        return Comparison(INVERSE[self.operator], self.values)

    @property
    def value(self) -> str:
        """The value, where the operator takes one."""
        return self.values[0]


def read_comparison(leaf: StoredLeaf) -> Comparison:
    """The comparison of a leaf. Raises Refusal for an unknown operator, and where there is no value."""
    if leaf.operator not in OPERATORS:
        raise Refusal(f"The operator {leaf.operator!r} is none of the module's.")
    if leaf.value is None:
        raise Refusal("It has no value, and nothing equals or exceeds nothing.")
    if not leaf.value and not isinstance(leaf.value, str):
        raise Refusal("It has an empty list of values, with which it fails in the module.")
    if leaf.operator in {"()", "!()"}:
        listed = leaf.value.split(",") if isinstance(leaf.value, str) else leaf.value
        return Comparison(leaf.operator, tuple(dict.fromkeys(value.strip() for value in listed)))
    if isinstance(leaf.value, str):
        return Comparison(leaf.operator, (leaf.value,))
    if leaf.operator not in {"==", "!="}:
        raise Refusal(
            f"The operator {leaf.operator!r} has a list of values, with which it fails in the module."
        )
    return Comparison("()" if leaf.operator == "==" else "!()", tuple(map(str.strip, leaf.value)))


def passes(comparison: Comparison, number: int) -> bool:
    """Whether a number stands the test of a single number."""
    return _HOLDS[comparison.operator](Decimal(number), number_of(comparison.value))


# ---- tests of the language ---------------------------------------------------------------------------------


def number_of(text: str) -> Decimal:
    """The number that a value is. Raises Refusal for any other text."""
    if not _NUMBER.fullmatch(text.strip()):
        raise Refusal(
            f"The value {_shown(text)} is no number: PostgreSQL fails on it, MySQL reads it as 0 or its "
            f"beginning."
        )
    return Decimal(text.strip())


def number_test(comparison: Comparison, *, may_be_missing: bool = True, sign: int = 1) -> Any:
    """The test of a number; with `sign` -1, of the number that is kept with the other sign."""
    if comparison.operator in {"{}", "!{}"}:
        raise Refusal("It looks for text in a number, which fails on PostgreSQL.")
    numbers = [sign * number_of(value) for value in comparison.values]
    if comparison.operator in _ORDER:
        flipped = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
        operator = comparison.operator if sign == 1 else flipped[comparison.operator]
        return {_ORDER[operator]: numbers[0]}
    return _equality(comparison, list(numbers), may_be_missing=may_be_missing)


def equality_test(comparison: Comparison, words: dict[str, Any], *, may_be_missing: bool = True) -> Any:
    """The test of a value without an order, by what each of the module's values is called in the language."""
    if comparison.operator in _ORDER or comparison.operator in {"{}", "!{}"}:
        raise Refusal(
            f"The operator {comparison.operator!r} compares ids, which says nothing that could be written "
            f"in words."
        )
    unknown = [value for value in comparison.values if value not in words]
    if unknown:
        raise Refusal(
            f"The shop has nothing with the id {', '.join(map(_shown, unknown))}, or several things of "
            f"its name."
        )
    return _equality(comparison, [words[value] for value in comparison.values], may_be_missing=may_be_missing)


def moment_test(comparison: Comparison) -> Any:
    """The test of a time: a day is midnight UTC."""
    _only_calendar(comparison)
    moments = [_moment(value) for value in comparison.values]
    if comparison.operator in _ORDER:
        return {_ORDER[comparison.operator]: moments[0]}
    if comparison.operator == "==":
        return {"eq": moments[0]}
    return _equality(comparison, list(moments))


def day_test(comparison: Comparison, *, may_be_missing: bool) -> Any:
    """The test of a day."""
    _only_calendar(comparison)
    days = [_day(value) for value in comparison.values]
    if comparison.operator in _ORDER:
        return {_ORDER[comparison.operator]: days[0]}
    return _equality(comparison, list(days), may_be_missing=may_be_missing)


def is_a_day(comparison: Comparison) -> bool:
    """Whether the value names a day and no time of it."""
    return len(comparison.values) == 1 and bool(_DAY.fullmatch(comparison.value.strip()))


def _equality(comparison: Comparison, values: list[Any], *, may_be_missing: bool = True) -> Any:
    is_list = comparison.operator in {"()", "!()"} and len(values) > 1
    if not comparison.is_negative:
        return values if is_list else values[0]
    test: Test = {"not_in": values} if is_list else {"ne": values[0]}
    return {**test, "is_set": True} if may_be_missing else test


def _only_calendar(comparison: Comparison) -> None:
    if comparison.operator in {"{}", "!{}"}:
        raise Refusal("It looks for text in a date, which fails on PostgreSQL.")


def _moment(text: str) -> str:
    stripped = text.strip()
    if not (_DAY.fullmatch(stripped) or _MOMENT.fullmatch(stripped)):
        raise Refusal(f"The value {_shown(text)} is no date as the shop writes it, such as 2025-12-24.")
    return f"{_calendar(stripped).isoformat()}Z"


def _day(text: str) -> str:
    stripped = text.strip()
    if not _DAY.fullmatch(stripped):
        raise Refusal(
            f"The value {_shown(text)} is no day, and databases differ on what a day and a time have in "
            f"common."
        )
    return _calendar(stripped).date().isoformat()


def _calendar(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(f"The value {_shown(text)} is no day of the calendar.") from None


def _shown(text: str) -> str:
    return repr(text[:60])
