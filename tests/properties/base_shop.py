"""What a shop is in these tests, and what each one has.

A `Shop` maps the names of raw tables to their rows. Datetimes are naive and in UTC, as the shop keeps them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = dict[str, Any]
Shop = dict[str, list[Row]]

_ATTRIBUTES = {
    "customer": (
        "firstname", "lastname", "dob", "gender", "default_billing", "default_shipping",
        "interests", "loyalty_tier", "marketing_consent", "shoe_size",
    ),
    "customer_address": (
        "firstname", "lastname", "company", "street", "city", "region", "postcode", "country_id", "telephone",
    ),
    "catalog_category": ("url_key",),
    "catalog_product": ("name", "price", "color", "materials", "is_fragile"),
}  # fmt: skip
_TYPES = {code: number for number, code in enumerate(_ATTRIBUTES, 1)}
ATTRIBUTE_IDS = {
    (kind, code): 10 * number + place
    for kind, number in _TYPES.items()
    for place, code in enumerate(_ATTRIBUTES[kind])
}

_CHOICES = {"frontend_input": "select", "backend_type": "int"}
_OWN_ATTRIBUTES = {
    ("customer", "interests"): {"frontend_input": "multiselect", "backend_type": "text"},
    ("customer", "loyalty_tier"): _CHOICES,
    ("customer", "marketing_consent"): {"frontend_input": "boolean", "backend_type": "int"},
    ("customer", "shoe_size"): {"frontend_input": "text", "backend_type": "decimal"},
    ("catalog_product", "color"): _CHOICES,
    ("catalog_product", "materials"): {"frontend_input": "multiselect", "backend_type": "text"},
    ("catalog_product", "is_fragile"): {"frontend_input": "boolean", "backend_type": "int"},
}
"""Of the attributes that the merchant has added, how the shop keeps them."""

BASE_SHOP: Shop = {
    "core_website": [{"website_id": 0, "code": "admin", "name": "Admin", "is_default": 0}],
    "core_store": [{"store_id": 0, "code": "admin", "website_id": 0, "name": "Admin"}],
    "customer_group": [
        {"customer_group_id": 0, "customer_group_code": "NOT LOGGED IN"},
        {"customer_group_id": 1, "customer_group_code": "General"},
        {"customer_group_id": 2, "customer_group_code": "Wholesale"},
    ],
    "eav_entity_type": [
        {"entity_type_id": number, "entity_type_code": code} for code, number in _TYPES.items()
    ],
    "eav_attribute": [
        {"attribute_id": number, "entity_type_id": _TYPES[kind], "attribute_code": code}
        | ({"is_user_defined": 1, **own} if (own := _OWN_ATTRIBUTES.get((kind, code))) else {})
        for (kind, code), number in ATTRIBUTE_IDS.items()
    ],
    "eav_attribute_option_value": [
        {"value_id": 1, "option_id": 1, "store_id": 0, "value": "Male"},
        {"value_id": 2, "option_id": 2, "store_id": 0, "value": "Female"},
        {"value_id": 3, "option_id": 2, "store_id": 0, "value": "a later label"},
        {"value_id": 4, "option_id": 1, "store_id": 1, "value": "Herr"},
    ],
    "catalog_category_entity": [
        {"entity_id": 1, "parent_id": 0, "path": "1", "level": 0},
        {"entity_id": 2, "parent_id": 1, "path": "1/2", "level": 1},
    ],
}
"""What every shop has."""


@dataclass
class Case:
    """A shop, the instant it is looked at, and the instants at which something happens there."""

    as_of: datetime
    shop: Shop
    guest_orders: str = "join"
    moments: list[datetime] = field(default_factory=list)
