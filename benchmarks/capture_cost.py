"""What capturing changes costs the shop that writes: the same writes to two copies of a shop, one of them captured.

    .venv/bin/python -m benchmarks.capture_cost --customers 5000 --turns 15

The captured copy has the triggers and the indexes that `segments capture install` makes. The two take turns, so that what the machine does
meanwhile is in both; what counts is the ratio of their medians. Where `committed` is said, each write is a transaction that waits for the disk,
as in a shop; elsewhere the writes of a turn are one transaction, and what is seen is the work alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg

from maho_segments.services.capture import Capture
from maho_segments.services.dbt import DbtProject
from maho_segments.services.progress import Silence
from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import EmbeddedServer, connect, ensure_running
from tests.projects import copy_project

AS_OF = datetime(2026, 1, 15, 12, tzinfo=UTC)
Write = Callable[[psycopg.Connection, int], None]

_ORDER = """
    insert into maho.sales_flat_order (
        entity_id, state, status, store_id, customer_id, customer_email, increment_id, base_grand_total, base_subtotal,
        total_qty_ordered, created_at, updated_at
    )
    select %(first)s + n, 'new', 'pending', 1, 1 + n %% 1000, 'buyer@example.org', %(first)s + n, 50, 45, 2, now(), now()
    from generate_series(0, %(rows)s - 1) as n
