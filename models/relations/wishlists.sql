select
    wishlist_id,
    is_shared
from {{ ref('stg_maho__wishlists') }}
