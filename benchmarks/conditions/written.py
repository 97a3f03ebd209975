"""A condition on customers in three forms that share nothing but their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Aggregates of the hand-written SQL by the table pass that they belong to.
Aggregates = dict[str, dict[str, str]]


@dataclass(frozen=True)
class ThriceWritten:
    """One segment, or a part of one.

    `match` is the segment language. `predicate` is over the `aggregates` of one pass over each table (`hand_written.py`). `condition` is
    what a module writes that knows nothing of other conditions: one subquery for each, on `customers` (`parent_shape.py`).
    """

    name: str
    match: dict[str, Any]
    aggregates: Aggregates
    predicate: str
    condition: str
    rules: int = 1


def customers_in(rows: str, having: str) -> str:
    """The condition that a customer's rows, grouped, have that."""
    return f"customers.entity_id in (select customer_id from {rows} group by customer_id having {having})"


SALE = "state is distinct from 'canceled' and state is distinct from 'closed'"
NOT_CANCELED = "state is distinct from 'canceled'"
AS_OF = "%(as_of)s::timestamp"
