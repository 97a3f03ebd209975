"""What a plan may ask for at most: one too large for PostgreSQL is refused before anything is built.

PostgreSQL stores at most 1,600 columns in a table and returns at most 1,664 from a query (see "PostgreSQL
Limits" in its manual). The profile's own columns need some of them.
"""

from collections import Counter
from typing import Any

from maho_segments.errors import DefinitionsError, Problem
from maho_segments.language.plan_clocks import CLOCK_AGGREGATES
from maho_segments.language.plan_json import canonical, nodes_of

MOST_COLUMNS = 1500
"""How many features, clocks of relations among them, named attributes and segments that others refer to fit
beside the profile's columns."""

MOST_LEVELS = 100
"""How long a chain of segments that refer to each other may be; PostgreSQL plans twice as long a one in four
times the time."""


def refuse_too_large(plan: dict[str, Any], path: str) -> None:
    """Raise DefinitionsError where the plan needs more than there can be; `path` names the file."""
    segments = [segment for segment in plan["segments"] if segment["is_active"]]
    features, clocks = {}, 0
    for name, relation in plan["relations"].items():
        own = sum(feature["aggregate"] in CLOCK_AGGREGATES for feature in relation["features"])
        features[name] = len(relation["features"]) - own
        clocks += own
    attributes = {
        canonical(node) for segment in segments for node in nodes_of(segment["match"]) if "attribute" in node
    }
    referenced = {name for segment in segments for name in segment["references"]}
    problems = []
    if sum(features.values()) + clocks + len(attributes) + len(referenced) > MOST_COLUMNS:
        parts = [
            (sum(features.values()), "different figure", f" about related rows ({_largest(features)})"),
            (clocks, "clock", " of relations"),
            (len(attributes), "named attribute", ""),
            (len(referenced), "segment", " that others refer to"),
        ]
        needed = ", ".join(
            f"{count:,} {noun}{'' if count == 1 else 's'}{rest}" for count, noun, rest in parts if count
        )
        found = f"the active segments need {needed}; together there can be {MOST_COLUMNS:,}"
        hint = (
            "Let segments share their windows and `where` rules (equal ones count once), or switch some off. "
            f"Those with the most figures of their own: {_largest(_own_features(segments))}."
        )
        problems.append(Problem("too-large", path, 0, 0, None, found, (), hint))
    for name, relation in plan["relations"].items():
        for parent, use in relation["parents"].items():
            count = len(use["columns"]) + len(use["tests"])
            if count > MOST_COLUMNS:
                found = (
                    f"the active segments need {count:,} different tests and columns of `{name}.{parent}`; "
                    f"there can be {MOST_COLUMNS:,}"
                )
                hint = "Let segments share them: equal ones count once, and a list of values is one test."
                problems.append(Problem("too-large", path, 0, 0, None, found, (), hint))
    deepest = max(segments, key=lambda segment: int(segment["level"]), default=None)
    if deepest and deepest["level"] >= MOST_LEVELS:
        found = (
            f"it refers to a segment that refers to a segment, {deepest['level'] + 1:,} in all; "
            f"there can be {MOST_LEVELS}"
        )
        hint = "Let some of them say their rule themselves."
        problems.append(Problem("too-large", path, 0, 0, deepest["name"], found, (), hint))
    if problems:
        raise DefinitionsError(problems)


def _own_features(segments: list[dict[str, Any]]) -> dict[str, int]:
    """How many features each segment has that no other asks for."""
    used = {
        str(segment["name"]): {
            str(node["feature"]) for node in nodes_of(segment["match"]) if "feature" in node
        }
        for segment in segments
    }
    users = Counter(feature for features in used.values() for feature in features)
    return {name: sum(users[feature] == 1 for feature in features) for name, features in used.items()}


def _largest(counts: dict[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda item: -item[1])[:5]
    return ", ".join(f"{name} {count:,}" for name, count in ranked if count)
