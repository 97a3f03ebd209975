"""A shop at work: some customers order, fill carts, look at products, change what they read and who they are.

Written as the shop writes: rows of several tables in one transaction, keys counted up, some rows updated in place. A few hundred customers
share a transaction, which saves time here and changes nothing for who reads the tables.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg

CUSTOMERS_AT_ONCE = 500

_PRODUCTS = """
create temporary table touched_products as
select row_number() over () - 1 as place, count(*) over () as places, products.*
from (
    select product_id, min(product_type) as product_type, min(sku) as sku, min(name) as name, min(base_price) as base_price
    from (select * from maho.sales_flat_order_item where parent_item_id is null limit 20000) as items
    group by product_id
) as products
"""

# Customers `ids`, at times up to `at`; each statement sees what the ones before it wrote. One to three items an order, some with a coupon.
_ORDERS = (
    """
    create temporary table touched_orders on commit drop as
    select
        (select max(entity_id) from maho.sales_flat_order) + row_number() over () as order_id,
        (select max(entity_id) from maho.sales_flat_order_address) + 2 * row_number() over () as address_id,
        customers.*,
        %(at)s::timestamp - random() * interval '5 minutes' as ordered_at,
        case when random() < 0.15 then 'SAVE10' end as coupon_code
    from maho.customer_entity as customers
    where customers.entity_id = any(%(ids)s)
    """,
    """
    create temporary table touched_items on commit drop as
    select orders.order_id, orders.store_id, orders.ordered_at, products.*, 1 + (orders.order_id + place) %% 2 as pieces
    from touched_orders as orders
    cross join lateral generate_series(1, 1 + orders.order_id %% 3) as numbers (number)
    inner join touched_products as products on products.place = (orders.order_id * 7919 + number * 104729) %% products.places
    """,
    """
    insert into maho.sales_flat_order (
        entity_id, increment_id, state, status, store_id, customer_id, customer_is_guest, customer_group_id, customer_email, coupon_code,
        billing_address_id, shipping_address_id, base_currency_code, order_currency_code, total_qty_ordered, base_subtotal, subtotal,
        base_grand_total, grand_total, created_at, updated_at
    )
    select
        order_id, (100000000 + order_id)::text, 'processing', 'processing', orders.store_id, entity_id, 0, group_id, email, coupon_code,
        address_id, address_id + 1, 'EUR', 'EUR', sum(pieces), sum(pieces * base_price), sum(pieces * base_price),
        sum(pieces * base_price), sum(pieces * base_price), orders.ordered_at, orders.ordered_at
    from touched_orders as orders
    inner join touched_items as items using (order_id)
    group by order_id, address_id, orders.store_id, entity_id, group_id, email, coupon_code, orders.ordered_at
    """,
    """
    insert into maho.sales_flat_order_item (
        item_id, order_id, store_id, product_id, product_type, sku, name, qty_ordered, price, base_price, row_total, base_row_total,
        row_total_incl_tax, base_row_total_incl_tax, created_at, updated_at
    )
    select
        (select max(item_id) from maho.sales_flat_order_item) + row_number() over (), order_id, store_id, product_id, product_type, sku,
        name, pieces, base_price, base_price, pieces * base_price, pieces * base_price, pieces * base_price, pieces * base_price,
        ordered_at, ordered_at
    from touched_items
    """,
    """
    insert into maho.sales_flat_order_address (
        entity_id, parent_id, customer_id, address_type, email, firstname, lastname, street, city, postcode, country_id
    )
    select address_id + number, order_id, entity_id, kind, email, 'A.', 'Customer', 'Lindenweg 1', 'Berlin', '10115', 'DE'
    from touched_orders
    cross join (values (0, 'billing'), (1, 'shipping')) as kinds (number, kind)
    """,
    """
    insert into maho.sales_flat_order_payment (entity_id, parent_id, method)
    select (select max(entity_id) from maho.sales_flat_order_payment) + row_number() over (), order_id, 'banktransfer'
    from touched_orders
    """,
    """
    update maho.sales_flat_quote as carts
    set is_active = 0, updated_at = orders.ordered_at
    from touched_orders as orders
    where carts.customer_id = orders.entity_id and carts.is_active = 1
    """,
)

_CARTS = (
    """
    create temporary table touched_carts on commit drop as
    select
        carts.entity_id is null as is_new,
        coalesce(carts.entity_id, (select max(entity_id) from maho.sales_flat_quote) + row_number() over ()) as cart_id,
        customers.entity_id as customer_id,
        customers.email,
        customers.store_id,
        %(at)s::timestamp - random() * interval '5 minutes' as changed_at,
        products.*
    from maho.customer_entity as customers
    left join lateral (
        select entity_id from maho.sales_flat_quote where customer_id = customers.entity_id and is_active = 1 limit 1
    ) as carts on true
    inner join touched_products as products on products.place = (customers.entity_id * 7919) %% products.places
    where customers.entity_id = any(%(ids)s)
    """,
    """
    update maho.sales_flat_quote as carts
    set
        items_count = coalesce(items_count, 0) + 1, items_qty = coalesce(items_qty, 0) + 1,
        base_subtotal = coalesce(base_subtotal, 0) + base_price, base_grand_total = coalesce(base_grand_total, 0) + base_price,
        updated_at = changed_at
    from touched_carts as touched
    where carts.entity_id = touched.cart_id and not is_new
    """,
    """
    insert into maho.sales_flat_quote (
        entity_id, store_id, is_active, customer_id, customer_email, customer_is_guest, items_count, items_qty, base_subtotal, subtotal,
        base_grand_total, grand_total, created_at, updated_at
    )
    select cart_id, store_id, 1, customer_id, email, 0, 1, 1, base_price, base_price, base_price, base_price, changed_at, changed_at
    from touched_carts
    where is_new
    """,
    """
    insert into maho.sales_flat_quote_item (
        item_id, quote_id, product_id, store_id, product_type, sku, name, qty, price, base_price, row_total, base_row_total, created_at,
        updated_at
    )
    select
        (select max(item_id) from maho.sales_flat_quote_item) + row_number() over (), cart_id, product_id, store_id, product_type, sku,
        name, 1, base_price, base_price, base_price, base_price, changed_at, changed_at
    from touched_carts
    """,
)

# The log has a row for each look, the list one for each product.
_VIEWS = (
    """
    create temporary table touched_views on commit drop as
    select customers.entity_id as customer_id, customers.store_id, products.product_id,
        %(at)s::timestamp - random() * interval '5 minutes' as viewed_at
    from maho.customer_entity as customers
    cross join lateral generate_series(1, 1 + customers.entity_id %% 4) as numbers (number)
    inner join touched_products as products
        on products.place = (customers.entity_id * 7919 + number * 104729) %% products.places
    where customers.entity_id = any(%(ids)s)
    """,
    """
    insert into maho.report_event (event_id, logged_at, event_type_id, object_id, subject_id, subtype, store_id)
    select (select max(event_id) from maho.report_event) + row_number() over (), viewed_at, 1, product_id, customer_id, 0, store_id
    from touched_views
    """,
    """
    update maho.report_viewed_product_index as listed
    set added_at = viewed_at
    from touched_views
    where listed.customer_id = touched_views.customer_id and listed.product_id = touched_views.product_id
    """,
    """
    insert into maho.report_viewed_product_index (index_id, customer_id, product_id, store_id, added_at)
    select
        (select max(index_id) from maho.report_viewed_product_index) + row_number() over (), customer_id, product_id, min(store_id),
        max(viewed_at)
    from touched_views
    where not exists (
        select from maho.report_viewed_product_index as listed
        where listed.customer_id = touched_views.customer_id and listed.product_id = touched_views.product_id
    )
    group by customer_id, product_id
    """,
)

_NEWSLETTER = (
    """
    update maho.newsletter_subscriber
    set subscriber_status = case when subscriber_status = 1 then 3 else 1 end, change_status_at = %(at)s::timestamp
    where customer_id = any(%(ids)s)
    """,
    """
    insert into maho.newsletter_subscriber (
        subscriber_id, customer_id, store_id, subscriber_email, subscriber_status, change_status_at
    )
    select
        (select max(subscriber_id) from maho.newsletter_subscriber) + row_number() over (), entity_id, store_id, email, 1,
        %(at)s::timestamp
    from maho.customer_entity as customers
    where
        entity_id = any(%(ids)s)
        and not exists (select from maho.newsletter_subscriber as readers where readers.customer_id = customers.entity_id)
    """,
)

# No clock of the shop shows that an attribute was edited.
_ATTRIBUTES = (
    """
    update maho.customer_entity_datetime as births
    set value = births.value - interval '1 day'
    from maho.eav_attribute as attributes
    where
        attributes.attribute_id = births.attribute_id and attributes.attribute_code = 'dob'
        and births.entity_id = any(%(ids)s)
    """,
    """
    update maho.customer_entity_varchar as names
    set value = names.value || 'a'
    from maho.eav_attribute as attributes
    where
        attributes.attribute_id = names.attribute_id and attributes.attribute_code = 'lastname'
        and names.entity_id = any(%(ids)s)
    """,
)

# What of a hundred customers who do something is the last thing that they did.
_MIX = ((30, _ORDERS), (25, _CARTS), (30, _VIEWS), (8, _NEWSLETTER), (7, _ATTRIBUTES))


def touch(connection: psycopg.Connection, customers: list[int], at: datetime) -> None:
    """Let each of these customers do one thing in the minutes up to that instant. The connection commits by itself."""
    cursor = psycopg.ClientCursor(connection)
    cursor.execute(b"drop table if exists touched_products")
    cursor.execute(_PRODUCTS.encode())
    for statements, some in _shares(customers):
        with connection.transaction():
            for statement in statements:
                cursor.execute(
                    statement.encode(), {"ids": some, "at": at.astimezone(UTC).replace(tzinfo=None)}
                )


def choose_customers(connection: psycopg.Connection, percent: float, seed: int) -> list[int]:
    """That share of the shop's customers, the same ones for the same seed."""
    rows = connection.execute("select entity_id from maho.customer_entity order by entity_id").fetchall()
    return random.Random(seed).sample(
        [int(number) for (number,) in rows], max(1, round(len(rows) * percent / 100))
    )


def _shares(customers: list[int]) -> Iterator[tuple[tuple[str, ...], list[int]]]:
    """The customers in the order given, cut by what they do and into transactions."""
    first = 0
    weight = 0
    for percent, statements in _MIX:
        weight += percent
        last = round(len(customers) * weight / 100)
        for start in range(first, last, CUSTOMERS_AT_ONCE):
            yield statements, customers[start : min(start + CUSTOMERS_AT_ONCE, last)]
        first = last
