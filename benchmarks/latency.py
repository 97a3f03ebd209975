"""How long it takes from a commit in the shop until the membership is others' to see, under a steady stream of changes.

    .venv/bin/python -m benchmarks.latency --customers 5000 --changes 50 --seconds 60 --folder .benchmarks/5000

A process writes at an even pace, each change a transaction of its own: an order placed or its coupon taken away, a cart changed, a customer's name (a
value of the EAV tables) edited. Each puts one customer into a segment made for it, or takes it out, beside the segments of the project. Another
process reads the entries and exits as they appear. What is told is the time between the two, for each way in which changes come to be refreshed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.projects import Laboratory, laboratory
from maho_segments.warehouse import ConnectionSettings, connect

# Comes back to the same customer after a minute, at fifty changes a second.
_CUSTOMERS_OF_A_KIND = 1000
_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 120

_SEGMENTS = """
  latency_orders: { label: Orders, refresh: { on_change: true }, match: { orders: { where: { coupon_code: latency } } } }
  latency_carts: { label: Carts, refresh: { on_change: true }, match: { carts: { where: { coupon_code: latency } } } }
  latency_names: { label: Names, refresh: { on_change: true }, match: { first_name: Latency } }
"""

# What puts customer `id` into the segment of that name, and what takes it out.
_WRITES = {
    "latency_orders": (
        """
        insert into maho.sales_flat_order (
            entity_id, increment_id, state, status, store_id, customer_id, customer_is_guest, customer_email, coupon_code,
            base_currency_code, base_grand_total, base_subtotal, total_qty_ordered, created_at, updated_at
        )
        select
            (select max(entity_id) + 1 from maho.sales_flat_order), 'L' || clock_timestamp(), 'new', 'pending', store_id, entity_id, 0,
            email, 'latency', 'EUR', 50, 45, 1, date_trunc('second', now() at time zone 'UTC'), date_trunc('second', now() at time zone 'UTC')
        from maho.customer_entity
        where entity_id = %(id)s
        """,
        "update maho.sales_flat_order set coupon_code = null where customer_id = %(id)s and coupon_code = 'latency'",
    ),
    "latency_carts": (
        "update maho.sales_flat_quote set coupon_code = 'latency' where customer_id = %(id)s",
        "update maho.sales_flat_quote set coupon_code = null where customer_id = %(id)s",
    ),
    "latency_names": tuple(
        f"""
        update maho.customer_entity_varchar as names
        set value = '{name}'
        from maho.eav_attribute as attributes
        inner join maho.eav_entity_type as types using (entity_type_id)
        where names.attribute_id = attributes.attribute_id
            and types.entity_type_code = 'customer'
            and attributes.attribute_code = 'firstname'
            and names.entity_id = %(id)s
        """
        for name in ("Latency", "Somebody")
    ),
}

_SUBJECTS = {
    "latency_orders": "select entity_id from maho.customer_entity order by entity_id limit %(count)s",
    "latency_carts": """
        select distinct customer_id from maho.sales_flat_quote
        inner join maho.customer_entity on customer_id = customer_entity.entity_id
        order by customer_id limit %(count)s
    """,
    "latency_names": "select entity_id from maho.customer_entity order by entity_id desc limit %(count)s",
}

_SEEN = """
    select changes.change_id, segments.segment_name, profiles.customer_id
    from segments.segment_membership_changes as changes
    inner join segments.segments as segments using (segment_id)
    inner join segments.profiles as profiles using (profile_id)
    where changes.change_id > %(after)s and starts_with(segments.segment_name, 'latency_')
    order by changes.change_id
"""

Change = tuple[str, int]
"""A segment and a customer."""
Way = Callable[[Laboratory], AbstractContextManager[Callable[[], list[float]]]]
"""Has changes refreshed while it is entered, and gives what tells the seconds of each refresh."""


@contextmanager
def watched(shop: Laboratory) -> Iterator[Callable[[], list[float]]]:
    """By `segments watch`."""
    command = [str(Path(sys.executable).with_name("segments")), "watch", "--json"]
    log = shop.folder / "watch.jsonl"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=shop.workspace.folder, env=dict(shop.workspace.environ), stdout=output
        )

    def events() -> list[dict[str, Any]]:
        return [json.loads(line) for line in log.read_text().splitlines()]

    try:
        _wait_for(lambda: any(event["event"] == "refreshed" for event in events()), "a first refresh")
        yield lambda: [event["seconds"] for event in events() if event["event"] == "refreshed"]
    finally:
        process.terminate()
        process.wait()


WAYS: dict[str, Way] = {"segments watch": watched}


@dataclass(frozen=True)
class Latencies:
    """What one way took, in seconds."""

    way: str
    written_per_second: float
    latencies: list[float]
    unseen: int
    refreshes: list[float]

    def row(self) -> str:
        """As a row of the table."""
        at = statistics.quantiles(self.latencies, n=100, method="inclusive")
        figures = [at[49], at[89], at[98], max(self.latencies)]
        cells = [
            self.way,
            f"{self.written_per_second:.0f}",
            f"{len(self.latencies):,}",
            str(self.unseen),
            *(f"{figure:.1f}" for figure in figures),
            str(len(self.refreshes)),
            f"{statistics.median(self.refreshes):.1f}",
        ]
        return f"| {' | '.join(cells)} |"


HEAD = (
    "| by | changes a second | seen | not seen | median, s | p90, s | p99, s | longest, s | refreshes | s each |\n"
    f"|{' --- |' * 10}"
)


def main() -> None:
    """Measure each way and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--changes", type=float, default=50, help="a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--by", choices=list(WAYS), action="append")
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    folder = arguments.folder.absolute()
    with laboratory(folder, arguments.customers) as shop:
        definitions = shop.workspace.folder / "segments.yml"
        definitions.write_text(definitions.read_text(encoding="utf-8").rstrip("\n") + "\n" + _SEGMENTS)
        shop.command("capture", "install")
        shop.command("build", "--all")
        print(HEAD, flush=True)
        for name in arguments.by or WAYS:
            print(_measure(name, shop, arguments.changes, arguments.seconds).row(), flush=True)


