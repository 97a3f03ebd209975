"""A segment's rule taken apart: what to ask the database about a person, to say which part they fail."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from maho_segments.language.phrases import value_phrase
from maho_segments.language.plan import admission, compile_with_features
from maho_segments.language.plan_json import Json
from maho_segments.language.plan_rules import RuleCompiler
from maho_segments.language.project import Project
from maho_segments.language.rules import (
    AllOf,
    AnyOf,
    Constant,
    Measure,
    NoneOf,
    NotRule,
    RelatedRows,
    Rule,
    Test,
    Value,
)
from maho_segments.language.words import rule_in_words


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a rule: its words, the numbers of what to ask about it, and its own parts."""

    words: tuple[str, ...]
    rule: int
    values: tuple[tuple[str, int], ...]
    """What the part compares, as it is called, with the number of the value."""
    parts: "tuple[Clause, ...]"


@dataclass(frozen=True, slots=True)
class Questions:
    """A plan that asks people rules and values, and what the numbers of these stand for."""

    plan: Json
    """With `asked`: the rules and values, in the order of their numbers, and who is asked."""
    clauses: dict[int, tuple[Clause, ...]]
    """For each profile: the parts of the segment's rule, all of which must hold."""


_Asked = dict[str, list[Json]]


def ask_about(project: Project, people: Mapping[int, str]) -> Questions:
    """The questions that take apart why profiles, by their numbers, are in a segment or not."""
    names = list(dict.fromkeys(people.values()))
    plan, features = compile_with_features(project, names)
    asked: _Asked = {"rules": [], "values": []}
    clauses: dict[str, tuple[Clause, ...]] = {}
    for name in names:
        segment = project.segments[name]
        compiler = RuleCompiler(project.attributes, features, segment.time_zone)
        reader = _ClauseReader(project, compiler, asked)
        rules = [*admission(project, segment), segment.match]
        clauses[name] = tuple(reader.clause(rule) for rule in _flat(rules))
    numbers = [str(number) for number in people]
    return Questions(
        {**plan, "relations": features.relations(), "asked": {**asked, "profiles": numbers}},
        {number: clauses[name] for number, name in people.items()},
    )


class _ClauseReader:
    def __init__(self, project: Project, compiler: RuleCompiler, asked: _Asked) -> None:
        self.project = project
        self.compiler = compiler
        self.asked = asked

    def clause(self, rule: Rule) -> Clause:
        self.asked["rules"].append(self.compiler.rule(rule))
        number = len(self.asked["rules"]) - 1
        words = rule_in_words(self.project, rule)
        parts = tuple(map(self.clause, _parts(rule)))
        if parts:
            return Clause(words[:1], number, (), parts)
        return Clause(words, number, tuple(self._values(rule)), ())

    def _values(self, rule: Rule) -> Iterator[tuple[str, int]]:
        for value in dict.fromkeys(_compared(rule)):
            self.asked["values"].append(self.compiler.value(value))
            yield value_phrase(value), len(self.asked["values"]) - 1


def _flat(rules: Iterable[Rule]) -> Iterator[Rule]:
    for rule in rules:
        if isinstance(rule, AllOf):
            yield from _flat(rule.rules)
        else:
            yield rule


def _parts(rule: Rule) -> tuple[Rule, ...]:
    """The rules that a list of rules is made of, below `not` as well; a list of one is as that one."""
    match rule:
        case AllOf(rules=(only,)) | AnyOf(rules=(only,)) | NoneOf(rules=(only,)) | NotRule(rule=only):
            return _parts(only)
        case AllOf(rules=rules) | AnyOf(rules=rules) | NoneOf(rules=rules):
            return rules
    return ()


def _compared(rule: Rule) -> Iterator[Value]:
    """The values of a profile that a rule without parts compares with something."""
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules) | NoneOf(rules=rules):
            for part in rules:
                yield from _compared(part)
        case NotRule(rule=inner):
            yield from _compared(inner)
        case Test(subject=subject, operands=operands):
            yield from (value for value in (subject, *operands) if not isinstance(value, Constant))
        case RelatedRows(rows=rows, measures=measures):
            for measure in measures:
                yield from _compared(measure)
            if not measures:
                yield Measure(rows, "count", None, "number")
