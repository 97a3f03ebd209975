select
    sales_flat_order.entity_id as order_id,
    sales_flat_order.customer_id,
    {{ website_of_store(stores='stores', main_website=ref('stg_maho__main_website')) }} as website_id,
    {{ filled_text('sales_flat_order.increment_id') }} as order_number,
    {{ filled_text('sales_flat_order.state') }} as state,
    {{ filled_text('sales_flat_order.status') }} as status,
    case when sales_flat_order.store_id is not null then stores.store end as store,
    case when sales_flat_order.store_id is not null then stores.store_name end as store_name,
    {{ normalized_email('sales_flat_order.customer_email') }} as customer_email,
    coalesce(
        {{ filled_text('sales_flat_order.customer_firstname') }},
        {{ filled_text('billing_addresses.firstname') }}
    ) as customer_first_name,
    coalesce(
        {{ filled_text('sales_flat_order.customer_lastname') }},
        {{ filled_text('billing_addresses.lastname') }}
    ) as customer_last_name,
    sales_flat_order.customer_gender as customer_gender_id,
    {{ filled_text('sales_flat_order.order_currency_code') }} as currency,
    -- An order has one payment. The shop does not declare that, and a join could not be left out where nobody asks.
    (
        select {{ filled_text('sales_flat_order_payment.method') }}
        from {{ maho_source(source('maho', 'sales_flat_order_payment')) }} as sales_flat_order_payment
        where sales_flat_order_payment.parent_id = sales_flat_order.entity_id
        order by sales_flat_order_payment.entity_id desc
        limit 1
    ) as payment_method,
    {{ filled_text('sales_flat_order.shipping_method') }} as shipping_method,
    {{ filled_text('sales_flat_order.coupon_code') }} as coupon_code,
    {{ id_list('sales_flat_order.applied_rule_ids') }} as rule_ids,
    {{ filled_text('billing_addresses.country_id') }} as billing_country,
    {{ filled_text('billing_addresses.region') }} as billing_region,
    {{ filled_text('billing_addresses.city') }} as billing_city,
    {{ filled_text('billing_addresses.postcode') }} as billing_postcode,
    {{ filled_text('shipping_addresses.country_id') }} as shipping_country,
    {{ filled_text('shipping_addresses.region') }} as shipping_region,
    {{ filled_text('shipping_addresses.city') }} as shipping_city,
    {{ filled_text('shipping_addresses.postcode') }} as shipping_postcode,
    sales_flat_order.total_qty_ordered as total_qty,
    sales_flat_order.base_subtotal as subtotal,
    sales_flat_order.base_tax_amount as tax_amount,
    sales_flat_order.base_shipping_amount as shipping_amount,
    -- The shop keeps the discount of a whole order negative, that of its items positive.
    coalesce(abs(sales_flat_order.base_discount_amount), 0) as discount_amount,
    sales_flat_order.base_grand_total as grand_total,
    coalesce(sales_flat_order.base_total_refunded, 0) as refunded_amount,
    sales_flat_order.customer_dob::date as customer_birth_date,
    {{ utc_time('sales_flat_order.created_at') }} as ordered_at,
    {{ utc_time('sales_flat_order.updated_at') }} as updated_at,
    sales_flat_order.billing_address_id,
    sales_flat_order.shipping_address_id
from {{ maho_source(source('maho', 'sales_flat_order')) }} as sales_flat_order
left join {{ maho_source(source('maho', 'sales_flat_order_address')) }} as billing_addresses
    on sales_flat_order.billing_address_id = billing_addresses.entity_id
left join {{ maho_source(source('maho', 'sales_flat_order_address')) }} as shipping_addresses
    on sales_flat_order.shipping_address_id = shipping_addresses.entity_id
-- The orders of a deleted store view stay, without a store: they belong to the main website then.
left join {{ ref('stg_maho__stores') }} as stores
    on coalesce(sales_flat_order.store_id, 0) = stores.store_id
