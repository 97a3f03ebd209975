"""What it costs that everything runs while nothing happens: processors, memory, runs, and statements in the warehouse.

    .venv/bin/python -m benchmarks.idle --customers 5000 --minutes 10 --folder .benchmarks/idle-5000
    .venv/bin/python -m benchmarks.idle --customers 2000 --minutes 75 --every 5 --folder .benchmarks/idle-2000

Builds a shop, starts `segments up` on it as it is installed (warehouse, Dagster, watcher), waits until what it does at its start is done, and looks
before and after some minutes in which nobody writes, no schedule is due and the clock turns for nobody. What was found is kept in `idle.json` of the
folder; `--print` makes the tables of it again.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from benchmarks.processes import Memory, look, machine_seconds, memory, seconds_between
from benchmarks.projects import Laboratory, laboratory
from benchmarks.up import Up, running_up
from maho_segments.services.instants import format_instant
from maho_segments.warehouse import EmbeddedServer, connect, ensure_running

_MEGABYTE = 1024 * 1024
_PATIENCE_SECONDS = 1800.0
# Windows of time, which end at any second; what counts in days turns at midnight.
_WINDOWS = {"within", "older_than", "within_next"}
_LOGGING = {"log_statement": "all", "log_line_prefix": "%m [%p] <%d|%a> "}
_STATEMENT = re.compile(
    r"^\S+ \S+ \S+ \[\d+\] <(?P<database>[^|>]*)\|(?P<application>.*?)> LOG: +(?:statement|execute [^:]+): (?P<text>.*)"
)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument(
        "--every", type=float, help="minutes after which to look at the memory, again and again"
    )
    parser.add_argument(
        "--settle", type=float, default=60, help="seconds without a run or a refresh before it begins"
    )
    parser.add_argument("--with-windows", action="store_true", help="keep segments that change at any second")
    parser.add_argument("--prepare", action="store_true", help="make and build the shop, and measure nothing")
    parser.add_argument("--print", action="store_true", help="print what was measured before")
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    results = folder / "idle.json"
    if not arguments.print:
        with laboratory(folder, arguments.customers) as shop:
            if not arguments.with_windows:
                _leave_out_windows(shop)
            shop.command("capture", "install")
            shop.command("build", "--all")
            _tidy(shop)
            if not arguments.prepare:
                every = arguments.every or arguments.minutes
                found = _measure(shop, arguments.minutes, every, arguments.settle)
                found = {"customers": arguments.customers, **found}
                results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if results.exists() and not arguments.prepare:
        _tell(json.loads(results.read_text(encoding="utf-8")))


def _leave_out_windows(shop: Laboratory) -> None:
    """Have no segments whose members the clock changes at any second: of a large shop it does so each minute."""
    file = shop.workspace.folder / "segments.yml"
    definitions = yaml.safe_load(file.read_text(encoding="utf-8"))
    definitions["segments"] = {
        name: segment for name, segment in definitions["segments"].items() if not _words(segment) & _WINDOWS
    }
    # JSON is YAML.
    file.write_text(json.dumps(definitions), encoding="utf-8")


def _words(part: Any) -> set[str]:
    if isinstance(part, dict):
        return {str(key) for key in part}.union(*map(_words, part.values()))
    return set().union(*map(_words, part)) if isinstance(part, list) else set()


def _tidy(shop: Laboratory) -> None:
    """Do now what the server would do by itself, some time after a build."""
    with connect(shop.settings, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")


def _measure(shop: Laboratory, minutes: float, every: float, settle: float) -> dict[str, Any]:
    server = EmbeddedServer.of_project(shop.workspace.folder, shop.workspace.environ)
    with _as_installed(shop), running_up(shop) as up:
        _wait_for_rest(shop, up, minutes, settle)
        turn = _first_turn(shop)
        status = server.status()
        assert status.pid is not None
        ledger, began = _last_refresh(shop), time.time()
        print(f"{datetime.now(UTC):%H:%M:%S} Nothing happens for {minutes:g} minutes ...", flush=True)
        at = status.log_file.stat().st_size
        busy, before = machine_seconds(), look(up.process.pid, status.pid)
        memory_before = memory(before)
        looks = list(_wait(up.process.pid, status.pid, minutes, every))
        after, busy = look(up.process.pid, status.pid), machine_seconds() - busy
        ended = time.time()
        statements, texts = _statements(status.log_file, at)
        return {
            "began": _instant(began),
            "minutes": (ended - began) / 60,
            "processors": len(os.sched_getaffinity(0)),
            "segments": _count_segments(shop),
            "clock_turns": _instant(turn) if turn else None,
            "seconds": seconds_between(before, after),
            "machine_seconds": busy,
            "memory_before": _as_dicts(memory_before),
            "memory": _as_dicts(memory(after)),
            "refreshes": _last_refresh(shop) - ledger,
            "runs": [f"{run.job} {run.run_id}" for run in up.runs() if run.asked >= began],
            "ticks": (ticks := up.ticks(began)),
            "looks": [
                {
                    "minutes": (at - began) / 60,
                    "ticks": sum(ticks.values()) - sum(up.ticks(at).values()),
                    "private": {role: one.private for role, one in held.items()},
                }
                for at, held in looks
            ],
            "statements": statements,
            "most_frequent": texts,
        }


def _wait(up: int, server: int, minutes: float, every: float) -> Iterator[tuple[float, dict[str, Memory]]]:
    """When it was, and the memory by role: at once, every so many minutes, and when the time is over."""
    until = time.time() + minutes * 60
    while True:
        yield time.time(), memory(look(up, server))
        left = until - time.time()
        if left <= 0:
            return
        time.sleep(min(left, every * 60))


@contextmanager
def _as_installed(shop: Laboratory) -> Iterator[None]:
    """The server stopped, to be started with the memory that it has anywhere, and to log each statement."""

    def alter(*commands: str) -> None:
        ensure_running(shop.workspace.folder, shop.workspace.environ)
        with connect(shop.settings, autocommit=True) as connection:
            for command in commands:
                connection.execute(f"alter system {command}".encode())
        EmbeddedServer.of_project(shop.workspace.folder, shop.workspace.environ).stop()

    alter("reset shared_buffers", *(f"set {name} = '{value}'" for name, value in _LOGGING.items()))
    try:
        yield
    finally:
        alter(*(f"reset {name}" for name in _LOGGING))


def _wait_for_rest(shop: Laboratory, up: Up, minutes: float, settle: float) -> None:
    """Return when each sensor has looked, nothing has been refreshed for a while, and no schedule is due until it is measured."""
    began = quiet_since = time.time()
    seen: object = None
    told = 0.0
    while True:
        runs, refresh, now = up.runs(), _last_refresh(shop), time.time()
        is_calm = all(up.ticks(began).values()) and all(run.ended for run in runs)
        if not is_calm or (refresh, runs[:1]) != seen:
            seen, quiet_since = (refresh, runs[:1]), now
        due, schedule = up.next_schedule()
        if now - quiet_since >= settle:
            if due > now + minutes * 60:
                return
            if due != told:
                told = due
                print(f"{schedule} is due at {_instant(due)}; waiting for it.", flush=True)
        if now > began + _PATIENCE_SECONDS:
            raise SystemExit(f"It did not come to rest within {_PATIENCE_SECONDS:.0f} s; see {up.log}")
        time.sleep(5)


def _last_refresh(shop: Laboratory) -> int:
    with connect(shop.settings) as connection:
        row = connection.execute("select coalesce(max(run_id), 0) from segments.segment_runs").fetchone()
    assert row is not None
    return int(row[0])


def _first_turn(shop: Laboratory) -> float | None:
    """When the clock changes somebody's segments next, if it ever does."""
    with connect(shop.settings) as connection:
        row = connection.execute(
            "select extract(epoch from min(next_change_at)) from segments_work.profile_clocks"
        ).fetchone()
    assert row is not None
    return None if row[0] is None else float(row[0])


