"""What the importer has to know of the shop: names of ids, and whether the shop has rows that are counted
otherwise here than by the module.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import sql


@dataclass(frozen=True)
class ShopFacts:
    """Names by id, as a rule spells them. `oddities` are the names of the queries below that found a row."""

    websites: Mapping[str, str] = field(default_factory=dict)
    stores: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    genders: Mapping[str, str] = field(default_factory=dict)
    skus: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    """The names of each and of those above it, as people know it; rules have its id. One whose id is the
    url key of another is left out: rules can't tell them apart.
    """
    product_attributes: Mapping[str, str] = field(default_factory=dict)
    """Backend type by code."""
    product_options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The options of product attributes by code."""
    attributes_by_store: frozenset[str] = frozenset()
    """Product attributes with values of single store views."""
    oddities: frozenset[str] = frozenset()


_NAMES: dict[str, LiteralString] = {
    "websites": "select website_id::text, code, name from {schema}.core_website",
    "stores": "select store_id::text, code, name from {schema}.core_store",
    "groups": "select customer_group_id::text, customer_group_code, null from {schema}.customer_group",
    "skus": "select entity_id::text, sku, null from {schema}.catalog_product_entity",
}
"""Of each kind: id, and the two spellings that a rule can use, the better one first."""

_OPTIONS: LiteralString = """
    select distinct on (eav_attribute_option.option_id)
        eav_entity_type.entity_type_code,
        eav_attribute.attribute_code,
        eav_attribute_option.option_id::text,
        labels.value,
        eav_attribute_option.option_id::text
    from {schema}.eav_attribute_option
    inner join {schema}.eav_attribute on eav_attribute_option.attribute_id = eav_attribute.attribute_id
    inner join {schema}.eav_entity_type on eav_attribute.entity_type_id = eav_entity_type.entity_type_id
    left join {schema}.eav_attribute_option_value as labels
        on eav_attribute_option.option_id = labels.option_id and labels.store_id = 0
    order by eav_attribute_option.option_id, labels.value_id
"""
# Of several labels the oldest, as in stg_maho__option_labels.


_PRODUCT_ATTRIBUTES: LiteralString = """
    select eav_attribute.attribute_code, eav_attribute.backend_type
    from {schema}.eav_attribute
    inner join {schema}.eav_entity_type on eav_attribute.entity_type_id = eav_entity_type.entity_type_id
    where eav_entity_type.entity_type_code = 'catalog_product'
"""

_STORE_VALUES: LiteralString = """
    select distinct eav_attribute.attribute_code
    from {schema}.{table} as entity_values
    inner join {schema}.eav_attribute on entity_values.attribute_id = eav_attribute.attribute_id
    where entity_values.store_id <> 0
"""
_STORE_VALUE_TABLES = tuple(
    f"catalog_product_entity_{kind}" for kind in ("varchar", "int", "decimal", "datetime", "text")
)

_CATEGORIES: LiteralString = """
    select
        categories.entity_id::text,
        coalesce((
            select string_agg(coalesce(names.value, above.entity_id::text), ' / ' order by above.level)
            from {schema}.catalog_category_entity as above
            left join {schema}.catalog_category_entity_varchar as names
                on above.entity_id = names.entity_id
                and names.store_id = 0
                and names.attribute_id = (
                    select attribute_id
                    from {schema}.eav_attribute
                    inner join {schema}.eav_entity_type using (entity_type_id)
                    where attribute_code = 'name' and entity_type_code = 'catalog_category'
                )
            where above.level > 1
                and above.entity_id::text = any(string_to_array(categories.path, '/'))
        ), '')
    from {schema}.catalog_category_entity as categories
"""
_CATEGORY_URL_KEYS: LiteralString = """
    select url_keys.value, url_keys.entity_id::text
    from {schema}.catalog_category_entity_varchar as url_keys
    inner join {schema}.eav_attribute using (attribute_id)
    where attribute_code = 'url_key' and store_id = 0 and value is not null
"""

