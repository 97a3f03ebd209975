"""What a shop does to its tables, one transaction at a time, drawn for the rows that it has just now."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from maho_segments.shop.tables import shop_tables
from tests.properties.base_shop import Row, Shop
from tests.refresh.rows import SETTINGS, ShopRows, Write

_PEOPLE = ("sales_flat_order", "sales_flat_quote", "newsletter_subscriber")


class ShopLife(ShopRows):
    """Draws what happens next in a shop, at an instant."""

    def __init__(
        self,
        random: Random,
        shop: Shop,
        others: list[Shop],
        now: datetime,
        *,
        everybody: float = 0.06,
        can_replace: bool = True,
    ) -> None:
        """`everybody` is the share of transactions with settings or, if `can_replace`, whole tables."""
        super().__init__(random, shop, others, now)
        self.everybody, self.can_replace = everybody, can_replace

    def transaction(self) -> list[Write]:
        """What one transaction of the shop writes; nothing where there is nobody to write about."""
        events: list[Callable[[], list[Write]]] = [
            self.insert, self.insert, self.update, self.update, self.update, self.delete,
            self.delete_tree, self._register, self._order_moves, self._order_moves,
            self._new_address, self._visitor_logs_in,
            self._erase_anybody, self._merge_carts, self._swap_attribute,
        ]  # fmt: skip
        if self.random.random() < self.everybody:
            events = [self._bulk_load] if self.can_replace and self.random.random() < 0.3 else [self._setting]
        return [
            write
            for _ in range(self.random.choice([1, 1, 1, 2, 3]))
            for write in self.random.choice(events)()
        ]

    # ---- people ------------------------------------------------------------------------------------------

    def _register(self) -> list[Write]:
        """A guest makes an account, which claims the orders or does not."""
        trace = self.row(self.random.choice(["sales_flat_order", "sales_flat_quote"]))
        donor = self.donor("customer_entity")
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
        account = {**donor, **self.new_key("customer_entity", donor), "website_id": website}
        account |= {"email": self.dressed(trace["customer_email"]), "created_at": self.moment()}
        writes: list[Write] = [["insert", "customer_entity", account]]
        if self.random.random() < 0.5:
            writes += [
                [
                    "update",
                    "sales_flat_order",
                    self.key("sales_flat_order", order),
                    {"customer_id": account["entity_id"]},
                ]
                for order in self.shop.get("sales_flat_order", ())
                if order.get("customer_email") == trace["customer_email"]
            ]
        return writes

    def _order_moves(self) -> list[Write]:
        """An order, cart or subscription changes hands: to an account, to nobody, to another address."""
        table = self.random.choice(_PEOPLE)
        row = self.row(table)
        if not row:
            return []
        email = "subscriber_email" if table == "newsletter_subscriber" else "customer_email"
        # The shop has a foreign key for orders, which are nobody's without a number.
        nobody = [None, None if table == "sales_flat_order" else 0]
        owner = self.random.choice([*nobody, *self.ids("customer_entity"), *self.ids("customer_entity")])
        changes: Row = {"customer_id": owner}
        if self.random.random() < 0.3:
            changes[email] = self.email()
        if self.random.random() < 0.1:
            changes = {"store_id": self.random.choice([*self.ids("core_store"), None])}
        return [["update", table, self.key(table, row), changes]]

    def _new_address(self) -> list[Write]:
        row = self.row("customer_entity")
        if not row:
            return []
        changes: Row = {"email": self.dressed(self.email() or "new@mail.example")}
        if self.random.random() < 0.3:
            changes = {"website_id": self.random.choice(self.ids("core_website")), **changes}
        return [["update", "customer_entity", self.key("customer_entity", row), changes]]

    def _visitor_logs_in(self) -> list[Write]:
        visitor = self.random.choice([*self.ids("log_visitor"), 1, 2, 3, 4, 5])
        customer = self.random.choice([*self.ids("customer_entity"), 99])
        login = {"visitor_id": visitor, "customer_id": customer, "login_at": self.moment()}
        writes: list[Write] = [["insert", "log_customer", {**login, **self.new_key("log_customer", login)}]]
        if self.random.random() < 0.5:
            writes += [
                [
                    "update", "report_viewed_product_index", self.key("report_viewed_product_index", row),
                    {"customer_id": customer},
                ]
                for row in self.shop.get("report_viewed_product_index", ())
                if row.get("visitor_id") == visitor
            ]  # fmt: skip
        return writes

    def _merge_carts(self) -> list[Write]:
        """A cart becomes a visitor's, or another visitor's."""
        cart, link = self.row("sales_flat_quote"), self.row("log_quote")
        if link and self.random.random() < 0.6:
            return [
                [
                    "update",
                    "log_quote",
                    self.key("log_quote", link),
                    {"visitor_id": self.random.randint(1, 6)},
                ]
            ]
        if not cart:
            return []
        row = {"quote_id": cart["entity_id"], "visitor_id": self.random.randint(1, 6)}
        return [["insert", "log_quote", row]]

    def _erase_anybody(self) -> list[Write]:
        row = self.row("customer_entity")
        return self.erase(row) if row else []

    def erase(self, row: Row) -> list[Write]:
        """The shop forgets somebody, by the row of the account, which goes; orders may stay without it."""
        number = row["entity_id"]
        writes = self.tree("customer_entity", row)
        for table in _PEOPLE:
            for one in self.shop.get(table, ()):
                if one.get("customer_id") == number:
                    kept = self.random.random() < 0.5
                    key = self.key(table, one)
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
        return self.updated(self.table(tables))

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
        row = self.row(self.random.choice(sorted(SETTINGS & self.shop.keys())))
        for table in sorted(SETTINGS):
            if row in self.shop.get(table, ()):
                key = self.key(table, row or {})
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
        tables = [name for name in self.drawn_tables() if self.random.random() < 0.3]
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
