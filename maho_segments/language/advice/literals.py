"""One test as a formula: what is so of its value where it is true, and where it is not."""

from collections.abc import Iterable, Mapping

from maho_segments.language.advice.facts import FALSE, MISSING, PRESENT, TRUE, Facts, on_axes
from maho_segments.language.advice.formulas import ALWAYS, Fact, Formula, Keys, Subject, either, every
from maho_segments.language.advice.identity import COMPARISONS, Identities
from maho_segments.language.advice.intervals import EVERY, between, points
from maho_segments.language.advice.measures import beside, is_whole, narrowed
from maho_segments.language.advice.spans import clock_of, comparison, window
from maho_segments.language.advice.texts import Kind, Texts, only, surely
from maho_segments.language.operators import OPERATORS
from maho_segments.language.rules import (
    Attribute,
    Calculation,
    Constant,
    Duration,
    Measure,
    NamedAttribute,
    ProfileColumn,
    RowColumn,
    Rows,
    Test,
    TimePart,
    Value,
    type_is_numeric,
)

_PARTS: Mapping[str, Kind] = {
    "contains": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
}
_MOST_ITEMS = 100
"""Lists longer than this are one thing that is so or not, where each entry would be one."""
_AT_LEAST_ONE = on_axes(value=between(1))
_SIGNS = {
    "eq": points([0]),
    "gt": points([1]),
    "gte": points([0, 1]),
    "lt": points([-1]),
    "lte": points([-1, 0]),
}
_DAYS_DIFFER = 3
"""Days by which a count of days differs from so many times 24 hours, a day that a zone left out included."""
_OF_ANY = frozenset({"latest_of", "first_set"})
"""Forms that are missing only where all they are made of is."""


