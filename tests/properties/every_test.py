"""A rule for each operator on each type, each aggregate of each type, each kind of window, each attribute.

Rules that are drawn blindly leave most of them out, however many there are.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, get_args

from hypothesis import strategies as st

from maho_segments.language.operators import OPERATORS, WINDOW_OPERATORS, operators_of
from maho_segments.language.relation_reader import AGGREGATES, ROW_TESTS
from maho_segments.language.rules import Aggregate, ValueType
from tests.properties.choices import one_of
from tests.properties.literals import UNITS, Subject
from tests.properties.rules import Rule, Rules, RuleWriter, joined

_COMPARING = [one.name for one in OPERATORS.values() if one.operand == "value" and "time" in one.types]

Place = tuple[str | None, Subject]
"""The relation, None for the profile, and the value."""


def every_test(writer: RuleWriter) -> list[Rules]:
    """Strategies for them, in an order that is always the same."""
    places: list[Place] = [(None, subject) for subject in writer.profile]
    places += [(relation, subject) for relation, subjects in writer.rows.items() for subject in subjects]
    rules: list[Rules] = []
    for kind in get_args(ValueType):
        of_kind = [(relation, subject) for relation, subject in places if subject.type == kind]
        for operator in operators_of(kind):
            rules.append(_tested(writer, of_kind, operator))
            others = [place for place in of_kind if place[1].comparable]
            if OPERATORS[operator].operand == "value" and others:
                rules.append(_compared(others, operator))
    of_rows = {subject.type for relation, subject in places if relation is not None}
    rules.extend(
        _measured(writer, [place for place in places if place[1].type == kind], aggregate)
        for aggregate, kinds in AGGREGATES.items()
        for kind in sorted(kinds & of_rows)
    )
    times = [place for place in places if place[1].type == "time"]
    rules += [_tested(writer, times, operator, "date") for operator in _COMPARING]
    rules += [_tested(writer, times, operator, "time") for operator in _COMPARING]
    rules += [_lasting(writer, times, unit) for unit in UNITS]
    rules += [_windowed(writer, places, word) for word in WINDOW_OPERATORS]
    own = {subject.path: subject for subject in writer.profile}
    rules += [writer.named_test((own[name],), "attribute") for name in writer.attributes]
    rules += [_deep_rows(writer, word) for word in ("all", "any", "none", "not")]
    return rules + [_deep(writer, depth) for depth in (3, 4, 5)]


def _tested(writer: RuleWriter, places: list[Place], operator: str, kind: ValueType | None = None) -> Rules:
    """The operator with literals, of that type."""

    def rule(place: Place) -> Rules:
        subject = replace(place[1], type=kind or place[1].type, comparable=())
        if kind == "time":
            literals: st.SearchStrategy[Any] = writer.literals.time(subject)
        else:
            literals = writer.operator(subject, operator, "literal")
        return literals.flatmap(lambda to: _asked(place, {operator: to}))

    return _each(places, rule)


def _compared(places: list[Place], operator: str) -> Rules:
    """The operator with another value of the same row or profile."""

    def rule(place: Place) -> Rules:
        word = "column" if place[0] else "attribute"
        others = st.sampled_from(place[1].comparable)
        return others.flatmap(lambda path: _asked(place, {operator: {word: path}}))

    return _each(places, rule)


def _measured(writer: RuleWriter, places: list[Place], aggregate: Aggregate) -> Rules:
    """The aggregate, with any test of its type."""

    def rule(place: Place) -> Rules:
        relation, subject = place
        measured = writer.measured(aggregate, subject)
        return writer.test(measured, "attribute").map(
            lambda test: {relation: {aggregate: {subject.path: test}}}
        )

    return _each([place for place in places if place[0] is not None], rule)


def _windowed(writer: RuleWriter, places: list[Place], word: str) -> Rules:
    """A window on any time or date of a row."""

    def rule(place: Place) -> Rules:
        relation, subject = place
        tests = writer.operator(subject, word, "column")
        return tests.map(lambda to: {relation: {word: to, "on": subject.path}})

    return _each([place for place in places if place[0] and place[1].type in {"date", "time"}], rule)


def _lasting(writer: RuleWriter, places: list[Place], unit: str) -> Rules:
    """A duration in that unit."""

    def rule(place: Place) -> Rules:
        lengths = st.sampled_from(UNITS[unit]).map(lambda count: f"{count} {unit}")
        words = st.sampled_from(["within", "older_than", "within_next"])
        return st.tuples(words, lengths).flatmap(lambda pair: _asked(place, dict([pair])))

    return _each(places, rule)


def _deep(writer: RuleWriter, depth: int) -> Rules:
    """Junctions that deep."""
    rule: Rules = writer.profile_rule(0)
    for _ in range(depth):
        rule = joined(rule, writer.profile_rule(0))
    return rule


def _deep_rows(writer: RuleWriter, word: str) -> Rules:
    """That junction of junctions of tests of one row."""

    def rule(relation: str) -> Rules:
        leaf = writer.row_rule(relation, 0)
        inner = joined(leaf, leaf)
        outer = inner if word == "not" else st.lists(inner, min_size=1, max_size=3)
        return outer.map(lambda some: {relation: {"where": {word: some}}})

    return writer.relations.flatmap(rule)


def _asked(place: Place, test: Rule) -> Rules:
    relation, subject = place
    if relation is None:
        return st.just({subject.path: test})
    forms = st.sampled_from(["where", "where", *ROW_TESTS])
    return forms.map(lambda form: {relation: {form: {subject.path: test}}})


def _each(places: Iterable[Place], rule: Callable[[Place], Rules]) -> Rules:
    """About any of the places, mostly about one where the shop has something."""
    some = list(places)
    filled = [place for place in some if place[1].values] or some
    return one_of(*[st.sampled_from(filled)] * 3, st.sampled_from(some)).flatmap(rule)
