"""Which rules and values mean the same: each gets a number that others of the same meaning have too."""

from collections.abc import Hashable, Mapping
from decimal import Decimal

from maho_segments.language.advice.formulas import Keys
from maho_segments.language.advice.texts import surely
from maho_segments.language.operators import OPERATORS
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

COMPARISONS = {"on": "eq", "before": "lt", "after": "gt", "since": "gte", "until": "lt"}
"""Words for dates and times, and the comparisons that they are."""
_OF_LISTS = {"eq": "contains_any", "in": "contains_any"}
_BY_CALENDAR = frozenset({"days_since", "days_until_anniversary", "days_between"})


class Identities:
    """Numbers the rules and values of segments that go by one time zone (None: each website's own)."""

    def __init__(self, keys: Keys, attributes: dict[str, Attribute], zone: str | None) -> None:
        self.keys = keys
        self.attributes = attributes
        self.zone = zone
        self._attributes: dict[str, int] = {}

    # ---- values --------------------------------------------------------------------------------------

    def value(self, value: Value, relation: str | None = None) -> int:
        """The number of a value; of a named attribute, that of its definition."""
        of = self.keys.of
        match value:
            case ProfileColumn():
                number = of(("profile", value.name))
            case RowColumn():
                number = of(("row", relation, value.name))
            case Constant():
                number = of(("constant", value.type, value.value))
            case TimePart():
                number = of(("part", value.part, self.zone, self.value(value.of, relation)))
            case Measure():
                relation = value.rows.relation
                column = self.value(value.column, relation) if value.column else None
                number = of(("measure", value.aggregate, column, self.rows(value.rows)))
            case Calculation():
                zone = self.zone if value.form in _BY_CALENDAR else None
                number = of(("calculation", value.form, zone, tuple(self.value(part) for part in value.of)))
            case NamedAttribute():
                if value.name not in self._attributes:
                    self._attributes[value.name] = self.value(self.attributes[value.name].value)
                number = self._attributes[value.name]
        return number

    def rows(self, rows: Rows) -> int:
        """The number of picked rows: of all that are picked by the same tests, in any order."""
        tests: list[Rule] = [*([rows.where] if rows.where else []), *rows.window]
        return self.keys.of(("rows", rows.relation, self._conjuncts(tests, rows.relation)))

    # ---- rules ---------------------------------------------------------------------------------------

    def rule(self, rule: Rule, relation: str | None = None) -> int:
        """The number of a rule."""
        of = self.keys.of
        match rule:
            case AllOf():
                parts = self._conjuncts(rule.rules, relation)
                number = next(iter(parts)) if len(parts) == 1 else of(("all", parts))
            case AnyOf():
                number = self._any(rule.rules, relation)
            case NoneOf():
                number = self.keys.opposite(self._any(rule.rules, relation))
            case NotRule():
                number = self.keys.opposite(self.rule(rule.rule, relation))
            case Test():
                number = self._test(rule, relation)
            case RelatedRows():
                number = self._related(rule)
            case InSegment():
                names = frozenset(self.keys.same_as.get(name, name) for name in rule.names)
                number = of(("segment", names))
            case Condition():
                number = of(("condition", rule.name, _frozen(rule.arguments)))
        return number

    def _any(self, rules: tuple[Rule, ...], relation: str | None) -> int:
        parts = frozenset(self.rule(rule, relation) for rule in rules)
        return next(iter(parts)) if len(parts) == 1 else self.keys.of(("any", parts))

    def _conjuncts(self, rules: "list[Rule] | tuple[Rule, ...]", relation: str | None) -> frozenset[int]:
        numbers: set[int] = set()
        for rule in rules:
            if isinstance(rule, AllOf):
                numbers |= self._conjuncts(rule.rules, relation)
            else:
                numbers.add(self.rule(rule, relation))
        return frozenset(numbers)

    def _related(self, rule: RelatedRows) -> int:
        relation = rule.rows.relation
        tests = [
            (word, self.rule(test, relation))
            for word, test in (("every", rule.every), ("latest", rule.latest), ("first", rule.first))
            if test
        ]
        return self.keys.of(
            ("related", self.rows(rule.rows), self._conjuncts(rule.measures, None), tuple(tests))
        )

    def _test(self, test: Test, relation: str | None) -> int:
        operator = OPERATORS[test.operator].complement_of or COMPARISONS.get(test.operator, test.operator)
        if test.subject.type == "list":
            operator = _OF_LISTS.get(operator, operator)
        folds = test.subject.type == "text" and not test.case_sensitive and not test.is_spelled_alike
        # Not the operand of `matches`: `\\d` is a digit, and `\\D` everything else.
        is_folded = folds and operator != "matches"
        operands = [self._operand(operand, relation, folds=is_folded) for operand in test.operands]
        is_negative = OPERATORS[test.operator].complement_of is not None
        if operator == "eq" and isinstance(test.operands[0], Constant):
            operator = "in"
        if operator == "is_set":
            is_negative = test.operands[0] == Constant(False, "boolean")
            operands = []
        number = self.keys.of(
            (
                operator,
                self.value(test.subject, relation),
                tuple(operands) if operator == "between" else frozenset(operands),
                test.duration,
                folds,
                # Days and months are those of the zone.
                self.zone if test.subject.type in ("date", "time") else None,
            )
        )
        return self.keys.opposite(number) if is_negative else number

    def _operand(self, operand: Value, relation: str | None, *, folds: bool) -> Hashable:
        if not isinstance(operand, Constant):
            return self.value(operand, relation)
        value = operand.value
        if isinstance(value, str):
            return "text", surely(value) if folds else value
        return operand.type, value.normalize() if isinstance(value, Decimal) else value


def _frozen(value: object) -> Hashable:
    """JSON values, so that equal ones are equal keys; true is not 1."""
    if isinstance(value, Mapping):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return type(value).__name__, str(value)
