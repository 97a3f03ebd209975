"""Missing values, values that nobody knows, what is hardly ever met, and what is not described."""

import pytest

from maho_segments.errors import Problem
from maho_segments.language import advise
from tests.unit.language.small_project import VOCABULARY, Files


def advice(files: Files, rule: str, code: str) -> list[Problem]:
    return [problem for problem in advise(files.check_match(rule)) if problem.code == code]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("email: { ne: a }", True),
        ("email: { ne: a, is_set: true }", False),
        ("all: [ { email: { ne: a } }, { email: { is_set: true } } ]", False),
        ("all: [ { email: { ne: a } }, { email: { contains: b } } ]", False),
        ("any: [ { email: { ne: a } }, { email: { is_set: false } } ]", False),
        ("any: [ { email: { ne: a } }, { gender: b } ]", True),
        ("not: { email: { ne: a } }", False),
        ("none: [ { email: { not_in: [a] } } ]", False),
        ("profile_type: { ne: guest }", False),
        ("interests: { contains_none: [a] }", True),
        ("orders: { where: { state: { not_in: [new] } } }", False),
        ("orders: { where: { coupon_code: { not_contains: x } } }", True),
        ("not: { orders: { where: { coupon_code: { not_contains: x } } } }", True),
        ("order_items: { where: { product.brand: { ne: x } } }", True),
        ("lifetime_sales: { ne: 5 }", False),
    ],
)
def test_negative_test_on_what_may_be_missing_is_told(files: Files, rule: str, told: bool) -> None:
    assert bool(advice(files, rule, "missing-values")) is told


def test_missing_values_are_told_where_the_operator_stands(files: Files) -> None:
    (problem,) = advice(files, "email: { contains: b }\ngender: { ne: a }", "missing-values")
    assert (problem.line, problem.column) == (7, 17)
    assert problem.found == "ne is also true where gender is missing"
    assert "`gender: { is_set: true }`" in problem.hint


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("gender: a", True),
        ("not: { gender: { is_set: true } }", True),
        ("email: a", False),
        ("order_items: { where: { product.brand: acme } }", True),
        ("order_items: { where: { sku: acme } }", False),
    ],
)
def test_attribute_that_the_shop_has_no_longer_is_told(files: Files, rule: str, told: bool) -> None:
    text = VOCABULARY.replace("{also: brand_label}", "{also: brand_label, attribute: {gone: true}}")
    text = text.replace("{also: gender_id}", "{also: gender_id, attribute: {gone: true}}")
    files.write("models/_models.yml", text)
    assert bool(advice(files, rule, "gone-attribute")) is told


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("order_items: { where: { product.brand: acme } }", False),
        ("order_items: { where: { product.brand: [Acme, Apex] } }", False),
        ("order_items: { where: { product.brand: Acmee } }", True),
        ("order_items: { where: { product.brand: { contains: Acm } } }", False),
        ('order_items: { where: { product.brand: "17" } }', False),
        ("order_items: { where: { product.category: { contains_none: [nothing] } } }", True),
        ("order_items: { where: { product.category: cameras } }", False),
        ("order_items: { where: { sku: anything } }", False),
    ],
)
def test_value_that_was_not_in_the_shop_is_told(files: Files, rule: str, told: bool) -> None:
    text = VOCABULARY.replace("{also: brand_label}", "{also: brand_label, known_values: [Acme, Apex]}")
    text = text.replace(
        '{name: category, data_type: "text[]"}',
        '{name: category, data_type: "text[]", config: {meta: {known_values: [Cameras]}}}',
    )
    files.write("models/_models.yml", text)
    problems = advice(files, rule, "unlisted-value")
    assert bool(problems) is told
    if "Acmee" in rule:
        assert problems[0].allowed == ("Acme", "Apex")
        assert problems[0].hint == "Did you mean `Acme`?"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("orders: { avg: { grand_total: 49.99 } }", True),
        ("orders: { avg: { grand_total: { between: [49, 50] } } }", False),
        ("orders: { sum: { grand_total: 49.99 } }", False),
        ("orders: { where: { grand_total: 49.99 } }", False),
        ('created_at: "2024-01-01T12:00:00Z"', True),
        ("created_at: 2024-01-01", False),
        ("share: 0.3", True),
        ("share: 0", False),
    ],
)
def test_what_is_hardly_ever_met_exactly_is_told(files: Files, rule: str, told: bool) -> None:
    with (files.folder / "attributes.yml").open("a") as file:
        file.write("  share: { type: number, description: S., ratio: [lifetime_sales, number_of_orders] }\n")
    assert bool(advice(files, rule, "exact-value")) is told


def test_attribute_without_description_is_told(files: Files) -> None:
    files.write("attributes.yml", "attributes: { a: { type: number, orders: { count: true } } }")
    (problem,) = advice(files, "a: 5", "no-description")
    assert (problem.path, problem.line, problem.segment) == ("attributes.yml", 1, None)
