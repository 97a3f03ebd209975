"""Mutants of segments: the same definition with one thing changed, as a slip of the pen would change it."""

import copy
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from maho_segments.language.operators import OPERATORS

Json = Any

_TWINS = {"gt": "gte", "gte": "gt", "lt": "lte", "lte": "lt", "older_than": "within", "within": "older_than"}
_OPPOSITES = {
    "eq": "ne", "in": "not_in", "contains": "not_contains", "contains_any": "contains_none",
    "starts_with": "ends_with", "min": "max",
}  # fmt: skip
_OPPOSITES |= {other: name for name, other in _OPPOSITES.items()}
_FLIPPED = {"all": "any", "any": "all", "first": "latest", "latest": "first", "every": "where"}
_NO_TESTS = frozenset(
    [*OPERATORS, "all", "any", "none", "not", "segment", "name", "with", "column", "attribute"]
)
_DURATION = re.compile(r"(\d+) (\w+)")
_AUDIENCES = {"customers": "everyone", "guests": "everyone", "visitors": "everyone", "everyone": "customers"}


def mutants(segment: Json) -> Iterator[tuple[str, Json]]:
    """Each mutant of a segment's mapping, and what was changed: its audience, its groups, its rule."""
    audience = segment.get("audience", "customers")
    wider = _AUDIENCES[audience] if isinstance(audience, str) else "everyone"
    yield f"audience {wider}", {**segment, "audience": wider}
    if isinstance(audience, list):
        for kind in audience:
            yield (
                f"audience without {kind}",
                {**segment, "audience": [one for one in audience if one != kind]},
            )
    for setting in ("websites", "customer_groups"):
        if setting in segment:
            yield f"no {setting}", {key: value for key, value in segment.items() if key != setting}
            for one in segment[setting] if len(segment[setting]) > 1 else []:
                rest = [other for other in segment[setting] if other != one]
                yield f"{setting} without {one}", {**segment, setting: rest}
    for change, match in _changed(segment["match"], "match"):
        yield change, {**segment, "match": match}


def _changed(node: Json, place: str) -> Iterator[tuple[str, Json]]:
    """The node with one thing in it changed, in every way."""
    if isinstance(node, dict):
        yield from _changed_mapping(node, place)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            if len(node) > 1 and not place.endswith("between"):
                yield f"{place} without {item}", node[:index] + node[index + 1 :]
            for change, changed in _changed(item, place):
                yield change, [*node[:index], changed, *node[index + 1 :]]
    elif isinstance(node, bool):
        yield f"{place}: {not node}", not node
    elif isinstance(node, int | float):
        # A cent where cents count: 0.05 becomes 0.04 and 0.06.
        step = Decimal(1) if isinstance(node, int) else Decimal("0.01")
        for changed in (Decimal(str(node)) - step, Decimal(str(node)) + step):
            yield f"{place}: {changed}", int(changed) if isinstance(node, int) else float(changed)
    elif isinstance(node, str) and (parts := _DURATION.fullmatch(node)):
        for count in {int(parts[1]) - 1, int(parts[1]) + 1} - {0}:
            yield f"{place}: {count} {parts[2]}", f"{count} {parts[2]}"


def _changed_mapping(node: Json, place: str) -> Iterator[tuple[str, Json]]:
    for key, value in node.items():
        here = f"{place}.{key}"
        if len(node) > 1 and key not in {"name", "with"}:
            yield f"{here} left out", {other: item for other, item in node.items() if other != key}
        if key in _TWINS and _TWINS[key] not in node:
            yield f"{here} -> {_TWINS[key]}", _renamed(node, key, _TWINS[key])
        if key in _OPPOSITES and _OPPOSITES[key] not in node:
            yield f"{here} -> {_OPPOSITES[key]}", _renamed(node, key, _OPPOSITES[key])
        if isinstance(value, str | list) and key not in _NO_TESTS:
            yield f"{here} not", {**node, key: {"not_in": value if isinstance(value, list) else [value]}}
        if key in _FLIPPED and _FLIPPED[key] not in node:
            yield f"{here} -> {_FLIPPED[key]}", _renamed(node, key, _FLIPPED[key])
        if key in {"not", "none"}:
            yield f"{here} -> all", {"all": value if key == "none" else [value]}
        if key == "state" and isinstance(value, str):
            yield (
                f"{here} left out",
                {other: item for other, item in node.items() if other != key} or {"state": {"ne": "holded"}},
            )
        for change, changed in _changed(value, here):
            yield change, {**copy.copy(node), key: changed}


def _renamed(node: Json, key: str, name: str) -> Json:
    return {(name if other == key else other): value for other, value in node.items()}
