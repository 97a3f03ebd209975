"""Advice on what can't be there: rows that the shop has deleted, and what nobody in the audience can have."""

from collections.abc import Iterator

from maho_segments.language.advice.entries import Entry, Note, Visit, values_of
from maho_segments.language.problems import quoted
from maho_segments.language.rules import (
    EVERYONE,
    Calculation,
    Constant,
    Duration,
    Measure,
    ProfileColumn,
    ProfileType,
    RelatedRows,
    RowColumn,
    Test,
    TimePart,
    Value,
)
from maho_segments.language.vocabulary import Relation, Vocabulary

_DAYS = {"minutes": 1 / 1440, "hours": 1 / 24, "days": 1, "weeks": 7, "months": 28, "years": 365}
"""How long each unit is at least, in days."""


def retention(entry: Entry) -> Iterator[Note]:
    """A test that reaches further back than the shop keeps the rows."""
    for visit in entry.visits():
        if not isinstance(visit.rule, Test):
            continue
        test = visit.rule
        relation = _dated_by(entry, test.subject, visit)
        if relation is None or relation.keeps is None or not _reaches_beyond(test, relation.keeps):
            continue
        kept = f"{relation.keeps.count} {relation.keeps.unit}"
        yield Note(
            "beyond-retention",
            entry.place(test),
            f"this reaches further back than {kept}, for which the shop keeps {quoted(relation.name)}",
            "What is older is deleted, and is not counted. Ask of a shorter time, or have the shop keep them "
            "longer and write that as `keeps` into the properties of the relation.",
        )


def audience(entry: Entry) -> Iterator[Note]:
    """A rule that asks for what nobody in the segment's audience can have."""
    if not entry.segment:
        return
    vocabulary = entry.meaning.project.vocabulary
    for visit in entry.visits():
        rule = visit.rule
        if isinstance(rule, RelatedRows):
            found = _rows_of_others(rule.rows.relation, vocabulary, entry.audience)
        elif isinstance(rule, Test) and visit.relation is None and not _measures_beside(visit):
            found = next((found for value in values_of(rule) if (found := _of_others(entry, value))), None)
        else:
            continue
        if found:
            name, owners = found
            yield Note(
                "not-in-audience",
                entry.place(rule),
                f"only {_types(owners)} can have {quoted(name)}; the audience is {_types(entry.audience)}",
                "It is always missing. Write another `audience`, or leave it out.",
            )


# ---- retention -------------------------------------------------------------------------------------------


def _dated_by(entry: Entry, value: Value, visit: Visit) -> Relation | None:
    """The relation that deletes rows by the time that a value is."""
    vocabulary = entry.meaning.project.vocabulary
    resolved = entry.meaning.literals(None).resolved
    subject = resolved(value)
    if isinstance(subject, Calculation) and subject.form == "days_since":
        subject = resolved(subject.of[0])
    if isinstance(subject, TimePart) and subject.part == "date":
        subject = resolved(subject.of)
    found: Relation | None = None
    if isinstance(subject, Measure) and subject.aggregate in ("min", "max"):
        found = vocabulary.relations[subject.rows.relation]
        is_time = isinstance(subject.column, RowColumn) and subject.column.name == found.time_column
        found = None if not is_time or (found.keeps_newest and subject.aggregate == "max") else found
    elif isinstance(subject, RowColumn) and visit.relation is not None:
        found, column = vocabulary.relations[visit.relation], subject.name
        if subject.parent:
            found = vocabulary.relations.get(found.parents[subject.parent].table.model)
            column = column.partition(".")[2]
        elif found.keeps_newest and _newest_is_enough(entry, visit):
            found = None
        found = found if found and found.time_column == column else None
    return found


def _newest_is_enough(entry: Entry, visit: Visit) -> bool:
    """Whether each profile's newest row answers what is asked: is there one, when was the latest."""
    if isinstance(visit.parent, RelatedRows):
        rows = visit.parent
        return not rows.measures and rows.every is None and rows.first is None
    if entry.attribute:
        value = entry.attribute.value
        return isinstance(value, Measure) and value.aggregate == "max"
    return False


def _reaches_beyond(test: Test, keeps: Duration) -> bool:
    kept = keeps.count * _DAYS[keeps.unit] * (31 / 28 if keeps.unit == "months" else 1)
    if test.duration:
        reached = test.duration.count * _DAYS[test.duration.unit]
        if test.operator == "older_than":
            return reached >= kept
        return test.operator == "within" and reached > kept
    constants = [operand for operand in test.operands if isinstance(operand, Constant)]
    if test.subject.type in ("date", "time"):
        # A day of the calendar is further back every day.
        return any(constant.type in ("date", "time") for constant in constants)
    numbers = [constant.value for constant in constants if constant.type == "number"]
    return test.subject.type == "days" and any(float(str(number)) > kept for number in numbers)


# ---- audience --------------------------------------------------------------------------------------------

Owners = tuple[str, tuple[ProfileType, ...]]
"""A relation or column, and who can have it."""


def _rows_of_others(relation: str, vocabulary: Vocabulary, who: tuple[ProfileType, ...]) -> Owners | None:
    owners = vocabulary.relations[relation].audience
    return (relation, owners) if set(owners).isdisjoint(who) else None


def _of_others(entry: Entry, value: Value) -> Owners | None:
    """What a value wants that only others can have; None where somebody in the audience can."""
    vocabulary = entry.meaning.project.vocabulary
    value = entry.meaning.literals(None).resolved(value)
    match value:
        case ProfileColumn(name=name):
            owners = vocabulary.profile.columns[name].audience
            return (name, owners) if set(owners).isdisjoint(entry.audience) else None
        case Measure(rows=rows):
            return _rows_of_others(rows.relation, vocabulary, entry.audience)
        case TimePart(of=of):
            return _of_others(entry, of)
        case Calculation(form=form, of=parts):
            found = [_of_others(entry, part) for part in parts]
            others = [part for part in found if part]
            is_missing = len(others) == len(found) if form in ("latest_of", "first_set") else bool(others)
            return others[0] if others and is_missing else None
        case _:
            return None


def _measures_beside(visit: Visit) -> bool:
    """A measure of a relation is told of once, with the relation."""
    return isinstance(visit.parent, RelatedRows)


def _types(types: tuple[ProfileType, ...]) -> str:
    return " and ".join(f"{kind}s" for kind in EVERYONE if kind in types)
