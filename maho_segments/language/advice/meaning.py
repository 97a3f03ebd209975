"""Rules and whole segments as formulas."""

from maho_segments.language.advice.facts import on_axes
from maho_segments.language.advice.formulas import Edge, Formula, Keys, either, every
from maho_segments.language.advice.intervals import between
from maho_segments.language.advice.literals import Literals
from maho_segments.language.advice.measures import narrowed
from maho_segments.language.project import Project
from maho_segments.language.rules import (
    EVERYONE,
    AllOf,
    AnyOf,
    Condition,
    Constant,
    InSegment,
    NoneOf,
    NotRule,
    ProfileColumn,
    RelatedRows,
    Rows,
    Rule,
    Segment,
    Test,
)
from maho_segments.language.vocabulary import SETTING_COLUMNS

_ANY_ROW = on_axes(value=between(1))
_NO_ROW = on_axes(value=between(high=1, without_high=True))
_LEVELS = 2
"""How many segments deep a rule that names segments is written out; beyond, it is only known by name."""


class Meaning:
    """Makes the formulas of a project's rules."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.keys = Keys()
        self._literals: dict[str | None, Literals] = {}
        self._rules: dict[tuple[str | None, int], Rules] = {}
        self._segments: dict[tuple[str, bool, int], Formula] = {}

    def literals(self, zone: str | None) -> Literals:
        """The tests of segments that go by this time zone."""
        if zone not in self._literals:
            self._literals[zone] = Literals(self.keys, self.project.attributes, zone)
        return self._literals[zone]

    def segment(self, segment: Segment, *, is_in: bool, levels: int = _LEVELS) -> Formula:
        """A profile's being in a segment, or not: the rule, and audience, websites and groups."""
        known = segment.name, is_in, levels
        if known not in self._segments:
            rules = self.rules(segment.time_zone, levels)
            parts = [rules.formula(rule, is_true=is_in) for rule in [*self.settings(segment), segment.match]]
            self._segments[known] = every(parts) if is_in else either(parts)
        return self._segments[known]

    def rules(self, zone: str | None, levels: int = _LEVELS) -> "Rules":
        """The rules of segments that go by this time zone."""
        if (zone, levels) not in self._rules:
            self._rules[zone, levels] = Rules(self, zone, levels)
        return self._rules[zone, levels]

    def settings(self, segment: Segment) -> list[Rule]:
        """What a segment's settings ask of a profile, as rules."""
        wanted = {"websites": segment.websites, "customer_groups": segment.customer_groups}
        if segment.audience != EVERYONE:
            wanted["audience"] = segment.audience
        rules: list[Rule] = []
        for setting, values in wanted.items():
            if values:
                column = self.project.vocabulary.profile.columns[SETTING_COLUMNS[setting]]
                operands = tuple(Constant(value, "text") for value in values)
                rules.append(Test(ProfileColumn(column.name, column.type, column.also), "in", operands))
        return rules


class Rules:
    """The rules of segments of one time zone."""

    def __init__(self, meaning: Meaning, zone: str | None, levels: int) -> None:
        self.meaning = meaning
        self.literals = meaning.literals(zone)
        self.levels = levels
        self._formulas: dict[tuple[int, str | None, bool], tuple[Rule, Formula]] = {}

    def formula(self, rule: Rule, relation: str | None = None, *, is_true: bool) -> Formula:
        """A rule, or its opposite, about a profile or about a row of `relation`."""
        known = id(rule), relation, is_true
        if known not in self._formulas:
            # With the rule, so that it lives and its identity is nobody else's.
            self._formulas[known] = rule, self._formula(rule, relation, is_true=is_true)
        return self._formulas[known][1]

    def _formula(self, rule: Rule, relation: str | None, *, is_true: bool) -> Formula:
        match rule:
            case Test():
                formula = self.literals.test(rule, relation, is_true=is_true)
            case NotRule():
                formula = self.formula(rule.rule, relation, is_true=not is_true)
            case AllOf():
                parts = [self.formula(part, relation, is_true=is_true) for part in rule.rules]
                formula = every(parts) if is_true else either(parts)
            case AnyOf():
                parts = [self.formula(part, relation, is_true=is_true) for part in rule.rules]
                formula = either(parts) if is_true else every(parts)
            case NoneOf():
                parts = [self.formula(part, relation, is_true=not is_true) for part in rule.rules]
                formula = every(parts) if is_true else either(parts)
            case RelatedRows():
                formula = self._related(rule, is_true=is_true)
            case InSegment():
                answers = [self._segment(name, is_true=is_true) for name in rule.names]
                formula = either(answers) if is_true else every(answers)
            case Condition():
                key = self.meaning.keys.of(("true", self.literals.identities.rule(rule)))
                formula = self.literals.answer(key, is_true=is_true)
        return formula

    def row(self, rows: Rows) -> Formula:
        """A row's being picked."""
        tests: list[Rule] = [*([rows.where] if rows.where else []), *rows.window]
        return every(self.formula(test, rows.relation, is_true=True) for test in tests)

    def row_not_picked(self, rows: Rows) -> Formula:
        """A row's not being picked."""
        tests: list[Rule] = [*([rows.where] if rows.where else []), *rows.window]
        return either(self.formula(test, rows.relation, is_true=False) for test in tests)

    def _related(self, rule: RelatedRows, *, is_true: bool) -> Formula:
        rows = rule.rows
        parts = [self.formula(measure, is_true=is_true) for measure in rule.measures]
        if rule.every:
            failing = narrowed(rows, NotRule(rule.every))
            parts.append(self.literals.counted(rows, _ANY_ROW if is_true else _NO_ROW))
            parts.append(self.literals.counted(failing, _NO_ROW if is_true else _ANY_ROW))
        for word, test in (("latest", rule.latest), ("first", rule.first)):
            if test:
                parts.append(self._edge(word, rows, test, is_true=is_true))
        if not parts:
            return self.literals.counted(rows, _ANY_ROW if is_true else _NO_ROW)
        return every(parts) if is_true else either(parts)

    def _edge(self, word: str, rows: Rows, test: Rule, *, is_true: bool) -> Formula:
        """The latest or first row passes: then there is one that does."""
        identities = self.literals.identities
        row = word, identities.rows(rows)
        key = self.meaning.keys.of((*row, identities.rule(test, rows.relation)))
        self.meaning.keys.edges.setdefault(key, Edge(row, rows, test, identities.zone))
        answer = self.literals.answer(key, is_true=is_true)
        if not is_true:
            return answer
        return every([answer, self.literals.counted(narrowed(rows, test), _ANY_ROW)])

    def _segment(self, name: str, *, is_true: bool) -> Formula:
        name = self.meaning.keys.same_as.get(name, name)
        answer = self.literals.answer(self.meaning.keys.of(("segment", name)), is_true=is_true)
        if self.levels == 0:
            return answer
        segment = self.meaning.project.segments[name]
        return every([answer, self.meaning.segment(segment, is_in=is_true, levels=self.levels - 1)])
