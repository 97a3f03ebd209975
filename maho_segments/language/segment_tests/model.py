"""What segment_tests.yml says, after checking: every moment worked out, every value of its column's type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Value = str | Decimal | bool | date | datetime | list[str] | None
"""Of a column; None where it is missing."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a relation with what is said of its parents, so many `times`."""

    values: Mapping[str, Value]
    parents: Mapping[str, Mapping[str, Value]]
    times: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who must be in the segment or not; `profile` has the defaults as well."""

    name: str
    line: int
    column: int
    is_member: bool
    profile: Mapping[str, Value]
    rows: Mapping[str, tuple[Row, ...]]

    @property
    def content(self) -> str:
        """What is said of the person, the same for all of whom the same is said in any order of the words."""
        rows = [
            (
                relation,
                [
                    (
                        _known(row.values),
                        [(name, _known(of)) for name, of in sorted(row.parents.items())],
                        row.times,
                    )
                    for row in found
                ],
            )
            for relation, found in sorted(self.rows.items())
            if found
        ]
        return repr((_known(self.profile), rows))


def _known(values: Mapping[str, Value]) -> list[tuple[str, Value]]:
    known = ((name, value) for name, value in values.items() if value is not None)
    return sorted((name, value.normalize() if isinstance(value, Decimal) else value) for name, value in known)


@dataclass(frozen=True, slots=True)
class SegmentTest:
    """People that a segment is tested on, as of one instant."""

    segment: str
    name: str
    as_of: datetime
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class SegmentTests:
    """All tests, in the order of the file."""

    path: str
    tests: tuple[SegmentTest, ...]
