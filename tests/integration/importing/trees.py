"""Trees as the shop stores them: every condition type and attribute, and random combinations."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.integration.importing.module_sql import TYPE

Tree = dict[str, Any]
Comparisons = dict[str, dict[str, list[tuple[str, Any]]]]


def leaf(kind: str, attribute: str, operator: str, value: Any) -> Tree:
    """A condition as the shop writes it."""
    return {
        "type": TYPE + kind,
        "attribute": attribute,
        "operator": operator,
        "value": value,
        "is_value_processed": False,
    }


def combination(*parts: Tree, aggregator: str | None = "all", value: Any = "1") -> Tree:
    """A combination as the shop writes it; with None, its aggregator or value is not there."""
    entry = {"type": TYPE + "combine", "attribute": None, "operator": None, "is_value_processed": None}
    if aggregator is not None:
        entry["aggregator"] = aggregator
    if value is not None:
        entry["value"] = value
    return {**entry, "conditions": list(parts)}


_ORDER = ("==", "!=", ">=", "<=", ">", "<")
_AMOUNT = [(operator, value) for operator in _ORDER for value in ("0", "50")]
_ONE_OF_NUMBERS = [("()", "0, 50"), ("!()", "0,50"), ("==", ["1", "2"])]
_NUMBER = [*((operator, "50") for operator in _ORDER), *_ONE_OF_NUMBERS]
_COUNT = [(operator, value) for operator in _ORDER for value in ("0", "1")]
_SMALL = [*_COUNT, ("()", "1,5"), ("!()", "1,5")]
_SINGLE_DAYS = [(operator, value) for operator in _ORDER for value in ("1", "14")]
_DAYS = [*_SINGLE_DAYS, ("()", "1,2,3,14"), ("!()", "1,14")]
_DATES = [
    *((operator, "2026-03-01") for operator in _ORDER),
    (">", "2026-03-01 07:00:00"),
    ("()", "2026-03-01,2026-03-02"),
    ("!()", "2026-03-01,2026-03-02"),
]
_TEXT = [
    ("==", "SMITH"),
    ("!=", "smith"),
    ("{}", "smith"),
    ("!{}", "ith j"),
    ("{}", "100%"),
    ("()", "o'brien, Grüße"),
    ("!()", "o'brien,SMITH"),
    ("{}", "%_%"),
    ("{}", "a_b"),
    ("!{}", "A_B"),
    ("==", ["a_b", "100%"]),
    ("!=", ""),
]
_PLACE = [
    ("==", "berlin"),
    ("!=", "Berlin"),
    ("{}", "o_P"),
    ("!{}", "er"),
    ("()", "DE,US"),
    ("!()", "New York"),
]
_CODE = [
    ("==", "SUMMER"),
    ("!=", "summer"),
    ("{}", "10%"),
    ("{}", "_ER"),
    ("!{}", "er"),
    ("()", "summer,10%"),
    ("!()", "summer"),
    ("!=", ""),
]
_SKU = [
    ("==", "sku-1"),
    ("!=", "SKU-1"),
    ("{}", "KU-"),
    ("{}", "sku_2"),
    ("!{}", "U_1"),
    ("()", "sku-1,sku-9"),
    ("!()", "sku-1,SKU-2"),
]
_ID = [("==", "1"), ("!=", "1"), ("==", ["1", "2"]), ("()", "2,3"), ("!()", "2,3")]
_OPTION = [("==", "50"), ("!=", "50"), ("==", "51"), ("==", ["52", "53"]), ("()", "50,52"), ("!()", "50,51")]


def _words(*words: str) -> list[tuple[str, Any]]:
    """Each operator of texts, with words of the column."""
    first, *_, last = words
    return [
        ("==", first.upper()), ("!=", first), ("{}", first[1:-1]), ("{}", f"{first[:2]}_{first[3:]}"),
        ("!{}", first[:3]), ("()", ",".join(words)), ("!()", last), ("!=", ""),
    ]  # fmt: skip


EXACT: Comparisons = {
    "customer_attributes": {
        "email": [
            ("==", "C1@shop.example"),
            ("!=", "c1@shop.example"),
            ("{}", "@MAIL"),
            ("!{}", "_@mail"),
            ("()", "c2@mail.example,c3@shop.example"),
            ("!()", "c2@mail.example,c3@shop.example"),
        ],
        "firstname": _TEXT,
        "lastname": _TEXT[:7],
        "gender": [("==", "102"), ("!=", "102"), ("()", "101,102"), ("!()", "101")],
        "dob": [
            *((operator, day) for operator in _ORDER for day in ("1990-02-28", "1988-03-15")),
            ("()", "1990-02-28,1988-03-15"),
            ("!()", "1990-02-28,1988-03-15"),
        ],
        "created_at": [case for case in _DATES if ":" not in case[1]],
        "group_id": [("==", "1"), ("!=", "1"), ("==", ["1", "2"]), ("!()", "1,2")],
        "store_id": [("==", "2"), ("!=", "2"), ("!=", ["1", "3"]), ("()", "3,1")],
        "days_since_registration": _DAYS,
    },
    "customer_address": {
        "firstname": _PLACE,
        "lastname": _PLACE,
        "company": _PLACE,
        "street": [
            ("{}", "main_st"),
            ("{}", "100%"),
            ("!{}", "floor"),
            ("{}", "St%floor"),
            ("==", "100% AVE"),
            ("!=", "100% ave"),
            ("()", "main_st,100% Ave"),
            ("!()", "MAIN_ST"),
        ],
        "city": _PLACE,
        "region": _PLACE,
        "postcode": _PLACE,
        "country_id": _PLACE,
        "telephone": _PLACE,
    },
    "customer_clv": {
        "lifetime_sales": [*_AMOUNT, (">", "100.5")],
        "number_of_orders": _COUNT,
        "average_order_value": _AMOUNT,
        "lifetime_profit": [*_AMOUNT, ("<", "-5")],
        "lifetime_refunds": _AMOUNT,
    },
    "customer_timebased": {
        "days_since_last_login": [*_SINGLE_DAYS, (">", "14.9")],
        "days_since_last_order": _SINGLE_DAYS,
        "days_inactive": _SINGLE_DAYS,
        "days_since_first_order": _SINGLE_DAYS,
        "order_frequency_days": _SINGLE_DAYS,
        "days_without_purchase": _SINGLE_DAYS,
    },
    "customer_newsletter": {"subscriber_status": _ID, "change_status_at": _DATES},
    "order_attributes": {
        "total_qty": _SMALL,
        "total_amount": _NUMBER,
        "subtotal": _NUMBER,
        "tax_amount": _NUMBER,
        "shipping_amount": _NUMBER,
        "discount_amount": [
            *((operator, value) for operator in _ORDER for value in ("0", "-50")),
            (">", "50"),
            ("()", "0,-50"),
            ("!()", "0,-50"),
        ],
        "grand_total": _NUMBER,
        "status": [
            ("==", "canceled"),
            ("!=", "canceled"),
            ("()", "complete,my_status"),
            ("!()", "canceled,complete"),
            ("{}", "_status"),
            ("!{}", "_status"),
            ("!=", ""),
        ],
        "created_at": _DATES,
        "updated_at": _DATES,
        "store_id": _ID,
        "currency_code": _words("usd", "EUR"),
        "payment_method": _words("checkmo", "ccsave"),
        "shipping_method": _words("flatrate_flatrate", "freeshipping_freeshipping"),
        "coupon_code": _CODE,
        "days_since_last_order": [*_DAYS, (">", "14.9")],
        "average_order_amount": _AMOUNT,
        "total_ordered_amount": _AMOUNT,
    },
    "order_items": {
        "product_name": _TEXT[:-1],
        "product_sku": _SKU,
        "product_type": _words("simple", "virtual")[:-1],
        "qty_ordered": _SMALL,
        "row_total": _NUMBER,
        "row_total_incl_tax": _NUMBER,
        "discount_amount": _NUMBER,
        "product_price": [*((operator, "30") for operator in _ORDER), ("()", "30,40"), ("!()", "30,40")],
        "product_color": _OPTION,
    },
    "cart_attributes": {
        "items_count": _SMALL,
        "items_qty": [*_SMALL, (">", "5.4")],
        "base_subtotal": _NUMBER,
        "base_grand_total": _NUMBER,
        "created_at": _DATES,
        "updated_at": _DATES,
        "is_active": [(operator, value) for operator in ("==", "!=") for value in ("0", "1")]
        + [("()", "0,1"), ("!()", "0"), ("!()", "0,1")],
        "store_id": _ID,
        "applied_rule_ids": [("!=", "")],
        "coupon_code": _CODE,
    },
    "cart_items": {
        "qty": _SMALL,
        "price": _NUMBER,
        "base_price": _NUMBER,
        "row_total": _NUMBER,
        "base_row_total": _NUMBER,
        "created_at": _DATES,
        "updated_at": _DATES,
        "product_sku": _SKU,
        "product_name": _TEXT,
        "product_price": [*((operator, "30") for operator in _ORDER), ("()", "30,40"), ("!()", "30,40")],
        "product_color": _OPTION,
    },
    "product_wishlist": {
        "product_id": [("==", "1"), ("!=", "1"), ("()", "1,2"), ("!()", "1,2")],
        "product_name": _TEXT[:7],
        "product_sku": _SKU,
        "category_id": [("==", "11"), ("==", "10"), ("()", "11,12")],
        "wishlist_items_count": [*_COUNT, ("()", "0,1"), ("!()", "1,2"), ("!()", "0,3")],
        "added_at": _DATES,
        "days_since_added": _DAYS,
    },
}  # fmt: skip
"""What can be written exactly: operators and values by condition type and attribute."""

APPROXIMATE: Comparisons = {
    "customer_attributes": {"days_until_birthday": [*_DAYS, ("<=", "0"), (">", "300")]},
    "cart_attributes": {
        "applied_rule_ids": [
            (operator, value)
            for operator in ("==", "!=", "{}", "!{}", "()", "!()")
            for value in ("3", "17,13")
        ]
    },
    "product_viewed": {
        "product_id": [("==", "1"), ("!=", "1"), ("()", "1,2"), ("!()", "1,2")],
        "product_name": _TEXT[:7],
        "product_sku": _SKU,
        "category_id": [("==", "11"), ("==", "10"), ("!=", "11"), ("()", "11,12"), ("!()", "10,11")],
        "view_count": [*_COUNT, ("()", "0,1"), ("!()", "1,3")],
        "last_viewed_at": _DATES,
        "days_since_last_view": _DAYS,
    },
    "product_wishlist": {
        "category_id": [("!=", "11"), ("!()", "10,11")],
        "wishlist_shared": [("==", "1"), ("==", "0"), ("!=", "1"), ("()", "0,1"), ("!()", "0,1")],
    },
}
"""What is only near in general, and the same in this shop, or differs as it is said to."""

CASE_SENSITIVE: Comparisons = {
    "customer_attributes": {"firstname": _TEXT},
    "customer_address": {"city": _PLACE, "street": [("{}", "main_st"), ("{}", "Main_")]},
    "customer_timebased": {"order_frequency_days": _SINGLE_DAYS},
    "order_attributes": {"coupon_code": _CODE},
    "order_items": {"product_sku": [("==", "SKU-1"), ("!=", "sku-1")]},
    "product_wishlist": {"product_name": _TEXT[:7]},
}
"""What depends on the shop's database."""


