"""Conditions on what a customer spent and got back."""

from benchmarks.conditions.written import AS_OF, SALE, ThriceWritten, customers_in

SALES = {"orders": {"sales": f"coalesce(sum(grand_total) filter (where {SALE}), 0)"}}
REFUNDS = {"refunds": {"refunded": "sum(base_grand_total)"}}
REFUNDED_ROWS = (
    "(select orders.customer_id, memos.base_grand_total from maho.sales_flat_creditmemo as memos"
    " inner join parent_shape.orders on orders.entity_id = memos.order_id"
    f" where memos.state is distinct from 3 and memos.created_at < {AS_OF}) as refunds"
)


def spent(amount: int) -> ThriceWritten:
    """More than that in all orders."""
    return ThriceWritten(
        f"spent_{amount}",
        {"lifetime_sales": {"gt": amount}},
        SALES,
        f"coalesce(sales, 0) > {amount}",
        customers_in(f"parent_shape.orders where {SALE}", f"sum(base_grand_total) > {amount}"),
    )


def ordered(count: int) -> ThriceWritten:
    """At least so many orders."""
    return ThriceWritten(
        f"ordered_{count}_times",
        {"number_of_orders": {"gte": count}},
        {"orders": {"order_count": f"count(*) filter (where {SALE})"}},
        f"coalesce(order_count, 0) >= {count}",
        customers_in(f"parent_shape.orders where {SALE}", f"count(*) >= {count}"),
    )


def average_from(low: int) -> ThriceWritten:
    """An average order between that and twice that."""
    return ThriceWritten(
        f"average_from_{low}",
        {"average_order_value": {"between": [low, low * 2]}},
        {"orders": {"average": f"avg(grand_total) filter (where {SALE})"}},
        f"average between {low} and {low * 2}",
        customers_in(
            f"parent_shape.orders where {SALE}", f"avg(base_grand_total) between {low} and {low * 2}"
        ),
    )


def refunded(amount: int) -> ThriceWritten:
    """At least that in refunds."""
    return ThriceWritten(
        f"refunded_{amount}",
        {"lifetime_refunds": {"gte": amount}},
        REFUNDS,
        f"coalesce(refunded, 0) >= {amount}",
        customers_in(REFUNDED_ROWS, f"sum(base_grand_total) >= {amount}"),
    )


def refund_rate(percent: int) -> ThriceWritten:
    """More than that share of the sales in refunds."""
    return ThriceWritten(
        f"refund_rate_{percent}",
        {"refund_rate": {"gt": percent / 100}},
        {**SALES, **REFUNDS},
        f"coalesce(refunded, 0) / nullif(coalesce(sales, 0), 0) > {percent / 100}",
        customers_in(
            "(select customer_id, base_grand_total as sold, 0 as refunded from parent_shape.orders"
            f" where {SALE} union all select customer_id, 0, base_grand_total from {REFUNDED_ROWS}) as sums",
            f"sum(refunded) / nullif(sum(sold), 0) > {percent / 100}",
        ),
    )


def coupons(count: int) -> ThriceWritten:
    """At least so many orders with a coupon."""
    return ThriceWritten(
        f"coupons_{count}",
        {"orders": {"where": {"coupon_code": {"is_set": True}}, "count": {"gte": count}}},
        {"orders": {"with_coupon": "count(*) filter (where coupon_code <> '')"}},
        f"with_coupon >= {count}",
        customers_in("parent_shape.orders where coupon_code <> ''", f"count(*) >= {count}"),
    )


def item_over(amount: int) -> ThriceWritten:
    """Some ordered item worth more than that."""
    return ThriceWritten(
        f"item_over_{amount}",
        {"order_items": {"max": {"row_total": {"gt": amount}}}},
        {"items": {"largest_row": "max(base_row_total)"}},
        f"largest_row > {amount}",
        customers_in(
            "maho.sales_flat_order_item as items"
            " inner join parent_shape.orders on orders.entity_id = items.order_id where items.parent_item_id is null",
            f"max(items.base_row_total) > {amount}",
        ),
    )


def every_order_over(amount: int) -> ThriceWritten:
    """Complete orders, and none of them worth less."""
    return ThriceWritten(
        f"every_order_over_{amount}",
        {"orders": {"where": {"state": "complete"}, "every": {"grand_total": {"gt": amount}}}},
        {
            "orders": {
                "complete": "count(*) filter (where state = 'complete')",
                f"complete_over_{amount}": f"count(*) filter (where state = 'complete' and grand_total > {amount})",
            }
        },
        f"complete >= 1 and complete = complete_over_{amount}",
        customers_in(
            "parent_shape.orders where state = 'complete'",
            f"count(*) = count(*) filter (where base_grand_total > {amount})",
        ),
    )


def newest_order_over(amount: int) -> ThriceWritten:
    """The newest order worth more than that."""
    return ThriceWritten(
        f"newest_order_over_{amount}",
        {"orders": {"latest": {"grand_total": {"gt": amount}}}},
        {"orders": {"newest_total": "(array_agg(grand_total order by created_at desc, entity_id desc))[1]"}},
        f"newest_total > {amount}",
        "customers.entity_id in (select customer_id from (select distinct on (customer_id) customer_id, base_grand_total"
        " from parent_shape.orders order by customer_id, created_at desc, entity_id desc) as newest"
        f" where base_grand_total > {amount})",
    )
