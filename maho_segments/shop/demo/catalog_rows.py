"""The rows of the demo shop's categories and products."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from maho_segments.shop.demo.attributes import ENTITY_TYPES, attributes
from maho_segments.shop.demo.catalog import (
    CATEGORIES,
    LEAVES,
    PRODUCT_TYPES,
    VIRTUAL,
    Catalog,
    Category,
)
from maho_segments.shop.demo.encoding import (
    Columns,
    Instant,
    Integers,
    Joined,
    Money,
    Words,
    words,
)
from maho_segments.shop.demo.numbers import Numbers
from maho_segments.shop.demo.timeline import DAY, Timeline
from maho_segments.shop.demo.values import AttributeValues, value_tables

_ROOT: Final = 2
_FIRST_CATEGORY: Final = 3
_GERMAN_NAMES: Final = {"cameras": "Kameras", "shoes": "Schuhe", "coffee": "Kaffee", "bags": "Taschen"}
_SELECTS: Final = ("manufacturer", "color", "size", "materials")
_SALE: Final = "sale"
# Every so many products, one is in the sale.
_ON_SALE: Final = 7


def category_rows(timeline: Timeline) -> dict[str, list[dict[str, Any]]]:
    """The category tree with names and url keys; the German store has some names of its own."""
    created = f"{datetime.fromtimestamp(timeline.start, UTC):%Y-%m-%d %H:%M:%S}"
    entities: list[dict[str, Any]] = [
        {"entity_id": 1, "parent_id": 0, "path": "1", "position": 0, "level": 0, "name": "Root Catalog"},
        {"entity_id": _ROOT, "parent_id": 1, "path": "1/2", "position": 1, "level": 1, "name": "Shop"},
    ]
    paths: dict[str | None, str] = {None: "1/2"}
    for number, category in enumerate(CATEGORIES, start=_FIRST_CATEGORY):
        paths[category.url_key] = f"{paths[category.parent]}/{number}"
        path = paths[category.url_key]
        entities.append(
            {
                "entity_id": number,
                "parent_id": int(path.split("/")[-2]),
                "path": path,
                "position": number,
                "level": path.count("/"),
                "name": category.name,
                "url_key": category.url_key,
            }
        )
    common = {"entity_type_id": ENTITY_TYPES["catalog_category"], "attribute_set_id": 3}
    texts: list[tuple[str, int, int, str | int]] = []
    for entity in entities:
        texts.append(("name", 0, entity["entity_id"], entity.pop("name")))
        if url_key := entity.pop("url_key", None):
            texts.append(("url_key", 0, entity["entity_id"], url_key))
            if url_key in _GERMAN_NAMES:
                texts.append(("name", 1, entity["entity_id"], _GERMAN_NAMES[url_key]))
        entity.update(common, created_at=created, updated_at=created)
    return {
        "catalog_category_entity": entities,
        "catalog_category_entity_varchar": _category_values(texts),
        "catalog_category_entity_int": _category_values(
            [("is_active", 0, entity["entity_id"], 1) for entity in entities]
        ),
    }


def product_columns(
    catalog: Catalog, timeline: Timeline, rng: np.random.Generator
) -> Iterator[tuple[str, Columns, int]]:
    """Each table of products with its columns and its number of rows."""
    count = catalog.size
    ids = np.arange(1, count + 1)
    # The range was bought in over the first three years.
    created = timeline.start + rng.integers(0, 3 * 365, count) * DAY
    yield (
        "catalog_product_entity",
        {
            "entity_id": ids,
            "entity_type_id": ENTITY_TYPES["catalog_product"],
            "attribute_set_id": 4,
            "type_id": Words(PRODUCT_TYPES, catalog.kinds),
            "sku": Words(catalog.skus, ids - 1),
            "has_options": (catalog.children > 0).astype(np.int64),
            "required_options": 0,
            "created_at": Instant(created),
            "updated_at": Instant(created),
        },
        count,
    )
    values = _attribute_values(catalog, ids, created)
    yield from value_tables("catalog_product", ids, values, Numbers(), with_store=True)
    everywhere = np.repeat(ids, 3)
    websites = np.tile(np.arange(1, 4), count)
    # Some things are not sold on the third website.
    sold = (websites < 3) | (everywhere % 5 != 0)
    yield (
        "catalog_product_website",
        {"product_id": everywhere[sold], "website_id": websites[sold]},
        int(sold.sum()),
    )
    yield "catalog_category_product", *_category_links(catalog, ids)


def _category_links(catalog: Catalog, ids: Integers) -> tuple[Columns, int]:
    leaf_ids = np.array([_category_id(leaf) for leaf in LEAVES])
    sale_id = next(_category_id(category) for category in CATEGORIES if category.url_key == _SALE)
    on_sale = ids[(ids % _ON_SALE == 0) & (ids <= catalog.in_windows)]
    products = np.concatenate([ids, on_sale])
    categories = np.concatenate([leaf_ids[catalog.leaves], np.full(len(on_sale), sale_id)])
    return {"category_id": categories, "product_id": products, "position": 0}, len(products)


def _attribute_values(catalog: Catalog, ids: Integers, created: Integers) -> dict[str, list[AttributeValues]]:
    places = ids - 1
    everything = np.ones(len(ids), dtype=np.bool_)
    in_windows = ids <= catalog.in_windows
    on_sale = (ids % _ON_SALE == 0) & in_windows
    german = in_windows & (ids % 3 == 0)
    options = {code: attributes()["catalog_product", code].options for code in _SELECTS}
    materials = words(",".join(map(str, options["materials"][:last])) for last in (1, 2, 3))
    return {
        "varchar": [
            AttributeValues("name", everything, Words(catalog.names, places)),
            AttributeValues("name", german, Joined((Words(catalog.names, places), " (DE)")), store_id=1),
            AttributeValues("url_key", everything, Joined(("product-", ids))),
        ],
        "int": [
            AttributeValues("status", everything, np.where(ids % 41 == 0, 2, 1)),
            AttributeValues("visibility", everything, np.where(in_windows, 4, 1)),
            # A voucher has no brand.
            AttributeValues(
                "manufacturer", catalog.kinds != VIRTUAL, options["manufacturer"][catalog.brands]
            ),
            AttributeValues("color", ids % 4 != 0, options["color"][catalog.colors]),
            AttributeValues("size", catalog.sizes >= 0, options["size"][np.maximum(catalog.sizes, 0)]),
            AttributeValues("is_fragile", catalog.is_in(places, "lamps", "cameras"), ids % 2),
        ],
        "decimal": [
            AttributeValues("price", everything, Money(catalog.prices)),
            AttributeValues("special_price", on_sale, Money(catalog.prices * 8 // 10)),
            AttributeValues("cost", everything, Money(catalog.prices * 6 // 10)),
        ],
        "datetime": [AttributeValues("special_from_date", on_sale, Instant(created))],
        "text": [AttributeValues("materials", catalog.sizes >= 0, Words(materials, ids % 3))],
    }


def _category_id(category: Category) -> int:
    return _FIRST_CATEGORY + CATEGORIES.index(category)


def _category_values(texts: list[tuple[str, int, int, str | int]]) -> list[dict[str, Any]]:
    return [
        {
            "value_id": number,
            "entity_type_id": ENTITY_TYPES["catalog_category"],
            "attribute_id": attributes()["catalog_category", code].attribute_id,
            "store_id": store_id,
            "entity_id": entity_id,
            "value": value,
        }
        for number, (code, store_id, entity_id, value) in enumerate(texts, start=1)
    ]
