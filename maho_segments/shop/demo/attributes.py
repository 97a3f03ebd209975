"""The attributes of the demo shop's customers, addresses, products and categories, with their options."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from maho_segments.shop.demo.encoding import Integers

ENTITY_TYPES: Final = {"customer": 1, "customer_address": 2, "catalog_category": 3, "catalog_product": 4}
_ENTITY_TABLES: Final = {
    "customer": ("customer/customer", "customer/entity"),
    "customer_address": ("customer/address", "customer/address_entity"),
    "catalog_category": ("catalog/category", "catalog/category"),
    "catalog_product": ("catalog/product", "catalog/product"),
}
# Not the numbers of a fresh shop: whoever reads attributes by fixed ids finds nothing here.
_FIRST_ATTRIBUTE_ID: Final = 211
_FIRST_OPTION_ID: Final = 71

GLOBAL, WEBSITE, STORE = 1, 2, 0

# entity type: code, backend type, input, label, user defined, scope of catalog attributes
_ATTRIBUTES: Final[dict[str, tuple[tuple[str, str, str, str, int, int], ...]]] = {
    "customer": (
        ("website_id", "static", "select", "Associate to Website", 0, GLOBAL),
        ("store_id", "static", "select", "Create In", 0, GLOBAL),
        ("created_in", "varchar", "text", "Created From", 0, GLOBAL),
        ("firstname", "varchar", "text", "First Name", 0, GLOBAL),
        ("lastname", "varchar", "text", "Last Name", 0, GLOBAL),
        ("email", "static", "text", "Email", 0, GLOBAL),
        ("group_id", "static", "select", "Group", 0, GLOBAL),
        ("dob", "datetime", "date", "Date Of Birth", 0, GLOBAL),
        ("default_billing", "int", "text", "Default Billing Address", 0, GLOBAL),
        ("default_shipping", "int", "text", "Default Shipping Address", 0, GLOBAL),
        ("gender", "int", "select", "Gender", 0, GLOBAL),
        ("loyalty_tier", "int", "select", "Loyalty Tier", 1, GLOBAL),
        ("shoe_size", "decimal", "text", "Shoe Size", 1, GLOBAL),
        ("marketing_consent", "int", "boolean", "Marketing Consent", 1, GLOBAL),
        ("interests", "text", "multiselect", "Interests", 1, GLOBAL),
    ),
    "customer_address": (
        ("firstname", "varchar", "text", "First Name", 0, GLOBAL),
        ("lastname", "varchar", "text", "Last Name", 0, GLOBAL),
        ("company", "varchar", "text", "Company", 0, GLOBAL),
        ("street", "text", "multiline", "Street Address", 0, GLOBAL),
        ("city", "varchar", "text", "City", 0, GLOBAL),
        ("country_id", "varchar", "select", "Country", 0, GLOBAL),
        ("region", "varchar", "text", "State/Province", 0, GLOBAL),
        ("region_id", "int", "hidden", "State/Province", 0, GLOBAL),
        ("postcode", "varchar", "text", "Zip/Postal Code", 0, GLOBAL),
        ("telephone", "varchar", "text", "Telephone", 0, GLOBAL),
    ),
    "catalog_category": (
        ("name", "varchar", "text", "Name", 0, STORE),
        ("url_key", "varchar", "text", "URL Key", 0, STORE),
        ("is_active", "int", "select", "Is Active", 0, STORE),
        ("is_anchor", "int", "select", "Is Anchor", 0, GLOBAL),
    ),
    "catalog_product": (
        ("sku", "static", "text", "SKU", 0, GLOBAL),
        ("name", "varchar", "text", "Name", 0, STORE),
        ("url_key", "varchar", "text", "URL Key", 0, STORE),
        ("price", "decimal", "price", "Price", 0, GLOBAL),
        ("special_price", "decimal", "price", "Special Price", 0, WEBSITE),
        ("special_from_date", "datetime", "date", "Special Price From Date", 0, WEBSITE),
        ("cost", "decimal", "price", "Cost", 0, WEBSITE),
        ("status", "int", "select", "Status", 0, WEBSITE),
        ("visibility", "int", "select", "Visibility", 0, STORE),
        ("manufacturer", "int", "select", "Brand", 1, GLOBAL),
        ("color", "int", "select", "Color", 1, GLOBAL),
        ("size", "int", "select", "Size", 1, GLOBAL),
        ("is_fragile", "int", "boolean", "Fragile", 1, GLOBAL),
        ("materials", "text", "multiselect", "Materials", 1, GLOBAL),
    ),
}
BRANDS: Final = (
    "Lumina",
    "Optara",
    "Kestrel",
    "Nordvik",
    "Halden",
    "Tuatara",
    "Bluebird",
    "Calypso",
    "Fjellby",
)
# (entity type, code): labels, each with that of the German store where it has one of its own
_OPTIONS: Final[dict[tuple[str, str], tuple[tuple[str, str | None], ...]]] = {
    ("customer", "gender"): (("Male", "Männlich"), ("Female", "Weiblich")),
    ("customer", "loyalty_tier"): tuple((label, None) for label in ("Bronze", "Silver", "Gold", "Platinum")),
    ("customer", "interests"): (
        ("Photography", "Fotografie"),
        ("Computers", None),
        ("Fashion", "Mode"),
        ("Coffee", "Kaffee"),
        ("Outdoors", None),
    ),
    ("catalog_product", "manufacturer"): tuple((brand, None) for brand in BRANDS),
    ("catalog_product", "color"): (
        ("Black", "Schwarz"),
        ("White", "Weiß"),
        ("Red", "Rot"),
        ("Blue", "Blau"),
        ("Green", "Grün"),
    ),
    ("catalog_product", "size"): tuple((label, None) for label in ("S", "M", "L", "40", "42", "44")),
    ("catalog_product", "materials"): (("Cotton", "Baumwolle"), ("Leather", "Leder"), ("Steel", "Stahl")),
}


@dataclass(frozen=True)
class Attribute:
    """An attribute of the demo shop, with its ids in this shop."""

    attribute_id: int
    entity_type_id: int
    options: Integers


@cache
def attributes() -> dict[tuple[str, str], Attribute]:
    """Every attribute by entity type and code."""
    found: dict[tuple[str, str], Attribute] = {}
    next_option = _FIRST_OPTION_ID
    for entity_type, rows in _ATTRIBUTES.items():
        for code, *_ in rows:
            count = len(_OPTIONS.get((entity_type, code), ()))
            found[entity_type, code] = Attribute(
                attribute_id=_FIRST_ATTRIBUTE_ID + len(found),
                entity_type_id=ENTITY_TYPES[entity_type],
                options=np.arange(next_option, next_option + count, dtype=np.int64),
            )
            next_option += count
    return found


def attribute_rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of the shop's tables of entity types, attributes and options."""
    return {
        "eav_entity_type": [
            {
                "entity_type_id": number,
                "entity_type_code": code,
                "entity_model": _ENTITY_TABLES[code][0],
                "entity_table": _ENTITY_TABLES[code][1],
            }
            for code, number in ENTITY_TYPES.items()
        ],
        "eav_attribute": list(_attribute_table()),
        "eav_attribute_option": [
            {"option_id": int(option), "attribute_id": attributes()[key].attribute_id, "sort_order": place}
            for key in _OPTIONS
            for place, option in enumerate(attributes()[key].options)
        ],
        "eav_attribute_option_value": _option_labels(),
        "customer_eav_attribute": [
            {
                "attribute_id": attributes()[kind, row[0]].attribute_id,
                "is_visible": 1,
                "sort_order": 10 * place,
            }
            for kind in ("customer", "customer_address")
            for place, row in enumerate(_ATTRIBUTES[kind])
        ],
        "catalog_eav_attribute": [
            {"attribute_id": attributes()[kind, row[0]].attribute_id, "is_global": row[5]}
            for kind in ("catalog_category", "catalog_product")
            for row in _ATTRIBUTES[kind]
        ],
    }


def _attribute_table() -> list[dict[str, Any]]:
    sources = {"boolean": "eav/entity_attribute_source_boolean", "select": None, "multiselect": None}
    return [
        {
            "attribute_id": attributes()[entity_type, code].attribute_id,
            "entity_type_id": ENTITY_TYPES[entity_type],
            "attribute_code": code,
            "backend_type": backend,
            "frontend_input": kind,
            "frontend_label": label,
            "source_model": "eav/entity_attribute_source_table"
            if (entity_type, code) in _OPTIONS
            else sources.get(kind),
            "is_required": 0,
            "is_user_defined": user_defined,
            "is_unique": 0,
        }
        for entity_type, rows in _ATTRIBUTES.items()
        for code, backend, kind, label, user_defined, _ in rows
    ]


def _option_labels() -> list[dict[str, Any]]:
    labels = [
        (int(option), store_id, label)
        for key, texts in _OPTIONS.items()
        for option, (default, german) in zip(attributes()[key].options, texts, strict=True)
        for store_id, label in ((0, default), (1, german))
        if label is not None
    ]
    return [
        {"value_id": number, "option_id": option, "store_id": store_id, "value": label}
        for number, (option, store_id, label) in enumerate(labels, start=1)
    ]
