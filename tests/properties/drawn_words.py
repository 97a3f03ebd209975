"""The words of the language, and those that stand in drawn segments, so that the two can be compared."""

from typing import get_args

from maho_segments.language import Project
from maho_segments.language.attributes_file import FORMS
from maho_segments.language.operators import OPERATORS, WINDOW_OPERATORS
from maho_segments.language.relation_reader import AGGREGATES, ROW_TESTS
from maho_segments.language.rules import (
    EVERYONE,
    AllOf,
    AnyOf,
    Calculation,
    Condition,
    Constant,
    InSegment,
    Measure,
    NamedAttribute,
    NoneOf,
    NotRule,
    Part,
    ProfileType,
    RelatedRows,
    RowColumn,
    Rows,
    Rule,
    Test,
    TimePart,
    Unit,
    Value,
    ValueType,
)
from maho_segments.language.scopes import PART_TYPES

_JUNCTIONS = {AllOf: "all", AnyOf: "any", NoneOf: "none", NotRule: "not"}
_SETTINGS = ("websites", "customer_groups", "time_zone")
_DEEPEST = 4


def words_there_are(project: Project) -> set[str]:
    """Every form, operator, type, aggregate, window, relation, column, attribute and setting."""
    vocabulary = project.vocabulary
    words = {f"{one} of {place}" for one in _JUNCTIONS.values() for place in ("profiles", "rows")}
    words |= {"condition", "segment: one", "segment: several", *(f"depth {n}" for n in range(_DEEPEST + 1))}
    words |= {f"audience {kind}" for kind in (*get_args(ProfileType), "everyone", "of two")}
    words |= {f"setting {one}" for one in _SETTINGS} | {f"unit {unit}" for unit in get_args(Unit)}
    words |= {f"calculation {form}" for form in FORMS}
    words |= {f"window {word}" for word in WINDOW_OPERATORS}
    words |= {f"window on {column}" for column in ("another column", "a parent's column", "a part")}
    words |= {f"relation {name}" for name in vocabulary.relations} | {"where", *ROW_TESTS, "no measure"}
    words |= {"several measures", "count", "case sensitive", "part of a profile's time"}
    words |= {f"part {part}" for part in get_args(Part)}
    tables = [vocabulary.profile, *vocabulary.parents.values()]
    tables += [relation.table for relation in vocabulary.relations.values()]
    rows: set[ValueType] = {*PART_TYPES.values()}
    rows |= {column.type for table in tables[1:] for column in table.columns.values()}
    words |= {f"{aggregate} of {kind}" for aggregate, kinds in AGGREGATES.items() for kind in kinds & rows}
    for operator in OPERATORS.values():
        words |= {f"{operator.name} of {kind}" for kind in operator.types}
        if operator.operand == "value":
            words |= {f"{operator.name} of {kind} against another" for kind in operator.types - {"list"}}
    comparing = {o.name for o in OPERATORS.values() if o.operand == "value" and "time" in o.types}
    return words | {f"{one} of a time against a {kind}" for one in comparing for kind in ("date", "time")}


def words_in(project: Project) -> set[str]:
    """Those of the words that stand in the segments, or in attributes that they use."""
    walk = _Walk(project)
    for segment in project.segments.values():
        kinds = {EVERYONE: "everyone"}.get(segment.audience) or (
            segment.audience[0] if len(segment.audience) == 1 else "of two"
        )
        walk.words.add(f"audience {kinds}")
        walk.words |= {f"setting {one}" for one in _SETTINGS if getattr(segment, one) is not None}
        walk.words.add(f"depth {min(walk.rule(segment.match), _DEEPEST)}")
    return walk.words


class _Walk:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.words: set[str] = set()

    def rule(self, rule: Rule, relation: str | None = None) -> int:
        """Notes the words of a rule; how deep it is."""
        place = "rows" if relation else "profiles"
        match rule:
            case AllOf(rules) | AnyOf(rules) | NoneOf(rules):
                self.words.add(f"{_JUNCTIONS[type(rule)]} of {place}")
                return 1 + max(self.rule(one, relation) for one in rules)
            case NotRule(inner):
                self.words.add(f"not of {place}")
                return 1 + self.rule(inner, relation)
            case Test():
                self._test(rule, relation)
            case InSegment(names):
                self.words.add(f"segment: {'one' if len(names) == 1 else 'several'}")
            case Condition():
                self.words.add("condition")
            case RelatedRows():
                return 1 + self._related(rule)
        return 0

    def _related(self, rule: RelatedRows) -> int:
        relation = rule.rows.relation
        depths = [self._rows(rule.rows), *(self.rule(measure) for measure in rule.measures)]
        asked = {word: test for word in ROW_TESTS if (test := getattr(rule, word)) is not None}
        self.words.update(asked)
        depths += [self.rule(test, relation) for test in asked.values()]
        number = len(asked) + len(rule.measures)
        if number != 1:
            self.words.add("several measures" if number else "no measure")
        return max(depths)

    def _rows(self, rows: Rows) -> int:
        relation = self.project.vocabulary.relations[rows.relation]
        self.words.add(f"relation {rows.relation}")
        for test in rows.window:
            self.words.add(f"window {test.operator}")
            self._test(test, rows.relation)
            match test.subject:
                case TimePart():
                    self.words.add("window on a part")
                case RowColumn(parent=str()):
                    self.words.add("window on a parent's column")
                case RowColumn(name=name) if name != relation.time_column:
                    self.words.add("window on another column")
        if rows.where is None:
            return 0
        self.words.add("where")
        return self.rule(rows.where, rows.relation)

    def _test(self, test: Test, relation: str | None) -> None:
        kind = test.subject.type
        self._value(test.subject, relation)
        self.words.add(f"{test.operator} of {kind}")
        if test.duration:
            self.words.add(f"unit {test.duration.unit}")
        if test.case_sensitive:
            self.words.add("case sensitive")
        for operand in test.operands:
            self._value(operand, relation)
            if kind == "time" and operand.type in {"date", "time"}:
                self.words.add(f"{test.operator} of a time against a {operand.type}")
            if not isinstance(operand, Constant):
                self.words.add(f"{test.operator} of {kind} against another")

    def _value(self, value: Value, relation: str | None) -> None:
        match value:
            case TimePart(of, part):
                self.words.add(f"part {part}")
                if not isinstance(of, RowColumn):
                    self.words.add("part of a profile's time")
                self._value(of, relation)
            case NamedAttribute(name):
                self._value(self.project.attributes[name].value, None)
            case Measure(rows, aggregate, column):
                self._rows(rows)
                self.words.add(aggregate if column is None else f"{aggregate} of {column.type}")
                if column is not None:
                    self._value(column, rows.relation)
            case Calculation(form, of):
                self.words.add(f"calculation {form}")
                for one in of:
                    self._value(one, relation)
