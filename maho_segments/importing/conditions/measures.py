"""What customers have spent, and days since something, over all of a customer's orders."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from maho_segments.importing.conditions.orders import ORDER_CURRENCY, order_leaf
from maho_segments.importing.conditions.rows import own_rows, unknown_attribute
from maho_segments.importing.context import Context
from maho_segments.importing.formulas import Leaf, Rule
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.tree import StoredLeaf
from maho_segments.importing.values import Comparison, number_of, number_test, passes, read_comparison

_SALES = {"state": {"not_in": ["canceled", "closed"], "is_set": True}}
_NOT_CANCELED = {"state": {"ne": "canceled", "is_set": True}}
_CANCELLED_MEMOS = (
    "The module also counts credit memos that were cancelled, and the shop has some; the "
    "relation refunds leaves them out."
)


def clv_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """What a customer has spent, over orders neither canceled nor closed."""
    rule = _SPENT.get(leaf.attribute)
    if rule is None:
        raise unknown_attribute(leaf)
    return rule(_single_number(leaf), context)


def order_measure_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """A condition of the type `order_attributes`."""
    if leaf.attribute == "days_since_last_order":
        name = _days_since_order(context, "max", {}, "last_order_of_any_state")
        remark = "Canceled orders count too. Probably meant: days_since_last_order, which leaves them out."
        test = number_test(read_comparison(leaf))
        return Leaf(_days(context, name, test), (remark,))
    if leaf.attribute not in {"average_order_amount", "total_ordered_amount"}:
        return order_leaf(leaf, context)
    comparison = _single_number(leaf)
    _amounts(context)
    where = {**_NOT_CANCELED, **own_rows()}
    if leaf.attribute == "average_order_amount":
        return Leaf({"orders": {"where": where, "avg": {"grand_total": number_test(comparison)}}})
    return Leaf({"orders": _some_sum(where, comparison)})


def time_leaf(leaf: StoredLeaf, context: Context) -> Leaf:
    """Days since something, over orders that are not canceled."""
    rule = _TIMES.get(leaf.attribute)
    if rule is None:
        raise unknown_attribute(leaf)
    return rule(_whole_days(leaf), context)


# ---- what customers have spent -----------------------------------------------------------------------------


def _amounts(context: Context) -> None:
    for oddity, difference in ORDER_CURRENCY.items():
        context.approximate_where(oddity, difference)


def _sales(measure: dict[str, Any]) -> Rule:
    return {"orders": {"where": {**_SALES, **own_rows()}, **measure}}


def _lifetime_sales(comparison: Comparison, context: Context) -> Leaf:
    _amounts(context)
    return Leaf(_sales({"sum": {"grand_total": number_test(comparison, may_be_missing=False)}}))


def _number_of_orders(comparison: Comparison, _context: Context) -> Leaf:
    return Leaf(_sales({"count": number_test(comparison, may_be_missing=False)}))


def _average_order_value(comparison: Comparison, context: Context) -> Leaf:
    _amounts(context)
    test = number_test(comparison)
    rule = _sales({"avg": {"grand_total": test}})
    if not passes(comparison, 0):
        return Leaf(rule)
    without = _sales({"avg": {"grand_total": {"is_set": False}}})
    remark = (
        "Customers without an order have the average 0 in the module. Probably not meant: leave the "
        "second rule out."
    )
    return Leaf({"any": [rule, without]}, (remark,))


def _profit(comparison: Comparison, context: Context) -> Leaf:
    _amounts(context)
    context.approximate_where("cancelled_credit_memos", _CANCELLED_MEMOS)
    sales = {"orders": {"where": {**_SALES, **own_rows()}, "sum": "grand_total"}}
    name = _define(
        context,
        "lifetime_profit",
        "money",
        {"difference": [sales, {"refunds": {"where": own_rows("order.is_guest"), "sum": "grand_total"}}]},
        "Sum of the orders neither canceled nor closed, minus all refunds, those of closed orders too.",
    )
    remark = (
        "Only customers with an order that is neither canceled nor closed. Of a closed order the sale "
        "does not count, "
        "its refund is deducted all the same. Probably meant: sales minus refunds, as in "
        "lifetime_profit, but of the same orders."
    )
    rule = {"all": [_sales({}), {name: number_test(comparison)}]}
    return Leaf(rule, (remark,))


def _refunds(comparison: Comparison, context: Context) -> Leaf:
    _amounts(context)
    context.approximate_where("cancelled_credit_memos", _CANCELLED_MEMOS)
    remarks: tuple[str, ...] = ()
    if passes(comparison, 0):
        remarks = ("Customers without a refund are never in. If they should be, leave the count out.",)
    return Leaf({"refunds": _some_sum(own_rows("order.is_guest"), comparison)}, remarks)


def _some_sum(where: dict[str, Any], comparison: Comparison) -> dict[str, Any]:
    """The test of a sum that is missing over no amounts in the module, and 0 in the language."""
    measure = {"sum": {"grand_total": number_test(comparison, may_be_missing=False)}}
    if not passes(comparison, 0):
        return {"where": where, **measure}
    return {"where": {**where, "grand_total": {"is_set": True}}, "count": {"gte": 1}, **measure}


# ---- days --------------------------------------------------------------------------------------------------


def _days(context: Context, attribute: str, test: Any) -> Rule:
    context.counts_days = True
    return {attribute: test}


def _order_time(aggregate: str, where: dict[str, Any]) -> dict[str, Any]:
    return {"orders": {"where": {**where, **own_rows()}, aggregate: "ordered_at"}}


def _days_since_order(context: Context, aggregate: str, where: dict[str, Any], what: str) -> str:
    form = {"days_since": _order_time(aggregate, where)}
    words = what.replace("_", " ") + (" that is not canceled" if where else "")
    return _define(context, f"days_since_{what}", "days", form, f"Calendar days since the {words}.")


def _days_since_last_order(context: Context) -> str:
    return _days_since_order(context, "max", _NOT_CANCELED, "last_order")


def _last_login(comparison: Comparison, context: Context) -> Leaf:
    form = {"days_since": {"logins": {"max": "logged_in_at"}}}
    name = _shipped(context, "days_since_last_login", {"days_since": "last_login_at"})
    if name is None:
        name = _define(context, "days_since_last_login", "days", form, "Days since the last login.")
    return Leaf(_days(context, name, number_test(comparison)))


def _last_order(comparison: Comparison, context: Context) -> Leaf:
    return Leaf(_days(context, _days_since_last_order(context), number_test(comparison)))


def _first_order(comparison: Comparison, context: Context) -> Leaf:
    name = _days_since_order(context, "min", _NOT_CANCELED, "first_order")
    return Leaf(_days(context, name, number_test(comparison)))


def _inactive(comparison: Comparison, context: Context) -> Leaf:
    login = {"first_set": [{"logins": {"max": "logged_in_at"}}, "created_at"]}
    order = {"first_set": [_order_time("max", _NOT_CANCELED), "created_at"]}
    description = "Days since the later of last login and last order, registration where one is missing."
    form = {"days_since": {"latest_of": [login, order]}}
    name = _define(context, "days_inactive", "days", form, description)
    return Leaf(_days(context, name, number_test(comparison)))


def _without_purchase(comparison: Comparison, context: Context) -> Leaf:
    rule = _days(context, _days_since_last_order(context), number_test(comparison))
    if comparison.operator not in {">", ">="}:
        return Leaf(rule, ("Customers who never ordered are not in.",))
    never = {"none": [{"orders": {"where": {**_NOT_CANCELED, **own_rows()}}}]}
    remark = (
        "Customers who never ordered are in, even those who registered today. Probably meant: "
        "days_without_purchase, which "
        "counts from registration then."
    )
    return Leaf({"any": [rule, never]}, (remark,))


def _frequency(comparison: Comparison, context: Context) -> Leaf:
    count = {"orders": {"where": {**_NOT_CANCELED, **own_rows()}, "count": True}}
    times = [_order_time(aggregate, _NOT_CANCELED) for aggregate in ("min", "max")]
    name = _define(
        context,
        "order_frequency_days",
        "number",
        {"ratio": [{"days_between": times}, {"difference": [count, 1]}]},
        "Average days from one order that is not canceled to the next; missing below two orders.",
    )
    context.counts_days = True
    if not context.options.is_case_sensitive:
        return Leaf({name: number_test(comparison)})
    return _whole_frequency(name, comparison)


def _whole_frequency(name: str, comparison: Comparison) -> Leaf:
    """The test of the average without its fraction, as PostgreSQL divides whole numbers."""
    days, following = number_of(comparison.value), number_of(comparison.value) + 1
    # An average is never below 0, so one that is cut is the largest whole number that it reaches.
    tests: dict[str, Any] = {
        ">": {"gte": following},
        ">=": {"gte": days},
        "<": {"lt": days},
        "<=": {"lt": following},
        "==": {"gte": days, "lt": following},
    }
    remark = "The module cuts the average to whole days, because its database divides so."
    if comparison.operator == "!=":
        return Leaf({"any": [{name: {"lt": days}}, {name: {"gte": following}}]}, (remark,))
    return Leaf({name: tests[comparison.operator]}, (remark,))


# ---- reading the comparison, naming the attribute ----------------------------------------------------------


def _single_number(leaf: StoredLeaf) -> Comparison:
    comparison = read_comparison(leaf)
    if comparison.operator in {"()", "!()"}:
        raise Refusal(f"The operator {comparison.operator!r} fails in the module on {leaf.name}.")
    number_test(comparison)
    return comparison


def _whole_days(leaf: StoredLeaf) -> Comparison:
    comparison = _single_number(leaf)
    return Comparison(comparison.operator, (str(int(Decimal(number_of(comparison.value)))),))


def _shipped(context: Context, name: str, definition: dict[str, Any]) -> str | None:
    """The name, where the project defines that attribute as it comes with the project."""
    known = {"last_login_at": {"logins": {"max": "logged_in_at"}}, name: definition}
    for attribute, form in known.items():
        found = context.project_attributes.get(attribute)
        if not isinstance(found, dict):
            return None
        if {key: value for key, value in found.items() if key not in {"type", "description"}} != form:
            return None
    return name


def _define(context: Context, name: str, kind: str, form: dict[str, Any], description: str) -> str:
    definition = {"type": kind, "description": f"{description} As the shop's module counts.", **form}
    return context.attributes.name_of(name, definition)


_Rule = Callable[[Comparison, Context], Leaf]
_SPENT: dict[str, _Rule] = {
    "lifetime_sales": _lifetime_sales,
    "number_of_orders": _number_of_orders,
    "average_order_value": _average_order_value,
    "lifetime_profit": _profit,
    "lifetime_refunds": _refunds,
}
_TIMES: dict[str, _Rule] = {
    "days_since_last_login": _last_login,
    "days_since_last_order": _last_order,
    "days_inactive": _inactive,
    "days_since_first_order": _first_order,
    "order_frequency_days": _frequency,
    "days_without_purchase": _without_purchase,
}
