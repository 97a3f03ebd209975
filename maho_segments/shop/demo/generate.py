"""The demo shop from the first row to the last, into the raw tables or into CSV files."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import psycopg

from maho_segments.errors import ShopError
from maho_segments.shop.demo.attributes import attribute_rows
from maho_segments.shop.demo.carts import make_open_carts, quote_ids, write_open_carts, write_order_carts
from maho_segments.shop.demo.catalog import Catalog, make_catalog
from maho_segments.shop.demo.catalog_rows import category_rows, product_columns
from maho_segments.shop.demo.contacts import write_newsletter, write_wishlists
from maho_segments.shop.demo.encoding import Columns, Value, Words, csv_chunks, words
from maho_segments.shop.demo.numbers import Numbers
from maho_segments.shop.demo.order_rows import write_orders
from maho_segments.shop.demo.orders import make_orders
from maho_segments.shop.demo.part import Emit, Part, dice
from maho_segments.shop.demo.people import make_people
from maho_segments.shop.demo.people_rows import write_customers
from maho_segments.shop.demo.refunds import make_refunds, write_refunds
from maho_segments.shop.demo.stores import ZONES, store_rows
from maho_segments.shop.demo.timeline import Timeline
from maho_segments.shop.demo.views import EVENT_TYPES, make_views, write_views
from maho_segments.shop.demo.visits import make_visits, write_cart_visits, write_visits
from maho_segments.shop.progress import ShopProgress, ShowProgress, show_nothing
from maho_segments.shop.replacement import RAW_SCHEMA, replacing_shop
from maho_segments.shop.tables import shop_tables

# Memory grows with this number, not with the shop.
CUSTOMERS_AT_ONCE: Final = 25_000


def generate_shop(
    connection: psycopg.Connection,
    *,
    customers: int,
    seed: int,
    now: datetime,
    schema: str = RAW_SCHEMA,
    progress: ShowProgress = show_nothing,
) -> dict[str, int]:
    """Replaces the shop in the raw schema by a generated one; gives the number of rows of each table.

    The same customers, seed and `now` give the same rows. Everything is dated before `now`, but for a handful
    of rows that a clock running ahead might write. Raises ShopError for a shop without customers, and what
    `replacing_shop` raises; the old shop is then as it was.
    """
    rows: Counter[str] = Counter()
    with replacing_shop(connection, schema=schema, progress=progress) as replacement:

        def emit(table: str, columns: Columns, count: int) -> None:
            chunks = chain([_header(columns)], csv_chunks(columns, count))
            rows[table] += replacement.copy(shop_tables()[table], list(columns), chunks)

        _generate(emit, customers, seed, now, progress)
    return dict(rows)


def write_csv(
    folder: Path, *, customers: int, seed: int, now: datetime, progress: ShowProgress = show_nothing
) -> dict[str, int]:
    """Writes the same shop as CSV files, one a table, and gives the number of rows of each.

    `segments load` reads them, and so does `dbt seed`. Files of an earlier shop are written over.
    """
    rows: Counter[str] = Counter()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}

        def emit(table: str, columns: Columns, count: int) -> None:
            if table not in files:
                files[table] = stack.enter_context((folder / f"{table}.csv").open("wb"))
                files[table].write(_header(columns))
            files[table].writelines(csv_chunks(columns, count))
            rows[table] += count

        _generate(emit, customers, seed, now, progress)
    return dict(rows)


def _generate(emit: Emit, customers: int, seed: int, now: datetime, progress: ShowProgress) -> None:
    if customers < 1:
        raise ShopError(f"A shop with {customers} customers can't be made.", "Ask for at least one.")
    timeline = Timeline(now, ZONES)
    catalog = make_catalog(dice(seed, 0, "catalog"), customers)
    for table, columns, count in _shop_columns(timeline, catalog, seed):
        emit(table, columns, count)
    numbers = Numbers()
    for place, first in enumerate(range(0, customers, CUSTOMERS_AT_ONCE)):
        count = min(CUSTOMERS_AT_ONCE, customers - first)
        people = make_people(
            dice(seed, place, "people"), timeline, customers=count, first_id=first + 1, planted=place == 0
        )
        _write_part(Part(seed, place, timeline, catalog, people, numbers, emit))
        progress(ShopProgress("demo shop", first + count, customers, "customers"))


def _write_part(part: Part) -> None:
    write_customers(part)
    orders = make_orders(
        part.dice("orders"), part.timeline, part.catalog, part.people, planted=part.is_planted
    )
    refunds = make_refunds(part, orders)
    ids_of_quotes = quote_ids(part, orders)
    ids_of_orders, ids_of_items = write_orders(part, orders, refunds, ids_of_quotes)
    write_refunds(part, orders, refunds, ids_of_orders, ids_of_items)
    write_order_carts(part, orders, ids_of_quotes)
    visits = make_visits(part)
    write_visits(part, visits)
    carts = make_open_carts(part, visits.store[: visits.anonymous], visits.last[: visits.anonymous])
    write_cart_visits(part, visits, carts, write_open_carts(part, carts))
    write_views(part, visits, make_views(part, visits))
    write_newsletter(part)
    write_wishlists(part)


def _shop_columns(timeline: Timeline, catalog: Catalog, seed: int) -> Iterator[tuple[str, Columns, int]]:
    events = [
        {"event_type_id": number, "event_name": name, "customer_login": 0} for number, name in EVENT_TYPES
    ]
    small = {**store_rows(), **attribute_rows(), **category_rows(timeline), "report_event_types": events}
    for table, rows in small.items():
        yield table, _columns(rows), len(rows)
    yield from product_columns(catalog, timeline, dice(seed, 0, "products"))


def _header(columns: Columns) -> bytes:
    return ",".join(columns).encode() + b"\n"


def _columns(rows: list[dict[str, Any]]) -> Columns:
    """Rows given one by one as columns."""
    found: dict[str, Value] = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        places = np.array([-1 if value is None else place for place, value in enumerate(values)])
        found[name] = Words(words(str(value) for value in values), places)
    return found
