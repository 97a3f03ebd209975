"""Conditions on one column of related rows: "the customer has some order that ..."."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maho_segments.importing.context import Context
from maho_segments.importing.formulas import Leaf
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.texts import text_where, wildcard_remarks
from maho_segments.importing.tree import StoredLeaf
from maho_segments.importing.values import (
    Comparison,
    equality_test,
    is_a_day,
    moment_test,
    number_test,
    read_comparison,
)
from maho_segments.importing.yaml_text import inline_text

Where = dict[str, Any]
WhereOf = Callable[[str, Comparison, Context], Where]

NOUNS = {
    "orders": "order",
    "order_items": "ordered item",
    "carts": "cart",
    "cart_items": "item in a cart",
    "addresses": "address",
    "newsletter": "subscription",
    "wishlist_items": "item on the wishlist",
    "product_views": "viewed product",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that the module compares: its name in the language, and how the module's value becomes a test.

    `differences` are sentences about what is counted otherwise here, by the oddity of a shop that it shows
    in, or by the empty text where it always does.
    """

    name: str
    where: WhereOf
    differences: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def own_rows(column: str = "is_guest") -> Where:
    """What keeps rows of guests out, which the module does not count for an account."""
    return {column: False}


def text(column: str, comparison: Comparison, context: Context) -> Where:
    """A text."""
    return text_where(column, comparison, context.options)


def number(column: str, comparison: Comparison, _context: Context) -> Where:
    """A number."""
    return {column: number_test(comparison)}


def negated_number(column: str, comparison: Comparison, _context: Context) -> Where:
    """A number that the module keeps negative and the language positive."""
    return {column: number_test(comparison, sign=-1)}


def moment(column: str, comparison: Comparison, _context: Context) -> Where:
    """A time."""
    return {column: moment_test(comparison)}


def store(column: str, comparison: Comparison, context: Context) -> Where:
    """A store view, by its id."""
    return {column: equality_test(comparison, dict(context.facts.stores))}


def option(words: Mapping[str, Any], *, may_be_missing: bool = True) -> WhereOf:
    """One of a few values, by what the language calls each."""

    def where(column: str, comparison: Comparison, _context: Context) -> Where:
        return {column: equality_test(comparison, dict(words), may_be_missing=may_be_missing)}

    return where


def row_leaf(
    relation: str, column: Column, leaf: StoredLeaf, context: Context, *, fixed: Where | None = None
) -> Leaf:
    """The rule that some row passes the test; `fixed` is what else holds for it. Raises Refusal."""
    comparison = read_comparison(leaf)
    tested = column.where(column.name, comparison, context)
    for oddity, difference in column.differences.items():
        if oddity:
            context.approximate_where(oddity, difference)
        else:
            context.approximate(difference)
    rule = {relation: {"where": {**(fixed or {}), **tested}}}
    remarks = [*_value_remarks(column, comparison), *column.remarks]
    if comparison.is_negative and tested != {column.name: {"is_set": True}}:
        remarks.append(_other_row_remark(relation, column, comparison, context, fixed or {}))
    return Leaf(rule, tuple(remarks))


def _other_row_remark(
    relation: str, column: Column, comparison: Comparison, context: Context, fixed: Where
) -> str:
    noun = NOUNS[relation]
    meant = {relation: {"where": {**fixed, **column.where(column.name, comparison.inverse, context)}}}
    return (
        f"True as soon as some other {noun} is there, and for nobody without any {noun}. "
        f"Probably meant: none: {inline_text([meant])}"
    )


def _value_remarks(column: Column, comparison: Comparison) -> list[str]:
    remarks: list[str] = []
    if column.where is text:
        remarks += wildcard_remarks(comparison)
    if column.where is moment and is_a_day(comparison):
        remarks += _day_remarks(column.name, comparison)
    return remarks


def _day_remarks(name: str, comparison: Comparison) -> list[str]:
    day = comparison.value.strip()
    start = "The module takes a day for its first moment in UTC"
    match comparison.operator:
        case "==":
            return [f"{start}, so this is hardly ever true. Probably meant: {name}: {day}"]
        case "<=":
            return [f"{start}, so that day itself is left out. Probably meant: {name}: {{ lte: {day} }}"]
        case ">":
            return [f"{start}, so that day itself is in. Probably meant: {name}: {{ gt: {day} }}"]
        case ">=" | "<":
            word = "gte" if comparison.operator == ">=" else "lt"
            return [f"{start}. By the clock of each website: {name}: {{ {word}: {day} }}"]
    return [f"{start}, so hardly any row is of it."]


def unknown_attribute(leaf: StoredLeaf) -> Refusal:
    """The refusal of an attribute that the module does not have."""
    return Refusal(
        f"The module has no attribute {leaf.attribute!r} of {leaf.kind}; it would leave the condition "
        f"out, unless "
        "an extension of the shop knows it."
    )
