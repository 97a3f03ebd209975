"""The carts of the demo shop: of the last month's orders, those left behind, and those of nobody known."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from maho_segments.shop.demo import words as w
from maho_segments.shop.demo.baskets import Items, fill_baskets, item_rows
from maho_segments.shop.demo.catalog import PRODUCT_TYPES
from maho_segments.shop.demo.encoding import (
    NULL,
    Columns,
    Flags,
    Instant,
    Integers,
    Money,
    Rate,
    Texts,
    Words,
    words,
)
from maho_segments.shop.demo.order_rows import place_columns
from maho_segments.shop.demo.orders import Orders
from maho_segments.shop.demo.part import Part
from maho_segments.shop.demo.personas import PLACE, trait
from maho_segments.shop.demo.stores import (
    BASE_CURRENCY,
    COUPON_CODES,
    STORE_CURRENCIES,
    STORE_RATES,
    applied_rules,
)
from maho_segments.shop.demo.timeline import DAY, HOUR

# The shop deletes carts that nobody touched for so long, open ones included.
KEPT_DAYS: Final = 30
_NOBODY: Final = -1
_METHODS: Final[Texts] = words(("guest", "customer"))
# In the first part of the shop so many of these kinds have a cart for certain, just left and worth much.
_PLANTED: Final = 3
_EMPTY: Final = 0.04
_CLOSED: Final = 0.08
_VISITORS_WITH_CART: Final = 0.12


@dataclass(frozen=True)
class Carts:
    """Carts; `person` is a place among the people, or -1 where nobody left a name.

    `visitor` is a place among the visits or -1, `store` one of a store; amounts in hundredths of a euro.
    """

    person: Integers
    visitor: Integers
    store: Integers
    created: Integers
    updated: Integers
    is_active: Flags
    coupon: Integers
    items: Items
    total: Integers

    @property
    def size(self) -> int:
        """How many carts there are."""
        return len(self.person)


def quote_ids(part: Part, orders: Orders) -> Integers:
    """The ids of the carts that became these orders; most of those carts are long gone."""
    return part.numbers.take("sales_flat_quote", orders.size)


def write_order_carts(part: Part, orders: Orders, ids: Integers) -> Flags:
    """The carts of recent orders, closed and not yet deleted; gives which orders have one."""
    is_kept = (orders.at > part.timeline.now - KEPT_DAYS * DAY) & (orders.at < part.timeline.now)
    kept = np.flatnonzero(is_kept)
    in_kept = np.isin(orders.items.basket, kept)
    items = Items(
        np.searchsorted(kept, orders.items.basket[in_kept]),
        orders.items.product[in_kept],
        orders.items.pieces[in_kept],
        orders.items.price[in_kept],
    )
    rng = part.dice("carts of orders")
    carts = Carts(
        person=orders.buyer[kept],
        visitor=np.full(len(kept), _NOBODY),
        store=part.people.store[orders.buyer[kept]],
        created=orders.at[kept] - rng.integers(300, 2 * HOUR, len(kept)),
        updated=orders.at[kept],
        is_active=np.zeros(len(kept), dtype=np.bool_),
        coupon=orders.coupon[kept],
        items=items,
        total=orders.total[kept],
    )
    _write(part, carts, ids[kept])
    return is_kept


def make_open_carts(part: Part, visitor_store: Integers, visitor_last: Integers) -> Carts:
    """The carts that never became an order: of customers, of guests up to the checkout, of visitors."""
    rng, people, now = part.dice("open carts"), part.people, part.timeline.now
    has_cart = rng.random(people.size) < trait(lambda p: p.cart)[people.persona]
    if part.is_planted:
        for name in ("regular", "coupon_hunter", "laptop_dreamer", "guest_cart"):
            has_cart[np.flatnonzero(people.persona == PLACE[name])[:_PLANTED]] = True
    person = np.flatnonzero(has_cart)
    # Most carts were left in the last days, some within the hour.
    age = (KEPT_DAYS * DAY * rng.random(len(person)) ** 2.5).astype(np.int64) + rng.integers(
        60, HOUR, len(person)
    )
    updated = np.maximum(now - age, people.created[person] + 60)
    recent = np.flatnonzero(visitor_last > now - KEPT_DAYS * DAY)
    visitor = recent[rng.random(len(recent)) < _VISITORS_WITH_CART]
    nobody = np.full(len(visitor), _NOBODY)
    everyone = np.concatenate([person, nobody])
    updated = np.concatenate([np.minimum(updated, now - 5), visitor_last[visitor]])
    kind = np.where(everyone == _NOBODY, PLACE["never_ordered"], people.persona[everyone])
    items = fill_baskets(rng, part.catalog, kind, np.full(len(everyone), -1))
    is_empty = rng.random(len(everyone)) < _EMPTY
    items = _without(items, is_empty)
    total = items.per_basket(items.row_total, len(everyone))
    has_coupon = rng.random(len(everyone)) < 0.1
    return Carts(
        person=everyone,
        visitor=np.concatenate([np.full(len(person), _NOBODY), visitor]),
        store=np.concatenate([people.store[person], visitor_store[visitor]]),
        created=updated - (rng.exponential(DAY, len(everyone))).astype(np.int64) - 60,
        updated=updated,
        is_active=rng.random(len(everyone)) >= _CLOSED,
        coupon=np.where(has_coupon & ~is_empty, rng.integers(1, 4, len(everyone)), 0),
        items=items,
        total=total,
    )


def write_open_carts(part: Part, carts: Carts) -> Integers:
    """The rows of these carts; gives their ids."""
    ids = part.numbers.take("sales_flat_quote", carts.size)
    _write(part, carts, ids)
    return ids


def _without(items: Items, is_empty: Flags) -> Items:
    kept = ~is_empty[items.basket]
    return Items(items.basket[kept], items.product[kept], items.pieces[kept], items.price[kept])


def _write(part: Part, carts: Carts, ids: Integers) -> None:
    part.emit("sales_flat_quote", _headers(part, carts, ids), carts.size)
    named = np.flatnonzero(carts.person != _NOBODY)
    part.emit("sales_flat_quote_address", _addresses(part, carts, ids, named), len(named))
    _write_items(part, carts, ids)


def _headers(part: Part, carts: Carts, ids: Integers) -> Columns:
    people = part.people
    is_named = carts.person != _NOBODY
    person = np.maximum(carts.person, 0)
    customer = np.where(is_named, people.customer_id[person], NULL)
    is_guest = customer == NULL
    rate = STORE_RATES[carts.store]
    subtotal = carts.items.per_basket(carts.items.row_total, carts.size)
    rules, applied = applied_rules(carts.coupon, np.zeros_like(ids), np.zeros_like(ids))
    currency = Words(STORE_CURRENCIES, carts.store)
    return {
        "entity_id": ids,
        "store_id": carts.store + 1,
        "created_at": Instant(carts.created),
        "updated_at": Instant(carts.updated),
        "is_active": carts.is_active.astype(np.int64),
        "items_count": carts.items.per_basket(np.ones_like(carts.items.pieces), carts.size),
        "items_qty": carts.items.per_basket(carts.items.pieces, carts.size),
        "customer_id": np.where(is_guest & (ids % 2 == 0), 0, customer),
        "customer_group_id": np.where(is_named, people.group[person], 0),
        "customer_is_guest": (is_guest & is_named).astype(np.int64),
        # Some left their address only in the checkout's form, which is another table.
        "customer_email": people.email(person, where=is_named & ~(is_guest & (ids % 5 == 0))),
        "customer_firstname": Words(w.FIRST_NAMES, np.where(is_named, people.first_name[person], -1)),
        "customer_lastname": Words(w.LAST_NAMES, np.where(is_named, people.last_name[person], -1)),
        "checkout_method": Words(_METHODS, np.where(is_named, (~is_guest).astype(np.int64), -1)),
        "coupon_code": Words(COUPON_CODES, np.where(carts.coupon == 0, -1, carts.coupon)),
        "applied_rule_ids": Words(rules, applied),
        "base_currency_code": BASE_CURRENCY,
        "global_currency_code": BASE_CURRENCY,
        "store_currency_code": currency,
        "quote_currency_code": currency,
        "base_to_global_rate": 1,
        "base_to_quote_rate": Rate(rate),
        "base_subtotal": Money(subtotal),
        "subtotal": Money(subtotal * rate // 10_000),
        "base_grand_total": Money(carts.total),
        "grand_total": Money(carts.total * rate // 10_000),
    }


def _addresses(part: Part, carts: Carts, ids: Integers, named: Integers) -> Columns:
    people, person = part.people, carts.person[named]
    return {
        "address_id": part.numbers.take("sales_flat_quote_address", len(named)),
        "quote_id": ids[named],
        "created_at": Instant(carts.created[named]),
        "updated_at": Instant(carts.updated[named]),
        "customer_id": people.customer_id[person],
        "address_type": "billing",
        "email": people.email(person),
        "firstname": Words(w.FIRST_NAMES, people.first_name[person]),
        "lastname": Words(w.LAST_NAMES, people.last_name[person]),
        **place_columns(people.city[person], people.postcode[person], people.street[person], person),
    }


def _write_items(part: Part, carts: Carts, ids: Integers) -> None:
    rng, items, catalog = part.dice(f"cart items {carts.size}"), carts.items, part.catalog
    rows = item_rows(rng, catalog, items)
    item_ids = part.numbers.take("sales_flat_quote_item", len(rows.item))
    cart = items.basket[rows.item]
    is_top = rows.parent == NULL
    rate = STORE_RATES[carts.store[cart]]
    row_total = rows.price * rows.pieces
    part.emit(
        "sales_flat_quote_item",
        {
            "item_id": item_ids,
            "quote_id": ids[cart],
            "created_at": Instant(carts.created[cart]),
            "updated_at": Instant(carts.updated[cart]),
            "product_id": rows.product + 1,
            "store_id": carts.store[cart] + 1,
            "parent_item_id": np.where(is_top, NULL, item_ids[np.maximum(rows.parent, 0)]),
            "product_type": Words(PRODUCT_TYPES, rows.kind),
            "sku": Words(catalog.skus, rows.label),
            "name": Words(catalog.names, rows.product),
            # Of a child, the pieces in each parent.
            "qty": np.where(is_top, rows.pieces, 1),
            "base_price": Money(rows.price),
            "price": Money(rows.price * rate // 10_000),
            "base_row_total": Money(row_total),
            "row_total": Money(row_total * rate // 10_000),
        },
        len(rows.item),
    )
