"""Importing the shop's own segments into the language."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

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

_STORED: Final = "select to_jsonb(segments) from {} as segments order by segment_id"
"""As JSON, because older versions of the module have fewer columns."""


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
            "already_there": [asdict(known) for known in self.made.known],
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
    made = made.without(_known(project, _check(project, made)))
    return ImportedFiles(
        made,
        segments_text(made, with_attributes=not attributes_apart),
        attributes_text(made.attributes),
    )


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
    _check(project, made)
    return ImportedFiles(made, segment_text(made.imported[0]), attributes_text(made.attributes))


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
    try:
        return [_stored_segment(row) for (row,) in connection.execute(query).fetchall()]
    except psycopg.errors.UndefinedTable as error:
        raise ShopError(
            f"The shop in the warehouse has no table {schema}.customer_segment.",
            "Load it with the shop's other tables (`segments load DIR`), or import one tree with --tree.",
        ) from error


def _stored_segment(row: dict[str, Any]) -> StoredSegment:
    return StoredSegment(
        segment_id=row["segment_id"],
        name=row.get("name") or "",
        conditions=row.get("conditions_serialized"),
        description=row.get("description") or "",
        is_active=row.get("is_active") in (None, 1),
        website_ids=row.get("website_ids") or "",
        customer_group_ids=row.get("customer_group_ids") or "",
        priority=row.get("priority") or 0,
        is_manual=row.get("refresh_mode") == "manual",
    )


def _check(project: language.Project, made: Import) -> dict[str, language.Segment]:
    """The imported segments as they are read again: nothing is handed out that does not validate.

    Raises DefinitionsError: a mistake of the importer.
    """
    if not made.imported:
        return {}
    return language.check_additions(
        project,
        segments=segments_text(made, with_attributes=False),
        attributes=attributes_text(made.attributes),
        path="the imported segments",
    )


def _known(project: language.Project, imported: dict[str, language.Segment]) -> dict[str, str]:
    """The project's own segment with the same members for each that has one, as after an earlier import."""
    own = [(_members(segment), name) for name, segment in project.segments.items()]
    known = {}
    for name, segment in imported.items():
        members = _members(segment)
        found = next((other for its, other in own if its == members), None)
        if found:
            known[name] = found
    return known


def _members(segment: language.Segment) -> tuple[object, ...]:
    """What decides who is in it."""
    return (
        segment.match,
        segment.audience,
        segment.websites,
        segment.customer_groups,
        segment.time_zone,
        segment.is_active,
    )
