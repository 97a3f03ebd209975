select
    wishlist_id,
    customer_id,
    coalesce(shared = 1, false) as is_shared
from {{ maho_source(source('maho', 'wishlist')) }} as wishlist
