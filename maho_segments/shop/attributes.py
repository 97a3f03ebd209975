"""The EAV attributes of a shop, as its own tables describe them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, LiteralString, get_args

import psycopg
from psycopg import sql

from maho_segments.errors import ShopError

Entity = Literal["customer", "customer_address", "catalog_product", "catalog_category"]
ENTITIES: Final[tuple[Entity, ...]] = get_args(Entity)
VALUE_TABLES: Final = ("varchar", "int", "decimal", "datetime", "text")
_OPTION_TABLE: Final = "eav/entity_attribute_source_table"
_GLOBAL: Final = 1

# As JSON: which of the columns a shop has differs from version to version.
_ATTRIBUTES: LiteralString = """
    select types.entity_type_code, to_jsonb(attributes) || coalesce(to_jsonb(catalog), '{{}}')
    from {attributes} as attributes
    inner join {types} as types on attributes.entity_type_id = types.entity_type_id
    left join {catalog} as catalog on attributes.attribute_id = catalog.attribute_id
    where types.entity_type_code = any(%s)
    order by types.entity_type_code, attributes.attribute_code
"""
# Of several labels the oldest counts, as in staging.
_OPTIONS: LiteralString = """
    select distinct on (options.attribute_id, options.sort_order, options.option_id)
        options.attribute_id, labels.value
    from {options} as options
    inner join {labels} as labels on options.option_id = labels.option_id and labels.store_id = 0
    where options.attribute_id = any(%s) and labels.value <> ''
    order by options.attribute_id, options.sort_order, options.option_id, labels.value_id
"""
_OWN_STORES: LiteralString = """
    select attribute_id, (select stores.code from {stores} as stores where stores.store_id = found.store_id)
    from (
        select distinct attribute_id, store_id from {values} where store_id <> 0 and attribute_id = any(%s)
    ) as found
"""


@dataclass(frozen=True)
class ShopAttribute:
    """One attribute: how the shop keeps it, and what people call it and its options."""

    entity: Entity
    code: str
    backend_type: str
    input: str = ""
    label: str = ""
    source_model: str = ""
    backend_table: str = ""
    is_user_defined: bool = False
    is_global: bool = True
    options: tuple[str, ...] = ()
    """The labels of its options, in the shop's order."""
    own_stores: tuple[str, ...] = field(default=())
    """The codes of the store views in which some product has a value of its own."""

    @property
    def key(self) -> str:
        """Its name in full: `catalog_product.color`."""
        return f"{self.entity}.{self.code}"

    @property
    def has_option_table(self) -> bool:
        """Whether its values are ids of options that the merchant keeps; else they are the shop's codes."""
        return self.source_model in ("", _OPTION_TABLE)

    @property
    def is_merchants_own(self) -> bool:
        """Whether the merchant, or an extension, added it to what every shop has."""
        return self.is_user_defined or self.code not in default_attributes()[self.entity]


@cache
def default_attributes() -> dict[str, frozenset[str]]:
    """The codes of the attributes that every shop has from the start, by entity type."""
    text = (files("maho_segments.shop") / "default_attributes.txt").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    codes: set[str] = set()
    for line in text.splitlines():
        if line.startswith(" "):
            codes.update(line.split())
        elif line and not line.startswith("#"):
            codes = found.setdefault(line, set())
    return {entity: frozenset(names) for entity, names in found.items()}


def read_attributes(connection: psycopg.Connection, schema: str) -> list[ShopAttribute]:
    """Every attribute of customers, addresses, products and categories, in the order of entity and code.

    Raises ShopError where the shop's tables are not there.
    """
    tables = {row[0] for row in connection.execute(_TABLES, [schema])}
    missing = [name for name in ("eav_attribute", "eav_entity_type") if name not in tables]
    if missing:
        raise ShopError(
            f"There are no attributes to read: no {' and no '.join(missing)} in schema {schema}.",
            "Load a shop with `segments load DIR`, or a demo with `segments demo`.",
        )
    found = _rows(connection, _ATTRIBUTES, list(ENTITIES), **_names(schema, tables))
    ids = [int(row["attribute_id"]) for _, row in found]
    options: dict[int, list[str]] = {}
    if {"eav_attribute_option", "eav_attribute_option_value"} <= tables:
        for number, label in _rows(connection, _OPTIONS, ids, **_names(schema, tables)):
            options.setdefault(number, []).append(label)
    stores = _own_stores(connection, schema, tables, ids)
    return sorted(
        (
            _attribute(entity, row, tuple(options.get(row["attribute_id"], ())), stores)
            for entity, row in found
            if row.get("attribute_code")
        ),
        key=lambda attribute: (ENTITIES.index(attribute.entity), attribute.code),
    )


_TABLES: LiteralString = """
    select relname from pg_class
    where relnamespace = to_regnamespace(quote_ident(%s)) and relkind in ('r', 'v', 'm', 'f', 'p')
"""


def _names(schema: str, tables: set[str]) -> dict[str, sql.Composable]:
    catalog: sql.Composable = sql.Identifier(schema, "catalog_eav_attribute")
    if "catalog_eav_attribute" not in tables:
        catalog = sql.SQL("(select null::integer as attribute_id where false)")
    return {
        "attributes": sql.Identifier(schema, "eav_attribute"),
        "types": sql.Identifier(schema, "eav_entity_type"),
        "catalog": catalog,
        "options": sql.Identifier(schema, "eav_attribute_option"),
        "labels": sql.Identifier(schema, "eav_attribute_option_value"),
        "stores": sql.Identifier(schema, "core_store"),
    }


def _rows(
    connection: psycopg.Connection, query: LiteralString, wanted: Iterable[Any], **names: sql.Composable
) -> list[Any]:
    return connection.execute(sql.SQL(query).format(**names), [list(wanted)]).fetchall()


def _own_stores(
    connection: psycopg.Connection, schema: str, tables: set[str], ids: list[int]
) -> dict[int, set[str]]:
    """The store views with product values of their own, by attribute."""
    found: dict[int, set[str]] = {}
    if "core_store" not in tables:
        return found
    for value_type in VALUE_TABLES:
        table = f"catalog_product_entity_{value_type}"
        if table in tables:
            names = {**_names(schema, tables), "values": sql.Identifier(schema, table)}
            for number, code in _rows(connection, _OWN_STORES, ids, **names):
                if code:
                    found.setdefault(number, set()).add(code)
    return found


def _attribute(
    entity: Entity, row: dict[str, Any], options: tuple[str, ...], stores: dict[int, set[str]]
) -> ShopAttribute:
    is_global = int(row.get("is_global") or 0) == _GLOBAL or not entity.startswith("catalog_")
    return ShopAttribute(
        entity=entity,
        code=row["attribute_code"],
        backend_type=row.get("backend_type") or "",
        input=row.get("frontend_input") or "",
        label=" ".join((row.get("frontend_label") or "").split()),
        source_model=row.get("source_model") or "",
        backend_table=row.get("backend_table") or "",
        is_user_defined=int(row.get("is_user_defined") or 0) == 1,
        is_global=is_global,
        options=options,
        own_stores=() if is_global else tuple(sorted(stores.get(row["attribute_id"], ()))),
    )
