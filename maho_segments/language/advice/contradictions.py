"""Advice on rules that can't be true, or can't be false."""

from collections.abc import Iterator
from itertools import combinations

from maho_segments.language.advice.entries import Entry, Note, measures_in, parts_of
from maho_segments.language.advice.meaning import Rules
from maho_segments.language.phrases import test_phrase
from maho_segments.language.places import Placed
from maho_segments.language.rules import (
    AllOf,
    AnyOf,
    Condition,
    InSegment,
    NoneOf,
    NotRule,
    RelatedRows,
    Rule,
    Test,
)

_MOST_PAIRS = 500
"""Pairs of parts that are looked at for the two that contradict each other."""
_DEEPEST = 60
"""Rules that nest deeper are not looked into: nobody could follow the advice."""


def contradictions(entry: Entry) -> Iterator[Note]:
    """Parts of a rule that can't be true or can't be false: the innermost of them."""
    judge = _Judge(entry)
    if entry.attribute:
        for measure in measures_in(entry.attribute.value):
            rows = measure.rows
            yield from judge.rows([*([rows.where] if rows.where else []), *rows.window], rows.relation)
    if not entry.segment:
        return
    if is_too_deep(entry.segment.match):
        return
    notes = list(judge.rule(entry.segment.match, None))
    yield from notes
    if not notes and entry.prover.is_impossible(entry.meaning.segment(entry.segment, is_in=True)):
        at = entry.place(entry.segment.match)
        yield Note(
            "never-true",
            at,
            "nobody can be in it: the rule contradicts the segment's own audience, websites or groups, "
            "or a segment that it names",
            "Nobody will ever be a member. Correct the rule, or those settings.",
        )


def is_too_deep(rule: Rule) -> bool:
    """Whether a rule nests deeper than it is looked into."""
    waiting: list[tuple[Rule, str | None, int]] = [(rule, None, 1)]
    while waiting:
        part, relation, depth = waiting.pop()
        if depth > _DEEPEST:
            return True
        waiting += [(inner, about, depth + 1) for inner, about in parts_of(part, relation)]
    return False


class _Judge:
    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.rules: Rules = entry.meaning.rules(entry.segment.time_zone if entry.segment else None)

    def rule(self, rule: Rule, relation: str | None) -> Iterator[Note]:
        """What is found in the rule's parts or, if nothing is, of the rule itself."""
        found = False
        for part, about in parts_of(rule, relation):
            for note in self.rule(part, about):
                found = True
                yield note
        if found or isinstance(rule, NotRule | InSegment | Condition):
            return
        if isinstance(rule, RelatedRows):
            yield from self._related(rule)
        elif isinstance(rule, AllOf):
            yield from self.every(list(rule.rules), relation, rule)
        elif isinstance(rule, AnyOf | NoneOf):
            yield from self._either(rule, relation)
        elif self._is_never(rule, relation):
            yield self._never(self.entry.place(rule), f"{_phrase(rule)}: that is never so", relation)
        elif self._is_always(rule, relation):
            yield self._always(self.entry.place(rule), f"{_phrase(rule)}: that is always so", relation)

    def rows(self, tests: list[Rule], relation: str) -> Iterator[Note]:
        """What is found of the tests that pick rows of a relation."""
        notes = [note for test in tests for note in self.rule(test, relation)]
        yield from notes or self.every(tests, relation)

    def every(self, parts: list[Rule], relation: str | None, whole: Rule | None = None) -> Iterator[Note]:
        """What is found of rules that all have to be true."""
        formulas = [self.rules.formula(part, relation, is_true=True) for part in parts]
        if len(parts) < 2 or not self.entry.prover.is_impossible(*formulas):
            return
        for one, two in _pairs(len(parts)):
            if self.entry.prover.is_impossible(formulas[one], formulas[two]):
                at, found = self._both(parts[one], parts[two])
                yield self._never(at, f"these can't be true together: {found}", relation)
                return
        yield self._never(self.entry.place(whole, *parts), "these can't all be true together", relation)

    def _either(self, rule: AnyOf | NoneOf, relation: str | None) -> Iterator[Note]:
        parts = rule.rules
        formulas = [self.rules.formula(part, relation, is_true=False) for part in parts]
        if len(parts) < 2 or not self.entry.prover.is_impossible(*formulas):
            return
        for one, two in _pairs(len(parts)):
            if self.entry.prover.is_impossible(formulas[one], formulas[two]):
                at, found = self._both(parts[one], parts[two])
                found = f"one of these is always so: {found}"
                break
        else:
            at, found = self.entry.place(rule, *parts), "one of these is always so"
        make = self._never if isinstance(rule, NoneOf) else self._always
        yield make(at, found, relation)

    def _related(self, rule: RelatedRows) -> Iterator[Note]:
        name = rule.rows.relation
        tests: list[Rule] = [*([rule.rows.where] if rule.rows.where else []), *rule.rows.window]
        notes = list(self.every(tests, name))
        yield from notes
        if notes:
            return
        at = self.entry.place(rule)
        if self._is_never(rule, None) and not self._is_for_others(rule):
            yield self._never(at, f"what is asked of `{name}` can't be true together", None)
        elif self._is_always(rule, None) and not self._is_for_others(rule):
            yield self._always(at, f"what is asked of `{name}` is always so", None)

    def _is_for_others(self, rule: RelatedRows) -> bool:
        """Whether nobody in the audience has such rows, which is advice of its own."""
        return not self.entry.prover.known.has_rows(rule.rows.relation)

    def _is_never(self, rule: Rule, relation: str | None) -> bool:
        return self.entry.prover.is_impossible(self.rules.formula(rule, relation, is_true=True))

    def _is_always(self, rule: Rule, relation: str | None) -> bool:
        return self.entry.prover.is_impossible(self.rules.formula(rule, relation, is_true=False))

    def _both(self, one: Rule, two: Rule) -> tuple[Placed, str]:
        first, second = self.entry.place(one), self.entry.place(two)
        where = f" (line {first.line})" if first.line != second.line else ""
        return second, f"{_phrase(one)}{where}, and {_phrase(two)}"

    def _never(self, at: Placed, found: str, relation: str | None) -> Note:
        what = f"No row of {relation} is ever picked" if relation else "It holds for nobody, ever"
        return Note("never-true", at, found, f"{what}. Correct it, or leave it out.")

    def _always(self, at: Placed, found: str, relation: str | None) -> Note:
        what = f"Every row of {relation} passes" if relation else "It holds for everybody"
        return Note("always-true", at, found, f"{what}, so it does nothing. Correct it, or leave it out.")


def _pairs(count: int) -> list[tuple[int, int]]:
    return [pair for pair, _ in zip(combinations(range(count), 2), range(_MOST_PAIRS), strict=False)]


def _phrase(rule: Rule) -> str:
    match rule:
        case Test():
            phrase = test_phrase(rule)
        case RelatedRows():
            phrase = f"what is asked of `{rule.rows.relation}`"
        case InSegment(names=names):
            phrase = f"`segment: {', '.join(names)}`"
        case NotRule(rule=inner):
            phrase = f"not ({_phrase(inner)})"
        case NoneOf(rules=rules):
            phrase = f"none of ({_phrase(rules[0])}{', ...' if len(rules) > 1 else ''})"
        case AllOf(rules=rules) | AnyOf(rules=rules):
            phrase = f"{'all' if isinstance(rule, AllOf) else 'any'} of ({_phrase(rules[0])}, ...)"
        case Condition(name=name):
            phrase = f"the condition `{name}`"
    return phrase
