"""Rules whose answers the clock changes: windows, counted days, anniversaries, of profiles and of rows."""

from typing import Any

from hypothesis import strategies as st

from tests.properties.choices import one_of
from tests.properties.literals import Subject
from tests.properties.moments import ZONES
from tests.properties.rules import Rules, RuleWriter

_WINDOWS = ("within", "within", "older_than", "older_than", "within_next")
_CALENDAR = st.sampled_from(["1 month", "2 months", "6 months", "11 months", "1 year", "2 years", "4 years"])
_COUNTS = ("eq", "gt", "gte", "lt", "lte", "ne")


def clock_segments(writer: RuleWriter) -> Rules:
    """Segments for everyone, half of them with a time zone of their own."""
    zones = st.sampled_from([{}, *({"time_zone": zone} for zone in ZONES)])
    rules = one_of(_of_profiles(writer), _counted_days(writer), _birthdays(), _of_rows(writer))
    both = st.builds(lambda one, other: {"all": [one, {"not": other}]}, rules, rules)
    matches = one_of(rules, rules, both)
    return st.builds(
        lambda zone, match: {"audience": "everyone", **zone, "match": match},
        one_of(st.just({}), zones),
        matches,
    )


def _windows(writer: RuleWriter, subject: Subject) -> Rules:
    durations = one_of(_CALENDAR, _CALENDAR, writer.literals.durations(subject))
    return st.builds(lambda word, length: {word: length}, st.sampled_from(_WINDOWS), durations)


def _of_profiles(writer: RuleWriter) -> Rules:
    subjects = [subject for subject in writer.profile if subject.type in {"time", "date"}]
    return st.sampled_from(subjects).flatmap(
        lambda subject: _windows(writer, subject).map(lambda window: {subject.path: window})
    )


def _counted_days(writer: RuleWriter) -> Rules:
    subjects = [subject for subject in writer.profile if subject.type == "days"]
    near = one_of(st.integers(-2, 40), st.sampled_from([0.5, 90, 364, 365, 366, 800]))

    def tests(subject: Subject) -> Rules:
        other = st.sampled_from(subject.comparable).map(lambda path: {"attribute": path})
        plain = st.builds(lambda word, number: {word: number}, st.sampled_from(_COUNTS), near)
        several = st.lists(st.integers(0, 40), min_size=1, max_size=3).map(lambda numbers: {"in": numbers})
        against = st.builds(lambda word, to: {word: to}, st.sampled_from(_COUNTS), other)
        return one_of(plain, plain, several, against).map(lambda test: {subject.path: test})

    return st.sampled_from(subjects).flatmap(tests)


def _birthdays() -> Rules:
    until = st.sampled_from([0, 1, 2, 7, 363, 364, 365, 366])
    counted = st.builds(
        lambda word, days: {"days_until_birthday": {word: days}}, st.sampled_from(_COUNTS), until
    )
    lengths = st.sampled_from(["1 day", "2 days", "1 week", "364 days", "365 days"])
    return one_of(counted, lengths.map(lambda length: {"birth_date": {"anniversary_within": length}}))


def _of_rows(writer: RuleWriter) -> Rules:
    def rule(relation: str) -> Rules:
        subjects = [subject for subject in writer.rows[relation] if subject.type in {"time", "date"}]
        window: Rules = st.sampled_from(subjects).flatmap(
            lambda subject: _windows(writer, subject).map(lambda test: {subject.path: test})
        )
        forms: list[st.SearchStrategy[Any]] = [
            window.map(lambda where: {"where": where}),
            st.builds(lambda word, test: {word: test}, st.sampled_from(["latest", "first", "every"]), window),
            st.builds(lambda where, count: {"where": where, "count": count}, window, st.integers(0, 2)),
        ]
        return one_of(*forms).map(lambda rows: {relation: rows})

    return writer.relations.flatmap(rule)
