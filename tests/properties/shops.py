"""Shops: small and awkward raw tables of Maho, drawn by Hypothesis."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.properties.base_shop import BASE_SHOP, Case, Shop
from tests.properties.choices import one_of
from tests.properties.drawn_tables import Draw, Tables
from tests.properties.moments import (
    INSTANTS,
    ZONES,
    birthdays_around,
    days_around,
    maybe,
    moments_around,
    telling_moments,
    texts,
)
from tests.properties.raw_values import (
    PRODUCT_TYPES,
    STATES,
    amounts,
    coupons,
    emails,
    flags,
    option_lists,
    options,
    quantities,
    rule_lists,
)


@st.composite
def cases(draw: Draw, guest_orders: str = "join", as_of: datetime | None = None) -> Case:
    """A shop at an instant: the one given, or a drawn one."""
    as_of = as_of or draw(st.sampled_from(INSTANTS))
    websites = draw(st.integers(1, 3))
    zones = tuple(draw(st.lists(st.sampled_from(ZONES), min_size=websites, max_size=websites)))
    around = st.lists(st.sampled_from(moments_around(as_of, zones)), min_size=4, max_size=9, unique=True)
    telling = st.lists(st.sampled_from(telling_moments(as_of, zones)), max_size=3)
    # What has been there from the beginning was there before the instant.
    moments = sorted({as_of - timedelta(days=801), as_of, *draw(around), *draw(telling)})
    shop: Shop = {name: [dict(row) for row in rows] for name, rows in BASE_SHOP.items()}
    _Drawing(draw, as_of, zones, moments, shop).everything()
    return Case(as_of, {name: rows for name, rows in shop.items() if rows}, guest_orders, moments)


class _Drawing(Tables):
    """Draws a shop table by table; ids are numbers from 1, and some point to nothing."""

    def __init__(
        self, draw: Draw, as_of: datetime, zones: tuple[str, ...], moments: list[datetime], shop: Shop
    ) -> None:
        super().__init__(draw, shop)
        self.zones = zones
        self.times = maybe(st.sampled_from([moment.replace(tzinfo=None) for moment in moments]), one_in=10)
        # Who does not exist yet tells nothing: most have been there from the beginning.
        self.early = one_of(*[st.just(moments[0].replace(tzinfo=None))] * 3, self.times)
        days = [*days_around(as_of, zones[0]), *birthdays_around(as_of, zones[0]) * 2]
        self.birthdays = st.sampled_from([datetime.combine(day, time()) for day in days])

    def everything(self) -> None:
        """All tables."""
        self._websites()
        self._catalog()
        self._customers()
        self._addresses()
        self._orders()
        self._carts()
        self._visits()
        self._wishes_and_letters()

    def _websites(self) -> None:
        for number, zone in enumerate(self.zones, 1):
            names = {"website_id": number, "code": f"site{number}", "name": self.draw(maybe(texts))}
            self.shop["core_website"].append(
                {**names, "is_default": self.draw(st.sampled_from([0, 1, None]))}
            )
            self.shop["core_store"].append(
                {
                    "store_id": number,
                    "code": f"store{number}",
                    "website_id": number,
                    "name": f"Store {number}",
                }
            )
            setting = {"scope": "websites", "scope_id": number, "path": "general/locale/timezone"}
            self.shop.setdefault("core_config_data", []).append({**setting, "value": zone})
        if self.draw(st.booleans()):
            first = {"store_id": 9, "code": "second", "website_id": 1, "name": self.draw(maybe(texts))}
            self.shop["core_store"].append(first)
        if self.draw(st.booleans()):
            self.shop["core_config_data"].append(
                {
                    "scope": "default",
                    "scope_id": 0,
                    "path": "general/locale/timezone",
                    "value": "Asia/Kolkata",
                }
            )
        sharing = self.draw(st.sampled_from(["0", "1", None]))
        if sharing:
            self.shop["core_config_data"].append(
                {"scope": "default", "scope_id": 0, "path": "customer/account_share/scope", "value": sharing}
            )
        self.websites = st.sampled_from([*range(1, len(self.zones) + 1)])
        stores = st.sampled_from([row["store_id"] for row in self.shop["core_store"]])
        # The shop's foreign keys leave none where a store view was deleted, but of visitors the old number.
        self.stores = maybe(stores, one_in=10)
        self.stores_of_carts = stores
        self.stores_of_visitors = one_of(stores, stores, st.just(99))

    def _catalog(self) -> None:
        parents = ["1/2"]
        for number in range(3, 3 + self.draw(st.integers(0, 4))):
            parent = self.draw(st.sampled_from(parents))
            path = f"{parent}/{number}"
            row = {"entity_id": number, "parent_id": int(parent.rpartition("/")[2]), "path": path}
            self.shop["catalog_category_entity"].append({**row, "level": path.count("/")})
            parents.append(path)
        categories = [row["entity_id"] for row in self.shop["catalog_category_entity"]]
        keys = maybe(st.sampled_from(["shoes", "Shoes", "clothing", "a/b", "ÄPFEL", "12", ""]), one_in=6)
        self.values("catalog_category", "varchar", categories, url_key=keys)
        skus = st.sampled_from(["MEMCARD-1", "memcard-2", "CAM%1", "CAM_1", "CAMX1", "", "ß-1"])
        self.rows("catalog_product_entity", "entity_id", 6, sku=skus, type_id=st.sampled_from(PRODUCT_TYPES))
        products = [row["entity_id"] for row in self.shop["catalog_product_entity"]]
        self.values("catalog_product", "varchar", products, name=maybe(texts))
        self.values("catalog_product", "decimal", products, price=amounts)
        self.values("catalog_product", "int", products, color=options, is_fragile=flags)
        self.values("catalog_product", "text", products, materials=option_lists)
        self.products = self.ids("catalog_product_entity", "entity_id")
        self.rows(
            "catalog_category_product", None, 8,
            category_id=st.sampled_from([*categories, 98]), product_id=self.products,
        )  # fmt: skip
        self.unique("catalog_category_product", "category_id", "product_id")
        self.skus = maybe(skus, one_in=8)

    def _customers(self) -> None:
        self.rows(
            "customer_entity", "entity_id", 10,
            website_id=maybe(self.websites, one_in=12), email=emails,
            group_id=st.sampled_from([0, 1, 1, 2, 5]), store_id=self.stores,
            is_active=st.sampled_from([1, 1, 1, 1, None, 0]), created_at=self.early,
        )  # fmt: skip
        self.unique("customer_entity", "email", "website_id")
        customers = [row["entity_id"] for row in self.shop["customer_entity"]]
        names = maybe(texts, one_in=6)
        self.values("customer", "varchar", customers, firstname=names, lastname=names)
        self.values("customer", "datetime", customers, dob=maybe(self.birthdays, one_in=8))
        self.values("customer", "int", customers, gender=st.sampled_from([1, 2, 2, 9]))
        self.values("customer", "int", customers, loyalty_tier=options, marketing_consent=flags)
        self.values("customer", "text", customers, interests=option_lists)
        self.values("customer", "decimal", customers, shoe_size=quantities)
        self.customers = self.ids("customer_entity", "entity_id")
        self.parents = st.sampled_from([*customers, None])

    def _addresses(self) -> None:
        rows = self.rows(
            "customer_address_entity", "entity_id", 5, parent_id=self.parents, created_at=self.times
        )
        self.twins("customer_address_entity", "created_at", "parent_id")
        owners = [row["entity_id"] for row in rows]
        names = maybe(texts, one_in=8)
        columns = ("firstname", "lastname", "company", "city", "region", "postcode", "telephone")
        countries = st.sampled_from(["DE", "US", "de", ""])
        self.values(
            "customer_address", "varchar", owners, **dict.fromkeys(columns, names), country_id=countries
        )
        self.values("customer_address", "text", owners, street=names)
        addresses = self.ids("customer_address_entity", "entity_id")
        customers = [row["entity_id"] for row in self.shop["customer_entity"]]
        self.values("customer", "int", customers, default_billing=addresses, default_shipping=addresses)

    def _orders(self) -> None:
        names = maybe(texts, one_in=4)
        self.rows(
            "sales_flat_order_address", "entity_id", 4,
            firstname=names, lastname=names, country_id=st.sampled_from(["DE", "US", "de", None]),
            region=names, city=names, postcode=maybe(st.sampled_from(["10115", "010115", "A1"])),
        )  # fmt: skip
        addresses = maybe(self.ids("sales_flat_order_address", "entity_id"))
        rows = self.rows(
            "sales_flat_order", "entity_id", 18,
            state=maybe(st.sampled_from(STATES), one_in=12),
            status=maybe(st.sampled_from(["pending", "fraud", ""])), store_id=self.stores,
            customer_id=maybe(self.parents, one_in=3), customer_email=maybe(emails, one_in=8),
            customer_firstname=names, customer_lastname=names,
            customer_gender=maybe(st.sampled_from([1, 2, 9])),
            customer_dob=maybe(self.birthdays, one_in=2),
            order_currency_code=maybe(st.sampled_from(["EUR", "USD", ""])),
            shipping_method=maybe(st.sampled_from(["flatrate_flatrate", "ups_GND", ""])), coupon_code=coupons,
            applied_rule_ids=rule_lists, billing_address_id=addresses, shipping_address_id=addresses,
            total_qty_ordered=quantities, base_subtotal=amounts, base_tax_amount=amounts,
            base_shipping_amount=amounts, base_discount_amount=amounts, base_grand_total=amounts,
            base_total_refunded=amounts, grand_total=Decimal(7777), subtotal=Decimal(7777),
            created_at=self.times, updated_at=self.times,
        )  # fmt: skip
        self.twins("sales_flat_order", "created_at", "customer_id", "customer_email", "store_id")
        for row in rows:
            row["increment_id"] = self.draw(maybe(st.just(f"1000{row['entity_id']}")))
        orders = self.owners("sales_flat_order", "entity_id")
        methods = maybe(st.sampled_from(["checkmo", "PayPal", ""]), one_in=6)
        self.rows("sales_flat_order_payment", "entity_id", 8, parent_id=orders, method=methods)
        self.rows(
            "sales_flat_order_item", "item_id", 20,
            order_id=orders, parent_item_id=st.sampled_from([None, None, None, 1, 2]),
            product_id=maybe(self.products, one_in=8), product_type=st.sampled_from([*PRODUCT_TYPES, None]),
            sku=self.skus, name=names, qty_ordered=quantities, base_price=amounts, base_row_total=amounts,
            base_tax_amount=amounts, base_row_total_incl_tax=amounts, base_discount_amount=amounts,
            row_total=Decimal(7777),
        )  # fmt: skip
        self.rows(
            "sales_flat_creditmemo", "entity_id", 6,
            order_id=orders, state=st.sampled_from([1, 2, 2, 3, None]), base_grand_total=amounts,
            grand_total=Decimal(7777), created_at=self.times,
        )  # fmt: skip
        self.twins("sales_flat_creditmemo", "created_at", "order_id")

    def _carts(self) -> None:
        names = maybe(texts, one_in=3)
        nobody = st.sampled_from([None, 0])
        self.rows(
            "sales_flat_quote", "entity_id", 8,
            store_id=self.stores_of_carts, customer_id=one_of(nobody, self.customers),
            customer_email=maybe(emails, one_in=2),
            customer_firstname=names, customer_lastname=names, is_active=st.sampled_from([1, 1, 0, None]),
            items_count=st.sampled_from([None, 0, 1, 2]), items_qty=quantities, base_subtotal=amounts,
            base_grand_total=amounts, grand_total=Decimal(7777), coupon_code=coupons,
            applied_rule_ids=rule_lists, created_at=self.times, updated_at=self.times,
        )  # fmt: skip
        self.twins("sales_flat_quote", "updated_at", "customer_id", "customer_email", "store_id")
        carts = self.owners("sales_flat_quote", "entity_id")
        self.rows(
            "sales_flat_quote_item", "item_id", 9,
            quote_id=carts, parent_item_id=st.sampled_from([None, None, 1]),
            product_id=maybe(self.products, one_in=8),
            product_type=st.sampled_from([*PRODUCT_TYPES, None]), sku=self.skus, name=names, qty=quantities,
            base_price=amounts, base_row_total=amounts, created_at=self.times, updated_at=self.times,
        )  # fmt: skip
        self.twins("sales_flat_quote_item", "created_at", "quote_id")
        self.rows("log_quote", None, 6, quote_id=carts, visitor_id=st.integers(1, 5))
        self.unique("log_quote", "quote_id")

    def _visits(self) -> None:
        self.rows("log_visitor", "visitor_id", 5, store_id=self.stores_of_visitors, first_visit_at=self.early)
        visitors = self.ids("log_visitor", "visitor_id")
        self.rows(
            "log_customer", "log_id", 6,
            visitor_id=maybe(visitors), customer_id=self.customers, login_at=self.times,
        )  # fmt: skip
        self.rows(
            "report_event", "event_id", 10,
            event_type_id=st.sampled_from([1, 1, 1, 4]), object_id=self.products,
            subject_id=st.integers(1, 5), subtype=st.sampled_from([0, 1, 1, 2]),
            store_id=self.stores, logged_at=self.times,
        )  # fmt: skip
        self.twins("report_event", "logged_at", "subject_id", "subtype", "event_type_id")
        self.rows(
            "report_viewed_product_index", "index_id", 7,
            visitor_id=maybe(visitors, one_in=3), customer_id=maybe(self.customers, one_in=2),
            product_id=self.products, store_id=self.stores, added_at=self.times,
        )  # fmt: skip

    def _wishes_and_letters(self) -> None:
        shared = st.sampled_from([0, 1, 1, None])
        owners = self.owners("customer_entity", "entity_id")
        self.rows("wishlist", "wishlist_id", 3, customer_id=owners, shared=shared)
        self.unique("wishlist", "customer_id")
        self.rows(
            "wishlist_item", "wishlist_item_id", 6,
            wishlist_id=self.owners("wishlist", "wishlist_id"), product_id=self.products, qty=quantities,
            added_at=self.times,
        )  # fmt: skip
        self.twins("wishlist_item", "added_at", "wishlist_id")
        self.rows(
            "newsletter_subscriber", "subscriber_id", 6,
            store_id=self.stores, customer_id=one_of(st.sampled_from([None, 0]), self.customers),
            subscriber_email=maybe(emails, one_in=8), subscriber_status=st.sampled_from([1, 1, 2, 3, 4, 7]),
            change_status_at=self.times,
        )  # fmt: skip
