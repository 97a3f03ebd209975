"""The rows of the demo shop's orders: header, addresses, payment and items."""

from typing import Final

import numpy as np

from maho_segments.shop.demo import words as w
from maho_segments.shop.demo.baskets import ItemRows, item_rows
from maho_segments.shop.demo.catalog import PRODUCT_TYPES
from maho_segments.shop.demo.encoding import (
    NULL,
    Columns,
    Instant,
    Integers,
    Joined,
    Money,
    Rate,
    Texts,
    Value,
    Words,
    words,
)
from maho_segments.shop.demo.orders import CANCELED, CLOSED, COMPLETE, PROCESSING, STATES, STATUSES, Orders
from maho_segments.shop.demo.part import Part
from maho_segments.shop.demo.refunds import Refunds
from maho_segments.shop.demo.stores import (
    BASE_CURRENCY,
    COUPON_CODES,
    STORE_CURRENCIES,
    TAX_PERCENTS,
    applied_rules,
)
from maho_segments.shop.demo.timeline import DAY

_PAYMENTS: Final[Texts] = words(
    [
        "paypal_standard",
        "checkmo",
        "banktransfer",
        "cashondelivery",
        "free",
        "stripe_payments",
        "purchaseorder",
    ]
)
_PURCHASE_ORDER: Final = 6
_PAYMENT_SHARES: Final = (0.42, 0.08, 0.14, 0.06, 0.01, 0.29)
_SHIPPING_METHODS: Final[Texts] = words(
    ("flatrate_flatrate", "freeshipping_freeshipping", "tablerate_bestway")
)
_ADDRESS_TYPES: Final[Texts] = words(("billing", "shipping"))
# Of a thousand items, this many are of products that the shop no longer has.
_GONE: Final = 4
_GONE_PRODUCT: Final = 900_000


def write_orders(
    part: Part, orders: Orders, refunds: Refunds, quote_ids: Integers
) -> tuple[Integers, Integers]:
    """The rows of these orders; gives the ids of the orders and of their top-level items."""
    ids = part.numbers.take("sales_flat_order", orders.size)
    addresses = part.numbers.take("sales_flat_order_address", 2 * orders.size)
    rng = part.dice("order rows")
    part.emit("sales_flat_order", _headers(part, orders, refunds, ids, addresses, quote_ids), orders.size)
    part.emit("sales_flat_order_address", _addresses(part, orders, ids, addresses), 2 * orders.size)
    part.emit("sales_flat_order_payment", _payments(part, orders, ids, rng), orders.size)
    rows = item_rows(rng, part.catalog, orders.items)
    item_ids = part.numbers.take("sales_flat_order_item", len(rows.item))
    part.emit("sales_flat_order_item", _items(part, orders, rows, ids, item_ids), len(rows.item))
    return ids, item_ids[rows.parent == NULL]


def _headers(
    part: Part, orders: Orders, refunds: Refunds, ids: Integers, addresses: Integers, quote_ids: Integers
) -> Columns:
    people, buyer = part.people, orders.buyer
    rng = part.dice("order headers")
    total = orders.total
    refunded = refunds.per_order(orders.size)
    refunded = np.where(refunded == 0, NULL, refunded)
    paid = np.where(np.isin(orders.state, [PROCESSING, COMPLETE, CLOSED]), total, NULL)
    canceled = np.where(orders.state == CANCELED, total, NULL)
    is_free = (orders.shipping == 0).astype(np.int64)
    rules, applied = applied_rules(orders.coupon, orders.is_trade.astype(np.int64), is_free)
    typed = (rng.random(orders.size) < 0.08) & (people.customer_id[buyer] == NULL)
    blank = (rng.random(orders.size) < 0.03) & (people.customer_id[buyer] == NULL)
    changed = np.minimum(
        orders.at + rng.integers(0, 6 * DAY, orders.size), np.maximum(orders.at, part.timeline.now - 1)
    )
    if len(refunds.order):
        np.maximum.at(changed, refunds.order, refunds.at)
    currency = Words(STORE_CURRENCIES, people.store[buyer])
    amounts = {
        "subtotal": orders.subtotal,
        "discount_amount": -orders.discount,
        "tax_amount": orders.tax,
        "shipping_amount": orders.shipping,
        "grand_total": total,
        "total_paid": paid,
        "total_refunded": refunded,
        "total_canceled": canceled,
    }
    columns: dict[str, Value] = {
        "entity_id": ids,
        "increment_id": Joined((Words(words("123"), people.website[buyer]), 100_000_000 + ids)),
        "state": Words(STATES, orders.state),
        "status": Words(STATUSES, orders.status),
        "store_id": people.store[buyer] + 1,
        "customer_id": people.customer_id[buyer],
        "customer_is_guest": (people.customer_id[buyer] == NULL).astype(np.int64),
        "customer_group_id": people.group[buyer],
        "customer_email": people.email(buyer, typed=typed.astype(np.int64), blank=blank.astype(np.int64)),
        "customer_firstname": Words(w.FIRST_NAMES, people.first_name[buyer]),
        "customer_lastname": Words(w.LAST_NAMES, people.last_name[buyer]),
        "quote_id": quote_ids,
        "billing_address_id": addresses[0::2],
        "shipping_address_id": addresses[1::2],
        "coupon_code": Words(COUPON_CODES, np.where(orders.coupon == 0, -1, orders.coupon)),
        "applied_rule_ids": Words(rules, applied),
        "shipping_method": Words(_SHIPPING_METHODS, np.where(is_free == 1, 1, people.website[buyer] % 2 * 2)),
        "base_currency_code": BASE_CURRENCY,
        "global_currency_code": BASE_CURRENCY,
        "order_currency_code": currency,
        "store_currency_code": currency,
        "base_to_global_rate": 1,
        "base_to_order_rate": Rate(orders.rate),
        "total_item_count": orders.items.per_basket(np.ones_like(orders.items.pieces), orders.size),
        "total_qty_ordered": orders.items.per_basket(orders.items.pieces, orders.size),
        "created_at": Instant(orders.at),
        "updated_at": Instant(changed),
    }
    for name, amount in amounts.items():
        columns[f"base_{name}"] = Money(amount)
        columns[name] = Money(orders.in_currency(amount))
    return columns


