"""A shop of four customers whose merchant has attributes of every kind, and the rules that they answer.

Customer n has address 10 + n and ordered product 100 + n.
"""

import csv
from pathlib import Path
from typing import Any

HOSTILE_LABELS = ("{{ env_var('HOME') }}", 'O\'Brien "x" %}', "line\nbreak {# no #}", "yes")
_OPTION_TABLE = "eav/entity_attribute_source_table"
_TYPES = {"customer": 1, "customer_address": 2, "catalog_category": 3, "catalog_product": 4}
_TABLES = {
    "customer": "customer_entity",
    "customer_address": "customer_address_entity",
    "catalog_category": "catalog_category_entity",
    "catalog_product": "catalog_product_entity",
}
GLOBAL, WEBSITE, STORE = 1, 2, 0

# entity: code, backend type, input, label, source model, scope, values by entity (a mapping: by store view)
ATTRIBUTES: dict[str, list[tuple[str, str, str, str, str, int, dict[int, Any]]]] = {
    "customer": [
        ("lastname", "varchar", "text", "Last Name", "", GLOBAL, {1: "One", 2: "Two", 3: "Three"}),
        ("nickname", "varchar", "text", "Nickname", "", GLOBAL, {1: "Ace", 2: ""}),
        ("about", "text", "textarea", "About me", "", GLOBAL, {1: "likes tea", 2: "likes coffee"}),
        ("tier", "int", "select", "Tier", _OPTION_TABLE, GLOBAL, {1: 501, 2: 502, 3: 503, 4: 999}),
        ("hobbies", "text", "multiselect", "Hobbies", _OPTION_TABLE, GLOBAL, {1: "511,512", 2: "512", 3: ""}),
        ("wants_mail", "int", "boolean", "Wants mail", "", GLOBAL, {1: 1, 2: 0}),
        ("is_club", "int", "select", "Club", "eav/entity_attribute_source_boolean", GLOBAL, {1: 0, 2: 1}),
        ("credit", "decimal", "price", "Credit", "", GLOBAL, {1: "10.5000", 2: "-3"}),
        ("children", "int", "text", "Children", "", GLOBAL, {1: 2, 2: 0}),
        ("wedding", "datetime", "date", "Wedding", "", GLOBAL, {1: "2020-02-29 00:00:00"}),
        ("last_call", "datetime", "datetime", "Last call", "", GLOBAL, {1: "2026-01-31 23:30:00"}),
        ("home", "varchar", "select", "Home", "customer/source_country", GLOBAL, {1: "DE", 2: "FR"}),
        ("website", "varchar", "text", "Own website", "", GLOBAL, {1: "one.example"}),
        ("2nd-Mail", "varchar", "text", "{{ env_var('HOME') }}", "", GLOBAL, {2: "two@second.example"}),
        ("no", "varchar", "text", "No", "", GLOBAL, {3: "x"}),
        ("avatar", "varchar", "image", "Picture", "", GLOBAL, {}),
        ("api_token", "varchar", "text", "Token", "", GLOBAL, {1: "swordfish"}),
        ("points", "static", "text", "Points", "", GLOBAL, {}),
    ],
    "customer_address": [
        ("city", "varchar", "text", "City", "", GLOBAL, {11: "Ulm", 12: "Bonn"}),
        ("floor", "int", "text", "Floor", "", GLOBAL, {11: 3, 12: 0}),
        ("kind", "int", "select", "Kind", _OPTION_TABLE, GLOBAL, {11: 521, 12: 522}),
        ("has_lift", "int", "boolean", "Lift", "", GLOBAL, {11: 1}),
        ("fee", "decimal", "price", "Fee", "", GLOBAL, {12: "4.9"}),
        ("moved_in", "datetime", "date", "Moved in", "", GLOBAL, {11: "2024-05-01 00:00:00"}),
        ("hint", "text", "textarea", "Hint", "", GLOBAL, {12: "ring twice"}),
        ("days", "text", "multiselect", "Days", _OPTION_TABLE, GLOBAL, {11: "532,531"}),
    ],
    "catalog_product": [
        ("name", "varchar", "text", "Name", "", STORE, {101: "A", 102: "B"}),
        ("brand", "int", "select", "Brand", _OPTION_TABLE, GLOBAL, {101: 541, 102: 542}),
        ("badges", "text", "multiselect", "Badges", _OPTION_TABLE, GLOBAL, {101: "551,552", 103: "552"}),
        ("fragile", "int", "boolean", "Fragile", "", GLOBAL, {101: 1, 102: 0}),
        ("volume", "decimal", "text", "Volume", "", GLOBAL, {101: "0.75"}),
        ("deposit", "decimal", "price", "Deposit", "", WEBSITE, {101: "0.25", 102: {0: "0.25", 2: "0.50"}}),
        ("launch", "datetime", "date", "Launch", "", GLOBAL, {101: "2025-03-01 00:00:00"}),
        (
            "origin", "varchar", "text", "Origin", "", STORE,
            {101: {0: "Italy", 2: "Italien"}, 102: {0: "France", 2: ""}, 103: "Spain"},
        ),
        ("finish", "int", "select", "Finish", _OPTION_TABLE, STORE, {101: {0: 561, 2: 562}, 102: 561}),
        ("tax", "int", "select", "Tax", "tax/class_source_product", GLOBAL, {101: 2}),
        ("order", "varchar", "text", "Order", "", GLOBAL, {104: "first"}),
        ("weight", "decimal", "weight", "Weight", "", GLOBAL, {103: "12.5"}),
    ],
    "catalog_category": [
        ("url_key", "varchar", "text", "URL Key", "", STORE, {10: "clothing", 11: "shoes", 12: "bags"}),
        ("season", "int", "select", "Season", _OPTION_TABLE, GLOBAL, {10: 571, 11: 572}),
        ("themes", "text", "multiselect", "Themes", _OPTION_TABLE, GLOBAL, {10: "581,582", 12: "582"}),
        ("mood", "varchar", "text", "Mood", "", STORE, {11: "Wild"}),
        ("is_sale", "int", "boolean", "Sale", "", GLOBAL, {10: 0, 11: 1}),
        ("margin", "decimal", "text", "Margin", "", GLOBAL, {12: "12.5000"}),
    ],
}  # fmt: skip

