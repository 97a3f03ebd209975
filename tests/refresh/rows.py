"""Rows of a shop's tables, and writes to any of them."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from psycopg import Connection, sql

from maho_segments.shop.replacement import RAW_SCHEMA
from maho_segments.shop.tables import shop_tables
from tests.properties.base_shop import Row, Shop
from tests.properties.warehouse import insert_rows

Write = list[Any]
"""`["insert", table, row]`, `["update", table, key, columns]`, `["delete", table, key]` or
`["replace", table, rows]`."""

_MOMENTS = (-86400, -3600, -60, -1, 0, 0, 1, 60, 3600, 86400)
# Which table's rows belong to whose, by which column; the shop deletes them with it.
_CHILDREN = {
    "sales_flat_order": {
        "sales_flat_order_item": "order_id", "sales_flat_order_payment": "parent_id",
        "sales_flat_creditmemo": "order_id",
    },
    "sales_flat_quote": {"sales_flat_quote_item": "quote_id"},
    "wishlist": {"wishlist_item": "wishlist_id"},
    "customer_entity": {
        "customer_entity_varchar": "entity_id", "customer_entity_int": "entity_id",
        "customer_entity_datetime": "entity_id",
        "customer_address_entity": "parent_id", "wishlist": "customer_id",
    },
    "catalog_product_entity": {
        "catalog_product_entity_varchar": "entity_id", "catalog_category_product": "product_id",
    },
}  # fmt: skip
# Seldom written, and each time for everybody.
SETTINGS = frozenset(
    {
        "core_website", "core_store", "core_config_data", "customer_group", "eav_attribute",
        "eav_entity_type", "eav_attribute_option_value",
    }
)  # fmt: skip


class ShopRows:
    """Draws rows of a shop at an instant, and writes to them; values come from other shops."""

    def __init__(self, random: Random, shop: Shop, others: list[Shop], now: datetime) -> None:
        self.random, self.shop, self.others = random, shop, others
        self.now = now.astimezone(UTC).replace(tzinfo=None)

    # ---- any row -----------------------------------------------------------------------------------------

    def insert(self) -> list[Write]:
        """A row like one of another shop, with a key of its own or one that others point to."""
        table = self.table(self.drawn_tables())
        row = self.donor(table)
        return [["insert", table, {**row, **self.new_key(table, row)}]] if row else []

    def update(self) -> list[Write]:
        """Some columns of some row."""
        table = self.table([name for name in self.shop if name not in SETTINGS])
        return self.updated(table)

    def updated(self, table: str | None) -> list[Write]:
        """Some columns of a row of that table."""
        donor, row = self.donor(table) if table else None, self.row(table)
        if donor is None or row is None:
            return []
        key = shop_tables()[table or ""].key
        columns = [column for column in donor if column not in key]
        if not columns:
            return []
        some = self.random.sample(
            columns, self.random.choice([1, 1, 2, len(columns)]) if len(columns) > 1 else 1
        )
        return [["update", table, self.key(table or "", row), {column: donor[column] for column in some}]]

    def delete(self) -> list[Write]:
        """One row, and not what belongs to it."""
        table = self.table([name for name in self.shop if name not in SETTINGS])
        row = self.row(table)
        return [["delete", table, self.key(table or "", row)]] if row else []

    def delete_tree(self) -> list[Write]:
        """One row with what belongs to it."""
        table = self.random.choice(list(_CHILDREN))
        row = self.row(table)
        return self.tree(table, row) if row else []

    def tree(self, table: str, row: Row) -> list[Write]:
        """That row with what belongs to it."""
        number = row[shop_tables()[table].key[0]]
        writes: list[Write] = []
        for child, column in _CHILDREN.get(table, {}).items():
            for one in self.shop.get(child, ()):
                if one.get(column) == number:
                    writes += self.tree(child, one)
        return [*writes, ["delete", table, self.key(table, row)]]

    # ---- parts -------------------------------------------------------------------------------------------

    def drawn_tables(self) -> list[str]:
        """Those that other shops fill, settings apart."""
        return sorted({name for shop in self.others for name in shop} - SETTINGS)

    def table(self, names: list[str]) -> str | None:
        """One of the tables."""
        return self.random.choice(sorted(names)) if names else None

    def row(self, table: str | None) -> Row | None:
        """One of the table's rows."""
        rows = self.shop.get(table or "")
        return self.random.choice(rows) if rows else None

    def donor(self, table: str | None) -> Row | None:
        """A row of another shop, at times with times of just now."""
        rows = [row for shop in self.others for row in shop.get(table or "", ())]
        if not rows:
            return None
        row = dict(self.random.choice(rows))
        for column, value in row.items():
            if isinstance(value, datetime) and column != "value" and self.random.random() < 0.4:
                row[column] = self.moment()
        return row

    def key(self, table: str, row: Row) -> Row:
        """What the row is found by."""
        return {column: row[column] for column in shop_tables()[table].key}

    def new_key(self, table: str | None, row: Row) -> Row:
        """A key that no row of the table has, where the shop gives one."""
        key = shop_tables()[table or ""].key
        if len(key) > 1 or table == "log_quote":
            return {}
        taken = [one[key[0]] for one in self.shop.get(table or "", ())]
        # Rows that others point to although they are not there may come.
        missing = [number for number in range(1, 8) if number not in taken]
        number = (
            self.random.choice(missing) if missing and self.random.random() < 0.3 else max([*taken, 0]) + 1
        )
        return {key[0]: number}

    def ids(self, table: str) -> list[Any]:
        """The keys of the table's rows."""
        return [row[shop_tables()[table].key[0]] for row in self.shop.get(table, ())]

    def email(self) -> Any:
        """An address that the shop knows, a new one, or none."""
        emails = [
            row["customer_email"]
            for row in self.shop.get("sales_flat_order", ())
            if row.get("customer_email")
        ]
        emails += [row["email"] for row in self.shop.get("customer_entity", ()) if row.get("email")]
        return self.random.choice([*emails, "new@mail.example", None])

    def dressed(self, email: str) -> str:
        """The address as another form may spell it."""
        return self.random.choice([email, email, email.upper(), f" {email}"])

    def moment(self) -> datetime:
        """About now."""
        return self.now.replace(microsecond=0) + timedelta(seconds=self.random.choice(_MOMENTS))


def apply_writes(connection: Connection, writes: list[Write]) -> None:
    """Make those writes, in the transaction of the connection. Raises psycopg's errors."""
    for kind, table, *rest in writes:
        name = sql.Identifier(RAW_SCHEMA, table)
        if kind == "insert":
            insert_rows(connection, {table: [rest[0]]})
        elif kind == "replace":
            connection.execute(sql.SQL("truncate {}").format(name))
            insert_rows(connection, {table: rest[0]})
        elif kind == "delete":
            connection.execute(
                sql.SQL("delete from {} where {}").format(name, _holds(rest[0])), [*rest[0].values()]
            )
        else:
            key, changes = rest
            columns = sql.SQL(", ").join(
                sql.SQL("{} = %s").format(sql.Identifier(column)) for column in changes
            )
            statement = sql.SQL("update {} set {} where {}").format(name, columns, _holds(key))
            connection.execute(statement, [*changes.values(), *key.values()])


def _holds(key: Row) -> sql.Composed:
    return sql.SQL(" and ").join(sql.SQL("{} = %s").format(sql.Identifier(column)) for column in key)
