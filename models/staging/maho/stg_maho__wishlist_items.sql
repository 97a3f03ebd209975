select
    wishlist_item_id,
    wishlist_id,
    product_id,
    qty,
    {{ utc_time('added_at') }} as added_at
from {{ maho_source(source('maho', 'wishlist_item')) }} as wishlist_item
