"""What is not imported, each with its reason."""

from dataclasses import replace

import pytest

from maho_segments.importing import ImportOptions, StoredSegment
from tests.unit.importing.conftest import FACTS, Importer, combination, leaf

TREES = [
    ("", "no conditions, so it matches everyone"),
    ("[]", "no conditions, so it matches everyone"),
    (combination(), "leaves out all of its conditions, so it matches everyone"),
    (combination(value="0"), "leaves out all of its conditions, so it matches everyone"),
    (combination(combination(), combination(value="0")), "matches everyone"),
    ('{"type": ', "are not JSON"),
    ('a:7:{s:4:"type";s:5:"combine";}', "PHP-serialized"),
    ('"text"', "no tree of conditions"),
    ("[1, 2]", "no tree of conditions"),
    (leaf("customer_clv", "lifetime_sales", ">", "5"), "single condition stands at the root"),
    (combination("text"), "At condition 1 stands no condition"),
    (combination({"attribute": "email"}), "At condition 1 stands no condition as the shop writes them: type"),
    (combination(combination(combination(7))), "At condition 1.1.1 stands no condition"),
]


@pytest.mark.parametrize(("tree", "reason"), TREES)
def test_tree_without_a_meaning_is_refused(importer: Importer, tree: object, reason: str) -> None:
    made = importer(tree)

    assert not made.imported
    assert reason in str(made.refused[0].reasons[0])


def test_tree_that_nests_without_end_is_refused(importer: Importer) -> None:
    tree = combination(leaf("customer_clv", "lifetime_sales", ">", "5"))
    for _ in range(150):
        tree = combination(tree)

    assert "more than 60 levels" in str(importer(tree).refused[0].reasons[0])
    assert "not JSON" in str(importer("[" * 100_000).refused[0].reasons[0])


LEAVES = [
    # types, attributes, operators
    (("customer_rfm", "score", ">", "5"), "no condition type 'customer_rfm'"),
    (("customer_clv", "lifetime_orders", ">", "5"), "no attribute 'lifetime_orders' of customer_clv"),
    (("customer_timebased", "days", ">", "5"), "no attribute 'days'"),
    (("customer_attributes", "taxvat", "==", "5"), "no attribute 'taxvat'"),
    (("order_attributes", "weight", "==", "5"), "no attribute 'weight'"),
    (("order_items", "weight", "==", "5"), "no attribute 'weight'"),
    (("product_viewed", "color", "==", "5"), "no attribute 'color'"),
    (("customer_clv", "lifetime_sales", "<=>", "5"), "operator '<=>' is none of the module's"),
    (("customer_clv", "lifetime_sales", "()", "5,6"), "operator '()' fails in the module"),
    (("customer_clv", "lifetime_sales", "==", ["5", "6"]), "operator '()' fails in the module"),
    (("customer_timebased", "days_inactive", "!()", "5"), "operator '!()' fails in the module"),
    (("order_attributes", "average_order_amount", "()", "5"), "operator '()' fails in the module"),
    (("order_attributes", "grand_total", ">", ["5", "6"]), "a list of values, with which it fails"),
    (("order_attributes", "store_id", ">", "1"), "compares ids"),
    (("customer_attributes", "email", ">", "m"), "orders texts"),
    # values
    (("customer_clv", "lifetime_sales", ">", ""), "no number"),
    (("customer_clv", "lifetime_sales", ">", "5,000"), "no number"),
    (("customer_clv", "lifetime_sales", "{}", "5"), "looks for text in a number"),
    (("order_attributes", "grand_total", ">", None), "no value"),
    (("order_attributes", "created_at", ">", "yesterday"), "no date as the shop writes it"),
    (("order_attributes", "created_at", ">", "2026-02-30"), "no day of the calendar"),
    (("order_attributes", "created_at", "{}", "2026"), "looks for text in a date"),
    (("customer_attributes", "created_at", "==", "2026-01-01 10:00:00"), "databases differ"),
    (("customer_attributes", "email", "()", []), "an empty list of values"),
    (("order_items", "product_sku", "==", []), "an empty list of values"),
    (("order_items", "product_sku", "==", [""]), "empty text"),
    (("cart_attributes", "applied_rule_ids", "==", "3,"), "empty text"),
    (("cart_attributes", "applied_rule_ids", ">", "3"), "orders texts"),
    (("customer_attributes", "firstname", "==", ""), "empty text"),
    (("customer_attributes", "firstname", "{}", ""), "empty text, which every text contains"),
    (("customer_attributes", "firstname", "{}", "%%"), "wildcards only"),
    (("customer_attributes", "firstname", "{}", "a\\b"), "backslash"),
    (("customer_attributes", "firstname", "==", "a\0b"), "no text of the shop can have"),
    (("customer_attributes", "firstname", "==", "\ud800"), "no text of the shop can have"),
    (("customer_attributes", "firstname", "==", [["a"], "b"]), "a structure of its own"),
    # what the shop does not have
    (("customer_attributes", "group_id", "==", "9"), "nothing with the id '9'"),
    (("customer_newsletter", "subscriber_status", "==", "9"), "nothing with the id '9'"),
    (("product_wishlist", "product_id", "==", "99"), "nothing with the id '99'"),
    (("product_wishlist", "category_id", "==", "99"), "nothing with the id '99'"),
    (("order_items", "product_color", "==", "7"), "nothing with the id '7'"),
    (("cart_items", "product_color", "==", ""), "nothing with the id ''"),
    (("order_items", "product_color", "{}", "5"), "compares ids"),
    (("order_items", "product_fabric", "==", "5"), "`segments attributes sync`"),
    (("order_items", "product_gone", "==", "5"), "matches nobody"),
    (("cart_items", "product_type", "==", "simple"), "matches everyone"),
    (("cart_items", "product_id", "==", "5"), "matches everyone"),
    (("order_items", "product_sku", "==", ""), "matches everyone"),
]


