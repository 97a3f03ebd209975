"""The segments as one hand-written SQL statement: a pass over each table of the shop, an array of ids per customer, long rows."""

from __future__ import annotations

from benchmarks.conditions import ThriceWritten

# Rows of each pass with the customer they count for, written against the shop's tables. Guests' rows count for the account that has
# their address on the same website, and visitors' rows for the customer they logged in or checked out as.
SOURCES = {
    "orders": """
        select orders.entity_id, orders.state, orders.coupon_code, orders.created_at, orders.base_grand_total as grand_total,
               coalesce(orders.customer_id, accounts.customer_id) as customer_id, customers.time_zone
        from maho.sales_flat_order as orders
        left join stores on stores.store_id = orders.store_id
        left join accounts on orders.customer_id is null
            and accounts.email = lower(trim(orders.customer_email)) and accounts.website_id = stores.website_id
        inner join customers on customers.customer_id = coalesce(orders.customer_id, accounts.customer_id)
        where orders.created_at < %(as_of)s::timestamp
    """,
    "items": """
        select items.sku, items.base_row_total, orders.state, coalesce(orders.customer_id, accounts.customer_id) as customer_id,
               in_cameras, in_laptops, in_phones, in_accessories, in_clothing
        from maho.sales_flat_order_item as items
        inner join maho.sales_flat_order as orders on orders.entity_id = items.order_id
        left join stores on stores.store_id = orders.store_id
        left join accounts on orders.customer_id is null
            and accounts.email = lower(trim(orders.customer_email)) and accounts.website_id = stores.website_id
        left join product_categories on product_categories.product_id = items.product_id
        where items.parent_item_id is null and orders.created_at < %(as_of)s::timestamp
    """,
    "refunds": """
        select memos.base_grand_total, coalesce(orders.customer_id, accounts.customer_id) as customer_id
        from maho.sales_flat_creditmemo as memos
        inner join maho.sales_flat_order as orders on orders.entity_id = memos.order_id
        left join stores on stores.store_id = orders.store_id
        left join accounts on orders.customer_id is null
            and accounts.email = lower(trim(orders.customer_email)) and accounts.website_id = stores.website_id
        where memos.created_at < %(as_of)s::timestamp and memos.state is distinct from 3
    """,
    "carts": """
        select carts.entity_id, carts.is_active, carts.base_grand_total, carts.updated_at,
               coalesce(nullif(carts.customer_id, 0), accounts.customer_id, visitors.customer_id) as customer_id
        from maho.sales_flat_quote as carts
        left join stores on stores.store_id = carts.store_id
        left join accounts on coalesce(carts.customer_id, 0) = 0
            and accounts.email = lower(trim(carts.customer_email)) and accounts.website_id = stores.website_id
        left join maho.log_quote on coalesce(carts.customer_id, 0) = 0 and nullif(trim(carts.customer_email), '') is null
            and log_quote.quote_id = carts.entity_id
        left join visitors on visitors.visitor_id = log_quote.visitor_id
        where carts.updated_at < %(as_of)s::timestamp
    """,
    "views": """
        select views.customer_id, views.viewed_at, in_cameras, in_laptops, in_phones, in_accessories, in_clothing
        from views
        left join product_categories on product_categories.product_id = views.product_id
        where views.viewed_at < %(as_of)s::timestamp
    """,
    "newsletter": """
        select subscribers.subscriber_id, subscribers.subscriber_status, coalesce(nullif(subscribers.customer_id, 0), accounts.customer_id) as customer_id
        from maho.newsletter_subscriber as subscribers
        left join stores on stores.store_id = subscribers.store_id
        left join accounts on coalesce(subscribers.customer_id, 0) = 0
            and accounts.email = lower(trim(subscribers.subscriber_email)) and accounts.website_id = stores.website_id
        where subscribers.change_status_at is null or subscribers.change_status_at < %(as_of)s::timestamp
    """,
    "wishes": """
        select items.added_at, wishlists.customer_id
        from maho.wishlist_item as items
        inner join maho.wishlist as wishlists on wishlists.wishlist_id = items.wishlist_id
        where items.added_at < %(as_of)s::timestamp
    """,
}

