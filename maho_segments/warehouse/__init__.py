"""The warehouse: the project's embedded PostgreSQL, or a server that the environment names."""

from maho_segments.warehouse.binaries import Binaries, find_binaries
from maho_segments.warehouse.connection import check_server, connect, psql_command
from maho_segments.warehouse.embedded import EmbeddedServer, ServerStatus, ensure_running
from maho_segments.warehouse.settings import ConnectionSettings, read_settings, warehouse_dir

__all__ = [
    "Binaries",
    "ConnectionSettings",
    "EmbeddedServer",
    "ServerStatus",
    "check_server",
    "connect",
    "ensure_running",
    "find_binaries",
    "psql_command",
    "read_settings",
    "warehouse_dir",
]
