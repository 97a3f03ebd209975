"""What advice is given about: a segment or a named attribute, and what an advisor says about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from maho_segments.language.advice.meaning import Meaning
from maho_segments.language.advice.prover import Prover
from maho_segments.language.places import Placed, Places
from maho_segments.language.rules import (
    EVERYONE,
    AllOf,
    AnyOf,
    Attribute,
    Calculation,
    Measure,
    NoneOf,
    NotRule,
    ProfileType,
    RelatedRows,
    Rule,
    Segment,
    Test,
    TimePart,
    Value,
)


@dataclass(frozen=True, slots=True)
class Note:
    """One piece of advice: its code, where it belongs, what was found, and what to do."""

    code: str
    at: Placed
    found: str
    hint: str
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """A rule within an entry: about rows of `relation` or profiles, negated or not, and what it is in."""

    rule: Rule
    relation: str | None
    is_negated: bool
    parent: Rule | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment or an attribute, with all that an advisor may ask."""

    name: str
    places: Places
    start: Placed
    meaning: Meaning
    prover: Prover
    segment: Segment | None = None
    attribute: Attribute | None = None

    @property
    def audience(self) -> tuple[ProfileType, ...]:
        """Who it is asked of; an attribute is asked of everybody."""
        return self.segment.audience if self.segment else EVERYONE

    def place(self, *things: object) -> Placed:
        """Where the first of these things stands that has a place, else the entry's name."""
        return next((at for thing in things if (at := self.places.of(thing))), self.start)

    def visits(self) -> Iterator[Visit]:
        """Every rule in it, those about rows too, each before its parts."""
        if self.segment:
            yield from _visits(self.segment.match)
        elif self.attribute:
            for measure in measures_in(self.attribute.value):
                rows = measure.rows
                for rule in [*([rows.where] if rows.where else []), *rows.window]:
                    yield from _visits(rule, rows.relation)


Advisor = Callable[[Entry], Iterator[Note]]


def measures_in(value: Value) -> Iterator[Measure]:
    """The measures that a value is made of, apart from those of named attributes."""
    match value:
        case Measure():
            yield value
        case Calculation(of=parts):
            for part in parts:
                yield from measures_in(part)
        case TimePart(of=of):
            yield from measures_in(of)
        case _:
            pass


def parts_of(rule: Rule, relation: str | None) -> list[tuple[Rule, str | None]]:
    """The rules that a rule is made of, each with the relation whose rows it is about."""
    match rule:
        case AllOf(rules=rules) | AnyOf(rules=rules) | NoneOf(rules=rules):
            return [(part, relation) for part in rules]
        case NotRule(rule=part):
            return [(part, relation)]
        case RelatedRows(rows=rows):
            about_rows = [rows.where, *rows.window, rule.every, rule.latest, rule.first]
            return [(part, rows.relation) for part in about_rows if part] + [
                (measure, None) for measure in rule.measures
            ]
        case _:
            return []


def _visits(rule: Rule, relation: str | None = None) -> Iterator[Visit]:
    waiting = [Visit(rule, relation, False, None)]
    while waiting:
        visit = waiting.pop()
        yield visit
        is_negated = visit.is_negated != isinstance(visit.rule, NotRule | NoneOf)
        waiting += [
            # Which rows are picked is not negated by a `not` before the relation.
            Visit(part, about, is_negated and not isinstance(visit.rule, RelatedRows), visit.rule)
            for part, about in reversed(parts_of(visit.rule, visit.relation))
        ]


def values_of(test: Test) -> Iterator[Value]:
    """What a test compares."""
    yield test.subject
    yield from test.operands
