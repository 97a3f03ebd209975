"""`segments doctor`: what stands in the way."""

from datetime import UTC, datetime

import typer

from maho_segments.cli.failures import FAILED
from maho_segments.cli.options import JsonOption, workspace

_STYLES = {"good": "green", "warning": "yellow", "bad": "red"}


def doctor(as_json: JsonOption = False) -> None:
    """Say what is wrong and how to mend it.

    Looks at the installation, the definitions, the warehouse, the shop's tables and the builds, and changes
    nothing. Exit code 1 when something is bad.
    """
    from rich.text import Text

    from maho_segments.cli.output import data_console, print_json
    from maho_segments.services.doctor import examine

    console = data_console()
    findings = []
    for finding in examine(workspace(), now=datetime.now(UTC)):
        findings.append(finding)
        if not as_json:
            line = Text.assemble(
                (f"{finding.state:<8}", _STYLES[finding.state]),
                (f"{finding.subject:<12}", "bold"),
                finding.found,
            )
            console.print(line)
            if finding.hint:
                console.print(Text(" " * 20 + finding.hint, style="dim"))
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(FAILED)
