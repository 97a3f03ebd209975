select
    wishlist_id,
    customer_id,
    shared = 1 as is_shared
from {{ maho_source(source('maho', 'wishlist')) }} as wishlist
