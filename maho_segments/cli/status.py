"""`segments status`: how it goes."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.failures import FAILED
from maho_segments.cli.options import JsonOption, workspace

if TYPE_CHECKING:
    from maho_segments.services.status import Status


def status(
    as_json: JsonOption = False,
    serve: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=1, max=65535, help="Stay, and answer GET /health there: 200, or 503 when bad."
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to serve it on.")] = "127.0.0.1",
) -> None:
    """Say how refreshes go, and what waits for the next.

    Changes nothing and starts nothing. Exit code 1 when something needs a person. `segments doctor` looks
    deeper.
    """
    from maho_segments.cli.output import plain, print_finding, print_json, say
    from maho_segments.services.status import read_status

    project = workspace()
    if serve is not None:
        from maho_segments.services.health import HealthServer

        def look() -> "Status":
            return read_status(project, now=datetime.now(UTC))

        with HealthServer((host, serve), look, plain) as server:
            say(f"Serving http://{host}:{serve}/health   Ctrl-C ends it.")
            server.serve_forever()
        return
    found = read_status(project, now=datetime.now(UTC))
    if as_json:
        print_json(found.as_dict())
    else:
        for finding in found.findings:
            print_finding(finding)
    if not found.is_fine:
        raise typer.Exit(FAILED)
