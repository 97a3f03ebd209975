"""The live shop of these tests, one for each module."""

from collections.abc import Iterator

import pytest

from maho_segments.warehouse import EmbeddedServer, read_settings
from tests.databases import PROJECT, new_database
from tests.integration.refresh.live_shop import LiveShop
from tests.integration.refresh.people import AS_OF, SEGMENTS, SHOP
from tests.projects import copy_project


@pytest.fixture(scope="module")
def live_shop(
    embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveShop]:
    """The shop of people.py, built and captured; few keys are many already."""
    own = {"SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent)}
    with new_database(read_settings(PROJECT, own), own) as database:
        project = copy_project(tmp_path_factory.mktemp("live"))
        settings = project / "dbt_project.yml"
        text = settings.read_text(encoding="utf-8")
        limited = text.replace("capture_bulk_limit: 10000", "capture_bulk_limit: 10")
        assert limited != text
        settings.write_text(limited, encoding="utf-8")
        made = LiveShop(project, database)
        made.make(SHOP, SEGMENTS, AS_OF)
        yield made
