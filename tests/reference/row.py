"""One related row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.reference.profiles import ProfileKey
from tests.reference.shop import Value

NOTHING: Mapping[str, Value] = {}
"""The columns of a parent that is not there: all are missing."""


@dataclass(frozen=True)
class Row:
    """One related row: whose it is, its id, its time, its columns and those of its parents."""

    owner: ProfileKey
    key: int
    at: datetime | None
    columns: Mapping[str, Value]
    parents: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """A column of the row, or of a parent by `parent.column`; missing where there is no such parent."""
        parent, dot, column = name.partition(".")
        return self.parents.get(parent, NOTHING).get(column) if dot else self.columns.get(name)
