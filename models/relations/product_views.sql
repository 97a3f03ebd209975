-- Even ids are the log's, odd ones the list's.
select
    event_id * 2 as product_view_id,
    profile_id,
    product_id,
    viewed_at
from {{ ref('logged_product_views') }}

union all

-- What the list has and the log has not, and that once for a profile: grouping is told apart from joining by being one
-- pass over both, which can't be planned badly however much of the list is in the log.
select
    max(index_id) * 2 + 1 as product_view_id,
    profile_id,
    product_id,
    max(viewed_at) as viewed_at
from (
    select
        index_id,
        profile_id,
        product_id,
        viewed_at
    from {{ ref('last_product_views') }}

    union all

    select
        null as index_id,
        profile_id,
        product_id,
        null as viewed_at
    from {{ ref('logged_product_views') }}
) as last_views_and_logged
group by profile_id, product_id
having count(*) = count(index_id)
