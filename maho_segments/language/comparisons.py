"""Checking the tests: `eq`, `in`, `between`, ... on one attribute, column or aggregate."""

from typing import ClassVar

from maho_segments.language.literals import TYPE_WORDS, UNITS, read_constant, read_duration
from maho_segments.language.operands import WHOLE_VALUES, OperandReader
from maho_segments.language.operators import MODIFIERS, OPERATORS, operators_of
from maho_segments.language.problems import Reporter, correction, nearest, quoted
from maho_segments.language.rules import AllOf, Constant, Rule, Test, Unit
from maho_segments.language.scopes import Scope, Subject
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence

SYNONYMS = {
    **dict.fromkeys(("=", "==", "is", "equal", "equals"), "eq"),
    **dict.fromkeys(("!=", "<>", "not", "is_not", "not_equal", "neq"), "ne"),
    **dict.fromkeys((">", "greater_than", "more_than", "over", "above"), "gt"),
    **dict.fromkeys((">=", "at_least", "min", "ge"), "gte"),
    **dict.fromkeys(("<", "less_than", "under", "below"), "lt"),
    **dict.fromkeys(("<=", "at_most", "max", "le"), "lte"),
    **dict.fromkeys(("one_of", "any_of", "any"), "in"),
    **dict.fromkeys(("none_of", "none", "nin"), "not_in"),
    **dict.fromkeys(("exists", "null", "is_null", "not_null", "missing", "empty"), "is_set"),
    **dict.fromkeys(("like", "ilike", "includes", "has"), "contains"),
    **dict.fromkeys(("regex", "regexp", "match", "pattern"), "matches"),
    **dict.fromkeys(("last", "newer_than", "in_last", "within_last", "less_than_ago"), "within"),
    **dict.fromkeys(("more_than_ago", "ago", "not_within"), "older_than"),
    **dict.fromkeys(("next", "in_next"), "within_next"),
    **dict.fromkeys(("from", "starting"), "since"),
    "range": "between",
}
"""Words of other languages that people write where an operator stands here."""


_UNITS_OF_ANNIVERSARIES: tuple[Unit, ...] = ("days", "weeks")


class TestReader:
    """Reads the tests of one file."""

    __test__: ClassVar[bool] = False  # pytest takes every Test... for one of its own.

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self._operands = OperandReader(reporter)

    def read(self, subject: Subject, node: Node, scope: Scope) -> Rule | None:
        """The test below a name: a scalar is `eq`, a list `in`, a mapping holds operators."""
        if isinstance(node, Scalar):
            return self.operator(subject, "eq", node, scope)
        if isinstance(node, Sequence):
            return self.operator(subject, "in", node, scope)
        return self._operators(subject, node, scope)

    def _operators(self, subject: Subject, node: Mapping, scope: Scope) -> Rule | None:
        case_sensitive = False
        tests: list[Rule] = []
        known = 0
        for key, value in node.entries:
            if key.text in MODIFIERS:
                case_sensitive = self._case_sensitive(subject, key, value)
                continue
            known += 1
            operator = OPERATORS.get(key.text)
            if operator is None:
                self._report_unknown(subject, key)
            elif subject.type not in operator.types:
                self._report_misfit(subject, key)
            elif test := self.operator(subject, key.text, value, scope, key):
                tests.append(test)
        if not known:
            self.reporter.error(
                "empty-test",
                node,
                f"the test of {subject.name} holds no operator",
                allowed=operators_of(subject.type),
                hint=f"Write one, such as `{subject.name}: {{ is_set: true }}`.",
            )
        if case_sensitive:
            tests = [self._with_case(test) for test in tests]
        return tests[0] if len(tests) == 1 else AllOf(tuple(tests)) if tests else None

    def operator(
        self, subject: Subject, name: str, node: Node, scope: Scope, key: Scalar | None = None
    ) -> Test | None:
        """One operator that fits the subject, by its name; `key` is that name in the file, if it is there."""
        test = self._test(subject, name, node, scope)
        if test:
            self.reporter.places.note(test, key or node)
        return test

    def _test(self, subject: Subject, name: str, node: Node, scope: Scope) -> Test | None:
        operator = OPERATORS[name]
        if operator.operand == "duration":
            units = _UNITS_OF_ANNIVERSARIES if name == "anniversary_within" else UNITS
            duration = read_duration(node, name, self.reporter, units)
            return Test(subject.value, name, (), duration) if duration else None
        operands = self._operands.read(subject, operator, node, scope)
        is_spelled_alike = (
            subject.options is not None
            and name in WHOLE_VALUES
            and all(isinstance(operand, Constant) for operand in operands)
        )
        return Test(subject.value, name, operands, is_spelled_alike=is_spelled_alike) if operands else None

    def _case_sensitive(self, subject: Subject, key: Scalar, value: Node) -> bool:
        if subject.type != "text":
            self.reporter.error(
                "case-sensitive",
                key,
                f"case_sensitive works on text; {subject.name} is {TYPE_WORDS[subject.type]}",
                hint="Remove it.",
            )
        constant = read_constant(value, "boolean", "case_sensitive", self.reporter)
        return constant is not None and constant.value is True

    def _with_case(self, rule: Rule) -> Rule:
        assert isinstance(rule, Test)
        test = Test(rule.subject, rule.operator, rule.operands, rule.duration, case_sensitive=True)
        self.reporter.places.copy(rule, test)
        return test

    def _report_unknown(self, subject: Subject, key: Scalar) -> None:
        allowed = operators_of(subject.type)
        synonym = SYNONYMS.get(key.text.lower())
        hint = f"Did you mean `{synonym}`?" if synonym in allowed else correction(key.text, allowed)
        hint = hint or "Use one of the allowed operators."
        if key.text in {"column", "attribute"}:
            hint = f"Name an operator before it: `{subject.name}: {{ eq: {{ {key.text}: ... }} }}`."
        if key.text.isdigit():
            hint = "In braces a comma ends the value: write a number without it, 1000 instead of 1,000."
        words = nearest(key.text, allowed)
        if synonym in allowed:
            words = (synonym, *(word for word in words if word != synonym))
        self.reporter.error(
            "unknown-operator",
            key,
            f"the operator {quoted(key.text)} does not exist",
            allowed=words,
            hint=hint,
        )

    def _report_misfit(self, subject: Subject, key: Scalar) -> None:
        allowed = operators_of(subject.type)
        hint = ""
        if subject.type == "list" and key.text in {"contains", "not_contains"}:
            hint = "On lists: contains_any, contains_all, contains_none."
        elif subject.type == "time" and key.text == "anniversary_within":
            hint = f"It works on the day: `{subject.name}.date: {{ anniversary_within: ... }}`."
        self.reporter.error(
            "operator-type",
            key,
            f"{key.text} does not work on {TYPE_WORDS[subject.type]}, which {subject.name} is",
            allowed=nearest(key.text, allowed),
            hint=hint or "Use one of the allowed operators.",
        )
