"""The shop's raw rows, read as the documentation reads them.

A table or column that is not there is empty. Empty text is missing. Times are UTC without saying so. Numbers
are exact fractions from here on, so that no sum, average or ratio is ever rounded.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

Shop = Mapping[str, Sequence[Mapping[str, Any]]]
Value = str | Fraction | bool | date | datetime | frozenset[str] | None
"""What a column can hold: times are aware and in UTC, lists in lower case, never empty; None is missing."""

# Unicode's white space, and the zero-width space, the word joiner and the byte order mark.
_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff" + "".join(
    chr(code) for code in range(0x2000, 0x200B)
)


def rows(shop: Shop, table: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a table, none where the shop has no such table."""
    return shop.get(table) or ()


def text(value: Any) -> str | None:
    """A text; an empty one is missing."""
    return value or None


def number(value: Any) -> Fraction | None:
    """An exact number."""
    if value is None:
        return None
    assert isinstance(value, int | Decimal | Fraction)
    return Fraction(value)


def time(value: datetime | None) -> datetime | None:
    """An instant, of a time in UTC without a zone."""
    return value.replace(tzinfo=UTC) if value else None


def day(value: date | None) -> date | None:
    """A calendar date, which the shop writes as a time at midnight."""
    return value.date() if isinstance(value, datetime) else value


def id_of(value: int | None) -> int | None:
    """An id; 0 stands for none, as in carts and subscriptions without an account."""
    return value or None


def ids(value: str | None) -> frozenset[str] | None:
    """The list of a text such as `4, 12`."""
    return listed(part.strip() for part in (value or "").split(","))


def listed(values: Iterator[str | None]) -> frozenset[str] | None:
    """A list, its entries in lower case; an empty one is missing."""
    return frozenset(lower(value) for value in values if value) or None


def lower(value: str) -> str:
    """Lower case letter by letter, each one letter, as databases make it."""
    return "".join(letter.lower()[0] for letter in value)


def address(value: str | None) -> str | None:
    """An e-mail address in lower case, without surrounding blanks, seen or unseen."""
    return text(lower(value or "").strip(_BLANKS))


def setting(shop: Shop, path: str, scope: str = "default", scope_id: int = 0) -> str | None:
    """A setting of the shop, in its scope alone."""
    for row in rows(shop, "core_config_data"):
        if (row.get("path"), row.get("scope"), row.get("scope_id")) == (path, scope, scope_id):
            return text(row.get("value"))
    return None


def eav_values(shop: Shop, entity_type: str, code: str, table: str) -> dict[int, Any]:
    """The values of one EAV attribute, by entity; where each store has its own, those for all stores."""
    types = {
        row["entity_type_id"]
        for row in rows(shop, "eav_entity_type")
        if row["entity_type_code"] == entity_type
    }
    attributes = {
        row["attribute_id"]
        for row in rows(shop, "eav_attribute")
        if row["entity_type_id"] in types and row["attribute_code"] == code
    }
    return {
        row["entity_id"]: row.get("value")
        for row in rows(shop, table)
        if row["attribute_id"] in attributes and not row.get("store_id")
    }


def option_labels(shop: Shop) -> dict[int, str | None]:
    """The labels of select options in the admin's language."""
    labels: dict[int, str | None] = {}
    # The schema allows several labels; the oldest counts.
    for row in sorted(rows(shop, "eav_attribute_option_value"), key=lambda row: row["value_id"]):
        if not row.get("store_id"):
            labels.setdefault(row["option_id"], text(row.get("value")))
    return labels
