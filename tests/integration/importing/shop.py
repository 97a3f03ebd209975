"""A small shop with everything in it that the module and the language could see differently."""

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

AS_OF = datetime(2026, 3, 15, 10, 30, tzinfo=UTC)
"""In UTC. In Los Angeles it is three in the morning of that day, in Tokyo half past seven in the evening."""

CUSTOMERS = 60
ATTRIBUTES = {
    "firstname": (1, "customer", "varchar"),
    "lastname": (2, "customer", "varchar"),
    "gender": (3, "customer", "int"),
    "dob": (4, "customer", "datetime"),
    "company": (11, "customer_address", "varchar"),
    "city": (12, "customer_address", "varchar"),
    "region": (13, "customer_address", "varchar"),
    "postcode": (14, "customer_address", "varchar"),
    "country_id": (15, "customer_address", "varchar"),
    "telephone": (16, "customer_address", "varchar"),
    "street": (17, "customer_address", "text"),
    "address_firstname": (18, "customer_address", "varchar"),
    "address_lastname": (19, "customer_address", "varchar"),
    "name": (21, "catalog_product", "varchar"),
    "price": (22, "catalog_product", "decimal"),
    "sku": (23, "catalog_product", "static"),
    "color": (24, "catalog_product", "int"),
    "category_name": (31, "catalog_category", "varchar"),
    "category_url_key": (32, "catalog_category", "varchar"),
}
"""Id, entity type and backend type by code; a prefix tells codes apart that two entities share."""

TEXTS = ["O'Brien", "o'brien", "100%", "100_percent", "Grüße", "a_b", "axb", "Smith Jones", "SMITH"]
STATES = ["new", "processing", "complete", "closed", "canceled", "holded", None]
PLACES = ["Berlin", "berlin", "New York", "Sao_Paulo", "100% Town"]

Rows = list[dict[str, Any]]


class _Maker:
    def __init__(self) -> None:
        self.random = random.Random(26)
        self.tables: dict[str, Rows] = {}

    def add(self, table: str, **row: Any) -> int:
        """Add a row; its number in the table."""
        rows = self.tables.setdefault(table, [])
        rows.append(row)
        return len(rows)

    def time(self, oldest: int = 60) -> str:
        """A moment of the last days, often at an edge of a day in some zone."""
        day = datetime(2026, 3, 14, tzinfo=UTC) - timedelta(days=self.random.randrange(oldest))
        clock = self.random.choice([0, 1, 6 * 3600 + 59 * 60, 7 * 3600, 8 * 3600, 15 * 3600, 86399])
        return f"{day + timedelta(seconds=clock):%Y-%m-%d %H:%M:%S}"

    def amount(self) -> float:
        return self.random.choice([0, 0, 0.01, 10, 49.99, 50, 50.01, 100, 250])

    def rarely_none(self, amount: float) -> float | None:
        """The amount, or now and then nothing, as in rows that something else than the shop wrote."""
        return None if self.random.random() < 0.08 else amount

    def maybe(self, values: list[Any]) -> Any:
        return self.random.choice([*values, None])


