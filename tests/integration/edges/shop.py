"""A shop of raw rows for the edge cases: a line of Python is a row, and says only what matters.

Times are written as the shop writes them, in UTC: "2025-03-30 01:00:00". Amounts are in base currency unless
a column says otherwise. Nobody has a value that nobody gave them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

WEBSITES = {
    "berlin": (1, "Europe/Berlin"),
    "new_york": (2, "America/New_York"),
    "tokyo": (3, "Asia/Tokyo"),  # never changes its clocks
    "beirut": (4, "Asia/Beirut"),  # skips midnight in spring: 30 March 2025 begins at 01:00
    "havana": (5, "America/Havana"),  # has midnight twice in autumn: 2 November 2025 begins with 25 hours
}
GROUPS = {"NOT LOGGED IN": 0, "General": 1, "Wholesale": 2}
ATTRIBUTES = {
    ("customer", "firstname"): (5, "varchar"),
    ("customer", "lastname"): (7, "varchar"),
    ("customer", "dob"): (11, "datetime"),
    ("customer_address", "city"): (26, "varchar"),
    ("customer_address", "company"): (24, "varchar"),
    ("catalog_category", "url_key"): (43, "varchar"),
    ("catalog_product", "price"): (75, "decimal"),
}
ENTITY_TYPES = {"customer": 1, "customer_address": 2, "catalog_category": 3, "catalog_product": 4}

Value = str | int | None


@dataclass(frozen=True)
class Person:
    """A customer, guest or visitor; the nickname is theirs alone in their topic."""

    nickname: str
    website: str
    email: str | None = None
    customer_id: int | None = None
    visitor_id: int | None = None


class Shop:
    """The rows of all topics, and who belongs to which."""

    def __init__(self) -> None:
        self.tables: dict[str, list[dict[str, Value]]] = defaultdict(list)
        self.people: dict[str, list[Person]] = defaultdict(list)
        self.topic = ""
        self._number = 0
        self.add("core_website", website_id=0, code="admin", name="Admin")
        self.add("core_store", store_id=0, code="admin", name="Admin", website_id=0)
        for website, (number, zone) in WEBSITES.items():
            self.add("core_website", website_id=number, code=website, name=f"Shop of {website}")
            self.add("core_store", store_id=number, code=f"{website}_view", name=website, website_id=number)
            self.add(
                "core_config_data",
                scope="websites",
                scope_id=number,
                path="general/locale/timezone",
                value=zone,
            )
        for group, number in GROUPS.items():
            self.add("customer_group", customer_group_id=number, customer_group_code=group)
        for code, number in ENTITY_TYPES.items():
            self.add("eav_entity_type", entity_type_id=number, entity_type_code=code)
        for (entity, code), (number, kind) in ATTRIBUTES.items():
            entity_type = ENTITY_TYPES[entity]
            self.add(
                "eav_attribute",
                attribute_id=number,
                entity_type_id=entity_type,
                attribute_code=code,
                backend_type=kind,
            )

    def add(self, table: str, **columns: Value) -> None:
        """A raw row."""
        self.tables[table].append(columns)

    def number(self) -> int:
        """A number that no row had."""
        self._number += 1
        return self._number

    # ---- people --------------------------------------------------------------------------------------------

    def customer(
        self,
        nickname: str,
        website: str = "berlin",
        *,
        created_at: str | None = "2020-01-01 12:00:00",
        group: str = "General",
        first_name: str | None = None,
        last_name: str | None = None,
        birth_date: str | None = None,
        **columns: Value,
    ) -> Person:
        """An account."""
        number, email = self.number(), f"{nickname}@{self.topic}.example"
        person = Person(nickname, website, email, customer_id=number)
        self.people[self.topic].append(person)
        known: dict[str, Value] = {
            "entity_id": number,
            "email": email,
            "website_id": WEBSITES[website][0],
            "store_id": WEBSITES[website][0],
            "group_id": GROUPS[group],
            "is_active": 1,
            "created_at": created_at,
        }
        self.add("customer_entity", **{**known, **columns})
        self._attribute("customer", "firstname", number, first_name)
        self._attribute("customer", "lastname", number, last_name)
        self._attribute("customer", "dob", number, birth_date and f"{birth_date} 00:00:00")
        return person

    def guest(self, nickname: str, website: str = "berlin") -> Person:
        """An address without an account; it needs an order, a cart or a subscription to be anybody."""
        person = Person(nickname, website, f"{nickname}@{self.topic}.example")
        self.people[self.topic].append(person)
        return person

    def visitor(self, nickname: str, website: str = "berlin") -> Person:
        """An anonymous session; it needs a cart or a view to be anybody."""
        person = Person(nickname, website, visitor_id=self.number())
        self.people[self.topic].append(person)
        self.add(
            "log_visitor",
            visitor_id=person.visitor_id,
            store_id=WEBSITES[website][0],
            first_visit_at="2025-01-01 12:00:00",
        )
        return person

    def login(self, person: Person, login_at: str, visitor: Person | None = None) -> None:
        visitor_id = visitor.visitor_id if visitor else None
        self.add(
            "log_customer",
            log_id=self.number(),
            customer_id=person.customer_id,
            login_at=login_at,
            visitor_id=visitor_id,
        )

    def address(
        self,
        person: Person,
        *,
        city: str | None = None,
        company: str | None = None,
        created_at: str | None = None,
    ) -> None:
        number = self.number()
        self.add(
            "customer_address_entity", entity_id=number, parent_id=person.customer_id, created_at=created_at
        )
        self._attribute("customer_address", "city", number, city)
        self._attribute("customer_address", "company", number, company)

    def subscription(self, person: Person, status: int = 1, changed_at: str | None = None) -> None:
        self.add(
            "newsletter_subscriber",
            subscriber_id=self.number(),
            subscriber_email=person.email,
            customer_id=person.customer_id or 0,
            store_id=WEBSITES[person.website][0],
            subscriber_status=status,
            change_status_at=changed_at,
        )

    # ---- orders --------------------------------------------------------------------------------------------

    def order(
        self,
        person: Person,
        base_grand_total: str | None = "10",
        ordered_at: str | None = "2025-01-01 12:00:00",
        state: str | None = "complete",
        **columns: Value,
    ) -> int:
        """An order; returns its id."""
        number = self.number()
        known: dict[str, Value] = {
            "entity_id": number,
            "customer_id": person.customer_id,
            "customer_email": person.email,
            "store_id": WEBSITES[person.website][0],
            "state": state,
            "base_grand_total": base_grand_total,
            "created_at": ordered_at,
        }
        self.add("sales_flat_order", **{**known, **columns})
        return number

    def item(self, order: int, sku: str | None, **columns: Value) -> int:
        """A row of an order; returns its id, which a child row names as its parent_item_id."""
        number = self.number()
        self.add("sales_flat_order_item", item_id=number, order_id=order, sku=sku, **columns)
        return number

    def refund(
        self,
        order: int,
        grand_total: str,
        *,
        state: int | None = 2,
        created_at: str | None = "2025-01-10 12:00:00",
    ) -> None:
        self.add(
            "sales_flat_creditmemo",
            entity_id=self.number(),
            order_id=order,
            state=state,
            base_grand_total=grand_total,
            created_at=created_at,
        )

    # ---- carts, views, products ----------------------------------------------------------------------------

    def cart(
        self,
        person: Person,
        grand_total: str | None = "10",
        updated_at: str = "2025-01-01 12:00:00",
        *,
        is_active: int = 1,
        **columns: Value,
    ) -> int:
        """A cart, of a visitor by the session's link; returns its id."""
        number = self.number()
        known: dict[str, Value] = {
            "entity_id": number,
            "customer_id": person.customer_id,
            "customer_email": person.email,
            "store_id": WEBSITES[person.website][0],
            "is_active": is_active,
            "base_grand_total": grand_total,
            "updated_at": updated_at,
        }
        self.add("sales_flat_quote", **{**known, **columns})
        if person.visitor_id:
            self.add("log_quote", quote_id=number, visitor_id=person.visitor_id)
        return number

    def cart_item(self, cart: int, sku: str, **columns: Value) -> int:
        number = self.number()
        self.add("sales_flat_quote_item", item_id=number, quote_id=cart, sku=sku, **columns)
        return number

    def view(self, person: Person, product: int, logged_at: str = "2025-01-01 12:00:00") -> None:
        self.add(
            "report_event",
            event_id=self.number(),
            event_type_id=1,
            subject_id=person.customer_id or person.visitor_id,
            subtype=0 if person.customer_id else 1,
            object_id=product,
            logged_at=logged_at,
        )

    def product(self, sku: str, *categories: int, price: str | None = None) -> int:
        number = self.number()
        self.add("catalog_product_entity", entity_id=number, sku=sku)
        self._attribute("catalog_product", "price", number, price)
        for category in categories:
            self.add("catalog_category_product", category_id=category, product_id=number)
        return number

    def category(self, url_key: str | None, path: str = "") -> int:
        """A category; `path` is that of its parent."""
        number = self.number()
        whole = f"{path}/{number}".strip("/")
        self.add(
            "catalog_category_entity", entity_id=number, parent_id=0, path=whole, level=1 + whole.count("/")
        )
        self._attribute("catalog_category", "url_key", number, url_key)
        return number

    # ---- files ---------------------------------------------------------------------------------------------

    def _attribute(self, entity: str, code: str, entity_id: int, value: str | None) -> None:
        number, kind = ATTRIBUTES[entity, code]
        if value is not None:
            self.add(f"{entity}_entity_{kind}", entity_id=entity_id, attribute_id=number, value=value)

    def write(self, folder: Path) -> None:
        """The files that `segments load` takes."""
        for table, rows in self.tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            lines = [",".join(columns)]
            lines += [",".join(_written(row.get(column)) for column in columns) for row in rows]
            (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")


def _written(value: Value) -> str:
    """Nothing is missing, quoted nothing is an empty text."""
    if value is None:
        return ""
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)
