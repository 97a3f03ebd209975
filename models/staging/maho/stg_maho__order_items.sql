select
    item_id as order_item_id,
    order_id,
    parent_item_id,
    product_id,
    {{ filled_text('sku') }} as sku,
    {{ filled_text('name') }} as name,
    {{ filled_text('product_type') }} as product_type,
    qty_ordered as qty,
    base_price as price,
    base_row_total as row_total,
    coalesce(base_row_total_incl_tax, base_row_total + coalesce(base_tax_amount, 0)) as row_total_incl_tax,
    coalesce(base_discount_amount, 0) as discount_amount
from {{ maho_source(source('maho', 'sales_flat_order_item')) }} as sales_flat_order_item
