"""`segments demo`: from nothing to a segmented shop."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from maho_segments.cli.options import JsonOption, workspace


def demo(
    customers: Annotated[int, typer.Option(min=1, help="How many customers the shop has.")] = 2000,
    seed: Annotated[
        int, typer.Option(help="Another number gives another shop, the same number the same.")
    ] = 1,
    replace: Annotated[
        bool, typer.Option("--replace", help="Throw away the shop that is loaded, though it is not a demo.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Generate a shop and build its segments.

    May be run again and again: a demo shop is replaced by the next one, another shop only with --replace.
    """
    from maho_segments.cli.build import print_report
    from maho_segments.cli.output import print_json, say
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services.demo import DemoShop, run_demo

    now = datetime.now(UTC).replace(microsecond=0)
    with ProgressDisplay() as progress:
        report = run_demo(workspace(), DemoShop(customers, seed), now=now, replace=replace, progress=progress)
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
