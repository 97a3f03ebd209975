"""Customers and guests of a part of the demo shop: who they are, since when, and how often they order."""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from maho_segments.shop.demo import words as w
from maho_segments.shop.demo.encoding import NULL, Field, Flags, Integers, Joined, Texts, Words
from maho_segments.shop.demo.personas import CUSTOMERS, GUESTS, MAY_HAVE_BEEN_GUESTS, PLACE, shares, trait
from maho_segments.shop.demo.stores import (
    FIRST_STORES,
    GENERAL,
    LAST_STORES,
    RETAILER,
    VIP,
    WEBSITE_SHARES,
    WHOLESALE,
)
from maho_segments.shop.demo.stores import (
    GUESTS as GUEST_GROUP,
)
from maho_segments.shop.demo.timeline import DAY, Timeline

GUESTS_PER_CUSTOMER: Final = 0.2
# In the first part of the shop each kind of customer comes so many times before chance decides.
_PLANTED: Final = 2
_FIRST_TYPED: Final[Texts] = np.concatenate([w.FIRST_MAIL_NAMES, w.FIRST_MAIL_NAMES_TYPED])
_LAST_TYPED: Final[Texts] = np.concatenate([w.LAST_MAIL_NAMES, w.LAST_MAIL_NAMES_TYPED])
_BLANKS: Final[Texts] = np.array([b"", b" "])


@dataclass(frozen=True)
class People:
    """Customers, in the order of their ids, then guests; a number each.

    `mail_key` and the two names make the address: who has the same three has the same address.
    `last_order` is a moment, NULL for those who never order. Websites, stores, cities and the like are
    places, counted from 0.
    """

    customer_id: Integers
    persona: Integers
    website: Integers
    store: Integers
    group: Integers
    first_name: Integers
    last_name: Integers
    mail_key: Integers
    city: Integers
    postcode: Integers
    street: Integers
    company: Integers
    created: Integers
    last_order: Integers
    orders: Integers

    @property
    def size(self) -> int:
        """How many people there are."""
        return len(self.persona)

    @property
    def customers(self) -> int:
        """How many of them, from the first, have an account."""
        return int((self.customer_id != NULL).sum())

    def take(self, rows: Integers) -> "People":
        """These people only, in this order."""
        return People(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})

    def email(
        self,
        people: Integers,
        *,
        typed: Integers | None = None,
        blank: Integers | None = None,
        where: Flags | None = None,
    ) -> Field:
        """The address of each of them; 1 in `typed` is other capitals, 1 in `blank` a blank around it."""
        style = typed if typed is not None else np.zeros_like(people)
        space = Words(_BLANKS, blank if blank is not None else np.zeros_like(people))
        return Joined(
            (
                space,
                Words(_FIRST_TYPED, self.first_name[people] + style * len(w.FIRST_NAMES)),
                ".",
                Words(_LAST_TYPED, self.last_name[people] + style * len(w.LAST_NAMES)),
                self.mail_key[people],
                "@",
                Words(w.MAIL_DOMAINS, self.mail_key[people] % len(w.DOMAINS)),
                space,
            ),
            where,
        )


def make_people(
    rng: np.random.Generator, timeline: Timeline, *, customers: int, first_id: int, planted: bool
) -> People:
    """So many customers from this id on, and the guests that come with them."""
    persona = rng.choice(len(CUSTOMERS), size=customers, p=shares(CUSTOMERS))
    if planted:
        kinds = len(CUSTOMERS)
        persona[: kinds * _PLANTED] = np.arange(kinds * _PLANTED)[:customers] % kinds
    accounts = _persons(rng, timeline, persona)
    accounts = accounts.take(np.argsort(accounts.created, kind="stable"))
    ids = np.arange(first_id, first_id + customers)
    # Even keys are customers', odd ones guests'.
    accounts = _share_addresses(rng, replace(accounts, customer_id=ids, mail_key=2 * ids))
    guests = _guests(rng, timeline, accounts, first_id)
    both = (
        np.concatenate([getattr(accounts, part.name), getattr(guests, part.name)]) for part in fields(People)
    )
    return People(*both)


def _persons(rng: np.random.Generator, timeline: Timeline, persona: Integers) -> People:
    count = len(persona)
    website = rng.choice(len(WEBSITE_SHARES), size=count, p=WEBSITE_SHARES)
    city = w.FIRST_CITY[website] + (w.CITY_COUNT[website] * rng.random(count) ** 1.3).astype(np.int64)
    orders = _order_counts(rng, persona)
    last_order = _last_orders(rng, timeline, persona)
    seen = np.where(orders > 0, last_order, timeline.now)
    tenure = (0.3 + rng.exponential(trait(lambda p: p.tenure)[persona])) * DAY
    created = seen - tenure.astype(np.int64)
    late = timeline.start + (rng.random(count) * (seen - timeline.start)).astype(np.int64)
    group = np.where(
        persona == PLACE["trade"], np.where(rng.random(count) < 0.6, WHOLESALE, RETAILER), GENERAL
    )
    is_vip = (persona == PLACE["platinum"]) & (rng.random(count) < 0.7)
    company = rng.random(count) < np.where(persona == PLACE["trade"], 0.95, 0.04)
    return People(
        customer_id=np.full(count, NULL),
        persona=persona,
        website=website,
        store=FIRST_STORES[website] + rng.integers(0, LAST_STORES[website] - FIRST_STORES[website] + 1),
        group=np.where(is_vip, VIP, group),
        first_name=rng.integers(0, len(w.FIRST_NAMES), count),
        last_name=(len(w.LAST_NAMES) * rng.random(count) ** 1.5).astype(np.int64),
        mail_key=np.zeros(count, dtype=np.int64),
        city=city,
        postcode=3 * city + rng.integers(0, 3, count),
        street=rng.integers(0, len(w.STREET_NAMES), count),
        company=np.where(company, rng.integers(0, len(w.COMPANY_NAMES), count), -1),
        created=np.where(created < timeline.start, late, created),
        last_order=np.where(orders > 0, last_order, NULL),
        orders=orders,
    )


