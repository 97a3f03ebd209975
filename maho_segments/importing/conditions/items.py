"""Conditions of the types `order_items` and `cart_items`: some item, or its product."""

from typing import Any

from maho_segments.importing.conditions.orders import CART_CURRENCY, ORDER_CURRENCY
from maho_segments.importing.conditions.rows import (
    Column,
    moment,
    number,
    option,
    own_rows,
    row_leaf,
    text,
    unknown_attribute,
)
from maho_segments.importing.context import Context
from maho_segments.importing.formulas import Constant, Formula, Leaf
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.tree import StoredLeaf
from maho_segments.language.vocabulary import Column as Word

_PARTS = (
    "The module also looks at the parts of configurable products and bundles, which are rows of their "
    "own in the "
    "shop, and the shop has such {rows}; the language has one row for each product that was chosen."
)
_ORDER_PARTS = {"order_item_parts": _PARTS.format(rows="orders")}
_CART_PARTS = {"cart_item_parts": _PARTS.format(rows="carts")}
_MISSING = "The shop has ordered items without {amount}, which the language counts as {counted}."
_NO_DISCOUNT = {"item_discounts_missing": _MISSING.format(amount="a discount amount", counted="0")}
_NO_TOTAL = {
    "item_totals_missing": _MISSING.format(
        amount="a row total including tax", counted="their row total and their tax"
    )
}
_OF_STORES = (
    "The module looks at the values of every store view, the language at the default ones, and "
    "the shop has both."
)
_PRODUCT = "product_"

_ORDER_ITEM_COLUMNS = {
    "product_name": Column("name", text, _ORDER_PARTS),
    "product_sku": Column("sku", text, _ORDER_PARTS),
    "product_type": Column("product_type", text, _ORDER_PARTS),
    "qty_ordered": Column("qty", number, _ORDER_PARTS),
    "row_total": Column("row_total", number, {**_ORDER_PARTS, **ORDER_CURRENCY}),
    "row_total_incl_tax": Column(
        "row_total_incl_tax", number, {**_ORDER_PARTS, **ORDER_CURRENCY, **_NO_TOTAL}
    ),
    "discount_amount": Column("discount_amount", number, {**_ORDER_PARTS, **ORDER_CURRENCY, **_NO_DISCOUNT}),
}

_CART_ITEM_COLUMNS = {
    "qty": Column("qty", number, _CART_PARTS),
    "price": Column("price", number, {**_CART_PARTS, **CART_CURRENCY}),
    "base_price": Column("price", number, _CART_PARTS),
    "row_total": Column("row_total", number, {**_CART_PARTS, **CART_CURRENCY}),
    "base_row_total": Column("row_total", number, _CART_PARTS),
    "created_at": Column("created_at", moment, _CART_PARTS),
    "updated_at": Column("updated_at", moment, _CART_PARTS),
}


def order_item_leaf(leaf: StoredLeaf, context: Context) -> Formula | None:
    """Some item of an order that is not canceled; None where the module leaves the condition out."""
    if leaf.value in (None, ""):
        return None
    canceled = {"ne": "canceled", "is_set": True}
    column = _ORDER_ITEM_COLUMNS.get(leaf.attribute)
    if column:
        fixed = {"order.state": canceled, **own_rows("order.is_guest")}
        return row_leaf("order_items", column, leaf, context, fixed=fixed)
    if not leaf.attribute.startswith(_PRODUCT):
        raise unknown_attribute(leaf)
    if leaf.attribute.removeprefix(_PRODUCT) not in context.facts.product_attributes:
        return Constant(False)
    column = _product_column(leaf, context, _ORDER_PARTS, of_all_stores=False)
    fixed = {"order.status": canceled, **own_rows("order.is_guest")}
    found = row_leaf("order_items", column, leaf, context, fixed=fixed)
    remark = (
        "By the status canceled, which a merchant can rename; the module's other conditions go by the "
        "state. Probably "
        "meant: order.state: { ne: canceled }"
    )
    return Leaf(found.rule, (*found.remarks, remark))


def cart_item_leaf(leaf: StoredLeaf, context: Context) -> Formula | None:
    """Some item of an open cart; None where the module leaves the condition out."""
    if leaf.attribute in {"product_type", "product_id"}:
        return None
    fixed = {"cart.is_active": True, **own_rows("cart.is_guest")}
    column = _CART_ITEM_COLUMNS.get(leaf.attribute)
    if column:
        return row_leaf("cart_items", column, leaf, context, fixed=fixed)
    if not leaf.attribute.startswith(_PRODUCT):
        raise unknown_attribute(leaf)
    if leaf.attribute.removeprefix(_PRODUCT) not in context.facts.product_attributes:
        return None
    column = _product_column(leaf, context, _CART_PARTS, of_all_stores=True)
    return row_leaf("cart_items", column, leaf, context, fixed=fixed)


def _product_column(
    leaf: StoredLeaf, context: Context, differences: dict[str, str], *, of_all_stores: bool
) -> Column:
    """The product's column that the shop's attribute is known by. Raises Refusal where there is none."""
    code = leaf.attribute.removeprefix(_PRODUCT)
    backend = context.facts.product_attributes[code]
    product = context.vocabulary.relations["order_items"].parents["product"].table
    word: Word | None = product.columns.get(code)
    if word is None or code == "category_ids":
        raise Refusal(
            f"The product attribute {code!r} is no word of the language yet. `segments attributes sync` "
            f"brings the shop's "
            "attributes in."
        )
    if of_all_stores and code in context.facts.attributes_by_store:
        context.approximate(_OF_STORES)
    kinds: dict[str, Any] = {"text": text, "number": number, "money": number}
    fits = {"varchar": {"text"}, "text": {"text"}, "decimal": {"number", "money"}, "static": {"text"}}
    if word.type == "text" and word.also is not None:
        options = context.facts.product_options.get(code, {})
        return Column(f"product.{code}", option(options), differences)
    if word.type not in fits.get(backend, set()):
        raise Refusal(
            f"The product attribute {code!r} is compared as the shop stores it ({backend}), which the "
            f"language does not do."
        )
    return Column(f"product.{code}", kinds[word.type], differences)
