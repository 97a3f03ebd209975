-- Even ids are the log's, odd ones the list's.
select
    events.event_id * 2 as product_view_id,
    profiles.profile_id,
    events.product_id,
    events.viewed_at
from {{ ref('stg_maho__product_view_events') }} as events
inner join {{ ref('profiles') }} as profiles
    on events.subject_id = profiles.customer_id
where events.is_of_customer

union all

select
    events.event_id * 2 as product_view_id,
    coalesce(profiles.merged_into_profile_id, profiles.profile_id) as profile_id,
    events.product_id,
    events.viewed_at
from {{ ref('stg_maho__product_view_events') }} as events
inner join {{ ref('profiles') }} as profiles
    on events.subject_id = profiles.visitor_id
where events.is_of_visitor

union all

select
    index_id * 2 + 1 as product_view_id,
    profile_id,
    product_id,
    viewed_at
from {{ ref('unlogged_product_views') }}
