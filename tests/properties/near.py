"""Segments near to drawn ones: said otherwise, wider, by another clock, in other case, with a slip.

Advice has the most to say of these, and the most to get wrong.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.properties.rewriting import Rewriter, wider
from tests.segment_mutants import mutants

Segment = dict[str, Any]

SAME = "same"
"""How the rewritten are called: they have the same members."""
_ZONES = ("Asia/Tokyo", "America/New_York", "Pacific/Kiritimati", "Europe/Berlin")
_MORE = ("a", " ", "s", "\u00e9", "\u00df", "I", "\u0131")
_NAMES = frozenset({"segment", "condition"})


def near(
    name: str, segment: Segment, others: list[Segment], rewriter: Rewriter, random: Random
) -> Iterator[tuple[str, Segment]]:
    """Segments, each with how it is near to the one of that name."""
    match = segment["match"]
    ways = list(rewriter.rewritten(match))
    for _, rule in random.sample(ways, min(3, len(ways))):
        yield SAME, {**segment, "match": rule}
    for _, rule in wider(match):
        yield "wider", {**segment, "match": rule}
    slips = list(mutants(segment))
    for _, mutant in random.sample(slips, min(4, len(slips))):
        yield "slip", mutant
    zone = random.choice(_ZONES)
    yield "clock", {**segment, "time_zone": zone}
    yield "case", {**segment, "match": _changed(match, str.swapcase)}
    yield "text", {**segment, "match": _changed(match, lambda text: text + random.choice(_MORE))}
    other = random.choice(others)
    yield "less", {**segment, "match": {"all": [match, {"not": other["match"]}]}}
    yield "more", {**segment, "match": {"any": [match, other["match"]]}}
    yield "reference", {"time_zone": zone, "match": {"all": [{"segment": name}, {"not": match}]}}


def _changed(node: Any, change: Any) -> Any:
    """The node with every text in it changed that does not begin like a duration or a day."""
    if isinstance(node, dict):
        return {key: value if key in _NAMES else _changed(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [_changed(item, change) for item in node]
    return change(node) if isinstance(node, str) and not node[:1].isdigit() else node