def write_shop(folder: Path) -> Path:
    """The shop as CSV files in that folder."""
    maker = _Maker()
    _places(maker)
    _catalog(maker)
    for customer_id in range(1, CUSTOMERS + 1):
        _customer(maker, customer_id)
        # Some have nothing at all.
        if customer_id % 6:
            _orders(maker, customer_id)
            _carts(maker, customer_id)
            _wishes(maker, customer_id)
    for table, rows in maker.tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _places(maker: _Maker) -> None:
    for website_id, code, zone in (
        (0, "admin", None),
        (1, "base", "America/Los_Angeles"),
        (2, "asia", "Asia/Tokyo"),
    ):
        maker.add(
            "core_website",
            website_id=website_id,
            code=code,
            name=code.title(),
            is_default=int(website_id == 1),
        )
        if zone:
            maker.add(
                "core_config_data",
                config_id=website_id,
                scope="websites",
                scope_id=website_id,
                path="general/locale/timezone",
                value=zone,
            )
    # The name of the third is the code of the second: only its own code means it.
    for store_id, code, website_id, name in (
        (0, "admin", 0, "Admin"),
        (1, "en", 1, "English"),
        (2, "de", 1, "German"),
        (3, "jp", 2, "de"),
    ):
        maker.add("core_store", store_id=store_id, code=code, website_id=website_id, name=name)
    for group_id, code in ((0, "NOT LOGGED IN"), (1, "General"), (2, "Wholesale"), (3, "VIP")):
        maker.add("customer_group", customer_group_id=group_id, customer_group_code=code)
    types = {
        name: number
        for number, name in enumerate(
            ("customer", "customer_address", "catalog_product", "catalog_category"), 1
        )
    }
    for name, number in types.items():
        maker.add("eav_entity_type", entity_type_id=number, entity_type_code=name)
    for code, (attribute_id, entity, backend) in ATTRIBUTES.items():
        real = code.removeprefix("address_").removeprefix("category_")
        maker.add(
            "eav_attribute",
            attribute_id=attribute_id,
            entity_type_id=types[entity],
            attribute_code=real,
            backend_type=backend,
        )
    for option_id, attribute_id, label in (
        (101, 3, "Male"),
        (102, 3, "Female"),
        # The label of the second is the id of the first, and two have the same.
        (50, 24, "Red"),
        (51, 24, "50"),
        (52, 24, "Blue"),
        (53, 24, "blue"),
    ):
        maker.add("eav_attribute_option", option_id=option_id, attribute_id=attribute_id)
        maker.add("eav_attribute_option_value", option_id=option_id, store_id=0, value=label)


def _catalog(maker: _Maker) -> None:
    for product_id in range(1, 9):
        kind = "simple" if product_id % 2 else "virtual"
        maker.add("catalog_product_entity", entity_id=product_id, sku=f"SKU-{product_id}", type_id=kind)
        if product_id % 5:
            color = 50 + product_id % 4
            maker.add(
                "catalog_product_entity_int", entity_id=product_id, attribute_id=24, store_id=0, value=color
            )
        if product_id != 8:
            maker.add(
                "catalog_product_entity_varchar",
                entity_id=product_id,
                attribute_id=21,
                store_id=0,
                value=TEXTS[product_id],
            )
            maker.add(
                "catalog_product_entity_decimal",
                entity_id=product_id,
                attribute_id=22,
                store_id=0,
                value=product_id * 10,
            )
    # 10 is above 11 and 12.
    for category_id, path, level in (
        (1, "1", 0),
        (2, "1/2", 1),
        (10, "1/2/10", 2),
        (11, "1/2/10/11", 3),
        (12, "1/2/10/12", 3),
    ):
        maker.add("catalog_category_entity", entity_id=category_id, parent_id=1, path=path, level=level)
        maker.add(
            "catalog_category_entity_varchar",
            entity_id=category_id,
            attribute_id=31,
            store_id=0,
            value=f"Category {category_id}",
        )
    # 12 can be found by the id of 13 only, which is why 13 can't be.
    maker.add("catalog_category_entity", entity_id=13, parent_id=1, path="1/2/13", level=2)
    maker.add("catalog_category_entity_varchar", entity_id=12, attribute_id=32, store_id=0, value="13")
    for product_id, category_id in ((1, 11), (2, 11), (2, 12), (3, 10), (4, 12)):
        maker.add("catalog_category_product", product_id=product_id, category_id=category_id)