def _measure(name: str, shop: Laboratory, changes: float, seconds: float) -> Latencies:
    context = multiprocessing.get_context("spawn")
    written: Queue[tuple[Change, float]] = context.Queue()
    seen: Queue[tuple[Change, float]] = context.Queue()
    ended = context.Event()
    with WAYS[name](shop) as refreshes:
        before = len(refreshes())
        reader = context.Process(target=_read, args=(shop.settings, seen, ended))
        writer = context.Process(target=_write, args=(shop.settings, changes, seconds, written))
        reader.start()
        writer.start()
        commits = _by_change(written, until=writer)
        count = sum(map(len, commits.values()))
        left = time.monotonic() + _PATIENCE_SECONDS
        found: dict[Change, list[float]] = defaultdict(list)
        while sum(map(len, found.values())) < count and time.monotonic() < left:
            _take_all(seen, found)
            time.sleep(0.1)
        ended.set()
        reader.join()
        latencies = [
            appeared - committed
            for change, times in commits.items()
            # Where one was not seen, nobody can say which; it was left again before a refresh looked.
            if len(found[change]) == len(times)
            for committed, appeared in zip(times, found[change], strict=True)
        ]
        return Latencies(name, count / seconds, latencies, count - len(latencies), refreshes()[before:])


def _write(
    settings: ConnectionSettings, changes: float, seconds: float, written: Queue[tuple[Change, float]]
) -> None:
    """Write at an even pace, and tell each change with the time of its commit."""
    with connect(settings, autocommit=True, application_name="shop") as connection:
        subjects = {
            segment: [row[0] for row in _rows(connection, query, count=_CUSTOMERS_OF_A_KIND)]
            for segment, query in _SUBJECTS.items()
        }
        began = time.monotonic()
        for number in range(int(changes * seconds)):
            time.sleep(max(0.0, began + number / changes - time.monotonic()))
            segment = list(_WRITES)[number % len(_WRITES)]
            turn, place = divmod(number // len(_WRITES), len(subjects[segment]))
            customer = subjects[segment][place]
            _rows(connection, _WRITES[segment][turn % 2], id=customer)
            written.put(((segment, customer), time.time()))


def _read(settings: ConnectionSettings, seen: Queue[tuple[Change, float]], ended: Event) -> None:
    """Tell each entry and exit with the time at which it could be seen."""
    with connect(settings, autocommit=True, application_name="reader") as connection:
        ((after,),) = _rows(
            connection, "select coalesce(max(change_id), 0) from segments.segment_membership_changes"
        )
        while not ended.wait(_LOOK_SECONDS):
            rows = _rows(connection, _SEEN, after=after)
            now = time.time()
            for change_id, segment, customer in rows:
                seen.put(((segment, customer), now))
                after = change_id


def _rows(connection: psycopg.Connection, query: str, **values: object) -> list[tuple[Any, ...]]:
    cursor = connection.execute(query.encode(), values)
    return cursor.fetchall() if cursor.description else []


def _by_change(
    told: Queue[tuple[Change, float]], *, until: multiprocessing.process.BaseProcess
) -> dict[Change, list[float]]:
    """What a process told until it ended."""
    found: dict[Change, list[float]] = defaultdict(list)
    while until.is_alive():
        _take_all(told, found)
        time.sleep(0.1)
    _take_all(told, found)
    return found


def _take_all(told: Queue[tuple[Change, float]], found: dict[Change, list[float]]) -> None:
    while not told.empty():
        change, at = told.get()
        found[change].append(at)


def _wait_for(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise SystemExit(f"There was no {what} within {_PATIENCE_SECONDS} s.")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
