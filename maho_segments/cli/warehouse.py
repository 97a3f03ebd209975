"""`segments warehouse`: the PostgreSQL behind it all, started, stopped, looked at and talked to."""

import os
from typing import Any

import typer

from maho_segments.cli.options import JsonOption, examples, workspace

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The warehouse: the project's embedded PostgreSQL, or the server that DBT_HOST names.",
    epilog=examples("segments warehouse status", "segments warehouse psql"),
)


@app.command(epilog=examples("segments warehouse start"))
def start() -> None:
    """Start the embedded warehouse.

    Makes it first where it is missing. Every command that needs the warehouse starts it by itself. With
    DBT_HOST set, only sees whether that server answers.
    """
    from maho_segments.cli.output import say
    from maho_segments.warehouse import ensure_running

    project = workspace()
    settings = ensure_running(project.folder, project.environ)
    say(f"The {settings.target} warehouse answers: {settings.uri()}")


@app.command(epilog=examples("segments warehouse stop"))
def stop() -> None:
    """Stop the embedded warehouse.

    Ends what runs in it; its data stays.
    """
    from maho_segments.cli.output import say
    from maho_segments.errors import WarehouseError
    from maho_segments.warehouse import EmbeddedServer, read_settings

    project = workspace()
    settings = read_settings(project.folder, project.environ)
    if settings.target == "server":
        raise WarehouseError(
            f"The warehouse is the server at {settings.host}, which is not ours to stop.",
            "Unset DBT_HOST to stop the embedded one.",
        )
    stopped = EmbeddedServer.of_project(project.folder, project.environ).stop()
    say("The embedded warehouse is stopped." if stopped else "The embedded warehouse did not run.")


@app.command(
    epilog=examples("segments warehouse status", 'psql "$(segments warehouse status --json | jq -r .uri)"')
)
def status(as_json: JsonOption = False) -> None:
    """Say whether it runs and how to connect.

    Starts nothing.
    """
    from maho_segments.cli.output import plain, print_json, print_table

    answer = _status()
    if as_json:
        print_json(answer)
        return
    answer["running"] = "yes" if answer["running"] else "no"
    rows = [(name.replace("_", " "), plain(value)) for name, value in answer.items() if value is not None]
    print_table([("warehouse", "left"), ("", "left")], rows)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog=examples(
        "segments warehouse psql",
        "segments warehouse psql -- -c 'select * from segments.segments'",
        "segments warehouse psql -- --csv -f report.sql > report.csv",
    ),
)
def psql(context: typer.Context) -> None:
    """Open psql on the warehouse; what follows -- goes to psql."""
    from maho_segments.warehouse import ensure_running, psql_command

    project = workspace()
    settings = ensure_running(project.folder, project.environ)
    command = [*psql_command(settings, project.environ), *context.args]
    os.execvpe(command[0], command, {**project.environ, **settings.environ()})  # noqa: S606  psql takes over


def _status() -> dict[str, Any]:
    """What `status` tells, by the same names for people and programs; what is not known is none."""
    from dataclasses import replace

    from maho_segments.warehouse import EmbeddedServer, check_server, read_settings

    project = workspace()
    settings = read_settings(project.folder, project.environ)
    own: dict[str, Any] = {"running": True, "pid": None, "data_dir": None, "log_file": None}
    if settings.target == "embedded":
        server = EmbeddedServer.of_project(project.folder, project.environ).status()
        if server.socket_dir:
            settings = replace(settings, host=str(server.socket_dir))
        own = {
            "running": server.running,
            "pid": server.pid,
            "data_dir": str(server.data_dir),
            "log_file": str(server.log_file),
        }
    return {
        "target": settings.target,
        "uri": settings.uri() if own["running"] else None,
        "host": settings.host,
        "port": settings.port,
        "user": settings.user,
        "dbname": settings.dbname,
        "schema": settings.schema,
        "version": check_server(settings) if own["running"] else None,
        **own,
    }
