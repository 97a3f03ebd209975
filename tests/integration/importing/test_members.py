"""The members of an imported segment are those whom the module finds, by SQL written from what it does."""

import json

import pytest

from tests.integration.importing.conftest import RANDOM_TREES, ImportedShop, some_random_trees
from tests.integration.importing.module_sql import members_query
from tests.integration.importing.trees import (
    APPROXIMATE,
    CASE_SENSITIVE,
    COMBINATIONS,
    EXACT,
    RESTRICTED,
    cases,
)

EACH = [name for name, _ in cases(EXACT)]
NEAR = [name for name, _ in cases(APPROXIMATE)]
CASED = [f"{name}, case matters" for name, _ in cases(CASE_SENSITIVE)]


def found_by_module(shop: ImportedShop, name: str) -> set[int]:
    allowed = RESTRICTED.get(name, ("", ""))
    query = members_query(shop.trees[name], *allowed, fold=not name.endswith(", case matters"))
    return {customer_id for (customer_id,) in shop.shell.database.rows(query)}


@pytest.mark.parametrize("name", [*EACH, *CASED, *NEAR])
def test_condition_has_the_members_of_the_module(imported_shop: ImportedShop, name: str) -> None:
    assert imported_shop.members[name] == found_by_module(imported_shop, name)


@pytest.mark.parametrize("name", RESTRICTED)
def test_websites_and_groups_restrict_as_in_the_module(imported_shop: ImportedShop, name: str) -> None:
    assert imported_shop.members[name] == found_by_module(imported_shop, name)


@pytest.mark.parametrize("name", COMBINATIONS)
def test_combination_has_the_members_of_the_module(imported_shop: ImportedShop, name: str) -> None:
    assert imported_shop.members[name] == found_by_module(imported_shop, name)


@pytest.mark.parametrize("name", some_random_trees())
def test_random_tree_has_the_members_of_the_module(imported_shop: ImportedShop, name: str) -> None:
    if name in imported_shop.members:
        tree = json.dumps(imported_shop.trees[name])
        assert imported_shop.members[name] == found_by_module(imported_shop, name), tree
        return
    # What is not imported matches everyone or nobody, and says so.
    refused = next(one for one in imported_shop.reports["exact"]["not_imported"] if one["label"] == name)
    (reason,) = (one["reason"] for one in refused["reasons"])
    assert "matches everyone" in reason or "matches nobody" in reason


def test_members_are_neither_nobody_nor_everybody(imported_shop: ImportedShop) -> None:
    """The shop tells the conditions apart."""
    customers = imported_shop.shell.database.rows(
        "select entity_id from maho.customer_entity where is_active = 1"
    )
    sizes = [len(imported_shop.members[name]) for name in EACH]
    assert sum(0 < size < len(customers) for size in sizes) > 0.8 * len(sizes)


def test_only_what_has_no_meaning_is_left(imported_shop: ImportedShop) -> None:
    for kind in ("approximate", "case-sensitive"):
        assert imported_shop.reports[kind]["not_imported"] == []
    left = {one["label"] for one in imported_shop.reports["exact"]["not_imported"]}
    assert all(name.startswith("random ") for name in left)
    assert len(left) < RANDOM_TREES / 3
