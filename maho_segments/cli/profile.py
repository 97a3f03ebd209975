"""`segments profile`: somebody's segments, now and soon."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.options import AsOfOption, JsonOption, instant, workspace

if TYPE_CHECKING:
    from maho_segments.services.profile import Change, ProfileReport

_LENGTH = re.compile(r"(\d{1,4}) ?(h|hours?|d|days?|w|weeks?)\Z")
_HOURS = {"h": 1, "d": 24, "w": 168}


def profile(
    who: Annotated[str, typer.Argument(metavar="ID|EMAIL", help="A profile_id or an e-mail address.")],
    until: Annotated[
        str, typer.Option("--until", metavar="LENGTH", help="How far to look ahead: 30d, 12h or 4w.")
    ] = "30d",
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which segments somebody is in, and until when.

    With the moments at which the clock alone takes them out or brings them in; write nothing.
    """
    from maho_segments.cli.output import print_json
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services.profile import report_profile

    ahead = _length(until)
    with ProgressDisplay() as progress:
        report = report_profile(workspace(), who, as_of=instant(as_of), ahead=ahead, progress=progress)
    if as_json:
        print_json(report.as_dict())
    else:
        _print(report)


def _length(text: str) -> timedelta:
    match = _LENGTH.match(text)
    if not match:
        raise typer.BadParameter(f"{text!r} is no length such as 30d, 12h or 4w", param_hint="--until")
    return timedelta(hours=int(match[1]) * _HOURS[match[2][0]])


def _print(report: "ProfileReport") -> None:
    from rich.text import Text

    from maho_segments.cli.output import data_console, plain, print_table, say
    from maho_segments.services.instants import format_instant

    person, console = report.person, data_console()
    about = [f"profile {person.profile_id}", person.profile_type, person.website or "no website"]
    console.print(Text.assemble((person.email or "anonymous", "bold"), f"  {', '.join(about)}"))
    coming: dict[str, list[Change]] = {}
    for change in report.changes:
        coming.setdefault(change.segment, []).append(change)
    rows = [
        (name, plain(report.since.get(name)), ", then ".join(map(_words, coming.get(name, ()))))
        for name in [*report.since, *(name for name in coming if name not in report.since)]
    ]
    if rows:
        print_table([("Segment", "left"), ("Since", "left"), ("By the clock", "left")], rows)
    else:
        console.print("In no segment.")
    for change in report.unpublished:
        now = "are not" if change.change == "left" else "are"
        say(f"Not as published: as of {format_instant(report.as_of)} they {now} in {change.segment}.")
    say(
        f"The clock was moved on from {format_instant(report.as_of)} to {format_instant(report.until)}; "
        "nothing was written."
    )


def _words(change: "Change") -> str:
    from maho_segments.services.instants import format_instant

    return f"{'leaves' if change.change == 'left' else 'would enter'} on {format_instant(change.at)}"
