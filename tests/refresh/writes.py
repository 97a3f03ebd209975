"""What a shop does to its tables, one transaction at a time, drawn for the rows that it has just now.

Values come from other drawn shops, so they are as awkward as those. What is written is plain data: a list of
`["insert", table, row]`, `["update", table, key, columns]`, `["delete", table, key]` and
`["replace", table, rows]`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from psycopg import Connection, sql

from maho_segments.shop.replacement import RAW_SCHEMA
from maho_segments.shop.tables import shop_tables
from tests.properties.base_shop import Row, Shop
from tests.properties.warehouse import insert_rows

Write = list[Any]

_MOMENTS = (-86400, -3600, -60, -1, 0, 0, 1, 60, 3600, 86400)
_PEOPLE = ("sales_flat_order", "sales_flat_quote", "newsletter_subscriber")
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
_SETTINGS = frozenset(
    {
        "core_website", "core_store", "core_config_data", "customer_group", "eav_attribute",
        "eav_entity_type", "eav_attribute_option_value",
    }
)  # fmt: skip


class ShopLife:
    """Draws what happens next in a shop, at an instant."""

    def __init__(
        self, random: Random, shop: Shop, others: list[Shop], now: datetime, *, can_replace: bool = True
    ) -> None:
        self.can_replace = can_replace
        self.random, self.shop, self.others = random, shop, others
        self.now = now.astimezone(UTC).replace(tzinfo=None)

    def transaction(self) -> list[Write]:
        """What one transaction of the shop writes; nothing where there is nobody to write about."""
        events: list[Callable[[], list[Write]]] = [
            self._insert, self._insert, self._update, self._update, self._update, self._delete,
            self._delete_tree, self._register, self._order_moves, self._order_moves,
            self._new_address, self._visitor_logs_in,
            self._erase, self._merge_carts, self._swap_attribute,
        ]  # fmt: skip
        if self.random.random() < 0.06:
            events = [self._setting]
        elif self.can_replace and self.random.random() < 0.04:
            events = [self._bulk_load]
        return [
            write
            for _ in range(self.random.choice([1, 1, 1, 2, 3]))
            for write in self.random.choice(events)()
        ]

    # ---- any row -----------------------------------------------------------------------------------------

    def _insert(self) -> list[Write]:
        table = self._table(self._drawn_tables())
        row = self._donor(table)
        return [["insert", table, {**row, **self._new_key(table, row)}]] if row else []

    def _update(self) -> list[Write]:
        table = self._table([name for name in self.shop if name not in _SETTINGS])
        return self._updated(table)

    def _updated(self, table: str | None) -> list[Write]:
        donor, row = self._donor(table) if table else None, self._row(table)
        if donor is None or row is None:
            return []
        key = shop_tables()[table or ""].key
        columns = [column for column in donor if column not in key]
        if not columns:
            return []
        some = self.random.sample(
            columns, self.random.choice([1, 1, 2, len(columns)]) if len(columns) > 1 else 1
        )
        return [["update", table, self._key(table or "", row), {column: donor[column] for column in some}]]

    def _delete(self) -> list[Write]:
        table = self._table([name for name in self.shop if name not in _SETTINGS])
        row = self._row(table)
        return [["delete", table, self._key(table or "", row)]] if row else []

    def _delete_tree(self) -> list[Write]:
        table = self.random.choice(list(_CHILDREN))
        row = self._row(table)
        return self._tree(table, row) if row else []

    def _tree(self, table: str, row: Row) -> list[Write]:
        number = row[shop_tables()[table].key[0]]
        writes: list[Write] = []
        for child, column in _CHILDREN.get(table, {}).items():
            for one in self.shop.get(child, ()):
                if one.get(column) == number:
                    writes += self._tree(child, one)
        return [*writes, ["delete", table, self._key(table, row)]]

    # ---- people ------------------------------------------------------------------------------------------

    def _register(self) -> list[Write]:
        """A guest makes an account, which claims the orders or does not."""
        trace = self._row(self.random.choice(["sales_flat_order", "sales_flat_quote"]))
        donor = self._donor("customer_entity")
        if not trace or not donor or not trace.get("customer_email"):
            return []
        website = next(
            (
                store["website_id"]
                for store in self.shop["core_store"]
                if store["store_id"] == trace.get("store_id")
            ),
            1,
        )
        account = {**donor, **self._new_key("customer_entity", donor), "website_id": website}
        account |= {"email": self._dressed(trace["customer_email"]), "created_at": self._moment()}
        writes: list[Write] = [["insert", "customer_entity", account]]
        if self.random.random() < 0.5:
            writes += [
                [
                    "update",
                    "sales_flat_order",
                    self._key("sales_flat_order", order),
                    {"customer_id": account["entity_id"]},
                ]
                for order in self.shop.get("sales_flat_order", ())
                if order.get("customer_email") == trace["customer_email"]
            ]
        return writes

    def _order_moves(self) -> list[Write]:
        """An order, cart or subscription changes hands: to an account, to nobody, to another address."""
        table = self.random.choice(_PEOPLE)
        row = self._row(table)
        if not row:
            return []
        email = "subscriber_email" if table == "newsletter_subscriber" else "customer_email"
        owner = self.random.choice([None, 0, *self._ids("customer_entity"), *self._ids("customer_entity")])
        changes: Row = {"customer_id": owner}
        if self.random.random() < 0.3:
            changes[email] = self._email()
        if self.random.random() < 0.1:
            changes = {"store_id": self.random.choice([*self._ids("core_store"), None])}
        return [["update", table, self._key(table, row), changes]]

    def _new_address(self) -> list[Write]:
        row = self._row("customer_entity")
        if not row:
            return []
        changes: Row = {"email": self._dressed(self._email() or "new@mail.example")}
        if self.random.random() < 0.3:
            changes = {"website_id": self.random.choice(self._ids("core_website")), **changes}
        return [["update", "customer_entity", self._key("customer_entity", row), changes]]

    def _visitor_logs_in(self) -> list[Write]:
        visitor = self.random.choice([*self._ids("log_visitor"), 1, 2, 3, 4, 5])
        customer = self.random.choice([*self._ids("customer_entity"), 99])
        login = {"visitor_id": visitor, "customer_id": customer, "login_at": self._moment()}
        writes: list[Write] = [["insert", "log_customer", {**login, **self._new_key("log_customer", login)}]]
        if self.random.random() < 0.5:
            writes += [
                [
                    "update", "report_viewed_product_index", self._key("report_viewed_product_index", row),
                    {"customer_id": customer},
                ]
                for row in self.shop.get("report_viewed_product_index", ())
                if row.get("visitor_id") == visitor
            ]  # fmt: skip
        return writes

    def _merge_carts(self) -> list[Write]:
        """A cart becomes a visitor's, or another visitor's."""
        cart, link = self._row("sales_flat_quote"), self._row("log_quote")
        if link and self.random.random() < 0.6:
            return [
                [
                    "update",
                    "log_quote",
                    self._key("log_quote", link),
                    {"visitor_id": self.random.randint(1, 6)},
                ]
            ]
        if not cart:
            return []
        row = {"quote_id": cart["entity_id"], "visitor_id": self.random.randint(1, 6)}
        return [["insert", "log_quote", row]]

    def _erase(self) -> list[Write]:
        """The shop forgets somebody: the account goes, orders stay without it."""
        row = self._row("customer_entity")
        if not row:
            return []
        number = row["entity_id"]
        writes = self._tree("customer_entity", row)
        for table in _PEOPLE:
            for one in self.shop.get(table, ()):
                if one.get("customer_id") == number:
                    kept = self.random.random() < 0.5
                    key = self._key(table, one)
                    writes.append(
                        ["update", table, key, {"customer_id": None}] if kept else ["delete", table, key]
                    )
        return writes

    def _swap_attribute(self) -> list[Write]:
        """EAV values of an entity change without a trace in its own row."""
        tables = [
            name
            for name in self.shop
            if name.endswith(("_varchar", "_int", "_datetime", "_text", "_decimal"))
        ]
        return self._updated(self._table(tables))

    # ---- everybody ---------------------------------------------------------------------------------------

    def _setting(self) -> list[Write]:
        zones = [
            "Europe/Berlin",
            "America/New_York",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "nowhere",
            "0",
            "1",
        ]
        row = self._row(self.random.choice(sorted(_SETTINGS & self.shop.keys())))
        for table in sorted(_SETTINGS):
            if row in self.shop.get(table, ()):
                key = self._key(table, row or {})
                changes: dict[str, Row] = {
                    "core_config_data": {"value": self.random.choice(zones)},
                    "customer_group": {
                        "customer_group_code": self.random.choice(["General", "Retail", "Ümlaut"])
                    },
                    "eav_attribute_option_value": {"value": self.random.choice(["Male", "Female", "Other"])},
                    "core_website": {"name": self.random.choice(["Main", "Second", "a"])},
                    "core_store": {"name": self.random.choice(["Main", "Second", "a"])},
                }
                # Attributes keep their codes: without them there are no columns to ask for.
                return [["update", table, key, changes[table]]] if table in changes else []
        return []

    def _bulk_load(self) -> list[Write]:
        tables = [name for name in self._drawn_tables() if self.random.random() < 0.3]
        writes: list[Write] = []
        other = self.random.choice(self.others)
        for table in tables:
            rows = other.get(table, [])
            key = shop_tables()[table].key
            numbered = [
                row if set(key) <= row.keys() else {key[0]: number, **row}
                for number, row in enumerate(rows, 1)
            ]
            writes.append(["replace", table, numbered])
        return writes

    # ---- parts -------------------------------------------------------------------------------------------

    def _drawn_tables(self) -> list[str]:
        return sorted({name for shop in self.others for name in shop} - _SETTINGS)

    def _table(self, names: list[str]) -> str | None:
        return self.random.choice(sorted(names)) if names else None

    def _row(self, table: str | None) -> Row | None:
        rows = self.shop.get(table or "")
        return self.random.choice(rows) if rows else None

    def _donor(self, table: str | None) -> Row | None:
        rows = [row for shop in self.others for row in shop.get(table or "", ())]
        if not rows:
            return None
        row = dict(self.random.choice(rows))
        for column, value in row.items():
            if isinstance(value, datetime) and column != "value" and self.random.random() < 0.4:
                row[column] = self._moment()
        return row

    def _key(self, table: str, row: Row) -> Row:
        return {column: row[column] for column in shop_tables()[table].key}

    def _new_key(self, table: str | None, row: Row) -> Row:
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

    def _ids(self, table: str) -> list[Any]:
        return [row[shop_tables()[table].key[0]] for row in self.shop.get(table, ())]

    def _email(self) -> Any:
        emails = [
            row["customer_email"]
            for row in self.shop.get("sales_flat_order", ())
            if row.get("customer_email")
        ]
        emails += [row["email"] for row in self.shop.get("customer_entity", ()) if row.get("email")]
        return self.random.choice([*emails, "new@mail.example", None])

    def _dressed(self, email: str) -> str:
        return self.random.choice([email, email, email.upper(), f" {email}"])

    def _moment(self) -> datetime:
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
