"""What rules can ask for and never get, as the shop has nothing for it; and which segments ask for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from maho_segments.language.plan_json import nodes_of
from maho_segments.language.vocabulary import Table, Vocabulary

# Enough to meet a value that is not rare, and little to read from a relation of millions.
_ROWS_LOOKED_AT = 10_000


@dataclass(frozen=True)
class Gap:
    """A table of the vocabulary that has no rows (column None), or a column of it without a value."""

    model: str
    column: str | None

    def __str__(self) -> str:
        return f"{self.model}.{self.column}" if self.column else self.model


def find_gaps(
    connection: psycopg.Connection, vocabulary: Vocabulary, relation_names: Mapping[str, str]
) -> list[Gap]:
    """What is empty in the built tables of the vocabulary; raises psycopg's UndefinedTable before a build."""
    tables = {vocabulary.profile.model: vocabulary.profile}
    tables |= {relation.table.model: relation.table for relation in vocabulary.relations.values()}
    tables |= {table.model: table for table in vocabulary.parents.values()}
    return [
        gap
        for table in tables.values()
        for gap in [
            *_find_gaps(connection, table, None, relation_names[table.model]),
            *(
                gap
                for extension in table.extensions
                for gap in _find_gaps(connection, table, extension.model, relation_names[extension.model])
            ),
        ]
    ]


def _find_gaps(
    connection: psycopg.Connection, table: Table, added_by: str | None, relation_name: str
) -> Iterator[Gap]:
    """The gaps among the columns of a table that are its own, or that one other model adds to it."""
    names = [column.name for column in table.columns.values() if column.added_by == added_by]
    columns = [sql.Identifier(name) for name in names]
    statement = sql.SQL(
        "select count(*){counts} from (select {columns} from {relation} limit {limit}) as looked_at"
    ).format(
        counts=sql.SQL("").join(sql.SQL(", count({})").format(column) for column in columns),
        columns=sql.SQL(", ").join(columns),
        relation=sql.SQL(relation_name),
        limit=sql.Literal(_ROWS_LOOKED_AT),
    )
    row = connection.execute(statement).fetchone()
    assert row is not None
    rows, *values = row
    if rows == 0 and added_by is None:
        yield Gap(table.model, None)
        return
    yield from (Gap(table.model, column) for column, count in zip(names, values, strict=True) if count == 0)


def segments_using(gap: Gap, plan: Mapping[str, Any], vocabulary: Vocabulary) -> list[str]:
    """The active segments whose rules, or those of the segments they refer to, ask for what is missing."""
    uses = _Uses(plan, vocabulary)
    return [
        segment["name"]
        for segment in plan["segments"]
        if segment["is_active"] and gap in uses.of_segment(segment["name"])
    ]


class _Uses:
    """What each segment's rule asks for, as the gaps that it would be missed as."""

    def __init__(self, plan: Mapping[str, Any], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._segments = {segment["name"]: segment for segment in plan["segments"]}
        self._features = {
            feature["name"]: (name, feature)
            for name, relation in plan["relations"].items()
            for feature in relation["features"]
        }
        self._parents = {name: relation["parents"] for name, relation in plan["relations"].items()}

    def of_segment(self, name: str) -> set[Gap]:
        """Everything that the segment of that name asks for."""
        found: set[Gap] = set()
        for node in nodes_of(self._segments[name]["match"]):
            if "segment" in node:
                found |= self.of_segment(node["segment"])
            elif "feature" in node:
                found |= self._of_feature(node["feature"])
            elif "profile" in node:
                found.add(Gap(self._vocabulary.profile.model, node["profile"]))
        return found

    def _of_feature(self, name: str) -> set[Gap]:
        relation, feature = self._features[name]
        found: set[Gap] = {Gap(self._vocabulary.relations[relation].table.model, None)}
        for node in [*nodes_of(feature["filter"]), *nodes_of(feature["value"])]:
            if "column" in node:
                found |= self._of_column(relation, node["column"])
            elif "parent_test" in node:
                parent = self._parents[relation][node["parent_test"]]
                rules = [test["rule"] for test in parent["tests"] if test["name"] == node["name"]]
                columns = [inner["column"] for inner in nodes_of(rules) if "column" in inner]
                found |= {Gap(parent["model"], column) for column in [None, *columns]}
        return found

    def _of_column(self, relation: str, column: str) -> set[Gap]:
        parent, dot, name = column.partition(".")
        if not dot:
            return {Gap(self._vocabulary.relations[relation].table.model, column)}
        model = self._parents[relation][parent]["model"]
        return {Gap(model, None), Gap(model, name)}
