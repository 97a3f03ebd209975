"""Rules of every form over every word of the vocabulary, drawn by Hypothesis, as plain YAML values.

The vocabulary is that of the project, so a new relation or column comes in by itself.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, get_args

from hypothesis import strategies as st

from maho_segments.language import Vocabulary
from maho_segments.language.operators import OPERATORS, WINDOW_OPERATORS, operators_of
from maho_segments.language.relation_reader import AGGREGATES
from maho_segments.language.rules import Aggregate, ValueType, type_is_numeric
from maho_segments.language.scopes import PART_TYPES, WEEKDAYS
from maho_segments.language.vocabulary import Column, Relation, Table
from tests.properties.aimed import Aims, aimed_attributes
from tests.properties.choices import one_of
from tests.properties.literals import PATTERNS, Literals, Subject
from tests.properties.moments import ZONES

Rule = dict[str, Any]
Rules = st.SearchStrategy[Rule]
Values = dict[tuple[str, str], list[Any]]

WINDOW_KEYS = frozenset({*WINDOW_OPERATORS, "on"})
_ANNIVERSARIES = st.sampled_from(["1 day", "7 days", "2 weeks", "30 days", "365 days", "52 weeks"])
_CUTS: dict[str, Callable[[str, int], str]] = {
    "contains": lambda text, length: text[length - 1 : length + 2] or text,
    "not_contains": lambda text, length: text[length - 1 : length + 2] or text,
    "starts_with": lambda text, length: text[:length],
    "ends_with": lambda text, length: text[-length:],
}


class RuleWriter:
    """Strategies for rules about one shop."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        attributes: dict[str, ValueType],
        values: Values,
        moments: list[datetime],
        as_of: datetime,
    ) -> None:
        self.vocabulary = vocabulary
        self.values = values
        self.attributes = tuple(attributes)
        self.literals = Literals(moments, as_of)
        profile = self._subjects(vocabulary.profile, "")
        profile += [Subject(name, kind) for name, kind in attributes.items()]
        self.profile = _with_comparable(_with_parts(profile))
        self.rows = {name: self._row_subjects(relation) for name, relation in vocabulary.relations.items()}
        filled = [
            name
            for name, relation in vocabulary.relations.items()
            if any(values.get((relation.table.model, column)) for column in relation.columns)
        ]
        self.relations = st.sampled_from([*filled * 5, *vocabulary.relations])
        self.aimed = Aims(vocabulary, self.profile, self.rows, self.literals).segments()
        # Strategies are big: the same is asked for again and again.
        self.test = cache(self._test)
        self.row_rule = cache(self._row_rule)
        self.profile_rule = cache(self._profile_rule)
        self.related = cache(self._related)

    # ---- what can be tested ------------------------------------------------------------------------------

    def _subjects(self, table: Table, prefix: str) -> list[Subject]:
        return [self._subject(table, column, prefix) for column in table.columns.values()]

    def _subject(self, table: Table, column: Column, prefix: str) -> Subject:
        values = list(self.values.get((table.model, column.name), ()))
        if column.also:
            values += self.values.get((table.model, column.also), ())
        options = () if column.also else column.options or ()
        return Subject(f"{prefix}{column.name}", column.type, tuple(_each(values)), options)

    def _row_subjects(self, relation: Relation) -> tuple[Subject, ...]:
        found = self._subjects(relation.table, "")
        for parent in relation.parents.values():
            found += self._subjects(parent.table, f"{parent.name}.")
        return _with_comparable(_with_parts(found))

    # ---- tests -------------------------------------------------------------------------------------------

    def _test(self, subject: Subject, operand: str) -> st.SearchStrategy[Any]:
        """What stands below a name; `operand` is how another value is named there: column or attribute."""
        names = operators_of(subject.type)
        one = st.sampled_from(names).flatmap(
            lambda name: self.operator(subject, name, operand).map(lambda to: {name: to})
        )
        two = st.builds(lambda first, second: {**first, **second}, one, one)
        forms = [self.literals.of(subject), self.literals.several(subject), one, one, one, one, two]
        if subject.type == "text":
            forms.append(one.map(lambda test: {**test, "case_sensitive": True}))
        return one_of(*forms)

    def operator(self, subject: Subject, name: str, operand: str) -> st.SearchStrategy[Any]:
        """What stands behind an operator."""
        literals = self.literals
        kind = OPERATORS[name].operand
        simple: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
            "duration": lambda: (
                _ANNIVERSARIES if name == "anniversary_within" else literals.durations(subject)
            ),
            "boolean": st.booleans,
            "pattern": lambda: st.sampled_from(PATTERNS),
            "values": lambda: literals.several(subject),
            "pair": lambda: literals.pair(subject),
            "day": lambda: literals.of(Subject(subject.path, "date", subject.values)),
        }
        if kind in simple:
            return simple[kind]()
        literal = literals.part_of_text(subject, _CUTS[name]) if name in _CUTS else literals.of(subject)
        if not subject.comparable:
            return literal
        other = st.sampled_from(subject.comparable).map(lambda path: {operand: path})
        return one_of(literal, literal, literal, other)

    def named_test(self, subjects: tuple[Subject, ...], operand: str) -> Rules:
        """A test with the name of what it tests."""
        return st.sampled_from(subjects).flatmap(
            lambda subject: self.test(subject, operand).map(lambda test: {subject.path: test})
        )

    # ---- rules about rows --------------------------------------------------------------------------------

    def _row_rule(self, relation: str, depth: int) -> Rules:
        leaf = self.named_test(self.rows[relation], "column")
        return leaf if depth == 0 else _nested(leaf, self.row_rule(relation, depth - 1))

    def _related(self, relation: str, depth: int) -> Rules:
        """`{ RELATION: {...} }`."""
        where = self.row_rule(relation, depth)
        parts: list[Rules] = [self._window(relation), self._measures(relation)]
        parts.append(st.fixed_dictionaries({"where": where}))
        edges = st.sampled_from(["every", "latest", "first"])
        parts.append(st.builds(lambda word, rule: {word: rule}, edges, self.row_rule(relation, 0)))
        chosen = one_of(*[st.lists(one_of(*parts), min_size=least, max_size=3) for least in (0, 1, 1, 2)])
        return chosen.map(lambda some: {relation: _one_window(some)})

    def _window(self, relation: str) -> Rules:
        time = self.vocabulary.relations[relation].time_column
        others = [subject for subject in self.rows[relation] if subject.type in {"date", "time"}]
        usual = [subject for subject in others if subject.path == time]

        def window(subject: Subject, *, is_named: bool) -> Rules:
            words = [word for word in WINDOW_OPERATORS if is_named or word != "within_next"]
            test = st.sampled_from(words).flatmap(
                lambda word: self.operator(subject, word, "column").map(lambda to: {word: to})
            )
            several = st.builds(lambda first, second: {**first, **second}, test, test)
            tests = one_of(test, test, several)
            return tests.map(lambda window: {**window, "on": subject.path}) if is_named else tests

        named = st.sampled_from(others).flatmap(lambda subject: window(subject, is_named=True))
        if not usual:
            return named
        plain = window(usual[0], is_named=False)
        return one_of(plain, plain, named)

    def _measures(self, relation: str) -> Rules:
        counted = Subject("count", "number", (1, 1, 2, 2, 3), comparable=self._comparable("number"))
        count = self.test(counted, "attribute").map(lambda test: {"count": test})
        measured = st.sampled_from(self.measurable(relation)).flatmap(
            lambda pair: self.test(self.measured(*pair), "attribute").map(
                lambda test: {pair[0]: {pair[1].path: test}}
            )
        )
        return one_of(count, measured, measured)

    def measurable(self, relation: str) -> list[tuple[Aggregate, Subject]]:
        """Aggregates with the columns that they work on, `count` apart."""
        return [
            (aggregate, subject)
            for aggregate in get_args(Aggregate)
            for subject in self.rows[relation]
            if subject.type in AGGREGATES[aggregate]
        ]

    def measured(self, aggregate: Aggregate, subject: Subject) -> Subject:
        """What a test of the aggregate is about."""
        if aggregate == "count_distinct":
            return Subject(subject.path, "number", (1, 2), comparable=self._comparable("number"))
        return Subject(subject.path, subject.type, subject.values, comparable=self._comparable(subject.type))

    def _comparable(self, kind: ValueType) -> tuple[str, ...]:
        return tuple(other.path for other in self.profile if _is_comparable(kind, other.type))

    # ---- rules about profiles ----------------------------------------------------------------------------

    def _profile_rule(self, depth: int, segments: tuple[str, ...] = ()) -> Rules:
        related = self.relations.flatmap(lambda name: self.related(name, min(depth, 1)))
        leaves = [*[self.named_test(self.profile, "attribute")] * 3, *[related] * 4]
        known = st.sampled_from(["customer", "guest", "visitor"])
        leaves.append(known.map(lambda kind: {"condition": {"name": "known_kind", "with": {"kind": kind}}}))
        if segments:
            names = st.lists(st.sampled_from(segments), min_size=1, max_size=2, unique=True)
            leaves.append(one_of(names, st.sampled_from(segments)).map(lambda name: {"segment": name}))
        leaf = one_of(*leaves)
        return leaf if depth == 0 else _nested(leaf, self.profile_rule(depth - 1, segments))

    def segment(self, segments: tuple[str, ...] = ()) -> Rules:
        """A segment with its settings."""
        kinds = ["customers", "guests", "visitors", ["guests", "visitors"], ["customers", "guests"]]
        audiences = st.sampled_from(["everyone"] * 12 + kinds)
        websites = self._setting("website")
        groups = self._setting("customer_group")
        settings = st.fixed_dictionaries(
            {"audience": audiences},
            optional={
                "websites": websites,
                "customer_groups": groups,
                "time_zone": st.sampled_from(ZONES),
            },
        )
        plain = st.fixed_dictionaries({"audience": audiences})
        rules = one_of(*[self.profile_rule(depth, segments) for depth in (0, 1, 1, 2, 3)])
        drawn = st.builds(lambda head, match: {**head, "match": match}, one_of(plain, plain, settings), rules)
        aimed = st.builds(lambda head, rest: {**head, **rest}, plain, one_of(*self.aimed))
        return one_of(drawn, drawn, drawn, aimed, aimed)

    def aimed_attributes(self) -> st.SearchStrategy[dict[str, Any]]:
        """The attributes that the aimed rules are about."""
        return aimed_attributes(self.vocabulary, self.relations, self.row_rule("orders", 0))

    def _setting(self, column: str) -> st.SearchStrategy[Any]:
        subject = next(subject for subject in self.profile if subject.path == column)
        words = st.sampled_from([str(value) for value in subject.values if str(value).split()] or ["base"])
        return one_of(words, st.lists(words, min_size=1, max_size=2))


