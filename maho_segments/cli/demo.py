"""`segments demo`: from nothing to a segmented shop."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.options import JsonOption, instant, workspace

if TYPE_CHECKING:
    from maho_segments.services.build_report import BuildReport


def demo(
    customers: Annotated[int, typer.Option(min=1, help="How many customers the shop has.")] = 2000,
    seed: Annotated[
        int, typer.Option(help="Another number gives another shop, the same number the same.")
    ] = 1,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="INSTANT", help="The shop's last moment, a day or a time in UTC. Default: now."
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Throw away the shop that is loaded, though it is not a demo.")
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="DIR", help="Only write the shop, as CSV files for segments load."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Generate a shop and build its segments.

    May be run again and again: a demo shop is replaced by the next one, another shop only with --replace.
    """
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services.demo import DemoShop, run_demo, write_demo

    now, shop = instant(as_of), DemoShop(customers, seed)
    with ProgressDisplay() as progress:
        if csv is None:
            report = run_demo(workspace(), shop, now=now, replace=replace, progress=progress)
        else:
            rows = write_demo(shop, csv, now=now, progress=progress)
    if csv is None:
        _print_demo(report, as_json=as_json)
    else:
        _print_written(rows, csv)


def _print_demo(report: "BuildReport", *, as_json: bool) -> None:
    from maho_segments.cli.build import print_report
    from maho_segments.cli.output import print_json, say

    if as_json:
        print_json(report.as_dict())
        return
    print_report(report)
    example = report.segments[0].name if report.segments else "NAME"
    say(
        "\nNext\n"
        f"  segments show {example:<24} who is in it, in words and in SQL\n"
        f"  segments members {example:<21} its members\n"
        "  segments preview -                     try a rule: type one, end with Ctrl-D\n"
        "  edit segments.yml, then: segments validate && segments build\n"
        "  segments warehouse psql                look around with SQL"
    )


def _print_written(rows: int, folder: Path) -> None:
    from maho_segments.cli.output import count, say

    say(f"Wrote {count(rows)} rows.\nNext: segments load {folder}")
