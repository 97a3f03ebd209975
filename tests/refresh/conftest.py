"""The warehouse of the refresh tests."""

from collections.abc import Iterator

import pytest

from maho_segments.warehouse import EmbeddedServer, read_settings
from tests.databases import PROJECT, new_database
from tests.projects import copy_project
from tests.refresh.refreshing import RefreshWarehouse


@pytest.fixture(scope="session")
def refreshed(
    embedded_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RefreshWarehouse]:
    """Every model built, nothing loaded."""
    own = {"SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent)}
    admin = read_settings(PROJECT, own)
    with new_database(admin, own) as database:
        made = RefreshWarehouse(copy_project(tmp_path_factory.mktemp("refresh")), database, admin)
        made.build_once()
        yield made
        made.delete()
