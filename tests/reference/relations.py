"""The rows that belong to profiles: orders, items, carts, views and others, in the language's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.reference.catalog import read_products
from tests.reference.places import Places
from tests.reference.profiles import People, ProfileKey
from tests.reference.shop import Shop, Value, eav_values, id_of, ids, number, rows, text, time

_CANCELLED_MEMO = 3
_PRODUCT_VIEW = 1
_STATUSES = {1: "subscribed", 2: "not_active", 3: "unsubscribed", 4: "unconfirmed"}
_NOTHING: Mapping[str, Value] = {}


@dataclass(frozen=True)
class Row:
    """One related row: whose it is, its id, its time, its columns and those of its parents."""

    owner: ProfileKey
    key: int
    at: datetime | None
    columns: Mapping[str, Value]
    parents: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """A column of the row, or of a parent by `parent.column`; missing where there is no such parent."""
        parent, dot, column = name.partition(".")
        return self.parents.get(parent, _NOTHING).get(column) if dot else self.columns.get(name)


Rows = Mapping[str, Mapping[ProfileKey, list[Row]]]


def read_relations(shop: Shop, places: Places, people: People) -> Rows:
    """The rows of every relation, by the profile they count for; rows of nobody are left out."""
    reader = _Reader(shop, places, people)
    orders = {row.key: row for row in reader.orders()}
    carts = {row.key: row for row in reader.carts()}
    relations: dict[str, Iterator[Row]] = {
        "orders": iter(orders.values()),
        "order_items": reader.order_items(orders),
        "refunds": reader.refunds(orders),
        "carts": iter(carts.values()),
        "cart_items": reader.cart_items(carts),
        "product_views": reader.product_views(),
        "wishlist_items": reader.wishlist_items(),
        "addresses": reader.addresses(),
        "newsletter": reader.newsletter(),
        "logins": reader.logins(),
    }
    return {name: _by_owner(found) for name, found in relations.items()}


def _by_owner(found: Iterator[Row]) -> dict[ProfileKey, list[Row]]:
    owned: dict[ProfileKey, list[Row]] = {}
    for row in found:
        owned.setdefault(row.owner, []).append(row)
    return owned


class _Reader:
    def __init__(self, shop: Shop, places: Places, people: People) -> None:
        self.shop = shop
        self.places = places
        self.people = people
        self.products = read_products(shop)

    # ---- orders ------------------------------------------------------------------------------------------

    def orders(self) -> Iterator[Row]:
        addresses = {row["entity_id"]: row for row in rows(self.shop, "sales_flat_order_address")}
        methods: dict[int, str | None] = {}
        for payment in sorted(rows(self.shop, "sales_flat_order_payment"), key=lambda row: row["entity_id"]):
            methods[payment["parent_id"]] = text(payment.get("method"))
        for row in rows(self.shop, "sales_flat_order"):
            customer_id = id_of(row.get("customer_id"))
            owner = (
                self.people.customer(customer_id)
                if customer_id
                else self.people.guest(row.get("store_id"), row.get("customer_email"))
            )
            if owner is None:
                continue
            columns: dict[str, Value] = {
                "is_guest": not customer_id,
                "order_number": text(row.get("increment_id")),
                "state": text(row.get("state")),
                "status": text(row.get("status")),
                **self.places.store_columns(row.get("store_id")),
                "currency": text(row.get("order_currency_code")),
                "payment_method": methods.get(row["entity_id"]),
                "shipping_method": text(row.get("shipping_method")),
                "coupon_code": text(row.get("coupon_code")),
                "rule_ids": ids(row.get("applied_rule_ids")),
                **_place("billing", addresses.get(row.get("billing_address_id") or 0, {})),
                **_place("shipping", addresses.get(row.get("shipping_address_id") or 0, {})),
                "total_qty": number(row.get("total_qty_ordered")),
                "subtotal": number(row.get("base_subtotal")),
                "tax_amount": number(row.get("base_tax_amount")),
                "shipping_amount": number(row.get("base_shipping_amount")),
                "discount_amount": _positive(row.get("base_discount_amount")),
                "grand_total": number(row.get("base_grand_total")),
                "refunded_amount": number(row.get("base_total_refunded")) or Fraction(0),
                "ordered_at": time(row.get("created_at")),
                "updated_at": time(row.get("updated_at")),
            }
            yield Row(owner, row["entity_id"], time(row.get("created_at")), columns)

    def order_items(self, orders: Mapping[int, Row]) -> Iterator[Row]:
        for row in rows(self.shop, "sales_flat_order_item"):
            order = orders.get(row["order_id"])
            if order is None or row.get("parent_item_id"):
                continue
            columns: dict[str, Value] = {
                "sku": text(row.get("sku")),
                "name": text(row.get("name")),
                "product_type": text(row.get("product_type")),
                "qty": number(row.get("qty_ordered")),
                "price": number(row.get("base_price")),
                "row_total": number(row.get("base_row_total")),
                "row_total_incl_tax": number(row.get("base_row_total_incl_tax")),
                "discount_amount": _positive(row.get("base_discount_amount")),
                "ordered_at": order.at,
            }
            parents = {"order": order.columns, "product": self._product(row.get("product_id"))}
            yield Row(order.owner, row["item_id"], order.at, columns, parents)

    def refunds(self, orders: Mapping[int, Row]) -> Iterator[Row]:
        for row in rows(self.shop, "sales_flat_creditmemo"):
            order = orders.get(row["order_id"])
            if order is None or row.get("state") == _CANCELLED_MEMO:
                continue
            at = time(row.get("created_at"))
            columns: dict[str, Value] = {
                "grand_total": number(row.get("base_grand_total")),
                "refunded_at": at,
            }
            yield Row(order.owner, row["entity_id"], at, columns, {"order": order.columns})

    # ---- carts -------------------------------------------------------------------------------------------

    def carts(self) -> Iterator[Row]:
        visitor_of = {row["quote_id"]: row["visitor_id"] for row in rows(self.shop, "log_quote")}
        for row in rows(self.shop, "sales_flat_quote"):
            owner = self._owner_of_cart(row, id_of(visitor_of.get(row["entity_id"])))
            if owner is None:
                continue
            at = time(row.get("updated_at"))
            columns: dict[str, Value] = {
                "is_guest": not id_of(row.get("customer_id")),
                **self.places.store_columns(row.get("store_id")),
                "coupon_code": text(row.get("coupon_code")),
                "rule_ids": ids(row.get("applied_rule_ids")),
                "items_count": number(row.get("items_count")),
                "items_qty": number(row.get("items_qty")),
                "subtotal": number(row.get("base_subtotal")),
                "grand_total": number(row.get("base_grand_total")),
                "is_active": row.get("is_active") == 1,
                "created_at": time(row.get("created_at")),
                "updated_at": at,
            }
            yield Row(owner, row["entity_id"], at, columns)

    def _owner_of_cart(self, row: Mapping[str, Any], visitor_id: int | None) -> ProfileKey | None:
        """The customer; else who has the address; else the visitor."""
        if customer_id := id_of(row.get("customer_id")):
            return self.people.customer(customer_id)
        if text((row.get("customer_email") or "").strip(" ")):
            return self.people.guest(row.get("store_id"), row.get("customer_email"))
        return self.people.visitor(visitor_id)

    def cart_items(self, carts: Mapping[int, Row]) -> Iterator[Row]:
        for row in rows(self.shop, "sales_flat_quote_item"):
            cart = carts.get(row["quote_id"])
            if cart is None or row.get("parent_item_id"):
                continue
            at = time(row.get("updated_at"))
            columns: dict[str, Value] = {
                "sku": text(row.get("sku")),
                "name": text(row.get("name")),
                "product_type": text(row.get("product_type")),
                "qty": number(row.get("qty")),
                "price": number(row.get("base_price")),
                "row_total": number(row.get("base_row_total")),
                "created_at": time(row.get("created_at")),
                "updated_at": at,
            }
            parents = {"cart": cart.columns, "product": self._product(row.get("product_id"))}
            yield Row(cart.owner, row["item_id"], at, columns, parents)

    # ---- views -------------------------------------------------------------------------------------------

    def product_views(self) -> Iterator[Row]:
        """The event log and, of the last-viewed list, products of which it has no view by that profile."""
        logged: set[tuple[ProfileKey, int]] = set()
        for row in rows(self.shop, "report_event"):
            owner = self._owner_of_event(row)
            if owner is not None and row.get("event_type_id") == _PRODUCT_VIEW:
                logged.add((owner, row["object_id"]))
                yield self._view(owner, 2 * row["event_id"], row["object_id"], time(row.get("logged_at")))
        unlogged: dict[tuple[ProfileKey, int], list[Mapping[str, Any]]] = {}
        for row in rows(self.shop, "report_viewed_product_index"):
            customer_id = id_of(row.get("customer_id"))
            owner = (
                self.people.customer(customer_id)
                if customer_id
                else self.people.visitor(id_of(row.get("visitor_id")))
            )
            if owner is not None and (owner, row["product_id"]) not in logged:
                unlogged.setdefault((owner, row["product_id"]), []).append(row)
        for (owner, product_id), entries in unlogged.items():
            # A product can stand in the list several times; that is one view, the newest.
            times = [at for entry in entries if (at := time(entry.get("added_at")))]
            key = 2 * max(entry["index_id"] for entry in entries) + 1
            yield self._view(owner, key, product_id, max(times, default=None))

    def _owner_of_event(self, row: Mapping[str, Any]) -> ProfileKey | None:
        who = id_of(row.get("subject_id"))
        if row.get("subtype") == 0:
            return self.people.customer(who)
        return self.people.visitor(who) if row.get("subtype") == 1 else None

    def _view(self, owner: ProfileKey, key: int, product_id: int, at: datetime | None) -> Row:
        return Row(owner, key, at, {"viewed_at": at}, {"product": self._product(product_id)})

    # ---- what only customers and subscribers have ---------------------------------------------------------

    def wishlist_items(self) -> Iterator[Row]:
        wishlists = {row["wishlist_id"]: row for row in rows(self.shop, "wishlist")}
        for row in rows(self.shop, "wishlist_item"):
            wishlist = wishlists.get(row["wishlist_id"])
            owner = self.people.customer(wishlist.get("customer_id")) if wishlist else None
            if wishlist is None or owner is None:
                continue
            at = time(row.get("added_at"))
            parents: dict[str, Mapping[str, Value]] = {
                "wishlist": {"is_shared": wishlist.get("shared") == 1},
                "product": self._product(row.get("product_id")),
            }
            columns: dict[str, Value] = {"qty": number(row.get("qty")), "added_at": at}
            yield Row(owner, row["wishlist_item_id"], at, columns, parents)

    def addresses(self) -> Iterator[Row]:
        texts = {
            column: eav_values(self.shop, "customer_address", code, f"customer_address_entity_{kind}")
            for column, code, kind in (
                ("first_name", "firstname", "varchar"),
                ("last_name", "lastname", "varchar"),
                ("company", "company", "varchar"),
                ("street", "street", "text"),
                ("city", "city", "varchar"),
                ("region", "region", "varchar"),
                ("postcode", "postcode", "varchar"),
                ("country", "country_id", "varchar"),
                ("telephone", "telephone", "varchar"),
            )
        }
        billing = eav_values(self.shop, "customer", "default_billing", "customer_entity_int")
        shipping = eav_values(self.shop, "customer", "default_shipping", "customer_entity_int")
        for row in rows(self.shop, "customer_address_entity"):
            address_id, customer_id = row["entity_id"], row.get("parent_id")
            owner = self.people.customer(customer_id)
            if owner is None:
                continue
            at = time(row.get("created_at"))
            columns: dict[str, Value] = {
                **{column: text(values.get(address_id)) for column, values in texts.items()},
                "is_default_billing": billing.get(customer_id or 0) == address_id,
                "is_default_shipping": shipping.get(customer_id or 0) == address_id,
                "created_at": at,
            }
            yield Row(owner, address_id, at, columns)

    def newsletter(self) -> Iterator[Row]:
        for row in rows(self.shop, "newsletter_subscriber"):
            customer_id = id_of(row.get("customer_id"))
            owner = (
                self.people.customer(customer_id)
                if customer_id
                else self.people.guest(row.get("store_id"), row.get("subscriber_email"))
            )
            if owner is None:
                continue
            at = time(row.get("change_status_at"))
            columns: dict[str, Value] = {
                "is_guest": not customer_id,
                "status": _STATUSES.get(row.get("subscriber_status") or 0),
                **self.places.store_columns(row.get("store_id")),
                "changed_at": at,
            }
            yield Row(owner, row["subscriber_id"], at, columns)

    def logins(self) -> Iterator[Row]:
        for row in rows(self.shop, "log_customer"):
            owner = self.people.customer(row.get("customer_id"))
            if owner is not None:
                at = time(row.get("login_at"))
                yield Row(owner, row["log_id"], at, {"logged_in_at": at})

    def _product(self, product_id: int | None) -> Mapping[str, Value]:
        """The columns of a product; of one that was deleted, all are missing."""
        return self.products.get(product_id or 0, _NOTHING)


def _place(prefix: str, address: Mapping[str, Any]) -> dict[str, Value]:
    return {
        f"{prefix}_country": text(address.get("country_id")),
        f"{prefix}_region": text(address.get("region")),
        f"{prefix}_city": text(address.get("city")),
        f"{prefix}_postcode": text(address.get("postcode")),
    }


def _positive(amount: Any) -> Fraction:
    """A discount as a positive amount, which the shop writes below 0 on orders; 0 without one."""
    return abs(number(amount) or Fraction(0))
