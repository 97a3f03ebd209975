"""The warehouses of the property tests: one for each way to treat the orders of guests."""

from collections.abc import Iterator

import pytest

from maho_segments.warehouse import EmbeddedServer, read_settings
from tests.databases import PROJECT, new_database
from tests.projects import copy_project
from tests.properties.warehouse import Warehouse


@pytest.fixture(scope="session")
def warehouse(
    embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """Every model built, no shop loaded."""
    own = {"SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent)}
    with new_database(read_settings(PROJECT, own), own) as database:
        made = Warehouse(copy_project(tmp_path_factory.mktemp("properties")), database)
        made.build_once()
        yield made
