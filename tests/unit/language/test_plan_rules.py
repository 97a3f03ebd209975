"""What each form of the language compiles to."""

import json
from typing import Any

import pytest

from maho_segments.language import compile_plan, compile_selection
from tests.unit.language.small_project import Files

EMAIL = {"profile": "email", "type": "text"}
CREATED = {"profile": "created_at", "type": "time"}
BIRTH = {"profile": "birth_date", "type": "date"}
INTERESTS = {"profile": "interests", "type": "list"}


def text(literal: str) -> dict[str, str]:
    return {"literal": literal, "type": "text"}


def number(literal: str) -> dict[str, str]:
    return {"literal": literal, "type": "number"}


def day(literal: str) -> dict[str, str]:
    return {"literal": literal, "type": "date"}


def part(name: str, of: dict[str, Any], kind: str, zone: str | None = None) -> dict[str, Any]:
    return {"part": name, "of": of, "time_zone": zone, "type": kind}


def compared(test: str, value: object, to: object, **more: object) -> dict[str, Any]:
    return {"test": test, "value": value, "to": to, **more}


def of_text(test: str, to: object, *, case_sensitive: bool = False, value: object = EMAIL) -> dict[str, Any]:
    return compared(test, value, to, case_sensitive=case_sensitive)


# A closed set of values is compared as it is spelled.
IS_NEW = of_text("eq", text("new"), case_sensitive=True, value={"column": "state", "type": "text"})


def duration(test: str, value: object, count: int, unit: str, zone: str | None = None) -> dict[str, Any]:
    return {"test": test, "value": value, "duration": {"count": count, "unit": unit}, "time_zone": zone}


def compiled(files: Files, match: str) -> Any:
    return compile_plan(files.check_match(match))["segments"][0]["match"]  # type: ignore[index]


PROFILE_RULES = {
    # shorthands
    "email: a": of_text("eq", text("a")),
    "email: [b, a, b]": of_text("in", [text("a"), text("b")]),
    "is_confirmed: true": compared(
        "eq", {"profile": "is_confirmed", "type": "boolean"}, {"literal": "true", "type": "boolean"}
    ),
    "gender: NO": of_text("eq", text("NO"), value={"profile": "gender", "type": "text", "also": "gender_id"}),
    # negatives are complements of positives
    "email: { ne: a }": {"not": of_text("eq", text("a"))},
    "email: { not_in: [a] }": {"not": of_text("in", [text("a")])},
    "email: { not_contains: a }": {"not": of_text("contains", text("a"))},
    "email: { is_set: true }": {"test": "is_set", "value": EMAIL},
    "email: { is_set: false }": {"not": {"test": "is_set", "value": EMAIL}},
    "not: { email: { ne: a } }": of_text("eq", text("a")),
    "not: { not: { not: { email: a } } }": {"not": of_text("eq", text("a"))},
    # text
    "email: { starts_with: A, case_sensitive: true }": of_text("starts_with", text("A"), case_sensitive=True),
    "email: { ends_with: A }": of_text("ends_with", text("A")),
    "email: { matches: '^A' }": of_text("matches", text("^A")),
    "email: { contains: a, ne: b, case_sensitive: true }": {
        "all": [
            of_text("contains", text("a"), case_sensitive=True),
            {"not": of_text("eq", text("b"), case_sensitive=True)},
        ]
    },
    # lists
    "interests: Golf": compared("contains_any", INTERESTS, [text("golf")]),
    "interests: [Golf, ÄRA]": compared("contains_any", INTERESTS, [text("golf"), text("ära")]),
    "interests: { ne: Golf }": {"not": compared("contains_any", INTERESTS, [text("golf")])},
    "interests: { not_in: [Golf] }": {"not": compared("contains_any", INTERESTS, [text("golf")])},
    "interests: { contains_none: [Golf] }": {"not": compared("contains_any", INTERESTS, [text("golf")])},
    "interests: { contains_all: [b, A] }": compared("contains_all", INTERESTS, [text("a"), text("b")]),
    # days and times
    "created_at: { on: 2025-01-02 }": compared("eq", part("date", CREATED, "date"), day("2025-01-02")),
    "created_at: 2025-01-02": compared("eq", part("date", CREATED, "date"), day("2025-01-02")),
    "created_at: [2025-01-02]": compared("in", part("date", CREATED, "date"), [day("2025-01-02")]),
    "created_at: { before: 2025-01-02 }": compared("lt", part("date", CREATED, "date"), day("2025-01-02")),
    "created_at: { until: 2025-01-02 }": compared("lt", part("date", CREATED, "date"), day("2025-01-02")),
    "created_at: { after: 2025-01-02 }": compared("gt", part("date", CREATED, "date"), day("2025-01-02")),
    "created_at: { since: 2025-01-02 }": compared("gte", part("date", CREATED, "date"), day("2025-01-02")),
    "created_at: { lte: 2025-01-02 }": compared("lte", part("date", CREATED, "date"), day("2025-01-02")),
    "created_at: { between: [2025-01-02, 2025-01-03] }": {
        "all": [
            compared("gte", part("date", CREATED, "date"), day("2025-01-02")),
            compared("lte", part("date", CREATED, "date"), day("2025-01-03")),
        ]
    },
    "created_at: { since: 2025-01-02T01:00:00+02:00 }": compared(
        "gte", CREATED, {"literal": "2025-01-01T23:00:00Z", "type": "time"}
    ),
    "created_at: { after: 2025-01-02 01:00:00.25Z }": compared(
        "gt", CREATED, {"literal": "2025-01-02T01:00:00.250000Z", "type": "time"}
    ),
    "birth_date: { until: 2025-01-02 }": compared("lt", BIRTH, day("2025-01-02")),
    "created_at.weekday: Monday": of_text(
        "eq", text("monday"), case_sensitive=True, value=part("weekday", CREATED, "text")
    ),
    "created_at.hour: { gte: 22 }": compared("gte", part("hour", CREATED, "number"), number("22")),
    "created_at: { gt: { attribute: birth_date } }": compared("gt", part("date", CREATED, "date"), BIRTH),
    "birth_date: { lt: { attribute: created_at } }": compared("lt", BIRTH, part("date", CREATED, "date")),
    "created_at: { within: 7 days }": duration("within", CREATED, 7, "days"),
    "created_at: { older_than: 1 month }": duration("older_than", CREATED, 1, "months"),
    "birth_date: { within_next: 2 weeks }": duration("within_next", BIRTH, 2, "weeks"),
    "birth_date: { anniversary_within: 2 weeks }": compared(
        "lte", {"days_until_anniversary": BIRTH, "time_zone": None, "type": "days"}, number("14")
    ),
}


