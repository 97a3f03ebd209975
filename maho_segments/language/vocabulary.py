"""What rules can speak of: profiles, relations and their columns, as the properties of the dbt models say it.

`properties.py` reads it. Which `meta` makes a model a relation, a parent or the profiles is described in
docs/extending.md.
"""

import re
from dataclasses import dataclass, field

from maho_segments.language.rules import EVERYONE, Duration, ProfileType, ValueType

KEYWORDS = ("all", "any", "none", "not", "segment", "condition")
"""The words of rules, which no attribute, relation or column can be named."""

SETTING_COLUMNS = {"audience": "profile_type", "websites": "website", "customer_groups": "customer_group"}
"""The columns of the profiles that settings of a segment test."""

NAME = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Column:
    """One column that rules can test."""

    name: str
    type: ValueType
    description: str
    also: str | None = None
    """The column with the label of this code: values may be given as either."""
    options: tuple[str, ...] | None = None
    """The values it can have, where that is a closed set."""
    is_required: bool = False
    """No row is without it."""
    known_values: tuple[str, ...] | None = None
    """The values there were at the last look at the shop; there may be others since."""
    audience: tuple[ProfileType, ...] = EVERYONE
    """The profiles that can have it at all."""
    is_gone: bool = False
    """The shop had it once; every value is missing now."""
    added_by: str | None = None
    """The model that adds it to its table; None for a column of the table's own."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A model that adds columns to a table: left-joined on its unique key by a column of the table."""

    model: str
    key: str
    column: str
    columns: frozenset[str]
    """What it adds, the labels of codes included."""


@dataclass(frozen=True, slots=True)
class Table:
    """A model whose columns rules can test: the profiles, a relation or a parent."""

    model: str
    key: str
    description: str
    columns: dict[str, Column]
    hidden: frozenset[str] = frozenset()
    """Its columns that the language does not speak of."""
    extensions: tuple[Extension, ...] = ()
    data_types: dict[str, str] = field(default_factory=dict)
    """Of each column, hidden and added ones too, its type in the database, where the language knows it."""


@dataclass(frozen=True, slots=True)
class Parent:
    """What each row of a relation belongs to: a table, joined on its key by a column of the relation."""

    name: str
    table: Table
    column: str


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows that belong to profiles."""

    name: str
    table: Table
    time_column: str | None
    parents: dict[str, Parent] = field(default_factory=dict)
    keeps: Duration | None = None
    """How long the shop keeps a row, by its time column; None where it never deletes any."""
    keeps_newest: bool = False
    """Each profile's newest row stays all the same."""
    audience: tuple[ProfileType, ...] = EVERYONE
    """The profiles that can have rows at all."""

    @property
    def columns(self) -> dict[str, Column]:
        """The row's own columns."""
        return self.table.columns

    @property
    def description(self) -> str:
        """What the rows are, from the model's description."""
        return self.table.description


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything rules can speak of, apart from the named attributes."""

    profile: Table
    relations: dict[str, Relation]
    parents: dict[str, Table]
    """The tables that are somebody's parent, relations and others, by the name of their model."""
