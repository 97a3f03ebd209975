"""A server that is reached over TCP: it works, and each wrong setting is told apart at once."""

import os
import socket
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from maho_segments.errors import WarehouseError
from maho_segments.warehouse import check_server, connect, ensure_running, psql_command, read_settings
from tests.databases import PASSWORD, Database, TcpServer


def wrong(database: Database, **changes: str) -> WarehouseError:
    environ = {**database.environ, **changes}
    with pytest.raises(WarehouseError) as caught:
        ensure_running(Path("/"), environ)
    return caught.value


def test_server_is_taken_from_the_environment(tcp_database: Database) -> None:
    settings = ensure_running(Path("/nowhere"), tcp_database.environ)
    assert settings == tcp_database.settings
    assert settings.target == "server"


def test_session_works_in_utc_whatever_the_server_says(tcp_database: Database) -> None:
    with connect(tcp_database.settings) as connection:
        connection.rollback()
        assert connection.execute("show timezone").fetchone() == ("UTC",)
    with connect(replace(tcp_database.settings, dbname="postgres")) as connection:
        row = connection.execute("select reset_val from pg_settings where name = 'TimeZone'").fetchone()
        assert row == ("America/New_York",)


def test_connection_is_named_and_starts_transactions(tcp_database: Database) -> None:
    with connect(tcp_database.settings, application_name="segments test") as connection:
        assert connection.execute("show application_name").fetchone() == ("segments test",)
        assert connection.info.transaction_status.name == "INTRANS"


def test_wrong_address_is_told(tcp_database: Database) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and not listening
        error = wrong(tcp_database, DBT_PORT=str(nobody.getsockname()[1]))
    assert "No PostgreSQL server answers at 127.0.0.1, port" in error.message
    assert "DBT_PORT" in (error.hint or "")


def test_unknown_host_is_told(tcp_database: Database) -> None:
    assert wrong(tcp_database, DBT_HOST="no-such-host.invalid").message == (
        "There is no host named no-such-host.invalid."
    )


def test_other_program_on_the_port_is_told(tcp_database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with ThreadPoolExecutor() as threads:
            threads.submit(answer_as_web_server, other)
            error = wrong(tcp_database, DBT_PORT=str(port))
    assert f"The server at 127.0.0.1, port {port} can't be used" in error.message


def test_wrong_password_is_told_without_showing_it(tcp_database: Database) -> None:
    error = wrong(tcp_database, DBT_PASSWORD="wrong-password")
    assert "does not accept user admin with the password given" in error.message
    assert "wrong-password" not in str(error)


def test_unknown_user_is_told(tcp_database: Database) -> None:
    assert "does not accept user nobody" in wrong(tcp_database, DBT_USER="nobody").message


def test_missing_password_is_told(tcp_database: Database) -> None:
    error = wrong(tcp_database, DBT_PASSWORD="")
    assert "asks for a password, and there is none for user admin" in error.message
    assert error.hint == "Set DBT_PASSWORD."


def test_missing_database_is_told(tcp_database: Database) -> None:
    error = wrong(tcp_database, DBT_DBNAME="no_such")
    assert "has no database no_such" in error.message
    assert "createdb" in (error.hint or "")


def test_database_that_user_may_not_enter_is_told(tcp_database: Database) -> None:
    name = tcp_database.settings.dbname
    tcp_database.execute(
        f"create role guest login password 'guest'; revoke connect on database {name} from public"
    )
    try:
        error = wrong(tcp_database, DBT_USER="guest", DBT_PASSWORD="guest")
    finally:
        tcp_database.execute("drop role guest")
    assert f"User guest may not connect to database {name}" in error.message


def test_database_that_is_not_utf8_is_told(tcp_server: TcpServer) -> None:
    with connect(tcp_server.settings, autocommit=True) as connection:
        connection.execute("create database old encoding 'SQL_ASCII' template template0")
    try:
        with pytest.raises(WarehouseError, match="Database old has the encoding SQL_ASCII"):
            check_server(replace(tcp_server.settings, dbname="old"))
    finally:
        with connect(tcp_server.settings, autocommit=True) as connection:
            connection.execute("drop database old")


def test_psql_gets_the_password_without_showing_it(tcp_database: Database) -> None:
    command = psql_command(tcp_database.settings, os.environ)
    assert PASSWORD not in " ".join(command)
    answer = run([*command, "-Atc", "select current_database()"], tcp_database.environ)
    assert answer == tcp_database.settings.dbname


def test_uri_with_password_connects(tcp_database: Database) -> None:
    psql = psql_command(tcp_database.settings, os.environ)[0]
    uri = tcp_database.settings.uri(with_password=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    assert run([psql, uri, "-Atc", "select current_user"], environ) == "admin"


def test_environ_brings_settings_back(tcp_database: Database) -> None:
    assert read_settings(Path("/"), tcp_database.settings.environ()) == tcp_database.settings


def answer_as_web_server(listener: socket.socket) -> None:
    with listener.accept()[0] as connection:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def run(command: list[str], environ: Mapping[str, str]) -> str:
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.strip()
