{{ config(materialized='view', schema='work') }}

with

visitor_rows as (
    select
        subject_id as visitor_id,
        store_id,
        viewed_at as seen_at,
        true as is_own
    from {{ ref('stg_maho__product_view_events') }}
    where is_of_visitor

    union all

    select
        visitor_id,
        store_id,
        viewed_at as seen_at,
        customer_id is null as is_own
    from {{ ref('stg_maho__last_viewed_products') }}
    where visitor_id is not null

    union all

    select
        visitor_id,
        store_id,
        created_at as seen_at,
        coalesce(customer_id, 0) = 0 as is_own
    from {{ ref('stg_maho__carts') }}
    where visitor_id is not null
),

activity as (
    select
        visitor_id,
        min(store_id) as store_id,
        min(seen_at) as first_seen_at,
        bool_or(is_own) as has_own_rows
    from visitor_rows
    group by visitor_id
),

latest_logins as (
    select distinct on (logins.visitor_id)
        logins.visitor_id,
        logins.customer_id
    from {{ ref('stg_maho__logins') }} as logins
    inner join {{ ref('stg_maho__customers') }} as customers on logins.customer_id = customers.customer_id
    where logins.visitor_id is not null
    order by logins.visitor_id, logins.logged_in_at desc nulls last, logins.login_id desc
),

-- The latest cart with an address says who the visitor is: an account's, or a guest's at the checkout.
latest_known_carts as (
    select distinct on (carts.visitor_id)
        carts.visitor_id,
        customers.customer_id,
        carts.customer_email as email,
        carts.website_id
    from {{ ref('stg_maho__carts') }} as carts
    left join {{ ref('stg_maho__customers') }} as customers on carts.customer_id = customers.customer_id
    where
        carts.visitor_id is not null
        and (customers.customer_id is not null or (coalesce(carts.customer_id, 0) = 0 and carts.customer_email is not null))
    order by carts.visitor_id, carts.updated_at desc, carts.cart_id desc
),

final as (
    select
        activity.visitor_id,
        coalesce(latest_logins.customer_id, latest_known_carts.customer_id) as customer_id,
        coalesce(stores.customer_website_id, 0) as website_id,
        latest_known_carts.website_id as guest_website_id,
        latest_known_carts.email as guest_email,
        stores.store,
        stores.store_name,
        activity.has_own_rows,
        coalesce(visitors.first_visit_at, activity.first_seen_at) as created_at
    from activity
    left join {{ ref('stg_maho__visitors') }} as visitors on activity.visitor_id = visitors.visitor_id
    left join {{ ref('stg_maho__stores') }} as stores on coalesce(visitors.store_id, activity.store_id) = stores.store_id
    left join latest_logins on activity.visitor_id = latest_logins.visitor_id
    left join latest_known_carts on activity.visitor_id = latest_known_carts.visitor_id
)

select * from final
