"""Literals and operands that a rule may stand beside a value, near to what the shop holds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from maho_segments.language.rules import ValueType, type_is_numeric
from tests.properties.choices import one_of
from tests.properties.moments import TEXTS

UNITS = {
    "minutes": (1, 90),
    "hours": (1, 12, 24, 25),
    "days": (1, 2, 7, 28, 30, 31, 90, 365, 366),
    "weeks": (1, 2, 4, 52),
    "months": (1, 2, 6, 12),
    "years": (1, 2, 10),
}
PATTERNS = (
    "a", "^[a-z]", "[0-9]+", "^.{1,3}$", "o|é", "\\\\", "^site1?$", "(?:ad|be)", "[^a-z@.]", "\\d",
    "[[:digit:]]$", "@m", "^$|x",
)  # fmt: skip
_NUMBERS = (0, 1, 2, 3, 10, 100, -5, Decimal("0.5"), Decimal("99.9999"), Decimal("1e12"))


@dataclass(frozen=True)
class Subject:
    """A value that can be tested, with what is known of it."""

    path: str
    type: ValueType
    values: tuple[Any, ...] = ()
    """What the shop has of it."""
    options: tuple[str, ...] = ()
    """The only values there are."""
    comparable: tuple[str, ...] = ()
    """What it can be compared with in place of a literal."""


class Literals:
    """Strategies for literals, as they stand in YAML."""

    def __init__(self, moments: list[datetime], as_of: datetime) -> None:
        self.moments = moments
        self.as_of = as_of
        days = [(moment + timedelta(hours=shift)).date() for moment in moments for shift in (-5, 0, 9)]
        self.days = sorted({*days, as_of.date()})
        self._durations = st.sampled_from(sorted(UNITS)).flatmap(
            lambda unit: st.sampled_from(UNITS[unit]).map(lambda count: _said(count, unit))
        )

    def of(self, subject: Subject) -> st.SearchStrategy[Any]:
        """One literal that a test of the subject takes."""
        if subject.options:
            return st.sampled_from(subject.options)
        if subject.type in {"text", "list"}:
            return self._text(subject)
        if type_is_numeric(subject.type):
            return self._number(subject)
        if subject.type == "boolean":
            return st.booleans()
        return (
            self._day(subject) if subject.type == "date" else one_of(self._day(subject), self.time(subject))
        )

    def pair(self, subject: Subject) -> st.SearchStrategy[list[Any]]:
        """The low and the high end of `between`, both days or both times."""
        kinds: list[st.SearchStrategy[Any]] = [self.of(subject)]
        if subject.type == "time":
            kinds = [self._day(subject), st.sampled_from(self._moments(subject)).map(_in_utc)]
        return one_of(*[st.lists(kind, min_size=2, max_size=2).map(sorted) for kind in kinds])

    def several(self, subject: Subject) -> st.SearchStrategy[list[Any]]:
        """The literals of `in` and its like, all days or all times."""
        kinds = [self.of(subject)]
        if subject.type == "time":
            kinds = [self._day(subject), self.time(subject)]
        return one_of(*[st.lists(kind, min_size=1, max_size=3) for kind in kinds])

    def durations(self, subject: Subject) -> st.SearchStrategy[str]:
        """Usual ones, and those that reach back or ahead to just where the shop has something."""
        exact = [
            _said(minutes // length, unit)
            for moment in self._moments(subject)
            if (minutes := abs(self.as_of - moment) // timedelta(minutes=1))
            and abs(self.as_of - moment) % timedelta(minutes=1) == timedelta(0)
            for unit, length in (("minutes", 1), ("hours", 60), ("days", 1440))
            if minutes % length == 0 and minutes < 500_000_000
        ]
        return one_of(self._durations, *[st.sampled_from(exact)] * 2) if exact else self._durations

    def part_of_text(self, subject: Subject, cut: Callable[[str, int], str]) -> st.SearchStrategy[str]:
        """A piece of a text that the shop has."""
        return st.builds(cut, self._text(subject), st.integers(1, 4)).filter(bool)

    # ---- of one type -------------------------------------------------------------------------------------

    def _text(self, subject: Subject) -> st.SearchStrategy[str]:
        values = [
            text for value in subject.values for text in (value if isinstance(value, list) else [value])
        ]
        cases: tuple[Callable[[str], str], ...] = (str, str, str.upper, str.lower, str.swapcase)
        known = st.builds(
            lambda text, dress: dress(text), st.sampled_from(values or TEXTS), st.sampled_from(cases)
        )
        return one_of(known, known, known, st.sampled_from(TEXTS)).filter(bool)

    def _number(self, subject: Subject) -> st.SearchStrategy[Any]:
        known = st.sampled_from([*subject.values, *_NUMBERS])
        steps = st.sampled_from([0, 0, 0, 1, -1, Decimal("0.0001"), Decimal("-0.0001")])
        near = st.builds(lambda value, step: value + step, known, steps)
        return one_of(near, near, st.integers(-2, 12)).map(plain_number)

    def _day(self, subject: Subject) -> st.SearchStrategy[str]:
        days = [value for value in subject.values if type(value) is date]
        days += [value.date() for value in subject.values if isinstance(value, datetime)]
        near = st.builds(
            lambda day, step: day + timedelta(days=step),
            st.sampled_from(days or self.days),
            st.sampled_from([0, 0, 1, -1]),
        )
        return one_of(near, near, st.sampled_from(self.days)).map(date.isoformat)

    def _moments(self, subject: Subject) -> list[datetime]:
        return [value for value in subject.values if isinstance(value, datetime)] or self.moments

    def time(self, subject: Subject) -> st.SearchStrategy[str]:
        """An instant, with any offset."""
        offsets = st.sampled_from([0, 0, 60, -300, 330])
        return one_of(st.sampled_from(self._moments(subject)), st.sampled_from(self.moments)).flatmap(
            lambda moment: offsets.map(
                lambda minutes: moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
            )
        )


def _said(count: int, unit: str) -> str:
    return f"{count} {unit[:-1] if count == 1 else unit}"


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain_number(number: Any) -> Any:
    """Whole numbers without a point, others exact."""
    exact = Decimal(number)
    return int(exact) if exact == exact.to_integral_value() else exact
