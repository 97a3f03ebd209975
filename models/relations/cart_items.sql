select
    cart_items.cart_item_id,
    carts.profile_id,
    cart_items.cart_id,
    cart_items.product_id,
    cart_items.sku,
    cart_items.name,
    cart_items.product_type,
    cart_items.qty,
    cart_items.price,
    cart_items.row_total,
    cart_items.created_at,
    cart_items.updated_at
from {{ ref('stg_maho__cart_items') }} as cart_items
inner join {{ ref('carts') }} as carts on cart_items.cart_id = carts.cart_id
where cart_items.parent_item_id is null