PREPARATION = """
with stores as materialized (
    select store_id, website_id from maho.core_store
),
zones as (
    select websites.website_id, coalesce(own.value, general.value, 'America/Los_Angeles') as time_zone
    from maho.core_website as websites
    left join maho.core_config_data as own
        on own.scope = 'websites' and own.scope_id = websites.website_id and own.path = 'general/locale/timezone'
    left join maho.core_config_data as general
        on general.scope = 'default' and general.path = 'general/locale/timezone'
),
customers as materialized (
    select entities.entity_id as customer_id, entities.created_at as registered_at, entities.website_id, zones.time_zone,
           (%(as_of)s::timestamptz at time zone zones.time_zone)::date as today,
           births.value::date as birth_date, groups.customer_group_code as customer_group
    from maho.customer_entity as entities
    left join zones on zones.website_id = entities.website_id
    left join maho.customer_group as groups on groups.customer_group_id = entities.group_id
    left join maho.customer_entity_datetime as births
        on births.entity_id = entities.entity_id
        and births.attribute_id = (
            select attributes.attribute_id
            from maho.eav_attribute as attributes
            inner join maho.eav_entity_type as types on types.entity_type_id = attributes.entity_type_id
            where types.entity_type_code = 'customer' and attributes.attribute_code = 'dob'
        )
    where entities.is_active = 1 and entities.created_at < %(as_of)s::timestamp
),
accounts as materialized (
    select lower(trim(email)) as email, website_id, min(entity_id) as customer_id
    from maho.customer_entity
    group by lower(trim(email)), website_id
),
visitors as materialized (
    select distinct on (visitor_id) visitor_id, customer_id
    from (
        select visitor_id, customer_id, 1 as source_rank, login_at as known_at, log_id as row_id
        from maho.log_customer
        where visitor_id is not null
        union all
        select log_quote.visitor_id, coalesce(nullif(carts.customer_id, 0), accounts.customer_id), 2, carts.updated_at,
               carts.entity_id
        from maho.log_quote
        inner join maho.sales_flat_quote as carts on carts.entity_id = log_quote.quote_id
        left join stores on stores.store_id = carts.store_id
        left join accounts on coalesce(carts.customer_id, 0) = 0
            and accounts.email = lower(trim(carts.customer_email)) and accounts.website_id = stores.website_id
        where coalesce(carts.customer_id, 0) <> 0 or nullif(trim(carts.customer_email), '') is not null
    ) as sightings
    order by visitor_id, source_rank, known_at desc nulls last, row_id desc
),
product_categories as materialized (
    select links.product_id,
           bool_or(keys.value = 'cameras') as in_cameras, bool_or(keys.value = 'laptops') as in_laptops,
           bool_or(keys.value = 'phones') as in_phones, bool_or(keys.value = 'accessories') as in_accessories,
           bool_or(keys.value = 'clothing') as in_clothing
    from maho.catalog_category_product as links
    inner join maho.catalog_category_entity as categories on categories.entity_id = links.category_id
    cross join unnest(string_to_array(categories.path, '/')::integer[]) as lineage (category_id)
    inner join maho.catalog_category_entity_varchar as keys
        on keys.entity_id = lineage.category_id and keys.store_id = 0
        and keys.attribute_id = (
            select attributes.attribute_id
            from maho.eav_attribute as attributes
            inner join maho.eav_entity_type as types on types.entity_type_id = attributes.entity_type_id
            where types.entity_type_code = 'catalog_category' and attributes.attribute_code = 'url_key'
        )
    group by links.product_id
),
logged_views as (
    select coalesce(visitors.customer_id, events.subject_id) as customer_id, events.object_id as product_id,
           events.logged_at as viewed_at
    from maho.report_event as events
    left join visitors on events.subtype = 1 and visitors.visitor_id = events.subject_id
    where events.event_type_id = 1 and (events.subtype = 0 or visitors.customer_id is not null)
),
last_views as (
    select coalesce(last.customer_id, visitors.customer_id) as customer_id, last.product_id, max(last.added_at) as viewed_at
    from maho.report_viewed_product_index as last
    left join visitors on last.customer_id is null and visitors.visitor_id = last.visitor_id
    where coalesce(last.customer_id, visitors.customer_id) is not null
    group by coalesce(last.customer_id, visitors.customer_id), last.product_id
),
views as (
    select customer_id, product_id, viewed_at from logged_views
    union all
    select customer_id, product_id, viewed_at
    from last_views
    where not exists (
        select 1 from logged_views
        where logged_views.customer_id = last_views.customer_id and logged_views.product_id = last_views.product_id
    )
),
"""


def membership_statement(segments: list[ThriceWritten], table: str) -> str:
    """One statement that creates `table` (segment_id, customer_id) with all members; parameter `as_of` in UTC without a zone."""
    aggregates: dict[str, dict[str, str]] = {}
    for segment in segments:
        for source, columns in segment.aggregates.items():
            aggregates.setdefault(source, {}).update(columns)
    passes = [
        f"{source}_pass as (\n    select customer_id, "
        + ",\n        ".join(f"{expression} as {name}" for name, expression in columns.items())
        + f"\n    from ({SOURCES[source]}) as {source}\n    where customer_id is not null\n    group by customer_id\n)"
        for source, columns in aggregates.items()
    ]
    joins = "\n".join(f"    left join {source}_pass using (customer_id)" for source in aggregates)
    cases = ",\n        ".join(
        f"case when {segment.predicate} then {number} end" for number, segment in enumerate(segments, start=1)
    )
    return (
        f"create table {table} as\n{PREPARATION}"
        + ",\n".join(passes)
        + f"\nselect unnest(array_remove(array[\n        {cases}\n    ], null)) as segment_id, customer_id\n"
        + f"    from customers\n{joins}"
    )