def _order_counts(rng: np.random.Generator, persona: Integers) -> Integers:
    """How many orders each of these kinds of people places: many order little and a few a lot."""
    least = trait(lambda p: p.orders[0])[persona]
    mean = trait(lambda p: p.orders[1])[persona]
    most = trait(lambda p: p.orders[2])[persona]
    extra = rng.poisson(rng.gamma(0.8, np.maximum(mean - least, 0) / 0.8))
    return np.minimum(least + extra, most).astype(np.int64)


def _last_orders(rng: np.random.Generator, timeline: Timeline, persona: Integers) -> Integers:
    """When each of these kinds of people placed the last order."""
    count, now = len(persona), np.full(len(persona), timeline.now)
    newest, oldest = trait(lambda p: p.last_order[0])[persona], trait(lambda p: p.last_order[1])[persona]
    ago = newest + (oldest - newest) * rng.random(count) ** 1.4
    usual = now - np.maximum(ago * DAY, rng.integers(120, 7200, count)).astype(np.int64)
    holiday = timeline.between(rng, now - rng.integers(1, 3, count) * 365 * DAY, now, timeline.holidays)
    return np.where(persona == PLACE["holiday"], holiday, usual)


def _share_addresses(rng: np.random.Generator, accounts: People) -> People:
    """Some people have an account on two websites: each is its neighbour again."""
    rows = np.arange(1, accounts.size, 2)
    rows = rows[(rng.random(len(rows)) < 0.03) & (accounts.website[rows] != accounts.website[rows - 1])]
    return _with_address_of(accounts, rows, accounts, rows - 1)


def _with_address_of(people: People, rows: Integers, others: People, other_rows: Integers) -> People:
    changed = {}
    for name in ("first_name", "last_name", "mail_key"):
        values = getattr(people, name).copy()
        values[rows] = getattr(others, name)[other_rows]
        changed[name] = values
    return replace(people, **changed)


def _guests(rng: np.random.Generator, timeline: Timeline, accounts: People, first_id: int) -> People:
    count = max(len(GUESTS), round(accounts.size * GUESTS_PER_CUSTOMER))
    persona = len(CUSTOMERS) + rng.choice(len(GUESTS), size=count, p=shares(GUESTS))
    persona[: len(GUESTS)] = len(CUSTOMERS) + np.arange(len(GUESTS))
    guests = _persons(rng, timeline, persona)
    guests = replace(
        guests,
        group=np.full(count, GUEST_GROUP),
        company=np.full(count, -1),
        mail_key=2 * np.arange(first_id, first_id + count) + 1,
    )
    return _later_accounts(rng, timeline, _guests_twice(rng, guests, accounts), accounts)


def _guests_twice(rng: np.random.Generator, guests: People, accounts: People) -> People:
    """Some guests bought on two websites, and some have an account, but on another website."""
    rows = np.arange(len(GUESTS) + 1, guests.size, 2)
    twice = rows[(rng.random(len(rows)) < 0.1) & (guests.website[rows] != guests.website[rows - 1])]
    guests = _with_address_of(guests, twice, guests, twice - 1)
    others = rows[(rng.random(len(rows)) < 0.1) & ~np.isin(rows, twice)]
    owners = rng.choice(accounts.size, size=len(others), replace=False)
    differs = guests.website[others] != accounts.website[owners]
    return _with_address_of(guests, others[differs], accounts, owners[differs])


def _later_accounts(rng: np.random.Generator, timeline: Timeline, guests: People, accounts: People) -> People:
    """Some guests registered later, or forgot to log in: same website, same address."""
    rows = np.flatnonzero(guests.persona == PLACE["guest_registered_later"])
    owners = np.flatnonzero(np.isin(accounts.persona, [PLACE[name] for name in MAY_HAVE_BEEN_GUESTS]))
    owners = rng.choice(owners, size=len(rows))
    guests = _with_address_of(guests, rows, accounts, owners)
    before = accounts.created[owners] - rng.integers(1, 200, len(rows)) * DAY
    after = timeline.between(rng, accounts.created[owners], np.full(len(rows), timeline.now))
    last_order = guests.last_order.copy()
    last_order[rows] = np.maximum(np.where(rng.random(len(rows)) < 0.6, before, after), timeline.start + DAY)
    created = guests.created.copy()
    created[rows] = np.maximum(last_order[rows] - 60 * DAY, timeline.start)
    website, store = guests.website.copy(), guests.store.copy()
    website[rows], store[rows] = accounts.website[owners], accounts.store[owners]
    city, postcode = guests.city.copy(), guests.postcode.copy()
    city[rows], postcode[rows] = accounts.city[owners], accounts.postcode[owners]
    return replace(
        guests,
        last_order=last_order,
        created=created,
        website=website,
        store=store,
        city=city,
        postcode=postcode,
    )


def is_persona(people: People, *names: str) -> Flags:
    """Whether each person is of one of these kinds."""
    return np.isin(people.persona, [PLACE[name] for name in names])
