"""Who is who: customers, guests and visitors, and who turned out to be whom.

This is what the shop knows now, whatever instant is asked about.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from tests.reference.places import Places
from tests.reference.shop import (
    Shop,
    Value,
    address,
    day,
    eav_values,
    id_of,
    option_labels,
    rows,
    setting,
    text,
    time,
)

ProfileKey = tuple[Any, ...]
"""("customer", customer_id) | ("guest", website_id, normalized_email) | ("visitor", visitor_id)"""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_VISITOR = 1
_PRODUCT_VIEW = 1
Item = TypeVar("Item")


@dataclass(frozen=True)
class Profile:
    """One customer, guest or visitor; `columns` are the words of the language, and those of their labels."""

    key: ProfileKey
    columns: Mapping[str, Value]
    time_zone: str
    is_active: bool
    merged_into: ProfileKey | None


class People:
    """Everybody, and whose a row of the shop is."""

    def __init__(self, profiles: dict[ProfileKey, Profile], places: Places) -> None:
        self.profiles = profiles
        self._places = places

    def customer(self, customer_id: int | None) -> ProfileKey | None:
        """The profile that a customer's row counts for, if there is such an account."""
        return self._who_it_is(("customer", customer_id))

    def visitor(self, visitor_id: int | None) -> ProfileKey | None:
        """The profile that a visitor's row counts for."""
        return self._who_it_is(("visitor", visitor_id))

    def guest(self, store_id: int | None, email: str | None) -> ProfileKey | None:
        """The profile that a row with an address counts for."""
        return self._who_it_is(("guest", self._places.website_of_store(store_id), address(email)))

    def _who_it_is(self, key: ProfileKey) -> ProfileKey | None:
        profile = self.profiles.get(key)
        return (profile.merged_into or key) if profile else None


def read_people(shop: Shop, places: Places, *, joins_guest_orders: bool) -> People:
    """Everybody that the shop has now."""
    customers = {profile.key: profile for profile in _customers(shop, places)}
    guests = {profile.key: profile for profile in _guests(shop, places, joins_guest_orders)}
    visitors = {profile.key: profile for profile in _visitors(shop, places, customers, guests)}
    return People(customers | guests | visitors, places)


# ---- customers ---------------------------------------------------------------------------------------------


def _customers(shop: Shop, places: Places) -> Iterator[Profile]:
    first_names = eav_values(shop, "customer", "firstname", "customer_entity_varchar")
    last_names = eav_values(shop, "customer", "lastname", "customer_entity_varchar")
    genders = eav_values(shop, "customer", "gender", "customer_entity_int")
    birth_dates = eav_values(shop, "customer", "dob", "customer_entity_datetime")
    labels = option_labels(shop)
    for row in rows(shop, "customer_entity"):
        customer_id, website_id = row["entity_id"], row.get("website_id")
        group_id = row.get("group_id")
        columns: dict[str, Value] = {
            "profile_type": "customer",
            "email": address(row.get("email")),
            "first_name": text(first_names.get(customer_id)),
            "last_name": text(last_names.get(customer_id)),
            **_gender(genders.get(customer_id), labels),
            **places.website_columns(website_id),
            **places.store_columns(row.get("store_id")),
            "customer_group": None if group_id is None else places.groups.get(group_id),
            "birth_date": day(birth_dates.get(customer_id)),
            "created_at": time(row.get("created_at")),
        }
        is_active = row.get("is_active") != 0
        yield Profile(("customer", customer_id), columns, places.time_zone(website_id), is_active, None)


def _gender(option_id: int | None, labels: Mapping[int, str | None]) -> dict[str, Value]:
    if not option_id:
        return {"gender": None, "gender_id": None}
    return {"gender": labels.get(option_id), "gender_id": str(option_id)}


# ---- guests ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trace:
    """One row of the shop with a guest's address: an order, a cart or a subscription."""

    kind: str
    row: Mapping[str, Any]
    row_id: int
    at: datetime | None

    @property
    def age(self) -> tuple[datetime, int]:
        """Sorts the oldest first: one without a time is older than all others."""
        return self.at or _LONG_AGO, self.row_id


