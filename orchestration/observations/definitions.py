"""The project's files as they are now, and what was published of them."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, LiteralString

import yaml

from maho_segments import language
from maho_segments.services.definitions import read_definitions
from maho_segments.services.project import Workspace
from orchestration.observations.warehouse import Warehouse
from orchestration.sensors.definitions import ObservedDefinitions, PublishedDefinition

_PUBLISHED: LiteralString = """
    select definitions.segment_name, publications.definition_hash, definitions.label, definitions.description,
        definitions.owner, definitions.tags, definitions.priority, publications.is_active, publications.status
    from {work}.segment_publications as publications
    inner join {work}.segment_definitions as definitions using (segment_id)
    order by segment_id
"""

Stamp = tuple[tuple[str, int, int], ...]


def read_plan(folder: Path) -> dict[str, Any]:
    """The plan of the project's files; they are checked anew when one of them was written.

    Raises DefinitionsError for invalid definitions, each time.
    """
    return _read_plan(folder, _stamp(folder))


@lru_cache(maxsize=4)
def _read_plan(folder: Path, _: Stamp) -> dict[str, Any]:
    return read_definitions(Workspace(folder, {})).plan


def _stamp(folder: Path) -> Stamp:
    """What changes when a file is written that the plan is read from."""
    found = [(path, path.stat()) for path in _files(folder)]
    return tuple((str(path), status.st_mtime_ns, status.st_size) for path, status in found)


def _files(folder: Path) -> Iterator[Path]:
    for name in (language.SEGMENTS_FILE, language.ATTRIBUTES_FILE):
        if (folder / name).is_file():
            yield folder / name
    yield from sorted((folder / "models").rglob("*.yml"))
    yield from sorted((folder / "macros" / "conditions").glob("*.sql"))


def change_capture(folder: Path) -> str:
    """How dbt_project.yml says that changes become known: `triggers` or `clocks`."""
    settings = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
    return str((settings.get("vars") or {}).get("change_capture", "triggers"))


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
            shown=row,
        )
        for row in warehouse.rows(_PUBLISHED)
    ]
    return ObservedDefinitions(plan["segments"], published=published, builder=warehouse.builder)