"""
# Far above the ids of the shop that is there.
_NUMBERS = count(10_000_000)


@dataclass(frozen=True)
class Case:
    """A write as a shop does it; `write` gets a number that no other call got."""

    name: str
    write: Write
    times: int
    committed: bool = False


def _orders(rows: int) -> Write:
    return lambda connection, number: _run(connection, _ORDER, first=number * rows, rows=rows)


def _checkout(connection: psycopg.Connection, number: int) -> None:
    """An order with all that belongs to it, as the shop writes it: row by row, some of them twice."""
    _run(connection, _ORDER, first=number, rows=1)
    for part in (1, 2):
        _run(
            connection,
            "insert into maho.sales_flat_order_address (entity_id, parent_id, city, country_id) "
            "values (%(id)s, %(order)s, 'Bonn', 'DE')",
            id=number * 2 + part, order=number,
        )  # fmt: skip
    for part in (1, 2, 3):
        _run(
            connection,
            "insert into maho.sales_flat_order_item (item_id, order_id, product_id, sku, qty_ordered, base_row_total) "
            "values (%(id)s, %(order)s, 3, 'sku', 1, 15)",
            id=number * 3 + part, order=number,
        )  # fmt: skip
    _run(
        connection,
        "insert into maho.sales_flat_order_payment (entity_id, parent_id, method) values (%(id)s, %(id)s, 'cash')",
        id=number,
    )
    _run(
        connection,
        "update maho.sales_flat_order set billing_address_id = %(id)s * 2 + 1, shipping_address_id = %(id)s * 2 + 2 "
        "where entity_id = %(id)s",
        id=number,
    )
    _run(
        connection,
        "update maho.sales_flat_quote set is_active = 0 where entity_id = %(id)s",
        id=1 + number % 999,
    )


def _update(assignment: str, rows: int) -> Write:
    statement = f"update maho.sales_flat_order set {assignment} where entity_id between %(first)s and %(first)s + {rows - 1}"
    return lambda connection, number: _run(connection, statement, first=1 + number % 1000, number=number)


def _view(connection: psycopg.Connection, number: int) -> None:
    _run(
        connection,
        "insert into maho.report_event (event_id, event_type_id, object_id, subject_id, subtype, store_id, logged_at) "
        "values (%(id)s, 1, 3, 5, 0, 1, now())",
        id=number,
    )


def _copy(connection: psycopg.Connection, number: int) -> None:
    first = number * 100_000
    with connection.cursor().copy(
        "copy maho.sales_flat_order (entity_id, increment_id, state, store_id, customer_id, customer_email, "
        "base_grand_total, created_at) from stdin"
    ) as copy:
        for n in range(100_000):
            copy.write_row(
                (first + n, str(first + n), "new", 1, n % 5000, "buyer@example.org", 50, "2026-01-01")
            )


CASES = [
    Case("an order placed (9 statements), committed", _checkout, 30, committed=True),
    Case("an order placed (9 statements)", _checkout, 100),
    Case("one order inserted, committed", _orders(1), 100, committed=True),
    Case("one order inserted", _orders(1), 300),
    Case(
        "one order's status updated, committed", _update("status = %(number)s::text", 1), 100, committed=True
    ),
    Case("one order's status updated", _update("status = %(number)s::text", 1), 300),
    Case("a column that is not read updated", _update("quote_id = %(number)s", 1), 300),
    Case("one product view inserted, committed", _view, 100, committed=True),
    Case("one product view inserted", _view, 300),
    Case("100 orders inserted by one statement", _orders(100), 30),
    Case("100 orders updated by one statement", _update("status = %(number)s::text", 100), 30),
    Case("COPY of 100,000 orders", _copy, 1),
]


def main() -> None:
    """Measure every case and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--turns", type=int, default=15)
    arguments = parser.parse_args()
    with _two_shops(arguments.customers) as (plain, captured):
        print("| write | without, ms | with, ms | ratio |\n| --- | --- | --- | --- |")
        for case in CASES:
            turns = max(3, arguments.turns // 3) if case.times == 1 else arguments.turns
            seconds: dict[str, list[float]] = {"plain": [], "captured": []}
            for turn in range(turns + 1):
                sides = [("plain", plain), ("captured", captured)]
                for name, connection in sides if turn % 2 else sides[::-1]:
                    taken = _measure(connection, case)
                    # The first turn fills caches and plans the triggers' statements.
                    if turn:
                        seconds[name].append(taken)
            without, with_ = (1000 * statistics.median(seconds[name]) for name in ("plain", "captured"))
            print(f"| {case.name} | {without:.3g} | {with_:.3g} | {with_ / without:.2f} |", flush=True)


def _measure(connection: psycopg.Connection, case: Case) -> float:
    """The seconds of one write of the case. Nothing of it stays, unless it is committed."""
    numbers = [next(_NUMBERS) for _ in range(case.times)]
    if case.committed:
        began = time.perf_counter()
        for number in numbers:
            with connection.transaction():
                case.write(connection, number)
        return (time.perf_counter() - began) / case.times
    with connection.transaction(force_rollback=True):
        began = time.perf_counter()
        for number in numbers:
            case.write(connection, number)
        return (time.perf_counter() - began) / case.times


def _run(connection: psycopg.Connection, statement: str, **values: object) -> None:
    connection.execute(statement.encode(), values)


@contextmanager
def _two_shops(customers: int) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Connections to a shop, and to a copy of it that is captured."""
    with tempfile.TemporaryDirectory(prefix="capture-cost-", dir="/tmp") as folder:
        # A server of root is run by another user.
        Path(folder).chmod(0o711)
        project = copy_project(Path(folder) / "project")
        environ = {**os.environ, "SEGMENTS_WAREHOUSE_DIR": f"{folder}/warehouse"}
        settings = ensure_running(project, environ)
        try:
            with connect(settings) as connection:
                generate_shop(connection, customers=customers, seed=1, now=AS_OF, progress=lambda _: None)
            other = replace(settings, dbname="captured")
            with connect(replace(settings, dbname="postgres"), autocommit=True) as connection:
                connection.execute(f'create database captured template "{settings.dbname}"'.encode())
            with connect(other, autocommit=True) as captured:
                dbt = DbtProject(project, other, {**environ, "DBT_DBNAME": "captured"})
                Capture(dbt, other, captured).install(Silence())
                for shop in (settings, other):
                    with connect(shop, autocommit=True) as connection:
                        connection.execute("vacuum analyze")
                with connect(settings, autocommit=True) as plain:
                    yield plain, captured
        finally:
            EmbeddedServer.of_project(project, environ).delete()


if __name__ == "__main__":
    main()
