"""`segments build`: the main job."""

from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.failures import NOT_ALL
from maho_segments.cli.options import AsOfOption, JsonOption, instant, workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from maho_segments.services.build_report import BuildReport, SegmentCounts


def build(
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select", metavar="NAME", help="Only this segment and those that it refers to. Repeatable."
        ),
    ] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only segments whose schedule has come since they were published.")
    ] = False,
    on_change: Annotated[
        bool, typer.Option("--on-change", help="Only segments that are refreshed on change.")
    ] = False,
    all_: Annotated[bool, typer.Option("--all", help="All active segments, the manual ones too.")] = False,
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
    """Bring the segments up to date: all, or those that are chosen.

    Validates the definitions, looks at what changed since the last build, or at everybody where that is not
    known for certain, and publishes who entered and who left: all together or not at all. History is kept,
    with --full too. A manual segment is built with the others once, then only by --select or --all. --select,
    --due and --on-change add up.

    Exit code 3: built, but some segment fails or is held, and has its old members.
    """
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services import build as service
    from maho_segments.services.refresh.selection import Choice

    if all_ and (select or due or on_change):
        raise typer.BadParameter(
            "choose --all, or some by --select, --due and --on-change", param_hint="--all"
        )
    with ProgressDisplay() as progress:
        report = service.build(
            workspace(),
            as_of=instant(as_of),
            choice=Choice(tuple(select or ()), due=due, on_change=on_change, all=all_),
            full=full,
            accept_erasures=accept_erasures,
            progress=progress,
        )
    tell_report(report, as_json=as_json)


def tell_report(report: "BuildReport", *, as_json: bool) -> None:
    """The report of a build; ends the command with its exit code where not all is published."""
    from maho_segments.cli.output import print_json

    if as_json:
        print_json(report.as_dict())
    else:
        print_report(report)
    if report.unpublished:
        raise typer.Exit(NOT_ALL)


def print_report(report: "BuildReport") -> None:
    """The segments that changed as a table, why some are held or fail, and whom the build looked at."""
    from maho_segments.cli.output import count, counted, say
    from maho_segments.services.instants import format_instant

    if report.run_id is None:
        say(report.why)
        return
    shown = [one for one in report.segments if one.entered or one.left or one in report.unpublished]
    if shown:
        _print_segments(report, shown)
    if unchanged := len(report.segments) - len(shown):
        say(f"{counted(unchanged, 'segment')} with nobody entered or left: see `segments list`.")
    for segment in report.unpublished:
        verb = "is held" if segment.status == "held" else "fails"
        say(f"{segment.name} {verb}, and has its old members: {segment.reason or 'no reason is given'}")
    if any(segment.status == "held" for segment in report.unpublished):
        say("`segments release NAME` publishes what is held.")
    if report.left_out:
        say(f"Manual, so left as published: {', '.join(report.left_out)} (--select NAME, or --all).")
    entered = sum(segment.entered for segment in report.segments)
    left = sum(segment.left for segment in report.segments)
    say(
        f"{counted(len(report.segments), 'segment')} as of {format_instant(report.as_of)}: "
        f"{_looked_at(report)}, {count(entered)} entered, {count(left)} left, "
        + (f"{counted(report.erased, 'profile')} erased, " if report.erased else "")
        + f"in {report.seconds:.1f} s."
    )


def _print_segments(report: "BuildReport", shown: "Sequence[SegmentCounts]") -> None:
    from maho_segments.cli.output import Column, count, print_table, share
    from maho_segments.services.instants import format_instant

    has_audience = any(segment.audience is not None for segment in shown)
    audience: list[Column] = [("Of audience", "right")] if has_audience else []
    status: list[Column] = [("Status", "left")] if report.unpublished else []
    columns: list[Column] = [("Segment", "left"), ("Members", "right")]
    print_table(
        [*columns, *audience, ("Entered", "right"), ("Left", "right"), *status, ("As of", "left")],
        (
            (
                segment.label,
                count(segment.members),
                *([share(segment.members, segment.audience)] if audience else []),
                count(segment.entered),
                count(segment.left),
                *([segment.status] if status else []),
                format_instant(segment.as_of) if segment.as_of else "-",
            )
            for segment in shown
        ),
    )


def _looked_at(report: "BuildReport") -> str:
    """How many profiles it looked at, and why these."""
    from maho_segments.cli.output import count, counted

    profiles = f"{counted(report.profiles, 'profile')} looked at"
    reasons = ", ".join(f"{reason} {count(number)}" for reason, number in report.looked_at.items() if number)
    # Where a segment was looked at for everybody, the reasons explain only some of them.
    if report.mode == "incremental" and report.profiles <= sum(report.looked_at.values()):
        return f"{profiles} ({reasons})" if reasons else profiles
    return f"{profiles} ({report.why})" if report.why else profiles
