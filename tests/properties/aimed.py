"""Rules and attributes that aim at what blind ones seldom hit: ties, midnights, anniversaries, fractions.

Each is a form of rule with a literal of which it depends whether the odd thing is done right, for the odd
rows that `shops.py` draws: twins of one time, rows without one, days with two midnights.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from maho_segments.language.vocabulary import Vocabulary
from tests.properties.choices import one_of
from tests.properties.literals import Literals, Subject, plain_number
from tests.properties.moments import ZONES, DoubledMidnight, doubled_midnights, months_before

Rule = dict[str, Any]
Rules = st.SearchStrategy[Rule]

RATIO, DIFFERENCE, LATEST = "aimed_ratio", "aimed_difference", "aimed_latest"
_ORDER = ("eq", "gt", "gte", "lt", "lte")
_MONTHS = (1, 6, 12)

Place = tuple[str | None, str]
"""The relation, or None for the profile, and what the value is called there."""


class Aims:
    """Strategies for rules about one shop, whose profile and rows have those subjects."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        profile: tuple[Subject, ...],
        rows: dict[str, tuple[Subject, ...]],
        literals: Literals,
    ) -> None:
        self._vocabulary = vocabulary
        self._profile = profile
        self._rows = rows
        self._literals = literals

    def segments(self) -> list[Rules]:
        """A rule of each kind, some with the time zone of the segment."""
        rules = [
            self._edges(), self._edges(), self._distinct(), self._days(), self._days(), self._months(),
            self._anniversaries(), self._lists(), self._calculations(), self._calculations(),
        ]  # fmt: skip
        return [rule for rule in rules if not rule.is_empty]

    # ---- rows --------------------------------------------------------------------------------------------

    def _edges(self) -> Rules:
        """The newest or oldest row of all has a value that others of the profile may lack."""
        tests = [
            (relation, subject.path, value)
            for relation, subject in self._columns()
            if subject.type not in {"time", "date", "list"} and len(subject.values) > 1
            for value in subject.values
        ]
        return st.builds(
            lambda word, test: {"match": {test[0]: {word: {test[1]: _literal(test[2])}}}},
            st.sampled_from(["latest", "first"]),
            _each_relation(tests),
        )

    def _distinct(self) -> Rules:
        """How many texts there are, of which some differ in case alone."""
        texts = [
            (relation, subject.path)
            for relation, subject in self._columns()
            if subject.type == "text" and len({text.lower() for text in subject.values}) < len(subject.values)
        ]
        return st.builds(
            lambda to, operator, number: {"match": {to[0]: {"count_distinct": {to[1]: {operator: number}}}}},
            _each_relation(texts),
            st.sampled_from(_ORDER),
            st.integers(1, 3),
        )

    def _lists(self) -> Rules:
        """Several entries of a list, which rows have together or apart."""
        lists = [
            (relation, subject.path, sorted(set(subject.values)))
            for relation, subject in self._columns()
            if subject.type == "list" and len(set(subject.values)) > 1
        ]

        def rule(place: Any) -> Rules:
            relation, path, entries = place
            pairs = st.lists(st.sampled_from(entries), min_size=2, max_size=2, unique=True)
            return pairs.map(lambda pair: {"match": {relation: {"where": {path: {"contains_all": pair}}}}})

        return _each_relation(lists).flatmap(rule)

    def _columns(self) -> list[tuple[str, Subject]]:
        return [(relation, subject) for relation, subjects in self._rows.items() for subject in subjects]

    # ---- times -------------------------------------------------------------------------------------------

    def _days(self) -> Rules:
        """A day counts from its first moment: a duration that reaches between its two midnights."""
        doubled = doubled_midnights(self._literals.as_of)
        known = [
            (place, one)
            for place, values in self._places("date")
            for one in doubled
            if any(_day_of(value, one.zone) == one.day for value in values)
        ]
        blind = [(place, one) for place, _ in self._places("date") for one in doubled]

        def rule(aim: tuple[Place, DoubledMidnight], word: str) -> Rule:
            place, one = aim
            word = "within_next" if one.minutes > 0 else word
            return {"time_zone": one.zone, "match": _at(place, {word: f"{max(abs(one.minutes), 1)} minutes"})}

        words = st.sampled_from(["within", "older_than", "within_next"])
        return st.builds(rule, st.sampled_from(known or blind), words)

    def _months(self) -> Rules:
        """Months and years back, which begin at another instant by each clock."""
        as_of = self._literals.as_of
        edges = [
            (zone, months, *sorted([months_before(as_of, zone, months), months_before(as_of, "UTC", months)]))
            for zone in ZONES
            for months in _MONTHS
        ]
        known = [
            (place, zone, months)
            for place, values in self._places("time")
            for zone, months, first, last in edges
            if any(first <= value < last for value in values)
        ]
        blind = [(place, zone, months) for place, _ in self._places("time") for zone, months, *_ in edges]
        return st.builds(
            lambda aim, word: {
                "time_zone": aim[1],
                "match": _at(aim[0], {word: f"{aim[2]} month{'s'[: aim[2] > 1]}"}),
            },
            st.sampled_from(known or blind),
            st.sampled_from(["within", "older_than"]),
        )

    def _places(self, kind: str) -> list[tuple[Place, tuple[Any, ...]]]:
        """Where values of that type stand, and the values."""
        found: list[tuple[Place, tuple[Any, ...]]] = [
            ((relation, subject.path), subject.values)
            for relation, subject in self._columns()
            if subject.type == kind
        ]
        return found + [
            ((None, subject.path), subject.values) for subject in self._profile if subject.type == kind
        ]

    def _anniversaries(self) -> Rules:
        """Birthdays that are just now."""
        days = [subject.path for subject in self._profile if subject.type == "date"]
        soon = st.sampled_from(["1 day", "2 days", "7 days", "365 days"])
        return st.builds(
            lambda path, length: {"match": {path: {"anniversary_within": length}}},
            one_of(st.just("birth_date"), st.just("birth_date"), st.sampled_from(days)),
            soon,
        )

    # ---- attributes --------------------------------------------------------------------------------------

    def _calculations(self) -> Rules:
        """A fraction of two counts, the difference of two, the latest of several times."""
        names = {subject.path for subject in self._profile}
        fractions = st.sampled_from(
            [0, Decimal("0.25"), Decimal("0.5"), Decimal("0.6"), 1, Decimal("1.5"), 2]
        )
        numbers = st.builds(
            lambda name, operator, number: {"match": {name: {operator: number}}},
            st.sampled_from([RATIO, RATIO, DIFFERENCE]),
            st.sampled_from(_ORDER),
            fractions,
        )
        times = self._literals.time(Subject(LATEST, "time")).flatmap(
            lambda moment: st.sampled_from(["since", "until", "after"]).map(
                lambda word: {"match": {LATEST: {word: moment}}}
            )
        )
        return one_of(numbers, times) if {RATIO, DIFFERENCE, LATEST} <= names else st.nothing()