def _customer(maker: _Maker, customer_id: int) -> None:
    chance = maker.random
    maker.add(
        "customer_entity",
        entity_id=customer_id,
        website_id=chance.choice([1, 1, 1, 2, 2, 0]),
        store_id=maker.maybe([1, 2, 3]),
        group_id=chance.choice([1, 2, 3, 77]),
        email=email(customer_id),
        is_active=int(customer_id % 10 != 0),
        created_at=maker.time(400),
    )
    for code, value in (("firstname", maker.maybe(TEXTS)), ("lastname", maker.maybe(TEXTS))):
        _value(maker, "customer_entity_varchar", customer_id, code, value)
    _value(maker, "customer_entity_int", customer_id, "gender", maker.maybe([101, 102]))
    births = [
        "1980-03-16 00:00:00",
        "1981-03-14 00:00:00",
        "1988-03-15 00:00:00",
        "1990-02-28 00:00:00",
        "2000-12-31 00:00:00",
    ]
    _value(maker, "customer_entity_datetime", customer_id, "dob", maker.maybe(births))
    for _ in range(chance.choice([0, 0, 1, 3])):
        address_id = maker.add(
            "customer_address_entity",
            entity_id=len(maker.tables.get("customer_address_entity", ())) + 1,
            parent_id=customer_id,
            created_at=maker.time(),
        )
        for code in (
            "company",
            "city",
            "region",
            "postcode",
            "country_id",
            "telephone",
            "address_firstname",
            "address_lastname",
        ):
            _value(
                maker, "customer_address_entity_varchar", address_id, code, maker.maybe(["DE", "us", *PLACES])
            )
        _value(
            maker,
            "customer_address_entity_text",
            address_id,
            "street",
            maker.maybe(["1 Main St\n2nd floor", "100% Ave", "Main_st"]),
        )
    for _ in range(chance.choice([0, 0, 1, 3])):
        maker.add(
            "log_customer",
            log_id=len(maker.tables.get("log_customer", ())) + 1,
            visitor_id=None,
            customer_id=customer_id,
            login_at=maker.maybe([maker.time(), maker.time(500)]),
        )
    for owner in (customer_id, 0):
        if chance.random() < 0.5:
            maker.add(
                "newsletter_subscriber",
                subscriber_id=len(maker.tables.get("newsletter_subscriber", ())) + 1,
                store_id=1,
                customer_id=owner,
                subscriber_email=email(customer_id),
                subscriber_status=chance.choice([1, 2, 3, 4]),
                change_status_at=maker.maybe([maker.time()]),
            )


def email(customer_id: int) -> str:
    """The address of an account, which its guest rows have too."""
    return f"c{customer_id}@{'shop' if customer_id % 2 else 'MAIL'}.example"


def _value(maker: _Maker, table: str, entity_id: int, code: str, value: Any) -> None:
    if value is not None:
        maker.add(table, entity_id=entity_id, attribute_id=ATTRIBUTES[code][0], value=value)


def _orders(maker: _Maker, customer_id: int) -> None:
    chance = maker.random
    for _ in range(chance.choice([0, 1, 1, 2, 4])):
        owner = customer_id if chance.random() < 0.8 else None
        amounts = {
            name: maker.rarely_none(maker.amount())
            for name in ("subtotal", "tax_amount", "shipping_amount", "grand_total")
        }
        amounts["discount_amount"] = -maker.amount()
        state = chance.choice(STATES)
        order_id = len(maker.tables.get("sales_flat_order", ())) + 1
        maker.add(
            "sales_flat_order",
            entity_id=order_id,
            customer_id=owner,
            customer_email=email(customer_id),
            customer_is_guest=int(owner is None),
            state=state,
            # The status is a merchant's own: it can say canceled where the state does not, and vice versa.
            status=chance.choice([state, state, "canceled", "my_status"]),
            store_id=maker.maybe([1, 2, 3]),
            created_at=maker.maybe([maker.time()] * 9),
            updated_at=maker.time(20),
            order_currency_code="USD",
            base_currency_code="USD",
            total_qty_ordered=maker.rarely_none(chance.choice([1, 2, 5])),
            shipping_method=maker.maybe(["flatrate_flatrate", "freeshipping_freeshipping"]),
            coupon_code=maker.maybe(["SUMMER", "summer", "SUM_ER", "10%"]),
            **amounts,
            **{f"base_{name}": amount for name, amount in amounts.items()},
        )
        maker.add(
            "sales_flat_order_payment",
            entity_id=order_id,
            parent_id=order_id,
            method=maker.maybe(["checkmo", "ccsave"]),
        )
        for _ in range(chance.choice([0, 1, 2])):
            row = {name: maker.amount() for name in ("row_total", "row_total_incl_tax", "discount_amount")}
            # 9 is a product that the shop has deleted.
            product_id = chance.randrange(1, 10)
            maker.add(
                "sales_flat_order_item",
                item_id=len(maker.tables.get("sales_flat_order_item", ())) + 1,
                order_id=order_id,
                product_id=product_id,
                sku=f"sku-{product_id}",
                name=maker.maybe(TEXTS),
                product_type=maker.maybe(["simple", "virtual"]),
                qty_ordered=chance.choice([1, 2, 3]),
                **row,
                **{f"base_{name}": amount for name, amount in row.items()},
            )
        if chance.random() < 0.4:
            amount = maker.rarely_none(maker.amount())
            maker.add(
                "sales_flat_creditmemo",
                entity_id=len(maker.tables.get("sales_flat_creditmemo", ())) + 1,
                order_id=order_id,
                state=2,
                grand_total=amount,
                base_grand_total=amount,
                created_at=maker.time(10),
            )