@pytest.mark.parametrize(("stored", "reason"), LEAVES)
def test_condition_is_refused(importer: Importer, stored: tuple[str, str, str, object], reason: str) -> None:
    made = importer(combination(leaf(*stored)))

    assert not made.imported
    assert not made.attributes
    assert reason in str(made.refused[0].reasons[0])
    assert not importer(combination(leaf(*stored)), options=ImportOptions(approximate=True)).imported


NEAR = [
    (("customer_attributes", "days_until_birthday", "<", "7"), "", "-1 on the day after"),
    (("product_viewed", "product_sku", "==", "A"), "", "list of last viewed products"),
    (("product_wishlist", "wishlist_shared", "==", "1"), "", "wishlists without items"),
    (("product_wishlist", "category_id", "!=", "11"), "", "in another one besides"),
    (("cart_attributes", "applied_rule_ids", "{}", "3"), "", "list of rule ids as one text"),
    (("customer_clv", "lifetime_sales", ">", "5"), "order_currencies", "currency of each order"),
    (("customer_clv", "lifetime_profit", ">", "5"), "cancelled_credit_memos", "were cancelled"),
    (("order_attributes", "grand_total", ">", "5"), "order_currencies", "currency of each order"),
    (("order_attributes", "average_order_amount", ">", "5"), "order_currencies", "currency of each order"),
    (("order_attributes", "discount_amount", "<", "-5"), "odd_discounts", "without a discount amount"),
    (("order_items", "product_sku", "==", "A"), "order_item_parts", "parts of configurable products"),
    (("order_items", "discount_amount", "<", "5"), "item_discounts_missing", "without a discount amount"),
    (("order_items", "row_total_incl_tax", "<", "5"), "item_totals_missing", "total including tax"),
    (("cart_items", "qty", ">", "1"), "cart_item_parts", "parts of configurable products"),
    (("cart_items", "price", ">", "1"), "cart_currencies", "currency of each cart"),
    (("customer_address", "region", "==", "Bavaria"), "regions_by_id", "names by its id"),
]


@pytest.mark.parametrize(("stored", "oddity", "difference"), NEAR)
def test_difference_keeps_a_segment_out_unless_it_is_accepted(
    importer: Importer, stored: tuple[str, str, str, str], oddity: str, difference: str
) -> None:
    tree = combination(leaf(*stored))
    odd = replace(FACTS, oddities=frozenset({oddity} if oddity else ()))

    (reason,) = importer(tree, facts=odd).refused[0].reasons
    (near,) = importer(tree, facts=odd, options=ImportOptions(approximate=True)).imported

    assert difference in reason.reason
    assert reason.can_approximate
    assert any(difference in remark for remark in near.approximations)
    assert not oddity or importer(tree).imported


def test_product_names_of_single_store_views_are_a_difference(importer: Importer) -> None:
    odd = replace(FACTS, attributes_by_store=frozenset({"name"}))
    for kind in ("product_wishlist", "cart_items"):
        (refused,) = importer(combination(leaf(kind, "product_name", "==", "A")), facts=odd).refused
        assert "every store view" in refused.reasons[0].reason


def test_every_reason_is_told_with_its_place(importer: Importer) -> None:
    bad = leaf("customer_clv", "lifetime_sales", "()", "5")
    good = leaf("customer_clv", "lifetime_sales", ">", "5")
    tree = combination(bad, good, combination(good, combination(good, bad)))

    (refused,) = importer(tree).refused

    places = [reason.place for reason in refused.reasons]
    assert places == [
        "condition 1, customer_clv lifetime_sales",
        "condition 3.2.2, customer_clv lifetime_sales",
    ]


def test_website_that_is_gone_is_told_and_none_left_refuses(importer: Importer) -> None:
    tree = '{"type": "%s", "value": 1, "conditions": [%s]}'
    conditions = '{"type": "%s", "attribute": "lifetime_sales", "operator": ">", "value": 5}'
    start = "customersegmentation/segment_condition_"
    text = tree % (f"{start}combine", conditions % f"{start}customer_clv")

    made = importer(
        StoredSegment(1, "Some", text, website_ids="2,9"), StoredSegment(2, "None", text, website_ids="8,9")
    )

    (some,) = made.imported
    assert some.definition["websites"].value == ["asia"]
    assert "no websites 9" in some.definition["websites"].remarks[0]
    assert "websites 8, 9" in made.refused[0].reasons[0].reason
