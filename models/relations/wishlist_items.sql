select
    wishlist_items.wishlist_item_id,
    profiles.profile_id,
    wishlist_items.wishlist_id,
    wishlist_items.product_id,
    wishlist_items.qty,
    wishlist_items.added_at
from {{ ref('stg_maho__wishlist_items') }} as wishlist_items
inner join {{ ref('stg_maho__wishlists') }} as wishlists on wishlist_items.wishlist_id = wishlists.wishlist_id
inner join {{ ref('profiles') }} as profiles
    on wishlists.customer_id = profiles.customer_id
