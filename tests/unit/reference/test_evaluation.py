"""The reference evaluator on a shop of a few rows, by answers worked out by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from maho_segments.language import Project, check_project
from maho_segments.language.check import check_rule
from tests.databases import PROJECT
from tests.reference import Evaluation, Shop, evaluate
from tests.reference.evaluation import UnansweredConditionError

ANN, BOB, EVE = ("customer", 1), ("customer", 2), ("guest", 1, "eve@shop.example")
AS_OF = datetime(2025, 6, 1, tzinfo=UTC)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2025, 5, day, hour)  # noqa: DTZ001 - as the shop writes it


def order(number: int, total: str, created_at: datetime | None = None, **columns: Any) -> dict[str, Any]:
    amount = {"base_grand_total": Decimal(total), "created_at": created_at}
    return {"entity_id": number, "store_id": 1, "state": "complete", **amount, **columns}


SHOP: Shop = {
    "core_website": [{"website_id": 1, "code": "base", "name": "Main", "is_default": 1}],
    "core_store": [{"store_id": 1, "code": "en", "name": "English", "website_id": 1}],
    "core_config_data": [
        {"scope": "default", "scope_id": 0, "path": "general/locale/timezone", "value": "Europe/Berlin"}
    ],
    "customer_entity": [
        {"entity_id": 1, "website_id": 1, "email": "Ann@Shop.Example", "created_at": at(1)},
        {"entity_id": 2, "website_id": 1, "email": "bob@shop.example", "created_at": at(2)},
        {"entity_id": 3, "website_id": 1, "email": "gone@shop.example", "is_active": 0, "created_at": at(1)},
        {
            "entity_id": 4,
            "website_id": 1,
            "email": "new@shop.example",
            "created_at": AS_OF.replace(tzinfo=None),
        },
    ],
    "sales_flat_order": [
        order(1, "1", customer_id=1),  # without a time: the oldest
        order(2, "1", at(10), customer_id=1, coupon_code="A"),
        order(3, "1", at(10), customer_id=1, coupon_code="", base_discount_amount=Decimal(-5)),
        order(4, "97", at(9), customer_email=" ANN@shop.example"),
        order(5, "8", at(5, 23), customer_email="eve@shop.example"),
        order(6, "1000", AS_OF.replace(tzinfo=None), customer_id=2),  # at the instant: not yet there
    ],
    "sales_flat_creditmemo": [
        {"entity_id": 1, "order_id": 4, "state": 2, "base_grand_total": Decimal("33.3333")},
        {"entity_id": 2, "order_id": 4, "state": 3, "base_grand_total": Decimal(50)},
    ],
    "sales_flat_quote": [
        {"entity_id": 1, "store_id": 1, "customer_email": "eve@shop.example", "created_at": at(6)}
    ],
    "log_quote": [{"quote_id": 1, "visitor_id": 70}],
    "log_visitor": [
        {"visitor_id": 70, "store_id": 1, "first_visit_at": at(3)},
        {"visitor_id": 71, "store_id": 9, "first_visit_at": at(3)},
    ],
    "log_customer": [{"log_id": 1, "visitor_id": 71, "customer_id": 2, "login_at": at(4)}],
    "report_event": [
        {"event_id": number, "event_type_id": 1, "subtype": 1, "subject_id": visitor, "object_id": 5}
        for number, visitor in ((1, 70), (2, 71))
    ],
    "report_viewed_product_index": [
        {"index_id": 1, "customer_id": 2, "product_id": 5},  # logged, when Bob was a visitor
        {"index_id": 2, "customer_id": 2, "product_id": 6},
        {"index_id": 3, "customer_id": 2, "product_id": 6},
    ],
}


@pytest.fixture(scope="module")
def project() -> Project:
    return check_project(PROJECT)


@pytest.fixture(scope="module")
def evaluation(project: Project) -> Evaluation:
    return evaluate(project, SHOP, AS_OF, conditions=lambda condition, profile: False)


def test_guests_and_visitors_are_who_they_turned_out_to_be(evaluation: Evaluation) -> None:
    merged = {key: profile.merged_into for key, profile in evaluation.profiles.items() if profile.merged_into}

    assert merged == {
        ("guest", 1, "ann@shop.example"): ANN,
        ("visitor", 70): EVE,
        ("visitor", 71): BOB,
    }


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ("profile_type: { is_set: true }", {ANN, BOB, EVE}),  # without the inactive and the future ones
        ("number_of_orders: 4", {ANN}),  # the guest's too
        ("orders: {}", {ANN, EVE}),
        ("orders: { where: { discount_amount: 5 } }", {ANN}),
        (
            "orders: { latest: { coupon_code: { is_set: false } } }",
            {ANN, EVE},
        ),  # of two of a time, the larger id
        ("orders: { first: { ordered_at: { is_set: false } } }", {ANN}),
        ("orders: { older_than: 1 day, count: 3 }", {ANN}),  # one without a time is not older
        ("not: { orders: { every: { coupon_code: { ne: a } } } }", {ANN, BOB}),
        ("refund_rate: { gt: 0.333332, lt: 0.333334 }", {ANN}),  # 33.3333 of 100
        ("refund_rate: { ne: 0.333333 }", {BOB, EVE}),  # missing without sales; 0 of 8
        ("average_order_value: 25", {ANN}),
        (
            "orders: { where: { ordered_at.date: 2025-05-06, ordered_at.hour: 1 } }",
            {EVE},
        ),  # by Berlin's clock
        ("orders: { on: ordered_at.date, since: 2025-05-06, count: { gte: 1 } }", {ANN, EVE}),
        ("website: [MAIN]", {ANN, BOB, EVE}),
        ("product_views: { count: 2 }", {BOB}),  # one of the log, one of the list
        ("product_views: { count: 1 }", {EVE}),
        ("orders: { sum: { grand_total: 0 }, count: 0 }", {BOB}),
        ("orders: { max: { grand_total: { lt: 1 } } }", set()),
    ],
)
def test_members(evaluation: Evaluation, project: Project, rule: str, members: set[Any]) -> None:
    text = f"audience: everyone\nmatch: {{ {rule} }}"
    segment = check_rule(project, "asked", text, "rule")

    assert evaluation.holds(segment) == members


def test_condition_that_nobody_answers_is_refused(project: Project) -> None:
    with pytest.raises(UnansweredConditionError, match="control_group"):
        evaluate(project, {**SHOP, **_WIN_BACK}, AS_OF)


_WIN_BACK: Shop = {
    "sales_flat_order": [
        order(number, "10", datetime(2024, 11, number), customer_id=1)  # noqa: DTZ001
        for number in (1, 2)
    ],
    "newsletter_subscriber": [{"subscriber_id": 1, "customer_id": 1, "subscriber_status": 1}],
}
