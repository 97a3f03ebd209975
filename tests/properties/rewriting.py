"""Other ways to say a rule: what must have the same members whoever reads it.

Each law takes one entry of a rule, `NAME: ...`, and gives rules that mean the same in its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from maho_segments.language.operators import OPERATORS, WINDOW_OPERATORS
from maho_segments.language.relation_reader import ROW_TESTS, ROWS_KEYS
from tests.properties.rules import Rule, RuleWriter

Named = tuple[str, Rule]
"""What a law is called, and a rule that it makes."""

_TWINS = {"ne": "eq", "not_in": "in", "not_contains": "contains", "contains_none": "contains_any"}
_SYNONYMS = {"since": "gte", "before": "lt", "until": "lt", "after": "gt", "on": "eq"}
_COMPLEMENTS = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}
_GROWING = {
    "count": {"gt", "gte"},
    "count_distinct": {"gt", "gte"},
    "max": {"gt", "gte"},
    "min": {"lt", "lte"},
}
_OTHER_TESTS = frozenset(OPERATORS)
_LENGTHS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}


@dataclass(frozen=True)
class Rewriter:
    """Rewrites rules about the shop that a writer draws rules for."""

    writer: RuleWriter
    as_of: datetime
    segments: Mapping[str, Rule] = field(default_factory=dict)
    """Those that go by the same clock, by the names under which rules refer to them."""

    def rewritten(self, rule: Rule, relation: str | None = None) -> Iterator[Named]:
        """The rule with one of its entries said otherwise, for each entry and each way."""
        yield "double negation", {"not": {"not": rule}}
        for key, value in rule.items():
            others = {name: other for name, other in rule.items() if name != key}
            for law, instead in self._entry(key, value, relation):
                yield law, {"all": [others, instead]} if others else instead
        if len(rule) > 1:
            yield "keys are all", {"all": [{key: value} for key, value in rule.items()]}

    def _entry(self, key: str, value: Any, relation: str | None) -> Iterator[Named]:
        if key in {"all", "any", "none"}:
            yield f"order of {key}", {key: value[::-1]}
            for place, part in enumerate(value):
                for law, instead in self.rewritten(part, relation):
                    yield law, {key: [*value[:place], instead, *value[place + 1 :]]}
            yield from _junctions(key, value)
        elif key == "not":
            yield "not is none", {"none": [value]}
            for law, instead in self.rewritten(value, relation):
                yield law, {"not": instead}
        elif key == "segment":
            names = value if isinstance(value, list) else [value]
            yield "segments are any", {"any": [{"segment": name} for name in names]}
            if self.segments.keys() >= set(names):
                written = [without_settings(self.segments[name])["match"] for name in names]
                yield "a segment is its rule", {"any": written}
        elif key == "condition":
            yield "a condition twice", {"any": [{key: value}, {key: value}]}
        elif relation is None and key in self.writer.rows:
            yield from self._related(key, value)
        else:
            for law, instead in self._test(key, value, relation):
                yield (
                    f"{law} of {key.rpartition('.')[2] if '.' in key else self._type(key, relation)}",
                    instead,
                )

    def _type(self, path: str, relation: str | None) -> str:
        subjects = self.writer.rows[relation] if relation else self.writer.profile
        return next(subject.type for subject in subjects if subject.path == path)

    # ---- tests -------------------------------------------------------------------------------------------

    def _test(self, path: str, test: Any, relation: str | None) -> Iterator[Named]:
        if isinstance(test, list):
            yield "list is in", {path: {"in": test}}
        elif not isinstance(test, dict):
            yield "scalar is eq", {path: {"eq": test}}
        operators = test if isinstance(test, dict) else {"in" if isinstance(test, list) else "eq": test}
        case = {key: value for key, value in operators.items() if key == "case_sensitive"}
        pieces = {key: value for key, value in operators.items() if key != "case_sensitive"}
        kind = self._type(path, relation)
        if len(pieces) > 1:
            yield "operators are all", {"all": [{path: {name: to, **case}} for name, to in pieces.items()]}
            return
        ((name, to),) = pieces.items()

        def said(operator: str, operand: Any) -> Rule:
            return {path: {operator: operand, **case}}

        if name in _TWINS:
            yield f"{name} is not {_TWINS[name]}", {"not": said(_TWINS[name], to)}
        if name in _SYNONYMS:
            yield f"{name} is {_SYNONYMS[name]}", said(_SYNONYMS[name], to)
        if name in {"in", "contains_any"}:
            yield f"{name} is any eq", {"any": [said("eq", one) for one in to]}
        if name == "contains_all":
            yield "contains_all is all", {"all": [said("contains_any", [one]) for one in to]}
        if name == "between":
            yield "between is gte and lte", {path: {"gte": to[0], "lte": to[1]}}
        if name == "is_set":
            yield "is_set is not its opposite", {"not": said("is_set", not to)}
        if name == "eq" and not isinstance(to, dict):
            yield "eq is in", said("in", [to])
        if name in _COMPLEMENTS and not isinstance(to, dict):
            complement = {"not": said(_COMPLEMENTS[name], to)}
            yield f"{name} is not {_COMPLEMENTS[name]}", {"all": [said("is_set", True), complement]}
        if name in {"within", "older_than", "within_next"} and kind == "time":
            yield from self._duration(path, name, to)

    def _duration(self, path: str, name: str, duration: str) -> Iterator[Named]:
        count, unit = duration.split()
        unit = unit.removesuffix("s")
        if unit == "year":
            yield "a year is 12 months", {path: {name: f"{12 * int(count)} months"}}
        if unit not in _LENGTHS:
            return
        length = timedelta(minutes=int(count) * _LENGTHS[unit])
        present, before, after = (
            moment.astimezone(UTC).isoformat()
            for moment in (self.as_of, self.as_of - length, self.as_of + length)
        )
        ranges = {
            "within": {"since": before, "until": present},
            "older_than": {"until": before},
            "within_next": {"since": present, "before": after},
        }
        yield f"{name} is a range", {path: ranges[name]}

    # ---- relations ---------------------------------------------------------------------------------------

    def _related(self, relation: str, body: dict[str, Any]) -> Iterator[Named]:
        rows = {key: value for key, value in body.items() if key in ROWS_KEYS}
        asked = list(_asked(body))
        for key in ("where", *ROW_TESTS):
            if key in body:
                for law, instead in self.rewritten(body[key], relation):
                    yield f"{law} in {key}", {relation: {**body, key: instead}}
        window = {key: value for key, value in rows.items() if key in WINDOW_OPERATORS}
        if window:
            column = rows.get("on") or self.writer.vocabulary.relations[relation].time_column
            plain = {key: value for key, value in body.items() if key not in {*WINDOW_OPERATORS, "on"}}
            yield "window is where", {relation: _narrowed(plain, {column: window})}
        if not asked:
            yield "rows are counted", {relation: {**rows, "count": {"gte": 1}}}
            yield "rows are not none", {"not": {relation: {**rows, "count": 0}}}
        if len(asked) > 1:
            yield "aggregates are all", {"all": [{relation: {**rows, **one}} for one in asked]}
        if len(asked) == 1:
            for law, instead in _aggregate(relation, rows, asked[0]):
                yield law, instead


def _aggregate(relation: str, rows: Rule, asked: Rule) -> Iterator[Named]:
    """What a lone aggregate, `every`, `latest` or `first` can be said by instead."""
    ((word, test),) = asked.items()
    some = {relation: rows}
    if word == "every":
        failing = {relation: _narrowed(rows, {"not": test})}
        yield "every has no exception", {"all": [some, {"not": failing}]}
    elif word in {"min", "max", "count_distinct"}:
        ((column, inner),) = test.items()
        if not isinstance(inner, dict) or len(inner) != 1 or isinstance(next(iter(inner.values())), dict):
            return
        ((name, to),) = inner.items()
        known = {relation: _narrowed(rows, {column: {"is_set": True}})}
        reached = {relation: _narrowed(rows, {column: {name: to}})}
        if (word, name) in {("min", "lt"), ("min", "lte"), ("max", "gt"), ("max", "gte")}:
            yield f"{word} {name} is some row's", reached
        if (word, name) in {("min", "gt"), ("min", "gte"), ("max", "lt"), ("max", "lte")}:
            beyond = {relation: _narrowed(rows, {column: {_COMPLEMENTS[name]: to}})}
            yield f"{word} {name} is every row's", {"all": [known, {"not": beyond}]}
        if word == "count_distinct" and (name, to) in [("gte", 1), ("gt", 0)]:
            yield "count_distinct is set", known


def wider(rule: Rule) -> Iterator[Named]:
    """Rules that hold for at least the same profiles."""
    if len(rule) != 1:
        return
    ((name, body),) = rule.items()
    if name in {"all", "any"}:
        for place, part in enumerate(body):
            for law, instead in wider(part):
                yield law, {name: [*body[:place], instead, *body[place + 1 :]]}
    if not isinstance(body, dict) or name in {"not", "condition"}:
        return
    rows = {key: value for key, value in body.items() if key in ROWS_KEYS}
    asked = list(_asked(body))
    if all(_grows(one) for one in asked):
        for law, longer in _longer(body):
            yield law, {name: longer}
    for word in ROW_TESTS:
        if [list(one) for one in asked] == [[word]]:
            yield f"{word} is some row", {name: _narrowed(rows, body[word])}
            if word == "every":
                yield "every is the latest", {name: {**rows, "latest": body[word]}}
                yield "every is the first", {name: {**rows, "first": body[word]}}


def _longer(body: Rule) -> Iterator[Named]:
    """The windows of a relation, or the tests of a value, with one that reaches further."""
    for word, step in {"within": 1, "within_next": 1, "older_than": -1}.items():
        if isinstance(body.get(word), str):
            count, unit = body[word].split()
            if int(count) + step > 0:
                yield f"{word} wider", {**body, word: f"{int(count) + step} {unit.removesuffix('s')}s"}


def _grows(asked: Rule) -> bool:
    """Whether more rows never make it false."""
    ((word, test),) = asked.items()
    if word in _GROWING and word != "count":
        (test,) = test.values()
    return word in _OTHER_TESTS or (
        word in _GROWING and isinstance(test, dict) and test.keys() <= _GROWING[word]
    )


def _asked(body: dict[str, Any]) -> Iterator[Rule]:
    """What is asked of the rows, one thing at a time."""
    for key, value in body.items():
        if key in {"sum", "avg", "min", "max", "count_distinct"}:
            for column, test in value.items():
                yield {key: {column: test}}
        elif key not in ROWS_KEYS:
            yield {key: value}


def _narrowed(rows: Rule, rule: Rule) -> Rule:
    """The rows of which the rule is true as well."""
    where = {"all": [rows["where"], rule]} if "where" in rows else rule
    return {**rows, "where": where}


def _junctions(word: str, rules: list[Rule]) -> Iterator[Named]:
    nots = [{"not": rule} for rule in rules]
    if word == "all":
        yield "De Morgan of all", {"not": {"any": nots}}
    elif word == "any":
        yield "De Morgan of any", {"not": {"all": nots}}
        yield "any is not none", {"not": {"none": rules}}
    else:
        yield "none is not any", {"not": {"any": rules}}
        yield "none is all not", {"all": nots}


def without_settings(segment: dict[str, Any]) -> dict[str, Any]:
    """The segment for everyone, its settings said by its rule."""
    kinds = {"customers": "customer", "guests": "guest", "visitors": "visitor"}
    audience = segment["audience"] if isinstance(segment["audience"], list) else [segment["audience"]]
    rules: list[Rule] = []
    if "everyone" not in audience:
        rules.append({"profile_type": [kinds[word] for word in audience]})
    for setting, column in (("websites", "website"), ("customer_groups", "customer_group")):
        if setting in segment:
            words = segment[setting]
            rules.append({column: {"in": words if isinstance(words, list) else [words]}})
    kept = {"time_zone": segment["time_zone"]} if "time_zone" in segment else {}
    return {"audience": "everyone", **kept, "match": {"all": [*rules, segment["match"]]}}
