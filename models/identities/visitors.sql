{{ config(materialized='view', schema='work') }}

with

visitors as (
    select
        visitor_id,
        store_id,
        first_visit_at
    from {{ ref('stg_maho__visitors') }}
),

viewers as (
    select distinct subject_id as visitor_id
    from {{ ref('stg_maho__product_view_events') }}
    where is_of_visitor
),

-- At a login the list's rows get the customer as well, and count as the customer's then.
listed_viewers as (
    select
        visitor_id,
        bool_or(customer_id is null) as has_own_rows
    from {{ ref('stg_maho__last_viewed_products') }}
    where visitor_id is not null
    group by visitor_id
),

cart_owners as (
    select
        visitor_id,
        bool_or(coalesce(customer_id, 0) = 0) as has_own_rows
    from {{ ref('stg_maho__carts') }}
    where visitor_id is not null
    group by visitor_id
),

latest_logins as (
    select distinct on (logins.visitor_id)
        logins.visitor_id,
        logins.customer_id
    from {{ ref('stg_maho__logins') }} as logins
    inner join {{ ref('stg_maho__customers') }} as customers on logins.customer_id = customers.customer_id
    where logins.visitor_id is not null
    order by logins.visitor_id asc, logins.logged_in_at desc nulls last, logins.login_id desc
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
    order by carts.visitor_id asc, carts.updated_at desc nulls last, carts.cart_id desc
),

final as (
    select
        visitors.visitor_id,
        coalesce(latest_logins.customer_id, latest_known_carts.customer_id) as customer_id,
        {{ website_of_store(stores='stores', main_website=ref('stg_maho__main_website')) }} as website_id,
        latest_known_carts.website_id as guest_website_id,
        latest_known_carts.email as guest_email,
        stores.store,
        stores.store_name,
        viewers.visitor_id is not null
        or coalesce(listed_viewers.has_own_rows, false)
        or coalesce(cart_owners.has_own_rows, false) as has_own_rows,
        visitors.first_visit_at as created_at
    from visitors
    left join viewers on visitors.visitor_id = viewers.visitor_id
    left join listed_viewers on visitors.visitor_id = listed_viewers.visitor_id
    left join cart_owners on visitors.visitor_id = cart_owners.visitor_id
    left join latest_logins on visitors.visitor_id = latest_logins.visitor_id
    left join latest_known_carts on visitors.visitor_id = latest_known_carts.visitor_id
    left join {{ ref('stg_maho__stores') }} as stores on visitors.store_id = stores.store_id
    where coalesce(viewers.visitor_id, listed_viewers.visitor_id, cart_owners.visitor_id) is not null
)

select * from final
