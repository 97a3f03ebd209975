"""`segments release` and `runs`: what refreshes held back, and how they went."""

from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.options import AsOfOption, JsonOption, instant, workspace

if TYPE_CHECKING:
    from maho_segments.services.publications import Run


def release(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Segments that are held.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that are held.")] = False,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish segments that a guard holds back.

    They are built now, whatever their guards say, and guarded again from then on. What is held only because
    it refers to one of them is published with it.
    """
    from maho_segments.cli.build import tell_report
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services import release as service

    if bool(names) == all_:
        raise typer.BadParameter("name segments, or give --all", param_hint="NAME...")
    with ProgressDisplay() as progress:
        report = service.release(
            workspace(), names or (), everything=all_, as_of=instant(as_of), progress=progress
        )
    tell_report(report, as_json=as_json)


def runs(
    limit: Annotated[int, typer.Option(min=1, help="How many, the latest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Print the latest refreshes and how they ended."""
    from maho_segments.cli.output import count, print_json, print_table
    from maho_segments.services.instants import format_instant
    from maho_segments.services.runs import list_runs

    found = list_runs(workspace(), limit=limit)
    if as_json:
        print_json([run.as_dict() for run in found])
        return
    print_table(
        [
            ("Run", "right"),
            ("As of", "left"),
            ("Status", "left"),
            ("Mode", "left"),
            ("Looked at", "right"),
            ("Entered", "right"),
            ("Left", "right"),
            ("Seconds", "right"),
            ("By", "left"),
            ("Why", "left"),
        ],
        (
            (
                str(run.run_id),
                format_instant(run.as_of),
                run.status,
                run.mode or "-",
                count(run.profiles_evaluated),
                count(run.entered_count),
                count(run.left_count),
                _seconds(run.seconds),
                _by(run),
                _why(run),
            )
            for run in found
        ),
    )


def _by(run: "Run") -> str:
    """Who asked for it; a run of Dagster as its pages name it."""
    who, colon, run_id = (run.initiated_by or "dbt").partition(":")
    return f"{who}{colon}{run_id[:8]}"


def _why(run: "Run") -> str:
    """Why it looked at so many, or what stopped it; and what it did not publish."""
    parts = [(run.error or run.why or "").partition("\n")[0]]
    for word, names in (("held", run.held_segments), ("failed", run.failed_segments)):
        if names:
            parts.append(f"{word}: {', '.join(names)}")
    return "; ".join(filter(None, parts))


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"
