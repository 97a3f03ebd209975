"""`segments status`: how it goes."""

from datetime import UTC, datetime

import typer

from maho_segments.cli.failures import FAILED
from maho_segments.cli.options import JsonOption, workspace


def status(as_json: JsonOption = False) -> None:
    """Say how refreshes go, and what waits for the next.

    Changes nothing and starts nothing. Exit code 1 when something needs a person. `segments doctor` looks
    deeper.
    """
    from maho_segments.cli.output import print_finding, print_json
    from maho_segments.services.status import read_status

    found = read_status(workspace(), now=datetime.now(UTC))
    if as_json:
        print_json(found.as_dict())
    else:
        for finding in found.findings:
            print_finding(finding)
    if not found.is_fine:
        raise typer.Exit(FAILED)
