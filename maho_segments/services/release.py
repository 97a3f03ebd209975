"""Publishing what a guard holds back, because somebody has looked at it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import Connection, sql

from maho_segments import language
from maho_segments.errors import BuildError, SegmentsError
from maho_segments.services.build import BY_COMMAND_LINE, build
from maho_segments.services.build_report import BuildReport
from maho_segments.services.lock import build_lock
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables
from maho_segments.services.refresh.selection import Choice, referring_to, with_references
from maho_segments.services.refresh.state import BuildState
from maho_segments.services.schemas import schema_of
from maho_segments.services.segments import known
from maho_segments.warehouse import connect, ensure_running

if TYPE_CHECKING:
    from maho_segments.services.dbt import DbtProject

_ACCEPT: LiteralString = """
    update {work}.segment_publications
    set accepted_at = %(now)s
    where status = 'held'
        and segment_id in (
            select segment_id from {work}.segment_definitions where segment_name = any(%(names)s)
        )
"""


def release(  # noqa: PLR0913  each says something that no other follows from
    workspace: Workspace,
    names: Sequence[str],
    *,
    everything: bool,
    as_of: datetime,
    initiated_by: str = BY_COMMAND_LINE,
    progress: Progress,
    dbt: "DbtProject | None" = None,
) -> BuildReport:
    """Publish held segments whatever their guards say, this once, and those that were held with them.

    `everything` releases all that are held; `dbt` is a project that is kept for the next build. Raises
    SegmentsError for a name that is not held, or that refers to one that stays held, and whatever a build
    raises; a release that was asked for then holds for the next.
    """
    project = language.check_project(workspace.folder)
    plan: dict[str, Any] = language.compile_plan(project)
    segments = {segment["name"]: segment for segment in plan["segments"]}
    settings = ensure_running(workspace.folder, workspace.environ)
    with connect(settings) as connection:
        tables = PublicTables(connection, settings.schema)
        if not tables.exist():
            raise BuildError("Nothing is built yet.", "Run `segments build` first.")
        held = {one.name for one in tables.publications() if one.status == "held"} & segments.keys()
    released = sorted(held) if everything else list(dict.fromkeys(names))
    for name in released:
        known(name, segments)
        if name not in held:
            raise SegmentsError(f"The segment {name} is not held.", "`segments list` shows which are.")
    held_back = [name for name in with_references(segments, released) if name in held - set(released)]
    if held_back:
        raise SegmentsError(
            f"{', '.join(released)} refers to {', '.join(held_back)}, which is held too.",
            f"Release both: `segments release {' '.join([*held_back, *released])}`.",
        )
    if not released:
        raise SegmentsError("No segment is held.", "`segments list` shows how each went.")
    with build_lock(settings, now=as_of) as connection:
        _accept(connection, settings.schema, released, as_of)
        # Should the build below fail, the next one asks them all the same.
        BuildState(connection, settings.schema).note_attempts({})
    # What was held only because it refers to one of these is published with it.
    followers = [name for name in referring_to(segments.values(), released) if name in held]
    choice = Choice(names=(*released, *followers))
    return build(workspace, as_of=as_of, choice=choice, initiated_by=initiated_by, progress=progress, dbt=dbt)


def _accept(connection: Connection, schema: str, names: Sequence[str], now: datetime) -> None:
    statement = sql.SQL(_ACCEPT).format(work=sql.Identifier(schema_of(schema, "work")))
    connection.execute(statement, {"names": list(names), "now": now})
