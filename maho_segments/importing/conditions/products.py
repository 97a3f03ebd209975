"""Conditions of the types `product_viewed` and `product_wishlist`: products looked at, or wished for."""

from dataclasses import replace
from typing import Any

from maho_segments.importing.conditions.rows import (
    Column,
    Where,
    moment,
    option,
    row_leaf,
    text,
    unknown_attribute,
)
from maho_segments.importing.context import Context
from maho_segments.importing.formulas import Leaf, Rule
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.tree import StoredLeaf
from maho_segments.importing.values import (
    Comparison,
    equality_test,
    moment_test,
    number_of,
    number_test,
    passes,
    read_comparison,
)
from maho_segments.importing.yaml_text import inline_text

_VIEWS = (
    "The module reads the shop's list of last viewed products, one entry for each product and customer; "
    "the language "
    "reads every view in the shop's event log, and that list only for products the log does not have."
)
_SHARED = "The module also counts wishlists without items, the language knows a wishlist by its items."
_NAMES_BY_STORE = (
    "The module looks at the product's name in every store view, the language at the default one."
)
_OTHER_CATEGORY = (
    "The module also takes an item whose product is in one of these categories and in another one "
    "besides; the "
    "language takes an item only if its product is in none of these."
)


def wishlist_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """Some item on the wishlist, their number, or the time of the last one."""
    match leaf.attribute:
        case "wishlist_items_count":
            return _count(leaf)
        case "added_at":
            return row_leaf("wishlist_items", Column("added_at", moment), leaf, context)
        case "days_since_added":
            form = {"days_since": {"wishlist_items": {"max": "added_at"}}}
            return _days("days_since_last_wish", form, "the last item was put on the wishlist", leaf, context)
        case "wishlist_shared":
            column = Column("wishlist.is_shared", option({"1": True, "0": False}), {"": _SHARED})
            return row_leaf("wishlist_items", column, leaf, context)
    return _product_leaf("wishlist_items", leaf, context)


def viewed_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """Some product on the list of those last viewed; always an approximation."""
    read_comparison(leaf)
    known = {"product_id", "product_name", "product_sku", "category_id", "view_count", "last_viewed_at"}
    if leaf.attribute not in known | {"days_since_last_view"}:
        raise unknown_attribute(leaf)
    context.approximate(_VIEWS)
    match leaf.attribute:
        case "view_count":
            comparison = read_comparison(leaf)
            measure: Rule = {"count_distinct": {"product.sku": number_test(comparison, may_be_missing=False)}}
            at_least_one = {"count": {"gte": 1}} if _lets_none_in(comparison) else {}
            return Leaf({"product_views": {**at_least_one, **measure}})
        case "last_viewed_at":
            return Leaf({"product_views": {"max": {"viewed_at": moment_test(read_comparison(leaf))}}})
        case "days_since_last_view":
            form = {"days_since": {"product_views": {"max": "viewed_at"}}}
            return _days("days_since_last_view", form, "the last view of a product", leaf, context)
    return _product_leaf("product_views", leaf, context)


def _product_leaf(relation: str, leaf: StoredLeaf, context: Context) -> Leaf:
    match leaf.attribute:
        case "product_sku":
            return row_leaf(relation, Column("product.sku", text), leaf, context)
        case "product_name":
            if "name" in context.facts.attributes_by_store:
                context.approximate(_NAMES_BY_STORE)
            return row_leaf(relation, Column("product.name", text), leaf, context)
        case "product_id":
            found = row_leaf(relation, Column("product.sku", _sku), leaf, context)
            return replace(found, remarks=(*found.remarks, f"Product {_shown(leaf)}, by its SKU."))
        case "category_id":
            return _category(relation, leaf, context)
    raise unknown_attribute(leaf)


def _sku(column: str, comparison: Comparison, context: Context) -> Where:
    return {column: equality_test(comparison, dict(context.facts.skus))}


def _category(relation: str, leaf: StoredLeaf, context: Context) -> Leaf:
    comparison = read_comparison(leaf)
    categories = context.facts.categories
    ids = {value: value for value in categories}
    equality_test(comparison, ids)
    test: Any
    if comparison.is_negative:
        context.approximate(_OTHER_CATEGORY)
        test = {"contains_none": list(comparison.values), "is_set": True}
    else:
        test = comparison.value if len(comparison.values) == 1 else {"contains_any": list(comparison.values)}
    names = ", ".join(f"{value} is {categories[value]}" for value in comparison.values)
    return Leaf({relation: {"where": {"product.own_category": test}}}, (f"Category {names}",))


def _count(leaf: StoredLeaf) -> Leaf:
    comparison = read_comparison(leaf)
    test = number_test(comparison, may_be_missing=False)
    if not _lets_none_in(comparison):
        return Leaf({"wishlist_items": {"count": test}})
    if not isinstance(test, dict):
        return Leaf(
            {"wishlist_items": {"count": {"gte": 1, "in": test if isinstance(test, list) else [test]}}}
        )
    if comparison.operator == ">=":
        return Leaf({"wishlist_items": {"count": {"gte": 1}}})
    remark = (
        "Customers with nothing on their wishlist are never in. Probably meant to be: leave `gte: 1` out."
    )
    return Leaf({"wishlist_items": {"count": {"gte": 1, **test}}}, (remark,))


def _lets_none_in(comparison: Comparison) -> bool:
    """Whether a customer without rows would pass, whom the module never looks at."""
    if comparison.operator in {"()", "!()"}:
        return any(number_of(value) == 0 for value in comparison.values) != comparison.is_negative
    return passes(comparison, 0)


def _days(name: str, form: dict[str, Any], what: str, leaf: StoredLeaf, context: Context) -> Leaf:
    test = number_test(read_comparison(leaf))
    context.counts_days = True
    definition = {"type": "days", "description": f"Calendar days since {what}.", **form}
    return Leaf({context.attributes.name_of(name, definition): test})


def _shown(leaf: StoredLeaf) -> str:
    if leaf.value is None:
        raise Refusal("It has no value.")
    return inline_text(leaf.value if isinstance(leaf.value, str) else ", ".join(leaf.value))
