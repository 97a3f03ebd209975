"""Names of the shop in a plan: which of its words are looked up."""

from typing import Any
from unittest.mock import Mock

import psycopg

from maho_segments.services.shop_names import find_unknown_names


def test_what_a_condition_is_given_is_its_own() -> None:
    """Its words may be those of rules, and mean something else there."""
    given = {"feature": "stamina", "test": "eq", "value": 3, "all": [{"test": "in", "feature": "speed"}]}
    match = {"all": [{"condition": "is_fit", "with": given}]}
    plan: dict[str, Any] = {
        "relations": {},
        "segments": [{"name": "fit", "is_active": True, "match": match}],
    }

    assert find_unknown_names(Mock(spec=psycopg.Connection), plan, {}) == []


def test_rules_nest_as_deep_as_they_like() -> None:
    match: dict[str, Any] = {"test": "is_set", "value": {"profile": "email"}}
    for _ in range(2000):
        match = {"all": [match]}
    plan: dict[str, Any] = {
        "relations": {},
        "segments": [{"name": "deep", "is_active": True, "match": match}],
    }

    assert find_unknown_names(Mock(spec=psycopg.Connection), plan, {}) == []


def test_only_the_projects_own_tables_hold_the_shops_names() -> None:
    """A model that somebody added may have a `store` of quite another kind, and so may its parent."""

    def is_called(name: str) -> dict[str, Any]:
        return {"test": "eq", "value": {"column": "store", "type": "text"}, "to": {"literal": name}}

    branch = {"model": "branches", "tests": [{"name": "branch_1", "rule": is_called("corner shop")}]}
    rows = {"all": [is_called("warehouse"), {"parent_test": "branch", "name": "branch_1"}]}
    plan: dict[str, Any] = {
        "relations": {
            "pickups": {
                "model": "pickups",
                "parents": {"branch": branch},
                "features": [{"name": "pickups_count_1", "filter": rows, "value": None}],
            }
        },
        "segments": [
            {
                "name": "collectors",
                "is_active": True,
                "match": {"test": "gte", "value": {"feature": "pickups_count_1"}, "to": {"literal": "1"}},
            }
        ],
    }

    assert find_unknown_names(Mock(spec=psycopg.Connection), plan, {}) == []