def _one_window(parts: list[Rule]) -> Rule:
    """The parts as one: of several windows, which may be on columns of other types, the last."""
    body: Rule = {}
    for part in parts:
        if WINDOW_KEYS & part.keys():
            body = {key: value for key, value in body.items() if key not in WINDOW_KEYS}
        body |= part
    return body


def _nested(leaf: Rules, rule: Rules) -> Rules:
    deeper = joined(rule, rule)
    return one_of(leaf, leaf, *[deeper] * 4, st.builds(lambda first, second: {**first, **second}, rule, leaf))


def joined(rule: Rules, others: Rules) -> Rules:
    """A junction of a rule, and maybe of others."""
    words = st.sampled_from(["all", "any", "none"])
    more = st.lists(others, max_size=2)
    several = st.builds(lambda word, one, some: {word: [one, *some]}, words, rule, more)
    return one_of(*[several] * 3, rule.map(lambda inner: {"not": inner}))


def _with_parts(subjects: list[Subject]) -> list[Subject]:
    """The subjects, and of times their parts."""
    parts = [
        Subject(
            f"{subject.path}.{part}",
            kind,
            {"date": subject.values, "hour": (0, 12, 23), "month": (1, 2, 12), "weekday": ()}[part],
            WEEKDAYS if part == "weekday" else (),
        )
        for subject in subjects
        if subject.type == "time"
        for part, kind in PART_TYPES.items()
    ]
    return [*subjects, *parts]


def _with_comparable(subjects: list[Subject]) -> tuple[Subject, ...]:
    return tuple(
        Subject(
            subject.path,
            subject.type,
            subject.values,
            subject.options,
            tuple(
                other.path
                for other in subjects
                if other != subject and _is_comparable(subject.type, other.type)
            ),
        )
        for subject in subjects
    )


def _is_comparable(one: ValueType, other: ValueType) -> bool:
    if "list" in {one, other}:
        return False
    is_calendar = {one, other} <= {"date", "time"}
    return one == other or (type_is_numeric(one) and type_is_numeric(other)) or is_calendar


def _each(values: list[Any]) -> list[Any]:
    """Values one by one, also those in lists."""
    return [item for value in values for item in (value if isinstance(value, list) else [value])]
