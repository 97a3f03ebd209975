"""Importing the shop's own segments into the language."""

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from maho_segments import language
from maho_segments.errors import SegmentsError, ShopError
from maho_segments.importing import (
    Import,
    ImportOptions,
    RefusedSegment,
    ShopFacts,
    StoredSegment,
    Target,
    attributes_text,
    import_segments,
    read_facts,
    segment_text,
    segments_text,
)
from maho_segments.services.project import Workspace
from maho_segments.services.shop_schema import shop_schema
from maho_segments.warehouse import connect, ensure_running

_STORED: Final = """
    select
        segment_id,
        coalesce(name, '') as name,
        conditions_serialized as conditions,
        coalesce(description, '') as description,
        coalesce(is_active, 1) = 1 as is_active,
        coalesce(website_ids, '') as website_ids,
        coalesce(customer_group_ids, '') as customer_group_ids,
        coalesce(priority, 0)::integer as priority,
        coalesce(refresh_mode, 'auto') = 'manual' as is_manual
    from {}
    order by segment_id
"""


@dataclass(frozen=True)
class ImportedFiles:
    """What was imported and what was not, and the text of the files; every segment in them validates."""

    made: Import
    segments: str
    attributes: str

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "imported": [
                {
                    "segment_id": segment.segment_id,
                    "name": segment.name,
                    "label": segment.label,
                    "remarks": list(segment.remarks),
                }
                for segment in self.made.imported
            ],
            "not_imported": [_refused(refused) for refused in self.made.refused],
            "new_attributes": list(self.made.attributes),
            "segments_yaml": self.segments,
            "attributes_yaml": self.attributes if self.made.attributes else None,
        }


def _refused(refused: RefusedSegment) -> dict[str, Any]:
    reasons = [
        {"place": one.place, "reason": one.reason, "can_approximate": one.can_approximate}
        for one in refused.reasons
    ]
    return {"segment_id": refused.segment_id, "label": refused.label, "reasons": reasons}


def import_shop(
    workspace: Workspace, *, options: ImportOptions, attributes_apart: bool = False
) -> ImportedFiles:
    """The segments of the shop's table customer_segment, written in the language.

    With `attributes_apart` the new attributes stand in their own text alone. Raises ShopError where the shop
    has no such table, DefinitionsError where the project does not validate.
    """
    project = language.check_project(workspace.folder)
    settings = ensure_running(workspace.folder, workspace.environ)
    with connect(settings) as connection:
        schema = shop_schema(workspace)
        stored = _stored_segments(connection, schema)
        made = _import(project, read_facts(connection, schema=schema), stored, options)
    files = ImportedFiles(
        made,
        segments_text(made, with_attributes=not attributes_apart),
        attributes_text(made.attributes),
    )
    _check(project, made, files)
    return files


def import_tree(workspace: Workspace, tree: str, *, options: ImportOptions) -> ImportedFiles:
    """One tree of conditions, given as JSON: the text is a segment's mapping, as `segments preview` takes it.

    Raises SegmentsError with all reasons where it can't be imported.
    """
    project = language.check_project(workspace.folder)
    settings = ensure_running(workspace.folder, workspace.environ)
    with connect(settings) as connection:
        facts = read_facts(connection, schema=shop_schema(workspace))
    made = _import(project, facts, [StoredSegment(0, "", tree)], options)
    if made.refused:
        reasons = made.refused[0].reasons
        near = any(one.can_approximate for one in reasons)
        raise SegmentsError(
            "\n".join(["The conditions are not imported.", *(f"- {one}" for one in reasons)]),
            "With --approximate, what is near is written where that is possible." if near else None,
        )
    files = ImportedFiles(made, segment_text(made.imported[0]), attributes_text(made.attributes))
    _check(project, made, files)
    return files


def _import(
    project: language.Project,
    facts: ShopFacts,
    stored: list[StoredSegment],
    options: ImportOptions,
) -> Import:
    target = Target(
        vocabulary=project.vocabulary,
        segment_names=project.segments,
        attributes=language.attributes_as_written(project),
        narrowed=[name for name in ("websites", "customer_groups") if getattr(project.defaults, name)],
    )
    return import_segments(stored, facts=facts, options=options, target=target)


def _stored_segments(connection: psycopg.Connection, schema: str) -> list[StoredSegment]:
    query = sql.SQL(_STORED).format(sql.Identifier(schema, "customer_segment"))
    with connection.cursor(row_factory=class_row(StoredSegment)) as cursor:
        try:
            return cursor.execute(query).fetchall()
        except psycopg.errors.UndefinedTable as error:
            raise ShopError(
                f"The shop in the warehouse has no table {schema}.customer_segment.",
                "Load it with the shop's other tables (`segments load DIR`), or import one tree with --tree.",
            ) from error


def _check(project: language.Project, made: Import, files: ImportedFiles) -> None:
    """Nothing is handed out that does not validate. Raises DefinitionsError: a mistake of the importer."""
    if made.imported:
        language.check_additions(
            project,
            segments=segments_text(made, with_attributes=False),
            attributes=files.attributes,
            path="the imported segments",
        )
