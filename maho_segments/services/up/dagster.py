"""Dagster as `segments up` runs it: its folder, its storage and its processes."""

import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from psycopg import errors, sql

from maho_segments.errors import SegmentsError
from maho_segments.services.dagster_api import ADDRESS_VARIABLE, dagster_home
from maho_segments.services.project import Workspace
from maho_segments.services.refresh.schedules import ZONE_VARIABLE, schedule_zone
from maho_segments.services.up.service import Command
from maho_segments.warehouse import ConnectionSettings, connect

STORAGE_VARIABLE = "SEGMENTS_DAGSTER_URL"
"""Names the PostgreSQL that Dagster keeps its runs and events in."""
SOCKET_VARIABLE = "SEGMENTS_CODE_SOCKET"
STORAGE_DATABASE = "dagster"
# The folder that holds orchestration/, which is no part of the installed package.
_CHECKOUT = Path(__file__).resolve().parents[3]
_ORCHESTRATION = _CHECKOUT / "orchestration"


def check_installed() -> None:
    """Raise SegmentsError where Dagster or its code location is missing."""
    if not (_ORCHESTRATION / "definitions.py").is_file():
        raise SegmentsError(
            f"There is no orchestration/ in {_CHECKOUT}, from where this package runs.",
            "`segments up` needs the project's repository: clone it and run bin/setup.",
        )
    if not all(map(importlib.util.find_spec, ("dagster", "dagster_webserver", "dagster_postgres"))):
        raise SegmentsError(
            "Dagster is not installed.",
            "Run bin/setup in the project's repository, or pip install 'maho_segments[orchestration]'.",
        )


def prepare_home(workspace: Workspace) -> Path:
    """Dagster's folder, with its configuration: DAGSTER_HOME, else .dagster/ of the project."""
    home = dagster_home(workspace)
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "dagster.yaml"
    if configuration.is_symlink() or not configuration.exists():
        configuration.unlink(missing_ok=True)
        configuration.symlink_to(_ORCHESTRATION / "dagster.yaml")
    return home


def storage_url(workspace: Workspace, settings: ConnectionSettings) -> str:
    """Where Dagster keeps its tables, as SQLAlchemy understands it; made as needed.

    That is what SEGMENTS_DAGSTER_URL says; else a database of its own on the embedded server, and on a server
    of others, where one may not make databases, a schema of its own.
    """
    named = workspace.environ.get(STORAGE_VARIABLE)
    if named:
        # The short form of libpq's is none of SQLAlchemy's.
        return re.sub(r"^postgres://", "postgresql://", named)
    with connect(settings, autocommit=True) as connection:
        if settings.target == "embedded":
            known = connection.execute("select 1 from pg_database where datname = %s", [STORAGE_DATABASE])
            if known.fetchone() is None:
                name = sql.Identifier(STORAGE_DATABASE)
                connection.execute(sql.SQL("create database {}").format(name))
            return replace(settings, dbname=STORAGE_DATABASE).uri()
        schema = f"{settings.schema}_dagster"
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    url = settings.uri(with_password=True)
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"


def dagster_environ(
    workspace: Workspace, *, home: Path, url: str, socket: Path, address: str
) -> dict[str, str]:
    """The environment of Dagster's processes, and of the runs that they start."""
    return {
        **workspace.environ,
        "SEGMENTS_PROJECT_DIR": str(workspace.folder),
        "DAGSTER_HOME": str(home),
        STORAGE_VARIABLE: url,
        SOCKET_VARIABLE: str(socket),
        ADDRESS_VARIABLE: address,
        # A line of a log is there when it is said, not when a buffer is full.
        "PYTHONUNBUFFERED": "1",
    }


def schedule_environ(workspace: Workspace, settings: ConnectionSettings) -> dict[str, str]:
    """The clock of schedules, for Dagster, which asks no shop while it loads; none before the first build."""
    try:
        with connect(settings) as connection:
            return {ZONE_VARIABLE: schedule_zone(workspace.environ, connection, settings.schema).key}
    except errors.UndefinedTable:
        return {}


def dagster_commands(
    environ: Mapping[str, str], *, host: str, port: int, logs: Path
) -> tuple[Command, Command, Command]:
    """What runs Dagster: the code location's server, the daemon, the webserver."""
    programs = Path(sys.executable).parent
    socket = Path(environ[SOCKET_VARIABLE])
    located = ("--workspace", str(_ORCHESTRATION / "workspace.yaml"))
    module = ("--module-name", "orchestration.definitions", "--working-directory", str(_CHECKOUT))

    def command(name: str, *arguments: str, **more: Any) -> Command:
        program, *others = arguments
        line = (str(programs / program), *others, "--log-format", "colored")
        return Command(name, line, environ, _CHECKOUT, logs / f"{name}.log", **more)

    # The two say that they have stopped, and then take some ten seconds for nothing.
    of_clients: dict[str, Any] = {"needs": socket, "peace_seconds": 2.0, "is_disposable": True}
    code_server = ("dagster", "code-server", "start", "--socket", str(socket), *module)
    # It keeps connections, from a server that has 50.
    pool = ("--db-pool-max-overflow", "4")
    webserver = ("dagster-webserver", "--host", host, "--port", str(port), *pool, *located)
    return (
        command("code", *code_server, "--location-name", "maho_segments", socket=socket),
        command("daemon", "dagster-daemon", "run", *located, **of_clients),
        command("webserver", *webserver, **of_clients),
    )