OPTIONS: dict[str, dict[int, str]] = {
    "customer.tier": {501: "Gold", 502: HOSTILE_LABELS[0], 503: HOSTILE_LABELS[1]},
    "customer.hobbies": {511: "Tea, black", 512: HOSTILE_LABELS[2]},
    "customer_address.kind": {521: "House", 522: HOSTILE_LABELS[3]},
    "customer_address.days": {531: "Monday", 532: "Friday"},
    "catalog_product.brand": {541: "Acme", 542: "Zeta"},
    "catalog_product.badges": {551: "New", 552: "Bio"},
    "catalog_product.finish": {561: "Matt", 562: "Gloss"},
    "catalog_category.season": {571: "Summer", 572: "Winter"},
    "catalog_category.themes": {581: "Beach", 582: "City"},
}

# A rule, and the customers for whom it holds.
MEMBERS: list[tuple[dict[str, Any], set[int]]] = [
    ({"nickname": "ace"}, {1}),
    ({"nickname": {"is_set": False}}, {2, 3, 4}),
    ({"about": {"contains": "tea"}}, {1}),
    ({"tier": "Gold"}, {1}),
    ({"tier": "501"}, {1}),
    ({"tier": HOSTILE_LABELS[0]}, {2}),
    ({"tier": HOSTILE_LABELS[1].upper()}, {3}),
    ({"tier": {"ne": "gold"}}, {2, 3, 4}),
    # An option whose label is gone is an id all the same.
    ({"tier": {"is_set": True}}, {1, 2, 3, 4}),
    ({"tier": "999"}, {4}),
    ({"hobbies": "tea, black"}, {1}),
    ({"hobbies": {"contains_all": ["511", HOSTILE_LABELS[2]]}}, {1}),
    ({"hobbies": {"contains_none": ["512"]}}, {3, 4}),
    ({"wants_mail": True}, {1}),
    ({"wants_mail": False}, {2}),
    ({"is_club": True}, {2}),
    ({"credit": {"gt": 0}}, {1}),
    ({"children": {"gte": 0}}, {1, 2}),
    ({"wedding": {"anniversary_within": "30 days"}}, {1}),
    # Late in the evening of 31 January in UTC; the website's clock says 1 February.
    ({"last_call.date": "2026-02-01"}, {1}),
    ({"home": ["de", "at"]}, {1}),
    ({"website_attribute": "one.example"}, {1}),
    ({"attribute_2nd_mail": {"ends_with": "second.example"}}, {2}),
    ({"no": "x"}, {3}),
    ({"credit": {"lt": {"attribute": "children"}}}, {2}),
    ({"addresses": {"where": {"floor": 3, "kind": "House", "has_lift": True}}}, {1}),
    ({"addresses": {"where": {"kind": ["yes"], "fee": {"gt": 4}, "hint": {"contains": "ring"}}}}, {2}),
    ({"addresses": {"where": {"days": "532", "moved_in": {"since": "2024-05-01"}}}}, {1}),
    ({"addresses": {"where": {"floor": {"is_set": False}}}}, {3, 4}),
    ({"addresses": {"sum": {"floor": {"gt": 2}}}}, {1}),
    ({"addresses": {"every": {"kind": "House"}}}, {1}),
    ({"addresses": {"latest": {"kind": {"ne": "521"}}}}, {2, 3, 4}),
    ({"order_items": {"where": {"product.brand": "Acme"}}}, {1}),
    ({"order_items": {"where": {"product.brand": ["541", "zeta"]}}}, {1, 2}),
    ({"order_items": {"where": {"product.badges": {"contains_all": ["bio", "551"]}}}}, {1}),
    ({"order_items": {"where": {"product.badges": {"contains_none": ["new"]}}}}, {2, 3, 4}),
    ({"order_items": {"where": {"product.fragile": False}}}, {2}),
    ({"order_items": {"max": {"product.volume": {"gt": 0.7}}}}, {1}),
    ({"order_items": {"where": {"product.launch": "2025-03-01"}}}, {1}),
    ({"order_items": {"where": {"product.tax": "2"}}}, {1}),
    ({"order_items": {"where": {"product.order": "first"}}}, {4}),
    # By scope: the default, and the German store view's own, which can be empty.
    ({"order_items": {"where": {"product.deposit": 0.25}}}, {1, 2}),
    ({"order_items": {"where": {"product.deposit_in_de": 0.5}}}, {2}),
    ({"order_items": {"where": {"product.origin": ["Italy", "France"]}}}, {1, 2}),
    ({"order_items": {"where": {"product.origin_in_de": "Italien"}}}, {1}),
    ({"order_items": {"where": {"product.origin_in_de": {"is_set": True}}}}, {1, 3}),
    ({"order_items": {"where": {"product.finish": "Matt"}}}, {1, 2}),
    ({"order_items": {"where": {"product.finish_in_de": "Gloss"}}}, {1}),
    ({"order_items": {"where": {"product.finish_in_de": "561"}}}, {2}),
    # Categories: 101 is in shoes below clothing, 102 in clothing itself, 103 in bags.
    ({"order_items": {"where": {"product.category": "clothing"}}}, {1, 2}),
    ({"order_items": {"where": {"product.own_category": "clothing"}}}, {2}),
    ({"order_items": {"where": {"product.own_category": ["clothing/shoes", "12"]}}}, {1, 3}),
    ({"order_items": {"where": {"product.category_season": "Summer"}}}, {1, 2}),
    ({"order_items": {"where": {"product.category_season": ["572"]}}}, {1}),
    ({"order_items": {"where": {"product.category_themes": {"contains_all": ["beach", "city"]}}}}, {1, 2}),
    ({"order_items": {"where": {"product.category_themes": "582"}}}, {1, 2, 3}),
    ({"order_items": {"where": {"product.category_mood": "wild"}}}, {1}),
    ({"order_items": {"where": {"product.category_is_sale": "true"}}}, {1}),
    ({"order_items": {"where": {"product.category_margin": "12.5"}}}, {3}),
    ({"order_items": {"where": {"product.category_margin": {"is_set": False}}}}, {1, 2, 4}),
]