@pytest.mark.parametrize(("match", "expected"), PROFILE_RULES.items())
def test_rule_about_a_profile(files: Files, match: str, expected: object) -> None:
    assert compiled(files, match) == expected


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ("5", "5"),
        ("5.00", "5"),
        ("0.10", "0.1"),
        ("1e3", "1000"),
        ("-0", "0"),
        ("-0.5", "-0.5"),
        ("0x10", "16"),
    ],
)
def test_number_is_an_exact_decimal(files: Files, written: str, literal: str) -> None:
    assert compiled(files, f"number_of_orders: {written}")["to"] == number(literal)


def test_lists_of_rules(files: Files) -> None:
    a, b, c = (of_text("eq", text(letter)) for letter in "abc")
    nested = "all: [ email: a, { all: [ email: b, { any: [ email: c ] } ] } ]"
    assert compiled(files, nested) == {"all": [a, b, c]}
    assert compiled(files, "any: [ email: a, { any: [ email: b ] } ]") == {"any": [a, b]}
    assert compiled(files, "none: [ email: a, email: b ]") == {"not": {"any": [a, b]}}
    assert compiled(files, "none: [ email: a ]") == {"not": a}
    assert compiled(files, "{ email: a, interests: golf }") == {
        "all": [a, compared("contains_any", INTERESTS, [text("golf")])]
    }


def relation_plan(files: Files, match: str, relation: str = "orders") -> tuple[Any, dict[str, Any]]:
    project = files.check_match(match)
    plan: Any = compile_selection(project, project.segments)
    return plan["segments"][0]["match"], plan["relations"][relation]


def test_related_rows_are_counted(files: Files) -> None:
    match, orders = relation_plan(files, "orders: { where: { state: new }, within: 90 days }")
    (feature,) = orders["features"]
    assert feature == {
        "name": feature["name"],
        "aggregate": "count",
        "value": None,
        "filter": {
            "all": [
                IS_NEW,
                duration("within", {"column": "ordered_at", "type": "time"}, 90, "days"),
            ]
        },
        "type": "number",
    }
    assert match == compared("gte", {"feature": feature["name"], "type": "number"}, number("1"))
    assert orders["needs_time_zone"] is False
    assert (orders["model"], orders["key"], orders["time_column"]) == ("orders", "order_id", "ordered_at")


def test_aggregates_are_features_over_the_same_rows(files: Files) -> None:
    match, orders = relation_plan(
        files,
        """
        orders:
          since: 2025-01-01
          on: paid_at
          count: { gte: 2 }
          sum: { grand_total: { gt: 5 } }
          count_distinct: { ordered_at.date: 3 }
          max: { ordered_at: { within: 1 month } }
        """,
    )
    rows = compared("gte", part("date", {"column": "paid_at", "type": "time"}, "date"), day("2025-01-01"))
    features = {feature["aggregate"]: feature for feature in orders["features"]}
    assert {name: feature["type"] for name, feature in features.items()} == {
        "count": "number",
        "sum": "money",
        "count_distinct": "number",
        "max": "time",
    }
    assert [feature["filter"] for feature in features.values()] == [rows] * 4
    assert features["count_distinct"]["value"] == part(
        "date", {"column": "ordered_at", "type": "time"}, "date"
    )
    assert features["sum"]["name"].startswith("orders_sum_grand_total_")
    assert [rule["test"] for rule in match["all"]] == ["gte", "gt", "eq", "within"]
    assert orders["needs_time_zone"] is True


