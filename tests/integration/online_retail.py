"""Segments of a real shop, worked out from its CSV files in plain Python.

Shares nothing with the models, the macros or their SQL.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

AS_OF = "2011-12-10 00:00:00"


@dataclass
class Person:
    """A customer or a guest and the orders that count for them: (state, base grand total)."""

    customer_id: str | None
    orders: list[tuple[str, Decimal]] = field(default_factory=list)

    @property
    def complete_orders(self) -> int:
        return sum(state == "complete" for state, _ in self.orders)

    @property
    def only_canceled(self) -> bool:
        return bool(self.orders) and all(state == "canceled" for state, _ in self.orders)

    @property
    def lifetime_sales(self) -> Decimal:
        return sum((total for state, total in self.orders if state not in ("canceled", "closed")), Decimal(0))


def rows(folder: Path, table: str) -> Iterator[dict[str, str]]:
    """The rows of a table's file."""
    with gzip.open(folder / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def people(folder: Path) -> dict[str, Person]:
    """Active customers and guests by a key of their own; a guest with an account on the website is it."""
    websites = {row["store_id"]: row["website_id"] for row in rows(folder, "core_store")}
    found: dict[str, Person] = {}
    accounts: dict[tuple[str, str], str] = {}
    inactive: set[str] = set()
    for row in rows(folder, "customer_entity"):
        key = f"customer {row['entity_id']}"
        if row["is_active"] == "0":
            inactive.add(key)
        if row["created_at"] < AS_OF:
            found[key] = Person(row["entity_id"])
        accounts[row["email"].strip().lower(), row["website_id"]] = key
    guests: dict[str, Person] = defaultdict(lambda: Person(None))
    for row in rows(folder, "sales_flat_order"):
        if row["created_at"] >= AS_OF:
            continue
        email, website = row["customer_email"].strip().lower(), websites[row["store_id"]]
        account = f"customer {row['customer_id']}" if row["customer_id"] else accounts.get((email, website))
        person = found.get(account) if account else guests[f"guest {website} {email}"]
        if person is not None:
            person.orders.append((row["state"], Decimal(row["base_grand_total"])))
    return {key: person for key, person in (found | guests).items() if key not in inactive}


def biggest(folder: Path, count: int) -> list[tuple[str, Decimal]]:
    """The customers with the largest lifetime sales, largest first, with these."""
    customers = [person for person in people(folder).values() if person.customer_id]
    ranked = sorted(customers, key=lambda person: (-person.lifetime_sales, int(person.customer_id or 0)))
    return [(person.customer_id or "", person.lifetime_sales) for person in ranked[:count]]


if __name__ == "__main__":
    import sys

    shop = Path(sys.argv[1])
    everyone = people(shop).values()
    customers = [person for person in everyone if person.customer_id]
    print("at least one complete order", sum(person.complete_orders >= 1 for person in customers))
    print("exactly one complete order", sum(person.complete_orders == 1 for person in customers))
    print("five or more complete orders", sum(person.complete_orders >= 5 for person in customers))
    print("only canceled orders", sum(person.only_canceled for person in customers))
    print("guests with an order", sum(bool(person.orders) for person in everyone if not person.customer_id))
    for customer_id, sales in biggest(shop, 10):
        print(customer_id, sales)
