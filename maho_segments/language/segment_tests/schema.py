"""The JSON Schema of segment_tests.yml, by which editors complete and check it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from maho_segments.language.properties import read_vocabulary
from maho_segments.language.rules import ValueType
from maho_segments.language.segment_tests.people import IS_ACTIVE, MOST_TIMES, TIMES
from maho_segments.language.vocabulary import Column, Relation

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_VALUES: dict[ValueType, Schema] = {
    "text": {"type": ["string", "null"]},
    "list": {"type": ["string", "array", "null"], "items": _TEXT},
    "boolean": {"type": ["boolean", "null"]},
    "number": {"type": ["number", "null"]},
    "money": {"type": ["number", "null"]},
    "days": {"type": ["number", "null"]},
    "date": {"type": ["string", "null"], "examples": ["1990-05-27", "today", "3 days ago", "in 2 weeks"]},
    "time": {
        "type": ["string", "null"],
        "examples": ["10 days ago", "1 hour ago", "2026-05-10", "2026-05-10 22:30", "2026-05-10T22:30:00Z"],
    },
}
_INSTANT: Schema = {"type": "string", "examples": ["2026-05-20T12:00:00Z"]}


def schema_of_tests(project_dir: Path) -> Schema:
    """The schema, made from the properties of the models; raises DefinitionsError."""
    vocabulary = read_vocabulary(project_dir)
    profile = vocabulary.profile
    person = _columns([*profile.columns.values(), IS_ACTIVE])
    person[profile.key] = {"type": "integer", "description": "A number of their own choice."}
    for name, relation in vocabulary.relations.items():
        row = {"$ref": f"#/$defs/{name}"}
        person[name] = {"anyOf": [row, {"type": "array", "items": row}], "description": relation.description}
    people: Schema = {
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/person"},
        "minProperties": 1,
    }
    test = {
        "name": {**_TEXT, "description": "What the test is about."},
        "as_of": {**_INSTANT, "description": "Another instant than the file's."},
        "everybody": {"$ref": "#/$defs/person", "description": "What all have who do not say it themselves."},
        "in": {**people, "description": "People who must be in the segment."},
        "out": {**people, "description": "People who must not be in it."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tests of customer segments",
        "description": "Written by `segments schema`; docs/testing-segments.md explains the words.",
        **_mapping(
            {
                "version": {"const": 1, "description": "The version of the language."},
                "as_of": {**_INSTANT, "description": "The instant that the segments are asked for."},
                "websites": {
                    "type": "object",
                    "additionalProperties": {**_TEXT, "examples": ["Europe/Berlin"]},
                    "minProperties": 1,
                    "description": "The websites people are of, with their time zones; the first is usual.",
                },
                "tests": {
                    "type": "object",
                    "additionalProperties": {
                        "anyOf": [
                            {"$ref": "#/$defs/test"},
                            {"type": "array", "items": {"$ref": "#/$defs/test"}},
                        ]
                    },
                    "minProperties": 1,
                    "description": "For each segment a test, or a list of them.",
                },
            }
        ),
        "required": ["version", "as_of", "tests"],
        "$defs": {
            "person": {**_mapping(person), "type": ["object", "null"]},
            "test": _mapping(test),
            **{name: _row(relation) for name, relation in sorted(vocabulary.relations.items())},
        },
    }


def _row(relation: Relation) -> Schema:
    row = _columns(relation.columns.values())
    row[TIMES] = {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_TIMES,
        "description": "How many such rows.",
    }
    for parent in relation.parents.values():
        columns = _columns(parent.table.columns.values())
        row[parent.name] = {**_mapping(columns), "description": parent.table.description}
        row |= {f"{parent.name}.{name}": column for name, column in columns.items()}
    return _mapping(row)


def _columns(columns: Iterable[Column]) -> dict[str, Schema]:
    return {column.name: _column(column) for column in columns}


def _column(column: Column) -> Schema:
    schema = {**_VALUES[column.type], "description": column.description}
    if column.options and not column.also:
        # Of the type itself: the spelling is that of the options, or any other case of it.
        return {
            "description": column.description,
            "anyOf": [{"enum": list(column.options)}, _VALUES[column.type]],
        }
    known = column.known_values
    return {**schema, "examples": list(known)} if known else schema


def _mapping(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}
