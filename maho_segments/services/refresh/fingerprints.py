"""Fingerprints of what a refresh relies on without looking again: the project's code, the shop's columns."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode
from dbt.version import get_installed_version

from maho_segments.language import PLAN_PATH

# What a source's tables really have: `maho_source` renders another view where a column comes or goes.
_COLUMNS = """
    select pg_namespace.nspname, pg_class.relname, pg_attribute.attname,
        format_type(pg_attribute.atttypid, pg_attribute.atttypmod)
    from pg_attribute
    inner join pg_class on pg_attribute.attrelid = pg_class.oid
    inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    where pg_namespace.nspname = any(%(schemas)s)
        and pg_class.relname = any(%(tables)s)
        and pg_class.relkind in ('r', 'p', 'v', 'm', 'f')
        and pg_attribute.attnum > 0
        and not pg_attribute.attisdropped
"""


def code_fingerprint(
    manifest: Manifest, folder: Path, plan: Mapping[str, Any], connection: psycopg.Connection
) -> str:
    """A text that changes when the views and tables would be made by other SQL, edits of segments aside.

    It covers dbt and its adapter, dbt_project.yml, models, macros, sources, and which of the columns that
    sources declare are there. Labels, descriptions and tests do not count.
    """
    models = {
        name: {
            "code": node.raw_code,
            "relation": node.relation_name,
            "config": node.config.to_dict(omit_none=True),
            "columns": [[column.name, column.data_type] for column in node.columns.values()],
        }
        for name, node in manifest.nodes.items()
        if isinstance(node, ModelNode)
    }
    macros = {
        name: macro.macro_sql
        for name, macro in manifest.macros.items()
        if macro.original_file_path != str(PLAN_PATH)
    }
    sources = {
        name: {
            "relation": source.relation_name,
            "meta": source.config.meta or source.meta,
            "columns": {column.name: column.data_type for column in source.columns.values()},
        }
        for name, source in manifest.sources.items()
    }
    return _fingerprint(
        {
            "dbt": get_installed_version().to_version_string(),
            "project": (folder / "dbt_project.yml").read_text(encoding="utf-8"),
            "models": models,
            "macros": macros,
            "sources": sources,
            "shop": _actual_columns(manifest, connection),
            "identity": plan["identity"],
        }
    )


def audiences_fingerprint(plan: Mapping[str, Any]) -> str:
    """A text that changes when the audiences' views would: their names, labels and descriptions."""
    words = ("name", "label", "description")
    return _fingerprint([[segment[word] for word in words] for segment in plan["segments"]])


def _actual_columns(manifest: Manifest, connection: psycopg.Connection) -> list[list[str]]:
    """Which of the declared columns the sources' tables have, and of what types."""
    sources = list(manifest.sources.values())
    declared = {(source.schema, source.identifier, column) for source in sources for column in source.columns}
    rows = connection.execute(
        _COLUMNS,
        {
            "schemas": list({source.schema for source in sources}),
            "tables": list({source.identifier for source in sources}),
        },
    )
    return sorted(list(row) for row in rows if row[:3] in declared)


def _fingerprint(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:32]
