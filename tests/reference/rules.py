"""Rules, aggregates and named attributes, asked of one profile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from maho_segments.language.rules import (
    AllOf,
    AnyOf,
    Attribute,
    Calculation,
    Condition,
    Constant,
    InSegment,
    Measure,
    NamedAttribute,
    NoneOf,
    NotRule,
    ProfileColumn,
    RelatedRows,
    RowColumn,
    Rows,
    Rule,
    Test,
    TimePart,
)
from maho_segments.language.rules import Value as Expression
from tests.reference.operators import Clock, passes
from tests.reference.profiles import Profile
from tests.reference.row import Row
from tests.reference.shop import Value, lower
from tests.reference.times import BEGINNING, day_of, days_between, days_until_anniversary, hour_of

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class View:
    """What a rule can see of one profile, by one clock."""

    profile: Profile
    rows: Callable[[str], Sequence[Row]]
    """The related rows that exist at the clock's instant."""
    attributes: Mapping[str, Attribute]
    is_member: Callable[[str], bool]
    condition_holds: Callable[[Condition], bool]
    clock: Clock
    known: dict[str, Value] = field(default_factory=dict)
    """Named attributes that were worked out already."""


# ---- rules -------------------------------------------------------------------------------------------------


def holds(rule: Rule, view: View, row: Row | None = None) -> bool:
    """Whether a rule is true of the profile; in `where`, `every`, `latest` and `first`, of the row."""
    match rule:
        case AllOf(rules):
            return all(holds(one, view, row) for one in rules)
        case AnyOf(rules):
            return any(holds(one, view, row) for one in rules)
        case NoneOf(rules):
            return not any(holds(one, view, row) for one in rules)
        case NotRule(inner):
            return not holds(inner, view, row)
        case Test():
            operands = [_names_of(operand, view, row) for operand in rule.operands]
            return passes(rule, _names_of(rule.subject, view, row), operands, view.clock)
        case RelatedRows():
            return _related_rows_hold(rule, view)
        case InSegment(names):
            return any(view.is_member(name) for name in names)
        case Condition():
            return view.condition_holds(rule)


def _related_rows_hold(rule: RelatedRows, view: View) -> bool:
    picked = _picked(rule.rows, view)
    answers = [holds(measure, view) for measure in rule.measures]
    if rule.every is not None:
        answers.append(bool(picked) and all(holds(rule.every, view, row) for row in picked))
    if rule.latest is not None:
        newest = max(picked, key=_age, default=None)
        answers.append(newest is not None and holds(rule.latest, view, newest))
    if rule.first is not None:
        oldest = min(picked, key=_age, default=None)
        answers.append(oldest is not None and holds(rule.first, view, oldest))
    return all(answers) if answers else bool(picked)


def _picked(rows: Rows, view: View) -> list[Row]:
    """The rows that `where` and the window pick."""
    return [
        row
        for row in view.rows(rows.relation)
        if (rows.where is None or holds(rows.where, view, row))
        and all(holds(test, view, row) for test in rows.window)
    ]


def _age(row: Row) -> tuple[datetime, int]:
    """Sorts the oldest first: a row without a time is the oldest, of one time the smaller id is first."""
    return row.at or BEGINNING, row.key


# ---- values ------------------------------------------------------------------------------------------------


def value_of(expression: Expression, view: View, row: Row | None = None) -> Value:
    """What an expression is, or None where it is missing."""
    match expression:
        case Constant(value):
            return Fraction(value) if isinstance(value, Decimal) else value
        case RowColumn(name):
            assert row is not None
            return row.value(name)
        case ProfileColumn(name):
            return view.profile.columns.get(name)
        case NamedAttribute(name):
            if name not in view.known:
                view.known[name] = value_of(view.attributes[name].value, view)
            return view.known[name]
        case TimePart(of, part):
            moment = value_of(of, view, row)
            return _part(moment, part, view.clock) if isinstance(moment, datetime) else None
        case Measure():
            return _measured(expression, view)
        case Calculation(form, of):
            return _calculated(form, [value_of(one, view, row) for one in of], view.clock)


def _names_of(expression: Expression, view: View, row: Row | None) -> list[Value]:
    """What a value goes by: itself and its label, a column of the same table; neither where missing."""
    names = [value_of(expression, view, row)]
    match expression:
        case RowColumn(also=str(also)):
            parent = expression.parent
            names.append(value_of(RowColumn(f"{parent}.{also}" if parent else also, "text"), view, row))
        case ProfileColumn(also=str(also)):
            names.append(value_of(ProfileColumn(also, "text"), view, row))
    return [name for name in names if name is not None]


def _part(moment: datetime, part: str, clock: Clock) -> Value:
    day = day_of(moment, clock.zone)
    match part:
        case "date":
            return day
        case "weekday":
            return _WEEKDAYS[day.weekday()]
        case "month":
            return Fraction(day.month)
    return Fraction(hour_of(moment, clock.zone))


def _measured(measure: Measure, view: View) -> Value:
    """An aggregate. Missing values do not count; the sum of nothing is 0, all else of nothing missing."""
    picked = _picked(measure.rows, view)
    if measure.column is None:
        return Fraction(len(picked))
    values: list[Any] = [
        value for row in picked if (value := value_of(measure.column, view, row)) is not None
    ]
    match measure.aggregate:
        case "sum":
            return sum(values, Fraction(0))
        case "avg":
            return sum(values, Fraction(0)) / len(values) if values else None
        case "min":
            return min(values, default=None)
        case "max":
            return max(values, default=None)
    return Fraction(len({lower(value) if isinstance(value, str) else value for value in values}))


def _calculated(form: str, values: Sequence[Any], clock: Clock) -> Value:
    known = [value for value in values if value is not None]
    if form == "latest_of":
        return max(known, default=None)
    if form == "first_set":
        return next(iter(known), None)
    if len(known) < len(values):
        return None
    match form:
        case "ratio":
            return values[0] / values[1] if values[1] else None
        case "difference":
            return Fraction(values[0] - values[1])
        case "days_since":
            return Fraction(days_between(_day(values[0], clock), clock.today))
        case "days_between":
            return Fraction(days_between(_day(values[0], clock), _day(values[1], clock)))
        case "days_until_anniversary":
            return Fraction(days_until_anniversary(_day(values[0], clock), clock.today))
    raise AssertionError(form)


def _day(value: date | datetime, clock: Clock) -> date:
    return day_of(value, clock.zone) if isinstance(value, datetime) else value
