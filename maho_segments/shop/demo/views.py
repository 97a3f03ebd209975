"""Product views of the demo shop: the event log, and the index of last views."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from maho_segments.shop.demo.baskets import draw_leaves
from maho_segments.shop.demo.encoding import NULL, Instant, Integers
from maho_segments.shop.demo.part import Part
from maho_segments.shop.demo.people import is_persona
from maho_segments.shop.demo.personas import PLACE, trait
from maho_segments.shop.demo.timeline import DAY, HOUR
from maho_segments.shop.demo.visits import Visits

_CUSTOMER, _VISITOR = 0, 1
_VIEW, _COMPARE, _ADD_TO_CART, _ADD_TO_WISHLIST = 1, 3, 4, 5
_EVENTS: Final = (_VIEW, _COMPARE, _ADD_TO_CART, _ADD_TO_WISHLIST)
_EVENT_SHARES: Final = (0.93, 0.02, 0.04, 0.01)
EVENT_TYPES: Final = (
    (1, "catalog_product_view"),
    (3, "catalog_product_compare_add_product"),
    (4, "checkout_cart_add_product"),
    (5, "wishlist_add_product"),
    (6, "wishlist_share"),
)
_VIEWS_OF_A_VISITOR: Final = 5.0
_INDEX_DAYS: Final = 60
# Some views are only in the index: the shop's event log was off for a while.
_ONLY_IN_INDEX: Final = 0.03
_AHEAD: Final = (2 * HOUR, 26 * HOUR, 50 * HOUR)


@dataclass(frozen=True)
class Views:
    """Views; `subject` is a place among the people or, with subtype 1, among the visits."""

    subject: Integers
    subtype: Integers
    product: Integers
    store: Integers
    at: Integers


def make_views(part: Part, visits: Visits) -> Views:
    """What customers looked at since they registered, and visitors while they are remembered."""
    of_customers, of_visitors = _customer_views(part), _visitor_views(part, visits)
    merged = [
        np.concatenate([getattr(of_customers, name), getattr(of_visitors, name)])
        for name in ("subject", "subtype", "product", "store", "at")
    ]
    by_time = np.argsort(merged[-1], kind="stable")
    return Views(*(values[by_time] for values in merged))


def _customer_views(part: Part) -> Views:
    rng, people, timeline = part.dice("customer views"), part.people, part.timeline
    customers = np.arange(people.customers)
    mean = trait(lambda p: p.views)[people.persona[customers]]
    count = rng.poisson(rng.gamma(0.9, mean / 0.9))
    is_dreamer = is_persona(people, "laptop_dreamer")[customers]
    who = np.repeat(customers, np.where(is_dreamer, np.maximum(count, 6), count))
    persona = people.persona[who]
    is_lost = persona == PLACE["lost"]
    last = np.where(is_lost, people.last_order[who], timeline.now)
    first = np.minimum(people.created[who], last - 1)
    at = timeline.between(rng, first, last)
    recently = timeline.now - (7 * DAY * rng.random(len(who))).astype(np.int64) - 1
    is_recent = rng.random(len(who)) < np.where(persona == PLACE["laptop_dreamer"], 0.6, 0.06)
    at = np.where(is_recent & ~is_lost & (recently > people.created[who]), recently, at)
    if part.is_planted:
        regulars = np.flatnonzero(people.persona == PLACE["regular"])[: len(_AHEAD)]
        who = np.concatenate([who, regulars])
        at = np.concatenate([at, timeline.now + np.array(_AHEAD[: len(regulars)], dtype=np.int64)])
    product = part.catalog.draw(rng, draw_leaves(rng, people.persona[who]))
    return Views(who, np.full(len(who), _CUSTOMER), product, people.store[who], at)


def _visitor_views(part: Part, visits: Visits) -> Views:
    rng = part.dice("visitor views")
    is_anonymous = visits.person < 0
    count = np.where(is_anonymous, 1 + rng.poisson(_VIEWS_OF_A_VISITOR, visits.size), 0)
    # Who logs in may have looked around before.
    looked = ~is_anonymous & (rng.random(visits.size) < 0.3)
    count = np.where(looked, rng.integers(1, 4, visits.size), count)
    visit = np.repeat(np.arange(visits.size), count)
    until = np.where(is_anonymous, visits.last, visits.login)[visit]
    span = np.maximum(until - visits.first[visit], 1)
    at = visits.first[visit] + (rng.random(len(visit)) * span).astype(np.int64)
    # A visit is about one thing mostly.
    everybody = np.full(visits.size, PLACE["casual"])
    theme = draw_leaves(rng, everybody)
    leaves = np.where(rng.random(len(visit)) < 0.6, theme[visit], draw_leaves(rng, everybody[visit]))
    product = part.catalog.draw(rng, leaves)
    return Views(visit, np.full(len(visit), _VISITOR), product, visits.store[visit], at)


def write_views(part: Part, visits: Visits, views: Views) -> None:
    """The rows of the event log, views and a few events of other kinds, and of the index of last views."""
    rng = part.dice("events")
    count = len(views.at)
    is_customer = views.subtype == _CUSTOMER
    subject = np.where(
        is_customer,
        part.people.customer_id[np.where(is_customer, views.subject, 0)],
        visits.visitor_id[np.where(is_customer, 0, views.subject)],
    )
    part.emit(
        "report_event",
        {
            "event_id": part.numbers.take("report_event", count),
            "logged_at": Instant(views.at),
            "event_type_id": rng.choice(_EVENTS, size=count, p=_EVENT_SHARES),
            "object_id": views.product + 1,
            "subject_id": subject,
            "subtype": views.subtype,
            "store_id": views.store + 1,
        },
        count,
    )
    _write_index(part, visits, views, subject)


def _write_index(part: Part, visits: Visits, views: Views, subject: Integers) -> None:
    rng, people, now = part.dice("view index"), part.people, part.timeline.now
    recent = np.flatnonzero((views.at > now - _INDEX_DAYS * DAY) & (views.at < now))
    # The last view of each product by each subject: of equal pairs, the one that comes last in time.
    pair = np.stack([views.subtype[recent], subject[recent], views.product[recent]])
    by_pair = np.lexsort((recent, *pair))
    ends = np.append(np.any(np.diff(pair[:, by_pair], axis=1) != 0, axis=0), True) if len(recent) else recent
    kept = recent[by_pair[np.flatnonzero(ends)]] if len(recent) else recent
    is_customer = views.subtype[kept] == _CUSTOMER
    visit = np.where(is_customer, 0, views.subject[kept])
    person = np.where(is_customer, views.subject[kept], visits.person[visit])
    is_known = is_customer | (person >= 0)
    extra = np.flatnonzero(rng.random(people.customers) < _ONLY_IN_INDEX)
    extra_at = np.maximum(now - rng.integers(HOUR, 40 * DAY, len(extra)), people.created[extra])
    count = len(kept) + len(extra)
    visitor_id = np.where(is_customer, NULL, visits.visitor_id[visit])
    customer_id = np.where(is_known, people.customer_id[np.maximum(person, 0)], NULL)
    # Logging in moves a visitor's views to the customer and to the time of the login.
    at = np.where(~is_customer & is_known, visits.login[visit], views.at[kept])
    product = np.concatenate(
        [views.product[kept], part.catalog.draw(rng, draw_leaves(rng, people.persona[extra]))]
    )
    part.emit(
        "report_viewed_product_index",
        {
            "index_id": part.numbers.take("report_viewed_product_index", count),
            "visitor_id": np.concatenate([visitor_id, np.full(len(extra), NULL)]),
            "customer_id": np.concatenate([customer_id, people.customer_id[extra]]),
            "product_id": product + 1,
            "store_id": np.concatenate([views.store[kept], people.store[extra]]) + 1,
            "added_at": Instant(np.concatenate([at, extra_at])),
        },
        count,
    )
