"""Visits to the demo shop: anonymous ones and logins, and the carts that visitors fill."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from maho_segments.shop.demo.carts import Carts
from maho_segments.shop.demo.encoding import NULL, Instant, Integers
from maho_segments.shop.demo.part import Part
from maho_segments.shop.demo.people import is_persona
from maho_segments.shop.demo.personas import trait
from maho_segments.shop.demo.stores import FIRST_STORES, LAST_STORES, STORES, WEBSITE_SHARES
from maho_segments.shop.demo.timeline import DAY, HOUR

# The shop forgets visitors who were not seen for so long; of each customer it keeps the last login.
KEPT_DAYS: Final = 180
_ANONYMOUS_PER_CUSTOMER: Final = 0.4
_LOGS_OUT: Final = 0.15
_GUESTS_WITH_VISIT: Final = 0.5
_NOBODY: Final = -1


@dataclass(frozen=True)
class Visits:
    """Visits of the last months, anonymous ones first; `person` is a place among the customers, or -1.

    A visit with a person is one in which that customer logged in, at `login`.
    """

    visitor_id: Integers
    person: Integers
    store: Integers
    first: Integers
    last: Integers
    login: Integers

    @property
    def anonymous(self) -> int:
        """How many visits, from the first, are those of nobody known."""
        return int((self.person == _NOBODY).sum())

    @property
    def size(self) -> int:
        """How many visits there are."""
        return len(self.visitor_id)


def make_visits(part: Part) -> Visits:
    """Anonymous visits and logins of the time that the shop remembers."""
    rng, people, timeline = part.dice("visits"), part.people, part.timeline
    customers = people.customers
    count = max(12, round(customers * _ANONYMOUS_PER_CUSTOMER))
    website = rng.choice(len(WEBSITE_SHARES), size=count, p=WEBSITE_SHARES)
    store = FIRST_STORES[website] + rng.integers(0, LAST_STORES[website] - FIRST_STORES[website] + 1)
    first = timeline.now - HOUR - (KEPT_DAYS * DAY * rng.random(count) ** 1.8).astype(np.int64)
    logins = rng.poisson(trait(lambda p: p.logins)[people.persona[:customers]])
    person = np.repeat(np.arange(customers), logins)
    oldest = np.maximum(people.created[person] + 60, timeline.now - KEPT_DAYS * DAY + DAY)
    oldest = np.minimum(oldest, timeline.now - 2)
    login = timeline.between(rng, oldest, np.full(len(person), timeline.now))
    moved = timeline.at_shopping_hours(
        rng, login, people.website[person], night=np.zeros(len(person), dtype=np.bool_)
    )
    login = np.where((moved > oldest) & (moved < timeline.now - 60), moved, login)
    before = rng.integers(0, 20 * 60, len(person))
    return Visits(
        visitor_id=part.numbers.take("log_visitor", count + len(person)),
        person=np.concatenate([np.full(count, _NOBODY), person]),
        store=np.concatenate([store, people.store[person]]),
        first=np.concatenate([first, login - before]),
        last=np.concatenate(
            [first + rng.integers(5, 50 * 60, count), login + rng.integers(0, 60, len(person))]
        ),
        login=np.concatenate([np.full(count, NULL), login]),
    )


def write_visits(part: Part, visits: Visits) -> None:
    """The rows of these visits and logins, and the last logins from before them."""
    part.emit(
        "log_visitor",
        {
            "visitor_id": visits.visitor_id,
            "first_visit_at": Instant(visits.first),
            "last_visit_at": Instant(visits.last),
            "last_url_id": 0,
            "store_id": visits.store + 1,
        },
        visits.size,
    )
    rng, people, now = part.dice("logins"), part.people, part.timeline.now
    is_login = visits.person != _NOBODY
    seen = np.bincount(visits.person[is_login], minlength=people.customers) > 0
    oldest, newest = people.created[: people.customers], np.full(people.customers, now - KEPT_DAYS * DAY)
    # Who is lost has not been seen since the last order.
    is_lost = is_persona(people, "lost", "lapsed")[: people.customers]
    newest = np.where(is_lost, np.minimum(people.last_order[: people.customers], newest), newest)
    forgotten = np.flatnonzero(~seen & (oldest < newest) & (rng.random(people.customers) < 0.8))
    login = part.timeline.between(rng, oldest[forgotten], newest[forgotten])
    customer = np.concatenate([forgotten, visits.person[is_login]])
    login = np.concatenate([login, visits.login[is_login]])
    visitor = np.concatenate([part.numbers.take("log_visitor", len(forgotten)), visits.visitor_id[is_login]])
    by_time = np.argsort(login, kind="stable")
    logout = np.where(
        rng.random(len(login)) < _LOGS_OUT, np.minimum(login + rng.integers(60, HOUR, len(login)), now), NULL
    )
    part.emit(
        "log_customer",
        {
            "log_id": part.numbers.take("log_customer", len(login)),
            "visitor_id": visitor[by_time],
            "customer_id": people.customer_id[customer[by_time]],
            "login_at": Instant(login[by_time]),
            "logout_at": Instant(logout[by_time]),
            "store_id": people.store[customer[by_time]] + 1,
        },
        len(login),
    )


def write_cart_visits(part: Part, visits: Visits, carts: Carts, ids: Integers) -> None:
    """Ties carts to visitors: those of nobody to theirs, and those of some guests to one without a cart."""
    rng = part.dice("cart visits")
    visitor = carts.visitor.copy()
    is_guest = (carts.person != _NOBODY) & (part.people.customer_id[np.maximum(carts.person, 0)] == NULL)
    wanted = np.flatnonzero(is_guest & (rng.random(carts.size) < _GUESTS_WITH_VISIT))
    is_free = (visits.person == _NOBODY) & ~np.isin(np.arange(visits.size), visitor)
    for store in range(len(STORES)):
        guests = wanted[carts.store[wanted] == store]
        free = rng.permutation(np.flatnonzero(is_free & (visits.store == store)))[: len(guests)]
        visitor[guests[: len(free)]] = free
    tied = np.flatnonzero(visitor != _NOBODY)
    part.emit(
        "log_quote",
        {
            "quote_id": ids[tied],
            "visitor_id": visits.visitor_id[visitor[tied]],
            "created_at": Instant(carts.created[tied]),
            "deleted_at": None,
        },
        len(tied),
    )
