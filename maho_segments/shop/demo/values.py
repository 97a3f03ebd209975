"""Attribute values of many entities as the rows of one value table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from maho_segments.shop.demo.attributes import ENTITY_TYPES, attributes
from maho_segments.shop.demo.encoding import Columns, Flags, Integers, Stacked, Value
from maho_segments.shop.demo.numbers import Numbers

_ENTITY_TABLES = {
    "customer": "customer_entity",
    "customer_address": "customer_address_entity",
    "catalog_product": "catalog_product_entity",
}


@dataclass(frozen=True)
class AttributeValues:
    """One attribute's values, a row for each entity; those where `where` is false have none."""

    code: str
    where: Flags
    value: Value
    store_id: int = 0


def value_tables(
    entity_type: str,
    ids: Integers,
    values: Mapping[str, Sequence[AttributeValues]],
    numbers: Numbers,
    *,
    with_store: bool = False,
) -> Iterator[tuple[str, Columns, int]]:
    """The value table of each backend type: its name, its columns and how many rows it has."""
    for kind, parts in values.items():
        table = f"{_ENTITY_TABLES[entity_type]}_{kind}"
        yield table, *_value_table(entity_type, table, ids, parts, numbers, with_store=with_store)


def _value_table(
    entity_type: str,
    table: str,
    ids: Integers,
    values: Sequence[AttributeValues],
    numbers: Numbers,
    *,
    with_store: bool,
) -> tuple[Columns, int]:
    chosen = [np.flatnonzero(part.where) for part in values]
    sizes = [len(rows) for rows in chosen]
    count = sum(sizes)
    attribute_ids = [attributes()[entity_type, part.code].attribute_id for part in values]
    columns: dict[str, Value] = {
        "value_id": numbers.take(table, count),
        "entity_type_id": ENTITY_TYPES[entity_type],
        "attribute_id": np.repeat(attribute_ids, sizes),
    }
    if with_store:
        columns["store_id"] = np.repeat([part.store_id for part in values], sizes)
    columns["entity_id"] = ids[np.concatenate(chosen)]
    columns["value"] = Stacked(tuple((part.value, rows) for part, rows in zip(values, chosen, strict=True)))
    return columns, count
