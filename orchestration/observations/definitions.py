"""The project's files as they are now, and what was published of them."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, LiteralString

import yaml

from maho_segments.services.definitions import ValidDefinitions
from maho_segments.services.project import Workspace
from orchestration.observations.warehouse import Warehouse
from orchestration.sensors.definitions import ObservedDefinitions, PublishedDefinition

_PUBLISHED: LiteralString = """
    select definitions.segment_name, publications.definition_hash, definitions.label, definitions.description,
        definitions.owner, definitions.tags, definitions.priority, publications.is_active,
        publications.status, publications.published_at
    from {work}.segment_publications as publications
    inner join {work}.segment_definitions as definitions using (segment_id)
    order by segment_id
"""

_READ: dict[Path, ValidDefinitions] = {}


def read_plan(folder: Path) -> dict[str, Any]:
    """The plan of the project's files; they are checked anew when one of them was written.

    Raises DefinitionsError for invalid definitions, each time.
    """
    return _READ.setdefault(folder, ValidDefinitions(Workspace(folder, {}))).read().plan


def change_capture(folder: Path) -> Literal["triggers", "clocks"]:
    """How dbt_project.yml says that changes become known."""
    settings = folder / "dbt_project.yml"
    return _change_capture(settings, settings.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _change_capture(settings: Path, _: int) -> Literal["triggers", "clocks"]:
    project = yaml.safe_load(settings.read_text(encoding="utf-8"))
    return "clocks" if (project.get("vars") or {}).get("change_capture") == "clocks" else "triggers"


def observe_definitions(plan: dict[str, Any], warehouse: Warehouse) -> ObservedDefinitions:
    """The plan beside what was published. Raises psycopg's errors where the database does."""
    if not warehouse.is_built:
        return ObservedDefinitions(plan["segments"], is_built=False)
    published = [
        PublishedDefinition(
            name=row.pop("segment_name"),
            definition_hash=row.pop("definition_hash"),
            is_active=bool(row.pop("is_active")),
            status=row.pop("status"),
            published_at=row.pop("published_at"),
            shown=row,
        )
        for row in warehouse.rows(_PUBLISHED)
    ]
    return ObservedDefinitions(plan["segments"], published=published, builder=warehouse.builder)
