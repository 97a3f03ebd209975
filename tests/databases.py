"""Real PostgreSQL servers and databases for tests: what the fixtures of conftest.py hand out."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from maho_segments.warehouse import ConnectionSettings, connect, find_binaries
from maho_segments.warehouse.account import server_account

PROJECT = Path(__file__).resolve().parents[1]
PASSWORD = "right: p@ss'word/%"
_numbers = count(1)


@dataclass(frozen=True)
class Database:
    """An empty database of a test's own, and the environment that leads dbt and our command line to it."""

    settings: ConnectionSettings
    environ: dict[str, str]

    def connect(self) -> psycopg.Connection:
        """A connection in autocommit mode."""
        return connect(self.settings, autocommit=True)

    def execute(self, statements: str) -> None:
        """Run statements, separated by semicolons."""
        with self.connect() as connection:
            connection.execute(statements.encode())

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.connect() as connection:
            return connection.execute(query.encode(), parameters or None).fetchall()


@dataclass(frozen=True)
class TcpServer:
    """A PostgreSQL server that only listens on 127.0.0.1, asks for a password and lives in New York time."""

    settings: ConnectionSettings  # of its superuser


def clean_environ() -> dict[str, str]:
    """This process's environment without anything that names a warehouse or a project."""
    names = ("DBT_", "PG", "SEGMENTS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    programs = os.environ.get("SEGMENTS_POSTGRES_BIN")
    return {**kept, "SEGMENTS_POSTGRES_BIN": programs} if programs else kept


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder of /tmp that all users may pass through; pytest's own are private, and deep for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="segments-test-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(admin: ConnectionSettings, environ: dict[str, str]) -> Iterator[Database]:
    """A database that lives as long as the block."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    settings = replace(admin, dbname=name)
    with connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        yield Database(settings, {**clean_environ(), **environ, **settings.environ()})
    finally:
        with connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def run_tcp_server(folder: Path) -> Iterator[TcpServer]:
    """Make a cluster of its own from the same programs and run it as long as the block."""
    binaries, data, log = find_binaries(os.environ), folder / "data", folder / "server.log"
    account = server_account(data)
    if not account.can("x", binaries.postgres):
        binaries = binaries.copy_to(folder)
    data.mkdir()
    account.take(data)
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    options = [
        "--auth=scram-sha-256",
        "--username=admin",
        f"--pwfile={secret}",
        "--encoding=UTF8",
        "--locale=C",
    ]
    made = account.run([binaries.initdb, "--no-sync", "--pgdata", data, *options])
    assert made.returncode == 0, made.stdout
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "timezone": "America/New_York",
        "fsync": "off",
    }
    lines = "".join(f"{name} = '{value}'\n" for name, value in configuration.items())
    account.write(data / "postgresql.auto.conf", lines)
    with log.open("wb") as output:
        started = account.run([binaries.pg_ctl, "start", "--pgdata", data], output=output)
    assert started.returncode == 0, log.read_text()
    try:
        yield TcpServer(
            ConnectionSettings("server", "127.0.0.1", port, "admin", PASSWORD, "postgres", "segments")
        )
    finally:
        account.run([binaries.pg_ctl, "stop", "--mode", "immediate", "--pgdata", data])
