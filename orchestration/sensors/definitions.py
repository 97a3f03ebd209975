"""The sensor `definitions`: segments.yml says something else than what was published."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.sensors.asking import NOTHING_BUILT, Decision, Runs, Wish, back, plan_request
from orchestration.sensors.memory import Memory

NAME = "definitions"
# What of a segment the public tables show besides its members.
_SHOWN = ("label", "description", "owner", "tags", "priority")


@dataclass(frozen=True)
class PublishedDefinition:
    """A segment as the warehouse knows it; without a hash where it was never published."""

    name: str
    definition_hash: str | None
    is_active: bool
    shown: Mapping[str, Any]
    status: str = "published"
    published_at: datetime | None = None


@dataclass(frozen=True)
class ObservedDefinitions:
    """The plan of the project's files, and what was published."""

    segments: Sequence[Mapping[str, Any]]
    is_built: bool = True
    published: Sequence[PublishedDefinition] = ()
    builder: str | None = None


@dataclass(frozen=True)
class Difference:
    """Names of segments: new or edited, shown otherwise, and ended."""

    edited: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = {"new or edited": self.edited, "described otherwise": self.shown, "ended": self.ended}
        return "; ".join(f"{what}: {_named(names)}" for what, names in parts.items() if names)


def plan_definitions(observed: ObservedDefinitions, memory: Memory, runs: Runs, *, now: datetime) -> Decision:
    """A refresh of the segments whose definition is not the published one.

    What is published of a segment that is held or failed stays old, so a refresh that ended well is not
    repeated. Manual segments wait until somebody asks for them.
    """
    memory = back(memory)
    if not observed.is_built:
        return Decision(memory, NOTHING_BUILT)
    difference = compare(observed.segments, observed.published)
    if difference == Difference():
        active = sum(bool(segment["is_active"]) for segment in observed.segments)
        return Decision(memory, f"The {active} active segments are published as they are defined.")
    if observed.builder:
        return Decision(memory, f"{difference}; a build is at work: {observed.builder}.")
    wish = Wish(_key(observed, difference), str(difference), _options(observed.segments, difference))
    return plan_request(NAME, wish, memory, runs, now=now, again_after_success=False)


def compare(segments: Sequence[Mapping[str, Any]], published: Sequence[PublishedDefinition]) -> Difference:
    """What differs between the plan and what was published."""
    known = {one.name: one for one in published}
    active = {segment["name"]: segment for segment in segments if segment["is_active"]}
    edited, shown = [], []
    for name, segment in active.items():
        before = known.get(name)
        was_published = before is not None and before.definition_hash is not None
        if segment["refresh"]["manual"] and was_published:
            continue
        if before is None or not before.is_active or before.definition_hash != segment["definition_hash"]:
            edited.append(name)
        elif any(_plain(before.shown[key]) != _plain(segment[key]) for key in _SHOWN):
            shown.append(name)
    ended = [one.name for one in published if one.is_active and one.name not in active]
    return Difference(tuple(edited), tuple(shown), tuple(ended))


def _options(segments: Sequence[Mapping[str, Any]], difference: Difference) -> dict[str, object]:
    """Which segments to refresh; any refresh ends those that are no more."""
    names = [*difference.edited, *difference.shown]
    if not names:
        # A manual one only where there is no other.
        active = sorted(
            (segment for segment in segments if segment["is_active"]),
            key=lambda segment: bool(segment["refresh"]["manual"]),
        )
        names = [segment["name"] for segment in active[:1]]
    return {"segments": names}


def _key(observed: ObservedDefinitions, difference: Difference) -> str:
    """The same as long as the same publications are to become the same.

    What was published decides as well: an edit that was taken back and is made again is another one.
    """
    plan = {segment["name"]: segment for segment in observed.segments}
    published = {one.name: str(one.published_at) for one in observed.published}
    facts = [
        [name, published.get(name), *(_plain(plan[name][key]) for key in ("definition_hash", *_SHOWN))]
        for name in (*difference.edited, *difference.shown)
    ]
    ended = [[name, published.get(name)] for name in difference.ended]
    text = json.dumps([facts, ended], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Lists as lists, nothing as empty text: alike in the plan and in the warehouse."""
    return list(value) if isinstance(value, list | tuple) else value or ""


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{more}"
