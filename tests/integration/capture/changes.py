"""For each table that is captured: a row, whom it concerns, and a column of it that an answer depends on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
Keys = set[tuple[str, Any]]

EVERYTHING: Keys = {("everything", None)}
_TIME = "2026-01-01 12:00:00"


@dataclass(frozen=True)
class Change:
    """The nth row of a table and its keys; an update of `column` is news, one of `unread` is not."""

    table: str
    row: Callable[[int], Row]
    keys: Callable[[int], Keys]
    column: str
    value: Any
    unread: str | None
    added: Keys | None = None
    """Keys that the updated row has besides those of before."""


def _everything(table: str, row: Callable[[int], Row], column: str, value: Any, unread: str | None) -> Change:
    return Change(table, row, lambda _: EVERYTHING, column, value, unread)


def _eav(entity: str, kind: str, by_store: bool) -> list[Change]:
    values: dict[str, tuple[Any, Any]] = {
        "varchar": ("a", "b"),
        "text": ("a", "b"),
        "int": (1, 2),
        "decimal": (1.5, 2.5),
        "datetime": (_TIME, "2026-01-02"),
    }
    store = {"store_id": 0} if by_store else {}
    return [
        Change(
            f"{entity}_entity_{kind_of_value}",
            lambda n, before=before: {"entity_id": n, "attribute_id": 7, "value": before, **store},  # type: ignore[misc]
            lambda n: {(kind, n)},
            "value",
            after,
            "entity_type_id",
        )
        for kind_of_value, (before, after) in values.items()
    ]


CHANGES = [
    _everything(
        "core_website", lambda n: {"website_id": n, "code": f"w{n}", "name": "W"}, "name", "V", "sort_order"
    ),
    _everything(
        "core_store",
        lambda n: {"store_id": n, "website_id": 1, "code": f"s{n}", "name": "S"},
        "name",
        "T",
        "sort_order",
    ),
    _everything(
        "core_config_data",
        lambda n: {"scope": "stores", "scope_id": n, "path": "general/locale/timezone", "value": "UTC"},
        "value",
        "Europe/Berlin",
        "updated_at",
    ),
    _everything(
        "customer_group",
        lambda n: {"customer_group_id": n, "customer_group_code": "G"},
        "customer_group_code",
        "H",
        "tax_class_id",
    ),
    _everything(
        "eav_entity_type",
        lambda n: {"entity_type_id": n, "entity_type_code": "t"},
        "entity_type_code",
        "u",
        "entity_model",
    ),
    _everything(
        "eav_attribute",
        lambda n: {"attribute_id": n, "entity_type_id": 1, "attribute_code": f"a{n}", "backend_type": "int"},
        "attribute_code",
        "b",
        "note",
    ),
    _everything(
        "eav_attribute_option_value",
        lambda n: {"option_id": n, "store_id": 0, "value": "A"},
        "value",
        "B",
        None,
    ),
    Change(
        "customer_entity",
        lambda n: {
            "entity_id": n,
            "website_id": 1,
            "email": f" Ann{n}@Example.ORG\u00a0",
            "created_at": _TIME,
        },
        lambda n: {("customer", n), ("email", f"ann{n}@example.org")},
        "email",
        "ÉVE@example.org",
        "increment_id",
        {("email", "éve@example.org")},
    ),
    *_eav("customer", "customer", False),
    Change(
        "customer_address_entity",
        lambda n: {"entity_id": n, "parent_id": n + 1000},
        lambda n: {("address", n), ("customer", n + 1000)},
        "parent_id",
        5,
        "is_active",
        {("customer", 5)},
    ),
    *_eav("customer_address", "address", False),
    Change(
        "sales_flat_order",
        lambda n: {
            "entity_id": n,
            "state": "new",
            "store_id": 1,
            "customer_id": None,
            "customer_email": f"G{n}@example.org",
            "base_grand_total": 5,
            "created_at": _TIME,
        },
        lambda n: {("order", n), ("email", f"g{n}@example.org")},
        "customer_id",
        5,
        "quote_id",
        {("customer", 5)},
    ),
    Change(
        "sales_flat_order_address",
        lambda n: {"entity_id": n, "parent_id": 1, "city": "Bonn"},
        lambda n: {("order_address", n)},
        "city",
        "Kiel",
        "email",
    ),
    Change(
        "sales_flat_order_payment",
        lambda n: {"parent_id": n, "method": "cash"},
        lambda n: {("order", n)},
        "method",
        "card",
        "amount_paid",
    ),
    Change(
        "sales_flat_order_item",
        lambda n: {"item_id": n, "order_id": n + 1000, "sku": "a"},
        lambda n: {("order", n + 1000)},
        "sku",
        "A",
        "weight",
    ),
    Change(
        "sales_flat_creditmemo",
        lambda n: {"entity_id": n, "order_id": n + 1000, "base_grand_total": 5, "created_at": _TIME},
        lambda n: {("order", n + 1000)},
        "order_id",
        5,
        "updated_at",
        {("order", 5)},
    ),
    Change(
        "sales_flat_quote",
        lambda n: {
            "entity_id": n,
            "store_id": 1,
            "customer_id": 0,
            "customer_email": f"g{n}@example.org",
            "updated_at": _TIME,
        },
        lambda n: {("cart", n), ("customer", 0), ("email", f"g{n}@example.org")},
        "items_qty",
        2,
        "is_virtual",
    ),
    Change(
        "sales_flat_quote_item",
        lambda n: {"item_id": n, "quote_id": n + 1000},
        lambda n: {("cart", n + 1000)},
        "qty",
        2,
        "weight",
    ),
    Change(
        "catalog_product_entity",
        lambda n: {"entity_id": n, "sku": f"p{n}"},
        lambda n: {("product", n)},
        "sku",
        "q",
        "has_options",
    ),
    *_eav("catalog_product", "product", True),
    Change(
        "catalog_category_entity",
        lambda n: {"entity_id": n, "parent_id": 1, "position": 1, "path": f"1/{n}"},
        lambda n: {("category", n)},
        "path",
        "1/2",
        "children_count",
    ),
    *_eav("catalog_category", "category", True),
    Change(
        "catalog_category_product",
        lambda n: {"category_id": 1, "product_id": n},
        lambda n: {("product", n)},
        "category_id",
        2,
        "position",
    ),
    Change(
        "report_event",
        lambda n: {"event_type_id": 1, "object_id": 3, "subject_id": n, "subtype": n % 2, "logged_at": _TIME},
        lambda n: {("visitor" if n % 2 else "customer", n)},
        "object_id",
        4,
        None,
    ),
    Change(
        "report_viewed_product_index",
        lambda n: {"product_id": 3, "visitor_id": n, "customer_id": None, "added_at": _TIME},
        lambda n: {("visitor", n)},
        "customer_id",
        5,
        None,
        {("customer", 5)},
    ),
    Change(
        "wishlist",
        lambda n: {"wishlist_id": n, "customer_id": n + 1000},
        lambda n: {("wishlist", n), ("customer", n + 1000)},
        "shared",
        1,
        "updated_at",
    ),
    Change(
        "wishlist_item",
        lambda n: {"wishlist_item_id": n, "wishlist_id": n + 1000, "product_id": 1},
        lambda n: {("wishlist", n + 1000)},
        "qty",
        2,
        "description",
    ),
    Change(
        "newsletter_subscriber",
        lambda n: {
            "subscriber_id": n,
            "subscriber_status": 1,
            "customer_id": n + 1000,
            "subscriber_email": f"S{n}@example.org",
        },
        lambda n: {("customer", n + 1000)},
        "customer_id",
        0,
        None,
        {("customer", 0), ("email", "s7@example.org")},
    ),
    Change(
        "log_visitor", lambda n: {"visitor_id": n}, lambda n: {("visitor", n)}, "store_id", 2, "last_visit_at"
    ),
    Change(
        "log_customer",
        lambda n: {"customer_id": n, "visitor_id": n + 1000, "login_at": _TIME},
        lambda n: {("customer", n), ("visitor", n + 1000)},
        "login_at",
        "2026-01-02",
        "logout_at",
    ),
    Change(
        "log_quote",
        lambda n: {"quote_id": n, "visitor_id": n + 1000},
        lambda n: {("cart", n), ("visitor", n + 1000)},
        "visitor_id",
        5,
        "created_at",
        {("visitor", 5)},
    ),
]
