"""`segments build`: the main job."""

from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.options import AsOfOption, JsonOption, instant, workspace

if TYPE_CHECKING:
    from maho_segments.services.build import BuildReport


def build(
    as_of: AsOfOption = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Make anew everything that can be derived (dbt's --full-refresh)."),
    ] = False,
    accept_erasures: Annotated[
        bool,
        typer.Option(
            "--accept-erasures", help="Erase what the shop no longer has, however many profiles that are."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring every segment up to date.

    Validates the definitions, then publishes who entered and who left: all together or not at all. History is
    kept, with --full too.
    """
    from maho_segments.cli.output import print_json
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services import build as service

    with ProgressDisplay() as progress:
        report = service.build(
            workspace(),
            as_of=instant(as_of),
            full_refresh=full,
            accept_erasures=accept_erasures,
            progress=progress,
        )
    if as_json:
        print_json(report.as_dict())
    else:
        print_report(report)


def print_report(report: "BuildReport") -> None:
    """The segments of a build as a table."""
    from maho_segments.cli.output import count, print_table, say, share
    from maho_segments.services.instants import format_instant

    print_table(
        [
            ("Segment", "left"),
            ("Members", "right"),
            ("Of audience", "right"),
            ("Entered", "right"),
            ("Left", "right"),
            ("As of", "left"),
        ],
        (
            (
                segment.label,
                count(segment.members),
                share(segment.members, segment.audience),
                count(segment.entered),
                count(segment.left),
                format_instant(report.as_of),
            )
            for segment in report.segments
        ),
    )
    entered = sum(segment.entered for segment in report.segments)
    left = sum(segment.left for segment in report.segments)
    say(
        f"{count(len(report.segments))} segments as of {format_instant(report.as_of)}: "
        f"{count(report.profiles)} profiles looked at, {count(entered)} entered, {count(left)} left, "
        + (f"{count(report.erased)} profiles erased, " if report.erased else "")
        + f"in {report.seconds:.1f} s."
    )
