"""How long it takes from a commit in the shop until the membership is others' to see, under a steady stream of changes.

    .venv/bin/python -m benchmarks.latency --customers 5000 --changes 50 --seconds 60 --folder .benchmarks/5000

A process writes at an even pace, each change a transaction of its own: an order placed or its coupon taken away, a cart changed, a customer's name (a
value of the EAV tables) edited. Each puts one customer into a segment made for it, or takes it out, beside the segments of the project. Another
process reads the entries and exits as they appear. What is told is the time between the two, for each way in which changes come to be refreshed.
What a way took is kept in `latency.json` of the folder; `--print` makes the tables of it again. It fails where a change was passed over.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.matching import Refresh, match
from benchmarks.projects import Laboratory, laboratory
from benchmarks.stream import SEGMENTS, reset, stream
from benchmarks.up import Up, running_up, stop, wait_for
from maho_segments.warehouse import connect

_PATIENCE_SECONDS = 300.0
_BY_DAGSTER = "dagster:"


@dataclass(frozen=True)
class Published:
    """A refresh of the ledger, who asked for it, and how many profiles it looked at."""

    refresh: Refresh
    initiated_by: str
    looked_at: int


Times = dict[str, float]
"""`seconds` that a refresh took from its beginning on, and instants in seconds since 1970."""
Way = Callable[[Laboratory], AbstractContextManager[Callable[[Published], Times | None]]]
"""Has changes refreshed while it is entered, and gives what tells the times of a refresh; none of one that it did not make."""


@contextmanager
def watched(shop: Laboratory) -> Iterator[Callable[[Published], Times | None]]:
    """By `segments watch`, warm: after its first refresh."""
    command = [str(Path(sys.executable).with_name("segments")), "watch", "--json"]
    log = shop.folder / "watch.jsonl"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=shop.workspace.folder, env=dict(shop.workspace.environ), stdout=output
        )

    def seconds() -> dict[int, float]:
        # The last line may not be whole yet.
        lines = log.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        events = map(json.loads, lines)
        return {one["run_id"]: one["seconds"] for one in events if one["event"] == "refreshed"}

    def times(published: Published) -> Times | None:
        took = seconds().get(published.refresh.run_id)
        return None if took is None else {"seconds": took}

    def is_warm() -> bool:
        if process.poll() is not None:
            raise SystemExit(f"`segments watch` ended: {log.read_text(encoding='utf-8')}")
        return bool(seconds())

    try:
        wait_for(is_warm, "first refresh", seconds=_PATIENCE_SECONDS)
        yield times
    finally:
        stop(process)


@contextmanager
def sensed(shop: Laboratory) -> Iterator[Callable[[Published], Times | None]]:
    """By Dagster's sensors, as `segments up --no-watch` runs them: once each of them has looked, and no run is at work."""
    began = time.time()
    with running_up(shop, "--no-watch") as up:
        wait_for(lambda: _is_at_rest(up, began), "rest of Dagster", seconds=_PATIENCE_SECONDS)

        def times(published: Published) -> Times | None:
            run_id = published.initiated_by.removeprefix(_BY_DAGSTER)
            run = next((run for run in up.runs() if run.run_id == run_id), None)
            if run is None or run.began is None:
                return None
            ended = {} if run.ended is None else {"ended": run.ended}
            return {
                "asked": run.asked,
                "began": run.began,
                "seconds": published.refresh.published - run.began,
                **ended,
            }

        yield times


def _is_at_rest(up: Up, since: float) -> bool:
    return all(up.ticks(since).values()) and all(run.ended for run in up.runs())


WAYS: dict[str, Way] = {"segments watch": watched, "sensors": sensed}


