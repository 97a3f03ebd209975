"""What segments.yml and attributes.yml mean, after checking: an immutable tree without YAML or positions.

    Rule     AllOf AnyOf NoneOf NotRule Test RelatedRows InSegment Condition
    Value    RowColumn ProfileColumn NamedAttribute TimePart Constant Measure Calculation

Only the checker makes these, so whoever reads them can trust that names exist and types fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal, get_args

ValueType = Literal["text", "number", "money", "days", "boolean", "date", "time", "list"]
Part = Literal["date", "weekday", "hour", "month"]
Aggregate = Literal["count", "sum", "avg", "min", "max", "count_distinct"]
Unit = Literal["minutes", "hours", "days", "weeks", "months", "years"]
ProfileType = Literal["customer", "guest", "visitor"]
CalculationForm = Literal[
    "ratio", "difference", "days_since", "days_until_anniversary", "days_between", "latest_of", "first_set"
]
GuestOrders = Literal["join", "keep_apart"]

EVERYONE: tuple[ProfileType, ...] = get_args(ProfileType)
"""All there are, in this order."""

type_is_numeric = frozenset({"number", "money", "days"}).__contains__


@dataclass(frozen=True, slots=True)
class Duration:
    """`7 days`: minutes to weeks are fixed lengths, months and years are steps in the calendar."""

    count: int
    unit: Unit


# ---- values ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RowColumn:
    """A column of the row at hand (`state`) or of one of its parents (`product.price`)."""

    name: str
    type: ValueType
    also: str | None = None
    """The label's column: a value equal to either is a match. Of the same table as the column itself."""

    @property
    def parent(self) -> str | None:
        """The parent whose column this is, if it is not the row's own."""
        head, dot, _ = self.name.partition(".")
        return head if dot else None


@dataclass(frozen=True, slots=True)
class ProfileColumn:
    """A column of `profiles`."""

    name: str
    type: ValueType
    also: str | None = None


@dataclass(frozen=True, slots=True)
class NamedAttribute:
    """An attribute of attributes.yml, by name; `Project.attributes` has its definition."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class TimePart:
    """The day, weekday, hour or month of a time, in the segment's time zone or the website's."""

    of: "RowColumn | ProfileColumn | NamedAttribute"
    part: Part
    type: ValueType


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal of the file. Times are aware, in UTC; the items of lists are lower case."""

    value: str | Decimal | bool | date | datetime
    type: ValueType


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over the related rows; `column` is None for `count` only."""

    rows: "Rows"
    aggregate: Aggregate
    column: "RowColumn | TimePart | None"
    type: ValueType


@dataclass(frozen=True, slots=True)
class Calculation:
    """A form of attributes.yml over other values: `ratio`, `days_since`, ..."""

    form: CalculationForm
    of: "tuple[Value, ...]"
    type: ValueType


Value = RowColumn | ProfileColumn | NamedAttribute | TimePart | Constant | Measure | Calculation

# ---- rules -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every rule is true."""

    rules: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one rule is true."""

    rules: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No rule is true."""

    rules: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True)
class NotRule:
    """The rule is not true: its exact complement."""

    rule: "Rule"


@dataclass(frozen=True, slots=True)
class Test:
    """One operator on one value, by its name in the file (a bare scalar is `eq`, a bare list `in`).

    `operands` are what it is compared with: one, two for `between`, any number for the operators that
    take a list; for `is_set` the constant true or false. Operators on durations have `duration` instead.
    `is_spelled_alike` says that the subject has a closed set of values whose spelling the operands have:
    whether case matters makes no difference then.
    """

    __test__: ClassVar[bool] = False  # pytest takes every Test... for one of its own.

    subject: Value
    operator: str
    operands: tuple[Value, ...] = ()
    duration: Duration | None = None
    case_sensitive: bool = False
    is_spelled_alike: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """Related rows picked by `where` (tests on columns of one row) and the window (tests on one time)."""

    relation: str
    where: "Rule | None" = None
    window: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class RelatedRows:
    """`RELATION: {...}`. Without measures, every, latest and first: there is at least one row."""

    rows: Rows
    measures: "tuple[Rule, ...]" = ()
    """Tests whose subjects are measures over `rows`; all must hold."""
    every: "Rule | None" = None
    latest: "Rule | None" = None
    first: "Rule | None" = None


@dataclass(frozen=True, slots=True)
class InSegment:
    """The profile is in at least one of these segments."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition macro of the project says so; `arguments` are plain JSON values."""

    name: str
    arguments: Mapping[str, object]


Rule = AllOf | AnyOf | NoneOf | NotRule | Test | RelatedRows | InSegment | Condition

# ---- definitions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribute:
    """One entry of attributes.yml."""

    name: str
    type: ValueType
    description: str
    value: Value
    silence: tuple[str, ...] = ()
    """The codes of advice that is not wanted of it."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """When a segment is brought up to date; `schedule` is a cron expression in the segment's time zone."""

    on_change: bool
    schedule: str | None
    manual: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """Bounds outside which a segment is held with its old members."""

    max_change_percent: Decimal | None
    min_members: int | None
    max_members: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """One entry of `segments`, with the file's defaults filled in."""

    name: str
    label: str
    description: str
    owner: str
    tags: tuple[str, ...]
    audience: tuple[ProfileType, ...]
    websites: tuple[str, ...] | None
    customer_groups: tuple[str, ...] | None
    is_active: bool
    priority: int
    time_zone: str | None
    refresh: Refresh
    guard: Guard
    silence: tuple[str, ...]
    """The codes of advice that is not wanted of it."""
    match: Rule
    references: tuple[str, ...]
    """The segments that `match` names, each once, in the order of the file."""
    renamed_from: tuple[str, ...]
    """Names that the segment once had, whose id it goes on with; the latest first."""
    definition: Mapping[str, object]
    """The entry as it was written, as plain JSON values."""
