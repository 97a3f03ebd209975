-- One branch for each way to a profile, and no WITH around them: so one profile's rows are found by the shop's own indexes.
select
    cart_id,
    profile_id,
    store,
    store_name,
    coupon_code,
    rule_ids,
    items_count,
    items_qty,
    subtotal,
    grand_total,
    is_active,
    is_guest,
    created_at,
    updated_at
from (
    select
        carts.*,
        profiles.profile_id,
        false as is_guest
    from {{ ref('stg_maho__carts') }} as carts
    inner join {{ ref('profiles') }} as profiles
        on carts.customer_id = profiles.customer_id

    union all

    select
        carts.*,
        coalesce(profiles.merged_into_profile_id, profiles.profile_id) as profile_id,
        true as is_guest
    from {{ ref('stg_maho__carts') }} as carts
    inner join {{ ref('profiles') }} as profiles
        on carts.customer_email = profiles.email
        and carts.website_id = profiles.website_id
        and profiles.profile_type = 'guest'
    where coalesce(carts.customer_id, 0) = 0

    union all

    select
        carts.*,
        coalesce(profiles.merged_into_profile_id, profiles.profile_id) as profile_id,
        true as is_guest
    from {{ ref('stg_maho__carts') }} as carts
    inner join {{ ref('profiles') }} as profiles
        on carts.visitor_id = profiles.visitor_id
    where coalesce(carts.customer_id, 0) = 0 and carts.customer_email is null
) as owned_carts
