"""The JSON Schema says what the validator says, as far as a schema can."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from maho_segments.language import json_schema
from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter
from maho_segments.language.shapes import DefaultsShape, FileShape, GuardShape, RefreshShape, SegmentShape
from maho_segments.language.yaml_reader import read_yaml

PROJECT = Path(__file__).parents[3]


@cache
def shipped_validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema(PROJECT))


def plain(yaml: str) -> Any:
    node = read_yaml(yaml.encode(), Reporter("segments.yml"))
    assert node is not None
    return plain_value(node)


def messages(match: str) -> list[str]:
    """What the shipped schema has against a rule."""
    file = {"version": 1, "segments": {"tested": {"match": plain(match)}}}
    return [error.message for error in shipped_validator().iter_errors(file)]


def test_committed_schema_is_current():
    committed = (PROJECT / "segments.schema.json").read_text(encoding="utf-8")
    current = json.dumps(json_schema(PROJECT), indent=2, ensure_ascii=False) + "\n"
    assert committed == current, "run `segments schema`"


def test_schema_is_valid_itself():
    Draft202012Validator.check_schema(json_schema(PROJECT))


def test_schema_accepts_the_shipped_segments():
    shipped_validator().validate(plain((PROJECT / "segments.yml").read_text(encoding="utf-8")))


def test_schema_is_made_from_the_vocabulary_at_hand(files):
    validator = Draft202012Validator(json_schema(files.folder))
    known = {"version": 1, "segments": {"tested": {"match": {"notes": {"where": {"topic": "a"}}}}}}
    assert validator.is_valid(known)
    unknown = {"version": 1, "segments": {"tested": {"match": {"carts": {}}}}}
    assert not validator.is_valid(unknown)


def test_schema_has_the_settings_that_the_validator_has():
    schema = json_schema(PROJECT)
    segment = schema["$defs"]["segment"]["properties"]
    assert set(segment) == {*SegmentShape.model_fields, "match"}
    assert set(schema["properties"]) == {*FileShape.model_fields, "segments"}
    assert set(schema["properties"]["defaults"]["properties"]) == set(DefaultsShape.model_fields)
    assert set(segment["refresh"]["properties"]) == set(RefreshShape.model_fields)
    assert set(segment["guard"]["properties"]) == set(GuardShape.model_fields)


def test_every_key_of_the_schema_is_described():
    schema = json_schema(PROJECT)
    rule = schema["$defs"]["rule"]["properties"]
    undescribed = [name for name, entry in rule.items() if not entry.get("description")]
    assert undescribed == []


@pytest.mark.parametrize(
    "match",
    [
        "{ number_of_orders: 1 }",
        "{ number_of_orders: [1, 2] }",
        "{ lifetime_sales: { gt: 5, lte: 10.5, is_set: true } }",
        "{ lifetime_refunds: { gt: { attribute: lifetime_profit } } }",
        "{ created_at: 2025-01-01 }",
        "{ created_at: { since: 2025-01-01T12:00:00+01:00 } }",
        "{ created_at: { on: { attribute: birth_date } } }",
        "{ created_at.weekday: Monday }",
        "{ birth_date: { anniversary_within: 2 weeks } }",
        "{ email: { eq: A@B.EXAMPLE, case_sensitive: true } }",
        "{ segment: win_back }",
        "{ segment: [win_back, vip_gold] }",
        "{ condition: { name: control_group, with: { percent: 5 } } }",
        "{ orders: {} }",
        "{ orders: { where: { state: COMPLETE } } }",
        "{ orders: { where: { shipping_amount: { gt: { column: subtotal } } } } }",
        "{ orders: { where: { any: [ state: new, not: { coupon_code: A } ] }, within: 7 days, count: 2 } }",
        "{ orders: { on: updated_at, older_than: 1 month, sum: { grand_total: { gt: 5 } } } }",
        "{ order_items: { where: { product.category: { contains_all: [a, b] } } } }",
        "{ order_items: { count_distinct: { sku: 3 }, every: { order.state: complete } } }",
        "{ order_items: { latest: { qty: 1 }, first: { product.price: 1 } } }",
    ],
)
def test_schema_accepts(match):
    assert messages(match) == []


@pytest.mark.parametrize(
    "match",
    [
        "{}",
        "{ all: [] }",
        "{ all: { number_of_orders: 1 } }",
        "{ numbr_of_orders: 1 }",
        "{ number_of_orders: '1' }",
        "{ number_of_orders: { more_than: 1 } }",
        "{ number_of_orders: { contains: 1 } }",
        "{ number_of_orders: {} }",
        "{ number_of_orders: { between: [1] } }",
        "{ number_of_orders: { gt: { attribute: email } } }",
        "{ number_of_orders: { gt: { column: email } } }",
        "{ number_of_orders: { in: 5 } }",
        "{ number_of_orders: { is_set: 1 } }",
        "{ email: 5 }",
        '{ email: "" }',
        "{ email: { gt: a } }",
        "{ created_at: { within: 7 } }",
        "{ created_at: { within: 7 fortnights } }",
        "{ created_at: { within: 0 days } }",
        "{ created_at: { before: yesterday } }",
        "{ created_at: { before: 2025-01-01T12:00:00 } }",
        "{ created_at.year: 2025 }",
        "{ created_at.weekday: someday }",
        "{ birth_date: { before: 2025-01-01T00:00:00Z } }",
        "{ birth_date: { anniversary_within: 1 month } }",
        "{ segment: [] }",
        "{ condition: control_group }",
        "{ orders: complete }",
        "{ orders: { state: complete } }",
        "{ orders: { where: {} } }",
        "{ orders: { where: { state: completed } } }",
        "{ orders: { where: { segment: vip_gold } } }",
        "{ orders: { where: { product.price: 5 } } }",
        "{ orders: { within_next: 7 days } }",
        "{ orders: { on: state, within: 7 days } }",
        "{ orders: { sum: { state: 5 } } }",
        "{ orders: { sum: grand_total } }",
        "{ orders: { latest: complete } }",
        "{ order_items: { where: { product.category: 12 } } }",
    ],
)
def test_schema_rejects(match):
    assert messages(match) != []


@pytest.mark.parametrize(
    "segment",
    [
        {"match": {"orders": {}}, "lable": "A"},
        {"match": {"orders": {}}, "audience": "customer"},
        {"match": {"orders": {}}, "active": "yes"},
        {"match": {"orders": {}}, "priority": 1.5},
        {"match": {"orders": {}}, "refresh": {"schedule": "daily"}},
        {"match": {"orders": {}}, "guard": {"max_change_percent": 0}},
        {"label": "A"},
    ],
)
def test_schema_rejects_settings(segment):
    assert not shipped_validator().is_valid({"version": 1, "segments": {"tested": segment}})


@pytest.mark.parametrize("name", ["VIP", "1st", "a-b", "a" * 64])
def test_schema_rejects_names_of_segments(name):
    assert not shipped_validator().is_valid({"version": 1, "segments": {name: {"match": {"orders": {}}}}})
