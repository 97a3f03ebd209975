"""Connections to the warehouse, and a distinct message for each way in which one can fail."""

import re
import shutil
from collections.abc import Mapping

import psycopg

from maho_segments.errors import WarehouseError
from maho_segments.warehouse.binaries import find_binaries
from maho_segments.warehouse.settings import ConnectionSettings

OLDEST_MAJOR_VERSION = 14
CONNECT_TIMEOUT_SECONDS = 10


def connect(
    settings: ConnectionSettings, *, autocommit: bool = False, application_name: str = "segments"
) -> psycopg.Connection:
    """A connection whose session works in UTC; raises WarehouseError saying which setting is wrong."""
    try:
        connection = psycopg.connect(
            **settings.psycopg_kwargs(),
            autocommit=True,
            application_name=application_name,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
        )
    except psycopg.Error as error:
        raise explain_failure(settings, error) from error
    try:
        # Not a start-up option: connection poolers refuse those. Before transactions: a rollback would undo it.
        connection.execute("set time zone 'UTC'")
        connection.autocommit = autocommit
    except BaseException:
        connection.close()
        raise
    return connection


def check_server(settings: ConnectionSettings) -> int:
    """Connect once; the server's major version. Raises WarehouseError when it can't be a warehouse."""
    with connect(settings, application_name="segments check") as connection:
        check_version(connection.info.server_version)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise WarehouseError(
                f"Database {settings.dbname} has the encoding {encoding}; names of customers need UTF8.",
                "Make a database for the segments: create database ... encoding 'UTF8' template template0.",
            )
        return connection.info.server_version // 10000


def check_version(server_version: int) -> None:
    """Raise WarehouseError when a server is too old; `server_version` is a number like 150018."""
    major, minor = divmod(server_version, 10000)
    if major < OLDEST_MAJOR_VERSION:
        raise WarehouseError(
            f"The server is PostgreSQL {major}.{minor}; {OLDEST_MAJOR_VERSION} or newer is needed.",
            "Upgrade the server, or unset DBT_HOST to use the embedded warehouse.",
        )


def psql_command(settings: ConnectionSettings, environ: Mapping[str, str]) -> list[str]:
    """The start of a psql command line; the password goes through `settings.environ()`, where `ps` can't see it.

    An existing server is reached with the system's psql if there is one: it can encrypt, the wheel's can't.
    """
    psql = shutil.which("psql", path=environ.get("PATH")) if settings.target == "server" else None
    return [psql or str(find_binaries(environ).psql), "--dbname", settings.uri()]


def explain_failure(settings: ConnectionSettings, error: psycopg.Error) -> WarehouseError:
    """What a failed connection means for whoever made the settings."""
    text = str(error)  # all of it: one address may refuse what another one of the same host does not
    if settings.target == "embedded":
        return _explain_embedded(settings, text)
    server = f"{settings.host}, port {settings.port}"
    if isinstance(error, psycopg.errors.ConnectionTimeout) or "timeout expired" in text:
        return WarehouseError(
            f"The server at {server} does not answer (waited {CONNECT_TIMEOUT_SECONDS} seconds).",
            "Check DBT_HOST and DBT_PORT, and whether a firewall is between.",
        )
    if "failed to resolve host" in text or "could not translate host name" in text:
        return WarehouseError(f"There is no host named {settings.host}.", "Check DBT_HOST.")
    if "Connection refused" in text or "No such file or directory" in text:
        return WarehouseError(
            f"No PostgreSQL server answers at {server}: connection refused.",
            "Check DBT_HOST and DBT_PORT, that the server runs, and that its listen_addresses include this way in.",
        )
    if "no supplied password" in text or "no password supplied" in text:
        return WarehouseError(
            f"The server at {server} asks for a password, and there is none for user {settings.user}.",
            "Set DBT_PASSWORD.",
        )
    if re.search(r'password authentication failed|role ".*" does not exist', text):
        return WarehouseError(
            f"The server at {server} does not accept user {settings.user} with the password given.",
            "Check DBT_USER and DBT_PASSWORD.",
        )
    if re.search(r'database ".*" does not exist', text):
        return WarehouseError(
            f"The server at {server} has no database {settings.dbname}.",
            f"Check DBT_DBNAME, or make it: createdb --host {settings.host} --port {settings.port} {settings.dbname}",
        )
    if "pg_hba.conf" in text:
        return WarehouseError(
            f"The server at {server} does not let user {settings.user} into database {settings.dbname}: {_detail(text)}",
            "Ask whoever runs it for a line in its pg_hba.conf.",
        )
    if "permission denied for database" in text:
        return WarehouseError(
            f"User {settings.user} may not connect to database {settings.dbname} on {server}.",
            f'grant connect, create on database "{settings.dbname}" to "{settings.user}"',
        )
    # A server that speaks another language than English ends up here: its own words are the best there is.
    return WarehouseError(
        f"The server at {server} can't be used: {_detail(text)}", "Check the DBT_... variables."
    )


def _explain_embedded(settings: ConnectionSettings, text: str) -> WarehouseError:
    if re.search(r'database ".*" does not exist', text):
        return WarehouseError(
            f"The embedded warehouse has no database {settings.dbname}.",
            f"Unset DBT_DBNAME, or make it: segments warehouse psql -- --dbname postgres "
            f"--command 'create database {settings.dbname}'",
        )
    if "Permission denied" in text:
        return WarehouseError(
            f"The embedded warehouse at {settings.host} belongs to another user of this machine.",
            "Work as the user who started it, or set SEGMENTS_WAREHOUSE_DIR to a folder of your own.",
        )
    if "Connection refused" in text or "No such file or directory" in text:
        return WarehouseError(
            f"The embedded warehouse does not run (nothing listens in {settings.host}).",
            "Start it: segments warehouse start",
        )
    return WarehouseError(f"The embedded warehouse at {settings.host} can't be used: {_detail(text)}")


def _detail(text: str) -> str:
    """libpq's message in one line, without its opening words."""
    first = text.strip().splitlines()[0]
    return re.sub(r"^(connection (failed|is bad): )?connection to server .*? failed: (FATAL: *)?", "", first)