def test_every_is_two_counts(files: Files) -> None:
    match, orders = relation_plan(files, "orders: { where: { state: new }, every: { is_gift: true } }")
    new = IS_NEW
    gift = compared("eq", {"column": "is_gift", "type": "boolean"}, {"literal": "true", "type": "boolean"})
    filters = {feature["name"]: feature["filter"] for feature in orders["features"]}
    rows, failing = match["all"]
    assert (rows["test"], rows["to"]) == ("gte", number("1"))
    assert filters[rows["value"]["feature"]] == new
    assert (failing["test"], failing["to"]) == ("eq", number("0"))
    assert filters[failing["value"]["feature"]] == {"all": [new, {"not": gift}]}


def test_latest_and_first_are_answers_of_one_row(files: Files) -> None:
    rule = "orders: { where: { is_gift: true }, latest: { state: new }, first: { state: new } }"
    match, orders = relation_plan(files, rule)
    assert {(feature["aggregate"], feature["type"]) for feature in orders["features"]} == {
        ("latest", "boolean"),
        ("first", "boolean"),
    }
    for feature in orders["features"]:
        assert feature["value"] == IS_NEW
        assert feature["filter"]["value"]["column"] == "is_gift"
    assert [rule["to"] for rule in match["all"]] == [{"literal": "true", "type": "boolean"}] * 2


def test_test_of_one_parent_is_asked_of_the_parent(files: Files) -> None:
    _, items = relation_plan(
        files,
        """
        order_items:
          where:
            product.brand: { ne: acme }
            product.price: { between: [1, 2] }
            order.state: new
            qty: { gt: 1 }
        """,
        "order_items",
    )
    product, order = items["parents"]["product"], items["parents"]["order"]
    assert [test["rule"]["value"] for test in order["tests"]] == [{"column": "state", "type": "text"}]
    assert {json.dumps(test["rule"]["value"]) for test in product["tests"]} == {
        '{"column": "brand", "type": "text", "also": "brand_label"}',
        '{"column": "price", "type": "money"}',
    }
    assert product["columns"] == order["columns"] == []
    (feature,) = items["features"]
    brand, low, high, state, qty = feature["filter"]["all"]
    assert brand == {"not": {"parent_test": "product", "name": brand["not"]["name"]}}
    assert {low["parent_test"], high["parent_test"]} == {"product"}
    assert state["parent_test"] == "order"
    assert qty["value"] == {"column": "qty", "type": "number"}
    names = {test["name"] for test in product["tests"]}
    assert names == {brand["not"]["name"], low["name"], high["name"]}
    assert (product["model"], product["key"], product["column"]) == ("products", "product_id", "product_id")


def test_test_that_needs_more_than_the_parent_stays_with_the_row(files: Files) -> None:
    _, items = relation_plan(
        files,
        """
        order_items:
          where:
            price: { lt: { column: product.price } }
            product.launched_at: { since: 2025-01-01 }
            order.ordered_at: { within: 1 month }
            product.launched_at.month: 5
            order.paid_at: { within: 5 days }
          max: { product.price: { gt: 5 } }
        """,
        "order_items",
    )
    product, order = items["parents"]["product"], items["parents"]["order"]
    assert product["columns"] == ["launched_at", "price"]
    assert product["tests"] == []
    assert order["columns"] == ["ordered_at"]
    assert [test["rule"]["test"] for test in order["tests"]] == ["within"]
    assert items["needs_time_zone"] is True


def test_label_of_a_parents_column_is_the_parents(files: Files) -> None:
    _, items = relation_plan(
        files, "order_items: { where: { sku: { eq: { column: product.brand } } } }", "order_items"
    )
    (feature,) = items["features"]
    assert feature["filter"]["to"] == {
        "column": "product.brand",
        "type": "text",
        "also": "product.brand_label",
    }
    assert items["parents"]["product"]["columns"] == ["brand", "brand_label"]


def test_attributes_are_written_out_with_their_names(files: Files) -> None:
    match, orders = relation_plan(files, "days_since_last_order: { gt: { attribute: number_of_orders } }")
    names = {feature["aggregate"]: feature["name"] for feature in orders["features"]}
    last = {"attribute": "last_order_at", "feature": names["max"], "type": "time"}
    assert match == compared(
        "gt",
        {"attribute": "days_since_last_order", "days_since": last, "time_zone": None, "type": "days"},
        {"attribute": "number_of_orders", "feature": names["count"], "type": "number"},
    )


def test_condition_keeps_its_arguments(files: Files) -> None:
    reads = "{{ arguments.percent }} {{ arguments.of }}"
    macro = f"{{% macro condition_share(arguments, scope) %}}{reads}{{% endmacro %}}"
    files.write("macros/conditions/condition_share.sql", macro)
    match = compiled(files, "condition: { name: share, with: { percent: 10, of: [a, 0.5] } }")
    assert match == {"condition": "share", "with": {"percent": 10, "of": ["a", 0.5]}}
