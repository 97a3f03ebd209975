"""The features of a plan: aggregates over related rows, each once however many segments need it.

What a feature is decides its name, so that equal features of two segments are one, and an edit elsewhere
renames nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from maho_segments.language.plan_clocks import clocks_of
from maho_segments.language.plan_json import Json, columns_of, content_hash, needs_time_zone, with_prefix
from maho_segments.language.rules import ValueType
from maho_segments.language.vocabulary import Parent, Relation, Table, Vocabulary

LONGEST_NAME = 63
"""PostgreSQL cuts off names after so many bytes."""
_SHORT_HASH = 8


@dataclass(slots=True)
class _ParentUse:
    columns: set[str] = field(default_factory=set)
    tests: dict[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class _RelationUse:
    features: dict[str, Json] = field(default_factory=dict)
    parents: dict[str, _ParentUse] = field(default_factory=dict)


class Features:
    """Collects what the segments of one plan need of the relations."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.hashes: dict[str, str] = {}
        """Of each feature and test asked for since this was last emptied: the hash of what it says."""
        self._uses: dict[str, _RelationUse] = {}
        self._taken: dict[str, str] = {}

    def feature(
        self, relation: str, aggregate: str, value: Json | None, rows: Json | None, value_type: ValueType
    ) -> Json:
        """The value that stands for an aggregate over the rows that pass a rule."""
        content: Json = {"aggregate": aggregate, "value": value, "filter": rows, "type": value_type}
        stem = f"{relation}_{aggregate}"
        if value and aggregate not in {"latest", "first"}:
            stem += "_" + _column_of(value).replace(".", "_")
        name = self._name(stem, {"relation": relation, **content})
        self._use(relation).features[name] = {"name": name, **content}
        return {"feature": name, "type": value_type}

    def parent_column(self, relation: str, parent: str, column: str) -> None:
        """Note that a parent's column is used as a value."""
        self._parent(relation, parent).columns.add(column)

    def parent_test(self, relation: str, parent: str, rule: Json) -> Json:
        """The rule that stands for a test about one parent alone, answered once per parent row."""
        name = self._name(
            parent, {"parent": self.vocabulary.relations[relation].parents[parent].table.model, **rule}
        )
        self._parent(relation, parent).tests[name] = {"name": name, "rule": rule}
        return {"parent_test": parent, "name": name}

    def relations(self, *, with_clocks: bool = False) -> Json:
        """The `relations` of the plan, sorted by name.

        With clocks they have two features more: when the clock will change what the rows say (`flip`), and
        when the next row comes to be, which is dated in the future (`arrival`).
        """
        if with_clocks:
            for name, use in self._uses.items():
                self._add_clocks(name, use)
        return {
            name: _relation_plan(self.vocabulary.relations[name], use)
            for name, use in sorted(self._uses.items())
        }

    def _add_clocks(self, relation: str, use: _RelationUse) -> None:
        rules: list[object] = [[feature["filter"], feature["value"]] for feature in use.features.values()]
        for name, parent in use.parents.items():
            rules += [with_prefix(test["rule"], name) for test in parent.tests.values()]
        time_column = self.vocabulary.relations[relation].time_column
        clocks = clocks_of(rules, time_column=time_column)
        for column in columns_of(clocks):
            parent_name, dot, name = column.partition(".")
            if dot:
                self.parent_column(relation, parent_name, name)
        if clocks:
            self._add_clock(relation, "flip", clocks)
        if time_column:
            self._add_clock(relation, "arrival", {"column": time_column, "type": "time"})

    def _add_clock(self, relation: str, aggregate: str, value: object) -> None:
        content: Json = {"aggregate": aggregate, "value": value, "filter": None, "type": "time"}
        name = self._name(f"{relation}_{aggregate}", {"relation": relation, **content})
        self._use(relation).features[name] = {"name": name, **content}

    def _use(self, relation: str) -> _RelationUse:
        return self._uses.setdefault(relation, _RelationUse())

    def _parent(self, relation: str, parent: str) -> _ParentUse:
        return self._use(relation).parents.setdefault(parent, _ParentUse())

    def _name(self, stem: str, content: Json) -> str:
        digest = content_hash(content)
        for length in (_SHORT_HASH, 2 * _SHORT_HASH, 4 * _SHORT_HASH):
            name = f"{stem[: LONGEST_NAME - length - 1]}_{digest[:length]}"
            if self._taken.setdefault(name, digest) == digest:
                self.hashes[name] = digest
                return name
        raise AssertionError(f"two contents of the plan share 128 bits of a hash: {content}")


def _relation_plan(relation: Relation, use: _RelationUse) -> Json:
    features = [use.features[name] for name in sorted(use.features)]
    return {
        "model": relation.table.model,
        "key": relation.table.key,
        "time_column": relation.time_column,
        "needs_time_zone": any(needs_time_zone(feature) for feature in features),
        "extensions": extensions_plan(relation.table, columns_of(features)),
        "parents": {
            name: _parent_plan(parent, use.parents[name])
            for name, parent in sorted(relation.parents.items())
            if name in use.parents
        },
        "features": features,
    }


def _parent_plan(parent: Parent, use: _ParentUse) -> Json:
    tests = [use.tests[name] for name in sorted(use.tests)]
    return {
        "model": parent.table.model,
        "key": parent.table.key,
        "column": parent.column,
        "columns": sorted(use.columns),
        "extensions": extensions_plan(parent.table, [*use.columns, *columns_of(tests)]),
        "tests": tests,
    }


def extensions_plan(table: Table, used: Iterable[str]) -> list[Json]:
    """The models that add used columns to a table, with these columns."""
    names = set(used)
    return [
        {
            "model": extension.model,
            "key": extension.key,
            "column": extension.column,
            "columns": sorted(names & extension.columns),
        }
        for extension in table.extensions
        if names & extension.columns
    ]


def _column_of(value: Json) -> str:
    """The column that a value of a row is made of."""
    inner = value.get("of", value)
    assert isinstance(inner, dict)
    return str(inner["column"])
