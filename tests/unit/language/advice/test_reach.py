"""Rows that the shop has deleted by then, and what nobody in the audience can have."""

import pytest

from maho_segments.errors import Problem
from maho_segments.language import advise
from tests.unit.language.small_project import ATTRIBUTES, VOCABULARY, Files


def advice(files: Files, rule: str, code: str, audience: str = "everyone") -> list[Problem]:
    text = f"version: 1\nsegments: {{ tested: {{ audience: {audience}, match: {rule} }} }}\n"
    return [problem for problem in advise(files.check(text)) if problem.code == code]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{ orders: { within: 30 days } }", False),
        ("{ orders: { within: 720 hours } }", False),
        ("{ orders: { within: 1 month } }", False),
        ("{ orders: { within: 31 days } }", True),
        ("{ orders: { within: 2 months } }", True),
        ("{ orders: { older_than: 29 days } }", False),
        ("{ orders: { older_than: 30 days } }", True),
        ("{ orders: { since: 2020-01-01 } }", True),
        ("{ orders: { between: [2020-01-01, 2020-02-01] } }", True),
        ("{ orders: { within: 60 days, on: paid_at } }", False),
        ("{ orders: { where: { ordered_at: { older_than: 60 days } } } }", True),
        ("{ orders: { where: { ordered_at.date: { on: 2024-05-05 } } } }", True),
        ("{ orders: { where: { ordered_at.hour: { lt: 5 } } } }", False),
        ("{ orders: { latest: { ordered_at: { older_than: 60 days } } } }", True),
        ("{ order_items: { where: { order.ordered_at: { within: 60 days } } } }", True),
        ("{ order_items: { within: 60 days } }", False),
        ("{ last_order_at: { within: 60 days } }", True),
        ("{ days_since_last_order: { gt: 60 } }", True),
        ("{ days_since_last_order: { gt: 20 } }", False),
        ("{ orders: { max: { ordered_at: { older_than: 60 days } } } }", True),
        ("{ orders: { max: { paid_at: { older_than: 60 days } } } }", False),
    ],
)
def test_what_reaches_further_back_than_rows_are_kept_is_told(files: Files, rule: str, told: bool) -> None:
    keeps = VOCABULARY.replace("key: order_id, time_column", "key: order_id, keeps: 30 days, time_column")
    files.write("models/_models.yml", keeps)
    assert bool(advice(files, rule, "beyond-retention")) is told


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{ orders: { within: 60 days } }", False),
        ("{ orders: { within: 60 days, count: { gte: 2 } } }", True),
        ("{ orders: { within: 60 days, latest: { state: new } } }", False),
        ("{ orders: { within: 60 days, first: { state: new } } }", True),
        ("{ days_since_last_order: { gt: 60 } }", False),
        ("{ orders: { min: { ordered_at: { older_than: 60 days } } } }", True),
    ],
)
def test_the_newest_row_that_stays_is_enough_where_only_it_is_asked(
    files: Files, rule: str, told: bool
) -> None:
    limits = "key: order_id, keeps: 30 days, keeps_newest: true, time_column"
    files.write("models/_models.yml", VOCABULARY.replace("key: order_id, time_column", limits))
    assert bool(advice(files, rule, "beyond-retention")) is told


def test_attribute_that_reaches_too_far_is_told(files: Files) -> None:
    keeps = VOCABULARY.replace("key: order_id, time_column", "key: order_id, keeps: 30 days, time_column")
    files.write("models/_models.yml", keeps)
    files.write(
        "attributes.yml",
        ATTRIBUTES + "  yearly: { type: number, description: Y., orders: { within: 1 year, count: true } }\n",
    )
    (problem,) = advice(files, "{ yearly: 5 }", "beyond-retention")
    assert (problem.path, problem.segment) == ("attributes.yml", None)
    assert "30 days" in problem.found


@pytest.mark.parametrize(
    ("rule", "audience", "told"),
    [
        ("{ orders: {} }", "visitors", True),
        ("{ orders: {} }", "[guests, visitors]", False),
        ("{ none: [ { orders: {} } ] }", "visitors", True),
        ("{ notes: {} }", "visitors", False),
        ("{ birth_date: { is_set: true } }", "guests", True),
        ("{ birth_date: { is_set: true } }", "everyone", False),
        ("{ birth_date: { anniversary_within: 7 days } }", "[guests, visitors]", True),
        ("{ number_of_orders: { lt: 3 } }", "visitors", True),
        ("{ seen_at: { within: 3 days } }", "visitors", False),
        ("{ created_at: { lt: { attribute: last_order_at } } }", "visitors", True),
    ],
)
def test_what_nobody_in_the_audience_has_is_told(files: Files, rule: str, audience: str, told: bool) -> None:
    text = VOCABULARY.replace("key: order_id,", "key: order_id, audience: [customers, guests],")
    text = text.replace(
        "description: Birthday.}", "description: Birthday., config: {meta: {audience: customers}}}"
    )
    files.write("models/_models.yml", text)
    seen = "  seen_at: { type: time, description: S., latest_of: [created_at, last_order_at] }\n"
    files.write("attributes.yml", ATTRIBUTES + seen)
    assert bool(advice(files, rule, "not-in-audience", audience)) is told


def test_who_has_it_is_said(files: Files) -> None:
    text = VOCABULARY.replace("key: order_id,", "key: order_id, audience: [customers, guests],")
    files.write("models/_models.yml", text)
    (problem,) = advice(files, "{ orders: {} }", "not-in-audience", "visitors")
    assert problem.found == "only customers and guests can have `orders`; the audience is visitors"
