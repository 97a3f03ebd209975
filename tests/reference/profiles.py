"""Profiles, customers and guests; visitors are next door."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.reference.merchants import merchants_columns
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
from tests.reference.times import BEGINNING, END

ProfileKey = tuple[Any, ...]
"""("customer", customer_id) | ("guest", website_id, normalized_email) | ("visitor", visitor_id)"""


@dataclass(frozen=True)
class Profile:
    """One customer, guest or visitor; `columns` are the words of the language, and those of their labels."""

    key: ProfileKey
    columns: Mapping[str, Value]
    time_zone: str
    is_active: bool
    merged_into: ProfileKey | None


# ---- customers ---------------------------------------------------------------------------------------------


def customers(shop: Shop, places: Places) -> Iterator[Profile]:
    """The accounts, deactivated ones too."""
    first_names = eav_values(shop, "customer", "firstname", "customer_entity_varchar")
    last_names = eav_values(shop, "customer", "lastname", "customer_entity_varchar")
    genders = eav_values(shop, "customer", "gender", "customer_entity_int")
    birth_dates = eav_values(shop, "customer", "dob", "customer_entity_datetime")
    merchants = merchants_columns(shop, "customer", "customer_entity")
    labels = option_labels(shop)
    for row in rows(shop, "customer_entity"):
        customer_id, website_id = row["entity_id"], row.get("website_id")
        group_id = row.get("group_id")
        columns: dict[str, Value] = {
            **merchants.get(customer_id, {}),
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
        return self.at or BEGINNING, self.row_id


def guests(shop: Shop, places: Places, *, joins_guest_orders: bool) -> Iterator[Profile]:
    """Addresses that ordered or filled a cart without an account, or subscribed, on one website."""
    traces: dict[tuple[int, str], list[_Trace]] = {}
    for trace, email in _traces(shop):
        if email and not id_of(trace.row.get("customer_id")):
            website_id = places.website_of_store(trace.row.get("store_id"))
            traces.setdefault((website_id, email), []).append(trace)
    addresses = {row["entity_id"]: row for row in rows(shop, "sales_flat_order_address")}
    labels = option_labels(shop)
    account_of = _accounts(shop) if joins_guest_orders else lambda *_: None
    for (website_id, email), found in traces.items():
        first = _first(found)
        columns: dict[str, Value] = {
            "profile_type": "guest",
            "email": email,
            **_person(found, addresses, labels),
            **places.website_columns(website_id),
            **places.store_columns(first.row.get("store_id")),
            "customer_group": places.not_logged_in,
            "created_at": first.at,
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
    """The row that the guest was first seen by: one without a time only where there is no other."""
    kinds = ("order", "cart", "subscription")
    return min(traces, key=lambda trace: (trace.at or END, kinds.index(trace.kind), trace.row_id))


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
