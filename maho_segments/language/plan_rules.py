"""Compiling rules and values to those of the plan: positive tests, literals as text, nothing to look up."""

from datetime import UTC, date, datetime
from decimal import Decimal

from maho_segments.language.plan_features import Features
from maho_segments.language.plan_json import (
    Json,
    columns_of,
    compared,
    either_of,
    every_of,
    needs_time_zone,
    negated,
    number,
    without_prefix,
)
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
    Value,
)

_POSITIVE = {
    "ne": "eq",
    "not_in": "in",
    "not_contains": "contains",
    "contains_none": "contains_any",
}
_COMPARISONS = {
    "on": "eq",
    "before": "lt",
    "after": "gt",
    "since": "gte",
    "until": "lt",
}
_OF_LISTS = {"eq": "contains_any", "in": "contains_any"}
_DURATIONS = frozenset({"within", "older_than", "within_next"})


class RuleCompiler:
    """Compiles the rules of one segment; what they need of relations is added to `features`."""

    def __init__(self, attributes: dict[str, Attribute], features: Features, time_zone: str | None) -> None:
        self.attributes = attributes
        self.features = features
        self.time_zone = time_zone

    # ---- rules ---------------------------------------------------------------------------------------------

    def rule(self, rule: Rule, relation: str | None = None) -> Json:
        """A rule about a profile, or about a row of `relation`."""
        match rule:
            case AllOf():
                compiled = every_of([self.rule(part, relation) for part in rule.rules])
            case AnyOf():
                compiled = either_of([self.rule(part, relation) for part in rule.rules])
            case NoneOf():
                compiled = negated(either_of([self.rule(part, relation) for part in rule.rules]))
            case NotRule():
                compiled = negated(self.rule(rule.rule, relation))
            case Test():
                compiled = self._test(rule, relation)
            case RelatedRows():
                compiled = self._related_rows(rule)
            case InSegment():
                compiled = either_of([{"segment": name} for name in rule.names])
            case Condition():
                compiled = {"condition": rule.name, "with": dict(rule.arguments)}
        return compiled

    def _related_rows(self, rule: RelatedRows) -> Json:
        relation = rule.rows.relation
        rows = self._rows(rule.rows)
        parts = [self.rule(measure) for measure in rule.measures]
        if rule.every:
            failing = every_of([*([rows] if rows else []), negated(self.rule(rule.every, relation))])
            parts += [
                self._has_rows(relation, rows),
                compared("eq", self._count(relation, failing), number(0)),
            ]
        for aggregate, test in (("latest", rule.latest), ("first", rule.first)):
            if test:
                feature = self.features.feature(
                    relation, aggregate, self.rule(test, relation), rows, "boolean"
                )
                parts.append(compared("eq", feature, {"literal": "true", "type": "boolean"}))
        return every_of(parts or [self._has_rows(relation, rows)])

    def _rows(self, rows: Rows) -> Json | None:
        parts = [self.rule(rows.where, rows.relation)] if rows.where else []
        parts += [self._test(test, rows.relation) for test in rows.window]
        return every_of(parts) if parts else None

    def _has_rows(self, relation: str, rows: Json | None) -> Json:
        return compared("gte", self._count(relation, rows), number(1))

    def _count(self, relation: str, rows: Json | None) -> Json:
        return self.features.feature(relation, "count", None, rows, "number")

    # ---- tests ---------------------------------------------------------------------------------------------

    def _test(self, test: Test, relation: str | None) -> Json:
        if test.operator in _POSITIVE:
            return negated(self._positive(_POSITIVE[test.operator], test, relation))
        if test.operator == "is_set":
            is_set = self._leaf({"test": "is_set", "value": self.value(test.subject)}, relation)
            return is_set if _constant(test.operands[0]).value is True else negated(is_set)
        if test.operator == "between":
            low, high = test.operands
            return every_of(
                [self._comparison("gte", test, low, relation), self._comparison("lte", test, high, relation)]
            )
        return self._positive(_COMPARISONS.get(test.operator, test.operator), test, relation)

    def _positive(self, operator: str, test: Test, relation: str | None) -> Json:
        if test.duration:
            return self._leaf(self._duration_test(operator, test), relation)
        if test.subject.type == "list":
            operator = _OF_LISTS.get(operator, operator)
        if operator in {"in", "contains_any", "contains_all"}:
            return self._leaf(self._list_test(operator, test), relation)
        return self._comparison(operator, test, test.operands[0], relation)

    def _duration_test(self, operator: str, test: Test) -> Json:
        assert test.duration is not None
        count, unit = test.duration.count, test.duration.unit
        value = self.value(test.subject)
        if operator == "anniversary_within":
            days = count * 7 if unit == "weeks" else count
            until: Json = {"days_until_anniversary": value, "time_zone": self.time_zone, "type": "days"}
            return compared("lte", until, number(days))
        # A fixed length of time is the same in every zone, and so is one feature for all of them.
        is_fixed = unit not in {"months", "years"} and test.subject.type == "time"
        return {
            "test": operator,
            "value": value,
            "duration": {"count": count, "unit": unit},
            "time_zone": None if is_fixed else self.time_zone,
        }

    def _list_test(self, operator: str, test: Test) -> Json:
        literals = {literal["literal"]: literal for literal in map(self.value, test.operands)}
        to = [literals[text] for text in sorted(literals, key=str)]
        value = self.value(test.subject)
        if to[0]["type"] == "date" and test.subject.type == "time":
            value = self._day_of(value)
        compiled: Json = {"test": operator, "value": value, "to": to}
        if test.subject.type == "text":
            compiled["case_sensitive"] = test.case_sensitive or test.is_spelled_alike
        return compiled

    def _comparison(self, operator: str, test: Test, operand: Value, relation: str | None) -> Json:
        value, to = self.value(test.subject), self.value(operand)
        # A day against a time: the time's day, so that every moment of the day is equal to it.
        if (test.subject.type, operand.type) == ("time", "date"):
            value = self._day_of(value)
        elif (test.subject.type, operand.type) == ("date", "time"):
            to = self._day_of(to)
        compiled = compared(operator, value, to)
        if test.subject.type == "text":
            compiled["case_sensitive"] = test.case_sensitive or test.is_spelled_alike
        return self._leaf(compiled, relation)

    def _leaf(self, test: Json, relation: str | None) -> Json:
        """A test of a row as it is, or, when it is about one parent alone, the parent's answer to it."""
        if relation is None:
            return test
        columns = list(columns_of(test))
        parents = {column.partition(".")[0] if "." in column else None for column in columns}
        if len(parents) == 1 and (parent := parents.pop()) and not needs_time_zone(test):
            rule = without_prefix(test)
            assert isinstance(rule, dict)
            return self.features.parent_test(relation, parent, rule)
        self._note_parent_columns(relation, columns)
        return test

    def _note_parent_columns(self, relation: str, columns: list[str]) -> None:
        for column in columns:
            parent, dot, name = column.partition(".")
            if dot:
                self.features.parent_column(relation, parent, name)

    # ---- values --------------------------------------------------------------------------------------------

    def value(self, value: Value) -> Json:
        """A value; a named attribute is written out."""
        match value:
            case RowColumn():
                compiled = _with_label({"column": value.name, "type": value.type}, _label_path(value))
            case ProfileColumn():
                compiled = _with_label({"profile": value.name, "type": value.type}, value.also)
            case NamedAttribute():
                # Written out, and with its name: macros may work it out once for all that use it.
                compiled = {"attribute": value.name, **self.value(self.attributes[value.name].value)}
            case TimePart():
                compiled = self._part(value.part, self.value(value.of), value.type)
            case Constant():
                compiled = {"literal": literal_text(value.value), "type": value.type}
            case Measure():
                compiled = self._measure(value)
            case Calculation():
                compiled = self._calculation(value)
        return compiled

    def _measure(self, measure: Measure) -> Json:
        relation = measure.rows.relation
        column = self.value(measure.column) if measure.column else None
        if column:
            self._note_parent_columns(relation, list(columns_of(column)))
        return self.features.feature(
            relation, measure.aggregate, column, self._rows(measure.rows), measure.type
        )

    def _calculation(self, value: Calculation) -> Json:
        parts = [self.value(part) for part in value.of]
        compiled: Json = {value.form: parts[0] if value.form in _OF_ONE else parts}
        if value.form in _BY_CALENDAR:
            compiled["time_zone"] = self.time_zone
        return {**compiled, "type": value.type}

    def _part(self, part: str, of: Json, value_type: str) -> Json:
        return {"part": part, "of": of, "time_zone": self.time_zone, "type": value_type}

    def _day_of(self, value: Json) -> Json:
        return self._part("date", value, "date")


_OF_ONE = frozenset({"days_since", "days_until_anniversary"})
_BY_CALENDAR = frozenset({"days_since", "days_until_anniversary", "days_between"})


def literal_text(value: str | Decimal | bool | date | datetime) -> str:
    """A literal as the plan writes it: equal literals are equal texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = format(value, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat() if isinstance(value, date) else value


def _constant(value: Value) -> Constant:
    assert isinstance(value, Constant)
    return value


def _with_label(value: Json, label: str | None) -> Json:
    return {**value, "also": label} if label else value


def _label_path(column: RowColumn) -> str | None:
    return f"{column.parent}.{column.also}" if column.parent and column.also else column.also
