"""The segments in the shape of SQL that the shop's own segment module makes: one INSERT ... SELECT each, one IN-subquery per condition.

Written from what its definitions mean; its PHP, which runs these one after the other, is not counted. The module knows nothing of guests
and visitors, who are customers to the others here. So that all have the same members, copies of its tables are made first in which the
rows of guests and visitors have the customer's id: `prepare` is not counted either. The copies have all columns of their tables, because
the width of the rows is part of what reading them costs.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from benchmarks.conditions import ThriceWritten
from benchmarks.hand_written import PREPARATION, SOURCES

SCHEMA = "parent_shape"
MEMBERS = f"{SCHEMA}.members"
# Copy, table, its key, and the columns that the copy has beyond the table's.
_COPIES = (
    ("orders", "sales_flat_order", "entity_id", "time_zone, today"),
    ("carts", "sales_flat_quote", "entity_id", ""),
    ("newsletter", "newsletter_subscriber", "subscriber_id", ""),
)


def prepare(connection: psycopg.Connection, as_of: str) -> None:
    """Make the module's tables with everybody's rows under the customer's id, as of that instant in UTC, and an empty one of members."""
    cursor = psycopg.ClientCursor(connection)
    for statement in _preparation(connection):
        cursor.execute(statement.encode(), {"as_of": as_of})


def statements(segments: list[ThriceWritten]) -> Iterator[str]:
    """One statement per segment, which adds its members under its number, from 1; parameter `as_of` in UTC without a zone."""
    for number, segment in enumerate(segments, start=1):
        yield (
            f"insert into {MEMBERS} (segment_id, customer_id)\n"
            f"select {number}, customers.entity_id\nfrom {SCHEMA}.customers\n"
            f"where customers.is_active = 1 and ({segment.condition})"
        )


def _preparation(connection: psycopg.Connection) -> Iterator[str]:
    yield f"drop schema if exists {SCHEMA} cascade"
    yield f"create schema {SCHEMA}"
    yield f"create table {MEMBERS} (segment_id integer not null, customer_id bigint not null)"
    yield _table(
        "customers",
        "resolved as (select * from customers)",
        "select entities.*, resolved.time_zone, resolved.today"
        " from maho.customer_entity as entities inner join resolved on resolved.customer_id = entities.entity_id",
    )
    yield f"alter table {SCHEMA}.customers add primary key (entity_id)"
    yield _table(
        "product_categories", "resolved as (select * from product_categories)", "select * from resolved"
    )
    yield _table(
        "views",
        "resolved as (select customer_id, product_id, viewed_at from views where viewed_at < %(as_of)s::timestamp)",
        "select * from resolved where customer_id is not null",
    )
    yield f"create index on {SCHEMA}.views (customer_id)"
    for name, table, key, others in _COPIES:
        columns = ", ".join(
            f"raw.{column}" for column in _columns(connection, table) if column != "customer_id"
        )
        extra = "".join(f", customers.{column}" for column in others.split(", ") if column)
        yield _table(
            name,
            f"resolved as ({SOURCES[name]})",
            f"select {columns}, resolved.customer_id{extra} from maho.{table} as raw"
            f" inner join resolved using ({key}) inner join customers on customers.customer_id = resolved.customer_id",
        )
        yield f"alter table {SCHEMA}.{name} add primary key ({key})"
        yield f"create index on {SCHEMA}.{name} (customer_id)"
    for name in ("customers", "product_categories", "views", "orders", "carts", "newsletter"):
        yield f"analyze {SCHEMA}.{name}"


def _table(name: str, resolved: str, query: str) -> str:
    return f"create table {SCHEMA}.{name} as\n{PREPARATION}{resolved}\n{query}"


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    rows = connection.execute(
        "select column_name from information_schema.columns where table_schema = 'maho' and table_name = %s"
        " order by ordinal_position",
        [table],
    )
    return [str(name) for (name,) in rows]
