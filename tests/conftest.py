"""Fixtures that give tests a real PostgreSQL.

* `database`: an empty database of the test's own on the embedded server; `database.settings` to connect,
  `database.environ` for dbt and `segments` as subprocesses, `database.execute(...)` and `database.rows(...)`.
* `tcp_database`: the same on a server that is reached over TCP with a password.
* `embedded_server`, `tcp_server`: those servers, one of each for the whole session. When processes share the
  tests (`pytest -n 2`), each has its own.

The servers run the programs of the installed wheel, or those of SEGMENTS_POSTGRES_BIN when it is set. What
Hypothesis draws is the same in every run, so that a change is blamed for what it changed, unless
SEGMENTS_TEST_DRAWS=new says otherwise. It may take its time: a busy machine is no failure.
"""

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from maho_segments.warehouse import ConnectionSettings, EmbeddedServer, connect, find_binaries
from tests.databases import PROJECT, Database, TcpServer, new_database, run_tcp_server, short_folder
from tests.scheduling import SharingScheduling

settings.register_profile(
    "repeatable", derandomize=os.environ.get("SEGMENTS_TEST_DRAWS") != "new", deadline=None
)
settings.load_profile("repeatable")

# What pytest-xdist begins its processes with is in no file, and dbt asks in each invocation for the modules
# of its whole stack: Python looks for that code in all modules, every time, nearly half of the tests' time.
inspect.modulesbyfile["<string>"] = __name__  # type: ignore[attr-defined]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharingScheduling:
    return SharingScheduling(config, log)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for the session's servers."""
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def embedded_server(server_folder: Path) -> Iterator[EmbeddedServer]:
    """The embedded server that most tests share, in its own folder, stopped at the end."""
    server = EmbeddedServer(server_folder / "warehouse", find_binaries(os.environ))
    server.start()
    try:
        with connect(_embedded_settings(server), autocommit=True) as connection:
            # Tests need not survive a power cut.
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")
        yield server
    finally:
        server.delete()


@pytest.fixture
def database(embedded_server: EmbeddedServer) -> Iterator[Database]:
    """An empty database of the test's own on the embedded server."""
    own = {
        "SEGMENTS_PROJECT_DIR": str(PROJECT),
        "SEGMENTS_WAREHOUSE_DIR": str(embedded_server.status().data_dir.parent),
    }
    with new_database(_embedded_settings(embedded_server), own) as made:
        yield made


@pytest.fixture(scope="session")
def tcp_server(server_folder: Path) -> Iterator[TcpServer]:
    """A server of 127.0.0.1 that asks for a password; its session time zone is not UTC."""
    folder = server_folder / "tcp"
    folder.mkdir(mode=0o711)
    with run_tcp_server(folder) as server:
        yield server


@pytest.fixture
def tcp_database(tcp_server: TcpServer) -> Iterator[Database]:
    """An empty database of the test's own on the server that is reached over TCP."""
    with new_database(tcp_server.settings, {"SEGMENTS_PROJECT_DIR": str(PROJECT)}) as made:
        yield made


def _embedded_settings(server: EmbeddedServer) -> ConnectionSettings:
    socket_dir = server.status().socket_dir
    assert socket_dir is not None
    return ConnectionSettings("embedded", str(socket_dir), 5432, "segments", "", "segments", "segments")
