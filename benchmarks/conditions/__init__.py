"""Segments to measure with, each written three times (`ThriceWritten`), so that what is compared in cost can be compared in members.

The forms share nothing: the segment language, one pass over each table of somebody who knows the shop, and a subquery per condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.conditions import behaviour, days, money
from benchmarks.conditions.written import ThriceWritten

__all__ = ["ThriceWritten", "hundred_conditions", "mixed_segments"]

_CATEGORIES = ("cameras", "laptops", "phones", "accessories", "clothing")
_KINDS = (
    (money.spent, (100, 500, 1000, 2500, 5000)),
    (money.ordered, (1, 2, 3, 5, 10)),
    (money.average_from, (20, 50, 100, 200, 400)),
    (money.refunded, (10, 50, 100, 200, 500)),
    (money.refund_rate, (5, 10, 20, 40, 60)),
    (money.coupons, (1, 2, 3, 4, 5)),
    (money.item_over, (50, 100, 250, 500, 1000)),
    (money.every_order_over, (50, 100, 250, 500, 1000)),
    (money.newest_order_over, (50, 100, 250, 500, 1000)),
    (days.two_orders_in, (7, 30, 90, 180, 365)),
    (days.quiet_for, (30, 60, 90, 180, 365)),
    (days.registered_in, (30, 90, 180, 365, 730)),
    (days.birthday_in, (1, 3, 7, 14, 30)),
    (days.ordered_in_months, (1, 2, 3, 6, 12)),
    (days.wished, (7, 30, 60, 90, 180)),
    (behaviour.cart_over, (20, 50, 100, 200, 500)),
)
_NAMED_KINDS = (
    (behaviour.bought, _CATEGORIES),
    (behaviour.bought_without_card, _CATEGORIES),
    (behaviour.viewed, _CATEGORIES),
    (behaviour.group_subscribed, ("General", "Wholesale", "Retailer", "VIP", "Student")),
)
# What each segment beyond the hundredth asks that no other does.
_ENDLESS_KINDS = (
    money.spent,
    money.average_from,
    money.newest_order_over,
    days.two_orders_in,
    days.quiet_for,
    days.wished,
    behaviour.cart_over,
    money.item_over,
)


def hundred_conditions() -> list[ThriceWritten]:
    """Twenty kinds of condition, five of each."""
    conditions = [kind(value) for kind, values in _KINDS for value in values]
    conditions += [kind(value) for kind, values in _NAMED_KINDS for value in values]
    assert len(conditions) == 100
    return conditions


def mixed_segments(count: int) -> list[ThriceWritten]:
    """So many segments of one to three conditions, most of them shared: a hundred segments have 223 rules.

    Segments beyond the hundredth have one condition more, which is nobody else's.
    """
    return list(_mixed_segments(count))


def _mixed_segments(count: int) -> Iterator[ThriceWritten]:
    conditions = hundred_conditions()
    for number in range(count):
        # 37 and 61 have no divisor in common with 100: each condition is used as often as the others.
        first, second, third = (conditions[(number * step + number // 100 * 7) % 100] for step in (1, 37, 61))
        kind = number // 3 % 5
        parts = [first, second, third][: 1 + (kind > 1) + (kind > 2)]
        if number >= 100:
            parts.append(_ENDLESS_KINDS[number % len(_ENDLESS_KINDS)](number))
        yield _combined(f"segment_{number:03}", parts, is_any=number % 6 == 0)


def _combined(name: str, parts: list[ThriceWritten], *, is_any: bool) -> ThriceWritten:
    aggregates: dict[str, dict[str, str]] = {}
    for part in parts:
        for source, columns in part.aggregates.items():
            aggregates.setdefault(source, {}).update(columns)
    word = " or " if is_any else " and "
    return ThriceWritten(
        name,
        {"any" if is_any else "all": [part.match for part in parts]},
        aggregates,
        word.join(f"({part.predicate})" for part in parts),
        word.join(f"({part.condition})" for part in parts),
        sum(part.rules for part in parts),
    )