def _addresses(part: Part, orders: Orders, ids: Integers, address_ids: Integers) -> Columns:
    """Two rows an order: where the bill goes, and where the things go, sometimes to somebody else."""
    people, rng = part.people, part.dice("order addresses")
    order = np.repeat(np.arange(orders.size), 2)
    kind = np.tile(np.arange(2), orders.size)
    buyer = orders.buyer[order]
    is_gift = (kind == 1) & orders.is_gift[order]
    website = people.website[buyer]
    other_city = w.FIRST_CITY[website] + rng.integers(0, w.CITY_COUNT[website])
    city = np.where(is_gift, other_city, people.city[buyer])
    # A present goes to another postcode, also where it stays in the city.
    postcode = np.where(is_gift, 3 * city + (people.postcode[buyer] + 1) % 3, people.postcode[buyer])
    first_name = np.where(is_gift, rng.integers(0, len(w.FIRST_NAMES), len(order)), people.first_name[buyer])
    return {
        "entity_id": address_ids,
        "parent_id": ids[order],
        "customer_id": people.customer_id[buyer],
        "address_type": Words(_ADDRESS_TYPES, kind),
        "email": people.email(buyer),
        "firstname": Words(w.FIRST_NAMES, first_name),
        "lastname": Words(w.LAST_NAMES, people.last_name[buyer]),
        "company": Words(w.COMPANY_NAMES, np.where(is_gift, -1, people.company[buyer])),
        **place_columns(city, postcode, people.street[buyer], buyer),
        "region_id": np.where(w.CITY_REGION_IDS[city] == 0, NULL, w.CITY_REGION_IDS[city]),
    }


def place_columns(city: Integers, postcode: Integers, street: Integers, number: Integers) -> dict[str, Value]:
    """The columns of a place, as orders and carts have them."""
    return {
        "street": Joined((Words(w.STREET_NAMES, street), " ", number % 98 + 1)),
        "city": Words(w.CITY_NAMES, city),
        "region": Words(w.CITY_REGIONS, city),
        "postcode": Words(w.POSTCODES, postcode),
        "country_id": Words(w.CITY_COUNTRIES, city),
        "telephone": Joined(("+00 555 ", 10_000 + number % 89_999)),
    }


def _payments(part: Part, orders: Orders, ids: Integers, rng: np.random.Generator) -> Columns:
    usual = rng.choice(len(_PAYMENT_SHARES), size=orders.size, p=_PAYMENT_SHARES)
    total = orders.total
    return {
        "entity_id": part.numbers.take("sales_flat_order_payment", orders.size),
        "parent_id": ids,
        "method": Words(_PAYMENTS, np.where(orders.is_trade, _PURCHASE_ORDER, usual)),
        "base_amount_ordered": Money(total),
        "amount_ordered": Money(orders.in_currency(total)),
    }


def _items(part: Part, orders: Orders, rows: ItemRows, ids: Integers, item_ids: Integers) -> Columns:
    rng = part.dice("order items")
    items, catalog = orders.items, part.catalog
    order = items.basket[rows.item]
    is_top = rows.parent == NULL
    is_gone = (rng.integers(0, 1000, len(items.product)) < _GONE)[rows.item]
    row_total = rows.price * rows.pieces
    discount = np.where(is_top, orders.item_discount[rows.item], 0)
    tax = np.where(is_top, orders.item_tax[rows.item], 0)
    percent = TAX_PERCENTS[part.people.website[orders.buyer[order]]]
    amounts = {
        "price": rows.price,
        "row_total": row_total,
        "discount_amount": discount,
        "tax_amount": tax,
        "row_total_incl_tax": row_total + tax,
    }
    columns: dict[str, Value] = {
        "item_id": item_ids,
        "order_id": ids[order],
        "parent_item_id": np.where(is_top, NULL, item_ids[np.maximum(rows.parent, 0)]),
        "store_id": part.people.store[orders.buyer[order]] + 1,
        "product_id": rows.product + 1 + np.where(is_gone, _GONE_PRODUCT, 0),
        "product_type": Words(PRODUCT_TYPES, rows.kind),
        "sku": Words(catalog.skus, rows.label),
        "name": Words(catalog.names, rows.product),
        "qty_ordered": rows.pieces,
        "qty_canceled": np.where(orders.state[order] == CANCELED, rows.pieces, 0),
        "tax_percent": percent,
        "created_at": Instant(orders.at[order]),
        "updated_at": Instant(orders.at[order]),
    }
    for name, amount in amounts.items():
        columns[f"base_{name}"] = Money(amount)
        columns[name] = Money(orders.in_currency(amount, order))
    return columns
