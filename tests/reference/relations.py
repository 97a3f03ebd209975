"""The rows that belong to profiles: orders, items, carts, views and others, in the language's words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.reference.catalog import read_products
from tests.reference.merchants import merchants_columns
from tests.reference.people import People
from tests.reference.places import Places
from tests.reference.profiles import ProfileKey
from tests.reference.row import NOTHING, Row
from tests.reference.sales import Sales
from tests.reference.shop import Shop, Value, eav_values, id_of, number, rows, text, time

_PRODUCT_VIEW = 1
_STATUSES = {1: "subscribed", 2: "not_active", 3: "unsubscribed", 4: "unconfirmed"}


Rows = Mapping[str, Mapping[ProfileKey, list[Row]]]


def read_relations(shop: Shop, places: Places, people: People) -> Rows:
    """The rows of every relation, by the profile they count for; rows of nobody are left out."""
    products = read_products(shop)
    sales = Sales(shop, places, people, products)
    reader = _Reader(shop, places, people, products)
    orders = {row.key: row for row in sales.orders()}
    carts = {row.key: row for row in sales.carts()}
    relations: dict[str, Iterator[Row]] = {
        "orders": iter(orders.values()),
        "order_items": sales.order_items(orders),
        "refunds": sales.refunds(orders),
        "carts": iter(carts.values()),
        "cart_items": sales.cart_items(carts),
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
    def __init__(
        self, shop: Shop, places: Places, people: People, products: Mapping[int, Mapping[str, Value]]
    ) -> None:
        self.shop = shop
        self.places = places
        self.people = people
        self.products = products

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
        merchants = merchants_columns(self.shop, "customer_address", "customer_address_entity")
        billing = eav_values(self.shop, "customer", "default_billing", "customer_entity_int")
        shipping = eav_values(self.shop, "customer", "default_shipping", "customer_entity_int")
        for row in rows(self.shop, "customer_address_entity"):
            address_id, customer_id = row["entity_id"], row.get("parent_id")
            owner = self.people.customer(customer_id)
            if owner is None:
                continue
            at = time(row.get("created_at"))
            columns: dict[str, Value] = {
                **merchants.get(address_id, {}),
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
        return self.products.get(product_id or 0, NOTHING)
