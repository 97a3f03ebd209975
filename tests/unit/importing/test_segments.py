"""The segments of the file: names, settings, comments, attributes; YAML gives back what was written."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maho_segments.importing import (
    ImportOptions,
    StoredSegment,
    Target,
    attributes_text,
    import_segments,
    segment_text,
    segments_text,
)
from maho_segments.importing.yaml_text import Remarked, inline_text, mapping_text
from maho_segments.language import Project, check_additions
from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter
from maho_segments.language.yaml_reader import read_yaml
from tests.unit.importing.conftest import FACTS, Importer, combination, leaf

TREE = json.dumps(combination(leaf("customer_clv", "number_of_orders", ">", "2")))


def read(text: str) -> Any:
    reporter = Reporter("test")
    node = read_yaml(text.encode(), reporter)
    assert node is not None
    assert not reporter.problems
    return plain_value(node)


def test_settings_of_a_segment_are_kept(importer: Importer) -> None:
    stored = StoredSegment(
        12, " VIP \n Größe #1: ", TREE, "What\nfor: 'x' # y", is_active=False, website_ids="1,2",
        customer_group_ids="2", priority=7, is_manual=True,
    )  # fmt: skip

    made = importer(stored)

    written = read(segments_text(made, with_attributes=True))["segments"]
    rule = {
        "orders": {"where": {"state": {"not_in": ["canceled", "closed"], "is_set": True}, "is_guest": False}}
    }
    rule["orders"]["count"] = {"gt": 2}
    assert written == {
        "vip_grosse_1": {
            "label": "VIP Größe #1:",
            "description": "What for: 'x' # y",
            "audience": "customers",
            "websites": ["base", "asia"],
            "customer_groups": ["VIP"],
            "active": False,
            "priority": 7,
            "refresh": {"manual": True},
            "match": rule,
        }
    }
    assert "# Customer segment 12 of the shop." in segments_text(made, with_attributes=True)


def test_defaults_of_the_project_do_not_limit_an_imported_segment(project: Project) -> None:
    made = import_segments(
        [StoredSegment(1, "Everywhere", TREE), StoredSegment(2, "Somewhere", TREE, website_ids="2")],
        facts=FACTS,
        options=ImportOptions(),
        target=Target(project.vocabulary, narrowed=["websites"]),
    )
    everywhere, somewhere = (segment.definition for segment in made.imported)
    assert everywhere["websites"].value == ["base", "asia"]
    assert "customer_groups" not in everywhere
    assert somewhere["websites"] == ["asia"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("days_since_registration", {"days_since": "created_at"}),
        ("days_until_birthday", {"days_until_anniversary": "birth_date"}),
    ],
)
def test_projects_own_days_are_used_where_they_mean_the_same(
    project: Project, name: str, form: dict[str, str]
) -> None:
    stored = [StoredSegment(1, "Days", json.dumps(combination(leaf("customer_attributes", name, "<", "8"))))]

    def imported(known: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        target = Target(project.vocabulary, attributes=known)
        made = import_segments(stored, facts=FACTS, options=ImportOptions(approximate=True), target=target)
        match = made.imported[0].definition["match"]
        return match.value if isinstance(match, Remarked) else match, made.attributes

    own = {"type": "days", "description": "x", **form}
    assert imported({name: own}) == ({name: {"lt": 8}}, {})
    for known in ({}, {name: {"type": "number", "description": "x", "sum": [1, 2]}}):
        match, attributes = imported(known)
        assert match == {f"maho_{name}": {"lt": 8}}
        assert attributes[f"maho_{name}"].items() >= {"type": "days", **form}.items()


def test_deepest_tree_validates(importer: Importer, project: Project) -> None:
    ordered = leaf("customer_clv", "number_of_orders", ">", "2")
    somewhere = leaf("customer_attributes", "store_id", "!=", "1")
    for inner in (ordered, somewhere):
        tree = combination(inner, inner)
        for level in range(59):
            tree = combination(ordered, tree, aggregator="all" if level % 2 else "any", value="0")
        made = importer(tree)
        assert made.imported, made.refused
        check_additions(
            project,
            segments=segments_text(made, with_attributes=False),
            attributes="attributes:\n",
            path="deep",
        )


def test_group_0_alone_is_every_group_as_in_the_module(importer: Importer) -> None:
    (segment,) = importer(StoredSegment(1, "All", TREE, customer_group_ids="0")).imported
    assert "customer_groups" not in segment.definition


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("VIP", "vip"),
        ("VIP Platinum", "vip_platinum_2"),  # the project has a vip_platinum
        ("10 % off!", "segment_10_off"),
        ("Ünïcödé -- two", "unicode_two"),
        ("会员", "maho_segment_1"),
        ("'; drop table x; --", "drop_table_x"),
        ("x" * 300, "x" * 63),
    ],
)
def test_name_is_made_from_the_segments_own(importer: Importer, name: str, expected: str) -> None:
    (segment,) = importer(StoredSegment(1, name, TREE)).imported
    assert segment.name == expected


def test_names_of_one_import_do_not_clash(importer: Importer) -> None:
    made = importer(*(StoredSegment(number, "Same " + "x" * 80, TREE) for number in range(12)))
    names = [segment.name for segment in made.imported]
    assert len(set(names)) == 12
    assert all(len(name) <= 63 for name in names)


def test_new_attributes_are_written_once_and_reused(importer: Importer, project: Project) -> None:
    tree = combination(leaf("customer_timebased", "days_since_last_order", ">", "30"))
    made = importer(tree, tree)

    assert list(made.attributes) == ["maho_days_since_last_order"]
    assert all(
        segment.definition["match"].value == {"maho_days_since_last_order": {"gt": 30}}
        for segment in made.imported
    )
    assert all(segment.definition["time_zone"].value == "UTC" for segment in made.imported)
    texts = {
        "segments": segments_text(made, with_attributes=False),
        "attributes": attributes_text(made.attributes),
    }
    check_additions(project, **texts, path="imported")
    assert "#   maho_days_since_last_order:" in segments_text(made, with_attributes=True)


def test_one_segment_is_a_mapping_for_the_preview(importer: Importer) -> None:
    (segment,) = importer(StoredSegment(0, "", TREE)).imported
    assert set(read(segment_text(segment))) == {"audience", "match"}


ODD = [
    (("order_attributes", "status", "!=", "canceled"), "none: [ orders: { where: { is_guest: false, status"),
    (("order_attributes", "created_at", "==", "2026-01-31"), "Probably meant: ordered_at: 2026-01-31"),
    (("order_attributes", "created_at", "<=", "2026-01-31"), "left out. Probably meant: ordered_at: { lte: "),
    (("order_attributes", "grand_total", ">", "5"), "Canceled orders count too"),
    (("customer_clv", "average_order_value", "<", "5"), "Customers without an order have the average 0"),
    (("customer_clv", "lifetime_profit", ">", "5"), "Of a closed order the sale does not count"),
    (("customer_clv", "lifetime_refunds", "<", "5"), "Customers without a refund are never in"),
    (("customer_timebased", "days_without_purchase", ">", "5"), "Customers who never ordered are in"),
    (("customer_timebased", "days_without_purchase", "<", "5"), "Customers who never ordered are not in"),
    (("customer_attributes", "firstname", "{}", "a_b"), "_ for any one letter"),
    (("customer_attributes", "gender", "!=", "101"), "Customers without a gender are not in"),
    (("order_items", "product_price", ">", "5"), "By the status canceled"),
    (("order_attributes", "discount_amount", ">", "5"), "the sign is turned"),
    (("product_wishlist", "wishlist_items_count", "<", "5"), "nothing on their wishlist are never in"),
    (("product_wishlist", "product_id", "==", "7"), 'Product "7", by its SKU'),
    (("product_wishlist", "category_id", "==", "11"), "11 is Shoes / Boots"),
    (("customer_address", "region", "==", "12"), "compares the id with names"),
]  # fmt: skip


@pytest.mark.parametrize(("stored", "remark"), ODD)
def test_odd_meaning_is_remarked(importer: Importer, stored: tuple[str, str, str, str], remark: str) -> None:
    made = importer(combination(leaf(*stored)))
    assert any(remark in one for one in made.imported[0].remarks)
    comments = " ".join(
        line.strip().removeprefix("# ")
        for line in segments_text(made, with_attributes=False).splitlines()
        if line.strip().startswith("#")
    )
    assert remark in comments


def test_odd_combinations_are_remarked(importer: Importer) -> None:
    one, other = (
        leaf("order_attributes", "status", "==", "a"),
        leaf("order_attributes", "coupon_code", "==", "b"),
    )
    dropped = leaf("cart_items", "product_type", "==", "simple")
    remarks = {
        "another row": importer(combination(one, other)),
        "not all of these hold": importer(combination(one, other, value="0")),
        "none of these holds": importer(combination(one, other, aggregator="any", value="0")),
        "takes it for any": importer({**combination(one, other), "aggregator": None}),
        "does not say all or any": importer(combination(one, other, aggregator="none")),
        "takes it for false": importer({**combination(one, other), "value": None}),
        "leaves out a condition here, cart_items product_type == simple": importer(combination(one, dropped)),
    }
    for remark, made in remarks.items():
        assert any(remark in found for found in made.imported[0].remarks), remark


HOSTILE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)
VALUES = st.recursive(
    HOSTILE | st.integers(-(10**9), 10**9) | st.booleans(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4)
        | st.dictionaries(HOSTILE.filter(lambda key: key != "<<"), inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(HOSTILE.filter(lambda key: key != "<<"), VALUES, min_size=1, max_size=4), HOSTILE)
def test_yaml_gives_back_what_was_written(value: dict[str, Any], remark: str) -> None:
    assert read(mapping_text(value)) == value
    assert read(inline_text(value)) == value
    remarked = {key: Remarked(item, (remark,)) for key, item in value.items()}
    assert read(mapping_text(remarked)) == value
    assert read(mapping_text({"list": [Remarked(value, (remark, remark))]})) == {"list": [value]}


@given(HOSTILE)
def test_hostile_text_stays_a_text(text: str) -> None:
    """Labels, values and reasons can hold anything that a shop's text can."""
    # The fixture would be shared among examples; this is the same without it.
    assert read(mapping_text({"label": text, "match": {"first_name": {"contains": text}}}))["label"] == text


def test_hostile_segment_validates(importer: Importer, project: Project) -> None:
    hostile = "x: [y] # z\n- 'a' \"b\" {c} %d & *e ! | > ` @ \u2028 \x85 🎉 \\"
    stored = [
        StoredSegment(
            1, hostile, json.dumps(combination(leaf("customer_attributes", "firstname", "==", hostile)))
        ),
        StoredSegment(
            2,
            hostile,
            json.dumps(combination(leaf("customer_attributes", "firstname", "{}", "a_" + hostile[:-1]))),
        ),
        StoredSegment(3, hostile, hostile, description=hostile),
    ]
    made = importer(*stored, facts=replace(FACTS, stores={"1": hostile}))

    text = segments_text(made, with_attributes=True)
    check_additions(project, segments=text, attributes=attributes_text(made.attributes), path="imported")
    assert len(made.imported) == 2
    segments = read(text)["segments"]
    assert segments[made.imported[0].name]["match"] == {"first_name": hostile}
