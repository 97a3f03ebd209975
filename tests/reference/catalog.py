"""Products as they are in the catalog now, and the categories they are in."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.reference.merchants import merchants_columns
from tests.reference.shop import Shop, Value, eav_values, listed, lower, number, rows, text

_ROOT_OF_ALL, _ROOT_OF_A_STORE = 0, 1


def read_products(shop: Shop) -> dict[int, dict[str, Value]]:
    """The columns of the parent `product`, by the shop's id."""
    names = eav_values(shop, "catalog_product", "name", "catalog_product_entity_varchar")
    prices = eav_values(shop, "catalog_product", "price", "catalog_product_entity_decimal")
    merchants = merchants_columns(shop, "catalog_product", "catalog_product_entity")
    categories = _words_of_categories(shop)
    own_categories = _words_of_categories(shop, with_those_above=False)
    words_of: dict[int, list[str]] = {}
    own_words_of: dict[int, list[str]] = {}
    for row in rows(shop, "catalog_category_product"):
        words_of.setdefault(row["product_id"], []).extend(categories.get(row["category_id"], ()))
        own_words_of.setdefault(row["product_id"], []).extend(own_categories.get(row["category_id"], ()))
    return {
        row["entity_id"]: {
            **merchants.get(row["entity_id"], {}),
            "sku": text(row.get("sku")),
            "name": text(names.get(row["entity_id"])),
            "type": text(row.get("type_id")),
            "price": number(prices.get(row["entity_id"])),
            "category": listed(iter(words_of.get(row["entity_id"], ()))),
            "own_category": listed(iter(own_words_of.get(row["entity_id"], ()))),
        }
        for row in rows(shop, "catalog_product_entity")
    }


def _words_of_categories(shop: Shop, *, with_those_above: bool = True) -> dict[int, list[str]]:
    """What a category goes by: itself and all above it, each by id, url key and path of url keys."""
    entities = {row["entity_id"]: row for row in rows(shop, "catalog_category_entity")}
    url_keys = eav_values(shop, "catalog_category", "url_key", "catalog_category_entity_varchar")
    return {
        category_id: [
            word
            for one in _lineage(row, entities)
            if with_those_above or one["entity_id"] == category_id
            for word in _words(one, entities, url_keys)
        ]
        for category_id, row in entities.items()
    }


def _words(
    category: Mapping[str, Any], entities: Mapping[int, Mapping[str, Any]], url_keys: Mapping[int, str]
) -> Iterator[str]:
    yield str(category["entity_id"])
    if own_key := text(url_keys.get(category["entity_id"])):
        yield lower(own_key)
    below_root = [one for one in _lineage(category, entities) if one["level"] > _ROOT_OF_A_STORE]
    keys = [text(url_keys.get(one["entity_id"])) for one in below_root]
    if keys and all(keys):
        yield "/".join(lower(key) for key in keys if key)


def _lineage(
    category: Mapping[str, Any], entities: Mapping[int, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The category and all above it, from the top; the root of the whole tree is none."""
    above = [int(part) for part in category["path"].split("/")]
    known = [entities[one] for one in above if one in entities]
    return [one for one in known if one["level"] > _ROOT_OF_ALL]
