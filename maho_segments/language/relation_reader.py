"""Checking relations: `orders: { where, within, count, sum, every, latest, ... }`."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from maho_segments.language.literals import TYPE_WORDS, describe
from maho_segments.language.operators import OPERATORS, WINDOW_OPERATORS
from maho_segments.language.problems import nearest, quoted
from maho_segments.language.rules import (
    Aggregate,
    Measure,
    RelatedRows,
    RowColumn,
    Rows,
    Rule,
    Test,
    TimePart,
    ValueType,
)
from maho_segments.language.scopes import RowScope, Subject
from maho_segments.language.yaml_reader import Mapping, Node, Scalar

if TYPE_CHECKING:
    from maho_segments.language.rule_reader import RuleReader

_NUMBERS: frozenset[ValueType] = frozenset({"number", "money", "days"})
_ORDERED: frozenset[ValueType] = _NUMBERS | {"date", "time"}
AGGREGATES: dict[Aggregate, frozenset[ValueType]] = {
    "count": frozenset(),
    "sum": _NUMBERS,
    "avg": _NUMBERS,
    "min": _ORDERED,
    "max": _ORDERED,
    "count_distinct": _ORDERED | {"text", "boolean"},
}
"""The types of column each aggregate works on; `count` takes none."""

ROW_TESTS = ("every", "latest", "first")
ROWS_KEYS = ("where", *WINDOW_OPERATORS, "on")
RELATION_KEYS = (*ROWS_KEYS, *get_args(Aggregate), *ROW_TESTS)


class RelationReader:
    """Reads what stands below the name of a relation, in rules and in attributes.yml."""

    def __init__(self, rules: RuleReader) -> None:
        self.rules = rules
        self.reporter = rules.reporter

    def related_rows(self, relation: str, node: Node) -> RelatedRows | None:
        """`RELATION: {...}` in a rule."""
        if not isinstance(node, Mapping):
            self._report_shape(relation, node)
            return None
        scope = self.rules.row_scope(relation)
        rows = self._rows(scope, node)
        measures: list[Rule] = []
        row_tests: dict[str, Rule | None] = dict.fromkeys(ROW_TESTS)
        for key, value in node.entries:
            if key.text in ROW_TESTS:
                row_tests[key.text] = self.rules.read(value, scope, key.text)
            elif aggregate := _aggregate(key):
                measures += self._measure_tests(rows, scope, aggregate, value)
            elif key.text not in ROWS_KEYS:
                self._report_unknown_key(scope, key)
        return RelatedRows(rows, tuple(measures), row_tests["every"], row_tests["latest"], row_tests["first"])

    def measure(self, relation: str, node: Node) -> Measure | None:
        """`RELATION: {..., AGGREGATE: column}` in attributes.yml."""
        if not isinstance(node, Mapping):
            self._report_shape(relation, node)
            return None
        scope = self.rules.row_scope(relation)
        rows = self._rows(scope, node)
        found: list[Measure | None] = []
        has_unknown_key = False
        for key, value in node.entries:
            if aggregate := _aggregate(key):
                found.append(self._short_measure(rows, scope, aggregate, value))
            elif key.text not in ROWS_KEYS:
                has_unknown_key = True
                self._report_unknown_key(scope, key, measure_only=True)
        if len(found) != 1 and not has_unknown_key:
            self.reporter.error(
                "aggregate",
                node,
                f"{relation} has {len(found)} aggregates here, one is wanted",
                allowed=get_args(Aggregate),
                hint="Write `count: true`, or one such as `sum: COLUMN`.",
            )
        return found[0] if len(found) == 1 else None

    # ---- rows ----------------------------------------------------------------------------------------

    def _rows(self, scope: RowScope, node: Mapping) -> Rows:
        where: Rule | None = None
        on_node = node.get("on")
        time = self._time_subject(scope, on_node)
        window: list[Test] = []
        has_window = False
        for key, value in node.entries:
            if key.text == "where":
                where = self.rules.read(value, scope, "where")
            elif key.text in WINDOW_OPERATORS:
                has_window = True
                if time is None and on_node is None:
                    self._report_no_time(scope, key)
                elif key.text == "within_next" and on_node is None:
                    self.reporter.error(
                        "window",
                        key,
                        "rows of the future do not exist yet, so none is within the next days",
                        hint="Name a column that looks ahead: `on: COLUMN`.",
                    )
                elif time and (test := self.rules.tests.operator(time, key.text, value, scope, key)):
                    window.append(test)
        if on_node is not None and not has_window:
            self.reporter.error(
                "window",
                on_node,
                "`on` names the time column of a window, and there is no window",
                allowed=WINDOW_OPERATORS,
                hint="Write a window beside it, such as `within: 90 days`, or leave `on` out.",
            )
        return Rows(scope.relation.name, where, tuple(window))

    def _time_subject(self, scope: RowScope, on_node: Node | None) -> Subject | None:
        if on_node is None:
            column = scope.relation.time_column
            return scope.look_up(column) if column else None
        if not isinstance(on_node, Scalar) or not isinstance(on_node.value, str):
            self.reporter.error(
                "window",
                on_node,
                f"`on` wants the name of a column, not {describe(on_node)}",
                allowed=_time_columns(scope),
                hint="Write `on: COLUMN`.",
            )
            return None
        subject = scope.subject(on_node, self.reporter)
        if subject and subject.type not in {"date", "time"}:
            self.reporter.error(
                "window",
                on_node,
                f"{subject.name} is {TYPE_WORDS[subject.type]}; a window goes by a date or time",
                allowed=_time_columns(scope),
                hint="Name a column with a date or time.",
            )
            return None
        return subject

    # ---- aggregates ----------------------------------------------------------------------------------

    def _measure_tests(self, rows: Rows, scope: RowScope, aggregate: Aggregate, node: Node) -> list[Rule]:
        """The tests of `count: TEST` or `sum: { COLUMN: TEST }`."""
        profile = self.rules.scope
        if aggregate == "count":
            measure = Subject(f"count of {rows.relation}", Measure(rows, "count", None, "number"))
            if isinstance(node, Scalar) and isinstance(node.value, bool):
                self.reporter.error(
                    "aggregate",
                    node,
                    f"count wants a test of the number of rows, not {describe(node)}",
                    hint="Write `count: { gte: 1 }`.",
                )
                return []
            test = self.rules.tests.read(measure, node, profile)
            return [test] if test else []
        if not isinstance(node, Mapping) or not node.entries:
            name = node.text if isinstance(node, Scalar) and node.value else "COLUMN"
            self.reporter.error(
                "aggregate",
                node,
                f"{aggregate} wants a column and a test, not {describe(node)}",
                hint=f"Write `{aggregate}: {{ {name}: {{ gt: VALUE }} }}`.",
            )
            return []
        tests: list[Rule] = []
        for key, value in node.entries:
            measured = self._measure_of(rows, scope, aggregate, key)
            if measured is None:
                continue
            subject = Subject(f"{aggregate} of {key.text}", measured)
            if test := self.rules.tests.read(subject, value, profile):
                tests.append(test)
        return tests

    def _short_measure(self, rows: Rows, scope: RowScope, aggregate: Aggregate, node: Node) -> Measure | None:
        """The aggregate of `count: true` or `sum: COLUMN`."""
        if aggregate == "count":
            if isinstance(node, Scalar) and node.value is True:
                return Measure(rows, "count", None, "number")
            self.reporter.error(
                "aggregate",
                node,
                f"count in an attribute is `true`, not {describe(node)}",
                allowed=("true",),
                hint="Write `count: true`; tests belong in segments.yml.",
            )
            return None
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.reporter.error(
                "aggregate",
                node,
                f"{aggregate} in an attribute wants the name of a column, not {describe(node)}",
                hint=f"Write `{aggregate}: COLUMN`; tests belong in segments.yml.",
            )
            return None
        return self._measure_of(rows, scope, aggregate, node)

    def _measure_of(self, rows: Rows, scope: RowScope, aggregate: Aggregate, name: Scalar) -> Measure | None:
        column = scope.subject(name, self.reporter)
        if column is None:
            return None
        if column.type not in AGGREGATES[aggregate]:
            known = (scope.look_up(other) for other in scope.names())
            fitting = [other.name for other in known if other and other.type in AGGREGATES[aggregate]]
            self.reporter.error(
                "aggregate-type",
                name,
                f"{aggregate} does not work on {TYPE_WORDS[column.type]}, which {column.name} is",
                allowed=nearest(name.text, fitting),
                hint="Name another column, or use count_distinct.",
            )
            return None
        assert isinstance(column.value, RowColumn | TimePart)
        return Measure(
            rows, aggregate, column.value, "number" if aggregate == "count_distinct" else column.type
        )

    # ---- mistakes ------------------------------------------------------------------------------------

    def _report_shape(self, relation: str, node: Node) -> None:
        self.reporter.error(
            "relation",
            node,
            f"`{relation}` wants a mapping, not {describe(node)}",
            allowed=RELATION_KEYS,
            hint=f"Write `{relation}: {{}}` for at least one row, or `{relation}: {{ where: {{ ... }} }}`.",
        )

    def _report_unknown_key(self, scope: RowScope, key: Scalar, *, measure_only: bool = False) -> None:
        name, relation = key.text, scope.relation.name
        allowed = [word for word in RELATION_KEYS if not (measure_only and word in ROW_TESTS)]
        hint = ""
        if scope.look_up(name):
            hint = f"Tests of columns stand in `where`: `{relation}: {{ where: {{ {name}: ... }} }}`."
        elif measure_only and name in ROW_TESTS:
            hint = f"`{name}` is a test, and tests belong in segments.yml or in `where`."
        elif name in OPERATORS:
            hint = f"Write what it tests: `count: {{ {name}: ... }}`, `sum: {{ COLUMN: {{ {name}: ... }} }}`."
        elif name in {"all", "any", "none", "not"}:
            hint = f"Rules about one row stand in `where`: `where: {{ {name}: ... }}`."
        self.reporter.unknown("unknown-key", key, f"the key of {relation}", name, allowed, hint)

    def _report_no_time(self, scope: RowScope, key: Scalar) -> None:
        self.reporter.error(
            "window",
            key,
            f"{scope.relation.name} has no time column that {quoted(key.text)} could go by",
            allowed=_time_columns(scope),
            hint="Name the column beside it: `on: COLUMN`.",
        )


def _aggregate(key: Scalar) -> Aggregate | None:
    return next((aggregate for aggregate in get_args(Aggregate) if aggregate == key.text), None)


def _time_columns(scope: RowScope) -> list[str]:
    subjects = (scope.look_up(name) for name in scope.names())
    return [subject.name for subject in subjects if subject and subject.type in {"date", "time"}]
