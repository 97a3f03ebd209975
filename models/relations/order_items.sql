select
    order_items.order_item_id,
    orders.profile_id,
    order_items.order_id,
    order_items.product_id,
    order_items.sku,
    order_items.name,
    order_items.product_type,
    order_items.qty,
    order_items.price,
    order_items.row_total,
    order_items.row_total_incl_tax,
    order_items.discount_amount,
    orders.ordered_at
from {{ ref('stg_maho__order_items') }} as order_items
inner join {{ ref('orders') }} as orders on order_items.order_id = orders.order_id
where order_items.parent_item_id is null
