"""`segments doctor`: what stands in the way."""

from datetime import UTC, datetime

import typer

from maho_segments.cli.failures import FAILED
from maho_segments.cli.options import JsonOption, workspace


def doctor(as_json: JsonOption = False) -> None:
    """Say what is wrong and how to mend it.

    Looks at the installation, the definitions, the warehouse, the shop's tables and the builds, and changes
    nothing. Exit code 1 when something is bad.
    """
    from maho_segments.cli.output import print_finding, print_json
    from maho_segments.services.doctor import examine

    findings = []
    for finding in examine(workspace(), now=datetime.now(UTC)):
        findings.append(finding)
        if not as_json:
            print_finding(finding)
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(FAILED)