def main() -> None:
    """Measure each way and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--changes", type=float, default=50, help="a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--by", choices=list(WAYS), action="append", help="this way only")
    parser.add_argument("--prepare", action="store_true", help="make and build the shop, and measure nothing")
    parser.add_argument("--print", action="store_true", help="print what was measured before")
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    results = folder / "latency.json"
    if not arguments.print:
        with laboratory(folder, arguments.customers) as shop:
            _edit(shop.workspace.folder / "segments.yml", lambda text: f"{text.rstrip()}\n{SEGMENTS}")
            # All of them leave, in the end.
            _edit(
                shop.workspace.folder / "dbt_project.yml",
                lambda text: re.sub(r"emptied_from: \d+", "emptied_from: 0", text),
            )
            shop.command("capture", "install")
            shop.command("build", "--all")
            for name in [] if arguments.prepare else arguments.by or WAYS:
                measured = _measure(name, shop, arguments.changes, arguments.seconds)
                _keep(results, name, {"customers": arguments.customers, **measured})
    if results.exists() and not arguments.prepare:
        _tell(json.loads(results.read_text(encoding="utf-8")))


def _edit(file: Path, change: Callable[[str], str]) -> None:
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


def _measure(name: str, shop: Laboratory, changes: float, seconds: float) -> dict[str, Any]:
    reset(shop.settings)
    shop.command("build", "--all")
    with WAYS[name](shop) as times:
        before = _ledger(shop, after=0)[-1].refresh.run_id
        began = datetime.now(UTC)
        print(f"{began:%H:%M:%S} {name}: {changes:g} changes a second for {seconds:g} s ...", flush=True)
        told = stream(shop.settings, changes, seconds, patience=_PATIENCE_SECONDS)
        ledger = _ledger(shop, after=before)
        outcome = match(told.commits, told.appearances, [one.refresh for one in ledger])
        return {
            "began": f"{began:%Y-%m-%dT%H:%M:%SZ}",
            "processors": len(os.sched_getaffinity(0)),
            "changes": len(told.commits),
            "changes_a_second": (len(told.commits) - 1) / (told.commits[-1].at - told.commits[0].at),
            "undone": outcome.undone,
            "wrong": outcome.wrong,
            "seconds": outcome.seconds,
            "refreshes": [
                {
                    "run_id": one.refresh.run_id,
                    "by": one.initiated_by,
                    "looked_at": one.looked_at,
                    "started": one.refresh.started,
                    "published": one.refresh.published,
                    **(times(one) or {}),
                }
                for one in ledger
            ],
        }


def _ledger(shop: Laboratory, *, after: int) -> list[Published]:
    """The refreshes that published, behind the one of that number, in their order."""
    with connect(shop.settings) as connection:
        rows = connection.execute(
            """
            select run_id, as_of, started_at, finished_at, coalesce(initiated_by, ''), coalesce(profiles_evaluated, 0)
            from segments.segment_runs
            where run_id > %s and status <> 'failed'
            order by run_id
            """,
            [after],
        ).fetchall()
    return [
        Published(Refresh(run_id, *(time.timestamp() for time in times)), initiated_by, looked_at)
        for run_id, *times, initiated_by, looked_at in rows
    ]


def _keep(results: Path, name: str, measured: dict[str, Any]) -> None:
    kept = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    results.write_text(json.dumps({**kept, name: measured}, indent=1) + "\n", encoding="utf-8")


def _tell(results: dict[str, dict[str, Any]]) -> None:
    """Print the tables; raises SystemExit where something is wrong with what was seen."""
    for name, one in results.items():
        print(
            f"{name}: {one['customers']:,} customers, {one['processors']} processors, {one['began']}, "
            f"{one['changes_a_second']:.1f} changes a second"
        )
    print()
    _print_table(
        "by | changes | seen | undone before | median, s | p90, s | p99, s | longest, s | refreshes | s each",
        [_latencies(name, one) for name, one in results.items()],
    )
    if "sensors" in results:
        print()
        _print_table(
            "by the sensors | from one run to the next, s | until its process works | until dbt begins "
            "| until it is published | until Dagster has ended it",
            [_parts(results["sensors"]["refreshes"])],
        )
    if wrong := [f"{name}: {words}" for name, one in results.items() for words in one["wrong"]]:
        raise SystemExit("\n".join([f"{len(wrong)} can't be explained:", *wrong[:20]]))


def _latencies(name: str, one: dict[str, Any]) -> list[str]:
    seconds = [second for of_kind in one["seconds"].values() for second in of_kind]
    at = statistics.quantiles(seconds, n=100, method="inclusive")
    each = [refresh["seconds"] for refresh in one["refreshes"] if "seconds" in refresh]
    return [
        name,
        f"{one['changes']:,}",
        f"{len(seconds):,}",
        f"{one['undone']:,}",
        *(f"{figure:.1f}" for figure in (at[49], at[89], at[98], max(seconds))),
        str(len(one["refreshes"])),
        f"{statistics.median(each):.1f}",
    ]


def _parts(refreshes: list[dict[str, Any]]) -> list[str]:
    """The medians of the parts of a run of Dagster."""
    runs = [one for one in refreshes if "asked" in one]
    asked = [one["asked"] for one in runs]
    apart = [later - earlier for earlier, later in pairwise(asked)]
    parts = [("asked", "began"), ("began", "started"), ("started", "published"), ("published", "ended")]
    seconds = [apart, *([one[to] - one[since] for one in runs if to in one] for since, to in parts)]
    return ["median", *(f"{statistics.median(figures):.1f}" if figures else "" for figures in seconds)]


def _print_table(head: str, rows: list[list[str]]) -> None:
    print(f"| {head} |")
    print("|" + " --- |" * (head.count("|") + 1))
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
