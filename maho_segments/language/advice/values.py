"""Advice on what single tests compare: missing values, unknown ones, and what is never met exactly."""

from collections.abc import Iterator

from maho_segments.language.advice.entries import Entry, Note, Visit, parts_of
from maho_segments.language.advice.texts import perhaps
from maho_segments.language.operands import WHOLE_VALUES
from maho_segments.language.operators import NEGATIVE
from maho_segments.language.problems import correction, nearest, quoted
from maho_segments.language.rules import (
    AllOf,
    AnyOf,
    Calculation,
    Constant,
    Measure,
    ProfileColumn,
    RowColumn,
    Rule,
    Test,
    Value,
)
from maho_segments.language.vocabulary import Column, Vocabulary


def missing_values(entry: Entry) -> Iterator[Note]:
    """A negative test, which is true for a missing value too, where nothing beside it says so."""
    for visit in entry.visits():
        test = visit.rule
        if (
            isinstance(test, Test)
            and test.operator in NEGATIVE
            and not visit.is_negated
            and _may_be_missing(test.subject, visit.relation, entry.meaning.project.vocabulary)
            and not _is_thought_of(test, visit)
        ):
            assert isinstance(test.subject, ProfileColumn | RowColumn)
            name = test.subject.name
            yield Note(
                "missing-values",
                entry.place(test),
                f"{test.operator} is also true where {name} is missing",
                f"Write `{name}: {{ is_set: true }}` beside it if that is not meant.",
            )


def unlisted_values(entry: Entry) -> Iterator[Note]:
    """A text that was not among the column's values when somebody last looked at the shop."""
    for visit in entry.visits():
        test = visit.rule
        if not isinstance(test, Test) or test.operator not in WHOLE_VALUES:
            continue
        column = column_of(test.subject, visit.relation, entry.meaning.project.vocabulary)
        if column is None or not column.known_values or column.options:
            continue
        known = set(map(perhaps, column.known_values))
        for operand in test.operands:
            if not isinstance(operand, Constant) or perhaps(str(operand.value)) in known:
                continue
            text = str(operand.value)
            if column.also and text.isdigit():
                continue  # The id of an option, where its label is what is known.
            assert isinstance(test.subject, ProfileColumn | RowColumn)
            yield Note(
                "unlisted-value",
                entry.place(operand, test),
                f"{test.subject.name} was never {quoted(text)} when the shop was last looked at",
                correction(text, column.known_values)
                or "Correct it, or add it to `known_values` in the properties of the column.",
                nearest(text, column.known_values),
            )


def gone_attributes(entry: Entry) -> Iterator[Note]:
    """A test of an attribute that the shop had when the segment was written, and has no longer."""
    for visit in entry.visits():
        test = visit.rule
        if not isinstance(test, Test):
            continue
        column = column_of(test.subject, visit.relation, entry.meaning.project.vocabulary)
        if column is not None and column.is_gone:
            assert isinstance(test.subject, ProfileColumn | RowColumn)
            yield Note(
                "gone-attribute",
                entry.place(test),
                f"the shop no longer has {test.subject.name}; its value is missing for all",
                "Write the rule without it; `segments attributes sync` takes it out then.",
            )


def exact_values(entry: Entry) -> Iterator[Note]:
    """`eq` with what is hardly ever met exactly: a quotient or average, an instant to the second."""
    for visit in entry.visits():
        test = visit.rule
        if not isinstance(test, Test) or test.operator not in ("eq", "ne", "in", "not_in"):
            continue
        subject = entry.meaning.literals(None).resolved(test.subject)
        constants = [operand for operand in test.operands if isinstance(operand, Constant)]
        if _is_quotient(subject):
            odd = [constant for constant in constants if not _is_whole(constant)]
            what, hint = (
                "is a quotient",
                "Write `between: [LOW, HIGH]`, or a bound alone: `gte`, `lt`.",
            )
        else:
            odd = [constant for constant in constants if constant.type == "time"]
            what, hint = "is an instant", "Write a day, or `between` two instants."
        if odd:
            yield Note(
                "exact-value",
                entry.place(test),
                f"what {test.operator} compares {what}, which is hardly ever met exactly",
                hint,
            )


def descriptions(entry: Entry) -> Iterator[Note]:
    """A named attribute without a description."""
    if entry.attribute and not entry.attribute.description:
        yield Note(
            "no-description",
            entry.start,
            f"the attribute {quoted(entry.name)} has no description",
            "Write `description:` and a sentence that says what it is.",
        )


def column_of(value: Value, relation: str | None, vocabulary: Vocabulary) -> Column | None:
    """The column that a value is, of the profile or of a row of `relation` or of the row's parent."""
    if isinstance(value, ProfileColumn):
        return vocabulary.profile.columns[value.name]
    if not isinstance(value, RowColumn) or relation is None:
        return None
    found = vocabulary.relations[relation]
    if value.parent:
        return found.parents[value.parent].table.columns[value.name.partition(".")[2]]
    return found.columns[value.name]


def _may_be_missing(value: Value, relation: str | None, vocabulary: Vocabulary) -> bool:
    column = column_of(value, relation, vocabulary)
    if column is None or column.is_required:
        return False
    # Of a row's own column with a closed set of values the shop fills every one.
    return relation is None or column.options is None or bool(column.added_by)


def _is_thought_of(test: Test, visit: Visit) -> bool:
    """Whether a rule beside it says what is meant of the missing value."""
    parent = visit.parent
    if not isinstance(parent, AllOf | AnyOf):
        return False
    beside: list[Rule] = [
        inner
        for part in parent.rules
        for inner in [part, *(inner for inner, _ in parts_of(part, None) if isinstance(part, AllOf))]
    ]
    others = [other for other in beside if isinstance(other, Test) and other.subject == test.subject]
    if isinstance(parent, AnyOf):
        return any(other.operator == "is_set" for other in others)
    return any(other.operator not in NEGATIVE for other in others)


def _is_quotient(value: Value) -> bool:
    if isinstance(value, Calculation):
        return value.form == "ratio"
    return isinstance(value, Measure) and value.aggregate == "avg"


def _is_whole(constant: Constant) -> bool:
    return not hasattr(constant.value, "to_integral_value") or constant.value == (
        constant.value.to_integral_value()
    )
