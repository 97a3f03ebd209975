"""When Dagster is asked to load the project anew."""

from typing import Any

import dagster as dg
import pytest

from maho_segments.errors import SegmentsError
from orchestration.sensors.reloading import Reloading, why_outdated
from tests.orchestration.servers import WebServer, running

OUTDATED = "Dagster shows the segments without d: it reloads"


def segment(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "is_active": True, "label": name, **more}


def test_dagster_is_outdated_where_it_shows_other_segments_than_are_defined() -> None:
    shown = [segment("a"), segment("b"), segment("c")]
    assert not why_outdated(shown, [segment("c"), segment("b"), segment("a"), segment("d", is_active=False)])
    defined = [segment("a"), segment("b", label="B"), segment("c", is_active=False), segment("d")]
    assert why_outdated(shown, defined) == "without d and still with c and with the former b"


def test_who_can_reload_is_asked_once_at_a_time_and_else_a_person() -> None:
    reloading = Reloading()
    assert reloading.ask("without d", None, list) == (
        "Dagster shows the segments without d: press Reload on its page Deployment."
    )
    server = WebServer(503)
    with running(server):
        address = f"http://127.0.0.1:{server.server_port}"
        assert reloading.ask("without d", address, list) == f"{OUTDATED}."
        reloading.wait()
        again = reloading.ask("without d", address, list)
        assert again.startswith(f"{OUTDATED}, which failed when it was tried last: HTTP Error 503")
        reloading.wait()
    (_, body), _ = server.requests
    assert 'reloadRepositoryLocation(repositoryLocationName: "maho_segments")' in body["query"]


@pytest.mark.parametrize("kind", [SegmentsError, dg.DagsterInvalidDefinitionError])
def test_a_project_that_does_not_load_leaves_dagster_as_it_is(kind: type[Exception]) -> None:
    def load() -> None:
        raise kind("dbt could not read the project")

    reloading, server = Reloading(), WebServer(200)
    with running(server):
        address = f"http://127.0.0.1:{server.server_port}"
        reloading.ask("without d", address, load)
        reloading.wait()
        assert reloading.ask("without d", address, load).endswith("last: dbt could not read the project")
        reloading.wait()
    assert not server.requests
