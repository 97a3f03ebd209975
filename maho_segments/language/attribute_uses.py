"""What attributes use: no circles, and nothing that grows beyond measure when it is written out."""

from collections.abc import Iterator

from maho_segments.language.problems import Reporter, circles, quoted
from maho_segments.language.rules import Attribute, Calculation, NamedAttribute, TimePart, Value
from maho_segments.language.yaml_reader import Scalar

LARGEST_ATTRIBUTE = 1_000
"""Parts of an attribute with all that it uses: it is written out wherever a segment names it."""
DEEPEST_ATTRIBUTE = 50
"""Attributes that may stand one upon another."""


def attributes_in(value: Value) -> Iterator[str]:
    """The names of the attributes that a value is made of, as often as they stand in it."""
    if isinstance(value, NamedAttribute):
        yield value.name
    elif isinstance(value, TimePart):
        yield from attributes_in(value.of)
    elif isinstance(value, Calculation):
        for part in value.of:
            yield from attributes_in(part)


def check_uses(attributes: dict[str, Attribute], places: dict[str, Scalar], reporter: Reporter) -> None:
    """Report attributes that use themselves, or would be too large or deep once written out."""
    uses = {name: tuple(attributes_in(attribute.value)) for name, attribute in attributes.items()}
    found = circles(uses)
    for circle in found:
        reporter.error(
            "attribute-circle",
            places[circle[0]],
            f"attributes use each other in a circle: {' -> '.join(circle)}",
            hint="Write one of them without the next.",
        )
    if found:
        return
    sizes: dict[str, tuple[int, int]] = {}
    waiting = list(uses)
    while waiting:
        name = waiting[-1]
        missing = [used for used in uses[name] if used in uses and used not in sizes]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        if name in sizes:
            continue
        parts = [sizes[used] for used in uses[name] if used in sizes]
        # Kept small once too large: sums of sums grow beyond what can be written down.
        size = min(1 + sum(size for size, _ in parts), LARGEST_ATTRIBUTE + 1)
        depth = 1 + max((depth for _, depth in parts), default=0)
        sizes[name] = size, depth
        was_told = any(part[0] > LARGEST_ATTRIBUTE or part[1] > DEEPEST_ATTRIBUTE for part in parts)
        if not was_told and (size > LARGEST_ATTRIBUTE or depth > DEEPEST_ATTRIBUTE):
            reporter.error(
                "attribute-size",
                places[name],
                f"the attribute {quoted(name)} and all that it uses have more than {LARGEST_ATTRIBUTE} parts,"
                f" or more than {DEEPEST_ATTRIBUTE} of them stand one upon another",
                hint="Make it of fewer attributes.",
            )
