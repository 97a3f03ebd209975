"""Which column a shop's attribute becomes: its type, its name, and how the value is read."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from maho_segments.shop.attributes import VALUE_TABLES, ShopAttribute

LONGEST_NAME: Final = 50
"""Of a column; staging puts words behind it, and PostgreSQL cuts names off after 63 bytes."""
DATA_TYPES: Final = {
    "text": "text",
    "label": "text",
    "option": "text",
    "code": "text",
    "labels": "text[]",
    "codes": "text[]",
    "flag": "boolean",
    "number": "numeric",
    "date": "date",
    "time": "timestamp with time zone",
}
"""The type of a column by how its value is read; macros/maho/attribute_expression.sql does the reading."""

_FILES = frozenset({"image", "media_image", "gallery", "file"})
_CHOICES = frozenset({"select", "radio", "radios", "swatch_visual", "swatch_text"})
_SECRET = re.compile(r"passw|secret|token|hash|api_?key|private_?key|iban|card_?number")
_YES_NO = ("source_boolean", "source_yesno")


@dataclass(frozen=True)
class AttributeColumn:
    """A column with the values of one attribute: of the default, or of one store view."""

    name: str
    entity: str
    code: str
    store: str
    """The code of the store view, empty for the default."""
    table: str
    reads: str
    data_type: str
    type: str
    """`meta: type`, empty where the data type says it all."""
    also: str
    """The column with the id of the option whose label this is, or empty."""
    label: str
    known_values: tuple[str, ...]
    description: str
    is_hidden: bool = False
    is_gone: bool = False
    """The shop has it no longer; it stays, without values, while somebody uses it."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is a column of, whatever it is named."""
        return self.entity, self.code, self.store

    @property
    def own_description(self) -> str:
        """What is written about it where nobody has written anything better."""
        return describe(self)


def reason_to_leave_out(attribute: ShopAttribute) -> str | None:
    """Why an attribute can't be a column, or None."""
    if attribute.input in _FILES:
        return "it is a file"
    if _SECRET.search(attribute.code):
        return "its name sounds like a secret"
    if attribute.backend_type == "static" or attribute.backend_table:
        return "the shop keeps it in a table of its own, not among the attributes' values"
    if attribute.backend_type not in VALUE_TABLES:
        return f"the shop keeps it in an unknown way, `{attribute.backend_type}`"
    return None


def wanted_columns(
    attribute: ShopAttribute, names: "Names", known: dict[tuple[str, str, str], AttributeColumn]
) -> list[AttributeColumn]:
    """The columns of an attribute: the default, and one for each store view with values of its own.

    A column that there is already keeps its name, whatever else it is.
    """
    reads = _reads(attribute)
    stores = ("", *attribute.own_stores) if attribute.entity == "catalog_product" else ("",)
    columns: list[AttributeColumn] = []
    for store in stores:
        before = known.get((attribute.entity, attribute.code, store))
        stem = f"category_{attribute.code}" if attribute.entity == "catalog_category" else attribute.code
        stem = f"{columns[0].name}_in_{store}" if store else stem
        name = before.name if before else names.choose(attribute.entity, stem)
        also = ""
        if reads == "label" and attribute.entity != "catalog_category":
            also = (before.also if before else "") or names.choose(attribute.entity, f"{name}_id")
        column = AttributeColumn(
            name=name,
            entity=attribute.entity,
            code=attribute.code,
            store=store,
            table=attribute.backend_type,
            reads=reads,
            data_type=_data_type(attribute, reads),
            type="money" if attribute.input == "price" and attribute.entity != "catalog_category" else "",
            also=also,
            label=attribute.label,
            known_values=attribute.options if reads in ("label", "labels") else (),
            description="",
        )
        columns.append(_kept(column, before))
    return columns


def _kept(column: AttributeColumn, before: AttributeColumn | None) -> AttributeColumn:
    """The column with what people wrote about it."""
    if before is None or before.description == before.own_description:
        description = column.own_description
    else:
        description = before.description
    return replace(column, description=description, is_hidden=bool(before and before.is_hidden))


def _reads(attribute: ShopAttribute) -> str:
    table, kind = attribute.backend_type, attribute.input
    if kind == "boolean" or attribute.source_model.endswith(_YES_NO):
        return "flag"
    if kind == "multiselect":
        return "labels" if attribute.has_option_table else "codes"
    if kind in _CHOICES and table in ("int", "varchar", "text"):
        return "label" if attribute.has_option_table else "code"
    if attribute.source_model and table == "int":
        return "code"
    if table == "datetime":
        return "time" if kind == "datetime" else "date"
    return "number" if table in ("int", "decimal") else "text"


def _data_type(attribute: ShopAttribute, reads: str) -> str:
    if attribute.entity == "catalog_category":
        return "text[]"
    return "bigint" if (reads, attribute.backend_type) == ("number", "int") else DATA_TYPES[reads]


def describe(column: AttributeColumn) -> str:
    """What a column is, from the shop's label for the attribute."""
    label = (column.label or column.code).rstrip(".")
    if column.entity == "catalog_category":
        return f"{label} of the categories the product is in, and of all above them."
    store = f", in the store view {column.store}" if column.store else ""
    what = {
        "label": ": one of the shop's options, by its label or its id",
        "labels": ": the options chosen, each by its label and its id",
        "code": ", as a code of the shop's",
        "codes": ", as codes of the shop's",
    }.get(column.reads, "")
    return f"{label}{store}{what}."


class Names:
    """Names for new columns: each is a word of the language, and no other word of its table."""

    def __init__(self, taken: dict[str, set[str]]) -> None:
        self._taken = taken
        """By entity: what else is named in the table that the columns are added to."""

    def choose(self, entity: str, wanted: str) -> str:
        """The name nearest to what is wanted, taken from now on.

        What is no letter, digit or underscore becomes an underscore; `_attribute` is put behind a word that
        means something else already.
        """
        taken = self._taken.setdefault(entity, set())
        stem = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")
        if not stem[:1].isalpha():
            stem = f"attribute_{stem}".rstrip("_")
        name = _first_free(_shortened(stem), taken)
        taken.add(name)
        return name


def _first_free(stem: str, taken: Collection[str]) -> str:
    number = 1
    name = stem
    while name in taken:
        ending = "_attribute" if number == 1 else f"_attribute_{number}"
        name = _shortened(stem, LONGEST_NAME - len(ending)) + ending
        number += 1
    return name


def _shortened(name: str, length: int = LONGEST_NAME) -> str:
    if len(name) <= length:
        return name
    return f"{name[: length - 9]}_{sha256(name.encode()).hexdigest()[:8]}"
