"""The shop's raw tables, as `tables.txt` describes them: the one place for these facts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

VALUE_TYPES: Final = {
    "varchar": "text",
    "int": "bigint",
    "decimal": "numeric",
    "datetime": "timestamp",
    "text": "text",
}
TYPES: Final = frozenset({"bigint", "integer", "text", "numeric", "date", "timestamp"})


@dataclass(frozen=True)
class Column:
    """A column as PostgreSQL holds it; `default` is its value where a shop's file does not have it."""

    name: str
    type: str
    is_required: bool = False
    default: str | None = None


@dataclass(frozen=True)
class Table:
    """A raw table: one row per what the shop's table of that name has a row per.

    `without` says what stops working when the table is missing; `feeds` pairs a column with the word of the
    segment language that is made from it.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    secrets: frozenset[str] = frozenset()
    is_required: bool = False
    without: str = ""
    feeds: tuple[tuple[str, str], ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def numbered_key(self) -> str | None:
        """The key column that PostgreSQL numbers where the shop's file leaves it out, or None."""
        column = self.column(self.key[0])
        return self.key[0] if len(self.key) == 1 and column and not column.is_required else None


@cache
def shop_tables() -> dict[str, Table]:
    """Every raw table by its name, in the order of `tables.txt`."""
    text = (files("maho_segments.shop") / "tables.txt").read_text(encoding="utf-8")
    return {table.name: table for table in parse_tables(text)}


def parse_tables(text: str) -> Iterator[Table]:
    """The tables that a text in the form of `tables.txt` describes; raises ValueError for anything else."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for block in re.split(r"^(?=table )", "\n".join(lines), flags=re.MULTILINE):
        if block:
            yield from _parse_block(block)


@dataclass
class _Draft:
    columns: list[tuple[str, str]] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)


def _parse_block(block: str) -> Iterator[Table]:
    heading, *lines = block.splitlines()
    draft = _Draft()
    for line in lines:
        keyword, _, rest = line.strip().partition(" ")
        if keyword in TYPES or keyword == "value":
            draft.columns.extend((keyword, token) for token in rest.split())
        elif keyword in {"required", "without", "feeds", "secret", "key", "unique", "index"}:
            draft.words.setdefault(keyword, []).append(rest.strip())
        else:
            raise ValueError(f"{heading}: {keyword!r} is not a word of this file")
    name = heading.removeprefix("table ").strip()
    family = re.fullmatch(r"(\w+)\{([\w,]+)\}", name)
    if family is None:
        yield _table(name, draft, value_type="text")
    else:
        for ending in family[2].split(","):
            yield _table(family[1] + ending, draft, value_type=VALUE_TYPES[ending])


def _table(name: str, draft: _Draft, *, value_type: str) -> Table:
    columns = tuple(_column(token, value_type if kind == "value" else kind) for kind, token in draft.columns)
    table = Table(
        name=name,
        columns=columns,
        key=tuple(draft.words["key"][0].split()),
        unique=tuple(tuple(names.split()) for names in draft.words.get("unique", ())),
        indexes=tuple(tuple(names.split()) for names in draft.words.get("index", ())),
        secrets=frozenset(" ".join(draft.words.get("secret", ())).split()),
        is_required="required" in draft.words,
        without=" ".join(draft.words.get("without", ())),
        feeds=tuple(pair for line in draft.words.get("feeds", ()) for pair in _feeds(line)),
    )
    known = [column.name for column in columns]
    mentioned = {column for names in (table.key, *table.unique, *table.indexes) for column in names}
    mentioned.update(column for column, _ in table.feeds)
    if len(known) != len(set(known)) or not mentioned <= set(known) or table.secrets & set(known):
        raise ValueError(f"table {name}: a column is given twice, or a line names none of its columns")
    return table


def _column(token: str, kind: str) -> Column:
    name, has_default, default = token.partition("=")
    return Column(
        name=name.removesuffix("!"),
        type=kind,
        is_required=name.endswith("!"),
        default=default if has_default else None,
    )


def _feeds(line: str) -> Iterator[tuple[str, str]]:
    relation, *words = line.split()
    for entry in words:
        word, _, column = entry.partition("=")
        yield column or word, f"{relation}.{word}"
