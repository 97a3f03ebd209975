"""The clocks of a plan: what decides when passing time alone will change an answer.

A clock is what the macros in macros/clock turn into an instant: until then, that part of the rule answers as
it does now. It is told of a row of a relation, or of a profile. docs/architecture.md lists the kinds.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import ceil, floor
from typing import Any

from maho_segments.language.plan_json import Json, canonical, nodes_of

CLOCK_AGGREGATES = frozenset({"flip", "arrival"})
"""The features that are a relation's clocks: of its rows, and of those dated in the future."""

_MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080}
_COUNTED = ("days_since", "days_until_anniversary")
_COMPARISONS = frozenset({"eq", "gt", "gte", "lt", "lte", "in"})
_MIRRORED = {"eq": "eq", "gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}
_YEAR = 366
# No date of a database is so many days from another; more would only overflow it.
_FARTHEST = 4_000_000


def clocks_of(rules: Iterable[object], *, time_column: str | None = None) -> list[Json]:
    """The clocks of rules of the plan, each once, in an order that only they decide.

    Edges over one value are one clock, since one look at the value tells which of them comes next. No row
    that is there is dated after the run by its `time_column`.
    """
    found: dict[str, Json] = {}
    for clock in _each_clock(rules):
        edges = next((key for key in ("minutes", "days") if key in clock), None)
        if edges is None:
            found[canonical(clock)] = clock
            continue
        known = found.setdefault(canonical({**clock, edges: None}), {**clock, edges: []})
        known[edges] = sorted({*_numbers(known[edges]), *_numbers(clock[edges])})
    for clock in found.values():
        if clock["kind"] == "window" and clock["value"] == {"column": time_column, "type": "time"}:
            clock["minutes"] = [minutes for minutes in _numbers(clock["minutes"]) if minutes]
    return [clock for _, clock in sorted(found.items()) if clock.get("minutes") != []]


def _each_clock(rules: Iterable[object]) -> Iterator[Json]:
    for rule in rules:
        yield from _conditions(rule)
        for node in nodes_of(rule):
            test = node.get("test")
            if "duration" in node:
                yield from _window(node)
            elif test in _COMPARISONS:
                yield from _comparison(node)
            elif test == "is_set" and any("ratio" in inner for inner in nodes_of(node["value"])):
                # Dividing by a count of days, there is nothing on the day on which it is 0.
                yield from _midnight([node["value"]])


def _conditions(rule: object) -> Iterator[Json]:
    """The project's own conditions in a rule: whether they look at the clock, only rendering them tells."""
    waiting = [rule]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "condition" in node:
                yield {"kind": "condition", "rule": node}
            else:
                waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _window(node: dict[str, Any]) -> Iterator[Json]:
    count, unit = node["duration"]["count"], node["duration"]["unit"]
    looks_ahead = node["test"] == "within_next"
    value = node["value"]
    zoned: Json = {"time_zone": node["time_zone"]} if value["type"] == "date" else {}
    minutes = [] if node["test"] == "older_than" else [0]
    if unit in _MINUTES:
        minutes.append((-count if looks_ahead else count) * _MINUTES[unit])
    else:
        yield {
            "kind": "calendar_window",
            "value": value,
            "count": -count if looks_ahead else count,
            "unit": unit,
            "time_zone": node["time_zone"],
        }
    if minutes:
        yield {"kind": "window", "value": value, "minutes": minutes, **zoned}


# ---- counted days ----------------------------------------------------------------------------------------


def _comparison(node: dict[str, Any]) -> Iterator[Json]:
    """The clocks of a comparison of which a side counts days from or to the run's day."""
    value, test = node["value"], node["test"]
    to = node["to"] if isinstance(node["to"], list) else [node["to"]]
    if not _is_counted(value):
        if not any(map(_is_counted, to)):
            return
        value, to, test = to[0], [value], _MIRRORED[test]
    counts = _chosen_counts(value)
    if any(map(_is_counted, to)) or not counts:
        yield from _midnight([value, *to]) if _moves_apart(value, to[0]) else ()
        return
    for count in counts:
        if all("literal" in operand for operand in to):
            yield from _counted_days(test, count, [Decimal(operand["literal"]) for operand in to])
        else:
            yield from _compared_days(test, count, to[0])


def _is_counted(value: object) -> bool:
    """Whether a value has to do with days counted from or to the run's day."""
    return any(True for _ in _counts(value))


def _moves_apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether the days between two values change; those of two days since do not, in one zone."""
    if "days_since" in one and "days_since" in other:
        return bool(one["time_zone"] != other["time_zone"])
    return True


def _counts(value: object) -> Iterator[dict[str, Any]]:
    """The counts of days that a value is made of."""
    return (node for node in nodes_of(value) if any(form in node for form in _COUNTED))


def _chosen_counts(value: dict[str, Any]) -> list[dict[str, Any]]:
    """The counts of which a value is one, as it stands; none where it is anything else."""
    if any(form in value for form in _COUNTED):
        return [value]
    if "first_set" not in value:
        return []
    chosen: list[dict[str, Any]] = []
    for part in value["first_set"]:
        if _is_counted(part):
            inner = _chosen_counts(part)
            if not inner:
                return []
            chosen += inner
    return chosen


def _counted_days(test: str, count: dict[str, Any], literals: list[Decimal]) -> Iterator[Json]:
    """The days on which a count of days passes one of the literals."""
    kind = "days_since" if "days_since" in count else "anniversary"
    rises = kind == "days_since"
    turns: set[int] = set()
    for literal in literals:
        if abs(literal) > _FARTHEST:
            continue
        if test in {"eq", "in"}:
            turns |= {int(literal), int(literal) + (1 if rises else -1)} if literal == int(literal) else set()
        elif rises:
            turns.add(ceil(literal) if test in {"gte", "lt"} else floor(literal) + 1)
        else:
            turns.add(ceil(literal) - 1 if test in {"gte", "lt"} else floor(literal))
    # So many days after the date; or before its return, the day after which begins the next year's count.
    days = sorted(turns) if rises else sorted(-turn for turn in turns if 0 <= turn <= _YEAR)
    if days:
        of = count["days_since" if rises else "days_until_anniversary"]
        yield {
            "kind": kind,
            "value": of,
            "days": days if rises else [*days, 1],
            "time_zone": count["time_zone"],
        }


def _compared_days(test: str, count: dict[str, Any], bound: Json) -> Iterator[Json]:
    """The days on which a count of days passes what another value of the profile says."""
    if "days_since" not in count:
        yield from _midnight([count])
        return
    rounded = {"gte": (False,), "lt": (False,), "gt": (True,), "lte": (True,), "eq": (False, True)}
    for is_past in rounded[test]:
        yield {
            "kind": "days_since_value",
            "value": count["days_since"],
            "bound": bound,
            "is_past": is_past,
            "time_zone": count["time_zone"],
        }


def _midnight(values: list[dict[str, Any]]) -> Iterator[Json]:
    """What can't be said closer: each of its counts of days may turn the answer at every midnight."""
    for value in values:
        for count in _counts(value):
            of = count.get("days_since", count.get("days_until_anniversary"))
            yield {"kind": "midnight", "value": of, "time_zone": count["time_zone"]}


def _numbers(value: object) -> list[int]:
    assert isinstance(value, list)
    return value
