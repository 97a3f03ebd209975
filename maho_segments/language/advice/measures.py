"""What is known of measures by their kind: which are whole numbers, and which are never below others."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from maho_segments.language.advice.facts import Facts, on_axes
from maho_segments.language.rules import (
    Aggregate,
    AllOf,
    Calculation,
    Measure,
    Rows,
    Rule,
    TimePart,
    Value,
    type_is_numeric,
)

_NOT_BELOW: Mapping[str, tuple[Aggregate, ...]] = {"min": ("avg", "max"), "avg": ("max",)}
_NOT_ABOVE: Mapping[str, tuple[Aggregate, ...]] = {"max": ("avg", "min"), "avg": ("min",)}
"""The aggregates of the same rows and column that are never below, or above, another."""


def is_whole(value: Value) -> bool:
    """Whether there is nothing between two whole numbers of it."""
    match value:
        case Measure(aggregate=aggregate):
            return aggregate in ("count", "count_distinct")
        case TimePart(part=part):
            return part in ("hour", "month")
        case Calculation(form=form):
            return form in ("days_since", "days_until_anniversary", "days_between")
        case _:
            return value.type == "boolean"


def narrowed(rows: Rows, test: Rule) -> Rows:
    """Those of the rows that pass a test too."""
    return Rows(rows.relation, AllOf((rows.where, test)) if rows.where else test, rows.window)


def beside(measure: Measure, facts: Facts) -> Iterator[tuple[Measure, Facts]]:
    """What is so of other aggregates where this is so of one: a maximum is not below the minimum."""
    # A time after another can be of the day before: clocks that go back at midnight.
    axes = {
        axis: numbers
        for axis, numbers in facts.axes.items()
        if measure.type != "time" or not axis.startswith("day")
    }
    up = on_axes(**{axis: numbers.upwards for axis, numbers in axes.items()})
    down = on_axes(**{axis: numbers.downwards for axis, numbers in axes.items()})
    for others, bound in ((_NOT_BELOW, up), (_NOT_ABOVE, down)):
        for aggregate in others.get(measure.aggregate, ()):
            if bound.axes and (aggregate != "avg" or type_is_numeric(measure.type)):
                yield replace(measure, aggregate=aggregate), bound
