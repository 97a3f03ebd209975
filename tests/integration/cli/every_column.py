"""Segments that ask about every column of profiles, relations and parents, by values that the shop has."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from itertools import cycle
from typing import Any

from maho_segments.language import read_vocabulary
from maho_segments.language.vocabulary import Column
from tests.databases import PROJECT
from tests.reference import Shop
from tests.reference.people import read_people
from tests.reference.places import read_places
from tests.reference.relations import read_relations

Rule = dict[str, Any]


def segments_about_every_column(shop: Shop) -> str:
    """A segments.yml; JSON is YAML."""
    segments = {
        f"rule_{number}": {"audience": "everyone", "match": rule}
        for number, rule in enumerate(_rules(shop), start=1)
    }
    return json.dumps({"version": 1, "segments": segments}, indent=1)


def _rules(shop: Shop) -> Iterator[Rule]:
    vocabulary = read_vocabulary(PROJECT)
    places = read_places(shop)
    people = read_people(shop, places, joins_guest_orders=True)
    relations = read_relations(shop, places, people)
    profiles = list(people.profiles.values())
    forms = cycle(("where", "latest", "every", "where", "first"))
    for column in vocabulary.profile.columns.values():
        values = [value for profile in profiles if (value := profile.columns.get(column.name)) is not None]
        for name, test in _tests(column, column.name, values):
            yield {name: test}
    for relation in vocabulary.relations.values():
        columns = dict(relation.columns)
        for parent in relation.parents.values():
            columns |= {f"{parent.name}.{name}": column for name, column in parent.table.columns.items()}
        rows = [row for owned in relations[relation.name].values() for row in owned]
        for name, column in columns.items():
            values = [value for row in rows if (value := row.value(name)) is not None]
            for tested, test in _tests(column, name, values):
                # Each test in one of the forms: all of them would be more features than a table has columns.
                yield {relation.name: {next(forms): {tested: test}}}
            yield from ({relation.name: measure} for measure in _measures(column, name, values))


def _tests(column: Column, name: str, values: list[Any]) -> Iterator[tuple[str, Any]]:
    """Tests of a column: its name, or that of a part of it, and the operators."""
    yield name, {"is_set": True}
    if not values:
        return
    usual = Counter(values).most_common(1)[0][0]
    middle = sorted(values)[len(values) // 2] if column.type not in {"list", "boolean"} else None
    match column.type:
        case "text":
            yield name, {"eq": str(usual).upper()}
            yield name, {"contains": str(middle)[1:3]} if len(str(middle)) > 2 else {"ne": str(middle)}
        case "boolean":
            yield name, {"eq": usual}
        case "list":
            yield name, {"contains_any": sorted(usual)[:2]}
            yield name, {"contains_none": sorted(usual)[-1:]}
        case "date":
            yield name, {"gte": middle.isoformat()}
            yield name, {"anniversary_within": "60 days"}
        case "time":
            yield name, {"within": "3 months"}
            yield name, {"after": middle.date().isoformat()}
            yield f"{name}.date", {"in": [_text(middle.date())]}
            yield f"{name}.weekday", {"in": ["saturday", "sunday"]}
            yield f"{name}.hour", {"lt": 12}
            yield f"{name}.month", {"gte": 7}
        case _:
            yield name, {"gt": _number(middle)}


def _measures(column: Column, name: str, values: list[Any]) -> Iterator[Rule]:
    """Aggregates of a column, each with a bound that some profiles are above."""
    if not values or column.type == "list":
        return
    if column.type in {"text", "boolean"}:
        yield {"count_distinct": {name: {"gte": 2}}}
        return
    middle = sorted(values)[len(values) // 2]
    bound = _text(middle.date()) if isinstance(middle, datetime) else _text(middle)
    yield {"min": {name: {"gt": bound}}, "max": {name: {"is_set": True}}}
    yield {"max": {name: {"lte": bound}}}
    if column.type not in {"date", "time"}:
        yield {"avg": {name: {"gte": bound}}}
        yield {"sum": {name: {"gt": bound}}}


def _number(value: Fraction) -> float:
    return float(value)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else _number(value)
