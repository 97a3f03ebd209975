"""The properties file of the shop's attributes: for dbt and the vocabulary, reviewed and edited by people.

The shop's texts (labels, codes) may be anything. They stand in it so that YAML gives them back as they are,
and so that dbt, which renders strings of properties as templates, does as well.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from maho_segments.errors import DefinitionsError, SegmentsError
from maho_segments.language.jinja_text import escaped, unescaped
from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter
from maho_segments.language.writing import write_file
from maho_segments.language.yaml_reader import read_yaml
from maho_segments.services.shop_attributes.columns import AttributeColumn

ATTRIBUTES_PROPERTIES: Final = Path("models", "staging", "maho", "_shop_attributes.yml")


@dataclass(frozen=True)
class Target:
    """A staging model of attributes, and the table of the vocabulary that it adds columns to."""

    model: str
    table: str
    key: str
    entity_words: str
    grain: str


TARGETS: Final = {
    "customer": Target(
        "stg_maho__customer_attributes",
        "profiles",
        "customer_id",
        "customers",
        "One row per account.",
    ),
    "customer_address": Target(
        "stg_maho__address_attributes",
        "addresses",
        "address_id",
        "addresses",
        "One row per address-book entry.",
    ),
    "catalog_product": Target(
        "stg_maho__product_attributes",
        "products",
        "product_id",
        "products",
        "One row per product.",
    ),
    "catalog_category": Target(
        "stg_maho__product_category_attributes",
        "products",
        "product_id",
        "categories, as lists over a product's categories and all above them",
        "One row per product that is in a category.",
    ),
}

_HEAD = """version: 2

# The merchant's own attributes, as `segments attributes sync` found them in the shop. Commit the file. A
# description may be improved, and `hidden: true` in a `meta` takes a column out of the language: both stay
# when it is written again.

models:
"""


def read_columns(project_dir: Path) -> list[AttributeColumn]:
    """The columns that the file describes, none without a file; raises SegmentsError for a broken one."""
    path = project_dir / ATTRIBUTES_PROPERTIES
    if not path.is_file():
        return []
    reporter = Reporter(ATTRIBUTES_PROPERTIES.as_posix())
    node = read_yaml(path.read_bytes(), reporter)
    if node is None or reporter.problems:
        raise DefinitionsError(reporter.problems)
    root: Any = plain_value(node)
    try:
        return [
            _column(item)
            for model in root["models"]
            for item in model["columns"]
            if (meta := item.get("config", {}).get("meta", {})).get("attribute")
            and meta["attribute"].get("reads") != "option"
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise SegmentsError(
            f"{ATTRIBUTES_PROPERTIES} is not as `segments attributes sync` writes it: {error!r}.",
            "Undo what was edited there, or delete the file and run `segments attributes sync` again.",
        ) from error


def _column(item: dict[str, Any]) -> AttributeColumn:
    meta = item["config"]["meta"]
    attribute = meta["attribute"]
    return AttributeColumn(
        name=item["name"],
        entity=attribute["entity"],
        code=unescaped(str(attribute["code"])),
        store=unescaped(str(attribute.get("store", ""))),
        table=attribute["table"],
        reads=attribute["reads"],
        data_type=item["data_type"],
        type=meta.get("type", ""),
        also=meta.get("also", ""),
        label=unescaped(str(attribute.get("label", ""))),
        known_values=tuple(unescaped(str(value)) for value in meta.get("known_values", ())),
        description=unescaped(str(item.get("description", ""))),
        is_hidden=meta.get("hidden") is True,
        is_gone=attribute.get("gone") is True,
    )


def write_columns(project_dir: Path, columns: Iterable[AttributeColumn]) -> None:
    """Write the file, all or nothing; raises SegmentsError when that is not possible."""
    write_file(project_dir / ATTRIBUTES_PROPERTIES, render(columns), "The shop's attributes")


def render(columns: Iterable[AttributeColumn]) -> str:
    """The file's text: models in their order, columns by name."""
    by_entity: dict[str, list[AttributeColumn]] = {}
    for column in sorted(columns, key=lambda column: (column.code, column.store)):
        by_entity.setdefault(column.entity, []).append(column)
    models = ("\n".join(_model(target, by_entity.get(entity, []))) for entity, target in TARGETS.items())
    return _HEAD + "\n\n".join(models) + "\n"


def _model(target: Target, columns: list[AttributeColumn]) -> Iterator[str]:
    extends = f"{{model: {target.table}, key: {target.key}, column: {target.key}}}"
    yield f"  - name: {target.model}"
    yield f'    description: "The merchant\'s own attributes of {target.entity_words}. {target.grain}"'
    yield f"    config: {{meta: {{extends: {extends}}}}}"
    yield "    columns:"
    yield f"      - name: {target.key}"
    yield "        data_type: bigint"
    yield '        description: "Whose attributes they are."'
    yield "        config: {meta: {hidden: true}}"
    yield "        data_tests: [unique, not_null]"
    for column in columns:
        yield from _entry(column)


def _entry(column: AttributeColumn) -> Iterator[str]:
    yield f"      - name: {_word(column.name)}"
    yield f"        data_type: {_word(column.data_type)}"
    yield f"        description: {_text(column.description)}"
    yield "        config:"
    yield "          meta:"
    if column.is_hidden:
        yield "            hidden: true"
    yield f"            attribute: {_attribute(column, column.reads)}"
    if column.entity == "customer":
        yield "            audience: customers"
    if column.type:
        yield f"            type: {column.type}"
    if column.also:
        yield f"            also: {_word(column.also)}"
    if column.known_values:
        yield "            known_values:"
        yield from (f"              - {_text(value)}" for value in column.known_values)
    if column.also:
        yield f"      - name: {_word(column.also)}"
        yield "        data_type: text"
        yield f"        description: {_text(f'Id of the option of {column.name}.')}"
        yield f"        config: {{meta: {{hidden: true, attribute: {_attribute(column, 'option')}}}}}"


def _attribute(column: AttributeColumn, reads: str) -> str:
    words = [f"entity: {_word(column.entity)}", f"code: {_word(column.code)}"]
    if column.store:
        words.append(f"store: {_word(column.store)}")
    words += [f"table: {_word(column.table)}", f"reads: {reads}"]
    if reads != "option":
        words.append(f"label: {_text(column.label)}")
    if column.is_gone:
        words.append("gone: true")
    return f"{{{', '.join(words)}}}"


_PLAIN = re.compile(r"[a-z][a-z0-9_ ]*")
# What YAML of either version takes for something else than a word.
_NOT_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def _word(text: str) -> str:
    """A word of ours: plain where YAML reads it as the same text."""
    return text if _PLAIN.fullmatch(text) and text not in _NOT_WORDS else _text(text)


def _text(text: str) -> str:
    """A text of the shop's: quoted, and nothing in it for YAML or Jinja to read."""
    quoted = json.dumps(escaped(text), ensure_ascii=False)
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in quoted)
