"""Visitors: sessions of the storefront, and who they turned out to be."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from tests.reference.places import Places
from tests.reference.profiles import Profile, ProfileKey
from tests.reference.shop import Shop, address, id_of, rows, time
from tests.reference.times import BEGINNING

_VISITOR = 1
_PRODUCT_VIEW = 1
RawRow = Mapping[str, Any]
Item = TypeVar("Item")


def visitors(shop: Shop, places: Places, others: Mapping[ProfileKey, Profile]) -> Iterator[Profile]:
    """Sessions that viewed or filled a cart without being logged in; `others` are customers and guests."""
    carts = _carts_of_visitors(shop)
    logins = _grouped(
        (id_of(row.get("visitor_id")), row)
        for row in rows(shop, "log_customer")
        if ("customer", row.get("customer_id")) in others
    )
    with_own_rows = _with_own_rows(shop, carts)
    for session in rows(shop, "log_visitor"):
        visitor_id = session["visitor_id"]
        if visitor_id not in with_own_rows:
            continue
        store_id = session.get("store_id")
        website_id = places.website_of_store(store_id)
        yield Profile(
            ("visitor", visitor_id),
            {
                "profile_type": "visitor",
                **places.website_columns(website_id),
                **places.store_columns(store_id),
                "customer_group": places.not_logged_in,
                "created_at": time(session.get("first_visit_at")),
            },
            places.time_zone(website_id),
            is_active=True,
            merged_into=_by_login(logins.get(visitor_id, []))
            or _by_cart(carts.get(visitor_id, []), places, others),
        )


def _carts_of_visitors(shop: Shop) -> dict[int, list[RawRow]]:
    visitor_of = {row["quote_id"]: row["visitor_id"] for row in rows(shop, "log_quote")}
    return _grouped((id_of(visitor_of.get(row["entity_id"])), row) for row in rows(shop, "sales_flat_quote"))


def _with_own_rows(shop: Shop, carts: Mapping[int, list[RawRow]]) -> set[int | None]:
    viewed = {
        row.get("subject_id")
        for row in rows(shop, "report_event")
        if row.get("event_type_id") == _PRODUCT_VIEW and row.get("subtype") == _VISITOR
    }
    listed = {
        row.get("visitor_id")
        for row in rows(shop, "report_viewed_product_index")
        if not id_of(row.get("customer_id"))
    }
    filled = {
        visitor_id
        for visitor_id, own in carts.items()
        if any(not id_of(cart.get("customer_id")) for cart in own)
    }
    return viewed | listed | filled


def _by_login(logins: Iterable[RawRow]) -> ProfileKey | None:
    """The account of the latest login; accounts that are gone are passed over."""
    latest = max(
        logins, key=lambda row: (time(row.get("login_at")) or BEGINNING, row["log_id"]), default=None
    )
    return ("customer", latest["customer_id"]) if latest else None


def _by_cart(
    carts: Iterable[RawRow], places: Places, others: Mapping[ProfileKey, Profile]
) -> ProfileKey | None:
    """Who the latest cart says it is: an account, a guest by the address, or whom that guest became."""
    known: list[tuple[tuple[datetime, int], ProfileKey]] = []
    for cart in carts:
        customer_id, email = id_of(cart.get("customer_id")), address(cart.get("customer_email"))
        key: ProfileKey = ("customer", customer_id)
        if not customer_id:
            key = ("guest", places.website_of_store(cart.get("store_id")), email)
        if key in others:
            known.append(((time(cart.get("updated_at")) or BEGINNING, cart["entity_id"]), key))
    if not known:
        return None
    _, latest = max(known)
    return others[latest].merged_into or latest


def _grouped(pairs: Iterable[tuple[int | None, Item]]) -> dict[int, list[Item]]:
    groups: dict[int, list[Item]] = {}
    for key, item in pairs:
        if key:
            groups.setdefault(key, []).append(item)
    return groups
