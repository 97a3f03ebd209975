"""The attributes that the merchant has added to customers, addresses and products, by their codes."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.reference.shop import Shop, Value, day, eav_values, listed, number, option_labels, rows, text


def merchants_columns(shop: Shop, entity_type: str, entity_table: str) -> dict[int, dict[str, Value]]:
    """By the entity's id, the columns of the attributes that it has a value of."""
    labels = option_labels(shop)
    found: dict[int, dict[str, Value]] = {}
    for attribute in _added_attributes(shop, entity_type):
        code = attribute["attribute_code"]
        values = eav_values(shop, entity_type, code, f"{entity_table}_{attribute['backend_type']}")
        for entity_id, value in values.items():
            found.setdefault(entity_id, {}).update(_columns(code, attribute, value, labels))
    return found


def _added_attributes(shop: Shop, entity_type: str) -> Iterator[Mapping[str, Any]]:
    types = {row["entity_type_code"]: row["entity_type_id"] for row in rows(shop, "eav_entity_type")}
    for row in rows(shop, "eav_attribute"):
        if row["entity_type_id"] == types[entity_type] and row.get("is_user_defined") == 1:
            yield row


def _columns(
    code: str, attribute: Mapping[str, Any], value: Any, labels: Mapping[int, str | None]
) -> dict[str, Value]:
    """The column of the attribute, and that of the option's id where it is a choice."""
    match attribute["frontend_input"]:
        case "boolean":
            return {code: None if value is None else value == 1}
        case "select":
            return {code: labels.get(value), f"{code}_id": None if value is None else str(value)}
        case "multiselect":
            chosen = [int(part) for part in (value or "").split(",") if part]
            return {code: listed(word for one in chosen for word in (str(one), labels.get(one)))}
        case "date":
            return {code: day(value)}
    return {code: number(value) if attribute["backend_type"] in ("int", "decimal") else text(value)}
