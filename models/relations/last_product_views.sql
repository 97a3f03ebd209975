select
    last_views.index_id,
    profiles.profile_id,
    last_views.product_id,
    last_views.viewed_at
from {{ ref('stg_maho__last_viewed_products') }} as last_views
inner join {{ ref('profiles') }} as profiles
    on last_views.customer_id = profiles.customer_id

union all

select
    last_views.index_id,
    coalesce(profiles.merged_into_profile_id, profiles.profile_id) as profile_id,
    last_views.product_id,
    last_views.viewed_at
from {{ ref('stg_maho__last_viewed_products') }} as last_views
inner join {{ ref('profiles') }} as profiles
    on last_views.visitor_id = profiles.visitor_id
where last_views.customer_id is null
