-- Even ids are the log's, odd ones the list's.
select
    event_id * 2 as product_view_id,
    profile_id,
    product_id,
    viewed_at
from {{ ref('logged_product_views') }}

union all

-- The list can hold a product twice for one profile, which is one last view. What it still has in common with the log is
-- there under another name of the same person; few are left, so each is looked up: a join would read the whole log again.
select
    max(last_product_views.index_id) * 2 + 1 as product_view_id,
    last_product_views.profile_id,
    last_product_views.product_id,
    max(last_product_views.viewed_at) as viewed_at
from {{ ref('last_product_views') }} as last_product_views
group by last_product_views.profile_id, last_product_views.product_id
having (
    select logged_product_views.event_id
    from {{ ref('logged_product_views') }} as logged_product_views
    where
        logged_product_views.profile_id = last_product_views.profile_id
        and logged_product_views.product_id = last_product_views.product_id
    limit 1
) is null
