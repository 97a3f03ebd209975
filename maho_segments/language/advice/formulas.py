"""Rules as formulas: facts about values, joined by `all` and `any`; what was negated is so in the facts."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from maho_segments.language.advice.facts import Facts
from maho_segments.language.rules import Rows, Rule, Value


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is so of one value, which has a number of its own."""

    key: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Every:
    """All of these are so; of nothing, always."""

    parts: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these is so; of nothing, never."""

    parts: "tuple[Formula, ...]"


Formula = Fact | Every | Either
ALWAYS = Every(())


def every(parts: Iterable[Formula]) -> Formula:
    """All of these, without needless nesting."""
    flat: list[Formula] = []
    for part in parts:
        flat += part.parts if isinstance(part, Every) else [part]
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def either(parts: Iterable[Formula]) -> Formula:
    """One of these, without needless nesting."""
    flat: list[Formula] = []
    for part in parts:
        flat += part.parts if isinstance(part, Either) else [part]
    return flat[0] if len(flat) == 1 else Either(tuple(flat))


@dataclass(frozen=True, slots=True)
class Subject:
    """What a key stands for: a value of the profile, or of a row of `relation`; or a yes or no (no value)."""

    value: Value | None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """That the newest or oldest of some rows passes a test; which row that is, and by what time zone."""

    row: Hashable
    rows: Rows
    test: Rule
    zone: str | None


class Keys:
    """Numbers for whatever is the same: equal numbers are equal values, rules or rows."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self.same_as: dict[str, str] = {}
        """The segments that are the same as an earlier one."""
        self._opposites: dict[int, int] = {}
        self.subjects: dict[int, Subject] = {}
        self.counts: dict[int, tuple[Rows, str | None]] = {}
        """Of each subject that is the number of some rows: the rows, and the time zone they go by."""

        self.edges: dict[int, Edge] = {}

    def of(self, thing: Hashable) -> int:
        """The number of a thing."""
        return self._numbers.setdefault(thing, len(self._numbers))

    def opposite(self, number: int) -> int:
        """The number of what is so where that is not; the opposite of an opposite is the first again."""
        if number not in self._opposites:
            other = self.of(("not", number))
            self._opposites[number], self._opposites[other] = other, number
        return self._opposites[number]
