-- One branch for each way to a profile, and no WITH around them: so one profile's rows are found by the shop's own indexes.
select
    order_id,
    profile_id,
    order_number,
    state,
    status,
    store,
    store_name,
    currency,
    payment_method,
    shipping_method,
    coupon_code,
    rule_ids,
    billing_country,
    billing_region,
    billing_city,
    billing_postcode,
    shipping_country,
    shipping_region,
    shipping_city,
    shipping_postcode,
    total_qty,
    subtotal,
    tax_amount,
    shipping_amount,
    discount_amount,
    grand_total,
    refunded_amount,
    is_guest,
    ordered_at,
    updated_at
from (
    select
        orders.*,
        profiles.profile_id,
        false as is_guest
    from {{ ref('stg_maho__orders') }} as orders
    inner join {{ ref('profiles') }} as profiles
        on orders.customer_id = profiles.customer_id

    union all

    select
        orders.*,
        coalesce(profiles.merged_into_profile_id, profiles.profile_id) as profile_id,
        true as is_guest
    from {{ ref('stg_maho__orders') }} as orders
    inner join {{ ref('profiles') }} as profiles
        on orders.customer_email = profiles.email
        and orders.website_id = profiles.website_id
        and profiles.profile_type = 'guest'
    where orders.customer_id is null
) as placed_orders
