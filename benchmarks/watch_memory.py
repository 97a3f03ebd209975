"""How much memory `segments watch` holds, at its start and after refresh upon refresh.

    .venv/bin/python -m benchmarks.watch_memory --customers 2000 --refreshes 200 --folder .benchmarks/2000

Each change of the shop is one customer's order; the next is made when the refresh that it brought has been told. What is shown is the memory that
is the watcher's own (its private pages), its threads and its open files: what grows with each refresh would grow for ever.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.projects import Laboratory, laboratory
from maho_segments.warehouse import connect

_CHANGE = """
    update maho.sales_flat_order
    set base_grand_total = coalesce(base_grand_total, 0) + 1
    where entity_id = (select entity_id from maho.sales_flat_order where customer_id is not null order by entity_id offset %s limit 1)
"""


def main() -> None:
    """Print the watcher's memory every so many refreshes, and how much each of the later ones added."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--refreshes", type=int, default=200)
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    with laboratory(arguments.folder.absolute(), arguments.customers) as shop:
        shop.command("capture", "install")
        shop.command("build")
        _measure(shop, arguments.refreshes, arguments.every)


def _measure(shop: Laboratory, refreshes: int, every: int) -> None:
    command = [str(Path(sys.executable).with_name("segments")), "watch", "--json"]
    environ = dict(shop.workspace.environ)
    process = subprocess.Popen(
        command, cwd=shop.workspace.folder, env=environ, stdout=subprocess.PIPE, text=True
    )
    print(
        "| refreshes | own memory, MiB | threads | open files | seconds each |\n| --- | --- | --- | --- | --- |"
    )
    held: list[float] = []
    seconds: list[float] = []
    try:
        _next_refresh(process)
        with connect(shop.settings, autocommit=True) as connection:
            for number in range(refreshes + 1):
                if number:
                    connection.execute(_CHANGE, [number])
                    seconds.append(_next_refresh(process)["seconds"])
                held.append(_own_memory(process.pid))
                if number % every == 0:
                    median = f"{statistics.median(seconds):.2f}" if seconds else "-"
                    proc = Path(f"/proc/{process.pid}")
                    threads, files = (len(list((proc / what).iterdir())) for what in ("task", "fd"))
                    print(f"| {number} | {held[-1]:.0f} | {threads} | {files} | {median} |", flush=True)
                    seconds.clear()
    finally:
        process.terminate()
        process.wait()
    later = held[len(held) // 2 :]
    slope, _ = statistics.linear_regression(range(len(later)), later)
    print(f"\nThe later half of the refreshes added {slope * 1024:.0f} KiB each.")


def _next_refresh(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == "refreshed":
            return event
    raise RuntimeError(f"the watcher ended with exit code {process.wait()}")


def _own_memory(pid: int) -> float:
    """The private pages of a process, in MiB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    kib = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_"))
    return kib / 1024


if __name__ == "__main__":
    main()