def write_shop(folder: Path) -> None:
    """The shop's tables as CSV files."""
    tables = _fixed_tables()
    for place, (entity, attributes) in enumerate(ATTRIBUTES.items()):
        for number, row in enumerate(attributes, start=100 * (place + 1)):
            _add_attribute(tables, entity, number, row)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)


def _add_attribute(
    tables: dict[str, list[dict[str, Any]]],
    entity: str,
    number: int,
    attribute: tuple[str, str, str, str, str, int, dict[int, Any]],
) -> None:
    code, backend, kind, label, source, scope, values = attribute
    is_own = code not in ("lastname", "city", "name", "weight", "url_key")
    tables["eav_attribute"].append(
        {
            "attribute_id": number, "entity_type_id": _TYPES[entity], "attribute_code": code,
            "backend_type": backend, "frontend_input": kind, "frontend_label": label,
            "source_model": source, "is_user_defined": int(is_own),
        }
    )  # fmt: skip
    if entity.startswith("catalog"):
        tables["catalog_eav_attribute"].append({"attribute_id": number, "is_global": scope})
    for option, text in OPTIONS.get(f"{entity}.{code}", {}).items():
        tables["eav_attribute_option"].append({"option_id": option, "attribute_id": number})
        tables["eav_attribute_option_value"].append({"option_id": option, "store_id": 0, "value": text})
    for owner, value in values.items():
        for store, one in (value if isinstance(value, dict) else {0: value}).items():
            row = {"entity_id": owner, "attribute_id": number, "value": one}
            if entity.startswith("catalog"):
                row["store_id"] = store
            tables.setdefault(f"{_TABLES[entity]}_{backend}", []).append(row)