def _guests(shop: Shop, places: Places, joins_guest_orders: bool) -> Iterator[Profile]:
    traces: dict[tuple[int | None, str], list[_Trace]] = {}
    for trace, email in _traces(shop):
        if email and not id_of(trace.row.get("customer_id")):
            website_id = places.website_of_store(trace.row.get("store_id"))
            traces.setdefault((website_id, email), []).append(trace)
    addresses = {row["entity_id"]: row for row in rows(shop, "sales_flat_order_address")}
    labels = option_labels(shop)
    account_of = _accounts(shop) if joins_guest_orders else lambda *_: None
    for (website_id, email), found in traces.items():
        times = [trace.at for trace in found if trace.at]
        columns: dict[str, Value] = {
            "profile_type": "guest",
            "email": email,
            **_person(found, addresses, labels),
            **places.website_columns(website_id),
            **places.store_columns(_first(found).row.get("store_id")),
            "customer_group": places.not_logged_in,
            "created_at": min(times, default=None),
        }
        account = account_of(website_id, email)
        yield Profile(
            ("guest", website_id, email),
            columns,
            places.time_zone(website_id),
            is_active=True,
            merged_into=None if account is None else ("customer", account),
        )


def _traces(shop: Shop) -> Iterator[tuple[_Trace, str | None]]:
    for row in rows(shop, "sales_flat_order"):
        trace = _Trace("order", row, row["entity_id"], time(row.get("created_at")))
        yield trace, address(row.get("customer_email"))
    for row in rows(shop, "sales_flat_quote"):
        trace = _Trace("cart", row, row["entity_id"], time(row.get("created_at")))
        yield trace, address(row.get("customer_email"))
    for row in rows(shop, "newsletter_subscriber"):
        trace = _Trace("subscription", row, row["subscriber_id"], time(row.get("change_status_at")))
        yield trace, address(row.get("subscriber_email"))


def _first(traces: Iterable[_Trace]) -> _Trace:
    """The row that the guest was first seen by."""
    kinds = ("order", "cart", "subscription")
    return min(traces, key=lambda trace: (trace.at or _LONG_AGO, kinds.index(trace.kind), trace.row_id))


def _person(
    traces: Iterable[_Trace], addresses: Mapping[int, Mapping[str, Any]], labels: Mapping[int, str | None]
) -> dict[str, Value]:
    """What the latest order says of the person or, without any order, the latest cart."""
    orders = [trace for trace in traces if trace.kind == "order"]
    carts = [trace for trace in traces if trace.kind == "cart"]
    latest = max(orders or carts, key=lambda trace: trace.age, default=None)
    row = latest.row if latest else {}
    billing = addresses.get(row.get("billing_address_id") or 0, {})
    is_order = bool(orders)
    return {
        "first_name": text(row.get("customer_firstname")) or text(billing.get("firstname")),
        "last_name": text(row.get("customer_lastname")) or text(billing.get("lastname")),
        **_gender(row.get("customer_gender") if is_order else None, labels),
        "birth_date": day(row.get("customer_dob")) if is_order else None,
    }


def _accounts(shop: Shop) -> Callable[[int | None, str], int | None]:
    """Finds the account of a guest's address: of the same website, or of any where accounts are shared."""
    accounts: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows(shop, "customer_entity"):
        if email := address(row.get("email")):
            accounts.setdefault(email, []).append(row)
    is_shared = setting(shop, "customer/account_share/scope") == "0"

    def find(website_id: int | None, email: str) -> int | None:
        def rank(row: Mapping[str, Any]) -> tuple[bool, bool, int]:
            return row.get("website_id") != website_id, row.get("is_active") == 0, row["entity_id"]

        candidates = [
            row for row in accounts.get(email, ()) if is_shared or row.get("website_id") == website_id
        ]
        best = min(candidates, key=rank, default=None)
        return best["entity_id"] if best else None

    return find


# ---- visitors ----------------------------------------------------------------------------------------------


