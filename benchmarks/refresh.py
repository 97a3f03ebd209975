"""What a refresh costs, beside the full build that it replaces, when few, some and many customers did something.

    .venv/bin/python -m benchmarks.refresh --customers 1000000 --segments 100 --folder .benchmarks/1000000

Makes a shop, builds it (`full_build.py`), and then works through steps: nothing happened, some share of the customers did something, ten
minutes or a midnight passed. After the last, or with `--check-each` after each, a full run at the same instant must change none of the members, features
and profiles; and the members must be those of the statement written by hand. Each step is written to a file in the folder as soon as it is
measured, and not run again: an interrupted run is taken up where it was by the same command.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.conditions import ThriceWritten, mixed_segments
from benchmarks.fingerprints import fingerprints
from benchmarks.full_build import (
    HAND_TABLE,
    by_hand,
    by_parent_shape,
    compare_members,
    seconds_by_node,
    take_turn,
    untested,
)
from benchmarks.meters import measured
from benchmarks.projects import AS_OF, Laboratory, laboratory, read_into_memory, write_segments
from benchmarks.touches import choose_customers, touch
from maho_segments.services.build import build
from maho_segments.services.instants import format_instant, parse_as_of
from maho_segments.services.progress import Silence
from maho_segments.warehouse import connect

SHARES = (0.01, 0.1, 1, 10)
# In a second the clock wakes hardly anybody, so that what is seen is the cost of what was done in the shop.
_SECOND = timedelta(seconds=1)
_MINUTES = timedelta(minutes=10)
# Midnight in Berlin, where the shop's main website is, in winter.
_MIDNIGHT = timedelta(hours=23)


class Steps:
    """The steps of a run and what they cost, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.results: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    def take(self, name: str, work: Callable[[], Any]) -> None:
        """Do a step and write down what it gives, unless that was done before."""
        if name not in self.results:
            print(f"{datetime.now(UTC):%H:%M:%S} {name} ...", flush=True)
            self.results[name] = work()
            self._file.write_text(json.dumps(self.results, indent=1, default=str) + "\n")


def main() -> None:
    """Take all steps that were not taken before."""
    arguments = _arguments()
    segments = mixed_segments(arguments.segments)
    with laboratory(arguments.folder, arguments.customers) as place:
        write_segments(
            place.workspace.folder, {segment.name: {"match": segment.match} for segment in segments}
        )
        steps = Steps(arguments.folder / f"{arguments.customers}-{arguments.segments}.json")
        work = Work(place, segments, check_each=arguments.check_each)
        for turn in range(arguments.builds):
            steps.take(
                f"full build {turn}", partial(take_turn, place, segments, arguments.as_of, with_parent=False)
            )
        work.settle()
        read_into_memory(place.settings)
        for turn in range(arguments.turns):
            steps.take(f"untouched {turn}", work.untouched)
            for share in (share for share in SHARES if share <= 1 or turn == 0):
                steps.take(f"touched {share} % {turn}", partial(work.touched, share, turn))
            steps.take(f"ten minutes later {turn}", work.later)
        steps.take("untouched, by the command", work.by_command)
        steps.take("midnight", work.midnight)
        steps.take("full run that changes nothing", work.full)
        steps.take("same as by hand", work.compare_with_hand)
        if not arguments.without_parent:
            steps.take("parent's shape", work.parent_shape)


