"""Conditions on orders, carts, addresses and the newsletter that one row passes."""

from maho_segments.importing.conditions.rows import (
    Column,
    moment,
    negated_number,
    number,
    option,
    own_rows,
    row_leaf,
    store,
    text,
    unknown_attribute,
)
from maho_segments.importing.context import Context
from maho_segments.importing.formulas import Leaf
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.texts import COMPARES_EMPTY, text_where
from maho_segments.importing.tree import StoredLeaf
from maho_segments.importing.values import Comparison, equality_test, read_comparison
from maho_segments.importing.yaml_text import inline_text

_CURRENCY = (
    "The module compares amounts in the currency of each {row}, the language in the shop's base "
    "currency, and the "
    "shop has {row}s in others."
)
ORDER_CURRENCY = {"order_currencies": _CURRENCY.format(row="order")}
CART_CURRENCY = {"cart_currencies": _CURRENCY.format(row="cart")}
_DISCOUNT = {
    **ORDER_CURRENCY,
    "odd_discounts": (
        "The shop has orders without a discount amount, or with one above 0, which the language counts "
        "as 0 or as "
        "a discount."
    ),
}
_TURNED = (
    "The module compares with the discount as the shop keeps it, below 0, so the sign is turned here. If "
    "a discount "
    "above 0 was meant, turn the operator as well."
)
_LIST = (
    "The module compares the list of rule ids as one text, such as 3,17; the language looks for ids in it."
)
_REGION = {
    "regions_by_id": (
        "The module also looks at the region that an address names by its id, and the shop has addresses "
        "where "
        "that is another one than their region."
    )
}

ORDER_COLUMNS = {
    "total_qty": Column("total_qty", number),
    "total_amount": Column("grand_total", number, ORDER_CURRENCY),
    "subtotal": Column("subtotal", number, ORDER_CURRENCY),
    "tax_amount": Column("tax_amount", number, ORDER_CURRENCY),
    "shipping_amount": Column("shipping_amount", number, ORDER_CURRENCY),
    "discount_amount": Column(
        "discount_amount",
        negated_number,
        _DISCOUNT,
        (_TURNED,),
    ),
    "grand_total": Column("grand_total", number, ORDER_CURRENCY),
    "status": Column("status", text),
    "created_at": Column("ordered_at", moment),
    "updated_at": Column("updated_at", moment),
    "store_id": Column("store", store),
    "currency_code": Column("currency", text),
    "payment_method": Column("payment_method", text),
    "shipping_method": Column("shipping_method", text),
    "coupon_code": Column("coupon_code", text),
}

CART_COLUMNS = {
    "items_count": Column("items_count", number),
    "items_qty": Column("items_qty", number),
    "base_subtotal": Column("subtotal", number),
    "base_grand_total": Column("grand_total", number),
    "created_at": Column("created_at", moment),
    "updated_at": Column("updated_at", moment),
    "store_id": Column("store", store),
    "coupon_code": Column("coupon_code", text),
}

ADDRESS_COLUMNS = {
    "firstname": Column("first_name", text),
    "lastname": Column("last_name", text),
    "company": Column("company", text),
    "street": Column("street", text),
    "city": Column("city", text),
    "region": Column("region", text, _REGION),
    "postcode": Column("postcode", text),
    "country_id": Column("country", text),
    "telephone": Column("telephone", text),
}

_STATUSES = {"1": "subscribed", "2": "not_active", "3": "unsubscribed", "4": "unconfirmed"}
NEWSLETTER_COLUMNS = {
    # A status of none of these is missing in the language, and another one than each of them in the module.
    "subscriber_status": Column("status", option(_STATUSES, may_be_missing=False)),
    "change_status_at": Column("changed_at", moment),
}


def order_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """A plain field of some order, whatever its state."""
    column = ORDER_COLUMNS.get(leaf.attribute)
    if column is None:
        raise unknown_attribute(leaf)
    rule = row_leaf("orders", column, leaf, context, fixed=own_rows())
    if leaf.attribute == "status":
        return rule
    return Leaf(
        rule.rule,
        (
            *rule.remarks,
            "Canceled orders count too. To leave them out, add to where: state: { ne: canceled }",
        ),
    )


def cart_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """Some open cart, or with `is_active`, some cart of that kind."""
    if leaf.attribute == "is_active":
        test = equality_test(read_comparison(leaf), {"1": True, "0": False}, may_be_missing=False)
        if isinstance(test, dict) and "ne" in test:
            test = not test["ne"]
        return Leaf({"carts": {"where": {"is_active": test, **own_rows()}}})
    fixed = {"is_active": True, **own_rows()}
    if leaf.attribute == "applied_rule_ids":
        return _cart_rules(leaf, context, fixed)
    column = CART_COLUMNS.get(leaf.attribute)
    if column is None:
        raise unknown_attribute(leaf)
    return row_leaf("carts", column, leaf, context, fixed=fixed)


def _cart_rules(leaf: StoredLeaf, context: Context, fixed: dict[str, object]) -> Leaf:
    comparison = read_comparison(leaf)
    if comparison == Comparison("!=", ("",)):
        return Leaf({"carts": {"where": {**fixed, "rule_ids": {"is_set": True}}}})
    ids = [one.strip() for value in comparison.values for one in value.split(",")]
    if "" in ids:
        raise Refusal(COMPARES_EMPTY)
    # For what it refuses: the module compares a text.
    text_where("rule_ids", comparison, context.options)
    context.approximate(_LIST)
    word = "contains_none" if comparison.is_negative else "contains_any"
    test: dict[str, object] = {word: ids}
    if comparison.is_negative:
        test["is_set"] = True
    return Leaf({"carts": {"where": {**fixed, "rule_ids": test}}})


def address_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """Some address of the address book."""
    column = ADDRESS_COLUMNS.get(leaf.attribute)
    if column is None:
        raise unknown_attribute(leaf)
    rule = row_leaf("addresses", column, leaf, context)
    if leaf.attribute == "region" and str(leaf.value).isdigit():
        remark = (
            "The shop's form offers regions by id, and the module compares the id with names: hardly ever "
            f"true. Probably meant: the name of the region with the id {inline_text(str(leaf.value))}."
        )
        return Leaf(rule.rule, (*rule.remarks, remark))
    return rule


def newsletter_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """Some subscription of the account."""
    column = NEWSLETTER_COLUMNS.get(leaf.attribute)
    if column is None:
        raise unknown_attribute(leaf)
    return row_leaf("newsletter", column, leaf, context, fixed=own_rows())