ODDITIES: dict[str, LiteralString] = {
    "order_currencies": """
        from {schema}.sales_flat_order
        where customer_id is not null and order_currency_code <> base_currency_code
    """,
    "cart_currencies": """
        from {schema}.sales_flat_quote
        where customer_id is not null and quote_currency_code <> base_currency_code
    """,
    "odd_discounts": """
        from {schema}.sales_flat_order
        where customer_id is not null and (base_discount_amount > 0 or base_discount_amount is null)
    """,
    "order_item_parts": "from {schema}.sales_flat_order_item where parent_item_id is not null",
    "item_discounts_missing": "from {schema}.sales_flat_order_item where discount_amount is null",
    "item_totals_missing": "from {schema}.sales_flat_order_item where row_total_incl_tax is null",
    "cart_item_parts": "from {schema}.sales_flat_quote_item where parent_item_id is not null",
    "cancelled_credit_memos": "from {schema}.sales_flat_creditmemo where state = 3",
    "regions_by_id": """
        from {schema}.customer_address_entity_int as region_ids
        inner join {schema}.eav_attribute using (attribute_id)
        left join {schema}.directory_country_region as regions on region_ids.value = regions.region_id
        where attribute_code = 'region_id'
            and not exists (
                select from {schema}.customer_address_entity_varchar as names
                inner join {schema}.eav_attribute as name_attributes using (attribute_id)
                where names.entity_id = region_ids.entity_id
                    and name_attributes.attribute_code = 'region'
                    and names.value = regions.default_name
            )
            and regions.default_name is not null
    """,
}


def read_facts(connection: psycopg.Connection, *, schema: str) -> ShopFacts:
    """The facts of the shop in the raw tables; what it has no table of is empty."""
    shop = _Shop(connection, schema)
    options = _options(shop)
    by_store = {code for table in _STORE_VALUE_TABLES for (code,) in shop.rows(_STORE_VALUES, table=table)}
    return ShopFacts(
        **{kind: _spellings(shop.rows(query)) for kind, query in _NAMES.items()},
        genders=options.get(("customer", "gender"), {}),
        product_options={
            code: spellings for (entity, code), spellings in options.items() if entity == "catalog_product"
        },
        categories=_categories(shop),
        product_attributes=dict(shop.rows(_PRODUCT_ATTRIBUTES)),
        attributes_by_store=frozenset(by_store),
        oddities=frozenset(
            name for name, tail in ODDITIES.items() if shop.rows("select 1 " + tail + " limit 1")
        ),
    )


class _Shop:
    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = sql.Identifier(schema)

    def rows(self, query: LiteralString, *, table: str = "") -> list[tuple[Any, ...]]:
        """The rows of a query; none where the shop has no such table or column."""
        composed = sql.SQL(query).format(schema=self._schema, table=sql.Identifier(table))
        try:
            # A savepoint: what fails must not end the transaction.
            with self._connection.transaction():
                return self._connection.execute(composed).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            return []


def _options(shop: _Shop) -> dict[tuple[str, str], dict[str, str]]:
    """How a rule spells the options of each attribute: the label, or the id where several have it."""
    rows: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for entity, code, *option in shop.rows(_OPTIONS):
        rows.setdefault((entity, code), []).append(tuple(option))
    return {attribute: _spellings(found) for attribute, found in rows.items()}


def _categories(shop: _Shop) -> dict[str, str]:
    taken = {key for key, owner in shop.rows(_CATEGORY_URL_KEYS) if key != owner}
    return {key: names for key, names in shop.rows(_CATEGORIES) if key not in taken}


def _spellings(rows: Iterable[tuple[Any, ...]]) -> dict[str, str]:
    """Of each id the first spelling that means no other: rules take codes as well as names, in any case."""
    listed = [(key, [word for word in words if word]) for key, *words in rows]
    users: dict[str, set[str]] = {}
    for key, words in listed:
        for word in words:
            users.setdefault(word.lower(), set()).add(key)
    chosen: dict[str, str] = {}
    for key, words in listed:
        only = next((word for word in words if users[word.lower()] == {key}), None)
        if only:
            chosen[key] = only
    return chosen
