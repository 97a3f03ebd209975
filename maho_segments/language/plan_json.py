"""The rules and values of a plan as JSON: putting them together, comparing them, looking into them."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

Json = dict[str, object]
"""A rule, value or feature of the plan, as docs/architecture.md shows them."""


def canonical(value: object) -> str:
    """The one JSON text of a value, equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def content_hash(value: object) -> str:
    """The hash of what a value says."""
    return sha256(canonical(value).encode()).hexdigest()


# ---- putting together ------------------------------------------------------------------------------------


def every_of(rules: list[Json]) -> Json:
    """All rules as one, without an `all` in an `all`."""
    return _joined("all", rules)


def either_of(rules: list[Json]) -> Json:
    """Any of the rules as one, without an `any` in an `any`."""
    return _joined("any", rules)


def _joined(word: str, rules: list[Json]) -> Json:
    parts: list[Json] = []
    for rule in rules:
        inner = rule.get(word)
        parts += inner if isinstance(inner, list) else [rule]
    return parts[0] if len(parts) == 1 else {word: parts}


def negated(rule: Json) -> Json:
    """The complement of a rule; that of a complement is the rule itself."""
    inner = rule.get("not")
    return inner if isinstance(inner, dict) else {"not": rule}


def compared(operator: str, value: Json, to: Json) -> Json:
    return {"test": operator, "value": value, "to": to}


def number(value: int) -> Json:
    return {"literal": str(value), "type": "number"}


# ---- looking into ---------------------------------------------------------------------------------------


def columns_of(node: object) -> list[str]:
    """The columns of a row that a test or value reads, labels included."""
    if isinstance(node, list):
        return [column for item in node for column in columns_of(item)]
    if not isinstance(node, dict):
        return []
    if "column" in node:
        return [str(node[key]) for key in ("column", "also") if key in node]
    return [column for item in node.values() for column in columns_of(item)]


def nodes_of(rule: object) -> Iterator[dict[str, Any]]:
    """Every mapping in a rule, in its order; without recursion, for rules nest deep."""
    waiting = [rule]
    while waiting:
        found = waiting.pop()
        # What a condition macro is given is its own.
        if isinstance(found, dict) and "condition" not in found:
            yield found
            waiting += reversed(found.values())
        elif isinstance(found, list):
            waiting += reversed(found)


def profile_columns_of(node: object) -> list[str]:
    """The columns of the profiles that a rule reads, labels included."""
    if isinstance(node, list):
        return [column for item in node for column in profile_columns_of(item)]
    if not isinstance(node, dict) or "condition" in node:
        return []
    if "profile" in node:
        return [str(node[key]) for key in ("profile", "also") if key in node]
    return [column for item in node.values() for column in profile_columns_of(item)]


def without_prefix(node: object) -> object:
    """A test about a parent as the parent's own rows see it."""
    if isinstance(node, list):
        return [without_prefix(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "column" in node:
        return {
            key: str(item).partition(".")[2] if key in {"column", "also"} else item
            for key, item in node.items()
        }
    return {key: without_prefix(item) for key, item in node.items()}


def with_prefix(node: object, parent: str) -> object:
    """A test about a parent as the rows that have it see it: the reverse of `without_prefix`."""
    if isinstance(node, list):
        return [with_prefix(item, parent) for item in node]
    if not isinstance(node, dict):
        return node
    if "column" in node:
        return {key: f"{parent}.{item}" if key in {"column", "also"} else item for key, item in node.items()}
    return {key: with_prefix(item, parent) for key, item in node.items()}


def needs_time_zone(node: object) -> bool:
    """Whether a rule or value of the plan depends on the time zone of the profile's website."""
    if isinstance(node, list):
        return any(map(needs_time_zone, node))
    if not isinstance(node, dict):
        return False
    # Whatever could depend on a zone says so by the key, which is only null for that of the website.
    if node.get("time_zone", "") is None and (node.get("test") is None or _is_by_calendar(node)):
        return True
    return any(map(needs_time_zone, node.values()))


def _is_by_calendar(node: Json) -> bool:
    """Whether a test of a duration needs a zone: months and years do, and so do days without a time."""
    duration, value = node["duration"], node["value"]
    assert isinstance(duration, dict)
    assert isinstance(value, dict)
    return duration["unit"] in {"months", "years"} or value["type"] == "date"
