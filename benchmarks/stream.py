"""A steady stream of changes in the shop, each of which puts one customer into a segment made for it or takes it out; and who reads it there."""

from __future__ import annotations

import math
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any, Literal, NamedTuple

import psycopg

from maho_segments.warehouse import ConnectionSettings, connect

# Comes back to the same customer after a minute, at fifty changes a second.
_CUSTOMERS_OF_A_KIND = 1000
_LOOK_SECONDS = 0.02
_STOP_SECONDS = 30.0

SEGMENTS = """
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
KINDS = tuple(_WRITES)

# Whose account is closed is in no audience.
_SUBJECTS = {
    "latency_orders": "select entity_id from maho.customer_entity where is_active = 1 order by entity_id limit %(count)s",
    "latency_carts": """
        select distinct customer_id from maho.sales_flat_quote
        inner join maho.customer_entity on customer_id = customer_entity.entity_id
        where customer_entity.is_active = 1
        order by customer_id limit %(count)s
    """,
    "latency_names": "select entity_id from maho.customer_entity where is_active = 1 order by entity_id desc limit %(count)s",
}

# Whom a former measure left inside.
_RESET = (
    "update maho.sales_flat_order set coupon_code = null where coupon_code = 'latency'",
    "update maho.sales_flat_quote set coupon_code = null where coupon_code = 'latency'",
    "update maho.customer_entity_varchar set value = 'Somebody' where value = 'Latency'",
)

_SEEN = """
    select changes.change_id, segments.segment_name, profiles.customer_id, changes.change, changes.run_id
    from segments.segment_membership_changes as changes
    inner join segments.segments as segments using (segment_id)
    inner join segments.profiles as profiles using (profile_id)
    where changes.change_id > %(after)s and starts_with(segments.segment_name, 'latency_')
    order by changes.change_id
"""

Move = Literal["entered", "left"]


class Commit(NamedTuple):
    """A change in the shop that moves a customer, and when it was committed."""

    segment: str
    customer: int
    move: Move
    at: float


class Appearance(NamedTuple):
    """A move as others saw it first, when, and the refresh that published it."""

    segment: str
    customer: int
    move: Move
    at: float
    run_id: int


@dataclass
class Told:
    """What the two processes of a stream told until now."""

    commits: list[Commit] = field(default_factory=list)
    appearances: list[Appearance] = field(default_factory=list)

    def is_up_to_date(self) -> bool:
        """Whether each customer was seen last where the last change put them."""
        put = {(one.segment, one.customer): one.move for one in self.commits}
        seen = {(one.segment, one.customer): one.move for one in self.appearances}
        return all(seen.get(key, "left") == move for key, move in put.items())


def reset(settings: ConnectionSettings) -> None:
    """Have nobody in the segments of the stream, from the next refresh on."""
    with connect(settings, autocommit=True) as connection:
        for statement in _RESET:
            connection.execute(statement.encode())


def stream(settings: ConnectionSettings, changes: float, seconds: float, *, patience: float) -> Told:
    """Write so many changes a second for so many seconds; what was told until all of it could be seen, or patience was at its end.

    Raises SystemExit where one of the processes fails.
    """
    context = multiprocessing.get_context("spawn")
    written: Queue[Commit] = context.Queue()
    seen: Queue[Appearance] = context.Queue()
    ended = context.Event()
    told = Told()
    with connect(settings) as connection:
        ((after,),) = _rows(
            connection, "select coalesce(max(change_id), 0) from segments.segment_membership_changes"
        )
    reader = context.Process(target=_read, args=(settings, after, seen, ended))
    writer = context.Process(target=_write, args=(settings, changes, seconds, written))

    def listen(condition: Callable[[], bool], until: float) -> None:
        # A process does not end before what it told is fetched.
        goes_on = True
        while goes_on:
            goes_on = condition() and time.monotonic() < until
            _take_all(written, told.commits)
            _take_all(seen, told.appearances)
            time.sleep(0.2 if goes_on else 0)

    reader.start()
    writer.start()
    try:
        listen(writer.is_alive, math.inf)
        listen(lambda: reader.is_alive() and not told.is_up_to_date(), time.monotonic() + patience)
        ended.set()
        listen(reader.is_alive, time.monotonic() + _STOP_SECONDS)
    finally:
        for process in (reader, writer):
            process.terminate()
            process.join()
    if writer.exitcode or reader.exitcode:
        raise SystemExit(
            f"The process that writes ended with {writer.exitcode}, the one that reads with {reader.exitcode}."
        )
    return told


def _write(settings: ConnectionSettings, changes: float, seconds: float, written: Queue[Commit]) -> None:
    """Write at an even pace, and tell each change with the time of its commit."""
    with connect(settings, autocommit=True, application_name="shop") as connection:
        subjects = {
            segment: [row[0] for row in _rows(connection, query, count=_CUSTOMERS_OF_A_KIND)]
            for segment, query in _SUBJECTS.items()
        }
        began = time.monotonic()
        for number in range(int(changes * seconds)):
            time.sleep(max(0.0, began + number / changes - time.monotonic()))
            segment = KINDS[number % len(KINDS)]
            turn, place = divmod(number // len(KINDS), len(subjects[segment]))
            customer = subjects[segment][place]
            _rows(connection, _WRITES[segment][turn % 2], id=customer)
            written.put(Commit(segment, customer, "left" if turn % 2 else "entered", time.time()))


def _read(settings: ConnectionSettings, after: int, seen: Queue[Appearance], ended: Event) -> None:
    """Tell each entry and exit behind that one, with the time at which it could be seen."""
    with connect(settings, autocommit=True, application_name="reader") as connection:
        while not ended.wait(_LOOK_SECONDS):
            rows = _rows(connection, _SEEN, after=after)
            now = time.time()
            for change_id, segment, customer, move, run_id in rows:
                seen.put(Appearance(segment, customer, move, now, run_id))
                after = change_id


def _rows(connection: psycopg.Connection, query: str, **values: object) -> list[tuple[Any, ...]]:
    cursor = connection.execute(query.encode(), values)
    return cursor.fetchall() if cursor.description else []


def _take_all(told: Queue[Any], found: list[Any]) -> None:
    while not told.empty():
        found.append(told.get())