def _count_segments(shop: Laboratory) -> int:
    definitions = yaml.safe_load((shop.workspace.folder / "segments.yml").read_text(encoding="utf-8"))
    return len(definitions["segments"])


def _statements(log: Path, at: int) -> tuple[dict[str, int], dict[str, int]]:
    """The statements that the server logged from there on: by whose they are, and the most frequent ones."""
    whose: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    with log.open("rb") as lines:
        lines.seek(at)
        for line in lines:
            if found := _STATEMENT.match(line.decode(errors="replace")):
                who = _who(found["database"], found["application"])
                whose[who] += 1
                texts[f"{who}: {' '.join(found['text'].split())[:120]}"] += 1
    return dict(whose.most_common()), dict(texts.most_common(40))


def _who(database: str, application: str) -> str:
    """Without the number of a watcher's process."""
    if database == "dagster":
        return "Dagster, in its own database"
    return application.partition(",")[0]


def _instant(seconds: float) -> str:
    return format_instant(datetime.fromtimestamp(int(seconds), UTC))


def _as_dicts(found: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {role: asdict(one) for role, one in found.items()}


def _tell(found: dict[str, Any]) -> None:
    """Print the tables."""
    minutes = found["minutes"]
    print(
        f"{found['customers']:,} customers, {found['segments']} segments, {found['processors']} processors, "
        f"{minutes:.1f} minutes from {found['began']}\n"
    )
    rows = [_row(found, role) for role in sorted({*found["seconds"], *found["memory"]})]
    total = [sum(row[place] for row in rows) for place in range(5)]
    print(
        "| | processes | seconds of a processor in a minute | % of one | memory (PSS), MB | of its own (USS), MB |"
    )
    print("|" + " --- |" * 6)
    for name, figures in [
        *zip(sorted({*found["seconds"], *found["memory"]}), rows, strict=True),
        ("in all", total),
    ]:
        processes, seconds, percent, proportional, private = figures
        print(
            f"| {name} | {processes} | {seconds:.2f} | {percent:.1f} | {proportional:,.0f} | {private:,.0f} |"
        )
    others = found["machine_seconds"] - sum(found["seconds"].values())
    grown = sum(one["proportional"] for one in found["memory"].values()) - sum(
        one["proportional"] for one in found["memory_before"].values()
    )
    print(
        f"\nAll else on the machine: {others / minutes:.2f} s a minute. Memory grew by {grown / _MEGABYTE:.1f} MB."
    )
    print(f"The clock turns next at {found['clock_turns']}.\n")
    print("| in a minute | |\n| --- | --- |")
    print(f"| runs of Dagster begun, in all | {len(found['runs'])} |")
    print(f"| refreshes, in all | {found['refreshes']} |")
    for name, count in found["ticks"].items():
        print(f"| ticks of {name} | {count / minutes:.1f} |")
    for who, count in found["statements"].items():
        print(f"| statements of {who} | {count / minutes:.0f} |")
    print(f"| statements in all | {sum(found['statements'].values()) / minutes:.0f} |")
    roles = [role for role in found["memory"] if not role.startswith("server")]
    print("\nWhat each holds of its own (USS), in MB:\n")
    print(f"| minutes | ticks of sensors | {' | '.join(roles)} |\n|{' --- |' * (2 + len(roles))}")
    for one in found["looks"]:
        held = (f"{one['private'].get(role, 0) / _MEGABYTE:.0f}" for role in roles)
        print(f"| {one['minutes']:.0f} | {one['ticks']} | {' | '.join(held)} |")
    if found["runs"]:
        print("\nRuns: " + ", ".join(found["runs"]))


def _row(found: dict[str, Any], role: str) -> list[float]:
    held = found["memory"].get(role, {"processes": 0, "proportional": 0, "private": 0})
    a_minute = found["seconds"].get(role, 0.0) / found["minutes"]
    return [
        held["processes"],
        a_minute,
        a_minute / 0.6,
        held["proportional"] / _MEGABYTE,
        held["private"] / _MEGABYTE,
    ]


if __name__ == "__main__":
    main()