def cases(table: Comparisons) -> Iterator[tuple[str, Tree]]:
    """A name and a tree of one leaf for each."""
    for kind, attributes in table.items():
        for attribute, comparisons in attributes.items():
            for operator, value in comparisons:
                yield (
                    f"{kind} {attribute} {operator} {value!r}",
                    combination(leaf(kind, attribute, operator, value)),
                )


_DROPPED = [leaf("cart_items", "product_type", "==", "simple"), leaf("order_items", "product_sku", "==", "")]
_STORE = leaf("customer_attributes", "store_id", "!=", "2")
_ORDERED = leaf("order_attributes", "grand_total", ">", "50")
_NOBODY = leaf("order_items", "product_gone", "==", "5")

EVERYBODY = combination(leaf("customer_attributes", "email", "{}", "example"))
RESTRICTED = {
    "one website": ("1", ""),
    "a website, and one that is gone": ("2,9", ""),
    "website 0 alone": ("0", ""),
    "website 0 and another": ("0,2", ""),
    "two groups": ("", "1, 3"),
    "group 0 alone": ("", "0"),
    "group 0 and another": ("", "0,2"),
    "website and groups": ("1", "1,2"),
}
"""Websites and customer groups of a segment, as the shop keeps them."""

COMBINATIONS: dict[str, Tree] = {
    "not all": combination(_ORDERED, leaf("customer_attributes", "group_id", "==", "1"), value="0"),
    "not any": combination(
        _ORDERED, leaf("customer_attributes", "group_id", "==", "1"), aggregator="any", value="0"
    ),
    "no aggregator": combination(
        _ORDERED, leaf("customer_attributes", "group_id", "==", "1"), aggregator=None
    ),
    "no value": combination(_ORDERED, value=None),
    "unknown store negated": combination(_STORE, value="0"),
    "unknown store negated among others": combination(_STORE, _ORDERED, value="0"),
    "unknown store negated twice": combination(
        combination(_STORE, _ORDERED, aggregator="any", value="0"), value="0"
    ),
    "empty combination inside": combination(_ORDERED, combination()),
    "negated empty combination inside": combination(_ORDERED, combination(value="0"), aggregator="any"),
    "left out conditions": combination(_ORDERED, *_DROPPED),
    "left out conditions of any": combination(*_DROPPED, _ORDERED, aggregator="any"),
    "nobody among any": combination(_NOBODY, _ORDERED, aggregator="any"),
    "not nobody among all": combination(combination(_NOBODY, value="0"), _ORDERED),
    "two leaves are two rows": combination(_ORDERED, leaf("order_attributes", "status", "==", "complete")),
    "three deep": combination(
        _ORDERED,
        combination(
            leaf("customer_attributes", "group_id", "!=", "1"),
            combination(_STORE, leaf("cart_attributes", "is_active", "==", "1"), aggregator="any", value="0"),
            aggregator="any",
        ),
    ),
}


def random_trees() -> st.SearchStrategy[Tree]:
    """Combinations of what can be written exactly, several deep, with leaves that are left out among them."""
    known = [[tree["conditions"][0] for _, tree in cases({kind: EXACT[kind]})] for kind in EXACT]
    some = st.sampled_from(known).flatmap(st.sampled_from)
    odd = st.sampled_from([*_DROPPED, _STORE, _NOBODY, combination(), combination(value="0")])
    leaves = some | some | some | some | odd
    sides = {"aggregator": st.sampled_from(["all", "any", None]), "value": st.sampled_from(["1", "0", None])}
    combined = st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda parts, **keys: combination(*parts, **keys),
            st.lists(inner, min_size=1, max_size=4),
            **sides,
        ),
        max_leaves=12,
    )
    return st.builds(
        lambda parts, **keys: combination(*parts, **keys), st.lists(combined, min_size=1, max_size=4), **sides
    )
