"""Reading a person of a test: what is known of them, and their rows."""

from collections.abc import Mapping as AbstractMapping
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from maho_segments.language.literals import describe, one_of_options, read_constant
from maho_segments.language.problems import Reporter
from maho_segments.language.rules import ProfileType
from maho_segments.language.segment_tests.clock import Clock
from maho_segments.language.segment_tests.model import Person, Row, Value
from maho_segments.language.vocabulary import Column, Relation, Table, Vocabulary
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence

MOST_TIMES = 10_000
TIMES = "times"
"""The key of a row that says how often it is there; no column can be told from it."""
IS_ACTIVE = Column("is_active", "boolean", "Whether the account is enabled; who is not is in no segment.")
"""Hidden from rules, which it decides about."""

_GROUPS: dict[str, str] = {"customer": "General", "guest": "NOT LOGGED IN", "visitor": "NOT LOGGED IN"}
_ACCOUNT_AGE = timedelta(days=1000)
_WHOLE_TYPES = {"smallint": 2**15, "integer": 2**31, "int": 2**31, "bigint": 2**63}


class PersonReader:
    """Reads the people of one test."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        zones: AbstractMapping[str, ZoneInfo],
        as_of: datetime,
        reporter: Reporter,
    ) -> None:
        self.vocabulary = vocabulary
        self.reporter = reporter
        self.zones = zones
        self.as_of = as_of
        profile = vocabulary.profile
        key = Column(profile.key, "number", "The profile's number.")
        self.columns = {**profile.columns, IS_ACTIVE.name: IS_ACTIVE, key.name: key}

    def read(self, name: Scalar, node: Node, common: Node | None, *, is_member: bool) -> Person | None:
        """A person, who has of `common` what they don't say themselves; None where that is no mapping."""
        entries: dict[str, tuple[Scalar, Node]] = {}
        for part in (common, node):
            if isinstance(part, Mapping):
                entries |= {key.text: (key, value) for key, value in part.entries}
            elif part is not None and not (isinstance(part, Scalar) and part.value is None):
                hint = "Write what is known of them and their rows: `{ gender: Female, orders: ... }`."
                self.reporter.error("person", part, f"a person is a mapping, not {describe(part)}", hint=hint)
                return None
        clock = Clock(self.as_of, self._zone(entries.get("website")))
        said: dict[str, Value] = {}
        rows: dict[str, tuple[Row, ...]] = {}
        for key, value in entries.values():
            if column := self.columns.get(key.text):
                said[key.text] = self._value(column, self.vocabulary.profile, key, value, clock)
            elif key.text in self.vocabulary.relations:
                rows[key.text] = self._rows(self.vocabulary.relations[key.text], value, clock)
            else:
                words = [*self.columns, *self.vocabulary.relations]
                self.reporter.unknown("unknown-name", key, "the attribute or relation", key.text, words)
        return Person(name.text, name.line, name.column, is_member, self._with_defaults(said, clock), rows)

    # ---- profiles ----------------------------------------------------------------------------------------

    def _zone(self, website: tuple[Scalar, Node] | None) -> ZoneInfo:
        """The time zone of the person's website; one that the file does not name is reported."""
        node = website[1] if website else None
        if not self.zones or (node is not None and not isinstance(node, Scalar)):
            return ZoneInfo("UTC")
        if isinstance(node, Scalar) and isinstance(node.value, str):
            if node.text in self.zones:
                return self.zones[node.text]
            hint = "Add it to `websites`, with its time zone."
            self.reporter.unknown("unknown-website", node, "the website", node.text, self.zones, hint)
        return next(iter(self.zones.values()))

    def _with_defaults(self, said: dict[str, Value], clock: Clock) -> dict[str, Value]:
        kind: ProfileType | Value = said.get("profile_type") or "customer"
        usual: dict[str, Value] = {
            "profile_type": str(kind),
            "website": next(iter(self.zones), None),
            "customer_group": _GROUPS.get(str(kind)),
            IS_ACTIVE.name: True,
            "created_at": self.as_of - _ACCOUNT_AGE,
        }
        own = {name: value for name, value in usual.items() if name in self.columns}
        return {**own, **said, "time_zone": clock.zone.key}

    # ---- rows --------------------------------------------------------------------------------------------

    def _rows(self, relation: Relation, node: Node, clock: Clock) -> tuple[Row, ...]:
        items = node.items if isinstance(node, Sequence) else [node]
        found = [self._row(relation, item, clock) for item in items]
        return tuple(row for row in found if row)

    def _row(self, relation: Relation, node: Node, clock: Clock) -> Row | None:
        if not isinstance(node, Mapping):
            hint = f"Write `{relation.name}: [ {{ COLUMN: VALUE }} ]`; `[]` is none, `{{}}` is one."
            found = f"a row of {relation.name} is a mapping, not {describe(node)}"
            self.reporter.error("row", node, found, hint=hint)
            return None
        values: dict[str, Value] = {}
        parents: dict[str, dict[str, Value]] = {}
        times = 1
        for key, value in node.entries:
            head, dot, tail = key.text.partition(".")
            parent = relation.parents.get(head)
            if key.text in relation.columns:
                column = relation.columns[key.text]
                values[key.text] = self._value(column, relation.table, key, value, clock)
            elif key.text == TIMES:
                times = self._times(value)
            elif parent and dot and tail in parent.table.columns:
                column = parent.table.columns[tail]
                parents.setdefault(head, {})[tail] = self._value(column, parent.table, key, value, clock)
            elif parent and not dot and isinstance(value, Mapping):
                parents.setdefault(head, {}).update(self._parent(head, parent.table, value, clock))
            else:
                self._report_column(relation, key)
        return Row(values, parents, times)

    def _parent(self, name: str, table: Table, node: Mapping, clock: Clock) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for key, value in node.entries:
            if key.text in table.columns:
                values[key.text] = self._value(table.columns[key.text], table, key, value, clock)
            else:
                self.reporter.unknown("unknown-column", key, f"the column of {name}", key.text, table.columns)
        return values

    def _report_column(self, relation: Relation, key: Scalar) -> None:
        words = [*relation.columns, TIMES]
        for parent in relation.parents.values():
            words += [f"{parent.name}.{column}" for column in parent.table.columns]
        alike = [word for word in words if word.endswith(f".{key.text}")]
        hint = f"It is a column of a parent: write `{alike[0]}`." if alike else ""
        if key.text in relation.parents:
            hint = f"Write `{key.text}: {{ COLUMN: VALUE }}`."
        self.reporter.unknown(
            "unknown-column", key, f"the column of {relation.name}", key.text, [*alike, *words], hint
        )

    def _times(self, node: Node) -> int:
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_TIMES:
            return value
        hint = f"Write a whole number from 1 to {MOST_TIMES}."
        found = f"{TIMES} wants a number of rows, not {describe(node)}"
        self.reporter.error("value-type", node, found, hint=hint)
        return 1

    # ---- values ------------------------------------------------------------------------------------------

    def _value(self, column: Column, table: Table, key: Scalar, node: Node, clock: Clock) -> Value:
        """The value of a column; None where it is missing, or reported."""
        if isinstance(node, Scalar) and (node.value is None or node.value == ""):
            return None
        if column.type == "list":
            items = node.items if isinstance(node, Sequence) else [node]
            texts = [read_constant(item, "list", key.text, self.reporter) for item in items]
            return [str(text.value) for text in texts if text]
        if column.type == "date":
            return clock.read_day(node, key.text, self.reporter)
        if column.type == "time":
            return clock.read_moment(node, key.text, self.reporter)
        constant = read_constant(node, column.type, key.text, self.reporter)
        if constant and column.options and not column.also:
            constant = one_of_options(constant, column.options, key.text, node, self.reporter)
        if constant and isinstance(constant.value, Decimal):
            self._check_whole(constant.value, table.data_types.get(column.name, ""), key.text, node)
        return constant.value if constant else None

    def _check_whole(self, number: Decimal, data_type: str, name: str, node: Node) -> None:
        limit = _WHOLE_TYPES.get(data_type)
        if limit and not (number == number.to_integral_value() and -limit <= number < limit):
            hint = "Write a whole number." if number % 1 else "Write a smaller one."
            self.reporter.error(
                "value-type", node, f"{name} is a whole number ({data_type}), not {describe(node)}", hint=hint
            )