def _visitors(
    shop: Shop,
    places: Places,
    customers: Mapping[ProfileKey, Profile],
    guests: Mapping[ProfileKey, Profile],
) -> Iterator[Profile]:
    """Those who looked at products or filled a cart without being logged in."""
    sessions = {row["visitor_id"]: row for row in rows(shop, "log_visitor")}
    carts = _carts_of_visitors(shop)
    logins = _grouped(
        (id_of(row.get("visitor_id")), row)
        for row in rows(shop, "log_customer")
        if ("customer", row.get("customer_id")) in customers
    )
    for visitor_id in sorted(_with_own_rows(shop, carts)):
        session = sessions.get(visitor_id, {})
        store_id = session.get("store_id")
        website_id = places.website_of_store(store_id)
        columns: dict[str, Value] = {
            "profile_type": "visitor",
            **places.website_columns(website_id),
            **places.store_columns(store_id),
            "customer_group": places.not_logged_in,
            "created_at": time(session.get("first_visit_at")),
        }
        own_carts = carts.get(visitor_id, [])
        customer = _customer_of(logins.get(visitor_id, []), own_carts, customers)
        guest = None if customer else _guest_of(own_carts, places, guests)
        yield Profile(
            ("visitor", visitor_id),
            columns,
            places.time_zone(website_id),
            is_active=True,
            merged_into=customer or guest,
        )


def _carts_of_visitors(shop: Shop) -> dict[int, list[Mapping[str, Any]]]:
    visitor_of = {row["quote_id"]: row["visitor_id"] for row in rows(shop, "log_quote")}
    return _grouped((id_of(visitor_of.get(row["entity_id"])), row) for row in rows(shop, "sales_flat_quote"))


def _with_own_rows(shop: Shop, carts: Mapping[int, list[Mapping[str, Any]]]) -> set[int]:
    viewed = {
        id_of(row.get("subject_id"))
        for row in rows(shop, "report_event")
        if row.get("event_type_id") == _PRODUCT_VIEW and row.get("subtype") == _VISITOR
    }
    listed = {
        id_of(row.get("visitor_id"))
        for row in rows(shop, "report_viewed_product_index")
        if not id_of(row.get("customer_id"))
    }
    filled = {
        visitor_id
        for visitor_id, own in carts.items()
        if any(not id_of(cart.get("customer_id")) for cart in own)
    }
    return {visitor_id for visitor_id in viewed | listed | filled if visitor_id}


def _customer_of(
    logins: list[Mapping[str, Any]],
    carts: list[Mapping[str, Any]],
    customers: Mapping[ProfileKey, Profile],
) -> ProfileKey | None:
    """The account of the latest login, else of the latest cart; accounts that are gone are passed over."""
    login = max(logins, key=lambda row: (time(row.get("login_at")) or _LONG_AGO, row["log_id"]), default=None)
    owned = [cart for cart in carts if ("customer", id_of(cart.get("customer_id"))) in customers]
    latest = login or max(owned, key=_last_touched, default=None)
    return ("customer", latest["customer_id"]) if latest else None


def _guest_of(
    carts: list[Mapping[str, Any]], places: Places, guests: Mapping[ProfileKey, Profile]
) -> ProfileKey | None:
    """The guest with the address of the latest cart that has one, or who that guest turned out to be."""
    cart = max(
        (cart for cart in carts if address(cart.get("customer_email"))), key=_last_touched, default=None
    )
    if cart is None:
        return None
    website_id = places.website_of_store(cart.get("store_id"))
    guest = guests.get(("guest", website_id, address(cart.get("customer_email"))))
    return (guest.merged_into or guest.key) if guest else None


def _last_touched(cart: Mapping[str, Any]) -> tuple[datetime, int]:
    return time(cart.get("updated_at")) or _LONG_AGO, cart["entity_id"]


def _grouped(pairs: Iterable[tuple[int | None, Item]]) -> dict[int, list[Item]]:
    groups: dict[int, list[Item]] = {}
    for key, item in pairs:
        if key:
            groups.setdefault(key, []).append(item)
    return groups
