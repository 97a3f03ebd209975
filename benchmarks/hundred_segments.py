"""A hundred segments, each written twice: in the segment language, and as the SQL of somebody who knows the shop's tables.

The two share nothing, so that a benchmark which compares their cost can also compare their members. The hand-written form is what a
single pass needs: aggregates over each table, and one predicate over them per segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Aggregates of the hand-written SQL by the table pass that they belong to.
Aggregates = dict[str, dict[str, str]]


@dataclass(frozen=True)
class TwiceWritten:
    """One segment in both forms."""

    name: str
    match: dict[str, Any]
    aggregates: Aggregates
    predicate: str


SALE = "state is distinct from 'canceled' and state is distinct from 'closed'"
NOT_CANCELED = "state is distinct from 'canceled'"


def hundred_segments() -> list[TwiceWritten]:
    """Twenty kinds of segment, five of each."""
    segments = list(_money_segments()) + list(_time_segments()) + list(_behaviour_segments())
    assert len(segments) == 100
    return segments


def _money_segments() -> Iterator[TwiceWritten]:
    sales = {"orders": {"sales": f"coalesce(sum(grand_total) filter (where {SALE}), 0)"}}
    for amount in (100, 500, 1000, 2500, 5000):
        yield TwiceWritten(
            f"spent_{amount}", {"lifetime_sales": {"gt": amount}}, sales, f"coalesce(sales, 0) > {amount}"
        )
    counted = {"orders": {"order_count": f"count(*) filter (where {SALE})"}}
    for count in (1, 2, 3, 5, 10):
        yield TwiceWritten(
            f"ordered_{count}_times",
            {"number_of_orders": {"gte": count}},
            counted,
            f"coalesce(order_count, 0) >= {count}",
        )
    average = {"orders": {"average": f"avg(grand_total) filter (where {SALE})"}}
    for low in (20, 50, 100, 200, 400):
        yield TwiceWritten(
            f"average_from_{low}",
            {"average_order_value": {"between": [low, low * 2]}},
            average,
            f"average between {low} and {low * 2}",
        )
    refunds = {"refunds": {"refunded": "sum(base_grand_total)"}}
    for amount in (10, 50, 100, 200, 500):
        yield TwiceWritten(
            f"refunded_{amount}",
            {"lifetime_refunds": {"gte": amount}},
            refunds,
            f"coalesce(refunded, 0) >= {amount}",
        )
    for percent in (5, 10, 20, 40, 60):
        yield TwiceWritten(
            f"refund_rate_{percent}",
            {"refund_rate": {"gt": percent / 100}},
            {**sales, **refunds},
            f"coalesce(refunded, 0) / nullif(coalesce(sales, 0), 0) > {percent / 100}",
        )
    for count in (1, 2, 3, 4, 5):
        yield TwiceWritten(
            f"coupons_{count}",
            {"orders": {"where": {"coupon_code": {"is_set": True}}, "count": {"gte": count}}},
            {"orders": {"with_coupon": "count(*) filter (where coupon_code <> '')"}},
            f"with_coupon >= {count}",
        )


def _time_segments() -> Iterator[TwiceWritten]:
    for days in (7, 30, 90, 180, 365):
        yield TwiceWritten(
            f"two_orders_in_{days}_days",
            {"orders": {"where": {"state": "complete"}, "within": f"{days} days", "count": {"gte": 2}}},
            {
                "orders": {
                    f"complete_{days}": "count(*) filter (where state = 'complete' and "
                    f"created_at >= %(as_of)s::timestamp - interval '{days} days')"
                }
            },
            f"complete_{days} >= 2",
        )
    last = {"orders": {"last_order": f"max(created_at) filter (where {NOT_CANCELED})"}}
    for days in (30, 60, 90, 180, 365):
        yield TwiceWritten(
            f"quiet_for_{days}_days",
            {"days_since_last_order": {"gt": days}},
            last,
            f"today - ((last_order at time zone 'UTC') at time zone time_zone)::date > {days}",
        )
    for days in (30, 90, 180, 365, 730):
        yield TwiceWritten(
            f"registered_in_{days}_days",
            {"all": [{"created_at": {"within": f"{days} days"}}, {"none": [{"orders": {}}]}]},
            {"orders": {"any_order": "count(*)"}},
            f"registered_at >= %(as_of)s::timestamp - interval '{days} days' and coalesce(any_order, 0) = 0",
        )
    for days in (1, 3, 7, 14, 30):
        yield TwiceWritten(
            f"birthday_in_{days}_days",
            {"days_until_birthday": {"between": [0, days]}},
            {},
            "(birth_date + make_interval(years => extract(year from age(today - 1, birth_date))::integer + 1))::date - today "
            f"between 0 and {days}",
        )
    for months in (1, 2, 3, 6, 12):
        yield TwiceWritten(
            f"ordered_in_{months}_months",
            {"orders": {"where": {"state": {"ne": "canceled"}}, "within": f"{months} months"}},
            {
                "orders": {
                    f"months_{months}": f"count(*) filter (where {NOT_CANCELED} and created_at >= "
                    f"((%(as_of)s::timestamptz at time zone time_zone - interval '{months} months') at time zone time_zone)"
                    " at time zone 'UTC')"
                }
            },
            f"months_{months} >= 1",
        )


def _behaviour_segments() -> Iterator[TwiceWritten]:
    for category in ("cameras", "laptops", "phones", "accessories", "clothing"):
        bought = {
            "items": {
                f"bought_{category}": f"count(*) filter (where in_{category} and state is distinct from 'canceled')"
            }
        }
        where = {"product.category": category, "order.state": {"not_in": ["canceled"]}}
        yield TwiceWritten(
            f"bought_{category}", {"order_items": {"where": where}}, bought, f"bought_{category} >= 1"
        )
        yield TwiceWritten(
            f"bought_{category}_without_card",
            {
                "all": [
                    {"order_items": {"where": where}},
                    {"not": {"order_items": {"where": {"sku": {"starts_with": "MEMCARD-"}}}}},
                ]
            },
            {
                "items": bought["items"]
                | {"cards": "count(*) filter (where starts_with(lower(sku), 'memcard-'))"}
            },
            f"bought_{category} >= 1 and coalesce(cards, 0) = 0",
        )
        yield TwiceWritten(
            f"viewed_{category}",
            {
                "product_views": {
                    "where": {"product.category": category},
                    "within": "30 days",
                    "count": {"gte": 2},
                }
            },
            {
                "views": {
                    f"viewed_{category}": f"count(*) filter (where in_{category} and "
                    "viewed_at >= %(as_of)s::timestamp - interval '30 days')"
                }
            },
            f"viewed_{category} >= 2",
        )
    for amount in (20, 50, 100, 200, 500):
        yield TwiceWritten(
            f"cart_over_{amount}",
            {"carts": {"where": {"is_active": True, "grand_total": {"gt": amount}}, "older_than": "1 hour"}},
            {
                "carts": {
                    f"carts_{amount}": f"count(*) filter (where is_active = 1 and base_grand_total > {amount} and "
                    "updated_at < %(as_of)s::timestamp - interval '1 hour')"
                }
            },
            f"carts_{amount} >= 1",
        )
    for group in ("General", "Wholesale", "Retailer", "VIP", "Student"):
        yield TwiceWritten(
            f"group_{group.lower()}_subscribed",
            {"all": [{"customer_group": group}, {"newsletter": {"where": {"status": "subscribed"}}}]},
            {"newsletter": {"subscribed": "count(*) filter (where subscriber_status = 1)"}},
            f"lower(customer_group) = '{group.lower()}' and subscribed >= 1",
        )
    for amount in (50, 100, 250, 500, 1000):
        yield TwiceWritten(
            f"item_over_{amount}",
            {"order_items": {"max": {"row_total": {"gt": amount}}}},
            {"items": {"largest_row": "max(base_row_total)"}},
            f"largest_row > {amount}",
        )
        yield TwiceWritten(
            f"every_order_over_{amount}",
            {"orders": {"where": {"state": "complete"}, "every": {"grand_total": {"gt": amount}}}},
            {
                "orders": {
                    "complete": "count(*) filter (where state = 'complete')",
                    f"complete_over_{amount}": f"count(*) filter (where state = 'complete' and grand_total > {amount})",
                }
            },
            f"complete >= 1 and complete = complete_over_{amount}",
        )
        yield TwiceWritten(
            f"newest_order_over_{amount}",
            {"orders": {"latest": {"grand_total": {"gt": amount}}}},
            {
                "orders": {
                    "newest_total": "(array_agg(grand_total order by created_at desc, entity_id desc))[1]"
                }
            },
            f"newest_total > {amount}",
        )
    for days in (7, 30, 60, 90, 180):
        yield TwiceWritten(
            f"wished_{days}_days_ago",
            {"wishlist_items": {"older_than": f"{days} days"}},
            {
                "wishes": {
                    f"wished_{days}": "count(*) filter (where added_at < "
                    f"%(as_of)s::timestamp - interval '{days} days')"
                }
            },
            f"wished_{days} >= 1",
        )
