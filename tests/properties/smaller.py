"""Making a failing case small: first the rule, then the shop.

Many smaller rules are tried in one statement, so that is quick. A smaller shop has to be loaded and built, so
rows go by halves and the number of tries is bounded.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeVar

import psycopg

from maho_segments.errors import DefinitionsError, SegmentsError
from maho_segments.language import Project
from tests.properties.base_shop import BASE_SHOP, Case, Row, Shop
from tests.properties.warehouse import Definitions, Warehouse
from tests.properties.yaml_text import yaml_text

_ROUNDS: Final = 12
_CANDIDATES: Final = 60
_TRIES_OF_ROWS: Final = 60
_TRIES_OF_CELLS: Final = 30

Item = TypeVar("Item")

Fails = Callable[[Project], set[str]]
"""The segments of a project that fail, of the loaded shop."""


def smaller_case(
    warehouse: Warehouse, case: Case, definitions: Definitions, name: str, fails: Fails
) -> tuple[Case, Definitions]:
    """A case in which the segment of that name still fails, with as little around it as was found."""
    definitions = _smaller_rule(warehouse, only_needed(definitions, name), name, fails)

    def still_fails(shop: Shop) -> bool:
        try:
            warehouse.load(replace(case, shop=shop))
            return name in fails(warehouse.project(definitions))
        except (SegmentsError, psycopg.Error, KeyError):  # a column is gone without which there is no row
            return False

    shop = _smaller_shop(case.shop, still_fails)
    warehouse.load(replace(case, shop=shop))
    return replace(case, shop=shop), _smaller_rule(warehouse, definitions, name, fails)


def only_needed(definitions: Definitions, name: str) -> Definitions:
    """Without segments and attributes that nothing mentions."""
    needed: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in needed:
            needed[one] = definitions.segments[one]
            waiting += [other for other in definitions.segments if f'"{other}"' in yaml_text(needed[one])]
    text = yaml_text(needed)
    used: dict[str, Any] = {}
    for attribute, definition in reversed(definitions.attributes.items()):
        if attribute in text:
            used[attribute] = definition
            text += yaml_text(definition)
    return Definitions(needed, dict(reversed(used.items())))


# ---- rules -------------------------------------------------------------------------------------------------


def _smaller_rule(warehouse: Warehouse, definitions: Definitions, name: str, fails: Fails) -> Definitions:
    for _ in range(_ROUNDS):
        segment = definitions.segments[name]
        others = {key: value for key, value in definitions.segments.items() if key != name}
        tried: dict[str, Any] = {}
        for candidate in _smaller_values(segment):
            number = f"smaller_{len(tried)}"
            if len(tried) < _CANDIDATES and _is_valid(warehouse, definitions, {**others, number: candidate}):
                tried[number] = candidate
        if not tried:
            break
        failing = fails(warehouse.project(Definitions({**others, **tried}, definitions.attributes)))
        found = sorted(
            (tried[number] for number in failing & tried.keys()), key=lambda one: len(yaml_text(one))
        )
        if not found:
            break
        kept = Definitions({**others, name: found[0]}, definitions.attributes)
        definitions = only_needed(kept, name)
    return definitions


def _is_valid(warehouse: Warehouse, definitions: Definitions, segments: dict[str, Any]) -> bool:
    try:
        warehouse.project(Definitions(segments, definitions.attributes))
    except DefinitionsError:
        return False
    return True


def _smaller_values(value: Any) -> Iterator[Any]:
    """The value with one thing in it left out, the largest things first."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in {"all", "any", "none"}:
                yield from item
            elif key == "not":
                yield item
            if len(value) > 1 and key != "match":
                yield {other: kept for other, kept in value.items() if other != key}
        for key, item in value.items():
            for smaller in _smaller_values(item):
                yield {**value, key: smaller}
    elif isinstance(value, list):
        for place, item in enumerate(value):
            if len(value) > 1:
                yield [*value[:place], *value[place + 1 :]]
            for smaller in _smaller_values(item):
                yield [*value[:place], smaller, *value[place + 1 :]]


# ---- shops -------------------------------------------------------------------------------------------------


def _smaller_shop(shop: Shop, still_fails: Callable[[Shop], bool]) -> Shop:
    """The shop without rows that do not matter, nor columns of them, but for those that every shop has."""
    base = {name: len(rows) for name, rows in BASE_SHOP.items()}
    rows = [(name, row) for name, some in shop.items() for row in some[base.get(name, 0) :]]
    rows = fewer(rows, lambda some: still_fails(shop_of(some)), _TRIES_OF_ROWS)

    def with_cells(cells: list[tuple[int, str]]) -> Shop:
        return shop_of(
            [
                (name, {column: value for column, value in row.items() if (number, column) in cells})
                for number, (name, row) in enumerate(rows)
            ]
        )

    cells = [(number, column) for number, (_, row) in enumerate(rows) for column in row]
    filled = [(number, column) for number, column in cells if rows[number][1][column] is not None]
    cells = filled if still_fails(with_cells(filled)) else cells
    return with_cells(fewer(cells, lambda some: still_fails(with_cells(some)), _TRIES_OF_CELLS))


def fewer(kept: list[Item], still_fails: Callable[[list[Item]], bool], most_tries: int) -> list[Item]:
    """The items without those that are not needed to fail, left out by halves, quarters and so on."""
    size, tries = (len(kept) + 1) // 2, 0
    while size and tries < most_tries:
        start = 0
        while start < len(kept) and tries < most_tries:
            rest = kept[:start] + kept[start + size :]
            tries += 1
            if still_fails(rest):
                kept = rest
            else:
                start += size
        size //= 2
    return kept


def shop_of(rows: list[tuple[str, Row]]) -> Shop:
    """What every shop has, and those rows of tables."""
    shop: Shop = {name: list(some) for name, some in BASE_SHOP.items()}
    for name, row in rows:
        shop.setdefault(name, []).append(row)
    return shop
