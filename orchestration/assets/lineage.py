"""Which columns the columns of the views are made of: read from their SQL as it was built last.

Only views: what a table holds is what materializations have written into it, which is more than its query.
And only what is certain: a column of which any part can't be followed to its table is not told of.
"""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
import sqlglot
from sqlglot import MappingSchema, exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope, traverse_scope

MADE_OF = "made_of"
_DIALECT = "postgres"
# Tables of the database itself, which are no assets.
_OF_THE_DATABASE = ("pg_catalog", "information_schema")

Origin = tuple[str, str]
"""A column by dbt's id of its table, and its name."""
Origins = Mapping[str, Sequence[Origin]]
"""Of the columns of a view by name those that their values come from."""


def read_lineage(manifest: Mapping[str, Any], rendered: Mapping[str, str]) -> Mapping[str, Origins]:
    """The origins of the views' columns, by dbt's id; `rendered` has the SQL of those that were built."""
    tables = _Tables(manifest)
    views: dict[str, Origins] = {}
    for unique_id in _parents_first(manifest, rendered):
        try:
            views[unique_id] = tables.take_view(unique_id, rendered[unique_id])
        except Exception:  # noqa: S112  sqlglot stumbles in many ways over SQL that it does not know
            # Nothing is told of this view then, nor of what comes through it.
            continue
    return views


def lineage_metadata(origins: Origins, keys: Mapping[str, dg.AssetKey]) -> dict[str, Any]:
    """The origins as Dagster keeps them, and as a table for people: its own pages show the former nowhere.

    `keys` are the assets; what comes from anything else is not told.
    """
    told = {column: of for column, of in origins.items() if of and all(table in keys for table, _ in of)}
    if not told:
        return {}
    lines = [
        f"| {column} | {', '.join(f'{keys[table].path[-1]}.{name}' for table, name in of)} |"
        for column, of in told.items()
    ]
    deps = {
        column: [dg.TableColumnDep(keys[table], name) for table, name in of] for column, of in told.items()
    }
    return {
        "dagster/column_lineage": dg.MetadataValue.column_lineage(dg.TableColumnLineage(deps)),
        MADE_OF: dg.MetadataValue.md("\n".join(["| column | made of |", "| --- | --- |", *lines])),
    }


class _Tables:
    """The tables and views of a project as SQL names them, and what columns they have."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        nodes = {**manifest["nodes"], **manifest["sources"]}
        self._names = {
            unique_id: exp.to_table(node["relation_name"], dialect=_DIALECT)
            for unique_id, node in nodes.items()
            if node.get("relation_name")
        }
        self._ids = {_parts(name): unique_id for unique_id, name in self._names.items()}
        self._columns = {unique_id: set(node["columns"]) for unique_id, node in nodes.items()}
        # Views alone: all columns of these are known, as `*` and columns without a table's name need it.
        self._schema = MappingSchema(dialect=_DIALECT)

    def take_view(self, unique_id: str, text: str) -> Origins:
        """The origins of a view's columns, which are known for those that read it from then on.

        Raises SqlglotError for what can't be followed.
        """
        query = qualify(
            sqlglot.parse_one(text, dialect=_DIALECT),
            dialect=_DIALECT,
            schema=self._schema,
            validate_qualify_columns=False,
            identify=False,
        )
        if any(not isinstance(star.parent, exp.Count) for star in query.find_all(exp.Star)):
            raise SqlglotError("A `*` over a table of which not all columns are known.")
        if query.find(exp.TableColumn):
            raise SqlglotError("A whole row as a value.")
        for scope in traverse_scope(query):
            # Of tables without known columns sqlglot asks for names before columns; one alone needs none.
            if len(scope.selected_sources) == 1 and not scope.can_be_correlated:
                for column in scope.unqualified_columns:
                    column.set("table", exp.to_identifier(next(iter(scope.selected_sources))))
        nodes = lineage(
            None,
            query,
            self._schema,
            dialect=_DIALECT,
            scope=build_scope(query),
            trim_selects=False,
            copy=False,
        )
        self._columns[unique_id] = set(nodes)
        self._schema.add_table(self._names[unique_id], dict.fromkeys(nodes, "unknown"), dialect=_DIALECT)
        return {column: self._origins(node) or [] for column, node in nodes.items()}

    def _origins(self, node: Node) -> list[Origin] | None:
        """The columns at which a column begins; none where one of them is not certain."""
        found: set[Origin] = set()
        for leaf in node.walk():
            if leaf.downstream:
                continue
            if not isinstance(leaf.expression, exp.Table):
                if leaf.expression.find(exp.Column, exp.Placeholder, exp.Query):
                    return None
                continue  # A constant.
            if leaf.expression.db in _OF_THE_DATABASE:
                continue
            table, column = self._ids.get(_parts(leaf.expression)), exp.to_column(leaf.name).name
            if table is None or column not in self._columns[table]:
                return None
            found.add((table, column))
        return sorted(found)


def _parts(table: exp.Table) -> tuple[str, ...]:
    return tuple(part.name for part in table.parts)


def _parents_first(manifest: Mapping[str, Any], rendered: Mapping[str, str]) -> Iterable[str]:
    parents = manifest["parent_map"]
    graph = {name: [parent for parent in parents[name] if parent in rendered] for name in rendered}
    return TopologicalSorter(graph).static_order()
