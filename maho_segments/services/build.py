"""The main job: from valid definitions to published memberships."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from maho_segments import language
from maho_segments.services.build_report import BuildReport, nothing_to_refresh, report_build
from maho_segments.services.instants import format_instant
from maho_segments.services.lock import build_lock
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables
from maho_segments.services.refresh.schedules import schedule_zone
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
) -> BuildReport:
    """Validate the definitions, then bring the chosen segments up to date as of that instant.

    It looks at what changed since the last build where that is known for certain, else at everybody; `full`
    makes anew everything that can be derived. `accept_erasures` says that many profiles may be erased: the
    shop is known to have lost them. `initiated_by` is who asks, for the ledger. `dbt` is a project that is
    kept for the next build.

    A segment that fails by itself is left out, and the report says so. Raises DefinitionsError before
    anything is touched, SegmentsError for a choice that does not exist, WarehouseError where there is no
    database to build in, BuildError where another build is at work, there is no shop, a later instant is
    published already, suspiciously many profiles would be erased, or dbt fails; what was published before
    stands then.
    """
    started = datetime.now(UTC)
    progress.step("Checking the definitions")
    project = language.check_project(workspace.folder)
    plan: dict[str, Any] = language.compile_plan(project)
    language.write_plan(workspace.folder, plan)
    progress.step("Reaching the warehouse")
    settings = ensure_running(workspace.folder, workspace.environ)
    selection = _select(workspace, settings, plan, choice, as_of=as_of)
    if not selection.names and any(segment["is_active"] for segment in plan["segments"]):
        seconds = (datetime.now(UTC) - started).total_seconds()
        return nothing_to_refresh(as_of, _why_nothing(choice, selection), seconds)

    # dbt takes two seconds: not before it is needed.
    from maho_segments.services.dbt import DbtProject  # noqa: PLC0415
    from maho_segments.services.readiness import refuse_to_go_back, refuse_without_shop  # noqa: PLC0415
    from maho_segments.services.refresh.run import Refresh, Request  # noqa: PLC0415

    with build_lock(settings, now=started) as connection:
        progress.step("Reading the dbt project")
        dbt = dbt or DbtProject(workspace.folder, settings, workspace.environ)
        dbt.parse()
        refuse_without_shop(connection, dbt.sources())
        refuse_to_go_back(connection, settings.schema, as_of)
        if as_of > started:
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
            tables = PublicTables(connection, settings.schema)
            if tables.exist():
                published = {one.name: one.as_of for one in tables.publications()}
                if choice.due:
                    zone = schedule_zone(workspace.environ, connection, settings.schema)
    return select_segments(plan["segments"], choice, published=published, as_of=as_of, default_zone=zone)


def _why_nothing(choice: Choice, selection: Selection) -> str:
    """Why there is no segment to refresh."""
    if choice.is_default:
        return "All segments are manual; name them with --select, or refresh them with --all."
    if selection.next_due is None:
        return "No segment is refreshed in this way."
    name, time = selection.next_due
    return f"Nothing is due; the next is {name} at {format_instant(time)}."
