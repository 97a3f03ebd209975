"""The JSON Schema of segments.yml, by which editors complete and check it."""

from pathlib import Path
from typing import Any

from maho_segments.errors import DefinitionsError
from maho_segments.language.advice_codes import ADVICE
from maho_segments.language.attributes_file import read_attributes
from maho_segments.language.problems import Reporter
from maho_segments.language.project import ATTRIBUTES_FILE
from maho_segments.language.properties import read_vocabulary
from maho_segments.language.rules import Attribute
from maho_segments.language.schema_rules import RuleSchemas, Schema
from maho_segments.language.shapes import AUDIENCES
from maho_segments.language.vocabulary import Vocabulary
from maho_segments.language.yaml_reader import read_yaml

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": ["string", "array"], "items": _TEXT, "minItems": 1}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2_000_000_000}
_AUDIENCE: Schema = {"enum": list(AUDIENCES)}

_ADVICE: Schema = {"enum": list(ADVICE)}

_DEFAULTS: dict[str, Schema] = {
    "owner": {**_TEXT, "description": "Who answers for it."},
    "tags": {**_TEXTS, "description": "Words to group segments by."},
    "audience": {
        "anyOf": [_AUDIENCE, {"type": "array", "items": _AUDIENCE, "minItems": 1}],
        "description": "Who can be a member: customers unless it says otherwise.",
    },
    "websites": {**_TEXTS, "description": "Only profiles of these websites, by code or name."},
    "customer_groups": {**_TEXTS, "description": "Only profiles of these customer groups, by name."},
    "priority": {
        "type": "integer",
        "minimum": -1_000_000,
        "maximum": 1_000_000,
        "description": "For those who pick one segment of several: the highest first.",
    },
    "time_zone": {
        **_TEXT,
        "description": "Whose days and months count, such as Europe/Berlin; else each website's own.",
    },
    "refresh": {
        "type": "object",
        "properties": {
            "on_change": {"type": "boolean", "description": "As soon as the shop changes."},
            "schedule": {
                **_TEXT,
                "pattern": r"^\s*\S+(\s+\S+){4}\s*$",
                "examples": ["0 5 * * *"],
                "description": "Cron: minute, hour, day, month, weekday, in the segment's time zone.",
            },
            "manual": {"type": "boolean", "description": "Only when asked."},
        },
        "minProperties": 1,
        "additionalProperties": False,
        "description": "When it is brought up to date.",
    },
    "guard": {
        "type": "object",
        "properties": {
            "max_change_percent": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1_000_000,
                "description": "At most this share of the members may change in a refresh.",
            },
            "min_members": {**_COUNT, "description": "At least so many members."},
            "max_members": {**_COUNT, "description": "At most so many members."},
        },
        "additionalProperties": False,
        "description": "When a refresh is suspicious, and the old members stay.",
    },
    "silence": {
        "anyOf": [_ADVICE, {"type": "array", "items": _ADVICE, "minItems": 1}],
        "description": "Advice of `segments validate` that is not wanted here, by its code.",
    },
}
_SEGMENT: dict[str, Schema] = {
    "label": {**_TEXT, "description": "Its name for people."},
    "description": {**_TEXT, "description": "Who is in it, and what for."},
    "active": {"type": "boolean", "description": "false: kept in the file, without members."},
    "renamed_from": {
        **_TEXTS,
        "description": "The name it had, or names, the latest first: its id, members and history go on.",
    },
    **_DEFAULTS,
    "match": {"$ref": "#/$defs/rule", "description": "The rule that members have to pass."},
}


def json_schema(project_dir: Path) -> dict[str, Any]:
    """The schema, made from the properties of the models and attributes.yml; raises DefinitionsError."""
    vocabulary = read_vocabulary(project_dir)
    rules = RuleSchemas(vocabulary, _attributes(project_dir, vocabulary).values())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Customer segments of a Maho shop",
        "description": "Written by `segments schema`; docs/language.md explains the words.",
        "type": "object",
        "properties": {
            "version": {"const": 1, "description": "The version of the language."},
            "defaults": {
                "type": "object",
                "properties": _DEFAULTS,
                "additionalProperties": False,
                "description": "Settings of the segments that say nothing themselves.",
            },
            "identity": {
                "type": "object",
                "properties": {
                    "guest_orders": {
                        "enum": ["join", "keep_apart"],
                        "description": "Whether guests' orders count for the account with their address.",
                    }
                },
                "additionalProperties": False,
                "description": "How guests, visitors and customers become one.",
            },
            "segments": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,62}$"},
                "additionalProperties": {"$ref": "#/$defs/segment"},
                "minProperties": 1,
                "description": "The segments, each under its name.",
            },
        },
        "required": ["version", "segments"],
        "additionalProperties": False,
        "$defs": {
            "segment": {
                "type": "object",
                "properties": _SEGMENT,
                "required": ["match"],
                "additionalProperties": False,
            },
            **dict(sorted(rules.definitions.items())),
        },
    }


def _attributes(project_dir: Path, vocabulary: Vocabulary) -> dict[str, Attribute]:
    path = project_dir / ATTRIBUTES_FILE
    if not path.exists():
        return {}
    reporter = Reporter(ATTRIBUTES_FILE)
    attributes, _ = read_attributes(read_yaml(path.read_bytes(), reporter), vocabulary, reporter)
    if reporter.problems:
        raise DefinitionsError(reporter.problems)
    return attributes
