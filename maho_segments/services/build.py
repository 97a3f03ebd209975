"""The main job: from valid definitions to published memberships."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from maho_segments import language
from maho_segments.services.build_report import BuildReport, nothing_to_refresh, report_build
from maho_segments.services.definitions import Definitions, read_definitions
from maho_segments.services.instants import format_instant
from maho_segments.services.lock import WATCH, build_lock
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables
from maho_segments.services.refresh.schedules import named_zone, schedule_zone
from maho_segments.services.refresh.selection import Choice, Selection, select_segments
from maho_segments.warehouse import ConnectionSettings, connect, ensure_running

if TYPE_CHECKING:
    from maho_segments.services.dbt import DbtProject

_EVERYTHING = Choice()
BY_COMMAND_LINE = "command line"


def build(  # noqa: PLR0913  each says something that no other follows from
    workspace: Workspace,
    *,
    as_of: datetime,
    choice: Choice = _EVERYTHING,
    full: bool = False,
    accept_erasures: bool = False,
    initiated_by: str = BY_COMMAND_LINE,
    progress: Progress,
    dbt: "DbtProject | None" = None,
    definitions: Definitions | None = None,
) -> BuildReport:
    """Validate the definitions, then bring the chosen segments up to date as of that instant.

    It looks at what changed since the last build where that is known for certain, else at everybody; `full`
    makes anew everything that can be derived. `accept_erasures` says that many profiles may be erased: the
    shop is known to have lost them. `initiated_by` is who asks, for the ledger. `dbt` is a project that is
    kept for the next build, `definitions` are those to build, read before; without, the project's files say.

    A segment that fails by itself is left out, and the report says so. Raises DefinitionsError before
    anything is touched, SegmentsError for a choice that does not exist, WarehouseError where there is no
    database to build in, BuildError where another build is at work, there is no shop, a later instant is
    published already, suspiciously many profiles would be erased, or dbt fails; what was published before
    stands then.
    """
    started = datetime.now(UTC)
    if definitions is None:
        progress.step("Checking the definitions")
        definitions = read_definitions(workspace)
    project, plan = definitions.project, definitions.plan
    language.write_plan(workspace.folder, plan)
    progress.step("Reaching the warehouse")
    settings = ensure_running(workspace.folder, workspace.environ)
    selection = _select(workspace, settings, plan, choice, as_of=as_of)
    if not selection.names and any(segment["is_active"] for segment in plan["segments"]):
        seconds = (datetime.now(UTC) - started).total_seconds()
        return nothing_to_refresh(as_of, _why_nothing(choice, selection), seconds)

    # dbt takes two seconds: not before it is needed.
    from maho_segments.services.dbt import DbtProject  # noqa: PLC0415
    from maho_segments.services.readiness import (  # noqa: PLC0415
        not_before_present,
        refuse_to_go_back,
        refuse_without_shop,
    )
    from maho_segments.services.refresh.run import Refresh, Request  # noqa: PLC0415

    by = WATCH if initiated_by == WATCH else "build"
    with build_lock(settings, now=started, by=by) as connection:
        progress.step("Reading the dbt project")
        dbt = dbt or DbtProject(workspace.folder, settings, workspace.environ)
        dbt.parse()
        refuse_without_shop(connection, dbt.sources())
        if started - as_of < timedelta(seconds=1):
            as_of = not_before_present(connection, settings.schema, as_of, now=datetime.now(UTC))
        refuse_to_go_back(connection, settings.schema, as_of)
        if as_of - started >= timedelta(seconds=1):
            progress.note(
                f"{format_instant(as_of)} is in the future: until then nothing else can be published."
            )
        refresh = Refresh(settings, connection, dbt, project, plan, progress)
        nodes = refresh.run(Request(selection, as_of, started, full, accept_erasures, initiated_by))
        chosen = [segment for segment in plan["segments"] if segment["name"] in selection.names]
        tables = PublicTables(connection, settings.schema)
        seconds = (datetime.now(UTC) - started).total_seconds()
        report = report_build(tables, chosen, nodes, as_of=as_of, seconds=seconds)
        return replace(report, left_out=selection.left_out)


def _select(
    workspace: Workspace,
    settings: ConnectionSettings,
    plan: dict[str, Any],
    choice: Choice,
    *,
    as_of: datetime,
) -> Selection:
    """The segments that the choice means, by what was published before."""
    published: dict[str, datetime | None] = {}
    zone = ZoneInfo("UTC")
    has_manual = any(segment["refresh"]["manual"] for segment in plan["segments"])
    if choice.due or (choice.is_default and has_manual):
        with connect(settings) as connection:
            published, zone = published_times(workspace.environ, connection, settings.schema)
    return select_segments(plan["segments"], choice, published=published, as_of=as_of, default_zone=zone)


def published_times(
    environ: Mapping[str, str], connection: Connection, schema: str
) -> tuple[dict[str, datetime | None], ZoneInfo]:
    """For which instant each segment was published, and the zone by which schedules without one come due."""
    tables = PublicTables(connection, schema)
    if not tables.exist():
        return {}, named_zone(environ) or ZoneInfo("UTC")
    times = {one.name: one.as_of for one in tables.publications()}
    return times, schedule_zone(environ, connection, schema)


def _why_nothing(choice: Choice, selection: Selection) -> str:
    """Why there is no segment to refresh."""
    if choice.is_default:
        return "All segments are manual; name them with --select, or refresh them with --all."
    if selection.next_due is None:
        return "No segment is refreshed in this way."
    name, time = selection.next_due
    return f"Nothing is due; the next is {name} at {format_instant(time)}."
