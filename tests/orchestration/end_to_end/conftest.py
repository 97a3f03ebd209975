"""One running system for all scenarios: `segments up` on a warehouse of its own, and somebody to alert."""

from collections.abc import Iterator

import pytest

from tests.databases import short_folder
from tests.orchestration.end_to_end.shop import ALERTS, PREPARED, SEGMENTS
from tests.orchestration.end_to_end.system import System
from tests.orchestration.servers import WebServer, running


@pytest.fixture(scope="module")
def on_call() -> Iterator[WebServer]:
    """Whom alerts are sent to."""
    with running(server := WebServer(200)):
        yield server


@pytest.fixture(scope="module")
def system(on_call: WebServer) -> Iterator[System]:
    """The system; nothing is built when it begins."""
    with short_folder() as folder:
        made = System(folder, {"SEGMENTS_ALERTS_URL": on_call.environ["URL"]})
        try:
            made.define(SEGMENTS)
            (made.project / "alerts.yml").write_text(ALERTS, encoding="utf-8")
            made.start(PREPARED)
            yield made
        finally:
            made.clear_away()