class Literals:
    """Makes the formulas of tests for segments that go by one time zone."""

    def __init__(self, keys: Keys, attributes: dict[str, Attribute], zone: str | None) -> None:
        self.keys = keys
        self.attributes = attributes
        self.identities = Identities(keys, attributes, zone)
        self.clock = clock_of(zone)

    def test(self, test: Test, relation: str | None, *, is_true: bool) -> Formula:
        """A test, or the opposite of it."""
        operator = OPERATORS[test.operator]
        name = operator.complement_of or COMPARISONS.get(test.operator, test.operator)
        is_true = is_true != (operator.complement_of is not None)
        subject = self.resolved(test.subject)
        if name == "is_set":
            is_set = is_true == (test.operands[0] == Constant(True, "boolean"))
            return self.presence(subject, relation) if is_set else self._fact(subject, relation, MISSING)
        if not all(isinstance(operand, Constant) for operand in test.operands):
            return self._compared(name, test, subject, relation, is_true=is_true)
        formula = self._told(name, test, subject, relation, is_true=is_true)
        if (
            is_true
            and isinstance(subject, Measure)
            and subject.aggregate in ("min", "max")
            and subject.column
        ):
            # It is the value of one of the rows.
            passing = Test(subject.column, name, test.operands, test.duration)
            return every([formula, self.counted(narrowed(subject.rows, passing), _AT_LEAST_ONE)])
        return formula

    def _told(self, name: str, test: Test, subject: Value, relation: str | None, *, is_true: bool) -> Formula:
        """A test with literals, by the name of its positive operator."""
        if test.duration:
            return self._window(name, test.duration, subject, relation, is_true=is_true)
        if subject.type in ("text", "list"):
            make = self._text if subject.type == "text" else self._list
            return make(name, test, subject, relation, is_true=is_true)
        constants = [operand for operand in test.operands if isinstance(operand, Constant)]
        bounds = [(name, constants)]
        if name == "between":
            bounds = [("gte", constants[:1]), ("lte", constants[1:])]
        ends = [self._ordered(name, subject, relation, bound, is_true=is_true) for name, bound in bounds]
        return every(ends) if is_true else either(ends)

    def resolved(self, value: Value) -> Value:
        """The value itself, where it has a name."""
        while isinstance(value, NamedAttribute):
            value = self.attributes[value.name].value
        return value

    # ---- two values ----------------------------------------------------------------------------------

    def _compared(
        self, name: str, test: Test, subject: Value, relation: str | None, *, is_true: bool
    ) -> Formula:
        """A test that compares two values: which of them is the greater."""
        other = self.resolved(test.operands[0])
        is_numeric = type_is_numeric(subject.type) and type_is_numeric(other.type)
        is_alike = is_numeric or (subject.type == other.type and subject.type in ("date", "time"))
        if name not in _SIGNS or not is_alike or isinstance(other, Constant):
            return self._opaque(test, subject, relation, is_true=is_true)
        numbers = [self.identities.value(value, relation) for value in (subject, other)]
        signs = _SIGNS[name]
        if numbers != sorted(numbers):
            signs = points(-number for number, _ in signs.cuts[::2])
        if numbers[0] == numbers[1]:
            signs &= points([0])
        key = self.keys.of(("sign", *sorted(numbers)))
        self.keys.subjects.setdefault(key, Subject(None))
        if is_true:
            there = [self.presence(value, relation) for value in (subject, other)]
            return every([Fact(key, on_axes(sign=signs)), *there])
        missing = [self._fact(value, relation, MISSING) for value in (subject, other)]
        return either([Fact(key, on_axes(sign=points([-1, 0, 1]) & ~signs)), *missing])

    # ---- numbers, dates and times --------------------------------------------------------------------

    def _ordered(
        self, operator: str, subject: Value, relation: str | None, constants: list[Constant], *, is_true: bool
    ) -> Formula:
        if isinstance(subject, TimePart) and subject.part == "date":
            # The day of a time is what is known of the time itself.
            subject = self.resolved(subject.of)
        # A date is the same day by every clock.
        clock = self.clock if subject.type == "time" else ""
        span = comparison(operator, constants, is_whole=is_whole(subject), clock=clock)
        facts = span.facts(is_true=is_true)
        return self._fact(subject, relation, facts)

    def _window(
        self, operator: str, duration: Duration, subject: Value, relation: str | None, *, is_true: bool
    ) -> Formula:
        if operator == "anniversary_within":
            days = duration.count * (7 if duration.unit == "weeks" else 1)
            until = Calculation("days_until_anniversary", (subject,), "days")
            facts = on_axes(value=between(high=days + 1, without_high=True))
            if not is_true:
                facts = Facts(True, True, {"value": between(days + 1)})
            return self._fact(until, relation, facts)
        span = window(operator, duration, self.clock, of_days=subject.type == "date")
        if isinstance(subject, TimePart):
            subject = self.resolved(subject.of)
        return self._fact(subject, relation, span.facts(is_true=is_true))

    # ---- texts and lists -----------------------------------------------------------------------------

    def _text(
        self, operator: str, test: Test, subject: Value, relation: str | None, *, is_true: bool
    ) -> Formula:
        values = [str(operand.value) for operand in test.operands if isinstance(operand, Constant)]
        if isinstance(subject, RowColumn | ProfileColumn) and subject.also:
            # Its label may be what is meant: two different values can both be right.
            return self._spellings(operator, test, values, subject, relation, is_true=is_true)
        if operator not in _PARTS and operator not in ("eq", "in"):
            return self._opaque(test, subject, relation, is_true=is_true)
        folded = frozenset(map(surely, values))
        if operator in _PARTS:
            parts = frozenset((_PARTS[operator], text) for text in folded)
            texts = Texts(parts=parts) if is_true else Texts(never=parts)
        else:
            texts = only(folded) if is_true else Texts(excluded=folded)
        is_exact = not test.case_sensitive or test.is_spelled_alike
        known = self._fact(subject, relation, Facts(not is_true, True, texts=texts))
        if is_exact:
            return known
        spelled = self._opaque(test, subject, relation, is_true=is_true)
        return every([spelled, known]) if is_true else spelled

    def _spellings(
        self,
        operator: str,
        test: Test,
        values: list[str],
        subject: Value,
        relation: str | None,
        *,
        is_true: bool,
    ) -> Formula:
        number = self.identities.value(subject, relation)
        if operator not in ("eq", "in") or len(values) > _MOST_ITEMS:
            return self._answer(self._truth(test, relation), is_true=is_true)
        folds = not test.case_sensitive or test.is_spelled_alike
        join = either if is_true else every
        return join([self._spelled(number, text, folds=folds, is_true=is_true) for text in values])

    def _spelled(self, number: int, text: str, *, folds: bool, is_true: bool) -> Formula:
        """That a value or its label is a text; the same in another case is less than just the same."""
        alike = self._answer(("spelled", number, surely(text)), is_true=is_true)
        if folds:
            return alike
        exact = self._answer(("spelled exactly", number, text), is_true=is_true)
        return every([exact, alike]) if is_true else exact

    def _list(
        self, operator: str, test: Test, subject: Value, relation: str | None, *, is_true: bool
    ) -> Formula:
        values = [str(operand.value) for operand in test.operands if isinstance(operand, Constant)]
        if len(values) > _MOST_ITEMS:
            return self._opaque(test, subject, relation, is_true=is_true)
        number = self.identities.value(subject, relation)
        answers = [self._answer(("entry", number, text), is_true=is_true) for text in values]
        entries = every(answers) if (operator == "contains_all") == is_true else either(answers)
        return every([entries, self.presence(subject, relation)]) if is_true else entries

    # ---- yes or no, and what follows from it ---------------------------------------------------------

    def _opaque(self, test: Test, subject: Value, relation: str | None, *, is_true: bool) -> Formula:
        """A test that nothing is known of, but that it is the same wherever it stands."""
        answer = self._answer(self._truth(test, relation), is_true=is_true)
        if not is_true or any(
            isinstance(part, RowColumn | ProfileColumn) and part.also for part in [subject]
        ):
            return answer
        operands = [self.resolved(operand) for operand in test.operands if not _may_be_label(operand)]
        return every([answer, *(self.presence(value, relation) for value in [subject, *operands])])

    def _truth(self, test: Test, relation: str | None) -> tuple[object, ...]:
        number = self.identities.rule(test, relation)
        if OPERATORS[test.operator].complement_of:
            number = self.keys.opposite(number)
        return ("true", number)

    def _answer(self, flag: tuple[object, ...], *, is_true: bool) -> Formula:
        return self.answer(self.keys.of(flag), is_true=is_true)

    def answer(self, key: int, *, is_true: bool) -> Formula:
        """Something that is so or not, by its number."""
        self.keys.subjects.setdefault(key, Subject(None))
        return Fact(key, TRUE if is_true else FALSE)

    def presence(self, value: Value, relation: str | None) -> Formula:
        """That a value is there."""
        return self._fact(self.resolved(value), relation, PRESENT)

    def counted(self, rows: Rows, facts: Facts) -> Formula:
        """What is so of the number of rows."""
        return self._fact(Measure(rows, "count", None, "number"), None, facts)

    def _fact(self, subject: Value, relation: str | None, facts: Facts) -> Formula:
        if isinstance(subject, Constant):
            return ALWAYS
        if isinstance(subject, TimePart) and subject.part == "date":
            subject = self.resolved(subject.of)
        key = self.identities.value(subject, relation)
        self.keys.subjects.setdefault(key, Subject(subject, relation))
        if isinstance(subject, Measure) and subject.aggregate == "count":
            self.keys.counts.setdefault(key, (subject.rows, self.identities.zone))
        return every([Fact(key, facts), *self._implied(subject, relation, facts)])

    def _implied(self, subject: Value, relation: str | None, facts: Facts) -> Iterable[Formula]:
        """What has to be there for these facts to be so."""
        if facts.is_maybe_missing or not facts:
            return
        match subject:
            case Calculation(form="days_since", of=(since,)) if since.type == "time":
                days = facts.axes.get("value", EVERY)
                ago = between((days.highest + _DAYS_DIFFER) * -1440, (days.lowest - _DAYS_DIFFER) * -1440)
                yield self._fact(self.resolved(since), relation, on_axes(ago=ago))
            case Calculation(form=form, of=parts):
                there = [self.presence(part, relation) for part in parts]
                yield either(there) if form in _OF_ANY else every(there)
            case TimePart(of=of):
                yield self.presence(of, relation)
            case Measure(aggregate="count"):
                pass
            case Measure(aggregate=aggregate, rows=rows):
                # A sum or number over no rows is 0; the others are missing.
                zero = on_axes(value=between(0, 0))
                if aggregate == "count_distinct" and "value" in facts.axes:
                    yield self.counted(rows, on_axes(value=facts.axes["value"].upwards))
                elif aggregate not in ("sum", "count_distinct") or not facts & zero:
                    yield self.counted(rows, _AT_LEAST_ONE)
                for other, bound in beside(subject, facts):
                    key = self.identities.value(other)
                    self.keys.subjects.setdefault(key, Subject(other))
                    yield Fact(key, bound)


def _may_be_label(value: Value) -> bool:
    return isinstance(value, RowColumn | ProfileColumn) and value.also is not None
