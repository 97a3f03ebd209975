"""Checking what stands behind an operator: a literal, a list, two ends, a pattern, another column."""

from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from maho_segments.language.literals import TYPE_WORDS, describe, one_of_options, read_constant
from maho_segments.language.operators import Operator
from maho_segments.language.patterns import pattern_mistake
from maho_segments.language.problems import Reporter, nearest, quoted
from maho_segments.language.rules import Constant, Value, ValueType, type_is_numeric
from maho_segments.language.scopes import ProfileScope, Scope, Subject
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence

WHOLE_VALUES = frozenset({"eq", "ne", "in", "not_in", "contains_any", "contains_all", "contains_none"})
"""Operators whose literal is a whole value, so one of the options where there are any."""


class OperandReader:
    """Reads the operands of one file's tests; an empty tuple stands for one that is reported."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter

    def read(self, subject: Subject, operator: Operator, node: Node, scope: Scope) -> tuple[Value, ...]:
        """The operands of any operator but those on durations."""
        match operator.operand:
            case "values":
                return self._values(subject, operator, node)
            case "pair":
                return self._pair(subject, operator, node, scope)
            case "day":
                return self._day(subject, operator, node, scope)
            case "boolean":
                constant = read_constant(node, "boolean", f"{operator.name} of {subject.name}", self.reporter)
                return (constant,) if constant else ()
            case "pattern":
                return self._pattern(subject, operator, node)
            case _:
                value = self._operand(subject, operator, node, scope)
                return (value,) if value else ()

    def _operand(self, subject: Subject, operator: Operator, node: Node, scope: Scope) -> Value | None:
        if isinstance(node, Mapping):
            return self._reference(subject, node, scope)
        if isinstance(node, Sequence):
            other = {"eq": "in", "ne": "not_in"}.get(operator.name, "any")
            hint = f"Use `{other}` for several values."
            if other == "any":
                hint = f"Write an `any` with one `{subject.name}: {{ {operator.name}: ... }}` for each value."
            self.reporter.error("value-type", node, f"{operator.name} takes one value, not a list", hint=hint)
            return None
        return self._constant(subject, operator, node)

    def _constant(self, subject: Subject, operator: Operator, node: Node) -> Constant | None:
        constant = read_constant(node, subject.type, subject.name, self.reporter)
        if constant and subject.options and operator.name in WHOLE_VALUES:
            constant = one_of_options(constant, subject.options, subject.name, node, self.reporter)
        if constant:
            self.reporter.places.note(constant, node)
        return constant

    def _reference(self, subject: Subject, node: Mapping, scope: Scope) -> Value | None:
        """`{ column: subtotal }` or `{ attribute: lifetime_profit }`."""
        key, value = node.entries[0] if len(node.entries) == 1 else (None, None)
        if key is None or key.text not in {"column", "attribute"} or not isinstance(value, Scalar):
            self.reporter.error(
                "operand",
                node,
                f"{describe(node)} where {subject.name} wants a value",
                allowed=(f"{{ {scope.kind}: NAME }}",),
                hint=f"Write a literal, or another {scope.kind} as `{{ {scope.kind}: NAME }}`.",
            )
            return None
        if key.text != scope.kind:
            hint = "A row is compared with columns of the same row."
            if isinstance(scope, ProfileScope):
                hint = f"What is known about a profile is an attribute: `{{ attribute: {value.text} }}`."
            self.reporter.error(
                "operand", key, f"{quoted(key.text)} can't be used here", allowed=(scope.kind,), hint=hint
            )
            return None
        other = scope.subject(value, self.reporter, is_operand=True)
        if other is None:
            return None
        if not _is_comparable(subject.type, other.type):
            self.reporter.error(
                "operand-type",
                value,
                f"{subject.name} is {TYPE_WORDS[subject.type]}, {other.name} is {TYPE_WORDS[other.type]}",
                allowed=nearest(value.text, self._comparable_names(subject, scope)),
                hint="Only values of the same kind can be compared.",
            )
            return None
        return other.value

    @staticmethod
    def _comparable_names(subject: Subject, scope: Scope) -> list[str]:
        others = ((name, scope.look_up(name)) for name in scope.names() if name != subject.name)
        return [name for name, other in others if other and _is_comparable(subject.type, other.type)]

    def _values(self, subject: Subject, operator: Operator, node: Node) -> tuple[Value, ...]:
        if not isinstance(node, Sequence):
            self.reporter.error(
                "value-type",
                node,
                f"{operator.name} takes a list, not {describe(node)}",
                hint=f"Write `{operator.name}: [VALUE, VALUE]`.",
            )
            return ()
        if not node.items:
            self.reporter.error(
                "empty-list",
                node,
                f"{operator.name} has an empty list, which nothing is in",
                hint="Write at least one value, or leave the test out.",
            )
            return ()
        constants = [self._constant(subject, operator, item) for item in node.items]
        if {"date", "time"} <= {constant.type for constant in constants if constant}:
            self.reporter.error(
                "value-type",
                node,
                f"{operator.name} has days and times in one list",
                hint="Write only days or only times; join two lists by `any`.",
            )
        return tuple(constant for constant in constants if constant)

    def _pair(self, subject: Subject, operator: Operator, node: Node, scope: Scope) -> tuple[Value, ...]:
        if not isinstance(node, Sequence) or len(node.items) != 2:
            self.reporter.error(
                "between",
                node,
                f"{operator.name} takes two values, not "
                + (f"a list of {len(node.items)}" if isinstance(node, Sequence) else describe(node)),
                hint="Write `between: [LOW, HIGH]`; both ends are included.",
            )
            return ()
        ends = [self._operand(subject, operator, item, scope) for item in node.items]
        operands = tuple(end for end in ends if end)
        if any(_is_above(low, high) for low, high in pairwise(operands)):
            self.reporter.error(
                "between",
                node,
                "the low end of between is above its high end, so nothing is between them",
                hint="Write the low end first: `between: [LOW, HIGH]`.",
            )
        return operands if len(operands) == 2 else ()

    def _day(self, subject: Subject, operator: Operator, node: Node, scope: Scope) -> tuple[Value, ...]:
        value = self._operand(subject, operator, node, scope)
        if value is None:
            return ()
        if value.type != "date":
            self.reporter.error(
                "value-type",
                node,
                f"{operator.name} wants a day, not a time",
                hint="Write a day, or use `eq`.",
            )
        return (value,)

    def _pattern(self, subject: Subject, operator: Operator, node: Node) -> tuple[Value, ...]:
        constant = read_constant(node, "text", f"{operator.name} of {subject.name}", self.reporter)
        if constant is None:
            return ()
        if mistake := pattern_mistake(str(constant.value)):
            found, hint = mistake
            self.reporter.error("pattern", node, f"the regular expression has {found}", hint=hint)
        return (constant,)


def _is_comparable(one: ValueType, other: ValueType) -> bool:
    if "list" in {one, other}:
        return False
    calendar = {"date", "time"}
    return one == other or (type_is_numeric(one) and type_is_numeric(other)) or {one, other} == calendar


def _is_above(low: Value, high: Value) -> bool:
    if not isinstance(low, Constant) or not isinstance(high, Constant) or low.type != high.type:
        return False
    if isinstance(low.value, datetime) and isinstance(high.value, datetime):
        return low.value > high.value
    if isinstance(low.value, Decimal) and isinstance(high.value, Decimal):
        return low.value > high.value
    return isinstance(low.value, date) and isinstance(high.value, date) and low.value > high.value
