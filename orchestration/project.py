"""The project that the code location is about: where it is, and how to reach its warehouse."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
import psycopg
from pydantic import Field

from maho_segments.services.dbt import DbtProject
from maho_segments.services.project import Workspace, find_workspace
from maho_segments.warehouse import ConnectionSettings, connect, ensure_running, read_settings
from orchestration.presence import presence_folder, present


class ProjectResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # it is its own value
    """The project of a code location: its folder, its warehouse, its dbt."""

    folder: str = Field(
        default="",
        description="Its folder; empty: that of SEGMENTS_PROJECT_DIR, else where Dagster runs.",
    )
    environ: dict[str, str] = Field(
        default={},
        description="What is not as in the environment of Dagster's process: DBT_HOST and so on.",
    )

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["ProjectResource"]:
        """The resource for a run, which is known to live as long as it has it, or for a tick."""
        with ExitStack() as stack:
            if context.run is not None:
                stack.enter_context(present(presence_folder(), context.run.run_id))
            yield self

    def workspace(self) -> Workspace:
        """Folder and environment, as services take them. Raises SegmentsError where there is no project."""
        own = {"SEGMENTS_PROJECT_DIR": self.folder} if self.folder else {}
        return find_workspace({**os.environ, **own, **self.environ}, Path.cwd())

    @contextmanager
    def connect(self, *, autocommit: bool = False) -> Iterator[psycopg.Connection]:
        """A connection to the warehouse; the embedded one is started for it. Raises WarehouseError."""
        settings = self.settings()
        with connect(settings, autocommit=autocommit, application_name="segments dagster") as connection:
            yield connection

    def running_dbt(self) -> DbtProject:
        """The project's dbt, to be run. Raises WarehouseError where there is nothing to run it on."""
        # Where the embedded server listens is certain only while it runs.
        self.settings()
        return self.dbt()

    def settings(self) -> ConnectionSettings:
        """How to reach the warehouse, once it can be reached. Raises WarehouseError."""
        workspace = self.workspace()
        return ensure_running(workspace.folder, workspace.environ)

    def dbt(self) -> DbtProject:
        """The project's dbt, warm as long as this process lives; to read the project, without a database."""
        workspace = self.workspace()
        settings = read_settings(workspace.folder, workspace.environ)
        key = (workspace.folder, settings)
        if key not in _WARM:
            _WARM[key] = DbtProject(workspace.folder, settings, workspace.environ)
        return _WARM[key]


_WARM: dict[tuple[Path, ConnectionSettings], DbtProject] = {}