def _carts(maker: _Maker, customer_id: int) -> None:
    chance = maker.random
    for _ in range(chance.choice([0, 1, 2])):
        owner = chance.choice([customer_id, customer_id, customer_id, None])
        quote_id = len(maker.tables.get("sales_flat_quote", ())) + 1
        amounts = {name: maker.rarely_none(maker.amount()) for name in ("subtotal", "grand_total")}
        maker.add(
            "sales_flat_quote",
            entity_id=quote_id,
            customer_id=owner,
            customer_email=email(customer_id),
            is_active=chance.choice([0, 1, 1]),
            store_id=chance.choice([1, 2, 3]),
            items_count=maker.rarely_none(chance.choice([0, 1, 3])),
            items_qty=maker.rarely_none(chance.choice([0, 1, 5.5])),
            created_at=maker.time(),
            updated_at=maker.time(),
            quote_currency_code="USD",
            base_currency_code="USD",
            coupon_code=maker.maybe(["SUMMER", "10%"]),
            applied_rule_ids=maker.maybe(["3", "13,3", "17"]),
            **{f"base_{name}": amount for name, amount in amounts.items()},
            **amounts,
        )
        for _ in range(chance.choice([0, 1, 2])):
            price, total = maker.amount(), maker.amount()
            maker.add(
                "sales_flat_quote_item",
                item_id=len(maker.tables.get("sales_flat_quote_item", ())) + 1,
                quote_id=quote_id,
                product_id=chance.randrange(1, 9),
                qty=chance.choice([1, 2, 5]),
                price=price,
                base_price=price,
                row_total=total,
                base_row_total=total,
                created_at=maker.time(),
                updated_at=maker.time(),
            )


def _wishes(maker: _Maker, customer_id: int) -> None:
    chance = maker.random
    if chance.random() < 0.3:
        return
    maker.add("wishlist", wishlist_id=customer_id, customer_id=customer_id, shared=chance.choice([0, 1]))
    for _ in range(chance.choice([0, 1, 3])):
        maker.add(
            "wishlist_item",
            wishlist_item_id=len(maker.tables.get("wishlist_item", ())) + 1,
            wishlist_id=customer_id,
            product_id=chance.randrange(1, 9),
            added_at=maker.maybe([maker.time(), maker.time()]),
            qty=1,
        )
    for product_id in chance.sample(range(1, 9), chance.choice([0, 1, 3])):
        maker.add(
            "report_viewed_product_index",
            index_id=len(maker.tables.get("report_viewed_product_index", ())) + 1,
            customer_id=customer_id,
            product_id=product_id,
            added_at=maker.time(),
        )
