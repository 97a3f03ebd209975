"""`segments watch`: the resident refresher."""

import signal
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.failures import INTERRUPTED
from maho_segments.cli.options import JsonOption, workspace

if TYPE_CHECKING:
    from maho_segments.services.watch.events import Event


def watch(
    once: Annotated[bool, typer.Option("--once", help="End after the first refresh.")] = False,
    poll: Annotated[
        float,
        typer.Option(
            min=1,
            metavar="SECONDS",
            help="Look at least so often, also where nothing was told. With clocks: refresh so often.",
        ),
    ] = 60,
    clock_interval: Annotated[
        float,
        typer.Option(min=1, metavar="SECONDS", help="Refresh at most so often where only time has passed."),
    ] = 60,
    as_json: JsonOption = False,
) -> None:
    """Stay, and refresh the segments when something happens.

    That is: changes in the shop, which the triggers of `segments capture install` tell of; the clock; the
    schedules of segments; an edit of the definitions. Manual segments are left alone. One line tells of each
    refresh; with --json, one JSON object.

    It waits while the database is away or another build is at work, and goes on by the last valid definitions
    while those in the files are not. SIGTERM (exit code 0) and Ctrl-C (130) end it after the refresh
    that is under way; a second one at once.
    """
    from maho_segments.services.watch.planning import Policy
    from maho_segments.services.watch.watcher import Watcher

    policy = Policy(clock_interval=timedelta(seconds=clock_interval), poll=timedelta(seconds=poll))
    watcher = Watcher(workspace(), policy, _json_line if as_json else _line)
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        watcher.stop()
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    watcher.run(once=once)
    if signal.SIGINT in received:
        raise typer.Exit(INTERRUPTED)


def _line(event: "Event") -> None:
    from maho_segments.cli.output import plain, say

    text = f"{plain(event.at)}  {event.text}"
    if event.kind == "refreshed":
        print(text, flush=True)
    else:
        say(text)


def _json_line(event: "Event") -> None:
    import json

    print(json.dumps(event.as_dict(), ensure_ascii=False), flush=True)