def _each_relation(places: list[Any]) -> st.SearchStrategy[Any]:
    """One of the places, of which the first part is a relation, each relation as often as another."""
    relations: dict[str, list[Any]] = {}
    for place in places:
        relations.setdefault(place[0], []).append(place)
    return one_of(*[st.sampled_from(some) for some in relations.values()])


def _at(place: Place, test: Rule) -> Rule:
    relation, path = place
    return {path: test} if relation is None else {relation: {"where": {path: test}}}


def _day_of(value: date | datetime, zone: str) -> date:
    return value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value


def _literal(value: Any) -> Any:
    return value if isinstance(value, str | bool) else plain_number(value)


def aimed_attributes(
    vocabulary: Vocabulary, relations: st.SearchStrategy[str], states: st.SearchStrategy[Rule]
) -> st.SearchStrategy[dict[str, Any]]:
    """The attributes of these rules: counts by counts, and times of several relations in any order."""
    timed = [(name, relation.time_column) for name, relation in vocabulary.relations.items()]
    times = st.lists(
        st.builds(
            lambda place, word: {place[0]: {word: place[1]}},
            st.sampled_from([(name, column) for name, column in timed if column is not None]),
            st.sampled_from(["min", "max"]),
        ),
        min_size=2,
        max_size=3,
    )
    rows = one_of(states.map(lambda where: {"where": where}), st.just({}))
    counts = one_of(
        relations.flatmap(lambda name: st.tuples(_count(name, st.just({})), st.sampled_from([2, 3]))),
        relations.flatmap(lambda name: st.tuples(_count(name, st.just({})), _count("orders", rows))),
        st.tuples(_count("orders", rows), _count("orders", st.just({}))),
    )
    return st.builds(
        lambda one, other, latest: {
            RATIO: _described("number", {"ratio": [*one]}),
            DIFFERENCE: _described("number", {"difference": [*other]}),
            LATEST: _described("time", {"latest_of": ["created_at", *latest]}),
        },
        one_of(counts, st.tuples(_count("orders", rows), _count("orders", st.just({})))),
        counts,
        times,
    )


def _count(relation: str, rows: Rules) -> Rules:
    return rows.map(lambda some: {relation: {**some, "count": True}})


def _described(kind: str, definition: Rule) -> Rule:
    return {"type": kind, "description": "Drawn.", **definition}
