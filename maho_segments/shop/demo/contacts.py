"""Newsletter subscriptions and wishlists of the demo shop."""

from typing import Final

import numpy as np

from maho_segments.shop.demo.baskets import draw_leaves
from maho_segments.shop.demo.encoding import NULL, Instant, Integers
from maho_segments.shop.demo.part import Part
from maho_segments.shop.demo.people import is_persona
from maho_segments.shop.demo.personas import PLACE, trait
from maho_segments.shop.demo.timeline import DAY

_SUBSCRIBED, _NOT_ACTIVE, _UNSUBSCRIBED, _UNCONFIRMED = 1, 2, 3, 4
_STATUSES: Final = (_SUBSCRIBED, _NOT_ACTIVE, _UNSUBSCRIBED, _UNCONFIRMED)
_STATUS_SHARES: Final = (0.76, 0.06, 0.14, 0.04)
# Subscribers who never bought, filled a cart or registered, for each customer.
_ONLY_READERS: Final = 0.05
_WITHOUT_TIME: Final = 0.03
_WITHOUT_ACCOUNT: Final = 0.05
_SHARED: Final = 0.15
_OLDEST_WISH: Final = 700 * DAY
_SETTLED_WISH: Final = 62 * DAY


def write_newsletter(part: Part) -> None:
    """Subscriptions of customers and guests, and of addresses that did nothing else."""
    rng, people, now = part.dice("newsletter"), part.people, part.timeline.now
    reads = rng.random(people.size) < trait(lambda p: p.newsletter)[people.persona]
    person = np.flatnonzero(reads)
    changed = part.timeline.between(rng, people.created[person], np.full(len(person), now))
    status = rng.choice(_STATUSES, size=len(person), p=_STATUS_SHARES)
    if part.is_planted:
        status[: len(_STATUSES)] = _STATUSES[: len(person)]
        status[is_persona(people, "guest_cart")[person]] = _SUBSCRIBED
    unlinked = rng.random(len(person)) < _WITHOUT_ACCOUNT
    customer = np.where((people.customer_id[person] == NULL) | unlinked, 0, people.customer_id[person])
    _write_subscribers(part, rng, person, customer, status, changed)
    _write_readers(part, rng)


def _write_readers(part: Part, rng: np.random.Generator) -> None:
    """Addresses of their own: made from those of customers, under a key that nobody has."""
    people, now = part.people, part.timeline.now
    count = max(3, round(people.customers * _ONLY_READERS))
    like = rng.integers(0, people.customers, count)
    readers = people.take(like)
    readers.mail_key[:] = 3_000_000_000 + part.numbers.take("readers", count)
    status = rng.choice(_STATUSES, size=count, p=_STATUS_SHARES)
    changed = part.timeline.between(rng, np.full(count, part.timeline.start), np.full(count, now))
    part.emit(
        "newsletter_subscriber",
        {
            "subscriber_id": part.numbers.take("newsletter_subscriber", count),
            "store_id": readers.store + 1,
            "change_status_at": Instant(changed),
            "customer_id": 0,
            "subscriber_email": readers.email(np.arange(count)),
            "subscriber_status": status,
        },
        count,
    )


def _write_subscribers(
    part: Part,
    rng: np.random.Generator,
    person: Integers,
    customer: Integers,
    status: Integers,
    changed: Integers,
) -> None:
    people, count = part.people, len(person)
    part.emit(
        "newsletter_subscriber",
        {
            "subscriber_id": part.numbers.take("newsletter_subscriber", count),
            "store_id": people.store[person] + 1,
            # Old versions of the shop wrote no time.
            "change_status_at": Instant(np.where(rng.random(count) < _WITHOUT_TIME, NULL, changed)),
            "customer_id": customer,
            "subscriber_email": people.email(person),
            "subscriber_status": status,
        },
        count,
    )


def write_wishlists(part: Part) -> None:
    """Wishlists, one a customer at most, and what is on them."""
    rng, people, now = part.dice("wishlists"), part.people, part.timeline.now
    customers = people.customers
    has_one = rng.random(customers) < trait(lambda p: p.wishlist)[people.persona[:customers]]
    owner = np.flatnonzero(has_one)
    ids = part.numbers.take("wishlist", len(owner))
    sizes = 1 + rng.poisson(1.8, len(owner))
    is_collector = people.persona[owner] == PLACE["collector"]
    wish = np.repeat(np.arange(len(owner)), np.where(is_collector, np.maximum(sizes, 3), sizes))
    age = (_OLDEST_WISH * rng.random(len(wish)) ** 1.5).astype(np.int64)
    # Collectors' wishes are old ones.
    age = np.where(
        is_collector[wish], np.maximum(age, _SETTLED_WISH + rng.integers(0, 90 * DAY, len(wish))), age
    )
    age = np.minimum(age, (now - people.created[owner])[wish])
    added = now - np.maximum(age, 60)
    updated = np.full(len(owner), part.timeline.start)
    np.maximum.at(updated, wish, added)
    part.emit(
        "wishlist",
        {
            "wishlist_id": ids,
            "customer_id": people.customer_id[owner],
            "shared": (rng.random(len(owner)) < _SHARED).astype(np.int64),
            "updated_at": Instant(updated),
        },
        len(owner),
    )
    part.emit(
        "wishlist_item",
        {
            "wishlist_item_id": part.numbers.take("wishlist_item", len(wish)),
            "wishlist_id": ids[wish],
            "product_id": part.catalog.draw(rng, draw_leaves(rng, people.persona[owner][wish])) + 1,
            "store_id": people.store[owner][wish] + 1,
            "added_at": Instant(added),
            "qty": rng.integers(1, 3, len(wish)),
        },
        len(wish),
    )
