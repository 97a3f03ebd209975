select
    sales_flat_quote.entity_id as cart_id,
    -- 0 as well as null says that nobody is logged in; left as it is, so that its index can be used.
    sales_flat_quote.customer_id,
    cart_visitors.visitor_id,
    sales_flat_quote.store_id,
    {{ website_of_store(stores='stores', main_website=ref('stg_maho__main_website')) }} as website_id,
    stores.store,
    stores.store_name,
    {{ normalized_email('sales_flat_quote.customer_email') }} as customer_email,
    {{ filled_text('sales_flat_quote.customer_firstname') }} as customer_first_name,
    {{ filled_text('sales_flat_quote.customer_lastname') }} as customer_last_name,
    {{ filled_text('sales_flat_quote.coupon_code') }} as coupon_code,
    {{ id_list('sales_flat_quote.applied_rule_ids') }} as rule_ids,
    sales_flat_quote.items_count,
    sales_flat_quote.items_qty,
    sales_flat_quote.base_subtotal as subtotal,
    sales_flat_quote.base_grand_total as grand_total,
    coalesce(sales_flat_quote.is_active, 0) = 1 as is_active,
    {{ utc_time('sales_flat_quote.created_at') }} as created_at,
    {{ utc_time('sales_flat_quote.updated_at') }} as updated_at
from {{ maho_source(source('maho', 'sales_flat_quote')) }} as sales_flat_quote
left join {{ ref('stg_maho__cart_visitors') }} as cart_visitors
    on sales_flat_quote.entity_id = cart_visitors.cart_id
left join {{ ref('stg_maho__stores') }} as stores
    on sales_flat_quote.store_id = stores.store_id