class Work:
    """Refreshes of one shop, each later than the one before."""

    def __init__(self, place: Laboratory, segments: list[ThriceWritten], *, check_each: bool = False) -> None:
        self._place = place
        self._segments = segments
        self._check_each = check_each

    def settle(self) -> None:
        """Publish what an interrupted run left behind, so that the next step sees only its own news."""
        self._refresh(self._published())

    def untouched(self) -> dict[str, Any]:
        """A refresh a second later, in which nothing happened."""
        return self._refresh(self._published() + _SECOND)

    def later(self) -> dict[str, Any]:
        """A refresh ten minutes later, in which nothing happened but that time passed."""
        return {**self._refresh(self._published() + _MINUTES), **self._checked()}

    def touched(self, percent: float, seed: int) -> dict[str, Any]:
        """A refresh after that share of the customers did something, a second after the last one."""
        as_of = self._published() + _SECOND
        written = self._touched(percent, seed, as_of)
        return {**written, **self._refresh(as_of), **self._checked()}

    def by_command(self) -> dict[str, Any]:
        """As `untouched`, by the command line: with the start of Python and dbt."""
        as_of = self._published() + _SECOND
        with measured(self._place.settings) as cost:
            self._place.command("build", "--as-of", format_instant(as_of))
        return {"cost": asdict(cost)}

    def midnight(self) -> dict[str, Any]:
        """A refresh ten minutes after a midnight, when the one before was ten minutes before it."""
        published = self._published()
        midnight = published.replace(hour=0, minute=0, second=0, microsecond=0) + _MIDNIGHT
        midnight += timedelta(days=1) * (midnight - _MINUTES < published)
        self._refresh(midnight - _MINUTES)
        as_of = midnight + _MINUTES
        return {**self._refresh(as_of), **self._checked()}

    def full(self) -> dict[str, Any]:
        """What a full run at the instant of the last refresh costs; fails where it changes anything that the refreshes wrote."""
        before = fingerprints(self._place.settings)
        result = self._refresh(self._published(), full=True)
        after = fingerprints(self._place.settings)
        if before != after:
            changed = [
                f"  {column}: {before[column]}, {after[column]}"
                for column in before
                if before[column] != after[column]
            ]
            raise SystemExit(
                f"A full run as of {result['as_of']} changes what the refreshes wrote:\n" + "\n".join(changed)
            )
        return result

    def compare_with_hand(self) -> str:
        """Fail unless the members are those of the statement written by hand, as of the last refresh."""
        by_hand(self._place.settings, self._segments, self._published())
        compare_members(self._place.settings, self._segments, HAND_TABLE)
        return format_instant(self._published())

    def parent_shape(self) -> dict[str, float]:
        """The seconds of a statement per segment, as of the last refresh, which must have the same members."""
        return {"seconds": by_parent_shape(self._place.settings, self._segments, self._published())}

    def _touched(self, percent: float, seed: int, as_of: datetime) -> dict[str, Any]:
        with connect(self._place.settings, autocommit=True) as connection:
            customers = choose_customers(connection, percent, seed)
            started = time.perf_counter()
            touch(connection, customers, as_of - timedelta(minutes=1))
            return {"customers": len(customers), "touching_seconds": time.perf_counter() - started}

    def _refresh(self, as_of: datetime, *, full: bool = False) -> dict[str, Any]:
        with measured(self._place.settings) as cost:
            report = build(
                self._place.workspace,
                as_of=as_of,
                full=full,
                progress=Silence(),
                dbt=untested(self._place) if full else None,
            )
        cost.nodes = seconds_by_node(report.nodes)
        return {"as_of": format_instant(as_of), "cost": asdict(cost), "run": self._last_run()}

    def _checked(self) -> dict[str, Any]:
        return {"full_run": self.full()} if self._check_each else {}

    def _published(self) -> datetime:
        with connect(self._place.settings) as connection:
            row = connection.execute(
                "select max(as_of) from segments.segment_runs where status = 'published'"
            ).fetchone()
        assert row is not None
        published: datetime = row[0]
        return published.astimezone(UTC)

    def _last_run(self) -> dict[str, Any]:
        with connect(self._place.settings) as connection:
            cursor = connection.execute("select * from segments.segment_runs order by run_id desc limit 1")
            row = cursor.fetchone()
            assert row is not None
            assert cursor.description is not None
            return {column.name: value for column, value in zip(cursor.description, row, strict=True)}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--segments", type=int, default=100)
    parser.add_argument(
        "--as-of",
        type=partial(parse_as_of, now=AS_OF),
        default=AS_OF,
        help="the instant of the builds; in a shop that was touched by an earlier run, a day after that",
    )
    parser.add_argument("--builds", type=int, default=1, help="full builds of an empty schema")
    parser.add_argument(
        "--turns", type=int, default=3, help="rounds of refreshes; one of them with ten percent"
    )
    parser.add_argument("--check-each", action="store_true", help="compare each refresh with a full run")
    parser.add_argument("--without-parent", action="store_true", help="leave out the slow shape")
    parser.add_argument(
        "--folder", type=Path, required=True, help="where the shop is kept for the next time: some GB"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
