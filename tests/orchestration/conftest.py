"""A small shop in a database of its own, and the code location of its project, refreshed once by Dagster."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from maho_segments.services.capture_keeping import install_capture
from maho_segments.services.load import DEMO_MARK, replace_shop
from maho_segments.services.progress import Silence
from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import EmbeddedServer, connect, read_settings
from orchestration.alerts.configuration import ALERTS_FILE
from orchestration.definitions import build_definitions
from orchestration.project import ProjectResource
from tests.databases import PROJECT, Database, new_database
from tests.orchestration.servers import WebServer, running
from tests.projects import copy_project

SEGMENTS = """
version: 1
segments:
  buyers:
    label: Buyers
    description: Ordered at least once.
    owner: crm@shop.example
    tags: [value]
    match: { orders: { count: { gte: 1 } } }
  loyal_buyers:
    owner: crm
    match: { all: [ segment: buyers, orders: { count: { gte: 2 } } ] }
  reachable:
    refresh: { on_change: true, schedule: "0 5 * * *" }
    match: { email: { is_set: true } }
  campaign:
    refresh: { manual: true }
    match: { orders: { count: { gte: 1 } } }
"""


@dataclass(frozen=True)
class CodeLocation:
    """A project with its warehouse as Dagster has them, and an instance that forgets at the end."""

    project: ProjectResource
    database: Database
    instance: dg.DagsterInstance

    def definitions(self) -> dg.Definitions:
        """The definitions, as a reload would make them."""
        return build_definitions(self.project)

    def define(self, segments: str) -> None:
        """Write segments.yml."""
        (self.project.workspace().folder / "segments.yml").write_text(segments, encoding="utf-8")

    def run(
        self,
        job: str,
        *assets: str,
        config: dict[str, Any] | None = None,
        fails: bool = False,
        run_id: str | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Run a job, of some segments where they are named."""
        selection = [dg.AssetKey(["segment", name]) for name in assets]
        result = (
            self.definitions()
            .resolve_job_def(job)
            .execute_in_process(
                instance=self.instance,
                asset_selection=selection or None,
                run_config=config,
                raise_on_error=False,
                run_id=run_id,
            )
        )
        reasons = [str(event.event_specific_data) for event in result.get_step_failure_events()]
        assert result.success is not fails, "\n".join(reasons)
        return result


@pytest.fixture(scope="session")
def location(
    embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CodeLocation]:
    """The shop, its changes captured; nothing is built."""
    own = {"SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent)}
    settings = read_settings(PROJECT, own)
    with new_database(settings, own) as database, dg.DagsterInstance.ephemeral() as instance:
        folder = copy_project(tmp_path_factory.mktemp("location"))
        project = ProjectResource(folder=str(folder), environ=database.environ)
        made = CodeLocation(project, database, instance)
        made.define(SEGMENTS)
        now = datetime.now(UTC) - timedelta(days=3)
        with connect(database.settings) as connection:
            replace_shop(
                connection,
                lambda show: generate_shop(connection, customers=60, seed=1, now=now, progress=show),
                comment=DEMO_MARK,
                progress=Silence(),
            )
        install_capture(project.workspace(), Silence())
        yield made


@pytest.fixture(scope="session")
def first_run(location: CodeLocation) -> dg.ExecuteInProcessResult:
    """The first run of refresh_job: a full build."""
    return location.run("refresh_job")


@pytest.fixture
def built(location: CodeLocation, first_run: dg.ExecuteInProcessResult) -> Iterator[CodeLocation]:
    """The code location with segments built, whose definitions are as they were afterwards."""
    yield location
    location.define(SEGMENTS)


@pytest.fixture
def chat(built: CodeLocation, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """A channel of alerts.yml, in which another has a mistake."""
    server = WebServer(200)
    monkeypatch.setenv("CHAT_URL", server.environ["URL"])
    alerts = built.project.workspace().folder / ALERTS_FILE
    alerts.write_text(
        "version: 1\nchannels: { chat: { type: webhook, url_variable: CHAT_URL }, oops: { type: slack } }\n",
        encoding="utf-8",
    )
    with running(server):
        yield server
    alerts.unlink()
