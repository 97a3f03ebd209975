"""`segments up`: everything that runs by itself, in one terminal."""

from typing import Annotated

import typer

from maho_segments.cli.options import workspace


def up(
    port: Annotated[int, typer.Option(help="Where Dagster's pages are served.", min=1, max=65535)] = 3000,
    host: Annotated[
        str, typer.Option(help="The address to serve them on; whoever reaches it may start refreshes.")
    ] = "127.0.0.1",
    watch: Annotated[
        bool,
        typer.Option("--watch/--no-watch", help="Refresh within seconds of a change, or not."),
    ] = True,
    health_port: Annotated[
        int | None,
        typer.Option(metavar="PORT", min=1, max=65535, help="Answer GET /health there, for a monitor."),
    ] = None,
    logs: Annotated[bool, typer.Option("--logs", help="Show all logs here, beside the files.")] = False,
) -> None:
    """Run the warehouse, Dagster and the watcher.

    Until Ctrl-C. What ends by itself is started again. What Dagster keeps is in the warehouse, too.
    """
    from maho_segments.cli.output import say
    from maho_segments.services.up.run import UpOptions, run_up

    run_up(workspace(), UpOptions(host, port, watch, health_port, logs), say=say)
