"""`segments capture`: triggers that tell a refresh what changed in the shop's tables."""

from typing import TYPE_CHECKING

import typer

from maho_segments.cli.options import JsonOption, examples, workspace

if TYPE_CHECKING:
    from maho_segments.services.capture_status import CapturedTable, CaptureStatus

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Capture changes of the shop's tables, so that a refresh looks only at those whom they concern.",
    epilog=examples("segments capture install", "segments capture status"),
)


@app.command(epilog=examples("segments capture install", "segments capture install --json | jq .gaps"))
def install(as_json: JsonOption = False) -> None:
    """Put triggers on the shop's tables.

    They log whom each change concerns. Doing it again changes nothing, except where tables, or what the
    project reads of them, have changed since. Indexes by which those concerned are found are made as well.
    """
    from maho_segments.cli.output import count, print_json, say
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services.capture import open_capture

    with ProgressDisplay() as progress, open_capture(workspace(), progress) as capture:
        progress.step("Capturing changes of the shop's tables")
        report = capture.install(progress)
    if as_json:
        print_json(report.as_dict())
        return
    for name, gap in report.gaps.items():
        say(f"{name} is not captured: {gap}")
    say(f"{count(len(report.installed))} tables and {count(len(report.indexes))} indexes were new.")
    say(
        "Nothing is missed. Next: segments build"
        if not report.gaps
        else "Until all are, builds look at everybody."
    )


@app.command(epilog=examples("segments capture remove"))
def remove() -> None:
    """Take the triggers away, and the log with them.

    From then on every build looks at everybody.
    """
    from maho_segments.cli.output import count, say
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services.capture import open_capture

    with ProgressDisplay() as progress, open_capture(workspace(), progress) as capture:
        removed = capture.remove()
    say(f"{count(removed)} triggers, indexes and schemas are gone." if removed else "There was no capture.")


@app.command(epilog=examples("segments capture status", "segments capture status --json | jq .gaps"))
def status(as_json: JsonOption = False) -> None:
    """Say whether all changes are captured, how, and who has not read the log yet.

    Changes nothing.
    """
    from maho_segments.cli.output import plain, print_json, print_table, say
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services.capture import open_capture

    with ProgressDisplay() as progress, open_capture(workspace(), progress) as capture:
        found = capture.status()
    if as_json:
        print_json(found.as_dict())
        return
    say(_verdict(found))
    print_table(
        [("table", "left"), ("captured", "left"), ("log", "right")],
        [
            (
                table.name,
                table.gap or (_how(table) if table.exists else "not in this shop"),
                plain(table.log_rows),
            )
            for table in found.tables
        ],
    )
    if found.readers:
        print_table(
            [("read by", "left"), ("until", "left"), ("unread", "right"), ("since", "left")],
            [
                (_some(reader.names), plain(reader.as_of), plain(reader.unread), plain(reader.oldest))
                for reader in found.readers
            ],
        )


def _verdict(found: "CaptureStatus") -> str:
    from maho_segments.cli.output import count, counted

    if found.mode == "clocks":
        return "Changes are known by the times in the rows (change_capture: clocks), not by triggers."
    if found.log_rows is None:
        return "Nothing is captured, so every build looks at everybody.\nNext: segments capture install"
    present = counted(sum(table.exists for table in found.tables), "table")
    if not found.gaps:
        unread = max((reader.unread for reader in found.readers), default=0)
        not_woken = "\n`segments watch` is not woken by all of them: segments capture install"
        return (
            f"All changes of the shop's {present} are captured; {counted(unread, 'row')} of the log to read."
            f"{not_woken if found.outdated else ''}"
        )
    problems = [f"{problem}." for problem in found.problems]
    if missed := sum(table.gap is not None for table in found.tables):
        problems.append(f"{count(missed)} of the shop's {present} are not captured.")
    return " ".join([*problems, "Until all are, builds look at everybody.\nNext: segments capture install"])


def _how(table: "CapturedTable") -> str:
    return f"by {table.how}" + (", made by a former version" if table.is_outdated else "")


def _some(names: list[str]) -> str:
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")
