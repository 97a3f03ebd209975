"""The main job: from valid definitions to published memberships."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from maho_segments import language
from maho_segments.errors import BuildError
from maho_segments.services.instants import format_instant
from maho_segments.services.lock import build_lock
from maho_segments.services.progress import NodeEvent, Progress
from maho_segments.services.project import Workspace
from maho_segments.services.publications import PublicTables, audience_size
from maho_segments.services.shop_names import note_unknown_names
from maho_segments.warehouse import ConnectionSettings, connect, ensure_running


@dataclass(frozen=True)
class SegmentCounts:
    """A segment after a build; `audience` is how many profiles could have been in it."""

    name: str
    label: str
    status: str
    members: int
    audience: int
    entered: int
    left: int


@dataclass(frozen=True)
class BuildReport:
    """What a build did: the segments as published, and the models and tests that dbt ran."""

    as_of: datetime
    run_id: int
    mode: str
    profiles: int
    erased: int
    seconds: float
    segments: tuple[SegmentCounts, ...]
    nodes: tuple[NodeEvent, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "as_of": format_instant(self.as_of),
            "run_id": self.run_id,
            "mode": self.mode,
            "profiles_evaluated": self.profiles,
            "profiles_erased": self.erased,
            "seconds": round(self.seconds, 2),
            "segments": [asdict(segment) for segment in self.segments],
            "models": [
                {
                    "name": node.name,
                    "status": node.status,
                    "rows": node.rows,
                    "seconds": round(node.seconds, 3),
                }
                for node in self.nodes
                if node.kind == "model"
            ],
            "tests": sum(node.kind == "test" for node in self.nodes),
        }


def build(
    workspace: Workspace,
    *,
    as_of: datetime,
    full_refresh: bool = False,
    accept_erasures: bool = False,
    progress: Progress,
) -> BuildReport:
    """Validate the definitions, then build and publish every segment as of that instant.

    `accept_erasures` says that many profiles may be erased: the shop is known to have lost them.

    Raises DefinitionsError before anything is touched, WarehouseError where there is no database to build
    in, BuildError where another build is at work, there is no shop, a later instant is published already,
    suspiciously many profiles would be erased, or dbt fails; what was published before stands then.
    """
    started = datetime.now(UTC)
    progress.step("Checking the definitions")
    project = language.check_project(workspace.folder)
    if advice := language.advise(project):
        noun = "warning" if len(advice) == 1 else "warnings"
        progress.note(f"{len(advice)} {noun} in the definitions: see `segments validate`.")
    plan = language.compile_plan(project)
    language.write_plan(workspace.folder, plan)

    # dbt takes two seconds: not before it is needed.
    from maho_segments.services.dbt import DbtProject  # noqa: PLC0415
    from maho_segments.services.readiness import refuse_to_go_back, refuse_without_shop  # noqa: PLC0415

    progress.step("Reaching the warehouse")
    settings = ensure_running(workspace.folder, workspace.environ)
    with build_lock(settings, now=started):
        progress.step("Reading the dbt project")
        dbt = DbtProject(workspace.folder, settings, workspace.environ)
        dbt.parse()
        with connect(settings) as connection:
            refuse_without_shop(connection, dbt.sources())
            refuse_to_go_back(connection, settings.schema, as_of)
        if as_of > started:
            progress.note(
                f"{format_instant(as_of)} is in the future: until then nothing else can be published."
            )
        progress.step(f"Building as of {format_instant(as_of)}")
        variables: dict[str, object] = {"as_of": format_instant(as_of)}
        if accept_erasures:
            variables["accept_erasures"] = True
        nodes = dbt.build(variables=variables, full_refresh=full_refresh, progress=progress)
        note_unknown_names(settings, plan, dbt.relation_names(), progress)
    seconds = (datetime.now(UTC) - started).total_seconds()
    return _report(settings, plan, nodes, as_of=as_of, seconds=seconds)


def _report(
    settings: ConnectionSettings,
    plan: dict[str, Any],
    nodes: Sequence[NodeEvent],
    *,
    as_of: datetime,
    seconds: float,
) -> BuildReport:
    with connect(settings) as connection:
        tables = PublicTables(connection, settings.schema)
        published = {publication.name: publication for publication in tables.publications()}
        population = tables.population(as_of)
        run = tables.last_run()
    if run is None:
        raise BuildError("The build ended without publishing a run.", "See logs/dbt.log for what dbt did.")
    segments = tuple(
        SegmentCounts(
            name=segment["name"],
            label=segment["label"],
            status=published[segment["name"]].status,
            members=published[segment["name"]].members,
            audience=audience_size(segment, population),
            entered=published[segment["name"]].entered,
            left=published[segment["name"]].left,
        )
        for segment in plan["segments"]
        if segment["is_active"]
    )
    profiles = run.profiles_evaluated or 0
    erased = run.erased_count or 0
    return BuildReport(as_of, run.run_id, run.mode, profiles, erased, seconds, segments, tuple(nodes))
