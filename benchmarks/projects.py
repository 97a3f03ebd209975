"""Projects to measure: a copy with other segments, and a warehouse from which what was built is gone."""

import json
from pathlib import Path
from typing import Any

from maho_segments.language import check_project, compile_plan, write_plan
from maho_segments.warehouse import ConnectionSettings, connect

_SCHEMAS = ("segments", "segments_staging", "segments_relations", "segments_work", "audiences")


def write_segments(project: Path, segments: dict[str, Any]) -> None:
    """Make these the only segments of a project, and write its plan."""
    definitions = {"version": 1, "defaults": {"audience": "customers"}, "segments": segments}
    # JSON is YAML.
    (project / "segments.yml").write_text(json.dumps(definitions), encoding="utf-8")
    write_plan(project, compile_plan(check_project(project)))


def drop_built(settings: ConnectionSettings) -> None:
    """Leave nothing but the shop's tables, with statistics."""
    with connect(settings, autocommit=True) as connection:
        for schema in _SCHEMAS:
            connection.execute(f"drop schema if exists {schema} cascade".encode())
        connection.execute("vacuum analyze")
