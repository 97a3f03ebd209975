"""The orders of a part of the demo shop: who ordered when, what became of it, and what it cost."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from maho_segments.shop.demo.baskets import Items, fill_baskets
from maho_segments.shop.demo.catalog import LEAF, VIRTUAL, Catalog
from maho_segments.shop.demo.encoding import NULL, Flags, Integers, Texts, words
from maho_segments.shop.demo.people import People
from maho_segments.shop.demo.personas import PERSONAS, PLACE, trait
from maho_segments.shop.demo.stores import (
    COUPON_COUNT,
    COUPON_PERCENTS,
    RETAILER,
    STORE_RATES,
    TAX_PERCENTS,
    WHOLESALE,
)
from maho_segments.shop.demo.timeline import DAY, HOUR, Timeline

STATES: Final[Texts] = words(
    ["new", "pending_payment", "processing", "complete", "closed", "canceled", "holded", "payment_review"]
)
STATUSES: Final[Texts] = words(
    [
        "pending",
        "pending_payment",
        "processing",
        "complete",
        "closed",
        "canceled",
        "holded",
        "payment_review",
        "fraud",
    ]
)
NEW, PENDING, PROCESSING, COMPLETE, CLOSED, CANCELED, HELD, REVIEW = range(8)
_FRAUD: Final = 8
# How common each state is, in a thousand orders of that age.
_TODAY: Final = (300, 100, 500, 20, 0, 40, 10, 30)
_THIS_WEEK: Final = (20, 40, 450, 400, 5, 60, 15, 10)
_OLDER: Final = (0, 4, 6, 905, 20, 55, 7, 3)
_FREE_SHIPPING_FROM: Final = 100_00
_SHIPPING: Final = (4_95, 6_95, 9_90)
# The last order of these kinds of people has such a thing in it.
_FIRST_ITEM: Final = {"photographer": "cameras", "shoe_fan": "shoes", "supplier": "chargers"}
# So many orders are dated after the shop's last moment, as a clock that runs ahead writes them.
_AHEAD: Final = (3 * HOUR, 30 * HOUR, 70 * HOUR)


@dataclass(frozen=True)
class Orders:
    """Orders in the order of their times; amounts in hundredths of a euro, `rate` in ten-thousandths.

    `buyer` is a place among the people, `coupon` one among the shop's coupons, 0 without one.
    """

    buyer: Integers
    at: Integers
    state: Integers
    status: Integers
    coupon: Integers
    is_trade: Flags
    items: Items
    item_discount: Integers
    item_tax: Integers
    subtotal: Integers
    discount: Integers
    tax: Integers
    shipping: Integers
    rate: Integers
    is_gift: Flags

    @property
    def size(self) -> int:
        """How many orders there are."""
        return len(self.buyer)

    @property
    def total(self) -> Integers:
        """What the buyer pays."""
        return self.subtotal - self.discount + self.tax + self.shipping

    def in_currency(self, amounts: Integers, orders: Integers | None = None) -> Integers:
        """Amounts of these orders (all of them, unless given) in the currency they were placed in."""
        rates = self.rate if orders is None else self.rate[orders]
        converted = np.rint(np.where(amounts == NULL, 0, amounts) * (rates / 10_000.0)).astype(np.int64)
        return np.where(amounts == NULL, NULL, converted)


def make_orders(
    rng: np.random.Generator, timeline: Timeline, catalog: Catalog, people: People, *, planted: bool
) -> Orders:
    """Every order that these people place."""
    buyer = np.repeat(np.arange(people.size), people.orders)
    is_last = np.concatenate([[True], buyer[1:] != buyer[:-1]]) if len(buyer) else np.zeros(0, dtype=np.bool_)
    at = _times(rng, timeline, people, buyer, is_last)
    if planted:
        regulars = np.flatnonzero(people.persona == PLACE["regular"])[: len(_AHEAD)]
        buyer = np.concatenate([buyer, regulars])
        is_last = np.concatenate([is_last, np.zeros(len(regulars), dtype=np.bool_)])
        at = np.concatenate([at, timeline.now + np.array(_AHEAD[: len(regulars)], dtype=np.int64)])
    by_time = np.argsort(at, kind="stable")
    buyer, at, is_last = buyer[by_time], at[by_time], is_last[by_time]
    persona = people.persona[buyer]
    settled = is_last & trait(lambda p: p.is_settled)[persona].astype(np.bool_)
    state = _states(rng, timeline.now - at, settled=settled)
    status = np.where((state == REVIEW) & (rng.random(len(at)) < 0.3), _FRAUD, state)
    first_items = np.array([LEAF.get(_FIRST_ITEM.get(person.name, ""), -1) for person in PERSONAS])
    items = fill_baskets(rng, catalog, persona, np.where(is_last, first_items[persona], -1))
    coupon = _coupons(rng, persona)
    is_trade = np.isin(people.group[buyer], [WHOLESALE, RETAILER])
    percent = COUPON_PERCENTS[coupon] + np.where(is_trade, 5, 0)
    row_total = items.row_total
    item_discount = (row_total * percent[items.basket] + 50) // 100
    tax_percent = TAX_PERCENTS[people.website[buyer]][items.basket]
    item_tax = ((row_total - item_discount) * tax_percent + 50) // 100
    subtotal = items.per_basket(row_total, len(buyer))
    to_send = items.per_basket((catalog.kinds[items.product] != VIRTUAL).astype(np.int64), len(buyer)) > 0
    shipping = np.where(to_send, np.array(_SHIPPING)[people.website[buyer]], 0)
    gift_share = np.where(persona == PLACE["gift_sender"], 0.8, 0.04)
    # Rates of currencies move a little from month to month.
    drift = 1 + 0.03 * np.sin(at / (40.0 * DAY))
    rate = np.rint(STORE_RATES[people.store[buyer]] * drift).astype(np.int64)
    return Orders(
        buyer=buyer,
        at=at,
        state=state,
        status=status,
        coupon=coupon,
        is_trade=is_trade,
        items=items,
        item_discount=item_discount,
        item_tax=item_tax,
        subtotal=subtotal,
        discount=items.per_basket(item_discount, len(buyer)),
        tax=items.per_basket(item_tax, len(buyer)),
        shipping=np.where(subtotal >= _FREE_SHIPPING_FROM, 0, shipping),
        rate=np.where(people.store[buyer] == 0, STORE_RATES[0], rate),
        is_gift=rng.random(len(buyer)) < gift_share,
    )


def _times(
    rng: np.random.Generator, timeline: Timeline, people: People, buyer: Integers, is_last: Flags
) -> Integers:
    created, last, website = people.created[buyer], people.last_order[buyer], people.website[buyer]
    habit = np.array([persona.habit for persona in PERSONAS])[people.persona[buyer]]
    first = np.minimum(created + 120, last - 1)
    season = timeline.between(rng, first, last)
    holidays = timeline.between(rng, first, last, timeline.holidays)
    at = np.where(is_last, last, np.where(habit == "holidays", holidays, season))
    moved = np.where(habit == "weekend", timeline.on_weekends(at, website), at)
    moved = timeline.at_shopping_hours(rng, moved, website, night=habit == "night")
    # A day moved by its hour must neither pass the last order nor, for that one, the shop's last moment.
    latest = np.where(is_last, timeline.now - 60, last)
    return np.where((moved > first) & (moved < latest), moved, at)


def _states(rng: np.random.Generator, age: Integers, *, settled: Flags) -> Integers:
    thousand = rng.integers(0, 1000, len(age))
    today, this_week, older = (
        np.searchsorted(np.cumsum(weights), thousand, side="right")
        for weights in (_TODAY, _THIS_WEEK, _OLDER)
    )
    states = np.select([age < DAY, age < 6 * DAY], [today, this_week], older)
    return np.where(settled, np.where(age < 2 * DAY, PROCESSING, COMPLETE), states).astype(np.int64)


def _coupons(rng: np.random.Generator, persona: Integers) -> Integers:
    has_one = rng.random(len(persona)) < trait(lambda p: p.coupons)[persona]
    well_known = rng.integers(1, 4, len(persona))
    generated = rng.integers(4, COUPON_COUNT, len(persona))
    return np.where(has_one, np.where(rng.random(len(persona)) < 0.7, well_known, generated), 0)
