-- Joined to the orders before they are to the profiles: refunds are few.
select
    credit_memo_id as refund_id,
    profile_id,
    order_id,
    grand_total,
    created_at as refunded_at
from (
    select
        credit_memos.*,
        profiles.profile_id
    from {{ ref('stg_maho__credit_memos') }} as credit_memos
    inner join {{ ref('stg_maho__orders') }} as orders
        on credit_memos.order_id = orders.order_id
    inner join {{ ref('profiles') }} as profiles
        on orders.customer_id = profiles.customer_id

    union all

    select
        credit_memos.*,
        coalesce(profiles.merged_into_profile_id, profiles.profile_id) as profile_id
    from {{ ref('stg_maho__credit_memos') }} as credit_memos
    inner join {{ ref('stg_maho__orders') }} as orders
        on credit_memos.order_id = orders.order_id
    inner join {{ ref('profiles') }} as profiles
        on orders.customer_email = profiles.email
        and orders.website_id = profiles.website_id
        and profiles.profile_type = 'guest'
    where orders.customer_id is null
) as owned_credit_memos
where state is distinct from 'cancelled'
