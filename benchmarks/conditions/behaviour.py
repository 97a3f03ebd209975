"""Conditions on what a customer bought, looked at, left in the cart and reads."""

from benchmarks.conditions.written import AS_OF, NOT_CANCELED, ThriceWritten, customers_in

ITEMS = (
    "maho.sales_flat_order_item as items"
    " inner join parent_shape.orders on orders.entity_id = items.order_id where items.parent_item_id is null"
)


def _in_category(category: str) -> str:
    return f"product_id in (select product_id from parent_shape.product_categories where in_{category})"


def bought(category: str) -> ThriceWritten:
    """An item of that category."""
    return ThriceWritten(
        f"bought_{category}",
        {"order_items": {"where": {"product.category": category, "order.state": {"not_in": ["canceled"]}}}},
        {
            "items": {
                f"bought_{category}": f"count(*) filter (where in_{category} and state is distinct from 'canceled')"
            }
        },
        f"bought_{category} >= 1",
        customers_in(f"{ITEMS} and {NOT_CANCELED} and {_in_category(category)}", "count(*) >= 1"),
    )


def bought_without_card(category: str) -> ThriceWritten:
    """An item of that category, and never a memory card."""
    form = bought(category)
    return ThriceWritten(
        f"bought_{category}_without_card",
        {
            "all": [
                form.match,
                {"not": {"order_items": {"where": {"sku": {"starts_with": "MEMCARD-"}}}}},
            ]
        },
        {
            "items": form.aggregates["items"]
            | {"cards": "count(*) filter (where starts_with(lower(sku), 'memcard-'))"}
        },
        f"{form.predicate} and coalesce(cards, 0) = 0",
        f"{form.condition} and not "
        + customers_in(f"{ITEMS} and starts_with(lower(items.sku), 'memcard-')", "count(*) >= 1"),
        rules=2,
    )


def viewed(category: str) -> ThriceWritten:
    """Two looks at products of that category in the last thirty days."""
    recent = f"viewed_at >= {AS_OF} - interval '30 days'"
    return ThriceWritten(
        f"viewed_{category}",
        {
            "product_views": {
                "where": {"product.category": category},
                "within": "30 days",
                "count": {"gte": 2},
            }
        },
        {"views": {f"viewed_{category}": f"count(*) filter (where in_{category} and {recent})"}},
        f"viewed_{category} >= 2",
        customers_in(f"parent_shape.views where {recent} and {_in_category(category)}", "count(*) >= 2"),
    )


def cart_over(amount: int) -> ThriceWritten:
    """An open cart worth more than that, left more than an hour ago."""
    left = f"is_active = 1 and base_grand_total > {amount} and updated_at < {AS_OF} - interval '1 hour'"
    return ThriceWritten(
        f"cart_over_{amount}",
        {"carts": {"where": {"is_active": True, "grand_total": {"gt": amount}}, "older_than": "1 hour"}},
        {"carts": {f"carts_{amount}": f"count(*) filter (where {left})"}},
        f"carts_{amount} >= 1",
        customers_in(f"parent_shape.carts where {left}", "count(*) >= 1"),
    )


def group_subscribed(group: str) -> ThriceWritten:
    """Of that customer group, and reads the newsletter."""
    return ThriceWritten(
        f"group_{group.lower()}_subscribed",
        {"all": [{"customer_group": group}, {"newsletter": {"where": {"status": "subscribed"}}}]},
        {"newsletter": {"subscribed": "count(*) filter (where subscriber_status = 1)"}},
        f"lower(customer_group) = '{group.lower()}' and subscribed >= 1",
        "customers.group_id in (select customer_group_id from maho.customer_group"
        f" where lower(customer_group_code) = '{group.lower()}') and "
        + customers_in("parent_shape.newsletter where subscriber_status = 1", "count(*) >= 1"),
        rules=2,
    )