def _fixed_tables() -> dict[str, list[dict[str, Any]]]:
    people = range(1, 5)
    return {
        "core_website": [
            {"website_id": 0, "code": "admin", "name": "Admin", "is_default": 0},
            {"website_id": 1, "code": "base", "name": "Main", "is_default": 1},
        ],
        "core_store": [
            {"store_id": store, "code": code, "website_id": min(store, 1), "name": code}
            for store, code in enumerate(("admin", "en", "de"))
        ],
        "core_config_data": [
            {"scope": "default", "scope_id": 0, "path": "general/locale/timezone", "value": "Europe/Berlin"}
        ],
        "eav_entity_type": [
            {"entity_type_id": number, "entity_type_code": code} for code, number in _TYPES.items()
        ],
        "eav_attribute": [],
        "catalog_eav_attribute": [],
        "eav_attribute_option": [],
        "eav_attribute_option_value": [
            # A store view's own label is not the label.
            {"option_id": 501, "store_id": 2, "value": "Golden"}
        ],
        "customer_entity": [
            {
                "entity_id": one, "website_id": 1, "store_id": 1, "email": f"c{one}@shop.example",
                "created_at": "2025-01-01 00:00:00",
            }
            for one in people
        ],
        "customer_address_entity": [
            {"entity_id": 10 + one, "parent_id": one, "created_at": "2025-01-02 00:00:00"} for one in people
        ],
        "catalog_product_entity": [
            {"entity_id": 100 + one, "sku": f"SKU-{one}", "type_id": "simple"} for one in people
        ],
        "catalog_category_entity": [
            {"entity_id": number, "parent_id": parent, "path": path, "level": path.count("/")}
            for number, parent, path in (
                (1, 0, "1"), (2, 1, "1/2"), (10, 2, "1/2/10"), (11, 10, "1/2/10/11"), (12, 2, "1/2/12"),
            )
        ],
        "catalog_category_product": [
            {"category_id": category, "product_id": product}
            for category, product in ((11, 101), (10, 102), (12, 103))
        ],
        "sales_flat_order": [
            {
                "entity_id": one, "state": "complete", "store_id": 1, "customer_id": one,
                "customer_email": f"c{one}@shop.example", "base_grand_total": 10,
                "created_at": "2026-01-10 10:00:00",
            }
            for one in people
        ],
        "sales_flat_order_item": [
            {
                "item_id": one, "order_id": one, "product_id": 100 + one, "sku": f"SKU-{one}",
                "qty_ordered": 1, "base_price": 10, "base_row_total": 10,
            }
            for one in people
        ],
    }  # fmt: skip
