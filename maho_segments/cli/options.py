"""The options that several commands share, and the project they work on."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from maho_segments.services.project import Workspace

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="INSTANT",
        help="See the shop as it was at this day or time (UTC unless it says otherwise). Default: now.",
    ),
]
SegmentArgument = Annotated[str, typer.Argument(metavar="NAME", help="The segment's name in segments.yml.")]


def workspace() -> "Workspace":
    """The project that the command is about, with this process's environment."""
    from maho_segments.services.project import find_workspace

    return find_workspace(os.environ, Path.cwd())


def instant(as_of: str | None) -> datetime:
    """The instant that --as-of gives, or now: taken once, here."""
    from maho_segments.services.instants import parse_as_of

    try:
        return parse_as_of(as_of, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--as-of") from None


def examples(*commands: str) -> str:
    """The end of a command's --help; the control character keeps the formatter from joining the lines."""
    return "\n\n".join(["Examples:", "\b\n" + "\n".join(f"  {command}" for command in commands)])
