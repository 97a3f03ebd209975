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
