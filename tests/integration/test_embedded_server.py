"""The embedded server's life: started by several at once, killed at any moment, stopped, started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from maho_segments.errors import WarehouseError
from maho_segments.warehouse import (
    ConnectionSettings,
    EmbeddedServer,
    connect,
    ensure_running,
    find_binaries,
)
from maho_segments.warehouse.account import server_account
from maho_segments.warehouse.processes import exclusive_lock, is_server, read_postmaster
from tests.databases import Database, clean_environ, short_folder

START = """
import os, sys
from pathlib import Path
from maho_segments.warehouse import EmbeddedServer, find_binaries
server = EmbeddedServer(Path(sys.argv[1]), find_binaries(os.environ))
server.start()
print(server.status().pid, flush=True)
"""


@pytest.fixture
def new_server() -> Iterator[EmbeddedServer]:
    """A server that nothing was done with yet."""
    with short_folder() as folder:
        made = EmbeddedServer(folder / "warehouse", find_binaries(os.environ))
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="module")
def victim() -> Iterator[EmbeddedServer]:
    """One server for all tests that do things to a running one: making its data takes longest."""
    with short_folder() as folder:
        made = EmbeddedServer(folder / "warehouse", find_binaries(os.environ))
        made.start()
        with connect(settings_of(made), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def server(victim: EmbeddedServer) -> EmbeddedServer:
    """A running server that remembers nothing."""
    victim.start()
    with connect(settings_of(victim), autocommit=True) as connection:
        connection.execute("drop table if exists kept")
    return victim


def folder_of(server: EmbeddedServer) -> Path:
    return server.status().log_file.parent


def settings_of(server: EmbeddedServer) -> ConnectionSettings:
    return ConnectionSettings(
        "embedded", str(server.status().socket_dir), 5432, "segments", "", "segments", "segments"
    )


def pid_of(server: EmbeddedServer) -> int:
    pid = server.status().pid
    assert pid is not None
    return pid


def starter(server: EmbeddedServer) -> subprocess.Popen[str]:
    """Another process that starts the server and prints its process number."""
    return subprocess.Popen(
        [sys.executable, "-c", START, folder_of(server)],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environ(),
    )


def wait_until_dead(pid: int) -> None:
    give_up = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < give_up:
        time.sleep(0.02)


def remember(server: EmbeddedServer, number: int) -> None:
    with connect(settings_of(server), autocommit=True) as connection:
        connection.execute("create table if not exists kept (number int)")
        connection.execute("insert into kept values (%s)", [number])


def remembered(server: EmbeddedServer) -> list[int]:
    with connect(settings_of(server)) as connection:
        return [row[0] for row in connection.execute("select number from kept order by 1")]


def test_start_makes_what_is_missing(new_server: EmbeddedServer) -> None:
    assert not new_server.status().running
    new_server.start()
    with connect(settings_of(new_server)) as connection:
        answer = connection.execute("""
            select
                current_user, current_database(), getdatabaseencoding(), lower('ÄÖÜ'), 'a' < 'B',
                current_setting('TimeZone'), current_setting('log_timezone'),
                current_setting('listen_addresses'), current_setting('jit'),
                (select rolcanlogin from pg_roles where rolname = 'segments_reader'),
                (select rolsuper from pg_roles where rolname = current_user)
        """).fetchone()
    assert answer == ("segments", "segments", "UTF8", "äöü", False, "UTC", "UTC", "", "off", False, True)


def test_start_is_repeatable(server: EmbeddedServer) -> None:
    server.start()
    first = pid_of(server)
    assert pid_of(server) == first


def test_stop_and_start_keep_data(server: EmbeddedServer) -> None:
    remember(server, 1)
    assert server.stop()
    assert not server.status().running
    assert not server.stop()
    server.start()
    assert remembered(server) == [1]


def test_four_starters_at_once_get_one_server(new_server: EmbeddedServer) -> None:
    starters = [starter(new_server) for _ in range(4)]
    pids = {process.communicate(timeout=60)[0].strip() for process in starters}
    assert pids == {str(pid_of(new_server))}


def test_four_starters_after_a_kill_get_one_server(server: EmbeddedServer) -> None:
    remember(server, 1)
    os.kill(pid_of(server), signal.SIGKILL)
    starters = [starter(server) for _ in range(4)]
    pids = {process.communicate(timeout=60)[0].strip() for process in starters}
    assert pids == {str(pid_of(server))}
    assert remembered(server) == [1]


@pytest.mark.parametrize("seconds", [0.3, 0.7, 1.2])
def test_starter_killed_while_starting_does_no_harm(new_server: EmbeddedServer, seconds: float) -> None:
    with starter(new_server) as unlucky:
        time.sleep(seconds)
        unlucky.kill()
    new_server.start()
    remember(new_server, 1)
    assert remembered(new_server) == [1]


def test_server_outlives_who_started_it(server: EmbeddedServer) -> None:
    server.stop()
    with starter(server) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
    assert pid_of(server) == pid
    assert os.getsid(pid) == pid, "a Ctrl-C in the starter's terminal would reach it"


def test_killed_server_recovers_what_was_committed(server: EmbeddedServer) -> None:
    for number in range(3):
        server.start()
        remember(server, number)
        os.kill(pid_of(server), signal.SIGKILL)
    server.start()
    assert remembered(server) == [0, 1, 2]


def test_killed_server_whose_query_still_computes_is_replaced_soon(server: EmbeddedServer) -> None:
    remember(server, 1)
    with ThreadPoolExecutor() as threads, connect(settings_of(server)) as busy:
        # No look at the socket for minutes, so this process does not notice that the server is gone.
        endless = threads.submit(busy.execute, "select count(*) from generate_series(1, 2000000000)")
        give_up = time.monotonic() + 10
        while busy.info.transaction_status.name != "ACTIVE" and time.monotonic() < give_up:
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(pid_of(server), signal.SIGKILL)
        started = time.monotonic()
        server.start()
        assert time.monotonic() - started < 30
        with pytest.raises(psycopg.OperationalError):
            endless.result(timeout=10)
    assert remembered(server) == [1]


def test_stale_pid_file_with_the_number_of_another_program(server: EmbeddedServer) -> None:
    remember(server, 1)
    data_dir, socket_dir = server.status().data_dir, server.status().socket_dir
    assert socket_dir is not None
    old = pid_of(server)
    os.kill(old, signal.SIGKILL)
    wait_until_dead(old)
    with subprocess.Popen(["sleep", "60"], user=data_dir.stat().st_uid) as sleeper:
        for file in (data_dir / "postmaster.pid", socket_dir / ".s.PGSQL.5432.lock"):
            file.write_text(file.read_text().replace(str(old), str(sleeper.pid), 1))
        assert not server.status().running
        server.start()
        assert sleeper.poll() is None
        sleeper.kill()
    assert pid_of(server) not in {old, sleeper.pid}
    assert remembered(server) == [1]


def test_stale_pid_file_with_the_number_of_another_server(
    server: EmbeddedServer, embedded_server: EmbeddedServer
) -> None:
    data_dir = server.status().data_dir
    old, other = pid_of(server), pid_of(embedded_server)
    os.kill(old, signal.SIGKILL)
    wait_until_dead(old)
    file = data_dir / "postmaster.pid"
    file.write_text(file.read_text().replace(str(old), str(other), 1))
    assert not server.status().running
    assert not server.stop(), "it would have stopped the other one"
    server.start()
    assert pid_of(embedded_server) == other
    assert pid_of(server) != other


@pytest.mark.parametrize("content", ["", "\n", "not a number\n"])
def test_spoiled_pid_file_does_no_harm(server: EmbeddedServer, content: str) -> None:
    data_dir, old = server.status().data_dir, pid_of(server)
    os.kill(old, signal.SIGKILL)
    wait_until_dead(old)
    (data_dir / "postmaster.pid").write_text(content)
    server.start()
    assert server.status().running


def test_stop_ends_sessions_that_are_open(server: EmbeddedServer) -> None:
    with connect(settings_of(server)) as open_session:
        open_session.execute("select 1")
        assert server.stop()
        with pytest.raises(psycopg.OperationalError):
            open_session.execute("select 1")


def test_wrong_configuration_is_told_at_once(server: EmbeddedServer) -> None:
    own_settings = server.status().data_dir / "postgresql.auto.conf"
    server.stop()
    before = own_settings.read_text()
    own_settings.write_text(f"{before}shared_preload_libraries = 'no_such_library'\n")
    try:
        started = time.monotonic()
        with pytest.raises(WarehouseError, match='could not access file "no_such_library"'):
            server.start()
        assert time.monotonic() - started < 10
    finally:
        own_settings.write_text(before)


def test_data_of_another_version_is_told(server: EmbeddedServer) -> None:
    version = server.status().data_dir / "PG_VERSION"
    server.stop()
    before = version.read_text()
    version.write_text("13\n")
    try:
        with pytest.raises(WarehouseError, match=r"is of PostgreSQL 13, and .* is PostgreSQL \d+"):
            server.start()
    finally:
        version.write_text(before)


def test_start_waits_for_who_holds_the_lock(server: EmbeddedServer) -> None:
    server.stop()
    with exclusive_lock(folder_of(server) / "lock", seconds=1):
        other = starter(server)
        time.sleep(1)
        assert other.poll() is None
        assert not server.status().running
    assert other.communicate(timeout=30)[0].strip() == str(pid_of(server))


def test_lock_that_is_never_released_is_told(tmp_path: Path) -> None:
    with (
        exclusive_lock(tmp_path / "lock", seconds=1),
        pytest.raises(WarehouseError, match="Another process"),
        exclusive_lock(tmp_path / "lock", seconds=0.2),
    ):
        pass


def test_process_is_a_server_only_of_its_own_data(embedded_server: EmbeddedServer, tmp_path: Path) -> None:
    data_dir = embedded_server.status().data_dir
    account = server_account(data_dir)
    postmaster = read_postmaster(data_dir)
    assert postmaster is not None
    assert is_server(postmaster.pid, data_dir, account)
    assert not is_server(postmaster.pid, tmp_path, account)
    assert not is_server(os.getpid(), data_dir, account)


def test_missing_database_of_the_embedded_server_is_told(database: Database) -> None:
    environ = {**database.environ, "DBT_DBNAME": "no_such"}
    with pytest.raises(WarehouseError, match="embedded warehouse has no database no_such"):
        ensure_running(Path("/"), environ)


def test_settings_lead_to_the_test_database(database: Database) -> None:
    assert ensure_running(Path("/"), database.environ) == database.settings
    assert database.rows("select current_database()") == [(database.settings.dbname,)]
