-- Most of the list repeats the log, under the same customer or visitor: found here by the shop's own ids, which is cheap.
select
    last_views.index_id,
    profiles.profile_id,
    last_views.product_id,
    last_views.viewed_at
from {{ ref('stg_maho__last_viewed_products') }} as last_views
inner join {{ ref('profiles') }} as profiles
    on last_views.customer_id = profiles.customer_id
    and profiles.customer_id is not null
where not exists (
    select 1
    from {{ ref('stg_maho__product_view_events') }} as events
    where
        events.is_of_customer
        and last_views.customer_id = events.subject_id
        and last_views.product_id = events.product_id
)

union all

select
    last_views.index_id,
    coalesce(profiles.merged_into_profile_id, profiles.profile_id) as profile_id,
    last_views.product_id,
    last_views.viewed_at
from {{ ref('stg_maho__last_viewed_products') }} as last_views
inner join {{ ref('profiles') }} as profiles
    on last_views.visitor_id = profiles.visitor_id
    and profiles.visitor_id is not null
where last_views.customer_id is null and not exists (
    select 1
    from {{ ref('stg_maho__product_view_events') }} as events
    where
        events.is_of_visitor
        and last_views.visitor_id = events.subject_id
        and last_views.product_id = events.product_id
)
