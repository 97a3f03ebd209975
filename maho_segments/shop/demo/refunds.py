"""Credit memos of the demo shop's orders."""

from dataclasses import dataclass

import numpy as np

from maho_segments.shop.demo.encoding import Instant, Integers, Joined, Money, Words
from maho_segments.shop.demo.orders import CLOSED, COMPLETE, Orders
from maho_segments.shop.demo.part import Part
from maho_segments.shop.demo.personas import PLACE, trait
from maho_segments.shop.demo.stores import BASE_CURRENCY, STORE_CURRENCIES
from maho_segments.shop.demo.timeline import DAY, HOUR

_OPEN, _REFUNDED, _CANCELED = 1, 2, 3


@dataclass(frozen=True)
class Refunds:
    """Credit memos in the order of their times; `order` is a place among the orders."""

    order: Integers
    at: Integers
    amount: Integers
    state: Integers

    def per_order(self, orders: int) -> Integers:
        """What was paid back for each order, in hundredths of a euro."""
        amounts = np.where(self.state == _REFUNDED, self.amount, 0)
        return np.bincount(self.order, weights=amounts, minlength=orders).astype(np.int64)


def make_refunds(part: Part, orders: Orders) -> Refunds:
    """Credit memos: closed orders are paid back whole, others in part and by those who are inclined to it."""
    rng = part.dice("refunds")
    persona = part.people.persona[orders.buyer]
    chance = trait(lambda p: p.refunds)[persona]
    is_old = orders.at < part.timeline.now - 4 * DAY
    in_part = (orders.state == COMPLETE) & is_old & (rng.random(orders.size) < chance)
    order = np.flatnonzero(in_part | (orders.state == CLOSED))
    returns_most = persona[order] == PLACE["returner"]
    share = np.where(returns_most, rng.uniform(0.6, 1.0, len(order)), rng.uniform(0.1, 0.6, len(order)))
    whole = orders.total[order]
    amount = np.where(orders.state[order] == CLOSED, whole, np.rint(whole * share).astype(np.int64))
    # Some are paid back in two steps.
    halved = np.flatnonzero(rng.random(len(order)) < 0.08)
    first_half = amount[halved] // 2
    amount[halved] -= first_half
    order, amount = np.concatenate([order, order[halved]]), np.concatenate([amount, first_half])
    at = orders.at[order] + rng.integers(2 * DAY, 20 * DAY, len(order))
    at = np.where(at < part.timeline.now, at, part.timeline.now - rng.integers(60, 12 * HOUR, len(order)))
    at = np.maximum(at, orders.at[order] + 30)
    states = rng.choice([_REFUNDED, _OPEN, _CANCELED], size=len(order), p=[0.96, 0.02, 0.02])
    states = np.where(orders.state[order] == CLOSED, _REFUNDED, states)
    by_time = np.argsort(at, kind="stable")
    return Refunds(order[by_time], at[by_time], amount[by_time], states[by_time])


def write_refunds(
    part: Part, orders: Orders, refunds: Refunds, order_ids: Integers, item_ids: Integers
) -> None:
    """The rows of these credit memos, each with the first item of its order."""
    count = len(refunds.order)
    ids = part.numbers.take("sales_flat_creditmemo", count)
    in_currency = orders.in_currency(refunds.amount, refunds.order)
    stores = part.people.store[orders.buyer[refunds.order]]
    part.emit(
        "sales_flat_creditmemo",
        {
            "entity_id": ids,
            "store_id": stores + 1,
            "order_id": order_ids[refunds.order],
            "state": refunds.state,
            "increment_id": Joined(("2", 100_000_000 + ids)),
            "base_currency_code": BASE_CURRENCY,
            "order_currency_code": Words(STORE_CURRENCIES, stores),
            "base_to_global_rate": 1,
            "base_grand_total": Money(refunds.amount),
            "grand_total": Money(in_currency),
            "base_subtotal": Money(refunds.amount),
            "subtotal": Money(in_currency),
            "created_at": Instant(refunds.at),
            "updated_at": Instant(refunds.at),
        },
        count,
    )
    first_items = np.searchsorted(orders.items.basket, refunds.order)
    product = orders.items.product[first_items]
    part.emit(
        "sales_flat_creditmemo_item",
        {
            "entity_id": part.numbers.take("sales_flat_creditmemo_item", count),
            "parent_id": ids,
            "order_item_id": item_ids[first_items],
            "product_id": product + 1,
            "sku": Words(part.catalog.skus, product),
            "name": Words(part.catalog.names, product),
            "qty": orders.items.pieces[first_items],
            "base_row_total": Money(np.minimum(refunds.amount, orders.items.row_total[first_items])),
        },
        count,
    )
