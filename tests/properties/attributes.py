"""Named attributes of every form, drawn by Hypothesis, as plain YAML values."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from maho_segments.language.attributes_file import ATTRIBUTE_TYPES, FORMS
from maho_segments.language.relation_reader import ROWS_KEYS
from maho_segments.language.rules import CalculationForm, ValueType, type_is_numeric
from tests.properties.rules import WINDOW_KEYS, RuleWriter

Definition = dict[str, Any]
Draw = Callable[..., Any]


@st.composite
def attribute_files(draw: Draw, writer: RuleWriter, most: int = 8) -> dict[str, Definition]:
    """Attributes that may use those before them, and the profile's."""
    made: dict[str, Definition] = draw(writer.aimed_attributes())
    types: dict[str, ValueType] = {subject.path: subject.type for subject in writer.profile} | types_of(made)
    for number in range(draw(st.integers(2, most))):
        form = draw(st.sampled_from(["aggregate", "aggregate", *FORMS]))
        drawn = draw(_aggregates(writer)) if form == "aggregate" else draw(_calculations(form, types, writer))
        if drawn is not None:
            name = f"made_{number}"
            kind, definition = drawn
            made[name] = {"type": kind, "description": "Drawn.", **definition}
            types[name] = kind
    return made


def types_of(attributes: dict[str, Definition]) -> dict[str, ValueType]:
    """The declared types of drawn attributes."""
    return {name: definition["type"] for name, definition in attributes.items()}


@st.composite
def _aggregates(draw: Draw, writer: RuleWriter) -> tuple[ValueType, Definition] | None:
    """An aggregate over related rows."""
    relation = draw(writer.relations)
    rows = {
        key: value for key, value in draw(writer.related(relation, 1))[relation].items() if key in ROWS_KEYS
    }
    if not (rows.keys() & WINDOW_KEYS) - {"on"}:
        rows.pop("on", None)
    if draw(st.integers(0, 3)) == 0:
        return "number", {relation: {**rows, "count": True}}
    aggregate, subject = draw(st.sampled_from(writer.measurable(relation)))
    kind: ValueType = "number" if aggregate == "count_distinct" else subject.type
    return kind, {relation: {**rows, aggregate: subject.path}}


@st.composite
def _calculations(
    draw: Draw, form: CalculationForm, types: dict[str, ValueType], writer: RuleWriter
) -> tuple[ValueType, Definition] | None:
    """A calculation over attributes, numbers and other forms."""
    shape = FORMS[form]
    fitting = {name: kind for name, kind in types.items() if kind in shape.takes and kind in ATTRIBUTE_TYPES}
    first = draw(st.sampled_from(sorted(fitting)))
    kind = fitting[first]
    if shape.gives is None:
        fitting = {
            name: other
            for name, other in fitting.items()
            if other == kind or (type_is_numeric(kind) and type_is_numeric(other))
        }
    operands: list[Any] = [first]
    kinds = {kind}
    for _ in range(shape.least - 1 if shape.most else draw(st.integers(0, 2))):
        inner = draw(_aggregates(writer)) if draw(st.integers(0, 3)) == 0 else None
        if type_is_numeric(kind) and draw(st.integers(0, 4)) == 0:
            operands.append(draw(st.sampled_from([0, 1, 2, 100])))
            kinds.add("number")
        elif inner and inner[0] in (set(fitting.values()) & shape.takes):
            operands.append(inner[1])
            kinds.add(inner[0])
        else:
            operands.append(draw(st.sampled_from(sorted(fitting))))
            kinds.add(fitting[operands[-1]])
    gives = shape.gives or (kinds.pop() if len(kinds) == 1 else "number")
    return gives, {form: operands if shape.most != 1 else operands[0]}
